// SPDX-License-Identifier: GPL-2.0
/*
 * Whole calls on the agent's own datapath between phones of libsrtp2, each with RTCP on the
 * port of RTP or on one of its own, as its SDP says: media gets through in both directions,
 * and what comes to the wrong port does not.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <srtp2/srtp.h>

#include "ksrtpd/call.h"
#include "stun_peer.h"
#include "tap.h"

#define PATIENCE	5000	/* ms, for what has to come */
#define SILENCE		100	/* ms, for what must not come */
#define SDP_ROOM	4096
#define ICE_PWD		"0123456789012345678901"

static struct event_base *base;
static struct ksrtpd_datapath *datapath;
static struct ksrtpd_config config;
static struct ksrtpd_calls *calls;
static struct ksrtpd_failure failure;

/* -- phones */

struct phone {
	bool mux;			/* its SDP says so */
	uint32_t suite;			/* none: plain */
	int rtp, rtcp;			/* sockets; with mux the same */
	struct sockaddr_storage local[2], agent[2];	/* RTP, RTCP */
	struct ksrtpd_sdes ours;
	const char *ufrag;		/* NULL: without ICE */
	char agent_ufrag[KSRTPD_SDP_ICE], agent_pwd[KSRTPD_SDP_ICE];
	struct ksrtpd_sdes_key tx_key, rx_key;
	srtp_t tx, rx;
	uint16_t seq;
	uint32_t ssrc;
};

static int open_socket(struct sockaddr_storage *local)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*local);

	ksrtpd_addr_parse("127.0.0.1", 4, local);
	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)local, ksrtpd_addr_len(local)) &&
	      !getsockname(fd, (struct sockaddr *)local, &len), "socket");
	return fd;
}

static void phone_open(struct phone *p, uint32_t suite, bool mux, uint32_t ssrc)
{
	memset(p, 0, sizeof(*p));
	p->suite = suite;
	p->mux = mux;
	p->ssrc = ssrc;
	p->rtp = open_socket(&p->local[0]);
	p->rtcp = mux ? p->rtp : open_socket(&p->local[1]);
	if (suite)
		CHECK(ksrtpd_sdes_make(&p->ours, 1, suite), "a key");
}

static void end_sessions(struct phone *p)
{
	if (p->tx)
		srtp_dealloc(p->tx);
	if (p->rx)
		srtp_dealloc(p->rx);
	p->tx = p->rx = NULL;
}

static void phone_close(struct phone *p)
{
	end_sessions(p);
	if (!p->mux)
		close(p->rtcp);
	close(p->rtp);
}

/* One policy for both ports, as in any phone. */
static srtp_t make_session(const struct ksrtpd_sdes_key *key, bool sender)
{
	srtp_policy_t policy;
	uint8_t master[46];
	size_t len = 16;
	srtp_t session = NULL;

	memset(&policy, 0, sizeof(policy));
	switch (key->suite) {
	case KSRTP_SUITE_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
		break;
	case KSRTP_SUITE_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
		len = 32;
		break;
	case KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
		break;
	default:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
		break;
	}
	memcpy(master, key->key, len);
	memcpy(master + len, key->salt, 14);
	policy.key = master;
	policy.ssrc.type = sender ? ssrc_any_outbound : ssrc_any_inbound;
	CHECK(!srtp_create(&session, &policy), "libsrtp2");
	return session;
}

/* -- its SDP */

