// SPDX-License-Identifier: GPL-2.0
/*
 * Test build: /proc/net/ksrtp_preset puts counters near their ends, so that tests reach
 * limits which no test could count to. One line a write:
 *
 *	key LEG DIRECTION SLOT SRTP-USED SRTCP-USED
 *	stream LEG DIRECTION SSRC INDEX RTCP-INDEX
 *	keyring SECONDS		older, as what is remembered of calls that are gone
 *
 * Numbers as sscanf reads them; INDEX is the highest one used so far.
 */
#include <linux/proc_fs.h>
#include <linux/rculist.h>
#include <linux/seq_file_net.h>

#include "../keys.h"
#include "../leg.h"
#include "../net.h"
#include "../stream.h"
#include "selftest.h"

static int preset_key(struct ksrtp_leg *leg, u32 direction, u64 slot, u64 srtp, u64 srtcp)
{
	struct ksrtp_key *key = slot < 2 ? ksrtp_key_find(leg, direction, slot) : NULL;

	if (!key)
		return -ENOENT;
	atomic64_set(&key->used[0], srtp);
	atomic64_set(&key->used[1], srtcp);
	return 0;
}

static int preset_stream(struct ksrtp_leg *leg, u32 direction, u64 ssrc, u64 index, u64 rtcp)
{
	struct ksrtp_stream *s;
	int err = -ENOENT, i;

	rcu_read_lock();
	for (i = 0; i < KSRTP_STREAM_BUCKETS; i++) {
		hlist_for_each_entry_rcu(s, &leg->streams[direction][i], node) {
			if (s->ssrc != ssrc)
				continue;
			spin_lock_bh(&s->lock);
			ksrtp_window_init(&s->rtp, s->rtp.ring, s->rtp.size);
			ksrtp_window_commit(&s->rtp, index);
			s->rtcp_last = rtcp;
			/* The next packet settles with the key. */
			s->packets = 0;
			s->rtcp_packets = 0;
			memset(s->shares, 0, sizeof(s->shares));
			spin_unlock_bh(&s->lock);
			err = 0;
		}
	}
	rcu_read_unlock();
	return err;
}

static int preset(struct ksrtp_net *kn, const char *line)
{
	u64 a, b, c;
	u32 id, direction;
	struct ksrtp_leg *leg;
	char what[8];

	if (sscanf(line, "keyring %u", &id) == 1) {
		ksrtp_keyring_age(&kn->keyring, id);
		return 0;
	}
	if (sscanf(line, "%7s %u %u %lli %lli %lli", what, &id, &direction, &a, &b, &c) != 6 ||
	    direction > KSRTP_DIRECTION_MAX)
		return -EINVAL;
	leg = ksrtp_leg_find(kn, id);
	if (!leg)
		return -ENOENT;
	if (!strcmp(what, "key"))
		return preset_key(leg, direction, a, b, c);
	if (!strcmp(what, "stream"))
		return preset_stream(leg, direction, a, b, c);
	return -EINVAL;
}

static int preset_write(struct file *file, char *line, size_t len)
{
	struct seq_file *seq = file->private_data;
	struct ksrtp_net *kn = ksrtp_net(seq->private);
	int err;

	mutex_lock(&kn->lock);
	err = preset(kn, line);
	mutex_unlock(&kn->lock);
	return err;
}

static int preset_show(struct seq_file *seq, void *unused)
{
	return 0;
}

int ksrtp_preset_init(struct net *net)
{
	return proc_create_net_single_write("ksrtp_preset", 0600, net->proc_net, preset_show,
					    preset_write, NULL) ? 0 : -ENOMEM;
}

void ksrtp_preset_uninit(struct net *net)
{
	remove_proc_entry("ksrtp_preset", net->proc_net);
}
