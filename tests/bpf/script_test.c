// SPDX-License-Identifier: GPL-2.0
/*
 * What the XDP program does with each answer of the module, above all that a
 * frame which it hands up after all is the frame that came. Wants the module
 * of tests/bpf/script.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <ksrtp/kfunc.h>

#include "../unit/tap.h"
#include "egress.h"
#include "frame.h"
#include "prog.h"

#define PARAMETERS	"/sys/module/ksrtp_script/parameters/"
#define NO_TAIL		4000	/* more than any frame here can grow */
#define OUT		7	/* an ifindex */

enum {
	PASS = KSRTP_XDP_PASS, DROP = KSRTP_XDP_DROP, PROCESS = KSRTP_XDP_PROCESS,
	TX = KSRTP_XDP_TX, REDIRECT = KSRTP_XDP_REDIRECT, AGAIN = KSRTP_XDP_AGAIN,
};

/* What the module answers to one look at a frame. */
struct look {
	int lookup, verdict, head, tail;
	int process, then, trim, ifindex;
};

struct row {
	const char *what;
	struct look look[2];
	int action;
	unsigned int counted;
	/* calls expected: lookup and process of each look */
	int calls;
	/* of the frame sent: octets moved in front, octets behind */
	int head, tail;
};

static const struct row rows[] = {
	{ "pass", { { 0, PASS } }, XDP_PASS, KSRTP_PROG_PASS, 1 },
	{ "drop", { { 0, DROP } }, XDP_DROP, KSRTP_PROG_DROP, 1 },
	{ "lookup misused", { { -22, PASS } }, XDP_ABORTED, KSRTP_PROG_ERROR, 1 },
	{ "lookup says TX", { { 0, TX } }, XDP_ABORTED, KSRTP_PROG_ERROR, 1 },
	{ "lookup says AGAIN", { { 0, AGAIN } }, XDP_ABORTED, KSRTP_PROG_ERROR, 1 },
	{ "lookup says 99", { { 0, 99 } }, XDP_ABORTED, KSRTP_PROG_ERROR, 1 },

	{ "no room, sent back", { { 0, PROCESS, 0, 0, 0, TX, 0, OUT } }, XDP_REDIRECT, KSRTP_PROG_TX, 2 },
	{ "grown at both ends, cut", { { 0, PROCESS, 20, 16, 0, TX, 4, OUT } },
	  XDP_REDIRECT, KSRTP_PROG_TX, 2, 20, 12 },
	{ "shrunk at the head", { { 0, PROCESS, -20, 0, 0, REDIRECT, 0, OUT } },
	  XDP_REDIRECT, KSRTP_PROG_REDIRECT, 2, -20, 0 },
	{ "shrunk at the head, grown at the tail", { { 0, PROCESS, -24, 16, 0, REDIRECT, 0, OUT } },
	  XDP_REDIRECT, KSRTP_PROG_REDIRECT, 2, -24, 16 },
	{ "cut at the tail", { { 0, PROCESS, 0, 0, 0, REDIRECT, 16, OUT } },
	  XDP_REDIRECT, KSRTP_PROG_REDIRECT, 2, 0, -16 },
	{ "cut by more than there is", { { 0, PROCESS, 0, 0, 0, TX, 2000 } },
	  XDP_ABORTED, KSRTP_PROG_ERROR, 2 },
	{ "process drops", { { 0, PROCESS, 20, 16, 0, DROP } }, XDP_DROP, KSRTP_PROG_DROP, 2,
	  20, 16 },
	{ "process misused", { { 0, PROCESS, 20, 16, -1, TX } }, XDP_ABORTED, KSRTP_PROG_ERROR, 2,
	  20, 16 },
	{ "process says 99", { { 0, PROCESS, 20, 16, 0, 99 } }, XDP_ABORTED, KSRTP_PROG_ERROR, 2,
	  20, 16 },
	{ "process says PROCESS", { { 0, PROCESS, 20, 16, 0, PROCESS } },
	  XDP_ABORTED, KSRTP_PROG_ERROR, 2, 20, 16 },
	{ "process passes after growth", { { 0, PROCESS, 20, 16, 0, PASS } },
	  XDP_PASS, KSRTP_PROG_PASS, 2 },
	{ "process passes after shrinking", { { 0, PROCESS, -20, 16, 0, PASS } },
	  XDP_PASS, KSRTP_PROG_PASS, 2 },

	{ "head cannot grow", { { 0, PROCESS, 1000, 16 } }, XDP_PASS, KSRTP_PROG_PASS, 1 },
	{ "head cannot shrink", { { 0, PROCESS, -1000, 16 } }, XDP_PASS, KSRTP_PROG_PASS, 1 },
	{ "tail cannot grow", { { 0, PROCESS, 0, NO_TAIL } }, XDP_PASS, KSRTP_PROG_PASS, 1 },
	{ "tail cannot grow, head has", { { 0, PROCESS, 20, NO_TAIL } },
	  XDP_PASS, KSRTP_PROG_PASS, 1 },
	{ "tail cannot grow, head has shrunk", { { 0, PROCESS, -28, NO_TAIL } },
	  XDP_PASS, KSRTP_PROG_PASS, 1 },

	{ "again, then pass", { { 0, PROCESS, 20, 16, 0, AGAIN }, { 0, PASS } },
	  XDP_PASS, KSRTP_PROG_PASS, 3 },
	{ "again after shrinking, then pass", { { 0, PROCESS, -20, 16, 0, AGAIN }, { 0, PASS } },
	  XDP_PASS, KSRTP_PROG_PASS, 3 },
	{ "again, then drop", { { 0, PROCESS, 20, 16, 0, AGAIN }, { 0, DROP } },
	  XDP_DROP, KSRTP_PROG_DROP, 3 },
	{ "again, then other room",
	  { { 0, PROCESS, 20, 16, 0, AGAIN }, { 0, PROCESS, -4, 32, 0, TX, 8, OUT } },
	  XDP_REDIRECT, KSRTP_PROG_TX, 4, -4, 24 },
	{ "again after shrinking, then growth",
	  { { 0, PROCESS, -20, 0, 0, AGAIN }, { 0, PROCESS, 20, 16, 0, REDIRECT, 0, OUT } },
	  XDP_REDIRECT, KSRTP_PROG_REDIRECT, 4, 20, 16 },
	{ "again twice", { { 0, PROCESS, 20, 16, 0, AGAIN }, { 0, PROCESS, -20, 16, 0, AGAIN } },
	  XDP_PASS, KSRTP_PROG_PASS, 4 },
	{ "again, then no room", { { 0, PROCESS, 20, 16, 0, AGAIN }, { 0, PROCESS, 20, NO_TAIL } },
	  XDP_PASS, KSRTP_PROG_PASS, 3 },
	{ "again, then lookup misused", { { 0, PROCESS, 20, 16, 0, AGAIN }, { -22 } },
	  XDP_ABORTED, KSRTP_PROG_ERROR, 3 },
};

