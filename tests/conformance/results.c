// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <jansson.h>

#include "../unit/tap.h"
#include "results.h"

static const char *const names[] = { "pass", "not supported", "fail" };
static json_t *features;

static json_int_t number_of(const json_t *one, const char *name)
{
	return json_integer_value(json_object_get(one, name));
}

static void count(json_t *one, const char *name, uint64_t more)
{
	json_object_set_new(one, name, json_integer(number_of(one, name) + (json_int_t)more));
}

/* Of the lines of all of its tests, in their order. */
static void add_hash(json_t *one, uint64_t hash)
{
	const char *before = json_string_value(json_object_get(one, "script"));
	uint64_t sum = before ? strtoull(before, NULL, 16) : 0;
	char text[20];

	snprintf(text, sizeof(text), "%016llx",
		 (unsigned long long)((sum ^ hash) * 0x100000001b3ULL));
	json_object_set_new(one, "script", json_string(text));
}

void results_add(const struct results_test *test)
{
	json_t *one;

	if (!features)
		features = json_object();
	one = json_object_get(features, test->feature);
	if (!one) {
		one = json_pack("{s:s, s:i}", "result", names[RESULT_PASS], "tests", 0);
		json_object_set_new(features, test->feature, one);
	}
	count(one, "tests", 1);
	add_hash(one, test->script);
	count(one, "packets", test->packets);
	if (test->by_xdp)
		count(one, "by_xdp", test->by_xdp);
	if (strcmp(json_string_value(json_object_get(one, "result")), names[RESULT_FAIL]) &&
	    test->result != RESULT_PASS)
		json_object_set_new(one, "result", json_string(names[test->result]));
	if (test->why)
		json_object_set_new(one, "why", json_string(test->why));
}

void results_need_xdp(void)
{
	const char *name;
	json_t *one;

	json_object_foreach(features, name, one)
		CHECK(number_of(one, "by_xdp") || !number_of(one, "packets"),
		      "%s: XDP settled none of %lld packets", name,
		      (long long)number_of(one, "packets"));
}

/* "6.12" of 6.12.117+deb12-amd64 */
static size_t short_len(const char *kernel)
{
	size_t n = strcspn(kernel, ".");

	return kernel[n] ? n + 1 + strcspn(kernel + n + 1, ".-") : n;
}

static json_t *find_run(json_t *all, const char *datapath)
{
	json_t *run, *found = NULL;
	struct utsname host;
	size_t i, n;

	uname(&host);
	n = short_len(host.release);
	json_array_foreach(json_object_get(all, "runs"), i, run) {
		const char *kernel = json_string_value(json_object_get(run, "kernel"));

		if (strcmp(json_string_value(json_object_get(run, "datapath")), datapath))
			continue;
		found = run;
		if (short_len(kernel) == n && !strncmp(kernel, host.release, n))
			break;
	}
	return found;
}

static void compare_tests(const char *name, const json_t *one, const json_t *old)
{
	const char *script = json_string_value(json_object_get(one, "script"));
	const char *recorded = json_string_value(json_object_get(old, "script"));

	CHECK(number_of(one, "tests") == number_of(old, "tests"), "%s: %lld tests, recorded of %lld",
	      name, (long long)number_of(one, "tests"), (long long)number_of(old, "tests"));
	CHECK(recorded && !strcmp(script, recorded),
	      "%s: its tests have changed since it was recorded", name);
}

void results_compare(const char *file, const char *datapath)
{
	json_t *all, *run, *one, *recorded, *old;
	json_error_t why;
	const char *name;

	all = json_load_file(file, 0, &why);
	run = find_run(all, datapath);
	CHECK(run, "%s: no run of %s; %s", file, datapath, all ? "record one" : why.text);
	recorded = json_object_get(run, "features");
	json_object_foreach(features, name, one) {
		const char *result = json_string_value(json_object_get(one, "result"));

		old = json_object_get(json_object_get(recorded, name), "result");
		CHECK(old && !strcmp(result, json_string_value(old)), "%s: measured '%s', recorded '%s'",
		      name, result, old ? json_string_value(old) : "not at all");
		if (old)
			compare_tests(name, one, json_object_get(recorded, name));
	}
	json_object_foreach(recorded, name, one)
		CHECK(json_object_get(features, name), "%s: recorded, not measured", name);
	json_decref(all);
}

int results_write(const char *folder, const char *datapath, const char *version)
{
	struct utsname host;
	char path[512];
	json_t *all;
	int err;

	uname(&host);
	mkdir(folder, 0777);
	snprintf(path, sizeof(path), "%s/%s-%s.json", folder, datapath, host.release);
	all = json_pack("{s:s, s:s, s:s, s:O}", "datapath", datapath, "kernel", host.release,
			"version", version, "features", features);
	err = all ? json_dump_file(all, path, JSON_INDENT(1)) : -1;
	if (err)
		printf("# cannot write %s: %s\n", path, strerror(errno));
	json_decref(all);
	json_decref(features);
	return err;
}
