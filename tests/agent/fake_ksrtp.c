// SPDX-License-Identifier: GPL-2.0
/*
 * A libksrtp that records instead of talking to a kernel, to test what the agent
 * asks of it. Each call is a line of JSON appended to the file $FAKE_KSRTP_LOG. To
 * make the agent's part visible, a "session key" here is the master key itself.
 * $FAKE_KSRTP_REFUSE names a file; if that has the name of a function in it,
 * the function fails. $FAKE_KSRTP_KEYRING names one with how many keys are remembered, and
 * how many can be.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <ksrtp/ksrtp.h>

struct ksrtp {
	char error[128];
};

static uint32_t last_id;

__attribute__((format(printf, 1, 2)))
static void record(const char *format, ...)
{
	const char *path = getenv("FAKE_KSRTP_LOG");
	FILE *file = path ? fopen(path, "a") : NULL;
	va_list args;

	if (!file)
		return;
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fputc('\n', file);
	fclose(file);
}

static int refuse(struct ksrtp *handle, const char *name)
{
	const char *path = getenv("FAKE_KSRTP_REFUSE");
	char wanted[64] = "";
	FILE *file = path ? fopen(path, "r") : NULL;

	if (!file)
		return 0;
	if (fscanf(file, "%63s", wanted) != 1)
		wanted[0] = '\0';
	fclose(file);
	if (strcmp(name, wanted))
		return 0;
	snprintf(handle->error, sizeof(handle->error), "%s was told to refuse", name);
	return -EPERM;
}

int ksrtp_open(struct ksrtp **handle)
{
	*handle = calloc(1, sizeof(**handle));
	return *handle ? 0 : -ENOMEM;
}

void ksrtp_close(struct ksrtp *handle)
{
	free(handle);
}

const char *ksrtp_error(const struct ksrtp *handle)
{
	return handle->error;
}

int ksrtp_info_get(struct ksrtp *handle, struct ksrtp_info *info)
{
	const char *path = getenv("FAKE_KSRTP_KEYRING");
	FILE *file = path ? fopen(path, "r") : NULL;

	(void)handle;
	memset(info, 0, sizeof(*info));
	info->keyring_max = 1000;
	if (file && fscanf(file, "%u %u", &info->keyring_used, &info->keyring_max) != 2)
		info->keyring_max = 0;
	if (file)
		fclose(file);
	return 0;
}

int ksrtp_call_new(struct ksrtp *handle, struct ksrtp_call *call)
{
	if (refuse(handle, "call_new"))
		return -EPERM;
	call->id = ++last_id;
	record("{\"do\": \"call_new\", \"id\": %u, \"name\": \"%s\", \"mode\": \"%s\", \"owner\": %u, "
	       "\"lease\": %u}", call->id, call->name, ksrtp_mode_name(call->mode), call->owner,
	       call->lease);
	return 0;
}

int ksrtp_call_del(struct ksrtp *handle, uint32_t id)
{
	(void)handle;
	record("{\"do\": \"call_del\", \"id\": %u}", id);
	return 0;
}

int ksrtp_owner_alive(struct ksrtp *handle, uint32_t owner)
{
	(void)handle;
	record("{\"do\": \"owner_alive\", \"owner\": %u}", owner);
	return 0;
}

static const char *address(const struct sockaddr_storage *addr, char *text, size_t len)
{
	char host[INET6_ADDRSTRLEN] = "";

	if (addr->ss_family == AF_INET) {
		const struct sockaddr_in *four = (const void *)addr;

		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		snprintf(text, len, "%s:%u", host, ntohs(four->sin_port));
	} else if (addr->ss_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const void *)addr;

		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		snprintf(text, len, "[%s]:%u", host, ntohs(six->sin6_port));
	} else {
		snprintf(text, len, "none");
	}
	return text;
}

int ksrtp_leg_new(struct ksrtp *handle, struct ksrtp_leg *leg)
{
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);
	char ours[64], theirs[64];

	if (refuse(handle, "leg_new"))
		return -EPERM;
	if (getsockname(leg->socket, (struct sockaddr *)&local, &len))
		return -errno;
	leg->id = ++last_id;
	record("{\"do\": \"leg_new\", \"id\": %u, \"call\": %u, \"local\": \"%s\", \"remote\": \"%s\", "
	       "\"rtcp_of\": %u}", leg->id, leg->call_id, address(&local, ours, sizeof(ours)),
	       address(&leg->remote, theirs, sizeof(theirs)), leg->rtcp_of);
	return 0;
}

int ksrtp_leg_set(struct ksrtp *handle, const struct ksrtp_leg *leg, unsigned int what)
{
	char ours[64], theirs[64];

	if (refuse(handle, "leg_set"))
		return -EPERM;
	if (what & KSRTP_LEG_SET_SOCKET) {
		struct sockaddr_storage local;
		socklen_t len = sizeof(local);

		if (refuse(handle, "leg_set_socket"))
			return -EPERM;
		if (getsockname(leg->socket, (struct sockaddr *)&local, &len))
			return -errno;
		record("{\"do\": \"leg_move\", \"id\": %u, \"what\": %u, \"local\": \"%s\", "
		       "\"remote\": \"%s\"}", leg->id, what, address(&local, ours, sizeof(ours)),
		       address(&leg->remote, theirs, sizeof(theirs)));
		return 0;
	}
	if (what == KSRTP_LEG_SET_ICE) {
		record("{\"do\": \"leg_ice\", \"id\": %u, \"ufrag\": \"%s\", \"pwd\": \"%s\", "
		       "\"remote_ufrag\": \"%s\"}", leg->id, leg->ice_ufrag, leg->ice_pwd,
		       leg->ice_remote_ufrag);
		return 0;
	}
	record("{\"do\": \"leg_set\", \"id\": %u, \"what\": %u, \"remote\": \"%s\"}", leg->id, what,
	       address(&leg->remote, theirs, sizeof(theirs)));
	return 0;
}

int ksrtp_leg_del(struct ksrtp *handle, uint32_t id)
{
	(void)handle;
	record("{\"do\": \"leg_del\", \"id\": %u}", id);
	return 0;
}

int ksrtp_route_new(struct ksrtp *handle, struct ksrtp_route *route)
{
	if (refuse(handle, "route_new"))
		return -EPERM;
	route->id = ++last_id;
	record("{\"do\": \"route_new\", \"id\": %u, \"from\": %u, \"to\": %u, \"flags\": %u}", route->id,
	       route->from, route->to, route->flags);
	return 0;
}

size_t ksrtp_suite_key_len(uint32_t suite)
{
	switch (suite) {
	case KSRTP_SUITE_NONE:
		return 0;
	case KSRTP_SUITE_AEAD_AES_256_GCM:
	case KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80:
	case KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32:
		return 32;
	default:
		return 16;
	}
}

size_t ksrtp_suite_salt_len(uint32_t suite)
{
	if (!ksrtp_suite_key_len(suite))
		return 0;
	return suite <= KSRTP_SUITE_AEAD_AES_256_GCM ? KSRTP_GCM_SALT_LEN : KSRTP_CM_SALT_LEN;
}

int ksrtp_key_derive(struct ksrtp_key *key, uint32_t suite, const uint8_t *master_key,
		     const uint8_t *master_salt)
{
	memset(key, 0, sizeof(*key));
	key->suite = suite;
	memcpy(key->srtp_key, master_key, ksrtp_suite_key_len(suite));
	memcpy(key->srtp_salt, master_salt, ksrtp_suite_salt_len(suite));
	memcpy(key->srtcp_key, master_key, ksrtp_suite_key_len(suite));
	memcpy(key->srtcp_salt, master_salt, ksrtp_suite_salt_len(suite));
	return 0;
}

void ksrtp_key_wipe(struct ksrtp_key *key)
{
	explicit_bzero(key, sizeof(*key));
}

static const char *hex(const uint8_t *octets, size_t len, char *text)
{
	size_t i;

	text[0] = '\0';
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", octets[i]);
	return text;
}

int ksrtp_key_new(struct ksrtp *handle, const struct ksrtp_key *key)
{
	char octets[65], salt[65], rtcp[65], rtcp_salt[65];

	if (refuse(handle, key->direction == KSRTP_DIRECTION_RX ? "key_new_rx" : "key_new_tx"))
		return -EPERM;
	record("{\"do\": \"key_new\", \"leg\": %u, \"direction\": \"%s\", \"slot\": %u, \"suite\": \"%s\", "
	       "\"context\": %u, \"key\": \"%s\", \"salt\": \"%s\", \"rtcp_key\": \"%s\", "
	       "\"rtcp_salt\": \"%s\", \"cryptex\": %u}", key->leg_id,
	       key->direction == KSRTP_DIRECTION_RX ? "rx" : "tx", key->slot,
	       ksrtp_suite_name(key->suite), key->context,
	       hex(key->srtp_key, ksrtp_suite_key_len(key->suite), octets),
	       hex(key->srtp_salt, ksrtp_suite_salt_len(key->suite), salt),
	       hex(key->srtcp_key, ksrtp_suite_key_len(key->suite), rtcp),
	       hex(key->srtcp_salt, ksrtp_suite_salt_len(key->suite), rtcp_salt), key->cryptex);
	return 0;
}

int ksrtp_key_activate(struct ksrtp *handle, uint32_t leg_id, uint32_t slot)
{
	(void)handle;
	record("{\"do\": \"key_activate\", \"leg\": %u, \"slot\": %u}", leg_id, slot);
	return 0;
}

int ksrtp_key_del(struct ksrtp *handle, uint32_t leg_id, uint32_t direction, uint32_t slot)
{
	(void)handle;
	record("{\"do\": \"key_del\", \"leg\": %u, \"direction\": %u, \"slot\": %u}", leg_id,
	       direction, slot);
	return 0;
}

int ksrtp_route_set(struct ksrtp *handle, uint32_t id, uint32_t flags)
{
	(void)handle;
	record("{\"do\": \"route_set\", \"id\": %u, \"flags\": %u}", id, flags);
	return 0;
}

int ksrtp_events_open(struct ksrtp **handle)
{
	(void)handle;
	return -EOPNOTSUPP;
}

int ksrtp_events_fd(const struct ksrtp *handle)
{
	(void)handle;
	return -1;
}

int ksrtp_events_read(struct ksrtp *handle, ksrtp_event_cb cb, void *arg)
{
	(void)handle;
	(void)cb;
	(void)arg;
	return -EOPNOTSUPP;
}

/* -- what outlives the agent: the record is read back. Sockets are bound again, for they
 * died with the process that had them.
 */
