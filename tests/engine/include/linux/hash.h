/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_HASH_H
#define KSRTP_ENGINE_LINUX_HASH_H

static inline unsigned int hash_32(unsigned int v, unsigned int bits)
{
	return v * 0x61c88647U >> (32 - bits);
}

#endif /* KSRTP_ENGINE_LINUX_HASH_H */
