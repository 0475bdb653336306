// SPDX-License-Identifier: GPL-2.0
/*
 * The ends of keys and indices (RFC 3711, section 9.2; S4), with the test build's counter
 * preset: a plain leg feeds a protected one on loopback, by the skb path.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>
#include <tap.h>

#include "raw.h"

#define SSRC		0x11223344
#define SRTP_HARD	(1ULL << 48)
#define SRTCP_HARD	(1ULL << 31)
#define SETTLE		(1ULL << 16)

static struct ksrtp *handle, *events;
static struct ksrtp_leg from, to;
static int phone, far_phone;
static unsigned int soft, hard;

static void preset(const char *line)
{
	FILE *f = fopen("/proc/net/ksrtp_preset", "w");

	CHECK(f, "no /proc/net/ksrtp_preset: not the test build");
	if (!f)
		return;
	CHECK(fputs(line, f) >= 0 && fclose(f) == 0, "preset '%s': %s", line, strerror(errno));
}

static int take_event(const struct ksrtp_event *event, void *arg)
{
	(void)arg;
	if (event->leg_id != to.id || event->direction != KSRTP_DIRECTION_TX)
		return 0;
	soft += event->type == KSRTP_CMD_KEY_SOFT_NTF;
	hard += event->type == KSRTP_CMD_KEY_HARD_NTF;
	return 0;
}

static void collect_events(void)
{
	struct pollfd p = { .fd = ksrtp_events_fd(events), .events = POLLIN };

	while (poll(&p, 1, 300) > 0 && !ksrtp_events_read(events, take_event, NULL))
		;
}

/* Sends one packet to the plain leg; how long the one is that comes out, 0: none. */
static ssize_t pass(const unsigned char *packet, size_t len)
{
	struct pollfd p = { .fd = far_phone, .events = POLLIN };
	unsigned char got[256];

	CHECK(sendto(phone, packet, len, 0, (struct sockaddr *)&from.local, sizeof(struct sockaddr_in))
	      == (ssize_t)len, "send: %s", strerror(errno));
	return poll(&p, 1, 300) > 0 ? recv(far_phone, got, sizeof(got), 0) : 0;
}

static ssize_t pass_rtp(uint16_t seq)
{
	unsigned char rtp[52] = { 0x80, 0, seq >> 8, seq & 0xff, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44 };

	return pass(rtp, sizeof(rtp));
}

static ssize_t pass_rtcp(void)
{
	static const unsigned char rr[8] = { 0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44 };

	return pass(rr, sizeof(rr));
}

static uint64_t dropped(unsigned int reason)
{
	struct ksrtp_leg now;

	CHECK(!ksrtp_leg_get(handle, from.id, &now), "%s", ksrtp_error(handle));
	return now.stats.dropped[reason];
}

static int make_leg(struct ksrtp_leg *leg, uint32_t call, uint16_t port, uint16_t remote)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)&leg->remote;
	int fd;

	memset(leg, 0, sizeof(*leg));
	leg->call_id = call;
	leg->state = KSRTP_LEG_STATE_ACTIVE;
	leg->socket = bound_udp("127.0.0.1", port);
	addr->sin_family = AF_INET;
	addr->sin_port = htons(remote);
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = bound_udp("127.0.0.1", remote);
	CHECK(!ksrtp_leg_new(handle, leg), "leg: %s", ksrtp_error(handle));
	close(leg->socket);
	CHECK(!ksrtp_leg_get(handle, leg->id, leg), "leg: %s", ksrtp_error(handle));
	return fd;
}

static void install(struct ksrtp_leg *leg, uint32_t direction, uint32_t slot, uint32_t suite,
		    unsigned char salt)
{
	static const uint8_t master_salt[14] = "salt of a test";
	uint8_t master[32] = { 0 };
	struct ksrtp_key key = { 0 };

	master[0] = salt;
	if (suite != KSRTP_SUITE_NONE)
		CHECK(!ksrtp_key_derive(&key, suite, master, master_salt), "derive");
	key.suite = suite;
	key.leg_id = leg->id;
	key.direction = direction;
	key.slot = slot;
	CHECK(!ksrtp_key_new(handle, &key), "key: %s", ksrtp_error(handle));
}

