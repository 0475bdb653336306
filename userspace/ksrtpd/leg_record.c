// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>

#include "leg_record.h"
#include "log.h"

#define REASON		"record"
#define REASONS_MAX	256	/* the agent has fewer */
#define PLACES_MAX	(2 * KSRTPD_INTERFACES_MAX)

/* -- failures: a reason is a constant of the program, so one that is read becomes one */

static const char *constant(const char *reason)
{
	static char *known[REASONS_MAX];
	unsigned int i;

	for (i = 0; i < REASONS_MAX && known[i]; i++) {
		if (!strcmp(known[i], reason))
			return known[i];
	}
	if (i == REASONS_MAX)
		return "internal";
	known[i] = strdup(reason);
	return known[i] ? known[i] : "internal";
}

json_t *ksrtpd_failure_record(const struct ksrtpd_failure *failure)
{
	if (!failure->reason)
		return json_null();
	return json_pack("{s:s, s:s}", "reason", failure->reason, "message", failure->message);
}

int ksrtpd_failure_restore(const json_t *record, struct ksrtpd_failure *failure)
{
	const char *reason, *message;

	memset(failure, 0, sizeof(*failure));
	if (json_is_null(record))
		return 0;
	if (json_unpack((json_t *)record, "{s:s, s:s}", "reason", &reason, "message", &message))
		return -1;
	failure->reason = constant(reason);
	strncpy(failure->message, message, sizeof(failure->message) - 1);
	return 0;
}

/* -- writing */

static json_t *suites_record(const struct ksrtpd_leg_config *config)
{
	json_t *suites = json_array();
	unsigned int i;

	for (i = 0; i < config->suites_count; i++)
		json_array_append_new(suites, json_string(ksrtp_suite_name(config->suites[i])));
	return suites;
}

/* NULL, so no member at all, where it is not known. */
static json_t *fingerprint_record(const struct ksrtpd_fingerprint *fp, bool known)
{
	char text[KSRTPD_FINGERPRINT_TEXT];

	return known ? json_string(ksrtpd_fingerprint_text(fp, text)) : NULL;
}

static json_t *mki_record(const struct ksrtpd_leg *leg)
{
	char hex[2 * KSRTP_MKI_MAX + 1] = "";
	unsigned int i;

	for (i = 0; i < leg->mki_len; i++)
		sprintf(hex + 2 * i, "%02x", leg->mki[i]);
	return json_string(hex);
}

/* Where the leg's sockets are, in their order. */
static json_t *sockets_record(const struct ksrtpd_leg *leg)
{
	json_t *sockets = json_array();
	unsigned int i;

	for (i = 0; i < leg->sockets_count; i++) {
		const struct ksrtpd_leg_place *place = &leg->sockets[i].place;
		char host[KSRTPD_ADDR_TEXT];

		json_array_append_new(sockets, json_pack("{s:s, s:i, s:s, s:i}",
							 "interface", place->interface->name,
							 "rank", (int)place->rank,
							 "address", ksrtpd_addr_host(&place->local, host),
							 "port", (int)ksrtpd_addr_port(&place->local)));
	}
	return sockets;
}

json_t *ksrtpd_leg_record(const struct ksrtpd_leg *leg)
{
	bool connected, dtls;

	if (!leg)
		return json_null();
	connected = leg->state == KSRTPD_LEG_CONNECTED;
	dtls = leg->config.keying == KSRTPD_KEYING_DTLS;
	return json_pack("{s:I, s:s, s:i, s:i, s:b, s:b, s:o, s:b, s:b, s:i, s:o, s:s, s:o*, s:o*, s:b,"
			 " s:b, s:b, s:b, s:i, s:o, s:o, s:b}",
			 "id", (json_int_t)leg->id,
			 "interface", leg->config.interface->name,
			 "family", leg->config.family,
			 "keying", (int)leg->config.keying,
			 "ice", leg->config.ice,
			 "learn", leg->config.learn,
			 "suites", suites_record(&leg->config),
			 "offerer", leg->offerer,
			 "server", leg->server,
			 "state", (int)leg->state,
			 "failure", ksrtpd_failure_record(&leg->failure),
			 "suite", ksrtp_suite_name(connected ? leg->suite : KSRTP_SUITE_NONE),
			 "certificate", fingerprint_record(leg->cert ? &leg->cert->fingerprint : NULL,
							   leg->cert),
			 "peer", fingerprint_record(&leg->peer, dtls && connected),
			 "reused", leg->certificate_reused,
			 "keyed", leg->keyed,
			 "old_key", leg->old_key,
			 "old_tx_key", leg->old_tx_key,
			 "slot", (int)leg->slot,
			 "mki", mki_record(leg),
			 "sockets", sockets_record(leg),
			 "cryptex", leg->cryptex);
}

