/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_MEDIA_STRESS_H
#define KSRTP_MEDIA_STRESS_H

/* stress_move.c: a leg moves some hundred times under traffic on both processors. */
void stress_moves(void);
/* stress_keys.c: two install one key at once. */
void stress_keys(void);

#endif /* KSRTP_MEDIA_STRESS_H */
