/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ksrtp: SRTP in the kernel - the generic netlink control ABI.
 *
 * include/netlink/ksrtp.yaml is the source of truth and documents every
 * operation and attribute; tests/netlink/abi-check proves that this header, the
 * specification and the policies of the module agree.
 *
 * Every command demands CAP_NET_ADMIN in the user namespace of the network
 * namespace it is sent in, and acts in that network namespace alone. Every
 * command has one flat attribute set, the one of its object. Integers are in
 * host byte order, addresses and ports in network byte order. No command
 * returns key or salt octets.
 */
#ifndef _UAPI_LINUX_KSRTP_H
#define _UAPI_LINUX_KSRTP_H

#include <linux/types.h>

#define KSRTP_FAMILY_NAME	"ksrtp"
#define KSRTP_FAMILY_VERSION	1
#define KSRTP_MCGRP_EVENTS	"events"

/* Octets of a call's name, without the terminating NUL. */
#define KSRTP_NAME_MAX		63

#define KSRTP_GCM_SALT_LEN	12	/* RFC 7714, section 12 */
#define KSRTP_GCM_TAG_LEN	16
#define KSRTP_CM_SALT_LEN	14	/* RFC 3711, section 8.2 */
#define KSRTP_CM_AUTH_LEN	20
#define KSRTP_MKI_MAX		128	/* RFC 4568, section 6.1 */
#define KSRTP_HDREXT_IDS_MAX	255	/* RFC 8285, section 4.3 */

#define KSRTP_WINDOW_MIN	64	/* RFC 3711, section 3.3.2 */
#define KSRTP_WINDOW_MAX	8192
#define KSRTP_WINDOW_DEFAULT	1024
#define KSRTP_STREAMS_MAX	1024
#define KSRTP_STREAMS_DEFAULT	64
#define KSRTP_LEASE_DEFAULT	120	/* seconds */
#define KSRTP_LEASE_MAX		86400
#define KSRTP_ROUTES_MAX	64	/* routes that leave one leg */
#define KSRTP_ICE_MAX		256	/* octets of an ICE user name fragment or password (RFC 8839) */
#define KSRTP_RATE_MIN		8000	/* bits per second */
#define KSRTP_RATE_DEFAULT	20000000
#define KSRTP_RATE_MAX		100000000000

/* The SRTP protection profile of a key. */
enum ksrtp_suite {
	KSRTP_SUITE_NONE,		/* plain RTP and RTCP, explicitly */
	KSRTP_SUITE_AEAD_AES_128_GCM,	/* RFC 7714 */
	KSRTP_SUITE_AEAD_AES_256_GCM,
	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80,	/* RFC 3711 */
	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,	/* 32-bit tag for SRTP, 80-bit for SRTCP */
	KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80,	/* RFC 6188 */
	KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,

	/* private: */
	__KSRTP_SUITE_MAX,
	KSRTP_SUITE_MAX = (__KSRTP_SUITE_MAX - 1)
};

/* How the media of a call is protected; fixed when the call is created. */
enum ksrtp_mode {
	KSRTP_MODE_NONE,		/* every leg is plain */
	KSRTP_MODE_TRANSPORT,		/* this host holds the keys */
	KSRTP_MODE_E2EE,		/* this host holds no key, ever */

	/* private: */
	__KSRTP_MODE_MAX,
	KSRTP_MODE_MAX = (__KSRTP_MODE_MAX - 1)
};

enum ksrtp_leg_state {
	KSRTP_LEG_STATE_HELD,		/* media is authenticated, none is forwarded */
	KSRTP_LEG_STATE_ACTIVE,

	/* private: */
	__KSRTP_LEG_STATE_MAX,
	KSRTP_LEG_STATE_MAX = (__KSRTP_LEG_STATE_MAX - 1)
};

enum ksrtp_direction {
	KSRTP_DIRECTION_RX,		/* from the remote endpoint to this host */
	KSRTP_DIRECTION_TX,

	/* private: */
	__KSRTP_DIRECTION_MAX,
	KSRTP_DIRECTION_MAX = (__KSRTP_DIRECTION_MAX - 1)
};

