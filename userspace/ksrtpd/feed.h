/* SPDX-License-Identifier: GPL-2.0 */
/* Events: what happened, told to everybody who subscribed. */
#ifndef KSRTPD_FEED_H
#define KSRTPD_FEED_H

#include <sys/queue.h>

#include <jansson.h>

struct ksrtpd_subscriber {
	LIST_ENTRY(ksrtpd_subscriber) entry;
	/* Does not keep @event, and unsubscribes nobody. */
	void (*tell)(struct ksrtpd_subscriber *subscriber, json_t *event);
};

struct ksrtpd_feed {
	LIST_HEAD(, ksrtpd_subscriber) subscribers;
};

void ksrtpd_feed_init(struct ksrtpd_feed *feed);
void ksrtpd_feed_add(struct ksrtpd_feed *feed, struct ksrtpd_subscriber *subscriber);
void ksrtpd_feed_del(struct ksrtpd_subscriber *subscriber);
/* Takes @event, an object with a member "event" that names its kind. */
void ksrtpd_feed_tell(struct ksrtpd_feed *feed, json_t *event);

#endif /* KSRTPD_FEED_H */
