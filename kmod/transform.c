// SPDX-License-Identifier: GPL-2.0
#include <crypto/utils.h>
#include <linux/unaligned.h>

#include <ksrtp/wire.h>

#include "core/internal.h"
#include "core/cryptex.h"
#include "core/hdrext.h"
#include "core/iv.h"
#include "core/packet.h"
#include "hdrext.h"
#include "keys.h"
#include "transform.h"

int ksrtp_transform_parse_rtp(const struct ksrtp_key *key, const u8 *data, u32 len,
			      struct ksrtp_rtp *rtp)
{
	return ksrtp_rtp_parse(data, len, key->overhead_rtp, rtp);
}

int ksrtp_transform_parse_rtcp(const struct ksrtp_key *key, const u8 *data, u32 len,
			       struct ksrtp_rtcp *rtcp)
{
	return ksrtp_srtcp_parse(data, len, key->tag_rtcp, key->mki_len,
				 key->kind == KSRTP_KIND_GCM, rtcp);
}

const u8 *ksrtp_transform_mki(const struct ksrtp_key *key, const u8 *data, u32 len, bool rtcp)
{
	/* Under AES-CM the tag is the last thing, under GCM the MKI. */
	u32 behind = key->kind == KSRTP_KIND_GCM ? 0 : rtcp ? key->tag_rtcp : key->tag_rtp;

	if (len < behind + key->mki_len)
		return NULL;
	return data + len - behind - key->mki_len;
}

/* Around the cipher: how much of the packet stays in the clear. @hidden: its header does not (RFC 9335). */
static u32 begin_cipher(u8 *data, u32 hdr_len, bool hidden)
{
	if (likely(!hidden))
		return hdr_len;
	ksrtp_cryptex_gather(data);
	return KSRTP_CRYPTEX_CLEAR_LEN;
}

static void end_cipher(u8 *data, bool hidden)
{
	if (unlikely(hidden))
		ksrtp_cryptex_scatter(data);
}

/* -- AES-GCM, RFC 7714 */

static int open_rtp_gcm(const struct ksrtp_key *key, u8 *data, const struct ksrtp_rtp *rtp,
			u64 index, bool hidden)
{
	u32 clear = begin_cipher(data, rtp->hdr_len, hidden);
	struct ksrtp_aead_op op;
	int err;

	op.aad = data;
	op.aad_len = clear;
	op.body = data + clear;
	op.body_len = rtp->hdr_len + rtp->body_len - clear;
	op.word = NULL;
	ksrtp_gcm_iv_rtp(op.iv, key->srtp_salt, rtp->ssrc, index);
	err = ksrtp_aead_open(&key->gcm.srtp, &op);
	end_cipher(data, hidden);
	return err;
}

static int open_rtcp_gcm(const struct ksrtp_key *key, u8 *data, const struct ksrtp_rtcp *rtcp)
{
	__be32 word = cpu_to_be32(rtcp->word);
	struct ksrtp_aead_op op;

	op.aad = data;
	op.word = (const u8 *)&word;
	if (rtcp->word & KSRTP_SRTCP_E_BIT) {
		op.aad_len = KSRTP_RTCP_HDR_LEN;
		op.body_len = rtcp->body_len;
	} else {
		op.aad_len = KSRTP_RTCP_HDR_LEN + rtcp->body_len;
		op.body_len = 0;
	}
	op.body = data + op.aad_len;
	ksrtp_gcm_iv_rtcp(op.iv, key->srtcp_salt, rtcp->ssrc, rtcp->word);
	return ksrtp_aead_open(&key->gcm.srtcp, &op);
}

static int seal_rtp_gcm(const struct ksrtp_key *key, u8 *data, u32 len, u32 hdr_len, u32 ssrc,
			u64 index, bool hidden)
{
	u32 clear = begin_cipher(data, hdr_len, hidden);
	struct ksrtp_aead_op op;
	int err;

	op.aad = data;
	op.aad_len = clear;
	op.body = data + clear;
	op.body_len = len - clear;
	op.word = NULL;
	ksrtp_gcm_iv_rtp(op.iv, key->srtp_salt, ssrc, index);
	err = ksrtp_aead_seal(&key->gcm.srtp, &op);
	end_cipher(data, hidden);
	if (err)
		return err;
	memcpy(data + len + KSRTP_GCM_TAG_LEN, key->mki, key->mki_len);
	return len + KSRTP_GCM_TAG_LEN + key->mki_len;
}

