/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_IV_H
#define KSRTP_CORE_IV_H

#define KSRTP_GCM_IV_LEN	12

/* RFC 7714, section 8.1: (00 00 | SSRC | 48-bit index) XOR salt */
void ksrtp_gcm_iv_rtp(u8 iv[KSRTP_GCM_IV_LEN], const u8 salt[KSRTP_GCM_IV_LEN],
		      u32 ssrc, u64 index);
/* RFC 7714, section 9.1: (00 00 | SSRC | 00 00 | 0 and 31-bit index) XOR salt */
void ksrtp_gcm_iv_rtcp(u8 iv[KSRTP_GCM_IV_LEN], const u8 salt[KSRTP_GCM_IV_LEN],
		       u32 ssrc, u32 index);

#endif /* KSRTP_CORE_IV_H */
