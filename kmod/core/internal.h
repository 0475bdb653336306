/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that core/ needs from the kernel. The unit tests and fuzzers
 * compile the very same core/*.c in userspace by including their own version
 * of this file first, under the same include guard.
 */
#ifndef KSRTP_CORE_INTERNAL_H
#define KSRTP_CORE_INTERNAL_H

#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>	/* get_unaligned_be16/32, put_unaligned_be16/32/64 */

#endif /* KSRTP_CORE_INTERNAL_H */
