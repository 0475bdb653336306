/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scripts of tests/conformance/scripts, in README.md's language, and the state that
 * a test of them is in. Everything that a script does not say follows from the RFCs and
 * the ABI here, never from what a datapath answered.
 */
#ifndef TESTS_CONFORMANCE_SCRIPT_H
#define TESTS_CONFORMANCE_SCRIPT_H

#include <stdbool.h>

#include "driver.h"
#include "packet.h"
#include "srtp_peer.h"

#define LINE_MAX_LEN	6000		/* with what is repeated in it */
#define WORDS_MAX	512
#define RTCP_SOURCES	256
#define SSRC_USUAL	0x4d617273

struct script_key {
	bool installed;
	struct peer_key key;
	unsigned int context;	/* of the whole test */
};

struct script_leg {
	char name[16];
	uint32_t id;
	struct script_key keys[2][2];
	unsigned int tx_slot;
	struct ksrtp_stats want;
};

struct script_route {
	bool gone;
	unsigned int from, to;		/* places in legs */
	struct ksrtp_route want;	/* id, maps, counters */
};

/* The last SRTCP index toward a leg, of one source in one context. */
struct script_rtcp {
	unsigned int leg, context;
	uint32_t ssrc, index;
};

struct script {
	const struct driver *driver;
	const char *file;
	unsigned int line;
	unsigned int tests, skipped;
	/* of the test that is running */
	char title[160], rows[64], feature[64];
	char why[200];		/* it is not supported here */
	bool running, unsupported;
	uint64_t hash;		/* of its lines */
	uint64_t packets, by_xdp;
	/* What was opened and sealed, by kind of suite; and what was counted before that: */
	unsigned int ops_gcm, ops_cm;
	uint64_t without_fpu;
	uint32_t call;
	unsigned int calls;
	uint32_t mapped;	/* the SSRC that a route chose, "ssrc=?" */
	unsigned int contexts, leg_count, route_count, rtcp_count;
	struct script_leg legs[LEGS_MAX];
	struct script_route routes[2 * LEGS_MAX];
	struct script_rtcp rtcp[RTCP_SOURCES];
	/* tests that had only suites of one kind, and did without the FPU at times */
	unsigned int refused_gcm, refused_cm;
};

/* One line in words; "->" and "!" are words of their own. */
struct words {
	char text[LINE_MAX_LEN];
	char *word[WORDS_MAX];
	unsigned int count;
};

/* script.c */
void script_file(struct script *script, const char *path);
/* A broken script: says where, and ends the program. */
void script_bad(const struct script *script, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
/* The newest of that name: one that is gone has its keys still. */
struct script_leg *script_leg(struct script *script, const char *name);
/* A call of its own for what follows; the one before is compared, and ends. */
void script_call(struct script *script);
/* What @hex says, "-" for nothing, in at most @room octets; how many they are. */
size_t script_octets(const struct script *script, const char *hex, uint8_t *octets, size_t room);
/* The value of "@name=..." among words [from, to), or NULL. */
const char *script_value(const struct words *words, unsigned int from, unsigned int to,
			 const char *name);
uint64_t script_number(const struct script *script, const struct words *words, unsigned int from,
		       unsigned int to, const char *name, uint64_t otherwise);
bool script_flag(const struct words *words, unsigned int from, unsigned int to, const char *name);

/* script_control.c: legs, keys, routes; true: the line was one of these */
bool script_control(struct script *script, const struct words *words);
/* script_packet.c: packets and what becomes of them */
bool script_packet(struct script *script, const struct words *words);
/* Nothing but what was expected has left or come up, also after waiting on each leg. */
void script_silence(struct script *script, int wait_ms);

#endif /* TESTS_CONFORMANCE_SCRIPT_H */