static void phone_says(const struct phone *p, char text[SDP_ROOM])
{
	char crypto[KSRTPD_SDES_TEXT];
	char *to = text;

	to += sprintf(to, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
		      "m=audio %u %s 0\r\n", ksrtpd_addr_port(&p->local[0]),
		      p->suite ? "RTP/SAVP" : "RTP/AVP");
	if (p->mux)
		to += sprintf(to, "a=rtcp-mux\r\n");
	else
		to += sprintf(to, "a=rtcp:%u\r\n", ksrtpd_addr_port(&p->local[1]));
	/* It claims more than libsrtp2 can; nothing may come of it. */
	to += sprintf(to, "a=cryptex\r\n");
	if (p->ufrag)
		to += sprintf(to, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", p->ufrag, ICE_PWD);
	if (!p->suite)
		return;
	ksrtpd_sdes_format(&p->ours, crypto);
	sprintf(to, "a=crypto:%s\r\n", crypto);
}

/* With other keys it begins anew; with the same its indices go on. */
static void use_keys(struct phone *p, const struct ksrtpd_sdes_key *tx, const struct ksrtpd_sdes_key *rx)
{
	if (p->tx && !memcmp(&p->tx_key, tx, sizeof(*tx)) && !memcmp(&p->rx_key, rx, sizeof(*rx)))
		return;
	end_sessions(p);
	p->tx_key = *tx;
	p->rx_key = *rx;
	p->tx = make_session(tx, true);
	p->rx = make_session(rx, false);
}

/* What the agent tells it: where to send to, and under which key the agent does. */
static void phone_hears(struct phone *p, const char *text)
{
	struct ksrtpd_sdp *sdp = ksrtpd_sdp_parse(text, strlen(text), &failure);
	const struct ksrtpd_sdp_media *media;

	CHECK(sdp && !sdp->media[0].rejected, "%s", sdp ? text : failure.message);
	if (!sdp)
		return;
	media = &sdp->media[0];
	p->agent[0] = media->remote;
	/* Also where mux is offered, for it may decline. */
	p->agent[1] = p->mux ? media->remote : media->remote_rtcp;
	CHECK(p->agent[1].ss_family, "nowhere to send RTCP to:\n%s", text);
	CHECK((media->keys == KSRTPD_SDP_SDES) == (p->suite != KSRTP_SUITE_NONE), "%s", text);
	if (p->suite && media->cryptos_count) {
		const struct ksrtpd_sdes *theirs = &media->cryptos[0];

		/* Of an offer it takes the one that it has a key for. */
		while (theirs->key.suite != p->suite && theirs < media->cryptos + media->cryptos_count - 1)
			theirs++;
		CHECK(theirs->key.suite == p->suite, "%s", text);
		p->ours.tag = theirs->tag;
		use_keys(p, &p->ours.key, &theirs->key);
	}
	strcpy(p->agent_ufrag, media->ufrag);
	strcpy(p->agent_pwd, media->pwd);
	ksrtpd_sdp_free(sdp);
}

/* -- its media */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Runs the agent's loop until something comes; its length, or -1. */
static int take(int fd, uint8_t *data, size_t room, unsigned int ms)
{
	uint64_t limit = now_ms() + ms;
	ssize_t len;

	do {
		event_base_loop(base, EVLOOP_NONBLOCK);
		len = recv(fd, data, room, 0);
		if (len >= 0)
			return (int)len;
		poll(NULL, 0, 2);
	} while (now_ms() < limit);
	return -1;
}

static int make_rtp(struct phone *p, uint8_t *data)
{
	const uint8_t head[12] = { 0x80, 0, (uint8_t)(p->seq >> 8), (uint8_t)p->seq, 0, 0, 0, 1,
				   (uint8_t)(p->ssrc >> 24), (uint8_t)(p->ssrc >> 16),
				   (uint8_t)(p->ssrc >> 8), (uint8_t)p->ssrc };

	p->seq++;
	memcpy(data, head, sizeof(head));
	memset(data + sizeof(head), 0x55, 40);
	return sizeof(head) + 40;
}

/* A receiver report about nobody. */
static int make_rtcp(const struct phone *p, uint8_t *data)
{
	const uint8_t report[8] = { 0x80, 201, 0, 1, (uint8_t)(p->ssrc >> 24), (uint8_t)(p->ssrc >> 16),
				    (uint8_t)(p->ssrc >> 8), (uint8_t)p->ssrc };

	memcpy(data, report, sizeof(report));
	return sizeof(report);
}

/* Sends one packet, to the port of the other kind if @astray; in clear it is left in @data. */
static int say(struct phone *p, bool rtcp, bool astray, uint8_t *data)
{
	const struct sockaddr_storage *to = &p->agent[rtcp != astray];
	int len = rtcp ? make_rtcp(p, data) : make_rtp(p, data), wire_len = len;
	uint8_t wire[256];

	memcpy(wire, data, (size_t)len);
	if (p->tx)
		CHECK(!(rtcp ? srtp_protect_rtcp(p->tx, wire, &wire_len) :
			       srtp_protect(p->tx, wire, &wire_len)), "protect");
	CHECK(sendto(rtcp != astray ? p->rtcp : p->rtp, wire, (size_t)wire_len, 0,
		     (const struct sockaddr *)to, ksrtpd_addr_len(to)) == wire_len, "send");
	return len;
}

/* Does one packet of @from arrive at @to, whole and at the right port? */
static bool arrives(struct phone *from, struct phone *to, bool rtcp)
{
	uint8_t said[256], got[256];
	int len = say(from, rtcp, false, said);
	int got_len = take(rtcp ? to->rtcp : to->rtp, got, sizeof(got), PATIENCE);

	if (got_len < 0)
		return false;
	if (to->rx && (rtcp ? srtp_unprotect_rtcp(to->rx, got, &got_len) :
			      srtp_unprotect(to->rx, got, &got_len)))
		return false;
	return got_len == len && !memcmp(got, said, (size_t)len);
}

/* And one that comes to the wrong port, nowhere? */
static bool is_lost(struct phone *from, struct phone *to, bool rtcp)
{
	uint8_t data[256];

	say(from, rtcp, true, data);
	return take(to->rtp, data, sizeof(data), SILENCE) < 0 && take(to->rtcp, data, sizeof(data), 0) < 0;
}

static void talk(struct phone *a, struct phone *b, const char *what)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		CHECK(arrives(a, b, i == 1), "%s: %s of the caller", what, i == 1 ? "RTCP" : "RTP");
		CHECK(arrives(b, a, i != 1), "%s: %s of the callee", what, i != 1 ? "RTCP" : "RTP");
	}
	CHECK(arrives(b, a, false) && arrives(a, b, true), "%s: the other way round", what);
}

