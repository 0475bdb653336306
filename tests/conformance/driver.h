/* SPDX-License-Identifier: GPL-2.0 */
/* A datapath under test: it is told what the agent would tell it, and given datagrams. */
#ifndef TESTS_CONFORMANCE_DRIVER_H
#define TESTS_CONFORMANCE_DRIVER_H

#include <ksrtp/ksrtp.h>

#include "ksrtpd/key.h"

#define DATAGRAM_MAX	4096
#define LEGS_MAX	80

/* All that can fail return 0 or a negative errno; error() then says why. */
struct driver {
	const char *name;	/* "user", "xdp", "skb" */
	int has_skb;		/* counts what the skb path forwards, and sends, as that */
	int (*open)(void);
	void (*close)(void);
	const char *(*error)(void);
	/* For the file of results: what the datapath runs on. */
	const char *(*version)(void);

	int (*call_new)(struct ksrtp_call *call);
	int (*call_del)(uint32_t id);
	/* @n counts a call's legs. The driver chooses both addresses, which it fills in;
	 * @remote 0: the leg begins without one.
	 */
	int (*leg_new)(struct ksrtp_leg *leg, unsigned int n, int family, int remote);
	/* With @what & KSRTP_LEG_SET_REMOTE: the one that it chose. */
	int (*leg_set)(const struct ksrtp_leg *leg, unsigned int what);
	int (*leg_get)(uint32_t id, struct ksrtp_leg *leg);
	int (*leg_del)(uint32_t id);
	int (*key_new)(const struct ksrtpd_key *key);
	int (*key_activate)(uint32_t leg, uint32_t slot);
	int (*key_del)(uint32_t leg, uint32_t direction, uint32_t slot);
	int (*route_new)(struct ksrtp_route *route);
	int (*route_set)(uint32_t id, uint32_t flags);
	int (*route_get)(uint32_t id, struct ksrtp_route *route);
	int (*route_del)(uint32_t id);
	int (*stream_dump)(uint32_t leg, ksrtp_stream_cb cb, void *arg);

	/* A datagram from leg @n's endpoint, or, with @stranger, from another port of its
	 * host. When this returns the datapath has counted it.
	 */
	int (*input)(unsigned int n, int stranger, const uint8_t *data, size_t len);
	/* Did XDP settle the last input, instead of handing it up to the stack? NULL: there is
	 * no XDP here.
	 */
	int (*by_xdp)(void);
	/* Where the FPU is being refused to drivers that ask for it, how many operations went
	 * without so far; elsewhere, or NULL: -ENOENT.
	 */
	int (*without_fpu)(uint64_t *count);
	/* The next datagram that left on leg @n, for the endpoint (@stranger: for that
	 * other port); -ENOENT: none, after waiting for so long.
	 */
	int (*output)(unsigned int n, int wait_ms, int *stranger, uint8_t *data, size_t *len);
	/* The next one that came up to leg @n's owner. */
	int (*up)(unsigned int n, uint8_t *data, size_t *len);
};

/* Those of this program; the last is NULL. */
extern const struct driver *const drivers[];

#endif /* TESTS_CONFORMANCE_DRIVER_H */
