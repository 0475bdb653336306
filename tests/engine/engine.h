/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's packet engine in a program: the very sources of kmod/ that choose keys,
 * indices and streams, on stand-ins for the kernel (include/) and with OpenSSL as the
 * cipher. What a test pushes into a leg takes the way that the skb path gives it.
 */
#ifndef KSRTP_ENGINE_TEST_H
#define KSRTP_ENGINE_TEST_H

#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/types.h>
#include <ksrtp/wire.h>

#include "call.h"
#include "keys.h"
#include "leg.h"
#include "net.h"
#include "path.h"
#include "route.h"
#include "stream.h"

#include "kernel.h"

#define ENGINE_PACKET_MAX	2048
#define ENGINE_ROUTES_MAX	64
#define ENGINE_MKI_MAX		128
#define ENGINE_IDS_MAX		16

struct engine {
	struct ksrtp_net	kn;
	struct net		net;
	struct ksrtp_call	*call;
	struct netlink_ext_ack	extack;	/* why the last verb was refused */
	int			legs;	/* made so far: their addresses */
	bool			lazy;	/* queued work waits for engine_settle() */
	bool			stranger;	/* what is pushed comes from another address than the remote */
	u32			growth;	/* there is room for what packets grow by; 0: for all that it can be */
};

/* A master key as it comes from DTLS or signalling, and the MKI of its packets. */
struct engine_master {
	u32	suite;
	u8	key[32];
	u8	salt[14];
	u8	mki[ENGINE_MKI_MAX];
	size_t	mki_len;
	u32	cryptex;	/* enum ksrtp_cryptex */
	u8	hdrext_ids[ENGINE_IDS_MAX];	/* elements that are encrypted (RFC 6904) */
	size_t	hdrext_ids_len;
};

struct engine_copy {
	const struct ksrtp_route *route;
	enum ksrtp_reason	reason;
	u32			len;
	u8			data[ENGINE_PACKET_MAX];
};

/* What became of a packet. */
struct engine_result {
	enum ksrtp_reason	reason;	/* of ksrtp_receive() */
	u32			len;	/* of the plain packet, if that is none */
	u8			data[ENGINE_PACKET_MAX];
	int			n;
	struct engine_copy	copies[ENGINE_ROUTES_MAX];
};

void engine_init(struct engine *e);
/* Everything goes, and nothing may be left over. */
void engine_exit(struct engine *e);

/* 0: the default */
struct ksrtp_leg *engine_leg(struct engine *e, u32 window, u32 streams_max);
void engine_leg_del(struct engine *e, struct ksrtp_leg *leg);
void engine_leg_state(struct engine *e, struct ksrtp_leg *leg, u32 state);
/* Of suite none with a NULL master. 0 or a negative errno; then see e->extack. */
int engine_key(struct engine *e, struct ksrtp_leg *leg, u32 direction, u32 slot, u32 context,
	       u32 roc, const struct engine_master *master);
int engine_key_del(struct engine *e, struct ksrtp_leg *leg, u32 direction, u32 slot);
int engine_key_activate(struct engine *e, struct ksrtp_leg *leg, u32 slot);
/* @rewrite is copied. */
struct ksrtp_route *engine_route(struct engine *e, struct ksrtp_leg *from, struct ksrtp_leg *to,
				 u32 flags, const struct ksrtp_rewrite *rewrite);

/* One UDP payload; @rtcp is found as the module finds it. */
void engine_push(struct engine *e, struct ksrtp_leg *leg, const void *data, size_t len,
		 struct engine_result *result);

struct ksrtp_stream *engine_stream(const struct ksrtp_leg *leg, u32 direction, u32 context,
				   u32 ssrc);
u32 engine_streams(const struct ksrtp_leg *leg, u32 direction);
/* A digest of all that a packet may change on the leg, but for counters. */
u64 engine_state(const struct ksrtp_leg *leg);
/* How often the module told @cmd since engine_init(). */
unsigned int engine_told(u8 cmd);

/* A master key from random numbers. */
void engine_master_random(struct engine_master *m, u32 suite, size_t mki_len, uint64_t *seed);
size_t engine_key_len(u32 suite);
size_t engine_salt_len(u32 suite);
bool engine_is_gcm(u32 suite);
const char *engine_suite_name(u32 suite);

#endif /* KSRTP_ENGINE_TEST_H */
