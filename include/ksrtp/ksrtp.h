/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libksrtp: put your own SRTP keys and sockets into the kernel.
 *
 * A media server makes a call, gives it legs (a bound UDP socket each), installs
 * one receive and one transmit key per leg, and joins legs by routes. From then
 * on the kernel authenticates, decrypts, checks replay, re-encrypts and forwards
 * the media; what is not media (DTLS, STUN) still arrives on the socket.
 *
 * Every function returns 0 (or what is documented) on success and a negative
 * errno on failure; ksrtp_error() then has a sentence that says what was wrong.
 * A handle belongs to one thread at a time. All integers are in host byte order
 * unless they are inside a struct sockaddr. The caller needs CAP_NET_ADMIN in the
 * user namespace that owns its network namespace.
 */
#ifndef KSRTP_KSRTP_H
#define KSRTP_KSRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <linux/ksrtp.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ksrtp;

/* Opens a handle in the caller's network namespace. -ENOENT: the module is not loaded. */
int ksrtp_open(struct ksrtp **handle);
void ksrtp_close(struct ksrtp *handle);
/* What the last failed call on this handle complained about; never NULL. A failed open
 * leaves no handle: ask with NULL what this thread's last one complained about.
 */
const char *ksrtp_error(const struct ksrtp *handle);

/* Names of the ABI's values as the CLI prints them ("aead-aes-128-gcm", "replay", ...);
 * "unknown" for values this library does not know. ksrtp_suite_parse: -EINVAL if unknown.
 */
const char *ksrtp_suite_name(uint32_t suite);
const char *ksrtp_mode_name(uint32_t mode);
const char *ksrtp_state_name(uint32_t state);
const char *ksrtp_direction_name(uint32_t direction);
const char *ksrtp_cryptex_name(uint32_t cryptex);
const char *ksrtp_datapath_name(uint32_t datapath);
const char *ksrtp_slow_name(uint32_t slow);
const char *ksrtp_reason_name(uint32_t reason);
int ksrtp_suite_parse(const char *name);

struct ksrtp_stats {
	uint64_t received, forwarded, answered, passed_up;
	uint64_t dropped[KSRTP_REASON_MAX + 1];	/* by enum ksrtp_reason */
	uint64_t xdp, skb;			/* of forwarded */
	uint64_t received_bytes;
	uint64_t sent, sent_bytes, sent_xdp, sent_skb, fragmented;
};

struct ksrtp_info {
	char version[64];
	char aead_driver[128];
	char aead_fallback[128];
	uint64_t aead_fallback_used;
	uint32_t calls, legs, legs_max, keyring_used, keyring_max;
	struct ksrtp_stats stats;
};

/* Sums are over the legs of the caller's network namespace that live now. */
int ksrtp_info_get(struct ksrtp *handle, struct ksrtp_info *info);

/* -- calls */
struct ksrtp_call {
	uint32_t id;		/* out of new */
	char name[KSRTP_NAME_MAX + 1];
	uint32_t mode;		/* enum ksrtp_mode */
	uint32_t owner;		/* 0: no lease */
	uint32_t lease;		/* seconds; 0: KSRTP_LEASE_DEFAULT */
	uint32_t legs;		/* out */
};

/* Needs a name, which is unique in the network namespace (-EEXIST), and a mode, which never
 * changes. -ENOSPC: too many calls.
 */
int ksrtp_call_new(struct ksrtp *handle, struct ksrtp_call *call);
/* By id or by name. -ENOENT: no such call. */
int ksrtp_call_get(struct ksrtp *handle, uint32_t id, struct ksrtp_call *call);
int ksrtp_call_find(struct ksrtp *handle, const char *name, struct ksrtp_call *call);
/* Takes the call over: owner, and lease if that is not 0; the lease begins anew. */
int ksrtp_call_set(struct ksrtp *handle, const struct ksrtp_call *call);
/* Ends it with its legs, keys and routes; the sockets are ordinary ones again. */
int ksrtp_call_del(struct ksrtp *handle, uint32_t id);
/* Renews the lease of every call of @owner. -ENOENT: it has none. */
int ksrtp_owner_alive(struct ksrtp *handle, uint32_t owner);

