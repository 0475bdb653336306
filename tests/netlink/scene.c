// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a call with everything that a person can look at, says what it made as one line
 * of JSON, and deletes it when its stdin ends. For ctl_kernel.py.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>

#include "raw.h"

static struct ksrtp *handle;

static void want(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "scene: %s: %s\n", what, ksrtp_error(handle));
	exit(1);
}

static uint32_t make_leg(struct ksrtp_leg leg, const char *addr, uint16_t port)
{
	leg.socket = bound_udp(addr, port);
	want(ksrtp_leg_new(handle, &leg), "leg");
	close(leg.socket);
	return leg.id;
}

static void make_key(uint32_t leg, uint32_t direction, uint32_t slot, uint32_t suite,
		     const char *srtp, const char *srtcp)
{
	struct ksrtp_key key = {
		.leg_id = leg, .direction = direction, .slot = slot, .suite = suite,
	};

	if (direction == KSRTP_DIRECTION_RX)
		key.cryptex = KSRTP_CRYPTEX_REQUIRED;
	if (direction == KSRTP_DIRECTION_TX && slot) {
		key.hdrext_ids_len = 3;
		memcpy(key.hdrext_ids, "\xc8\x03\xc8", 3);
		memcpy(key.hdrext_key, "KEY-HDR-EXTS-IS-OF-32-OCTETS----", 32);
		memcpy(key.hdrext_salt, "SALT-SALT-TH", 12);
	}

	memcpy(key.srtp_key, srtp, ksrtp_suite_key_len(suite));
	memcpy(key.srtcp_key, srtcp, ksrtp_suite_key_len(suite));
	memcpy(key.srtp_salt, "SALT-SALT-ON", 12);
	memcpy(key.srtcp_salt, "SALT-SALT-TW", 12);
	want(ksrtp_key_new(handle, &key), "key");
	ksrtp_key_wipe(&key);
}

int main(void)
{
	struct ksrtp_call call = { .name = "scene", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_leg leg = {
		.state = KSRTP_LEG_STATE_ACTIVE, .dscp = 46, .window = 512, .streams_max = 9,
		.flags = KSRTP_LEG_F_LEARN | KSRTP_LEG_F_NO_FRAG,
	};
	struct sockaddr_in *remote = (struct sockaddr_in *)&leg.remote;
	struct ksrtp_call sealed = { .name = "sealed", .mode = KSRTP_MODE_E2EE };
	struct ksrtp_route route;
	uint32_t legs[3];

	if (ksrtp_open(&handle)) {
		fprintf(stderr, "scene: %s\n", ksrtp_error(NULL));
		return 1;
	}
	want(ksrtp_call_new(handle, &call), "call");
	leg.call_id = call.id;
	remote->sin_family = AF_INET;
	remote->sin_port = htons(7400);
	remote->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	legs[0] = make_leg(leg, "127.0.0.1", 7300);
	legs[1] = make_leg((struct ksrtp_leg){ .call_id = call.id, .rtcp_of = legs[0] }, "::1", 7301);
	want(ksrtp_call_new(handle, &sealed), "call");
	legs[2] = make_leg((struct ksrtp_leg){
		.call_id = sealed.id, .rate = 1500000, .ice_ufrag = "UFRAG1",
		.ice_pwd = "PASSWORDOFICEISWRITEONLY", .ice_remote_ufrag = "UFRAG2",
	}, "127.0.0.1", 7302);
	make_key(legs[0], KSRTP_DIRECTION_TX, 0, KSRTP_SUITE_AEAD_AES_128_GCM,
		 "KEY-ONE-SRTP-16-", "KEY-ONE-SRTCP-16");
	make_key(legs[0], KSRTP_DIRECTION_TX, 1, KSRTP_SUITE_AEAD_AES_256_GCM,
		 "KEY-TWO-SRTP-IS-OF-32-OCTETS----", "KEY-TWO-SRTCP-IS-OF-32-OCTETS---");
	make_key(legs[0], KSRTP_DIRECTION_RX, 0, KSRTP_SUITE_AEAD_AES_256_GCM,
		 "KEY-RX--SRTP-IS-OF-32-OCTETS----", "KEY-RX--SRTCP-IS-OF-32-OCTETS---");
	route = (struct ksrtp_route){ .from = legs[0], .to = legs[1],
				      .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP };
	want(ksrtp_route_new(handle, &route), "route");
	route = (struct ksrtp_route){ .from = legs[1], .to = legs[0], .flags = KSRTP_ROUTE_F_RTCP };
	want(ksrtp_route_new(handle, &route), "route");
	printf("{\"calls\": [%u, %u], \"legs\": [%u, %u, %u], \"secrets\": [\"KEY-ONE-\", \"KEY-TWO-\", \"KEY-RX--\", \"KEY-HDR-\", "
	       "\"SALT-SAL\", \"PASSWORD\"]}\n",
	       call.id, sealed.id, legs[0], legs[1], legs[2]);
	fflush(stdout);
	while (getchar() != EOF)
		;
	want(ksrtp_call_del(handle, call.id), "deletion");
	want(ksrtp_call_del(handle, sealed.id), "deletion");
	ksrtp_close(handle);
	return 0;
}
