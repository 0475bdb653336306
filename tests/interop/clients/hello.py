# SPDX-License-Identifier: GPL-2.0
"""DTLS ClientHellos as they are on the wire, seen by a packet socket in a namespace."""

import select
import socket
import struct
import threading

from netns import inside

ALL = 0x0003			# ETH_P_ALL
IPV4, IPV6 = 0x0800, 0x86dd
HANDSHAKE, CLIENT_HELLO = 22, 1
SUPPORTED_GROUPS = 10
POST_QUANTUM = {0x11eb: "SecP256r1MLKEM768", 0x11ec: "X25519MLKEM768", 0x11ed: "SecP384r1MLKEM1024"}


def payload(frame):
	"""What is in a frame's UDP datagram; nothing where it is none."""
	kind, = struct.unpack_from("!H", frame, 12)
	if kind == IPV4 and frame[23] == socket.IPPROTO_UDP:
		return frame[14 + (frame[14] & 15) * 4 + 8:]
	if kind == IPV6 and frame[20] == socket.IPPROTO_UDP:
		return frame[14 + 40 + 8:]
	return b""


def parts(datagram):
	"""(message's number, its length, offset, octets) of each part of a ClientHello in it."""
	while len(datagram) >= 25 and datagram[0] == HANDSHAKE:
		length, = struct.unpack_from("!H", datagram, 11)
		record, datagram = datagram[13:13 + length], datagram[13 + length:]
		if len(record) >= 12 and record[0] == CLIENT_HELLO:
			yield (int.from_bytes(record[4:6], "big"), int.from_bytes(record[1:4], "big"),
				int.from_bytes(record[6:9], "big"), record[12:])


def groups(hello):
	"""The post-quantum groups that a ClientHello offers (RFC 6347 section 4.2.1 has its layout)."""
	at = 34
	for width in (1, 1, 2, 1):		# session, cookie, suites, compression
		at += width + int.from_bytes(hello[at:at + width], "big")
	at += 2
	while at + 4 <= len(hello):
		kind, length = struct.unpack_from("!HH", hello, at)
		if kind == SUPPORTED_GROUPS:
			names = struct.unpack_from("!%dH" % ((length - 2) // 2), hello, at + 6)
			return [POST_QUANTUM[n] for n in names if n in POST_QUANTUM]
		at += 4 + length
	return []


class Hellos:
	"""Those that one end of a wire sends, while this is entered."""

	def __init__(self, ns, dev="eth0"):
		with inside(ns):
			self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
		self.socket.bind((dev, ALL))
		self.seen = {}			# (message's number, length) to {offset: octets}
		self.stopped = False
		self.thread = threading.Thread(target=self._watch, daemon=True)

	def __enter__(self):
		self.thread.start()
		return self

	def __exit__(self, *_):
		self.stopped = True
		self.thread.join(10)
		self.socket.close()
		return False

	def _watch(self):
		while not self.stopped:
			if not select.select([self.socket], [], [], 0.2)[0]:
				continue
			frame, where = self.socket.recvfrom(65536)
			if where[2] != socket.PACKET_OUTGOING:
				continue
			datagram = payload(frame)
			for number, length, offset, octets in parts(datagram):
				self.seen.setdefault((number, length), {})[offset] = octets

	def whole(self):
		"""(its octets, the sizes of its parts) of each that was sent whole."""
		for (_, length), pieces in self.seen.items():
			octets = bytearray()
			for offset, piece in sorted(pieces.items()):
				if offset > len(octets):
					break
				octets[offset:offset + len(piece)] = piece
			if len(octets) == length:
				yield bytes(octets), [len(piece) for _, piece in sorted(pieces.items())]

	def words(self):
		return sorted({"%d octets in %s, %s" % (len(hello),
			"%d parts of %s" % (len(sizes), " and ".join(map(str, sizes))) if len(sizes) > 1 else "one",
			"with " + ", ".join(groups(hello)) if groups(hello) else "no post-quantum group")
			for hello, sizes in self.whole()})
