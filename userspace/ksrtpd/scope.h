/* SPDX-License-Identifier: GPL-2.0 */
/* What somebody who asks may do. */
#ifndef KSRTPD_SCOPE_H
#define KSRTPD_SCOPE_H

#define KSRTPD_SCOPE_READ	(1u << 0)	/* see */
#define KSRTPD_SCOPE_CALLS	(1u << 1)	/* make, change and end calls */
#define KSRTPD_SCOPE_POLICY	(1u << 2)	/* change policies and federation */
#define KSRTPD_SCOPE_ADMIN	(1u << 3)	/* drain and the like */
#define KSRTPD_SCOPE_ALL	0xfu

/* Of "read,calls" or "all"; 0 if it is no such list. */
unsigned int ksrtpd_scopes_parse(const char *text);
/* Of one of them. */
const char *ksrtpd_scope_name(unsigned int scope);

#endif /* KSRTPD_SCOPE_H */
