/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_RANDOM_H
#define KSRTP_ENGINE_LINUX_RANDOM_H

#include <linux/types.h>

/* The same numbers in each run. */
u32 get_random_u32(void);
void get_random_bytes(void *p, size_t len);

#endif /* KSRTP_ENGINE_LINUX_RANDOM_H */