static void set_answers(const struct look *look)
{
	char text[256];
	int fd, n;

	n = snprintf(text, sizeof(text), "%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d",
		     look[0].lookup, look[0].verdict, look[0].head, look[0].tail,
		     look[0].process, look[0].then, look[0].trim, look[0].ifindex,
		     look[1].lookup, look[1].verdict, look[1].head, look[1].tail,
		     look[1].process, look[1].then, look[1].trim, look[1].ifindex);
	fd = open(PARAMETERS "answers", O_WRONLY);
	if (fd < 0 || write(fd, text, n) != n) {
		perror(PARAMETERS "answers");
		exit(1);
	}
	close(fd);
}

static void get_calls(char *text, size_t size)
{
	ssize_t n;
	int fd;

	fd = open(PARAMETERS "calls", O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n < 0) {
		perror(PARAMETERS "calls");
		exit(1);
	}
	text[n] = '\0';
	close(fd);
}

/* What the module must have been told. */
static void expect_calls(const struct row *row, const struct frame *in, int family, char *text,
			 size_t size)
{
	size_t payload_len = in->len - in->payload;
	const struct look *look;
	int call, at = 0;

	text[0] = '\0';
	for (call = 0; call < row->calls; call++) {
		look = &row->look[call / 2];
		if (call % 2)
			at += snprintf(text + at, size - at,
				       "process %zu %zu %zu %d %d 10203040 50607080 %zu\n", in->l3,
				       in->payload + look->head, payload_len, family, call / 2,
				       in->len + look->head + look->tail);
		else
			at += snprintf(text + at, size - at, "lookup %zu %zu %zu %d %d %s %zu\n",
				       in->l3, in->payload, payload_len, family, call / 2,
				       call ? "10203040 50607080" : "0 0", in->len);
	}
}

static void make_frame(struct frame *frame, int family, int tags)
{
	static uint8_t payload[173];
	struct frame_spec spec = {
		.dst_mac = { 2, 0, 0, 0, 0, 1 }, .src_mac = { 2, 0, 0, 0, 0, 2 },
		.family = family, .src = { 192, 0, 2, 2 }, .dst = { 192, 0, 2, 1 },
		.src_port = 5004, .dst_port = 40000, .ttl = 64,
		.payload = payload, .payload_len = sizeof(payload),
	};
	size_t i;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7 + 128);
	for (i = 0; i < (size_t)tags; i++)
		spec.tag[i] = (struct frame_tag){ i ? 0x8100 : 0x88a8, (uint16_t)(i + 5) };
	frame_build(frame, &spec);
}

