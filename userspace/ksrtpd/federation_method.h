/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_FEDERATION_METHOD_H
#define KSRTPD_FEDERATION_METHOD_H

#include "agent.h"
#include "method.h"

/* May a call be set up that comes from @domain (NULL: the request names none), asked for by
 * @peer? Each of them that has a name must be allowed. What a local program asks for without
 * a name is this host's own call.
 */
int ksrtpd_federation_admit(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
			    const char *domain, struct ksrtpd_failure *failure);

#endif /* KSRTPD_FEDERATION_METHOD_H */
