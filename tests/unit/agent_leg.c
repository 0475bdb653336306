// SPDX-License-Identifier: GPL-2.0
/* Legs on the agent's own datapath, over loopback: paths, keys, relays, ports. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "agent/peer.h"
#include "agent/point.h"
#include "ksrtpd/alarm.h"
#include "ksrtpd/leg.h"
#include "tap.h"

static struct event_base *base;
static struct ksrtpd_datapath *datapath;
static struct ksrtpd_config config;
static struct ksrtpd_failure failure;
static unsigned int changes;
static bool learn;	/* for the next legs */

static void changed(struct ksrtpd_leg *leg, void *arg)
{
	(void)leg;
	(void)arg;
	changes++;
}

static struct ksrtpd_leg *make_leg(enum ksrtpd_keying keying, bool ice)
{
	struct ksrtpd_leg_config c = {
		.interface = &config.interfaces[0], .family = 4, .keying = keying, .ice = ice,
		.learn = learn,
		.suites = { KSRTP_SUITE_AEAD_AES_128_GCM }, .suites_count = 1,
	};
	struct ksrtpd_leg *leg = ksrtpd_leg_create(base, datapath, &c, &failure);

	CHECK(leg, "%s", failure.message);
	if (leg)
		leg->changed = changed;
	return leg;
}

static uint32_t make_call(uint32_t mode)
{
	static unsigned int made;
	uint32_t id = 0;
	char name[16];

	snprintf(name, sizeof(name), "c%u", made++);
	CHECK(!ksrtpd_datapath_call_new(datapath, name, mode, &id, &failure), "%s", failure.message);
	return id;
}

static void adopt(struct ksrtpd_leg *leg, uint32_t call)
{
	CHECK(!ksrtpd_leg_adopt(leg, call, 0, &failure), "%s", failure.message);
}

static void join(const struct ksrtpd_leg *a, const struct ksrtpd_leg *b)
{
	const uint32_t both = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP;
	uint32_t id;

	CHECK(!ksrtpd_datapath_route_new(datapath, a->id, b->id, both, &id, &failure) &&
	      !ksrtpd_datapath_route_new(datapath, b->id, a->id, both, &id, &failure), "%s",
	      failure.message);
}

/* -- endpoints */

static int check(struct point *p, const struct ksrtpd_leg *leg, const char *password, bool nominate)
{
	return point_check(p, leg, &leg->local, password, nominate);
}

static const struct sockaddr_storage *remote_of(const struct ksrtpd_leg *leg)
{
	static struct ksrtp_leg got;

	memset(&got, 0, sizeof(got));
	CHECK(ksrtpd_datapath_leg_get(datapath, leg->id, &got), "leg %u", leg->id);
	return &got.remote;
}

/* -- paths */

static void test_paths(void)
{
	struct ksrtpd_leg *leg = make_leg(KSRTPD_KEYING_SDES, true);
	uint32_t call = make_call(KSRTP_MODE_TRANSPORT);
	struct sockaddr_storage sdp;
	struct point a, b;

	point_open(&a, "127.0.0.1");
	point_open(&b, "127.0.0.1");
	ksrtpd_addr_parse("127.0.0.9", 4, &sdp);
	ksrtpd_addr_set_port(&sdp, 9);
	leg->remote = sdp;
	adopt(leg, call);
	CHECK(!ksrtpd_leg_set_ice(leg, "peer", "0123456789012345678901", &failure), "%s",
	      failure.message);
	CHECK(!ksrtpd_leg_set_remote(leg, &sdp, &failure), "%s", failure.message);
	CHECK(remote_of(leg)->ss_family == AF_UNSPEC, "SDP's address is not taken with ICE");
	CHECK(check(&a, leg, leg->ice->pwd, false) == 0, "a check");
	CHECK(remote_of(leg)->ss_family == AF_UNSPEC, "a check moves nothing");
	CHECK(check(&a, leg, leg->ice->pwd, true) == 0, "a nomination");
	CHECK(ksrtpd_addr_equal(remote_of(leg), &a.addr) && ksrtpd_addr_equal(&leg->remote, &a.addr),
	      "the nominated path");
	CHECK(check(&b, leg, "0123456789012345678901", true) == 401, "a forged one");
	CHECK(ksrtpd_addr_equal(remote_of(leg), &a.addr), "is refused");
	CHECK(check(&b, leg, leg->ice->pwd, true) == 0, "a second nomination");
	CHECK(ksrtpd_addr_equal(remote_of(leg), &b.addr), "moves it again");
	ksrtpd_datapath_call_del(datapath, call);
	ksrtpd_leg_destroy(leg);
	close(a.fd);
	close(b.fd);
	tap_end("E2", "E2: the leg's path follows nominations with integrity, and nothing else");
}

/* -- DTLS */

static struct end client;

/* Carries datagrams until the leg is connected or failed, or time is over. */
static void shake(struct point *p, struct ksrtpd_leg *leg, unsigned int ms)
{
	struct end nobody = { .broken = true };
	uint64_t limit = point_ms() + ms;

	while (point_ms() < limit) {
		while (client.count) {
			point_send(p, &leg->local, client.out[client.head].octets, client.out[client.head].len);
			client.head = (client.head + 1) % WIRE_MAX;
			client.count--;
		}
		if (leg->state != KSRTPD_LEG_HANDSHAKING && end_connected(&client))
			return;
		if (leg->state == KSRTPD_LEG_FAILED)
			return;
		if (point_wait(p, 20))
			end_input(&client, p->data, (size_t)p->len);
		else
			wire_timers(&client, &nobody);
	}
}

static void client_new(const struct ksrtpd_leg *leg)
{
	struct end server = { .cert = leg->cert };

	end_free(&client);
	end_cert(&client);
	end_ours(&client, false, &server, NULL, "1");
}