/* What a newly installed key means for the packet indices. */
enum ksrtp_context {
	KSRTP_CONTEXT_NEW,		/* new association: roll-over counters at 0, own windows */
	KSRTP_CONTEXT_SAME,		/* rekey: indices and windows go on (RFC 3711, section 3.3.1) */

	/* private: */
	__KSRTP_CONTEXT_MAX,
	KSRTP_CONTEXT_MAX = (__KSRTP_CONTEXT_MAX - 1)
};

/* Are CSRCs and header extensions of RTP encrypted (Cryptex, RFC 9335)? Both ends must know. */
enum ksrtp_cryptex {
	KSRTP_CRYPTEX_OFF,
	KSRTP_CRYPTEX_ON,		/* rx: packets with and without it; tx: wherever it can be */
	KSRTP_CRYPTEX_REQUIRED,		/* rx only: what exposes CSRCs or an extension is dropped */

	/* private: */
	__KSRTP_CRYPTEX_MAX,
	KSRTP_CRYPTEX_MAX = (__KSRTP_CRYPTEX_MAX - 1)
};

/* Which datapath serves a leg, and why not a faster one. */
enum ksrtp_datapath {
	KSRTP_DATAPATH_NONE,		/* no media yet */
	KSRTP_DATAPATH_XDP,
	KSRTP_DATAPATH_SKB,
	KSRTP_DATAPATH_USER,

	/* private: */
	__KSRTP_DATAPATH_MAX,
	KSRTP_DATAPATH_MAX = (__KSRTP_DATAPATH_MAX - 1)
};

/* Why the last packet of a leg that the skb path served was not on XDP. */
enum ksrtp_slow {
	KSRTP_SLOW_NONE,		/* it was on XDP */
	KSRTP_SLOW_NO_PROGRAM,		/* it never came to an XDP program */
	KSRTP_SLOW_NEXTHOP,		/* no valid route or neighbour yet: the skb path resolves it */
	KSRTP_SLOW_EGRESS,		/* the egress device takes no redirected frames */
	KSRTP_SLOW_MTU,			/* must be fragmented after growth */
	KSRTP_SLOW_FANOUT,		/* more copies than this CPU has frames for, or may send at once */
	KSRTP_SLOW_ROOM,		/* head- or tailroom of the frame is too small */
	KSRTP_SLOW_CHECKSUM,		/* plain leg, checksum not verifiable here */
	KSRTP_SLOW_DEVICE,		/* whether the socket hears this device, the stack decides */
	KSRTP_SLOW_IPSEC,		/* plain leg, IPsec policies: the stack asks for them */

	/* private: */
	__KSRTP_SLOW_MAX,
	KSRTP_SLOW_MAX = (__KSRTP_SLOW_MAX - 1)
};

/*
 * Why a packet was dropped. The first part is found on arrival; the second
 * (from KSRTP_REASON_TX_FIRST) on departure, counted on the route, and on the
 * leg it arrived on when no route could send it.
 */
enum ksrtp_reason {
	KSRTP_REASON_NONE,		/* not dropped */
	KSRTP_REASON_NOT_MEDIA,		/* first octet is no RTP, RTCP, DTLS or STUN (RFC 7983) */
	KSRTP_REASON_SRC,		/* not from the leg's remote address */
	KSRTP_REASON_MALFORMED,		/* RTP or RTCP header, lengths or padding are wrong */
	KSRTP_REASON_HELD,		/* the leg is held */
	KSRTP_REASON_NO_KEY,		/* no receive key installed yet */
	KSRTP_REASON_MKI,		/* MKI of no installed key */
	KSRTP_REASON_RTCP_CLEAR,	/* RTCP too short to be authenticated on a keyed leg */
	KSRTP_REASON_REPLAY,		/* index seen before */
	KSRTP_REASON_OLD,		/* index behind the replay window */
	KSRTP_REASON_AUTH,		/* authentication failed */
	KSRTP_REASON_INDEX,		/* no valid roll-over counter for this sequence number */
	KSRTP_REASON_STREAMS,		/* too many streams on the leg */
	KSRTP_REASON_LIMIT,		/* the receive key is used up (RFC 3711, section 9.2) */
	KSRTP_REASON_CRYPTO,		/* the crypto engine reported an error */
	KSRTP_REASON_STALE,		/* the configuration changed under the packet twice */
	KSRTP_REASON_NO_ROUTE,		/* no route takes it */
	KSRTP_REASON_NOMEM,
	KSRTP_REASON_RATE,		/* more than the bit-rate cap of an end-to-end call's leg */
	KSRTP_REASON_CRYPTEX,		/* CSRCs or an extension in the clear, where Cryptex is required */

