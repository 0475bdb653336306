/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SDP as far as the agent understands it (RFC 8866, 3264, 5763, 5764, 8122, 8842):
 * one audio and one video line, rtcp-mux, plain RTP or DTLS-SRTP. Whatever it does
 * not understand passes through the rewriter byte for byte.
 *
 * The text is kept as it came, cut into lines; nothing is ever printed back from a
 * parsed form but the lines that the rewriter makes anew.
 */
#ifndef KSRTPD_SDP_H
#define KSRTPD_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "failure.h"
#include "fingerprint.h"

#define KSRTPD_SDP_MAX		65536	/* octets */
#define KSRTPD_SDP_LINE_MAX	8192	/* octets of one line */
#define KSRTPD_SDP_LINES_MAX	2048
#define KSRTPD_SDP_MEDIA_MAX	16
#define KSRTPD_SDP_PROTO	24	/* "UDP/TLS/RTP/SAVPF" and the NUL */

enum ksrtpd_sdp_kind {
	KSRTPD_SDP_AUDIO,
	KSRTPD_SDP_VIDEO,
	KSRTPD_SDP_OTHER,	/* only rejected ones get through */
};

enum ksrtpd_sdp_setup {
	KSRTPD_SDP_SETUP_NONE,
	KSRTPD_SDP_ACTPASS,
	KSRTPD_SDP_ACTIVE,
	KSRTPD_SDP_PASSIVE,
	KSRTPD_SDP_HOLDCONN,
};

/* Offset and length of a piece of the text. */
struct ksrtpd_sdp_span {
	uint32_t at, len;
};

struct ksrtpd_sdp_line {
	struct ksrtpd_sdp_span text;	/* without the line's end */
	uint32_t end;			/* octets of CRLF or LF; 0: the text ends here */
	int media;			/* index of the media section; -1: session */
};

struct ksrtpd_sdp_media {
	enum ksrtpd_sdp_kind kind;
	bool rejected;			/* port 0: what follows is not known */
	bool dtls;			/* UDP/TLS/RTP/SAVP(F), not RTP/AVP(F) */
	struct ksrtpd_sdp_span port, proto;	/* of the m= line */
	char proto_name[KSRTPD_SDP_PROTO];
	uint16_t port_number;
	struct sockaddr_storage remote;
	enum ksrtpd_sdp_setup setup;
	struct ksrtpd_fingerprints fingerprints;	/* all SHA-256 ones */
};

struct ksrtpd_sdp {
	char *text;
	size_t len;
	struct ksrtpd_sdp_line *lines;
	unsigned int lines_count;
	struct ksrtpd_sdp_media media[KSRTPD_SDP_MEDIA_MAX];
	unsigned int media_count;
};

/* NULL, with the reason and the place of it, if anything is wrong or not supported. */
struct ksrtpd_sdp *ksrtpd_sdp_parse(const char *text, size_t len, struct ksrtpd_failure *failure);
void ksrtpd_sdp_free(struct ksrtpd_sdp *sdp);
/* "audio", "video" or "other". */
const char *ksrtpd_sdp_kind_name(enum ksrtpd_sdp_kind kind);
/* Is this the name of a transport protocol that we speak? Then *@dtls says which. */
bool ksrtpd_sdp_proto_known(const char *name, bool *dtls);

/* What the rewriter shall say of one media line. */
struct ksrtpd_sdp_out {
	bool rejected;			/* port 0; the rest but proto does not matter */
	const char *proto;		/* NULL: as it was */
	struct sockaddr_storage local;	/* where the reader shall send to */
	const struct ksrtpd_fingerprint *fingerprint;	/* NULL: plain RTP */
	enum ksrtpd_sdp_setup setup;	/* with a fingerprint */
};

/*
 * The text of an SDP with addresses, ports, protocols, fingerprints and setup of @out (one
 * per media line), without ICE, BUNDLE groups and keys; @host stands in the c= lines
 * of the session and of rejected lines, so it is the address of all accepted ones. NULL when memory is out.
 */
char *ksrtpd_sdp_rewrite(const struct ksrtpd_sdp *sdp, const struct ksrtpd_sdp_out *out,
			 const struct sockaddr_storage *host);

/* Does the attribute line (as from "a=") have this name? Used by both files. */
bool ksrtpd_sdp_attribute(const char *line, size_t len, const char *name);

#endif /* KSRTPD_SDP_H */
