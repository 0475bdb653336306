/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_KMOD_VERSION_H
#define KSRTP_KMOD_VERSION_H

#define KSRTP_VERSION "0.1.0"

#endif /* KSRTP_KMOD_VERSION_H */
