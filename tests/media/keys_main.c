// SPDX-License-Identifier: GPL-2.0
#include "keys.h"
#include "media.h"

void media_tests_once(void)
{
	key_reuse_tests();
}

void media_tests(void)
{
	rekey_tests();
}
