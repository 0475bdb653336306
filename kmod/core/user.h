/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What core/internal.h takes from the kernel, for userspace. It has the same
 * include guard, so a compiler that is told `-include kmod/core/user.h` builds
 * the very same sources of core/ for libksrtp, the unit tests and the fuzzers:
 *
 *	cc -include kmod/core/user.h -Iinclude -c kmod/core/kdf.c
 *
 * Only the names of internal.h that core/ uses, with the kernel's semantics.
 */
#ifndef KSRTP_CORE_INTERNAL_H
#define KSRTP_CORE_INTERNAL_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE		/* explicit_bzero() */
#endif

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define BIT_ULL(n)		(1ULL << (n))
/* Atomics rather than volatile, so that ThreadSanitizer understands them. */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val)	__atomic_store_n(&(x), (val), __ATOMIC_RELAXED)
#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))

static inline u16 get_unaligned_be16(const void *p)
{
	const u8 *b = p;

	return (u16)(b[0] << 8 | b[1]);
}

static inline u32 get_unaligned_be32(const void *p)
{
	return (u32)get_unaligned_be16(p) << 16 | get_unaligned_be16((const u8 *)p + 2);
}

static inline void put_unaligned_be16(u16 v, void *p)
{
	u8 *b = p;

	b[0] = (u8)(v >> 8);
	b[1] = (u8)v;
}

static inline void put_unaligned_be32(u32 v, void *p)
{
	put_unaligned_be16((u16)(v >> 16), p);
	put_unaligned_be16((u16)v, (u8 *)p + 2);
}

static inline void memzero_explicit(void *p, size_t len)
{
	explicit_bzero(p, len);
}

#endif /* KSRTP_CORE_INTERNAL_H */
