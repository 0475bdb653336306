// SPDX-License-Identifier: GPL-2.0
/* Calls: the agent makes and ends them; what the kernel counts of their legs is added,
 * unless the agent itself is the datapath.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* What fits a line of the agent's protocol with room for the rest. */
#define SDP_MAX	(64 * 1024)

/* The whole of @path ("-": stdin) as a string, or NULL after saying why not. */
static char *read_sdp(const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *text = malloc(SDP_MAX + 1);
	const char *wrong = NULL;
	size_t len = 0;

	if (!file)
		wrong = strerror(errno);
	else if (!text)
		wrong = "out of memory";
	if (!wrong) {
		len = fread(text, 1, SDP_MAX + 1, file);
		if (ferror(file))
			wrong = strerror(errno);
		else if (len > SDP_MAX)
			wrong = "it is longer than 65536 octets";
		else if (!len)
			wrong = "it is empty";
		else if (memchr(text, '\0', len))
			wrong = "it contains a NUL octet";
	}
	if (file && file != stdin)
		fclose(file);
	if (!wrong) {
		text[len] = '\0';
		return text;
	}
	free(text);
	refused("sdp", "cannot take the SDP from %s: %s",
		strcmp(path, "-") ? path : "standard input", wrong);
	return NULL;
}

static json_t *parse_suites(const char *list)
{
	char *copy = strdup(list), *save = NULL, *name;
	json_t *suites = json_array();

	for (name = strtok_r(copy, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		if (ksrtp_suite_parse(name) <= KSRTP_SUITE_NONE) {
			misused("'%s' is not a suite; there are %s and %s", name,
				ksrtp_suite_name(KSRTP_SUITE_AEAD_AES_128_GCM),
				ksrtp_suite_name(KSRTP_SUITE_AEAD_AES_256_GCM));
			json_decref(suites);
			suites = NULL;
			break;
		}
		json_array_append_new(suites, json_string(name));
	}
	free(copy);
	if (suites && !json_array_size(suites)) {
		misused("the list of suites is empty");
		json_decref(suites);
		return NULL;
	}
	return suites;
}

/* One name, or several with commas, which make a list. NULL: there is none, or no UTF-8. */
static json_t *parse_interfaces(const char *text)
{
	char *copy = strdup(text), *save = NULL, *name;
	json_t *list = json_array(), *one;

	for (name = strtok_r(copy, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		if (json_array_append_new(list, json_string(name))) {
			json_array_clear(list);
			break;
		}
	}
	free(copy);
	if (!json_array_size(list)) {
		misused("'%s' names no interface", text);
		json_decref(list);
		return NULL;
	}
	if (json_array_size(list) > 1)
		return list;
	one = json_incref(json_array_get(list, 0));
	json_decref(list);
	return one;
}

/* Sets member @what of the side's object; false after saying what is wrong. */
static bool set_side(json_t *side, const char *what, const char *value)
{
	json_t *member;

	if (!strcmp(what, "family")) {
		if (strcmp(value, "4") && strcmp(value, "6")) {
			misused("a family is 4 or 6, not '%s'", value);
			return false;
		}
		member = json_integer(value[0] - '0');
	} else if (!strcmp(what, "suites")) {
		member = parse_suites(value);
	} else if (!strcmp(what, "interface")) {
		member = parse_interfaces(value);
	} else {
		member = json_string(value);
		if (!member)
			misused("'%s' is not UTF-8", value);
	}
	return member && !json_object_set_new(side, what, member);
}

enum {
	OPT_SDP = 256,
	OPT_SET,
	OPT_SIDE,
	OPT_FROM,
	OPT_TO = OPT_FROM + 4,
};

static const char *const side_members[] = { "interface", "family", "protocol", "suites" };

static const struct option offer_options[] = {
	{ "sdp", required_argument, NULL, OPT_SDP },
	{ "set", required_argument, NULL, OPT_SET },
	{ "from-interface", required_argument, NULL, OPT_FROM },
	{ "from-family", required_argument, NULL, OPT_FROM + 1 },
	{ "from-protocol", required_argument, NULL, OPT_FROM + 2 },
	{ "from-suites", required_argument, NULL, OPT_FROM + 3 },
	{ "to-interface", required_argument, NULL, OPT_TO },
	{ "to-family", required_argument, NULL, OPT_TO + 1 },
	{ "to-protocol", required_argument, NULL, OPT_TO + 2 },
	{ "to-suites", required_argument, NULL, OPT_TO + 3 },
	{ NULL, 0, NULL, 0 },
};

static const struct option reoffer_options[] = {
	{ "sdp", required_argument, NULL, OPT_SDP },
	{ "set", required_argument, NULL, OPT_SET },
	{ "side", required_argument, NULL, OPT_SIDE },
	{ NULL, 0, NULL, 0 },
};

static const struct option answer_options[] = {
	{ "sdp", required_argument, NULL, OPT_SDP },
	{ "set", required_argument, NULL, OPT_SET },
	{ NULL, 0, NULL, 0 },
};

/* Who makes the new offer. */
static int set_whose(json_t *params, const char *value)
{
	if (strcmp(value, "caller") && strcmp(value, "callee"))
		return misused("a side is caller or callee, not '%s'", value);
	json_object_set_new(params, "side", json_string(value));
	return EXIT_DONE;
}

/* Options of an offer or answer into @params; an exit status. */
static int parse_options(int argc, char **argv, const struct option *longs, json_t *params,
			 const char **path)
{
	json_t *from = json_object(), *to = json_object();
	int c, status = EXIT_DONE;

	if (longs == offer_options) {
		json_object_set(params, "from", from);
		json_object_set(params, "to", to);
	}
	/* getopt starts behind argv[0], which is the call's name. */
	optind = 0;
	while (status == EXIT_DONE && (c = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		if (c == OPT_SDP)
			*path = optarg;
		else if (c == OPT_SIDE)
			status = set_whose(params, optarg);
		else if (c == OPT_SET)
			status = set_member(params, optarg);
		else if (c >= OPT_FROM && c < OPT_TO + 4)
			status = set_side(c < OPT_TO ? from : to,
					  side_members[(c - OPT_FROM) % 4], optarg) ?
				 EXIT_DONE : EXIT_USAGE;
		else
			status = EXIT_USAGE;
	}
	if (status == EXIT_DONE && optind < argc)
		status = misused("unexpected '%s'", argv[optind]);
	if (status == EXIT_DONE && longs == reoffer_options && !json_object_get(params, "side"))
		status = misused("--side is missing: who makes the new offer, caller or callee?");
	json_decref(from);
	json_decref(to);
	return status;
}

static int negotiate(int argc, char **argv, const char *method, const struct option *longs)
{
	json_t *params = json_object(), *result = NULL;
	const char *path = "-";
	struct agent *agent = NULL;
	char *sdp = NULL;
	int status;

	if (!argc || argv[0][0] == '-') {
		json_decref(params);
		return misused("the name of the call is missing");
	}
	status = parse_options(argc, argv, longs, params, &path);
	if (status != EXIT_DONE)
		goto out;
	status = EXIT_REFUSED;
	sdp = read_sdp(path);
	if (!sdp)
		goto out;
	if (json_object_set_new(params, "call", json_string(argv[0])) ||
	    json_object_set_new(params, "sdp", json_string(sdp))) {
		refused("sdp", "the name and the SDP must be UTF-8");
		goto out;
	}
	agent = agent_open(false);
	if (!agent)
		goto out;
	result = agent_call(agent, method, json_incref(params));
	if (!result)
		goto out;
	if (options.json)
		out_json(result);
	else
		fputs(json_string_value(json_object_get(result, "sdp")) ?: "", stdout);
	status = EXIT_DONE;
out:
	agent_close(agent);
	json_decref(result);
	json_decref(params);
	free(sdp);
	return status;
}

static int offer(int argc, char **argv)
{
	return negotiate(argc, argv, "call-offer", offer_options);
}

static int reoffer(int argc, char **argv)
{
	return negotiate(argc, argv, "call-reoffer", reoffer_options);
}

static int answer(int argc, char **argv)
{
	return negotiate(argc, argv, "call-answer", answer_options);
}

/* Ask the agent about one call; its answer or NULL after saying why not. */
static json_t *ask_about(const char *method, const char *name)
{
	json_t *params = json_pack("{s:s}", "call", name);

	if (params)
		return agent_ask(method, params);
	refused("usage", "the name of the call is not UTF-8");
	return NULL;
}

/* Adds "kernel" to each leg of the agent's answer: null where the kernel has no such leg. */
static void merge(json_t *call)
{
	json_t *media, *leg, *kernel;
	struct ksrtp *handle;
	struct ksrtp_leg found;
	size_t i, j;
	const char *datapath = json_string_value(json_object_get(call, "datapath"));
	int err;

	/* Where the agent moves the media itself, it has counted it and said so. */
	if (datapath && !strcmp(datapath, "user"))
		return;
	err = ksrtp_open(&handle);
	if (err)
		note("without the kernel's view: %s", ksrtp_error(NULL));
	json_array_foreach(json_object_get(call, "media"), i, media) {
		json_array_foreach(json_object_get(media, "legs"), j, leg) {
			json_int_t id = json_integer_value(json_object_get(leg, "leg"));

			kernel = NULL;
			if (handle && id > 0) {
				err = ksrtp_leg_get(handle, (uint32_t)id, &found);
				if (!err)
					kernel = leg_json(&found);
				else
					note("leg %" JSON_INTEGER_FORMAT ": %s", id,
					     ksrtp_error(handle));
			}
			json_object_set_new(leg, "kernel", kernel ? kernel : json_null());
		}
	}
	ksrtp_close(handle);
}

static const struct column call_columns[] = {
	{ "call", "call" },
	{ "state", "state" },
	{ "mode", "mode" },
	{ "indicator", "indicator" },
	{ "code", "security code" },
	{ "code_failure.message", "no security code" },
	{ "verified", "codes compared" },
	{ "datapath", "datapath" },
	{ "id", "its id" },
	{ "age_ms", "age (ms)" },
	{ "failure.message", "failure" },
	{ NULL, NULL },
};

static const struct column leg_columns[] = {
	{ "leg", "leg" },
	{ "local", "local" },
	{ "remote", "remote" },
	{ "keying", "keying" },
	{ "state", "state" },
	{ "role", "DTLS role" },
	{ "suite", "suite" },
	{ "leg_code", "leg code" },
	{ "failure.message", "failure" },
	{ NULL, NULL },
};

static const char reused[] = "certificate reused: code weaker";

/* What RTCP and our own windows say of the streams of a leg. */
static void print_quality(const json_t *quality)
{
	json_t *stream, *lost, *jitter, *rtt;
	size_t i;

	json_array_foreach(json_object_get(quality, "received"), i, stream) {
		lost = json_object_get(stream, "lost");
		if (json_is_integer(lost))
			printf("    from there, SSRC 0x%08x: %lld lost\n",
			       (unsigned int)json_integer_value(json_object_get(stream, "ssrc")),
			       (long long)json_integer_value(lost));
	}
	json_array_foreach(json_object_get(quality, "sent"), i, stream) {
		lost = json_object_get(stream, "lost");
		jitter = json_object_get(stream, "jitter_seconds");
		rtt = json_object_get(stream, "round_trip_seconds");
		if (!json_is_integer(lost))
			continue;
		printf("    toward there, SSRC 0x%08x: %lld lost, lately %.1f%%",
		       (unsigned int)json_integer_value(json_object_get(stream, "ssrc")),
		       (long long)json_integer_value(lost),
		       100 * json_real_value(json_object_get(stream, "fraction_lost")));
		if (json_is_real(jitter))
			printf(", jitter %.1f ms", 1000 * json_real_value(jitter));
		if (json_is_real(rtt))
			printf(", round trip %.1f ms", 1000 * json_real_value(rtt));
		putchar('\n');
	}
}

static void print_call(const json_t *call)
{
	json_t *media, *leg, *kernel, *refused_line;
	size_t i, j;

	out_lines(call, call_columns, 0);
	if (json_is_true(json_object_get(call, "certificate_reused")))
		puts(reused);
	json_array_foreach(json_object_get(call, "refused"), i, refused_line) {
		char *why = out_text(json_object_get(refused_line, "message"));

		printf("not carried: %s\n", why ? why : "");
		free(why);
	}
	json_array_foreach(json_object_get(call, "media"), i, media) {
		char *kind = out_text(json_object_get(media, "kind"));
		char *line = out_text(json_object_get(media, "line"));

		printf("\n%s (media line %s)\n", kind ? kind : "", line ? line : "");
		free(kind);
		free(line);
		json_array_foreach(json_object_get(media, "legs"), j, leg) {
			char *side = out_text(json_object_get(leg, "side"));

			printf("  %s\n", side ? side : "");
			free(side);
			out_lines(leg, leg_columns, 4);
			if (json_is_true(json_object_get(leg, "certificate_reused")))
				printf("    %s\n", reused);
			if (json_is_true(json_object_get(leg, "cryptex")))
				puts("    header extensions encrypted (Cryptex)");
			kernel = json_object_get(leg, "kernel");
			if (!json_is_object(kernel))
				kernel = json_object_get(leg, "user");
			if (json_is_object(kernel))
				out_lines(kernel, leg_counter_columns, 4);
			print_quality(json_object_get(leg, "quality"));
		}
	}
}

static int show(int argc, char **argv)
{
	json_t *call;

	if (argc != 1)
		return misused("call show takes the name of a call");
	call = ask_about("call-show", argv[0]);
	if (!call)
		return EXIT_REFUSED;
	merge(call);
	if (options.json)
		out_json(call);
	else
		print_call(call);
	json_decref(call);
	return EXIT_DONE;
}

static int list(int argc, char **argv)
{
	static const struct column columns[] = {
		{ "call", "CALL" },
		{ "state", "STATE" },
		{ "media", "MEDIA" },
		{ NULL, NULL },
	};
	json_t *result, *calls;

	if (argc)
		return misused("call list takes no argument, not '%s'", argv[0]);
	result = agent_ask("call-list", json_object());
	if (!result)
		return EXIT_REFUSED;
	if (options.json)
		return out_fields(result, columns);
	calls = json_incref(json_object_get(result, "calls"));
	json_decref(result);
	return out_table(calls, columns, "no calls");
}

static int del(int argc, char **argv)
{
	static const struct column columns[] = { { "call", "deleted" }, { NULL, NULL } };
	json_t *result;

	if (argc != 1)
		return misused("call del takes the name of a call");
	result = ask_about("call-del", argv[0]);
	if (!result)
		return EXIT_REFUSED;
	if (options.json)
		return out_fields(result, columns);
	json_decref(result);
	return EXIT_DONE;
}

/* What the two people said of the codes that they compared. */
static int compared(int argc, char **argv, const char *method)
{
	json_t *params, *result;
	int status = EXIT_DONE;

	if (argc != 1 && (argc != 3 || strcmp(argv[1], "--side")))
		return misused("%s takes the name of a call, and --side caller or --side callee", method);
	params = json_pack("{s:s}", "call", argv[0]);
	if (!params)
		return misused("the name of the call is not UTF-8");
	if (argc == 3)
		status = set_whose(params, argv[2]);
	if (status != EXIT_DONE) {
		json_decref(params);
		return status;
	}
	result = agent_ask(method, params);
	return result ? out_any(result) : EXIT_REFUSED;
}

static int verify(int argc, char **argv)
{
	return compared(argc, argv, "call-verify");
}

static int mismatch(int argc, char **argv)
{
	return compared(argc, argv, "call-mismatch");
}

static int request(int argc, char **argv)
{
	json_t *params, *result;

	if (argc != 2)
		return misused("call request takes the name of a call, and what is wanted of it");
	params = json_pack("{s:s, s:s}", "call", argv[0], "what", argv[1]);
	if (!params)
		return misused("the name of the call and what is wanted must be UTF-8");
	result = agent_ask("call-request", params);
	return result ? out_any(result) : EXIT_REFUSED;
}

const struct command call_commands[] = {
	{ "offer", "NAME [--sdp FILE|-] [--from-interface X,Y] [--from-family 4|6] [--from-protocol P]\n"
		   "        [--from-suites A,B] [--to-interface X,Y] [--to-family 4|6] [--to-protocol P] [--to-suites A,B]\n"
		   "        [--set MEMBER=VALUE]...",
	  "Give the agent the caller's offer (stdin by default); prints the one for the callee", offer },
	{ "reoffer", "NAME --side caller|callee [--sdp FILE|-] [--set MEMBER=VALUE]...",
	  "Give the agent a new offer of either side; prints the one for the other", reoffer },
	{ "answer", "NAME [--sdp FILE|-] [--set MEMBER=VALUE]...",
	  "Give the agent the answer to the last offer; prints the one for who offered", answer },
	{ "show", "NAME", "A call: legs, suites, leg codes, what the kernel counted", show },
	{ "list", "", "The agent's calls", list },
	{ "del", "NAME", "End a call", del },
	{ "verify", "NAME [--side caller|callee]", "The security codes were compared, and match", verify },
	{ "mismatch", "NAME [--side caller|callee]", "They do not match: the call ends, if policy says so", mismatch },
	{ "request", "NAME WHAT", "Ask for what an end-to-end call cannot have: record, caption, transfer, ...",
	  request },
	{ NULL, NULL, NULL, NULL },
};
