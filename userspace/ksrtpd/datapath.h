/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What moves the media of the agent's calls: the kernel module, or the agent itself
 * where there is none. Behind a table of verbs, so that nothing else in the agent knows
 * which. Refusals have the reason "kernel" or "datapath", and the datapath's words.
 */
#ifndef KSRTPD_DATAPATH_H
#define KSRTPD_DATAPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <ksrtp/ksrtp.h>

#include "dtls.h"
#include "failure.h"
#include "key.h"
#include "tally.h"

#define KSRTPD_HEARTBEATS	6	/* in a lease */

enum ksrtpd_datapath_kind {
	KSRTPD_DATAPATH_AUTO,	/* the kernel's if it is there, else the agent's own */
	KSRTPD_DATAPATH_KERNEL,
	KSRTPD_DATAPATH_USER,
};

struct ksrtpd_datapath;

/* A leg of ours is gone without our asking, or one of its keys is used up. Never from
 * within a verb.
 */
typedef void (*ksrtpd_leg_lost_cb)(uint32_t leg_id, const char *why, void *arg);
/* A datagram that is not media came in on a leg. */
typedef void (*ksrtpd_up_cb)(void *arg, const uint8_t *data, size_t len,
			     const struct sockaddr_storage *from);

/* What a datapath needs to answer the checks of an established leg. */
struct ksrtpd_leg_ice {
	uint32_t id;
	const char *ufrag, *pwd, *remote_ufrag;
};

/*
 * All that answer int return 0 or a negative errno; error() then has a sentence. The
 * structures are libksrtp's.
 */
struct ksrtpd_datapath_ops {
	const char *name;	/* "kernel", "user" */
	const char *reason;	/* of failures */
	/* The datapath reads the sockets of its legs, and hands up what is not media; else
	 * their owner goes on reading, and media does not reach it.
	 */
	bool reads;
	/* A leg of it can move to another socket, so it is worth having several. */
	bool moves;
	/* Its keys can have Cryptex (RFC 9335). */
	bool cryptex;

	void (*close)(struct ksrtpd_datapath *datapath);
	const char *(*error)(const struct ksrtpd_datapath *datapath);
	int (*call_new)(struct ksrtpd_datapath *datapath, struct ksrtp_call *call);
	int (*call_del)(struct ksrtpd_datapath *datapath, uint32_t id);
	int (*call_get)(struct ksrtpd_datapath *datapath, uint32_t id, struct ksrtp_call *call);
	int (*leg_new)(struct ksrtpd_datapath *datapath, struct ksrtp_leg *leg, ksrtpd_up_cb up,
		       void *arg);
	int (*leg_set)(struct ksrtpd_datapath *datapath, const struct ksrtp_leg *leg,
		       unsigned int what);
	int (*leg_get)(struct ksrtpd_datapath *datapath, uint32_t id, struct ksrtp_leg *leg);
	int (*leg_del)(struct ksrtpd_datapath *datapath, uint32_t id);
	int (*key_new)(struct ksrtpd_datapath *datapath, const struct ksrtpd_key *key);
	int (*key_activate)(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot);
	int (*key_del)(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t direction,
		       uint32_t slot);
	/* Those of one leg, without their octets; @cb must not use the datapath. */
	int (*key_dump)(struct ksrtpd_datapath *datapath, uint32_t leg_id, ksrtp_key_cb cb,
			ksrtp_restart_cb restart, void *arg);
	int (*route_new)(struct ksrtpd_datapath *datapath, struct ksrtp_route *route);
	int (*route_set)(struct ksrtpd_datapath *datapath, uint32_t id, uint32_t flags);
	/* Of one leg, or of all that there are (0), also other owners'; as key_dump. */
	int (*stream_dump)(struct ksrtpd_datapath *datapath, uint32_t leg_id, ksrtp_stream_cb cb,
			   ksrtp_restart_cb restart, void *arg);
	int (*owner_alive)(struct ksrtpd_datapath *datapath, uint32_t owner);
	/* Keys that are remembered so that none is used twice, and how many can be: then no
	 * more are installed.
	 */
	int (*keyring)(struct ksrtpd_datapath *datapath, uint32_t *used, uint32_t *max);
	/* NULL: the datapath leaves all of STUN to the agent */
	int (*leg_ice)(struct ksrtpd_datapath *datapath, const struct ksrtpd_leg_ice *ice);
	/* The agent verified a check; NULL: the datapath sees to consent itself. */
	int (*leg_consent)(struct ksrtpd_datapath *datapath, uint32_t id);

