/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CM_H
#define KSRTP_CM_H

#include <linux/types.h>
#include <linux/ksrtp.h>

struct crypto_shash;
struct crypto_skcipher;
struct ksrtp_ctr_soft;

#define KSRTP_SHA1_LEN		20

/**
 * struct ksrtp_cm - AES in counter mode with HMAC-SHA1 under one pair of session keys
 * @ctr: the kernel's fastest synchronous AES-CTR
 * @soft: the same key for when @ctr needs the FPU and the FPU is taken
 * @mac: HMAC-SHA1; its drivers see to the FPU themselves; NULL of key streams alone
 */
struct ksrtp_cm {
	struct crypto_skcipher	*ctr;
	struct ksrtp_ctr_soft	*soft;
	struct crypto_shash	*mac;
};

int ksrtp_cm_subsys_init(void);
void ksrtp_cm_subsys_uninit(void);
/* Names of the drivers. */
const char *ksrtp_cm_ctr_driver(void);
const char *ksrtp_cm_mac_driver(void);

/* Process context. @len 16 or 32; @auth KSRTP_CM_AUTH_LEN octets, or NULL: no MAC is asked of it. */
int ksrtp_cm_init(struct ksrtp_cm *cm, const u8 *key, size_t len, const u8 *auth);
void ksrtp_cm_uninit(struct ksrtp_cm *cm);

/* Softirq. Encrypt or decrypt in place; @iv is the first counter block. */
int ksrtp_cm_crypt(const struct ksrtp_cm *cm, const u8 iv[16], u8 *data, u32 len);
/* Softirq. Over @data and then @word (4 octets, or NULL). */
int ksrtp_cm_mac(const struct ksrtp_cm *cm, const u8 *data, u32 len, const u8 *word,
		 u8 mac[KSRTP_SHA1_LEN]);

/* HMAC-SHA1 alone. Process context; an ERR_PTR() when there is none. */
struct crypto_shash *ksrtp_mac_create(const u8 *key, size_t len);
void ksrtp_mac_destroy(struct crypto_shash *mac);
/* Softirq. Over @head and then @data. */
int ksrtp_mac_of(struct crypto_shash *mac, const u8 *head, u32 head_len, const u8 *data, u32 len,
		 u8 out[KSRTP_SHA1_LEN]);

#endif /* KSRTP_CM_H */
