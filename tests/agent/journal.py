#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the agent tells journald: entries with fields, none with a key, none with an address.

Runs itself in a mount namespace with a /run of its own, where this is journald.
"""

import os
import socket
import subprocess
import sys
import tempfile

if len(sys.argv) == 1:
	os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--mount", "--", sys.executable,
		os.path.realpath(__file__), "inside"])

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from agent import Agent, Tap, audio, equal, refused, sdp

JOURNAL = "/run/systemd/journal/socket"
subprocess.run(["mount", "-t", "tmpfs", "run", "/run"], check=True)
os.makedirs(os.path.dirname(JOURNAL))
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind(JOURNAL)
journal.settimeout(0.2)
tap = Tap("O2")
came = []


class Journaled(Agent):
	"""Its stderr is what JOURNAL_STREAM says, as under systemd, or is not."""
	right = True

	def start(self):
		with open(self.stderr_path, "ab") as f:
			st = os.fstat(f.fileno())
		os.environ["JOURNAL_STREAM"] = "%d:%d" % (st.st_dev, st.st_ino + (not self.right))
		super().start()


def entries():
	"""What came since the last time, as dictionaries."""
	found = []
	while True:
		try:
			data = journal.recv(65536)
		except socket.timeout:
			return found
		assert data.endswith(b"\n"), data
		found.append(dict(line.split("=", 1) for line in data.decode()[:-1].split("\n")))


def test_fields():
	"""an entry has its priority and, where it is about a call, the call's name as a field"""
	agent = Journaled("-i", "a=127.0.0.1", "-i", "b=127.0.0.2", "-l", "info")
	client = agent.client()
	client.ask("call-offer", call="c.1", sdp=sdp(audio(5004, "actpass"), host="127.0.0.9"))
	refused("bad-sdp", "", lambda: client.ask("call-answer", call="c.1", sdp="v=0\r\n"))
	client.ask("call-del", call="c.1")
	client.close()
	agent.end()
	came.extend(entries())
	assert all(e["SYSLOG_IDENTIFIER"] == "ksrtpd" and e["PRIORITY"] in "3467" for e in came), came
	about = [e for e in came if "KSRTP_CALL" in e]
	equal([(e["KSRTP_CALL"], e["MESSAGE"], e["PRIORITY"]) for e in about],
		[("c.1", "call c.1: offered", "6"), ("c.1", "call c.1: deleted", "6")])
	equal(agent.said(), "")
	agent.remove()


def test_reason():
	"""a failed call's entry has the reason as the API says it, at priority warning"""
	with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
		f.write("interface = a 127.0.0.1\nhandshake-timeout = 1\nlog-level = info\n")
		f.flush()
		agent = Journaled("-c", f.name, "-l", "info")
	client = agent.client()
	subscriber = agent.client()
	subscriber.ask("subscribe")
	client.ask("call-offer", call="f", sdp=sdp(audio(5006, "actpass"), host="127.0.0.9"))
	client.ask("call-answer", call="f", sdp=sdp(audio(5008, "active"), host="127.0.0.9"))
	while True:
		event = subscriber.event()
		if event["event"] == "call-state" and event["state"] == "failed":
			break
	reason = event["failure"]["reason"]
	failed = [e for e in entries() if e.get("KSRTP_CALL") == "f" and "KSRTP_REASON" in e]
	equal([(e["KSRTP_REASON"], e["PRIORITY"]) for e in failed], [(reason, "4")])
	agent.remove()


def test_addresses():
	"""below level debug no entry has an endpoint's address"""
	assert came and not [e for e in came if "127.0.0.9" in str(e)], came


def test_elsewhere():
	"""with stderr somewhere else than JOURNAL_STREAM says, the lines go to stderr"""
	entries()
	Journaled.right = False
	agent = Journaled("-i", "a=127.0.0.1", "-i", "b=127.0.0.2")
	agent.end()
	assert "ksrtpd: info: " in agent.said(), agent.said()
	equal(entries(), [])
	agent.remove()


for test in (test_fields, test_reason, test_addresses, test_elsewhere):
	tap.run(test, "S5,O2" if test is test_addresses else "O2")
sys.exit(tap.end())
