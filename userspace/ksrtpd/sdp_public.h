/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_SDP_PUBLIC_H
#define KSRTPD_SDP_PUBLIC_H

#include <stddef.h>

/*
 * The text of an SDP without its secrets, for what is kept: in place of each a=crypto is
 * one whose key is zero, the passwords of ICE and the values of k= and a=key-mgmt are
 * blanked out; so it is still an SDP that can be read. NULL when memory is out; free() it.
 */
char *ksrtpd_sdp_public(const char *text, size_t len);

#endif /* KSRTPD_SDP_PUBLIC_H */
