// SPDX-License-Identifier: GPL-2.0
/* What has to be looked at every few seconds: leases, idle legs, attacks. */
#include <linux/jiffies.h>

#include "call.h"
#include "event.h"
#include "ice.h"
#include "leg.h"
#include "net.h"

#define WATCH_INTERVAL	(5 * HZ)
#define IDLE_MS		30000
/* Failures in one interval that are worth an event. */
#define ATTACK_COUNT	100

static void watch_idle(struct ksrtp_leg *leg)
{
	struct ksrtp_event event = {
		.cmd = KSRTP_CMD_LEG_IDLE_NTF,
		.call_id = leg->call->id,
		.leg_id = leg->id,
	};
	unsigned long seen = READ_ONCE(leg->last_seen);

	if (!seen)
		return;
	event.idle_ms = jiffies_to_msecs(jiffies - seen);
	if (event.idle_ms < IDLE_MS) {
		leg->idle_told = false;
	} else if (!leg->idle_told) {
		leg->idle_told = true;
		ksrtp_nl_event(leg->kn, &event);
	}
}

static void watch_consent(struct ksrtp_leg *leg)
{
	struct ksrtp_event event = {
		.cmd = KSRTP_CMD_LEG_NO_CONSENT_NTF,
		.call_id = leg->call->id,
		.leg_id = leg->id,
	};

	if (ksrtp_ice_has_consent(leg)) {
		leg->consent_told = false;
	} else if (!leg->consent_told) {
		leg->consent_told = true;
		ksrtp_nl_event(leg->kn, &event);
	}
}

static void watch_reason(struct ksrtp_leg *leg, enum ksrtp_reason reason, u64 count, u64 *told)
{
	struct ksrtp_event event = {
		.cmd = KSRTP_CMD_LEG_ATTACK_NTF,
		.call_id = leg->call->id,
		.leg_id = leg->id,
		.reason = reason,
		.count = count - *told,
	};

	if (event.count >= ATTACK_COUNT)
		ksrtp_nl_event(leg->kn, &event);
	*told = count;
}

static void watch(struct work_struct *work)
{
	struct ksrtp_net *kn = container_of(to_delayed_work(work), struct ksrtp_net, watch);
	struct ksrtp_leg *leg;
	unsigned long id;

	mutex_lock(&kn->lock);
	ksrtp_call_expire(kn);
	ksrtp_keyring_prune(&kn->keyring);
	xa_for_each(&kn->legs, id, leg) {
		struct ksrtp_leg_stats sum = {};

		ksrtp_leg_stats_sum(leg->stats, &sum);
		watch_idle(leg);
		watch_consent(leg);
		watch_reason(leg, KSRTP_REASON_AUTH, sum.dropped[KSRTP_REASON_AUTH],
			     &leg->auth_told);
		watch_reason(leg, KSRTP_REASON_REPLAY, sum.dropped[KSRTP_REASON_REPLAY],
			     &leg->replay_told);
		if (need_resched()) {
			/* Legs may come and go meanwhile: the walk is by id. */
			mutex_unlock(&kn->lock);
			cond_resched();
			mutex_lock(&kn->lock);
		}
	}
	mutex_unlock(&kn->lock);
	queue_delayed_work(ksrtp_wq, &kn->watch, WATCH_INTERVAL);
}

void ksrtp_watch_init(struct ksrtp_net *kn)
{
	INIT_DELAYED_WORK(&kn->watch, watch);
	queue_delayed_work(ksrtp_wq, &kn->watch, WATCH_INTERVAL);
}

void ksrtp_watch_uninit(struct ksrtp_net *kn)
{
	cancel_delayed_work_sync(&kn->watch);
}
