// SPDX-License-Identifier: GPL-2.0
/*
 * Every refusal of the control ABI: the errno, a text that says why, the attribute
 * where there is one, and that nothing has changed. In the VM, with the module just
 * loaded, so that ids count from 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "raw.h"
#include "tap.h"

/*
 * What the table below speaks of: calls 1 ("one", owner 7) and 2 ("two") in mode
 * transport, 3 ("plain") in mode none, 4 ("relay") in mode e2ee; legs 1 and 2 of call 1,
 * 3 of call 2, 4 of call 3, 5 and 6 of call 4, at 127.0.0.1:7001 to 7006, the remote of
 * leg 2 at 127.0.0.1:7010, which is also FD_GOOD's address; route 1 from leg 1 to 2; on leg 1 in slot 0 a
 * transmit key KEY_T and a receive key KEY_R, on leg 4 a receive key of suite none.
 */
enum fd {
	FD_GOOD = 900, FD_FILE, FD_TCP, FD_UNBOUND, FD_ANY, FD_LEG, FD_MAPPED, FD_OTHER_NETNS,
	FD_SAME_ADDRESS, FD_IPV6,
};

#define ATTRS_MAX	14

/* An attribute: @len octets of @data, or of @value. */
struct attr {
	uint16_t	type;
	uint16_t	len;
	uint32_t	value;
	const char	*data;
};

#define U32(t, v)	{ KSRTP_A_##t, 4, (v), NULL }
#define U8(t, v)	{ KSRTP_A_##t, 1, (v), NULL }
#define BE16(t, v)	{ KSRTP_A_##t, 2, ((v) >> 8 | ((v) & 0xff) << 8), NULL }
#define IP4(t, s)	{ KSRTP_A_##t, 4, 0, (s) }
#define BYTES(t, n, s)	{ KSRTP_A_##t, (n), 0, (s) }
#define TEXT(t, s)	{ KSRTP_A_##t, sizeof(s), 0, (s) }
#define FLAG(t)		{ KSRTP_A_##t, 0, 0, "" }

#define KEY_T	"T-srtp--transmit-key-of-32-octets"
#define KEY_T2	"T-srtcp-transmit-key-of-32-octets"
#define KEY_R	"R-srtp---receive-key-of-32-octets"
#define KEY_R2	"R-srtcp--receive-key-of-32-octets"
#define KEY_N	"N-srtp--never-seen--of--32-octets"
#define KEY_N2	"N-srtcp-never-seen--of--32-octets"
#define SALT	"salt-of-session"

#define SLOT(leg, dir, slot)	U32(KEY_LEG_ID, leg), U32(KEY_DIRECTION, dir), U32(KEY_SLOT, slot)
#define HEAD(leg, dir, slot, suite) \
	SLOT(leg, dir, slot), U32(KEY_SUITE, suite), U32(KEY_CONTEXT, 0)
#define OCTETS(n, k, k2) \
	BYTES(KEY_SRTP_KEY, n, k), BYTES(KEY_SRTP_SALT, 12, SALT), \
	BYTES(KEY_SRTCP_KEY, n, k2), BYTES(KEY_SRTCP_SALT, 12, SALT)
#define HDREXT(n, salt_len, k, ids) \
	BYTES(KEY_HDREXT_KEY, n, k), BYTES(KEY_HDREXT_SALT, salt_len, SALT), \
	BYTES(KEY_HDREXT_IDS, 2, ids)
#define NEW_LEG(fd)	U32(LEG_CALL_ID, 1), U32(LEG_SOCKET, fd)
#define MOVE(leg, fd)	U32(LEG_ID, leg), U32(LEG_SOCKET, fd)
#define LOCALHOST	"\x7f\0\0\1"
#define ICE(ufrag, pwd, remote) \
	TEXT(LEG_ICE_UFRAG, ufrag), TEXT(LEG_ICE_PWD, pwd), TEXT(LEG_ICE_REMOTE_UFRAG, remote)
