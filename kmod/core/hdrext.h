/* SPDX-License-Identifier: GPL-2.0 */
/* The elements of an RTP header extension, one- and two-byte form (RFC 8285, section 4). */
#ifndef KSRTP_CORE_HDREXT_H
#define KSRTP_CORE_HDREXT_H

/* One element; zeroed before the first call. */
struct ksrtp_hdrext_element {
	u8	id;	/* 1 to 14, or 1 to 255 in the two-byte form */
	u8	len;	/* octets of its data; 0 only in the two-byte form */
	u32	at;	/* its first octet, from that of the extension: the one behind the length */
};

/*
 * ksrtp_hdrext_begin - the extension of a packet
 * @data: a header that ksrtp_rtp_parse() has taken
 * @len: set to the octets behind the extension's length
 *
 * NULL: it has none, or one of another kind, whose octets mean what its profile says.
 */
u8 *ksrtp_hdrext_begin(u8 *data, u32 *len);

/*
 * ksrtp_hdrext_next - the element behind *@e
 * @ext, @len: as ksrtp_hdrext_begin() found them
 *
 * 1: *@e is the next one; 0: there is none, be it that the rest is padding or that an identifier
 * says so (0 with a length, or 15, in the one-byte form); -EINVAL: it is longer than the extension.
 */
int ksrtp_hdrext_next(const u8 *ext, u32 len, struct ksrtp_hdrext_element *e);

/* Are all its elements whole, as far as they are looked at? True of a packet without. */
bool ksrtp_hdrext_ok(const u8 *data);

#endif /* KSRTP_CORE_HDREXT_H */