	KSRTP_REASON_TX_HELD,		/* the leg it should leave on is held */
	KSRTP_REASON_TX_REMOTE,		/* that leg has no remote address */
	KSRTP_REASON_TX_NO_KEY,		/* that leg has no active transmit key */
	KSRTP_REASON_TX_LATE,		/* behind the transmit window, or before the stream's first packet */
	KSRTP_REASON_TX_DUP,		/* this index was sent before */
	KSRTP_REASON_TX_JUMP,		/* plain source jumped over 3,000 numbers; waits for a second packet */
	KSRTP_REASON_TX_SSRC,		/* another source sends with this SSRC, or one in this RTCP, to that leg */
	KSRTP_REASON_TX_RTCP,		/* RTCP whose SSRCs or numbers must be mapped is malformed or has too many */
	KSRTP_REASON_TX_STREAMS,	/* too many streams toward that leg */
	KSRTP_REASON_TX_LIMIT,		/* the key or index space is used up */
	KSRTP_REASON_TX_CRYPTO,		/* the engine, or an extension that the key cannot encrypt */
	KSRTP_REASON_TX_NEXTHOP,	/* no route to the remote address */
	KSRTP_REASON_TX_MTU,		/* too big and must not be fragmented */
	KSRTP_REASON_TX_NOMEM,
	KSRTP_REASON_TX_ERROR,		/* the IP stack refused it */
	KSRTP_REASON_TX_NO_CONSENT,	/* that leg's endpoint has not consented for too long (RFC 7675) */

	/* private: */
	__KSRTP_REASON_MAX,
	KSRTP_REASON_MAX = (__KSRTP_REASON_MAX - 1),
	KSRTP_REASON_TX_FIRST = KSRTP_REASON_TX_HELD
};

/* bits of KSRTP_A_LEG_FLAGS */
enum ksrtp_leg_flags {
	KSRTP_LEG_F_LEARN = 1 << 0,	/* the remote address follows authenticated packets */
	KSRTP_LEG_F_NO_FRAG = 1 << 1,	/* drop as tx-mtu what would need fragmenting */
};

/* bits of KSRTP_A_ROUTE_FLAGS */
enum ksrtp_route_flags {
	KSRTP_ROUTE_F_RTP = 1 << 0,
	KSRTP_ROUTE_F_RTCP = 1 << 1,
	KSRTP_ROUTE_F_MAP_SSRC = 1 << 2,	/* a source whose SSRC is taken there gets another */
};

/* attribute sets */

/* The module as a whole, in this network namespace. */
enum {
	KSRTP_A_INFO_VERSION = 1,	/* string: version of the module */
	KSRTP_A_INFO_AEAD_DRIVER,	/* string: crypto driver of AES-GCM */
	KSRTP_A_INFO_AEAD_FALLBACK,	/* string: what serves when the FPU is taken; empty if never needed */
	KSRTP_A_INFO_CALLS,		/* u32 */
	KSRTP_A_INFO_LEGS,		/* u32 */
	KSRTP_A_INFO_LEGS_MAX,		/* u32: limit of this network namespace */
	KSRTP_A_INFO_KEYRING_USED,	/* u32: transmit keys remembered against reuse */
	KSRTP_A_INFO_KEYRING_MAX,	/* u32 */
	KSRTP_A_INFO_STATS,		/* nest of KSRTP_A_STATS_*: sum over the living legs */
	KSRTP_A_INFO_AEAD_FALLBACK_USED,/* u64: packets that took the fallback */
	KSRTP_A_INFO_PAD,

