// SPDX-License-Identifier: GPL-2.0
/*
 * What the XDP program calls. Lookup changes nothing; everything that could send the
 * frame back to the stack is settled there. Process then does the work of the skb
 * path on the frame, in place. What lookup found is kept as plain values in a per-CPU
 * note: no pointer survives from one kfunc to the other.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include <net/l3mdev.h>
#include <net/netdev_rx_queue.h>
#include <net/udp.h>
#include <net/xdp.h>

#include <ksrtp/kfunc.h>
#include <ksrtp/wire.h>

#include "compat/ipv6.h"
#include "compat/kfunc.h"
#include "fanout.h"
#include "hint.h"
#include "kfunc.h"
#include "leg.h"
#include "net.h"
#include "nexthop.h"
#include "path.h"
#include "port.h"
#include "route.h"
#include "xmit.h"

/* What lookup found for the frame that this CPU is at. */
struct note {
	u32			cookie;		/* never 0 once set */
	bool			is_remote;	/* it came from the leg's remote address */
	u64			at;		/* else, id of the port it came to */
	u64			to;		/* id of the port it leaves from */
	struct ksrtp_addr	from;
	struct ksrtp_addr	remote;		/* of the port it leaves from */
	struct ksrtp_l2		l2;		/* the same port's */
};

static DEFINE_PER_CPU(struct note, notes);

static int check_opts(const struct xdp_buff *xdp, struct ksrtp_xdp_opts *opts, u32 opts__sz)
{
	static const u8 zero[sizeof(opts->reserved)];
	size_t len = xdp->data_end - xdp->data;

	if (opts__sz != sizeof(*opts))
		return -EINVAL;
	opts->error = -EINVAL;
	if (memcmp(opts->reserved, zero, sizeof(zero)) || opts->again > 1)
		return -EINVAL;
	if (opts->payload_off < KSRTP_L3L4_LEN(true) ||
	    (size_t)opts->payload_off + opts->payload_len > len)
		return -EINVAL;
	/* The per-CPU note and engine belong to whoever has bottom halves off. */
	opts->error = -EPERM;
	if (!in_softirq())
		return -EPERM;
	opts->error = 0;
	return 0;
}

/* The addresses of the frame; the offsets were checked by the caller of the kfunc. */
static int read_addresses(const struct xdp_buff *xdp, const struct ksrtp_xdp_opts *opts,
			  struct ksrtp_addr *from, struct ksrtp_addr *to)
{
	const struct udphdr *udp = xdp->data + opts->payload_off - sizeof(*udp);
	const void *l3 = xdp->data + opts->l3_off;

	if (opts->family == 4 &&
	    opts->l3_off + sizeof(struct iphdr) + sizeof(*udp) == opts->payload_off) {
		const struct iphdr *ip = l3;

		ksrtp_addr_set_v4(from, ip->saddr, udp->source);
		ksrtp_addr_set_v4(to, ip->daddr, udp->dest);
		return 0;
	}
	if (opts->family == 6 &&
	    opts->l3_off + sizeof(struct ipv6hdr) + sizeof(*udp) == opts->payload_off) {
		const struct ipv6hdr *ip = l3;

		ksrtp_addr_set_v6(from, &ip->saddr, udp->source);
		ksrtp_addr_set_v6(to, &ip->daddr, udp->dest);
		return 0;
	}
	return -EINVAL;
}

/*
 * Only a plain leg or a relay has to care for the checksum: elsewhere the tag is stronger. A local
 * sender's (veth) may hold the pseudo header's sum alone; a damaged packet looks like
 * that as seldom as it looks right.
 */
