// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "call.h"
#include "event.h"
#include "leg.h"
#include "net.h"

static const struct rhashtable_params name_params = {
	.key_len = sizeof_field(struct ksrtp_call, name),
	.key_offset = offsetof(struct ksrtp_call, name),
	.head_offset = offsetof(struct ksrtp_call, name_node),
	.automatic_shrinking = true,
};

int ksrtp_call_names_init(struct ksrtp_net *kn)
{
	return rhashtable_init(&kn->names, &name_params);
}

void ksrtp_call_names_uninit(struct ksrtp_net *kn)
{
	rhashtable_destroy(&kn->names);
}

struct ksrtp_call *ksrtp_call_find(struct ksrtp_net *kn, u32 id)
{
	lockdep_assert_held(&kn->lock);
	return xa_load(&kn->calls, id);
}

struct ksrtp_call *ksrtp_call_find_name(struct ksrtp_net *kn, const char *name)
{
	/* The hash reads words. */
	char key[sizeof_field(struct ksrtp_call, name)] __aligned(__alignof__(u32)) = {};

	lockdep_assert_held(&kn->lock);
	strscpy(key, name, sizeof(key));
	return rhashtable_lookup_fast(&kn->names, key, name_params);
}

struct ksrtp_call *ksrtp_call_create(struct ksrtp_net *kn, const char *name, u32 mode,
				     u32 owner, u32 lease, struct netlink_ext_ack *extack)
{
	struct ksrtp_call *call;
	int err;

	lockdep_assert_held(&kn->lock);
	if (ksrtp_call_find_name(kn, name)) {
		NL_SET_ERR_MSG(extack, "a call of this name exists");
		return ERR_PTR(-EEXIST);
	}
	/* Every call of use has a leg, so the limit of legs bounds the calls as well. */
	if (kn->call_count >= kn->legs_max) {
		NL_SET_ERR_MSG(extack, "too many calls; see sysctl net.ksrtp.legs_max");
		return ERR_PTR(-ENOSPC);
	}

	call = kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);
	if (!call)
		return ERR_PTR(-ENOMEM);
	call->kn = kn;
	call->mode = mode;
	call->owner = owner;
	call->lease = lease ?: KSRTP_LEASE_DEFAULT;
	call->alive = jiffies;
	INIT_LIST_HEAD(&call->legs);
	strscpy(call->name, name, sizeof(call->name));
	err = xa_alloc_cyclic(&kn->calls, &call->id, call, XA_LIMIT(1, U32_MAX), &kn->next_call,
			      GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_free;
	err = rhashtable_insert_fast(&kn->names, &call->name_node, name_params);
	if (err)
		goto err_id;
	kn->call_count++;
	ksrtp_net_changed(kn);
	return call;

err_id:
	xa_erase(&kn->calls, call->id);
err_free:
	kfree(call);
	return ERR_PTR(err);
}

void ksrtp_call_destroy(struct ksrtp_call *call)
{
	struct ksrtp_net *kn = call->kn;
	struct ksrtp_leg *leg, *next;

	lockdep_assert_held(&kn->lock);
	list_for_each_entry_safe(leg, next, &call->legs, call_node)
		ksrtp_leg_destroy(leg);
	ksrtp_keyring_call_gone(&kn->keyring, &call->tx_keys);
	rhashtable_remove_fast(&kn->names, &call->name_node, name_params);
	xa_erase(&kn->calls, call->id);
	kn->call_count--;
	ksrtp_net_changed(kn);
	kfree(call);
}

void ksrtp_call_own(struct ksrtp_call *call, u32 owner, u32 lease)
{
	lockdep_assert_held(&call->kn->lock);
	call->owner = owner;
	call->lease = lease;
	call->alive = jiffies;
	ksrtp_net_changed(call->kn);
}

u32 ksrtp_owner_alive(struct ksrtp_net *kn, u32 owner)
{
	struct ksrtp_call *call;
	unsigned long id;
	u32 n = 0;

	lockdep_assert_held(&kn->lock);
	xa_for_each(&kn->calls, id, call) {
		if (call->owner != owner)
			continue;
		call->alive = jiffies;
		n++;
	}
	return n;
}

void ksrtp_call_expire(struct ksrtp_net *kn)
{
	struct ksrtp_call *call;
	unsigned long id;

	lockdep_assert_held(&kn->lock);
	xa_for_each(&kn->calls, id, call) {
		if (!call->owner ||
		    time_before(jiffies, call->alive + call->lease * HZ))
			continue;
		pr_info_ratelimited("call %u: no heartbeat of owner %u for %u s, deleted\n",
				    call->id, call->owner, call->lease);
		ksrtp_call_destroy(call);
	}
}
