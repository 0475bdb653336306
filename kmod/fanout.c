// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/if_ether.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kernel_stat.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <net/page_pool/helpers.h>
#include <net/xdp.h>

#include "fanout.h"
#include "leg.h"
#include "path.h"
#include "port.h"
#include "route.h"
#include "xmit.h"

#define POOL_PAGES	1024	/* per CPU, in flight and waiting together */
#define BULK_MAX	16
#define HEADROOM	XDP_PACKET_HEADROOM

unsigned int ksrtp_copies_max = 512;

#ifdef KSRTP_TEST
static unsigned int bulk_max = BULK_MAX;
module_param(bulk_max, uint, 0600);
MODULE_PARM_DESC(bulk_max, "pretend that a device takes no more frames of 16 at once");
#endif

/**
 * struct pool - one CPU's frames
 * @pages: where they come from and return to
 * @rxq: names @pages as the memory of the frames
 * @reserved: @n_reserved of them, held ready so that a packet which was let on finds them
 * @dev: whom the @n queued frames are for; @routes and @payload belong to them, and @data is
 *	where they begin
 * @taken: frames that devices or their queues took since the last ksrtp_fanout_flush()
 * @copies: made in the run of the receive softirq that @run names
 */
struct pool {
	struct page_pool	*pages;
	struct xdp_rxq_info	rxq;
	struct page		*reserved[KSRTP_ROUTES_MAX];
	unsigned int		n_reserved;
	struct net_device	*dev;
	struct xdp_frame	*frames[BULK_MAX];
	void			*data[BULK_MAX];
	struct ksrtp_route	*routes[BULK_MAX];
	u16			payload[BULK_MAX];
	unsigned int		n;
	unsigned int		taken;
	unsigned int		copies;
	unsigned long		run;
};

static DEFINE_PER_CPU(struct pool *, pools);

static void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	if (pool->pages) {
		while (pool->n_reserved)
			page_pool_put_full_page(pool->pages, pool->reserved[--pool->n_reserved],
						false);
		xdp_unreg_mem_model(&pool->rxq.mem);
		page_pool_destroy(pool->pages);
	}
	kfree(pool);
}

static struct pool *pool_alloc(int cpu)
{
	struct page_pool_params params = {
		.pool_size = POOL_PAGES,
		.nid = cpu_to_node(cpu),
	};
	struct pool *pool;
	int err;

	pool = kzalloc_node(sizeof(*pool), GFP_KERNEL, cpu_to_node(cpu));
	if (!pool)
		return NULL;
	pool->pages = page_pool_create(&params);
	if (IS_ERR(pool->pages)) {
		kfree(pool);
		return NULL;
	}
	err = xdp_reg_mem_model(&pool->rxq.mem, MEM_TYPE_PAGE_POOL, pool->pages);
	if (err) {
		page_pool_destroy(pool->pages);
		kfree(pool);
		return NULL;
	}
	return pool;
}

int ksrtp_fanout_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu(pools, cpu) = pool_alloc(cpu);
		if (!per_cpu(pools, cpu)) {
			ksrtp_fanout_uninit();
			return -ENOMEM;
		}
	}
	return 0;
}

void ksrtp_fanout_uninit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		pool_free(per_cpu(pools, cpu));
		per_cpu(pools, cpu) = NULL;
	}
}

u32 ksrtp_fanout_payload_max(void)
{
	return SKB_WITH_OVERHEAD(PAGE_SIZE - HEADROOM) - KSRTP_GROWTH_MAX;
}

/* A page that waits in the pool, or a new one as long as there are fewer than allowed. */
static struct page *take_page(struct page_pool *pages)
{
	u32 held = pages->pages_state_hold_cnt -
		   (u32)atomic_read(&pages->pages_state_release_cnt);

	if (held >= POOL_PAGES && !pages->alloc.count && __ptr_ring_empty(&pages->ring))
		return NULL;
	return page_pool_dev_alloc_pages(pages);
}

