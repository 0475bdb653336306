// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "sdp_parse.h"

#define DISCARD	9	/* the port of who knows no address yet (RFC 8840) */

/* One media line and where its attributes may stand: with it, in the session, and, where it
 * is bundled, with the line that the group is named after.
 */
struct view {
	struct ksrtpd_sdp_parser *p;
	struct ksrtpd_sdp_media *media;
	unsigned int line;
	const struct ksrtpd_sdp_section *own, *session, *group;	/* group NULL: not bundled */
};

static int bad_part(const struct view *v, const char *reason, const char *what)
{
	return ksrtpd_sdp_bad(v->p->failure, reason, v->p->sdp, v->line, what);
}

/* The line stays without us; the others may go on. */
static void refuse_part(struct view *v, const char *reason, const char *what)
{
	ksrtpd_sdp_bad(&v->media->refusal, reason, v->p->sdp, v->line, what);
	v->media->rejected = true;
}

/* -- addresses */

static bool unspecified(const struct sockaddr_storage *addr)
{
	static const struct in6_addr any;

	if (addr->ss_family == AF_INET)
		return !((const struct sockaddr_in *)addr)->sin_addr.s_addr;
	return !memcmp(&((const struct sockaddr_in6 *)addr)->sin6_addr, &any, sizeof(any));
}

/* IN IP4 192.0.2.1, the rest of @value */
static int parse_address(const struct view *v, struct ksrtpd_sdp_span value, const char *name,
			 struct sockaddr_storage *addr)
{
	const char *text = v->p->sdp->text;
	struct ksrtpd_sdp_span net = ksrtpd_sdp_word(text, &value);
	struct ksrtpd_sdp_span type = ksrtpd_sdp_word(text, &value);
	int family = ksrtpd_sdp_is(text, type, "IP4") ? 4 : ksrtpd_sdp_is(text, type, "IP6") ? 6 : 0;
	char host[INET6_ADDRSTRLEN], what[128];

	if (!ksrtpd_sdp_is(text, net, "IN") || !family)
		snprintf(what, sizeof(what), "%s is neither IN IP4 nor IN IP6", name);
	else if (!value.len || !ksrtpd_sdp_copy(text, value, host, sizeof(host)))
		snprintf(what, sizeof(what), "%s has no numeric address", name);
	else if (!ksrtpd_addr_parse(host, family, addr))
		snprintf(what, sizeof(what), "'%s' in %s is no single numeric IPv%d address", host, name,
			 family);
	else
		return 0;
	return bad_part(v, "bad-sdp", what);
}

static int check_address(const struct view *v, const struct sockaddr_storage *addr,
			 const char *name)
{
	const char *why = ksrtpd_addr_unusable(addr);
	char host[KSRTPD_ADDR_TEXT], what[128];

	if (!why)
		return 0;
	snprintf(what, sizeof(what), "%s in %s %s", ksrtpd_addr_host(addr, host), name, why);
	return bad_part(v, "no-address", what);
}

static int set_remote(struct view *v)
{
	struct ksrtpd_sdp_media *media = v->media;
	struct sockaddr_storage addr;

	if (!v->own->connection.len && !v->session->connection.len)
		return bad_part(v, "no-address", "neither it nor the session has c=");
	if (parse_address(v, v->own->connection.len ? v->own->connection : v->session->connection,
			  "c=", &addr))
		return -1;
	media->family = ksrtpd_addr_family(&addr);
	media->no_address = unspecified(&addr) || media->bundle_only;
	/* With ICE it is what the checks come from that counts. */
	if (media->ice && (ksrtpd_addr_unusable(&addr) || media->port_number == DISCARD))
		media->no_address = true;
	if (media->no_address)
		return 0;
	if (check_address(v, &addr, "c="))
		return -1;
	media->remote = addr;
	ksrtpd_addr_set_port(&media->remote, media->port_number);
	return 0;
}