	/* private: */
	__KSRTP_A_INFO_MAX,
	KSRTP_A_INFO_MAX = (__KSRTP_A_INFO_MAX - 1)
};

enum {
	KSRTP_A_CALL_ID = 1,		/* u32, not 0 */
	KSRTP_A_CALL_NAME,		/* string, 1 to KSRTP_NAME_MAX octets, unique in the netns */
	KSRTP_A_CALL_MODE,		/* u32: enum ksrtp_mode */
	KSRTP_A_CALL_OWNER,		/* u32: who sends heartbeats for it; 0: nobody, no lease */
	KSRTP_A_CALL_LEASE,		/* u32: seconds without heartbeat until it is deleted */
	KSRTP_A_CALL_LEGS,		/* u32: number of legs */

	/* private: */
	__KSRTP_A_CALL_MAX,
	KSRTP_A_CALL_MAX = (__KSRTP_A_CALL_MAX - 1)
};

enum {
	KSRTP_A_LEG_ID = 1,		/* u32, not 0 */
	KSRTP_A_LEG_CALL_ID,		/* u32 */
	KSRTP_A_LEG_SOCKET,		/* s32: descriptor of a bound UDP socket (in: adopted; out: a new one) */
	KSRTP_A_LEG_SOCKET_WANTED,	/* flag, leg-get only: answer with KSRTP_A_LEG_SOCKET */
	KSRTP_A_LEG_LOCAL_IPV4,		/* be32 */
	KSRTP_A_LEG_LOCAL_IPV6,		/* 16 octets */
	KSRTP_A_LEG_LOCAL_PORT,		/* be16 */
	KSRTP_A_LEG_REMOTE_IPV4,	/* be32 */
	KSRTP_A_LEG_REMOTE_IPV6,	/* 16 octets */
	KSRTP_A_LEG_REMOTE_PORT,	/* be16, not 0 */
	KSRTP_A_LEG_STATE,		/* u32: enum ksrtp_leg_state */
	KSRTP_A_LEG_FLAGS,		/* u32: enum ksrtp_leg_flags */
	KSRTP_A_LEG_DSCP,		/* u8: 0 to 63, of packets sent */
	KSRTP_A_LEG_WINDOW,		/* u32: replay window in packets, power of two, KSRTP_WINDOW_MIN to _MAX */
	KSRTP_A_LEG_STREAMS_MAX,	/* u32: streams per direction, 1 to KSRTP_STREAMS_MAX */
	KSRTP_A_LEG_DATAPATH,		/* u32: enum ksrtp_datapath of the last media packet */
	KSRTP_A_LEG_SLOW,		/* u32: enum ksrtp_slow */
	KSRTP_A_LEG_STATS,		/* nest of KSRTP_A_STATS_* */
	KSRTP_A_LEG_IDLE_MS,		/* u64: since the last accepted media packet; absent if none came */
	KSRTP_A_LEG_PAD,
	KSRTP_A_LEG_RATE,		/* u64: bits per second that may arrive; legs of end-to-end calls only */
	KSRTP_A_LEG_ICE_UFRAG,		/* string: our user name fragment; these three together, write-only */
	KSRTP_A_LEG_ICE_PWD,		/* string: our password, write-only */
	KSRTP_A_LEG_ICE_REMOTE_UFRAG,	/* string: the endpoint's user name fragment, write-only */
	KSRTP_A_LEG_CONSENT_MS,		/* u64: since the endpoint last consented; absent without ICE */
	KSRTP_A_LEG_RTCP_OF,		/* u32: the leg whose RTCP this one carries; absent: none */

	/* private: */
	__KSRTP_A_LEG_MAX,
	KSRTP_A_LEG_MAX = (__KSRTP_A_LEG_MAX - 1)
};

