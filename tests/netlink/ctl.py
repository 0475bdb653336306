#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ksrtpctl without a kernel module: the words it refuses, and its side of the agent's
protocol against a socket that answers from a script."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CTL = os.path.join(TREE, "build", "ksrtpctl")
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\n"

count = failed = 0


def result(wrong, text):
	global count, failed
	count += 1
	failed += bool(wrong)
	print("%sok %d - %s" % ("not " if wrong else "", count, text))
	for line in wrong:
		print("# " + line)


def ctl(*argv, text=None):
	return subprocess.run([CTL, *argv], input=text, stdout=subprocess.PIPE,
			      stderr=subprocess.PIPE, text=True, timeout=20, check=False)


class Agent:
	"""Takes one connection, reads a line, and sends what it was given (or nothing)."""

	def __init__(self, answer, raw=False):
		self.folder = tempfile.mkdtemp(prefix="ksrtpctl-")
		self.path = os.path.join(self.folder, "agent.sock")
		self.answer, self.raw = answer, raw
		self.request = None
		self.server = socket.socket(socket.AF_UNIX)
		self.server.bind(self.path)
		self.server.listen(1)
		self.thread = threading.Thread(target=self.serve, daemon=True)
		self.thread.start()

	def serve(self):
		conn, _ = self.server.accept()
		with conn:
			data = b""
			while not data.endswith(b"\n"):
				more = conn.recv(65536)
				if not more:
					return
				data += more
			self.request = json.loads(data)
			if self.answer is None:
				return
			out = self.answer if self.raw else json.dumps(
				dict(self.answer, id=self.request["id"])).encode() + b"\n"
			# In pieces, as a stream may be.
			for i in range(0, len(out), 1000):
				conn.sendall(out[i:i + 1000])

	def close(self):
		self.thread.join(5)
		self.server.close()
		os.unlink(self.path)
		os.rmdir(self.folder)


def asked(answer, *argv, text=None, raw=False):
	agent = Agent(answer, raw)
	try:
		got = ctl("-s", agent.path, *argv, text=text)
	finally:
		agent.close()
	return got, agent.request


def test_usage():
	rows = (
		(("nonsense",), "there is no object 'nonsense'"),
		(("call",), "'call' needs a command"),
		(("call", "nonsense"), "'call' has no command 'nonsense'"),
		(("call", "offer"), "name of the call is missing"),
		(("call", "offer", "--sdp", "x"), "name of the call is missing"),
		(("call", "offer", "c", "--from-family", "5"), "4 or 6, not '5'"),
		(("call", "offer", "c", "--to-family", "46"), "4 or 6, not '46'"),
		(("call", "offer", "c", "--to-suites", "aes"), "'aes' is not a suite"),
		(("call", "offer", "c", "--to-suites", "none"), "'none' is not a suite"),
		(("call", "offer", "c", "--to-suites", ""), "list of suites is empty"),
		(("call", "offer", "c", "--nonsense"), "nonsense"),
		(("call", "offer", "c", "more"), "unexpected 'more'"),
		(("call", "offer", "c", "--sdp"), "requires an argument"),
		(("call", "answer", "c", "--to-family", "4"), "to-family"),
		(("call", "show"), "call show takes the name"),
		(("call", "show", "a", "b"), "call show takes the name"),
		(("call", "list", "a"), "takes no argument"),
		(("call", "del"), "call del takes the name"),
		(("leg", "show", "0"), "not the id of a leg"),
		(("leg", "show", "-1"), "not the id of a leg"),
		(("leg", "show", "4294967296"), "not the id of a leg"),
		(("leg", "show", "7x"), "not the id of a leg"),
		(("leg", "show", "call"), "not the id of a leg"),
		(("leg", "show", "call", "a", "b"), "leg show takes"),
		(("stream", "show", "a"), "not the id of a leg"),
		(("key", "show", "a"), "not the id of a leg"),
		(("route", "show", "1", "2"), "route show takes"),
		(("stats", "a"), "takes no argument"),
		(("monitor", "a"), "takes no argument"),
		(("version", "a"), "takes no argument"),
		(("xdp", "attach"), "xdp attach takes a device"),
		(("xdp", "attach", "lo", "fast"), "neither native nor generic"),
		(("xdp", "detach"), "xdp detach takes a device"),
		(("xdp", "show", "a"), "takes no argument"),
		(("--nonsense",), "nonsense"),
		((), "OBJECT COMMAND"),
	)
	wrong = []
	for argv, words in rows:
		got = ctl(*argv, text="")
		if got.returncode != 2 or words not in got.stderr or got.stdout:
			wrong.append("%s: status %d, '%s'" % (argv, got.returncode, got.stderr.strip()))
	result(wrong, "%d wrong command lines: status 2, and what is wrong with them" % len(rows))

	wrong = []
	for argv in (("help",), ("-h",), ("--help",), ("call", "help"), ("xdp", "help"), ("stats", "help")):
		got = ctl(*argv)
		if got.returncode or "ksrtpctl" not in got.stdout or got.stderr:
			wrong.append("%s: status %d" % (argv, got.returncode))
	text = ctl("help").stdout
	wrong += ["help says nothing of '%s'" % w for w in (
		"call offer", "call answer", "call show", "call list", "call del", "leg show", "stream show",
		"key show", "route show", "stats", "xdp attach", "xdp detach", "xdp show", "monitor",
		"version", "--json", "--socket") if w not in text]
	result(wrong, "help, of all and of an object")


