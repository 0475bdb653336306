/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A memory BIO that keeps datagrams apart, which OpenSSL's own does not (and its
 * BIO_s_dgram_mem came only after 3.0). One datagram at a time is lent for reading;
 * every write is one datagram to send.
 */
#ifndef KSRTPD_DTLS_BIO_H
#define KSRTPD_DTLS_BIO_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/bio.h>

#define KSRTPD_DTLS_MTU	1200	/* octets of a DTLS datagram; fits in any IPv6 path */

typedef void (*ksrtpd_dtls_send)(void *arg, const uint8_t *data, size_t len);

BIO *ksrtpd_dtls_bio_new(ksrtpd_dtls_send send, void *arg);
/* Lends one datagram to the next read; NULL takes it back. */
void ksrtpd_dtls_bio_lend(BIO *bio, const uint8_t *data, size_t len);

#endif /* KSRTPD_DTLS_BIO_H */