struct living {
	uint32_t id, call, owner;
	char name[KSRTP_NAME_MAX + 1], local[64], remote[64];
	bool leg;
};

struct world {
	struct living list[256];
	unsigned int count;
};

static void gone(struct world *world, uint32_t id)
{
	unsigned int i = 0;

	while (i < world->count) {
		if (world->list[i].id == id || (world->list[i].leg && world->list[i].call == id))
			world->list[i] = world->list[--world->count];
		else
			i++;
	}
}

static void take_line(struct world *world, const char *line)
{
	struct living one = { .id = 0 }, *known;
	unsigned int id;

	if (sscanf(line, "{\"do\": \"call_new\", \"id\": %u, \"name\": \"%63[^\"]\", \"mode\": \"%*[^\"]\","
		   " \"owner\": %u", &one.id, one.name, &one.owner) == 3) {
		world->list[world->count++] = one;
	} else if (sscanf(line, "{\"do\": \"leg_new\", \"id\": %u, \"call\": %u, \"local\": \"%63[^\"]\","
			  " \"remote\": \"%63[^\"]\"", &one.id, &one.call, one.local, one.remote) == 4) {
		one.leg = true;
		world->list[world->count++] = one;
	} else if (sscanf(line, "{\"do\": \"leg_set\", \"id\": %u, \"what\": 1, \"remote\": \"%63[^\"]\"", &id,
			  one.remote) == 2) {
		for (known = world->list; known < world->list + world->count; known++) {
			if (known->id == id)
				strcpy(known->remote, one.remote);
		}
	} else if (sscanf(line, "{\"do\": \"leg_move\", \"id\": %u, \"what\": %*u, \"local\": \"%63[^\"]\","
			  " \"remote\": \"%63[^\"]\"", &id, one.local, one.remote) == 3) {
		for (known = world->list; known < world->list + world->count; known++) {
			if (known->id != id)
				continue;
			strcpy(known->local, one.local);
			strcpy(known->remote, one.remote);
		}
	} else if (sscanf(line, "{\"do\": \"call_del\", \"id\": %u", &id) == 1 ||
		   sscanf(line, "{\"do\": \"leg_del\", \"id\": %u", &id) == 1) {
		gone(world, id);
	}
}

