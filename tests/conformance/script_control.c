// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "script.h"

static const char *const suite_names[] = {
	"none", "gcm128", "gcm256", "cm128-80", "cm128-32", "cm256-80", "cm256-32",
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EKEYREJECTED", EKEYREJECTED }, { "EEXIST", EEXIST }, { "EINVAL", EINVAL },
	{ "ENOENT", ENOENT }, { "ELOOP", ELOOP }, { "EPERM", EPERM }, { "ENOSPC", ENOSPC },
};

/* Compares what a datapath answered with what stands behind "!"; true: it was done. */
static bool answered(struct script *script, const struct words *w, int err)
{
	int want = 0;
	size_t i;

	for (i = 0; w->count > 2 && i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(w->word[w->count - 2], "!") &&
		    !strcmp(w->word[w->count - 1], errors[i].name))
			want = -errors[i].number;
	CHECK(err == want, "%s:%u: answered %s (%s), not %s", script->file, script->line,
	      err ? strerror(-err) : "done", err ? script->driver->error() : "",
	      want ? strerror(-want) : "done");
	return !err;
}

static unsigned int parse_suite(const struct script *script, const char *name)
{
	unsigned int i;

	for (i = 0; i <= KSRTP_SUITE_MAX; i++)
		if (!strcmp(suite_names[i], name))
			return i;
	script_bad(script, "'%s' is no suite", name);
}

static uint8_t next_octet(void)
{
	static uint64_t state = 0x853c49e6748fea9bULL;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint8_t)(state >> 56);
}

/* A key that was never there before. */
static void make_key(struct peer_key *key, unsigned int suite, size_t mki)
{
	size_t i;

	memset(key, 0, sizeof(*key));
	key->suite = suite;
	key->mki_len = mki;
	for (i = 0; suite && i < sizeof(key->master); i++)
		key->master[i] = next_octet();
	for (i = 0; suite && i < sizeof(key->salt); i++)
		key->salt[i] = next_octet();
	for (i = 0; i < mki; i++)
		key->mki[i] = next_octet();
}

static int install(struct script *script, struct script_leg *leg, unsigned int direction,
		   unsigned int slot, const struct peer_key *key, int same, uint32_t roc)
{
	struct script_key *mine = &leg->keys[direction][slot];
	struct ksrtpd_key new = {
		.leg_id = leg->id, .direction = direction, .slot = slot, .suite = key->suite,
		.context = same ? KSRTP_CONTEXT_SAME : KSRTP_CONTEXT_NEW, .roc = roc,
		.mki_len = (uint8_t)key->mki_len,
	};
	int err;

	memcpy(new.master_key, key->master, sizeof(new.master_key));
	memcpy(new.master_salt, key->salt, sizeof(new.master_salt));
	memcpy(new.mki, key->mki, key->mki_len);
	err = script->driver->key_new(&new);
	if (err)
		return err;
	mine->context = same ? leg->keys[direction][!slot].context : ++script->contexts;
	if (direction == KSRTP_DIRECTION_TX && !leg->keys[direction][!slot].installed)
		leg->tx_slot = slot;
	mine->installed = true;
	mine->key = *key;
	return 0;
}

/* leg NAME [suite=S] [rx=S] [tx=S] [family=4] [window=] [streams=] [mki=] [roc=] [held] [learn]
 * [no-remote] [no-rx] [no-tx] [rtcp-of=LEG]
 */