/* One key slot of a leg. */
enum {
	KSRTP_A_KEY_LEG_ID = 1,		/* u32 */
	KSRTP_A_KEY_DIRECTION,		/* u32: enum ksrtp_direction */
	KSRTP_A_KEY_SLOT,		/* u32: 0 or 1 */
	KSRTP_A_KEY_SUITE,		/* u32: enum ksrtp_suite */
	KSRTP_A_KEY_CONTEXT,		/* u32: enum ksrtp_context */
	KSRTP_A_KEY_SRTP_KEY,		/* session encryption key (label 0), write-only */
	KSRTP_A_KEY_SRTP_SALT,		/* session salt (label 2), write-only */
	KSRTP_A_KEY_SRTCP_KEY,		/* session encryption key (label 3), write-only */
	KSRTP_A_KEY_SRTCP_SALT,		/* session salt (label 5), write-only */
	KSRTP_A_KEY_ACTIVE,		/* u8, out: transmit slot in use, or receive slot that last authenticated */
	KSRTP_A_KEY_SRTP_USED,		/* u64, out: packets, settled every 2^16 of a stream */
	KSRTP_A_KEY_SRTCP_USED,		/* u64, out: packets, settled every 2^10 of a stream */
	KSRTP_A_KEY_PAD,
	KSRTP_A_KEY_SRTP_AUTH,		/* session authentication key (label 1), AES-CM suites, write-only */
	KSRTP_A_KEY_SRTCP_AUTH,		/* session authentication key (label 4), AES-CM suites, write-only */
	KSRTP_A_KEY_MKI,		/* 1 to KSRTP_MKI_MAX octets; absent: no MKI */
	KSRTP_A_KEY_ROC,		/* u32: roll-over counter of new streams; context new only */
	KSRTP_A_KEY_CRYPTEX,		/* u32: enum ksrtp_cryptex; absent: off */
	KSRTP_A_KEY_HDREXT_KEY,		/* session header key (label 6, RFC 6904), write-only */
	KSRTP_A_KEY_HDREXT_SALT,	/* session header salt (label 7), write-only */
	KSRTP_A_KEY_HDREXT_IDS,		/* an octet each: the elements that are encrypted, 1 to 255 */

	/* private: */
	__KSRTP_A_KEY_MAX,
	KSRTP_A_KEY_MAX = (__KSRTP_A_KEY_MAX - 1)
};

enum {
	KSRTP_A_ROUTE_ID = 1,		/* u32, not 0 */
	KSRTP_A_ROUTE_FROM,		/* u32: leg id */
	KSRTP_A_ROUTE_TO,		/* u32: leg id, another leg of the same call */
	KSRTP_A_ROUTE_FLAGS,		/* u32: enum ksrtp_route_flags */
	KSRTP_A_ROUTE_COPIES,		/* u64: packets offered to this route */
	KSRTP_A_ROUTE_SENT,		/* u64 */
	KSRTP_A_ROUTE_DROP,		/* nest of KSRTP_A_DROP_*, repeated */
	KSRTP_A_ROUTE_PAD,
	KSRTP_A_ROUTE_SSRC,		/* nest of KSRTP_A_SSRC_*, repeated, at most 16 */
	KSRTP_A_ROUTE_PT,		/* nest of KSRTP_A_PT_*, repeated, at most 128 */

	/* private: */
	__KSRTP_A_ROUTE_MAX,
	KSRTP_A_ROUTE_MAX = (__KSRTP_A_ROUTE_MAX - 1)
};

/* An SSRC that a route replaces, in RTP and wherever RTCP names it, both ways. */
enum {
	KSRTP_A_SSRC_IN = 1,		/* u32, host byte order */
	KSRTP_A_SSRC_OUT,		/* u32 */

	/* private: */
	__KSRTP_A_SSRC_MAX,
	KSRTP_A_SSRC_MAX = (__KSRTP_A_SSRC_MAX - 1)
};

/* An RTP payload type that a route replaces. */
enum {
	KSRTP_A_PT_IN = 1,		/* u8, 0 to 127, not 64 to 95 (RFC 5761, section 4) */
	KSRTP_A_PT_OUT,			/* u8, likewise */

	/* private: */
	__KSRTP_A_PT_MAX,
	KSRTP_A_PT_MAX = (__KSRTP_A_PT_MAX - 1)
};

