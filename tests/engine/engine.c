// SPDX-License-Identifier: GPL-2.0
#include <openssl/evp.h>
#include <openssl/sha.h>
#include "unit/exact.h"
#include "unit/random.h"
#include "unit/srtp.h"
#include "xmit.h"
#include "engine.h"

static const struct {
	const char *name;
	size_t key_len, salt_len;
} suites[] = {
	[KSRTP_SUITE_NONE] = { "none", 0, 0 },
	[KSRTP_SUITE_AEAD_AES_128_GCM] = { "AEAD_AES_128_GCM", 16, 12 },
	[KSRTP_SUITE_AEAD_AES_256_GCM] = { "AEAD_AES_256_GCM", 32, 12 },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = { "AES_CM_128_HMAC_SHA1_80", 16, 14 },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = { "AES_CM_128_HMAC_SHA1_32", 16, 14 },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80] = { "AES_256_CM_HMAC_SHA1_80", 32, 14 },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32] = { "AES_256_CM_HMAC_SHA1_32", 32, 14 },
};

size_t engine_key_len(u32 suite)
{
	return suites[suite].key_len;
}

size_t engine_salt_len(u32 suite)
{
	return suites[suite].salt_len;
}

bool engine_is_gcm(u32 suite)
{
	return suite == KSRTP_SUITE_AEAD_AES_128_GCM || suite == KSRTP_SUITE_AEAD_AES_256_GCM;
}

const char *engine_suite_name(u32 suite)
{
	return suites[suite].name;
}

void engine_master_random(struct engine_master *m, u32 suite, size_t mki_len, uint64_t *seed)
{
	memset(m, 0, sizeof(*m));
	m->suite = suite;
	random_fill(seed, m->key, engine_key_len(suite));
	random_fill(seed, m->salt, engine_salt_len(suite));
	random_fill(seed, m->mki, mki_len);
	m->mki_len = mki_len;
}

void engine_init(struct engine *e)
{
	memset(e, 0, sizeof(*e));
	engine_event_count = 0;
	memset(engine_events, 0, sizeof(engine_events));
	e->net.generic = &e->kn;
	e->kn.net = &e->net;
	e->kn.legs_max = 1000;
	e->kn.streams_max = 1000000;
	e->kn.consent_timeout = 30;
	ksrtp_keyring_max = 1U << 20;
	BUG_ON(ksrtp_keyring_init(&e->kn.keyring) || ksrtp_call_names_init(&e->kn) ||
	       ksrtp_port_table_init(&e->kn));
	mutex_lock(&e->kn.lock);
	e->call = ksrtp_call_create(&e->kn, "test", KSRTP_MODE_TRANSPORT, 0, 0, &e->extack);
	mutex_unlock(&e->kn.lock);
	BUG_ON(IS_ERR(e->call));
}

void engine_exit(struct engine *e)
{
	mutex_lock(&e->kn.lock);
	ksrtp_call_destroy(e->call);
	mutex_unlock(&e->kn.lock);
	engine_settle();
	BUG_ON(e->kn.leg_count || e->kn.call_count || atomic_read(&e->kn.streams));
	ksrtp_port_table_uninit(&e->kn);
	ksrtp_call_names_uninit(&e->kn);
	ksrtp_keyring_uninit(&e->kn.keyring);
	xa_destroy(&e->kn.calls);
	xa_destroy(&e->kn.legs);
	xa_destroy(&e->kn.routes);
}

/* Process context with the namespace's lock. */
static void verb_begin(struct engine *e)
{
	e->extack._msg = NULL;
	mutex_lock(&e->kn.lock);
}

static void verb_end(struct engine *e)
{
	mutex_unlock(&e->kn.lock);
	if (!e->lazy)
		engine_settle();
}