static bool checksum_ok(const struct xdp_buff *xdp, const struct ksrtp_xdp_opts *opts)
{
	const struct udphdr *udp = xdp->data + opts->payload_off - sizeof(*udp);
	const void *l3 = xdp->data + opts->l3_off;
	u16 len = opts->payload_len + sizeof(*udp);
	__sum16 pseudo;
	__wsum sum;

	if (opts->family == 4) {
		const struct iphdr *ip = l3;

		if (!udp->check)
			return true;
		pseudo = csum_tcpudp_magic(ip->saddr, ip->daddr, len, IPPROTO_UDP, 0);
	} else {
		const struct ipv6hdr *ip = l3;

		if (!udp->check)
			return false;
		pseudo = csum_ipv6_magic(&ip->saddr, &ip->daddr, len, IPPROTO_UDP, 0);
	}
	if ((__force u16)udp->check == (u16)~(__force u16)pseudo)
		return true;
	sum = csum_partial(udp, len, 0);
	return csum_fold(csum_add(sum, (__force __wsum)(u16)~(__force u16)pseudo)) == 0;
}

/* The last route that takes the packet, the one that the frame itself goes; how many do. */
static struct ksrtp_route *last_route(const struct ksrtp_leg *leg, u32 takers, unsigned int *n)
{
	struct ksrtp_route *route, *last = NULL;

	*n = 0;
	list_for_each_entry_rcu(route, &leg->routes, from_node) {
		if (ksrtp_route_takes(route, takers)) {
			last = route;
			++*n;
		}
	}
	return last;
}

static void count_drop(struct ksrtp_leg *leg, u32 len, enum ksrtp_reason reason)
{
	this_cpu_inc(leg->stats->dropped[reason]);
	ksrtp_stats_received(leg->stats, len);
}

/* The skb path shall do it, and knows why if the packet is authentic. */
static u16 pass(const struct xdp_buff *xdp, struct ksrtp_leg *leg,
		const struct ksrtp_xdp_opts *opts, enum ksrtp_slow why)
{
	ksrtp_hint_set(leg, xdp->data + opts->payload_off, opts->payload_len, why);
	return KSRTP_XDP_PASS;
}

static u16 drop(struct ksrtp_leg *leg, u32 len, enum ksrtp_reason reason)
{
	count_drop(leg, len, reason);
	return KSRTP_XDP_DROP;
}

/* Can a packet whose payload grows to @len leave from @port now, and how? */
static enum ksrtp_slow way(const struct ksrtp_port *port, u32 len, struct ksrtp_addr *remote,
			   struct ksrtp_l2 *l2)
{
	struct ksrtp_nexthop *nexthop;
	enum ksrtp_slow slow;

	if (!ksrtp_port_remote(port, remote))
		return KSRTP_SLOW_NEXTHOP;
	nexthop = ksrtp_nexthop_get(port, remote);
	if (!nexthop)
		return KSRTP_SLOW_NEXTHOP;
	slow = ksrtp_nexthop_l2(nexthop, remote, l2);
	if (slow != KSRTP_SLOW_NONE)
		return slow;
	return len + KSRTP_L3L4_LEN(ksrtp_addr_is_v4(remote)) > l2->mtu ? KSRTP_SLOW_MTU :
									  KSRTP_SLOW_NONE;
}

/*
 * The copies of a packet that goes along several routes: either all of them can leave by
 * XDP, or the skb path does the whole packet.
 */
static enum ksrtp_slow check_copies(const struct ksrtp_leg *leg, const struct ksrtp_route *last,
				    u32 takers, u32 len)
{
	const struct ksrtp_route *route;
	struct ksrtp_addr remote;
	enum ksrtp_slow slow;
	unsigned int n = 0;
	struct ksrtp_l2 l2;
	int growth;

	if (len > ksrtp_fanout_payload_max())
		return KSRTP_SLOW_ROOM;
	list_for_each_entry_rcu(route, &leg->routes, from_node) {
		if (route == last)
			break;
		/* What no key or hold lets through is dropped there, not a reason to wait. */
		if (!ksrtp_route_takes(route, takers) ||
		    !ksrtp_path_growth(leg, route->to, takers == KSRTP_ROUTE_F_RTCP, &growth))
			continue;
		slow = way(rcu_dereference(route->to->port), len + growth, &remote, &l2);
		if (slow != KSRTP_SLOW_NONE)
			return slow;
		n++;
	}
	return ksrtp_fanout_reserve(n) ? KSRTP_SLOW_NONE : KSRTP_SLOW_FANOUT;
}