/* -- legs */
struct ksrtp_leg {
	uint32_t id;			/* out of new */
	uint32_t call_id;
	int socket;			/* new, set: bound UDP socket, adopted; the caller may close its own copy */
	struct sockaddr_storage local;	/* out */
	struct sockaddr_storage remote;	/* ss_family AF_UNSPEC: none yet */
	uint32_t state;			/* enum ksrtp_leg_state */
	uint32_t flags;			/* enum ksrtp_leg_flags */
	uint8_t dscp;			/* of what leaves, 0 to 63 */
	uint32_t window;		/* packets (RFC 3711, section 3.3.2); 0: KSRTP_WINDOW_DEFAULT */
	uint32_t streams_max;		/* SSRCs a direction; 0: KSRTP_STREAMS_DEFAULT */
	uint64_t rate;			/* calls of mode e2ee only: most bits per second; 0: KSRTP_RATE_DEFAULT */
	/* The leg whose RTCP this one carries on a port of its own, 0: none. Toward a third leg
	 * both are one source, so that RTP and RTCP of one SSRC leave in one stream. The
	 * transmit key of each is its own: where the endpoint has one master key for both, give
	 * this leg the SRTCP half and other octets in place of the SRTP half, and the other
	 * leg the reverse.
	 */
	uint32_t rtcp_of;
	/* ICE (RFC 8445), all three or none; in only, the strings stay the caller's to wipe. The
	 * kernel then answers connectivity checks that come from the remote address, and stops
	 * sending when there are none (RFC 7675). Others still arrive on the socket: answer
	 * them, and set the remote address to what they nominate. Set anew for an ICE restart;
	 * the ones before are good until the first check with the new.
	 */
	const char *ice_ufrag, *ice_pwd, *ice_remote_ufrag;
	/* out */
	uint32_t datapath, slow;
	bool idle_known;
	uint64_t idle_ms;
	bool consent_known;		/* the leg has ICE */
	uint64_t consent_ms;		/* since its endpoint consented to be sent to */
	struct ksrtp_stats stats;
};

/* Bits that say which members ksrtp_leg_set() shall change. */
#define KSRTP_LEG_SET_REMOTE	(1u << 0)
#define KSRTP_LEG_SET_STATE	(1u << 1)
#define KSRTP_LEG_SET_FLAGS	(1u << 2)
#define KSRTP_LEG_SET_DSCP	(1u << 3)
#define KSRTP_LEG_SET_RATE	(1u << 4)
#define KSRTP_LEG_SET_ICE	(1u << 5)
#define KSRTP_LEG_SET_SOCKET	(1u << 6)

/* Adopts the socket. It must be UDP (-ESOCKTNOSUPPORT), bound to one address and port
 * (-EADDRNOTAVAIL), of this network namespace (-EXDEV), and without another encapsulation
 * or leg (-EBUSY). -ENOSPC: net.ksrtp.legs_max. -ELOOP: the remote is a leg's own address.
 */
int ksrtp_leg_new(struct ksrtp *handle, struct ksrtp_leg *leg);
/* received = forwarded + answered + passed_up + dropped, at any time that no packet is on
 * its way.
 */
int ksrtp_leg_get(struct ksrtp *handle, uint32_t id, struct ksrtp_leg *leg);
/* All that @what names, or nothing. With KSRTP_LEG_SET_SOCKET the leg moves, in mid-call, to
 * another socket, which is refused for what ksrtp_leg_new() refuses one for, and keeps its
 * keys, streams, routes and counters. Where the new socket is of another address family, the
 * remote address must come in the same call (-EINVAL). Afterwards the socket before is an
 * ordinary one: what still comes to its address is for whoever has a descriptor of it, and is
 * neither forwarded nor counted by the leg. The kernel lets go of it shortly after, so that
 * its address is free once all descriptors are closed.
 */
