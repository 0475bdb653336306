// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <ksrtp/ksrtp.h>

#include "kernel.h"
#include "log.h"

#define REASON	"kernel"

struct ksrtpd_kernel {
	struct ksrtp *handle;
	struct ksrtp *events;	/* NULL: not to be had */
	uint32_t owner;		/* of all calls of this run of the agent */
	struct ksrtp_key *key;	/* in locked memory, used for one key at a time */
};

static int refused(struct ksrtpd_kernel *kernel, const char *what, int err,
		   struct ksrtpd_failure *failure)
{
	const char *words = ksrtp_error(kernel->handle);

	return ksrtpd_fail(failure, REASON, "%s: %s", what, *words ? words : strerror(-err));
}

static int open_handles(struct ksrtpd_kernel *kernel, struct ksrtpd_failure *failure)
{
	int err = ksrtp_open(&kernel->handle);

	if (err == -ENOENT)
		return ksrtpd_fail(failure, REASON, "the kernel module ksrtp is not loaded");
	if (err)
		return ksrtpd_fail(failure, REASON, "cannot talk to the kernel: %s", strerror(-err));
	err = ksrtp_events_open(&kernel->events);
	if (err) {
		ksrtpd_warning("no events from the kernel: %s", strerror(-err));
		kernel->events = NULL;
	}
	return 0;
}

static bool random_owner(uint32_t *owner)
{
	do {
		if (RAND_bytes((unsigned char *)owner, sizeof(*owner)) != 1)
			return false;
	} while (!*owner);	/* 0 would be: nobody, no lease */
	return true;
}

int ksrtpd_kernel_open(struct ksrtpd_kernel **kernel, struct ksrtpd_failure *failure)
{
	struct ksrtpd_kernel *k = calloc(1, sizeof(*k));

	if (k)
		k->key = OPENSSL_secure_zalloc(sizeof(*k->key));
	if (!k || !k->key || !random_owner(&k->owner)) {
		ksrtpd_kernel_close(k);
		return ksrtpd_fail(failure, REASON, "no memory or no random numbers");
	}
	if (open_handles(k, failure)) {
		ksrtpd_kernel_close(k);
		return -1;
	}
	*kernel = k;
	return 0;
}

void ksrtpd_kernel_close(struct ksrtpd_kernel *kernel)
{
	if (!kernel)
		return;
	if (kernel->events)
		ksrtp_close(kernel->events);
	if (kernel->handle)
		ksrtp_close(kernel->handle);
	OPENSSL_secure_clear_free(kernel->key, sizeof(*kernel->key));
	free(kernel);
}

/* -- calls, legs, routes */

int ksrtpd_kernel_call_new(struct ksrtpd_kernel *kernel, const char *name, bool plain,
			   uint32_t *id, struct ksrtpd_failure *failure)
{
	struct ksrtp_call call = {
		.mode = plain ? KSRTP_MODE_NONE : KSRTP_MODE_TRANSPORT,
		.owner = kernel->owner,
		.lease = KSRTPD_LEASE,
	};
	int err;

	strncpy(call.name, name, sizeof(call.name) - 1);
	err = ksrtp_call_new(kernel->handle, &call);
	if (err)
		return refused(kernel, "new call", err, failure);
	*id = call.id;
	return 0;
}

void ksrtpd_kernel_call_del(struct ksrtpd_kernel *kernel, uint32_t id)
{
	int err = ksrtp_call_del(kernel->handle, id);

	if (err && err != -ENOENT)
		ksrtpd_error("the kernel kept call %u: %s", id, ksrtp_error(kernel->handle));
}

int ksrtpd_kernel_leg_new(struct ksrtpd_kernel *kernel, uint32_t call_id, int fd,
			  const struct sockaddr_storage *remote, uint32_t *id,
			  struct ksrtpd_failure *failure)
{
	struct ksrtp_leg leg = {
		.call_id = call_id,
		.socket = fd,
		.state = KSRTP_LEG_STATE_ACTIVE,
	};
	int err;

	if (remote)
		leg.remote = *remote;
	err = ksrtp_leg_new(kernel->handle, &leg);
	if (err)
		return refused(kernel, "new leg", err, failure);
	*id = leg.id;
	return 0;
}

int ksrtpd_kernel_leg_remote(struct ksrtpd_kernel *kernel, uint32_t id,
			     const struct sockaddr_storage *remote,
			     struct ksrtpd_failure *failure)
{
	struct ksrtp_leg leg = { .id = id, .remote = *remote };
	int err = ksrtp_leg_set(kernel->handle, &leg, KSRTP_LEG_SET_REMOTE);

	return err ? refused(kernel, "remote address of the leg", err, failure) : 0;
}

