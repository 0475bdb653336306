// SPDX-License-Identifier: GPL-2.0
/* AES-CM by kmod/transform.c, with octets from elsewhere. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "unit.h"
#include "transform.h"
#include "core/packet.h"
#include "vectors/aes_cm.h"
#include "vectors/cm_srtp.h"

static struct ksrtp_key *key_of(struct ksrtp_leg *leg)
{
	return leg->keys[TX][0];
}

/* As unit_world_init(), but with a master key that is given. */
static struct ksrtp_leg *leg_with(struct engine *e, const struct cm_srtp_vector *v, u32 direction)
{
	struct engine_master m = { .suite = v->suite };
	struct ksrtp_leg *leg;

	memcpy(m.key, v->key, engine_key_len(v->suite));
	memcpy(m.salt, v->salt, sizeof(m.salt));
	leg = engine_leg(e, 0, 0);
	CHECK(!engine_key(e, leg, direction, 0, NEW, 0, &m), "%s", e->extack._msg);
	return leg;
}

static void whole_packets(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cm_srtp_vectors); i++) {
		const struct cm_srtp_vector *v = &cm_srtp_vectors[i];
		static u8 buf[ENGINE_PACKET_MAX];
		struct ksrtp_leg *leg;
		struct ksrtp_rtp rtp;
		struct engine e;
		int len;

		/* Out, by the parts; the first SRTCP packet has index 1. */
		engine_init(&e);
		leg = leg_with(&e, v, TX);
		memcpy(buf, v->plain, v->plain_len);
		CHECK(v->rtcp || !ksrtp_rtp_parse(buf, v->plain_len, 0, &rtp), "parse");
		engine_context.softirq = true;
		engine_context.sending = true;
		if (v->rtcp)
			len = ksrtp_transform_seal_rtcp(key_of(leg), buf, (u32)v->plain_len, v->ssrc, 1);
		else
			len = ksrtp_transform_seal_rtp(key_of(leg), buf, (u32)v->plain_len, rtp.hdr_len,
						       rtp.ssrc, rtp.seq);
		engine_context.sending = false;
		engine_context.softirq = false;
		CHECK(len == (int)v->wire_len && !memcmp(buf, v->wire, v->wire_len), "%s: sealed",
		      v->name);
		engine_exit(&e);

		/* In, through the engine. */
		engine_init(&e);
		leg = leg_with(&e, v, RX);
		engine_push(&e, leg, v->wire, v->wire_len, &unit_result);
		CHECK(unit_result.reason == 0, "%s: opened: %d", v->name, unit_result.reason);
		CHECK(unit_result.len == v->plain_len && !memcmp(unit_result.data, v->plain, v->plain_len),
		      "%s: octets", v->name);
		engine_exit(&e);
	}
	tap_end("D1", "AES-CM: the packets of libsrtp's srtp_driver, both ways");
}

/* RFC 3711, B.2 and RFC 6188, 7: session key and salt, SSRC 0, index 0. */
static void key_stream(const struct ksrtp_stream_vector *v)
{
	static const u8 auth[KSRTP_CM_AUTH_LEN], other[32] = { 1 };
	size_t len = KSRTP_RTP_HDR_LEN + 16 * (KSRTP_STREAM_LAST + 3);
	struct ksrtp_key_params params = {
		.direction = TX, .context = NEW,
		.suite = v->key_len == 16 ? KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 :
					    KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80,
		.srtp_key = { v->key, v->key_len }, .srtp_salt = { v->salt, 14 },
		.srtp_auth = { auth, sizeof(auth) },
		.srtcp_key = { other, v->key_len }, .srtcp_salt = { v->salt, 14 },
		.srtcp_auth = { auth, sizeof(auth) },
		.mki = { auth, 0 },
	};
	u8 *buf = calloc(1, len + 10);
	struct ksrtp_leg *leg;
	struct engine e;

	BUG_ON(!buf);
	engine_init(&e);
	leg = engine_leg(&e, 0, 0);
	mutex_lock(&e.kn.lock);
	CHECK(!ksrtp_key_install(leg, &params, &e.extack), "%s", e.extack._msg);
	mutex_unlock(&e.kn.lock);
	engine_context.softirq = true;
	engine_context.sending = true;
	CHECK(ksrtp_transform_seal_rtp(key_of(leg), buf, (u32)len, KSRTP_RTP_HDR_LEN, 0, 0) ==
	      (int)len + 10, "%s: seal", v->name);
	engine_context.sending = false;
	engine_context.softirq = false;
	CHECK(!memcmp(buf + KSRTP_RTP_HDR_LEN, v->first, sizeof(v->first)), "%s: first", v->name);
	CHECK(!memcmp(buf + KSRTP_RTP_HDR_LEN + 16 * KSRTP_STREAM_LAST, v->last, sizeof(v->last)),
	      "%s: last", v->name);
	free(buf);
	engine_exit(&e);
}

/* The watch itself: a nonce that comes again ends the program. */
static void nonce_watch(void)
{
	static const u32 suites[] = { GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	unsigned int i, again;

	for (i = 0; i < 4; i++) {
		int status;
		pid_t pid;

		again = i & 1;
		fflush(stdout);
		pid = fork();
		if (!pid) {
			static struct unit_packet p;
			struct unit_world w;

			if (!freopen("/dev/null", "w", stderr))
				_exit(2);
			unit_world_init(&w, KSRTP_SUITE_NONE, suites[i / 2], BOTH);
			unit_rtp(&p, SSRC, 1);
			engine_context.softirq = true;
			engine_context.sending = true;
			ksrtp_transform_seal_rtp(key_of(w.to), p.wire, (u32)p.len, 12, SSRC, 1);
			ksrtp_transform_seal_rtp(key_of(w.to), p.wire, (u32)p.len, 12, SSRC, 2 - again);
			_exit(0);
		}
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
		CHECK(again ? WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT :
			      WIFEXITED(status) && !WEXITSTATUS(status), "%s, %s: status %x",
		      engine_suite_name(suites[i / 2]), again ? "again" : "once", status);
	}
	tap_end("S3", "the watch over nonces sees the first one that comes again");
}

void unit_vectors(void)
{
	unsigned int i, n = 0;

	nonce_watch();
	whole_packets();
	for (i = 0; i < ARRAY_SIZE(ksrtp_stream_vectors); i++) {
		/* No suite of ours has AES-192. */
		if (ksrtp_stream_vectors[i].key_len == 24)
			continue;
		key_stream(&ksrtp_stream_vectors[i]);
		n++;
	}
	CHECK(n >= 2, "%u vectors", n);
	tap_end("D1", "AES-CM: %u key streams of RFC 3711 and RFC 6188, to counter ff01", n);
}
