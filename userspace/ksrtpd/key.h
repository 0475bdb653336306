/* SPDX-License-Identifier: GPL-2.0 */
/* A key on its way into a datapath. Its owner wipes it. */
#ifndef KSRTPD_KEY_H
#define KSRTPD_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/ksrtp.h>

/*
 * What of a master key a leg uses. Where RTP and RTCP have ports of their own but one master
 * key, as with keys of signalling (RFC 4568), two legs share it: each has the session keys of
 * its half alone, and random ones, that nobody else has, in place of the other. So no session
 * key is on two legs (S3), and what comes to the wrong port is not authentic there.
 */
enum ksrtpd_part {
	KSRTPD_PART_BOTH,
	KSRTPD_PART_RTP,
	KSRTPD_PART_RTCP,
};

/* A master key as whoever agreed it has it. */
struct ksrtpd_master {
	uint32_t suite;			/* enum ksrtp_suite */
	enum ksrtpd_part part;
	uint32_t cryptex;		/* enum ksrtp_cryptex; of a suite that encrypts */
	const uint8_t *key, *salt;	/* 32 and 14 octets, of which the suite takes what it wants */
	const uint8_t *mki;
	unsigned int mki_len;		/* 0: no MKI */
};

struct ksrtpd_key {
	uint32_t leg_id;
	uint32_t direction;	/* enum ksrtp_direction */
	uint32_t slot;		/* 0 or 1 */
	uint32_t suite;		/* enum ksrtp_suite */
	uint32_t context;	/* enum ksrtp_context */
	uint32_t roc;		/* of new streams; context new only */
	uint32_t cryptex;	/* enum ksrtp_cryptex */
	uint8_t master_key[32], master_salt[14];	/* as many octets as the suite takes */
	bool apart;		/* SRTCP has a master key of its own; context new only */
	uint8_t rtcp_key[32], rtcp_salt[14];
	uint8_t mki_len;	/* 0: no MKI */
	uint8_t mki[KSRTP_MKI_MAX];
};

/* Master key and salt of one direction, as a=crypto carries them. Owners wipe it. */
struct ksrtpd_sdes_key {
	uint32_t suite;			/* enum ksrtp_suite */
	uint8_t key[32], salt[14];	/* as many octets as the suite takes */
	uint8_t mki[KSRTP_MKI_MAX];
	unsigned int mki_len;		/* 0: no MKI */
};

#endif /* KSRTPD_KEY_H */
