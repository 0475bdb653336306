// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "sdp_parse.h"

/* One a= line, taken apart. */
struct attribute {
	struct ksrtpd_sdp_parser *p;
	struct ksrtpd_sdp_section *section;
	struct ksrtpd_sdp_media *media;	/* NULL: of the session */
	struct ksrtpd_sdp_span value;	/* len 0: none */
};

static int bad_attribute(const struct attribute *a, const char *reason, const char *what)
{
	return ksrtpd_fail(a->p->failure, reason, "line %u: %s", a->p->number, what);
}

static const char *text_of(const struct attribute *a)
{
	return a->p->sdp->text;
}

/* Only the longest of the long ones are kept, for they decide. */
static int take_long(const struct attribute *a, struct ksrtpd_sdp_span value, unsigned int len)
{
	struct ksrtpd_fingerprints *list = &a->section->fingerprints;
	uint8_t octets[KSRTPD_FINGERPRINT_LONG];

	if (!ksrtpd_fingerprint_hex(text_of(a) + value.at, value.len, octets, len))
		return bad_attribute(a, "bad-fingerprint", len == 48 ?
			   "is not of the form sha-384 AB:CD:... with 48 octets" :
			   "is not of the form sha-512 AB:CD:... with 64 octets");
	if (len < list->long_len)
		return 0;
	if (len > list->long_len)
		list->long_count = 0;
	list->long_len = len;
	if (list->long_count == KSRTPD_FINGERPRINTS_MAX)
		return bad_attribute(a, "bad-fingerprint", "more than 8 fingerprints of one hash");
	memcpy(list->longs[list->long_count++], octets, len);
	return 0;
}

static int take_fingerprint(const struct attribute *a)
{
	struct ksrtpd_sdp_span value = a->value, hash = ksrtpd_sdp_word(text_of(a), &value);
	struct ksrtpd_fingerprints *list = &a->section->fingerprints;
	const char *name = text_of(a) + hash.at;

	a->section->fingerprint_lines++;
	if (hash.len == 7 && !strncasecmp(name, "sha-384", 7))
		return take_long(a, value, 48);
	if (hash.len == 7 && !strncasecmp(name, "sha-512", 7))
		return take_long(a, value, 64);
	/* Others may stand beside it, but none of them counts. */
	if (hash.len != 7 || strncasecmp(name, "sha-256", 7))
		return 0;
	if (list->count == KSRTPD_FINGERPRINTS_MAX)
		return bad_attribute(a, "bad-fingerprint", "more than 8 SHA-256 fingerprints");
	if (!ksrtpd_fingerprint_parse(text_of(a) + value.at, value.len, &list->list[list->count]))
		return bad_attribute(a, "bad-fingerprint", "is not of the form sha-256 AB:CD:... with 32 octets");
	list->count++;
	return 0;
}

static int take_setup(const struct attribute *a)
{
	static const char *const names[] = { "", "actpass", "active", "passive", "holdconn" };
	unsigned int i;

	if (a->section->setup != KSRTPD_SDP_SETUP_NONE)
		return bad_attribute(a, "bad-setup", "a second a=setup");
	for (i = KSRTPD_SDP_ACTPASS; i <= KSRTPD_SDP_HOLDCONN; i++) {
		if (ksrtpd_sdp_is(text_of(a), a->value, names[i])) {
			a->section->setup = i;
			return 0;
		}
	}
	return bad_attribute(a, "bad-setup", "a=setup is none of actpass, active, passive");
}

static int take_tls_id(const struct attribute *a)
{
	if (a->section->tls_id.len)
		return bad_attribute(a, "bad-sdp", "a second a=tls-id");
	if (a->value.len < 20 || a->value.len >= KSRTPD_SDP_TLS_ID)
		return bad_attribute(a, "bad-sdp", "a=tls-id has not 20 to 255 characters");
	a->section->tls_id = a->value;
	return 0;
}

static bool ice_chars(const struct attribute *a)
{
	uint32_t i;

	for (i = 0; i < a->value.len; i++) {
		char c = text_of(a)[a->value.at + i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      c == '+' || c == '/'))
			return false;
	}
	return true;
}

static int take_ufrag(const struct attribute *a)
{
	if (a->section->ufrag.len)
		return bad_attribute(a, "bad-ice", "a second a=ice-ufrag");
	if (a->value.len < 4 || a->value.len > 256 || !ice_chars(a))
		return bad_attribute(a, "bad-ice", "a=ice-ufrag is not 4 to 256 letters, digits, + or /");
	a->section->ufrag = a->value;
	return 0;
}

static int take_pwd(const struct attribute *a)
{
	if (a->section->pwd.len)
		return bad_attribute(a, "bad-ice", "a second a=ice-pwd");
	if (a->value.len < 22 || a->value.len > 256 || !ice_chars(a))
		return bad_attribute(a, "bad-ice", "a=ice-pwd is not 22 to 256 letters, digits, + or /");
	a->section->pwd = a->value;
	return 0;
}

static int take_ice_lite(const struct attribute *a)
{
	a->p->sdp->ice_lite = true;
	return 0;
}