/* a=rtcp:53020 [IN IP4 192.0.2.1]; without it, the port after that of RTP. */
static int find_rtcp(struct view *v)
{
	struct ksrtpd_sdp_media *media = v->media;
	struct ksrtpd_sdp_span value = v->own->rtcp;
	struct sockaddr_storage addr = media->remote;
	long port = media->port_number + 1;

	if (value.len) {
		port = ksrtpd_sdp_number(v->p->sdp->text, ksrtpd_sdp_word(v->p->sdp->text, &value));
		if (port < 1)
			return bad_part(v, "bad-sdp", "the port of a=rtcp is no number from 1 to 65535");
		if (value.len && (parse_address(v, value, "a=rtcp", &addr) ||
				  check_address(v, &addr, "a=rtcp")))
			return -1;
	}
	if (port > 65535)
		return bad_part(v, "bad-sdp", "there is no port for its RTCP");
	media->remote_rtcp = addr;
	ksrtpd_addr_set_port(&media->remote_rtcp, (uint16_t)port);
	return 0;
}

/* Beside rtcp-mux it is where RTCP goes if that is declined; then it may be nowhere. */
static int set_rtcp(struct view *v)
{
	const struct ksrtpd_sdp_media *media = v->media;

	if (media->no_address || media->ice)
		return 0;
	return find_rtcp(v) && !media->rtcp_mux ? -1 : 0;
}

/* -- keys */

static int set_dtls(struct view *v)
{
	const struct ksrtpd_sdp_section *from = v->own->fingerprint_lines ? v->own : v->session;
	struct ksrtpd_sdp_media *media = v->media;

	if (!from->fingerprint_lines && v->group)
		from = v->group;
	if (!from->fingerprint_lines)
		return bad_part(v, "no-fingerprint", "UDP/TLS/RTP/SAVP(F) without a=fingerprint");
	media->fingerprints = from->fingerprints;
	if (!media->fingerprints.count && !media->fingerprints.long_count)
		return bad_part(v, "weak-fingerprint", "no SHA-256 or longer among its a=fingerprint");
	media->setup = v->own->setup ? v->own->setup : v->session->setup;
	if (!media->setup && v->group)
		media->setup = v->group->setup;
	if (media->setup == KSRTPD_SDP_SETUP_NONE)
		return bad_part(v, "bad-setup", "UDP/TLS/RTP/SAVP(F) without a=setup");
	if (media->setup == KSRTPD_SDP_HOLDCONN)
		return bad_part(v, "bad-setup", "a=setup:holdconn");
	return 0;
}

static void set_tls_id(struct view *v)
{
	struct ksrtpd_sdp_span span = v->own->tls_id.len ? v->own->tls_id : v->session->tls_id;

	if (!span.len && v->group)
		span = v->group->tls_id;
	ksrtpd_sdp_copy(v->p->sdp->text, span, v->media->tls_id, sizeof(v->media->tls_id));
}

static int set_keys(struct view *v)
{
	struct ksrtpd_sdp_media *media = v->media;
	char what[192];

	/* RTP/SAVP with a fingerprint is DTLS-SRTP, as some phones say it. */
	if (media->keys == KSRTPD_SDP_SDES &&
	    (v->own->fingerprint_lines || (v->session->fingerprint_lines && !media->cryptos_count)))
		media->keys = KSRTPD_SDP_DTLS;
	if (media->keys == KSRTPD_SDP_DTLS) {
		set_tls_id(v);
		return set_dtls(v);
	}
	if (media->keys != KSRTPD_SDP_SDES || media->cryptos_count)
		return 0;
	if (v->own->crypto_lines) {
		snprintf(what, sizeof(what), "none of its a=crypto can be used: of the first, %s",
			 v->own->crypto_why);
		refuse_part(v, "bad-crypto", what);
	} else {
		refuse_part(v, "no-crypto", "RTP/SAVP(F) with neither a=crypto nor a=fingerprint");
	}
	return 0;
}

static int set_ice(struct view *v)
{
	struct ksrtpd_sdp_media *media = v->media;
	struct ksrtpd_sdp_span ufrag = v->own->ufrag.len ? v->own->ufrag : v->session->ufrag;
	struct ksrtpd_sdp_span pwd = v->own->pwd.len ? v->own->pwd : v->session->pwd;

	if (!ufrag.len && !pwd.len && v->group) {
		ufrag = v->group->ufrag;
		pwd = v->group->pwd;
	}
	if (!ufrag.len != !pwd.len)
		return bad_part(v, "bad-ice", ufrag.len ? "a=ice-ufrag without a=ice-pwd" :
						     "a=ice-pwd without a=ice-ufrag");
	/* Of two that are lite none ever sends a check: addresses are those of c= and m=. */
	media->ice = ufrag.len && !v->p->sdp->ice_lite;
	ksrtpd_sdp_copy(v->p->sdp->text, ufrag, media->ufrag, sizeof(media->ufrag));
	ksrtpd_sdp_copy(v->p->sdp->text, pwd, media->pwd, sizeof(media->pwd));
	return 0;
}