int ksrtp_leg_set(struct ksrtp *handle, const struct ksrtp_leg *leg, unsigned int what);
int ksrtp_leg_del(struct ksrtp *handle, uint32_t id);
/* A new descriptor of the leg's socket (close-on-exec), or a negative errno. */
int ksrtp_leg_socket(struct ksrtp *handle, uint32_t id);

/* -- keys */
struct ksrtp_key {
	uint32_t leg_id;
	uint32_t direction;	/* enum ksrtp_direction */
	uint32_t slot;		/* 0 or 1 */
	uint32_t suite;		/* enum ksrtp_suite */
	uint32_t context;	/* enum ksrtp_context */
	uint32_t roc;		/* roll-over counter of new streams; context new only, in only */
	/* enum ksrtp_cryptex (RFC 9335): on only where the far end has said a=cryptex; a transmit
	 * key with it may grow a packet by four octets more.
	 */
	uint32_t cryptex;
	/* Session keys, salts and authentication keys, as many octets as the suite takes
	 * (none for KSRTP_SUITE_NONE, no authentication keys for the AEAD suites). In
	 * only: get and dump leave them zero.
	 */
	uint8_t srtp_key[32], srtp_salt[14], srtp_auth[20];
	uint8_t srtcp_key[32], srtcp_salt[14], srtcp_auth[20];
	uint8_t mki_len;	/* 0: no MKI; both receive keys of a leg have it of one length */
	uint8_t mki[KSRTP_MKI_MAX];
	/* Elements of RTP header extensions that are encrypted by themselves (RFC 6904): their
	 * identifiers (RFC 8285), 1 to 255, where the far end has agreed to each of them as
	 * urn:ietf:params:rtp-hdrext:encrypt; 0 of them: none. Not beside cryptex. The session key
	 * and salt for it are as long as the suite's others; in only.
	 */
	uint8_t hdrext_ids_len;
	uint8_t hdrext_ids[KSRTP_HDREXT_IDS_MAX];
	uint8_t hdrext_key[32], hdrext_salt[14];
	/* out */
	bool active;
	uint64_t srtp_used, srtcp_used;
};

/* Octets of a suite's master key and salt, and of its session authentication keys; 0 where
 * it has none.
 */
size_t ksrtp_suite_key_len(uint32_t suite);
size_t ksrtp_suite_salt_len(uint32_t suite);
size_t ksrtp_suite_auth_len(uint32_t suite);

/* Fills suite, keys and salts from a master key and salt by the KDF of RFC 3711,
 * section 4.3 (RFC 6188, RFC 7714 section 11 with erratum 4938).
 */
int ksrtp_key_derive(struct ksrtp_key *key, uint32_t suite,
		     const uint8_t *master_key, const uint8_t *master_salt);
/* Wipes the key octets; call it as soon as the key is installed. */
void ksrtp_key_wipe(struct ksrtp_key *key);

/* Installs into the slot, which must be free (-EEXIST). The netlink message is wiped.
 * The first transmit key of a leg is active at once; later ones after activate. Every
 * transmit key is for one leg, once: -EKEYREJECTED if it was used before, or is a receive
 * key. A receive key may come back: a leg remembers its last 8, and goes on with their windows
 * and roll-over counters, so that nothing is received twice; -EKEYREJECTED if it is in the
 * other slot (another MKI makes no other key), or comes back with KSRTP_CONTEXT_SAME into
 * a context that it was not in. -EPERM: the call is end to end and takes none. A master key ends at 2^48 SRTP or
 * 2^31 SRTCP packets (RFC 3711, section 9.2), with an event before.
 */
