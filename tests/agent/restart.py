#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The agent ends, in every way, and the next one takes its calls back from the (recording)
kernel and the state folder."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from agent import Agent, Tap, audio, equal, field, port_of, refused, sdp, video

agent = Agent(state=True)
client = agent.client()
tap = Tap("O1")
STATE = agent.options[agent.options.index("-S") + 1]
DATABASE = os.path.join(STATE, "state.db")


def ask(method, **params):
	return client.ask(method, **params)


def end(how):
	client.close()
	if how == "kill":
		agent.process.kill()
		agent.process.wait()
		agent.stderr.close()
	else:
		equal(agent.end(), 0)


def begin():
	global client
	agent.start()
	client = agent.client()


def restart(how="kill"):
	end(how)
	begin()


def shown(call):
	"""What call-show says, but for the time."""
	show = ask("call-show", call=call)
	show.pop("age_ms")
	return show


def plain_call(name, caller=5004, callee=6004):
	ask("call-offer", call=name, sdp=sdp(audio(caller)), to={"protocol": "RTP/AVP"})
	ask("call-answer", call=name, sdp=sdp(audio(callee)))
	equal(ask("call-show", call=name)["state"], "established")


def kernel_calls():
	"""Names of the calls that the kernel has."""
	living = {}
	for line in agent.kernel():
		if line["do"] == "call_new":
			living[line["id"]] = line["name"]
		elif line["do"] == "call_del":
			living.pop(line["id"], None)
	return sorted(living.values())


def wait_until(what, condition):
	limit = time.monotonic() + 30
	while not condition():
		assert time.monotonic() < limit, what
		time.sleep(0.05)


