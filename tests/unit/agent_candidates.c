// SPDX-License-Identifier: GPL-2.0
/* Legs with ICE that have several addresses, on the agent's own datapath, over loopback. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "agent/peer.h"
#include "agent/point.h"
#include "ksrtpd/alarm.h"
#include "tap.h"

#define PACKETS		100	/* of a burst; what a socket of the host takes in anyway */
#define REMOTE_PWD	"0123456789012345678901"

static struct event_base *base;
static struct ksrtpd_datapath *datapath;
static struct ksrtpd_config config;
static struct ksrtpd_failure failure;

static void changed(struct ksrtpd_leg *leg, void *arg)
{
	(void)leg;
	(void)arg;
}

static const struct ksrtpd_interface *interface(const char *name)
{
	return ksrtpd_config_interface(&config, name);
}

/* Two interfaces, "dual" and @second; NULL: "dual" alone. */
static struct ksrtpd_leg *make_leg(enum ksrtpd_keying keying, const char *second, bool ice)
{
	struct ksrtpd_leg_config c = {
		.interface = interface("dual"), .family = 4, .keying = keying, .ice = ice,
		.interfaces = { interface("dual"), second ? interface(second) : NULL },
		.interfaces_count = second ? 2 : 1,
		.suites = { KSRTP_SUITE_AEAD_AES_128_GCM }, .suites_count = 1,
	};
	struct ksrtpd_leg *leg = ksrtpd_leg_create(base, datapath, &c, &failure);

	CHECK(leg, "%s", failure.message);
	if (!leg)
		exit(tap_done());
	leg->changed = changed;
	return leg;
}

static uint32_t make_call(void)
{
	uint32_t id = 0;

	CHECK(!ksrtpd_datapath_call_new(datapath, "c", KSRTP_MODE_TRANSPORT, &id, &failure), "%s",
	      failure.message);
	return id;
}

static void adopt(struct ksrtpd_leg *leg, uint32_t call)
{
	CHECK(!ksrtpd_leg_adopt(leg, call, 0, &failure), "%s", failure.message);
	if (leg->ice)
		CHECK(!ksrtpd_leg_set_ice(leg, "peer", REMOTE_PWD, &failure), "%s", failure.message);
}

/* The leg's socket with this address. */
static const struct sockaddr_storage *at(const struct ksrtpd_leg *leg, const char *host)
{
	char text[KSRTPD_ADDR_TEXT];
	unsigned int i;

	for (i = 0; i < leg->sockets_count; i++) {
		if (!strcmp(ksrtpd_addr_host(&leg->sockets[i].place.local, text), host))
			return &leg->sockets[i].place.local;
	}
	CHECK(false, "the leg has no socket at %s", host);
	exit(tap_done());
}

/* Is this the path, for the leg and for the datapath? @remote NULL: there is none yet. */
static bool path_is(const struct ksrtpd_leg *leg, const struct sockaddr_storage *local,
		    const struct sockaddr_storage *remote)
{
	struct ksrtp_leg got;

	memset(&got, 0, sizeof(got));
	return ksrtpd_datapath_leg_get(datapath, leg->id, &got) &&
	       ksrtpd_addr_equal(&got.local, local) && ksrtpd_addr_equal(&leg->local, local) &&
	       (remote ? ksrtpd_addr_equal(&got.remote, remote) &&
			 ksrtpd_addr_equal(&leg->remote, remote) :
			 !got.remote.ss_family && !leg->remote.ss_family);
}

/* -- what there is to choose from */

/* "FOUNDATION 1 udp PRIORITY HOST PORT typ host", with the port of @socket. */
static bool has_line(char lines[][KSRTPD_CANDIDATE_TEXT], unsigned int count, const char *begin,
		     const struct ksrtpd_leg_socket *socket)
{
	char wanted[KSRTPD_CANDIDATE_TEXT];
	unsigned int i;

	snprintf(wanted, sizeof(wanted), "%s %u typ host", begin,
		 ksrtpd_addr_port(&socket->place.local));
	for (i = 0; i < count; i++) {
		if (!strcmp(lines[i], wanted))
			return true;
	}
	return false;
}

