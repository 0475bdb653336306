/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The thread that computes security codes: one code after the other, so that
 * whoever asks for many slows down only the codes, never the event loop.
 */
#ifndef KSRTPD_CODER_H
#define KSRTPD_CODER_H

#include <stdbool.h>

#include <event2/event.h>

#include "seccode.h"

struct ksrtpd_coder;
struct ksrtpd_code_job;

/* Called on the event loop; @code is NULL when there is none for these two. */
typedef void (*ksrtpd_coder_cb)(const char *code, void *arg);

struct ksrtpd_coder *ksrtpd_coder_create(struct event_base *base);
/* Waits for the code being computed. Jobs that are left are dropped without callback. */
void ksrtpd_coder_destroy(struct ksrtpd_coder *coder);

/* NULL when too many wait already. The job is gone when @done is called. */
struct ksrtpd_code_job *ksrtpd_coder_add(struct ksrtpd_coder *coder,
					 const struct ksrtpd_fingerprint *t1,
					 const struct ksrtpd_fingerprint *t2,
					 ksrtpd_coder_cb done, void *arg);
/* @done will not be called any more. */
void ksrtpd_coder_cancel(struct ksrtpd_code_job *job);

#endif /* KSRTPD_CODER_H */
