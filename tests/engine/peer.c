// SPDX-License-Identifier: GPL-2.0
#include "unit/random.h"
#include "peer.h"

static void set_policy(u32 suite, srtp_policy_t *p)
{
	switch (suite) {
	case KSRTP_SUITE_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtcp);
		break;
	case KSRTP_SUITE_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtcp);
		break;
	case KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80:
		srtp_crypto_policy_set_rtp_default(&p->rtp);
		srtp_crypto_policy_set_rtcp_default(&p->rtcp);
		break;
	case KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&p->rtp);
		srtp_crypto_policy_set_rtcp_default(&p->rtcp);
		break;
	case KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
		break;
	default:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
	}
}

srtp_t peer_new(const struct peer_params *params, const struct engine_master *masters, int n)
{
	srtp_master_key_t keys[PEER_MASTERS_MAX], *list[PEER_MASTERS_MAX];
	u8 octets[PEER_MASTERS_MAX][32 + 14];
	srtp_policy_t policy = { .window_size = params->window };
	int ids[ENGINE_IDS_MAX];
	u32 suite = masters->suite;
	srtp_t srtp = NULL;
	int i;

	BUG_ON(n > PEER_MASTERS_MAX);
	for (i = 0; i < n; i++) {
		memcpy(octets[i], masters[i].key, engine_key_len(suite));
		memcpy(octets[i] + engine_key_len(suite), masters[i].salt, engine_salt_len(suite));
		keys[i].key = octets[i];
		keys[i].mki_id = (unsigned char *)(uintptr_t)masters[i].mki;
		keys[i].mki_size = (unsigned int)masters[i].mki_len;
		list[i] = &keys[i];
	}
	for (i = 0; i < (int)masters->hdrext_ids_len; i++)
		ids[i] = masters->hdrext_ids[i];
	set_policy(suite, &policy);
	if (params->rtcp_clear)
		policy.rtcp.sec_serv = sec_serv_auth;
	policy.ssrc.type = params->ssrc ? ssrc_specific :
			   params->inbound ? ssrc_any_inbound : ssrc_any_outbound;
	policy.ssrc.value = params->ssrc;
	/* Of a context, not of a key. */
	policy.enc_xtn_hdr = ids;
	policy.enc_xtn_hdr_count = (int)masters->hdrext_ids_len;
	policy.keys = list;
	policy.num_master_keys = (unsigned long)n;
	BUG_ON(srtp_create(&srtp, &policy) != srtp_err_status_ok);
	return srtp;
}

srtp_err_status_t peer_protect(srtp_t srtp, bool mki, unsigned int master, bool rtcp, u8 *data,
			       int *len)
{
	return rtcp ? srtp_protect_rtcp_mki(srtp, data, len, mki, master) :
		      srtp_protect_mki(srtp, data, len, mki, master);
}

srtp_err_status_t peer_unprotect(srtp_t srtp, bool mki, bool rtcp, u8 *data, int *len)
{
	return rtcp ? srtp_unprotect_rtcp_mki(srtp, data, len, mki) :
		      srtp_unprotect_mki(srtp, data, len, mki);
}

/* Octets behind the MKI. */
static size_t behind_mki(u32 suite, bool rtcp)
{
	switch (suite) {
	case KSRTP_SUITE_AEAD_AES_128_GCM:
	case KSRTP_SUITE_AEAD_AES_256_GCM:
		return 0;
	case KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32:
	case KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32:
		return rtcp ? 10 : 4;
	default:
		return 10;
	}
}

size_t peer_insert_mki(u32 suite, const struct engine_master *m, bool rtcp, u8 *data, size_t len)
{
	size_t behind = behind_mki(suite, rtcp);

	if (behind > len)
		behind = len;
	memmove(data + len - behind + m->mki_len, data + len - behind, behind);
	memcpy(data + len - behind, m->mki, m->mki_len);
	return len + m->mki_len;
}

size_t peer_remove_mki(u32 suite, size_t mki_len, bool rtcp, u8 *data, size_t len)
{
	size_t behind = behind_mki(suite, rtcp);

	BUG_ON(len < behind + mki_len);
	memmove(data + len - behind - mki_len, data + len - behind, behind);
	return len - mki_len;
}

/* The word, and behind it @len octets that are random already. */
static void make_elements(uint64_t *seed, u8 *word, size_t len)
{
	bool two = random_below(seed, 2);
	size_t at = 4, end = 4 + len, head = two ? 2 : 1, room, n;

	put_unaligned_be16(two ? (u16)(0x1000 | random_below(seed, 16)) : 0xbede, word);
	while (at + head + !two <= end) {
		room = end - at - head;
		if (two) {
			n = random_below(seed, room < 255 ? room + 1 : 256);
			word[at] = (u8)(1 + random_below(seed, 255) % (random_below(seed, 2) ? 255 : 14));
			word[at + 1] = (u8)n;
		} else {
			n = 1 + random_below(seed, room < 16 ? room : 16);
			word[at] = (u8)((1 + random_below(seed, 15)) << 4 | (n - 1));
		}
		at += head + n;
	}
	memset(word + at, 0, end - at);
}

size_t peer_make_rtp(const struct peer_rtp *r, uint64_t *seed, u8 *data)
{
	size_t hdr = KSRTP_RTP_HDR_LEN + 4u * r->cc + (r->x ? 4 + 4 * r->words : 0);
	size_t len = hdr + r->payload;

	random_fill(seed, data, len);
	data[0] = (u8)(KSRTP_RTP_VERSION << 6 | (r->p ? KSRTP_RTP_P_BIT : 0) |
		       (r->x ? KSRTP_RTP_X_BIT : 0) | r->cc);
	data[1] = r->pt;
	put_unaligned_be16(r->seq, data + KSRTP_RTP_SEQ_OFF);
	put_unaligned_be32(r->ssrc, data + KSRTP_RTP_SSRC_OFF);
	if (r->x)
		put_unaligned_be16((u16)r->words, data + KSRTP_RTP_HDR_LEN + 4u * r->cc + 2);
	if (r->x && r->elements)
		make_elements(seed, data + KSRTP_RTP_HDR_LEN + 4u * r->cc, 4 * r->words);
	if (r->p && r->payload)
		data[len - 1] = r->pad;
	return len;
}

size_t peer_make_rtcp(u32 ssrc, size_t words, uint64_t *seed, u8 *data)
{
	size_t len = KSRTP_RTCP_HDR_LEN + 4 * words;

	random_fill(seed, data, len);
	data[0] = KSRTP_RTP_VERSION << 6;
	data[1] = 204;	/* APP: its contents are nobody's business */
	put_unaligned_be16((u16)(len / 4 - 1), data + 2);
	put_unaligned_be32(ssrc, data + KSRTP_RTCP_SSRC_OFF);
	return len;
}