static void test_dtls_path(void)
{
	struct ksrtpd_leg *leg = make_leg(KSRTPD_KEYING_DTLS, true);
	uint32_t call = make_call(KSRTP_MODE_TRANSPORT);
	struct point peer, stranger;

	point_open(&peer, "127.0.0.1");
	point_open(&stranger, "127.0.0.1");
	adopt(leg, call);
	CHECK(!ksrtpd_leg_set_ice(leg, "peer", "0123456789012345678901", &failure), "%s",
	      failure.message);
	client_new(leg);
	leg->fingerprints.count = 1;
	leg->fingerprints.list[0] = client.cert->fingerprint;
	CHECK(!ksrtpd_leg_start(leg, true, &failure), "%s", failure.message);
	end_start(&client);
	shake(&stranger, leg, SILENCE);
	CHECK(leg->state == KSRTPD_LEG_HANDSHAKING && client.sent, "an unchecked address is not heard");
	CHECK(check(&peer, leg, leg->ice->pwd, true) == 0, "a nomination");
	client_new(leg);
	leg->fingerprints.list[0] = client.cert->fingerprint;
	CHECK(!ksrtpd_leg_start(leg, true, &failure), "%s", failure.message);
	end_start(&client);
	shake(&peer, leg, PATIENCE * 1000);
	CHECK(leg->state == KSRTPD_LEG_CONNECTED && end_connected(&client), "%d: %s", leg->state,
	      leg->failure.reason ? leg->failure.message : "");
	ksrtpd_datapath_call_del(datapath, call);
	ksrtpd_leg_destroy(leg);
	close(peer.fd);
	close(stranger.fd);
	tap_end("K1,E2", "DTLS is taken only from an address that good checks came from");
}

/* A handshake on a leg without ICE; the association before it, if any, is replaced. */
static void connect_leg(struct point *peer, struct ksrtpd_leg *leg)
{
	client_new(leg);
	leg->fingerprints.count = 1;
	leg->fingerprints.list[0] = client.cert->fingerprint;
	CHECK(!ksrtpd_leg_start(leg, true, &failure), "%s", failure.message);
	end_start(&client);
	shake(peer, leg, PATIENCE * 1000);
	CHECK(leg->state == KSRTPD_LEG_CONNECTED, "%d: %s", leg->state,
	      leg->failure.reason ? leg->failure.message : "");
}

/* -- media */

/* One packet of @leg's peer with this key; does it come out in clear at @to? */
static bool heard(struct point *from, const struct ksrtpd_leg *leg, struct point *to,
		  uint32_t suite, const uint8_t *key, const uint8_t *salt, uint16_t seq)
{
	point_speak(from, &leg->local, suite, key, salt, seq);
	return point_wait(to, PATIENCE * 100) && point_heard(to, seq);
}

/* A leg that keys, joined with a plain one. */
struct pair {
	uint32_t call;
	struct ksrtpd_leg *keyed, *plain;
	struct point near, far;
};

static void pair_open(struct pair *p, enum ksrtpd_keying keying)
{
	point_open(&p->near, "127.0.0.1");
	point_open(&p->far, "127.0.0.1");
	p->call = make_call(KSRTP_MODE_TRANSPORT);
	p->keyed = make_leg(keying, false);
	p->plain = make_leg(KSRTPD_KEYING_NONE, false);
	p->keyed->remote = p->near.addr;
	p->plain->remote = p->far.addr;
	adopt(p->keyed, p->call);
	adopt(p->plain, p->call);
	join(p->keyed, p->plain);
	CHECK(!ksrtpd_leg_start(p->plain, false, &failure), "%s", failure.message);
}

static void pair_close(struct pair *p)
{
	ksrtpd_datapath_call_del(datapath, p->call);
	ksrtpd_leg_destroy(p->keyed);
	ksrtpd_leg_destroy(p->plain);
	close(p->near.fd);
	close(p->far.fd);
}

static void test_sdes(void)
{
	struct ksrtpd_sdes_key tx[2], rx[2];
	struct ksrtpd_algorithms fips;
	struct pair p;

	memset(tx, 0, sizeof(tx));
	memset(rx, 0, sizeof(rx));
	pair_open(&p, KSRTPD_KEYING_SDES);
	CHECK(ksrtpd_leg_start(p.keyed, false, &failure), "without keys");
	rx[0].suite = tx[0].suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	rx[1].suite = tx[1].suite = KSRTP_SUITE_AEAD_AES_128_GCM;
	memset(rx[0].key, 1, 16);
	memset(tx[0].key, 2, 16);
	memset(rx[1].key, 3, 16);
	memset(tx[1].key, 4, 16);
	CHECK(!ksrtpd_leg_set_sdes(p.keyed, &tx[0], &rx[0], KSRTPD_PART_BOTH, &failure), "%s", failure.message);
	CHECK(!ksrtpd_leg_start(p.keyed, false, &failure) && p.keyed->state == KSRTPD_LEG_CONNECTED,
	      "%s", failure.message);
	CHECK(heard(&p.near, p.keyed, &p.far, rx[0].suite, rx[0].key, rx[0].salt, 100), "first keys");
	CHECK(!ksrtpd_leg_set_sdes(p.keyed, &tx[1], &rx[1], KSRTPD_PART_BOTH, &failure), "%s", failure.message);
	CHECK(heard(&p.near, p.keyed, &p.far, rx[1].suite, rx[1].key, rx[1].salt, 101), "new keys");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[0].suite, rx[0].key, rx[0].salt, 102),
	      "what was on its way under the old keys");
	CHECK(p.keyed->suite == KSRTP_SUITE_AEAD_AES_128_GCM, "suite %u", p.keyed->suite);
	/* The same transmit key again is refused, and what there was goes on. */
	CHECK(ksrtpd_leg_set_sdes(p.keyed, &tx[0], &rx[0], KSRTPD_PART_BOTH, &failure), "a transmit key used before");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[1].suite, rx[1].key, rx[1].salt, 103), "still");
	/* Also where the old receive key cannot stand beside the new one, which has an MKI. */
	rx[0].mki_len = 1;
	CHECK(ksrtpd_leg_set_sdes(p.keyed, &tx[0], &rx[0], KSRTPD_PART_BOTH, &failure), "once more");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[1].suite, rx[1].key, rx[1].salt, 104), "and still");
	rx[0].mki_len = 0;
	ksrtpd_algorithms_init(&fips);
	fips.fips = true;
	ksrtpd_algorithms_use(&fips);
	memset(tx[0].key, 5, 16);
	memset(rx[0].key, 6, 16);
	CHECK(ksrtpd_leg_set_sdes(p.keyed, &tx[0], &rx[0], KSRTPD_PART_BOTH, &failure) &&
	      strstr(failure.message, "fips"), "AES-CM with fips-algorithms");
	fips.fips = false;
	ksrtpd_algorithms_use(&fips);
	pair_close(&p);
	tap_end("K3,K5,D5", "K3: keys from signalling, and again with new ones, lose nothing on the way");
}

