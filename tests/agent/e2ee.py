#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""End-to-end calls: their security code, what people say of it, and what they cannot have;
and the indicator, of all calls."""

import base64
import hashlib
import json
import os
import sys
import time

sys.dont_write_bytecode = True
from agent import Agent, Tap, audio, equal, refused, sdp, video

agent = Agent(state=True)
client = agent.client()
tap = Tap("K2")
WANTS = ("record", "caption", "transfer-blind", "transfer-safe", "transfer-consultative", "park",
	"merge", "companion", "add-participant")


def octets(name):
	return hashlib.sha256(name.encode()).digest()


def fingerprint(name):
	return ":".join("%02X" % o for o in octets(name))


def code(one, other):
	both = b"".join(sorted((octets(one), octets(other))))
	d = hashlib.pbkdf2_hmac("sha256", both, b"ksrtp security code v1", 100000, 32)
	digits = "%020d" % (int.from_bytes(d, "big") % 10 ** 20)
	return " ".join(digits[i:i + 5] for i in range(0, 20, 5))


def offer(call, text, **params):
	return client.ask("call-offer", call=call, mode="e2ee", sdp=text, **params)


def answer(call, text):
	return client.ask("call-answer", call=call, sdp=text)


def setup(call, caller, callee, **params):
	"""An end-to-end call between the endpoints with these certificates."""
	offer(call, sdp(audio(5004, "actpass", fingerprint(caller))), **params)
	answer(call, sdp(audio(6004, "active", fingerprint(callee))))


def show(call):
	return client.ask("call-show", call=call)


def remove(*calls):
	for call in calls:
		client.ask("call-del", call=call)


def still(call):
	"""The call without what changes by itself."""
	now = show(call)
	now.pop("age_ms")
	return now


def test_code():
	"""K2: an end-to-end call has one code, of its endpoints' two thumbprints, the same whoever calls"""
	offer("a", sdp(audio(5004, "actpass", fingerprint("alice"))))
	now = show("a")
	equal((now["code"], now["code_failure"]["reason"], now["certificate_reused"], now["verified"]),
		(None, "no-code", False, None))
	assert "not been answered" in now["code_failure"]["message"], now
	answer("a", sdp(audio(6004, "active", fingerprint("bob"))))
	now = show("a")
	equal((now["code"], now["code_failure"], now["certificate_reused"]),
		(code("alice", "bob"), None, False))
	equal([l["leg_code"] for l in now["media"][0]["legs"]], [None, None])
	setup("b", "bob", "alice")
	equal((show("b")["code"], show("b")["certificate_reused"]), (code("alice", "bob"), True))
	equal(show("a")["certificate_reused"], False)
	setup("c", "carol", "dave")
	equal((show("c")["code"], show("c")["certificate_reused"]), (code("carol", "dave"), False))
	remove("a", "b", "c")


def test_lines():
	"""K2: lines with one certificate have its code; with several, or another hash, none, and why"""
	def both(one, other, setup):
		return sdp(audio(5004, setup, fingerprint(one)), video(5006, setup, fingerprint(other)))
	offer("l", both("l1", "l1", "actpass"))
	answer("l", both("l2", "l2", "active"))
	equal(show("l")["code"], code("l1", "l2"))
	remove("l")
	longer = "a=fingerprint:sha-384 %s\r\n" % ":".join(["11"] * 48)
	twice = "a=fingerprint:sha-256 %s\r\n" % fingerprint("m3")
	callee = sdp(audio(6004, "active", fingerprint("m2")), video(6006, "active", fingerprint("m2")))
	for words, caller in (
			("media line 2 of the caller has another certificate", both("m1", "m3", "actpass")),
			("media line 2 of the caller names more than one", both("m1", "m1", "actpass") + twice),
			("media line 2 of the caller has a fingerprint with a longer hash",
				both("m1", "m1", "actpass") + longer),
			("both sides name the same certificate", both("m2", "m2", "actpass"))):
		offer("m", caller)
		answer("m", callee)
		now = show("m")
		equal((now["code"], now["code_failure"]["reason"]), (None, "no-code"))
		assert words in now["code_failure"]["message"], now["code_failure"]
		refused("no-code", words, lambda: client.ask("call-verify", call="m"))
		remove("m")


def test_opaque():
	"""K4: the relaying host makes no certificate and has no key; its code is made of signalling alone"""
	before = len(agent.kernel())
	setup("p", "p1", "p2")
	did = agent.kernel()[before:]
	equal([l["mode"] for l in did if l["do"] == "call_new"], ["e2ee"])
	equal([l for l in did if l["do"].startswith("key")], [])
	now = show("p")
	for leg in now["media"][0]["legs"]:
		equal([leg[m] for m in ("keying", "role", "local_fingerprint", "leg_code")], ["relay"] + [None] * 3)
	equal(now["code"], code("p1", "p2"))
	remove("p")