#define PWD		"IcePasswordOfManyOctets"
#define OCTETS_257	NAME_64 NAME_64 NAME_64 NAME_64 "x"
/* 64 bits, of a little-endian host */
#define RATE_7999	"\x3f\x1f\0\0\0\0\0\0"
#define RATE_10000	"\x10\x27\0\0\0\0\0\0"
#define NAME_64		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct row {
	uint8_t		cmd;
	bool		dump;
	const char	*what;
	int		err;
	const char	*text;	/* part of what it says */
	struct attr	attrs[ATTRS_MAX];
} rows[] = {
#define R(c, w, e, t, ...) { KSRTP_CMD_##c, false, w, e, t, { __VA_ARGS__ } }
#define D(c, w, e, t, ...) { KSRTP_CMD_##c, true, w, e, t, { __VA_ARGS__ } }
	R(STATS_GET, "an attribute", EINVAL, "", U32(INFO_CALLS, 1)),

	R(CALL_NEW, "no name", EINVAL, "'name' is missing", U32(CALL_MODE, 1)),
	R(CALL_NEW, "no mode", EINVAL, "'mode' is missing", TEXT(CALL_NAME, "x")),
	R(CALL_NEW, "empty name", EINVAL, "empty", TEXT(CALL_NAME, ""), U32(CALL_MODE, 1)),
	R(CALL_NEW, "name of 64 octets", EINVAL, "", TEXT(CALL_NAME, NAME_64), U32(CALL_MODE, 1)),
	R(CALL_NEW, "name without end", EINVAL, "", BYTES(CALL_NAME, 3, "abc"), U32(CALL_MODE, 1)),
	R(CALL_NEW, "unknown mode", ERANGE, "range", TEXT(CALL_NAME, "x"), U32(CALL_MODE, 3)),
	R(CALL_NEW, "name taken", EEXIST, "name exists", TEXT(CALL_NAME, "one"), U32(CALL_MODE, 1)),
	R(CALL_NEW, "lease without owner", EINVAL, "owner", TEXT(CALL_NAME, "x"), U32(CALL_MODE, 1), U32(CALL_LEASE, 9)),
	R(CALL_NEW, "lease 0", ERANGE, "range", TEXT(CALL_NAME, "x"), U32(CALL_MODE, 1), U32(CALL_OWNER, 1), U32(CALL_LEASE, 0)),
	R(CALL_NEW, "lease of more than a day", ERANGE, "range", TEXT(CALL_NAME, "x"), U32(CALL_MODE, 1), U32(CALL_OWNER, 1), U32(CALL_LEASE, 86401)),
	R(CALL_NEW, "mode of 3 octets", EINVAL, "length", TEXT(CALL_NAME, "x"), BYTES(CALL_MODE, 3, "\1\0\0")),
	R(CALL_NEW, "mode of 8 octets", EINVAL, "length", TEXT(CALL_NAME, "x"), BYTES(CALL_MODE, 8, "\1\0\0\0\0\0\0\0")),
	R(CALL_NEW, "an id", EINVAL, "attribute", TEXT(CALL_NAME, "x"), U32(CALL_MODE, 1), U32(CALL_ID, 9)),
	R(CALL_NEW, "an attribute behind the last", EINVAL, "attribute", TEXT(CALL_NAME, "x"), U32(CALL_MODE, 1), { 99, 4, 0, NULL }),
	R(CALL_NEW, "attribute 0", EINVAL, "attribute", TEXT(CALL_NAME, "x"), U32(CALL_MODE, 1), { 0, 4, 0, "abcd" }),
	R(CALL_NEW, "mode as a nest", EINVAL, "NESTED", TEXT(CALL_NAME, "x"), { KSRTP_A_CALL_MODE | NLA_F_NESTED, 4, 1, NULL }),

	R(CALL_GET, "neither id nor name", EINVAL, "'id' or 'name'"),
	R(CALL_GET, "id and name", EINVAL, "exclude", U32(CALL_ID, 1), TEXT(CALL_NAME, "one")),
	R(CALL_GET, "id 0", ERANGE, "range", U32(CALL_ID, 0)),
	R(CALL_GET, "unknown id", ENOENT, "no such call", U32(CALL_ID, 99)),
	R(CALL_GET, "unknown name", ENOENT, "no such call", TEXT(CALL_NAME, "nobody")),
	D(CALL_GET, "a filter", EINVAL, "attribute", U32(CALL_ID, 1)),
	R(CALL_SET, "no id", EINVAL, "'id' is missing", U32(CALL_OWNER, 8)),
	R(CALL_SET, "nothing", EINVAL, "nothing to change", U32(CALL_ID, 1)),
	R(CALL_SET, "unknown id", ENOENT, "no such call", U32(CALL_ID, 99), U32(CALL_OWNER, 8)),
	R(CALL_SET, "lease of 0 s", ERANGE, "range", U32(CALL_ID, 1), U32(CALL_LEASE, 0)),
	R(CALL_SET, "a lease without owner", EINVAL, "needs an owner", U32(CALL_ID, 2), U32(CALL_LEASE, 9)),
	R(CALL_SET, "a lease and owner 0", EINVAL, "needs an owner", U32(CALL_ID, 1), U32(CALL_OWNER, 0), U32(CALL_LEASE, 9)),
	R(CALL_SET, "a mode", EINVAL, "attribute", U32(CALL_ID, 1), U32(CALL_OWNER, 8), U32(CALL_MODE, 2)),
	R(CALL_SET, "a name", EINVAL, "attribute", U32(CALL_ID, 1), U32(CALL_OWNER, 8), TEXT(CALL_NAME, "x")),
	R(CALL_DEL, "no id", EINVAL, "'id' is missing"),
	R(CALL_DEL, "unknown id", ENOENT, "no such call", U32(CALL_ID, 99)),
	R(CALL_DEL, "by name", EINVAL, "attribute", TEXT(CALL_NAME, "one")),

	R(LEG_NEW, "no call", EINVAL, "'call-id' is missing", U32(LEG_SOCKET, FD_GOOD)),
	R(LEG_NEW, "no socket", EINVAL, "'socket' is missing", U32(LEG_CALL_ID, 1)),
	R(LEG_NEW, "unknown call", ENOENT, "no such call", U32(LEG_CALL_ID, 99), U32(LEG_SOCKET, FD_GOOD)),
	R(LEG_NEW, "descriptor -1", ERANGE, "range", NEW_LEG(0xffffffff)),
	R(LEG_NEW, "closed descriptor", EBADF, "descriptor", NEW_LEG(899)),
	R(LEG_NEW, "a file", ENOTSOCK, "descriptor", NEW_LEG(FD_FILE)),
	R(LEG_NEW, "a TCP socket", ESOCKTNOSUPPORT, "UDP", NEW_LEG(FD_TCP)),
	R(LEG_NEW, "an unbound socket", EADDRNOTAVAIL, "bound", NEW_LEG(FD_UNBOUND)),
	R(LEG_NEW, "a socket bound to any address", EADDRNOTAVAIL, "bound", NEW_LEG(FD_ANY)),
	R(LEG_NEW, "a leg's socket", EBUSY, "in use", NEW_LEG(FD_LEG)),
	R(LEG_NEW, "an IPv6 socket bound to IPv4", EAFNOSUPPORT, "IPv4", NEW_LEG(FD_MAPPED)),
	R(LEG_NEW, "a socket of another namespace", EXDEV, "another network namespace", NEW_LEG(FD_OTHER_NETNS)),
	R(LEG_NEW, "a leg's address", EADDRINUSE, "local address", NEW_LEG(FD_SAME_ADDRESS)),
	R(LEG_NEW, "two remote addresses", EINVAL, "exclude", NEW_LEG(FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST), BYTES(LEG_REMOTE_IPV6, 16, "\xfe\x80-------------"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "remote address without port", EINVAL, "'remote-port' is missing", NEW_LEG(FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST)),
	R(LEG_NEW, "remote port without address", EINVAL, "remote-port needs", NEW_LEG(FD_GOOD), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "remote port 0", ERANGE, "range", NEW_LEG(FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 0)),
	R(LEG_NEW, "remote IPv4 address of 5 octets", EINVAL, "length", NEW_LEG(FD_GOOD), BYTES(LEG_REMOTE_IPV4, 5, "\x7f\0\0\1\0"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "remote IPv6 address of 15 octets", ERANGE, "", NEW_LEG(FD_IPV6), BYTES(LEG_REMOTE_IPV6, 15, "\x20\x01-------------"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "remote IPv6 address of 17 octets", ERANGE, "", NEW_LEG(FD_IPV6), BYTES(LEG_REMOTE_IPV6, 17, "\x20\x01---------------"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "mapped remote address", EINVAL, "mapped", NEW_LEG(FD_IPV6), BYTES(LEG_REMOTE_IPV6, 16, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "remote address of another family", EINVAL, "family", NEW_LEG(FD_IPV6), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "multicast remote address", EINVAL, "unicast", NEW_LEG(FD_GOOD), IP4(LEG_REMOTE_IPV4, "\xe0\0\0\1"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "remote address 0.0.0.0", EINVAL, "unicast", NEW_LEG(FD_GOOD), IP4(LEG_REMOTE_IPV4, "\0\0\0\0"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_NEW, "a leg as remote", ELOOP, "loop", NEW_LEG(FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7002)),
	R(LEG_NEW, "itself as remote", ELOOP, "loop", NEW_LEG(FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7010)),
	R(LEG_NEW, "unknown state", ERANGE, "range", NEW_LEG(FD_GOOD), U32(LEG_STATE, 2)),
	R(LEG_NEW, "unknown flag", EINVAL, "reserved bit", NEW_LEG(FD_GOOD), U32(LEG_FLAGS, 4)),
	R(LEG_NEW, "DSCP 64", ERANGE, "range", NEW_LEG(FD_GOOD), U8(LEG_DSCP, 64)),
	R(LEG_NEW, "window of 63", ERANGE, "range", NEW_LEG(FD_GOOD), U32(LEG_WINDOW, 63)),
	R(LEG_NEW, "window of 100", EINVAL, "power of two", NEW_LEG(FD_GOOD), U32(LEG_WINDOW, 100)),
	R(LEG_NEW, "window of 16384", ERANGE, "range", NEW_LEG(FD_GOOD), U32(LEG_WINDOW, 16384)),
	R(LEG_NEW, "no streams", ERANGE, "range", NEW_LEG(FD_GOOD), U32(LEG_STREAMS_MAX, 0)),
	R(LEG_NEW, "1025 streams", ERANGE, "range", NEW_LEG(FD_GOOD), U32(LEG_STREAMS_MAX, 1025)),
	R(LEG_NEW, "counters", EINVAL, "attribute", NEW_LEG(FD_GOOD), BYTES(LEG_STATS, 4, "\4\0\1\0")),
	R(LEG_NEW, "socket-wanted", EINVAL, "attribute", NEW_LEG(FD_GOOD), FLAG(LEG_SOCKET_WANTED)),
	R(LEG_NEW, "a rate with keys", EINVAL, "end-to-end", NEW_LEG(FD_GOOD), BYTES(LEG_RATE, 8, RATE_10000)),
	R(LEG_NEW, "a rate of 7999", ERANGE, "range", U32(LEG_CALL_ID, 4), U32(LEG_SOCKET, FD_GOOD), BYTES(LEG_RATE, 8, RATE_7999)),
	R(LEG_NEW, "a relay that learns", EPERM, "end-to-end", U32(LEG_CALL_ID, 4), U32(LEG_SOCKET, FD_GOOD), U32(LEG_FLAGS, 1)),

	R(LEG_NEW, "ICE without a password", EINVAL, "together", NEW_LEG(FD_GOOD), TEXT(LEG_ICE_UFRAG, "host"), TEXT(LEG_ICE_REMOTE_UFRAG, "peer")),
	R(LEG_NEW, "ICE and learning", EINVAL, "ICE cannot learn", NEW_LEG(FD_GOOD), U32(LEG_FLAGS, 1), ICE("host", PWD, "peer")),
	R(LEG_NEW, "ICE on a leg's address", EADDRINUSE, "local address", NEW_LEG(FD_SAME_ADDRESS), ICE("host", PWD, "peer")),
	R(LEG_NEW, "RTCP of no leg", ERANGE, "range", NEW_LEG(FD_GOOD), U32(LEG_RTCP_OF, 0)),
	R(LEG_NEW, "RTCP of an unknown leg", ENOENT, "no leg of this call", NEW_LEG(FD_GOOD), U32(LEG_RTCP_OF, 99)),
	R(LEG_NEW, "RTCP of another call's leg", ENOENT, "no leg of this call", U32(LEG_CALL_ID, 4), U32(LEG_SOCKET, FD_GOOD), U32(LEG_RTCP_OF, 1)),
	R(LEG_SET, "RTCP of a leg", EINVAL, "attribute", U32(LEG_ID, 2), U32(LEG_RTCP_OF, 1)),
	R(LEG_NEW, "consent", EINVAL, "attribute", NEW_LEG(FD_GOOD), BYTES(LEG_CONSENT_MS, 8, RATE_7999)),

	R(LEG_GET, "no id", EINVAL, "'id' is missing"),
	R(LEG_GET, "unknown id", ENOENT, "no such leg", U32(LEG_ID, 99)),
	R(LEG_GET, "unknown id, with socket", ENOENT, "no such leg", U32(LEG_ID, 99), FLAG(LEG_SOCKET_WANTED)),
	R(LEG_GET, "a flag with a value", ERANGE, "", U32(LEG_ID, 1), BYTES(LEG_SOCKET_WANTED, 1, "\1")),
	R(LEG_GET, "by call", EINVAL, "attribute", U32(LEG_CALL_ID, 1)),
	D(LEG_GET, "unknown call", ENOENT, "no such call", U32(LEG_CALL_ID, 99)),
	D(LEG_GET, "by id", EINVAL, "attribute", U32(LEG_ID, 1)),
	D(LEG_GET, "sockets", EINVAL, "attribute", FLAG(LEG_SOCKET_WANTED)),
	R(LEG_SET, "no id", EINVAL, "'id' is missing", U32(LEG_STATE, 0)),
	R(LEG_SET, "nothing", EINVAL, "nothing to change", U32(LEG_ID, 1)),
	R(LEG_SET, "unknown id", ENOENT, "no such leg", U32(LEG_ID, 99), U32(LEG_STATE, 0)),
	R(LEG_SET, "a new window", EINVAL, "attribute", U32(LEG_ID, 1), U32(LEG_WINDOW, 128)),
	R(LEG_SET, "a socket to an unknown leg", ENOENT, "no such leg", MOVE(99, FD_GOOD)),
	R(LEG_SET, "descriptor -1", ERANGE, "range", MOVE(1, 0xffffffff)),
	R(LEG_SET, "a closed descriptor", EBADF, "descriptor", MOVE(1, 899)),
	R(LEG_SET, "a file", ENOTSOCK, "descriptor", MOVE(1, FD_FILE)),
	R(LEG_SET, "a TCP socket", ESOCKTNOSUPPORT, "UDP", MOVE(1, FD_TCP)),
	R(LEG_SET, "an unbound socket", EADDRNOTAVAIL, "bound", MOVE(1, FD_UNBOUND)),
	R(LEG_SET, "a socket bound to any address", EADDRNOTAVAIL, "bound", MOVE(1, FD_ANY)),
	R(LEG_SET, "its own socket", EBUSY, "in use", MOVE(1, FD_LEG)),
	R(LEG_SET, "another leg's socket", EBUSY, "in use", MOVE(2, FD_LEG)),
	R(LEG_SET, "an IPv6 socket bound to IPv4", EAFNOSUPPORT, "IPv4", MOVE(1, FD_MAPPED)),
	R(LEG_SET, "a socket of another namespace", EXDEV, "another network namespace", MOVE(1, FD_OTHER_NETNS)),
	R(LEG_SET, "a socket of its own address", EADDRINUSE, "local address", MOVE(1, FD_SAME_ADDRESS)),
	R(LEG_SET, "a socket of another leg's address", EADDRINUSE, "local address", MOVE(2, FD_SAME_ADDRESS), U32(LEG_STATE, 0)),
	R(LEG_SET, "a socket of another family alone", EINVAL, "another address family", MOVE(1, FD_IPV6)),
	R(LEG_SET, "a socket of another family to a leg with a remote", EINVAL, "another address family", MOVE(2, FD_IPV6)),
	R(LEG_SET, "a socket of another family, not of the remote", EINVAL, "another family", MOVE(1, FD_IPV6), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_SET, "a remote of the family before", EINVAL, "another family", MOVE(1, FD_GOOD), BYTES(LEG_REMOTE_IPV6, 16, "\x20\x01--------------"), BE16(LEG_REMOTE_PORT, 9)),
	R(LEG_SET, "a socket and its own address as remote", ELOOP, "loop", MOVE(1, FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7010)),
	R(LEG_SET, "a socket and the address before as remote", ELOOP, "loop", MOVE(1, FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7001)),
	R(LEG_SET, "a socket and a leg as remote", ELOOP, "loop", MOVE(1, FD_GOOD), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7002)),
	R(LEG_SET, "a socket at the remote that stays", ELOOP, "loop", MOVE(2, FD_GOOD)),
	R(LEG_SET, "a socket, and a relay that learns", EPERM, "end-to-end", MOVE(5, FD_GOOD), U32(LEG_FLAGS, 1)),
	R(LEG_SET, "a socket, and ICE without a password", EINVAL, "together", MOVE(1, FD_GOOD), TEXT(LEG_ICE_UFRAG, "host")),
	R(LEG_SET, "unknown flag", EINVAL, "reserved bit", U32(LEG_ID, 1), U32(LEG_FLAGS, 0x80000000)),
	R(LEG_SET, "state and a bad address", ELOOP, "loop", U32(LEG_ID, 1), U32(LEG_STATE, 0), U8(LEG_DSCP, 1), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7002)),
	R(LEG_SET, "a rate with keys", EINVAL, "end-to-end", U32(LEG_ID, 1), BYTES(LEG_RATE, 8, RATE_10000)),
	R(LEG_SET, "a relay that learns", EPERM, "end-to-end", U32(LEG_ID, 5), U32(LEG_STATE, 0), U32(LEG_FLAGS, 1)),
	R(LEG_SET, "an ICE fragment alone", EINVAL, "together", U32(LEG_ID, 1), TEXT(LEG_ICE_UFRAG, "host")),
	R(LEG_SET, "an ICE password alone", EINVAL, "together", U32(LEG_ID, 1), TEXT(LEG_ICE_PWD, PWD)),
	R(LEG_SET, "an ICE fragment of 3 octets", EINVAL, "ice-ufrag", U32(LEG_ID, 1), ICE("hos", PWD, "peer")),
	R(LEG_SET, "an ICE fragment with a colon", EINVAL, "ice-ufrag", U32(LEG_ID, 1), ICE("ho:st", PWD, "peer")),
	R(LEG_SET, "an ICE password of 21 octets", EINVAL, "ice-pwd", U32(LEG_ID, 1), ICE("host", "IcePasswordOf21Octets", "peer")),
	R(LEG_SET, "an ICE password of 257 octets", EINVAL, "", U32(LEG_ID, 1), ICE("host", OCTETS_257, "peer")),
	R(LEG_SET, "an empty ICE fragment of the endpoint", EINVAL, "ice-remote-ufrag", U32(LEG_ID, 1), ICE("host", PWD, "")),
	R(LEG_SET, "ICE of an unknown leg", ENOENT, "no such leg", U32(LEG_ID, 99), ICE("host", PWD, "peer")),
	R(LEG_SET, "ICE and a bad address", ELOOP, "loop", U32(LEG_ID, 1), ICE("host", PWD, "peer"), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7002)),
	R(LEG_DEL, "no id", EINVAL, "'id' is missing"),
	R(LEG_DEL, "unknown id", ENOENT, "no such leg", U32(LEG_ID, 99)),

	R(KEY_NEW, "no leg", EINVAL, "'leg-id' is missing", U32(KEY_DIRECTION, 0), U32(KEY_SLOT, 1), U32(KEY_SUITE, 1), U32(KEY_CONTEXT, 0), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "no direction", EINVAL, "'direction' is missing", U32(KEY_LEG_ID, 1), U32(KEY_SLOT, 1), U32(KEY_SUITE, 1), U32(KEY_CONTEXT, 0), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "no slot", EINVAL, "'slot' is missing", U32(KEY_LEG_ID, 1), U32(KEY_DIRECTION, 0), U32(KEY_SUITE, 1), U32(KEY_CONTEXT, 0), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "no suite", EINVAL, "'suite' is missing", SLOT(1, 0, 1), U32(KEY_CONTEXT, 0), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "no context", EINVAL, "'context' is missing", SLOT(1, 0, 1), U32(KEY_SUITE, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "no srtp-key", EINVAL, "'srtp-key' is missing", HEAD(1, 0, 1, 1), BYTES(KEY_SRTP_SALT, 12, SALT), BYTES(KEY_SRTCP_KEY, 16, KEY_N2), BYTES(KEY_SRTCP_SALT, 12, SALT)),
	R(KEY_NEW, "no srtp-salt", EINVAL, "'srtp-salt' is missing", HEAD(1, 0, 1, 1), BYTES(KEY_SRTP_KEY, 16, KEY_N), BYTES(KEY_SRTCP_KEY, 16, KEY_N2), BYTES(KEY_SRTCP_SALT, 12, SALT)),
	R(KEY_NEW, "no srtcp-key", EINVAL, "'srtcp-key' is missing", HEAD(1, 0, 1, 1), BYTES(KEY_SRTP_KEY, 16, KEY_N), BYTES(KEY_SRTP_SALT, 12, SALT), BYTES(KEY_SRTCP_SALT, 12, SALT)),
	R(KEY_NEW, "no srtcp-salt", EINVAL, "'srtcp-salt' is missing", HEAD(1, 0, 1, 1), BYTES(KEY_SRTP_KEY, 16, KEY_N), BYTES(KEY_SRTP_SALT, 12, SALT), BYTES(KEY_SRTCP_KEY, 16, KEY_N2)),
	R(KEY_NEW, "keys of 15 octets", ERANGE, "", HEAD(1, 0, 1, 1), OCTETS(15, KEY_N, KEY_N2)),
	R(KEY_NEW, "keys of 17 octets", EINVAL, "srtp-key", HEAD(1, 0, 1, 1), OCTETS(17, KEY_N, KEY_N2)),
	R(KEY_NEW, "keys of 32 octets for AES-128", EINVAL, "srtp-key", HEAD(1, 0, 1, 1), OCTETS(32, KEY_N, KEY_N2)),
	R(KEY_NEW, "keys of 16 octets for AES-256", EINVAL, "srtp-key", HEAD(1, 0, 1, 2), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "keys of 31 octets", EINVAL, "srtp-key", HEAD(1, 0, 1, 2), OCTETS(31, KEY_N, KEY_N2)),
	R(KEY_NEW, "keys of 33 octets", ERANGE, "", HEAD(1, 0, 1, 2), OCTETS(33, KEY_N, KEY_N2)),
	R(KEY_NEW, "a short srtcp-key alone", EINVAL, "srtcp-key", HEAD(1, 0, 1, 2), BYTES(KEY_SRTP_KEY, 32, KEY_N), BYTES(KEY_SRTP_SALT, 12, SALT), BYTES(KEY_SRTCP_KEY, 16, KEY_N2), BYTES(KEY_SRTCP_SALT, 12, SALT)),
	R(KEY_NEW, "salt of 11 octets", ERANGE, "", HEAD(1, 0, 1, 1), BYTES(KEY_SRTP_KEY, 16, KEY_N), BYTES(KEY_SRTP_SALT, 11, SALT), BYTES(KEY_SRTCP_KEY, 16, KEY_N2), BYTES(KEY_SRTCP_SALT, 12, SALT)),
	R(KEY_NEW, "salt of 13 octets", EINVAL, "srtcp-salt", HEAD(1, 0, 1, 1), BYTES(KEY_SRTP_KEY, 16, KEY_N), BYTES(KEY_SRTP_SALT, 12, SALT), BYTES(KEY_SRTCP_KEY, 16, KEY_N2), BYTES(KEY_SRTCP_SALT, 13, SALT)),
	R(KEY_NEW, "equal keys", EINVAL, "equal", HEAD(1, 0, 1, 1), OCTETS(16, KEY_N, KEY_N)),
	R(KEY_NEW, "keys for suite none", EINVAL, "none takes no keys", HEAD(2, 0, 1, 0), BYTES(KEY_SRTP_KEY, 16, KEY_N)),
	R(KEY_NEW, "unknown suite", ERANGE, "range", HEAD(1, 0, 1, KSRTP_SUITE_MAX + 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "unknown direction", ERANGE, "range", HEAD(1, 2, 1, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "slot 2", ERANGE, "range", HEAD(1, 0, 2, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "unknown context", ERANGE, "range", SLOT(1, 0, 1), U32(KEY_SUITE, 1), U32(KEY_CONTEXT, 2), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "a used slot", EEXIST, "slot is in use", HEAD(1, 0, 0, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "context same without other key", EINVAL, "other slot", SLOT(2, 1, 0), U32(KEY_SUITE, 1), U32(KEY_CONTEXT, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "unknown leg", ENOENT, "no such leg", HEAD(99, 0, 1, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "a suite in a call of mode none", EPERM, "mode none", HEAD(4, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "a receive key in an end-to-end call", EPERM, "end-to-end", HEAD(5, 0, 0, 1), OCTETS(16, KEY_N, KEY_N2)),
	R(KEY_NEW, "a transmit key in an end-to-end call", EPERM, "end-to-end", HEAD(5, 1, 1, 2), OCTETS(32, KEY_N, KEY_N2)),
	R(KEY_NEW, "suite none in an end-to-end call", EPERM, "end-to-end", HEAD(6, 0, 0, 0)),
	R(KEY_NEW, "suite none beside a key", EINVAL, "none", HEAD(1, 0, 1, 0)),
	R(KEY_NEW, "a transmit key again", EKEYREJECTED, "used before", HEAD(1, 1, 1, 1), OCTETS(16, KEY_T, KEY_N2)),
	R(KEY_NEW, "a transmit key on another leg", EKEYREJECTED, "used before", HEAD(3, 1, 0, 1), OCTETS(16, KEY_T, KEY_N2)),
	R(KEY_NEW, "an SRTP transmit key for SRTCP", EKEYREJECTED, "used before", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_T)),
	R(KEY_NEW, "a receive key for transmission", EKEYREJECTED, "receive key", HEAD(2, 1, 0, 1), OCTETS(16, KEY_R, KEY_N2)),
	R(KEY_NEW, "a transmit key for reception", EKEYREJECTED, "transmit key", HEAD(2, 0, 0, 1), OCTETS(16, KEY_N, KEY_T2)),
	R(KEY_NEW, "unknown cryptex", ERANGE, "range", HEAD(1, 0, 1, 1), OCTETS(16, KEY_N, KEY_N2), U32(KEY_CRYPTEX, KSRTP_CRYPTEX_MAX + 1)),
	R(KEY_NEW, "cryptex required of a transmit key", EINVAL, "cryptex required", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), U32(KEY_CRYPTEX, KSRTP_CRYPTEX_REQUIRED)),
	R(KEY_NEW, "cryptex of suite none", EINVAL, "no cryptex", HEAD(2, 0, 1, 0), U32(KEY_CRYPTEX, KSRTP_CRYPTEX_ON)),
	R(KEY_NEW, "hdrext-key alone", EINVAL, "hdrext-ids", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), BYTES(KEY_HDREXT_KEY, 16, KEY_T)),
	R(KEY_NEW, "hdrext-ids alone", EINVAL, "'hdrext-key' is missing", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), BYTES(KEY_HDREXT_IDS, 1, KEY_N)),
	R(KEY_NEW, "hdrext-ids without hdrext-salt", EINVAL, "'hdrext-salt' is missing", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), BYTES(KEY_HDREXT_KEY, 16, KEY_T), BYTES(KEY_HDREXT_IDS, 1, KEY_N)),
	R(KEY_NEW, "no hdrext-ids", ERANGE, "", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), BYTES(KEY_HDREXT_IDS, 0, KEY_N)),
	R(KEY_NEW, "256 hdrext-ids", ERANGE, "", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), BYTES(KEY_HDREXT_IDS, 256, OCTETS_257)),
	R(KEY_NEW, "hdrext-ids with 0", EINVAL, "names 0", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 12, KEY_T, "\1\0")),
	R(KEY_NEW, "hdrext-key of 32 octets for AES-128", EINVAL, "hdrext-key", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(32, 12, KEY_T, KEY_N)),
	R(KEY_NEW, "hdrext-key of 15 octets", ERANGE, "", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(15, 12, KEY_T, KEY_N)),
	R(KEY_NEW, "hdrext-salt of 14 octets for GCM", EINVAL, "hdrext-salt", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 14, KEY_T, KEY_N)),
	R(KEY_NEW, "hdrext-salt of 11 octets", ERANGE, "", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 11, KEY_T, KEY_N)),
	R(KEY_NEW, "hdrext-key equal to srtp-key", EINVAL, "label 6", HEAD(2, 0, 1, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 12, KEY_N, KEY_N)),
	R(KEY_NEW, "hdrext-key equal to srtcp-key", EINVAL, "label 6", HEAD(2, 0, 1, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 12, KEY_N2, KEY_N)),
	R(KEY_NEW, "a transmit key as hdrext-key", EKEYREJECTED, "used before", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 12, KEY_T, KEY_N)),
	R(KEY_NEW, "a receive key as hdrext-key for transmission", EKEYREJECTED, "receive key", HEAD(2, 1, 0, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 12, KEY_R, KEY_N)),
	R(KEY_NEW, "hdrext-ids beside cryptex", EINVAL, "cryptex", HEAD(2, 0, 1, 1), OCTETS(16, KEY_N, KEY_N2), HDREXT(16, 12, KEY_T, KEY_N), U32(KEY_CRYPTEX, KSRTP_CRYPTEX_ON)),
	R(KEY_NEW, "hdrext-ids of suite none", EINVAL, "none encrypts no", HEAD(2, 0, 1, 0), BYTES(KEY_HDREXT_IDS, 1, KEY_N)),
	R(KEY_NEW, "hdrext-key of suite none", EINVAL, "none takes no keys", HEAD(2, 0, 1, 0), BYTES(KEY_HDREXT_KEY, 16, KEY_N)),
	R(KEY_NEW, "active", EINVAL, "attribute", HEAD(1, 0, 1, 1), OCTETS(16, KEY_N, KEY_N2), U8(KEY_ACTIVE, 1)),

	R(KEY_GET, "no leg", EINVAL, "'leg-id' is missing", U32(KEY_DIRECTION, 0), U32(KEY_SLOT, 0)),
	R(KEY_GET, "no slot", EINVAL, "'slot' is missing", U32(KEY_LEG_ID, 1), U32(KEY_DIRECTION, 0)),
	R(KEY_GET, "an empty slot", ENOENT, "no key", SLOT(1, 0, 1)),
	R(KEY_GET, "unknown leg", ENOENT, "no such leg", SLOT(99, 0, 0)),
	D(KEY_GET, "unknown leg", ENOENT, "no such leg", U32(KEY_LEG_ID, 99)),
	D(KEY_GET, "one direction", EINVAL, "attribute", U32(KEY_LEG_ID, 1), U32(KEY_DIRECTION, 0)),
	R(KEY_ACTIVATE, "no slot", EINVAL, "'slot' is missing", U32(KEY_LEG_ID, 1)),
	R(KEY_ACTIVATE, "an empty slot", ENOENT, "no transmit key", U32(KEY_LEG_ID, 1), U32(KEY_SLOT, 1)),
	R(KEY_ACTIVATE, "unknown leg", ENOENT, "no such leg", U32(KEY_LEG_ID, 99), U32(KEY_SLOT, 0)),
	R(KEY_ACTIVATE, "a direction", EINVAL, "attribute", SLOT(1, 1, 0)),
	R(KEY_DEL, "no direction", EINVAL, "'direction' is missing", U32(KEY_LEG_ID, 1), U32(KEY_SLOT, 0)),
	R(KEY_DEL, "an empty slot", ENOENT, "no key", SLOT(1, 1, 1)),
	R(KEY_DEL, "unknown leg", ENOENT, "no such leg", SLOT(99, 0, 0)),

	R(ROUTE_NEW, "no from", EINVAL, "'from' is missing", U32(ROUTE_TO, 2), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_NEW, "no to", EINVAL, "'to' is missing", U32(ROUTE_FROM, 2), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_NEW, "no flags", EINVAL, "'flags' is missing", U32(ROUTE_FROM, 2), U32(ROUTE_TO, 1)),
	R(ROUTE_NEW, "flags 0", EINVAL, "flags", U32(ROUTE_FROM, 2), U32(ROUTE_TO, 1), U32(ROUTE_FLAGS, 0)),
	R(ROUTE_NEW, "unknown flag", EINVAL, "reserved bit", U32(ROUTE_FROM, 2), U32(ROUTE_TO, 1), U32(ROUTE_FLAGS, 15)),
	R(ROUTE_NEW, "unknown from", ENOENT, "no such leg", U32(ROUTE_FROM, 99), U32(ROUTE_TO, 1), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_NEW, "unknown to", ENOENT, "no such leg", U32(ROUTE_FROM, 1), U32(ROUTE_TO, 99), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_NEW, "to the same leg", ELOOP, "two different legs", U32(ROUTE_FROM, 1), U32(ROUTE_TO, 1), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_NEW, "to another call", EXDEV, "one call", U32(ROUTE_FROM, 1), U32(ROUTE_TO, 3), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_NEW, "again", EEXIST, "exists", U32(ROUTE_FROM, 1), U32(ROUTE_TO, 2), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_NEW, "SSRC mapping end to end", EPERM, "as they came", U32(ROUTE_FROM, 5), U32(ROUTE_TO, 6), U32(ROUTE_FLAGS, 7)),
	R(ROUTE_NEW, "from an end-to-end call to another", EXDEV, "one call", U32(ROUTE_FROM, 5), U32(ROUTE_TO, 1), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_SET, "no id", EINVAL, "'id' is missing", U32(ROUTE_FLAGS, 3)),
	R(ROUTE_SET, "no flags", EINVAL, "'flags' is missing", U32(ROUTE_ID, 1)),
	R(ROUTE_SET, "unknown id", ENOENT, "no such route", U32(ROUTE_ID, 99), U32(ROUTE_FLAGS, 3)),
	R(ROUTE_GET, "no id", EINVAL, "'id' is missing"),
	R(ROUTE_GET, "unknown id", ENOENT, "no such route", U32(ROUTE_ID, 99)),
	D(ROUTE_GET, "unknown leg", ENOENT, "no such leg", U32(ROUTE_FROM, 99)),
	R(ROUTE_DEL, "no id", EINVAL, "'id' is missing"),
	R(ROUTE_DEL, "unknown id", ENOENT, "no such route", U32(ROUTE_ID, 99)),

	D(STREAM_GET, "unknown leg", ENOENT, "no such leg", U32(STREAM_LEG_ID, 99)),
	D(STREAM_GET, "by SSRC", EINVAL, "attribute", U32(STREAM_SSRC, 1)),
	R(OWNER_ALIVE, "no id", EINVAL, "'id' is missing"),
	R(OWNER_ALIVE, "owner 0", ERANGE, "range", U32(OWNER_ID, 0)),
	R(OWNER_ALIVE, "unknown owner", ENOENT, "no call", U32(OWNER_ID, 8)),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static struct raw raw;
static struct reply before;

static void put(struct nlmsghdr *nlh, const struct attr *attr)
{
	mnl_attr_put(nlh, attr->type, attr->len, attr->data ? attr->data : (const void *)&attr->value);
}

static void put_all(struct nlmsghdr *nlh, const struct attr *attrs, size_t max)
{
	size_t i;

	for (i = 0; i < max && (attrs[i].type || attrs[i].data); i++)
		put(nlh, &attrs[i]);
}

static void ask(uint8_t cmd, uint16_t flags, const struct attr *attrs, size_t count,
		struct reply *reply)
{
	char buf[2048] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = raw_begin(&raw, buf, cmd, flags);

	put_all(nlh, attrs, count);
	raw_ask(&raw, nlh, reply);
}

/* A request that must be granted; the id that it answers. */
#define GRANT(cmd, ...) grant(KSRTP_CMD_##cmd, #cmd, (const struct attr[ATTRS_MAX]){ __VA_ARGS__ })

static uint32_t grant(uint8_t cmd, const char *name, const struct attr *attrs)
{
	struct reply reply;

	ask(cmd, 0, attrs, ATTRS_MAX, &reply);
	CHECK(!reply.err, "%s: %s: %s", name, strerror(-reply.err), reply.text);
	reply_free(&reply);
	return reply.first;
}

static bool unchanged(void)
{
	struct reply after;
	bool same;

	raw_snapshot(&raw, &after);
	same = !after.err && after.len == before.len && !memcmp(after.bytes, before.bytes, before.len);
	reply_free(&after);
	return same;
}

static void place(int fd, int at)
{
	CHECK(fd >= 0 && dup2(fd, at) == at, "descriptor %d: %s", at, strerror(errno));
	close(fd);
}

static int udp_of_another_namespace(void)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;

	if (unshare(CLONE_NEWNET))
		return -1;
	/* lo is down there; an address that is bound all the same. */
	fd = bound_udp("127.0.0.1", 7020);
	if (fd < 0) {
		int freebind = 1;
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(7020),
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		setsockopt(fd, IPPROTO_IP, 15 /* IP_FREEBIND */, &freebind, sizeof(freebind));
		if (bind(fd, (void *)&in, sizeof(in)))
			fd = -1;
	}
	CHECK(!setns(here, CLONE_NEWNET), "back to the first namespace: %s", strerror(errno));
	close(here);
	return fd;
}

static void set_up(void)
{
	uint32_t id;
	int i;

	place(bound_udp("127.0.0.1", 7010), FD_GOOD);
	place(open("/dev/null", O_RDWR), FD_FILE);
	place(socket(AF_INET, SOCK_STREAM, 0), FD_TCP);
	place(socket(AF_INET, SOCK_DGRAM, 0), FD_UNBOUND);
	place(bound_udp("0.0.0.0", 7011), FD_ANY);
	place(bound_udp("127.0.0.1", 7001), FD_LEG);
	place(bound_udp("::ffff:127.0.0.1", 7012), FD_MAPPED);
	place(udp_of_another_namespace(), FD_OTHER_NETNS);
	place(bound_udp("127.0.0.1", 7001), FD_SAME_ADDRESS);
	place(bound_udp("::1", 7013), FD_IPV6);

	CHECK(GRANT(CALL_NEW, TEXT(CALL_NAME, "one"), U32(CALL_MODE, 1), U32(CALL_OWNER, 7)) == 1, "call 1");
	CHECK(GRANT(CALL_NEW, TEXT(CALL_NAME, "two"), U32(CALL_MODE, 1)) == 2, "call 2");
	CHECK(GRANT(CALL_NEW, TEXT(CALL_NAME, "plain"), U32(CALL_MODE, 0)) == 3, "call 3");
	CHECK(GRANT(CALL_NEW, TEXT(CALL_NAME, "relay"), U32(CALL_MODE, 2)) == 4, "call 4");
	for (i = 0; i < 6; i++) {
		static const uint32_t calls[] = { 1, 1, 2, 3, 4, 4 };
		int fd = i ? bound_udp("127.0.0.1", (uint16_t)(7001 + i)) : FD_LEG;

		id = GRANT(LEG_NEW, U32(LEG_CALL_ID, calls[i]), U32(LEG_SOCKET, (uint32_t)fd), U32(LEG_STATE, 1));
		CHECK(id == (uint32_t)i + 1, "leg %u is not %d", id, i + 1);
	}
	GRANT(LEG_SET, U32(LEG_ID, 2), IP4(LEG_REMOTE_IPV4, LOCALHOST), BE16(LEG_REMOTE_PORT, 7010));
	CHECK(GRANT(ROUTE_NEW, U32(ROUTE_FROM, 1), U32(ROUTE_TO, 2), U32(ROUTE_FLAGS, 3)) == 1, "route 1");
	GRANT(KEY_NEW, HEAD(1, 1, 0, 1), OCTETS(16, KEY_T, KEY_T2));
	GRANT(KEY_NEW, HEAD(1, 0, 0, 1), OCTETS(16, KEY_R, KEY_R2));
	GRANT(KEY_NEW, HEAD(4, 0, 0, 0));
	raw_snapshot(&raw, &before);
	CHECK(!before.err && before.messages == 1 + 4 + 6 + 3 + 1, "%u objects", before.messages);
}

static const char *const verbs[] = {
	[KSRTP_CMD_STATS_GET] = "stats-get", [KSRTP_CMD_CALL_NEW] = "call-new",
	[KSRTP_CMD_CALL_GET] = "call-get", [KSRTP_CMD_CALL_DEL] = "call-del",
	[KSRTP_CMD_LEG_NEW] = "leg-new", [KSRTP_CMD_LEG_GET] = "leg-get",
	[KSRTP_CMD_LEG_SET] = "leg-set", [KSRTP_CMD_LEG_DEL] = "leg-del",
	[KSRTP_CMD_KEY_NEW] = "key-new", [KSRTP_CMD_KEY_GET] = "key-get",
	[KSRTP_CMD_KEY_ACTIVATE] = "key-activate", [KSRTP_CMD_KEY_DEL] = "key-del",
	[KSRTP_CMD_ROUTE_NEW] = "route-new", [KSRTP_CMD_ROUTE_GET] = "route-get",
	[KSRTP_CMD_ROUTE_DEL] = "route-del", [KSRTP_CMD_STREAM_GET] = "stream-get",
	[KSRTP_CMD_OWNER_ALIVE] = "owner-alive", [KSRTP_CMD_ROUTE_SET] = "route-set",
	[KSRTP_CMD_CALL_SET] = "call-set",
};

static void test_rows(void)
{
	struct reply reply;
	uint8_t cmd = 0;
	size_t i, n = 0;

	for (i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];

		cmd = row->cmd;
		ask(cmd, row->dump ? NLM_F_DUMP : 0, row->attrs, ATTRS_MAX, &reply);
		CHECK(reply.err == -row->err, "%s%s, %s: %d (%s), not %d", verbs[cmd],
		      row->dump ? " dump" : "", row->what, reply.err, reply.text, -row->err);
		CHECK(reply.text[0] && strstr(reply.text, row->text), "%s, %s: says '%s', not '%s'",
		      verbs[cmd], row->what, reply.text, row->text);
		CHECK(!reply.messages, "%s, %s: and yet an answer", verbs[cmd], row->what);
		if (!unchanged()) {
			CHECK(false, "%s, %s: something has changed", verbs[cmd], row->what);
			reply_free(&before);
			raw_snapshot(&raw, &before);
		}
		reply_free(&reply);
		n++;
		if (i + 1 == ROWS || rows[i + 1].cmd != cmd) {
			tap_end(cmd == KSRTP_CMD_KEY_NEW ? "D5,O2,S3,S5,S7" : "O2,S7",
				"%s: %zu refusals, each with its reason, and nothing changed",
				verbs[cmd], n);
			n = 0;
		}
	}
}

