/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a policy as policy_dump does; included by the program that abi_check.py makes. */
#include <inttypes.h>
#include <stdio.h>

#include "netlink_policy.h"

static const char *const type_names[] = {
	[NLA_U8] = "u8", [NLA_U16] = "u16", [NLA_U32] = "u32", [NLA_U64] = "u64",
	[NLA_S32] = "s32", [NLA_BE16] = "be16", [NLA_BE32] = "be32", [NLA_STRING] = "string",
	[NLA_NUL_STRING] = "nul-string", [NLA_FLAG] = "flag", [NLA_BINARY] = "binary",
	[NLA_NESTED] = "nested",
};

static void print_policy(const char *name, const struct nla_policy *policy, size_t count)
{
	const struct nla_policy *p;
	int64_t min, max;

	printf("{\"policy\": \"%s\", \"maxattr\": %zu, \"attrs\": {", name, count - 1);
	for (size_t i = 0, n = 0; i < count; i++) {
		p = &policy[i];
		if (p->type == NLA_UNSPEC || p->type == NLA_REJECT)
			continue;
		printf("%s\"%zu\": {\"type\": \"%s\"", n++ ? ", " : "", i, type_names[p->type]);
		min = p->check & STUB_PTR ? (int64_t)p->range->min : p->min;
		max = p->check & STUB_PTR ? (int64_t)p->range->max : p->max;
		if (p->check & (STUB_MIN | STUB_PTR))
			printf(", \"min\": %" PRId64, min);
		if (p->check & (STUB_MAX | STUB_PTR))
			printf(", \"max\": %" PRId64, max);
		if (p->check & STUB_MASK)
			printf(", \"mask\": %" PRIu32, p->mask);
		if (p->len)
			printf(", \"max\": %u", p->len);
		printf("}");
	}
	printf("}}\n");
}
