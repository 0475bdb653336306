/* SPDX-License-Identifier: GPL-2.0 */
/* What can be wrong with a host that shall move media, and what mends it. */
#ifndef KSRTPCTL_DOCTOR_H
#define KSRTPCTL_DOCTOR_H

#include "ctl.h"

enum level {
	LEVEL_OK,
	LEVEL_WARNING,
	LEVEL_ERROR,
};

/*
 * One finding about @subject, "host" or a device: @reason is a word for programs, @mend
 * the command that mends it, or NULL.
 */
void doctor_find(enum level level, const char *subject, const char *reason, const char *mend,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Each adds to the findings, and facts to @facts. */
void doctor_host(json_t *facts);
/* @module: it is loaded, so that XDP could be had. */
void doctor_device(const char *name, bool module, json_t *facts);

/* A file's first line, at most @len with the NUL; false if it cannot be read. */
bool doctor_read(char *line, size_t len, const char *path, ...) __attribute__((format(printf, 3, 4)));
/* The number that it begins with, or -1. */
long doctor_number(const char *path, ...) __attribute__((format(printf, 1, 2)));

/* -- doctor_dev.c: what the kernel says of a device */

/* Bits of the netdev family's xdp-features. */
#define XDP_FEATURE_BASIC	(1ull << 0)	/* native XDP: pass, drop, abort, XDP_TX */
#define XDP_FEATURE_REDIRECT	(1ull << 1)	/* out of it */
#define XDP_FEATURE_NDO_XMIT	(1ull << 2)	/* takes frames that others redirect to it */

struct device_facts {
	unsigned int ifindex;
	bool up;
	int mtu;
	char driver[32];
	bool xdp_known;
	uint64_t xdp_features;
	unsigned int queues, queues_max;	/* that receive; 0: not told */
	bool lro, gro_hw;
	/* the XDP program on it */
	uint32_t program;
	char program_name[16];
	bool program_hidden;			/* there is one, but not for us to see */
};

/* False when there is no such device. */
bool device_facts(const char *name, struct device_facts *facts);

#endif /* KSRTPCTL_DOCTOR_H */