int ksrtp_key_new(struct ksrtp *handle, const struct ksrtp_key *key);
/* Transmit with the key of this slot; what arrives is good under both receive keys. */
int ksrtp_key_activate(struct ksrtp *handle, uint32_t leg_id, uint32_t slot);
/* Wipes it and frees the slot. A transmit key can never be installed again. */
int ksrtp_key_del(struct ksrtp *handle, uint32_t leg_id, uint32_t direction, uint32_t slot);

/* -- routes */
#define KSRTP_ROUTE_SSRCS_MAX 16

struct ksrtp_route {
	uint32_t id;		/* out of new */
	uint32_t from, to;	/* leg ids */
	uint32_t flags;		/* enum ksrtp_route_flags */
	/* Rewriting; payload types and SSRCs that are not named stay. */
	unsigned int ssrc_count;
	struct {
		uint32_t in, out;
	} ssrc[KSRTP_ROUTE_SSRCS_MAX];
	unsigned int pt_count;
	struct {
		uint8_t in, out;
	} pt[128];
	/* out */
	uint64_t copies, sent;
	uint64_t dropped[KSRTP_REASON_MAX + 1];
};

/* What arrives on leg @from leaves on leg @to, of the same call; a leg can have up to
 * KSRTP_ROUTES_MAX routes. -E2BIG: more is to be rewritten than a route can.
 */
int ksrtp_route_new(struct ksrtp *handle, struct ksrtp_route *route);
/* Changes the flags, which may be 0: nothing is forwarded then. */
int ksrtp_route_set(struct ksrtp *handle, uint32_t id, uint32_t flags);
/* copies = sent + dropped. */
int ksrtp_route_get(struct ksrtp *handle, uint32_t id, struct ksrtp_route *route);
int ksrtp_route_del(struct ksrtp *handle, uint32_t id);

/* -- streams */
struct ksrtp_stream {
	uint32_t leg_id, direction, ssrc, context;
	uint32_t out;		/* transmit: the SSRC it leaves with */
	bool has_index, has_rtcp_index;
	uint64_t index;
	uint32_t rtcp_index;
	uint64_t packets, rtcp_packets;
	bool has_lost, has_pt, has_report, has_rtt;
	uint64_t lost;			/* receive: RTP packets that did not come */
	uint8_t pt;			/* transmit: payload type of the last RTP packet */
	/* Transmit: what RTCP of the far end says (RFC 3550, section 6.4.1), with has_report. */
	uint32_t reports;		/* report blocks so far, modulo 2^32; the last one says: */
	uint64_t report_age_ms;
	uint8_t report_fraction;	/* lost since the one before, in 1/256 */
	int32_t report_lost;		/* lost of all; can be negative */
	uint32_t report_highest;	/* extended highest sequence number */
	uint32_t report_jitter;		/* timestamp units */
	/* Between this host and the far end, with has_rtt. */
	uint32_t rtt_us;
	uint64_t rtt_age_ms;
};

/* -- dumps: the callback returns 0 to go on, anything else ends the dump and is
 * returned. It must not use the handle (-EBUSY). A dump that the kernel had to interrupt
 * is repeated by the library a bounded number of times, so a callback must cope with being
 * started again: @restart is called first (may be NULL). -EINTR when it never came out
 * whole; the callback then had the last attempt, which has all that neither came nor went
 * meanwhile.
 * @only 0: all; else the id of the call (legs) or leg (keys, routes from it, streams).
 */
typedef int (*ksrtp_call_cb)(const struct ksrtp_call *call, void *arg);
typedef int (*ksrtp_leg_cb)(const struct ksrtp_leg *leg, void *arg);
typedef int (*ksrtp_key_cb)(const struct ksrtp_key *key, void *arg);
typedef int (*ksrtp_route_cb)(const struct ksrtp_route *route, void *arg);
typedef int (*ksrtp_stream_cb)(const struct ksrtp_stream *stream, void *arg);
typedef void (*ksrtp_restart_cb)(void *arg);

