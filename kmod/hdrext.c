// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/unaligned.h>

#include <ksrtp/wire.h>

#include "core/internal.h"
#include "core/hdrext.h"
#include "core/iv.h"
#include "engine.h"
#include "hdrext.h"

/* An element and what is before it in its first block. */
static_assert(KSRTP_KEYSTREAM_LEN >= U8_MAX + KSRTP_CM_IV_LEN);
static_assert(KSRTP_KEYSTREAM_LEN % KSRTP_CM_IV_LEN == 0);

struct ksrtp_hdrext *ksrtp_hdrext_create(const u8 *key, size_t key_len, const u8 *salt,
					 size_t salt_len, const u8 *ids, size_t n)
{
	struct ksrtp_hdrext *x = kzalloc(sizeof(*x), GFP_KERNEL_ACCOUNT);
	size_t i;
	int err;

	if (!x)
		return ERR_PTR(-ENOMEM);
	err = ksrtp_cm_init(&x->cm, key, key_len, NULL);
	if (err) {
		kfree_sensitive(x);
		return ERR_PTR(err);
	}
	memcpy(x->salt, salt, salt_len);
	for (i = 0; i < n; i++)
		__set_bit(ids[i], x->ids);
	return x;
}

void ksrtp_hdrext_destroy(struct ksrtp_hdrext *x)
{
	if (!x)
		return;
	ksrtp_cm_uninit(&x->cm);
	kfree_sensitive(x);
}

/* The part of one packet's key stream that this CPU's buffer holds, in octets of the extension. */
struct window {
	u8	*stream;
	u32	from, until;
};

/* Move the window so that it begins with the block of octet @at; the extension has @len. */
static int move(const struct ksrtp_hdrext *x, const u8 iv[KSRTP_CM_IV_LEN], u32 at, u32 len,
		struct window *w)
{
	u8 block[KSRTP_CM_IV_LEN];

	w->from = round_down(at, KSRTP_CM_IV_LEN);
	w->until = min_t(u32, len, w->from + KSRTP_KEYSTREAM_LEN);
	/* The lowest 16 bits count blocks: an extension has 2^14 at most. */
	memcpy(block, iv, sizeof(block));
	put_unaligned_be16((u16)(w->from / KSRTP_CM_IV_LEN), block + KSRTP_CM_IV_LEN - 2);
	memset(w->stream, 0, w->until - w->from);
	return ksrtp_cm_crypt(&x->cm, block, w->stream, w->until - w->from);
}

static int crypt_elements(const struct ksrtp_hdrext *x, const u8 iv[KSRTP_CM_IV_LEN], u8 *ext,
			  u32 len, struct window *w)
{
	struct ksrtp_hdrext_element e = {};
	int more, err;
	u32 i;

	while ((more = ksrtp_hdrext_next(ext, len, &e)) > 0) {
		if (!e.len || !test_bit(e.id, x->ids))
			continue;
		if (e.at + e.len > w->until) {
			err = move(x, iv, e.at, len, w);
			if (err)
				return err;
		}
		for (i = 0; i < e.len; i++)
			ext[e.at + i] ^= w->stream[e.at + i - w->from];
	}
	return more;
}

int ksrtp_hdrext_crypt(const struct ksrtp_hdrext *x, u8 *data, u32 ssrc, u64 index)
{
	struct window w = { .stream = ksrtp_engine_keystream() };
	u8 iv[KSRTP_CM_IV_LEN], *ext;
	u32 len;
	int err;

	ext = ksrtp_hdrext_begin(data, &len);
	if (!ext)
		return 0;
	ksrtp_cm_iv(iv, x->salt, ssrc, index);
	err = crypt_elements(x, iv, ext, len, &w);
	/* Before it was moved on it may have held more than it does now. */
	memzero_explicit(w.stream, w.from ? KSRTP_KEYSTREAM_LEN : w.until);
	return err;
}
