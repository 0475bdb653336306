/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A compound of everything in RTCP that holds an SSRC: SR, RR, SDES, BYE, APP, NACK, TMMBR,
 * TMMBN, congestion control feedback, PLI, FIR, TSTR, TSTN, VBCM, REMB, another AFB, XR, and
 * a type that nobody knows. Where no SSRC is, there is FILL, so that a number replaced in
 * the wrong place shows.
 */
#ifndef KSRTP_TEST_RTCP_COMPOUND_H
#define KSRTP_TEST_RTCP_COMPOUND_H

#define COMPOUND_FILL	0x5a5a5a5au
#define COMPOUND_MAX	1024

struct compound {
	u8 *p;
	u32 sender, target;
};

static inline void compound_word(struct compound *c, u32 word)
{
	put_unaligned_be32(word, c->p);
	c->p += 4;
}

static inline void compound_head(struct compound *c, u32 count, u32 type, u32 words)
{
	compound_word(c, 0x80000000 | count << 24 | type << 16 | words);
	if (type != 202)
		compound_word(c, c->sender);
}

static inline void compound_fill(struct compound *c, int n)
{
	while (n--)
		compound_word(c, COMPOUND_FILL);
}

static inline void compound_target(struct compound *c, int fill)
{
	compound_word(c, c->target);
	compound_fill(c, fill);
}

/* @p has room for COMPOUND_MAX. Returns the length. */
static inline size_t compound_make(u8 *p, u32 sender, u32 target)
{
	struct compound c = { .p = p, .sender = sender, .target = target };

	compound_head(&c, 1, 200, 12);		/* SR, one block */
	compound_fill(&c, 5);
	compound_target(&c, 5);
	compound_head(&c, 2, 201, 13);		/* RR, two */
	compound_target(&c, 5);
	compound_target(&c, 5);
	compound_head(&c, 2, 202, 5);		/* SDES: CNAME "ab", and nothing */
	compound_word(&c, sender);
	compound_word(&c, 0x01026162);
	compound_word(&c, 0);
	compound_word(&c, sender);
	compound_word(&c, 0);
	compound_head(&c, 2, 203, 3);		/* BYE of two, with a reason */
	compound_word(&c, sender);
	compound_word(&c, 0x03656e64);
	compound_head(&c, 0, 204, 3);		/* APP */
	compound_fill(&c, 2);
	compound_head(&c, 1, 205, 3);		/* NACK */
	compound_target(&c, 1);
	compound_head(&c, 3, 205, 6);		/* TMMBR */
	compound_word(&c, 0);
	compound_target(&c, 1);
	compound_target(&c, 1);
	compound_head(&c, 4, 205, 4);		/* TMMBN */
	compound_word(&c, 0);
	compound_target(&c, 1);
	compound_head(&c, 11, 205, 9);		/* congestion control of two streams */
	compound_word(&c, target);
	compound_word(&c, 0x5a5a0003);
	compound_fill(&c, 2);
	compound_word(&c, target);
	compound_word(&c, 0x5a5a0002);
	compound_fill(&c, 2);
	compound_head(&c, 1, 206, 2);		/* PLI */
	compound_target(&c, 0);
	compound_head(&c, 4, 206, 4);		/* FIR */
	compound_word(&c, 0);
	compound_target(&c, 1);
	compound_head(&c, 5, 206, 6);		/* TSTR of two */
	compound_word(&c, 0);
	compound_target(&c, 1);
	compound_target(&c, 1);
	compound_head(&c, 6, 206, 4);		/* TSTN */
	compound_word(&c, 0);
	compound_target(&c, 1);
	compound_head(&c, 7, 206, 8);		/* VBCM of two: five octets, and none */
	compound_word(&c, 0);
	compound_target(&c, 0);
	compound_word(&c, 0x5a5a0005);
	compound_fill(&c, 2);
	compound_target(&c, 0);
	compound_word(&c, 0x5a5a0000);
	compound_head(&c, 15, 206, 6);		/* REMB of two */
	compound_word(&c, 0);
	compound_word(&c, 0x52454d42);
	compound_word(&c, 0x02001000);
	compound_target(&c, 0);
	compound_target(&c, 0);
	compound_head(&c, 15, 206, 4);		/* an application's own */
	compound_target(&c, 2);
	compound_head(&c, 0, 207, 54);		/* XR */
	compound_word(&c, 0x01000003);		/* loss RLE */
	compound_target(&c, 2);
	compound_word(&c, 0x04000002);		/* receiver reference time */
	compound_fill(&c, 2);
	compound_word(&c, 0x05000006);		/* DLRR of two */
	compound_target(&c, 2);
	compound_target(&c, 2);
	compound_word(&c, 0x06000009);		/* statistics */
	compound_target(&c, 8);
	compound_word(&c, 0x08000001);		/* one that is not known */
	compound_fill(&c, 1);
	compound_word(&c, 0x0a000003);		/* post-repair loss RLE */
	compound_target(&c, 2);
	compound_word(&c, 0x0c000007);		/* inter-destination synchronization */
	compound_fill(&c, 2);
	compound_target(&c, 4);
	compound_word(&c, 0x0d000005);		/* ECN summary */
	compound_target(&c, 4);
	compound_word(&c, 0x0e000007);		/* measurement information */
	compound_target(&c, 6);
	compound_word(&c, 0xff000000);		/* the type that is kept for later */
	compound_head(&c, 0, 210, 2);		/* a type that nobody knows */
	compound_fill(&c, 1);
	return (size_t)(c.p - p);
}

#endif /* KSRTP_TEST_RTCP_COMPOUND_H */