def test_new_certificates():
	"""K2: a new offer with another certificate makes another code, of which nothing was said"""
	setup("n", "n1", "n2")
	client.ask("call-verify", call="n", side="caller")
	client.ask("call-reoffer", call="n", side="callee",
		sdp=sdp(audio(6004, "actpass", fingerprint("n3"))))
	equal((show("n")["code"], show("n")["verified"]), (code("n1", "n2"), "matched"))
	answer("n", sdp(audio(5004, "active", fingerprint("n1"))))
	now = show("n")
	equal((now["code"], now["verified"], now["said"]), (code("n1", "n3"), None, []))
	client.ask("call-verify", call="n")
	client.ask("call-reoffer", call="n", side="caller",
		sdp=sdp(audio(5014, "actpass", fingerprint("n1"))))
	answer("n", sdp(audio(6004, "active", fingerprint("n3"))))
	equal((show("n")["code"], show("n")["verified"]), (code("n1", "n3"), "matched"))
	remove("n")


def test_wants():
	"""C4: what an end-to-end call cannot have is refused, and nothing changes"""
	setup("w", "w1", "w2")
	client.ask("call-offer", call="o", sdp=sdp(audio(5004)))
	before = [still("w"), still("o"), len(agent.kernel())]
	for what in WANTS:
		refused("not-available-under-e2ee", "end to end", lambda: client.ask("call-request", call="w",
			what=what))
		refused("not-supported", "but this host does not do that itself", lambda: client.ask(
			"call-request", call="o", what=what))
	for words, params in (("'dance' is none of record,", {"call": "w", "what": "dance"}),
			("params.what is missing", {"call": "w"}), ("what is no string", {"call": "w", "what": 1}),
			("unknown member 'x'", {"call": "w", "what": "park", "x": 1})):
		refused("bad-request", words, lambda: client.ask("call-request", **params))
	refused("no-such-call", "named none", lambda: client.ask("call-request", call="none",
		what="record"))
	equal([still("w"), still("o"), len(agent.kernel())], before)
	remove("w", "o")


def next_event(subscriber, kind):
	limit = time.monotonic() + 30
	while True:
		assert time.monotonic() < limit, "no event " + kind
		event = subscriber.event()
		if event["event"] == kind:
			return event


def party(user):
	return {"party": {"user": user}}


def make_policies(one):
	one.ask("policy-new", policy="keep", e2ee="disabled-user-override", on_mismatch="keep")
	for user in ("calm", "cool"):
		one.ask("policy-grant", policy="keep", user=user + "@example.org")


def keep(call, caller, callee):
	"""A call of two users whose policies let calls go on after a mismatch."""
	setup(call, caller, callee, from_=party("calm@example.org"), to=party("cool@example.org"))


def test_verdicts():
	"""K2: both sides say whether the codes match; one mismatch is one; all is shown, and told"""
	keep("v", "v1", "v2")
	subscriber = agent.client()
	subscriber.ask("subscribe")
	wanted = code("v1", "v2")
	equal(show("v")["code"], wanted)
	for side, method, verified, said in (
			("caller", "call-verify", "matched", [("caller", "matched")]),
			("callee", "call-mismatch", "mismatched", [("caller", "matched"), ("callee", "mismatched")]),
			("caller", "call-verify", "mismatched", [("caller", "matched"), ("callee", "mismatched")]),
			("callee", "call-verify", "matched", [("caller", "matched"), ("callee", "matched")]),
			(None, "call-mismatch", "mismatched",
				[("caller", "matched"), ("callee", "matched"), (None, "mismatched")])):
		params = {"side": side} if side else {}
		equal(client.ask(method, call="v", **params), {"call": "v", "verified": verified, "ended": False})
		equal(next_event(subscriber, "call-code"), {"event": "call-code", "call": "v", "code": wanted,
			"verified": verified, "side": side})
		now = show("v")
		equal((now["verified"], [(s["side"], s["verified"]) for s in now["said"]]), (verified, said))
		assert all(s["who"].startswith(("local", "uid 0")) for s in now["said"]), now["said"]
	refused("bad-request", "neither caller nor callee", lambda: client.ask("call-verify", call="v",
		side="both"))
	subscriber.close()
	remove("v")


