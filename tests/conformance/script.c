// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "../unit/tap.h"
#include "results.h"
#include "script.h"

#define LINES_MAX	1000

struct lines {
	char *text[LINES_MAX];
	unsigned int count;
};

void script_bad(const struct script *script, const char *format, ...)
{
	va_list args;

	printf("Bail out! %s:%u: ", script->file, script->line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	exit(2);
}

struct script_leg *script_leg(struct script *script, const char *name)
{
	unsigned int i;

	for (i = script->leg_count; name && i; i--)
		if (!strcmp(script->legs[i - 1].name, name))
			return &script->legs[i - 1];
	script_bad(script, "no leg '%s'", name ? name : "");
}

size_t script_octets(const struct script *script, const char *hex, uint8_t *octets, size_t room)
{
	unsigned int octet;
	size_t len = 0;

	while (*hex && strcmp(hex, "-")) {
		if (sscanf(hex, "%2x", &octet) != 1 || len == room)
			script_bad(script, "'%s' is not hexadecimal, or too long", hex);
		octets[len++] = (uint8_t)octet;
		hex += hex[1] ? 2 : 1;
	}
	return len;
}

const char *script_value(const struct words *words, unsigned int from, unsigned int to,
			 const char *name)
{
	size_t len = strlen(name);

	for (; from < to; from++)
		if (!strncmp(words->word[from], name, len) && words->word[from][len] == '=')
			return words->word[from] + len + 1;
	return NULL;
}

uint64_t script_number(const struct script *script, const struct words *words, unsigned int from,
		       unsigned int to, const char *name, uint64_t otherwise)
{
	const char *value = script_value(words, from, to, name);
	uint64_t n;
	char *end;

	if (!value)
		return otherwise;
	if (!strcmp(value, "mapped"))
		return script->mapped;
	n = strtoull(value, &end, 0);
	/* A range is read by who knows of it. */
	if (end == value || (*end && strncmp(end, "..", 2) && *end != ':'))
		script_bad(script, "%s: '%s' is no number", name, value);
	return n;
}

bool script_flag(const struct words *words, unsigned int from, unsigned int to, const char *name)
{
	for (; from < to; from++)
		if (!strcmp(words->word[from], name))
			return true;
	return false;
}

static void split(const struct script *script, const char *line, struct words *words)
{
	char *rest, *word;

	words->count = 0;
	if (strlen(line) >= sizeof(words->text))
		script_bad(script, "line is too long");
	strcpy(words->text, line);
	words->text[strcspn(words->text, "#\n")] = '\0';
	for (word = strtok_r(words->text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		if (words->count == WORDS_MAX)
			script_bad(script, "too many words");
		words->word[words->count++] = word;
	}
}

/* -- a test's beginning and end */

static void check_stats(struct script *script, const struct script_leg *leg)
{
	struct ksrtp_leg now;
	int err = script->driver->leg_get(leg->id, &now);
	uint64_t sum = now.stats.forwarded + now.stats.answered + now.stats.passed_up;
	unsigned int i;

	CHECK(!err, "leg %s: %s", leg->name, script->driver->error());
	if (err)
		return;
#define SAME(member) CHECK(now.stats.member == leg->want.member, \
			   "leg %s: " #member " is %llu, not %llu", leg->name, \
			   (unsigned long long)now.stats.member, (unsigned long long)leg->want.member)
	SAME(received);
	SAME(received_bytes);
	SAME(forwarded);
	SAME(answered);
	SAME(passed_up);
	SAME(sent);
	SAME(sent_bytes);
	SAME(xdp);
	SAME(skb);
	SAME(sent_xdp);
	SAME(sent_skb);
#undef SAME
	for (i = 0; i <= KSRTP_REASON_MAX; i++) {
		CHECK(now.stats.dropped[i] == leg->want.dropped[i],
		      "leg %s: dropped as %s is %llu, not %llu", leg->name, ksrtp_reason_name(i),
		      (unsigned long long)now.stats.dropped[i],
		      (unsigned long long)leg->want.dropped[i]);
		sum += now.stats.dropped[i];
	}
	CHECK(sum == now.stats.received, "leg %s: %llu accounted for of %llu", leg->name,
	      (unsigned long long)sum, (unsigned long long)now.stats.received);
}

static void check_route(struct script *script, const struct script_route *route)
{
	const char *from = script->legs[route->from].name, *to = script->legs[route->to].name;
	struct ksrtp_route now;
	int err = script->driver->route_get(route->want.id, &now);
	unsigned int i;

	CHECK(!err, "route %s %s: %s", from, to, script->driver->error());
	if (err)
		return;
	CHECK(now.copies == route->want.copies && now.sent == route->want.sent,
	      "route %s %s: %llu copies, %llu sent, not %llu and %llu", from, to,
	      (unsigned long long)now.copies, (unsigned long long)now.sent,
	      (unsigned long long)route->want.copies, (unsigned long long)route->want.sent);
	for (i = 0; i <= KSRTP_REASON_MAX; i++)
		CHECK(now.dropped[i] == route->want.dropped[i],
		      "route %s %s: dropped as %s is %llu, not %llu", from, to,
		      ksrtp_reason_name(i), (unsigned long long)now.dropped[i],
		      (unsigned long long)route->want.dropped[i]);
}

static void new_call(struct script *script)
{
	struct ksrtp_call call = { .mode = KSRTP_MODE_TRANSPORT };
	int err;

	snprintf(call.name, sizeof(call.name), "conformance%u", ++script->calls);
	err = script->driver->call_new(&call);
	CHECK(!err, "new call: %s", script->driver->error());
	script->call = call.id;
}

static void end_call(struct script *script)
{
	unsigned int i;
	int err;

	/* What nobody waited for may be late. */
	script_silence(script, 3);
	for (i = 0; i < script->leg_count; i++) {
		if (script->legs[i].id)
			check_stats(script, &script->legs[i]);
		script->legs[i].id = 0;
	}
	for (i = 0; i < script->route_count; i++) {
		if (!script->routes[i].gone)
			check_route(script, &script->routes[i]);
		script->routes[i].gone = true;
	}
	err = script->driver->call_del(script->call);
	CHECK(!err, "delete the call: %s", script->driver->error());
}

void script_call(struct script *script)
{
	end_call(script);
	new_call(script);
}

static int without_fpu(const struct script *script, uint64_t *count)
{
	return script->driver->without_fpu ? script->driver->without_fpu(count) : -ENOENT;
}

/* Where the FPU is refused every second time, some of a test's packets do without it. */
static void check_fpu(struct script *script)
{
	unsigned int ops = script->ops_gcm + script->ops_cm;
	uint64_t now;

	/* Each processor counts for itself. */
	if (ops < 2u * (unsigned int)get_nprocs_conf() || without_fpu(script, &now))
		return;
	CHECK(now > script->without_fpu, "%u operations, and none without the FPU", ops);
	if (now > script->without_fpu && !script->ops_cm)
		script->refused_gcm++;
	if (now > script->without_fpu && !script->ops_gcm)
		script->refused_cm++;
}

static void end_test(struct script *script)
{
	struct results_test test = {
		.feature = script->feature, .result = RESULT_UNSUPPORTED,
	};

	if (!script->running)
		return;
	script->running = false;
	if (!script->unsupported) {
		end_call(script);
		check_fpu(script);
		test.result = tap.bad ? RESULT_FAIL : RESULT_PASS;
	}
	test.why = script->unsupported ? script->why : NULL;
	test.script = script->hash;
	test.packets = script->packets;
	test.by_xdp = script->by_xdp;
	results_add(&test);
	if (!script->unsupported)
		tap_end(script->rows, "%s: %s", script->feature, script->title);
}

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	for (end = text + strlen(text); end > text && strchr(" \t\n", end[-1]); end--)
		;
	*end = '\0';
	return text;
}

