/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SDP as far as the agent understands it (RFC 8866, 3264, 5763, 5764, 8122, 8842, 8839,
 * 9143, 5761, 3605, 4568, 9335): RTP lines of any kind, plain, with DTLS-SRTP or with keys in
 * a=crypto, with ICE or without, bundled or not. Whatever it does not understand passes
 * through the rewriter byte for byte.
 *
 * The text is kept as it came, cut into lines; nothing is ever printed back from a
 * parsed form but the lines that the rewriter makes anew. Keys are the exception: they
 * are taken out of the text and kept in locked memory.
 */
#ifndef KSRTPD_SDP_H
#define KSRTPD_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "clock.h"
#include "failure.h"
#include "fingerprint.h"
#include "ice.h"
#include "sdes.h"

#define KSRTPD_SDP_MAX		65536	/* octets */
#define KSRTPD_SDP_LINE_MAX	8192	/* octets of one line */
#define KSRTPD_SDP_LINES_MAX	2048
#define KSRTPD_SDP_MEDIA_MAX	16
#define KSRTPD_SDP_CRYPTOS_MAX	8	/* a=crypto of one media line that are kept */
#define KSRTPD_SDP_PROTO	24	/* "UDP/TLS/RTP/SAVPF" and the NUL */
#define KSRTPD_SDP_KIND		16	/* "application" and the like */
#define KSRTPD_SDP_MID		64
#define KSRTPD_SDP_TLS_ID	256
#define KSRTPD_SDP_ICE		257	/* ufrag or password */

/* Where the keys of a media line come from. */
enum ksrtpd_sdp_keys {
	KSRTPD_SDP_PLAIN,
	KSRTPD_SDP_DTLS,
	KSRTPD_SDP_SDES,
};

enum ksrtpd_sdp_setup {
	KSRTPD_SDP_SETUP_NONE,
	KSRTPD_SDP_ACTPASS,
	KSRTPD_SDP_ACTIVE,
	KSRTPD_SDP_PASSIVE,
	KSRTPD_SDP_HOLDCONN,
};

/* What the one who wrote the SDP will do: bits. */
enum ksrtpd_sdp_direction {
	KSRTPD_SDP_INACTIVE = 0,
	KSRTPD_SDP_SENDS = 1,
	KSRTPD_SDP_RECEIVES = 2,
	KSRTPD_SDP_BOTH = 3,
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
	char kind[KSRTPD_SDP_KIND];	/* cut where it is longer */
	char mid[KSRTPD_SDP_MID];	/* "": none */
	bool rejected;			/* what follows is not known */
	/* Why we reject it ourselves, reason NULL: its port is 0. */
	struct ksrtpd_failure refusal;
	bool bundle_only;		/* port 0, for it has no path but the group's */
	bool bundled;			/* in the (first) BUNDLE group */
	enum ksrtpd_sdp_keys keys;
	bool feedback;			/* AVPF, SAVPF */
	struct ksrtpd_sdp_span port, proto;	/* of the m= line */
	char proto_name[KSRTPD_SDP_PROTO];
	uint16_t port_number;
	int family;			/* of c= */
	bool no_address;		/* 0.0.0.0 or :: in c=, then there is no remote */
	struct sockaddr_storage remote, remote_rtcp;
	enum ksrtpd_sdp_direction direction;
	bool rtcp_mux, mux_line;	/* by its bundle too; by a line of its own */
	bool cryptex;			/* he can receive it (RFC 9335) */
	struct ksrtpd_clocks clocks;	/* of its payload types */

	enum ksrtpd_sdp_setup setup;
	struct ksrtpd_fingerprints fingerprints;
	char tls_id[KSRTPD_SDP_TLS_ID];

	bool ice;
	char ufrag[KSRTPD_SDP_ICE], pwd[KSRTPD_SDP_ICE];

	struct ksrtpd_sdes *cryptos;	/* those that can be used; in locked memory */
	unsigned int cryptos_count;
};

struct ksrtpd_sdp {
	char *text;
	size_t len;
	struct ksrtpd_sdp_line *lines;
	unsigned int lines_count;
	bool ice_lite;
	int bundle_first;	/* the media line that the BUNDLE group names first; -1: no group */
	struct ksrtpd_sdp_media media[KSRTPD_SDP_MEDIA_MAX];
	unsigned int media_count;
};

/* NULL, with the reason and the place of it, if anything is wrong. */
struct ksrtpd_sdp *ksrtpd_sdp_parse(const char *text, size_t len, struct ksrtpd_failure *failure);
/* Wipes the keys in it. */
void ksrtpd_sdp_free(struct ksrtpd_sdp *sdp);
/* Is this the name of a transport protocol that we speak? Then @keys and @feedback say which. */
bool ksrtpd_sdp_proto_known(const char *name, enum ksrtpd_sdp_keys *keys, bool *feedback);
/* "media line 2 (audio): WHAT" with this reason; -1. @line counts from 0. */
int ksrtpd_sdp_bad(struct ksrtpd_failure *failure, const char *reason,
		   const struct ksrtpd_sdp *sdp, unsigned int line, const char *what);

#define KSRTPD_SDP_CANDIDATES_MAX	32

/* What the rewriter shall say of one media line. */
struct ksrtpd_sdp_out {
	bool rejected;			/* port 0; the rest but proto does not matter */
	bool bundle_only;		/* port 0 in an offer, the rest stays */
	const char *proto;		/* NULL: as it was */
	struct sockaddr_storage local;	/* where the reader shall send to */
	struct sockaddr_storage rtcp;	/* AF_UNSPEC: rtcp-mux */
	bool mux;			/* a=rtcp-mux */
	bool cryptex;			/* a=cryptex */
	/* a=fingerprint, a=setup, a=tls-id, a=cryptex, encrypted a=extmap stay as they are */
	bool relay;
	const struct ksrtpd_fingerprint *fingerprint;	/* NULL: none */
	enum ksrtpd_sdp_setup setup;	/* with a fingerprint */
	bool tls_id;			/* with a fingerprint */
	const char *ufrag, *pwd;	/* NULL: without ICE */
	char candidates[KSRTPD_SDP_CANDIDATES_MAX][KSRTPD_CANDIDATE_TEXT];
	unsigned int candidates_count;
	const struct ksrtpd_sdes *cryptos;
	unsigned int cryptos_count;
};

/*
 * The text of an SDP with all that @outs say (one per media line) and without what it
 * said of these things before; @host stands in the c= lines of the session and of
 * rejected lines. @bundle: the mids of the BUNDLE group, NULL: none. NULL when memory is
 * out. Free it with ksrtpd_sdp_text_free(): there may be keys in it.
 */
char *ksrtpd_sdp_rewrite(const struct ksrtpd_sdp *sdp, const struct ksrtpd_sdp_out *outs,
			 const struct sockaddr_storage *host, const char *bundle);
void ksrtpd_sdp_text_free(char *text);
/* An identity of the association, new with every certificate (RFC 8842, section 4). */
void ksrtpd_sdp_tls_id(const struct ksrtpd_fingerprint *fingerprint, char text[41]);

/* Does the attribute line (as from "a=") have this name? Used by all files of it. */
bool ksrtpd_sdp_attribute(const char *line, size_t len, const char *name);

#endif /* KSRTPD_SDP_H */