static int seal_rtcp_gcm(const struct ksrtp_key *key, u8 *data, u32 len, u32 ssrc, u32 index)
{
	__be32 word = cpu_to_be32(index | KSRTP_SRTCP_E_BIT);
	struct ksrtp_aead_op op;
	u8 *behind;
	int err;

	op.aad = data;
	op.aad_len = KSRTP_RTCP_HDR_LEN;
	op.word = (const u8 *)&word;
	op.body = data + KSRTP_RTCP_HDR_LEN;
	op.body_len = len - KSRTP_RTCP_HDR_LEN;
	ksrtp_gcm_iv_rtcp(op.iv, key->srtcp_salt, ssrc, index);
	err = ksrtp_aead_seal(&key->gcm.srtcp, &op);
	if (err)
		return err;
	behind = data + len + KSRTP_GCM_TAG_LEN;
	memcpy(behind, &word, sizeof(word));
	memcpy(behind + sizeof(word), key->mki, key->mki_len);
	return len + key->overhead_rtcp;
}

/* -- AES-CM and HMAC-SHA1, RFC 3711: the tag is checked before a bit is decrypted */

static int check_mac(const struct ksrtp_cm *cm, const u8 *data, u32 len, const u8 *word,
		     const u8 *tag, u32 tag_len)
{
	u8 mac[KSRTP_SHA1_LEN];
	int err = ksrtp_cm_mac(cm, data, len, word, mac);

	if (err)
		return err;
	return crypto_memneq(mac, tag, tag_len) ? -EBADMSG : 0;
}

static int open_rtp_cm(const struct ksrtp_key *key, u8 *data, u32 len,
		       const struct ksrtp_rtp *rtp, u64 index, bool hidden)
{
	__be32 roc = cpu_to_be32((u32)(index >> 16));
	u8 iv[KSRTP_CM_IV_LEN];
	u32 clear;
	int err;

	err = check_mac(&key->cm.srtp, data, rtp->hdr_len + rtp->body_len, (const u8 *)&roc,
			data + len - key->tag_rtp, key->tag_rtp);
	if (err)
		return err;
	ksrtp_cm_iv(iv, key->srtp_salt, rtp->ssrc, index);
	clear = begin_cipher(data, rtp->hdr_len, hidden);
	err = ksrtp_cm_crypt(&key->cm.srtp, iv, data + clear,
			     rtp->hdr_len + rtp->body_len - clear);
	end_cipher(data, hidden);
	return err;
}

static int open_rtcp_cm(const struct ksrtp_key *key, u8 *data, u32 len,
			const struct ksrtp_rtcp *rtcp)
{
	u32 signed_len = KSRTP_RTCP_HDR_LEN + rtcp->body_len + KSRTP_SRTCP_WORD_LEN;
	u8 iv[KSRTP_CM_IV_LEN];
	int err;

	err = check_mac(&key->cm.srtcp, data, signed_len, NULL, data + len - key->tag_rtcp,
			key->tag_rtcp);
	if (err || !(rtcp->word & KSRTP_SRTCP_E_BIT))
		return err;
	ksrtp_cm_iv(iv, key->srtcp_salt, rtcp->ssrc, rtcp->word & KSRTP_SRTCP_INDEX_MASK);
	return ksrtp_cm_crypt(&key->cm.srtcp, iv, data + KSRTP_RTCP_HDR_LEN, rtcp->body_len);
}

static int seal_rtp_cm(const struct ksrtp_key *key, u8 *data, u32 len, u32 hdr_len, u32 ssrc,
		       u64 index, bool hidden)
{
	__be32 roc = cpu_to_be32((u32)(index >> 16));
	u8 iv[KSRTP_CM_IV_LEN], mac[KSRTP_SHA1_LEN];
	u32 clear = begin_cipher(data, hdr_len, hidden);
	int err;

	ksrtp_cm_iv(iv, key->srtp_salt, ssrc, index);
	err = ksrtp_cm_crypt(&key->cm.srtp, iv, data + clear, len - clear);
	end_cipher(data, hidden);
	if (!err)
		err = ksrtp_cm_mac(&key->cm.srtp, data, len, (const u8 *)&roc, mac);
	if (err)
		return err;
	memcpy(data + len, key->mki, key->mki_len);
	memcpy(data + len + key->mki_len, mac, key->tag_rtp);
	return len + key->mki_len + key->tag_rtp;
}