/* The socket of this interface and family. */
static const struct ksrtpd_leg_socket *socket_of(const struct ksrtpd_leg *leg, const char *name,
						 int family)
{
	unsigned int i;

	for (i = 0; i < leg->sockets_count; i++) {
		if (leg->sockets[i].place.interface == interface(name) &&
		    ksrtpd_addr_family(&leg->sockets[i].place.local) == family)
			return &leg->sockets[i];
	}
	CHECK(false, "no socket of %s, IPv%d", name, family);
	exit(tap_done());
}

static void test_candidates(void)
{
	struct ksrtpd_leg *leg = make_leg(KSRTPD_KEYING_NONE, "nat", true), *plain;
	char lines[8][KSRTPD_CANDIDATE_TEXT], text[KSRTPD_ADDR_TEXT];
	struct sockaddr_storage public = ksrtpd_leg_public(leg);
	unsigned int n = ksrtpd_leg_candidates(leg, lines, 8);

	CHECK(n == 4 && leg->sockets_count == 4, "%u candidates", n);
	CHECK(has_line(lines, n, "6 1 udp 2130706431 ::1", socket_of(leg, "dual", 6)), "IPv6");
	CHECK(has_line(lines, n, "4 1 udp 2130706175 127.0.0.1", socket_of(leg, "dual", 4)), "IPv4");
	/* Each under the address that it is advertised by, with its own port. */
	CHECK(has_line(lines, n, "61 1 udp 2130705919 2001:db8::2", socket_of(leg, "nat", 6)), "IPv6");
	CHECK(has_line(lines, n, "41 1 udp 2130705663 203.0.113.2", socket_of(leg, "nat", 4)), "IPv4");
	CHECK(!strcmp(ksrtpd_addr_host(&public, text), "127.0.0.1") &&
	      ksrtpd_addr_port(&public) == ksrtpd_addr_port(at(leg, "127.0.0.1")), "%s in c=", text);
	CHECK(ksrtpd_leg_candidates(leg, lines, 2) == 2, "no more than there is room for");
	/* The peer has no ICE: c= and m= alone are left. */
	ksrtpd_leg_drop_ice(leg);
	CHECK(leg->sockets_count == 1 && !ksrtpd_leg_candidates(leg, lines, 8) &&
	      ksrtpd_addr_equal(&leg->local, at(leg, "127.0.0.1")), "%u sockets", leg->sockets_count);
	ksrtpd_leg_destroy(leg);
	plain = make_leg(KSRTPD_KEYING_NONE, "nat", false);
	CHECK(plain->sockets_count == 1 && ksrtpd_addr_family(&plain->local) == 4, "%u sockets",
	      plain->sockets_count);
	ksrtpd_leg_destroy(plain);
	tap_end("E2", "E2: with ICE every address of every interface that was chosen is a candidate, without it one");
}

/* -- checks */

static void test_checks(void)
{
	struct ksrtpd_leg *leg = make_leg(KSRTPD_KEYING_SDES, "other", true);
	const struct sockaddr_storage *first = at(leg, "127.0.0.1"), *second = at(leg, "127.0.0.2");
	const struct sockaddr_storage *six = at(leg, "::1");
	uint32_t call = make_call();
	struct point four, sixth;

	point_open(&four, "127.0.0.1");
	point_open(&sixth, "::1");
	adopt(leg, call);
	CHECK(point_check(&four, leg, first, leg->ice->pwd, false) == 0 &&
	      ksrtpd_addr_equal(&four.from, first), "a check, answered from where it went to");
	CHECK(point_check(&four, leg, second, leg->ice->pwd, false) == 0 &&
	      ksrtpd_addr_equal(&four.from, second), "the second address of the family");
	CHECK(point_check(&sixth, leg, six, leg->ice->pwd, false) == 0 &&
	      ksrtpd_addr_equal(&sixth.from, six), "the other family");
	CHECK(path_is(leg, first, NULL), "checks move nothing");
	CHECK(point_check(&four, leg, second, REMOTE_PWD, true) == 401 &&
	      ksrtpd_addr_equal(&four.from, second), "a forged nomination is refused from there too");
	CHECK(path_is(leg, first, NULL), "and moves nothing");
	CHECK(point_check(&four, leg, second, leg->ice->pwd, true) == 0 && path_is(leg, second, &four.addr),
	      "a nomination of the second");
	CHECK(point_check(&four, leg, first, leg->ice->pwd, false) == 0 && path_is(leg, second, &four.addr),
	      "a check of the first, from the same address of the peer's, moves nothing");
	CHECK(point_check(&sixth, leg, six, leg->ice->pwd, true) == 0 && path_is(leg, six, &sixth.addr),
	      "a nomination of the other family");
	CHECK(point_check(&sixth, leg, six, leg->ice->pwd, true) == 0 && path_is(leg, six, &sixth.addr),
	      "the same again");
	CHECK(point_check(&four, leg, first, leg->ice->pwd, true) == 0 && path_is(leg, first, &four.addr),
	      "and back to the first, which stayed open");
	ksrtpd_datapath_call_del(datapath, call);
	ksrtpd_leg_destroy(leg);
	close(four.fd);
	close(sixth.fd);
	tap_end("E2", "E2: checks are answered from the address they went to; a nomination with integrity moves the leg there");
}

