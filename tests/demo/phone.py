# SPDX-License-Identifier: GPL-2.0
"""The test endpoints (tests/interop) as objects."""

import json
import os
import select
import subprocess
import time

from net import Trouble

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
ENDPOINT = os.path.join(TREE, "build", "tests", "interop", "endpoint")
KINDS = ("audio", "video")


class Refused(Exception):
	"""The endpoint's own words about what it could not do."""


class Phone:
	def __init__(self, net, who, address, *options):
		self.who = who
		argv = ["nsenter", "--net=/run/netns/" + net.name(who), ENDPOINT,
			"-n", who, "-a", address] + list(options)
		self.proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
		self.buffer = b""
		self.answers = {}
		self.last = 0

	def start(self, what, **args):
		"""Give a command; the number to wait for."""
		self.last += 1
		args.update({"id": self.last, "do": what})
		try:
			self.proc.stdin.write(json.dumps(args).encode() + b"\n")
			self.proc.stdin.flush()
		except BrokenPipeError:
			raise Trouble("%s's endpoint has ended" % self.who) from None
		return self.last

	def wait(self, number, timeout=120):
		deadline = time.monotonic() + timeout
		while number not in self.answers:
			left = deadline - time.monotonic()
			if left <= 0:
				raise Trouble("%s's endpoint does not answer" % self.who)
			if not select.select([self.proc.stdout], [], [], left)[0]:
				continue
			data = os.read(self.proc.stdout.fileno(), 1 << 16)
			if not data:
				raise Trouble("%s's endpoint has ended" % self.who)
			self.buffer += data
			*lines, self.buffer = self.buffer.split(b"\n")
			for line in lines:
				answer = json.loads(line)
				self.answers[answer["id"]] = answer
		answer = self.answers.pop(number)
		if "error" in answer:
			raise Refused(answer["error"])
		return answer

	def ask(self, what, timeout=120, **args):
		return self.wait(self.start(what, **args), timeout)

	def phase(self):
		"""This phase's counters, by kind of line."""
		lines = self.ask("counts")["lines"]
		return {line["kind"]: line["phases"][-1] for line in lines}

	def close(self):
		if self.proc.poll() is None:
			self.proc.stdin.close()
			try:
				self.proc.wait(10)
			except subprocess.TimeoutExpired:
				self.proc.kill()
				self.proc.wait()
		self.proc.stdout.close()


def both(phones, what, timeout=120, **args):
	numbers = [p.start(what, **args) for p in phones]
	return [p.wait(n, timeout) for p, n in zip(phones, numbers)]


def settle(done, quiet=10, step=0.05):
	"""Wait until done() is true; False when nothing moved for so many seconds.

	done() gives (whether it is so, anything that changes while things move).
	"""
	since, last = time.monotonic(), None
	while True:
		so, state = done()
		if so:
			return True
		if state != last:
			since, last = time.monotonic(), state
		elif time.monotonic() - since > quiet:
			return False
		time.sleep(step)


def arrived(phones, quiet=10):
	"""Wait until what each sent in this phase came to the other."""
	def done():
		a, b = (p.phase() for p in phones)
		state = [(x[k]["rtp_sent"], x[k]["rtcp_sent"], y[k]["rtp"], y[k]["rtcp"])
			 for x, y in ((a, b), (b, a)) for k in KINDS]
		return all(s[0] == s[2] and s[1] == s[3] for s in state), state
	return settle(done, quiet)


def silent(phone, seconds=0.5):
	"""Wait until nothing has come to this endpoint for a while."""
	def done():
		return False, [p["datagrams"] for p in phone.phase().values()]
	settle(done, seconds)
