#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tests/vectors/cryptex.h: packets under Cryptex, computed from RFC 9335's text with
OpenSSL's AES-ECB alone, so that nothing is shared with ksrtp. They are those that the RFC
prints in appendix A.

	tests/vectors/make_cryptex.py >tests/vectors/cryptex.h
"""

import functools
import hashlib
import hmac
import subprocess
import sys

HEADER = """\
/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets under Cryptex as RFC 9335, appendix A has them; made by make_cryptex.py. Their
 * index is their sequence number.
 */
#ifndef KSRTP_VECTORS_CRYPTEX_H
#define KSRTP_VECTORS_CRYPTEX_H

struct cryptex_vector {
	const char *name;
	unsigned char gcm;		/* AEAD_AES_128_GCM, else AES_CM_128_HMAC_SHA1_80 */
	unsigned char plain[44], wire[60];
	unsigned int plain_len, wire_len;
};
"""
FOOTER = """\
};

#endif /* KSRTP_VECTORS_CRYPTEX_H */
"""

PAYLOAD = "ab" * 16
CSRCS = "0001e2400000b26e"
PLAIN = (
	("one-byte extension", "900f1235decafbadcafebabe" + "bede000151000200" + PAYLOAD),
	("two-byte extension", "900f1236decafbadcafebabe" + "1000000105020002" + PAYLOAD),
	("CSRCs, one-byte extension",
	 "920f1238decafbadcafebabe" + CSRCS + "bede000151000200" + PAYLOAD),
	("CSRCs, two-byte extension",
	 "920f1239decafbadcafebabe" + CSRCS + "1000000105020002" + PAYLOAD),
	("CSRCs, empty one-byte extension",
	 "920f123adecafbadcafebabe" + CSRCS + "bede0000" + PAYLOAD),
	("CSRCs, empty two-byte extension",
	 "920f123bdecafbadcafebabe" + CSRCS + "10000000" + PAYLOAD),
)
MARKS = {b"\xbe\xde": b"\xc0\xde", b"\x10\x00": b"\xc2\xde"}
CM = bytes.fromhex("e1f97a0d3e018be0d64fa32c06de4139"), bytes.fromhex("0ec675ad498afeebb6960b3aabe6")
GCM = bytes(range(16)), bytes(range(0xa0, 0xac))


def ecb(key, blocks):
	return subprocess.run(["openssl", "enc", "-aes-%d-ecb" % (8 * len(key)), "-nopad", "-K", key.hex()],
			      input=blocks, stdout=subprocess.PIPE, check=True).stdout


def xor(a, b):
	return bytes(x ^ y for x, y in zip(a, b))


def counter(key, first, data):
	blocks = b"".join((first + i).to_bytes(16, "big") for i in range((len(data) + 15) // 16))
	return xor(data, ecb(key, blocks))


@functools.lru_cache
def derive(master, label, n):
	key, salt = master
	first = int.from_bytes(salt.ljust(14, b"\0"), "big") ^ label << 48
	return counter(key, first << 16, bytes(n))


def times(x, y):
	"""In GF(2^128) as GCM has it."""
	z = 0
	for i in range(127, -1, -1):
		if y >> i & 1:
			z ^= x
		x = x >> 1 ^ (0xe1 << 120 if x & 1 else 0)
	return z


def ghash(key, aad, text):
	h, y = int.from_bytes(ecb(key, bytes(16)), "big"), 0
	data = aad + bytes(-len(aad) % 16) + text + bytes(-len(text) % 16)
	data += (8 * len(aad)).to_bytes(8, "big") + (8 * len(text)).to_bytes(8, "big")
	for i in range(0, len(data), 16):
		y = times(h, y ^ int.from_bytes(data[i:i + 16], "big"))
	return y.to_bytes(16, "big")


def marked(packet):
	"""In the cipher's order: header, first word of the extension, CSRCs, the rest."""
	end = 12 + 4 * (packet[0] & 15)
	return packet[:12] + MARKS[packet[end:end + 2]] + packet[end + 2:end + 4] + \
		packet[12:end] + packet[end + 4:]


def on_wire(packet):
	end = 12 + 4 * (packet[0] & 15)
	return packet[:12] + packet[16:end + 4] + packet[12:16] + packet[end + 4:]


def protect_cm(packet):
	key, auth, salt = derive(CM, 0, 16), derive(CM, 1, 20), derive(CM, 2, 14)
	ssrc, seq = int.from_bytes(packet[8:12], "big"), int.from_bytes(packet[2:4], "big")
	first = (int.from_bytes(salt, "big") << 16) ^ ssrc << 64 ^ seq << 16
	packet = marked(packet)
	wire = on_wire(packet[:16] + counter(key, first, packet[16:]))
	return wire + hmac.new(auth, wire + bytes(4), hashlib.sha1).digest()[:10]


def protect_gcm(packet):
	key, salt = derive(GCM, 0, 16), derive(GCM, 2, 12)
	nonce = xor(salt, bytes(2) + packet[8:12] + bytes(4) + packet[2:4])
	first = int.from_bytes(nonce + bytes(4), "big")
	packet = marked(packet)
	text = counter(key, first + 2, packet[16:])
	tag = counter(key, first + 1, ghash(key, packet[:16], text))
	return on_wire(packet[:16] + text) + tag


def octets(data, indent):
	text = ["0x%02x" % octet for octet in data]
	lines = [", ".join(text[i:i + 12]) + ",\n" for i in range(0, len(text), 12)]
	return "".join("\t" * indent + line for line in lines)


def main():
	out = HEADER
	for name, master in (("gcm", GCM), ("cm", CM)):
		for what, data in zip(("key", "salt"), master):
			out += "\nstatic const unsigned char cryptex_%s_%s[%d] = {\n%s};\n" % (
				name, what, len(data), octets(data, 1))
	out += "\nstatic const struct cryptex_vector cryptex_vectors[] = {\n"
	for section, protect in (("A.1, AES-CM", protect_cm), ("A.2, AES-GCM", protect_gcm)):
		for name, text in PLAIN:
			plain = bytes.fromhex(text)
			wire = protect(plain)
			out += "\t{\n\t\t.name = \"RFC 9335 %s: %s\",\n\t\t.gcm = %d,\n" % (
				section, name, protect == protect_gcm)
			out += "\t\t.plain = {\n%s\t\t},\n\t\t.wire = {\n%s\t\t},\n" % (
				octets(plain, 3), octets(wire, 3))
			out += "\t\t.plain_len = %d,\n\t\t.wire_len = %d,\n\t},\n" % (
				len(plain), len(wire))
	sys.stdout.write(out + FOOTER)


if __name__ == "__main__":
	main()
