// SPDX-License-Identifier: GPL-2.0
/* The packet engine, with libsrtp2 as its ends. Every nonce is watched: see kernel.h. */
#include "unit.h"

uint64_t unit_seed = 1;
struct engine_result unit_result;

void unit_world_init(struct unit_world *w, u32 suite_in, u32 suite_out, u32 flags)
{
	struct peer_params in = { .inbound = false }, out = { .inbound = true, .window = 1024 };

	memset(w, 0, sizeof(*w));
	engine_init(&w->e);
	w->from = engine_leg(&w->e, 0, 0);
	w->to = engine_leg(&w->e, 0, 0);
	engine_master_random(&w->in, suite_in, 0, &unit_seed);
	engine_master_random(&w->out, suite_out, 0, &unit_seed);
	if (suite_in)
		w->sender = peer_new(&in, &w->in, 1);
	if (suite_out)
		w->receiver = peer_new(&out, &w->out, 1);
	CHECK(!engine_key(&w->e, w->from, RX, 0, NEW, 0, suite_in ? &w->in : NULL), "receive key");
	CHECK(!engine_key(&w->e, w->to, TX, 0, NEW, 0, suite_out ? &w->out : NULL), "transmit key");
	w->route = engine_route(&w->e, w->from, w->to, flags, NULL);
}

void unit_world_exit(struct unit_world *w)
{
	engine_exit(&w->e);
	if (w->sender)
		srtp_dealloc(w->sender);
	if (w->receiver)
		srtp_dealloc(w->receiver);
}

void unit_rtp(struct unit_packet *p, u32 ssrc, u16 seq)
{
	struct peer_rtp r = { .ssrc = ssrc, .seq = seq, .pt = 8, .payload = 20 };

	p->plain_len = peer_make_rtp(&r, &unit_seed, p->plain);
	p->len = p->plain_len;
	memcpy(p->wire, p->plain, p->len);
}

static void protect(srtp_t srtp, struct unit_packet *p, bool rtcp)
{
	int len = (int)p->plain_len;
	srtp_err_status_t status;

	memcpy(p->wire, p->plain, p->plain_len);
	if (srtp) {
		status = peer_protect(srtp, false, 0, rtcp, p->wire, &len);
		CHECK(status == srtp_err_status_ok, "libsrtp2 protects: %d", status);
	}
	p->len = (size_t)len;
}

void unit_srtp(srtp_t srtp, struct unit_packet *p, u32 ssrc, u16 seq)
{
	unit_rtp(p, ssrc, seq);
	protect(srtp, p, false);
}

void unit_srtcp(srtp_t srtp, struct unit_packet *p, u32 ssrc)
{
	p->plain_len = peer_make_rtcp(ssrc, 10, &unit_seed, p->plain);
	protect(srtp, p, true);
}

enum ksrtp_reason unit_push(struct engine *e, struct ksrtp_leg *leg, const struct unit_packet *p)
{
	engine_push(e, leg, p->wire, p->len, &unit_result);
	return unit_result.reason;
}

enum ksrtp_reason unit_copy(struct engine *e, struct ksrtp_leg *leg, const struct unit_packet *p)
{
	enum ksrtp_reason reason = unit_push(e, leg, p);

	if (reason != KSRTP_REASON_NONE)
		return reason;
	CHECK(unit_result.n >= 1, "no route");
	return unit_result.copies[0].reason;
}

bool unit_arrived(srtp_t receiver, int n, bool rtcp, const struct unit_packet *p)
{
	static u8 buf[ENGINE_PACKET_MAX] __attribute__((aligned(4)));
	const struct engine_copy *copy = &unit_result.copies[n];
	int len = (int)copy->len;

	memcpy(buf, copy->data, copy->len);
	if (receiver && peer_unprotect(receiver, false, rtcp, buf, &len) != srtp_err_status_ok)
		return false;
	return (size_t)len == p->plain_len && !memcmp(buf, p->plain, p->plain_len);
}

int main(void)
{
	if (srtp_init() != srtp_err_status_ok) {
		printf("Bail out! srtp_init() failed\n");
		return 1;
	}
	unit_vectors();
	unit_cryptex();
	unit_hdrext();
	unit_receive();
	unit_past();
	unit_attack();
	unit_transmit();
	unit_limits();
	unit_ssrc();
	unit_quality();
	unit_ice();
	unit_port();
	printf("# %zu nonces, each used once\n", engine_nonces());
	return tap_done();
}