/* -- calls */

static const char *suite_word(uint32_t suite)
{
	return suite ? ksrtp_suite_name(suite) : "plain";
}

/* Offer of @a, answer of @b, of a new call or, from @side, of one that there is. */
static struct ksrtpd_call *negotiate(struct ksrtpd_call *call, int side, struct phone *a, struct phone *b)
{
	struct ksrtpd_call_request request = { .name = "c", .protected_ = true };
	char text[SDP_ROOM], *out = NULL;

	phone_says(a, text);
	request.sdp = text;
	request.sdp_len = strlen(text);
	request.sides[KSRTPD_CALLEE].protocol = b->suite ? KSRTPD_PROTOCOL_SDES : KSRTPD_PROTOCOL_PLAIN;
	if (b->suite) {
		request.sides[KSRTPD_CALLEE].suites[0] = b->suite;
		request.sides[KSRTPD_CALLEE].suites_count = 1;
	}
	if (call ? ksrtpd_call_reoffer(call, side, &request, &out, &failure) :
		   ksrtpd_call_offer(calls, &request, &out, &failure)) {
		CHECK(false, "offer: %s", failure.message);
		return NULL;
	}
	CHECK(a->mux == !!strstr(out, "a=rtcp-mux") && (call || strstr(out, "a=rtcp:")), "%s", out);
	CHECK(!strstr(out, "cryptex"), "%s", out);
	phone_hears(b, out);
	ksrtpd_sdp_text_free(out);
	call = ksrtpd_calls_find(calls, "c");
	phone_says(b, text);
	request.sdp_len = strlen(text);
	if (ksrtpd_call_answer(call, &request, &out, &failure)) {
		CHECK(false, "answer: %s", failure.message);
		ksrtpd_call_delete(call);
		return NULL;
	}
	CHECK(a->mux == !!strstr(out, "a=rtcp-mux") && a->mux == !strstr(out, "a=rtcp:"), "%s", out);
	CHECK(!strstr(out, "cryptex"), "%s", out);
	phone_hears(a, out);
	ksrtpd_sdp_text_free(out);
	return call;
}