	/* Of a datapath that outlives the agent, else NULL: what it has, of any owner. The
	 * callbacks must not use the datapath. leg_socket gives a descriptor.
	 */
	int (*call_dump)(struct ksrtpd_datapath *datapath, ksrtp_call_cb cb,
			 ksrtp_restart_cb restart, void *arg);
	int (*leg_dump)(struct ksrtpd_datapath *datapath, uint32_t call_id, ksrtp_leg_cb cb,
			ksrtp_restart_cb restart, void *arg);
	int (*leg_socket)(struct ksrtpd_datapath *datapath, uint32_t id);
};

/* The beginning of each datapath's own structure. */
struct ksrtpd_datapath {
	const struct ksrtpd_datapath_ops *ops;
	uint32_t owner;		/* of all our calls; readopt.c brings in that of the last run */
	uint32_t lease;		/* seconds that calls outlive the agent, where they do */
	struct ksrtpd_key *key;	/* in locked memory, used for one key at a time */
	ksrtpd_leg_lost_cb lost;
	void *lost_arg;
	struct ksrtpd_tally tally;
};

/* Its events are added to @base. */
struct ksrtpd_datapath *ksrtpd_datapath_open(enum ksrtpd_datapath_kind kind,
					     struct event_base *base,
					     struct ksrtpd_failure *failure);
void ksrtpd_datapath_close(struct ksrtpd_datapath *datapath);
void ksrtpd_datapath_watch(struct ksrtpd_datapath *datapath, ksrtpd_leg_lost_cb lost, void *arg);

/* -- what the agent does with it */

/* @mode: enum ksrtp_mode; none where every leg is plain. */
int ksrtpd_datapath_call_new(struct ksrtpd_datapath *datapath, const char *name, uint32_t mode,
			     uint32_t *id, struct ksrtpd_failure *failure);
/* With all its legs, keys and routes. A call that is gone already is no failure. */
void ksrtpd_datapath_call_del(struct ksrtpd_datapath *datapath, uint32_t id);
/* False: it does not know the call any more. */
bool ksrtpd_datapath_call_get(struct ksrtpd_datapath *datapath, uint32_t id,
			      struct ksrtp_call *call);
/* The datapath takes the bound UDP socket @fd. @rtcp_of: the leg whose RTCP the new one
 * carries; 0: none. @remote NULL: not known yet. @flags: enum ksrtp_leg_flags.
 */
int ksrtpd_datapath_leg_new(struct ksrtpd_datapath *datapath, uint32_t call_id, uint32_t rtcp_of, int fd,
			    const struct sockaddr_storage *remote, uint32_t flags,
			    ksrtpd_up_cb up, void *arg, uint32_t *id,
			    struct ksrtpd_failure *failure);
int ksrtpd_datapath_leg_remote(struct ksrtpd_datapath *datapath, uint32_t id,
			       const struct sockaddr_storage *remote,
			       struct ksrtpd_failure *failure);
/* The path's other end and ours, in one step: another bound UDP socket, which the datapath takes
 * instead of the one that it has; that one is an ordinary socket again.
 */
int ksrtpd_datapath_leg_move(struct ksrtpd_datapath *datapath, uint32_t id, int fd,
				   const struct sockaddr_storage *remote,
				   struct ksrtpd_failure *failure);
int ksrtpd_datapath_leg_hold(struct ksrtpd_datapath *datapath, uint32_t id, bool held,
			     struct ksrtpd_failure *failure);
void ksrtpd_datapath_leg_del(struct ksrtpd_datapath *datapath, uint32_t id);
/* False: it does not know the leg any more. */
bool ksrtpd_datapath_leg_get(struct ksrtpd_datapath *datapath, uint32_t id,
			     struct ksrtp_leg *leg);
