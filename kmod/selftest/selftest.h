/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_SELFTEST_H
#define KSRTP_SELFTEST_H

#include <linux/types.h>

#ifdef KSRTP_TEST
/* Test build, at load: 0, or -EINVAL when the engine computed something wrong. */
int ksrtp_selftest(void);
/* How many of Project Wycheproof's cases fail; @packet has room for any of them. */
unsigned int ksrtp_selftest_wycheproof(u8 *packet, unsigned int *passed);
/* Its part for AES-CM, in cm.c: adds to both. */
void ksrtp_selftest_cm(unsigned int *passed, unsigned int *failed);
/* @out, @len octets of kmalloc'd memory, by the KDF of RFC 3711, section 4.3. */
bool ksrtp_selftest_derive(const u8 *key, u32 key_len, const u8 *salt, u8 label, u8 *out, u32 len);
/* Whole packets of every suite, in packet.c. */
void ksrtp_selftest_packets(unsigned int *passed, unsigned int *failed);
/* engine.c: pretend that the FPU is taken every n-th time; 0: never. */
extern unsigned int ksrtp_fpu_refuse_every;

struct net;
/* Test build: /proc/net/ksrtp_preset, see preset.c. */
int ksrtp_preset_init(struct net *net);
void ksrtp_preset_uninit(struct net *net);
#else
struct net;

static inline int ksrtp_selftest(void)
{
	return 0;
}

static inline int ksrtp_preset_init(struct net *net)
{
	return 0;
}

static inline void ksrtp_preset_uninit(struct net *net) { }
#endif

#endif /* KSRTP_SELFTEST_H */
