/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cryptex: CSRCs and header extensions are encrypted with the payload (RFC 9335). On the wire
 * the word that begins the extension, which stays in the clear, is between the two. So that the
 * cipher sees one run of octets, it changes places with the CSRCs and back:
 *
 *	fixed header (12) | CSRCs | word (4) | extension | payload	the wire
 *	fixed header (12) | word (4) | CSRCs | extension | payload	the cipher
 *
 * All of these want a header that ksrtp_rtp_parse() has taken.
 */
#ifndef KSRTP_CORE_CRYPTEX_H
#define KSRTP_CORE_CRYPTEX_H

/* Octets that stay in the clear, where the cipher sees them. */
#define KSRTP_CRYPTEX_CLEAR_LEN		16
/* What protection may add: an empty extension, where there are CSRCs alone. */
#define KSRTP_CRYPTEX_GROWTH		4

/* Does the packet say that its CSRCs and extension are encrypted? */
bool ksrtp_cryptex_used(const u8 *data);

/* Has it CSRCs or an extension in the clear? */
bool ksrtp_cryptex_exposes(const u8 *data);

/*
 * ksrtp_cryptex_mark - a packet is about to be protected
 * @len: its octets; there is room for KSRTP_CRYPTEX_GROWTH more
 * @hdr_len: of them header, with CSRCs and extension
 *
 * 1: it is marked, and *@len and *@hdr_len have grown where it got an empty extension;
 * 0: it has nothing to hide, or an extension of another kind than RFC 8285's, which Cryptex must
 * not touch (section 5); -EINVAL: it is marked already, in the clear, and would be misread.
 */
int ksrtp_cryptex_mark(u8 *data, u32 *len, u32 *hdr_len);
/* The reverse, once it is opened; an empty extension stays. */
void ksrtp_cryptex_unmark(u8 *data);

/* From the wire's order to the cipher's, and back. */
void ksrtp_cryptex_gather(u8 *data);
void ksrtp_cryptex_scatter(u8 *data);

#endif /* KSRTP_CORE_CRYPTEX_H */
