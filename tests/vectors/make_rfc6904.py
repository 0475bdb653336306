#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tests/vectors/rfc6904.h: packets whose header extension has encrypted elements, computed
from the texts of RFC 6904 and RFC 7714 with OpenSSL's AES-ECB alone, so that nothing is shared
with ksrtp. The first two are those of libsrtp's test/srtp_driver.c
(srtp_validate_encrypted_extensions_headers and _gcm), whose octets must come out.

	tests/vectors/make_rfc6904.py >tests/vectors/rfc6904.h
"""

import hashlib
import hmac
import sys

from make_cryptex import counter, derive, ghash, octets, xor

HEADER = """\
/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets with encrypted header extension elements (RFC 6904); made by make_rfc6904.py. Their
 * index is their sequence number.
 */
#ifndef KSRTP_VECTORS_RFC6904_H
#define KSRTP_VECTORS_RFC6904_H

struct hdrext_vector {
	const char *name;
	unsigned int suite;
	unsigned char key[32], salt[14];
	unsigned char plain[68], wire[84];
	unsigned int plain_len, wire_len;
};

/* The identifiers of all that is encrypted in them. */
static const unsigned char hdrext_ids[] = { %s };

static const struct hdrext_vector hdrext_vectors[] = {
"""
FOOTER = """\
};

#endif /* KSRTP_VECTORS_RFC6904_H */
"""

KEY = bytes.fromhex("e1f97a0d3e018be0d64fa32c06de4139")
SALT = bytes.fromhex("0ec675ad498afeebb6960b3aabe6")
LONG = KEY + bytes(range(16))
SUITES = {
	"AES_CM_128_HMAC_SHA1_80": (KEY, SALT),
	"AEAD_AES_128_GCM": (KEY, SALT[:12]),
	"AES_256_CM_HMAC_SHA1_80": (LONG, SALT),
	"AEAD_AES_256_GCM": (LONG, SALT[:12]),
}
IDS = (1, 3, 4, 200)	# libsrtp's are 1, 3 and 4; its packet has no other but 2
EXTENSIONS = (
	("one-byte form", "bede", "17414273a475262748220000c8308e4655996386b395fb00"),
	("two-byte form, padding between",
	 "1005", "0103aabbcc" + "0000" + "c800" + "c805" + "0102030405" + "00" + "0201ee" + "00000000"),
	("one-byte form, padding first, what follows element 15 is none",
	 "bede", "000031c1c2" + "00" + "51d1d2" + "f0" + "31e1e2" + "000000"),
)
WIRE = {	# as libsrtp has it, behind the word of the extension
	"AES_CM_128_HMAC_SHA1_80": "17588a9270f4e15e1c220000c8309546a994f0bc54789700"
				   "4e55dc4ce79978d88ca4d215949d24025a46b3ca35c535a891c7",
	"AEAD_AES_128_GCM": "1712e0205bfa949b1c220000c830bb46732778d9929aab00"
			    "0eca0cf95ee955b26cd3d288b49f6ca9"
			    "f4b1b759719eb5bc113b9ff1d40cd25a",
}


def mask(kind, ext):
	"""All ones where an octet is encrypted (RFC 6904, section 3.1)."""
	out, at = bytearray(len(ext)), 0
	while at < len(ext):
		if ext[at] == 0:
			at += 1
			continue
		if kind == "bede":
			ident, start, size = ext[at] >> 4, at + 1, (ext[at] & 15) + 1
			if ident in (0, 15):
				break
		else:
			ident, start, size = ext[at], at + 2, ext[at + 1]
		at = start + size
		if ident in IDS:
			out[start:at] = b"\xff" * size
	return bytes(out)


def encrypt_extension(master, packet, kind):
	key, salt = derive(master, 6, len(master[0])), derive(master, 7, len(master[1]))
	end = 16 + 4 * int.from_bytes(packet[14:16], "big")
	first = int.from_bytes(salt.ljust(14, b"\0") + bytes(2), "big") ^ \
		int.from_bytes(packet[8:12], "big") << 64 ^ int.from_bytes(packet[2:4], "big") << 16
	stream = counter(key, first, bytes(end - 16))
	ones = mask(kind, packet[16:end])
	return packet[:16] + xor(packet[16:end], bytes(s & m for s, m in zip(stream, ones))) + \
		packet[end:], end


def protect_cm(master, packet, hdr):
	n = len(master[0])
	key, auth, salt = derive(master, 0, n), derive(master, 1, 20), derive(master, 2, 14)
	first = int.from_bytes(salt, "big") << 16 ^ \
		int.from_bytes(packet[8:12], "big") << 64 ^ int.from_bytes(packet[2:4], "big") << 16
	wire = packet[:hdr] + counter(key, first, packet[hdr:])
	return wire + hmac.new(auth, wire + bytes(4), hashlib.sha1).digest()[:10]


def protect_gcm(master, packet, hdr):
	key, salt = derive(master, 0, len(master[0])), derive(master, 2, 12)
	nonce = xor(salt, bytes(2) + packet[8:12] + bytes(4) + packet[2:4])
	first = int.from_bytes(nonce + bytes(4), "big")
	text = counter(key, first + 2, packet[hdr:])
	return packet[:hdr] + text + counter(key, first + 1, ghash(key, packet[:hdr], text))


def vector(suite, number, name, kind, ext):
	master = SUITES[suite]
	plain = bytes.fromhex("900f%04xdecafbadcafebabe" % (0x1234 + number) + kind + "%04x" % (len(ext) // 8) +
			      ext + "ab" * 16)
	packet, hdr = encrypt_extension(master, plain, kind)
	wire = (protect_gcm if "GCM" in suite else protect_cm)(master, packet, hdr)
	assert number or suite not in WIRE or wire.hex() == plain.hex()[:32] + WIRE[suite], suite
	out = "\t{\n\t\t.name = \"%s, %s\",\n\t\t.suite = KSRTP_SUITE_%s,\n" % (suite, name, suite)
	for what, data in (("key", master[0]), ("salt", master[1]), ("plain", plain), ("wire", wire)):
		out += "\t\t.%s = {\n%s\t\t},\n" % (what, octets(data, 3))
	return out + "\t\t.plain_len = %d,\n\t\t.wire_len = %d,\n\t},\n" % (len(plain), len(wire))


def main():
	out = HEADER % ", ".join(map(str, IDS))
	for suite in SUITES:
		for number, extension in enumerate(EXTENSIONS):
			out += vector(suite, number, *extension)
	sys.stdout.write(out + FOOTER)


if __name__ == "__main__":
	main()
