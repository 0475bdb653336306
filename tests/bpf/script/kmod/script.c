// SPDX-License-Identifier: GPL-2.0
/*
 * The two kfuncs of ksrtp, answering what a test wrote beforehand: shows what
 * the XDP program does with answers that the real module gives rarely, such as
 * a frame that cannot grow or a configuration that changes under it.
 *
 * parameters/answers: for the first and the second look, eight numbers each:
 *	lookup: return value, verdict, head, tail; process: the same with trim
 *	and ifindex for head and tail
 * parameters/calls: one line per call since then:
 *	what l3_off payload_off payload_len family again leg cookie frame-length
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include <net/xdp.h>

#include <ksrtp/kfunc.h>

#define LOOKS		2
#define ANSWERS		8
#define CALLS_LEN	1024
#define LEG		0x10203040
#define COOKIE		0x50607080

static int answers[LOOKS][ANSWERS];
static unsigned int looks[2];
static char calls[CALLS_LEN];
static int calls_len;

static int answer(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts, u32 size, bool process)
{
	const struct xdp_buff *xdp = (const struct xdp_buff *)ctx;
	const int *a;

	calls_len += scnprintf(calls + calls_len, CALLS_LEN - calls_len,
			       "%s %u %u %u %u %u %x %x %td\n", process ? "process" : "lookup",
			       opts->l3_off, opts->payload_off, opts->payload_len, opts->family,
			       opts->again, opts->leg, opts->cookie, xdp->data_end - xdp->data);
	if (size != sizeof(*opts) || memchr_inv(opts->reserved, 0, sizeof(opts->reserved)) ||
	    !in_softirq() || looks[process] >= LOOKS)
		return -EINVAL;
	a = answers[looks[process]++] + process * 4;
	opts->verdict = a[1];
	if (process) {
		opts->trim = a[2];
		opts->ifindex = a[3];
	} else {
		opts->head = a[2];
		opts->tail = a[3];
		opts->leg = LEG;
		opts->cookie = COOKIE;
	}
	return a[0];
}

__bpf_kfunc_start_defs();

__bpf_kfunc int bpf_ksrtp_lookup(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts, u32 opts__sz)
{
	return answer(ctx, opts, opts__sz, false);
}

__bpf_kfunc int bpf_ksrtp_process(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts, u32 opts__sz)
{
	return answer(ctx, opts, opts__sz, true);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(script_kfuncs)
BTF_ID_FLAGS(func, bpf_ksrtp_lookup)
BTF_ID_FLAGS(func, bpf_ksrtp_process)
BTF_KFUNCS_END(script_kfuncs)

static const struct btf_kfunc_id_set script_set = {
	.owner = THIS_MODULE,
	.set = &script_kfuncs,
};

static int answers_set(const char *text, const struct kernel_param *kp)
{
	int i, n, used;

	for (i = 0; i < LOOKS * ANSWERS; i++, text += used) {
		if (sscanf(text, "%d%n", &n, &used) != 1)
			return -EINVAL;
		answers[i / ANSWERS][i % ANSWERS] = n;
	}
	memset(looks, 0, sizeof(looks));
	calls_len = 0;
	calls[0] = '\0';
	return 0;
}

static int calls_get(char *text, const struct kernel_param *kp)
{
	return scnprintf(text, PAGE_SIZE, "%s", calls);
}

static const struct kernel_param_ops answers_ops = { .set = answers_set };
static const struct kernel_param_ops calls_ops = { .get = calls_get };

module_param_cb(answers, &answers_ops, NULL, 0200);
module_param_cb(calls, &calls_ops, NULL, 0400);

static int __init script_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &script_set);
}

static void __exit script_exit(void)
{
}

module_init(script_init);
module_exit(script_exit);
MODULE_DESCRIPTION("ksrtp's kfuncs, answering by a script");
MODULE_LICENSE("GPL");
