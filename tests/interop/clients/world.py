# SPDX-License-Identifier: GPL-2.0
"""Where the clients call each other: namespaces, the media host between them, logs.

	alice 192.0.2.2 ==== 192.0.2.1 media host 198.51.100.1 ==== 198.51.100.2 bob
	                     192.0.2.9    SIP     198.51.100.9

The media host is a namespace in which the agent moves the media itself, or a guest with
the module, whose two NICs are taps of that namespace.
"""

import hashlib
import os
import shutil
import signal
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
LOG = os.path.join(TREE, "build", "log")
sys.path.insert(0, os.path.join(TREE, "tests", "demo"))

from guest_host import GuestHost	# noqa: E402
from host import Host	# noqa: E402
from net import Net, private, run	# noqa: E402
from tap import skip_all	# noqa: E402

ADDRESS = {"alice": "192.0.2.2", "bob": "198.51.100.2"}
ADDRESS6 = {"alice": "2001:db8:a::2", "bob": "2001:db8:b::2"}
DIRECT = {"alice": "2001:db8:a::2", "bob": "2001:db8:a::3"}	# what pages prefer
OURS = {"alice": {"192.0.2.1", "2001:db8:a::1"}, "bob": {"198.51.100.1", "2001:db8:b::1"}}
SIP = {"alice": "192.0.2.9", "bob": "198.51.100.9"}


def need(*programs):
	"""Skip all where a client is not installed or no network can be made."""
	for program in programs:
		if not shutil.which(program):
			skip_all("no %s here; 'make check-interop' as root installs it" % program)
	if not private(sys.argv[0]):
		skip_all("no network namespaces to be had here")


def log(suite, who):
	"""An empty file for what somebody says."""
	os.makedirs(LOG, exist_ok=True)
	path = os.path.join(LOG, "%s-%s.log" % (suite, who))
	open(path, "wb").close()
	return path


def until(true, seconds=30, step=0.2):
	"""Wait for it to be true; what it was at last."""
	deadline = time.monotonic() + seconds
	while True:
		value = true()
		if value or time.monotonic() > deadline:
			return value
		time.sleep(step)


def code(one, other):
	"""The security code of two SHA-256 thumbprints, in any order."""
	octets = [bytes.fromhex(f.replace(":", "")) for f in (one, other)]
	d = hashlib.pbkdf2_hmac("sha256", b"".join(sorted(octets)), b"ksrtp security code v1", 100000, 32)
	digits = "%020d" % (int.from_bytes(d, "big") % 10 ** 20)
	return " ".join(digits[i:i + 5] for i in range(0, 20, 5))


class Links(Net):
	"""As hosted(), but the host's ends are taps, on a bridge with the way to each phone."""

	def tapped(self):
		host = self.add("host")
		for who, other in (("alice", "192.0.2.1"), ("bob", "198.51.100.1")):
			ns, bridge = self.add(who), "br-" + who
			self.link(ns, "eth0", host, "to-" + who)
			run("ip", "tuntap", "add", "dev", "tap-" + who, "mode", "tap", ns=host)
			run("ip", "link", "add", bridge, "type", "bridge", ns=host)
			for dev in ("to-" + who, "tap-" + who):
				run("ip", "link", "set", dev, "master", bridge, "up", ns=host)
			self.up(host, bridge)
			self.up(ns, "eth0", ADDRESS[who] + "/24", ADDRESS6[who] + "/64", route=other)
			run("ethtool", "-K", "eth0", "tx", "off", ns=ns)


class World:
	"""The namespaces, with a media host (datapath user, xdp, skb) or a link alone (None)."""

	def __init__(self, suite, datapath, config=""):
		self.suite, self.datapath = suite, datapath
		self.net = Links("%s%d-" % (suite[:3], os.getpid()))
		self.host = None
		if datapath == "user":
			self.host = Host(self.net, log(suite, "ksrtpd"), "user", config)
		elif datapath:
			self.host = GuestHost(self.net, suite, log(suite, "ksrtpd"), datapath, config)

	def __enter__(self):
		signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
		try:
			self._make()
		except BaseException:
			self.__exit__(*sys.exc_info())
			raise
		return self

	def _make(self):
		if not self.host:
			self.net.direct()
			return
		if self.datapath == "user":
			self.net.hosted()
			devices = {"alice": "to-alice", "bob": "to-bob"}
		else:
			self.net.tapped()
			devices = {"alice": "br-alice", "bob": "br-bob"}
		for who, dev in devices.items():
			run("ip", "addr", "add", SIP[who] + "/24", "dev", dev, ns=self.ns("host"))
		self.host.start()

	def __exit__(self, kind, *_):
		if self.host:
			self.host.stop()
			if kind is not None:
				print("# the agent's last words:\n# %s" %
				      "\n# ".join(self.host.words().split("\n")[-20:]), file=sys.stderr)
		self.net.remove()
		return False

	def kernel(self):
		"""The guest's, where there is one."""
		return getattr(self.host, "kernel", None) or ""

	def ns(self, who):
		return self.net.name(who)
