/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_EVENT_H
#define KSRTP_EVENT_H

#include <linux/types.h>

struct ksrtp_addr;
struct ksrtp_net;

/* An event for the multicast group; members that do not belong to @cmd are not sent. */
struct ksrtp_event {
	u8			cmd;		/* one of KSRTP_CMD_*_NTF */
	u32			call_id;
	u32			leg_id;
	u32			direction;	/* key events */
	u32			slot;
	const struct ksrtp_addr	*remote;	/* leg-learnt */
	u32			reason;		/* leg-attack */
	u64			count;
	u64			idle_ms;	/* leg-idle */
};

/* Process context. Nobody listening is no error; no memory loses the event. */
void ksrtp_nl_event(struct ksrtp_net *kn, const struct ksrtp_event *event);

int ksrtp_nl_init(void);
void ksrtp_nl_uninit(void);

#endif /* KSRTP_EVENT_H */
