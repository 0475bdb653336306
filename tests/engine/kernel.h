/* SPDX-License-Identifier: GPL-2.0 */
/* What the stand-ins for the kernel show to the library and the tests. */
#ifndef KSRTP_ENGINE_KERNEL_H
#define KSRTP_ENGINE_KERNEL_H

#include <stdint.h>
#include <linux/types.h>

struct ksrtp_port;

#define ENGINE_EVENTS	64

/* What the module told by netlink, the last ENGINE_EVENTS of them. */
struct engine_event {
	u8	cmd;
	u32	leg_id;
	u32	direction;
	u32	slot;
};

extern struct engine_event engine_events[ENGINE_EVENTS];
extern unsigned int engine_event_count;
/* Of the engine's random numbers. */
extern uint64_t engine_seed;

/* Process context: run what is queued; then a grace period ends. */
void engine_settle(void);

/*
 * Every nonce that a packet left under is remembered, with its key's octets; one that is
 * used a second time ends the program. engine_nonces_forget() is for the next run of a
 * fuzzer, whose keys are the same again.
 */
void engine_nonces_forget(void);
size_t engine_nonces(void);
/* The next @n operations of the ciphers fail with -EIO, after the nonce was noted. */
extern unsigned int engine_cipher_fails;

/* Called when a port gets its socket's packets, which fails with what it returns; or NULL. */
extern int (*engine_attach)(struct ksrtp_port *port);

#endif /* KSRTP_ENGINE_KERNEL_H */
