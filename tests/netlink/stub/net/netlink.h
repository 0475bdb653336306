/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kmod/netlink_policy.c takes from the kernel's header of this name, so that
 * abi_check.py can compile its very tables and print them. That the kernel reads
 * them the same way is shown by policy_dump in the VM.
 */
#ifndef STUB_NETLINK_H
#define STUB_NETLINK_H

#include <stddef.h>
#include <stdint.h>

enum {
	NLA_UNSPEC, NLA_U8, NLA_U16, NLA_U32, NLA_U64, NLA_S32, NLA_BE16, NLA_BE32,
	NLA_STRING, NLA_NUL_STRING, NLA_FLAG, NLA_BINARY, NLA_NESTED, NLA_REJECT,
};

struct netlink_range_validation {
	uint64_t min, max;
};

/* Has a minimum, a maximum, both by pointer, or a mask. */
enum { STUB_NONE, STUB_MIN = 1, STUB_MAX = 2, STUB_RANGE = 3, STUB_PTR = 4, STUB_MASK = 8 };

struct nla_policy {
	int type, check;
	unsigned int len;
	int64_t min, max;
	uint32_t mask;
	const struct netlink_range_validation *range;
	const char *reject_message;
	const struct nla_policy *nested;
};

#define NLA_POLICY_MIN(t, lo)		{ .type = (t), .check = STUB_MIN, .min = (lo) }
#define NLA_POLICY_MAX(t, hi)		{ .type = (t), .check = STUB_MAX, .max = (hi) }
#define NLA_POLICY_RANGE(t, lo, hi)	{ .type = (t), .check = STUB_RANGE, .min = (lo), .max = (hi) }
#define NLA_POLICY_FULL_RANGE(t, r)	{ .type = (t), .check = STUB_PTR, .range = (r) }
#define NLA_POLICY_MASK(t, m)		{ .type = (t), .check = STUB_MASK, .mask = (m) }
#define NLA_POLICY_NESTED(p)		{ .type = NLA_NESTED, .nested = (p) }
#define NLA_POLICY_EXACT_LEN(n)		NLA_POLICY_RANGE(NLA_BINARY, (n), (n))

#endif /* STUB_NETLINK_H */
