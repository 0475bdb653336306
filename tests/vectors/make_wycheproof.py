#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tests/vectors/wycheproof.h of Project Wycheproof's aes_gcm_test.json.

	tests/vectors/make_wycheproof.py EDITION aes_gcm_test.json >tests/vectors/wycheproof.h

The cases that SRTP could have: nonces of 96 bits, tags of 128, keys of 128 and 256.
The source of Debian's package wycheproof carries the file, in testvectors_v1/.
"""

import json
import sys

HEADER = """\
/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AES-GCM cases of Project Wycheproof, edition %s, whose nonces, tags and keys are as
 * long as SRTP's; made by make_wycheproof.py.
 */
#ifndef KSRTP_VECTORS_WYCHEPROOF_H
#define KSRTP_VECTORS_WYCHEPROOF_H

/* @data: associated data, plaintext, ciphertext, 16 octets of tag. Not @valid: to be refused. */
static const struct {
	unsigned short id, key_len, aad_len, len;
	unsigned char valid;
	const char *key, *iv, *data;
} ksrtp_wycheproof[] = {
"""
FOOTER = """\
};

#endif /* KSRTP_VECTORS_WYCHEPROOF_H */
"""


def octets(text, indent):
	data = ["\\x%s" % text[i:i + 2] for i in range(0, len(text), 2)]
	lines = ["".join(data[i:i + 18]) for i in range(0, len(data), 18)] or [""]
	return ("\n" + "\t" * indent).join('"%s"' % line for line in lines)


def main():
	edition, path = sys.argv[1:]
	with open(path) as f:
		every = json.load(f)
	out = HEADER % edition
	for group in every["testGroups"]:
		if (group["ivSize"], group["tagSize"]) != (96, 128) or group["keySize"] not in (128, 256):
			continue
		for t in group["tests"]:
			out += "\t{ %d, %d, %d, %d, %d,\n\t  %s,\n\t  %s,\n\t  %s },\n" % (
				t["tcId"], len(t["key"]) // 2, len(t["aad"]) // 2, len(t["msg"]) // 2,
				t["result"] == "valid", octets(t["key"], 1), octets(t["iv"], 1),
				octets(t["aad"] + t["msg"] + t["ct"] + t["tag"], 1))
	sys.stdout.write(out + FOOTER)


if __name__ == "__main__":
	main()