/* Where does a media packet of @leg go, and what room does the frame need? */
static u16 plan(const struct xdp_buff *xdp, struct ksrtp_leg *leg, struct ksrtp_xdp_opts *opts,
		struct note *note)
{
	const u8 *payload = xdp->data + opts->payload_off;
	u32 takers = ksrtp_path_takers(payload, opts->payload_len);
	const struct ksrtp_port *port;
	struct ksrtp_route *route;
	enum ksrtp_slow slow;
	int growth, head;
	unsigned int n;

	route = last_route(leg, takers, &n);
	if (!route || !ksrtp_path_growth(leg, route->to, takers == KSRTP_ROUTE_F_RTCP, &growth))
		return KSRTP_XDP_PASS;
	port = rcu_dereference(route->to->port);
	slow = way(port, opts->payload_len + growth, &note->remote, &note->l2);
	if (slow == KSRTP_SLOW_NONE && n > 1)
		slow = check_copies(leg, route, takers, opts->payload_len);
	if (slow != KSRTP_SLOW_NONE)
		return pass(xdp, leg, opts, slow);

	head = note->l2.len + KSRTP_L3L4_LEN(ksrtp_addr_is_v4(&note->remote)) - opts->payload_off;
	if (growth < 0)
		growth = 0;
	if (xdp->data - head < xdp->data_hard_start + sizeof(struct xdp_frame) ||
	    xdp->data + opts->payload_off + opts->payload_len + growth >
	    xdp_data_hard_end((struct xdp_buff *)xdp))
		return pass(xdp, leg, opts, KSRTP_SLOW_ROOM);
	opts->head = head;
	opts->tail = growth;
	note->to = port->id;
	return KSRTP_XDP_PROCESS;
}

/*
 * NULL: a driver that polls on while XDP goes off it (veth with GRO) has unregistered
 * the queue under a frame that still runs the program. What it said once stays true for the poll.
 */
static struct net_device *device_of(const struct xdp_buff *xdp)
{
	return READ_ONCE(xdp->rxq->dev);
}

/* Drivers have their own queues' info; that of the device is generic XDP's. */
static bool is_generic(const struct xdp_buff *xdp, const struct net_device *dev)
{
	return xdp->rxq >= &dev->_rx[0].xdp_rxq &&
	       xdp->rxq <= &dev->_rx[dev->num_rx_queues - 1].xdp_rxq;
}

/* The device that the tags of the frame lead to, on which the stack would see it; or NULL. */
static struct net_device *device_behind_tags(const struct xdp_buff *xdp, struct net_device *dev,
					     const struct ksrtp_xdp_opts *opts)
{
	const struct vlan_ethhdr *eth = xdp->data;
	const __be16 *tag = &eth->h_vlan_proto;
	struct net_device *owner;
	u16 vid;

	for (; (const void *)(tag + 2) < xdp->data + opts->l3_off && dev; tag += 2) {
		vid = ntohs(tag[1]) & VLAN_VID_MASK;
		/* Priority only, unless there is such a device. */
		owner = __vlan_find_dev_deep_rcu(dev, tag[0], vid);
		dev = owner || vid ? owner : dev;
	}
	return dev;
}

/* Is @addr on @dev? */
static bool is_on(struct net *net, struct net_device *dev, const struct ksrtp_addr *addr)
{
	if (!dev)
		return false;
	if (!ksrtp_addr_is_v4(addr))
		return ksrtp_ip6_is_on(net, dev, &addr->ip);
	return __ip_dev_find(net, ksrtp_addr_v4(addr), false) == dev;
}

/*
 * May the port's socket hear what comes in on @dev (SO_BINDTODEVICE, VRF)? The stack's own
 * rule. It may allow more, such as the master of a bond; that is then its to serve.
 */