/* One SSRC in one direction of a leg, in one context. */
enum {
	KSRTP_A_STREAM_LEG_ID = 1,	/* u32 */
	KSRTP_A_STREAM_DIRECTION,	/* u32: enum ksrtp_direction */
	KSRTP_A_STREAM_SSRC,		/* u32, host byte order */
	KSRTP_A_STREAM_CONTEXT,		/* u32: number of the context within leg and direction */
	KSRTP_A_STREAM_INDEX,		/* u64: highest SRTP index; absent before the first RTP packet */
	KSRTP_A_STREAM_RTCP_INDEX,	/* u32: highest SRTCP index; absent before the first RTCP packet */
	KSRTP_A_STREAM_PACKETS,		/* u64: RTP packets accepted or sent */
	KSRTP_A_STREAM_RTCP_PACKETS,	/* u64 */
	KSRTP_A_STREAM_PAD,
	KSRTP_A_STREAM_OUT,		/* u32: transmit: the SSRC it leaves with, where another */
	KSRTP_A_STREAM_LOST,		/* u64: receive: RTP packets that did not come; absent on plain legs */
	KSRTP_A_STREAM_PT,		/* u8: transmit: payload type of the last RTP packet */
	KSRTP_A_STREAM_REPORTS,		/* u32: transmit: report blocks about it, modulo 2^32; absent: none */
	KSRTP_A_STREAM_REPORT_AGE_MS,	/* u64: since the last of them came, which says: */
	KSRTP_A_STREAM_REPORT_FRACTION,	/* u8: lost since the report before, in 1/256 */
	KSRTP_A_STREAM_REPORT_LOST,	/* s32: lost of all; can be negative (RFC 3550, section 6.4.1) */
	KSRTP_A_STREAM_REPORT_HIGHEST,	/* u32: extended highest sequence number that came there */
	KSRTP_A_STREAM_REPORT_JITTER,	/* u32: in timestamp units */
	KSRTP_A_STREAM_RTT_US,		/* u32: round-trip time in microseconds; absent: never known */
	KSRTP_A_STREAM_RTT_AGE_MS,	/* u64: since the report that it was computed from */

	/* private: */
	__KSRTP_A_STREAM_MAX,
	KSRTP_A_STREAM_MAX = (__KSRTP_A_STREAM_MAX - 1)
};

/*
 * received = forwarded + answered + passed-up + the sum of all drops.
 * Everything that a route could send at least once counts as forwarded.
 */
enum {
	KSRTP_A_STATS_RECEIVED = 1,	/* u64 */
	KSRTP_A_STATS_FORWARDED,	/* u64 */
	KSRTP_A_STATS_ANSWERED,		/* u64: STUN checks that the kernel answered */
	KSRTP_A_STATS_PASSED_UP,	/* u64: to the socket: DTLS, STUN */
	KSRTP_A_STATS_DROP,		/* nest of KSRTP_A_DROP_*, repeated, reasons with a count only */
	KSRTP_A_STATS_XDP,		/* u64: of forwarded, by XDP */
	KSRTP_A_STATS_SKB,		/* u64: of forwarded, by the skb path */
	KSRTP_A_STATS_RECEIVED_BYTES,	/* u64: UDP payload */
	KSRTP_A_STATS_SENT,		/* u64: packets that left on this leg, answers among them */
	KSRTP_A_STATS_SENT_BYTES,	/* u64: UDP payload */
	KSRTP_A_STATS_SENT_XDP,		/* u64 */
	KSRTP_A_STATS_SENT_SKB,		/* u64 */
	KSRTP_A_STATS_FRAGMENTED,	/* u64: packets sent that had to be fragmented */
	KSRTP_A_STATS_PAD,

	/* private: */
	__KSRTP_A_STATS_MAX,
	KSRTP_A_STATS_MAX = (__KSRTP_A_STATS_MAX - 1)
};

enum {
	KSRTP_A_DROP_REASON = 1,	/* u32: enum ksrtp_reason */
	KSRTP_A_DROP_COUNT,		/* u64 */
	KSRTP_A_DROP_PAD,

	/* private: */
	__KSRTP_A_DROP_MAX,
	KSRTP_A_DROP_MAX = (__KSRTP_A_DROP_MAX - 1)
};

/* Heartbeat of an owner. */
enum {
	KSRTP_A_OWNER_ID = 1,		/* u32, not 0 */

