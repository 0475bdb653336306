// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "hidden.h"

#define RX	KSRTP_DIRECTION_RX
#define TX	KSRTP_DIRECTION_TX
#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define GCM256	KSRTP_SUITE_AEAD_AES_256_GCM
#define CM128	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80

/* Not a constant that the compiler could fold into what is searched for. */
static volatile uint8_t mask[NEEDLE_MAX] = {
	0x5c, 0xa3, 0x1f, 0x77, 0xe2, 0x09, 0xbb, 0x46, 0x91, 0xd8, 0x2a, 0x63, 0xf4, 0x0d, 0x38, 0xce,
};

static struct needle *hide(struct hidden *h, const char *what, const char *part,
			   const uint8_t *octets, size_t len)
{
	struct needle *n = &h->needle[h->n];
	uint32_t word;
	size_t i;

	if (h->n++ == NEEDLES_MAX)
		abort();
	snprintf(n->what, sizeof(n->what), "%s of %s", part, what);
	n->len = (uint8_t)(len < NEEDLE_MAX ? len : NEEDLE_MAX);
	for (i = 0; i < n->len; i++)
		n->masked[i] = octets[i] ^ mask[i];
	memcpy(&word, octets, sizeof(word));
	word = word * 0x9e3779b1u >> 14;
	h->filter[word >> 3] |= (uint8_t)(1 << (word & 7));
	return n;
}

void hidden_add(struct hidden *h, const char *what, const uint8_t *octets, size_t len)
{
	hide(h, what, "octets", octets, len)->plain = true;
}

void hidden_show(const struct needle *n, uint8_t *out)
{
	size_t i;

	for (i = 0; i < n->len; i++)
		out[i] = n->masked[i] ^ mask[i];
}

struct needle *hidden_find(struct hidden *h, const uint8_t *p)
{
	unsigned int i, j;

	if (!hidden_may(h, p))
		return NULL;
	for (i = 0; i < h->n; i++) {
		struct needle *n = &h->needle[i];

		for (j = 0; j < n->len && (p[j] ^ mask[j]) == n->masked[j]; j++)
			;
		if (j == n->len)
			return n;
	}
	return NULL;
}

/* -- the child: installs, and forgets */

/* A key to install. */
struct order {
	const char *what;
	uint32_t leg, direction, slot, suite;
	bool same;		/* context */
	bool elements;		/* header extension elements have a key of their own */
	bool gone;		/* it will be, before anybody looks */
	int err;		/* what the module must say */
	const struct needle *again;	/* this key as the one for SRTP */
};

static void draw(struct hidden *h, const struct order *o, const char *part, uint8_t *out, size_t len)
{
	struct needle *n;

	if (!len)
		return;
	if (getrandom(out, len, 0) != (ssize_t)len)
		abort();
	n = hide(h, o->what, part, out, len);
	n->gone = o->gone;
	n->plain = !o->gone;
}

/* HMAC has its key as hashes alone; what these are made of is the key all the same. */
static void draw_auth(struct hidden *h, const struct order *o, const char *part, uint8_t *out, size_t len)
{
	static const uint8_t pads[] = { 0x36, 0x5c };
	uint8_t padded[NEEDLE_MAX];
	struct needle *n;
	size_t i, j;

	if (!len)
		return;
	draw(h, o, part, out, len);
	h->needle[h->n - 1].plain = false;
	for (i = 0; i < sizeof(pads); i++) {
		for (j = 0; j < sizeof(padded); j++)
			padded[j] = out[j] ^ pads[i];
		n = hide(h, o->what, i ? "outer pad" : "inner pad", padded, sizeof(padded));
		n->gone = o->gone;
	}
	explicit_bzero(padded, sizeof(padded));
}

/* Returns the needle of its key for SRTP. */
static const struct needle *install(struct hidden *h, const struct order *o)
{
	size_t key_len = ksrtp_suite_key_len(o->suite), salt_len = ksrtp_suite_salt_len(o->suite);
	const struct needle *first = &h->needle[h->n];
	struct ksrtp_key key = {
		.leg_id = o->leg, .direction = o->direction, .slot = o->slot, .suite = o->suite,
		.context = o->same ? KSRTP_CONTEXT_SAME : KSRTP_CONTEXT_NEW,
	};
	int err;

	if (o->again)
		hidden_show(o->again, key.srtp_key);
	else
		draw(h, o, "SRTP key", key.srtp_key, key_len);
	draw(h, o, "SRTCP key", key.srtcp_key, key_len);
	draw(h, o, "SRTP salt", key.srtp_salt, salt_len);
	draw(h, o, "SRTCP salt", key.srtcp_salt, salt_len);
	draw_auth(h, o, "SRTP auth", key.srtp_auth, ksrtp_suite_auth_len(o->suite));
	draw_auth(h, o, "SRTCP auth", key.srtcp_auth, ksrtp_suite_auth_len(o->suite));
	if (o->elements) {
		/* So many that the request is of another size than most, and its memory not soon in use. */
		for (; key.hdrext_ids_len < 240; key.hdrext_ids_len++)
			key.hdrext_ids[key.hdrext_ids_len] = (uint8_t)(key.hdrext_ids_len + 1);
		draw(h, o, "element key", key.hdrext_key, key_len);
		draw(h, o, "element salt", key.hdrext_salt, salt_len);
	}
	err = ksrtp_key_new(ksrtp, &key);
	ksrtp_key_wipe(&key);
	if (err != o->err) {
		printf("# %s: %s: %s\n", o->what, strerror(-err), ksrtp_error(ksrtp));
		fflush(stdout);
		h->failed = __LINE__;
	}
	return first;
}