/* What arrives on @from leaves on @to. @flags: enum ksrtp_route_flags. */
int ksrtpd_datapath_route_new(struct ksrtpd_datapath *datapath, uint32_t from, uint32_t to,
			      uint32_t flags, uint32_t *id, struct ksrtpd_failure *failure);
int ksrtpd_datapath_route_set(struct ksrtpd_datapath *datapath, uint32_t id, uint32_t flags,
			      struct ksrtpd_failure *failure);
/* From now on nothing is sent on the leg without the peer's consent (RFC 7675); the
 * datapath may answer checks.
 */
int ksrtpd_datapath_leg_ice(struct ksrtpd_datapath *datapath, uint32_t id, const char *ufrag,
			    const char *pwd, const char *remote_ufrag,
			    struct ksrtpd_failure *failure);
/* The agent answered an authentic check. */
void ksrtpd_datapath_leg_consent(struct ksrtpd_datapath *datapath, uint32_t id);
/* Installs the receiving key into @slot, as a new context. */
int ksrtpd_datapath_key_rx(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			   const struct ksrtpd_master *rx, struct ksrtpd_failure *failure);
/* Then the other, and transmits with it from now on; @again: there were keys before. On
 * failure @slot has neither.
 */
int ksrtpd_datapath_key_tx(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			   bool again, const struct ksrtpd_master *tx,
			   struct ksrtpd_failure *failure);
/* The transmitting key alone, beside the one in use; and uses it. */
int ksrtpd_datapath_key_tx_wait(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
				const struct ksrtpd_master *tx, struct ksrtpd_failure *failure);
int ksrtpd_datapath_key_use(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			    struct ksrtpd_failure *failure);
/* Both. */
int ksrtpd_datapath_keys(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot,
			 bool again, const struct ksrtpd_master *rx, const struct ksrtpd_master *tx,
			 struct ksrtpd_failure *failure);
void ksrtpd_datapath_key_del(struct ksrtpd_datapath *datapath, uint32_t leg_id,
			     uint32_t direction, uint32_t slot);
/* Has it a key that encrypts, and none that is plain, in both directions? */
bool ksrtpd_datapath_leg_keyed(struct ksrtpd_datapath *datapath, uint32_t leg_id);
/* Any at all? Also if it does not say. */
bool ksrtpd_datapath_leg_has_keys(struct ksrtpd_datapath *datapath, uint32_t leg_id);
/* Says explicitly that the leg is plain RTP in both directions. */
int ksrtpd_datapath_plain(struct ksrtpd_datapath *datapath, uint32_t leg_id,
			  struct ksrtpd_failure *failure);
/* Do calls go on in it without the agent? */
bool ksrtpd_datapath_outlives(const struct ksrtpd_datapath *datapath);
int ksrtpd_datapath_call_dump(struct ksrtpd_datapath *datapath, ksrtp_call_cb cb,
			      ksrtp_restart_cb restart, void *arg, struct ksrtpd_failure *failure);
int ksrtpd_datapath_leg_dump(struct ksrtpd_datapath *datapath, uint32_t call_id, ksrtp_leg_cb cb,
			     ksrtp_restart_cb restart, void *arg, struct ksrtpd_failure *failure);
/* A new descriptor of the leg's socket, -1 on failure. */
int ksrtpd_datapath_leg_socket(struct ksrtpd_datapath *datapath, uint32_t id,
			       struct ksrtpd_failure *failure);
/* See keyring in ksrtpd_datapath_ops; false: it does not say. */
bool ksrtpd_datapath_keyring(struct ksrtpd_datapath *datapath, uint32_t *used, uint32_t *max);
/* Raises the alarm "keyring" while 80 % of them are taken. */
void ksrtpd_datapath_watch_keyring(struct ksrtpd_datapath *datapath);
/* Renews the lease of all calls of this agent. */
int ksrtpd_datapath_alive(struct ksrtpd_datapath *datapath, struct ksrtpd_failure *failure);

#endif /* KSRTPD_DATAPATH_H */
