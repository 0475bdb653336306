// SPDX-License-Identifier: GPL-2.0
/* Which of the module's allocations fail. What the kernel allocates for itself does not. */
#include <linux/atomic.h>
#include <linux/module.h>

#include "selftest.h"

/* Counts down; 0 again once it has happened, which is what a test reads. */
static int nth;
module_param_named(alloc_fail_nth, nth, int, 0600);
MODULE_PARM_DESC(alloc_fail_nth, "let the n-th allocation from now fail, once");

static unsigned int every;
module_param_named(alloc_fail_every, every, uint, 0600);
MODULE_PARM_DESC(alloc_fail_every, "let every n-th allocation fail");

static atomic_t calls = ATOMIC_INIT(0);

bool ksrtp_alloc_fails(void)
{
	unsigned int of = READ_ONCE(every);
	int left = READ_ONCE(nth);

	while (left > 0 && !try_cmpxchg(&nth, &left, left - 1))
		;
	return left == 1 || (of && (u32)atomic_inc_return(&calls) % of == 0);
}