/* -- old keys */

static int count_key(const struct ksrtp_key *key, void *arg)
{
	++((unsigned int *)arg)[key->direction];
	return 0;
}

/* So many keys of the leg in each direction. */
static bool has_keys(const struct ksrtpd_leg *leg, unsigned int each)
{
	unsigned int count[2] = { 0 };

	CHECK(!datapath->ops->key_dump(datapath, leg->id, count_key, NULL, count), "leg %u", leg->id);
	return count[KSRTP_DIRECTION_RX] == each && count[KSRTP_DIRECTION_TX] == each;
}

static uint64_t dropped(const struct ksrtpd_leg *leg, enum ksrtp_reason reason)
{
	struct ksrtp_leg got;

	CHECK(ksrtpd_datapath_leg_get(datapath, leg->id, &got), "leg %u", leg->id);
	return got.stats.dropped[reason];
}

/* Keys from signalling that were not there before. */
static void new_keys(struct ksrtpd_leg *leg, uint8_t n, unsigned int mki_len, struct ksrtpd_sdes_key *tx,
		     struct ksrtpd_sdes_key *rx)
{
	memset(tx, 0, sizeof(*tx));
	memset(rx, 0, sizeof(*rx));
	rx->suite = tx->suite = KSRTP_SUITE_AEAD_AES_128_GCM;
	memset(tx->key, n, 16);
	memset(rx->key, n + 1, 16);
	rx->mki_len = mki_len;
	rx->mki[0] = n;
	CHECK(!ksrtpd_leg_set_sdes(leg, tx, rx, KSRTPD_PART_BOTH, &failure), "%s", failure.message);
}

/*
 * The time that old keys stay runs, and ends when it shall. Until the test ends it, it is
 * stopped: how fast this machine is must not matter.
 */
static void stop_grace(struct ksrtpd_leg *leg, const struct timeval *began)
{
	const struct timeval long_time = { .tv_sec = 3600 };
	struct timeval end = { 0 }, now;

	gettimeofday(&now, NULL);
	CHECK(event_pending(leg->retire, EV_TIMEOUT, &end), "the old keys stay for ever");
	CHECK(end.tv_sec > began->tv_sec + 1 && end.tv_sec < now.tv_sec + 10, "they stay %ld to %ld s",
	      (long)(end.tv_sec - now.tv_sec), (long)(end.tv_sec - began->tv_sec));
	event_add(leg->retire, &long_time);
}

static void end_grace(struct ksrtpd_leg *leg)
{
	const struct timeval at_once = { 0 };
	uint64_t limit = point_ms() + PATIENCE * 1000;

	event_add(leg->retire, &at_once);
	while (event_pending(leg->retire, EV_TIMEOUT, NULL) && point_ms() < limit)
		event_base_loop(base, EVLOOP_ONCE);
}

/* What the far end says in clear leaves under this key. */
static bool leaves_under(struct pair *p, const struct ksrtpd_sdes_key *tx, uint16_t seq)
{
	point_speak(&p->far, &p->plain->local, KSRTP_SUITE_NONE, NULL, NULL, seq);
	return point_takes(&p->near) && point_opens(&p->near, tx->suite, tx->key, tx->salt, seq);
}

/* One packet under an old key is refused for this reason alone. */
static bool refused(struct pair *p, const struct ksrtpd_sdes_key *rx, uint16_t seq,
		    enum ksrtp_reason reason)
{
	uint64_t before = dropped(p->keyed, reason), limit = point_ms() + PATIENCE * 1000;
	uint8_t packet[SPEECH_LEN + 16 + 1] = { 0 };
	bool heard_it = false;

	if (rx->mki_len) {
		/* By its MKI it is of no key, whatever it is else. */
		memcpy(packet, speech, SPEECH_LEN);
		packet[sizeof(packet) - 1] = rx->mki[0];
		point_send(&p->near, &p->keyed->local, packet, sizeof(packet));
	} else {
		point_speak(&p->near, &p->keyed->local, rx->suite, rx->key, rx->salt, seq);
	}
	while (dropped(p->keyed, reason) == before && point_ms() < limit)
		heard_it |= point_wait(&p->far, 10);
	return dropped(p->keyed, reason) == before + 1 && !heard_it;
}

