// SPDX-License-Identifier: GPL-2.0
#include <linux/rwsem.h>

#include "event.h"
#include "leg.h"
#include "net.h"
#include "netlink.h"

/*
 * The group's number belongs to the family only while it is registered, and legs
 * that die with the module are told of after that: then there is nobody to tell.
 */
static DECLARE_RWSEM(listening_lock);
static bool listening;

void ksrtp_nl_events_set(bool on)
{
	down_write(&listening_lock);
	listening = on;
	up_write(&listening_lock);
}

static int fill(struct sk_buff *skb, const struct ksrtp_event *event)
{
	if (nla_put_u32(skb, KSRTP_A_EVENT_CALL_ID, event->call_id) ||
	    nla_put_u32(skb, KSRTP_A_EVENT_LEG_ID, event->leg_id))
		return -EMSGSIZE;
	switch (event->cmd) {
	case KSRTP_CMD_LEG_LEARNT_NTF:
		return ksrtp_nl_put_addr(skb, event->remote, KSRTP_A_EVENT_REMOTE_IPV4,
					 KSRTP_A_EVENT_REMOTE_IPV6, KSRTP_A_EVENT_REMOTE_PORT);
	case KSRTP_CMD_LEG_IDLE_NTF:
		return nla_put_u64_64bit(skb, KSRTP_A_EVENT_IDLE_MS, event->idle_ms,
					 KSRTP_A_EVENT_PAD);
	case KSRTP_CMD_LEG_ATTACK_NTF:
		return nla_put_u32(skb, KSRTP_A_EVENT_REASON, event->reason) ?:
		       nla_put_u64_64bit(skb, KSRTP_A_EVENT_COUNT, event->count,
					 KSRTP_A_EVENT_PAD);
	case KSRTP_CMD_KEY_SOFT_NTF:
	case KSRTP_CMD_KEY_HARD_NTF:
		return nla_put_u32(skb, KSRTP_A_EVENT_DIRECTION, event->direction) ?:
		       nla_put_u32(skb, KSRTP_A_EVENT_SLOT, event->slot);
	default:
		return 0;
	}
}

static void send(struct net *net, const struct ksrtp_event *event)
{
	struct sk_buff *skb;
	void *hdr;

	if (!genl_has_listeners(&ksrtp_nl_family, net, 0))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	hdr = genlmsg_put(skb, 0, 0, &ksrtp_nl_family, 0, event->cmd);
	if (!hdr || fill(skb, event)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&ksrtp_nl_family, net, skb, 0, 0, GFP_KERNEL);
}

void ksrtp_nl_event(struct ksrtp_net *kn, const struct ksrtp_event *event)
{
	down_read(&listening_lock);
	if (listening)
		send(kn->net, event);
	up_read(&listening_lock);
}
