// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "alarm.h"
#include "config.h"
#include "datapath.h"
#include "kernel.h"
#include "log.h"
#include "user.h"

#define KEYRING_RAISE	80	/* percent */
#define KEYRING_CLEAR	75

static bool random_owner(uint32_t *owner)
{
	do {
		if (RAND_bytes((unsigned char *)owner, sizeof(*owner)) != 1)
			return false;
	} while (!*owner);	/* 0 would be: nobody, no lease */
	return true;
}

struct ksrtpd_datapath *ksrtpd_datapath_open(enum ksrtpd_datapath_kind kind,
					     struct event_base *base,
					     struct ksrtpd_failure *failure)
{
	struct ksrtpd_datapath *datapath = NULL;

	if (kind != KSRTPD_DATAPATH_USER)
		datapath = ksrtpd_kernel_open(base, failure);
	if (!datapath && kind == KSRTPD_DATAPATH_AUTO)
		ksrtpd_info("%s: the agent moves the media itself", failure->message);
	if (!datapath && kind != KSRTPD_DATAPATH_KERNEL)
		datapath = ksrtpd_user_open(base, failure);
	if (!datapath)
		return NULL;
	ksrtpd_tally_init(&datapath->tally);
	datapath->lease = KSRTPD_LEASE_DEFAULT;
	datapath->key = OPENSSL_secure_zalloc(sizeof(*datapath->key));
	if (!datapath->key || !random_owner(&datapath->owner)) {
		ksrtpd_datapath_close(datapath);
		ksrtpd_fail(failure, "internal", "no memory or no random numbers");
		return NULL;
	}
	ksrtpd_info("datapath: %s", datapath->ops->name);
	return datapath;
}

void ksrtpd_datapath_close(struct ksrtpd_datapath *datapath)
{
	if (!datapath)
		return;
	ksrtpd_tally_uninit(&datapath->tally);
	OPENSSL_secure_clear_free(datapath->key, sizeof(*datapath->key));
	datapath->ops->close(datapath);
}

void ksrtpd_datapath_watch(struct ksrtpd_datapath *datapath, ksrtpd_leg_lost_cb lost, void *arg)
{
	datapath->lost = lost;
	datapath->lost_arg = arg;
}

static int refused(struct ksrtpd_datapath *datapath, const char *what, int err,
		   struct ksrtpd_failure *failure)
{
	const char *words = datapath->ops->error(datapath);

	return ksrtpd_fail(failure, datapath->ops->reason, "%s: %s", what,
			   *words ? words : strerror(-err));
}

/* -- calls, legs, routes */

int ksrtpd_datapath_call_new(struct ksrtpd_datapath *datapath, const char *name, uint32_t mode,
			     uint32_t *id, struct ksrtpd_failure *failure)
{
	struct ksrtp_call call = {
		.mode = mode,
		.owner = datapath->owner,
		.lease = datapath->lease,
	};
	int err;

	strncpy(call.name, name, sizeof(call.name) - 1);
	err = datapath->ops->call_new(datapath, &call);
	if (err)
		return refused(datapath, "new call", err, failure);
	*id = call.id;
	return 0;
}

void ksrtpd_datapath_call_del(struct ksrtpd_datapath *datapath, uint32_t id)
{
	int err;

	ksrtpd_tally_call_goes(datapath, id);
	err = datapath->ops->call_del(datapath, id);
	if (err && err != -ENOENT)
		ksrtpd_error("the datapath kept call %u: %s", id, datapath->ops->error(datapath));
}

int ksrtpd_datapath_leg_new(struct ksrtpd_datapath *datapath, uint32_t call_id, uint32_t rtcp_of, int fd,
			    const struct sockaddr_storage *remote, uint32_t flags,
			    ksrtpd_up_cb up, void *arg, uint32_t *id,
			    struct ksrtpd_failure *failure)
{
	struct ksrtp_leg leg = {
		.call_id = call_id,
		.socket = fd,
		.state = KSRTP_LEG_STATE_ACTIVE,
		.flags = flags,
		.rtcp_of = rtcp_of,
	};
	int err;

