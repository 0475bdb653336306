#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tests/vectors/seccode.h: security codes computed by hashlib alone.

	tests/vectors/make_seccode.py >tests/vectors/seccode.h
	tests/vectors/make_seccode.py --check	is the file what this would make?
"""

import hashlib
import os
import sys

HEADER = """\
/* SPDX-License-Identifier: GPL-2.0 */
/* Security codes, version 1; made by make_seccode.py. */
#ifndef KSRTP_VECTORS_SECCODE_H
#define KSRTP_VECTORS_SECCODE_H

#include <stdint.h>

static const struct {
	uint8_t t1[32], t2[32];
	const char *code;
} seccode_vectors[] = {
"""
FOOTER = """\
};

#endif /* KSRTP_VECTORS_SECCODE_H */
"""


def code(t1, t2):
	d = hashlib.pbkdf2_hmac("sha256", b"".join(sorted((t1, t2))), b"ksrtp security code v1", 100000, 32)
	digits = "%020d" % (int.from_bytes(d, "big") % 10 ** 20)
	return " ".join(digits[i:i + 5] for i in range(0, 20, 5))


def pairs():
	zero, ones, count = bytes(32), b"\xff" * 32, bytes(range(32))
	yield zero, ones
	yield ones, zero
	yield count, bytes(reversed(count))
	yield zero, bytes(31) + b"\x01"
	for i in range(4):
		yield hashlib.sha256(b"caller %d" % i).digest(), hashlib.sha256(b"callee %d" % i).digest()
	# Codes that begin with a zero, and one with a group that does in the middle.
	found = 0
	i = 4
	while found < 2:
		t1, t2 = hashlib.sha256(b"caller %d" % i).digest(), hashlib.sha256(b"callee %d" % i).digest()
		text = code(t1, t2)
		if text.startswith("0") if found == 0 else " 0" in text:
			yield t1, t2
			found += 1
		i += 1


def array(octets):
	return "{ " + ", ".join("0x%02x" % o for o in octets) + " }"


def text():
	rows = ["\t{\n\t\t%s,\n\t\t%s,\n\t\t\"%s\",\n\t},\n" % (array(a), array(b), code(a, b))
		for a, b in pairs()]
	return HEADER + "".join(rows) + FOOTER


if sys.argv[1:] == ["--check"]:
	with open(os.path.join(os.path.dirname(__file__), "seccode.h")) as f:
		sys.exit(0 if f.read() == text() else "seccode.h is not what this script makes")
sys.stdout.write(text())
