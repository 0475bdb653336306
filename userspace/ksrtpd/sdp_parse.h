/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the SDP parser share. */
#ifndef KSRTPD_SDP_PARSE_H
#define KSRTPD_SDP_PARSE_H

#include "sdp.h"

/* What the lines of one section (the session or one media line) said. */
struct ksrtpd_sdp_section {
	struct ksrtpd_sdp_span connection;	/* value of c=, len 0: none */
	enum ksrtpd_sdp_setup setup;
	unsigned int fingerprint_lines;
	struct ksrtpd_fingerprints fingerprints;
	struct ksrtpd_sdp_span tls_id, mid, ufrag, pwd, group;
	struct ksrtpd_sdp_span rtcp;		/* value of a=rtcp */
	bool rtcp_mux, cryptex, bundle_only, directed;
	enum ksrtpd_sdp_direction direction;
	const char *crypto_why;			/* the first a=crypto that cannot be used */
	unsigned int crypto_lines;
};

struct ksrtpd_sdp_parser {
	struct ksrtpd_sdp *sdp;
	struct ksrtpd_failure *failure;
	unsigned int number;		/* of the line, from 1 */
	bool origin, name;		/* o= and s= were there */
	struct ksrtpd_sdp_section session, media[KSRTPD_SDP_MEDIA_MAX];
};

/* Takes the next word from @rest; words are parted by exactly one space. */
struct ksrtpd_sdp_span ksrtpd_sdp_word(const char *text, struct ksrtpd_sdp_span *rest);
bool ksrtpd_sdp_is(const char *text, struct ksrtpd_sdp_span span, const char *word);
/* A decimal number of at most five digits, or -1. */
long ksrtpd_sdp_number(const char *text, struct ksrtpd_sdp_span span);
/* Copies a piece of the text; false: it does not fit in. */
bool ksrtpd_sdp_copy(const char *text, struct ksrtpd_sdp_span span, char *to, size_t size);

/* sdp_attribute.c: one a= line of @section; @media NULL: of the session. */
int ksrtpd_sdp_take_attribute(struct ksrtpd_sdp_parser *p, struct ksrtpd_sdp_section *section,
			      struct ksrtpd_sdp_media *media, const struct ksrtpd_sdp_line *line);
/* sdp_whole.c: what session and media lines say together. */
int ksrtpd_sdp_whole(struct ksrtpd_sdp_parser *p);

#endif /* KSRTPD_SDP_PARSE_H */
