// SPDX-License-Identifier: GPL-2.0
/*
 * The smallest module with a kfunc for XDP: shows that a module built out of
 * the kernel's tree gets BTF that the kernel accepts, and a kfunc that a
 * program can call.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#include "../include/probe.h"

__bpf_kfunc_start_defs();

__bpf_kfunc int bpf_ksrtp_probe(struct xdp_md *ctx, u32 x)
{
	return x + PROBE_ADDS;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(probe_kfuncs)
BTF_ID_FLAGS(func, bpf_ksrtp_probe)
BTF_KFUNCS_END(probe_kfuncs)

static const struct btf_kfunc_id_set probe_set = {
	.owner = THIS_MODULE,
	.set = &probe_kfuncs,
};

static int __init probe_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &probe_set);
}

static void __exit probe_exit(void)
{
}

module_init(probe_init);
module_exit(probe_exit);
MODULE_DESCRIPTION("shows that kfuncs of an out-of-tree module work");
MODULE_LICENSE("GPL");