int ksrtp_call_dump(struct ksrtp *handle, ksrtp_call_cb cb, ksrtp_restart_cb restart, void *arg);
int ksrtp_leg_dump(struct ksrtp *handle, uint32_t only, ksrtp_leg_cb cb,
		   ksrtp_restart_cb restart, void *arg);
int ksrtp_key_dump(struct ksrtp *handle, uint32_t only, ksrtp_key_cb cb,
		   ksrtp_restart_cb restart, void *arg);
int ksrtp_route_dump(struct ksrtp *handle, uint32_t only, ksrtp_route_cb cb,
		     ksrtp_restart_cb restart, void *arg);
int ksrtp_stream_dump(struct ksrtp *handle, uint32_t only, ksrtp_stream_cb cb,
		      ksrtp_restart_cb restart, void *arg);

/* -- events: a handle of its own, subscribed to the multicast group */
struct ksrtp_event {
	uint32_t type;		/* one of KSRTP_CMD_*_NTF */
	const char *name;	/* "leg-learnt", ... */
	uint32_t call_id, leg_id;
	uint32_t direction, slot;	/* of key events */
	struct sockaddr_storage remote;	/* ss_family AF_UNSPEC: not told */
	uint32_t reason;
	uint64_t count, idle_ms;
};

typedef int (*ksrtp_event_cb)(const struct ksrtp_event *event, void *arg);

int ksrtp_events_open(struct ksrtp **handle);
/* To poll for reading. */
int ksrtp_events_fd(const struct ksrtp *handle);
/* Reads what is there without waiting. -ENOBUFS: events were lost, dump again. */
int ksrtp_events_read(struct ksrtp *handle, ksrtp_event_cb cb, void *arg);

/* -- XDP: load the programs and attach them. Needs CAP_SYS_ADMIN (the kernel demands
 * it to look up a module's kfuncs). The link lives until detach, also without the
 * process (pinned under /sys/fs/bpf/ksrtp).
 */
enum ksrtp_xdp_mode {
	KSRTP_XDP_MODE_NONE,
	KSRTP_XDP_MODE_NATIVE,
	KSRTP_XDP_MODE_GENERIC,
};

struct ksrtp_xdp_status {
	unsigned int ifindex;
	char ifname[32];
	enum ksrtp_xdp_mode mode;
	uint64_t pass_other, pass, drop, tx, redirect, error;	/* of the program, all devices */
	/* of this device, of frames that were sent to it */
	uint64_t egress_redirect_err, egress_xmit_sent, egress_xmit_drops, egress_tx_drops;
};

/* Attaches in @mode, which may be KSRTP_XDP_MODE_NONE: native, else generic.
 * Returns the mode attached. On failure @why (may be NULL) gets a sentence.
 */
int ksrtp_xdp_attach(unsigned int ifindex, enum ksrtp_xdp_mode mode, char *why, size_t why_len);
/* Takes it off. When it was the last device and nobody asked for ksrtp_xdp_pin(), the
 * programs go as well and the module can be unloaded. -ENOENT: it was not attached.
 */
int ksrtp_xdp_detach(unsigned int ifindex, char *why, size_t why_len);
/* Loads the programs and keeps them pinned with or without devices, so that attaching
 * later needs no verifier; and takes them off all devices, in every network namespace
 * of this host, and unloads them. Both are 0 when there is nothing to do.
 */
int ksrtp_xdp_pin(char *why, size_t why_len);
int ksrtp_xdp_unpin(char *why, size_t why_len);
/* Of a device without the program: mode none and what was lost behind it. */
int ksrtp_xdp_status(unsigned int ifindex, struct ksrtp_xdp_status *status);

#ifdef __cplusplus
}
#endif

#endif /* KSRTP_KSRTP_H */