/*
 * In one run of the receive softirq each device is polled once, and cleans its ring for
 * sending: what is more than the ring holds until then it would refuse. A thread that polls
 * has no runs to count; a tick does as well.
 */
static unsigned long current_run(void)
{
	return in_serving_softirq() ? __this_cpu_read(kstat.softirqs[NET_RX_SOFTIRQ]) : jiffies;
}

bool ksrtp_fanout_reserve(unsigned int n)
{
	struct pool *pool = this_cpu_read(pools);
	unsigned long run = current_run();
	struct page *page;

	if (pool->run != run) {
		pool->run = run;
		pool->copies = 0;
	}
	if (n > ARRAY_SIZE(pool->reserved) || pool->copies + n > READ_ONCE(ksrtp_copies_max))
		return false;
	while (pool->n_reserved < n) {
		page = take_page(pool->pages);
		if (!page)
			return false;
		pool->reserved[pool->n_reserved++] = page;
	}
	return true;
}

static void count_drop(struct ksrtp_route *route, enum ksrtp_reason reason)
{
	this_cpu_inc(route->stats->copies);
	this_cpu_inc(route->stats->dropped[reason]);
}

/* Writes the whole frame into @page; @xdp describes it then. */
static enum ksrtp_reason build(struct ksrtp_route *route, const struct ksrtp_port *port,
			       struct ksrtp_packet *pkt, const struct ksrtp_addr *remote,
			       const struct ksrtp_l2 *l2, struct page *page,
			       struct xdp_buff *xdp)
{
	u32 headers = l2->len + KSRTP_L3L4_LEN(ksrtp_addr_is_v4(remote));
	u8 *start = page_address(page), *payload = start + HEADROOM;
	enum ksrtp_reason reason;

	memcpy(payload, pkt->data, pkt->len);
	pkt->data = payload;
	pkt->room = pkt->len + KSRTP_GROWTH_MAX;
	reason = ksrtp_protect(route, pkt);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	ksrtp_headers_write(port, remote, l2->ttl, payload, pkt->len);
	memcpy(payload - headers, l2->octets, l2->len);
	xdp_prepare_buff(xdp, start, HEADROOM - headers, headers + pkt->len, false);
	return KSRTP_REASON_NONE;
}

static void count_sent(struct pool *pool, int i, bool by_xdp)
{
	struct ksrtp_route *route = pool->routes[i];
	struct ksrtp_leg_stats __percpu *stats = route->to->stats;

	this_cpu_inc(route->stats->copies);
	this_cpu_inc(route->stats->sent);
	this_cpu_inc(stats->sent);
	if (by_xdp)
		this_cpu_inc(stats->sent_xdp);
	else
		this_cpu_inc(stats->sent_skb);
	this_cpu_add(stats->sent_bytes, pool->payload[i]);
	pool->taken++;
}

/* virtio_net writes a header in front before it sees that its ring has no room. */
static void restore(struct xdp_frame *frame, void *data)
{
	ptrdiff_t moved = data - frame->data;

	frame->data = data;
	frame->headroom += moved;
	frame->len -= moved;
}

/*
 * A frame as a packet of the stack's, for the device's queue. Its page returns to the pool when
 * the packet has left.
 */
static enum ksrtp_reason enqueue(struct pool *pool, int i)
{
	const struct ksrtp_port *port = rcu_dereference(pool->routes[i]->to->port);
	struct xdp_frame *frame = pool->frames[i];
	struct sk_buff *skb;