/* -- media */

static const uint8_t rx_octets[16] = { 1 }, tx_octets[16] = { 2 };

struct pair {
	uint32_t call;
	struct ksrtpd_leg *keyed, *plain;
	struct point four, six, far;
};

static void pair_open(struct pair *p)
{
	const uint32_t both = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP;
	struct ksrtpd_sdes_key tx, rx;
	uint32_t id;

	memset(&tx, 0, sizeof(tx));
	memset(&rx, 0, sizeof(rx));
	rx.suite = tx.suite = KSRTP_SUITE_AEAD_AES_128_GCM;
	memcpy(rx.key, rx_octets, sizeof(rx_octets));
	memcpy(tx.key, tx_octets, sizeof(tx_octets));
	point_open(&p->four, "127.0.0.1");
	point_open(&p->six, "::1");
	point_open(&p->far, "127.0.0.1");
	p->call = make_call();
	/* A key is for one leg alone, for ever. */
	tx.key[1] = (uint8_t)p->call;
	p->keyed = make_leg(KSRTPD_KEYING_SDES, NULL, true);
	p->plain = make_leg(KSRTPD_KEYING_NONE, NULL, false);
	p->plain->remote = p->far.addr;
	adopt(p->keyed, p->call);
	adopt(p->plain, p->call);
	CHECK(!ksrtpd_datapath_route_new(datapath, p->keyed->id, p->plain->id, both, &id, &failure) &&
	      !ksrtpd_datapath_route_new(datapath, p->plain->id, p->keyed->id, both, &id, &failure) &&
	      !ksrtpd_leg_set_sdes(p->keyed, &tx, &rx, KSRTPD_PART_BOTH, &failure) &&
	      !ksrtpd_leg_start(p->keyed, false, &failure) &&
	      !ksrtpd_leg_start(p->plain, false, &failure), "%s", failure.message);
}

static void pair_close(struct pair *p)
{
	ksrtpd_datapath_call_del(datapath, p->call);
	ksrtpd_leg_destroy(p->keyed);
	ksrtpd_leg_destroy(p->plain);
	close(p->four.fd);
	close(p->six.fd);
	close(p->far.fd);
}

static void speak(struct point *p, const struct sockaddr_storage *to, uint16_t seq)
{
	static const uint8_t salt[14];

	point_speak(p, to, KSRTP_SUITE_AEAD_AES_128_GCM, rx_octets, salt, seq);
}

static struct ksrtp_stats stats_of(const struct ksrtpd_leg *leg)
{
	struct ksrtp_leg got;

	memset(&got, 0, sizeof(got));
	CHECK(ksrtpd_datapath_leg_get(datapath, leg->id, &got), "leg %u", leg->id);
	return got.stats;
}

