# SPDX-License-Identifier: GPL-2.0
"""Where calls are made: the namespaces, the agent, XDP on both links."""

import os
import signal
import sys

from call import Call, PLANS
from host import Host, loaded
from net import Net, Trouble
from phone import TREE

LOG = os.path.join(TREE, "build", "log")


class Stage:
	def __init__(self, log, prefix="", datapath="kernel"):
		os.makedirs(LOG, exist_ok=True)
		path = os.path.join(LOG, log + "-ksrtpd.log")
		open(path, "wb").close()
		self.net = Net(prefix)
		self.host = Host(self.net, path, datapath)
		self.calls = []

	def __enter__(self):
		# Whoever ends us wants the namespaces gone, too.
		signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
		if self.host.datapath == "kernel" and not loaded():
			raise Trouble("the module is not loaded; use tests/vm/with-module")
		try:
			self.net.hosted()
			self.host.start()
		except BaseException:
			self.__exit__(*sys.exc_info())
			raise
		return self

	def __exit__(self, kind, *_):
		for call in self.calls:
			call.close()
		status = self.host.stop()
		try:
			if self.host.datapath == "kernel":
				self.host.detach([n for n, d in self.host.xdp().items()
						  if d["mode"] != "none"])
		except Trouble as e:
			print("# %s" % e, file=sys.stderr)
		self.net.remove()
		if kind is not None:
			print("# the agent's last words:\n# %s" %
			      "\n# ".join(self.host.words().split("\n")[-20:]), file=sys.stderr)
		elif status not in (0, None):
			raise Trouble("the agent ended with %s: %s" % (status, self.host.words()))
		return False

	def call(self, plan, *options):
		call = Call(self.net, self.host, plan, *options)
		self.calls.append(call)
		call.connect()
		# From an empty neighbour table on, no packet may be lost. An endpoint that asks
		# for the host just then is in it again.
		for _ in range(10):
			self.net.forget_neighbours()
			left = [n for n in self.net.neighbours() if "REACHABLE" in n or "STALE" in n]
			if not left:
				break
		else:
			call.late.append("neighbours left after flush: %s" % left)
		return call

	def hang_up(self, call):
		self.host.ctl("call", "del", call.plan.name)
		call.close()
		self.calls.remove(call)


def plan(name):
	return next(p for p in PLANS if p.name == name)