static bool may_hear(const struct ksrtp_port *port, const struct net_device *dev)
{
	int bound = READ_ONCE(port->sk->sk_bound_dev_if), vrf;

	if (!dev)
		return !bound;
	vrf = l3mdev_master_ifindex_rcu(dev);
	return udp_sk_bound_dev_eq(dev_net(dev), bound, vrf ?: dev->ifindex,
				   vrf ? dev->ifindex : 0);
}

/* May what reaches @sk have to come by IPsec? Where there is no such policy nothing has to. */
static bool has_policy_in(const struct net *net, const struct sock *sk)
{
#ifdef CONFIG_XFRM
	return net->xfrm.policy_count[XFRM_POLICY_IN] ||
	       net->xfrm.policy_default[XFRM_POLICY_IN] == XFRM_USERPOLICY_BLOCK ||
	       rcu_access_pointer(sk->sk_policy[XFRM_POLICY_IN]);
#else
	return false;
#endif
}

static u16 lookup(const struct xdp_buff *xdp, struct ksrtp_xdp_opts *opts)
{
	struct net_device *dev = device_of(xdp), *behind;
	struct note *note = this_cpu_ptr(&notes);
	struct ksrtp_addr local, remote;
	const struct ksrtp_port *port;
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;
	u16 verdict;

	if (unlikely(!dev))
		return KSRTP_XDP_PASS;
	kn = ksrtp_net(dev_net(dev));
	if (opts->again) {
		/* The frame has moved; what it was is in the note. */
		if (opts->cookie != note->cookie || !note->cookie)
			return KSRTP_XDP_PASS;
		leg = xa_load(&kn->legs, opts->leg);
		return leg ? plan(xdp, leg, opts, note) : KSRTP_XDP_PASS;
	}

	/* Memory of user space, which crypto cannot take (AF_XDP without copies). */
	if (unlikely(xdp->rxq->mem.type == MEM_TYPE_XSK_BUFF_POOL))
		return KSRTP_XDP_PASS;
	/* A frame for another station is the stack's to drop. */
	if (!ether_addr_equal(xdp->data, dev->dev_addr))
		return KSRTP_XDP_PASS;
	if (read_addresses(xdp, opts, &note->from, &local))
		return KSRTP_XDP_PASS;
	port = ksrtp_port_lookup(kn, &local);
	/* While a leg moves, what comes to the other port is the socket's. */
	if (!port || !opts->payload_len || !ksrtp_port_in_force(port))
		return KSRTP_XDP_PASS;
	leg = port->leg;
	/*
	 * Generic XDP does not see a tag that stands beside the frame, and keeps it: what
	 * is redirected would leave in that VLAN. The skb path takes it off.
	 */
	behind = device_behind_tags(xdp, dev, opts);
	if (is_generic(xdp, dev) && !is_on(dev_net(dev), behind, &local))
		return KSRTP_XDP_PASS;
	if (!may_hear(port, behind))
		return pass(xdp, leg, opts, KSRTP_SLOW_DEVICE);
	switch (ksrtp_demux(*(u8 *)(xdp->data + opts->payload_off))) {
	case KSRTP_PROTO_MEDIA:
		break;
	case KSRTP_PROTO_DTLS:
		if (leg->relay)
			break;
		return KSRTP_XDP_PASS;
	case KSRTP_PROTO_STUN:
		return KSRTP_XDP_PASS;
	default:
		return drop(leg, opts->payload_len, KSRTP_REASON_NOT_MEDIA);
	}

	note->is_remote = ksrtp_port_remote(port, &remote) && ksrtp_addr_equal(&note->from, &remote);
	if (ksrtp_leg_is_plain(leg)) {
		if (!note->is_remote)
			return drop(leg, opts->payload_len, KSRTP_REASON_SRC);
		/* The stack asks whether IPsec should have brought it. */
		if (has_policy_in(dev_net(dev), port->sk))
			return pass(xdp, leg, opts, KSRTP_SLOW_IPSEC);
		/* The stack knows about offloads, and counts what is wrong. */
		if (!checksum_ok(xdp, opts))
			return pass(xdp, leg, opts, KSRTP_SLOW_CHECKSUM);
	} else if (!note->is_remote) {
		if (!(READ_ONCE(leg->flags) & KSRTP_LEG_F_LEARN))
			return drop(leg, opts->payload_len, KSRTP_REASON_SRC);
		note->at = port->id;
	}

	verdict = plan(xdp, leg, opts, note);
	if (verdict == KSRTP_XDP_PROCESS) {
		if (++note->cookie == 0)
			note->cookie = 1;
		opts->leg = leg->id;
		opts->cookie = note->cookie;
	}
	return verdict;
}

