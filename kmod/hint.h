/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why XDP passed a packet on, for the skb path that may get it. XDP has not authenticated
 * it, so what it writes says nothing yet: each hint names its packet by the last octets
 * (of a protected one, its tag), and counts when that very packet turned out authentic.
 * Drivers hand packets to the stack by the eight: neighbours have slots of their own.
 */
#ifndef KSRTP_HINT_H
#define KSRTP_HINT_H

#include <linux/unaligned.h>

#include "leg.h"

#define KSRTP_HINT_WHY	0xffULL

/* Names a packet, before it is decrypted in place; its slot in the low bits. */
static inline u64 ksrtp_hint_name(const u8 *payload, u32 len)
{
	if (len < sizeof(u64))
		return 0;
	/* The low octet of an RTP packet's sequence number. */
	return (get_unaligned_be64(payload + len - sizeof(u64)) & ~KSRTP_HINT_WHY) |
	       payload[3] % KSRTP_HINTS;
}

/* Any context in which the leg lives. */
static inline void ksrtp_hint_set(struct ksrtp_leg *leg, const u8 *payload, u32 len,
				  enum ksrtp_slow why)
{
	u64 name = ksrtp_hint_name(payload, len);

	WRITE_ONCE(leg->hints[name & KSRTP_HINT_WHY], (name & ~KSRTP_HINT_WHY) | why);
}

/*
 * An authentic packet of this @name came by the skb path: why? Where somebody else's hint
 * has taken the place of its own, the answer is @before, what is known already.
 */
static inline enum ksrtp_slow ksrtp_hint_take(struct ksrtp_leg *leg, u64 name,
					      enum ksrtp_slow before)
{
	u64 *slot = &leg->hints[name & KSRTP_HINT_WHY], hint = READ_ONCE(*slot);

	if (!hint)
		return KSRTP_SLOW_NO_PROGRAM;
	WRITE_ONCE(*slot, 0);
	if ((hint ^ name) & ~KSRTP_HINT_WHY)
		return before;
	return hint & KSRTP_HINT_WHY;
}

#endif /* KSRTP_HINT_H */