static void must(struct hidden *h, int err, int line)
{
	if (err && !h->failed)
		h->failed = line;
}

#define MUST(err)	must(h, err, __LINE__)

/* The leg of a call, and where its packets come from and go to. */
struct spot {
	uint32_t id;
	struct endpoint local, remote;
};

/* With ICE: its password is as secret as a key. */
static void open_leg(struct hidden *h, uint32_t call, struct spot *s, const char *what, bool gone)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct ksrtp_leg leg = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE };
	struct sockaddr_in *remote = (struct sockaddr_in *)&leg.remote;
	static uint16_t port = 15000;
	struct needle *n;
	char pwd[33];
	int i;

	net_address(LINK_A, 4, 0, &s->local);
	net_address(LINK_A, 4, 1, &s->remote);
	s->local.port = 0;
	s->remote.port = port++;
	leg.socket = net_bind(&s->local);
	remote->sin_family = AF_INET;
	remote->sin_port = htons(s->remote.port);
	memcpy(&remote->sin_addr, s->remote.ip, 4);
	if (what) {
		if (getrandom(pwd, sizeof(pwd) - 1, 0) != sizeof(pwd) - 1)
			abort();
		for (i = 0; i < 32; i++)
			pwd[i] = letters[pwd[i] & 63];
		pwd[32] = 0;
		n = hide(h, what, "ICE password", (const uint8_t *)pwd, 32);
		n->gone = gone;
		n->plain = false;	/* as HMAC's key */
		leg.ice_ufrag = "ours";
		leg.ice_pwd = pwd;
		leg.ice_remote_ufrag = "theirs";
	}
	MUST(ksrtp_leg_new(ksrtp, &leg));
	explicit_bzero(pwd, sizeof(pwd));
	close(leg.socket);
	s->id = leg.id;
}

/* So many packets of plain RTP more, each under the transmit key of now. */
static void use(struct hidden *h, const struct spot *from, const struct spot *to, unsigned int n)
{
	/* With an element to encrypt. */
	uint8_t packet[64] = { 0x90, 96, [11] = 1, [12] = 0xbe, 0xde, 0, 1, 0x12, 1, 2, 3 };
	struct ksrtp_leg leg = { 0 };
	static uint16_t seq;
	uint64_t end, want;
	unsigned int i;

	MUST(ksrtp_leg_get(ksrtp, to->id, &leg));
	want = leg.stats.sent + n;
	for (i = 0; i < n; i++) {
		packet[3] = (uint8_t)seq++;
		MUST(net_send_roomy(-1, LINK_A, &from->remote, &from->local, packet, sizeof(packet)));
	}
	for (end = now_ms() + WAIT_MS; leg.stats.sent < want && now_ms() < end; usleep(5000))
		MUST(ksrtp_leg_get(ksrtp, to->id, &leg));
	MUST(leg.stats.sent != want);
}

/* A key that has transmitted gives way to the next one, and a receive key to nothing. */
static void lives(struct hidden *h, const struct spot *a, const struct spot *b)
{
	struct order old = { "the key before", a->id, TX, 0, GCM256, .elements = true, .gone = true };
	struct order new = { "the key of now", a->id, TX, 1, CM128, .elements = true, .same = true };
	struct order plain = { "no key", b->id, RX, 0, KSRTP_SUITE_NONE };
	struct order in = { "a receive key", a->id, RX, 0, CM128 };
	struct order in2 = { "a receive key, deleted", a->id, RX, 1, GCM128, .gone = true };
	struct ksrtp_route route = { .from = b->id, .to = a->id, .flags = RTP };

	install(h, &plain);
	install(h, &old);
	install(h, &in);
	install(h, &in2);
	MUST(ksrtp_route_new(ksrtp, &route));
	use(h, b, a, 4);
	install(h, &new);
	MUST(ksrtp_key_activate(ksrtp, a->id, 1));
	use(h, b, a, 4);
	MUST(ksrtp_key_del(ksrtp, a->id, TX, 0));
	MUST(ksrtp_key_del(ksrtp, a->id, RX, 1));
}