/* All octets of the frame that came and are still inside; what was added behind is 0. */
static void check_frame(const struct row *row, const struct frame *in, const struct frame *out)
{
	size_t skip = row->head < 0 ? (size_t)-row->head : 0;
	size_t at = row->head > 0 ? (size_t)row->head : 0;
	size_t whole = in->len + row->head + row->tail;
	size_t kept = in->len - skip + (row->tail < 0 ? row->tail : 0);
	size_t i;

	CHECK(out->len == whole, "%s: %zu octets, not %zu", row->what, out->len, whole);
	if (out->len != whole)
		return;
	CHECK(!memcmp(out->octet + at, in->octet + skip, kept), "%s: octets changed", row->what);
	for (i = at + kept; i < whole; i++)
		CHECK(!out->octet[i], "%s: octet %zu behind is %02x", row->what, i, out->octet[i]);
}

static void run_row(struct prog *prog, const struct row *row, int family, int tags)
{
	char calls[1024], want[1024];
	struct frame in, out;
	int action;

	make_frame(&in, family, tags);
	set_answers(row->look);
	action = prog_run(prog, if_nametoindex("lo"), &in, &out, 0);
	CHECK(action == row->action, "%s, IPv%d, %d tags: %s, not %s", row->what, family, tags,
	      prog_action(action), prog_action(row->action));
	CHECK(prog_counted(prog, row->counted), "%s: not counted once as %u", row->what,
	      row->counted);
	get_calls(calls, sizeof(calls));
	expect_calls(row, &in, family, want, sizeof(want));
	CHECK(!strcmp(calls, want), "%s: calls\n%snot\n%s", row->what, calls, want);
	check_frame(row, &in, &out);
}

static void untouched(struct prog *prog, const char *what, const struct frame *in,
		      unsigned int meta)
{
	static const struct look drop[2] = { { 0, DROP }, { 0, DROP } };
	struct frame out;
	char calls[1024];
	int action;

	set_answers(drop);
	action = prog_run(prog, if_nametoindex("lo"), in, &out, meta);
	CHECK(action == XDP_PASS, "%s: %s", what, prog_action(action));
	CHECK(prog_counted(prog, KSRTP_PROG_PASS_OTHER), "%s: not counted as other", what);
	CHECK(out.len == in->len && !memcmp(out.octet, in->octet, in->len), "%s: changed", what);
	get_calls(calls, sizeof(calls));
	CHECK(!calls[0], "%s: calls\n%s", what, calls);
}

static void not_asked(struct prog *prog)
{
	static uint8_t payload[6000];
	struct frame_spec spec = {
		.dst_mac = { 2, 0, 0, 0, 0, 1 }, .src_mac = { 2, 0, 0, 0, 0, 2 },
		.family = 4, .src = { 192, 0, 2, 2 }, .dst = { 192, 0, 2, 1 },
		.src_port = 5004, .dst_port = 40000, .ttl = 64,
		.payload = payload, .payload_len = sizeof(payload),
	};
	struct frame frame, whole;
	size_t len;

	memset(payload, 0x80, sizeof(payload));
	frame_build(&frame, &spec);
	untouched(prog, "a frame in several buffers", &frame, 0);
	spec.payload_len = 200;
	frame_build(&whole, &spec);
	untouched(prog, "a frame with metadata", &whole, 8);
	frame = whole;
	frame.len = sizeof(payload);
	untouched(prog, "a frame with its trailer in several buffers", &frame, 0);
	for (len = 14; len < whole.len; len++) {
		frame = whole;
		frame.len = len;
		untouched(prog, "a frame that was cut", &frame, 0);
	}
	tap_end("D4,S7", "several buffers, metadata, cut frames: passed untouched, module not asked");
}

static void answer_redirect(unsigned int ifindex)
{
	const struct look look[2] = {
		{ .verdict = PROCESS, .then = REDIRECT, .ifindex = (int)ifindex },
	};

	set_answers(look);
}

int main(void)
{
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	struct prog prog;
	int family, tags;
	size_t i;

	tap.datapath = "xdp";
	if (prog_open(&prog)) {
		printf("Bail out! the programs do not load\n");
		return 1;
	}
	for (i = 0; i < n; i++) {
		for (family = 4; family <= 6; family += 2)
			for (tags = 0; tags <= 2; tags++)
				run_row(&prog, &rows[i], family, tags);
		tap_end("D3,D4", "%s", rows[i].what);
	}
	not_asked(&prog);
	egress_tests(&prog, answer_redirect);
	prog_close(&prog);
	return tap_done();
}