	restore(frame, pool->data[i]);
	skb = xdp_build_skb_from_frame(frame, pool->dev);
	if (!skb) {
		xdp_return_frame_rx_napi(frame);
		return KSRTP_REASON_TX_NOMEM;
	}
	/* As on arrival it has taken the Ethernet header off, and said for whom it was. */
	skb_reset_network_header(skb);
	skb_push(skb, ETH_HLEN);
	skb->pkt_type = PACKET_HOST;
	skb->mark = READ_ONCE(port->sk->sk_mark);
	/* As the skb path has it, NET_XMIT_CN is no success. */
	return dev_queue_xmit(skb) ? KSRTP_REASON_TX_ERROR : KSRTP_REASON_NONE;
}

#ifdef KSRTP_TEST
/* Leaves the first one that it does not take as virtio_net does. */
static int xmit(struct net_device *dev, int n, struct xdp_frame **frames)
{
	int taken = min_t(int, n, READ_ONCE(bulk_max));
	struct xdp_frame *frame;

	if (taken < n) {
		frame = frames[taken];
		frame->data = memset(frame->data - 12, 0, 12);
		frame->headroom -= 12;
		frame->len += 12;
	}
	return taken ? dev->netdev_ops->ndo_xdp_xmit(dev, taken, frames, XDP_XMIT_FLUSH) : 0;
}
#else
static int xmit(struct net_device *dev, int n, struct xdp_frame **frames)
{
	return dev->netdev_ops->ndo_xdp_xmit(dev, n, frames, XDP_XMIT_FLUSH);
}
#endif

/* The device takes the first ones of a bulk; what its ring does not hold, its queue may. */
static void hand_over(struct pool *pool)
{
	enum ksrtp_reason reason;
	int taken, i;

	if (!pool->n)
		return;
	taken = xmit(pool->dev, pool->n, pool->frames);
	for (i = 0; i < taken; i++)
		count_sent(pool, i, true);
	for (; i < pool->n; i++) {
		reason = enqueue(pool, i);
		if (reason == KSRTP_REASON_NONE)
			count_sent(pool, i, false);
		else
			count_drop(pool->routes[i], reason);
	}
	pool->n = 0;
}

void ksrtp_fanout_queue(struct ksrtp_route *route, const struct ksrtp_port *port,
			const struct ksrtp_packet *plain, const struct ksrtp_addr *remote,
			const struct ksrtp_l2 *l2, struct net_device *dev)
{
	struct pool *pool = this_cpu_read(pools);
	struct ksrtp_packet pkt = *plain;
	struct xdp_frame *frame;
	enum ksrtp_reason reason;
	struct xdp_buff xdp;
	struct page *page;

	/* It was one route's when it was let on, and nobody asked whether a page holds it. */
	if (unlikely(plain->len > ksrtp_fanout_payload_max())) {
		count_drop(route, KSRTP_REASON_STALE);
		return;
	}
	/* Without one: a route that was added after the packet was let on. */
	page = pool->n_reserved ? pool->reserved[--pool->n_reserved] : take_page(pool->pages);
	if (!page) {
		count_drop(route, KSRTP_REASON_TX_NOMEM);
		return;
	}
	xdp_init_buff(&xdp, PAGE_SIZE, &pool->rxq);
	reason = build(route, port, &pkt, remote, l2, page, &xdp);
	frame = reason == KSRTP_REASON_NONE ? xdp_convert_buff_to_frame(&xdp) : NULL;
	if (!frame) {
		pool->reserved[pool->n_reserved++] = page;
		count_drop(route, reason ?: KSRTP_REASON_TX_NOMEM);
		return;
	}

	pool->copies++;
	if (pool->n == BULK_MAX || pool->dev != dev)
		hand_over(pool);
	pool->dev = dev;
	pool->frames[pool->n] = frame;
	pool->data[pool->n] = frame->data;
	pool->payload[pool->n] = pkt.len;
	pool->routes[pool->n++] = route;
}

unsigned int ksrtp_fanout_flush(void)
{
	struct pool *pool = this_cpu_read(pools);
	unsigned int taken;

	hand_over(pool);
	taken = pool->taken;
	pool->taken = 0;
	return taken;
}