/* test FEATURE | ROWS | TITLE */
static void begin_test(struct script *script, const char *line)
{
	char copy[LINE_MAX_LEN], *part[3], *rest = copy;
	unsigned int i;

	end_test(script);
	snprintf(copy, sizeof(copy), "%s", line + strcspn(line, " "));
	for (i = 0; i < 3; i++) {
		part[i] = strsep(&rest, "|");
		if (!part[i])
			script_bad(script, "not of the form: test FEATURE | ROWS | TITLE");
		part[i] = trim(part[i]);
	}
	snprintf(script->feature, sizeof(script->feature), "%s", part[0]);
	snprintf(script->rows, sizeof(script->rows), "%s", part[1]);
	snprintf(script->title, sizeof(script->title), "%s", part[2]);
	memset(script->legs, 0, sizeof(script->legs));
	memset(script->routes, 0, sizeof(script->routes));
	script->leg_count = script->route_count = script->rtcp_count = script->contexts = 0;
	script->ops_gcm = script->ops_cm = 0;
	script->hash = script->packets = script->by_xdp = 0;
	script->running = true;
	script->unsupported = false;
	script->tests++;
	without_fpu(script, &script->without_fpu);
	new_call(script);
}

/* unsupported DATAPATH REASON... */
static void mark_unsupported(struct script *script, const char *line)
{
	const struct driver *driver = script->driver;
	char copy[LINE_MAX_LEN], name[200], *datapath, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", line + strcspn(line, " ") + 1);
	datapath = strsep(&rest, " ");
	if (strcmp(datapath, driver->name) || !rest)
		return;
	script->unsupported = true;
	script->skipped++;
	driver->call_del(script->call);
	snprintf(name, sizeof(name), "%s: %.100s", script->feature, script->title);
	snprintf(script->why, sizeof(script->why), "%s", trim(rest));
	tap_skip(name, script->why);
}