static void leg_new(struct script *script, const struct words *w)
{
	const char *suite = script_value(w, 2, w->count, "suite");
	const char *rx = script_value(w, 2, w->count, "rx"), *tx = script_value(w, 2, w->count, "tx");
	const char *of = script_value(w, 2, w->count, "rtcp-of");
	size_t mki = script_number(script, w, 2, w->count, "mki", 0);
	struct ksrtp_leg new = {
		.call_id = script->call,
		.state = script_flag(w, 2, w->count, "held") ? KSRTP_LEG_STATE_HELD :
							       KSRTP_LEG_STATE_ACTIVE,
		.flags = script_flag(w, 2, w->count, "learn") ? KSRTP_LEG_F_LEARN : 0,
		.window = (uint32_t)script_number(script, w, 2, w->count, "window", 0),
		.streams_max = (uint32_t)script_number(script, w, 2, w->count, "streams", 0),
		.rtcp_of = of ? script_leg(script, of)->id : 0,
	};
	struct script_leg *leg = &script->legs[script->leg_count];
	struct peer_key key;

	if (w->count < 2 || script->leg_count == LEGS_MAX)
		script_bad(script, "no name, or too many legs");
	memset(leg, 0, sizeof(*leg));
	snprintf(leg->name, sizeof(leg->name), "%s", w->word[1]);
	if (!answered(script, w, script->driver->leg_new(&new, script->leg_count,
			(int)script_number(script, w, 2, w->count, "family", 4),
			!script_flag(w, 2, w->count, "no-remote"))))
		return;
	script->leg_count++;
	leg->id = new.id;
	suite = suite ? suite : "gcm128";
	if (!script_flag(w, 2, w->count, "no-rx")) {
		make_key(&key, parse_suite(script, rx ? rx : suite), mki);
		answered(script, w, install(script, leg, KSRTP_DIRECTION_RX, 0, &key, 0,
				(uint32_t)script_number(script, w, 2, w->count, "roc", 0)));
	}
	if (!script_flag(w, 2, w->count, "no-tx")) {
		make_key(&key, parse_suite(script, tx ? tx : suite), mki);
		answered(script, w, install(script, leg, KSRTP_DIRECTION_TX, 0, &key, 0, 0));
	}
}

/* set LEG [held] [active] [remote] [learn|no-learn] */
static void leg_set(struct script *script, const struct words *w)
{
	struct script_leg *leg = script_leg(script, w->word[1]);
	struct ksrtp_leg set = { .id = leg->id };
	unsigned int what = 0;

	if (script_flag(w, 2, w->count, "held") || script_flag(w, 2, w->count, "active")) {
		what |= KSRTP_LEG_SET_STATE;
		set.state = script_flag(w, 2, w->count, "held") ? KSRTP_LEG_STATE_HELD :
								  KSRTP_LEG_STATE_ACTIVE;
	}
	if (script_flag(w, 2, w->count, "remote"))
		what |= KSRTP_LEG_SET_REMOTE;
	if (script_flag(w, 2, w->count, "learn") || script_flag(w, 2, w->count, "no-learn")) {
		what |= KSRTP_LEG_SET_FLAGS;
		set.flags = script_flag(w, 2, w->count, "learn") ? KSRTP_LEG_F_LEARN : 0;
	}
	answered(script, w, script->driver->leg_set(&set, what));
}

/* What "DIRECTION/SLOT" or "LEG/DIRECTION/SLOT" says. */
static struct script_key *parse_slot(struct script *script, char *text, struct script_leg *leg,
				     unsigned int *direction, unsigned int *slot)
{
	char *first = strsep(&text, "/");

	if (!leg) {
		leg = script_leg(script, first);
		first = strsep(&text, "/");
	}
	if (!first || !text || (strcmp(first, "rx") && strcmp(first, "tx")) ||
	    (strcmp(text, "0") && strcmp(text, "1")))
		script_bad(script, "not of the form rx/0, rx/1, tx/0 or tx/1");
	*direction = strcmp(first, "rx") ? KSRTP_DIRECTION_TX : KSRTP_DIRECTION_RX;
	*slot = (unsigned int)(*text - '0');
	return &leg->keys[*direction][*slot];
}

/* @what: "master" or "salt", which then has as many octets as the suite wants. */
static void given_octets(const struct script *script, const struct words *w, const char *what,
			 uint8_t *octets, size_t len, size_t room)
{
	const char *hex = script_value(w, 3, w->count, what);

	if (hex && script_octets(script, hex, octets, room) != len)
		script_bad(script, "%s: not %zu octets", what, len);
}

