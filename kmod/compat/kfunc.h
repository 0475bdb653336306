/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_COMPAT_KFUNC_H
#define KSRTP_COMPAT_KFUNC_H

#include <linux/btf.h>

/* Trusted arguments are the default where the flag no longer exists. */
#ifdef KF_TRUSTED_ARGS
#define KSRTP_KF_FLAGS KF_TRUSTED_ARGS
#else
#define KSRTP_KF_FLAGS 0
#endif

#endif /* KSRTP_COMPAT_KFUNC_H */
