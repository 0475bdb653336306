# SPDX-License-Identifier: GPL-2.0
"""The agent under test, on a libksrtp that records, and a client of its socket."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.path.join(TREE, "build/tests/agent/ksrtpd")


class Refused(Exception):
	def __init__(self, error):
		super().__init__("%s: %s" % (error["reason"], error["message"]))
		self.reason, self.message = error["reason"], error["message"]


class Client:
	"""One connection to the control socket."""

	def __init__(self, path):
		self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		self.socket.settimeout(30)
		self.socket.connect(path)
		self.buffer = b""
		self.last_id = 0
		self.events = []

	def send(self, data):
		self.socket.sendall(data)

	def line(self):
		"""The next line as an object, None at the end."""
		while b"\n" not in self.buffer:
			data = self.socket.recv(65536)
			if not data:
				return None
			self.buffer += data
		line, self.buffer = self.buffer.split(b"\n", 1)
		return json.loads(line)

	def ask(self, method, **params):
		self.last_id += 1
		params = {k.rstrip("_"): v for k, v in params.items()}
		request = {"id": self.last_id, "method": method, "params": params}
		self.send(json.dumps(request).encode() + b"\n")
		while True:
			answer = self.line()
			if answer is None:
				raise EOFError("the agent closed the connection")
			if "event" in answer:
				self.events.append(answer["event"])
				continue
			assert answer["id"] == self.last_id, answer
			if "error" in answer:
				raise Refused(answer["error"])
			return answer["result"]

	def event(self):
		if self.events:
			return self.events.pop(0)
		return self.line()["event"]

	def close(self):
		self.socket.close()


class Agent:
	"""A running agent with two interfaces, a (4 and 6) and b (4), on loopback."""

	def __init__(self, *options, state=False):
		self.folder = tempfile.mkdtemp(prefix="ksrtpd-test.")
		self.path = os.path.join(self.folder, "run", "control")
		self.log_path = os.path.join(self.folder, "kernel")
		self.refuse_path = os.path.join(self.folder, "refuse")
		self.keyring_path = os.path.join(self.folder, "keyring")
		self.stderr_path = os.path.join(self.folder, "stderr")
		self.options = options or ("-i", "a=127.0.0.1,::1", "-i", "b=127.0.0.2")
		if state:
			self.options += ("-S", os.path.join(self.folder, "state"))
		self.start()

	def start(self):
		# LeakSanitizer wants to trace its process, which the agent forbids.
		environment = dict(os.environ, FAKE_KSRTP_LOG=self.log_path,
			FAKE_KSRTP_REFUSE=self.refuse_path,
			FAKE_KSRTP_KEYRING=self.keyring_path, ASAN_OPTIONS="detect_leaks=0")
		self.stderr = open(self.stderr_path, "ab")
		self.process = subprocess.Popen([PROGRAM, "-s", self.path, "-l", "debug",
			*self.options], env=environment, stderr=self.stderr)
		limit = time.monotonic() + 20
		while True:
			try:
				self.client().close()
				return
			except OSError:
				if self.process.poll() is not None or time.monotonic() > limit:
					raise RuntimeError("the agent did not start:\n" + self.said())
				time.sleep(0.02)

	def client(self):
		return Client(self.path)

	def said(self):
		with open(self.stderr_path, errors="replace") as f:
			return f.read()

	def kernel(self, do=None):
		"""What was asked of the kernel so far."""
		if not os.path.exists(self.log_path):
			return []
		with open(self.log_path) as f:
			lines = [json.loads(line) for line in f]
		return [l for l in lines if do in (None, l["do"])]

	def refuse(self, function):
		with open(self.refuse_path, "w") as f:
			f.write(function)

	def keyring(self, used, most):
		"""So many keys are remembered in the kernel, of so many."""
		with open(self.keyring_path + ".new", "w") as f:
			f.write("%u %u" % (used, most))
		os.rename(self.keyring_path + ".new", self.keyring_path)

	def end(self):
		"""Ends it as an administrator would; gives its exit status."""
		if self.process.poll() is None:
			self.process.send_signal(signal.SIGTERM)
		try:
			status = self.process.wait(20)
		except subprocess.TimeoutExpired:
			self.process.kill()
			status = self.process.wait()
		self.stderr.close()
		return status

	def remove(self):
		status = self.end()
		said = self.said()
		shutil.rmtree(self.folder)
		assert status == 0, "the agent ended with %d:\n%s" % (status, said[-3000:])


class Tap:
	"""Runs tests, functions of no argument with a sentence as their docstring."""

	def __init__(self, rows):
		self.rows, self.count, self.failed = rows, 0, 0

	def run(self, function, rows=None):
		self.count += 1
		text = "%d - %s # rows=%s datapath=-" % (self.count, function.__doc__, rows or self.rows)
		try:
			function()
			print("ok " + text, flush=True)
		except Exception:
			self.failed += 1
			print("not ok " + text)
			for line in traceback.format_exc().splitlines():
				print("# " + line)
			sys.stdout.flush()

	def end(self):
		print("1..%d" % self.count)
		return 1 if self.failed else 0


def equal(got, wanted):
	assert got == wanted, "%r, not %r" % (got, wanted)


def refused(reason, words, call):
	"""Demands that call() is refused so."""
	try:
		result = call()
	except Refused as e:
		assert e.reason == reason and words in e.message, \
			"refused as %s: %s, not as %s: ...%s..." % (e.reason, e.message, reason, words)
		return
	raise AssertionError("was not refused (%s): %r" % (reason, result))


FINGERPRINT = ":".join("%02X" % i for i in range(32))


def sdp(*media, host="127.0.0.1"):
	"""An SDP with these media sections, made by audio() and video()."""
	family = 6 if ":" in host else 4
	return "".join(line + "\r\n" for line in (
		"v=0", "o=- 1 1 IN IP%d %s" % (family, host), "s=-",
		"c=IN IP%d %s" % (family, host), "t=0 0")) + "".join(media)


def section(kind, port, formats, setup, fingerprint):
	lines = ["m=%s %d %s %s" % (kind, port, "UDP/TLS/RTP/SAVPF" if setup else "RTP/AVP", formats),
		"a=rtcp-mux"]
	if setup:
		lines += ["a=setup:" + setup, "a=fingerprint:sha-256 " + fingerprint]
	return "".join(line + "\r\n" for line in lines)


def audio(port, setup=None, fingerprint=FINGERPRINT):
	return section("audio", port, "0", setup, fingerprint)


def video(port, setup=None, fingerprint=FINGERPRINT):
	return section("video", port, "96", setup, fingerprint)


def field(text, prefix, nth=0):
	"""The rest of the nth line that begins so."""
	return [l[len(prefix):] for l in text.split("\r\n") if l.startswith(prefix)][nth]


def port_of(text, nth=0):
	return int(field(text, "m=", nth).split()[1])