/* The next id too, as a kernel goes on counting. */
static void read_world(struct world *world)
{
	const char *path = getenv("FAKE_KSRTP_LOG");
	FILE *file = path ? fopen(path, "r") : NULL;
	char line[1024];
	unsigned int id;

	memset(world, 0, sizeof(*world));
	while (file && fgets(line, sizeof(line), file) && world->count < 256) {
		const char *at = strstr(line, "\"id\": ");

		take_line(world, line);
		if (at && sscanf(at, "\"id\": %u", &id) == 1 && id > last_id)
			last_id = id;
	}
	if (file)
		fclose(file);
}

static void parse_address(const char *text, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *six = (void *)addr;
	struct sockaddr_in *four = (void *)addr;
	char host[64];
	unsigned int port;

	memset(addr, 0, sizeof(*addr));
	if (sscanf(text, "[%63[^]]]:%u", host, &port) == 2) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		inet_pton(AF_INET6, host, &six->sin6_addr);
	} else if (sscanf(text, "%63[^:]:%u", host, &port) == 2) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		inet_pton(AF_INET, host, &four->sin_addr);
	}
}

int ksrtp_call_dump(struct ksrtp *handle, ksrtp_call_cb cb, ksrtp_restart_cb restart, void *arg)
{
	struct world world;
	unsigned int i;

	if (refuse(handle, "call_dump"))
		return -EPERM;
	restart(arg);
	read_world(&world);
	for (i = 0; i < world.count; i++) {
		struct ksrtp_call call = { .id = world.list[i].id, .owner = world.list[i].owner };

		strcpy(call.name, world.list[i].name);
		if (!world.list[i].leg && cb(&call, arg))
			return -ENOMEM;
	}
	return 0;
}

