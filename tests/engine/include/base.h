/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_BASE_H
#define KSRTP_ENGINE_BASE_H

/*
 * What every source of kmod/ takes for granted, for a program of one CPU. Where the
 * kernel would complain, BUG_ON() ends the program: a lock that is not held, an
 * allocation in softirq, a pointer followed outside a read-side section.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef __s32 s32;
typedef __s64 s64;
typedef unsigned int gfp_t;
#include <limits.h>

#define max_t(type, a, b)	((type)(a) > (type)(b) ? (type)(a) : (type)(b))

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;

#define U8_MAX		0xff
#define U32_MAX		0xffffffffU
#define U64_MAX		(~0ULL)

#define __percpu
#define __rcu
#define ____cacheline_aligned_in_smp

#undef static_assert
#define static_assert(cond, ...) _Static_assert(cond, #cond)
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define __aligned(n)	__attribute__((aligned(n)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define round_down(x, y)	((x) / (y) * (y))
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof((p)->member[0]) * (n))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define swap(a, b)	do { __typeof__(a) swap_ = (a); (a) = (b); (b) = swap_; } while (0)
#define is_power_of_2(n) ((n) && !((n) & ((n) - 1)))
#define ilog2(n)	(31 - __builtin_clz(n))
#define cond_resched()	((void)0)
#define cpu_to_be32(v)	__builtin_bswap32(v)
#define pr_info_ratelimited(...) ((void)(0 && printf(__VA_ARGS__)))
#define strscpy(to, from, size) ((void)snprintf((to), (size), "%s", (from)))

#define BUG_ON(cond) do {						\
	if (cond) {							\
		fprintf(stderr, "%s:%d: BUG: %s\n", __FILE__, __LINE__, #cond); \
		abort();						\
	}								\
} while (0)

#define IS_ERR(p)	((uintptr_t)(p) >= (uintptr_t)-4095)
#define PTR_ERR(p)	((long)(p))
#define ERR_PTR(err)	((void *)(long)(err))
#define IS_ERR_OR_NULL(p) (!(p) || IS_ERR(p))
#define be16_to_cpu(v)	__builtin_bswap16(v)
#define fallthrough	__attribute__((fallthrough))

static inline bool test_and_set_bit(unsigned int bit, unsigned long *word)
{
	bool was = *word >> bit & 1;

	*word |= 1UL << bit;
	return was;
}

static inline bool test_and_clear_bit(unsigned int bit, unsigned long *word)
{
	bool was = *word >> bit & 1;

	*word &= ~(1UL << bit);
	return was;
}

/* Where the program stands; set by the library that drives the engine. */
struct engine_context {
	bool softirq;	/* bottom halves are off, nothing may sleep */
	int rcu;	/* depth of read-side sections */
	bool sending;	/* ksrtp_protect() runs: what is enciphered leaves */
};

extern struct engine_context engine_context;

#endif /* KSRTP_ENGINE_BASE_H */
