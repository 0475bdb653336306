// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <jansson.h>

#include "results.h"

static const char *const names[] = { "pass", "not supported", "fail" };
static json_t *features;

void results_add(const char *feature, enum result result, const char *why)
{
	json_t *one;

	if (!features)
		features = json_object();
	one = json_object_get(features, feature);
	if (!one) {
		one = json_pack("{s:s, s:i}", "result", names[RESULT_PASS], "tests", 0);
		json_object_set_new(features, feature, one);
	}
	json_object_set_new(one, "tests",
			    json_integer(json_integer_value(json_object_get(one, "tests")) + 1));
	if (strcmp(json_string_value(json_object_get(one, "result")), names[RESULT_FAIL]) &&
	    result != RESULT_PASS)
		json_object_set_new(one, "result", json_string(names[result]));
	if (why)
		json_object_set_new(one, "why", json_string(why));
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