int ksrtp_leg_dump(struct ksrtp *handle, uint32_t only, ksrtp_leg_cb cb, ksrtp_restart_cb restart,
		   void *arg)
{
	struct world world;
	unsigned int i;

	(void)handle;
	restart(arg);
	read_world(&world);
	for (i = 0; i < world.count; i++) {
		struct ksrtp_leg leg = { .id = world.list[i].id, .call_id = world.list[i].call };

		parse_address(world.list[i].local, &leg.local);
		parse_address(world.list[i].remote, &leg.remote);
		if (world.list[i].leg && leg.call_id == only && cb(&leg, arg))
			return -ENOMEM;
	}
	return 0;
}

int ksrtp_leg_socket(struct ksrtp *handle, uint32_t id)
{
	struct sockaddr_storage local;
	struct world world;
	unsigned int i;
	int fd = -1;

	if (refuse(handle, "leg_socket"))
		return -EPERM;
	read_world(&world);
	for (i = 0; i < world.count && world.list[i].id != id; i++)
		;
	if (i == world.count)
		return -ENOENT;
	parse_address(world.list[i].local, &local);
	fd = socket(local.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof(local)))
		return -errno;
	return fd;
}

/* -- what there is now, from the record as well */

static FILE *read_record(void)
{
	const char *path = getenv("FAKE_KSRTP_LOG");

	return path ? fopen(path, "r") : NULL;
}

static int mode_of(const char *name)
{
	int mode;

	for (mode = KSRTP_MODE_MAX; mode >= 0 && strcmp(ksrtp_mode_name(mode), name); mode--)
		;
	return mode;
}

int ksrtp_call_get(struct ksrtp *handle, uint32_t id, struct ksrtp_call *call)
{
	char line[1024], name[KSRTP_NAME_MAX + 1], mode[16];
	FILE *file = read_record();
	unsigned int got;

	memset(call, 0, sizeof(*call));
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "{\"do\": \"call_new\", \"id\": %u, \"name\": \"%63[^\"]\", \"mode\": \"%15[^\"]\"",
			   &got, name, mode) == 3 && got == id) {
			call->id = id;
			call->mode = mode_of(mode);
			strcpy(call->name, name);
		} else if (sscanf(line, "{\"do\": \"call_del\", \"id\": %u", &got) == 1 && got == id) {
			call->id = 0;
		}
	}
	if (file)
		fclose(file);
	return refuse(handle, "call_get") || !call->id ? -ENOENT : 0;
}

int ksrtp_leg_get(struct ksrtp *handle, uint32_t id, struct ksrtp_leg *leg)
{
	struct world world;
	unsigned int i;

	(void)handle;
	memset(leg, 0, sizeof(*leg));
	leg->id = id;
	read_world(&world);
	for (i = 0; i < world.count; i++) {
		if (!world.list[i].leg || world.list[i].id != id)
			continue;
		leg->call_id = world.list[i].call;
		parse_address(world.list[i].remote, &leg->remote);
	}
	return 0;
}