static void set_keyring_max(struct hidden *h, unsigned int n)
{
	FILE *f = fopen("/sys/module/ksrtp/parameters/keyring_max", "w");

	MUST(!f || fprintf(f, "%u", n) < 0 || fclose(f));
}

/* Returns the needle of a key that may not transmit again. */
static const struct needle *used_up(struct hidden *h, const struct spot *b)
{
	struct order used = { "a key, deleted", b->id, TX, 0, GCM128, .gone = true };
	const struct needle *n = install(h, &used);

	MUST(ksrtp_key_del(ksrtp, b->id, TX, 0));
	return n;
}

/* None of these gets in. */
static void refusals(struct hidden *h, const struct spot *a, const struct spot *b,
		     const struct needle *used)
{
	struct order taken = { "a key for a slot in use", a->id, TX, 1, CM128, .elements = true,
			       .gone = true, .err = -EEXIST };
	struct order alone = { "a key in context same, alone", b->id, TX, 1, GCM256, .same = true,
			       .gone = true, .err = -EINVAL };
	struct order nobody = { "a key for no leg", 0xfffffff, TX, 0, CM128, .elements = true,
				.gone = true, .err = -ENOENT };
	struct order again = { "a key with half of one used", b->id, TX, 0, CM128,
			       .elements = true, .gone = true, .err = -EKEYREJECTED, .again = used };
	struct order full = { "a key too many", b->id, TX, 0, CM128, .elements = true, .gone = true,
			      .err = -ENOSPC };
	struct ksrtp_info info;

	MUST(ksrtp_info_get(ksrtp, &info));
	/* The first halves find room. */
	set_keyring_max(h, info.keyring_used + 2);
	install(h, &full);
	set_keyring_max(h, info.keyring_max);
	install(h, &taken);
	install(h, &alone);
	install(h, &again);
	install(h, &nobody);
}

/* A call that is deleted with all that is in it. */
static void whole_call(struct hidden *h)
{
	struct ksrtp_call call = { .name = "gone", .mode = KSRTP_MODE_TRANSPORT };
	struct order in = { "a deleted call", 0, RX, 0, CM128, .elements = true, .gone = true };
	struct order out = { "a deleted call", 0, TX, 0, GCM256, .gone = true };
	struct spot s;

	MUST(ksrtp_call_new(ksrtp, &call));
	open_leg(h, call.id, &s, "a deleted call", true);
	in.leg = out.leg = s.id;
	install(h, &in);
	install(h, &out);
	MUST(ksrtp_call_del(ksrtp, call.id));
}

/* What was copied last is still in vector registers, which are memory while another process runs. */
static void forget_registers(void)
{
	static volatile uint8_t from[256], to[256];
	volatile size_t n;

	for (n = 0; n <= sizeof(to); n++)
		memcpy((void *)to, (const void *)from, n);
}

static void child(struct hidden *h, int ready)
{
	struct ksrtp_call call = { .name = "secret", .mode = KSRTP_MODE_TRANSPORT };
	const struct needle *used;
	struct spot a, b;

	MUST(ksrtp_open(&ksrtp));
	MUST(ksrtp_call_new(ksrtp, &call));
	h->call = call.id;
	open_leg(h, call.id, &a, "a call", false);
	open_leg(h, call.id, &b, NULL, false);
	if (!h->failed) {
		lives(h, &a, &b);
		whole_call(h);
		used = used_up(h, &b);
		/* Keys are freed after a grace period, by a worker. */
		usleep(1500000);
		/* Last: what a request leaves behind may soon be overwritten. */
		refusals(h, &a, &b, used);
	}
	forget_registers();
	if (h->failed)
		printf("# hidden.c:%d: %s\n", h->failed, ksrtp_error(ksrtp));
	fflush(stdout);
	if (write(ready, "", 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

struct hidden *hidden_open(pid_t *pid)
{
	struct hidden *h = mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ready[2];
	char octet;

	if (h == MAP_FAILED || pipe(ready))
		abort();
	fflush(stdout);
	*pid = fork();
	if (!*pid)
		child(h, ready[1]);
	close(ready[1]);
	CHECK(read(ready[0], &octet, 1) == 1 && !h->failed, "the child did not install what it should");
	close(ready[0]);
	return h;
}

void hidden_leave(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

void hidden_close(struct hidden *h)
{
	munmap(h, sizeof(*h));
}