	/* private: */
	__KSRTP_A_OWNER_MAX,
	KSRTP_A_OWNER_MAX = (__KSRTP_A_OWNER_MAX - 1)
};

/* Events of a leg or of one of its keys. */
enum {
	KSRTP_A_EVENT_CALL_ID = 1,	/* u32 */
	KSRTP_A_EVENT_LEG_ID,		/* u32 */
	KSRTP_A_EVENT_DIRECTION,	/* u32, of the key */
	KSRTP_A_EVENT_SLOT,		/* u32, of the key */
	KSRTP_A_EVENT_REMOTE_IPV4,	/* be32 */
	KSRTP_A_EVENT_REMOTE_IPV6,	/* 16 octets */
	KSRTP_A_EVENT_REMOTE_PORT,	/* be16 */
	KSRTP_A_EVENT_REASON,		/* u32: enum ksrtp_reason */
	KSRTP_A_EVENT_COUNT,		/* u64 */
	KSRTP_A_EVENT_IDLE_MS,		/* u64 */
	KSRTP_A_EVENT_PAD,

	/* private: */
	__KSRTP_A_EVENT_MAX,
	KSRTP_A_EVENT_MAX = (__KSRTP_A_EVENT_MAX - 1)
};

enum {
	KSRTP_CMD_STATS_GET = 1,	/* do: info set, with sums */

	KSRTP_CMD_CALL_NEW,		/* name, mode [owner, lease] -> id */
	KSRTP_CMD_CALL_GET,		/* id or name; dump */
	KSRTP_CMD_CALL_DEL,		/* id: with all its legs */

	KSRTP_CMD_LEG_NEW,		/* call-id, socket [remote, state, flags, dscp, window, streams-max, rate, ice, rtcp-of] -> id */
	KSRTP_CMD_LEG_GET,		/* id [socket-wanted]; dump [call-id] */
	KSRTP_CMD_LEG_SET,		/* id [socket, remote, state, flags, dscp, rate, ice] */
	KSRTP_CMD_LEG_DEL,		/* id */

	KSRTP_CMD_KEY_NEW,		/* leg-id, direction, slot, suite, context, keys and salts */
	KSRTP_CMD_KEY_GET,		/* leg-id, direction, slot; dump [leg-id] */
	KSRTP_CMD_KEY_ACTIVATE,		/* leg-id, slot: transmit with it from now on */
	KSRTP_CMD_KEY_DEL,		/* leg-id, direction, slot */

	KSRTP_CMD_ROUTE_NEW,		/* from, to, flags -> id */
	KSRTP_CMD_ROUTE_GET,		/* id; dump [from] */
	KSRTP_CMD_ROUTE_DEL,		/* id */

	KSRTP_CMD_STREAM_GET,		/* dump [leg-id] */

	KSRTP_CMD_OWNER_ALIVE,		/* id: renews the lease of all its calls */

	KSRTP_CMD_LEG_LEARNT_NTF,	/* call-id, leg-id, remote */
	KSRTP_CMD_LEG_FIRST_PACKET_NTF,	/* call-id, leg-id */
	KSRTP_CMD_LEG_IDLE_NTF,		/* call-id, leg-id, idle-ms */
	KSRTP_CMD_LEG_GONE_NTF,		/* call-id, leg-id */
	KSRTP_CMD_LEG_ATTACK_NTF,	/* call-id, leg-id, reason (auth, replay), count since the last one */
	KSRTP_CMD_KEY_SOFT_NTF,		/* call-id, leg-id, direction, slot: time to rekey */
	KSRTP_CMD_KEY_HARD_NTF,		/* call-id, leg-id, direction, slot: used up, nothing more is sent */

	KSRTP_CMD_ROUTE_SET,		/* id, flags */

	KSRTP_CMD_CALL_SET,		/* id [owner, lease]: renews the lease */

	KSRTP_CMD_LEG_NO_CONSENT_NTF,	/* call-id, leg-id: nothing is sent until it consents again */

	/* private: */
	__KSRTP_CMD_MAX,
	KSRTP_CMD_MAX = (__KSRTP_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_KSRTP_H */