/* The first transmit key is active at once, later ones when they are told to be. */
static void take_key(struct ksrtp_key keys[2][2], bool there[2][2], uint32_t leg, const char *line)
{
	unsigned int id, slot, direction;
	char way[4], suite[64];

	if (sscanf(line, "{\"do\": \"key_new\", \"leg\": %u, \"direction\": \"%3[^\"]\", \"slot\": %u,"
		   " \"suite\": \"%63[^\"]\"", &id, way, &slot, suite) == 4 && id == leg && slot < 2) {
		direction = strcmp(way, "rx") ? KSRTP_DIRECTION_TX : KSRTP_DIRECTION_RX;
		keys[direction][slot] = (struct ksrtp_key){ .leg_id = leg, .direction = direction,
			.slot = slot, .suite = ksrtp_suite_parse(suite),
			.active = !there[direction][!slot] };
		there[direction][slot] = true;
	} else if (sscanf(line, "{\"do\": \"key_activate\", \"leg\": %u, \"slot\": %u", &id, &slot) == 2 &&
		   id == leg && slot < 2) {
		keys[KSRTP_DIRECTION_TX][slot].active = true;
		keys[KSRTP_DIRECTION_TX][!slot].active = false;
	} else if (sscanf(line, "{\"do\": \"key_del\", \"leg\": %u, \"direction\": %u, \"slot\": %u", &id,
			  &direction, &slot) == 3 && id == leg && direction < 2 && slot < 2) {
		there[direction][slot] = false;
	}
}

int ksrtp_key_dump(struct ksrtp *handle, uint32_t only, ksrtp_key_cb cb, ksrtp_restart_cb restart,
		   void *arg)
{
	struct ksrtp_key keys[2][2] = { 0 };
	bool there[2][2] = { 0 };
	FILE *file = read_record();
	char line[1024];
	unsigned int i;

	restart(arg);
	while (file && fgets(line, sizeof(line), file))
		take_key(keys, there, only, line);
	if (file)
		fclose(file);
	if (refuse(handle, "key_dump"))
		return -EPERM;
	for (i = 0; i < 4; i++) {
		if (there[i / 2][i % 2] && cb(&keys[i / 2][i % 2], arg))
			return -ENOMEM;
	}
	return 0;
}

/*
 * What the file FAKE_KSRTP_STREAMS says, a stream a line:
 *
 *	LEG rx SSRC PACKETS LOST
 *	LEG tx SSRC PACKETS PT REPORTS FRACTION LOST JITTER RTT-US
 *
 * PT below 0: none, REPORTS 0: none, RTT-US below 0: none.
 */
static bool take_stream(const char *line, struct ksrtp_stream *s)
{
	int pt, rtt;

	memset(s, 0, sizeof(*s));
	if (sscanf(line, "%u rx %x %lu %lu", &s->leg_id, &s->ssrc, &s->packets, &s->lost) == 4) {
		s->out = s->ssrc;
		s->has_lost = true;
		return true;
	}
	if (sscanf(line, "%u tx %x %lu %d %u %hhu %d %u %d", &s->leg_id, &s->ssrc, &s->packets, &pt,
		   &s->reports, &s->report_fraction, &s->report_lost, &s->report_jitter, &rtt) != 9)
		return false;
	s->direction = KSRTP_DIRECTION_TX;
	s->out = s->ssrc;
	s->has_pt = pt >= 0;
	s->pt = s->has_pt ? (uint8_t)pt : 0;
	s->has_report = s->reports;
	s->report_age_ms = 1500;
	s->has_rtt = rtt >= 0;
	s->rtt_us = s->has_rtt ? (uint32_t)rtt : 0;
	s->rtt_age_ms = 2500;
	return true;
}

int ksrtp_stream_dump(struct ksrtp *handle, uint32_t only, ksrtp_stream_cb cb,
		      ksrtp_restart_cb restart, void *arg)
{
	const char *path = getenv("FAKE_KSRTP_STREAMS");
	FILE *file = path ? fopen(path, "r") : NULL;
	struct ksrtp_stream stream;
	char line[256];
	int err = 0;

	if (restart)
		restart(arg);
	if (refuse(handle, "stream_dump")) {
		err = -EPERM;
	} else {
		while (file && !err && fgets(line, sizeof(line), file))
			if (take_stream(line, &stream) && (!only || stream.leg_id == only))
				err = cb(&stream, arg);
	}
	if (file)
		fclose(file);
	return err;
}