/* -- reading */

static int bad(struct ksrtpd_failure *failure, const char *what)
{
	return ksrtpd_fail(failure, REASON, "the record of a leg: %s", what);
}

/* NULL: there is none. */
static int take_fingerprint(const char *text, struct ksrtpd_fingerprint *fp, bool *known)
{
	static const char hash[] = "sha-256 ";

	*known = text;
	if (!text)
		return 0;
	return strncmp(text, hash, strlen(hash)) ||
	       !ksrtpd_fingerprint_parse(text + strlen(hash), strlen(text + strlen(hash)), fp) ? -1 : 0;
}

static int take_suites(const json_t *names, struct ksrtpd_leg_config *config)
{
	size_t i;

	if (json_array_size(names) > KSRTPD_SUITES_MAX)
		return -1;
	for (i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		int suite = name ? ksrtp_suite_parse(name) : -1;

		if (suite < 0)
			return -1;
		config->suites[i] = suite;
	}
	config->suites_count = i;
	return 0;
}

struct record {
	json_int_t id;
	const char *interface, *suite, *certificate, *peer, *mki;
	const json_t *suites, *failure, *sockets;
	int family, keying, ice, learn, offerer, server, state, reused, keyed, slot;
	int old_key, old_tx_key, cryptex;
};

static int unpack(const json_t *json, struct record *record)
{
	record->certificate = record->peer = NULL;
	record->old_tx_key = record->cryptex = 0;
	record->sockets = NULL;
	if (json_unpack((json_t *)json, "{s:I, s:s, s:i, s:i, s:b, s:b, s:o, s:b, s:b, s:i, s:o, s:s,"
			" s?s, s?s, s:b, s:b, s:b, s?b, s:i, s:s, s?o, s?b}", "id", &record->id, "interface",
			&record->interface,
			"family", &record->family, "keying", &record->keying, "ice", &record->ice,
			"learn", &record->learn, "suites", &record->suites, "offerer",
			&record->offerer, "server", &record->server, "state", &record->state,
			"failure", &record->failure, "suite", &record->suite, "certificate",
			&record->certificate, "peer", &record->peer, "reused", &record->reused,
			"keyed", &record->keyed, "old_key", &record->old_key,
			"old_tx_key", &record->old_tx_key, "slot", &record->slot,
			"mki", &record->mki, "sockets", &record->sockets,
			"cryptex", &record->cryptex))
		return -1;
	return record->keying >= KSRTPD_KEYING_NONE && record->keying <= KSRTPD_KEYING_RELAY &&
	       record->state >= KSRTPD_LEG_NEW && record->state <= KSRTPD_LEG_FAILED &&
	       (record->slot == 0 || record->slot == 1) && ksrtp_suite_parse(record->suite) >= 0 ?
	       0 : -1;
}

static int take_config(const struct record *record, const struct ksrtpd_config *config,
		       const struct ksrtpd_datapath *datapath, struct ksrtpd_leg_config *leg,
		       struct ksrtpd_failure *failure)
{
	memset(leg, 0, sizeof(*leg));
	leg->interface = *record->interface ? ksrtpd_config_interface(config, record->interface) : NULL;
	if (!leg->interface || (record->family != 4 && record->family != 6) ||
	    !ksrtpd_interface_addr(leg->interface, record->family))
		return ksrtpd_fail(failure, "interface", "interface '%s' is there no more, or has no IPv%d"
				   " address", record->interface, record->family);
	leg->family = record->family;
	leg->keying = record->keying;
	leg->ice = record->ice;
	leg->learn = record->learn;
	leg->cryptex = ksrtpd_leg_may_cryptex(config, datapath, leg->keying);
	return take_suites(record->suites, leg) ? bad(failure, "suites") : 0;
}

/* Those of interfaces that are there no more are left out. How many there are, or -1. */
static int take_places(const json_t *sockets, const struct ksrtpd_config *config,
		       struct ksrtpd_leg_place places[PLACES_MAX])
{
	const struct ksrtpd_interface *interface;
	const char *name, *address;
	int rank, port, count = 0;
	size_t i;

	if (json_array_size(sockets) > PLACES_MAX)
		return -1;
	for (i = 0; i < json_array_size(sockets); i++) {
		if (json_unpack(json_array_get(sockets, i), "{s:s, s:i, s:s, s:i}", "interface", &name,
				"rank", &rank, "address", &address, "port", &port) ||
		    rank < 0 || rank >= KSRTPD_INTERFACES_MAX || port < 1 || port > 65535 ||
		    !ksrtpd_addr_parse(address, 0, &places[count].local))
			return -1;
		interface = *name ? ksrtpd_config_interface(config, name) : NULL;
		if (!interface) {
			ksrtpd_info("a candidate less, %s: interface '%s' is there no more", address, name);
			continue;
		}
		places[count].interface = interface;
		places[count].rank = rank;
		ksrtpd_addr_set_port(&places[count].local, port);
		count++;
	}
	return count;
}