class Phone:
	"""An openssl that connects to the agent."""

	def __init__(self, name):
		self.cert = os.path.join(agent.folder, name + ".pem")
		self.key = os.path.join(agent.folder, name + ".key")
		subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
			"ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-days", "2",
			"-keyout", self.key, "-out", self.cert], check=True, capture_output=True)
		said = subprocess.run(["openssl", "x509", "-in", self.cert, "-noout", "-fingerprint",
			"-sha256"], check=True, capture_output=True, text=True).stdout
		self.fingerprint = said.strip().split("=")[1]
		self.process = None

	def connect(self, port, own):
		self.process = subprocess.Popen(["openssl", "s_client", "-dtls1_2", "-connect",
			"127.0.0.1:%d" % port, "-bind", "127.0.0.1:%d" % own, "-use_srtp",
			"SRTP_AEAD_AES_128_GCM", "-cert", self.cert, "-key", self.key],
			stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

	def end(self):
		self.process.kill()
		self.process.wait()
		self.process.stdin.close()


def dtls_call(name, phone, own):
	"""A caller with DTLS, a callee without."""
	ask("call-offer", call=name, sdp=sdp(audio(own, "active", phone.fingerprint) + "a=cryptex\r\n"),
		to={"protocol": "RTP/AVP"})
	answer = ask("call-answer", call=name, sdp=sdp(audio(6010)))["sdp"]
	phone.connect(port_of(answer), own)
	wait_until("call %s is not established" % name,
		lambda: ask("call-show", call=name)["state"] == "established")


def legs():
	"""How many legs there are, as /metrics has it by suite."""
	return [l for l in ask("metrics")["text"].splitlines() if l.startswith("ksrtpd_legs{")]


def test_same():
	"""established calls are the same after a kill, codes and addresses included"""
	phone = Phone("same")
	try:
		dtls_call("s1", phone, 5100)
	finally:
		phone.end()
	plain_call("s2")
	ask("call-offer", call="s3", sdp=sdp(audio(5006), video(5008)), to={"protocol": "RTP/AVP"})
	ask("call-answer", call="s3", sdp=sdp(audio(6006), video(0)))
	before = [shown(c) for c in ("s1", "s2", "s3")]
	age = ask("call-show", call="s1")["age_ms"]
	counted = legs()
	assert before[0]["media"][0]["legs"][0]["leg_code"], before[0]
	equal([l["cryptex"] for l in before[0]["media"][0]["legs"]], [True, False])
	equal(sorted(k["cryptex"] for k in agent.kernel("key_new") if k["leg"] ==
		before[0]["media"][0]["legs"][0]["leg"]), [1, 1])
	for how in ("kill", "kill", "stop"):
		restart(how)
		equal([shown(c) for c in ("s1", "s2", "s3")], before)
		equal(legs(), counted)
	assert ask("call-show", call="s1")["age_ms"] >= age
	equal(kernel_calls(), ["s1", "s2", "s3"])
	equal(len(agent.kernel("call_new")), 3)


def test_owner():
	"""its calls have one owner, whichever agent made them, and the lease is renewed at once"""
	plain_call("o1")
	owners = {l["owner"] for l in agent.kernel("call_new")} | {
		l["owner"] for l in agent.kernel("owner_alive")}
	equal(len(owners), 1)
	alive = len(agent.kernel("owner_alive"))
	restart()
	equal(len(agent.kernel("owner_alive")), alive + 1)
	ask("call-del", call="o1")


def test_delete():
	"""a call that was taken back can be offered again, answered, and deleted"""
	local = ask("call-show", call="s2")["media"][0]["legs"]
	held = sdp(audio(5004) + "a=inactive\r\n")
	offer = ask("call-reoffer", call="s2", side="caller", sdp=held)["sdp"]
	equal(port_of(offer), int(local[1]["local"].rsplit(":", 1)[1]))
	answer = ask("call-answer", call="s2", sdp=sdp(audio(6044) + "a=inactive\r\n"))["sdp"]
	equal(port_of(answer), int(local[0]["local"].rsplit(":", 1)[1]))
	equal(ask("call-show", call="s2")["media"][0]["legs"][1]["remote"], "127.0.0.1:6044")
	assert agent.kernel("route_set"), "the hold did not come to the kernel"
	restart()
	equal(ask("call-show", call="s2")["media"][0]["legs"][1]["remote"], "127.0.0.1:6044")
	for call in ("s1", "s2", "s3"):
		ask("call-del", call=call)
	equal(kernel_calls(), [])
	restart()
	equal(ask("call-list"), {"calls": []})


def test_association():
	"""K1: the next offer to an established leg brings a new certificate, association and keys"""
	phone = Phone("twice")
	try:
		dtls_call("a1", phone, 5110)
	finally:
		phone.end()
	before = ask("call-show", call="a1")["media"][0]["legs"][0]
	restart()
	keys = len(agent.kernel("key_new"))
	offer = ask("call-reoffer", call="a1", side="callee", sdp=sdp(audio(6010)))["sdp"]
	fresh = "sha-256 " + field(offer, "a=fingerprint:sha-256 ")
	assert fresh != before["local_fingerprint"], offer
	equal(len(agent.kernel("key_new")), keys)
	assert "a=cryptex" in offer, offer
	ask("call-answer", call="a1", sdp=sdp(audio(5110, "active", phone.fingerprint) + "a=cryptex\r\n"))
	equal(ask("call-show", call="a1")["media"][0]["legs"][0]["state"], "handshaking")
	try:
		phone.connect(port_of(offer), 5110)
		wait_until("no new association", lambda:
			ask("call-show", call="a1")["state"] == "established")
	finally:
		phone.end()
	after = ask("call-show", call="a1")["media"][0]["legs"][0]
	equal((after["local_fingerprint"], after["leg"], after["local"]), (fresh, before["leg"], before["local"]))
	assert after["leg_code"] and after["leg_code"] != before["leg_code"], after
	made = agent.kernel("key_new")[keys:]
	equal([(k["direction"], k["slot"], k["context"], k["cryptex"]) for k in made],
		[("rx", 1, 0, 1), ("tx", 1, 0, 1)])
	assert any(k["slot"] == 1 for k in agent.kernel("key_activate"))
	ask("call-del", call="a1")


def test_handshake():
	"""a handshake that was under way has failed as agent-restarted"""
	ask("call-offer", call="h1", sdp=sdp(audio(5020, "actpass")), to={"protocol": "RTP/AVP"})
	ask("call-answer", call="h1", sdp=sdp(audio(6020)))
	equal(ask("call-show", call="h1")["media"][0]["legs"][0]["state"], "handshaking")
	restart()
	show = ask("call-show", call="h1")
	legs = show["media"][0]["legs"]
	equal((show["state"], show["failure"]["reason"]), ("failed", "agent-restarted"))
	equal((legs[0]["state"], legs[0]["failure"]["reason"]), ("failed", "agent-restarted"))
	equal(legs[1]["state"], "connected")
	restart()
	equal(ask("call-show", call="h1")["failure"], show["failure"])
	ask("call-del", call="h1")


def test_offered():
	"""a call that waited for its answer has failed as agent-restarted"""
	ask("call-offer", call="w1", sdp=sdp(audio(5030)), to={"protocol": "RTP/AVP"})
	restart()
	show = ask("call-show", call="w1")
	equal((show["state"], show["failure"]["reason"]), ("failed", "agent-restarted"))
	refused("not-offered", "waits for no answer",
		lambda: ask("call-answer", call="w1", sdp=sdp(audio(6030))))
	ask("call-del", call="w1")
	equal(kernel_calls(), [])


def test_reoffered():
	"""an offer in mid-call that nobody had answered is gone, the call is as before it"""
	plain_call("r1")
	before = shown("r1")
	ask("call-reoffer", call="r1", side="callee", sdp=sdp(audio(6004), video(6008)))
	legs = {l["id"] for l in agent.kernel("leg_new")}
	restart()
	equal(shown("r1"), before)
	left = legs - {l["id"] for l in agent.kernel("leg_del")}
	shown_legs = {l["leg"] for m in before["media"] for l in m["legs"]}
	gone = {l["id"] for l in agent.kernel("leg_new") if l["call"] != before["id"]}
	equal(left - gone, shown_legs)
	ask("call-del", call="r1")


def test_kernel_lost():
	"""a call that the kernel has no more is forgotten, with a line in the log"""
	plain_call("k1")
	plain_call("k2", 5044, 6044)
	number = ask("call-show", call="k1")["id"]
	end("kill")
	with open(agent.log_path, "a") as f:
		f.write(json.dumps({"do": "call_del", "id": number}) + "\n")
	begin()
	equal([c["call"] for c in ask("call-list")["calls"]], ["k2"])
	assert "call k1: it ended while no agent was there" in agent.said(), agent.said()[-1000:]
	ask("call-del", call="k2")


def test_store_lost():
	"""a call of ours that nothing is known of, or whose record is damaged, is ended"""
	for n in range(4):
		plain_call("l%d" % n, 5050 + 2 * n, 6050 + 2 * n)
	end("kill")
	db = sqlite3.connect(DATABASE)
	db.execute("DELETE FROM call WHERE name = 'l0'")
	db.execute("UPDATE call SET record = '{' WHERE name = 'l1'")
	db.execute("UPDATE call SET record = json_set(record, '$.lines[0].path', 7) WHERE name = 'l2'")
	db.commit()
	db.close()
	begin()
	equal([c["call"] for c in ask("call-list")["calls"]], ["l3"])
	equal(kernel_calls(), ["l3"])
	said = agent.said()
	assert "call l0: the kernel has it, but nothing is known of it" in said, said[-2000:]
	assert "call l1: it could not be taken back, and ends: its record is no JSON" in said, said[-2000:]
	assert "call l2: it could not be taken back, and ends: the record" in said, said[-2000:]
	ask("call-del", call="l3")


def test_no_socket():
	"""a call whose sockets cannot be had ends"""
	plain_call("n1")
	end("kill")
	agent.refuse("leg_socket")
	begin()
	agent.refuse("")
	equal(ask("call-list"), {"calls": []})
	equal(kernel_calls(), [])


def test_ports():
	"""a call with RTCP on a port of its own on one side alone is taken back so, and goes on so"""
	ask("call-offer", call="p1", sdp=sdp(audio(5004)), to={"protocol": "RTP/AVP"})
	two = sdp(audio(6004).replace("a=rtcp-mux\r\n", "a=rtcp:6010\r\n"))
	ask("call-answer", call="p1", sdp=two)
	before = shown("p1")
	equal([(l["side"], l["remote"]) for l in before["media"][0]["rtcp"]], [("callee", "127.0.0.1:6010")])
	restart()
	equal(shown("p1"), before)
	did = len(agent.kernel())
	text = ask("call-reoffer", call="p1", side="callee", sdp=two)["sdp"]
	assert "a=rtcp-mux" in text and "a=rtcp:" not in text, text
	text = ask("call-answer", call="p1", sdp=sdp(audio(5004)))["sdp"]
	assert "a=rtcp-mux" not in text and "a=rtcp:" in text, text
	equal([l for l in agent.kernel()[did:] if l["do"] != "owner_alive"], [])
	ask("call-del", call="p1")


def test_reused():
	"""a certificate that was seen before the restart is known after it"""
	phone = Phone("again")
	for name, reused in (("c1", False), ("c2", True)):
		try:
			dtls_call(name, phone, 5070)
		finally:
			phone.end()
		equal(ask("call-show", call=name)["media"][0]["legs"][0]["certificate_reused"], reused)
		restart()
		equal(ask("call-show", call=name)["media"][0]["legs"][0]["certificate_reused"], reused)
		ask("call-del", call=name)


def test_secrets():
	"""S5: the state folder holds no key and no password"""
	key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
	password = "th3P3ersS3cretPassw0rdOfIce"
	crypto = "m=audio 5080 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\n" % key
	ice = "m=audio 5082 RTP/AVP 0\r\na=rtcp-mux\r\na=ice-ufrag:them\r\na=ice-pwd:%s\r\n" % password
	ours = []
	for name, offer in (("x1", sdp(crypto)), ("x2", sdp(ice))):
		out = ask("call-offer", call=name, sdp=offer, to={"protocol": "RTP/AVP"})["sdp"]
		port = port_of(out)
		back = "m=audio 6080 RTP/AVP 0\r\n" if name == "x1" else \
			"m=audio 6082 RTP/AVP 0\r\na=rtcp-mux\r\na=ice-ufrag:hims\r\na=ice-pwd:%s\r\n" % password
		answer = ask("call-answer", call=name, sdp=sdp(back))["sdp"]
		ours += [l.split(":", 1)[1] for l in (out + answer).split("\r\n") if "ice-pwd" in l]
		ours += [l.split("inline:")[1].split("|")[0] for l in (out + answer).split("\r\n")
			if "inline:" in l]
	assert len(ours) >= 3, ours
	end("kill")
	octets = b"".join(open(os.path.join(STATE, f), "rb").read() for f in os.listdir(STATE))
	db = sqlite3.connect(DATABASE)
	records = {name: record for name, record in db.execute("SELECT name, record FROM call")}
	db.close()
	assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA" in records["x1"], records
	assert "a=ice-pwd:AAAA" in records["x2"], records
	for secret in [key, password] + ours:
		assert secret.encode() not in octets, secret
	begin()
	equal(sorted(c["call"] for c in ask("call-list")["calls"]), ["x1", "x2"])
	for name in ("x1", "x2"):
		ask("call-del", call=name)


def ice(port, ufrag):
	return audio(port) + "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n" % (ufrag, ufrag * 6)


def credentials(text):
	return field(text, "a=ice-ufrag:"), field(text, "a=ice-pwd:")


def told(before):
	"""Credentials that the kernel was told since then, by leg."""
	return {l["id"]: (l["ufrag"], l["pwd"]) for l in agent.kernel()[before:] if l["do"] == "leg_ice"}


def test_ice():
	"""E2: the next offer or answer of a leg with ICE has new credentials, which the kernel has; until then none are touched"""
	to = {"protocol": "RTP/AVP", "ice": True}
	first = ask("call-offer", call="i1", sdp=sdp(ice(5090, "them")), to=to)["sdp"]
	second = ask("call-answer", call="i1", sdp=sdp(ice(6090, "hims")))["sdp"]
	legs = [l["leg"] for l in ask("call-show", call="i1")["media"][0]["legs"]]
	equal(told(0)[legs[0]], credentials(second))
	before = len(agent.kernel())
	restart()
	equal(told(before), {})
	for side, mine, theirs in (("caller", "them", "hims"), ("callee", "hims", "them")):
		before = len(agent.kernel())
		offer = ask("call-reoffer", call="i1", side=side, sdp=sdp(ice(5090, mine)))["sdp"]
		answer = ask("call-answer", call="i1", sdp=sdp(ice(6090, theirs)))["sdp"]
		ours = [answer, offer] if side == "caller" else [offer, answer]
		if side == "caller":
			# Neither peer restarted ICE, but the old passwords are gone with the agent.
			equal(told(before), {leg: credentials(text) for leg, text in zip(legs, ours)})
			assert credentials(answer) != credentials(second) and \
				credentials(offer) != credentials(first), (offer, answer)
			now = [credentials(text) for text in ours]
		else:
			equal(told(before), {})
			equal([credentials(text) for text in ours], now)
	ask("call-del", call="i1")


def test_candidates():
	"""E2: the other candidates of a leg are bound again; one whose port is taken is left out, with a word"""
	to = {"protocol": "RTP/AVP", "ice": True, "interface": "*"}
	ask("call-offer", call="j1", sdp=sdp(ice(5092, "them")), to=to)
	ask("call-answer", call="j1", sdp=sdp(ice(6092, "hims")))
	before = shown("j1")
	leg = before["media"][0]["legs"][1]
	equal(len(leg["candidates"]), 3)
	restart()
	equal(shown("j1"), before)
	host, port = next(c.rsplit(":", 1) for c in leg["candidates"] if c.startswith("127.0.0.2:"))
	end("kill")
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
		taken.bind((host, int(port)))
		begin()
	leg["candidates"].remove("%s:%s" % (host, port))
	equal(shown("j1"), before)
	assert "goes on without its candidate %s:%s" % (host, port) in agent.said(), agent.said()[-1000:]
	ask("call-del", call="j1")


def test_end():
	"""on-stop = end: the calls end with the agent; without a state folder they do as well"""
	plain_call("e1")
	end("stop")
	equal(kernel_calls(), ["e1"])
	path = os.path.join(agent.folder, "ksrtpd.conf")
	with open(path, "w") as f:
		f.write("on-stop = end\n")
	agent.options += ("-c", path)
	begin()
	equal([c["call"] for c in ask("call-list")["calls"]], ["e1"])
	end("stop")
	equal(kernel_calls(), [])
	agent.options = agent.options[:-4]
	begin()
	plain_call("e2")
	end("stop")
	equal(kernel_calls(), [])
	begin()


tap.run(test_same)
tap.run(test_owner)
tap.run(test_delete)
tap.run(test_association, rows="K1,O1")
tap.run(test_handshake)
tap.run(test_offered)
tap.run(test_reoffered)
tap.run(test_kernel_lost)
tap.run(test_store_lost)
tap.run(test_no_socket)
tap.run(test_ports, "O1,C1")
tap.run(test_reused, rows="K2")
tap.run(test_secrets, rows="S5")
tap.run(test_ice, rows="E2,O1")
tap.run(test_candidates, rows="E2,O1")
tap.run(test_end)
client.close()
agent.remove()
sys.exit(tap.end())
