// SPDX-License-Identifier: GPL-2.0
/*
 * The skb path: media that came in on a leg's socket, and the way out through the
 * IP stack. And the headers that every kernel datapath writes.
 */
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/dst_metadata.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include <ksrtp/wire.h>

#include "core/internal.h"
#include "core/stun.h"
#include "hint.h"
#include "ice.h"
#include "leg.h"
#include "net.h"
#include "nexthop.h"
#include "path.h"
#include "port.h"
#include "route.h"
#include "xmit.h"

static void write_ipv4(const struct ksrtp_port *from, const struct ksrtp_addr *remote, u8 ttl,
		       struct iphdr *ip, u16 len)
{
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = READ_ONCE(from->leg->dscp) << 2;
	ip->tot_len = htons(len);
	ip->id = 0;
	ip->frag_off = htons(IP_DF);
	ip->ttl = ttl;
	ip->protocol = IPPROTO_UDP;
	ip->check = 0;
	ip->saddr = ksrtp_addr_v4(&from->local);
	ip->daddr = ksrtp_addr_v4(remote);
	ip->check = ip_fast_csum(ip, ip->ihl);
}

static void write_ipv6(const struct ksrtp_port *from, const struct ksrtp_addr *remote, u8 ttl,
		       struct ipv6hdr *ip, u16 len)
{
	ip6_flow_hdr(ip, READ_ONCE(from->leg->dscp) << 2, 0);
	ip->payload_len = htons(len);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = ttl;
	ip->saddr = from->local.ip;
	ip->daddr = remote->ip;
}

void ksrtp_headers_write(const struct ksrtp_port *from, const struct ksrtp_addr *remote, u8 ttl,
			 u8 *payload, u32 len)
{
	struct udphdr *udp = (struct udphdr *)(payload - sizeof(*udp));
	u16 udp_len = len + sizeof(*udp);
	__wsum sum;

	udp->source = from->local.port;
	udp->dest = remote->port;
	udp->len = htons(udp_len);
	udp->check = 0;
	sum = csum_partial(udp, udp_len, 0);
	if (ksrtp_addr_is_v4(remote)) {
		struct iphdr *ip = (struct iphdr *)udp - 1;

		write_ipv4(from, remote, ttl, ip, udp_len + sizeof(*ip));
		udp->check = csum_tcpudp_magic(ip->saddr, ip->daddr, udp_len, IPPROTO_UDP, sum);
	} else {
		struct ipv6hdr *ip = (struct ipv6hdr *)udp - 1;

		write_ipv6(from, remote, ttl, ip, udp_len);
		udp->check = csum_ipv6_magic(&ip->saddr, &ip->daddr, udp_len, IPPROTO_UDP, sum);
	}
	/* Zero would mean that there is none, and is not legal for IPv6. */
	if (!udp->check)
		udp->check = CSUM_MANGLED_0;
}

/*
 * Too big for the path: fragmented as the origin does, never answered by an ICMP
 * error, because the packet was for this host.
 */
static enum ksrtp_reason allow_fragments(struct ksrtp_leg *to, struct sk_buff *skb, bool v4)
{
	if (READ_ONCE(to->flags) & KSRTP_LEG_F_NO_FRAG)
		return KSRTP_REASON_TX_MTU;
	if (v4) {
		struct iphdr *ip = ip_hdr(skb);

		ip->frag_off = 0;
		__ip_select_ident(to->kn->net, ip, 1);
		ip_send_check(ip);
	}
	skb->ignore_df = 1;
	this_cpu_inc(to->stats->fragmented);
	return KSRTP_REASON_NONE;
}

