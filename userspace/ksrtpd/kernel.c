// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "kernel.h"
#include "log.h"

#define REASON	"kernel"

struct kernel {
	struct ksrtpd_datapath base;
	struct ksrtp *handle;
	struct ksrtp *events;		/* NULL: not to be had */
	struct event *readable;
	/* In locked memory, used for one key at a time; the second one for SRTCP that has a master
	 * key of its own.
	 */
	struct ksrtp_key *session;
};

static struct kernel *of(const struct ksrtpd_datapath *datapath)
{
	return (struct kernel *)datapath;
}

static struct ksrtp *handle_of(const struct ksrtpd_datapath *datapath)
{
	return of(datapath)->handle;
}

static const char *error(const struct ksrtpd_datapath *datapath)
{
	return ksrtp_error(handle_of(datapath));
}

static int call_new(struct ksrtpd_datapath *datapath, struct ksrtp_call *call)
{
	return ksrtp_call_new(handle_of(datapath), call);
}

static int call_del(struct ksrtpd_datapath *datapath, uint32_t id)
{
	return ksrtp_call_del(handle_of(datapath), id);
}

static int call_get(struct ksrtpd_datapath *datapath, uint32_t id, struct ksrtp_call *call)
{
	return ksrtp_call_get(handle_of(datapath), id, call);
}

/* What is not media still arrives on the owner's descriptor. */
static int leg_new(struct ksrtpd_datapath *datapath, struct ksrtp_leg *leg, ksrtpd_up_cb up,
		   void *arg)
{
	(void)up;
	(void)arg;
	return ksrtp_leg_new(handle_of(datapath), leg);
}

static int leg_set(struct ksrtpd_datapath *datapath, const struct ksrtp_leg *leg,
		   unsigned int what)
{
	return ksrtp_leg_set(handle_of(datapath), leg, what);
}

static int leg_get(struct ksrtpd_datapath *datapath, uint32_t id, struct ksrtp_leg *leg)
{
	return ksrtp_leg_get(handle_of(datapath), id, leg);
}

static int leg_del(struct ksrtpd_datapath *datapath, uint32_t id)
{
	return ksrtp_leg_del(handle_of(datapath), id);
}

static int derive_apart(struct ksrtp_key *session, const struct ksrtpd_key *key)
{
	struct ksrtp_key *rtcp = session + 1;
	int err = ksrtp_key_derive(rtcp, key->suite, key->rtcp_key, key->rtcp_salt);

	if (!err) {
		memcpy(session->srtcp_key, rtcp->srtcp_key, sizeof(session->srtcp_key));
		memcpy(session->srtcp_salt, rtcp->srtcp_salt, sizeof(session->srtcp_salt));
		memcpy(session->srtcp_auth, rtcp->srtcp_auth, sizeof(session->srtcp_auth));
	}
	ksrtp_key_wipe(rtcp);
	return err;
}

static int derive(struct ksrtp_key *session, const struct ksrtpd_key *key)
{
	int err;

	if (key->suite != KSRTP_SUITE_NONE) {
		err = ksrtp_key_derive(session, key->suite, key->master_key, key->master_salt);
		return err || !key->apart ? err : derive_apart(session, key);
	}
	memset(session, 0, sizeof(*session));
	session->suite = KSRTP_SUITE_NONE;
	return 0;
}

static int key_new(struct ksrtpd_datapath *datapath, const struct ksrtpd_key *key)
{
	struct ksrtp_key *session = of(datapath)->session;
	int err = derive(session, key);

	if (!err) {
		session->leg_id = key->leg_id;
		session->direction = key->direction;
		session->slot = key->slot;
		session->context = key->context;
		session->roc = key->roc;
		session->cryptex = key->cryptex;
		session->mki_len = key->mki_len;
		memcpy(session->mki, key->mki, key->mki_len);
		err = ksrtp_key_new(handle_of(datapath), session);
	}
	ksrtp_key_wipe(session);
	return err;
}

static int key_activate(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot)
{
	return ksrtp_key_activate(handle_of(datapath), leg_id, slot);
}

static int key_del(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t direction,
		   uint32_t slot)
{
	return ksrtp_key_del(handle_of(datapath), leg_id, direction, slot);
}

static int key_dump(struct ksrtpd_datapath *datapath, uint32_t leg_id, ksrtp_key_cb cb,
		    ksrtp_restart_cb restart, void *arg)
{
	return ksrtp_key_dump(handle_of(datapath), leg_id, cb, restart, arg);
}

static int route_new(struct ksrtpd_datapath *datapath, struct ksrtp_route *route)
{
	return ksrtp_route_new(handle_of(datapath), route);
}

static int route_set(struct ksrtpd_datapath *datapath, uint32_t id, uint32_t flags)
{
	return ksrtp_route_set(handle_of(datapath), id, flags);
}

static int stream_dump(struct ksrtpd_datapath *datapath, uint32_t leg_id, ksrtp_stream_cb cb,
		       ksrtp_restart_cb restart, void *arg)
{
	return ksrtp_stream_dump(handle_of(datapath), leg_id, cb, restart, arg);
}

static int leg_ice(struct ksrtpd_datapath *datapath, const struct ksrtpd_leg_ice *ice)
{
	const struct ksrtp_leg leg = {
		.id = ice->id, .ice_ufrag = ice->ufrag, .ice_pwd = ice->pwd,
		.ice_remote_ufrag = ice->remote_ufrag,
	};

	return ksrtp_leg_set(handle_of(datapath), &leg, KSRTP_LEG_SET_ICE);
}

