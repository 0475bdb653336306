// SPDX-License-Identifier: GPL-2.0
/* Consent without an agent: checks that the module answers, and what it stops without them. */
#include "unit/check.h"
#include "ice.h"
#include "unit.h"

#define PWD_1	"abcdefghijklmnopqrstu+"
#define PWD_2	"ABCDEFGHIJKLMNOPQRSTU/"
#define PWD_3	"0123456789012345678901"

static const struct check first = { .username = "host:peer", .pwd = PWD_1 };
static const struct check second = { .username = "tsoh:reep", .pwd = PWD_2 };
static const struct check third = { .username = "host3:peer3", .pwd = PWD_3 };

static int set_ice(struct unit_world *w, struct ksrtp_leg *leg, const char *ufrag, const char *pwd,
		   const char *remote)
{
	struct ksrtp_leg_change change = {};
	int err;

	w->e.extack._msg = NULL;
	change.ice = ksrtp_ice_create(ufrag, pwd, remote, &w->e.extack);
	if (IS_ERR(change.ice))
		return (int)PTR_ERR(change.ice);
	mutex_lock(&w->e.kn.lock);
	err = ksrtp_leg_set(leg, &change, &w->e.extack);
	mutex_unlock(&w->e.kn.lock);
	if (err)
		ksrtp_ice_free(change.ice);
	engine_settle();
	return err;
}

/* Is it answered, and with the right answer? */
static bool answered(struct ksrtp_leg *leg, const struct check *c)
{
	u8 msg[CHECK_MAX], out[128], want[CHECK_MAX];
	static const u8 ip[4] = { 198, 51, 100, 7 };
	size_t len = check_build(c, msg), n;
	struct ksrtp_addr from;
	u32 got;

	ksrtp_addr_set_v4(&from, htonl(0xc6336407), htons(4007));
	engine_context.softirq = true;
	rcu_read_lock();
	got = ksrtp_ice_answer(leg, &from, msg, (u32)len, out);
	rcu_read_unlock();
	engine_context.softirq = false;
	engine_settle();
	if (!got)
		return false;
	n = check_answer(c, ip, false, 4007, want);
	CHECK(got == n && !memcmp(out, want, n), "%s: another answer", c->username);
	return true;
}

static void checks(void)
{
	struct check c = first;
	struct unit_world w;
	unsigned long then;

	unit_world_init(&w, GCM, GCM, BOTH);
	CHECK(!answered(w.to, &first), "without ICE");
	CHECK(!set_ice(&w, w.to, "host", PWD_1, "peer"), "%s", w.e.extack._msg);
	then = jiffies;
	jiffies += HZ;
	CHECK(!answered(w.from, &first), "a leg that has no ICE");
	c.bad_integrity = true;
	CHECK(!answered(w.to, &c), "wrong integrity");
	c = first;
	c.pwd = PWD_2;
	CHECK(!answered(w.to, &c), "another password");
	c = first;
	c.username = "peer:host";
	CHECK(!answered(w.to, &c), "the answer's user name");
	c.username = "host:peerx";
	CHECK(!answered(w.to, &c), "a longer user name");
	c.username = "host:pee";
	CHECK(!answered(w.to, &c), "a shorter user name");
	c.username = "";
	CHECK(!answered(w.to, &c), "no user name");
	c = first;
	c.extra = 0x7777;
	CHECK(!answered(w.to, &c), "an unknown attribute");
	CHECK(w.to->consent == then, "a refused check counts as consent");
	CHECK(answered(w.to, &first), "the right one");
	CHECK(w.to->consent == jiffies, "it does not");
	c = first;
	c.use_candidate = true;
	CHECK(answered(w.to, &c), "a nomination of what is in use");
	unit_world_exit(&w);
	tap_end("E2,S2", "checks with right credentials are answered, others change nothing");
}

static void restart(void)
{
	struct unit_world w;

	unit_world_init(&w, GCM, GCM, BOTH);
	CHECK(!set_ice(&w, w.to, "host", PWD_1, "peer"), "%s", w.e.extack._msg);
	CHECK(answered(w.to, &first), "before");
	CHECK(!set_ice(&w, w.to, "tsoh", PWD_2, "reep"), "%s", w.e.extack._msg);
	CHECK(answered(w.to, &first) && answered(w.to, &first), "the old ones until the first new");
	/* Another restart before that: what is in use stays good. */
	CHECK(!set_ice(&w, w.to, "host3", PWD_3, "peer3"), "%s", w.e.extack._msg);
	CHECK(answered(w.to, &first), "the old ones after two restarts");
	CHECK(!answered(w.to, &second), "those that were never used");
	CHECK(answered(w.to, &third), "the new ones");
	CHECK(!answered(w.to, &first), "the old ones afterwards");
	CHECK(answered(w.to, &third), "the new ones again");
	unit_world_exit(&w);
	tap_end("E2,S5", "an ICE restart: the credentials before are good until the first check");
}

static enum ksrtp_reason send_rtp(struct unit_world *w, u16 seq)
{
	struct unit_packet p;

	unit_srtp(w->sender, &p, SSRC, seq);
	return unit_copy(&w->e, w->from, &p);
}

