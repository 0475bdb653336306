/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_KTIME_H
#define KSRTP_ENGINE_LINUX_KTIME_H

#include <linux/types.h>

#define NSEC_PER_SEC	1000000000L

/* Stands still until a test moves it. */
extern u64 engine_ns;

static inline u64 ktime_get_ns(void)
{
	return engine_ns;
}

static inline s64 ktime_get_seconds(void)
{
	return (s64)(engine_ns / 1000000000);
}

#endif /* KSRTP_ENGINE_LINUX_KTIME_H */
