// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <srtp2/srtp.h>

#include "point.h"
#include "stun_peer.h"
#include "tap.h"

struct event_base *point_base;

void point_open(struct point *p, const char *host)
{
	socklen_t len = sizeof(p->addr);

	memset(p, 0, sizeof(*p));
	ksrtpd_addr_parse(host, 0, &p->addr);
	p->fd = socket(p->addr.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CHECK(p->fd >= 0 && !bind(p->fd, (struct sockaddr *)&p->addr, ksrtpd_addr_len(&p->addr)) &&
	      !getsockname(p->fd, (struct sockaddr *)&p->addr, &len), "socket");
}

void point_send(struct point *p, const struct sockaddr_storage *to, const void *data, size_t len)
{
	CHECK(sendto(p->fd, data, len, 0, (const struct sockaddr *)to, ksrtpd_addr_len(to)) ==
	      (ssize_t)len, "send");
}

uint64_t point_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool point_wait(struct point *p, unsigned int ms)
{
	uint64_t limit = point_ms() + ms;

	do {
		socklen_t len = sizeof(p->from);

		event_base_loop(point_base, EVLOOP_NONBLOCK);
		p->len = recvfrom(p->fd, p->data, sizeof(p->data), 0, (struct sockaddr *)&p->from, &len);
		if (p->len >= 0)
			return true;
		poll(NULL, 0, 2);
	} while (point_ms() < limit);
	return false;
}

bool point_takes(struct point *p)
{
	return point_wait(p, PATIENCE * 1000);
}

int point_check(struct point *p, const struct ksrtpd_leg *leg, const struct sockaddr_storage *to,
		const char *password, bool nominate)
{
	struct check_options o = { .local = leg->ice->ufrag, .remote = "peer",
				   .password = password, .nominate = nominate };
	struct check c;

	check_make(&c, &o);
	point_send(p, to, c.octets, c.len);
	return point_takes(p) ? answer_code(p->data, (size_t)p->len, &c) : -1;
}

const uint8_t speech[SPEECH_LEN] = {
	0x80, 0x00, 0x12, 0x34, 0x00, 0x00, 0x00, 0x01, 0xca, 0xfe, 0xba, 0xbe, 's', 'p', 'e', 'e', 'c', 'h',
};

static void number(uint8_t packet[SPEECH_LEN], uint16_t seq)
{
	memcpy(packet, speech, SPEECH_LEN);
	packet[2] = (uint8_t)(seq >> 8);
	packet[3] = (uint8_t)seq;
}

/* libsrtp2 with this key; @type says which way. */
static srtp_t session_of(uint32_t suite, const uint8_t *key, const uint8_t *salt, srtp_ssrc_type_t type)
{
	srtp_t session = NULL;
	srtp_policy_t policy;
	uint8_t master[46];

	memset(&policy, 0, sizeof(policy));
	if (suite == KSRTP_SUITE_AEAD_AES_128_GCM) {
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
	} else {
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
	}
	memcpy(master, key, 16);
	memcpy(master + 16, salt, 14);
	policy.ssrc.type = type;
	policy.key = master;
	CHECK(!srtp_create(&session, &policy), "libsrtp2");
	return session;
}

void point_speak(struct point *p, const struct sockaddr_storage *to, uint32_t suite,
		 const uint8_t *key, const uint8_t *salt, uint16_t seq)
{
	uint8_t packet[200];
	srtp_t session;
	int len = SPEECH_LEN;

	number(packet, seq);
	if (suite != KSRTP_SUITE_NONE) {
		session = session_of(suite, key, salt, ssrc_any_outbound);
		CHECK(!srtp_protect(session, packet, &len), "libsrtp2");
		srtp_dealloc(session);
	}
	point_send(p, to, packet, (size_t)len);
}

bool point_opens(const struct point *p, uint32_t suite, const uint8_t *key, const uint8_t *salt,
		 uint16_t seq)
{
	srtp_t session = session_of(suite, key, salt, ssrc_any_inbound);
	struct point open = *p;
	int len = (int)p->len;

	if (srtp_unprotect(session, open.data, &len))
		len = 0;
	srtp_dealloc(session);
	open.len = len;
	return point_heard(&open, seq);
}

bool point_heard(const struct point *p, uint16_t seq)
{
	uint8_t wanted[SPEECH_LEN];

	number(wanted, seq);
	return p->len == SPEECH_LEN && !memcmp(p->data, wanted, SPEECH_LEN);
}