static void key_limits(void)
{
	char line[128];

	CHECK(pass_rtp(100) == 52 + 16, "the first packet");
	/* Two settle units are left, and the soft limit lies far behind: it is told once. */
	snprintf(line, sizeof(line), "key %u 1 0 %llu 0", to.id, SRTP_HARD / 16 * 15 - SETTLE);
	preset(line);
	snprintf(line, sizeof(line), "stream %u 1 0x%x 100 0", to.id, SSRC);
	preset(line);
	collect_events();
	soft = hard = 0;
	CHECK(pass_rtp(101) == 52 + 16, "before the soft limit");
	collect_events();
	CHECK(soft == 1 && !hard, "%u soft, %u hard events", soft, hard);

	snprintf(line, sizeof(line), "key %u 1 0 %llu 0", to.id, SRTP_HARD - SETTLE);
	preset(line);
	snprintf(line, sizeof(line), "stream %u 1 0x%x 101 0", to.id, SSRC);
	preset(line);
	CHECK(pass_rtp(102) == 52 + 16, "the last share of the key");
	CHECK(pass_rtp(103) == 52 + 16, "and within it");
	snprintf(line, sizeof(line), "stream %u 1 0x%x 103 0", to.id, SSRC);
	preset(line);
	CHECK(!pass_rtp(104), "a packet left under a key that is used up");
	CHECK(dropped(KSRTP_REASON_TX_LIMIT) == 1, "%llu dropped as tx-limit",
	      (unsigned long long)dropped(KSRTP_REASON_TX_LIMIT));
	collect_events();
	CHECK(hard == 1, "%u hard events", hard);
	tap_end("S4,D5", "a key ends at 2^48 packets: told before, refused at the end");
}

static void rekey(void)
{
	install(&to, KSRTP_DIRECTION_TX, 1, KSRTP_SUITE_AEAD_AES_128_GCM, 2);
	CHECK(!ksrtp_key_activate(handle, to.id, 1), "%s", ksrtp_error(handle));
	CHECK(pass_rtp(105) == 52 + 16, "with the new key");
	tap_end("S4,D5", "a new key makes it go on");
}

static void index_ends(void)
{
	char line[128];

	snprintf(line, sizeof(line), "stream %u 1 0x%x %llu 0x7ffffffe", to.id, SSRC,
		 SRTP_HARD - 2);
	preset(line);
	CHECK(pass_rtcp() == 8 + 16 + 4, "the last SRTCP index");
	CHECK(!pass_rtcp(), "an SRTCP index came round");
	CHECK(pass_rtp(0xffff) == 52 + 16, "the last SRTP index");
	CHECK(!pass_rtp(0), "the roll-over counter came round");
	CHECK(!pass_rtp(1), "nor with the next number");
	tap_end("S4", "SRTCP ends at index 2^31 - 1, SRTP at 2^48 - 1: no index comes round");
}

int main(void)
{
	struct ksrtp_call call = { .name = "limits", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP };

	tap.datapath = "skb";
	CHECK(!ksrtp_open(&handle), "%s", ksrtp_error(NULL));
	CHECK(!ksrtp_events_open(&events), "%s", ksrtp_error(NULL));
	CHECK(!ksrtp_call_new(handle, &call), "call: %s", ksrtp_error(handle));
	phone = make_leg(&from, call.id, 7500, 7501);
	far_phone = make_leg(&to, call.id, 7502, 7503);
	install(&from, KSRTP_DIRECTION_RX, 0, KSRTP_SUITE_NONE, 0);
	install(&to, KSRTP_DIRECTION_TX, 0, KSRTP_SUITE_AEAD_AES_128_GCM, 1);
	route.from = from.id;
	route.to = to.id;
	CHECK(!ksrtp_route_new(handle, &route), "route: %s", ksrtp_error(handle));

	key_limits();
	rekey();
	index_ends();
	CHECK(!ksrtp_call_del(handle, call.id), "%s", ksrtp_error(handle));
	ksrtp_close(events);
	ksrtp_close(handle);
	return tap_done();
}
