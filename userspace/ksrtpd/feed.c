// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include <openssl/rand.h>

#include "feed.h"

void ksrtpd_feed_init(struct ksrtpd_feed *feed)
{
	memset(feed, 0, sizeof(*feed));
	LIST_INIT(&feed->subscribers);
	/* Should there be no random number, then 0 will do once. */
	(void)!RAND_bytes((unsigned char *)&feed->run, sizeof(feed->run));
}

void ksrtpd_feed_uninit(struct ksrtpd_feed *feed)
{
	unsigned int i;

	for (i = 0; i < KSRTPD_FEED_KEPT; i++) {
		json_decref(feed->kept[i]);
		feed->kept[i] = NULL;
	}
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
	json_t **slot;

	if (!event)
		return;
	feed->number++;
	slot = &feed->kept[feed->number % KSRTPD_FEED_KEPT];
	json_decref(*slot);
	*slot = event;
	LIST_FOREACH(subscriber, &feed->subscribers, entry)
		subscriber->tell(subscriber, feed->number, event);
}

json_t *ksrtpd_feed_kept(const struct ksrtpd_feed *feed, uint64_t number)
{
	if (!number || number > feed->number || feed->number - number >= KSRTPD_FEED_KEPT)
		return NULL;
	return feed->kept[number % KSRTPD_FEED_KEPT];
}
