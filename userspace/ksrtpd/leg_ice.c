// SPDX-License-Identifier: GPL-2.0
#include "leg_int.h"
#include "log.h"

/* The path that the other side chose. A datapath that refuses it keeps the one before. */
static void move(struct ksrtpd_leg *leg, const struct ksrtpd_ice_path *to)
{
	const struct ksrtpd_ice_path before = { .socket = leg->path, .remote = leg->remote };
	char local[KSRTPD_ADDR_TEXT], remote[KSRTPD_ADDR_TEXT];
	struct ksrtpd_failure failure;

	if (leg_set_path(leg, to, &failure)) {
		leg->ice->selected = before;
		ksrtpd_log_leg(WARNING, leg->id, failure.reason, "the nominated path is refused: %s",
			       failure.message);
		return;
	}
	ksrtpd_log_leg(DEBUG, leg->id, NULL, "path from %s to %s", ksrtpd_addr_text(&leg->local, local),
		       ksrtpd_addr_text(&leg->remote, remote));
	leg_dtls_path(leg);
}

void leg_ice_input(struct ksrtpd_leg *leg, const uint8_t *data, size_t len,
		   const struct ksrtpd_ice_path *from)
{
	struct ksrtpd_ice_answer answer;

	if (!leg->ice)
		return;
	ksrtpd_ice_input(leg->ice, data, len, from, &answer);
	/* With the answer the peer may send there: by then the datapath has to hear it. */
	if (answer.nominated)
		move(leg, from);
	if (answer.len)
		leg_send(leg, from, answer.data, answer.len);
	if (!answer.checked)
		return;
	/* Consent is for a path (RFC 7675, section 5.1). */
	if (leg->in_datapath && from->socket == leg->path &&
	    ksrtpd_addr_equal(&from->remote, &leg->remote))
		ksrtpd_datapath_leg_consent(leg->datapath, leg->id);
}

int leg_ice_tell(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_ice *ice = leg->ice;

	if (!ice || !leg->in_datapath || !ice->remote_known)
		return 0;
	return ksrtpd_datapath_leg_ice(leg->datapath, leg->id, ice->ufrag, ice->pwd,
				       ice->now.remote, failure);
}

int ksrtpd_leg_set_ice(struct ksrtpd_leg *leg, const char *remote_ufrag, const char *remote_pwd,
		       struct ksrtpd_failure *failure)
{
	if (!leg->ice)
		return ksrtpd_fail(failure, "internal", "the leg was made without ICE");
	if (ksrtpd_ice_set_remote(leg->ice, remote_ufrag, remote_pwd, failure))
		return -1;
	return leg_ice_tell(leg, failure);
}

int ksrtpd_leg_ice_restart(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	if (!leg->ice)
		return ksrtpd_fail(failure, "internal", "the leg was made without ICE");
	return ksrtpd_ice_restart(leg->ice, failure);
}

void ksrtpd_leg_drop_ice(struct ksrtpd_leg *leg)
{
	ksrtpd_ice_destroy(leg->ice);
	leg->ice = NULL;
	leg->config.ice = false;
	leg_close_sockets(leg, true);
}
