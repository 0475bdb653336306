// SPDX-License-Identifier: GPL-2.0
/*
 * AES-CM and HMAC-SHA1 (RFC 3711, section 4) by the fastest synchronous means of the
 * running kernel. What aead.c says of AES-GCM holds for AES-CTR: before 6.16 the
 * accelerated x86 driver is the internal __ctr(aes), whose callers ask for the FPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/hash.h>
#include <crypto/internal/skcipher.h>
#include <crypto/skcipher.h>
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "cm.h"
#include "compat/ctr_soft.h"
#include "engine.h"

struct engine {
	struct skcipher_request	*req;
	struct shash_desc	*desc;
	struct scatterlist	sg;
	u8			iv[16];
};

static DEFINE_PER_CPU(struct engine *, engines);
static const char *algorithm;
static u32 algorithm_type, algorithm_mask;
static bool need_fpu_check;
static unsigned int reqsize, descsize;
static char ctr_driver[CRYPTO_MAX_ALG_NAME], mac_driver[CRYPTO_MAX_ALG_NAME];

static const struct {
	const char *name;
	u32 type, mask;
} candidates[] = {
#ifdef CONFIG_X86
	{ "__ctr(aes)", CRYPTO_ALG_INTERNAL, CRYPTO_ALG_INTERNAL | CRYPTO_ALG_ASYNC },
#endif
	{ "ctr(aes)", 0, CRYPTO_ALG_ASYNC },
};

const char *ksrtp_cm_ctr_driver(void)
{
	return ctr_driver;
}

const char *ksrtp_cm_mac_driver(void)
{
	return mac_driver;
}

static int choose_ctr(void)
{
	struct crypto_skcipher *tfm;
	int i, err = -ENOENT;

	for (i = 0; i < ARRAY_SIZE(candidates); i++) {
		tfm = crypto_alloc_skcipher(candidates[i].name, candidates[i].type,
					    candidates[i].mask);
		if (IS_ERR(tfm)) {
			err = PTR_ERR(tfm);
			continue;
		}
		algorithm = candidates[i].name;
		algorithm_type = candidates[i].type;
		algorithm_mask = candidates[i].mask;
		need_fpu_check = algorithm_type & CRYPTO_ALG_INTERNAL;
		reqsize = crypto_skcipher_reqsize(tfm);
		strscpy(ctr_driver, crypto_tfm_alg_driver_name(crypto_skcipher_tfm(tfm)),
			sizeof(ctr_driver));
		crypto_free_skcipher(tfm);
		return 0;
	}
	pr_err("no synchronous AES-CTR in this kernel: %d\n", err);
	return err;
}

static int choose_mac(void)
{
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(sha1)", 0, 0);

	if (IS_ERR(tfm)) {
		pr_err("no HMAC-SHA1 in this kernel: %ld\n", PTR_ERR(tfm));
		return PTR_ERR(tfm);
	}
	descsize = crypto_shash_descsize(tfm);
	strscpy(mac_driver, crypto_shash_driver_name(tfm), sizeof(mac_driver));
	crypto_free_shash(tfm);
	return 0;
}

static void engine_free(struct engine *e)
{
	if (!e)
		return;
	kfree_sensitive(e->req);
	kfree_sensitive(e->desc);
	kfree_sensitive(e);
}

static struct engine *engine_alloc(int cpu)
{
	int node = cpu_to_node(cpu);
	struct engine *e = kzalloc_node(sizeof(*e), GFP_KERNEL, node);

	if (!e)
		return NULL;
	e->req = kzalloc_node(sizeof(*e->req) + reqsize, GFP_KERNEL, node);
	e->desc = kzalloc_node(sizeof(*e->desc) + descsize, GFP_KERNEL, node);
	if (!e->req || !e->desc) {
		engine_free(e);
		return NULL;
	}
	return e;
}

int ksrtp_cm_subsys_init(void)
{
	int cpu, err;

	err = choose_ctr();
	if (!err)
		err = choose_mac();
	if (err)
		return err;
	for_each_possible_cpu(cpu) {
		per_cpu(engines, cpu) = engine_alloc(cpu);
		if (!per_cpu(engines, cpu)) {
			ksrtp_cm_subsys_uninit();
			return -ENOMEM;
		}
	}
	pr_info("AES-CM by %s%s, HMAC-SHA1 by %s\n", ctr_driver,
		need_fpu_check ? ", without FPU by ksrtp-ctr-soft" : "", mac_driver);
	return 0;
}

void ksrtp_cm_subsys_uninit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		engine_free(per_cpu(engines, cpu));
		per_cpu(engines, cpu) = NULL;
	}
}

static int init_ctr(struct ksrtp_cm *cm, const u8 *key, size_t len)
{
	int err;

	cm->ctr = crypto_alloc_skcipher(algorithm, algorithm_type, algorithm_mask);
	if (IS_ERR(cm->ctr)) {
		err = PTR_ERR(cm->ctr);
		cm->ctr = NULL;
		return err;
	}
	/* A driver that was loaded since could want more than the CPUs have ready. */
	if (crypto_skcipher_reqsize(cm->ctr) > reqsize)
		return -EAGAIN;
	err = crypto_skcipher_setkey(cm->ctr, key, len);
	if (err || !need_fpu_check)
		return err;
	cm->soft = ksrtp_ctr_soft_alloc(key, len);
	return cm->soft ? 0 : -ENOMEM;
}