/* key LEG rx/1 [suite=S] [same] [roc=] [mki=] [like=LEG/tx/0] [master=HEX salt=HEX] [! ERROR] */
static void key_new(struct script *script, const struct words *w)
{
	struct script_leg *leg = script_leg(script, w->word[1]);
	const char *suite = script_value(w, 3, w->count, "suite");
	char *like = (char *)script_value(w, 3, w->count, "like");
	unsigned int direction, slot, d, s;
	struct peer_key key;

	if (w->count < 3)
		script_bad(script, "which slot?");
	parse_slot(script, w->word[2], leg, &direction, &slot);
	make_key(&key, parse_suite(script, suite ? suite : "gcm128"),
		 script_number(script, w, 3, w->count, "mki", 0));
	if (like)
		key = parse_slot(script, like, NULL, &d, &s)->key;
	given_octets(script, w, "master", key.master, ksrtp_suite_key_len(key.suite),
		     sizeof(key.master));
	given_octets(script, w, "salt", key.salt, ksrtp_suite_salt_len(key.suite), sizeof(key.salt));
	answered(script, w, install(script, leg, direction, slot, &key,
			script_flag(w, 3, w->count, "same"),
			(uint32_t)script_number(script, w, 3, w->count, "roc", 0)));
}

static void key_del(struct script *script, const struct words *w)
{
	struct script_leg *leg = script_leg(script, w->word[1]);
	unsigned int direction, slot;
	struct script_key *key = parse_slot(script, w->word[2], leg, &direction, &slot);

	/* The octets stay: a script may go on to send with them, or install them again. */
	if (answered(script, w, script->driver->key_del(leg->id, direction, slot)))
		key->installed = false;
}

static void key_activate(struct script *script, const struct words *w)
{
	struct script_leg *leg = script_leg(script, w->word[1]);
	unsigned int slot = (unsigned int)atoi(w->word[2]);

	if (answered(script, w, script->driver->key_activate(leg->id, slot)))
		leg->tx_slot = slot;
}

static uint32_t route_flags(const struct words *w)
{
	return (script_flag(w, 3, w->count, "rtp") ? KSRTP_ROUTE_F_RTP : 0) |
	       (script_flag(w, 3, w->count, "rtcp") ? KSRTP_ROUTE_F_RTCP : 0) |
	       (script_flag(w, 3, w->count, "map") ? KSRTP_ROUTE_F_MAP_SSRC : 0);
}

/* route FROM TO [rtp] [rtcp] [map] [ssrc=IN:OUT]... [pt=IN:OUT]... */
static void route_new(struct script *script, const struct words *w)
{
	struct script_leg *from = script_leg(script, w->word[1]), *to = script_leg(script, w->word[2]);
	struct script_route *mine = &script->routes[script->route_count];
	struct ksrtp_route new = { .from = from->id, .to = to->id, .flags = route_flags(w) };
	unsigned int i;
	char *end;

	if (!(new.flags & (KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP)))
		new.flags |= KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP;
	for (i = 3; i < w->count; i++) {
		if (!strncmp(w->word[i], "ssrc=", 5)) {
			new.ssrc[new.ssrc_count].in = (uint32_t)strtoul(w->word[i] + 5, &end, 0);
			new.ssrc[new.ssrc_count++].out = (uint32_t)strtoul(end + 1, NULL, 0);
		} else if (!strncmp(w->word[i], "pt=", 3)) {
			new.pt[new.pt_count].in = (uint8_t)strtoul(w->word[i] + 3, &end, 0);
			new.pt[new.pt_count++].out = (uint8_t)strtoul(end + 1, NULL, 0);
		}
	}
	if (!answered(script, w, script->driver->route_new(&new)))
		return;
	memset(mine, 0, sizeof(*mine));
	mine->from = (unsigned int)(from - script->legs);
	mine->to = (unsigned int)(to - script->legs);
	mine->want.id = new.id;
	script->route_count++;
}

static struct script_route *find_route(struct script *script, const struct words *w)
{
	unsigned int from = (unsigned int)(script_leg(script, w->word[1]) - script->legs);
	unsigned int to = (unsigned int)(script_leg(script, w->word[2]) - script->legs), i;

	for (i = 0; i < script->route_count; i++)
		if (!script->routes[i].gone && script->routes[i].from == from &&
		    script->routes[i].to == to)
			return &script->routes[i];
	script_bad(script, "no such route");
}

static void route_set(struct script *script, const struct words *w)
{
	struct script_route *route = find_route(script, w);

	answered(script, w, script->driver->route_set(route->want.id, route_flags(w)));
}

