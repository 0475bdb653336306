# SPDX-License-Identifier: GPL-2.0
"""The least of a SIP back-to-back user agent: one call, whose SDP somebody else rewrites.

It has one UDP socket toward each phone. INVITE, ACK and BYE are carried over, with
provisional answers and refusals; what else comes is answered 501.
"""

import os
import queue
import re
import select
import threading

from netns import udp

PORT = 5060
LONG = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact",
	"c": "content-type", "l": "content-length"}


def parse(data):
	"""(first line, {header: [values]}, body) of a datagram, None if it is no SIP."""
	head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
	first, *lines = head.split("\r\n")
	if "SIP/2.0" not in first:
		return None
	headers = {}
	for line in lines:
		name, _, value = line.partition(":")
		name = name.strip().lower()
		headers.setdefault(LONG.get(name, name), []).append(value.strip())
	return first, headers, body


def tag_of(value):
	found = re.search(r";tag=([^;>\s]+)", value)
	return found.group(1) if found else None


def uri_of(value):
	found = re.search(r"<([^>]+)>", value)
	return found.group(1) if found else value.split(";")[0]


class Side:
	"""One dialog: we and one phone."""

	def __init__(self, name, ns, address, phone, user):
		self.name, self.address, self.phone, self.user = name, address, phone, user
		self.socket = udp(ns, address, PORT)
		self.forget()

	def forget(self):
		self.call_id = os.urandom(8).hex() + "@" + self.address
		self.tag, self.remote_tag, self.target = os.urandom(6).hex(), None, None
		self.cseq, self.theirs = 1, None
		self.invite = None		# of theirs that waits for its final answer
		self.final = None		# (CSeq, datagram): said again when asked again

	def ours(self):
		return "<sip:%s@%s:%d>" % (self.user, self.address, PORT)

	def send(self, first, headers, body=""):
		lines = [first] + headers + ["Content-Length: %d" % len(body.encode())]
		if body:
			lines.insert(-1, "Content-Type: application/sdp")
		data = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
		self.socket.sendto(data, (self.phone, PORT))
		return data

	def request(self, method, body=""):
		if method != "ACK":
			self.cseq += 1
		remote = "<sip:%s@%s>" % (self.user, self.phone)
		self.send("%s %s SIP/2.0" % (method, self.target or "sip:%s@%s" % (self.user, self.phone)), [
			"Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK%s;rport" % (self.address, PORT,
									  os.urandom(8).hex()),
			"Max-Forwards: 70", "From: %s;tag=%s" % (self.ours(), self.tag),
			"To: %s%s" % (remote, ";tag=" + self.remote_tag if self.remote_tag else ""),
			"Call-ID: " + self.call_id, "CSeq: %d %s" % (self.cseq, method),
			"Contact: " + self.ours(), "Allow: INVITE, ACK, BYE, CANCEL"], body)

	def respond(self, headers, status, body=""):
		to = headers["to"][0]
		if not tag_of(to) and not status.startswith("100"):
			to += ";tag=" + self.tag
		data = self.send("SIP/2.0 " + status, ["Via: " + v for v in headers["via"]] + [
			"From: " + headers["from"][0], "To: " + to, "Call-ID: " + headers["call-id"][0],
			"CSeq: " + headers["cseq"][0], "Contact: " + self.ours()], body)
		if not status.startswith("1"):
			self.final = (headers["cseq"][0], data)


class Elsewhere:
	"""The caller's side where the caller speaks no SIP: its answers are for who asks."""

	name, socket, target, invite = "caller", None, None, "elsewhere"

	def __init__(self):
		self.answers = queue.Queue()

	def respond(self, _, status, body=""):
		if not status.startswith("1"):
			self.answers.put((status, body))

	def request(self, method):
		self.answers.put((method, ""))


