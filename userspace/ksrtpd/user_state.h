/* SPDX-License-Identifier: GPL-2.0 */
/* What the files user_*.c of the engine share: its objects, and who does what to them. */
#ifndef KSRTPD_USER_STATE_H
#define KSRTPD_USER_STATE_H

#include "core/user.h"

#include <sys/queue.h>
#include <time.h>

#include <ksrtp/wire.h>

#include "core/index.h"
#include "core/numbers.h"
#include "core/packet.h"
#include "core/replay.h"
#include "core/report.h"
#include "user_engine.h"
#include "user_srtp.h"

#define RTCP_WINDOW	128	/* packets */
#define PAST_MAX	8	/* receive keys that a leg remembers */
#define KEYRING_KEEP	(24ULL * 60 * 60 * 1000)	/* ms that transmit keys outlive their call */
#define PT_NONE		0xff	/* no payload type */
#define LEG_BUCKETS	1024
#define STREAMS_TOTAL	(1u << 20)	/* of all legs, as the module's net.ksrtp.streams_max */
#define RX		KSRTP_DIRECTION_RX
#define TX		KSRTP_DIRECTION_TX
/* Room for the largest trailer behind the largest datagram. */
#define BUFFER_LEN	(65536 + KSRTP_MKI_MAX + 32)

/* Of the packets of a stream, this many by the step a key has settled. */
struct share {
	uint64_t key, step;	/* key 0: none yet */
};

/**
 * struct stream - one SSRC in one direction of a leg under one context
 * @out: transmit: the SSRC it leaves with; @ssrc is the one it arrived with
 * @source_leg: transmit: leg.source of the leg that feeds it
 * @numbers: transmit: how indices are chosen
 * @pt: transmit: payload type of the last RTP packet, or PT_NONE
 * @first: protected receive: the first RTP index accepted
 * @shares: by SRTP or SRTCP and the key's slot: what the key last settled
 * @quality: transmit: what the far end reports
 */
struct stream {
	LIST_ENTRY(stream) entry;
	uint32_t ssrc, out;
	struct context *context;
	uint32_t source_leg;
	uint32_t rtcp_last;
	struct ksrtp_window rtp, rtcp;
	uint64_t packets, rtcp_packets;
	struct ksrtp_numbers numbers;
	uint8_t pt;
	uint64_t first;
	struct share shares[2][2];
	struct ksrtp_quality quality;
	u64 rings[];
};

/*
 * @number: within leg and direction
 * @kept: receive: the streams while there are past keys and no others
 * @srtp: transmit: of all its keys, and at the moment has @current
 */
struct context {
	uint32_t number;
	unsigned int keys;	/* slots that hold it */
	unsigned int pasts;	/* past keys that do */
	LIST_HEAD(, stream) kept;
	struct ksrtpd_user_srtp *srtp;
	const struct key *current;
};

struct key {
	uint64_t id;			/* as no other key before it */
	uint32_t suite, direction, slot, roc;
	bool plain;
	bool apart;			/* SRTCP has a master key of its own */
	bool end_told;
	uint8_t overhead_rtp, overhead_rtcp;
	uint8_t mki_len;
	uint8_t mki[KSRTP_MKI_MAX];
	struct context *context;
	struct ksrtpd_user_srtp *srtp;	/* receive: its own */
	uint8_t *master;		/* transmit: in locked memory, for the context; both */
	uint64_t used[2];		/* packets, settled: SRTP, SRTCP */
	uint8_t digest[2][32];		/* SRTP, SRTCP */
};

/* A receive key that is deleted. Its context knows which of its packets were there. */
struct past {
	struct context *context;
	uint64_t used[2];
	uint8_t digest[2][32];
};

struct leg {
	LIST_ENTRY(leg) entry, by_id, of_call;
	struct ksrtpd_engine *engine;
	struct call *call;
	uint32_t id;
	uint32_t source;	/* id under which its packets are those of one source */
	struct sockaddr_storage local, remote;	/* AF_UNSPEC: not known */
	uint32_t state, flags, datapath;
	uint8_t dscp;
	uint32_t window[2], streams_max;
	struct key *keys[2][2];
	unsigned int rx_slot, tx_slot;
	uint32_t next_context[2];
	struct past past[PAST_MAX];	/* the oldest first */
	unsigned int past_count;
	LIST_HEAD(, stream) streams[2];
	unsigned int stream_count[2];
	bool rewrites;			/* RTCP: some SSRC or number leaves as another */
	STAILQ_HEAD(, route) routes;
	unsigned int route_count;
	uint64_t trial_ms;
	unsigned int trial_tokens;
	bool relay;			/* of an end-to-end call */
	uint64_t rate, rate_at;		/* of a relay: bits per second; when the next bit may come */
	bool ice;			/* nothing is sent without consent (RFC 7675) */
	uint64_t consent_ms;		/* the last authentic packet or check */
	bool consent_told;
	uint64_t seen_ms;		/* 0: no packet yet */
	bool idle_told;
	uint64_t auth_told, replay_told;
	struct ksrtp_stats stats;
};