def test_unreachable():
	wrong = []
	for argv in (("call", "list"), ("call", "show", "c"), ("call", "del", "c"), ("call", "offer", "c")):
		got = ctl("-s", "/nonexistent/agent.sock", *argv, text=SDP)
		if got.returncode != 1 or "nobody listens on /nonexistent/agent.sock" not in got.stderr:
			wrong.append("%s: %d, %s" % (argv, got.returncode, got.stderr.strip()))
		got = ctl("-j", "-s", "/nonexistent/agent.sock", *argv, text=SDP)
		error = json.loads(got.stdout)["error"]
		if error["reason"] != "no-agent" or "/nonexistent/agent.sock" not in error["message"]:
			wrong.append("%s: %s" % (argv, got.stdout))
	got = ctl("-s", "/x" * 60, "call", "list")
	if got.returncode != 1 or "longer than" not in got.stderr:
		wrong.append("a path of 120 octets: %s" % got.stderr)
	result(wrong, "no agent: status 1, and which socket nobody listens on")

	if os.path.isdir("/sys/module/ksrtp"):
		print("ok %d - no module # SKIP it is loaded here" % (count + 1))
		globals()["count"] += 1
		return
	wrong = []
	for argv in (("stats",), ("leg", "show"), ("leg", "show", "1"), ("key", "show"), ("route", "show"),
		     ("stream", "show")):
		got = ctl("-j", *argv)
		error = json.loads(got.stdout)["error"]
		if got.returncode != 1 or error["reason"] != "no-module" or "not loaded" not in got.stderr:
			wrong.append("%s: %d, %s" % (argv, got.returncode, got.stderr.strip()))
	got = ctl("-j", "-s", "/nonexistent", "version")
	answer = json.loads(got.stdout)
	if got.returncode or answer["module"] is not None or answer["agent"] is not None or not answer["ksrtpctl"]:
		wrong.append("version: %s" % got.stdout)
	result(wrong, "no module: status 1, and that it is not loaded")


def test_sdp_input():
	wrong = []
	with tempfile.NamedTemporaryFile() as f:
		for data, words in ((b"", "it is empty"), (b"v=0\0", "NUL"), (b"x" * 65537, "longer than 65536"),
				    (b"v=0\xff\xfe", "UTF-8")):
			f.seek(0)
			f.truncate()
			f.write(data)
			f.flush()
			got = ctl("call", "offer", "c", "--sdp", f.name)
			if got.returncode != 1 or words not in got.stderr:
				wrong.append("%r...: %s" % (data[:8], got.stderr.strip()))
	got = ctl("call", "offer", "c", "--sdp", "/nonexistent")
	if got.returncode != 1 or "/nonexistent: No such file" not in got.stderr:
		wrong.append("no file: %s" % got.stderr.strip())
	result(wrong, "an SDP that cannot be taken: status 1, and why")


def test_offer():
	wrong = []
	reply = {"result": {"call": "c1", "sdp": SDP.replace("192.0.2.9", "198.51.100.1")}}
	got, request = asked(reply, "call", "offer", "c1", "--sdp", "-", "--from-interface", "a",
			     "--from-family", "4", "--to-interface", "b", "--to-family", "6", "--to-protocol",
			     "RTP/AVP", "--to-suites", "aead-aes-256-gcm,aead-aes-128-gcm", text=SDP)
	want = {"id": 1, "method": "call-offer", "params": {
		"call": "c1", "sdp": SDP, "from": {"interface": "a", "family": 4},
		"to": {"interface": "b", "family": 6, "protocol": "RTP/AVP",
		       "suites": ["aead-aes-256-gcm", "aead-aes-128-gcm"]}}}
	if request != want:
		wrong.append("asked %s" % request)
	if got.returncode or got.stdout.encode() != reply["result"]["sdp"].replace("\r\n", "\n").encode():
		wrong.append("printed %r, %s" % (got.stdout, got.stderr))
	got, request = asked(reply, "-j", "call", "answer", "c1", text=SDP)
	if request != {"id": 1, "method": "call-answer", "params": {"call": "c1", "sdp": SDP}}:
		wrong.append("asked %s" % request)
	if got.returncode or json.loads(got.stdout) != reply["result"]:
		wrong.append("printed %r" % got.stdout)
	result(wrong, "an offer and an answer, as the agent's protocol wants them")


