// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "aead.h"
#include "call.h"
#include "cm.h"
#include "engine.h"
#include "event.h"
#include "fanout.h"
#include "kfunc.h"
#include "net.h"
#include "port.h"
#include "selftest/selftest.h"
#include "version.h"

#define LEGS_MAX_DEFAULT	65536
#define STREAMS_MAX_DEFAULT	(1U << 20)
#define KEYRING_MAX_LOW		(1U << 20)	/* 3 calls a second, for ever */
#define KEYRING_MAX_HIGH	(1U << 26)	/* 194 */
#define CONSENT_TIMEOUT_MAX	30	/* RFC 7675, section 5.1 */

unsigned int ksrtp_net_id __read_mostly;
struct workqueue_struct *ksrtp_wq;

module_param_named(keyring_max, ksrtp_keyring_max, uint, 0644);
MODULE_PARM_DESC(keyring_max, "session keys remembered per network namespace, four for a call of two legs (six with hdrext-ids), until 24 h after it (by the machine's memory)");

module_param_named(copies_max, ksrtp_copies_max, uint, 0644);
MODULE_PARM_DESC(copies_max, "copies that XDP makes on one CPU in one run of the receive softirq (512); the skb path makes the others");

/* A 32nd of the memory if it comes to that: 2^20 with 1.5 GB, 11 million with 16 GB. */
static unsigned int default_keyring_max(void)
{
	u64 n = div_u64((u64)totalram_pages() << PAGE_SHIFT, 32 * KSRTP_KEYRING_COST);

	return clamp_t(u64, n, KEYRING_MAX_LOW, KEYRING_MAX_HIGH);
}

/* Limits of a namespace are written from the initial user namespace alone. */
static int limit_handler(const struct ctl_table *table, int write, void *buffer,
			    size_t *lenp, loff_t *ppos)
{
	if (write && !capable(CAP_NET_ADMIN))
		return -EPERM;
	return proc_douintvec(table, write, buffer, lenp, ppos);
}

static const unsigned int consent_min = 1, consent_max = CONSENT_TIMEOUT_MAX;

static const struct ctl_table sysctl_template[] = {
	{
		.procname	= "legs_max",
		.maxlen		= sizeof(u32),
		.mode		= 0644,
		.proc_handler	= limit_handler,
	},
	{
		.procname	= "streams_max",
		.maxlen		= sizeof(u32),
		.mode		= 0644,
		.proc_handler	= limit_handler,
	},
	{
		.procname	= "consent_timeout",
		.maxlen		= sizeof(u32),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= (void *)&consent_min,
		.extra2		= (void *)&consent_max,
	},
};

static int sysctl_init(struct ksrtp_net *kn)
{
	kn->sysctl_table = kmemdup(sysctl_template, sizeof(sysctl_template), GFP_KERNEL);
	if (!kn->sysctl_table)
		return -ENOMEM;
	kn->sysctl_table[0].data = &kn->legs_max;
	kn->sysctl_table[1].data = &kn->streams_max;
	kn->sysctl_table[2].data = &kn->consent_timeout;
	kn->sysctl = register_net_sysctl_sz(kn->net, "net/ksrtp", kn->sysctl_table,
					    ARRAY_SIZE(sysctl_template));
	if (!kn->sysctl) {
		kfree(kn->sysctl_table);
		return -ENOMEM;
	}
	return 0;
}

static void sysctl_uninit(struct ksrtp_net *kn)
{
	unregister_net_sysctl_table(kn->sysctl);
	kfree(kn->sysctl_table);
}

static int __net_init net_init(struct net *net)
{
	struct ksrtp_net *kn = ksrtp_net(net);
	int err;

	kn->net = net;
	mutex_init(&kn->lock);
	xa_init_flags(&kn->calls, XA_FLAGS_ALLOC1);
	xa_init_flags(&kn->legs, XA_FLAGS_ALLOC1);
	xa_init_flags(&kn->routes, XA_FLAGS_ALLOC1);
	kn->seq = 1;
	kn->legs_max = net->user_ns == &init_user_ns ? LEGS_MAX_DEFAULT : 0;
	kn->streams_max = STREAMS_MAX_DEFAULT;
	kn->consent_timeout = CONSENT_TIMEOUT_MAX;
	err = ksrtp_keyring_init(&kn->keyring);
	if (err)
		return err;
	err = ksrtp_call_names_init(kn);
	if (err)
		goto err_keyring;
	err = ksrtp_port_table_init(kn);
	if (err)
		goto err_names;
	err = sysctl_init(kn);
	if (err)
		goto err_table;
	err = ksrtp_preset_init(net);
	if (err)
		goto err_sysctl;
	ksrtp_watch_init(kn);
	return 0;

err_sysctl:
	sysctl_uninit(kn);
err_table:
	ksrtp_port_table_uninit(kn);
err_names:
	ksrtp_call_names_uninit(kn);
err_keyring:
	ksrtp_keyring_uninit(&kn->keyring);
	return err;
}

