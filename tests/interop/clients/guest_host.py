# SPDX-License-Identifier: GPL-2.0
"""The media host in a guest, seen from outside: what Host does, by way of guest."""

import json
import os
import socket
import subprocess
import time

from host import Host
from net import Trouble
from netns import argv, inside

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
AT = ("192.0.2.1", 7000)
BOOT = 240		# seconds; a busy machine may take its time
LIFE = 800


class GuestHost(Host):
	def __init__(self, net, suite, log, datapath, config=""):
		super().__init__(net, log, "kernel", config)
		self.path, self.suite = datapath, suite
		self.output = log.replace("-ksrtpd.", "-guest.")
		self.guest = self.stream = self.kernel = None

	def start(self):
		with open(self.config) as f:
			config = f.read()
		with open(self.output, "wb") as out:
			self.guest = subprocess.Popen(argv(self.ns) + [os.path.join(TREE, "tests/vm/run"),
				"-n", "tap-alice", "-n", "tap-bob", "-t", str(LIFE), "--",
				"tests/vm/with-module", "tests/interop/clients/guest", self.log, self.path,
				config], cwd=TREE, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
		deadline = time.monotonic() + BOOT
		while not self.stream:
			if self.guest.poll() is not None or time.monotonic() > deadline:
				raise Trouble("the guest does not come up; see " + self.output)
			try:
				with inside(self.ns):
					connection = socket.create_connection(AT, 5)
				connection.settimeout(60)
				self.stream = connection.makefile("rw")
			except OSError:
				time.sleep(0.5)
		self.kernel = self.ask("hello")

	def ask(self, what, **more):
		self.stream.write(json.dumps(dict(more, what=what)) + "\n")
		self.stream.flush()
		answer = json.loads(self.stream.readline() or '{"error": "the guest has gone"}')
		if "error" in answer:
			raise Trouble(answer["error"])
		return answer["result"]

	def ctl(self, *words, text=None):
		return self.ask("ctl", words=words, text=text)

	def kill(self):
		"""SIGKILL for the agent."""
		return self.ask("kill")

	def stop(self):
		"""End agent and guest; None when nothing runs, 0 when all is well."""
		status = None
		if self.stream:
			try:
				status = self.ask("end")
			except (OSError, ValueError, Trouble):
				pass
			self.stream = None
		if self.guest:
			try:
				self.guest.wait(60)
			except subprocess.TimeoutExpired:
				self.guest.terminate()
				self.guest.wait()
			# 125: its kernel complained.
			status = self.guest.returncode or status
			self.guest = None
		return status
