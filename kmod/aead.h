/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_AEAD_H
#define KSRTP_AEAD_H

#include <linux/types.h>

#include "compat/gcm_soft.h"

struct crypto_aead;

/**
 * struct ksrtp_aead - AES-GCM under one session key
 * @tfm: the kernel's fastest synchronous implementation
 * @soft: the same key for when @tfm needs the FPU and the FPU is taken
 */
struct ksrtp_aead {
	struct crypto_aead	*tfm;
	struct ksrtp_gcm_soft	*soft;
};

/*
 * The octets of one operation, in place. The associated data is @aad followed by
 * @word; the tag stands behind the body, 16 octets.
 */
struct ksrtp_aead_op {
	u8		*aad;
	u32		aad_len;
	u32		body_len;
	u8		*body;
	const u8	*word;		/* 4 octets, or NULL */
	u8		iv[12];
};

int ksrtp_aead_subsys_init(void);
void ksrtp_aead_subsys_uninit(void);
const char *ksrtp_aead_driver(void);
/* Name of the fallback; empty where none is needed. */
const char *ksrtp_aead_fallback(void);

/* Process context. @len 16 or 32. */
int ksrtp_aead_init(struct ksrtp_aead *aead, const u8 *key, size_t len);
void ksrtp_aead_uninit(struct ksrtp_aead *aead);

/* Softirq. 0, or a negative errno of the engine; the body is then garbage. */
int ksrtp_aead_seal(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op);
/* Softirq. 0, -EBADMSG: not authentic, or another errno; the body is then garbage. */
int ksrtp_aead_open(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op);

#endif /* KSRTP_AEAD_H */
