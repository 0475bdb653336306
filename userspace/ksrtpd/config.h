/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration: a file of `key = value` lines, a `#` starts a comment.
 *
 *	socket = /run/ksrtp/ksrtpd.sock
 *	log-level = info
 *	calls-max = 1000
 *	offer-timeout = 180
 *	datapath = auto
 *	cryptex = on
 *	interface = NAME ADDRESS[!ADVERTISED] [ADDRESS[!ADVERTISED]] [PORT_MIN-PORT_MAX]
 *	media-timeout = 60
 *	media-timeout-action = event
 *	handshakes-max = 1000
 *	handshakes-max-interface = 500
 *	handshake-timeout = 15
 *	state-dir = /var/lib/ksrtp
 *	on-stop = leave
 *	lease = 120
 *	federation-default = allow
 *
 * and what algorithms.h and api_config.h list. An interface has an IPv4 or an IPv6 address or one of
 * each; the advertised address is the one that SDP shows where a NAT stands before the
 * host. The first interface is the default of calls that name none. Options of the
 * command line come after the file and win over it; their interfaces come after the
 * file's.
 *
 * A new key is a member here and a line of the table in config.c.
 */
#ifndef KSRTPD_CONFIG_H
#define KSRTPD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "addr.h"
#include "algorithms.h"
#include "api_config.h"
#include "failure.h"

#define KSRTPD_SOCKET_DEFAULT	"/run/ksrtp/ksrtpd.sock"
#define KSRTPD_CONFIG_DEFAULT	"/etc/ksrtp/ksrtpd.conf"
#define KSRTPD_STATE_DIR_DEFAULT	"/var/lib/ksrtp"
#define KSRTPD_LEASE_DEFAULT	120	/* seconds */
#define KSRTPD_PATH_LEN		256	/* with the NUL */
#define KSRTPD_PORT_MIN		40000
#define KSRTPD_PORT_MAX		49999
#define KSRTPD_CALLS_DEFAULT	1000
#define KSRTPD_CALLS_MAX	100000
#define KSRTPD_OFFER_LIMIT	180	/* seconds: as long as a phone may ring */
#define KSRTPD_INTERFACES_MAX	16
#define KSRTPD_INTERFACE_NAME	32	/* with the NUL */
#define KSRTPD_SETTINGS_MAX	64
/* Handshakes that have not ended: each holds an association of some 60 KiB. */
#define KSRTPD_HANDSHAKES_DEFAULT		1000
#define KSRTPD_HANDSHAKES_INTERFACE_DEFAULT	500
#define KSRTPD_HANDSHAKE_LIMIT			15	/* seconds */

enum ksrtpd_media_timeout {
	KSRTPD_MEDIA_TIMEOUT_EVENT,	/* tell */
	KSRTPD_MEDIA_TIMEOUT_END,	/* and end the call */
};

struct ksrtpd_interface {
	unsigned int number;	/* its place in the list */
	char name[KSRTPD_INTERFACE_NAME];
	struct sockaddr_storage four, six;	/* ss_family AF_UNSPEC: none */
	struct sockaddr_storage advertised_four, advertised_six;	/* likewise */
	uint16_t port_min, port_max;
};

/* What becomes of the kernel's calls when the agent ends as it was told to. */
enum ksrtpd_on_stop {
	KSRTPD_ON_STOP_LEAVE,	/* they go on, for as long as their lease */
	KSRTPD_ON_STOP_END,
};

/* Hosts in neither list of federation. */
enum ksrtpd_federation_default {
	KSRTPD_FEDERATION_ALLOW,
	KSRTPD_FEDERATION_DENY,
};

struct ksrtpd_config {
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	unsigned int log_level;
	unsigned int calls_max;
	unsigned int offer_timeout;	/* seconds that an offer waits for its answer */
	unsigned int datapath;	/* enum ksrtpd_datapath_kind */
	unsigned int cryptex;	/* enum ksrtp_cryptex, by which endpoints that have it are served */
	unsigned int handshakes_max, handshakes_max_interface;
	unsigned int handshake_timeout;	/* seconds */
	char state_dir[KSRTPD_PATH_LEN];	/* "": the default one, if it is there */
	unsigned int lease;	/* seconds that the kernel's calls go on without the agent */
	unsigned int on_stop;	/* enum ksrtpd_on_stop */
	unsigned int federation_default;	/* enum ksrtpd_federation_default */
	struct ksrtpd_algorithms algorithms;
	struct ksrtpd_api_config api;
	unsigned int media_timeout;		/* seconds; 0: never */
	unsigned int media_timeout_action;	/* enum ksrtpd_media_timeout */
	struct ksrtpd_interface interfaces[KSRTPD_INTERFACES_MAX];
	unsigned int interfaces_count;

	/* where each key of the table was set last: 0 nowhere, -1 by an option, else the
	 * line of the file
	 */
	int lines[KSRTPD_SETTINGS_MAX];
};

/* One thing that is wrong: "PATH:LINE: what". */
typedef void (*ksrtpd_config_wrong_cb)(const char *message, void *arg);

void ksrtpd_config_init(struct ksrtpd_config *config);
/* Applies one setting. 0, or -1 with reason "config" and what is wrong with it. */
int ksrtpd_config_set(struct ksrtpd_config *config, const char *key, const char *value,
		      struct ksrtpd_failure *failure);
/* Reads a file to its end and tells everything that is wrong in it, each with path and
 * line number. How many that were.
 */
unsigned int ksrtpd_config_read(struct ksrtpd_config *config, const char *path,
				ksrtpd_config_wrong_cb wrong, void *arg);
/* All is read: do the settings fit together? How many do not; @path (may be NULL) is
 * the file they came from.
 */
unsigned int ksrtpd_config_fit(const struct ksrtpd_config *config, const char *path,
			       ksrtpd_config_wrong_cb wrong, void *arg);
/* By name; NULL or "": the first one. NULL when there is none. */
const struct ksrtpd_interface *ksrtpd_config_interface(const struct ksrtpd_config *config,
						       const char *name);
/* The interface's address of @family (4 or 6), NULL when it has none. */
const struct sockaddr_storage *ksrtpd_interface_addr(const struct ksrtpd_interface *interface,
						     int family);
/* What peers know it by, NULL when it is the address itself. */
const struct sockaddr_storage *
ksrtpd_interface_advertised(const struct ksrtpd_interface *interface, int family);

/* config_interface.c, for the table: adds the interface that @value describes */
int ksrtpd_config_add_interface(struct ksrtpd_config *config, const char *value,
				struct ksrtpd_failure *failure);

#endif /* KSRTPD_CONFIG_H */