def test_no_code():
	"""K2: there is nothing to compare before the answer, and in a call that is not end to end"""
	offer("x", sdp(audio(5004, "actpass", fingerprint("x1"))))
	client.ask("call-offer", call="y", sdp=sdp(audio(5004, "actpass")))
	for method in ("call-verify", "call-mismatch"):
		refused("no-code", "not been answered", lambda: client.ask(method, call="x"))
		refused("no-code", "is not end to end", lambda: client.ask(method, call="y"))
		refused("no-such-call", "named none", lambda: client.ask(method, call="none"))
	equal([show("x")["verified"], show("y")["verified"], show("y")["code_failure"]], [None] * 3)
	remove("x", "y")


def test_mismatch():
	"""C2: a mismatch ends the call where the policy of either party says so"""
	subscriber = agent.client()
	subscriber.ask("subscribe")
	for number, sides in enumerate(({}, {"from_": party("calm@example.org")},
			{"to": party("cool@example.org")})):
		name = "e%d" % number
		setup(name, name + "1", name + "2", **sides)
		made = [l for l in agent.kernel("call_new") if l["name"] == name][0]["id"]
		client.ask("call-verify", call=name, side="caller")
		equal(client.ask("call-mismatch", call=name, side="callee"),
			{"call": name, "verified": "mismatched", "ended": True})
		while True:
			event = next_event(subscriber, "call-state")
			if event["call"] == name and event["state"] == "failed":
				break
		equal(event["failure"]["reason"], "code-mismatch")
		refused("no-such-call", name, lambda: show(name))
		assert made in [l["id"] for l in agent.kernel("call_del")]
	subscriber.close()


# -- the indicator

def sdes(port):
	return "m=audio %d RTP/SAVP 0\r\na=rtcp-mux\r\na=crypto:1 AEAD_AES_128_GCM inline:%s\r\n" % (port,
		base64.b64encode(os.urandom(28)).decode())


def await_indicator(subscriber, call, wanted):
	"""The next event of the call's indicator says so."""
	while True:
		event = next_event(subscriber, "indicator")
		if event["call"] == call:
			return equal(event, {"event": "indicator", "call": call, "indicator": wanted})


def check_indicator(one):
	"""Each kind of call, with the agent's client @one."""
	subscriber = one.agent.client()
	subscriber.ask("subscribe")

	def now(call):
		return one.ask("call-show", call=call)["indicator"]

	mine, theirs = sdes(5004), sdes(6004)
	one.ask("call-offer", call="s", sdp=sdp(mine), to={"protocol": "RTP/SAVP"})
	equal(now("s"), "none")
	one.ask("call-answer", call="s", sdp=sdp(theirs))
	equal(now("s"), "shield")
	await_indicator(subscriber, "s", "shield")
	# One more line, in the clear toward one side, until it is gone again.
	one.ask("call-reoffer", call="s", side="caller", sdp=sdp(mine, video(5006)))
	equal(now("s"), "shield")
	one.ask("call-answer", call="s", sdp=sdp(theirs, sdes(6006).replace("audio", "video")))
	equal(now("s"), "none")
	await_indicator(subscriber, "s", "none")
	one.ask("call-reoffer", call="s", side="caller", sdp=sdp(mine, "m=video 0 RTP/AVP 0\r\n"))
	one.ask("call-answer", call="s", sdp=sdp(theirs, "m=video 0 RTP/SAVP 0\r\n"))
	await_indicator(subscriber, "s", "shield")
	one.ask("call-del", call="s")

	one.ask("call-offer", call="h", sdp=sdp(sdes(5004)), to={"protocol": "RTP/AVP"})
	one.ask("call-answer", call="h", sdp=sdp(audio(6004)))
	one.ask("call-offer", call="p", sdp=sdp(audio(5008)), to={"protocol": "RTP/AVP"})
	one.ask("call-answer", call="p", sdp=sdp(audio(6008)))
	equal([one.ask("call-show", call=c)["state"] for c in "hp"], ["established"] * 2)
	equal([now("h"), now("p")], ["none"] * 2)
	one.ask("call-del", call="h")
	one.ask("call-del", call="p")

	one.ask("call-offer", call="e", mode="e2ee", sdp=sdp(audio(5004, "actpass", fingerprint("i1"))),
		from_=party("calm@example.org"), to=party("cool@example.org"))
	equal(now("e"), "none")
	one.ask("call-answer", call="e", sdp=sdp(audio(6004, "active", fingerprint("i2"))))
	equal(now("e"), "shield-lock")
	await_indicator(subscriber, "e", "shield-lock")
	one.ask("call-mismatch", call="e", side="callee")
	equal(now("e"), "none")
	await_indicator(subscriber, "e", "none")
	one.ask("call-verify", call="e", side="callee")
	await_indicator(subscriber, "e", "shield-lock")
	one.ask("call-del", call="e")
	subscriber.close()


def test_indicator_kernel():
	"""C5: shield, shield with lock, or none, as the kernel has the legs; told when it changes"""
	client.agent = agent
	check_indicator(client)


