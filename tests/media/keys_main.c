// SPDX-License-Identifier: GPL-2.0
#include "keys.h"
#include "media.h"

void media_tests_once(void)
{
	if (media_wants("reuse"))
		key_reuse_tests();
}

void media_tests(void)
{
	if (media_wants("hdrext"))
		hdrext_tests();
	if (media_wants("rekey"))
		rekey_tests();
}