struct ksrtp_leg *engine_leg(struct engine *e, u32 window, u32 streams_max)
{
	struct ksrtp_leg_params params = {
		.socket = ++e->legs,
		.state = KSRTP_LEG_STATE_ACTIVE,
		.window = window,
		.streams_max = streams_max,
	};
	struct ksrtp_addr remote;
	struct ksrtp_leg *leg;

	ksrtp_addr_set_v4(&remote, htonl(0xc0000200 | (u32)e->legs), htons(6000));
	params.remote = &remote;
	verb_begin(e);
	leg = ksrtp_leg_create(e->call, &params, &e->extack);
	verb_end(e);
	BUG_ON(IS_ERR(leg));
	return leg;
}

void engine_leg_del(struct engine *e, struct ksrtp_leg *leg)
{
	verb_begin(e);
	ksrtp_leg_destroy(leg);
	verb_end(e);
}

void engine_leg_state(struct engine *e, struct ksrtp_leg *leg, u32 state)
{
	struct ksrtp_leg_change change = { .state = &state };

	verb_begin(e);
	BUG_ON(ksrtp_leg_set(leg, &change, &e->extack));
	verb_end(e);
}

/* Session keys of one master key, by the derivation that libksrtp uses. */
struct session {
	u8 key[32], salt[14], auth[KSRTP_CM_AUTH_LEN];
};

static void derive_session(const struct engine_master *m, u8 first_label, struct session *s)
{
	size_t key_len = engine_key_len(m->suite), salt_len = engine_salt_len(m->suite);

	BUG_ON(derive(m->key, key_len, m->salt, salt_len, first_label, s->key, key_len) ||
	       derive(m->key, key_len, m->salt, salt_len, first_label + 1, s->auth,
		      sizeof(s->auth)) ||
	       derive(m->key, key_len, m->salt, salt_len, first_label + 2, s->salt, salt_len));
}

static void derive_hdrext(const struct engine_master *m, u8 *key, u8 *salt)
{
	size_t key_len = engine_key_len(m->suite), salt_len = engine_salt_len(m->suite);

	BUG_ON(derive(m->key, key_len, m->salt, salt_len, KSRTP_LABEL_HDREXT_KEY, key, key_len) ||
	       derive(m->key, key_len, m->salt, salt_len, KSRTP_LABEL_HDREXT_SALT, salt, salt_len));
}

int engine_key(struct engine *e, struct ksrtp_leg *leg, u32 direction, u32 slot, u32 context,
	       u32 roc, const struct engine_master *m)
{
	struct ksrtp_key_params p = {
		.direction = direction,
		.slot = slot,
		.context = context,
		.roc = roc,
	};
	struct session rtp, rtcp;
	u8 hdrext_key[32], hdrext_salt[14];
	int err;

	if (m) {
		size_t auth_len = engine_is_gcm(m->suite) ? 0 : KSRTP_CM_AUTH_LEN;

		derive_session(m, KSRTP_LABEL_SRTP_KEY, &rtp);
		derive_session(m, KSRTP_LABEL_SRTCP_KEY, &rtcp);
		p.suite = m->suite;
		p.srtp_key = (struct ksrtp_octets){ rtp.key, engine_key_len(m->suite) };
		p.srtp_salt = (struct ksrtp_octets){ rtp.salt, engine_salt_len(m->suite) };
		p.srtp_auth = (struct ksrtp_octets){ rtp.auth, auth_len };
		p.srtcp_key = (struct ksrtp_octets){ rtcp.key, engine_key_len(m->suite) };
		p.srtcp_salt = (struct ksrtp_octets){ rtcp.salt, engine_salt_len(m->suite) };
		p.srtcp_auth = (struct ksrtp_octets){ rtcp.auth, auth_len };
		p.mki = (struct ksrtp_octets){ m->mki, m->mki_len };
		p.cryptex = m->cryptex;
		if (m->hdrext_ids_len) {
			derive_hdrext(m, hdrext_key, hdrext_salt);
			p.hdrext_key = (struct ksrtp_octets){ hdrext_key, p.srtp_key.len };
			p.hdrext_salt = (struct ksrtp_octets){ hdrext_salt, p.srtp_salt.len };
			p.hdrext_ids = (struct ksrtp_octets){ m->hdrext_ids, m->hdrext_ids_len };
		}
	} else {
		/* memcpy() of nothing, but from somewhere */
		p.srtp_salt.data = (const u8 *)"";
		p.srtcp_salt.data = (const u8 *)"";
		p.mki.data = (const u8 *)"";
	}
	verb_begin(e);
	err = ksrtp_key_install(leg, &p, &e->extack);
	verb_end(e);
	return err;
}

