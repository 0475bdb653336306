// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "crl.h"
#include "log.h"

#define KEPT		64			/* lists in memory */
#define PER_ISSUER	16			/* files of one issuer that are looked at */
#define FILE_MAX	(8 * 1024 * 1024)	/* octets */

struct kept {
	char name[32];		/* of the file; "": free */
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
	X509_CRL *crl;		/* NULL: the file holds none */
};

struct ksrtpd_crls {
	char *folder;
	unsigned int next;	/* to be replaced */
	struct kept kept[KEPT];
};

struct ksrtpd_crls *ksrtpd_crls_create(const char *folder)
{
	struct ksrtpd_crls *crls = calloc(1, sizeof(*crls));

	if (!crls)
		return NULL;
	crls->folder = strdup(folder);
	if (!crls->folder) {
		free(crls);
		return NULL;
	}
	return crls;
}

void ksrtpd_crls_destroy(struct ksrtpd_crls *crls)
{
	unsigned int i;

	if (!crls)
		return;
	for (i = 0; i < KEPT; i++)
		X509_CRL_free(crls->kept[i].crl);
	free(crls->folder);
	free(crls);
}

static X509_CRL *read_crl(const char *path)
{
	BIO *bio = BIO_new_file(path, "rb");
	X509_CRL *crl = NULL;

	if (bio)
		crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	if (bio && !crl && !BIO_reset(bio))
		crl = d2i_X509_CRL_bio(bio, NULL);
	BIO_free(bio);
	ERR_clear_error();
	/* One that never ends could not be told from one that was forgotten. */
	if (crl && !X509_CRL_get0_nextUpdate(crl)) {
		ksrtpd_warning("api: %s says not until when it is good: not used", path);
		X509_CRL_free(crl);
		crl = NULL;
	}
	return crl;
}

static bool unchanged(const struct kept *kept, const struct stat *st)
{
	return kept->dev == st->st_dev && kept->ino == st->st_ino && kept->size == st->st_size &&
	       kept->changed.tv_sec == st->st_ctim.tv_sec &&
	       kept->changed.tv_nsec == st->st_ctim.tv_nsec;
}

static struct kept *slot_of(struct ksrtpd_crls *crls, const char *name)
{
	unsigned int i;

	for (i = 0; i < KEPT; i++) {
		if (!strcmp(crls->kept[i].name, name))
			return &crls->kept[i];
	}
	return &crls->kept[crls->next++ % KEPT];
}

static X509_CRL *load(struct ksrtpd_crls *crls, const char *path, const char *name,
		      const struct stat *st)
{
	struct kept *kept = slot_of(crls, name);

	if (!strcmp(kept->name, name) && unchanged(kept, st))
		return kept->crl;
	X509_CRL_free(kept->crl);
	kept->crl = st->st_size <= FILE_MAX ? read_crl(path) : NULL;
	if (!kept->crl)
		ksrtpd_warning("api: %s is no revocation list that can be used", path);
	strcpy(kept->name, name);
	kept->dev = st->st_dev;
	kept->ino = st->st_ino;
	kept->size = st->st_size;
	kept->changed = st->st_ctim;
	return kept->crl;
}

STACK_OF(X509_CRL) *ksrtpd_crls_find(struct ksrtpd_crls *crls, const X509_NAME *issuer)
{
	STACK_OF(X509_CRL) *found = sk_X509_CRL_new_null();
	int ok = 0;
	unsigned long hash = X509_NAME_hash_ex(issuer, NULL, NULL, &ok);
	char path[PATH_MAX], name[32];
	struct stat st;
	X509_CRL *crl;
	int i;

	for (i = 0; found && ok && i < PER_ISSUER; i++) {
		snprintf(name, sizeof(name), "%08lx.r%d", hash, i);
		snprintf(path, sizeof(path), "%s/%s", crls->folder, name);
		if (stat(path, &st))
			break;
		crl = load(crls, path, name, &st);
		if (!crl || X509_NAME_cmp(X509_CRL_get_issuer(crl), issuer))
			continue;
		X509_CRL_up_ref(crl);
		if (!sk_X509_CRL_push(found, crl))
			X509_CRL_free(crl);
	}
	if (found && !sk_X509_CRL_num(found)) {
		sk_X509_CRL_free(found);
		found = NULL;
	}
	return found;
}