	if (remote)
		leg.remote = *remote;
	err = datapath->ops->leg_new(datapath, &leg, up, arg);
	if (err)
		return refused(datapath, "new leg", err, failure);
	*id = leg.id;
	ksrtpd_tally_add(datapath, call_id, leg.id);
	return 0;
}

int ksrtpd_datapath_leg_remote(struct ksrtpd_datapath *datapath, uint32_t id,
			       const struct sockaddr_storage *remote,
			       struct ksrtpd_failure *failure)
{
	struct ksrtp_leg leg = { .id = id, .remote = *remote };
	int err = datapath->ops->leg_set(datapath, &leg, KSRTP_LEG_SET_REMOTE);

	return err ? refused(datapath, "remote address of the leg", err, failure) : 0;
}

int ksrtpd_datapath_leg_move(struct ksrtpd_datapath *datapath, uint32_t id, int fd,
				   const struct sockaddr_storage *remote,
				   struct ksrtpd_failure *failure)
{
	struct ksrtp_leg leg = { .id = id, .socket = fd, .remote = *remote };
	int err = datapath->ops->leg_set(datapath, &leg, KSRTP_LEG_SET_SOCKET | KSRTP_LEG_SET_REMOTE);

	return err ? refused(datapath, "path of the leg", err, failure) : 0;
}

int ksrtpd_datapath_leg_hold(struct ksrtpd_datapath *datapath, uint32_t id, bool held,
			     struct ksrtpd_failure *failure)
{
	struct ksrtp_leg leg = {
		.id = id, .state = held ? KSRTP_LEG_STATE_HELD : KSRTP_LEG_STATE_ACTIVE,
	};
	int err = datapath->ops->leg_set(datapath, &leg, KSRTP_LEG_SET_STATE);

	return err ? refused(datapath, "state of the leg", err, failure) : 0;
}

void ksrtpd_datapath_leg_del(struct ksrtpd_datapath *datapath, uint32_t id)
{
	int err;

	ksrtpd_tally_leg_goes(datapath, id);
	err = datapath->ops->leg_del(datapath, id);
	if (err && err != -ENOENT)
		ksrtpd_error("the datapath kept leg %u: %s", id, datapath->ops->error(datapath));
}

bool ksrtpd_datapath_leg_get(struct ksrtpd_datapath *datapath, uint32_t id,
			     struct ksrtp_leg *leg)
{
	return !datapath->ops->leg_get(datapath, id, leg);
}

int ksrtpd_datapath_route_new(struct ksrtpd_datapath *datapath, uint32_t from, uint32_t to,
			      uint32_t flags, uint32_t *id, struct ksrtpd_failure *failure)
{
	struct ksrtp_route route = { .from = from, .to = to, .flags = flags };
	int err = datapath->ops->route_new(datapath, &route);

	if (err)
		return refused(datapath, "new route", err, failure);
	*id = route.id;
	return 0;
}

int ksrtpd_datapath_route_set(struct ksrtpd_datapath *datapath, uint32_t id, uint32_t flags,
			      struct ksrtpd_failure *failure)
{
	int err = datapath->ops->route_set(datapath, id, flags);

	return err ? refused(datapath, "route", err, failure) : 0;
}

/* -- keys: each one is in datapath->key for as long as its install takes */

static bool set_masters(struct ksrtpd_key *key, const struct ksrtpd_master *master)
{
	bool rtcp = master->part == KSRTPD_PART_RTCP;

	memcpy(rtcp ? key->rtcp_key : key->master_key, master->key, sizeof(key->master_key));
	memcpy(rtcp ? key->rtcp_salt : key->master_salt, master->salt, sizeof(key->master_salt));
	key->apart = master->part != KSRTPD_PART_BOTH;
	if (!key->apart)
		return true;
	return RAND_bytes(rtcp ? key->master_key : key->rtcp_key, sizeof(key->master_key)) == 1 &&
	       RAND_bytes(rtcp ? key->master_salt : key->rtcp_salt, sizeof(key->master_salt)) == 1;
}

static int install(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t direction,
		   uint32_t slot, const struct ksrtpd_master *master,
		   struct ksrtpd_failure *failure)
{
	struct ksrtpd_key *key = datapath->key;
	int err;

