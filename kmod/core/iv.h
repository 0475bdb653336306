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

#define KSRTP_CM_IV_LEN		16
#ifndef KSRTP_CM_SALT_LEN
#define KSRTP_CM_SALT_LEN	14
#endif

/*
 * First counter block of AES-CM, RFC 3711, section 4.1.1:
 * (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16); of SRTCP the 31-bit index.
 */
void ksrtp_cm_iv(u8 iv[KSRTP_CM_IV_LEN], const u8 salt[KSRTP_CM_SALT_LEN], u32 ssrc, u64 index);

#endif /* KSRTP_CORE_IV_H */
