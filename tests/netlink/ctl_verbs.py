#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ksrtpctl's verbs that the agent carries out: what is asked on the wire for each, and
how the answers look as text and as JSON; drain; monitor on a terminal."""

import json
import os
import pty
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import ctl  # noqa: E402
from ctl import CTL, asked, result  # noqa: E402


def requests():
	return (
		(("policy", "list"), "policy-list", {}),
		(("policy", "get", "Global"), "policy-get", {"policy": "Global"}),
		(("policy", "new", "Board", "--e2ee", "required", "--on-mismatch", "end", "--description", "the few"),
		 "policy-new", {"policy": "Board", "e2ee": "required", "on_mismatch": "end", "description": "the few"}),
		(("policy", "set", "Global", "--e2ee", "disabled"), "policy-set", {"policy": "Global", "e2ee": "disabled"}),
		(("policy", "remove", "Board"), "policy-remove", {"policy": "Board"}),
		(("policy", "grant", "Board", "--group", "g", "--rank", "3"), "policy-grant",
		 {"policy": "Board", "group": "g", "rank": 3}),
		(("policy", "grant", "Board", "--user", "a@b"), "policy-grant", {"policy": "Board", "user": "a@b"}),
		(("policy", "revoke", "--organisation", "o"), "policy-revoke", {"organisation": "o"}),
		(("policy", "user", "a@b"), "policy-user", {"user": "a@b"}),
		(("policy", "user", "a@b", "on"), "policy-user", {"user": "a@b", "e2ee": True}),
		(("policy", "user", "a@b", "off"), "policy-user", {"user": "a@b", "e2ee": False}),
		(("policy", "user", "a@b", "default"), "policy-user", {"user": "a@b", "e2ee": None}),
		(("policy", "effective", "--user", "u", "--group", "g", "--group", "h", "--organisation", "o"),
		 "policy-effective", {"user": "u", "groups": ["g", "h"], "organisation": "o"}),
		(("policy", "log", "--limit", "5", "--before", "77"), "policy-log", {"limit": 5, "before": 77}),
		(("federation", "list"), "federation-list", {}),
		(("federation", "allow", ".example.org"), "federation-allow", {"host": ".example.org"}),
		(("federation", "deny", "192.0.2.0/24"), "federation-deny", {"host": "192.0.2.0/24"}),
		(("federation", "remove", "x.example.org"), "federation-remove", {"host": "x.example.org"}),
		(("call", "verify", "c1"), "call-verify", {"call": "c1"}),
		(("call", "verify", "c1", "--side", "callee"), "call-verify", {"call": "c1", "side": "callee"}),
		(("call", "mismatch", "c1"), "call-mismatch", {"call": "c1"}),
		(("call", "request", "c1", "record"), "call-request", {"call": "c1", "what": "record"}),
		(("drain", "--off"), "undrain", {}),
		(("agent", "ping"), "ping", {}),
		(("agent", "x-y", "a=1", "b=two", "c.d.e=true", "c.d.f=[1,\"x\"]", "g=\"5\"", "h=", "c.i=a=b"), "x-y",
		 {"a": 1, "b": "two", "c": {"d": {"e": True, "f": [1, "x"]}, "i": "a=b"}, "g": "5", "h": ""}),
	)


def test_requests():
	wrong = []
	for argv, method, params in requests():
		got, request = asked({"result": {"done": True}}, "-j", *argv)
		if request != {"id": 1, "method": method, "params": params}:
			wrong.append("%s asked %s" % (argv, request))
		if got.returncode or json.loads(got.stdout) != {"done": True}:
			wrong.append("%s printed %s %s" % (argv, got.stdout, got.stderr))
		got, _ = asked({"error": {"reason": "not-available-under-e2ee", "message": "no, %s" % method}}, "-j", *argv)
		error = json.loads(got.stdout).get("error", {})
		if got.returncode != 1 or error.get("reason") != "not-available-under-e2ee" or method not in got.stderr:
			wrong.append("%s refused: %s %s" % (argv, got.stdout, got.stderr))
	result(wrong, "%d verbs ask the agent's methods, and hand on its answers and refusals" % len(requests()),)


def test_members():
	wrong = []
	sdp = ctl.SDP
	with tempfile.NamedTemporaryFile("w") as f:
		f.write("two\nlines")
		f.flush()
		got, request = asked({"result": {"call": "c", "sdp": "x"}}, "call", "offer", "c", "--from-family", "6",
				     "--set", "mode=e2ee", "--set", "from.party.user=alice", "--set", "x=@" + f.name,
				     text=sdp)
	want = {"call": "c", "sdp": sdp, "from": {"family": 6, "party": {"user": "alice"}}, "to": {}, "mode": "e2ee",
		"x": "two\nlines"}
	if request["params"] != want or got.stdout != "x":
		wrong.append("asked %s, printed %s" % (request, got.stdout))
	got, request = asked({"result": {"call": "c", "sdp": "x"}}, "call", "offer", "c", "--from-interface", "b",
			     "--to-interface", "a,b", text=sdp)
	if request["params"] != {"call": "c", "sdp": sdp, "from": {"interface": "b"}, "to": {"interface": ["a", "b"]}}:
		wrong.append("asked %s" % request["params"])
	got, request = asked({"result": {"call": "c", "sdp": "y"}}, "call", "reoffer", "c", "--side", "callee", text=sdp)
	if request["method"] != "call-reoffer" or request["params"] != {"call": "c", "sdp": sdp, "side": "callee"}:
		wrong.append("reoffer asked %s" % request)
	for argv, words in (
		(("call", "reoffer", "c"), "--side is missing"), (("call", "reoffer", "c", "--side", "both"), "not 'both'"),
		(("agent",), "name of a method"), (("agent", "m", "a"), "MEMBER=VALUE"), (("agent", "m", "=1"), "MEMBER=VALUE"),
		(("agent", "m", "a=1", "a.b=2"), "'a' is a value already"),
		(("call", "offer", "c", "--set", "x"), "MEMBER=VALUE"),
		(("call", "offer", "c", "--to-interface", ","), "names no interface"),
		(("policy", "get"), "name of the policy is missing"), (("policy", "new", "--e2ee", "x"), "name of the policy"),
		(("policy", "grant", "P", "--rank", "0"), "no number from 1"), (("policy", "log", "x"), "unexpected 'x'"),
		(("policy", "user", "u", "maybe"), "none of on, off, default"), (("policy", "effective", "--user"), "with a name"),
		(("policy", "effective", "--rank", "3"), "unexpected '--rank'"), (("policy", "list", "x"), "takes no argument"),
		(("federation", "allow"), "takes a host"), (("federation", "list", "x"), "takes no argument"),
		(("call", "verify"), "takes the name of a call"), (("call", "verify", "c", "--side", "x"), "not 'x'"),
		(("call", "mismatch", "c", "caller"), "takes the name of a call"), (("call", "request", "c"), "what is wanted"),
		(("drain", "x"), "--wait SECONDS"), (("drain", "--wait", "-1"), "no number of seconds"),
		(("drain", "--wait", "86401"), "no number of seconds"),
	):
		got = ctl.ctl(*argv, text=sdp)
		if got.returncode != 2 or words not in got.stderr or got.stdout:
			wrong.append("%s: status %d, '%s'" % (argv, got.returncode, got.stderr.strip()))
	got = ctl.ctl("agent", "m", "a=@/nonexistent")
	wrong += [] if "/nonexistent: No such file" in got.stderr else [got.stderr]
	result(wrong, "members by their path, and what is no member")


def test_text():
	wrong = []
	for answer, argv, lines in (
		({"policies": [{"policy": "Global", "e2ee": "disabled", "on_mismatch": "end", "description": ""}]},
		 ("policy", "list"), (r"POLICY +END-TO-END +ON-MISMATCH", r"Global +disabled +end")),
		({"policy": "P", "e2ee": "required", "on_mismatch": "end", "description": "d",
		  "grants": [{"kind": "group", "name": "g", "policy": "P", "rank": 2}]},
		 ("policy", "get", "P"), (r"end to end +required", r"group +g +2")),
		({"entries": [{"id": 9, "at_ms": 1700000000000, "who": "uid 0", "verb": "policy-set", "object": "P",
			       "before": "a", "after": "b"}]},
		 ("policy", "log"), (r"9 +2023-11-1[45] .* +uid 0 +policy-set +P +a +b",)),
		({"default": "allow", "allow": ["a.example"], "deny": ["b.example"]},
		 ("federation", "list"), (r"b\.example +deny", r"a\.example +allow", r"every other +allow")),
		({"version": "1", "datapath": "user"}, ("agent", "ping"), (r"version +1", r"datapath +user")),
		(dict(ctl.CALL, refused=[{"line": 1, "kind": "text", "reason": "x", "message": "media line 2 (text): why"}]),
		 ("call", "show", "c1"), (r"^not carried: media line 2 \(text\): why",)),
		(dict(ctl.CALL, mode="e2ee", indicator="shield-lock", code="11111 22222 33333 44444", certificate_reused=True),
		 ("call", "show", "c1"), (r"indicator +shield-lock", r"security code +11111 22222 33333 44444",
					  r"^certificate reused: code weaker")),
	):
		got, _ = asked({"result": answer}, *argv)
		wrong += ["%s: no '%s' in:\n%s" % (argv, line, got.stdout + got.stderr) for line in lines
			  if not re.search(line, got.stdout, re.M)]
	result(wrong, "policies, lists, logs and a call's shield and code, for people")


class Agent:
	"""As many connections as come; `calls` are there until `end` is called."""

	def __init__(self, calls, answers=None):
		self.folder = tempfile.mkdtemp(prefix="ksrtpctl-")
		self.path = os.path.join(self.folder, "agent.sock")
		self.calls, self.subscribers, self.draining = calls, [], threading.Event()
		self.server = socket.socket(socket.AF_UNIX)
		self.server.bind(self.path)
		self.server.listen(8)
		threading.Thread(target=self.accept, daemon=True).start()

	def accept(self):
		while True:
			try:
				conn, _ = self.server.accept()
			except OSError:
				return
			threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

	def serve(self, conn):
		for line in conn.makefile():
			request = json.loads(line)
			answer = {}
			if request["method"] == "subscribe":
				self.subscribers.append(conn)
			elif request["method"] == "call-list":
				answer = {"calls": [{"call": c, "state": "established", "media": []} for c in self.calls]}
			elif request["method"] == "drain":
				answer = {"draining": True, "calls": len(self.calls)}
				self.draining.set()
			conn.sendall(json.dumps({"id": request["id"], "result": answer}).encode() + b"\n")

	def tell(self, **event):
		for conn in self.subscribers:
			conn.sendall(json.dumps({"event": event}).encode() + b"\n")

	def end(self):
		self.draining.wait(20)
		time.sleep(0.2)
		self.calls = []
		self.tell(event="call-state", call="c", state="ended")
		self.tell(event="drained")

	def close(self):
		self.server.close()
		os.unlink(self.path)
		os.rmdir(self.folder)


def test_drain():
	wrong = []
	for calls, argv, ends, status, want in (
		([], (), False, 0, {"drained": True, "calls": 0}),
		(["a", "b"], (), False, 0, {"drained": False, "calls": 2}),
		([], ("--wait", "20"), False, 0, {"drained": True, "calls": 0}),
		(["a"], ("--wait", "20"), True, 0, {"drained": True, "calls": 0}),
		(["a"], ("--wait", "1"), False, 1, "timeout"),
		(["a"], ("--wait", "0"), False, 0, {"drained": False, "calls": 1}),
	):
		agent = Agent(calls)
		if ends:
			threading.Thread(target=agent.end, daemon=True).start()
		got = ctl.ctl("-j", "-s", agent.path, "drain", *argv)
		answer = json.loads(got.stdout or "{}")
		if got.returncode != status or answer.get("error", {}).get("reason", answer) != want or \
		   not agent.draining.is_set():
			wrong.append("%s %s: %d %s %s" % (calls, argv, got.returncode, got.stdout, got.stderr))
		agent.close()
	result(wrong, "drain: refuses new calls, and waits for the last one where it shall")


def on_terminal(agent, env):
	"""What monitor writes to a terminal after two events of the agent."""
	master, slave = pty.openpty()
	monitor = subprocess.Popen([CTL, "-s", agent.path, "monitor"], stdout=slave, stderr=subprocess.DEVNULL,
				   env=dict(os.environ, **env))
	os.close(slave)
	deadline = time.monotonic() + 30
	while not agent.subscribers and time.monotonic() < deadline:
		time.sleep(0.05)
	agent.tell(event="call-state", call="c1", state="established")
	agent.tell(event="call-state", call="c1", state="failed")
	agent.tell(event="call-state", call="c1", state="connecting")
	out = b""
	while out.count(b"\n") < 3 and select.select([master], [], [], max(0, deadline - time.monotonic()))[0]:
		out += os.read(master, 4096)
	monitor.terminate()
	monitor.wait()
	os.close(master)
	return out.decode().split("\r\n")


def test_colours():
	wrong = []
	for env, coloured in (({"TERM": "xterm", "NO_COLOR": ""}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
			      ({"TERM": "dumb", "NO_COLOR": ""}, False)):
		agent = Agent([])
		lines = on_terminal(agent, env)
		agent.close()
		good = [line.startswith("\033[32m") and line.endswith("\033[0m") for line in lines]
		bad = [line.startswith("\033[31m") and line.endswith("\033[0m") for line in lines]
		plain = ["\033" not in line for line in lines]
		if coloured and not (good[0] and bad[1] and plain[2]) or not coloured and not all(plain):
			wrong.append("%s: %r" % (env, lines))
		wrong += [] if "call-state call c1 state failed" in "".join(lines) else ["%r" % lines]
	result(wrong, "monitor has colours on a terminal alone, and not where NO_COLOR says so")


def main():
	for test in (test_requests, test_members, test_text, test_drain, test_colours):
		test()
	print("1..%d" % ctl.count)
	return 1 if ctl.failed else 0


if __name__ == "__main__":
	sys.exit(main())
