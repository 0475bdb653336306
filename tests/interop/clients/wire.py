# SPDX-License-Identifier: GPL-2.0
"""A wire that loses datagrams (loss.bpf.c), put on devices of a namespace."""

import json
import os
import struct

from net import run
from world import TREE

OBJECT = os.path.join(TREE, "build", "tests", "interop", "loss.bpf.o")


class Wire:
	"""What one device receives."""

	def __init__(self, ns, dev):
		self.ns, self.dev = ns, dev
		run("ip", "link", "set", "dev", dev, "xdpgeneric", "object", OBJECT, "section", "xdp", ns=ns)
		link, = json.loads(run("ip", "-j", "link", "show", "dev", dev, ns=ns))
		program = json.loads(run("bpftool", "-j", "prog", "show", "id", str(link["xdp"]["prog"]["id"])))
		self.map, = program["map_ids"]

	def _value(self):
		found = json.loads(run("bpftool", "-j", "map", "lookup", "id", str(self.map), "key", "hex",
			"00", "00", "00", "00"))
		return struct.unpack("<4I", bytes(int(octet, 16) for octet in found["value"]))

	def lose(self, per_mille):
		"""So many in a thousand from now on."""
		value = struct.pack("<4I", per_mille, *self._value()[1:])
		run("bpftool", "map", "update", "id", str(self.map), "key", "hex", "00", "00", "00", "00",
		    "value", "hex", *("%02x" % octet for octet in value))

	def counts(self):
		"""Datagrams that passed, that were lost, and the DTLS records there were."""
		return self._value()[1:]
