/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_KMOD_KFUNC_H
#define KSRTP_KMOD_KFUNC_H

int ksrtp_kfunc_init(void);
void ksrtp_kfunc_uninit(void);

#endif /* KSRTP_KMOD_KFUNC_H */