/* Drops of the caller's legs for want of authenticity: of RTP's, of RTCP's. */
static uint64_t refused(const struct ksrtpd_call *call, bool rtcp)
{
	const struct ksrtpd_path *path = call->lines[0].path;
	const struct ksrtpd_leg *leg = rtcp ? path->rtcp[KSRTPD_CALLER] : path->legs[KSRTPD_CALLER];
	struct ksrtp_leg now;

	if (!leg || !ksrtpd_datapath_leg_get(datapath, leg->id, &now))
		return 0;
	return now.stats.dropped[KSRTP_REASON_AUTH];
}

static void test_ports(uint32_t sa, bool mux_a, uint32_t sb, bool mux_b, const char *rows)
{
	struct ksrtpd_call *call;
	struct phone a, b;
	char what[160];

	snprintf(what, sizeof(what), "%s %s to %s %s", suite_word(sa), mux_a ? "mux" : "two ports",
		 suite_word(sb), mux_b ? "mux" : "two ports");
	phone_open(&a, sa, mux_a, 0x11111111);
	phone_open(&b, sb, mux_b, 0x22222222);
	call = negotiate(NULL, KSRTPD_CALLER, &a, &b);
	if (call) {
		CHECK(call->state == KSRTPD_CALL_ESTABLISHED, "%s: state %d", what, call->state);
		talk(&a, &b, what);
		if (sa && !mux_a) {
			CHECK(is_lost(&a, &b, false) && refused(call, true) == 1, "%s: RTP to the port of RTCP",
			      what);
			CHECK(is_lost(&a, &b, true) && refused(call, false) == 1, "%s: RTCP to the port of RTP",
			      what);
		}
		talk(&a, &b, what);
		ksrtpd_call_delete(call);
	}
	phone_close(&a);
	phone_close(&b);
	tap_end(rows, "%s: RTP and RTCP get through both ways, each at its port", what);
}

/* Offers again: with the keys that there are, then with a new one of the caller's. */
static void test_again(void)
{
	uint32_t gcm = KSRTP_SUITE_AEAD_AES_128_GCM, cm = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	struct ksrtpd_sdes_key before;
	struct ksrtpd_call *call;
	struct ksrtpd_sdes first;
	srtp_t tx;
	struct phone a, b;

	phone_open(&a, cm, false, 0x11111111);
	phone_open(&b, gcm, false, 0x22222222);
	call = negotiate(NULL, KSRTPD_CALLER, &a, &b);
	if (call) {
		const struct ksrtpd_path_sdes *sdes = call->lines[0].path->sdes[KSRTPD_CALLER];

		talk(&a, &b, "first");
		before = sdes->ours[0].key;
		negotiate(call, KSRTPD_CALLER, &a, &b);
		CHECK(!memcmp(before.key, sdes->ours[0].key.key, 16), "keys that nothing asked to change");
		talk(&a, &b, "the same again");
		first = a.ours;
		tx = a.tx;
		a.tx = NULL;
		CHECK(ksrtpd_sdes_make(&a.ours, 2, cm), "a key");
		negotiate(call, KSRTPD_CALLER, &a, &b);
		CHECK(memcmp(before.key, sdes->ours[0].key.key, 16), "a new key is answered with a new one");
		talk(&a, &b, "under the caller's new key");
		a.ours = first;
		negotiate(call, KSRTPD_CALLER, &a, &b);
		/* Where it was: it uses no index twice. */
		srtp_dealloc(a.tx);
		a.tx = tx;
		talk(&a, &b, "under the key that it had first");
		ksrtpd_call_delete(call);
	}
	phone_close(&a);
	phone_close(&b);
	tap_end("K3,C1", "K3: on two ports keys stay as they are until a new one is offered, on both legs");
}