static void test_retire(void)
{
	struct ksrtpd_sdes_key tx[4], rx[4];
	struct timeval began;
	struct pair p;

	pair_open(&p, KSRTPD_KEYING_SDES);
	new_keys(p.keyed, 0x70, 0, &tx[0], &rx[0]);
	CHECK(!ksrtpd_leg_start(p.keyed, false, &failure), "%s", failure.message);
	CHECK(has_keys(p.keyed, 1) && !event_pending(p.keyed->retire, EV_TIMEOUT, NULL), "the first keys");
	CHECK(leaves_under(&p, &tx[0], 1), "under the first key");
	gettimeofday(&began, NULL);
	new_keys(p.keyed, 0x72, 0, &tx[1], &rx[1]);
	stop_grace(p.keyed, &began);
	CHECK(has_keys(p.keyed, 2), "the old ones beside the new ones");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[0].suite, rx[0].key, rx[0].salt, 2), "the old receive key");
	CHECK(leaves_under(&p, &tx[1], 2), "what leaves, before the peer has used the new key");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[1].suite, rx[1].key, rx[1].salt, 3), "the new receive key");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[0].suite, rx[0].key, rx[0].salt, 4), "the old one again");
	CHECK(leaves_under(&p, &tx[1], 3), "what leaves, after the peer used the old key");
	/* One more in that time: the oldest go at once, and the time begins again. */
	gettimeofday(&began, NULL);
	new_keys(p.keyed, 0x74, 0, &tx[2], &rx[2]);
	stop_grace(p.keyed, &began);
	CHECK(has_keys(p.keyed, 2), "two in each direction");
	CHECK(refused(&p, &rx[0], 5, KSRTP_REASON_AUTH), "the oldest key is still heard");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[1].suite, rx[1].key, rx[1].salt, 6), "the old one");
	CHECK(leaves_under(&p, &tx[2], 4), "what leaves");
	end_grace(p.keyed);
	CHECK(has_keys(p.keyed, 1), "old keys are still there");
	CHECK(refused(&p, &rx[1], 7, KSRTP_REASON_AUTH), "the old key is still heard");
	CHECK(heard(&p.near, p.keyed, &p.far, rx[2].suite, rx[2].key, rx[2].salt, 8), "the new one");
	CHECK(leaves_under(&p, &tx[2], 5), "and the other way");
	pair_close(&p);
	tap_end("D5,K3", "old keys: heard for a while and never sent with, then refused and gone");

	pair_open(&p, KSRTPD_KEYING_SDES);
	new_keys(p.keyed, 0x76, 1, &tx[0], &rx[0]);
	CHECK(!ksrtpd_leg_start(p.keyed, false, &failure), "%s", failure.message);
	gettimeofday(&began, NULL);
	new_keys(p.keyed, 0x78, 1, &tx[1], &rx[1]);
	stop_grace(p.keyed, &began);
	CHECK(has_keys(p.keyed, 2) && refused(&p, &rx[0], 1, KSRTP_REASON_AUTH), "known by its MKI");
	end_grace(p.keyed);
	CHECK(has_keys(p.keyed, 1) && refused(&p, &rx[0], 2, KSRTP_REASON_MKI), "its MKI is nobody's");
	/* One that cannot stand beside the other: it goes at once, the transmit key as ever. */
	new_keys(p.keyed, 0x7a, 0, &tx[2], &rx[2]);
	CHECK(heard(&p.near, p.keyed, &p.far, rx[2].suite, rx[2].key, rx[2].salt, 3), "without MKI");
	end_grace(p.keyed);
	CHECK(has_keys(p.keyed, 1) && leaves_under(&p, &tx[2], 1), "after a change of keys");
	pair_close(&p);
	tap_end("D5,K3", "old keys with an MKI: it means nothing when they are gone");
}

/* Two legs may share a master key, but not the same half of it. */
static void test_parts(void)
{
	struct ksrtpd_sdes_key tx, rx;
	struct pair p, q;

	memset(&tx, 0, sizeof(tx));
	memset(&rx, 0, sizeof(rx));
	rx.suite = tx.suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	memset(rx.key, 11, 16);
	memset(tx.key, 12, 16);
	pair_open(&p, KSRTPD_KEYING_SDES);
	pair_open(&q, KSRTPD_KEYING_SDES);
	CHECK(!ksrtpd_leg_set_sdes(p.keyed, &tx, &rx, KSRTPD_PART_RTP, &failure), "%s", failure.message);
	CHECK(ksrtpd_leg_set_sdes(q.keyed, &tx, &rx, KSRTPD_PART_RTP, &failure) &&
	      strstr(failure.message, "used before"), "the same half: %s", failure.message);
	CHECK(ksrtpd_leg_set_sdes(q.keyed, &tx, &rx, KSRTPD_PART_BOTH, &failure) &&
	      strstr(failure.message, "used before"), "both halves: %s", failure.message);
	CHECK(!ksrtpd_leg_set_sdes(q.keyed, &tx, &rx, KSRTPD_PART_RTCP, &failure), "%s", failure.message);
	CHECK(heard(&p.near, p.keyed, &p.far, rx.suite, rx.key, rx.salt, 1), "RTP under its half");
	CHECK(!heard(&q.near, q.keyed, &q.far, rx.suite, rx.key, rx.salt, 2), "RTP on the leg of RTCP");
	CHECK(ksrtpd_leg_set_sdes(p.keyed, &rx, &tx, KSRTPD_PART_RTP, &failure) &&
	      strstr(failure.message, "as a transmit key"), "both ways: %s", failure.message);
	pair_close(&p);
	pair_close(&q);
	tap_end("K3,S3", "K3: two legs share a master key by halves, and no half is used twice");
}