static void __net_exit net_pre_exit(struct net *net)
{
	struct ksrtp_net *kn = ksrtp_net(net);
	struct ksrtp_call *call;
	unsigned long id;

	ksrtp_preset_uninit(net);
	sysctl_uninit(kn);
	ksrtp_watch_uninit(kn);
	mutex_lock(&kn->lock);
	xa_for_each(&kn->calls, id, call)
		ksrtp_call_destroy(call);
	mutex_unlock(&kn->lock);
}

static void __net_exit net_exit_batch(struct list_head *nets)
{
	struct net *net;

	/* What was destroyed is freed after a grace period by works that know their net. */
	rcu_barrier();
	flush_workqueue(ksrtp_wq);
	list_for_each_entry(net, nets, exit_list) {
		struct ksrtp_net *kn = ksrtp_net(net);

		ksrtp_port_table_uninit(kn);
		ksrtp_call_names_uninit(kn);
		ksrtp_keyring_uninit(&kn->keyring);
		xa_destroy(&kn->routes);
		xa_destroy(&kn->legs);
		xa_destroy(&kn->calls);
		mutex_destroy(&kn->lock);
	}
}

static struct pernet_operations net_ops = {
	.init		= net_init,
	.pre_exit	= net_pre_exit,
	.exit_batch	= net_exit_batch,
	.id		= &ksrtp_net_id,
	.size		= sizeof(struct ksrtp_net),
};

static int __init ksrtp_init(void)
{
	int err;

	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_err("PREEMPT_RT is not supported: softirqs would share per-CPU crypto state\n");
		return -EOPNOTSUPP;
	}
	if (!ksrtp_keyring_max)
		ksrtp_keyring_max = default_keyring_max();
	ksrtp_wq = alloc_workqueue("ksrtp", WQ_UNBOUND, 0);
	if (!ksrtp_wq)
		return -ENOMEM;
	err = ksrtp_engine_init();
	if (err)
		goto err_wq;
	err = ksrtp_aead_subsys_init();
	if (err)
		goto err_engine;
	err = ksrtp_cm_subsys_init();
	if (err)
		goto err_aead;
	err = ksrtp_fanout_init();
	if (err)
		goto err_cm;
	err = ksrtp_selftest();
	if (err)
		goto err_fanout;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_fanout;
	err = ksrtp_nl_init();
	if (err)
		goto err_pernet;
	err = ksrtp_kfunc_init();
	if (err)
		goto err_nl;
	pr_info("SRTP %s loaded\n", KSRTP_VERSION);
	return 0;

err_nl:
	ksrtp_nl_uninit();
err_pernet:
	unregister_pernet_subsys(&net_ops);
err_fanout:
	ksrtp_fanout_uninit();
err_cm:
	ksrtp_cm_subsys_uninit();
err_aead:
	ksrtp_aead_subsys_uninit();
err_engine:
	ksrtp_engine_uninit();
err_wq:
	destroy_workqueue(ksrtp_wq);
	return err;
}

static void __exit ksrtp_exit(void)
{
	ksrtp_kfunc_uninit();
	ksrtp_nl_uninit();
	unregister_pernet_subsys(&net_ops);
	/* Streams and routes of the way out that were handed to RCU alone. */
	rcu_barrier();
	destroy_workqueue(ksrtp_wq);
	rcu_barrier();
	ksrtp_fanout_uninit();
	ksrtp_cm_subsys_uninit();
	ksrtp_aead_subsys_uninit();
	ksrtp_engine_uninit();
}

module_init(ksrtp_init);
module_exit(ksrtp_exit);

MODULE_SOFTDEP("pre: aesni_intel gcm ctr ghash-generic sha1-ssse3 hmac");
MODULE_DESCRIPTION("SRTP in the kernel");
MODULE_LICENSE("GPL");
MODULE_VERSION(KSRTP_VERSION);
