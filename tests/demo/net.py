# SPDX-License-Identifier: GPL-2.0
"""Network namespaces and the links between them.

	 alice                  media host                  bob
	 192.0.2.2     192.0.2.1        198.51.100.1     198.51.100.2
	 2001:db8:a::2 2001:db8:a::1    2001:db8:b::1    2001:db8:b::2
	 eth0 ======== to-alice          to-bob ======== eth0

Without a host (direct()), one link joins the two.
"""

import os
import subprocess
import sys


class Trouble(Exception):
	"""The set-up is not as it must be; the text says what to do."""


def run(*argv, ns=None, check=True, text=None):
	"""Run a command, in a namespace if one is named; its stdout."""
	if ns:
		argv = ("nsenter", "--net=/run/netns/" + ns) + argv
	got = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
			     input=text, check=False)
	if check and got.returncode:
		raise Trouble("%s: %s" % (" ".join(argv), got.stderr.strip() or got.stdout.strip() or
					  "status %d" % got.returncode))
	return got.stdout


def private(script):
	"""Be root of a network of one's own where one is not root; False: impossible."""
	if os.geteuid() == 0:
		return True
	if os.environ.get("KSRTP_PRIVATE"):
		return False
	os.environ["KSRTP_PRIVATE"] = "1"
	probe = subprocess.run(["unshare", "-Urnm", "mount", "-t", "tmpfs", "run", "/run"],
			       stderr=subprocess.DEVNULL, check=False)
	if probe.returncode:
		return False
	sys.stdout.flush()
	os.execvp("unshare", ["unshare", "-Urnm", "sh", "-c",
			      'mount -t tmpfs run /run && exec "$0" "$@"', script] + sys.argv[1:])
	return False


class Net:
	def __init__(self, prefix=""):
		self.prefix = prefix
		self.made = []

	def name(self, who):
		return self.prefix + who

	def add(self, who):
		name = self.name(who)
		if os.path.exists("/run/netns/" + name):
			raise Trouble("a network namespace '%s' exists already; 'ip netns del %s' "
				      "if it is of no use" % (name, name))
		run("ip", "netns", "add", name)
		self.made.append(name)
		# No duplicate address detection, and no router.
		run("sh", "-c", """
			ip link set lo up
			echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
			echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
			echo 0 >/proc/sys/net/ipv4/ip_forward
			echo 0 >/proc/sys/net/ipv6/conf/all/forwarding""", ns=name)
		return name

	@staticmethod
	def link(ns1, dev1, ns2, dev2):
		run("ip", "link", "add", dev1, "netns", ns1, "type", "veth",
		    "peer", "name", dev2, "netns", ns2)

	@staticmethod
	def up(ns, dev, *addresses, route=None):
		batch = ["link set %s up" % dev]
		batch += ["addr add %s dev %s%s" % (a, dev, " nodad" if ":" in a else "")
			  for a in addresses]
		if route:
			batch.append("route add default via " + route)
		run("ip", "-batch", "-", ns=ns, text="\n".join(batch) + "\n")

	def direct(self):
		a, b = self.add("alice"), self.add("bob")
		self.link(a, "eth0", b, "eth0")
		self.up(a, "eth0", "192.0.2.2/24", "2001:db8:a::2/64")
		self.up(b, "eth0", "192.0.2.3/24", "2001:db8:a::3/64")

	def hosted(self):
		a, h, b = self.add("alice"), self.add("host"), self.add("bob")
		self.link(a, "eth0", h, "to-alice")
		self.link(b, "eth0", h, "to-bob")
		self.up(h, "to-alice", "192.0.2.1/24", "2001:db8:a::1/64")
		self.up(h, "to-bob", "198.51.100.1/24", "2001:db8:b::1/64")
		self.up(a, "eth0", "192.0.2.2/24", "2001:db8:a::2/64", route="192.0.2.1")
		self.up(b, "eth0", "198.51.100.2/24", "2001:db8:b::2/64", route="198.51.100.1")
		for ns in (a, b):
			# A veth takes redirected frames only if its peer has GRO on; and
			# checksums shall be on the wire as from any other machine.
			run("ethtool", "-K", "eth0", "gro", "on", "tx", "off", ns=ns)

	def neighbours(self):
		"""What is in the host's neighbour tables, multicast left out."""
		lines = run("ip", "neigh", "show", ns=self.name("host")).split("\n")
		return [l for l in lines if l and "NOARP" not in l]

	def forget_neighbours(self):
		for dev in ("to-alice", "to-bob"):
			run("ip", "neigh", "flush", "dev", dev, ns=self.name("host"))

	def remove(self):
		for name in reversed(self.made):
			run("ip", "netns", "del", name, check=False)
		self.made = []
