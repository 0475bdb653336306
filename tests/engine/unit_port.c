// SPDX-License-Identifier: GPL-2.0
/* Legs that move: what stays, what another processor sees meanwhile, and what is refused. */
#include "port.h"
#include "unit.h"

static int set(struct unit_world *w, struct ksrtp_leg *leg, const int *socket,
	       const struct ksrtp_addr *remote)
{
	struct ksrtp_leg_change change = { .socket = socket, .remote = remote };
	int err;

	w->e.extack._msg = NULL;
	mutex_lock(&w->e.kn.lock);
	err = ksrtp_leg_set(leg, &change, &w->e.extack);
	mutex_unlock(&w->e.kn.lock);
	engine_settle();
	return err;
}

static int move(struct unit_world *w, struct ksrtp_leg *leg, int socket)
{
	return set(w, leg, &socket, NULL);
}

/* The address that the stand-in of socket @fd is bound to. */
static struct ksrtp_addr local_of(int fd)
{
	struct ksrtp_addr addr;

	ksrtp_addr_set_v4(&addr, htonl(0x0a000000 | (u32)fd), htons(5004));
	return addr;
}

static struct ksrtp_addr elsewhere(u32 n)
{
	struct ksrtp_addr addr;

	ksrtp_addr_set_v4(&addr, htonl(0xcb007100 | n), htons(6000));
	return addr;
}

static struct ksrtp_leg *found(struct unit_world *w, int fd)
{
	struct ksrtp_addr addr = local_of(fd);
	struct ksrtp_port *port;

	rcu_read_lock();
	port = ksrtp_port_lookup(&w->e.kn, &addr);
	rcu_read_unlock();
	return port ? port->leg : NULL;
}

static struct ksrtp_addr remote_of(const struct ksrtp_leg *leg)
{
	struct ksrtp_addr remote = {};

	CHECK(ksrtp_port_remote(leg->port, &remote), "no remote address");
	return remote;
}

/* Both legs move at every second packet: nothing twice, nothing lost, the state goes along. */
static void windows(void)
{
	static struct unit_packet p[40];
	struct unit_world w;
	unsigned int i, j;
	u64 state;

	unit_world_init(&w, GCM, GCM, BOTH);
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		unit_srtp(w.sender, &p[i], SSRC, (u16)(65520 + i));
		CHECK(unit_copy(&w.e, w.from, &p[i]) == 0, "%u: %d", i, unit_result.reason);
		CHECK(unit_arrived(w.receiver, 0, false, &p[i]), "%u lost", i);
		if (i % 2)
			continue;
		state = engine_state(w.from);
		CHECK(!move(&w, w.from, 100 + (int)i % 4), "%s", w.e.extack._msg);
		CHECK(engine_state(w.from) == state, "%u: another state", i);
		CHECK(!move(&w, w.to, 200 + (int)i % 4), "%s", w.e.extack._msg);
		for (j = 0; j <= i; j++)
			CHECK(unit_push(&w.e, w.from, &p[j]) == KSRTP_REASON_REPLAY, "%u again", j);
		CHECK(found(&w, 100 + (int)i % 4) == w.from && found(&w, 200 + (int)i % 4) == w.to,
		      "not found where it is");
		CHECK(!found(&w, 1) && !found(&w, 2) && !found(&w, 100 + (int)(i + 2) % 4),
		      "found where it was");
	}
	CHECK(engine_stream(w.from, RX, 0, SSRC)->rtp.highest == 65520 + 39, "highest");
	unit_world_exit(&w);
	tap_end("D2,E2,S2,S3", "a leg that moves keeps its windows, indices and remote address");
}

/* -- what another processor does between the steps of a move */

static struct {
	struct ksrtp_leg *leg;
	struct ksrtp_addr learnt;
	int err;
} other;

static int meanwhile(struct ksrtp_port *port)
{
	struct ksrtp_addr kept = remote_of(other.leg);

	CHECK(!ksrtp_port_in_force(port), "in force before it can be found");
	CHECK(ksrtp_port_in_force(other.leg->port), "the leg is nowhere");
	CHECK(port->has_remote && ksrtp_addr_equal(&port->remote, &kept), "without its remote address");
	/* A packet that came to where the leg still is. */
	engine_context.softirq = true;
	rcu_read_lock();
	ksrtp_leg_learn(other.leg, port->id, &other.learnt);
	CHECK(ksrtp_addr_equal(&kept, &other.leg->port->remote), "learnt from another port");
	ksrtp_leg_learn(other.leg, other.leg->port->id, &other.learnt);
	rcu_read_unlock();
	engine_context.softirq = false;
	return other.err;
}

