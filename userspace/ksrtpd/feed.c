// SPDX-License-Identifier: GPL-2.0
#include "feed.h"

void ksrtpd_feed_init(struct ksrtpd_feed *feed)
{
	LIST_INIT(&feed->subscribers);
}

void ksrtpd_feed_add(struct ksrtpd_feed *feed, struct ksrtpd_subscriber *subscriber)
{
	LIST_INSERT_HEAD(&feed->subscribers, subscriber, entry);
}

void ksrtpd_feed_del(struct ksrtpd_subscriber *subscriber)
{
	LIST_REMOVE(subscriber, entry);
}

void ksrtpd_feed_tell(struct ksrtpd_feed *feed, json_t *event)
{
	struct ksrtpd_subscriber *subscriber;

	if (!event)
		return;
	LIST_FOREACH(subscriber, &feed->subscribers, entry)
		subscriber->tell(subscriber, event);
	json_decref(event);
}
