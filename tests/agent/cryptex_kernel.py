#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Cryptex (RFC 9335) from the SDP to the wire, on the kernel's module, over loopback: a plain
end, and one with keys in its SDP, which is played here."""

import base64
import os
import socket
import struct
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "vectors"))
import agent as module
import make_cryptex as cryptex
from agent import Agent, Tap, audio, equal, field, port_of, sdp

module.PROGRAM = os.path.join(module.TREE, "build/ksrtpd")
SUITE = "AES_CM_128_HMAC_SHA1_80"
tap = Tap("D1,C1")
plain = struct.Struct("!BBHII8s")
key = os.urandom(30)
seq = 1000


def end():
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.settimeout(10)
	s.bind(("127.0.0.1", 0))
	return s


def packet():
	"""Two CSRCs, an extension of one word, 20 octets of payload."""
	global seq
	seq += 1
	return plain.pack(0x92, 0, seq, 160 * seq, 0xcafe, b"CSRCCSRC") + b"\xbe\xde\0\1" + b"\x10\x55\0\0" + \
		os.urandom(20)


def call(client, far, near, *says):
	"""The plain end at @far, the other one at @near with @says in its SDP; its offer, and where both send to."""
	offer = client.ask("call-offer", call="x", sdp=sdp(audio(far.getsockname()[1])),
		to={"protocol": "RTP/SAVP", "suites": [SUITE.lower().replace("_", "-")]})["sdp"]
	text = "m=audio %d RTP/SAVP 0\r\na=rtcp-mux\r\na=crypto:1 %s inline:%s\r\n" % (
		near.getsockname()[1], SUITE, base64.b64encode(key).decode())
	answer = client.ask("call-answer", call="x", sdp=sdp(text + "".join(says)))["sdp"]
	equal("a=cryptex" in answer, False)	# a plain leg has none
	return offer, port_of(answer), port_of(offer)


def exchange(far, near, offer, to_far, to_near, hidden):
	theirs = base64.b64decode(field(offer, "a=crypto:1 %s inline:" % SUITE).split("|")[0])
	cryptex.CM = theirs[:16], theirs[16:]
	for _ in range(4):
		clear = packet()
		far.sendto(clear, ("127.0.0.1", to_far))
		got = near.recv(2000)
		equal(got == cryptex.protect_cm(clear), hidden)
		equal(got[:20] == clear[:20], not hidden)
	cryptex.CM = key[:16], key[16:]
	for _ in range(4):
		clear = packet()
		near.sendto(cryptex.protect_cm(clear), ("127.0.0.1", to_near))
		got = far.recv(2000)
		# Without Cryptex the tag is right all the same, and the rest is noise.
		equal(got == clear, hidden)


def legs(client):
	return [l["cryptex"] for l in client.ask("call-show", call="x")["media"][0]["legs"]]


def test_agreed():
	"""both say a=cryptex: CSRCs and extensions are encrypted, both ways"""
	far, near = end(), end()
	where = call(client, far, near, "a=cryptex\r\n")
	equal(("a=cryptex" in where[0], legs(client)), (True, [False, True]))
	exchange(far, near, *where, True)
	client.ask("call-del", call="x")


def test_declined():
	"""one does not say it: they are in the clear"""
	far, near = end(), end()
	where = call(client, far, near)
	equal(legs(client), [False, False])
	exchange(far, near, *where, False)
	client.ask("call-del", call="x")


agent = Agent("-d", "kernel", "-i", "a=127.0.0.1")
client = agent.client()
for test in (test_agreed, test_declined):
	tap.run(test)
client.close()
agent.remove()
sys.exit(tap.end())
