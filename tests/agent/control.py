#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The control protocol of ksrtpd, and what it asks of the kernel for it."""

import os
import socket
import stat
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from agent import (Agent, PROGRAM, Tap, audio, equal, field, port_of, refused, sdp, video)

agent = Agent()
client = agent.client()
tap = Tap("C1")


def udp_ports():
	"""UDP ports that the agent has bound, by inode; others on this machine come and go."""
	fds = "/proc/%d/fd" % agent.process.pid
	own, ports = set(), set()
	for fd in os.listdir(fds):
		try:
			own.add(os.readlink(os.path.join(fds, fd)))
		except FileNotFoundError:
			pass
	for name in ("udp", "udp6"):
		with open("/proc/net/" + name) as f:
			for line in f.readlines()[1:]:
				words = line.split()
				if "socket:[%s]" % words[9] in own:
					ports.add((name, words[1], words[9]))
	return ports


def test_ping():
	"""ping tells version and datapath"""
	result = client.ask("ping")
	equal(result["datapath"], "kernel")
	assert result["version"], result


def test_socket():
	"""only its owner can open the socket, and a second agent does not take it"""
	equal(stat.S_IMODE(os.stat(agent.path).st_mode), 0o600)
	second = subprocess.run([PROGRAM, "-s", agent.path, "-i", "a=127.0.0.1"],
		capture_output=True, text=True, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
	equal(second.returncode, 1)
	assert "another agent answers" in second.stderr, second.stderr
	client.ask("ping")


def test_stale_socket():
	"""a socket that a killed agent left behind is replaced"""
	other = Agent()
	try:
		other.process.kill()
		other.process.wait()
		assert os.path.exists(other.path)
		other.start()
		other.client().ask("ping")
	finally:
		other.remove()


def test_bad_lines():
	"""bad lines get an error each and leave the connection usable"""
	c = agent.client()
	c.send(b"hello\n{}\n{\"id\":5,\"method\":\"x\"}\n\n{\"id\":6,\"method\":\"ping\"}\n")
	answers = [c.line() for _ in range(5)]
	equal([a["id"] for a in answers], [None, None, 5, None, 6])
	equal([a.get("error", {}).get("reason") for a in answers], ["bad-request"] * 4 + [None])
	c.close()


def test_order():
	"""many requests in one write are answered in order, over a half-closed socket too"""
	c = agent.client()
	c.send(b"".join(b"{\"id\":%d,\"method\":\"call-list\"}\n" % i for i in range(500)))
	c.socket.shutdown(socket.SHUT_WR)
	equal([c.line()["id"] for _ in range(500)], list(range(500)))
	equal(c.line(), None)
	c.close()


def test_long_line():
	"""a line of 256 KiB is taken, a longer one ends the connection"""
	c = agent.client()
	c.send(b"{\"id\":1,\"method\":\"ping\"}".ljust(256 * 1024) + b"\n")
	equal(c.line()["id"], 1)
	try:
		c.send(b"x" * (256 * 1024 + 1))
	except OSError:
		pass
	answer = c.line()
	assert "longer than 262144" in answer["error"]["message"], answer
	equal(c.line(), None)
	c.close()
	client.ask("ping")


def test_connections():
	"""connections are limited, and come back when others close"""
	many = []
	for _ in range(80):
		c = agent.client()
		c.socket.settimeout(5)
		many.append(c)
	alive = 0
	for c in many:
		try:
			c.ask("ping")
			alive += 1
		except (EOFError, OSError):
			pass
	for c in many:
		c.close()
	equal(alive, 63)	# with the one of these tests
	time.sleep(0.2)
	agent.client().ask("ping")


def no_trace(do):
	"""Runs @do and demands that it leaves no call, no socket, and nothing in the kernel."""
	before, ports = len(agent.kernel()), udp_ports()
	do()
	equal(client.ask("call-list"), {"calls": []})
	equal(udp_ports() - ports, set())
	lines = agent.kernel()[before:]
	made = [l["id"] for l in lines if l["do"] == "call_new"]
	gone = [l["id"] for l in lines if l["do"] == "call_del"]
	equal(made, gone)


def test_refused_offers():
	"""an offer that is refused says why and leaves nothing"""
	good = sdp(audio(5004, "actpass"))
	rows = [
		("bad-sdp", "line 1: is not v=0", {"sdp": "x=y"}),
		("no-fingerprint", "media line 1 (audio): UDP/TLS/RTP/SAVP(F) without a=fingerprint",
			{"sdp": good.replace("a=fingerprint", "a=xfingerprint")}),
		("unsupported-media", "no media line with a port", {"sdp": sdp(audio(0))}),
		("interface", "there is no interface 'z'", {"sdp": good, "to": {"interface": "z"}}),
		("interface", "interface b has no IPv6 address",
			{"sdp": good, "to": {"interface": "b", "family": 6}}),
		("family-mismatch", "IPv6 was asked for", {"sdp": good, "from_": {"family": 6}}),
		("unsupported-protocol", "another protocol than 'from' says",
			{"sdp": good, "from_": {"protocol": "RTP/AVP"}}),
		("bad-request", "suites make no sense", {"sdp": good,
			"to": {"protocol": "RTP/AVP", "suites": ["aead-aes-128-gcm"]}}),
		("family-mismatch", "another address family than the line before",
			{"sdp": good + video(5006).replace("a=", "c=IN IP6 ::1\r\na=", 1)}),
	]
	for reason, words, params in rows:
		no_trace(lambda: refused(reason, words, lambda: client.ask("call-offer", call="bad", **params)))


def test_refusing_kernel():
	"""an offer that the kernel refuses in any step leaves nothing"""
	offer = sdp(audio(5004, "actpass"), video(5006, "actpass"))
	for step in ("call_new", "leg_new", "route_new"):
		agent.refuse(step)
		no_trace(lambda: refused("kernel", step + " was told to refuse",
			lambda: client.ask("call-offer", call="bad", sdp=offer)))
	agent.refuse("nothing")


def test_ports():
	"""a port range that is used up is said so; ports are within it, and given back"""
	small = Agent("-i", "a=127.0.0.1,41000-41007")
	try:
		c = small.client()
		ports = []
		for name in ("one", "two"):
			text = c.ask("call-offer", call=name, sdp=sdp(audio(5004)))["sdp"]
			ports.append(port_of(text))
		refused("no-ports", "no two ports in a row are free in 41000-41007 (IPv4)",
			lambda: c.ask("call-offer", call="three", sdp=sdp(audio(5004))))
		assert set(ports) <= set(range(41000, 41008)) and len(set(ports)) == 2, ports
		c.ask("call-del", call="one")
		c.ask("call-offer", call="three", sdp=sdp(audio(5004)))
	finally:
		small.remove()


def test_calls_max():
	"""the number of calls is limited by the configuration"""
	path = os.path.join(agent.folder, "conf")
	with open(path, "w") as f:
		f.write("calls-max = 1\ninterface = a 127.0.0.1\n")
	small = Agent("-c", path)
	try:
		c = small.client()
		c.ask("call-offer", call="one", sdp=sdp(audio(5004)))
		refused("too-many-calls", "there are 1 calls",
			lambda: c.ask("call-offer", call="two", sdp=sdp(audio(5004))))
	finally:
		small.remove()


def test_offer():
	"""an offer makes a call, two legs a media line, one for RTCP in case, and routes both ways"""
	before = len(agent.kernel())
	offer = sdp(audio(5004, "actpass"), video(5006, "actpass"))
	result = client.ask("call-offer", call="c1", sdp=offer, to={"interface": "b"})
	equal(result["call"], "c1")
	text = result["sdp"]
	equal(field(text, "c="), "IN IP4 127.0.0.2")
	equal(field(text, "a=setup:"), "actpass")
	show = client.ask("call-show", call="c1")
	equal((show["call"], show["mode"], show["state"], show["failure"]),
		("c1", "transport", "offered", None))
	equal([(m["line"], m["kind"]) for m in show["media"]], [(0, "audio"), (1, "video")])
	lines = agent.kernel()[before:]
	equal([l["do"] for l in lines], ["call_new"] + (["leg_new"] * 3 + ["route_new"] * 2) * 2)
	equal((lines[0]["name"], lines[0]["mode"], lines[0]["lease"]), ("c1", "transport", 120))
	assert lines[0]["owner"], lines[0]
	equal(lines[0]["id"], show["id"])
	for i, media in enumerate(show["media"]):
		caller, callee = media["legs"]
		legs = lines[1 + 5 * i:4 + 5 * i]
		made = legs[:2] + lines[4 + 5 * i:6 + 5 * i]
		host, port = legs[1]["local"].rsplit(":", 1)
		equal((legs[2]["local"], legs[2]["rtcp_of"]), ("%s:%d" % (host, int(port) + 1), legs[1]["id"]))
		equal([caller["leg"], callee["leg"]], [made[0]["id"], made[1]["id"]])
		equal([caller["local"], callee["local"]], [made[0]["local"], made[1]["local"]])
		equal(made[0]["remote"], "127.0.0.1:%d" % (5004 + 2 * i))
		equal(made[1]["remote"], "none")
		equal([(r["from"], r["to"], r["flags"]) for r in made[2:]],
			[(caller["leg"], callee["leg"], 3), (callee["leg"], caller["leg"], 3)])
		equal(callee["local"], "127.0.0.2:%d" % port_of(text, i))
		equal(callee["local_fingerprint"], field(text, "a=fingerprint:", i))
		equal((caller["side"], caller["keying"], caller["state"], caller["role"], caller["suite"],
			caller["leg_code"]), ("caller", "dtls", "new", None, None, None))
		equal((callee["side"], callee["remote"], callee["remote_fingerprint"]), ("callee", None, None))
	equal(client.ask("call-list"),
		{"calls": [{"call": "c1", "state": "offered", "media": ["audio", "video"]}]})


def test_names():
	"""a name is one call's alone, and a call that is not there is said so"""
	refused("call-exists", "a call named c1", lambda: client.ask("call-offer", call="c1",
		sdp=sdp(audio(5004))))
	for method in ("call-show", "call-del"):
		refused("no-such-call", "no call named c2", lambda: client.ask(method, call="c2"))
	refused("no-such-call", "no call named c2", lambda: client.ask("call-answer", call="c2", sdp="x"))


def test_refused_answers():
	"""an answer that is refused says why and leaves the call offered"""
	a, v = audio(6004, "active"), video(6006, "active")
	host = "127.0.0.2"
	rows = [
		("bad-sdp", "line 1", "x"),
		("bad-answer", "the answer has 1 media lines, the offer 2", sdp(a, host=host)),
		("bad-answer", "the offer has another kind here", sdp(v, a, host=host)),
		("bad-answer", "is plain RTP, but DTLS-SRTP was offered", sdp(audio(6004), v, host=host)),
		("family-mismatch", "has an IPv6 address, the leg is IPv4", sdp(a, v, host="::1")),
		("bad-setup", "is no answer", sdp(audio(6004, "actpass"), v, host=host)),
		("bad-setup", "holdconn", sdp(audio(6004, "holdconn"), v, host=host)),
		("weak-fingerprint", "media line 1 (audio)", sdp(a.replace("sha-256", "sha-1"), v, host=host)),
	]
	for reason, words, text in rows:
		refused(reason, words, lambda: client.ask("call-answer", call="c1", sdp=text))
		equal(client.ask("call-show", call="c1")["state"], "offered")
	agent.refuse("leg_set")
	refused("kernel", "leg_set was told to refuse",
		lambda: client.ask("call-answer", call="c1", sdp=sdp(a, v, host=host)))
	agent.refuse("nothing")
	equal(client.ask("call-show", call="c1")["state"], "offered")


def test_answer():
	"""an answer with a rejected line removes its legs and sets the others going"""
	watcher = agent.client()
	watcher.ask("subscribe")
	show = client.ask("call-show", call="c1")
	before = len(agent.kernel())
	text = client.ask("call-answer", call="c1", sdp=sdp(audio(6004, "active"),
		"m=video 0 UDP/TLS/RTP/SAVPF 96\r\n", host="127.0.0.2"))["sdp"]
	equal(field(text, "a=setup:"), "passive")
	equal(field(text, "c="), "IN IP4 127.0.0.1")
	equal(port_of(text, 1), 0)
	callee, gone = show["media"][0]["legs"][1]["leg"], show["media"][1]["legs"]
	lines = agent.kernel()[before:]
	equal((lines[0]["do"], lines[0]["id"]), ("leg_set", callee))
	kept = {l["leg"] for l in show["media"][0]["legs"]}
	assert {l["id"] for l in lines[1:]} > {l["leg"] for l in gone} and \
		not kept & {l["id"] for l in lines[1:]}, lines
	equal([l["do"] for l in lines[1:]], ["leg_del"] * 4)
	equal(lines[0]["remote"], "127.0.0.2:6004")
	show = client.ask("call-show", call="c1")
	equal((show["state"], len(show["media"])), ("connecting", 1))
	equal([l["state"] for l in show["media"][0]["legs"]], ["handshaking"] * 2)
	equal([l["role"] for l in show["media"][0]["legs"]], ["server", "server"])
	events = [watcher.event() for _ in range(3)]
	equal([(e["event"], e["call"], e["state"]) for e in events], [("call-state", "c1", "connecting"),
		("leg-state", "c1", "handshaking"), ("leg-state", "c1", "handshaking")])
	equal([e.get("side") for e in events], [None, "caller", "callee"])
	refused("not-offered", "call c1 is connecting", lambda: client.ask("call-answer", call="c1",
		sdp=sdp(audio(6004, "active"))))
	watcher.close()


def test_delete():
	"""call-del removes the call here and in the kernel"""
	before, show = len(agent.kernel()), client.ask("call-show", call="c1")
	ports = udp_ports()
	equal(client.ask("call-del", call="c1"), {"call": "c1"})
	equal(agent.kernel()[before:], [{"do": "call_del", "id": show["id"]}])
	equal(client.ask("call-list"), {"calls": []})
	assert len(ports - udp_ports()) >= 2, "sockets are still there"
	client.ask("call-offer", call="c1", sdp=sdp(audio(5004)))
	client.ask("call-del", call="c1")


def test_all_rejected():
	"""a callee that rejects every line makes the call fail as rejected"""
	client.ask("call-offer", call="no", sdp=sdp(audio(5004)))
	text = client.ask("call-answer", call="no", sdp=sdp("m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n"))["sdp"]
	equal(field(text, "m="), "audio 0 RTP/AVP 0")
	show = client.ask("call-show", call="no")
	equal((show["state"], show["failure"]["reason"], show["media"]), ("failed", "rejected", []))
	client.ask("call-del", call="no")


def test_plain():
	"""plain on both sides is a call of mode none, established by the answer"""
	before = len(agent.kernel())
	text = client.ask("call-offer", call="p", sdp=sdp(audio(5004)).replace("RTP/AVP", "RTP/AVPF"),
		to={"protocol": "RTP/AVP", "family": 6})["sdp"]
	assert field(text, "m=").split()[2] == "RTP/AVPF" and "fingerprint" not in text, text
	text = client.ask("call-answer", call="p",
		sdp=sdp(audio(6004), host="::1").replace("RTP/AVP", "RTP/AVPF"))["sdp"]
	equal(field(text, "c="), "IN IP4 127.0.0.1")
	show = client.ask("call-show", call="p")
	equal((show["mode"], show["state"]), ("none", "established"))
	for leg in show["media"][0]["legs"]:
		equal((leg["keying"], leg["state"], leg["suite"], leg["leg_code"], leg["role"]),
			("none", "connected", "none", None, None))
	lines = agent.kernel()[before:]
	equal(lines[0]["mode"], "none")
	keys = [l for l in lines if l["do"] == "key_new"]
	caller, callee = [l["leg"] for l in show["media"][0]["legs"]]
	equal([(k["leg"], k["direction"], k["suite"], k["key"]) for k in keys],
		[(caller, "rx", "none", ""), (caller, "tx", "none", ""),
		 (callee, "rx", "none", ""), (callee, "tx", "none", "")])
	client.ask("call-del", call="p")


def test_refused_key():
	"""a key that the kernel refuses fails leg and call with its words"""
	client.ask("call-offer", call="k", sdp=sdp(audio(5004)), to={"protocol": "RTP/AVP"})
	agent.refuse("key_new_tx")
	refused("kernel", "key_new_tx was told to refuse",
		lambda: client.ask("call-answer", call="k", sdp=sdp(audio(6004))))
	agent.refuse("nothing")
	show = client.ask("call-show", call="k")
	equal((show["state"], show["failure"]["reason"]), ("failed", "kernel"))
	client.ask("call-del", call="k")


def test_process():
	"""no core files, no privileges but CAP_NET_ADMIN, no new ones"""
	with open("/proc/%d/status" % agent.process.pid) as f:
		status = dict(line.split(":\t", 1) for line in f)
	with open("/proc/%d/limits" % agent.process.pid) as f:
		core = [l for l in f if l.startswith("Max core file size")][0].split()
	equal(core[4:6], ["0", "0"])
	equal(status["NoNewPrivs"].strip(), "1")
	equal(int(status["CapPrm"], 16) & ~(1 << 12), 0)
	equal(int(status["CapEff"], 16) & ~(1 << 12), 0)


def test_user_datapath():
	"""with --datapath user the agent forwards and counts itself, and asks nothing of the kernel"""
	other = Agent("--datapath", "user", "-i", "a=127.0.0.3", "-i", "b=127.0.0.4")
	ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
	try:
		control = other.client()
		equal(control.ask("ping")["datapath"], "user")
		for i, end in enumerate(ends):
			end.settimeout(5)
			end.bind(("127.0.0.%d" % (5 + i), 0))
		offer = control.ask("call-offer", call="u", sdp=sdp(audio(ends[0].getsockname()[1]),
			host="127.0.0.5"), from_={"interface": "a"}, to={"interface": "b",
			"protocol": "RTP/AVP"})
		answer = control.ask("call-answer", call="u", sdp=sdp(audio(ends[1].getsockname()[1]),
			host="127.0.0.6"))
		rtp = bytes((0x80, 0, 0, 7)) + bytes(4) + b"SSRC" + b"media" * 9
		# From the endpoint, from somebody else, and what is no media at all.
		ends[0].sendto(rtp, ("127.0.0.3", port_of(answer["sdp"])))
		equal(ends[1].recvfrom(2000), (rtp, ("127.0.0.4", port_of(offer["sdp"]))))
		ends[1].sendto(rtp, ("127.0.0.3", port_of(answer["sdp"])))
		ends[0].sendto(b"\xff\xff", ("127.0.0.3", port_of(answer["sdp"])))
		limit = time.monotonic() + 5
		while True:
			show = control.ask("call-show", call="u")
			legs = [l["user"] for l in show["media"][0]["legs"]]
			if legs[0]["received"] == 3 or time.monotonic() > limit:
				break
			time.sleep(0.02)
		equal((show["datapath"], show["mode"]), ("user", "none"))
		equal((legs[0]["datapath"], legs[0]["received"], legs[0]["forwarded"], legs[0]["dropped"]),
			("user", 3, 1, {"src": 1, "not-media": 1}))
		equal((legs[1]["sent"], legs[1]["sent_bytes"], legs[1]["received"]), (1, len(rtp), 0))
		control.ask("call-del", call="u")
		equal(other.kernel(), [])
	finally:
		for end in ends:
			end.close()
		other.remove()


def test_end():
	"""SIGTERM deletes the calls, removes the socket and ends with 0"""
	client.ask("call-offer", call="e1", sdp=sdp(audio(5004)))
	client.ask("call-offer", call="e2", sdp=sdp(audio(5004)))
	ids = {l["id"] for l in agent.kernel("call_new")}
	equal(agent.end(), 0)
	equal(ids - {l["id"] for l in agent.kernel("call_del")}, set())
	assert not os.path.exists(agent.path), "the socket is still there"


for test in (test_ping, test_socket, test_stale_socket, test_bad_lines, test_order, test_long_line,
		test_connections, test_refused_offers, test_refusing_kernel, test_ports, test_calls_max,
		test_offer, test_names, test_refused_answers, test_answer, test_delete,
		test_all_rejected, test_plain, test_refused_key):
	tap.run(test)
tap.run(test_process, "S5")
tap.run(test_user_datapath, "D3,D6")
tap.run(test_end)
agent.remove()
sys.exit(tap.end())
