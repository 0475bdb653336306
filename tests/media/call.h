/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call in the module, made through libksrtp: a leg for each remote endpoint, which
 * this process plays itself. What it sends and gets is counted, so that at the end of
 * every call the module's counters are held against it (S8).
 */
#ifndef TESTS_MEDIA_CALL_H
#define TESTS_MEDIA_CALL_H

#include <ksrtp/ksrtp.h>

#include "net.h"
#include "packet.h"
#include "session.h"

#define WAIT_MS		20000	/* for what must come; so long only where it does not */
#define PEERS_MAX	72
#define ROUTES_MAX	160
#define RTP		KSRTP_ROUTE_F_RTP
#define RTCP		KSRTP_ROUTE_F_RTCP
#define BOTH		(RTP | RTCP)

/* What a test may ask for; zeros are the usual. */
struct setup {
	int link, family;	/* family 0: 4 */
	uint32_t suite;
	unsigned int mki_len;
	uint32_t flags, window, streams_max, state_held;
	uint32_t roc_in, roc_out;	/* roll-over counters that the keys come with */
	uint32_t cryptex_in, cryptex_out;	/* libsrtp2 2.5 cannot: see cryptex.c */
	bool elements_in, elements_out;	/* header extension elements are encrypted: see hdrext.c */
	bool no_rx_key, no_tx_key;
	const char *device;		/* that the socket is bound to */
	bool room;			/* the frames that bring its packets can grow: net_send_roomy() */
	uint8_t dscp;
};

/* A remote endpoint, and the leg that faces it. */
struct peer {
	struct setup setup;
	struct endpoint local, remote;	/* as the host sees them */
	uint32_t leg;
	struct session out, in;		/* toward the host; from the host */
	uint64_t wire_got;		/* datagrams that came to it */
	uint64_t wire_sent;		/* that the leg must have counted */
	struct datagram *first, **last;	/* not yet taken */
};

/* What another process has to know to play an endpoint. */
struct facts {
	struct setup setup;
	struct endpoint local, remote;
	uint32_t leg;
	struct secret out, in;
};

struct call {
	bool racing;			/* packets may come while legs go: skip what was received */
	uint32_t id;
	struct peer *peers[PEERS_MAX];
	unsigned int n_peers;
	uint32_t routes[ROUTES_MAX];
	unsigned int n_routes;
	uint64_t losses;		/* of egress devices, before it */
};

extern struct ksrtp *ksrtp;

/* Every failure is a failed CHECK, and the caller goes on. */
void call_open(struct call *c, uint32_t mode);
void call_own(struct call *c, uint32_t mode, uint32_t owner, uint32_t lease);
/* Forgets what the module knows; checks the counters first. */
void call_close(struct call *c);
/* The module deleted it by itself. */
void call_forget(struct call *c);
/* Only the counters. */
void call_account(struct call *c);

struct peer *peer_open(struct call *c, const struct setup *setup);
struct peer *peer_adopt(struct call *c, const struct facts *facts);
void peer_tell(const struct peer *p, struct facts *facts);
/* The leg goes; the endpoint stays until the call is closed. */
void peer_leg_del(struct peer *p);
/*
 * The leg moves to another socket on @link, and the endpoint to an address there; its port
 * stays. Returns the leg's socket before, which it no longer has.
 */
int peer_move(struct peer *p, int link, int family);
uint32_t route_open(struct call *c, struct peer *from, struct peer *to, uint32_t flags);
/* @route: id, from and to are filled in; otherwise as given. */
uint32_t route_add(struct call *c, struct peer *from, struct peer *to, struct ksrtp_route *route);
void pair_open(struct call *c, const struct setup *a, const struct setup *b, struct peer **pa,
	       struct peer **pb);

/* Installs the secret's session keys; a negative errno as libksrtp says it. */
int peer_key(struct peer *p, uint32_t direction, uint32_t slot, uint32_t context,
	     const struct secret *secret, uint32_t roc);

/* -- packets */

/* The octets as they are, from the peer's address. */
void peer_send_raw(struct peer *p, const uint8_t *octets, size_t len);
/* Protects a copy. */
void peer_send(struct peer *p, bool rtcp, const uint8_t *plain, size_t len);
/* Protects without sending: returns the length. @out has room for GROWTH_MAX more. */
size_t peer_protect(struct peer *p, bool rtcp, const uint8_t *plain, size_t len, uint8_t *out);

/* The next datagram for @p, waited for; NULL: none came. free() it. */
struct datagram *peer_next(struct peer *p, int timeout_ms);
/* The next one, unprotected, is exactly this. */
bool peer_expect(struct peer *p, bool rtcp, const uint8_t *plain, size_t len, const char *what);
/* Everything that was sent to @from has been seen by its leg, and nothing came to @p. */
void peer_expect_nothing(struct peer *from, struct peer *p, const char *what);
/* Takes and counts what came to anybody until @from's leg has counted all that it was sent. */
void peer_settle(struct peer *from);

/* A packet from @from comes out at @to, the same. Returns whether it did. */
bool pass_rtp(struct peer *from, struct peer *to, const struct rtp *r, const char *what);
bool pass_rtcp(struct peer *from, struct peer *to, const uint8_t *plain, size_t len,
	       const char *what);
/*
 * The same for the first packet of a new SSRC. Streams are made from spares that a worker
 * makes ready; when it is late, the packet is dropped as streams or tx-streams, and another
 * one sent here (RTP: with the next number).
 */
void pass_new_rtp(struct peer *from, struct peer *to, struct rtp *r, const char *what);
void pass_new_rtcp(struct peer *from, struct peer *to, const uint8_t *plain, size_t len,
		   const char *what);
/* A packet from @from is dropped for @reason by its leg, nothing comes out at @to. */
void refuse_raw(struct peer *from, struct peer *to, const uint8_t *octets, size_t len,
		unsigned int reason, const char *what);
void refuse_rtp(struct peer *from, struct peer *to, const struct rtp *r, unsigned int reason,
		const char *what);

struct ksrtp_leg leg_now(const struct peer *p);
uint64_t dropped(const struct peer *p, unsigned int reason);
uint64_t route_dropped(uint32_t route, unsigned int reason);
/* The leg's stream of @ssrc in the newest context. Returns whether there is one. */
bool stream_now(const struct peer *p, uint32_t direction, uint32_t ssrc, struct ksrtp_stream *s);
/*
 * What @from sent went to @to by XDP where XDP is attached, but for @first packets that
 * found the way. A frame on veth may have no room to grow in: then some may be excused,
 * unless @from was set up with room.
 */
void expect_datapath(const struct peer *from, const struct peer *to, unsigned int first);
/*
 * A packet of a plain leg of its own leaves toward @to, by the skb path: until then nobody knows
 * the way there, and XDP leaves every packet to the skb path.
 */
void peer_warm(struct call *c, struct peer *to);
/* @from has forwarded @n packets since @before: by XDP alone where it is attached, else none so. */
void expect_by_xdp(const struct peer *from, const struct ksrtp_stats *before, unsigned int n,
		   const char *what);

#endif /* TESTS_MEDIA_CALL_H */