int engine_key_del(struct engine *e, struct ksrtp_leg *leg, u32 direction, u32 slot)
{
	int err;

	verb_begin(e);
	err = ksrtp_key_remove(leg, direction, slot, &e->extack);
	verb_end(e);
	return err;
}

int engine_key_activate(struct engine *e, struct ksrtp_leg *leg, u32 slot)
{
	int err;

	verb_begin(e);
	err = ksrtp_key_activate(leg, slot, &e->extack);
	verb_end(e);
	return err;
}

struct ksrtp_route *engine_route(struct engine *e, struct ksrtp_leg *from, struct ksrtp_leg *to,
				 u32 flags, const struct ksrtp_rewrite *rewrite)
{
	struct ksrtp_rewrite *copy = NULL;
	struct ksrtp_route *route;

	if (rewrite) {
		copy = engine_alloc(sizeof(*copy));
		*copy = *rewrite;
	}
	verb_begin(e);
	route = ksrtp_route_create(from, to, flags, copy, &e->extack);
	verb_end(e);
	BUG_ON(IS_ERR(route));
	return route;
}

static void forward(const struct engine *e, struct ksrtp_packet *plain, struct engine_result *result)
{
	struct ksrtp_route *route;

	list_for_each_entry_rcu(route, &plain->leg->routes, from_node) {
		struct engine_copy *copy = &result->copies[result->n];
		struct ksrtp_packet pkt = *plain;
		u8 *octets;

		if (!ksrtp_route_takes(route, plain->takers))
			continue;
		BUG_ON(result->n++ == ENGINE_ROUTES_MAX);
		pkt.room = plain->len + (e->growth ?: KSRTP_GROWTH_MAX);
		BUG_ON(pkt.room > ENGINE_PACKET_MAX);
		octets = malloc(pkt.room + 1);
		BUG_ON(!octets);
		memcpy(octets + 1, plain->data, plain->len);
		pkt.data = octets + 1;
		copy->route = route;
		engine_context.sending = true;
		copy->reason = ksrtp_protect(route, &pkt);
		engine_context.sending = false;
		copy->len = pkt.len;
		memcpy(copy->data, pkt.data, pkt.len);
		free(octets);
	}
}

void engine_push(struct engine *e, struct ksrtp_leg *leg, const void *data, size_t len,
		 struct engine_result *result)
{
	u8 *octets = exact_new(data, len);
	struct ksrtp_packet pkt = {
		.data = octets, .len = (u32)len, .room = (u32)len, .leg = leg,
		.is_remote = !e->stranger,
	};

	BUG_ON(len > ENGINE_PACKET_MAX || engine_context.softirq);
	engine_context.softirq = true;
	rcu_read_lock();
	result->n = 0;
	result->len = 0;
	/* None is empty on either kernel path. */
	if (len)
		ksrtp_path_classify(&pkt);
	result->reason = ksrtp_receive(&pkt);
	if (result->reason == KSRTP_REASON_NONE) {
		result->len = pkt.len;
		memcpy(result->data, pkt.data, pkt.len);
		forward(e, &pkt, result);
	}
	BUG_ON(leg->lock.held);
	rcu_read_unlock();
	engine_context.softirq = false;
	exact_free(octets);
	if (!e->lazy)
		engine_settle();
}