/* Send skb, whose data is the finished payload, from @port. Consumes it. */
static enum ksrtp_reason send(const struct ksrtp_port *port, struct ksrtp_nexthop *nexthop,
			      const struct ksrtp_addr *remote, struct sk_buff *skb)
{
	struct ksrtp_leg *to = port->leg;
	bool v4 = ksrtp_addr_is_v4(remote);
	enum ksrtp_reason reason;
	u32 payload_len = skb->len;
	int err;

	ksrtp_headers_write(port, remote, v4 ? ip4_dst_hoplimit(nexthop->dst) :
			    ip6_dst_hoplimit(nexthop->dst), skb->data, payload_len);
	skb_push(skb, sizeof(struct udphdr));
	skb_reset_transport_header(skb);
	skb_push(skb, KSRTP_L3L4_LEN(v4) - sizeof(struct udphdr));
	skb_reset_network_header(skb);
	skb->protocol = v4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	skb->ip_summed = CHECKSUM_NONE;
	skb->priority = 0;
	skb->mark = READ_ONCE(port->sk->sk_mark);
	memset(skb->cb, 0, sizeof(skb->cb));
	skb_dst_set(skb, dst_clone(nexthop->dst));

	if (skb->len > dst_mtu(nexthop->dst)) {
		reason = allow_fragments(to, skb, v4);
		if (reason != KSRTP_REASON_NONE) {
			kfree_skb(skb);
			return reason;
		}
	}
	err = v4 ? ip_local_out(to->kn->net, port->sk, skb) :
		   ip6_local_out(to->kn->net, port->sk, skb);
	/* NET_XMIT_CN too: the queue dropped this one, or another that counted as sent. */
	if (err)
		return KSRTP_REASON_TX_ERROR;
	this_cpu_inc(to->stats->sent);
	this_cpu_inc(to->stats->sent_skb);
	this_cpu_add(to->stats->sent_bytes, payload_len);
	return KSRTP_REASON_NONE;
}

/* Room for every header in front and for tag, MKI and word behind, linear and our own. */
static struct sk_buff *make_room(struct sk_buff *skb, bool copy)
{
	unsigned int head = LL_MAX_HEADER + KSRTP_L3L4_LEN(false), tail = KSRTP_GROWTH_MAX;
	struct sk_buff *own;

	if (copy || skb_cloned(skb) || skb_is_nonlinear(skb)) {
		own = skb_copy_expand(skb, head, tail, GFP_ATOMIC);
		if (!copy && own)
			consume_skb(skb);
		return own;
	}
	if ((skb_headroom(skb) < head || skb_tailroom(skb) < tail) &&
	    pskb_expand_head(skb, head, tail, GFP_ATOMIC))
		return NULL;
	return skb;
}

/* One copy of the plain packet in skb along @route. Consumes skb. */
static enum ksrtp_reason forward_one(struct ksrtp_route *route, const struct ksrtp_packet *plain,
				     struct sk_buff *skb)
{
	struct ksrtp_packet pkt = *plain;
	struct ksrtp_port *port = rcu_dereference(route->to->port);
	struct ksrtp_nexthop *nexthop;
	enum ksrtp_reason reason;
	struct ksrtp_addr remote;

	/* Everything that could fail without a packet is asked before an index is burnt. */
	if (!ksrtp_port_remote(port, &remote)) {
		reason = KSRTP_REASON_TX_REMOTE;
		goto drop;
	}
	nexthop = ksrtp_nexthop_resolve(port, &remote);
	if (!nexthop) {
		reason = KSRTP_REASON_TX_NEXTHOP;
		goto drop;
	}
	/* Grown, its length has to fit into the headers. */
	if (unlikely(skb->len + KSRTP_L3L4_LEN(ksrtp_addr_is_v4(&remote)) +
		     (route->to->relay ? 0 : KSRTP_GROWTH_MAX) > U16_MAX)) {
		reason = KSRTP_REASON_TX_MTU;
		goto drop;
	}
	pkt.data = skb->data;
	pkt.room = skb->len + skb_tailroom(skb);
	reason = ksrtp_protect(route, &pkt);
	if (reason != KSRTP_REASON_NONE)
		goto drop;
	__skb_put(skb, pkt.len - skb->len);
	return send(port, nexthop, &remote, skb);

drop:
	kfree_skb(skb);
	return reason;
}

static void count_copy(struct ksrtp_route *route, enum ksrtp_reason reason)
{
	this_cpu_inc(route->stats->copies);
	if (reason == KSRTP_REASON_NONE)
		this_cpu_inc(route->stats->sent);
	else
		this_cpu_inc(route->stats->dropped[reason]);
}