static int take_mki(struct ksrtpd_leg *leg, const char *hex)
{
	unsigned int octet;

	for (leg->mki_len = 0; *hex; hex += 2) {
		if (leg->mki_len == KSRTP_MKI_MAX || sscanf(hex, "%2x", &octet) != 1 || !hex[1])
			return -1;
		leg->mki[leg->mki_len++] = octet;
	}
	return 0;
}

/* Which slots the datapath has its keys in. An old key has had its time. */
static int take_keys(struct ksrtpd_leg *leg, const struct record *record)
{
	leg->keyed = record->keyed;
	leg->cryptex = record->cryptex;
	leg->slot = record->slot;
	if (record->old_key)
		ksrtpd_datapath_key_del(leg->datapath, leg->id, KSRTP_DIRECTION_RX, !leg->slot);
	if (record->old_tx_key)
		ksrtpd_datapath_key_del(leg->datapath, leg->id, KSRTP_DIRECTION_TX, !leg->slot);
	return take_mki(leg, record->mki);
}

/* Keys that were agreed are in the kernel; what was still to be agreed is lost. */
static int take_state(struct ksrtpd_leg *leg, const struct record *record,
		      struct ksrtpd_failure *failure)
{
	struct ksrtpd_fingerprint certificate;
	bool has_certificate, has_peer;

	if (take_fingerprint(record->certificate, &certificate, &has_certificate) ||
	    take_fingerprint(record->peer, &leg->peer, &has_peer) ||
	    ksrtpd_failure_restore(record->failure, &leg->failure) || take_keys(leg, record))
		return bad(failure, "fingerprints, failure or keys");
	leg->offerer = record->offerer;
	leg->server = record->server;
	leg->certificate_reused = record->reused;
	leg->suite = ksrtp_suite_parse(record->suite);
	leg->state = record->state;
	if (leg->state == KSRTPD_LEG_NEW || leg->state == KSRTPD_LEG_HANDSHAKING) {
		ksrtpd_fail(&leg->failure, "agent-restarted",
			    "the agent ended before the keys were agreed");
		leg->state = KSRTPD_LEG_FAILED;
	}
	if (leg->config.keying == KSRTPD_KEYING_DTLS && !has_certificate)
		return bad(failure, "DTLS without a certificate");
	if (has_certificate) {
		leg->cert = ksrtpd_cert_remember(&certificate);
		if (!leg->cert)
			return ksrtpd_fail(failure, "internal", "no memory for a leg");
	}
	return 0;
}

static const struct ksrtp_leg *find(const struct ksrtp_leg *found, unsigned int count, json_int_t id)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (found[i].id == id)
			return &found[i];
	}
	return NULL;
}

/* Under its suite: it has keys, or is plain explicitly. */
static bool is_tallied(const struct ksrtpd_leg *leg)
{
	return leg->keyed || (leg->state == KSRTPD_LEG_CONNECTED &&
			      leg->config.keying == KSRTPD_KEYING_NONE);
}

struct ksrtpd_leg *ksrtpd_leg_restore(struct event_base *base, struct ksrtpd_datapath *datapath,
				      const struct ksrtpd_config *config, const json_t *json,
				      const struct ksrtp_leg *found, unsigned int found_count,
				      struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_place places[PLACES_MAX];
	struct ksrtpd_leg_config leg_config;
	const struct ksrtp_leg *there;
	struct record record;
	struct ksrtpd_leg *leg;
	int count;

	if (unpack(json, &record)) {
		bad(failure, "it is not understood");
		return NULL;
	}
	if (take_config(&record, config, datapath, &leg_config, failure))
		return NULL;
	there = find(found, found_count, record.id);
	if (!there) {
		ksrtpd_fail(failure, datapath->ops->reason, "leg %u is gone", (unsigned int)record.id);
		return NULL;
	}
	count = take_places(record.sockets, config, places);
	if (count < 0) {
		bad(failure, "sockets");
		return NULL;
	}
	leg = ksrtpd_leg_take_back(base, datapath, &leg_config, there, places, count, failure);
	if (leg && take_state(leg, &record, failure)) {
		ksrtpd_leg_destroy(leg);
		return NULL;
	}
	if (leg)
		ksrtpd_tally_take_back(datapath, there, is_tallied(leg) ? leg->suite : KSRTPD_TALLY_KEYLESS);
	return leg;
}
