// SPDX-License-Identifier: GPL-2.0
/*
 * AES-GCM by the fastest synchronous means of the running kernel.
 *
 * Before 6.16 the accelerated x86 driver stands behind an asynchronous wrapper; the
 * synchronous driver inside it is reachable as the internal algorithm __gcm(aes),
 * whose callers must ask whether the FPU is free for each operation and have another
 * way when it says no. From 6.16 on, and on other architectures, plain gcm(aes) is
 * synchronous and may always be used in softirq.
 *
 * An operation needs a request, an IV and scatterlists in kmalloc'd memory. There is
 * one prepared set per CPU: every caller runs with bottom halves off, and nothing
 * in here can be interrupted by another user on the same CPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/aead.h>
#include <crypto/gcm.h>
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "aead.h"
#include "engine.h"

#define TAG_LEN		16

struct engine {
	struct aead_request	*req;
	struct scatterlist	sg[3];
	u8			iv[GCM_AES_IV_SIZE];
	u8			word[4];
};

static DEFINE_PER_CPU(struct engine *, engines);
static const char *algorithm;
static u32 algorithm_type, algorithm_mask;
static bool need_fpu_check;
static unsigned int reqsize;
static char driver[CRYPTO_MAX_ALG_NAME];

static const struct {
	const char *name;
	u32 type, mask;
} candidates[] = {
	{ "__gcm(aes)", CRYPTO_ALG_INTERNAL, CRYPTO_ALG_INTERNAL | CRYPTO_ALG_ASYNC },
	{ "gcm(aes)", 0, CRYPTO_ALG_ASYNC },
};

const char *ksrtp_aead_driver(void)
{
	return driver;
}

const char *ksrtp_aead_fallback(void)
{
	return need_fpu_check ? "ksrtp-gcm-soft" : "";
}

static void engine_free(struct engine *e)
{
	if (!e)
		return;
	kfree_sensitive(e->req);
	kfree_sensitive(e);
}

static struct engine *engine_alloc(int cpu)
{
	struct engine *e = kzalloc_node(sizeof(*e), GFP_KERNEL, cpu_to_node(cpu));

	if (!e)
		return NULL;
	e->req = kzalloc_node(sizeof(*e->req) + reqsize, GFP_KERNEL, cpu_to_node(cpu));
	if (!e->req) {
		engine_free(e);
		return NULL;
	}
	return e;
}

static int choose_algorithm(void)
{
	struct crypto_aead *tfm;
	int i, err = -ENOENT;

	for (i = 0; i < ARRAY_SIZE(candidates); i++) {
		tfm = crypto_alloc_aead(candidates[i].name, candidates[i].type,
					candidates[i].mask);
		if (IS_ERR(tfm)) {
			err = PTR_ERR(tfm);
			continue;
		}
		algorithm = candidates[i].name;
		algorithm_type = candidates[i].type;
		algorithm_mask = candidates[i].mask;
		need_fpu_check = algorithm_type & CRYPTO_ALG_INTERNAL;
		reqsize = crypto_aead_reqsize(tfm);
		strscpy(driver, crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm)), sizeof(driver));
		crypto_free_aead(tfm);
		if (need_fpu_check && !IS_ENABLED(CONFIG_X86))
			continue;
		return 0;
	}
	pr_err("no synchronous AES-GCM in this kernel: %d\n", err);
	return err;
}

int ksrtp_aead_subsys_init(void)
{
	int cpu, err;

	err = choose_algorithm();
	if (err)
		return err;
	for_each_possible_cpu(cpu) {
		per_cpu(engines, cpu) = engine_alloc(cpu);
		if (!per_cpu(engines, cpu)) {
			ksrtp_aead_subsys_uninit();
			return -ENOMEM;
		}
	}
	pr_info("AES-GCM by %s%s%s\n", driver, need_fpu_check ? ", without FPU by " : "",
		ksrtp_aead_fallback());
	return 0;
}

void ksrtp_aead_subsys_uninit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		engine_free(per_cpu(engines, cpu));
		per_cpu(engines, cpu) = NULL;
	}
}

int ksrtp_aead_init(struct ksrtp_aead *aead, const u8 *key, size_t len)
{
	struct crypto_aead *tfm;
	int err;

	aead->soft = NULL;
	tfm = crypto_alloc_aead(algorithm, algorithm_type, algorithm_mask);
	if (IS_ERR(tfm)) {
		aead->tfm = NULL;
		return PTR_ERR(tfm);
	}
	/* A driver that was loaded since could want more than the CPUs have ready. */
	err = crypto_aead_reqsize(tfm) > reqsize ? -EAGAIN : 0;
	if (!err)
		err = crypto_aead_setkey(tfm, key, len);
	if (!err)
		err = crypto_aead_setauthsize(tfm, TAG_LEN);
	if (!err && need_fpu_check) {
		aead->soft = ksrtp_gcm_soft_alloc(key, len);
		if (!aead->soft)
			err = -ENOMEM;
	}
	if (err) {
		crypto_free_aead(tfm);
		aead->tfm = NULL;
		return err;
	}
	aead->tfm = tfm;
	return 0;
}

void ksrtp_aead_uninit(struct ksrtp_aead *aead)
{
	if (!aead->tfm)
		return;
	ksrtp_gcm_soft_free(aead->soft);
	crypto_free_aead(aead->tfm);
	aead->tfm = NULL;
	aead->soft = NULL;
}

/*
 * The engine of this CPU with the request filled in; NULL: the FPU is taken.
 * @tail: octets behind the body that belong to the operation
 */
static struct engine *prepare(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op,
			      bool open)
{
	struct engine *e = this_cpu_read(engines);
	u32 aad_len = op->aad_len;
	struct scatterlist *sg = e->sg;

	if (need_fpu_check && !ksrtp_engine_fpu())
		return NULL;

	if (!op->word && op->aad + op->aad_len == op->body) {
		sg_init_one(sg, op->aad, aad_len + op->body_len + TAG_LEN);
	} else {
		unsigned int n = 0;

		sg_init_table(sg, op->word ? 3 : 2);
		sg_set_buf(&sg[n++], op->aad, aad_len);
		if (op->word) {
			memcpy(e->word, op->word, sizeof(e->word));
			sg_set_buf(&sg[n++], e->word, sizeof(e->word));
			aad_len += sizeof(e->word);
		}
		sg_set_buf(&sg[n++], op->body, op->body_len + TAG_LEN);
	}

	memcpy(e->iv, op->iv, sizeof(e->iv));
	aead_request_set_tfm(e->req, aead->tfm);
	aead_request_set_callback(e->req, 0, NULL, NULL);
	aead_request_set_ad(e->req, aad_len);
	aead_request_set_crypt(e->req, sg, sg, op->body_len + (open ? TAG_LEN : 0), e->iv);
	return e;
}

int ksrtp_aead_seal(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op)
{
	struct engine *e = prepare(aead, op, false);

	if (unlikely(!e)) {
		ksrtp_gcm_soft_seal(aead->soft, op);
		return 0;
	}
	return crypto_aead_encrypt(e->req);
}

int ksrtp_aead_open(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op)
{
	struct engine *e = prepare(aead, op, true);

	if (unlikely(!e))
		return ksrtp_gcm_soft_open(aead->soft, op);
	return crypto_aead_decrypt(e->req);
}
