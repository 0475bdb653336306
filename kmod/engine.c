// SPDX-License-Identifier: GPL-2.0
#include <asm/simd.h>
#include <crypto/internal/simd.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "engine.h"
#include "selftest/selftest.h"

static DEFINE_PER_CPU(u64, without_fpu);
/* KSRTP_SCRATCH_LEN octets, and behind them KSRTP_KEYSTREAM_LEN. */
static DEFINE_PER_CPU(u8 *, scratch);

#ifdef KSRTP_TEST
/* Test build: pretend that the FPU is taken for every n-th operation. */
unsigned int ksrtp_fpu_refuse_every;
module_param_named(fpu_refuse_every, ksrtp_fpu_refuse_every, uint, 0600);
MODULE_PARM_DESC(fpu_refuse_every, "pretend that the FPU is taken every n-th time");
static DEFINE_PER_CPU(unsigned int, fpu_asked);

static bool fpu_usable(void)
{
	unsigned int every = READ_ONCE(ksrtp_fpu_refuse_every);

	if (every && this_cpu_inc_return(fpu_asked) % every == 0)
		return false;
	return crypto_simd_usable();
}
#else
static bool fpu_usable(void)
{
	return crypto_simd_usable();
}
#endif

bool ksrtp_engine_fpu(void)
{
	if (likely(fpu_usable()))
		return true;
	this_cpu_inc(without_fpu);
	return false;
}

u64 ksrtp_engine_without_fpu(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(without_fpu, cpu));
	return sum;
}

u8 *ksrtp_engine_scratch(void)
{
	return this_cpu_read(scratch);
}

u8 *ksrtp_engine_keystream(void)
{
	return this_cpu_read(scratch) + KSRTP_SCRATCH_LEN;
}

int ksrtp_engine_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu(scratch, cpu) = kmalloc_node(KSRTP_SCRATCH_LEN + KSRTP_KEYSTREAM_LEN, GFP_KERNEL,
						     cpu_to_node(cpu));
		if (!per_cpu(scratch, cpu)) {
			ksrtp_engine_uninit();
			return -ENOMEM;
		}
	}
	return 0;
}

void ksrtp_engine_uninit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		kfree_sensitive(per_cpu(scratch, cpu));
		per_cpu(scratch, cpu) = NULL;
	}
}