static void count_forwarded(struct ksrtp_leg *leg, u32 len)
{
	this_cpu_inc(leg->stats->forwarded);
	this_cpu_inc(leg->stats->xdp);
	ksrtp_stats_received(leg->stats, len);
	if (READ_ONCE(leg->datapath) != KSRTP_DATAPATH_XDP) {
		WRITE_ONCE(leg->datapath, KSRTP_DATAPATH_XDP);
		WRITE_ONCE(leg->slow, KSRTP_SLOW_NONE);
	}
}

/* A copy for every route but the last; how many left. */
static unsigned int send_copies(const struct ksrtp_packet *pkt, const struct ksrtp_route *last,
				struct net *net)
{
	const struct ksrtp_port *port;
	struct ksrtp_route *route;
	struct net_device *dev;
	struct ksrtp_addr remote;
	struct ksrtp_l2 l2;

	list_for_each_entry_rcu(route, &pkt->leg->routes, from_node) {
		if (route == last)
			break;
		if (!ksrtp_route_takes(route, pkt->takers))
			continue;
		/* Lookup found a way; it may have gone since. */
		port = rcu_dereference(route->to->port);
		dev = way(port, pkt->len, &remote, &l2) == KSRTP_SLOW_NONE ?
		      dev_get_by_index_rcu(net, l2.ifindex) : NULL;
		if (dev) {
			ksrtp_fanout_queue(route, port, pkt, &remote, &l2, dev);
			continue;
		}
		this_cpu_inc(route->stats->copies);
		this_cpu_inc(route->stats->dropped[KSRTP_REASON_TX_NEXTHOP]);
	}
	return ksrtp_fanout_flush();
}

/* The frame itself leaves along @route, from @port. */
static enum ksrtp_reason send_frame(struct xdp_buff *xdp, struct ksrtp_route *route,
				    const struct ksrtp_port *port, struct ksrtp_packet *pkt,
				    const struct note *note)
{
	struct ksrtp_leg_stats __percpu *stats = route->to->stats;
	enum ksrtp_reason reason = ksrtp_protect(route, pkt);

	this_cpu_inc(route->stats->copies);
	if (reason != KSRTP_REASON_NONE) {
		this_cpu_inc(route->stats->dropped[reason]);
		return reason;
	}
	ksrtp_headers_write(port, &note->remote, note->l2.ttl, pkt->data, pkt->len);
	memcpy(xdp->data, note->l2.octets, note->l2.len);
	this_cpu_inc(route->stats->sent);
	this_cpu_inc(stats->sent);
	this_cpu_inc(stats->sent_xdp);
	this_cpu_add(stats->sent_bytes, pkt->len);
	return KSRTP_REASON_NONE;
}

