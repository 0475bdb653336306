/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_IN6_H
#define KSRTP_ENGINE_LINUX_IN6_H

#include <linux/types.h>
#include <netinet/in.h>

#endif /* KSRTP_ENGINE_LINUX_IN6_H */