class Switch:
	"""offer(side, sdp) and answer(side, sdp) give the SDP for the other side, or raise.

	A side is (name, address, phone, user), or None for a caller elsewhere: see invite().
	"""

	def __init__(self, ns, sides, offer, answer):
		self.sides = [Side(side[0], ns, *side[1:]) if side else Elsewhere() for side in sides]
		self.offer, self.answer = offer, answer
		self.said = []			# methods and answers seen, for who asks why
		self.troubles = []
		self.stopped = False
		self.thread = threading.Thread(target=self._serve, daemon=True)
		self.thread.start()

	def other(self, side):
		return self.sides[1 - self.sides.index(side)]

	def invite(self, sdp):
		"""Call the callee for a caller elsewhere; the SDP of the answer."""
		self.sides[1].request("INVITE", self.offer("caller", sdp))
		status, body = self.sides[0].answers.get(timeout=30)
		if not status.startswith("200"):
			raise RuntimeError("the callee answers %s" % status)
		return body

	def hang_up(self):
		"""The same caller's BYE."""
		self.sides[1].request("BYE")

	def close(self):
		self.stopped = True
		self.thread.join(10)
		for side in self.sides:
			if side.socket:
				side.socket.close()

	def _serve(self):
		while not self.stopped:
			ready = select.select([s.socket for s in self.sides if s.socket], [], [], 0.2)[0]
			for side in self.sides:
				if side.socket not in ready:
					continue
				message = parse(side.socket.recvfrom(65536)[0])
				if not message:
					continue
				self.said.append("%s: %s" % (side.name, message[0]))
				try:
					if message[0].startswith("SIP/2.0 "):
						self._response(side, *message)
					else:
						self._request(side, *message)
				except Exception as e:		# the thread goes on; the test asks
					self.troubles.append("%s: %s: %r" % (side.name, message[0], e))

	def _request(self, side, first, headers, body):
		method = first.split()[0]
		if method == "ACK":
			return
		if side.final and side.final[0] == headers["cseq"][0]:
			side.socket.sendto(side.final[1], (side.phone, PORT))
		elif method == "INVITE":
			if side.theirs != headers["cseq"][0]:
				side.theirs = headers["cseq"][0]
				self._invite(side, headers, body)
		elif method == "BYE":
			side.respond(headers, "200 OK")
			self.other(side).request("BYE")
			for s in self.sides:
				s.target = None
		else:
			side.respond(headers, "501 Not Implemented")

	def _invite(self, side, headers, body):
		side.invite = headers
		side.respond(headers, "100 Trying")
		side.call_id, side.remote_tag = headers["call-id"][0], tag_of(headers["from"][0])
		side.target = uri_of(headers["contact"][0])
		try:
			sdp = self.offer(side.name, body)
		except Exception as e:
			self.troubles.append("%s: offer refused: %s" % (side.name, e))
			side.respond(headers, "488 Not Acceptable Here")
			return
		self.other(side).request("INVITE", sdp)

	def _response(self, side, first, headers, body):
		status = int(first.split()[1])
		if not headers["cseq"][0].endswith("INVITE") or status == 100:
			return
		if int(headers["cseq"][0].split()[0]) != side.cseq:
			return
		caller = self.other(side)
		side.remote_tag = tag_of(headers["to"][0]) or side.remote_tag
		if status < 200:
			if caller.invite:
				caller.respond(caller.invite, "180 Ringing")
			return
		if headers.get("contact"):
			side.target = uri_of(headers["contact"][0])
		side.request("ACK")
		if not caller.invite:			# said again; acknowledged again
			return
		invite, caller.invite = caller.invite, None
		if status >= 300:
			caller.respond(invite, first[len("SIP/2.0 "):])
			return
		try:
			sdp = self.answer(side.name, body)
		except Exception as e:
			self.troubles.append("%s: answer refused: %s" % (side.name, e))
			caller.respond(invite, "488 Not Acceptable Here")
			side.request("BYE")
			return
		caller.respond(invite, "200 OK", sdp)
