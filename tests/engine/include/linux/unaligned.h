/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_UNALIGNED_H
#define KSRTP_ENGINE_LINUX_UNALIGNED_H

#include <linux/types.h>

#endif /* KSRTP_ENGINE_LINUX_UNALIGNED_H */