/* Send the plain packet along every route that takes it. Consumes skb. */
static enum ksrtp_reason forward(const struct ksrtp_packet *pkt, struct sk_buff *skb)
{
	enum ksrtp_reason reason = KSRTP_REASON_NO_ROUTE, one;
	struct ksrtp_route *route, *last = NULL;
	bool sent = false;

	list_for_each_entry_rcu(route, &pkt->leg->routes, from_node)
		if (ksrtp_route_takes(route, pkt->takers))
			last = route;
	list_for_each_entry_rcu(route, &pkt->leg->routes, from_node) {
		struct sk_buff *copy;

		if (!last)
			break;
		if (!ksrtp_route_takes(route, pkt->takers))
			continue;
		copy = route == last ? skb : make_room(skb, true);
		one = copy ? forward_one(route, pkt, copy) : KSRTP_REASON_TX_NOMEM;
		count_copy(route, one);
		if (one == KSRTP_REASON_NONE)
			sent = true;
		else
			reason = one;
		if (route == last)
			return sent ? KSRTP_REASON_NONE : reason;
	}
	/* No route takes it, or the last one went away in between. */
	kfree_skb(skb);
	return sent ? KSRTP_REASON_NONE : reason;
}

static void source_of(const struct sk_buff *skb, struct ksrtp_addr *from)
{
	const struct udphdr *udp = udp_hdr(skb);

	if (ip_hdr(skb)->version == 4)
		ksrtp_addr_set_v4(from, ip_hdr(skb)->saddr, udp->source);
	else
		ksrtp_addr_set_v6(from, &ipv6_hdr(skb)->saddr, udp->source);
}

