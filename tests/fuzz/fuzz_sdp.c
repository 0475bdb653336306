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
#include "../../userspace/ksrtpd/sdp.c"
#include "../../userspace/ksrtpd/sdp_rewrite.c"

static const struct ksrtpd_fingerprint ours = { .octets = { 1, 2, 3 } };

/* The even media lines become DTLS-SRTP, the odd ones plain. */
static void set_outs(const struct ksrtpd_sdp *sdp, struct ksrtpd_sdp_out *outs,
		     struct sockaddr_storage *host)
{
	unsigned int i;

	ksrtpd_addr_parse("2001:db8::1", 6, host);
	memset(outs, 0, KSRTPD_SDP_MEDIA_MAX * sizeof(*outs));
	for (i = 0; i < sdp->media_count; i++) {
		outs[i].rejected = sdp->media[i].rejected;
		outs[i].proto = i % 2 ? "RTP/AVP" : "UDP/TLS/RTP/SAVPF";
		outs[i].fingerprint = i % 2 ? NULL : &ours;
		outs[i].setup = KSRTPD_SDP_ACTIVE;
		outs[i].local = *host;
		ksrtpd_addr_set_port(&outs[i].local, 40000 + i);
	}
}

static void check_again(const char *text, const struct ksrtpd_sdp *sdp,
			const struct ksrtpd_sdp_out *outs)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_sdp *again = ksrtpd_sdp_parse(text, strlen(text), &failure);
	unsigned int i;

	MUST(again && again->media_count == sdp->media_count);
	for (i = 0; i < again->media_count; i++) {
		const struct ksrtpd_sdp_media *media = &again->media[i];

		MUST(media->rejected == outs[i].rejected && media->kind == sdp->media[i].kind);
		if (media->rejected)
			continue;
		MUST(ksrtpd_addr_equal(&media->remote, &outs[i].local));
		MUST(media->dtls == !(i % 2));
		MUST(media->dtls == (media->fingerprints.count == 1));
		MUST(!media->dtls || media->setup == KSRTPD_SDP_ACTIVE);
	}
	for (i = 0; i < again->lines_count; i++) {
		const char *line = again->text + again->lines[i].text.at;
		size_t len = again->lines[i].text.len;

		MUST(line[0] != 'k' && !ksrtpd_sdp_attribute(line, len, "candidate") &&
		     !ksrtpd_sdp_attribute(line, len, "crypto"));
	}
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
	text = ksrtpd_sdp_rewrite(sdp, outs, &host);
	MUST(text);
	/* What is put in may take it over the limits. */
	if (strlen(text) < KSRTPD_SDP_MAX && size < KSRTPD_SDP_LINE_MAX / 2)
		check_again(text, sdp, outs);
	free(text);
	ksrtpd_sdp_free(sdp);
	return 0;
}
