// SPDX-License-Identifier: GPL-2.0
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "dtls_bio.h"

struct datagrams {
	const uint8_t *in;	/* NULL: nothing to read */
	size_t in_len;
	ksrtpd_dtls_send send;
	void *arg;
};

/* A datagram is read once; what does not fit in @out is cut off, as recv() does. */
static int bio_read(BIO *bio, char *out, int room)
{
	struct datagrams *d = BIO_get_data(bio);
	size_t len = d->in_len < (size_t)room ? d->in_len : (size_t)room;

	BIO_clear_retry_flags(bio);
	if (!d->in) {
		BIO_set_retry_read(bio);
		return -1;
	}
	memcpy(out, d->in, len);
	d->in = NULL;
	return (int)len;
}

static int bio_write(BIO *bio, const char *data, int len)
{
	struct datagrams *d = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	d->send(d->arg, (const uint8_t *)data, len);
	return len;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	struct datagrams *d = BIO_get_data(bio);

	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_PENDING:
		return d->in ? (long)d->in_len : 0;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return KSRTPD_DTLS_MTU;
	default:
		/* Timeouts and peers are the event loop's; the overhead is not in our MTU. */
		return 0;
	}
}

static int bio_free(BIO *bio)
{
	free(BIO_get_data(bio));
	BIO_set_data(bio, NULL);
	return 1;
}

static BIO_METHOD *datagram_method;

static void make_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ksrtpd datagrams");

	if (!m)
		return;
	if (BIO_meth_set_read(m, bio_read) && BIO_meth_set_write(m, bio_write) &&
	    BIO_meth_set_ctrl(m, bio_ctrl) && BIO_meth_set_destroy(m, bio_free))
		datagram_method = m;
	else
		BIO_meth_free(m);
}

BIO *ksrtpd_dtls_bio_new(ksrtpd_dtls_send send, void *arg)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct datagrams *d;
	BIO *bio;

	pthread_once(&once, make_method);
	if (!datagram_method)
		return NULL;
	bio = BIO_new(datagram_method);
	d = calloc(1, sizeof(*d));
	if (!bio || !d) {
		free(d);
		BIO_free(bio);
		return NULL;
	}
	d->send = send;
	d->arg = arg;
	BIO_set_data(bio, d);
	BIO_set_init(bio, 1);
	return bio;
}

void ksrtpd_dtls_bio_lend(BIO *bio, const uint8_t *data, size_t len)
{
	struct datagrams *d = BIO_get_data(bio);

	d->in = data;
	d->in_len = len;
}