CALL = {"call": "c1", "id": 3, "mode": "transport", "state": "established", "failure": None, "age_ms": 5200,
	"media": [{"line": 0, "kind": "audio", "legs": [
		{"side": "caller", "leg": 4294967295, "family": 4, "local": "192.0.2.1:40000", "remote": None,
		 "keying": "dtls", "state": "connected", "role": "server", "suite": "aead-aes-128-gcm",
		 "local_fingerprint": "sha-256 AB", "remote_fingerprint": "sha-256 CD",
		 "leg_code": "12345 12345 12345 12345", "cryptex": True, "certificate_reused": True, "failure": None}]}]}


def test_show():
	wrong = []
	got, request = asked({"result": CALL}, "-j", "call", "show", "c1")
	if request["method"] != "call-show" or request["params"] != {"call": "c1"}:
		wrong.append("asked %s" % request)
	answer = json.loads(got.stdout)
	if answer["media"][0]["legs"][0].pop("kernel") is not None or answer != CALL:
		wrong.append("printed %s" % got.stdout)
	got, _ = asked({"result": CALL}, "call", "show", "c1")
	wrong += ["text lacks '%s'" % w for w in (
		"established", "12345 12345 12345 12345", "certificate reused: code weaker", "aead-aes-128-gcm", "(Cryptex)",
		"192.0.2.1:40000", "audio") if w not in got.stdout]
	got, request = asked({"result": {"calls": [{"call": "c1", "state": "offered", "media": ["audio", "video"]}]}},
			     "call", "list")
	if request["method"] != "call-list" or "audio,video" not in got.stdout or "CALL" not in got.stdout:
		wrong.append("list: %s" % got.stdout)
	got, request = asked({"result": {"calls": []}}, "call", "list")
	if got.stdout != "no calls\n":
		wrong.append("an empty list: %s" % got.stdout)
	got, request = asked({"result": {"call": "c1"}}, "call", "del", "c1")
	if request["method"] != "call-del" or got.returncode or got.stdout:
		wrong.append("del: %s" % got.stdout)
	result(wrong, "show, list and del, as text and as JSON")


def test_bad_answers():
	wrong = []
	got, _ = asked({"error": {"reason": "no-fingerprint", "message": "media line 1 (audio): none"}},
		       "-j", "call", "offer", "c1", text=SDP)
	error = json.loads(got.stdout)["error"]
	if got.returncode != 1 or error["reason"] != "no-fingerprint" or "media line 1" not in got.stderr:
		wrong.append("a refusal: %s" % got.stderr)
	for name, answer, words in (
		("nothing", None, "closed the connection"),
		("no JSON", b"hello\n", "not JSON"),
		("half a line", b'{"id": 1', "closed the connection"),
		("another id", b'{"id": 9, "result": {}}\n', "does not belong"),
		("neither", b'{"id": 1}\n', "does not belong"),
		("a list", b"[]\n", "does not belong"),
		("a member twice", b'{"id": 1, "id": 1, "result": {}}\n', "not JSON"),
		("too long a line", b"x" * (256 * 1024 + 10), "longer than"),
	):
		got, _ = asked(answer, "call", "list", raw=answer is not None)
		if got.returncode != 1 or words not in got.stderr or got.stdout:
			wrong.append("%s: %d, %s" % (name, got.returncode, got.stderr.strip()))
	result(wrong, "answers that are none: status 1, and what was wrong with them")


def test_monitor():
	wrong = []
	lines = (b'{"id": 1, "result": {}}\n{"event": {"event": "call-state", "call": "c1", "state": "established"}}\n'
		 b'{"event": {"event": "leg-state", "call": "c1", "leg": 7, "state": "failed"}}\n')
	got, request = asked(lines, "-j", "monitor", raw=True)
	events = [json.loads(line) for line in got.stdout.split("\n") if line]
	if request["method"] != "subscribe":
		wrong.append("asked %s" % request)
	names = [e.get("event") for e in events if e.get("source") == "agent"]
	if names != ["call-state", "leg-state"] or not all("time" in e for e in events if "source" in e):
		wrong.append("printed %s" % got.stdout)
	if got.returncode != 1 or "closed the connection" not in got.stderr:
		wrong.append("at the end: %d, %s" % (got.returncode, got.stderr))
	got, _ = asked(lines, "monitor", raw=True)
	if "agent  call-state call c1 state established" not in got.stdout:
		wrong.append("text: %s" % got.stdout)
	result(wrong, "monitor: the agent's events, and its end")


def main():
	for test in (test_usage, test_unreachable, test_sdp_input, test_offer, test_show, test_bad_answers,
		     test_monitor):
		test()
	print("1..%d" % count)
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main())