	memset(key, 0, sizeof(*key));
	key->leg_id = leg_id;
	key->direction = direction;
	key->slot = slot;
	key->context = KSRTP_CONTEXT_NEW;
	key->suite = master->suite;
	if (master->suite != KSRTP_SUITE_NONE) {
		key->cryptex = master->cryptex;
		if (!set_masters(key, master)) {
			OPENSSL_cleanse(key, sizeof(*key));
			return ksrtpd_fail(failure, "internal", "no random numbers for keys");
		}
		key->mki_len = (uint8_t)master->mki_len;
		if (key->mki_len)
			memcpy(key->mki, master->mki, key->mki_len);
	}
	err = datapath->ops->key_new(datapath, key);
	OPENSSL_cleanse(key, sizeof(*key));
	return err ? refused(datapath, direction == KSRTP_DIRECTION_RX ? "receive key" :
									"transmit key", err, failure) : 0;
}

void ksrtpd_datapath_key_del(struct ksrtpd_datapath *datapath, uint32_t leg_id,
			     uint32_t direction, uint32_t slot)
{
	int err = datapath->ops->key_del(datapath, leg_id, direction, slot);

	if (err && err != -ENOENT)
		ksrtpd_error("the datapath kept a key of leg %u: %s", leg_id,
			     datapath->ops->error(datapath));
}

int ksrtpd_datapath_key_rx(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			   const struct ksrtpd_master *rx, struct ksrtpd_failure *failure)
{
	return install(datapath, leg_id, KSRTP_DIRECTION_RX, slot, rx, failure);
}

int ksrtpd_datapath_key_tx_wait(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
				const struct ksrtpd_master *tx, struct ksrtpd_failure *failure)
{
	return install(datapath, leg_id, KSRTP_DIRECTION_TX, slot, tx, failure);
}

int ksrtpd_datapath_key_use(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			    struct ksrtpd_failure *failure)
{
	int err = datapath->ops->key_activate(datapath, leg_id, slot);

	return err ? refused(datapath, "use of the transmit key", err, failure) : 0;
}

int ksrtpd_datapath_key_tx(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			   bool again, const struct ksrtpd_master *tx,
			   struct ksrtpd_failure *failure)
{
	if (!install(datapath, leg_id, KSRTP_DIRECTION_TX, slot, tx, failure)) {
		/* The first transmit key of a leg is active at once. */
		if (!again || !ksrtpd_datapath_key_use(datapath, leg_id, slot, failure))
			return 0;
		ksrtpd_datapath_key_del(datapath, leg_id, KSRTP_DIRECTION_TX, slot);
	}
	ksrtpd_datapath_key_del(datapath, leg_id, KSRTP_DIRECTION_RX, slot);
	return -1;
}

int ksrtpd_datapath_keys(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			 bool again, const struct ksrtpd_master *rx, const struct ksrtpd_master *tx,
			 struct ksrtpd_failure *failure)
{
	if (ksrtpd_datapath_key_rx(datapath, leg_id, slot, rx, failure))
		return -1;
	return ksrtpd_datapath_key_tx(datapath, leg_id, slot, again, tx, failure);
}

int ksrtpd_datapath_plain(struct ksrtpd_datapath *datapath, uint32_t leg_id,
			  struct ksrtpd_failure *failure)
{
	const struct ksrtpd_master none = { .suite = KSRTP_SUITE_NONE };

	if (ksrtpd_datapath_keys(datapath, leg_id, 0, false, &none, &none, failure))
		return -1;
	ksrtpd_tally_suite(datapath, leg_id, KSRTP_SUITE_NONE);
	return 0;
}

/* -- what keys there are */

struct found_keys {
	bool any, plain, real[2];
};

static void begin_again(void *arg)
{
	memset(arg, 0, sizeof(struct found_keys));
}

/* One to transmit with later is not one that is used. */
static int take_key(const struct ksrtp_key *key, void *arg)
{
	struct found_keys *found = arg;

	found->any = true;
	if (key->direction == KSRTP_DIRECTION_TX && !key->active)
		return 0;
	if (key->suite == KSRTP_SUITE_NONE)
		found->plain = true;
	else
		found->real[key->direction == KSRTP_DIRECTION_TX] = true;
	return 0;
}