static void test_renew(void)
{
	struct ksrtpd_fingerprint before;
	struct ksrtpd_dtls_keys old, now;
	struct pair p;

	pair_open(&p, KSRTPD_KEYING_DTLS);
	connect_leg(&p.near, p.keyed);
	CHECK(ksrtpd_dtls_keys(client.dtls, &old), "keys");
	CHECK(heard(&p.near, p.keyed, &p.far, old.suite, old.local_key, old.local_salt, 1), "at first");
	before = p.keyed->cert->fingerprint;
	CHECK(!ksrtpd_leg_renew(p.keyed, &failure), "%s", failure.message);
	CHECK(!ksrtpd_fingerprint_equal(&before, &p.keyed->cert->fingerprint), "a new certificate");
	CHECK(heard(&p.near, p.keyed, &p.far, old.suite, old.local_key, old.local_salt, 2),
	      "the old keys work on");
	connect_leg(&p.near, p.keyed);
	CHECK(ksrtpd_dtls_keys(client.dtls, &now) && memcmp(old.local_key, now.local_key, 16), "keys");
	CHECK(heard(&p.near, p.keyed, &p.far, now.suite, now.local_key, now.local_salt, 3), "new ones");
	connect_leg(&p.near, p.keyed);
	CHECK(ksrtpd_dtls_keys(client.dtls, &now), "keys");
	CHECK(heard(&p.near, p.keyed, &p.far, now.suite, now.local_key, now.local_salt, 4),
	      "a third time, at once");
	CHECK(!ksrtpd_leg_hold(p.keyed, true, &failure), "%s", failure.message);
	CHECK(!heard(&p.near, p.keyed, &p.far, now.suite, now.local_key, now.local_salt, 5), "held");
	CHECK(!ksrtpd_leg_hold(p.keyed, false, &failure), "%s", failure.message);
	CHECK(heard(&p.near, p.keyed, &p.far, now.suite, now.local_key, now.local_salt, 6), "active");
	pair_close(&p);
	tap_end("K1,D5", "a new association has a new certificate, and the old keys until it is there");
}

/* What had come to the peer when each key was installed. */
static struct {
	const struct ksrtpd_datapath_ops *ops;
	int fd;
	bool before_rx, before_tx;
} watched;

static int watched_key_new(struct ksrtpd_datapath *d, const struct ksrtpd_key *key)
{
	struct pollfd fd = { .fd = watched.fd, .events = POLLIN };
	bool came = poll(&fd, 1, 0) == 1;

	if (key->direction == KSRTP_DIRECTION_RX)
		watched.before_rx = came;
	else
		watched.before_tx = came;
	return watched.ops->key_new(d, key);
}

static void test_order(void)
{
	struct ksrtpd_datapath_ops ops = *datapath->ops;
	unsigned int i;
	struct pair p;

	pair_open(&p, KSRTPD_KEYING_DTLS);
	watched.ops = datapath->ops;
	watched.fd = p.near.fd;
	ops.key_new = watched_key_new;
	datapath->ops = &ops;
	for (i = 0; i < 2; i++) {
		watched.before_rx = true;
		watched.before_tx = false;
		connect_leg(&p.near, p.keyed);
		CHECK(!watched.before_rx, "association %u: the peer has the keys, and the datapath not", i);
		CHECK(watched.before_tx, "association %u: media before the peer has the keys", i);
	}
	datapath->ops = watched.ops;
	pair_close(&p);
	tap_end("K1,D5", "the last flight leaves when the datapath can receive, and before it sends");
}

/* What keys were installed with, by direction; libsrtp2 gets them without. */
static struct {
	const struct ksrtpd_datapath_ops *ops;
	uint32_t cryptex[2];
} seen;

static int seen_key_new(struct ksrtpd_datapath *d, const struct ksrtpd_key *key)
{
	struct ksrtpd_key without = *key;

	seen.cryptex[key->direction] = key->cryptex;
	without.cryptex = KSRTP_CRYPTEX_OFF;
	return seen.ops->key_new(d, &without);
}

static void test_cryptex(void)
{
	static const struct {
		uint32_t config;
		bool agreed;
		uint32_t rx, tx;
	} rows[] = {
		{ KSRTP_CRYPTEX_ON, false, KSRTP_CRYPTEX_OFF, KSRTP_CRYPTEX_OFF },
		{ KSRTP_CRYPTEX_ON, true, KSRTP_CRYPTEX_ON, KSRTP_CRYPTEX_ON },
		{ KSRTP_CRYPTEX_REQUIRED, true, KSRTP_CRYPTEX_REQUIRED, KSRTP_CRYPTEX_ON },
		{ KSRTP_CRYPTEX_REQUIRED, false, KSRTP_CRYPTEX_OFF, KSRTP_CRYPTEX_OFF },
	};
	struct ksrtpd_datapath_ops ops = *datapath->ops;
	struct ksrtpd_sdes_key tx, rx;
	struct pair p, q;
	unsigned int i;

	memset(&tx, 0, sizeof(tx));
	memset(&rx, 0, sizeof(rx));
	tx.suite = rx.suite = KSRTP_SUITE_AEAD_AES_128_GCM;
	seen.ops = datapath->ops;
	ops.key_new = seen_key_new;
	datapath->ops = &ops;
	memset(seen.cryptex, 0xff, sizeof(seen.cryptex));
	pair_open(&p, KSRTPD_KEYING_SDES);
	CHECK(!seen.cryptex[0] && !seen.cryptex[1], "a plain leg: %u, %u", seen.cryptex[0], seen.cryptex[1]);
	pair_open(&q, KSRTPD_KEYING_DTLS);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p.keyed->config.cryptex = q.keyed->config.cryptex = rows[i].config;
		p.keyed->cryptex = q.keyed->cryptex = rows[i].agreed;
		memset(tx.key, 0x40 + 2 * (int)i, 16);
		memset(rx.key, 0x41 + 2 * (int)i, 16);
		memset(seen.cryptex, 0xff, sizeof(seen.cryptex));
		/* An MKI that comes and goes has the keys changed in another order. */
		rx.mki_len = tx.mki_len = i % 2;
		CHECK(!ksrtpd_leg_set_sdes(p.keyed, &tx, &rx, KSRTPD_PART_BOTH, &failure), "%s",
		      failure.message);
		CHECK(seen.cryptex[KSRTP_DIRECTION_RX] == rows[i].rx &&
		      seen.cryptex[KSRTP_DIRECTION_TX] == rows[i].tx, "row %u, signalling: %u, %u", i,
		      seen.cryptex[KSRTP_DIRECTION_RX], seen.cryptex[KSRTP_DIRECTION_TX]);
		memset(seen.cryptex, 0xff, sizeof(seen.cryptex));
		connect_leg(&q.near, q.keyed);
		CHECK(seen.cryptex[KSRTP_DIRECTION_RX] == rows[i].rx &&
		      seen.cryptex[KSRTP_DIRECTION_TX] == rows[i].tx, "row %u, DTLS: %u, %u", i,
		      seen.cryptex[KSRTP_DIRECTION_RX], seen.cryptex[KSRTP_DIRECTION_TX]);
	}
	datapath->ops = seen.ops;
	p.keyed->config.cryptex = KSRTP_CRYPTEX_ON;
	p.keyed->cryptex = true;
	memset(tx.key, 0x60, 16);
	memset(rx.key, 0x61, 16);
	CHECK(ksrtpd_leg_set_sdes(p.keyed, &tx, &rx, KSRTPD_PART_BOTH, &failure) &&
	      strstr(failure.message, "Cryptex"), "a key that has it");
	config.cryptex = KSRTP_CRYPTEX_REQUIRED;
	CHECK(!ksrtpd_leg_may_cryptex(&config, datapath, KSRTPD_KEYING_DTLS), "the agent's own datapath");
	ops.cryptex = true;
	datapath->ops = &ops;
	CHECK(ksrtpd_leg_may_cryptex(&config, datapath, KSRTPD_KEYING_DTLS) == KSRTP_CRYPTEX_REQUIRED &&
	      ksrtpd_leg_may_cryptex(&config, datapath, KSRTPD_KEYING_SDES) == KSRTP_CRYPTEX_REQUIRED &&
	      !ksrtpd_leg_may_cryptex(&config, datapath, KSRTPD_KEYING_NONE) &&
	      !ksrtpd_leg_may_cryptex(&config, datapath, KSRTPD_KEYING_RELAY), "one that can, by keying");
	config.cryptex = KSRTP_CRYPTEX_OFF;
	CHECK(!ksrtpd_leg_may_cryptex(&config, datapath, KSRTPD_KEYING_DTLS), "switched off");
	config.cryptex = KSRTP_CRYPTEX_ON;
	datapath->ops = seen.ops;
	pair_close(&p);
	pair_close(&q);
	tap_end("K3,K1", "keys have Cryptex where it was agreed, and the agent's own datapath refuses it");
}