static void learning(void)
{
	struct ksrtp_addr before, late = elsewhere(9), self = local_of(300);
	u32 flags = KSRTP_LEG_F_LEARN;
	struct ksrtp_leg_change change = { .flags = &flags };
	struct ksrtp_port *port;
	struct unit_world w;
	u64 old;

	unit_world_init(&w, GCM, GCM, BOTH);
	mutex_lock(&w.e.kn.lock);
	CHECK(!ksrtp_leg_set(w.from, &change, &w.e.extack), "%s", w.e.extack._msg);
	mutex_unlock(&w.e.kn.lock);
	other.leg = w.from;
	engine_attach = meanwhile;

	/* Refused at the last step: where it was, and it has learnt on. */
	other.err = -EBUSY;
	other.learnt = elsewhere(1);
	port = w.from->port;
	CHECK(move(&w, w.from, 300) == -EBUSY, "granted");
	before = remote_of(w.from);
	CHECK(w.from->port == port && found(&w, 1) == w.from && !found(&w, 300), "not where it was");
	CHECK(ksrtp_addr_equal(&before, &other.learnt), "has not learnt");

	/* Granted: what it learnt on the way is not lost. */
	other.err = 0;
	other.learnt = elsewhere(2);
	old = w.from->port->id;
	CHECK(!move(&w, w.from, 300), "%s", w.e.extack._msg);
	engine_attach = NULL;
	before = remote_of(w.from);
	CHECK(ksrtp_addr_equal(&before, &other.learnt), "what was learnt meanwhile is lost");

	/* A packet that came to the port before, and is done only now, teaches nothing. */
	engine_context.softirq = true;
	rcu_read_lock();
	ksrtp_leg_learn(w.from, old, &late);
	CHECK(ksrtp_addr_equal(&before, &w.from->port->remote), "learnt from the port before");
	ksrtp_leg_learn(w.from, w.from->port->id, &self);
	CHECK(ksrtp_addr_equal(&before, &w.from->port->remote), "learnt its own new address");
	ksrtp_leg_learn(w.from, w.from->port->id, &late);
	CHECK(ksrtp_addr_equal(&late, &w.from->port->remote), "learns no more");
	rcu_read_unlock();
	engine_context.softirq = false;
	engine_settle();
	CHECK(engine_told(KSRTP_CMD_LEG_LEARNT_NTF) >= 1, "nobody was told");
	unit_world_exit(&w);
	tap_end("E2,S2,S7", "what a leg learns while it moves, from the port before, and when the move fails");
}

/* Neither leg faces the other until the second one moves. */
static void loops(void)
{
	struct ksrtp_addr a = local_of(401), b = local_of(402), kept;
	struct ksrtp_port *port;
	struct unit_world w;

	unit_world_init(&w, GCM, GCM, BOTH);
	CHECK(!set(&w, w.from, NULL, &b), "%s", w.e.extack._msg);
	CHECK(!set(&w, w.to, NULL, &a), "%s", w.e.extack._msg);
	CHECK(!move(&w, w.from, 401), "%s", w.e.extack._msg);
	port = w.to->port;
	CHECK(move(&w, w.to, 402) == -ELOOP && w.e.extack._msg, "a loop is granted");
	CHECK(w.to->port == port && !found(&w, 402) && found(&w, 2) == w.to, "not where it was");
	kept = remote_of(w.to);
	CHECK(ksrtp_addr_equal(&kept, &a), "another remote address");
	/* With another remote address it may. */
	kept = elsewhere(1);
	CHECK(!set(&w, w.to, (int[]){ 402 }, &kept), "%s", w.e.extack._msg);
	CHECK(set(&w, w.from, (int[]){ 402 }, &kept) == -EADDRINUSE, "two legs in one place");
	unit_world_exit(&w);
	tap_end("E2,S7", "two legs cannot move into a loop, nor to one address");
}

void unit_port(void)
{
	windows();
	learning();
	loops();
}
