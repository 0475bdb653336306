/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: what happened, told to everybody who subscribed. Each has a number; the last
 * ones are kept for subscribers that come back.
 */
#ifndef KSRTPD_FEED_H
#define KSRTPD_FEED_H

#include <stdint.h>
#include <sys/queue.h>

#include <jansson.h>

#define KSRTPD_FEED_KEPT	256

struct ksrtpd_subscriber {
	LIST_ENTRY(ksrtpd_subscriber) entry;
	/* Does not keep @event, and unsubscribes nobody. */
	void (*tell)(struct ksrtpd_subscriber *subscriber, uint64_t number, json_t *event);
};

struct ksrtpd_feed {
	LIST_HEAD(, ksrtpd_subscriber) subscribers;
	uint32_t run;		/* tells this run's numbers from those of others */
	uint64_t number;	/* of the last event; the first is 1 */
	json_t *kept[KSRTPD_FEED_KEPT];	/* by number modulo their count */
};

void ksrtpd_feed_init(struct ksrtpd_feed *feed);
void ksrtpd_feed_uninit(struct ksrtpd_feed *feed);
void ksrtpd_feed_add(struct ksrtpd_feed *feed, struct ksrtpd_subscriber *subscriber);
void ksrtpd_feed_del(struct ksrtpd_subscriber *subscriber);
/* Takes @event, an object with a member "event" that names its kind. */
void ksrtpd_feed_tell(struct ksrtpd_feed *feed, json_t *event);
/* The event of this number, NULL if it is not kept (any more). */
json_t *ksrtpd_feed_kept(const struct ksrtpd_feed *feed, uint64_t number);

#endif /* KSRTPD_FEED_H */
