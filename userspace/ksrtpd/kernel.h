/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the agent asks of the kernel, through libksrtp. kernel.c is the only file
 * that hands keys to the kernel, and nothing else calls libksrtp's functions that
 * change something. Every refusal has the reason "kernel" and the kernel's words.
 */
#ifndef KSRTPD_KERNEL_H
#define KSRTPD_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dtls.h"
#include "failure.h"

#define KSRTPD_LEASE		120	/* seconds that the calls outlive the agent */
#define KSRTPD_HEARTBEAT	20	/* seconds */

struct ksrtpd_kernel;

/* A leg of ours is gone without our asking, or one of its keys is used up. */
typedef void (*ksrtpd_kernel_leg_cb)(uint32_t leg_id, const char *why, void *arg);

int ksrtpd_kernel_open(struct ksrtpd_kernel **kernel, struct ksrtpd_failure *failure);
void ksrtpd_kernel_close(struct ksrtpd_kernel *kernel);

/* @plain: a call in which every leg is plain, so mode none; else mode transport. */
int ksrtpd_kernel_call_new(struct ksrtpd_kernel *kernel, const char *name, bool plain,
			   uint32_t *id, struct ksrtpd_failure *failure);
/* With all its legs, keys and routes. A call that is gone already is no failure. */
void ksrtpd_kernel_call_del(struct ksrtpd_kernel *kernel, uint32_t id);
/* The kernel takes the bound UDP socket @fd; media does not reach it any more.
 * @remote NULL: not known yet.
 */
int ksrtpd_kernel_leg_new(struct ksrtpd_kernel *kernel, uint32_t call_id, int fd,
			  const struct sockaddr_storage *remote, uint32_t *id,
			  struct ksrtpd_failure *failure);
int ksrtpd_kernel_leg_remote(struct ksrtpd_kernel *kernel, uint32_t id,
			     const struct sockaddr_storage *remote,
			     struct ksrtpd_failure *failure);
void ksrtpd_kernel_leg_del(struct ksrtpd_kernel *kernel, uint32_t id);
/* RTP and RTCP that arrive on @from leave on @to. */
int ksrtpd_kernel_route_new(struct ksrtpd_kernel *kernel, uint32_t from, uint32_t to,
			    struct ksrtpd_failure *failure);
/* Derives the session keys and installs both directions, first the receiving one. */
int ksrtpd_kernel_keys(struct ksrtpd_kernel *kernel, uint32_t leg_id,
		       const struct ksrtpd_dtls_keys *keys, struct ksrtpd_failure *failure);
/* Says explicitly that the leg is plain RTP in both directions. */
int ksrtpd_kernel_plain(struct ksrtpd_kernel *kernel, uint32_t leg_id,
			struct ksrtpd_failure *failure);
/* Renews the lease of all calls of this agent. */
int ksrtpd_kernel_alive(struct ksrtpd_kernel *kernel, struct ksrtpd_failure *failure);

/* To poll for reading; -1 when the kernel's events could not be had. */
int ksrtpd_kernel_events_fd(const struct ksrtpd_kernel *kernel);
void ksrtpd_kernel_events_read(struct ksrtpd_kernel *kernel, ksrtpd_kernel_leg_cb cb, void *arg);

#endif /* KSRTPD_KERNEL_H */
