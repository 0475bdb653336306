// SPDX-License-Identifier: GPL-2.0
/* First octets: RFC 7983, section 7, and RFC 5761, section 4. */
#include <ksrtp/wire.h>
#include "tap.h"
#include "core.h"

/* RFC 7983, figure 3, with what lies between. */
static const struct row {
	unsigned int from, to;
	enum ksrtp_proto proto;
} rows[] = {
	{ 0, 3, KSRTP_PROTO_STUN },
	{ 4, 15, KSRTP_PROTO_OTHER },
	{ 16, 19, KSRTP_PROTO_OTHER },	/* ZRTP */
	{ 20, 63, KSRTP_PROTO_DTLS },
	{ 64, 79, KSRTP_PROTO_TURN },
	{ 80, 127, KSRTP_PROTO_OTHER },	/* QUIC, RFC 9443 */
	{ 128, 191, KSRTP_PROTO_MEDIA },
	{ 192, 255, KSRTP_PROTO_OTHER },
};

void test_wire(void)
{
	unsigned int i, octet = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(rows[i].from == octet, "row %u leaves a gap", i);
		for (; octet <= rows[i].to; octet++) {
			enum ksrtp_proto proto = ksrtp_demux((u8)octet);

			CHECK(proto == rows[i].proto, "octet %u: %d, not %d", octet, proto,
			      rows[i].proto);
		}
	}
	CHECK(octet == 256, "the table ends at %u", octet);
	tap_end("D3", "wire: the first octet's 256 values");

	/* Also RTP payload types 64 to 95 with the marker bit: they are RTCP. */
	for (octet = 0; octet < 256; octet++)
		CHECK(!!ksrtp_is_rtcp((u8)octet) == (octet >= 192 && octet <= 223), "octet %u", octet);
	CHECK(ksrtp_is_rtcp(0x80 | 64) && ksrtp_is_rtcp(0x80 | 95), "payload types 64 to 95");
	CHECK(!ksrtp_is_rtcp(0x80 | 63) && !ksrtp_is_rtcp(0x80 | 96), "their neighbours");
	tap_end("D3", "wire: the second octet's 256 values, RTP or RTCP");
}
