// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "ksrtp.skel.h"
#include "prog.h"

#define CPUS_MAX	256

static void read_verdicts(const struct prog *prog, uint64_t *sum)
{
	int map = bpf_map__fd(prog->skel->maps.ksrtp_verdicts);
	int cpus = libbpf_num_possible_cpus(), cpu;
	uint64_t value[CPUS_MAX];
	uint32_t key;

	for (key = 0; key < __KSRTP_PROG_MAX; key++) {
		sum[key] = 0;
		if (cpus <= 0 || cpus > CPUS_MAX || bpf_map_lookup_elem(map, &key, value))
			abort();
		for (cpu = 0; cpu < cpus; cpu++)
			sum[key] += value[cpu];
	}
}

int prog_open(struct prog *prog)
{
	memset(prog, 0, sizeof(*prog));
	prog->skel = ksrtp_bpf__open_and_load();
	if (!prog->skel) {
		printf("# cannot load the BPF programs: %s\n", strerror(errno));
		return -errno;
	}
	prog->fd = bpf_program__fd(prog->skel->progs.ksrtp_xdp);
	return 0;
}

void prog_close(struct prog *prog)
{
	ksrtp_bpf__destroy(prog->skel);
	prog->skel = NULL;
}

int prog_run(struct prog *prog, unsigned int ifindex, const struct frame *in, struct frame *out,
	     unsigned int meta)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct xdp_md ctx = {
		.data = meta,
		.data_end = (__u32)(meta + in->len),
		.ingress_ifindex = ifindex,
	}, ctx_out = {};
	static uint8_t data[FRAME_MAX + 256], result[FRAME_MAX + 1024];
	uint64_t after[__KSRTP_PROG_MAX];
	int i;

	memset(data, 0x5a, meta);
	memcpy(data + meta, in->octet, in->len);
	opts.data_in = data;
	opts.data_size_in = (__u32)(meta + in->len);
	opts.data_out = result;
	opts.data_size_out = sizeof(result);
	opts.ctx_in = &ctx;
	opts.ctx_size_in = sizeof(ctx);
	opts.ctx_out = &ctx_out;
	opts.ctx_size_out = sizeof(ctx_out);
	opts.repeat = 1;
	read_verdicts(prog, prog->before);
	if (bpf_prog_test_run_opts(prog->fd, &opts))
		return -errno;
	read_verdicts(prog, after);
	for (i = 0; i < __KSRTP_PROG_MAX; i++)
		prog->verdicts[i] = (int64_t)(after[i] - prog->before[i]);
	memset(out, 0, sizeof(*out));
	out->len = opts.data_size_out - ctx_out.data;
	if (out->len > sizeof(out->octet))
		return -EMSGSIZE;
	memcpy(out->octet, result + ctx_out.data, out->len);
	return (int)opts.retval;
}

int prog_counted(const struct prog *prog, unsigned int verdict)
{
	unsigned int i;

	for (i = 0; i < __KSRTP_PROG_MAX; i++) {
		if (prog->verdicts[i] != (i == verdict))
			return 0;
	}
	return 1;
}

const char *prog_action(int action)
{
	static const char *const name[] = {
		[XDP_ABORTED] = "ABORTED", [XDP_DROP] = "DROP", [XDP_PASS] = "PASS",
		[XDP_TX] = "TX", [XDP_REDIRECT] = "REDIRECT",
	};

	if (action < 0)
		return strerror(-action);
	return action <= XDP_REDIRECT ? name[action] : "unknown";
}