/* -- lines, and loops over them */

/* Puts @value in the place of every $NAME. */
static void substitute(const struct script *script, const char *line, const char *name,
		       const char *value, char *out, size_t room)
{
	size_t len = strlen(name), n;

	while (*line) {
		bool is_it = *line == '$' && !strncmp(line + 1, name, len);

		n = is_it ? strlen(value) : 1;
		if (n >= room)
			script_bad(script, "line is too long");
		memcpy(out, is_it ? value : line, n);
		out += n;
		room -= n;
		line += is_it ? len + 1 : 1;
	}
	*out = '\0';
}

/* @text, up to its "}", once for each value of "NAME in VALUE...": at the end of @out. */
static const char *repeat(const struct script *script, const char *text, char *out, size_t room)
{
	char head[LINE_MAX_LEN], body[LINE_MAX_LEN], *name, *value, *rest;
	const char *colon = strchr(text, ':'), *end = strchr(text, '}');
	size_t len;

	if (!colon || !end || end < colon)
		script_bad(script, "not of the form: {NAME in VALUE...: WORDS}");
	snprintf(head, sizeof(head), "%.*s", (int)(colon - text), text);
	snprintf(body, sizeof(body), "%.*s", (int)(end - colon - 1), colon + 1);
	name = strtok_r(head, " ", &rest);
	value = strtok_r(NULL, " ", &rest);
	if (!name || !value || strcmp(value, "in"))
		script_bad(script, "not of the form: {NAME in VALUE...: WORDS}");
	for (value = strtok_r(NULL, " ", &rest); value; value = strtok_r(NULL, " ", &rest)) {
		substitute(script, body, name, value, out, room);
		len = strlen(out);
		out += len;
		room -= len;
	}
	return end + 1;
}

/* A line with what is repeated in it. */
static void unfold(const struct script *script, const char *line, char *out, size_t room)
{
	size_t len;

	while (*line) {
		len = strcspn(line, "{#");
		if (len >= room)
			script_bad(script, "line is too long");
		memcpy(out, line, len);
		out[len] = '\0';
		if (line[len] != '{')
			return;
		line = repeat(script, line + len + 1, out + len, room - len);
		len = strlen(out);
		out += len;
		room -= len;
	}
}

