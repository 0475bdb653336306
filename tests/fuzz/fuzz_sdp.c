// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's SDP parser and rewriter. What the parser lets through is rewritten,
 * and the result must parse again, with our addresses and fingerprint in it and
 * nothing left of what is to be dropped.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "../../userspace/ksrtpd/failure.c"
#include "../../userspace/ksrtpd/addr.c"
#include "../../userspace/ksrtpd/fingerprint.c"
#include "../../userspace/ksrtpd/sdes.c"
#include "../../userspace/ksrtpd/clock.c"
#include "../../userspace/ksrtpd/sdp.c"
#include "../../userspace/ksrtpd/sdp_attribute.c"
#include "../../userspace/ksrtpd/sdp_whole.c"
#include "../../userspace/ksrtpd/sdp_rewrite.c"
#include "../../userspace/ksrtpd/wipe.c"

static const struct ksrtpd_fingerprint ours = { .octets = { 1, 2, 3 } };
static const struct ksrtpd_sdes key = {
	.tag = 7, .key = { .suite = KSRTP_SUITE_AEAD_AES_128_GCM, .key = { 1 } },
};

/* In turn DTLS-SRTP with ICE, plain with an RTCP port, keys in SDP. */
static void set_outs(const struct ksrtpd_sdp *sdp, struct ksrtpd_sdp_out *outs,
		     struct sockaddr_storage *host)
{
	static const char *const protos[] = { "UDP/TLS/RTP/SAVPF", "RTP/AVP", "RTP/SAVP" };
	unsigned int i;

	ksrtpd_addr_parse("2001:db8::1", 6, host);
	memset(outs, 0, KSRTPD_SDP_MEDIA_MAX * sizeof(*outs));
	for (i = 0; i < sdp->media_count; i++) {
		outs[i].rejected = sdp->media[i].rejected;
		outs[i].proto = protos[i % 3];
		outs[i].mux = sdp->media[i].rtcp_mux;
		outs[i].cryptex = i % 3 == 2;
		outs[i].local = *host;
		ksrtpd_addr_set_port(&outs[i].local, 40000 + i);
		if (i % 3 == 0) {
			outs[i].fingerprint = &ours;
			outs[i].setup = KSRTPD_SDP_ACTIVE;
			outs[i].tls_id = true;
		}
		if (i % 3 == 0 && outs[i].mux) {
			outs[i].ufrag = "abcd";
			outs[i].pwd = "abcdefghijklmnopqrstuv";
			strcpy(outs[i].candidates[outs[i].candidates_count++], "1 1 UDP 1 ::1 1 typ host");
		}
		if (i % 3 == 1 && !outs[i].mux) {
			outs[i].rtcp = outs[i].local;
			ksrtpd_addr_set_port(&outs[i].rtcp, 50000 + i);
		}
		if (i % 3 == 2) {
			outs[i].cryptos = &key;
			outs[i].cryptos_count = 1;
		}
	}
}

static void check_media(const struct ksrtpd_sdp_media *media, const struct ksrtpd_sdp_out *out,
			unsigned int i)
{
	MUST(media->rejected == out->rejected);
	if (media->rejected)
		return;
	MUST(ksrtpd_addr_equal(&media->remote, &out->local));
	MUST(media->rtcp_mux == out->mux);
	MUST(media->cryptex == out->cryptex);
	switch (i % 3) {
	case 0:
		MUST(media->keys == KSRTPD_SDP_DTLS && media->setup == KSRTPD_SDP_ACTIVE);
		MUST(media->fingerprints.count == 1 && !media->fingerprints.long_count);
		MUST(strlen(media->tls_id) == 40 && !strcmp(media->ufrag, out->mux ? "abcd" : ""));
		break;
	case 1:
		MUST(media->keys == KSRTPD_SDP_PLAIN);
		MUST(out->mux || ksrtpd_addr_equal(&media->remote_rtcp, &out->rtcp));
		break;
	case 2:
		MUST(media->keys == KSRTPD_SDP_SDES && media->cryptos_count == 1);
		MUST(media->cryptos[0].tag == 7 && media->cryptos[0].key.key[0] == 1);
		break;
	}
}

static void check_again(const char *text, const struct ksrtpd_sdp *sdp,
			const struct ksrtpd_sdp_out *outs)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_sdp *again = ksrtpd_sdp_parse(text, strlen(text), &failure);
	unsigned int i;

	MUST(again && again->media_count == sdp->media_count);
	MUST(again->bundle_first == -1);
	for (i = 0; i < again->media_count; i++) {
		MUST(!strcmp(again->media[i].kind, sdp->media[i].kind));
		check_media(&again->media[i], &outs[i], i);
	}
	for (i = 0; i < again->lines_count; i++)
		MUST(again->text[again->lines[i].text.at] != 'k');
	ksrtpd_sdp_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ksrtpd_sdp_out outs[KSRTPD_SDP_MEDIA_MAX];
	struct sockaddr_storage host;
	struct ksrtpd_failure failure = { .reason = NULL };
	struct ksrtpd_sdp *sdp = ksrtpd_sdp_parse((const char *)data, size, &failure);
	char *text;

	if (!sdp) {
		MUST(failure.reason && *failure.message);
		return 0;
	}
	set_outs(sdp, outs, &host);
	text = ksrtpd_sdp_rewrite(sdp, outs, &host, NULL);
	MUST(text);
	/* What is put in may take it over the limits. */
	if (strlen(text) < KSRTPD_SDP_MAX && sdp->lines_count < KSRTPD_SDP_LINES_MAX / 2 &&
	    size < KSRTPD_SDP_LINE_MAX / 2)
		check_again(text, sdp, outs);
	ksrtpd_sdp_text_free(text);
	ksrtpd_sdp_free(sdp);
	return 0;
}