def test_indicator_user():
	"""C5: the same where the agent itself is the datapath"""
	user = Agent("-d", "user", "-i", "a=127.0.0.1")
	try:
		one = user.client()
		one.agent = user
		make_policies(one)
		check_indicator(one)
		one.close()
	finally:
		user.remove()


def behind_its_back(**did):
	"""Something that happens in the kernel, and the agent is not told."""
	with open(agent.log_path, "a") as f:
		f.write(json.dumps(did) + "\n")


def within_a_second(begin):
	"""By the wall, less what a busy machine kept the agent or us waiting for a request."""
	took = time.monotonic() - begin
	begin = time.monotonic()
	client.ask("ping")
	assert took < 1 + 20 * (time.monotonic() - begin), "it took %.2f s" % took


def test_indicator_now():
	"""C5: what the datapath does now counts, not what was asked: a key that is gone, or too many"""
	subscriber = agent.client()
	subscriber.ask("subscribe")
	client.ask("call-offer", call="d", sdp=sdp(sdes(5004)), to={"protocol": "RTP/SAVP"})
	client.ask("call-answer", call="d", sdp=sdp(sdes(6004)))
	await_indicator(subscriber, "d", "shield")
	leg = show("d")["media"][0]["legs"][1]["leg"]
	behind_its_back(do="key_del", leg=leg, direction=0, slot=0)
	equal((show("d")["indicator"], show("d")["state"]), ("none", "established"))
	begin = time.monotonic()
	await_indicator(subscriber, "d", "none")
	within_a_second(begin)
	behind_its_back(do="key_new", leg=leg, direction="rx", slot=0, suite="none")
	equal(show("d")["indicator"], "none")
	behind_its_back(do="key_del", leg=leg, direction=0, slot=0)
	behind_its_back(do="key_new", leg=leg, direction="rx", slot=0, suite="aead-aes-128-gcm")
	await_indicator(subscriber, "d", "shield")
	# The next transmit key is none that is used yet.
	behind_its_back(do="key_new", leg=leg, direction="tx", slot=1, suite="none")
	equal(show("d")["indicator"], "shield")
	behind_its_back(do="key_activate", leg=leg, slot=1)
	await_indicator(subscriber, "d", "none")
	setup("r", "r1", "r2")
	await_indicator(subscriber, "r", "shield-lock")
	behind_its_back(do="key_new", leg=show("r")["media"][0]["legs"][0]["leg"], direction="rx", slot=0,
		suite="aead-aes-128-gcm")
	begin = time.monotonic()
	equal(show("r")["indicator"], "none")
	await_indicator(subscriber, "r", "none")
	within_a_second(begin)
	subscriber.close()
	remove("d", "r")


def test_indicator_asked():
	"""C5: what the kernel does not answer is no shield"""
	client.ask("call-offer", call="z", sdp=sdp(sdes(5004)), to={"protocol": "RTP/SAVP"})
	client.ask("call-answer", call="z", sdp=sdp(sdes(6004)))
	setup("y", "y1", "y2")
	for function in ("call_get", "key_dump"):
		equal([show(c)["indicator"] for c in "zy"], ["shield", "shield-lock"])
		agent.refuse(function)
		equal([show(c)["indicator"] for c in "zy"], ["none"] * 2)
		agent.refuse("nothing")
	remove("z", "y")


def test_kept():
	"""K2: what was said, and what a mismatch shall do, is known to the agent that comes after this one"""
	global client
	keep("k", "k1", "k2")
	setup("q", "q1", "q2")
	client.ask("call-mismatch", call="k", side="callee")
	before = show("k")
	client.close()
	agent.process.kill()
	agent.process.wait()
	agent.stderr.close()
	agent.start()
	client = agent.client()
	now = show("k")
	for member in ("code", "code_failure", "certificate_reused", "verified", "said", "mode"):
		equal((member, now[member]), (member, before[member]))
	equal(now["code"], code("k1", "k2"))
	equal(client.ask("call-mismatch", call="k")["ended"], False)
	equal(client.ask("call-mismatch", call="q")["ended"], True)
	remove("k")


make_policies(client)
tap.run(test_code, "K2,K4")
tap.run(test_lines, "K2,K4")
tap.run(test_opaque, "K4")
tap.run(test_new_certificates)
tap.run(test_wants, "C4")
for test in (test_verdicts, test_no_code, test_mismatch):
	tap.run(test, "C2,K2")
for test in (test_indicator_kernel, test_indicator_now, test_indicator_asked, test_indicator_user):
	tap.run(test, "C5")
tap.run(test_kept, "K2,O1")
client.close()
agent.remove()
sys.exit(tap.end())