/* Offers the caller's key as it is, but for the end of its line or the suite: is it refused? */
static bool renamed(struct ksrtpd_call *call, const struct phone *a, const char *mki, uint32_t suite)
{
	struct ksrtpd_call_request request = { .name = "c", .protected_ = true };
	struct phone said = *a;
	char text[SDP_ROOM], *out = NULL;

	said.ours.key.suite = suite;
	phone_says(&said, text);
	text[strlen(text) - 2] = '\0';
	strcat(text, mki);
	strcat(text, "\r\n");
	request.sdp = text;
	request.sdp_len = strlen(text);
	if (ksrtpd_call_reoffer(call, KSRTPD_CALLER, &request, &out, &failure))
		return !strcmp(failure.reason, "bad-crypto") && strstr(failure.message, "in use");
	ksrtpd_sdp_text_free(out);
	return false;
}

/* The key that is there, under another name: with a context of its own it would replay all. */
static void test_renamed(void)
{
	uint32_t cm = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	struct ksrtpd_call *call;
	struct phone a, b;

	phone_open(&a, cm, false, 0x11111111);
	phone_open(&b, cm, false, 0x22222222);
	call = negotiate(NULL, KSRTPD_CALLER, &a, &b);
	if (call) {
		talk(&a, &b, "first");
		CHECK(renamed(call, &a, "|1:1", cm), "an MKI: %s", failure.message);
		CHECK(renamed(call, &a, "|2^31|77:4", cm), "a longer one: %s", failure.message);
		CHECK(renamed(call, &a, "", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32), "a suite: %s",
		      failure.message);
		talk(&a, &b, "refused");
		negotiate(call, KSRTPD_CALLER, &a, &b);
		talk(&a, &b, "the same again");
		CHECK(ksrtpd_sdes_make(&a.ours, 1, cm), "a key");
		negotiate(call, KSRTPD_CALLER, &a, &b);
		talk(&a, &b, "under a new key");
		ksrtpd_call_delete(call);
	}
	phone_close(&a);
	phone_close(&b);
	tap_end("K3,S3", "K3: the key that is in use, under another MKI or suite, is refused and changes nothing");
}

/* The caller of an established call with two ports offers mux: it keeps its ports. */
static void test_sticky(void)
{
	uint32_t gcm = KSRTP_SUITE_AEAD_AES_128_GCM;
	struct ksrtpd_call_request request = { .name = "c", .protected_ = true };
	char text[SDP_ROOM], *out = NULL;
	struct ksrtpd_call *call;
	struct phone a, b;

	phone_open(&a, gcm, false, 0x11111111);
	phone_open(&b, KSRTP_SUITE_NONE, false, 0x22222222);
	call = negotiate(NULL, KSRTPD_CALLER, &a, &b);
	if (call) {
		phone_says(&a, text);
		strcat(text, "a=rtcp-mux\r\n");
		request.sdp = text;
		request.sdp_len = strlen(text);
		CHECK(!ksrtpd_call_reoffer(call, KSRTPD_CALLER, &request, &out, &failure), "%s", failure.message);
		ksrtpd_sdp_text_free(out);
		phone_says(&b, text);
		request.sdp_len = strlen(text);
		CHECK(!ksrtpd_call_answer(call, &request, &out, &failure), "%s", failure.message);
		CHECK(out && !strstr(out, "a=rtcp-mux") && strstr(out, "a=rtcp:"), "%s", out);
		ksrtpd_sdp_text_free(out);
		talk(&a, &b, "after mux was declined");
		ksrtpd_call_delete(call);
	}
	phone_close(&a);
	phone_close(&b);
	tap_end("K3,C1", "K3: rtcp-mux offered in mid-call is declined where keys are on two legs");
}

/* -- ICE */

/* The code of the answer to a check with these credentials of the agent's; -1: none came. */
static int check(struct phone *p, const char *ufrag, const char *pwd)
{
	struct check_options o = { .local = ufrag, .remote = p->ufrag, .password = pwd, .nominate = true };
	uint8_t data[512];
	struct check c;
	int len;

	check_make(&c, &o);
	CHECK(sendto(p->rtp, c.octets, c.len, 0, (const struct sockaddr *)&p->agent[0],
		     ksrtpd_addr_len(&p->agent[0])) == (ssize_t)c.len, "send");
	len = take(p->rtp, data, sizeof(data), PATIENCE);
	return len < 0 ? -1 : answer_code(data, (size_t)len, &c);
}