void ksrtpd_kernel_leg_del(struct ksrtpd_kernel *kernel, uint32_t id)
{
	int err = ksrtp_leg_del(kernel->handle, id);

	if (err && err != -ENOENT)
		ksrtpd_error("the kernel kept leg %u: %s", id, ksrtp_error(kernel->handle));
}

int ksrtpd_kernel_route_new(struct ksrtpd_kernel *kernel, uint32_t from, uint32_t to,
			    struct ksrtpd_failure *failure)
{
	struct ksrtp_route route = {
		.from = from,
		.to = to,
		.flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP,
	};
	int err = ksrtp_route_new(kernel->handle, &route);

	return err ? refused(kernel, "new route", err, failure) : 0;
}

/* -- keys: each one is in kernel->key for as long as its install takes */

/* Slot 0 of a leg that never had a key: a new context. */
static int install(struct ksrtpd_kernel *kernel, uint32_t leg_id, uint32_t direction,
		   struct ksrtpd_failure *failure)
{
	struct ksrtp_key *key = kernel->key;
	int err;

	key->leg_id = leg_id;
	key->direction = direction;
	key->slot = 0;
	key->context = KSRTP_CONTEXT_NEW;
	err = ksrtp_key_new(kernel->handle, key);
	return err ? refused(kernel, direction == KSRTP_DIRECTION_RX ? "receive key" :
								      "transmit key", err, failure) : 0;
}

static int derive_and_install(struct ksrtpd_kernel *kernel, uint32_t leg_id, uint32_t direction,
			      uint32_t suite, const uint8_t *master_key,
			      const uint8_t *master_salt, struct ksrtpd_failure *failure)
{
	int err = ksrtp_key_derive(kernel->key, suite, master_key, master_salt);

	if (err)
		ksrtpd_fail(failure, REASON, "cannot derive session keys: %s", strerror(-err));
	else
		err = install(kernel, leg_id, direction, failure);
	ksrtp_key_wipe(kernel->key);
	return err ? -1 : 0;
}

int ksrtpd_kernel_keys(struct ksrtpd_kernel *kernel, uint32_t leg_id,
		       const struct ksrtpd_dtls_keys *keys, struct ksrtpd_failure *failure)
{
	if (derive_and_install(kernel, leg_id, KSRTP_DIRECTION_RX, keys->suite, keys->remote_key,
			       keys->remote_salt, failure))
		return -1;
	return derive_and_install(kernel, leg_id, KSRTP_DIRECTION_TX, keys->suite, keys->local_key,
				  keys->local_salt, failure);
}

int ksrtpd_kernel_plain(struct ksrtpd_kernel *kernel, uint32_t leg_id,
			struct ksrtpd_failure *failure)
{
	memset(kernel->key, 0, sizeof(*kernel->key));
	kernel->key->suite = KSRTP_SUITE_NONE;
	if (install(kernel, leg_id, KSRTP_DIRECTION_RX, failure))
		return -1;
	return install(kernel, leg_id, KSRTP_DIRECTION_TX, failure);
}

/* -- lease and events */

int ksrtpd_kernel_alive(struct ksrtpd_kernel *kernel, struct ksrtpd_failure *failure)
{
	int err = ksrtp_owner_alive(kernel->handle, kernel->owner);

	return err ? refused(kernel, "heartbeat", err, failure) : 0;
}

int ksrtpd_kernel_events_fd(const struct ksrtpd_kernel *kernel)
{
	return kernel->events ? ksrtp_events_fd(kernel->events) : -1;
}

struct event_target {
	ksrtpd_kernel_leg_cb cb;
	void *arg;
};

static int take_event(const struct ksrtp_event *event, void *arg)
{
	const struct event_target *target = arg;

	if (event->type == KSRTP_CMD_LEG_GONE_NTF)
		target->cb(event->leg_id, "the kernel has no such leg any more", target->arg);
	else if (event->type == KSRTP_CMD_KEY_HARD_NTF)
		target->cb(event->leg_id, "a key of the leg is used up", target->arg);
	else if (event->type == KSRTP_CMD_KEY_SOFT_NTF)
		ksrtpd_warning("a key of leg %u is nearly used up", event->leg_id);
	else if (event->type == KSRTP_CMD_LEG_ATTACK_NTF)
		ksrtpd_warning("leg %u: %llu packets refused: %s", event->leg_id,
			       (unsigned long long)event->count, ksrtp_reason_name(event->reason));
	return 0;
}

void ksrtpd_kernel_events_read(struct ksrtpd_kernel *kernel, ksrtpd_kernel_leg_cb cb, void *arg)
{
	struct event_target target = { cb, arg };
	int err = ksrtp_events_read(kernel->events, take_event, &target);

	if (err == -ENOBUFS)
		ksrtpd_warning("events from the kernel were lost");
	else if (err < 0 && err != -EAGAIN)
		ksrtpd_error("events from the kernel: %s", ksrtp_error(kernel->events));
}