/* The endpoint is behind a NAT: what it sends comes from another address than SDP's. */
static void test_learn(void)
{
	struct ksrtpd_dtls_keys keys;
	struct point nat;
	struct pair p;

	point_open(&nat, "127.0.0.1");
	learn = true;
	pair_open(&p, KSRTPD_KEYING_DTLS);
	learn = false;
	/* Somebody else's certificate first: he has the cookie, and gets nothing by it. */
	client_new(p.keyed);
	p.keyed->fingerprints.count = 1;
	memset(&p.keyed->fingerprints.list[0], 7, sizeof(p.keyed->fingerprints.list[0]));
	CHECK(!ksrtpd_leg_start(p.keyed, true, &failure), "%s", failure.message);
	end_start(&client);
	shake(&nat, p.keyed, 5 * SILENCE);
	CHECK(p.keyed->state == KSRTPD_LEG_HANDSHAKING && client.sent > 1, "%d", p.keyed->state);
	CHECK(ksrtpd_addr_equal(remote_of(p.keyed), &p.near.addr), "the path is SDP's");
	connect_leg(&nat, p.keyed);
	CHECK(ksrtpd_addr_equal(remote_of(p.keyed), &nat.addr), "the path is the endpoint's");
	CHECK(ksrtpd_dtls_keys(client.dtls, &keys), "keys");
	CHECK(heard(&nat, p.keyed, &p.far, keys.suite, keys.local_key, keys.local_salt, 1), "media");
	pair_close(&p);
	close(nat.fd);
	tap_end("E2,K1", "E2: where the call asks for it, the address is learnt from a handshake with SDP's certificate");
}