/* From here on it is a packet of this host. */
static void make_ours(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_scrub_packet(skb, false);
	skb_clear_hash(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb_reset_mac_header(skb);
	skb->tstamp = 0;
}

/*
 * Which datapath serves the leg, and what XDP said if it saw the packet of this @name: of
 * one that was forwarded, so that it is authentic where the leg authenticates (S2).
 */
static void note_datapath(struct ksrtp_leg *leg, u64 name)
{
	u8 before = READ_ONCE(leg->slow) ?: KSRTP_SLOW_NO_PROGRAM;
	u8 slow = ksrtp_hint_take(leg, name, before);

	if (READ_ONCE(leg->datapath) != KSRTP_DATAPATH_SKB)
		WRITE_ONCE(leg->datapath, KSRTP_DATAPATH_SKB);
	if (READ_ONCE(leg->slow) != slow)
		WRITE_ONCE(leg->slow, slow);
}

/* A media packet, or DTLS to relay, on @port's socket; skb->data is the payload. Consumes skb. */
static enum ksrtp_reason receive_media(const struct ksrtp_port *port, struct sk_buff *skb)
{
	struct ksrtp_leg *leg = port->leg;
	struct ksrtp_packet pkt = { .leg = leg };
	struct ksrtp_addr from, remote;
	enum ksrtp_reason reason;
	struct sk_buff *own;
	u64 name;

	source_of(skb, &from);
	pkt.is_remote = ksrtp_port_remote(port, &remote) && ksrtp_addr_equal(&from, &remote);
	if (!pkt.is_remote && (!(READ_ONCE(leg->flags) & KSRTP_LEG_F_LEARN) ||
			   ksrtp_leg_is_plain(leg))) {
		reason = KSRTP_REASON_SRC;
		goto drop;
	}
	own = make_room(skb, false);
	if (!own) {
		reason = KSRTP_REASON_NOMEM;
		goto drop;
	}
	skb = own;
	pkt.data = skb->data;
	pkt.len = skb->len;
	pkt.room = skb->len + skb_tailroom(skb);
	ksrtp_path_classify(&pkt);
	name = ksrtp_hint_name(pkt.data, pkt.len);
	reason = ksrtp_receive(&pkt);
	if (reason != KSRTP_REASON_NONE)
		goto drop;
	if (!pkt.is_remote)
		ksrtp_leg_learn(leg, port->id, &from);

	skb_trim(skb, pkt.len);
	make_ours(skb);
	reason = forward(&pkt, skb);
	if (reason == KSRTP_REASON_NONE)
		note_datapath(leg, name);
	return reason;

drop:
	kfree_skb(skb);
	return reason;
}

/*
 * A STUN message on @port's socket; skb->data is the UDP header. A check of the path that
 * is in use is answered, whether or not there is an agent. True: it was consumed, and
 * *@reason says whether the answer left. Everything else is the agent's, untouched.
 */
static bool answer_check(struct ksrtp_port *port, struct sk_buff *skb, enum ksrtp_reason *reason)
{
	struct ksrtp_leg *leg = port->leg;
	u32 len = min_t(u32, skb->len, sizeof(struct udphdr) + KSRTP_STUN_LEN_MAX + 1);
	u8 answer[KSRTP_STUN_ANSWER_MAX];
	struct ksrtp_nexthop *nexthop;
	struct ksrtp_addr from, remote;
	struct sk_buff *own;

	if (!ksrtp_ice_is_on(leg))
		return false;
	source_of(skb, &from);
	if (!ksrtp_port_remote(port, &remote) || !ksrtp_addr_equal(&from, &remote) ||
	    !pskb_may_pull(skb, len))
		return false;
	len = ksrtp_ice_answer(leg, &from, skb->data + sizeof(struct udphdr),
			       len - sizeof(struct udphdr), answer);
	if (!len)
		return false;

	skb_mark_not_on_list(skb);
	__skb_pull(skb, sizeof(struct udphdr));
	*reason = KSRTP_REASON_NOMEM;
	own = make_room(skb, false);
	if (!own)
		goto drop;
	skb = own;
	*reason = KSRTP_REASON_TX_NEXTHOP;
	nexthop = ksrtp_nexthop_resolve(port, &remote);
	if (!nexthop)
		goto drop;
	skb_trim(skb, 0);
	skb_put_data(skb, answer, len);
	make_ours(skb);
	*reason = send(port, nexthop, &remote, skb);
	return true;

drop:
	kfree_skb(skb);
	return true;
}

int ksrtp_skb_receive(struct ksrtp_port *port, struct sk_buff *skb)
{
	struct ksrtp_leg *leg = port->leg;
	enum ksrtp_reason reason;
	enum ksrtp_proto proto;
	u32 len;
	u8 *first, octet;

	if (!pskb_may_pull(skb, sizeof(struct udphdr)))
		return 1;
	len = skb->len - sizeof(struct udphdr);
	first = skb_header_pointer(skb, sizeof(struct udphdr), 1, &octet);
	proto = first ? ksrtp_demux(*first) : KSRTP_PROTO_OTHER;
	if (proto == KSRTP_PROTO_DTLS && leg->relay)
		proto = KSRTP_PROTO_MEDIA;
	/*
	 * UDP takes apart what holds several datagrams. What it leaves whole holds packets of
	 * a tunnel, and would be taken apart on its way out.
	 */
	if (unlikely(skb_is_gso(skb)))
		proto = KSRTP_PROTO_OTHER;

	switch (proto) {
	case KSRTP_PROTO_STUN:
		if (answer_check(port, skb, &reason)) {
			if (reason == KSRTP_REASON_NONE)
				this_cpu_inc(leg->stats->answered);
			else
				this_cpu_inc(leg->stats->dropped[reason]);
			ksrtp_stats_received(leg->stats, len);
			return 0;
		}
		fallthrough;
	case KSRTP_PROTO_DTLS:
		this_cpu_inc(leg->stats->passed_up);
		ksrtp_stats_received(leg->stats, len);
		return 1;
	case KSRTP_PROTO_MEDIA:
		/* A segment of what came in as one: UDP still has the next by this pointer. */
		skb_mark_not_on_list(skb);
		__skb_pull(skb, sizeof(struct udphdr));
		reason = receive_media(port, skb);
		break;
	default:
		reason = KSRTP_REASON_NOT_MEDIA;
		kfree_skb(skb);
	}
	if (reason == KSRTP_REASON_NONE) {
		this_cpu_inc(leg->stats->forwarded);
		this_cpu_inc(leg->stats->skb);
	} else {
		this_cpu_inc(leg->stats->dropped[reason]);
	}
	ksrtp_stats_received(leg->stats, len);
	return 0;
}
