#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A leg with several candidates on the kernel's module, over loopback: media goes by the one
that was nominated, and another nomination moves it."""

import hmac
import os
import socket
import struct
import sys
import zlib

sys.dont_write_bytecode = True
import agent as module
from agent import Agent, Tap, audio, equal, field, port_of, sdp

module.PROGRAM = os.path.join(module.TREE, "build/ksrtpd")
agent = Agent("-d", "kernel", "-i", "a=127.0.0.1,::1")
client = agent.client()
tap = Tap("E2")
RTP = struct.Struct("!BBHII")


def attribute(kind, value):
	return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def check(username, password, nominate):
	"""A Binding request with MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489)."""
	body = attribute(6, username.encode()) + attribute(0x802A, bytes(8))
	body += attribute(0x25, b"") if nominate else b""

	def head(more):
		return struct.pack("!HHI", 1, len(body) + more, 0x2112A442) + b"twelve-bytes"
	body += attribute(8, hmac.new(password.encode(), head(24) + body, "sha1").digest())
	return head(8) + body + attribute(0x8028, struct.pack("!I", zlib.crc32(head(8) + body) ^ 0x5354554E))


def end(family, host):
	s = socket.socket(family, socket.SOCK_DGRAM)
	s.settimeout(10)
	s.bind((host, 0))
	return s


def silent(s):
	s.settimeout(0.3)
	try:
		s.recv(2000)
	except TimeoutError:
		return True
	finally:
		s.settimeout(10)
	return False


def test_move():
	"""E2: media follows nominations from IPv4 to IPv6 and back, both ways, and nothing else moves it"""
	four, six, far = end(socket.AF_INET, "127.0.0.1"), end(socket.AF_INET6, "::1"), end(socket.AF_INET, "127.0.0.1")
	ice = audio(four.getsockname()[1]) + "a=ice-ufrag:them\r\na=ice-pwd:%s\r\n" % ("them" * 6)
	client.ask("call-offer", call="k", sdp=sdp(ice), to={"protocol": "RTP/AVP", "ice": False})
	answer = client.ask("call-answer", call="k", sdp=sdp(audio(far.getsockname()[1])))["sdp"]
	ports = {f[4]: int(f[5]) for f in (l[12:].split() for l in answer.split("\r\n")
		if l.startswith("a=candidate:"))}
	equal(sorted(ports), ["127.0.0.1", "::1"])
	back = ("127.0.0.1", int(client.ask("call-show", call="k")["media"][0]["legs"][1]["local"].split(":")[1]))
	name, password = field(answer, "a=ice-ufrag:") + ":them", field(answer, "a=ice-pwd:")
	at = {four: ("127.0.0.1", ports["127.0.0.1"]), six: ("::1", ports["::1"])}
	seq = 0

	def nominate(s, really=True):
		s.sendto(check(name, password, really), at[s])
		data, source = s.recvfrom(2000)
		equal((data[:2], source[:2]), (b"\x01\x01", at[s]))
	for now, other in ((four, six), (six, four), (four, six)):
		nominate(now)
		nominate(other, False)
		for i in range(20):
			seq += 1
			packet = RTP.pack(0x80, 0, seq, 160 * seq, 0xcafe) + b"speech"
			now.sendto(packet, at[now])
			equal(far.recv(2000)[2:4], packet[2:4])
			far.sendto(packet, back)
			data, source = now.recvfrom(2000)
			equal((data[2:4], source[:2]), (packet[2:4], at[now]))
		other.sendto(RTP.pack(0x80, 0, seq + 1, 0, 0xcafe) + b"elsewhere", at[other])
		assert silent(far), "what came by a path that is not nominated was forwarded"
	client.ask("call-del", call="k")


tap.run(test_move)
client.close()
agent.remove()
sys.exit(tap.end())
