/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_RHASHTABLE_TYPES_H
#define KSRTP_ENGINE_LINUX_RHASHTABLE_TYPES_H

#include <linux/rhashtable.h>

#endif /* KSRTP_ENGINE_LINUX_RHASHTABLE_TYPES_H */