/* In mid-call from IPv4 to IPv6, with packets of the old path still in its socket. */
static void test_move(void)
{
	struct pair p = { .call = 0 };
	const struct sockaddr_storage *four, *six;
	struct ksrtp_stats before, after;
	unsigned int i, came = 0;

	pair_open(&p);
	four = at(p.keyed, "127.0.0.1");
	six = at(p.keyed, "::1");
	CHECK(point_check(&p.four, p.keyed, four, p.keyed->ice->pwd, true) == 0, "IPv4 is nominated");
	/* The check is read before them or after, as the loop likes it. */
	for (i = 1; i <= PACKETS; i++)
		speak(&p.four, four, (uint16_t)i);
	CHECK(point_check(&p.six, p.keyed, six, p.keyed->ice->pwd, true) == 0 &&
	      path_is(p.keyed, six, &p.six.addr), "IPv6 is nominated");
	for (; i <= 2 * PACKETS; i++)
		speak(&p.six, six, (uint16_t)i);
	for (i = 1; i <= 2 * PACKETS && point_takes(&p.far); i++)
		came += point_heard(&p.far, (uint16_t)i);
	CHECK(came == 2 * PACKETS, "%u of %u packets", came, 2 * PACKETS);
	before = stats_of(p.keyed);
	speak(&p.six, six, 2 * PACKETS);
	speak(&p.six, six, PACKETS);
	CHECK(!point_wait(&p.far, SILENCE), "what was heard before the move is a replay after it");
	after = stats_of(p.keyed);
	CHECK(after.dropped[KSRTP_REASON_REPLAY] == before.dropped[KSRTP_REASON_REPLAY] + 2,
	      "%llu replays", (unsigned long long)after.dropped[KSRTP_REASON_REPLAY]);
	/* The socket of before is no way in, and the other direction goes by the new one. */
	speak(&p.four, four, 2 * PACKETS + 1);
	CHECK(!point_wait(&p.far, SILENCE), "the path of before is none any more");
	point_send(&p.far, &p.plain->local, speech, SPEECH_LEN);
	CHECK(point_takes(&p.six) && ksrtpd_addr_equal(&p.six.from, six), "toward the peer");
	CHECK(point_check(&p.four, p.keyed, four, p.keyed->ice->pwd, true) == 0, "back to IPv4");
	speak(&p.four, four, 2 * PACKETS + 1);
	CHECK(point_takes(&p.far) && point_heard(&p.far, 2 * PACKETS + 1), "and media with it");
	point_send(&p.far, &p.plain->local, speech, SPEECH_LEN);
	CHECK(!point_wait(&p.four, SILENCE), "a second plain packet of the same number is dropped");
	pair_close(&p);
	tap_end("E2,S3", "E2: a leg moves from IPv4 to IPv6 and back in mid-call: no packet is lost, windows and indices go on");
}

/* -- consent: the program's own clock, which the test can put forward */

static time_t ahead;

int clock_gettime(clockid_t id, struct timespec *now)
{
	int err = (int)syscall(SYS_clock_gettime, id, now);

	now->tv_sec += ahead;
	return err;
}

static void test_consent(void)
{
	struct pair p = { .call = 0 };
	const struct sockaddr_storage *four, *six;

	pair_open(&p);
	four = at(p.keyed, "127.0.0.1");
	six = at(p.keyed, "::1");
	CHECK(point_check(&p.four, p.keyed, four, p.keyed->ice->pwd, true) == 0, "IPv4 is nominated");
	point_send(&p.far, &p.plain->local, speech, SPEECH_LEN);
	CHECK(point_takes(&p.four), "with consent");
	ahead += 40;
	CHECK(point_check(&p.six, p.keyed, six, p.keyed->ice->pwd, false) == 0, "a check of another path");
	point_send(&p.far, &p.plain->local, (const uint8_t[SPEECH_LEN]){ 0x80, 0, 0x12, 0x35, 0, 0, 0, 1,
		   0xca, 0xfe, 0xba, 0xbe }, SPEECH_LEN);
	CHECK(!point_wait(&p.four, SILENCE), "is no consent for this one");
	CHECK(point_check(&p.six, p.keyed, six, p.keyed->ice->pwd, true) == 0, "until it is nominated");
	point_send(&p.far, &p.plain->local, (const uint8_t[SPEECH_LEN]){ 0x80, 0, 0x12, 0x36, 0, 0, 0, 1,
		   0xca, 0xfe, 0xba, 0xbe }, SPEECH_LEN);
	CHECK(point_takes(&p.six), "and then media goes there");
	pair_close(&p);
	tap_end("E2", "E2: consent is for the path (RFC 7675): a check of another candidate does not renew it");
}

