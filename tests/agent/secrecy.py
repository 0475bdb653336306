#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Keys of calls that are over are nowhere in the agent's memory: not as SDP had them, over the
control socket and over HTTPS, and not as octets. The agent moves the media itself here, so
that a real cipher has had them too."""

import base64
import os
import re
import sys

sys.dont_write_bytecode = True
from agent import Tap, equal, refused, sdp
from https import Api

api = Api(options=("--datapath", "user"))
tap = Tap("S5")
PIECE = 12	# octets of a key, or characters of its text, that nobody may find


def key(octets):
	return os.urandom(octets)


def crypto(port, tag, suite, octets, mux):
	return "m=audio %d RTP/SAVP 0\r\n%sa=crypto:%d %s inline:%s\r\n" % (port,
		"a=rtcp-mux\r\n" if mux else "", tag, suite, base64.b64encode(octets).decode())


def found(secrets):
	"""Which of these the agent's memory has, by name."""
	there = set()
	# An answer is here before it is gone there; what is asked after it comes after that.
	client = api.agent.client()
	client.ask("call-list")
	client.close()
	with open("/proc/%d/smaps" % api.agent.process.pid) as f:
		ranges = [(int(m[1], 16), int(m[2], 16)) for m in re.finditer(
			r"([0-9a-f]+)-([0-9a-f]+) rw.*\n(?:[A-Z].*\n)*?Rss: +[1-9]", f.read())]
	with open("/proc/%d/mem" % api.agent.process.pid, "rb", 0) as memory:
		for begin, end in ranges:
			# The sanitizer's shadow is terabytes of nothing, and has no octets of ours.
			if end - begin > 1 << 32:
				continue
			for at in range(begin, end, 1 << 22):
				try:
					memory.seek(at)
					data = memory.read(min((1 << 22) + 64, end - at))
				except OSError:
					continue
				there |= {name for name, octets in secrets.items() if octets in data}
	return there


class Control:
	def __init__(self):
		self.client = api.agent.client()

	def offer(self, call, text):
		return self.client.ask("call-offer", call=call, sdp=text, to={"protocol": "RTP/SAVP"})["sdp"]

	def answer(self, call, text):
		return self.client.ask("call-answer", call=call, sdp=text)["sdp"]

	def delete(self, call):
		self.client.ask("call-del", call=call)


class Https:
	def __init__(self):
		self.connection = api.connect()

	def ask(self, verb, path, body=None):
		answer = api.ask(verb, path, body, connection=self.connection)
		assert answer.status < 300, answer.text
		return answer.json

	def offer(self, call, text):
		return self.ask("POST", "/v1/calls", {"call": call, "sdp": text, "to": {"protocol": "RTP/SAVP"}})["sdp"]

	def answer(self, call, text):
		return self.ask("POST", "/v1/calls/%s/answer" % call, {"sdp": text})["sdp"]

	def delete(self, call):
		self.ask("DELETE", "/v1/calls/%s" % call)


def keys_in(text):
	return [base64.b64decode(k) for k in re.findall(r"inline:([A-Za-z0-9+/=]+)", text)]


def pieces(secrets, name, octets):
	"""As it is, and as base64 that begins where it does."""
	secrets[name] = octets[:PIECE]
	secrets[name + " in base64"] = base64.b64encode(octets)[:PIECE + 4]


def call_over(way, mux):
	a, b = key(30), key(28)
	# Of a key that is not taken, and of one that cannot be used, nothing stays either.
	other, bad = key(44), key(30)
	offer = sdp(crypto(5004, 1, "AES_CM_128_HMAC_SHA1_80", a, mux) +
		"a=crypto:2 AEAD_AES_256_GCM inline:%s\r\n" % base64.b64encode(other).decode() +
		"a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:%s UNENCRYPTED_SRTP\r\n" %
		base64.b64encode(bad).decode())
	ours = way.offer("k", offer)
	tag = re.search("a=crypto:([0-9]+) AEAD_AES_128_GCM", ours)[1]
	answer = way.answer("k", sdp(crypto(6004, int(tag), "AEAD_AES_128_GCM", b, mux)))
	secrets = {}
	for name, octets in (("the caller's key", a), ("its other", other), ("its bad one", bad),
			("the callee's key", b)):
		pieces(secrets, name, octets)
	for i, octets in enumerate(keys_in(ours) + keys_in(answer)):
		pieces(secrets, "ours %d" % i, octets)
	assert len(secrets) > 14, secrets
	return secrets


def forgotten(way, mux):
	secrets = call_over(way, mux)
	texts = {n for n in secrets if n.endswith("base64")}
	live = found(secrets)
	# While the call lasts its keys are there, as octets: so the search finds what there is.
	assert "the caller's key" in live or "the callee's key" in live, live
	equal(live & texts, set())
	way.delete("k")
	equal(found(secrets), set())


def test_control():
	"""S5: of keys that came and went over the control socket nothing is left in memory after the call"""
	way = Control()
	for mux in (True, False):
		forgotten(way, mux)
	way.client.close()


def test_https():
	"""S5: of keys that came and went over HTTPS nothing is left in memory after the call"""
	way = Https()
	for mux in (True, False):
		forgotten(way, mux)
	way.connection.close()


def test_refused():
	"""S5: of keys in offers and requests that are refused nothing is left in memory"""
	client = api.agent.client()
	octets = [key(30) for _ in range(3)]
	line = crypto(5004, 1, "AES_CM_128_HMAC_SHA1_80", octets[0], True)
	refused("bad-crypto", "same tag", lambda: client.ask("call-offer", call="r", sdp=sdp(line +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:%s\r\n" % base64.b64encode(octets[1]).decode())))
	refused("bad-request", "unknown member", lambda: client.ask("call-offer", call="r", sdp=sdp(
		crypto(5004, 1, "AES_CM_128_HMAC_SHA1_80", octets[2], True)), what="x"))
	secrets = {}
	for i, one in enumerate(octets):
		pieces(secrets, "key %d" % i, one)
	equal(found(secrets), set())
	client.close()


for test in (test_control, test_https, test_refused):
	tap.run(test, "S5,K3")
api.remove()
sys.exit(tap.end())
