// SPDX-License-Identifier: GPL-2.0
/* Nonces of the AEAD suites, RFC 7714, and counter blocks of AES-CM, RFC 3711. */
#include "internal.h"
#include <ksrtp/wire.h>
#include "iv.h"

static void make_iv(u8 iv[KSRTP_GCM_IV_LEN], const u8 salt[KSRTP_GCM_IV_LEN],
		    u32 ssrc, u64 index)
{
	int i;

	put_unaligned_be16(0, iv);
	put_unaligned_be32(ssrc, iv + 2);
	put_unaligned_be16((u16)(index >> 32), iv + 6);
	put_unaligned_be32((u32)index, iv + 8);
	for (i = 0; i < KSRTP_GCM_IV_LEN; i++)
		iv[i] ^= salt[i];
}

void ksrtp_gcm_iv_rtp(u8 iv[KSRTP_GCM_IV_LEN], const u8 salt[KSRTP_GCM_IV_LEN],
		      u32 ssrc, u64 index)
{
	make_iv(iv, salt, ssrc, index);
}

void ksrtp_gcm_iv_rtcp(u8 iv[KSRTP_GCM_IV_LEN], const u8 salt[KSRTP_GCM_IV_LEN],
		       u32 ssrc, u32 index)
{
	/* The E bit shares the index's word on the wire, but not here. */
	make_iv(iv, salt, ssrc, index & KSRTP_SRTCP_INDEX_MASK);
}

void ksrtp_cm_iv(u8 iv[KSRTP_CM_IV_LEN], const u8 salt[KSRTP_CM_SALT_LEN], u32 ssrc, u64 index)
{
	int i;

	put_unaligned_be32(0, iv);
	put_unaligned_be32(ssrc, iv + 4);
	put_unaligned_be32((u32)(index >> 16), iv + 8);
	put_unaligned_be16((u16)index, iv + 12);
	put_unaligned_be16(0, iv + 14);
	for (i = 0; i < KSRTP_CM_SALT_LEN; i++)
		iv[i] ^= salt[i];
}
