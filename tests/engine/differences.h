/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_DIFFERENCES_H
#define KSRTP_ENGINE_DIFFERENCES_H

/* One TAP line for each row of DIFFERENCES.md. */
void differences(void);

#endif /* KSRTP_ENGINE_DIFFERENCES_H */
