/* SPDX-License-Identifier: GPL-2.0 */
/* The agent as a whole, from its configuration until somebody ends it. */
#ifndef KSRTPD_LOOP_H
#define KSRTPD_LOOP_H

#include "config.h"
#include "failure.h"

struct ksrtpd_loop;

/* Everything that needs privileges happens here. */
struct ksrtpd_loop *ksrtpd_loop_create(const struct ksrtpd_config *config,
				       struct ksrtpd_failure *failure);
/* Runs until SIGTERM or SIGINT. */
int ksrtpd_loop_run(struct ksrtpd_loop *loop);
/* Deletes all calls, here and in the datapath. */
void ksrtpd_loop_destroy(struct ksrtpd_loop *loop);

#endif /* KSRTPD_LOOP_H */
