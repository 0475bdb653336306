// SPDX-License-Identifier: GPL-2.0
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include <ksrtp/ksrtp.h>

#include "algorithms.h"

#define REASON		"config"
#define SEPARATORS	" \t,:"
#define STRENGTH_MIN	128	/* bits of a cipher suite */

/* Which lists of words there are, and what of them FIPS 140-3 approves (row K5). */
static const char *const fips_ciphers[] = {
	"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", NULL
};
static const char *const fips_groups[] = { "P-256", "P-384", NULL };
static const char *const fips_sigalgs[] = { "ECDSA+SHA256", "ECDSA+SHA384", NULL };

static const uint32_t standard_suites[] = {
	KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_256_GCM,
	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
};

void ksrtpd_algorithms_init(struct ksrtpd_algorithms *algorithms)
{
	memset(algorithms, 0, sizeof(*algorithms));
	memcpy(algorithms->suites, standard_suites, sizeof(standard_suites));
	algorithms->suites_count = sizeof(standard_suites) / sizeof(standard_suites[0]);
	strcpy(algorithms->ciphers, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
	strcpy(algorithms->groups, "P-256:P-384");
	strcpy(algorithms->sigalgs, "ECDSA+SHA256:ECDSA+SHA384");
}

/* -- lists of words */

typedef int (*word_fn)(const char *word, void *arg, struct ksrtpd_failure *failure);

static int each_word(const char *key, const char *value, word_fn take, void *arg,
		     struct ksrtpd_failure *failure)
{
	char copy[KSRTPD_LIST_TEXT], *rest = NULL, *word;
	unsigned int count = 0;

	if (strlen(value) >= sizeof(copy))
		return ksrtpd_fail(failure, REASON, "%s: longer than %zu octets", key,
				   sizeof(copy) - 1);
	strcpy(copy, value);
	for (word = strtok_r(copy, SEPARATORS, &rest); word;
	     word = strtok_r(NULL, SEPARATORS, &rest), count++) {
		if (take(word, arg, failure))
			return -1;
	}
	return count ? 0 : ksrtpd_fail(failure, REASON, "%s: names none", key);
}

static int append(const char *word, void *arg, struct ksrtpd_failure *failure)
{
	char *list = arg;

	(void)failure;
	if (*list)
		strcat(list, ":");
	strcat(list, word);
	return 0;
}

static int in_list(const char *word, void *arg, struct ksrtpd_failure *failure)
{
	const char *const *list = arg;

	for (; *list; list++) {
		if (!strcmp(*list, word))
			return 0;
	}
	return ksrtpd_fail(failure, REASON, "'%s' is not allowed with fips-algorithms = yes", word);
}

/* Checks every word, then takes the list as OpenSSL writes it. */
static int set_list(const char *key, const char *value, word_fn check, char list[KSRTPD_LIST_TEXT],
		    struct ksrtpd_failure *failure)
{
	SSL_CTX *scratch = SSL_CTX_new(DTLS_method());
	int err;

	if (!scratch)
		return ksrtpd_fail(failure, "internal", "OpenSSL made no context");
	err = each_word(key, value, check, scratch, failure);
	if (!err) {
		*list = '\0';
		each_word(key, value, append, list, failure);
	}
	SSL_CTX_free(scratch);
	ERR_clear_error();
	return err;
}

/* -- SRTP */

static int add_suite(const char *word, void *arg, struct ksrtpd_failure *failure)
{
	struct ksrtpd_algorithms *algorithms = arg;
	int suite = ksrtp_suite_parse(word);
	unsigned int i;

	if (suite < 0 || suite == KSRTP_SUITE_NONE)
		return ksrtpd_fail(failure, REASON, "suites: '%s' is no suite", word);
	for (i = 0; i < algorithms->suites_count; i++) {
		if (algorithms->suites[i] == (uint32_t)suite)
			return ksrtpd_fail(failure, REASON, "suites: %s is there twice", word);
	}
	if (algorithms->suites_count == KSRTPD_SUITES_MAX)
		return ksrtpd_fail(failure, REASON, "suites: more than %d", KSRTPD_SUITES_MAX);
	algorithms->suites[algorithms->suites_count++] = (uint32_t)suite;
	return 0;
}

int ksrtpd_algorithms_suites(struct ksrtpd_algorithms *algorithms, const char *value,
			     struct ksrtpd_failure *failure)
{
	struct ksrtpd_algorithms copy = *algorithms;

	copy.suites_count = 0;
	if (each_word("suites", value, add_suite, &copy, failure))
		return -1;
	*algorithms = copy;
	return 0;
}

static bool is_gcm(uint32_t suite)
{
	return suite == KSRTP_SUITE_AEAD_AES_128_GCM || suite == KSRTP_SUITE_AEAD_AES_256_GCM;
}

bool ksrtpd_algorithms_allow(const struct ksrtpd_algorithms *algorithms, uint32_t suite)
{
	return !algorithms->fips || is_gcm(suite);
}

int ksrtpd_algorithms_fit_suites(const struct ksrtpd_algorithms *algorithms,
				 struct ksrtpd_failure *failure)
{
	unsigned int i;

	for (i = 0; i < algorithms->suites_count; i++) {
		if (!ksrtpd_algorithms_allow(algorithms, algorithms->suites[i]))
			return ksrtpd_fail(failure, REASON,
					   "suites: '%s' is not allowed with fips-algorithms = yes",
					   ksrtp_suite_name(algorithms->suites[i]));
	}
	return 0;
}

/* -- DTLS */

/* A name of one suite, not one of OpenSSL's words for many. */
static int check_cipher(const char *word, void *arg, struct ksrtpd_failure *failure)
{
	STACK_OF(SSL_CIPHER) *list;
	const SSL_CIPHER *cipher;
	SSL_CTX *scratch = arg;

	if (!SSL_CTX_set_ciphersuites(scratch, "") || !SSL_CTX_set_cipher_list(scratch, word))
		return ksrtpd_fail(failure, REASON, "dtls-ciphers: '%s' is no cipher suite", word);
	list = SSL_CTX_get_ciphers(scratch);
	cipher = sk_SSL_CIPHER_num(list) == 1 ? sk_SSL_CIPHER_value(list, 0) : NULL;
	if (!cipher || strcmp(SSL_CIPHER_get_name(cipher), word))
		return ksrtpd_fail(failure, REASON, "dtls-ciphers: '%s' is not the name of one suite",
				   word);
	if (!SSL_CIPHER_is_aead(cipher) || SSL_CIPHER_get_bits(cipher, NULL) < STRENGTH_MIN)
		return ksrtpd_fail(failure, REASON, "dtls-ciphers: '%s' has no AEAD of 128 bits", word);
	if (SSL_CIPHER_get_kx_nid(cipher) != NID_kx_ecdhe ||
	    (SSL_CIPHER_get_auth_nid(cipher) != NID_auth_ecdsa &&
	     SSL_CIPHER_get_auth_nid(cipher) != NID_auth_rsa))
		return ksrtpd_fail(failure, REASON,
				   "dtls-ciphers: '%s' is not ECDHE with ECDSA or RSA certificates", word);
	return 0;
}

static int check_group(const char *word, void *arg, struct ksrtpd_failure *failure)
{
	if (!SSL_CTX_set1_groups_list(arg, word))
		return ksrtpd_fail(failure, REASON, "dtls-groups: '%s' is no group", word);
	return 0;
}

static int check_sigalg(const char *word, void *arg, struct ksrtpd_failure *failure)
{
	if (!SSL_CTX_set1_sigalgs_list(arg, word))
		return ksrtpd_fail(failure, REASON, "dtls-sigalgs: '%s' is no signature algorithm", word);
	if (strstr(word, "SHA1") || strstr(word, "sha1") || strstr(word, "SHA224"))
		return ksrtpd_fail(failure, REASON, "dtls-sigalgs: '%s' is too weak", word);
	return 0;
}

int ksrtpd_algorithms_ciphers(struct ksrtpd_algorithms *algorithms, const char *value,
			      struct ksrtpd_failure *failure)
{
	if (!strstr(value, "ECDHE-ECDSA-"))
		return ksrtpd_fail(failure, REASON,
				   "dtls-ciphers: none is for our own certificates, which are ECDSA");
	return set_list("dtls-ciphers", value, check_cipher, algorithms->ciphers, failure);
}

int ksrtpd_algorithms_groups(struct ksrtpd_algorithms *algorithms, const char *value,
			     struct ksrtpd_failure *failure)
{
	return set_list("dtls-groups", value, check_group, algorithms->groups, failure);
}

int ksrtpd_algorithms_sigalgs(struct ksrtpd_algorithms *algorithms, const char *value,
			      struct ksrtpd_failure *failure)
{
	if (!strstr(value, "ECDSA+SHA256") && !strstr(value, "ecdsa_secp256r1_sha256"))
		return ksrtpd_fail(failure, REASON,
				   "dtls-sigalgs: lacks ECDSA+SHA256, which our own certificates need");
	return set_list("dtls-sigalgs", value, check_sigalg, algorithms->sigalgs, failure);
}

static int fit(const char *key, const char *list, const char *const *allowed,
	       struct ksrtpd_failure *failure)
{
	struct ksrtpd_failure inner;

	if (each_word(key, list, in_list, (void *)allowed, &inner))
		return ksrtpd_fail(failure, REASON, "%s: %s", key, inner.message);
	return 0;
}

int ksrtpd_algorithms_fit_ciphers(const struct ksrtpd_algorithms *algorithms,
				  struct ksrtpd_failure *failure)
{
	return fit("dtls-ciphers", algorithms->ciphers, fips_ciphers, failure);
}

int ksrtpd_algorithms_fit_groups(const struct ksrtpd_algorithms *algorithms,
				 struct ksrtpd_failure *failure)
{
	return fit("dtls-groups", algorithms->groups, fips_groups, failure);
}

int ksrtpd_algorithms_fit_sigalgs(const struct ksrtpd_algorithms *algorithms,
				  struct ksrtpd_failure *failure)
{
	return fit("dtls-sigalgs", algorithms->sigalgs, fips_sigalgs, failure);
}

/* -- those in use */

static struct ksrtpd_algorithms current;
static pthread_once_t current_once = PTHREAD_ONCE_INIT;

static void start(void)
{
	ksrtpd_algorithms_init(&current);
}

void ksrtpd_algorithms_use(const struct ksrtpd_algorithms *algorithms)
{
	unsigned int i, kept = 0;

	pthread_once(&current_once, start);
	current = *algorithms;
	for (i = 0; i < current.suites_count; i++) {
		if (ksrtpd_algorithms_allow(&current, current.suites[i]))
			current.suites[kept++] = current.suites[i];
	}
	current.suites_count = kept;
}

const struct ksrtpd_algorithms *ksrtpd_algorithms(void)
{
	pthread_once(&current_once, start);
	return &current;
}