/* -- DTLS */

static struct end client;

/* Carries datagrams until the leg is connected or failed, or time is over. */
static void shake(struct point *p, struct ksrtpd_leg *leg, const struct sockaddr_storage *to,
		  unsigned int ms)
{
	struct end nobody = { .broken = true };
	uint64_t limit = point_ms() + ms;

	while (point_ms() < limit) {
		while (client.count) {
			point_send(p, to, client.out[client.head].octets, client.out[client.head].len);
			client.head = (client.head + 1) % WIRE_MAX;
			client.count--;
		}
		if (leg->state == KSRTPD_LEG_FAILED ||
		    (leg->state != KSRTPD_LEG_HANDSHAKING && end_connected(&client)))
			return;
		if (point_wait(p, 20)) {
			CHECK(ksrtpd_addr_equal(&p->from, to), "an answer from another address");
			end_input(&client, p->data, (size_t)p->len);
		} else {
			wire_timers(&client, &nobody);
		}
	}
}

static void client_new(struct ksrtpd_leg *leg, bool server)
{
	struct end other = { .cert = leg->cert };

	end_free(&client);
	end_cert(&client);
	end_ours(&client, server, &other, NULL, "1");
	leg->fingerprints.count = 1;
	leg->fingerprints.list[0] = client.cert->fingerprint;
	CHECK(!ksrtpd_leg_start(leg, !server, &failure), "%s", failure.message);
	if (!server)
		end_start(&client);
}

static void test_dtls(void)
{
	struct ksrtpd_leg *leg = make_leg(KSRTPD_KEYING_DTLS, "other", true);
	const struct sockaddr_storage *second = at(leg, "127.0.0.2"), *six = at(leg, "::1");
	uint32_t call = make_call();
	struct point four, sixth;

	point_open(&four, "127.0.0.1");
	point_open(&sixth, "::1");
	adopt(leg, call);
	CHECK(point_check(&four, leg, &leg->local, leg->ice->pwd, false) == 0, "a check of the first");
	client_new(leg, false);
	shake(&four, leg, second, SILENCE);
	CHECK(leg->state == KSRTPD_LEG_HANDSHAKING && client.sent,
	      "what comes by a socket that was not checked from there is not heard");
	CHECK(point_check(&four, leg, second, leg->ice->pwd, true) == 0, "the second is nominated");
	client_new(leg, false);
	shake(&four, leg, second, PATIENCE * 1000);
	CHECK(leg->state == KSRTPD_LEG_CONNECTED && end_connected(&client), "%d: %s", leg->state,
	      leg->failure.reason ? leg->failure.message : "");
	CHECK(!ksrtpd_leg_renew(leg, &failure), "%s", failure.message);
	CHECK(point_check(&sixth, leg, six, leg->ice->pwd, true) == 0, "IPv6 is nominated");
	/* Now ours is the client: its first flight has to find the path. */
	client_new(leg, true);
	shake(&sixth, leg, six, PATIENCE * 1000);
	CHECK(leg->state == KSRTPD_LEG_CONNECTED && end_connected(&client), "%d: %s", leg->state,
	      leg->failure.reason ? leg->failure.message : "");
	ksrtpd_datapath_call_del(datapath, call);
	ksrtpd_leg_destroy(leg);
	close(four.fd);
	close(sixth.fd);
	tap_end("K1,E2", "K1: handshakes go over the candidate that was nominated, whichever it is, and no other");
}

/* -- limits */

static unsigned int raised, cleared;

static void on_alarm(const char *kind, const char *subject, bool up, const char *message, void *arg)
{
	(void)arg;
	CHECK(!strcmp(kind, "no-ports") && !strcmp(subject, "small"), "%s %s: %s", kind, subject,
	      message ? message : "");
	++*(up ? &raised : &cleared);
}

