// SPDX-License-Identifier: GPL-2.0
/* ksrtpctl doctor: everything that is known to go wrong, looked at at once. */
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

/* Exit statuses of their own: scripts ask whether all is well. */
static const char *const level_names[] = { "ok", "warning", "error" };
static const char *const summaries[] = { "ok", "warnings", "errors" };

static json_t *findings;
static enum level worst;

void doctor_find(enum level level, const char *subject, const char *reason, const char *mend,
		 const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (level > worst)
		worst = level;
	json_array_append_new(findings, json_pack("{s:s, s:s, s:s, s:s, s:s?}",
			      "level", level_names[level], "subject", subject, "reason", reason,
			      "message", text, "mend", mend));
}

bool doctor_read(char *line, size_t len, const char *format, ...)
{
	char path[256];
	va_list args;
	FILE *file;
	bool got;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	file = fopen(path, "re");
	if (!file)
		return false;
	got = fgets(line, (int)len, file);
	fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	return got;
}

long doctor_number(const char *format, ...)
{
	char path[256], line[64], *end;
	va_list args;
	long value;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (!doctor_read(line, sizeof(line), "%s", path))
		return -1;
	value = strtol(line, &end, 10);
	return end == line ? -1 : value;
}

static void print_finding(const json_t *finding)
{
	const char *level = "", *reason = "", *message = "", *mend = NULL;

	json_unpack((json_t *)finding, "{s:s, s:s, s:s, s?:s}", "level", &level, "reason", &reason,
		    "message", &message, "mend", &mend);
	printf("  %-7s  %-11s  %s\n", level, reason, message);
	if (mend)
		printf("%24s%s\n", "", mend);
}

static void print(void)
{
	const char *subject, *last = "";
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding) {
		subject = json_string_value(json_object_get(finding, "subject"));
		if (strcmp(subject, last))
			printf("%s%s\n", *last ? "\n" : "", subject);
		last = subject;
		print_finding(finding);
	}
}

/* Those that are up, but for the loopback. */
static void all_devices(bool module, json_t *devices)
{
	struct if_nameindex *list = if_nameindex(), *device;
	struct device_facts facts;

	for (device = list; device && device->if_index; device++)
		if (strcmp(device->if_name, "lo") && device_facts(device->if_name, &facts) && facts.up)
			doctor_device(device->if_name, module, devices);
	if (list)
		if_freenameindex(list);
}

static int doctor(int argc, char **argv)
{
	json_t *host = json_object(), *devices = json_array();
	bool module = !access("/sys/module/ksrtp", F_OK);
	int i;

	findings = json_array();
	doctor_host(host);
	for (i = 0; i < argc; i++)
		doctor_device(argv[i], module, devices);
	if (!argc)
		all_devices(module, devices);
	if (options.json)
		out_json(json_pack("{s:s, s:O, s:O, s:O}", "status", summaries[worst], "host", host,
				   "devices", devices, "findings", findings));
	else
		print();
	json_decref(host);
	json_decref(devices);
	json_decref(findings);
	return (int)worst;
}

const struct command doctor_commands[] = {
	{ "doctor", "[DEVICE...]",
	  "What is wrong with this host and its devices, and what mends it; status 0 nothing, 1 warnings, 2 errors",
	  doctor },
	{ NULL, NULL, NULL, NULL },
};