static void test_commands(void)
{
	struct reply reply;
	unsigned int cmd;

	for (cmd = 0; cmd < 256; cmd++) {
		if ((cmd >= 1 && cmd <= KSRTP_CMD_OWNER_ALIVE && cmd != KSRTP_CMD_STREAM_GET) ||
		    cmd == KSRTP_CMD_ROUTE_SET || cmd == KSRTP_CMD_CALL_SET)
			continue;
		ask((uint8_t)cmd, 0, NULL, 0, &reply);
		CHECK(reply.err == -EOPNOTSUPP, "command %u: %d", cmd, reply.err);
		reply_free(&reply);
	}
	CHECK(unchanged(), "something has changed");
	tap_end("O2,S7", "unknown commands and notifications as commands are refused");
}

/* What is wrong with the message itself. */
static void test_messages(void)
{
	char buf[256] __attribute__((aligned(8)));
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;
	struct nlattr *attr;
	struct reply reply;
	unsigned int cut;

	nlh = raw_begin(&raw, buf, KSRTP_CMD_CALL_DEL, 0);
	mnl_attr_put_u32(nlh, KSRTP_A_CALL_ID, 1);
	genl = mnl_nlmsg_get_payload(nlh);
	genl->reserved = 1;
	raw_ask(&raw, nlh, &reply);
	CHECK(reply.err == -EINVAL, "reserved header bits: %d", reply.err);
	reply_free(&reply);

	/* Every length shorter than the message. */
	for (cut = 1; cut <= 8; cut++) {
		nlh = raw_begin(&raw, buf, KSRTP_CMD_CALL_DEL, 0);
		mnl_attr_put_u32(nlh, KSRTP_A_CALL_ID, 1);
		nlh->nlmsg_len -= cut;
		raw_ask(&raw, nlh, &reply);
		CHECK(reply.err == -EINVAL, "cut by %u octets: %d", cut, reply.err);
		reply_free(&reply);
	}
	nlh = raw_begin(&raw, buf, KSRTP_CMD_CALL_DEL, 0);
	nlh->nlmsg_len -= 2;
	raw_ask(&raw, nlh, &reply);
	CHECK(reply.err == -EINVAL, "half a header: %d", reply.err);
	reply_free(&reply);

	/* An attribute that says it is longer than the message, or shorter than itself. */
	for (cut = 0; cut < 2; cut++) {
		nlh = raw_begin(&raw, buf, KSRTP_CMD_CALL_DEL, 0);
		attr = mnl_nlmsg_get_payload_tail(nlh);
		mnl_attr_put_u32(nlh, KSRTP_A_CALL_ID, 1);
		attr->nla_len = cut ? 60000 : 3;
		raw_ask(&raw, nlh, &reply);
		CHECK(reply.err == -EINVAL, "length %u: %d", attr->nla_len, reply.err);
		reply_free(&reply);
	}
	CHECK(unchanged(), "something has changed");
	tap_end("S7", "messages with wrong lengths and reserved bits are refused");
}