static int find_keys(struct ksrtpd_datapath *datapath, uint32_t leg_id, struct found_keys *found)
{
	memset(found, 0, sizeof(*found));
	return datapath->ops->key_dump(datapath, leg_id, take_key, begin_again, found);
}

bool ksrtpd_datapath_leg_keyed(struct ksrtpd_datapath *datapath, uint32_t leg_id)
{
	struct found_keys found;

	return !find_keys(datapath, leg_id, &found) && !found.plain && found.real[0] && found.real[1];
}

bool ksrtpd_datapath_leg_has_keys(struct ksrtpd_datapath *datapath, uint32_t leg_id)
{
	struct found_keys found;

	return find_keys(datapath, leg_id, &found) || found.any;
}

bool ksrtpd_datapath_call_get(struct ksrtpd_datapath *datapath, uint32_t id,
			      struct ksrtp_call *call)
{
	return !datapath->ops->call_get(datapath, id, call);
}

/* -- ICE */

int ksrtpd_datapath_leg_ice(struct ksrtpd_datapath *datapath, uint32_t id, const char *ufrag,
			    const char *pwd, const char *remote_ufrag,
			    struct ksrtpd_failure *failure)
{
	const struct ksrtpd_leg_ice ice = {
		.id = id, .ufrag = ufrag, .pwd = pwd, .remote_ufrag = remote_ufrag,
	};
	int err = datapath->ops->leg_ice ? datapath->ops->leg_ice(datapath, &ice) : 0;

	return err ? refused(datapath, "ICE of the leg", err, failure) : 0;
}

void ksrtpd_datapath_leg_consent(struct ksrtpd_datapath *datapath, uint32_t id)
{
	if (datapath->ops->leg_consent)
		datapath->ops->leg_consent(datapath, id);
}

bool ksrtpd_datapath_keyring(struct ksrtpd_datapath *datapath, uint32_t *used, uint32_t *max)
{
	return !datapath->ops->keyring(datapath, used, max);
}

void ksrtpd_datapath_watch_keyring(struct ksrtpd_datapath *datapath)
{
	char message[160];
	uint32_t used, max;
	uint64_t percent;

	if (!ksrtpd_datapath_keyring(datapath, &used, &max))
		return;
	percent = max ? (uint64_t)used * 100 / max : 100;
	if (percent >= KEYRING_RAISE) {
		snprintf(message, sizeof(message), "%u of %u keys are remembered, each until a day "
			 "after its call: when all are, calls are refused; see keyring_max in "
			 "ksrtpd(8)", used, max);
		ksrtpd_alarm_raise("keyring", datapath->ops->name, message);
	} else if (percent < KEYRING_CLEAR) {
		ksrtpd_alarm_clear("keyring", datapath->ops->name);
	}
}

int ksrtpd_datapath_alive(struct ksrtpd_datapath *datapath, struct ksrtpd_failure *failure)
{
	int err = datapath->ops->owner_alive(datapath, datapath->owner);

	return err ? refused(datapath, "heartbeat", err, failure) : 0;
}

/* -- what outlives the agent */

bool ksrtpd_datapath_outlives(const struct ksrtpd_datapath *datapath)
{
	return datapath->ops->call_dump;
}

int ksrtpd_datapath_call_dump(struct ksrtpd_datapath *datapath, ksrtp_call_cb cb,
			      ksrtp_restart_cb restart, void *arg, struct ksrtpd_failure *failure)
{
	int err = datapath->ops->call_dump(datapath, cb, restart, arg);

	return err ? refused(datapath, "list of calls", err, failure) : 0;
}

int ksrtpd_datapath_leg_dump(struct ksrtpd_datapath *datapath, uint32_t call_id, ksrtp_leg_cb cb,
			     ksrtp_restart_cb restart, void *arg, struct ksrtpd_failure *failure)
{
	int err = datapath->ops->leg_dump(datapath, call_id, cb, restart, arg);

	return err ? refused(datapath, "list of legs", err, failure) : 0;
}

int ksrtpd_datapath_leg_socket(struct ksrtpd_datapath *datapath, uint32_t id,
			       struct ksrtpd_failure *failure)
{
	int fd = datapath->ops->leg_socket(datapath, id);

	return fd < 0 ? refused(datapath, "socket of the leg", fd, failure) : fd;
}