struct ksrtp_stream *engine_stream(const struct ksrtp_leg *leg, u32 direction, u32 context,
				   u32 ssrc)
{
	struct ksrtp_stream *s;

	rcu_read_lock();
	s = ksrtp_stream_find(leg, direction, context, ssrc);
	rcu_read_unlock();
	return s;
}

u32 engine_streams(const struct ksrtp_leg *leg, u32 direction)
{
	return leg->stream_count[direction];
}

static void digest_stream(EVP_MD_CTX *md, const struct ksrtp_stream *s)
{
	EVP_DigestUpdate(md, &s->ssrc, sizeof(s->ssrc));
	EVP_DigestUpdate(md, &s->context, sizeof(s->context));
	EVP_DigestUpdate(md, &s->out, sizeof(s->out));
	EVP_DigestUpdate(md, &s->id, sizeof(s->id));
	EVP_DigestUpdate(md, &s->rtcp_last, sizeof(s->rtcp_last));
	EVP_DigestUpdate(md, &s->rtp.highest, sizeof(s->rtp.highest));
	EVP_DigestUpdate(md, &s->rtcp.highest, sizeof(s->rtcp.highest));
	EVP_DigestUpdate(md, &s->packets, sizeof(s->packets));
	EVP_DigestUpdate(md, &s->rtcp_packets, sizeof(s->rtcp_packets));
	EVP_DigestUpdate(md, &s->numbers.source, sizeof(s->numbers.source));
	EVP_DigestUpdate(md, &s->numbers.base, sizeof(s->numbers.base));
	EVP_DigestUpdate(md, &s->numbers.shift, sizeof(s->numbers.shift));
	EVP_DigestUpdate(md, &s->numbers.jump_next, sizeof(s->numbers.jump_next));
	EVP_DigestUpdate(md, &s->pt, sizeof(s->pt));
	EVP_DigestUpdate(md, &s->quality.reports, sizeof(s->quality.reports));
	EVP_DigestUpdate(md, &s->quality.at, sizeof(s->quality.at));
	EVP_DigestUpdate(md, &s->quality.rtt_at, sizeof(s->quality.rtt_at));
	EVP_DigestUpdate(md, &s->quality.next, sizeof(s->quality.next));
	EVP_DigestUpdate(md, s->rings, (s->rtp.size + s->rtcp.size) / 8);
}

u64 engine_state(const struct ksrtp_leg *leg)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	u8 out[EVP_MAX_MD_SIZE];
	struct ksrtp_stream *s;
	int direction, i;
	u64 state;

	BUG_ON(!md || !EVP_DigestInit_ex(md, EVP_sha256(), NULL));
	rcu_read_lock();
	for (direction = 0; direction < 2; direction++)
		for (i = 0; i < KSRTP_STREAM_BUCKETS; i++)
			hlist_for_each_entry_rcu(s, &leg->streams[direction][i], node)
				digest_stream(md, s);
	rcu_read_unlock();
	EVP_DigestUpdate(md, leg->stream_count, sizeof(leg->stream_count));
	EVP_DigestUpdate(md, &leg->port->remote, sizeof(leg->port->remote));
	EVP_DigestUpdate(md, &leg->rx_slot, sizeof(leg->rx_slot));
	EVP_DigestUpdate(md, &leg->tx_slot, sizeof(leg->tx_slot));
	EVP_DigestUpdate(md, &leg->last_seen, sizeof(leg->last_seen));
	EVP_DigestUpdate(md, &leg->events, sizeof(leg->events));
	BUG_ON(!EVP_DigestFinal_ex(md, out, NULL));
	EVP_MD_CTX_free(md);
	memcpy(&state, out, sizeof(state));
	return state;
}

unsigned int engine_told(u8 cmd)
{
	unsigned int i, n = 0;

	BUG_ON(engine_event_count > ENGINE_EVENTS);
	for (i = 0; i < engine_event_count; i++)
		n += engine_events[i].cmd == cmd;
	return n;
}