static u16 process(struct xdp_buff *xdp, struct ksrtp_xdp_opts *opts)
{
	struct net_device *dev = device_of(xdp);
	struct note *note = this_cpu_ptr(&notes);
	u8 *payload = xdp->data + opts->payload_off;
	u32 len = opts->payload_len, room = (u8 *)xdp->data_end - payload;
	struct ksrtp_packet pkt = {
		.data = payload, .len = len, .room = room, .is_remote = note->is_remote,
	};
	unsigned int n, copies = 0;
	const struct ksrtp_port *port;
	enum ksrtp_reason reason;
	struct ksrtp_route *route;
	struct net *net;
	int growth;

	if (!note->cookie || opts->cookie != note->cookie)
		return KSRTP_XDP_AGAIN;
	/* The second lookup passes the frame on, if nothing else came between. */
	if (unlikely(!dev))
		return opts->again ? KSRTP_XDP_DROP : KSRTP_XDP_AGAIN;
	net = dev_net(dev);
	pkt.leg = xa_load(&ksrtp_net(net)->legs, opts->leg);
	/* The leg is gone: so is its port, and the packet with it. */
	if (!pkt.leg)
		return KSRTP_XDP_DROP;
	ksrtp_path_classify(&pkt);
	route = last_route(pkt.leg, pkt.takers, &n);
	port = route ? rcu_dereference(route->to->port) : NULL;
	/* Another port than lookup saw: another leg, or the leg has moved. */
	if (!port || port->id != note->to ||
	    !ksrtp_path_growth(pkt.leg, route->to, pkt.rtcp, &growth) ||
	    (int)len + growth > (int)room ||
	    note->l2.len + KSRTP_L3L4_LEN(ksrtp_addr_is_v4(&note->remote)) != opts->payload_off) {
		if (!opts->again)
			return KSRTP_XDP_AGAIN;
		return drop(pkt.leg, len, KSRTP_REASON_STALE);
	}
	/* The note is good for one frame. */
	if (++note->cookie == 0)
		note->cookie = 1;

	reason = ksrtp_receive(&pkt);
	if (reason != KSRTP_REASON_NONE)
		return drop(pkt.leg, len, reason);
	if (unlikely(!note->is_remote))
		ksrtp_leg_learn(pkt.leg, note->at, &note->from);
	if (unlikely(n > 1))
		copies = send_copies(&pkt, route, net);
	reason = send_frame(xdp, route, port, &pkt, note);
	if (reason != KSRTP_REASON_NONE && !copies)
		return drop(pkt.leg, len, reason);
	count_forwarded(pkt.leg, len);
	if (reason != KSRTP_REASON_NONE)
		return KSRTP_XDP_DROP;
	opts->trim = room - pkt.len;
	opts->ifindex = note->l2.ifindex;
	return opts->ifindex == dev->ifindex ? KSRTP_XDP_TX : KSRTP_XDP_REDIRECT;
}

__bpf_kfunc_start_defs();

/*
 * The contract of both is in include/ksrtp/kfunc.h. Most drivers run XDP programs with
 * bottom halves off and nothing more; that keeps what is looked up here alive, but is
 * not the read lock that rcu_dereference() and the lookups ask for.
 */
__bpf_kfunc int bpf_ksrtp_lookup(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts, u32 opts__sz)
{
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	int err = check_opts(xdp, opts, opts__sz);

	if (err)
		return err;
	rcu_read_lock();
	opts->verdict = lookup(xdp, opts);
	rcu_read_unlock();
	return 0;
}

__bpf_kfunc int bpf_ksrtp_process(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts, u32 opts__sz)
{
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	int err = check_opts(xdp, opts, opts__sz);

	if (err)
		return err;
	rcu_read_lock();
	opts->verdict = process(xdp, opts);
	rcu_read_unlock();
	return 0;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(ksrtp_kfuncs)
BTF_ID_FLAGS(func, bpf_ksrtp_lookup, KSRTP_KF_FLAGS)
BTF_ID_FLAGS(func, bpf_ksrtp_process, KSRTP_KF_FLAGS)
BTF_KFUNCS_END(ksrtp_kfuncs)

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = THIS_MODULE,
	.set = &ksrtp_kfuncs,
};

int ksrtp_kfunc_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &kfunc_set);
}

/* The set goes with the module's BTF; programs that use it hold the module. */
void ksrtp_kfunc_uninit(void)
{
}