static void consent(void)
{
	struct unit_world w;
	unsigned long stop;

	unit_world_init(&w, GCM, GCM, BOTH);
	CHECK(!set_ice(&w, w.to, "host", PWD_1, "peer"), "%s", w.e.extack._msg);
	stop = jiffies + 30 * HZ;
	CHECK(send_rtp(&w, 1) == KSRTP_REASON_NONE, "at first");
	jiffies = stop - 1;
	CHECK(send_rtp(&w, 2) == KSRTP_REASON_NONE, "just before 30 s");
	jiffies = stop;
	CHECK(send_rtp(&w, 3) == KSRTP_REASON_TX_NO_CONSENT, "after 30 s");
	jiffies += 3600 * HZ;
	CHECK(send_rtp(&w, 4) == KSRTP_REASON_TX_NO_CONSENT, "after an hour");
	CHECK(answered(w.to, &first), "a check is answered all the same");
	CHECK(send_rtp(&w, 5) == KSRTP_REASON_NONE, "and it goes on");
	w.e.kn.consent_timeout = 5;
	jiffies += 5 * HZ;
	CHECK(send_rtp(&w, 6) == KSRTP_REASON_TX_NO_CONSENT, "with a shorter time");
	engine_leg_state(&w.e, w.to, KSRTP_LEG_STATE_HELD);
	CHECK(send_rtp(&w, 7) == KSRTP_REASON_TX_HELD, "held, and without consent");
	CHECK(w.from->consent != jiffies || !ksrtp_ice_is_on(w.from), "the other leg has no ICE");
	unit_world_exit(&w);

	/* What is authenticated is consent to the leg that it arrives on. */
	unit_world_init(&w, GCM, GCM, BOTH);
	CHECK(!set_ice(&w, w.from, "host", PWD_1, "peer"), "%s", w.e.extack._msg);
	jiffies += 60 * HZ;
	CHECK(!ksrtp_ice_has_consent(w.from), "it ran out");
	CHECK(send_rtp(&w, 1) == KSRTP_REASON_NONE && ksrtp_ice_has_consent(w.from), "media");
	jiffies += 60 * HZ;
	CHECK(!ksrtp_ice_has_consent(w.from), "it ran out again");
	unit_world_exit(&w);

	/* Plain media is not. */
	unit_world_init(&w, KSRTP_SUITE_NONE, GCM, BOTH);
	CHECK(!set_ice(&w, w.from, "host", PWD_1, "peer"), "%s", w.e.extack._msg);
	jiffies += 60 * HZ;
	CHECK(send_rtp(&w, 1) == KSRTP_REASON_NONE && !ksrtp_ice_has_consent(w.from), "plain media");
	unit_world_exit(&w);
	tap_end("E2,S8", "without consent for 30 s nothing is sent, with it again it goes on");
}

static void refused(void)
{
	static const struct row {
		const char *ufrag, *pwd, *remote, *text;
	} rows[] = {
		{ "host", PWD_1, NULL, "together" },
		{ "host", NULL, "peer", "together" },
		{ NULL, PWD_1, "peer", "together" },
		{ "hos", PWD_1, "peer", "ice-ufrag" },
		{ "ho:t", PWD_1, "peer", "ice-ufrag" },
		{ "h\xf6st", PWD_1, "peer", "ice-ufrag" },
		{ "host", "abcdefghijklmnopqrstu", "peer", "ice-pwd" },
		{ "host", "abcdefghijklmnopqrstu-", "peer", "ice-pwd" },
		{ "host", PWD_1, "", "ice-remote-ufrag" },
	};
	struct unit_world w;
	unsigned int i;
	u32 flags = KSRTP_LEG_F_LEARN;
	struct ksrtp_leg_change change = { .flags = &flags };

	unit_world_init(&w, GCM, GCM, BOTH);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(set_ice(&w, w.to, rows[i].ufrag, rows[i].pwd, rows[i].remote) == -EINVAL &&
		      strstr(w.e.extack._msg, rows[i].text), "row %u: %s", i, w.e.extack._msg);
		CHECK(!ksrtp_ice_is_on(w.to), "row %u changes something", i);
	}
	mutex_lock(&w.e.kn.lock);
	CHECK(!ksrtp_leg_set(w.to, &change, &w.e.extack), "learning without ICE");
	CHECK(!ksrtp_ice_is_on(w.to), "not on yet");
	mutex_unlock(&w.e.kn.lock);
	CHECK(set_ice(&w, w.to, "host", PWD_1, "peer") == -EINVAL, "ICE on a leg that learns");
	flags = 0;
	mutex_lock(&w.e.kn.lock);
	CHECK(!ksrtp_leg_set(w.to, &change, &w.e.extack), "no more");
	mutex_unlock(&w.e.kn.lock);
	CHECK(!set_ice(&w, w.to, "host", PWD_1, "peer"), "%s", w.e.extack._msg);
	flags = KSRTP_LEG_F_LEARN;
	mutex_lock(&w.e.kn.lock);
	CHECK(ksrtp_leg_set(w.to, &change, &w.e.extack) == -EINVAL && !w.to->flags,
	      "learning on a leg with ICE");
	mutex_unlock(&w.e.kn.lock);
	unit_world_exit(&w);
	tap_end("E2,S6", "credentials that are not right are refused, and learning beside them");
}

void unit_ice(void)
{
	checks();
	restart();
	consent();
	refused();
}
