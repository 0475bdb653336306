# SPDX-License-Identifier: GPL-2.0
"""The media host: the agent, the CLI and XDP on its two links."""

import json
import os
import socket
import subprocess
import tempfile
import time

from net import Trouble, run
from phone import TREE

AGENT = os.path.join(TREE, "build", "ksrtpd")
CLI = os.path.join(TREE, "build", "ksrtpctl")
DEVICES = ("to-alice", "to-bob")
INTERFACES = ("a=192.0.2.1,2001:db8:a::1", "b=198.51.100.1,2001:db8:b::1")


class Host:
	def __init__(self, net, log=None, datapath="kernel", config=""):
		"""config: lines of a configuration file, besides datapath and interfaces."""
		self.datapath = datapath
		self.ns = net.name("host") if net else None
		self.folder = tempfile.mkdtemp(prefix="ksrtp-demo-")
		self.socket = os.path.join(self.folder, "ksrtpd.sock")
		self.log = log or os.path.join(self.folder, "ksrtpd.log")
		self.config = os.path.join(self.folder, "ksrtpd.conf")
		self.configure(config)
		self.agent = None
		self.program = AGENT
		self.state = None	# the folder of the agent's state: None, as without

	def configure(self, config):
		with open(self.config, "w") as f:
			f.write(config)

	def start(self):
		argv = ["nsenter", "--net=/run/netns/" + self.ns] if self.ns else []
		argv += [self.program, "-s", self.socket, "-c", self.config, "-d", self.datapath]
		if self.state:
			argv += ["-S", self.state]
		for interface in INTERFACES:
			argv += ["-i", interface]
		with open(self.log, "ab") as log:
			self.agent = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log,
						      stderr=log)
		deadline = time.monotonic() + 30
		# One that was killed leaves its socket behind.
		while not self.answers():
			if self.agent.poll() is not None or time.monotonic() > deadline:
				raise Trouble("the agent does not start: " + self.words())
			time.sleep(0.05)

	def answers(self):
		with socket.socket(socket.AF_UNIX) as s:
			try:
				s.connect(self.socket)
			except OSError:
				return False
		return True

	def words(self):
		with open(self.log, errors="replace") as f:
			return f.read().strip()[-2000:]

	def stop(self):
		"""End the agent; its exit status."""
		if not self.agent:
			return None
		self.agent.terminate()
		try:
			status = self.agent.wait(20)
		except subprocess.TimeoutExpired:
			self.agent.kill()
			self.agent.wait()
			status = "it had to be killed"
		self.agent = None
		return status

	def kill(self):
		"""Without a word."""
		self.agent.kill()
		self.agent.wait()
		self.agent = None

	def ctl(self, *argv, text=None):
		return run(CLI, "-s", self.socket, *argv, ns=self.ns, text=text)

	def json(self, *argv):
		return json.loads(self.ctl("-j", *argv))

	def offer(self, call, sdp, *options):
		return self.ctl("call", "offer", call, "--sdp", "-", "--from-interface", "a",
				"--to-interface", "b", *options, text=sdp)

	def answer(self, call, sdp):
		return self.ctl("call", "answer", call, "--sdp", "-", text=sdp)

	def reoffer(self, call, side, sdp):
		return self.ctl("call", "reoffer", call, "--side", side, "--sdp", "-", text=sdp)

	def show(self, call):
		return self.json("call", "show", call)

	def legs(self, call):
		"""The call's legs in order of media lines, caller's first."""
		legs = [dict(leg, kind=media["kind"]) for media in self.show(call)["media"]
			for leg in sorted(media["legs"], key=lambda l: l["side"] != "caller")]
		for leg in legs:
			# Where the agent moves the media, it is the agent that counted.
			if leg.get("user"):
				leg["kernel"] = dict(leg["user"], xdp=0, skb=0,
						     user=leg["user"]["forwarded"])
		return legs

	def attach(self, devices=DEVICES):
		for dev in devices:
			self.ctl("xdp", "attach", dev, "native")

	def detach(self, devices=DEVICES):
		for dev in devices:
			self.ctl("xdp", "detach", dev)

	def xdp(self):
		"""Name of device to its status, of those that have or had to do with XDP."""
		return {d["ifname"]: d for d in self.json("xdp", "show")["devices"]}


def loaded():
	return os.path.isdir("/sys/module/ksrtp")