/* A socket without NETLINK_CAP_ACK gets its refused request back: without the keys. */
static void test_echo(void)
{
	static const struct attr attrs[ATTRS_MAX] = { HEAD(1, 0, 0, 1), OCTETS(16, KEY_N, KEY_N2) };
	static const struct attr ice[ATTRS_MAX] = { U32(LEG_ID, 99), ICE("host", PWD, "peer") };
	struct raw full, capped = raw;
	struct reply reply;

	CHECK(raw_open(&full, false), "no socket");
	raw = full;
	ask(KSRTP_CMD_KEY_NEW, 0, attrs, ATTRS_MAX, &reply);
	CHECK(reply.err == -EEXIST && reply.len > 100, "%d, %zu octets", reply.err, reply.len);
	CHECK(!memmem(reply.bytes, reply.len, KEY_N, 16) && !memmem(reply.bytes, reply.len, KEY_N2, 16) &&
	      !memmem(reply.bytes, reply.len, SALT, 12), "the refusal repeats the keys");
	reply_free(&reply);
	ask(KSRTP_CMD_LEG_SET, 0, ice, ATTRS_MAX, &reply);
	CHECK(reply.err == -ENOENT && reply.len > 40, "%d, %zu octets", reply.err, reply.len);
	CHECK(!memmem(reply.bytes, reply.len, PWD, 8), "the refusal repeats the ICE password");
	reply_free(&reply);
	raw_close(&full);
	raw = capped;
	CHECK(!memmem(before.bytes, before.len, KEY_T, 8) && !memmem(before.bytes, before.len, KEY_R, 8) &&
	      !memmem(before.bytes, before.len, SALT, 8), "a dump shows octets of keys");
	tap_end("D5,S5", "neither a refusal nor a dump shows octets of keys");
}

int main(void)
{
	tap.datapath = "-";
	if (!raw_open(&raw, true)) {
		printf("1..0 # SKIP no family ksrtp: the module is not loaded\n");
		return 0;
	}
	set_up();
	tap_end("O2", "calls, legs, routes and keys are made, ids answered");
	test_rows();
	test_commands();
	test_messages();
	test_echo();
	CHECK(!GRANT(CALL_DEL, U32(CALL_ID, 1)) && !GRANT(CALL_DEL, U32(CALL_ID, 2)) &&
	      !GRANT(CALL_DEL, U32(CALL_ID, 3)) && !GRANT(CALL_DEL, U32(CALL_ID, 4)), "an id in the answer to a deletion");
	raw_snapshot(&raw, &before);
	CHECK(!before.err && before.messages == 1, "%u objects left", before.messages - 1);
	tap_end("O2", "deleting the calls leaves nothing");
	return tap_done();
}