/* -- lines and groups */

static int find_mid(const struct ksrtpd_sdp *sdp, const char *text, struct ksrtpd_sdp_span mid)
{
	unsigned int i;

	for (i = 0; i < sdp->media_count; i++) {
		if (*sdp->media[i].mid && ksrtpd_sdp_is(text, mid, sdp->media[i].mid))
			return (int)i;
	}
	return -1;
}

static int set_mids(struct ksrtpd_sdp_parser *p)
{
	struct ksrtpd_sdp *sdp = p->sdp;
	unsigned int i;

	for (i = 0; i < sdp->media_count; i++) {
		struct ksrtpd_sdp_span mid = p->media[i].mid;

		if (!mid.len)
			continue;
		if (find_mid(sdp, sdp->text, mid) >= 0)
			return ksrtpd_sdp_bad(p->failure, "bad-sdp", sdp, i,
					      "its a=mid is that of another line");
		ksrtpd_sdp_copy(sdp->text, mid, sdp->media[i].mid, sizeof(sdp->media[i].mid));
	}
	return 0;
}

static void set_group(struct ksrtpd_sdp_parser *p)
{
	struct ksrtpd_sdp_span rest = p->session.group;
	struct ksrtpd_sdp *sdp = p->sdp;

	while (rest.len) {
		int line = find_mid(sdp, sdp->text, ksrtpd_sdp_word(sdp->text, &rest));
		struct ksrtpd_sdp_media *media;

		if (line < 0)
			continue;
		media = &sdp->media[line];
		media->bundle_only = p->media[line].bundle_only && !media->port_number;
		media->bundled = !media->rejected && (media->port_number || media->bundle_only);
		/* The group is named after a line that has a path of its own to begin with. */
		if (sdp->bundle_first < 0 && media->bundled && media->port_number)
			sdp->bundle_first = line;
	}
}

static int finish_media(struct view *v)
{
	struct ksrtpd_sdp_media *media = v->media;

	media->direction = v->own->directed ? v->own->direction :
			   v->session->directed ? v->session->direction : KSRTPD_SDP_BOTH;
	media->mux_line = v->own->rtcp_mux;
	media->rtcp_mux = media->mux_line || (v->group && v->group->rtcp_mux);
	/* All lines of a group must say it, or none: the one that it is named after speaks for them. */
	media->cryptex = v->session->cryptex || (v->group ? v->group : v->own)->cryptex;
	if (set_ice(v) || set_remote(v) || set_rtcp(v) || set_keys(v))
		return -1;
	if (!media->rtcp_mux && (media->ice || media->bundled))
		return bad_part(v, "no-rtcp-mux", media->ice ? "ICE without a=rtcp-mux" :
							  "bundled without a=rtcp-mux");
	return 0;
}

int ksrtpd_sdp_whole(struct ksrtpd_sdp_parser *p)
{
	struct ksrtpd_sdp *sdp = p->sdp;
	unsigned int i;

	if (set_mids(p))
		return -1;
	set_group(p);
	for (i = 0; i < sdp->media_count; i++) {
		struct ksrtpd_sdp_media *media = &sdp->media[i];
		struct view v = {
			.p = p, .media = media, .line = i, .own = &p->media[i], .session = &p->session,
		};

		if (!media->port_number && !media->bundle_only) {
			media->rejected = true;
			media->refusal.reason = NULL;
		}
		/* Without a line to be bundled with there is no group. */
		if (sdp->bundle_first < 0)
			media->bundled = false;
		if (media->bundle_only && !media->bundled)
			media->rejected = true;
		if (media->bundled && (int)i != sdp->bundle_first)
			v.group = &p->media[sdp->bundle_first];
		if (!media->rejected && finish_media(&v))
			return -1;
	}
	return 0;
}
