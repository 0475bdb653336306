// SPDX-License-Identifier: GPL-2.0
/* Session keys from a master key, RFC 3711, section 4.3. */
#include "internal.h"
#include "kdf.h"

#define BLOCK_LEN	16
#define LABEL_OFF	7	/* label and 48-bit index end where the salt ends */
#define MAX_LEN		(65536 * BLOCK_LEN)	/* a 16-bit block counter */
#define AEAD_SALT_LEN	12

int ksrtp_kdf(ksrtp_kdf_block block, void *cipher, const u8 *salt, size_t salt_len,
	      u8 label, u8 *out, size_t len)
{
	u8 in[BLOCK_LEN] = { 0 }, stream[BLOCK_LEN];
	size_t done, n;
	int err = 0;

	if (salt_len != AEAD_SALT_LEN && salt_len != KSRTP_KDF_SALT_LEN)
		return -EINVAL;
	if (len == 0 || len > MAX_LEN)
		return -EINVAL;

	/* A short salt leaves its last two octets zero, as erratum 4938 wants. */
	memcpy(in, salt, salt_len);
	in[LABEL_OFF] ^= label;

	for (done = 0; done < len; done += n) {
		put_unaligned_be16((u16)(done / BLOCK_LEN), in + KSRTP_KDF_SALT_LEN);
		err = block(cipher, in, stream);
		if (err) {
			memzero_explicit(out, len);
			break;
		}
		n = min_t(size_t, len - done, BLOCK_LEN);
		memcpy(out + done, stream, n);
	}

	memzero_explicit(in, sizeof(in));
	memzero_explicit(stream, sizeof(stream));
	return err;
}