static void route_del(struct script *script, const struct words *w)
{
	struct script_route *route = find_route(script, w);

	if (answered(script, w, script->driver->route_del(route->want.id)))
		route->gone = true;
}

/* Its routes go with it; the name may be used again, and that of its keys until then. */
static void leg_del(struct script *script, const struct words *w)
{
	struct script_leg *leg = script_leg(script, w->word[1]);
	unsigned int n = (unsigned int)(leg - script->legs), i;

	if (!answered(script, w, script->driver->leg_del(leg->id)))
		return;
	leg->id = 0;
	for (i = 0; i < script->route_count; i++)
		if (script->routes[i].from == n || script->routes[i].to == n)
			script->routes[i].gone = true;
}

/* The newest of a leg's streams. */
struct wanted {
	uint32_t direction, ssrc;
	struct ksrtp_stream found;
	bool there;
};

static int take_stream(const struct ksrtp_stream *stream, void *arg)
{
	struct wanted *w = arg;

	if (stream->direction != w->direction || stream->ssrc != w->ssrc ||
	    (w->there && stream->context < w->found.context))
		return 0;
	w->found = *stream;
	w->there = true;
	return 0;
}

/* What is not said must be absent. */
static void check_number(const struct script *script, const struct words *w, const char *name,
			 bool there, uint64_t value)
{
	uint64_t want = script_number(script, w, 3, w->count, name, ~0ULL);

	CHECK(there == (want != ~0ULL) && (!there || value == want), "%s:%u: %s=%llu", script->file,
	      script->line, name, there ? (unsigned long long)value : ~0ULL);
}

/* stream LEG rx|tx [ssrc=] [index=] [lost=] [pt=] [reports=] [rtt] */
static void stream_is(struct script *script, const struct words *w)
{
	struct wanted wanted = {
		.direction = strcmp(w->word[2], "rx") ? KSRTP_DIRECTION_TX : KSRTP_DIRECTION_RX,
		.ssrc = (uint32_t)script_number(script, w, 3, w->count, "ssrc", SSRC_USUAL),
	};
	const struct ksrtp_stream *s = &wanted.found;

	answered(script, w, script->driver->stream_dump(script_leg(script, w->word[1])->id,
							take_stream, &wanted));
	CHECK(wanted.there, "%s:%u: no such stream", script->file, script->line);
	/* Every stream has one. Where a leg is handed over, it is what has to be right. */
	if (script_value(w, 3, w->count, "index"))
		check_number(script, w, "index", s->has_index, s->index);
	check_number(script, w, "lost", s->has_lost, s->lost);
	check_number(script, w, "pt", s->has_pt, s->pt);
	check_number(script, w, "reports", s->has_report, s->reports);
	CHECK(!s->has_report ||
	      (s->report_fraction == REPORT_FRACTION && s->report_lost == REPORT_LOST &&
	       s->report_highest == REPORT_HIGHEST && s->report_jitter == REPORT_JITTER),
	      "%s:%u: what the report says", script->file, script->line);
	CHECK(s->has_rtt == script_flag(w, 3, w->count, "rtt") && s->rtt_us < 30000000,
	      "%s:%u: %s, %u us", script->file, script->line, s->has_rtt ? "a round-trip time" :
	      "no round-trip time", s->rtt_us);
}

static void next_call(struct script *script, const struct words *w)
{
	(void)w;
	script_call(script);
}

static const struct {
	const char *name;
	unsigned int words;
	void (*run)(struct script *script, const struct words *words);
} commands[] = {
	{ "leg", 2, leg_new }, { "set", 3, leg_set }, { "leg-del", 2, leg_del },
	{ "key", 3, key_new }, { "key-del", 3, key_del }, { "activate", 3, key_activate },
	{ "route", 3, route_new }, { "route-set", 3, route_set }, { "route-del", 3, route_del },
	{ "stream", 3, stream_is }, { "call", 1, next_call },
};

bool script_control(struct script *script, const struct words *words)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, words->word[0]))
			continue;
		if (words->count < commands[i].words)
			script_bad(script, "'%s' says too little", words->word[0]);
		commands[i].run(script, words);
		return true;
	}
	return false;
}
