/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_SIPHASH_H
#define KSRTP_ENGINE_LINUX_SIPHASH_H

#include <linux/types.h>

typedef struct { u64 key[2]; } siphash_key_t;

/* Not SipHash: SHA-256 of key and octets, cut. */
u64 siphash(const void *data, size_t len, const siphash_key_t *key);

#endif /* KSRTP_ENGINE_LINUX_SIPHASH_H */
