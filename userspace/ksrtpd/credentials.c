// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "credentials.h"

#define GROUPS_MAX	1024

static bool in_group(int fd, gid_t primary, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups), i;

	if (gid == (gid_t)-1)
		return false;
	if (primary == gid)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;
	for (i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

bool ksrtpd_credentials(int fd, gid_t gid, struct ksrtpd_peer *peer)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	memset(peer, 0, sizeof(*peer));
	strcpy(peer->who, "somebody");
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		return false;
	snprintf(peer->who, sizeof(peer->who), "uid %u", (unsigned int)who.uid);
	peer->local = true;
	peer->protected_ = true;
	if (!who.uid || who.uid == geteuid() || in_group(fd, who.gid, gid))
		peer->scopes = KSRTPD_SCOPE_ALL;
	return peer->scopes;
}
