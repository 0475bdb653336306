/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_CRYPTO_UTILS_H
#define KSRTP_ENGINE_CRYPTO_UTILS_H

#include <openssl/crypto.h>

#define crypto_memneq(a, b, len) CRYPTO_memcmp(a, b, len)

#endif /* KSRTP_ENGINE_CRYPTO_UTILS_H */