static void test_ports(void)
{
	struct ksrtpd_leg_config c = {
		.interface = interface("small"), .family = 4, .keying = KSRTPD_KEYING_NONE, .ice = true,
		.interfaces = { interface("small"), interface("other") }, .interfaces_count = 2,
	};
	struct ksrtpd_leg *full = ksrtpd_leg_create(base, datapath, &c, &failure), *less;

	ksrtpd_alarm_watch(on_alarm, NULL);
	CHECK(full && full->sockets_count == 3 && full->sockets[0].place.interface == c.interface, "%s",
	      failure.message);
	less = ksrtpd_leg_create(base, datapath, &c, &failure);
	CHECK(less && less->sockets_count == 1 && raised == 1 && !cleared, "%s: %u", failure.message, raised);
	/* c= keeps its family as long as there is an address of it. */
	CHECK(less && less->sockets[0].place.interface == interface("other") &&
	      ksrtpd_addr_family(&less->local) == 4, "the other interface stands in");
	c.interfaces_count = 1;
	CHECK(!ksrtpd_leg_create(base, datapath, &c, &failure) && !strcmp(failure.reason, "no-ports") &&
	      strstr(failure.message, "44000-44000 (IPv4)"), "no candidate at all: %s", failure.message);
	ksrtpd_leg_destroy(less);
	ksrtpd_leg_destroy(full);
	/* The alarm is of both families: over when neither lacks ports. */
	c.ice = false;
	full = ksrtpd_leg_create(base, datapath, &c, &failure);
	CHECK(full && raised == 1 && !cleared, "%u %u", raised, cleared);
	c.ice = true;
	less = ksrtpd_leg_create(base, datapath, &c, &failure);
	CHECK(less && less->sockets_count == 1 && ksrtpd_addr_family(&less->local) == 6 &&
	      raised == 1 && !cleared, "%u %u", raised, cleared);
	ksrtpd_leg_destroy(less);
	less = ksrtpd_leg_create(base, datapath, &c, &failure);
	CHECK(less && raised == 1 && !cleared, "IPv6 alone is no end of it: %u %u", raised, cleared);
	ksrtpd_leg_destroy(less);
	ksrtpd_leg_destroy(full);
	full = ksrtpd_leg_create(base, datapath, &c, &failure);
	CHECK(full && full->sockets_count == 2 && raised == 1 && cleared == 1, "%u %u", raised, cleared);
	ksrtpd_leg_destroy(full);
	ksrtpd_alarm_watch(NULL, NULL);
	tap_end("E2,S7", "E2: a range that is used up costs one candidate and raises an alarm; none left is no-ports");
}

/* The host has not the address that is configured. */
static void test_absent(void)
{
	struct ksrtpd_leg *leg = make_leg(KSRTPD_KEYING_NONE, "absent", true);
	struct ksrtpd_leg_config c = {
		.interface = interface("absent"), .family = 4, .keying = KSRTPD_KEYING_NONE, .ice = true,
	};

	CHECK(leg->sockets_count == 2, "%u sockets", leg->sockets_count);
	CHECK(!ksrtpd_leg_create(base, datapath, &c, &failure) && !strcmp(failure.reason, "interface") &&
	      strstr(failure.message, "cannot bind to 192.0.2.77"), "%s", failure.message);
	ksrtpd_leg_destroy(leg);
	tap_end("E2", "an address that the host has not is a candidate less, and alone a refusal");
}

int main(void)
{
	static const char *const interfaces[] = {
		"dual 127.0.0.1 ::1 45000-45999", "nat 127.0.0.2!203.0.113.2 ::1!2001:db8::2 46000-46999",
		"other 127.0.0.2 47000-47999", "small 127.0.0.1 ::1 44000-44000",
		"absent 192.0.2.77 48000-48999",
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
	test_candidates();
	test_checks();
	test_move();
	test_consent();
	test_dtls();
	test_ports();
	test_absent();
	end_free(&client);
	ksrtpd_datapath_close(datapath);
	event_base_free(base);
	return tap_done();
}