static int take_mid(const struct attribute *a)
{
	if (!a->media)
		return 0;
	if (a->section->mid.len)
		return bad_attribute(a, "bad-sdp", "a second a=mid");
	if (!a->value.len || a->value.len >= KSRTPD_SDP_MID ||
	    memchr(text_of(a) + a->value.at, ' ', a->value.len))
		return bad_attribute(a, "bad-sdp", "a=mid is no word of 1 to 63 characters");
	a->section->mid = a->value;
	return 0;
}

/* The first group alone: lines of a second one get paths of their own. */
static int take_group(const struct attribute *a)
{
	struct ksrtpd_sdp_span value = a->value;

	if (!a->media && !a->section->group.len &&
	    ksrtpd_sdp_is(text_of(a), ksrtpd_sdp_word(text_of(a), &value), "BUNDLE"))
		a->section->group = value;
	return 0;
}

static int take_rtcp(const struct attribute *a)
{
	a->section->rtcp = a->value;
	return 0;
}

static int take_rtcp_mux(const struct attribute *a)
{
	a->section->rtcp_mux = true;
	return 0;
}

static int take_cryptex(const struct attribute *a)
{
	a->section->cryptex = true;
	return 0;
}

static int take_bundle_only(const struct attribute *a)
{
	a->section->bundle_only = true;
	return 0;
}

static int take_direction(const struct attribute *a, enum ksrtpd_sdp_direction direction)
{
	if (a->section->directed)
		return bad_attribute(a, "bad-sdp", "a second one of sendrecv, sendonly, recvonly, inactive");
	a->section->directed = true;
	a->section->direction = direction;
	return 0;
}

static int take_rtpmap(const struct attribute *a)
{
	if (a->media)
		ksrtpd_clocks_rtpmap(&a->media->clocks, text_of(a) + a->value.at, a->value.len);
	return 0;
}

static int take_sendrecv(const struct attribute *a)
{
	return take_direction(a, KSRTPD_SDP_BOTH);
}

static int take_sendonly(const struct attribute *a)
{
	return take_direction(a, KSRTPD_SDP_SENDS);
}

static int take_recvonly(const struct attribute *a)
{
	return take_direction(a, KSRTPD_SDP_RECEIVES);
}

static int take_inactive(const struct attribute *a)
{
	return take_direction(a, KSRTPD_SDP_INACTIVE);
}

/* What cannot be used may stand beside what can. The key leaves the text. */
static int take_crypto(const struct attribute *a)
{
	struct ksrtpd_sdp_media *media = a->media;
	char *text = a->p->sdp->text + a->value.at;
	struct ksrtpd_sdes *sdes;
	const char *why;
	unsigned int i;

	if (!media)
		return 0;
	a->section->crypto_lines++;
	if (!media->cryptos)
		media->cryptos = OPENSSL_secure_zalloc(KSRTPD_SDP_CRYPTOS_MAX * sizeof(*sdes));
	if (!media->cryptos)
		return bad_attribute(a, "internal", "no memory for keys");
	if (media->cryptos_count == KSRTPD_SDP_CRYPTOS_MAX) {
		memset(text, '*', a->value.len);
		return 0;
	}
	sdes = &media->cryptos[media->cryptos_count];
	why = ksrtpd_sdes_parse(text, a->value.len, sdes);
	OPENSSL_cleanse(text, a->value.len);
	memset(text, '*', a->value.len);
	if (why) {
		if (!a->section->crypto_why)
			a->section->crypto_why = why;
		return 0;
	}
	for (i = 0; i < media->cryptos_count; i++) {
		if (media->cryptos[i].tag == sdes->tag)
			return bad_attribute(a, "bad-crypto", "a second a=crypto with the same tag");
	}
	media->cryptos_count++;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(const struct attribute *a);
} attributes[] = {
	{ "fingerprint", take_fingerprint },
	{ "setup", take_setup },
	{ "tls-id", take_tls_id },
	{ "ice-ufrag", take_ufrag },
	{ "ice-pwd", take_pwd },
	{ "ice-lite", take_ice_lite },
	{ "mid", take_mid },
	{ "group", take_group },
	{ "rtcp", take_rtcp },
	{ "rtcp-mux", take_rtcp_mux },
	{ "cryptex", take_cryptex },
	{ "bundle-only", take_bundle_only },
	{ "rtpmap", take_rtpmap },
	{ "sendrecv", take_sendrecv },
	{ "sendonly", take_sendonly },
	{ "recvonly", take_recvonly },
	{ "inactive", take_inactive },
	{ "crypto", take_crypto },
};

int ksrtpd_sdp_take_attribute(struct ksrtpd_sdp_parser *p, struct ksrtpd_sdp_section *section,
			      struct ksrtpd_sdp_media *media, const struct ksrtpd_sdp_line *line)
{
	const char *text = p->sdp->text + line->text.at;
	const char *colon = memchr(text, ':', line->text.len);
	struct attribute a = { .p = p, .section = section, .media = media };
	size_t i;

	if (colon) {
		a.value.at = colon + 1 - p->sdp->text;
		a.value.len = line->text.len - (colon + 1 - text);
	}
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (ksrtpd_sdp_attribute(text, line->text.len, attributes[i].name))
			return attributes[i].take(&a);
	}
	return 0;
}