/* What a stranger writes under the peer's address before the real hello. */
static void test_spoilt(void)
{
	static const uint8_t null_hello[] = {
		22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 0, 42,
		0xfe, 0xfd, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
		23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0, 0, 2, 0, 1, 1, 0,
	};
	struct pair p;

	pair_open(&p, KSRTPD_KEYING_DTLS);
	client_new(p.keyed);
	p.keyed->fingerprints.count = 1;
	p.keyed->fingerprints.list[0] = client.cert->fingerprint;
	CHECK(!ksrtpd_leg_start(p.keyed, true, &failure), "%s", failure.message);
	for (unsigned int i = 0; i < 50; i++) {
		point_send(&p.near, &p.keyed->local, null_hello, sizeof(null_hello));
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	CHECK(p.keyed->state == KSRTPD_LEG_HANDSHAKING, "%d", p.keyed->state);
	end_start(&client);
	shake(&p.near, p.keyed, PATIENCE * 1000);
	CHECK(p.keyed->state == KSRTPD_LEG_CONNECTED, "%d: %s", p.keyed->state,
	      p.keyed->failure.reason ? p.keyed->failure.message : "");
	pair_close(&p);
	tap_end("K1", "forged hellos with TLS_NULL before the real one end no handshake");
}

/* -- end to end */

static void test_relay(void)
{
	static const uint8_t hello[] = { 22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9 };
	struct ksrtpd_leg *a = make_leg(KSRTPD_KEYING_RELAY, false);
	struct ksrtpd_leg *b = make_leg(KSRTPD_KEYING_RELAY, false);
	uint32_t call = make_call(KSRTP_MODE_E2EE);
	const uint8_t octets[32] = { 1 };
	const struct ksrtpd_master master = {
		.suite = KSRTP_SUITE_AEAD_AES_128_GCM, .key = octets, .salt = octets,
	};
	struct point pa, pb, stranger;

	point_open(&pa, "127.0.0.1");
	point_open(&pb, "127.0.0.1");
	point_open(&stranger, "127.0.0.1");
	a->remote = pa.addr;
	b->remote = pb.addr;
	adopt(a, call);
	adopt(b, call);
	join(a, b);
	CHECK(!ksrtpd_leg_start(a, false, &failure) && !ksrtpd_leg_start(b, false, &failure), "%s",
	      failure.message);
	point_send(&pa, &a->local, hello, sizeof(hello));
	CHECK(point_takes(&pb) && pb.len == sizeof(hello) && !memcmp(pb.data, hello, sizeof(hello)),
	      "DTLS");
	point_send(&pb, &b->local, speech, SPEECH_LEN);
	CHECK(point_takes(&pa) && pa.len == SPEECH_LEN && !memcmp(pa.data, speech, SPEECH_LEN),
	      "RTP");
	point_send(&stranger, &a->local, speech, SPEECH_LEN);
	point_send(&stranger, &a->local, hello, sizeof(hello));
	point_send(&pa, &a->local, "\x40rubbish", 8);
	point_send(&pa, &a->local, "\x80", 1);
	CHECK(!point_wait(&pb, SILENCE), "strangers and what is no media get nowhere");
	CHECK(ksrtpd_datapath_keys(datapath, a->id, 0, false, &master, &master, &failure) &&
	      strstr(failure.message, "end-to-end"), "%s", failure.message);
	ksrtpd_datapath_call_del(datapath, call);
	ksrtpd_leg_destroy(a);
	ksrtpd_leg_destroy(b);
	close(pa.fd);
	close(pb.fd);
	close(stranger.fd);
	tap_end("K4,S6", "K4: an end-to-end call is relayed octet for octet, from the exact address, and takes no key");
}

/* -- consent */

/* The program's own clock, which the test can put forward; that of the tests is not. */
static time_t ahead;

int clock_gettime(clockid_t id, struct timespec *now)
{
	int err = (int)syscall(SYS_clock_gettime, id, now);

	now->tv_sec += ahead;
	return err;
}

static void test_consent(void)
{
	struct ksrtpd_leg *a = make_leg(KSRTPD_KEYING_NONE, true);
	struct ksrtpd_leg *b = make_leg(KSRTPD_KEYING_NONE, false);
	uint32_t call = make_call(KSRTP_MODE_TRANSPORT);
	struct ksrtp_leg got;
	struct point pa, pb;

	memset(&got, 0, sizeof(got));
	point_open(&pa, "127.0.0.1");
	point_open(&pb, "127.0.0.1");
	b->remote = pb.addr;
	adopt(a, call);
	adopt(b, call);
	join(a, b);
	CHECK(!ksrtpd_leg_set_ice(a, "peer", "0123456789012345678901", &failure) &&
	      !ksrtpd_leg_start(a, false, &failure) && !ksrtpd_leg_start(b, false, &failure), "%s",
	      failure.message);
	CHECK(check(&pa, a, a->ice->pwd, true) == 0, "a nomination");
	point_send(&pb, &b->local, speech, SPEECH_LEN);
	CHECK(point_takes(&pa), "with consent");
	ahead += 20;
	CHECK(check(&pa, a, a->ice->pwd, false) == 0, "a check");
	ahead += 20;
	point_send(&pb, &b->local, speech, SPEECH_LEN);
	CHECK(point_takes(&pa), "a check renews consent");
	ahead += 20;
	/* Plain RTP is nobody's consent, nor is a check of a stranger. */
	point_send(&pa, &a->local, speech, SPEECH_LEN);
	CHECK(point_takes(&pb), "the other way needs none: that leg has no ICE");
	CHECK(check(&pa, a, "0123456789012345678901", false) == 401, "a forged check");
	point_send(&pb, &b->local, speech, SPEECH_LEN);
	CHECK(!point_wait(&pa, SILENCE), "nothing is sent 30 s after the last check");
	CHECK(ksrtpd_datapath_leg_get(datapath, a->id, &got) && got.consent_known &&
	      got.consent_ms >= 30000 && got.consent_ms < 600000, "%llu ms",
	      (unsigned long long)got.consent_ms);
	CHECK(check(&pa, a, a->ice->pwd, false) == 0, "a check");
	point_send(&pb, &b->local, speech, SPEECH_LEN);
	CHECK(point_takes(&pa), "and it goes on with the next");
	ksrtpd_datapath_call_del(datapath, call);
	ksrtpd_leg_destroy(a);
	ksrtpd_leg_destroy(b);
	close(pa.fd);
	close(pb.fd);
	tap_end("E2", "E2: without a check for 30 s nothing is sent any more (RFC 7675)");
}

/* -- limits */

static void test_random_ports(void)
{
	enum { LEGS = 80, QUARTERS = 4 };
	const struct ksrtpd_interface *lo = &config.interfaces[0];
	unsigned int in[QUARTERS] = { 0 }, above = 0, i;
	struct ksrtpd_leg_config c = { .interface = lo, .family = 4, .keying = KSRTPD_KEYING_NONE };
	unsigned int range = lo->port_max - lo->port_min + 1u;
	struct ksrtpd_leg *legs[LEGS];
	uint16_t port, last = 0;

	for (i = 0; i < LEGS; i++) {
		legs[i] = ksrtpd_leg_create(base, datapath, &c, &failure);
		CHECK(legs[i], "%s", failure.message);
		port = ksrtpd_addr_port(&legs[i]->local);
		CHECK(port >= lo->port_min && port <= lo->port_max, "port %u", port);
		in[(port - lo->port_min) * (unsigned int)QUARTERS / range]++;
		above += port > last;
		last = port;
	}
	/* Each bound is missed by chance less than once in a million runs. */
	for (i = 0; i < QUARTERS; i++)
		CHECK(in[i] >= 3, "%u of %u ports in quarter %u", in[i], LEGS, i);
	CHECK(above > LEGS / 5 && above < LEGS - LEGS / 5, "%u of %u above the one before", above, LEGS);
	for (i = 0; i < LEGS; i++)
		ksrtpd_leg_destroy(legs[i]);
	tap_end("E2", "E2: ports are at random in the interface's range");
}

static unsigned int raised, cleared;

static void on_alarm(const char *kind, const char *subject, bool up, const char *message, void *arg)
{
	(void)message;
	(void)arg;
	CHECK(!strcmp(kind, "no-ports") && !strcmp(subject, "small"), "%s %s", kind, subject);
	++*(up ? &raised : &cleared);
}

static void test_ports(void)
{
	struct ksrtpd_leg_config c = { .family = 4, .keying = KSRTPD_KEYING_NONE };
	struct ksrtpd_leg *legs[2], *more;
	int i;

	c.interface = ksrtpd_config_interface(&config, "small");
	ksrtpd_alarm_watch(on_alarm, NULL);
	for (i = 0; i < 2; i++) {
		legs[i] = ksrtpd_leg_create(base, datapath, &c, &failure);
		CHECK(legs[i], "%s", failure.message);
	}
	for (i = 0; i < 3; i++)
		CHECK(!ksrtpd_leg_create(base, datapath, &c, &failure) &&
		      !strcmp(failure.reason, "no-ports"), "a third leg in a range of two ports");
	CHECK(raised == 1 && !cleared, "%u, %u", raised, cleared);
	ksrtpd_leg_destroy(legs[0]);
	more = ksrtpd_leg_create(base, datapath, &c, &failure);
	CHECK(more && cleared == 1, "%u", cleared);
	ksrtpd_leg_destroy(more);
	ksrtpd_leg_destroy(legs[1]);
	ksrtpd_alarm_watch(NULL, NULL);
	tap_end("E2", "a port range that is used up is no-ports, and one alarm until a port is free");
}

static void test_handshakes_max(void)
{
	struct ksrtpd_config few = config;
	uint32_t call = make_call(KSRTP_MODE_TRANSPORT);
	struct ksrtpd_leg *a = make_leg(KSRTPD_KEYING_DTLS, false);
	struct ksrtpd_leg *b = make_leg(KSRTPD_KEYING_DTLS, false);

	few.handshakes_max_interface = 1;
	ksrtpd_leg_limit_handshakes(&few);
	adopt(a, call);
	adopt(b, call);
	CHECK(!ksrtpd_leg_start(a, true, &failure), "%s", failure.message);
	CHECK(ksrtpd_leg_start(b, true, &failure) && !strcmp(failure.reason, "too-many-handshakes") &&
	      strstr(failure.message, "interface lo"), "%s", failure.message);
	few.handshakes_max_interface = 10;
	few.handshakes_max = 1;
	ksrtpd_leg_limit_handshakes(&few);
	CHECK(ksrtpd_leg_start(b, true, &failure) && strstr(failure.message, "handshakes-max"), "%s",
	      failure.message);
	ksrtpd_fail(&failure, "internal", "the test ends it");
	ksrtpd_leg_fail(a, &failure);
	CHECK(!ksrtpd_leg_start(b, true, &failure), "%s", failure.message);
	ksrtpd_datapath_call_del(datapath, call);
	ksrtpd_leg_destroy(a);
	ksrtpd_leg_destroy(b);
	ksrtpd_leg_limit_handshakes(&config);
	tap_end("K1,S7", "handshakes that have not ended are limited, in total and per interface");
}

static void test_public(void)
{
	struct ksrtpd_leg_config c = { .family = 4, .keying = KSRTPD_KEYING_NONE, .ice = true };
	char lines[4][KSRTPD_CANDIDATE_TEXT], text[KSRTPD_ADDR_TEXT], wanted[200];
	struct sockaddr_storage addr;
	struct ksrtpd_leg *leg;

	c.interface = ksrtpd_config_interface(&config, "nat");
	leg = ksrtpd_leg_create(base, datapath, &c, &failure);
	CHECK(leg, "%s", failure.message);
	addr = ksrtpd_leg_public(leg);
	CHECK(!strcmp(ksrtpd_addr_host(&addr, text), "203.0.113.9") &&
	      ksrtpd_addr_port(&addr) == ksrtpd_addr_port(&leg->local), "%s", text);
	CHECK(ksrtpd_leg_candidates(leg, lines, 4) == 1, "candidates");
	snprintf(wanted, sizeof(wanted), "4 1 udp 2130706175 203.0.113.9 %u typ host",
		 ksrtpd_addr_port(&leg->local));
	CHECK(!strcmp(lines[0], wanted), "%s", lines[0]);
	ksrtpd_leg_destroy(leg);
	tap_end("E2", "behind a NAT, SDP and candidates show the advertised address");
}

int main(void)
{
	static const char *const interfaces[] = {
		"lo 127.0.0.1 43000-43999", "small 127.0.0.1 44000-44001", "nat 127.0.0.1!203.0.113.9",
	};
	size_t i;

	tap.datapath = "user";
	ksrtpd_config_init(&config);
	for (i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
		CHECK(!ksrtpd_config_set(&config, "interface", interfaces[i], &failure), "%s",
		      failure.message);
	base = point_base = event_base_new();
	datapath = ksrtpd_datapath_open(KSRTPD_DATAPATH_USER, base, &failure);
	CHECK(base && datapath, "a datapath");
	test_paths();
	test_dtls_path();
	test_sdes();
	test_retire();
	test_parts();
	test_renew();
	test_order();
	test_cryptex();
	test_learn();
	test_spoilt();
	test_relay();
	test_consent();
	test_random_ports();
	test_ports();
	test_handshakes_max();
	test_public();
	end_free(&client);
	ksrtpd_datapath_close(datapath);
	event_base_free(base);
	return tap_done();
}
