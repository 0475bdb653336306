/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that core/ needs from the kernel. libksrtp, the unit tests and the
 * fuzzers compile the very same sources in userspace: they include user.h first,
 * which has the same include guard.
 */
#ifndef KSRTP_CORE_INTERNAL_H
#define KSRTP_CORE_INTERNAL_H

#include <asm/barrier.h>		/* smp_load_acquire, smp_store_release */
#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/compiler.h>	/* READ_ONCE, WRITE_ONCE */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>	/* get_unaligned_be16/32, put_unaligned_be16/32 */

#endif /* KSRTP_CORE_INTERNAL_H */