/* A check that the kernel left to us: setting the remote address that it came from says so. */
static int leg_consent(struct ksrtpd_datapath *datapath, uint32_t id)
{
	struct ksrtp_leg leg;
	int err = ksrtp_leg_get(handle_of(datapath), id, &leg);

	if (err || leg.remote.ss_family == AF_UNSPEC)
		return err;
	return ksrtp_leg_set(handle_of(datapath), &leg, KSRTP_LEG_SET_REMOTE);
}

static int owner_alive(struct ksrtpd_datapath *datapath, uint32_t owner)
{
	return ksrtp_owner_alive(handle_of(datapath), owner);
}

static int keyring(struct ksrtpd_datapath *datapath, uint32_t *used, uint32_t *max)
{
	struct ksrtp_info info;
	int err = ksrtp_info_get(handle_of(datapath), &info);

	if (err)
		return err;
	*used = info.keyring_used;
	*max = info.keyring_max;
	return 0;
}

static int call_dump(struct ksrtpd_datapath *datapath, ksrtp_call_cb cb, ksrtp_restart_cb restart,
		     void *arg)
{
	return ksrtp_call_dump(handle_of(datapath), cb, restart, arg);
}

static int leg_dump(struct ksrtpd_datapath *datapath, uint32_t call_id, ksrtp_leg_cb cb,
		    ksrtp_restart_cb restart, void *arg)
{
	return ksrtp_leg_dump(handle_of(datapath), call_id, cb, restart, arg);
}

static int leg_socket(struct ksrtpd_datapath *datapath, uint32_t id)
{
	return ksrtp_leg_socket(handle_of(datapath), id);
}

/* -- events */

static int take_event(const struct ksrtp_event *event, void *arg)
{
	const struct ksrtpd_datapath *datapath = arg;

	if (event->type == KSRTP_CMD_LEG_GONE_NTF && datapath->lost)
		datapath->lost(event->leg_id, "the kernel has no such leg any more",
			       datapath->lost_arg);
	else if (event->type == KSRTP_CMD_KEY_HARD_NTF && datapath->lost)
		datapath->lost(event->leg_id, "a key of the leg is used up", datapath->lost_arg);
	else if (event->type == KSRTP_CMD_KEY_SOFT_NTF)
		ksrtpd_warning("a key of leg %u is nearly used up", event->leg_id);
	else if (event->type == KSRTP_CMD_LEG_ATTACK_NTF)
		ksrtpd_log_leg(WARNING, event->leg_id, NULL, "%llu packets refused: %s",
			       (unsigned long long)event->count, ksrtp_reason_name(event->reason));
	return 0;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *kernel = arg;
	int err = ksrtp_events_read(kernel->events, take_event, &kernel->base);

	(void)fd;
	(void)what;
	if (err == -ENOBUFS)
		ksrtpd_warning("events from the kernel were lost");
	else if (err < 0 && err != -EAGAIN)
		ksrtpd_error("events from the kernel: %s", ksrtp_error(kernel->events));
}

static void kernel_close(struct ksrtpd_datapath *datapath)
{
	struct kernel *kernel = of(datapath);

	if (kernel->readable)
		event_free(kernel->readable);
	if (kernel->events)
		ksrtp_close(kernel->events);
	if (kernel->handle)
		ksrtp_close(kernel->handle);
	OPENSSL_secure_clear_free(kernel->session, 2 * sizeof(*kernel->session));
	free(kernel);
}

static int open_handles(struct kernel *kernel, struct event_base *base,
			struct ksrtpd_failure *failure)
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
		return 0;
	}
	kernel->readable = event_new(base, ksrtp_events_fd(kernel->events), EV_READ | EV_PERSIST,
				     on_readable, kernel);
	if (!kernel->readable || event_add(kernel->readable, NULL))
		return ksrtpd_fail(failure, "internal", "no memory");
	return 0;
}

static const struct ksrtpd_datapath_ops ops = {
	.name = "kernel", .reason = REASON, .moves = true, .cryptex = true, .close = kernel_close, .error = error,
	.call_new = call_new, .call_del = call_del, .call_get = call_get, .leg_new = leg_new, .leg_set = leg_set,
	.leg_get = leg_get, .leg_del = leg_del, .key_new = key_new,
	.key_activate = key_activate, .key_del = key_del, .key_dump = key_dump, .route_new = route_new,
	.route_set = route_set, .stream_dump = stream_dump, .owner_alive = owner_alive,
	.keyring = keyring,
	.leg_ice = leg_ice, .leg_consent = leg_consent,
	.call_dump = call_dump, .leg_dump = leg_dump, .leg_socket = leg_socket,
};

struct ksrtpd_datapath *ksrtpd_kernel_open(struct event_base *base,
					   struct ksrtpd_failure *failure)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int err = 0;

	if (kernel) {
		kernel->base.ops = &ops;
		kernel->session = OPENSSL_secure_zalloc(2 * sizeof(*kernel->session));
	}
	if (!kernel || !kernel->session)
		err = ksrtpd_fail(failure, "internal", "no memory");
	if (!err)
		err = open_handles(kernel, base, failure);
	if (!err)
		return &kernel->base;
	if (kernel)
		kernel_close(&kernel->base);
	return NULL;
}