struct crypto_shash *ksrtp_mac_create(const u8 *key, size_t len)
{
	struct crypto_shash *mac = crypto_alloc_shash("hmac(sha1)", 0, 0);
	int err;

	if (IS_ERR(mac))
		return mac;
	/* A driver that was loaded since could want more than the CPUs have ready. */
	err = crypto_shash_descsize(mac) > descsize ? -EAGAIN : crypto_shash_setkey(mac, key, len);
	if (!err)
		return mac;
	crypto_free_shash(mac);
	return ERR_PTR(err);
}

void ksrtp_mac_destroy(struct crypto_shash *mac)
{
	crypto_free_shash(mac);
}

int ksrtp_mac_of(struct crypto_shash *mac, const u8 *head, u32 head_len, const u8 *data, u32 len,
		 u8 out[KSRTP_SHA1_LEN])
{
	struct engine *e = this_cpu_read(engines);

	e->desc->tfm = mac;
	return crypto_shash_init(e->desc) ?:
	       crypto_shash_update(e->desc, head, head_len) ?:
	       crypto_shash_finup(e->desc, data, len, out);
}

static int init_mac(struct ksrtp_cm *cm, const u8 *auth)
{
	int err;

	cm->mac = ksrtp_mac_create(auth, KSRTP_CM_AUTH_LEN);
	if (!IS_ERR(cm->mac))
		return 0;
	err = PTR_ERR(cm->mac);
	cm->mac = NULL;
	return err;
}

int ksrtp_cm_init(struct ksrtp_cm *cm, const u8 *key, size_t len, const u8 *auth)
{
	int err;

	memset(cm, 0, sizeof(*cm));
	err = init_ctr(cm, key, len);
	if (!err && auth)
		err = init_mac(cm, auth);
	if (err)
		ksrtp_cm_uninit(cm);
	return err;
}

void ksrtp_cm_uninit(struct ksrtp_cm *cm)
{
	ksrtp_ctr_soft_free(cm->soft);
	if (cm->ctr)
		crypto_free_skcipher(cm->ctr);
	if (cm->mac)
		crypto_free_shash(cm->mac);
	memset(cm, 0, sizeof(*cm));
}

int ksrtp_cm_crypt(const struct ksrtp_cm *cm, const u8 iv[16], u8 *data, u32 len)
{
	struct engine *e = this_cpu_read(engines);

	if (!len)
		return 0;
	if (need_fpu_check && !ksrtp_engine_fpu()) {
		ksrtp_ctr_soft_crypt(cm->soft, iv, data, len);
		return 0;
	}
	memcpy(e->iv, iv, sizeof(e->iv));
	sg_init_one(&e->sg, data, len);
	skcipher_request_set_tfm(e->req, cm->ctr);
	skcipher_request_set_callback(e->req, 0, NULL, NULL);
	skcipher_request_set_crypt(e->req, &e->sg, &e->sg, len, e->iv);
	return crypto_skcipher_encrypt(e->req);
}

int ksrtp_cm_mac(const struct ksrtp_cm *cm, const u8 *data, u32 len, const u8 *word,
		 u8 mac[KSRTP_SHA1_LEN])
{
	struct engine *e = this_cpu_read(engines);
	int err;

	e->desc->tfm = cm->mac;
	err = crypto_shash_init(e->desc);
	if (err)
		return err;
	if (!word)
		return crypto_shash_finup(e->desc, data, len, mac);
	err = crypto_shash_update(e->desc, data, len);
	return err ?: crypto_shash_finup(e->desc, word, 4, mac);
}