struct route {
	STAILQ_ENTRY(route) entry;
	struct leg *from, *to;
	uint32_t id, flags;
	struct ksrtp_route rewrite;	/* its tables */
	uint8_t pt[128];
	uint64_t copies, sent, dropped[KSRTP_REASON_MAX + 1];
};

struct call {
	LIST_ENTRY(call) entry;
	uint32_t id, mode, owner;
	char name[KSRTP_NAME_MAX + 1];
	LIST_HEAD(, leg) legs;
	unsigned int leg_count;
	struct entry *tx_keys;		/* the keyring's of its transmit keys */
};

struct ksrtpd_engine {
	struct ksrtpd_engine_net net;
	uint64_t last_key;
	LIST_HEAD(, call) calls;
	LIST_HEAD(, leg) legs;
	LIST_HEAD(, leg) legs_by_id[LEG_BUCKETS];
	struct keyring *keyring;
	uint32_t last_call, last_leg, last_route;
	uint32_t streams, streams_max;	/* of all legs and directions; their limit */
	char error[160];
	/* aligned as libsrtp wants it */
	uint8_t arrived[BUFFER_LEN] __attribute__((aligned(8)));
	uint8_t trial[BUFFER_LEN] __attribute__((aligned(8)));
	uint8_t copy[BUFFER_LEN] __attribute__((aligned(8)));
};

/* A packet on its way. */
struct packet {
	struct leg *leg;	/* it arrived on */
	uint8_t *data;
	size_t len;
	bool rtcp, plain;
	bool dtls;		/* on its way between the endpoints of an end-to-end call */
	uint16_t seq, hdr_len;
	uint32_t ssrc;
	uint64_t index;		/* of a protected RTP packet */
	struct stream *stream;	/* it arrived in */
};

/* user_engine.c */
int refuse(struct ksrtpd_engine *engine, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
struct leg *find_leg(const struct ksrtpd_engine *engine, uint32_t id);
/* The leg that has @local as its address. */
struct leg *find_local(const struct ksrtpd_engine *engine, const struct sockaddr_storage *local);
void tell(const struct leg *leg, struct ksrtp_event *event);
uint64_t now_ms(void);
uint64_t now_ns(void);
/* May it be sent to? */
bool has_consent(const struct leg *leg);

/* user_key.c */
struct keyring *keyring_create(void);
void keyring_destroy(struct keyring *keyring);
/* The call is gone: its transmit keys are forgotten KEYRING_KEEP after @now. */
void keyring_call_gone(struct keyring *keyring, struct call *call, uint64_t now);
/* Forget what has expired at @now. */
void keyring_prune(struct keyring *keyring, uint64_t now);
struct key *rx_key(const struct leg *leg);	/* the one that last authenticated, else the other */
struct key *tx_key(const struct leg *leg);
/* One more packet of @stream under @key; false: the key is used up. */
bool use_key(struct leg *leg, struct key *key, struct stream *stream, bool rtcp);
/* Some packet had no index left under @key: tells it, once. */
void key_ended(const struct leg *leg, struct key *key);
/* The session to transmit under @key with; NULL when libsrtp cannot. */
struct ksrtpd_user_srtp *tx_session(struct key *key);
void keys_purge(struct leg *leg);

/* user_stream.c */
struct stream *stream_find(const struct leg *leg, const struct context *context, uint32_t ssrc);
struct stream *stream_find_tx(const struct leg *leg, const struct context *context,
			      uint32_t source, uint32_t ssrc);
/* Of any context and source. */
struct stream *stream_find_out(const struct leg *leg, uint32_t out);
/* The same, that of @context if there is one. */
struct stream *stream_find_wire(const struct leg *leg, const struct context *context, uint32_t out);
/* NULL: too many, or no memory. */
struct stream *stream_create(struct leg *leg, const struct key *key, uint32_t ssrc);
/* NULL: *@err is -EEXIST where the SSRC is another source's, else -ENOSPC. */
struct stream *stream_create_tx(const struct route *route, const struct key *key, uint32_t ssrc,
				int *err);
/* The context has no key any more: its streams go, or are kept for a past one. */
void streams_retire(struct leg *leg, unsigned int direction, struct context *context);
/* A past key is there again, and so are the streams that were kept, however many there are. */
void streams_resume(struct leg *leg, struct context *context);
/* Nothing can come of those that are kept any more. */
void streams_forget(struct ksrtpd_engine *engine, struct context *context);

/* user_quality.c: as the module's functions of quality.h */
void quality_receive(const struct packet *pkt);
void quality_send(const struct leg *to, struct stream *stream, const struct packet *pkt);

/* user_receive.c, user_transmit.c: as the module's functions of these names */
enum ksrtp_reason receive(struct packet *pkt);
/* user_relay.c: of a leg of an end-to-end call, shape and rate only */
enum ksrtp_reason relay_receive(struct packet *pkt);
enum ksrtp_reason protect(struct route *route, struct packet *pkt);

#endif /* KSRTPD_USER_STATE_H */