/* @p offers with new credentials of its own; @other answers with those that it has. */
static void restart(struct ksrtpd_call *call, int side, struct phone *p, struct phone *other,
		    const char *ufrag)
{
	char old_ufrag[KSRTPD_SDP_ICE], old_pwd[KSRTPD_SDP_ICE], was[KSRTPD_SDP_ICE];
	const char *own = p->ufrag;

	strcpy(old_ufrag, p->agent_ufrag);
	strcpy(old_pwd, p->agent_pwd);
	strcpy(was, other->agent_ufrag);
	p->ufrag = ufrag;
	negotiate(call, side, p, other);
	CHECK(strcmp(old_ufrag, p->agent_ufrag) && strcmp(old_pwd, p->agent_pwd), "new credentials");
	CHECK(!strcmp(was, other->agent_ufrag), "the other side's are as before");
	talk(p, other, "before any check");
	p->ufrag = own;
	CHECK(check(p, old_ufrag, old_pwd) == 0, "the old credentials, until the new ones are used");
	p->ufrag = ufrag;
	CHECK(check(p, p->agent_ufrag, p->agent_pwd) == 0, "the new ones");
	CHECK(check(p, old_ufrag, old_pwd) == 401, "the old ones after that");
	talk(p, other, "after the restart");
}

static void test_restart(void)
{
	uint32_t gcm = KSRTP_SUITE_AEAD_AES_128_GCM;
	struct ksrtpd_call *call;
	struct phone a, b;

	phone_open(&a, gcm, true, 0x11111111);
	phone_open(&b, gcm, true, 0x22222222);
	a.ufrag = "alice";
	b.ufrag = "bobby";
	call = negotiate(NULL, KSRTPD_CALLER, &a, &b);
	if (call) {
		CHECK(check(&a, a.agent_ufrag, a.agent_pwd) == 0 && check(&b, b.agent_ufrag, b.agent_pwd) == 0,
		      "checks");
		talk(&a, &b, "first");
		restart(call, KSRTPD_CALLER, &a, &b, "alice2");
		restart(call, KSRTPD_CALLEE, &b, &a, "bobby2");
		ksrtpd_call_delete(call);
	}
	phone_close(&a);
	phone_close(&b);
	tap_end("E2,C1", "C1: ICE restarts of either side lose no media, and the old credentials end with the first new check");
}

int main(void)
{
	static const uint32_t suites[] = {
		KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_256_GCM,
		KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
	};
	uint32_t gcm = KSRTP_SUITE_AEAD_AES_128_GCM, cm = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	char interface[] = "lo 127.0.0.1";
	struct ksrtpd_coder *coder;
	size_t i;

	tap.datapath = "user";
	base = event_base_new();
	ksrtpd_config_init(&config);
	if (ksrtpd_config_set(&config, "interface", interface, &failure)) {
		fprintf(stderr, "%s\n", failure.message);
		return 1;
	}
	ksrtpd_algorithms_use(&config.algorithms);
	datapath = ksrtpd_datapath_open(KSRTPD_DATAPATH_USER, base, &failure);
	coder = ksrtpd_coder_create(base);
	calls = ksrtpd_calls_create(base, &config, datapath, coder);
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		test_ports(suites[i], false, suites[(i + 1) % 4], false, "K3,C1,D4");
	test_ports(gcm, true, cm, false, "K3,C1,D4");
	test_ports(KSRTP_SUITE_NONE, true, gcm, false, "K3,C1,D4,C6");
	test_ports(gcm, false, KSRTP_SUITE_NONE, false, "K3,C1,D4,C6");
	test_ports(KSRTP_SUITE_NONE, true, KSRTP_SUITE_NONE, false, "C1,D4");
	test_again();
	test_renamed();
	test_sticky();
	test_restart();
	ksrtpd_calls_destroy(calls);
	ksrtpd_coder_destroy(coder);
	ksrtpd_datapath_close(datapath);
	event_base_free(base);
	return tap_done();
}
