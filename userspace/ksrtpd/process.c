// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>
#include <linux/capability.h>
#include <openssl/crypto.h>

#include "log.h"
#include "process.h"
#include "wipe.h"

#define REASON		"privileges"
#define SECURE_HEAP	(4 * 1024 * 1024)	/* octets: private keys of some 10,000 legs */
#define SECURE_SMALLEST	32

/* OpenSSL keeps private keys there, the agent its master and session keys. */
static void lock_key_memory(void)
{
	switch (CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_SMALLEST)) {
	case 1:
		break;
	case 2:
		ksrtpd_warning("the memory for keys could not be locked (RLIMIT_MEMLOCK): "
			       "it may be swapped out");
		break;
	default:
		ksrtpd_warning("no protected memory for keys");
	}
}

/* Requests and answers have keys in them where a=crypto is spoken, and tokens. */
static void wipe_what_is_freed(void)
{
	json_set_alloc_funcs(malloc, ksrtpd_wipe_free);
	event_set_mem_functions(malloc, ksrtpd_wipe_realloc, ksrtpd_wipe_free);
}

int ksrtpd_process_harden(struct ksrtpd_failure *failure)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none))
		return ksrtpd_fail(failure, REASON, "cannot forbid core files: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ksrtpd_fail(failure, REASON, "no_new_privs: %s", strerror(errno));
	lock_key_memory();
	wipe_what_is_freed();
	return 0;
}

int ksrtpd_process_drop(struct ksrtpd_failure *failure)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	const unsigned int keep = 1u << CAP_NET_ADMIN;

	if (syscall(SYS_capget, &head, caps))
		return ksrtpd_fail(failure, REASON, "capget: %s", strerror(errno));
	if (!(caps[0].permitted & keep))
		ksrtpd_warning("no CAP_NET_ADMIN: the kernel will refuse calls");
	caps[0].permitted &= keep;
	caps[0].effective = caps[0].permitted;
	caps[0].inheritable = 0;
	memset(&caps[1], 0, sizeof(caps[1]));
	if (syscall(SYS_capset, &head, caps))
		return ksrtpd_fail(failure, REASON, "capset: %s", strerror(errno));
	return 0;
}