static void run_lines(struct script *script, const struct lines *lines, unsigned int from,
		      unsigned int to, unsigned int first_line);

/* The line of the `end` that belongs to the `for` at @at. */
static unsigned int find_end(struct script *script, const struct lines *lines, unsigned int at,
			     unsigned int to)
{
	unsigned int depth = 1;

	while (++at < to) {
		const char *text = lines->text[at] + strspn(lines->text[at], " \t");

		if (!strncmp(text, "for ", 4))
			depth++;
		else if (!strncmp(text, "end", 3) && !--depth)
			return at;
	}
	script_bad(script, "a 'for' without 'end'");
}

/* for NAME in VALUE... */
static void loop(struct script *script, const struct lines *lines, const struct words *words,
		 unsigned int from, unsigned int to, unsigned int first_line)
{
	unsigned int i, j;

	if (words->count < 4 || strcmp(words->word[2], "in"))
		script_bad(script, "not of the form: for NAME in VALUE...");
	for (i = 3; i < words->count; i++) {
		struct lines *body = calloc(1, sizeof(*body));

		for (j = from; body && j < to; j++) {
			char line[LINE_MAX_LEN];

			substitute(script, lines->text[j], words->word[1], words->word[i], line,
				   sizeof(line));
			body->text[body->count++] = strdup(line);
		}
		if (!body)
			abort();
		run_lines(script, body, 0, body->count, first_line);
		for (j = 0; j < body->count; j++)
			free(body->text[j]);
		free(body);
	}
}

/* FNV-1a. Comments and spaces make no other test. */
static void hash_words(uint64_t *hash, const struct words *words)
{
	const char *c;
	unsigned int i;

	for (i = 0; i < words->count; i++) {
		/* With the zero, so that words end. */
		for (c = words->word[i]; c == words->word[i] || c[-1]; c++)
			*hash = ((*hash ? *hash : 0xcbf29ce484222325ULL) ^ (uint8_t)*c) *
				0x100000001b3ULL;
	}
}

static void run_line(struct script *script, const char *line, const struct words *words)
{
	if (!strcmp(words->word[0], "test")) {
		begin_test(script, line + strspn(line, " \t"));
		hash_words(&script->hash, words);
		return;
	}
	if (!script->running)
		script_bad(script, "'%s' before the first test", words->word[0]);
	hash_words(&script->hash, words);
	if (!strcmp(words->word[0], "unsupported")) {
		mark_unsupported(script, line + strspn(line, " \t"));
		return;
	}
	if (!script->unsupported && !script_control(script, words) && !script_packet(script, words))
		script_bad(script, "'%s' is no command", words->word[0]);
}

static void run_lines(struct script *script, const struct lines *lines, unsigned int from,
		      unsigned int to, unsigned int first_line)
{
	unsigned int at, end;

	for (at = from; at < to; at++) {
		char line[LINE_MAX_LEN] = "";
		struct words words;

		script->line = first_line + at - from;
		unfold(script, lines->text[at], line, sizeof(line));
		split(script, line, &words);
		if (!words.count)
			continue;
		if (strcmp(words.word[0], "for")) {
			run_line(script, line, &words);
			continue;
		}
		end = find_end(script, lines, at, to);
		loop(script, lines, &words, at + 1, end, script->line + 1);
		at = end;
	}
}

void script_file(struct script *script, const char *path)
{
	struct lines *lines = calloc(1, sizeof(*lines));
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_LEN];
	unsigned int i;

	script->file = path;
	script->line = 0;
	if (!file || !lines)
		script_bad(script, "cannot be read");
	while (fgets(line, sizeof(line), file)) {
		if (lines->count == LINES_MAX)
			script_bad(script, "more than %d lines", LINES_MAX);
		lines->text[lines->count++] = strdup(line);
	}
	fclose(file);
	run_lines(script, lines, 0, lines->count, 1);
	end_test(script);
	for (i = 0; i < lines->count; i++)
		free(lines->text[i]);
	free(lines);
}