static int seal_rtcp_cm(const struct ksrtp_key *key, u8 *data, u32 len, u32 ssrc, u32 index)
{
	__be32 word = cpu_to_be32(index | KSRTP_SRTCP_E_BIT);
	u8 iv[KSRTP_CM_IV_LEN], mac[KSRTP_SHA1_LEN];
	int err;

	ksrtp_cm_iv(iv, key->srtcp_salt, ssrc, index);
	err = ksrtp_cm_crypt(&key->cm.srtcp, iv, data + KSRTP_RTCP_HDR_LEN,
			     len - KSRTP_RTCP_HDR_LEN);
	if (err)
		return err;
	memcpy(data + len, &word, sizeof(word));
	err = ksrtp_cm_mac(&key->cm.srtcp, data, len + sizeof(word), NULL, mac);
	if (err)
		return err;
	memcpy(data + len + sizeof(word), key->mki, key->mki_len);
	memcpy(data + len + sizeof(word) + key->mki_len, mac, key->tag_rtcp);
	return len + key->overhead_rtcp;
}

/* -- by kind */

int ksrtp_transform_open_rtp(const struct ksrtp_key *key, u8 *data, u32 len,
			     const struct ksrtp_rtp *rtp, u64 index)
{
	bool hidden = unlikely(key->cryptex) && ksrtp_cryptex_used(data);
	int err;

	if (likely(key->kind == KSRTP_KIND_GCM))
		err = open_rtp_gcm(key, data, rtp, index, hidden);
	else
		err = open_rtp_cm(key, data, len, rtp, index, hidden);
	if (err)
		return err;
	if (unlikely(hidden))
		ksrtp_cryptex_unmark(data);
	/* Behind authentication, which is of the elements as they travel (RFC 6904, section 3). */
	return unlikely(key->hdrext) ? ksrtp_hdrext_crypt(key->hdrext, data, rtp->ssrc, index) : 0;
}

int ksrtp_transform_open_rtcp(const struct ksrtp_key *key, u8 *data, u32 len,
			      const struct ksrtp_rtcp *rtcp)
{
	if (likely(key->kind == KSRTP_KIND_GCM))
		return open_rtcp_gcm(key, data, rtcp);
	return open_rtcp_cm(key, data, len, rtcp);
}

bool ksrtp_transform_takes_rtp(const struct ksrtp_key *key, const u8 *data)
{
	if (unlikely(key->cryptex) && ksrtp_cryptex_used(data))
		return false;
	return likely(!key->hdrext) || ksrtp_hdrext_ok(data);
}

int ksrtp_transform_seal_rtp(const struct ksrtp_key *key, u8 *data, u32 len, u32 hdr_len,
			     u32 ssrc, u64 index)
{
	int hidden = unlikely(key->cryptex) ? ksrtp_cryptex_mark(data, &len, &hdr_len) : 0;
	int err = unlikely(key->hdrext) ? ksrtp_hdrext_crypt(key->hdrext, data, ssrc, index) : 0;

	if (unlikely(hidden < 0 || err))
		return hidden < 0 ? hidden : err;
	if (likely(key->kind == KSRTP_KIND_GCM))
		return seal_rtp_gcm(key, data, len, hdr_len, ssrc, index, hidden);
	return seal_rtp_cm(key, data, len, hdr_len, ssrc, index, hidden);
}

int ksrtp_transform_seal_rtcp(const struct ksrtp_key *key, u8 *data, u32 len, u32 ssrc,
			      u32 index)
{
	if (likely(key->kind == KSRTP_KIND_GCM))
		return seal_rtcp_gcm(key, data, len, ssrc, index);
	return seal_rtcp_cm(key, data, len, ssrc, index);
}
