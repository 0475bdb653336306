#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Calls between `openssl s_client` and `openssl s_server` through ksrtpd, over loopback.

Both print the keying material that they export; what the agent installs in its
(recording) kernel must be the same octets. Codes are computed here by hashlib.
"""

import hashlib
import os
import re
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from agent import Agent, Tap, audio, equal, field, port_of, refused, sdp, video

agent = Agent()
client = agent.client()
tap = Tap("K1")
PROFILES = {"aead-aes-128-gcm": ("SRTP_AEAD_AES_128_GCM", 16),
	"aead-aes-256-gcm": ("SRTP_AEAD_AES_256_GCM", 32)}


class Certificate:
	def __init__(self, name):
		self.cert = os.path.join(agent.folder, name + ".pem")
		self.key = os.path.join(agent.folder, name + ".key")
		subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
			"ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-days", "2",
			"-keyout", self.key, "-out", self.cert], check=True, capture_output=True)
		der = subprocess.run(["openssl", "x509", "-in", self.cert, "-outform", "DER"],
			check=True, capture_output=True).stdout
		self.thumbprint = hashlib.sha256(der).digest()
		self.fingerprint = ":".join("%02X" % o for o in self.thumbprint)


def free_port(host="127.0.0.1"):
	s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((host, 0))
	port = s.getsockname()[1]
	s.close()
	return port


def at(host, port):
	return "[%s]:%d" % (host, port) if ":" in host else "%s:%d" % (host, port)


class Endpoint:
	"""An openssl with a port of its own; started when it knows whom to talk to."""

	def __init__(self, name, host="127.0.0.1"):
		self.certificate = Certificate(name)
		self.host, self.port, self.process = host, free_port(host), None
		self.output = os.path.join(agent.folder, name + ".out")

	def start(self, what, suites, certificate=True):
		options = ["-dtls1_2", "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen",
			"%d" % (2 * (PROFILES[suites[0]][1] + 12) if suites else 20)]
		if suites:
			options += ["-use_srtp", ":".join(PROFILES[s][0] for s in suites)]
		if certificate:
			options += ["-cert", self.certificate.cert, "-key", self.certificate.key]
		with open(self.output, "wb") as out:
			self.process = subprocess.Popen(["openssl", *what, *options], stdin=subprocess.PIPE,
				stdout=out, stderr=subprocess.STDOUT)

	def connect(self, to, suites=("aead-aes-128-gcm",), certificate=True, port=None):
		self.start(["s_client", "-connect", at(self.host, to), "-bind",
			at(self.host, port or self.port)], suites, certificate)

	def listen(self, suites=("aead-aes-128-gcm",)):
		self.start(["s_server", "-accept", at(self.host, self.port), "-Verify", "1",
			"-verify_quiet"], suites)
		time.sleep(0.3)

	def material(self):
		"""client key, server key, client salt, server salt, as it exported them"""
		limit = time.monotonic() + 10
		while time.monotonic() < limit:
			with open(self.output, errors="replace") as f:
				found = re.search(r"Keying material: ([0-9A-F]+)", f.read())
			if found:
				octets = bytes.fromhex(found.group(1))
				key = len(octets) // 2 - 12
				return (octets[:key], octets[key:2 * key], octets[2 * key:-12], octets[-12:])
			time.sleep(0.05)
		with open(self.output, errors="replace") as f:
			raise AssertionError("no keying material:\n" + f.read()[-1500:])

	def end(self):
		if self.process:
			self.process.kill()
			self.process.wait()
			self.process.stdin.close()
			self.process = None


def code(t1, t2):
	d = hashlib.pbkdf2_hmac("sha256", b"".join(sorted((t1, t2))), b"ksrtp security code v1",
				100000, 32)
	digits = "%020d" % (int.from_bytes(d, "big") % 10 ** 20)
	return " ".join(digits[i:i + 5] for i in range(0, 20, 5))


def thumbprint(fingerprint):
	assert fingerprint.startswith("sha-256 "), fingerprint
	return bytes.fromhex(fingerprint[8:].replace(":", ""))


def wait_state(call, state, seconds=10, leg=None):
	"""Waits for a state of the call, or of one of its first line's legs."""
	limit = time.monotonic() + seconds
	while True:
		show = client.ask("call-show", call=call)
		now = show if leg is None else show["media"][0]["legs"][leg]
		if now["state"] == state:
			return show
		assert time.monotonic() < limit, "call %s is %s: %r" % (call, now["state"], show)
		time.sleep(0.05)


def check_keys(leg, endpoint, server, suite):
	"""The kernel got what the endpoint exported, the agent being server or client."""
	client_key, server_key, client_salt, server_salt = endpoint.material()
	theirs, ours = (client_key, client_salt), (server_key, server_salt)
	if not server:
		theirs, ours = ours, theirs
	keys = [k for k in agent.kernel("key_new") if k["leg"] == leg["leg"]]
	equal([k["direction"] for k in keys], ["rx", "tx"])
	for key, (octets, salt) in zip(keys, (theirs, ours)):
		equal((key["suite"], key["slot"], key["context"]), (suite, 0, 0))
		equal((key["key"], key["salt"]), (octets.hex(), salt.hex()))
	equal(len(client_key), PROFILES[suite][1])


def check_leg(leg, endpoint, role, suite, offered):
	ours = thumbprint(leg["local_fingerprint"])
	equal((leg["state"], leg["role"], leg["suite"], leg["keying"]), ("connected", role, suite, "dtls"))
	equal(leg["remote"], at(endpoint.host, endpoint.port))
	equal(leg["remote_fingerprint"], "sha-256 " + endpoint.certificate.fingerprint)
	pair = (ours, endpoint.certificate.thumbprint)
	equal(leg["leg_code"], code(*pair) if offered else code(*reversed(pair)))
	check_keys(leg, endpoint, role == "server", suite)


def test_active_caller():
	"""K1: caller connects, callee listens: GCM-128 to GCM-256, keys as both ends export them"""
	caller, callee = Endpoint("caller"), Endpoint("callee")
	try:
		offer = client.ask("call-offer", call="c1",
			sdp=sdp(audio(caller.port, "actpass", caller.certificate.fingerprint)),
			to={"suites": ["aead-aes-256-gcm"]})["sdp"]
		equal(field(offer, "a=setup:"), "actpass")
		callee.listen(["aead-aes-256-gcm"])
		answer = client.ask("call-answer", call="c1",
			sdp=sdp(audio(callee.port, "passive", callee.certificate.fingerprint)))["sdp"]
		equal(field(answer, "a=setup:"), "passive")
		equal(len([k for k in agent.kernel("key_new")]), 0)
		caller.connect(port_of(answer))
		show = wait_state("c1", "established")
		legs = show["media"][0]["legs"]
		equal("sha-256 " + field(answer, "a=fingerprint:sha-256 "), legs[0]["local_fingerprint"])
		equal("sha-256 " + field(offer, "a=fingerprint:sha-256 "), legs[1]["local_fingerprint"])
		check_leg(legs[0], caller, "server", "aead-aes-128-gcm", False)
		check_leg(legs[1], callee, "client", "aead-aes-256-gcm", True)
		assert legs[0]["local_fingerprint"] != legs[1]["local_fingerprint"]
		assert not legs[0]["certificate_reused"] and not legs[1]["certificate_reused"]
	finally:
		caller.end()
		callee.end()


def test_reused():
	"""an endpoint's certificate of an earlier call is told"""
	caller = Endpoint("again")
	try:
		for name, reused in (("r1", False), ("r2", True)):
			client.ask("call-offer", call=name,
				sdp=sdp(audio(caller.port, "active", caller.certificate.fingerprint)))
			answer = client.ask("call-answer", call=name, sdp=sdp(audio(6004, "passive")))["sdp"]
			caller.connect(port_of(answer))
			show = wait_state(name, "connected", leg=0)
			equal(show["media"][0]["legs"][0]["certificate_reused"], reused)
			caller.end()
	finally:
		caller.end()


def test_passive_caller():
	"""K1: caller listens, callee connects: the agent's roles are the other way round"""
	caller, callee = Endpoint("caller2"), Endpoint("callee2", "::1")
	try:
		caller.listen()
		offer = client.ask("call-offer", call="c2",
			sdp=sdp(audio(caller.port, "passive", caller.certificate.fingerprint)),
			to={"family": 6})["sdp"]
		answer = client.ask("call-answer", call="c2", sdp=sdp(
			audio(callee.port, "active", callee.certificate.fingerprint), host="::1"))["sdp"]
		equal(field(answer, "a=setup:"), "active")
		callee.connect(port_of(offer), ["aead-aes-256-gcm", "aead-aes-128-gcm"])
		show = wait_state("c2", "established")
		legs = show["media"][0]["legs"]
		equal([l["family"] for l in legs], [4, 6])
		check_leg(legs[0], caller, "client", "aead-aes-128-gcm", False)
		equal((legs[1]["role"], legs[1]["suite"]), ("server", "aead-aes-128-gcm"))
	finally:
		caller.end()
		callee.end()


def test_early():
	"""a handshake that begins before the answer is known waits for it, then completes"""
	caller, callee = Endpoint("caller3"), Endpoint("callee3")
	try:
		offer = client.ask("call-offer", call="c3", sdp=sdp(audio(5004)))["sdp"]
		callee.connect(port_of(offer))
		time.sleep(0.5)
		equal(client.ask("call-show", call="c3")["media"][0]["legs"][1]["state"], "new")
		client.ask("call-answer", call="c3",
			sdp=sdp(audio(callee.port, "active", callee.certificate.fingerprint)))
		show = wait_state("c3", "established")
		equal([l["suite"] for l in show["media"][0]["legs"]], ["none", "aead-aes-128-gcm"])
		equal(show["mode"], "transport")
		check_keys(show["media"][0]["legs"][1], callee, True, "aead-aes-128-gcm")
	finally:
		caller.end()
		callee.end()


def test_other_source():
	"""a handshake from another port than SDP says is not answered"""
	caller = Endpoint("caller4")
	try:
		client.ask("call-offer", call="c4",
			sdp=sdp(audio(caller.port, "active", caller.certificate.fingerprint)))
		answer = client.ask("call-answer", call="c4", sdp=sdp(audio(6004, "passive")))["sdp"]
		caller.connect(port_of(answer), port=free_port())
		time.sleep(1.5)
		equal(client.ask("call-show", call="c4")["media"][0]["legs"][0]["state"], "handshaking")
		with open(caller.output, errors="replace") as f:
			assert "Server certificate" not in f.read(), "it was answered"
		caller.end()
		caller.connect(port_of(answer))
		wait_state("c4", "connected", leg=0)
	finally:
		caller.end()


# ClientHellos to a port from 200 addresses of nobody, 5,000 a second, until stdin ends; then how
# many they were, in how many seconds, and how many got an answer.
FLOOD = """import os, select, socket, struct, sys, time
body = b"\\xfe\\xfd" + bytes(32) + b"\\0\\0" + b"\\0\\2\\xc0\\x2b" + b"\\1\\0"
message = b"\\1" + struct.pack(">I", len(body))[1:] + b"\\0\\0" + bytes(3) + struct.pack(">I", len(body))[1:] + body
sockets = []
for i in range(200):
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("127.%d.%d.%d" % (1 + i % 100, i, 1 + i % 250), 0))
	s.connect(("127.0.0.1", int(sys.argv[1])))
	sockets.append(s)
began, sent, told = time.monotonic(), 0, False
while not select.select([sys.stdin], [], [], 0.002)[0]:
	due = int(5000 * (time.monotonic() - began))
	while sent < due:
		record = b"\\x16\\xfe\\xfd" + struct.pack(">Q", sent) + struct.pack(">H", len(message)) + message
		try:
			sockets[sent % 200].send(record)
		except OSError:
			pass
		sent += 1
	if due and not told:
		told = not print("floods", flush=True)
took = time.monotonic() - began
print(sent, took, len(select.select(sockets, [], [], 0.2)[0]))
"""


def test_flood():
	"""K1: 5,000 spoofed ClientHellos a second: a call is set up within 2 s, and none is answered"""
	quickest = 1000
	for n in range(3):
		name = "flood%d" % n
		caller = Endpoint(name)
		client.ask("call-offer", call=name,
			sdp=sdp(audio(caller.port, "active", caller.certificate.fingerprint)))
		answer = client.ask("call-answer", call=name, sdp=sdp(audio(6004, "passive")))["sdp"]
		flood = subprocess.Popen([sys.executable, "-c", FLOOD, "%d" % port_of(answer)],
			stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
		try:
			equal(flood.stdout.readline(), "floods\n")
			begin = time.monotonic()
			caller.connect(port_of(answer))
			wait_state(name, "connected", leg=0)
			quickest = min(quickest, time.monotonic() - begin)
			said = flood.communicate("", 20)[0].split()
			sent, took, answered = int(said[0]), float(said[1]), int(said[2])
			assert sent > 4500 * took, "only %d in %.1f s" % (sent, took)
			equal(answered, 0)
		finally:
			caller.end()
			if flood.poll() is None:
				flood.kill()
				flood.communicate()
		client.ask("call-del", call=name)
	# The best of three, for a machine that does other things as well.
	assert quickest < 2, "it took %.1f s" % quickest


def failing(name, reason, fingerprint=None, **how):
	"""A call whose caller does not get in; no key of it comes to the kernel."""
	caller = Endpoint(name)
	watcher = agent.client()
	watcher.ask("subscribe")
	try:
		client.ask("call-offer", call=name, sdp=sdp(
			audio(caller.port, "active", fingerprint or caller.certificate.fingerprint)))
		answer = client.ask("call-answer", call=name, sdp=sdp(audio(6004, "passive")))["sdp"]
		begin = time.monotonic()
		caller.connect(port_of(answer), **how)
		show = wait_state(name, "failed")
		# At once, not when patience ends; a busy machine may take its time.
		assert time.monotonic() - begin < 5, "it took %.1f s" % (time.monotonic() - begin)
		leg = show["media"][0]["legs"][0]
		equal((leg["state"], leg["failure"]["reason"], leg["suite"], leg["leg_code"]),
			("failed", reason, None, None))
		equal(show["failure"]["reason"], reason)
		equal([k for k in agent.kernel("key_new") if k["leg"] == leg["leg"]], [])
		events = []
		while not events or events[-1]["state"] != "failed" or events[-1]["event"] != "call-state":
			event = watcher.event()
			events += [event] if event["call"] == name else []
		equal(events[-2]["failure"]["reason"], reason)
		equal((events[-2]["event"], events[-2]["side"]), ("leg-state", "caller"))
		equal(events[-1]["failure"]["reason"], reason)
	finally:
		caller.end()
		watcher.close()


def test_fingerprint():
	"""K1: another fingerprint than SDP's fails the leg; no key comes to the kernel"""
	failing("f1", "fingerprint-mismatch", fingerprint=":".join(["AB"] * 32))


def test_no_profile():
	"""a peer without use_srtp fails the leg at once as no-profile"""
	failing("f2", "no-profile", suites=())


def test_no_certificate():
	"""a peer without certificate fails the leg"""
	failing("f3", "no-certificate", certificate=False)


def fingerprints(endpoint, *hashes):
	"""a=fingerprint lines of its certificate by these hashes; "not-HASH": of another one."""
	der = subprocess.run(["openssl", "x509", "-in", endpoint.certificate.cert, "-outform", "DER"],
		check=True, capture_output=True).stdout
	text = ""
	for name in hashes:
		octets = der if not name.startswith("not-") else b"another"
		name = name.removeprefix("not-")
		digest = hashlib.new(name.replace("-", ""), octets).digest()
		text += "a=fingerprint:%s %s\r\n" % (name, ":".join("%02X" % o for o in digest))
	return text


def named(endpoint, *hashes):
	own = "a=fingerprint:sha-256 x\r\n"
	return audio(endpoint.port, "active", "x").replace(own, fingerprints(endpoint, *hashes))


def test_hashes():
	"""K1: a certificate named by SHA-384 or SHA-512 alone gets in; of several hashes the strongest decides"""
	caller = Endpoint("hashes")
	rows = (("sha-384",), ("sha-512",), ("not-sha-256", "sha-512"), ("sha-256", "not-sha-384", "sha-512"),
		("sha-512", "not-sha-512"), ("md5", "sha-1", "sha-256"))
	wrong = (("sha-256", "not-sha-512"), ("sha-256", "sha-384", "not-sha-512"), ("not-sha-384",))
	try:
		for i, hashes in enumerate(rows + wrong):
			call = "h%d" % i
			client.ask("call-offer", call=call, sdp=sdp(named(caller, *hashes)))
			answer = client.ask("call-answer", call=call, sdp=sdp(audio(6004, "passive")))["sdp"]
			caller.connect(port_of(answer))
			if hashes in wrong:
				equal(wait_state(call, "failed")["failure"]["reason"], "fingerprint-mismatch")
			else:
				leg = wait_state(call, "connected", leg=0)["media"][0]["legs"][0]
				# The leg's code is of thumbprints, whatever named the certificate.
				pair = (thumbprint(leg["local_fingerprint"]), caller.certificate.thumbprint)
				equal(leg["leg_code"], code(*pair))
			caller.end()
			client.ask("call-del", call=call)
		for hashes in (("md5",), ("sha-1",), ("md5", "sha-1")):
			refused("weak-fingerprint", "no SHA-256 or longer", lambda: client.ask("call-offer", call="h",
				sdp=sdp(named(caller, *hashes))))
		# Without thumbprint there is no security code of two endpoints: none is promised.
		refused("e2ee-unavailable", "SHA-256 fingerprint", lambda: client.ask("call-offer", call="h",
			mode="e2ee", sdp=sdp(named(caller, "sha-512"))))
	finally:
		caller.end()


def test_associations():
	"""K1: a new offer keeps association and keys; another fingerprint, role or tls-id makes new ones (RFC 8842)"""
	one, other = Endpoint("assoc1"), Endpoint("assoc2")
	other.port = one.port
	first_id, second_id = ("a=tls-id:" + n * 40 + "\r\n" for n in "12")

	def says(endpoint, setup, *more):
		return audio(endpoint.port, setup, endpoint.certificate.fingerprint) + "".join(more)

	def again(*section):
		client.ask("call-reoffer", call="n", side="caller", sdp=sdp(says(*section)))
		return client.ask("call-answer", call="n", sdp=sdp(audio(6004)))["sdp"]

	def leg():
		return client.ask("call-show", call="n")["media"][0]["legs"][0]
	try:
		client.ask("call-offer", call="n", sdp=sdp(says(one, "active", first_id)), to={"protocol": "RTP/AVP"})
		text = client.ask("call-answer", call="n", sdp=sdp(audio(6004)))["sdp"]
		one.connect(port_of(text))
		wait_state("n", "established")
		installed = len(agent.kernel("key_new"))
		ours, ids = [field(text, "a=fingerprint:")], [field(text, "a=tls-id:")]
		# Nothing changed; nor by an offer of either role, or a direction.
		for section in ((one, "active", first_id), (one, "actpass", first_id), (one, "active", first_id,
				"a=sendonly\r\n"), (one, "active", first_id)):
			text = again(*section)
			equal((field(text, "a=fingerprint:"), field(text, "a=setup:")), (ours[0], "passive"))
			equal((leg()["state"], len(agent.kernel("key_new"))), ("connected", installed))
		for endpoint, tls_id in ((one, second_id), (other, second_id)):
			text = again(endpoint, "active", tls_id)
			ours.append(field(text, "a=fingerprint:"))
			ids.append(field(text, "a=tls-id:"))
			equal(leg()["state"], "handshaking")
			one.end()
			endpoint.connect(port_of(text))
			wait_state("n", "established")
			installed += 2
			equal(len(agent.kernel("key_new")), installed)
			equal(leg()["remote_fingerprint"], "sha-256 " + endpoint.certificate.fingerprint)
		# Another role: from now on they listen, and the agent connects.
		other.end()
		other.listen()
		text = again(other, "passive", second_id)
		equal(field(text, "a=setup:"), "active")
		ours.append(field(text, "a=fingerprint:"))
		wait_state("n", "established")
		equal((leg()["role"], len(agent.kernel("key_new"))), ("client", installed + 2))
		equal((len(set(ours)), len(set(ids))), (4, 3))
		keys = [k["key"] for k in agent.kernel("key_new") if k["leg"] == leg()["leg"]]
		equal((len(keys), len(set(keys))), (8, 8))
		client.ask("call-del", call="n")
	finally:
		one.end()
		other.end()


def test_two_lines():
	"""K1: audio and video have associations, certificates and keys of their own"""
	callers = [Endpoint("audio"), Endpoint("video")]
	try:
		client.ask("call-offer", call="c5", sdp=sdp(
			audio(callers[0].port, "actpass", callers[0].certificate.fingerprint),
			video(callers[1].port, "actpass", callers[1].certificate.fingerprint)),
			to={"protocol": "RTP/AVP"})
		answer = client.ask("call-answer", call="c5", sdp=sdp(audio(6004), video(6006)))["sdp"]
		callers[0].connect(port_of(answer, 0))
		callers[1].connect(port_of(answer, 1))
		show = wait_state("c5", "established")
		for media, caller in zip(show["media"], callers):
			check_leg(media["legs"][0], caller, "server", "aead-aes-128-gcm", False)
			equal(media["legs"][1]["suite"], "none")
		prints = {l["local_fingerprint"] for m in show["media"] for l in m["legs"][:1]}
		equal(len(prints), 2)
		keys = [k["key"] for k in agent.kernel("key_new") if k["key"]]
		equal(len(keys), len(set(keys)))
	finally:
		for caller in callers:
			caller.end()


def test_patience():
	"""nobody answers: dtls-timeout after 15 s; the heartbeat renews the lease each 20 s"""
	begin = time.monotonic()
	client.ask("call-offer", call="t", sdp=sdp(audio(free_port(), "passive")))
	client.ask("call-answer", call="t", sdp=sdp(audio(free_port(), "passive")))
	show = wait_state("t", "failed", 20)
	took = time.monotonic() - begin
	equal([l["failure"]["reason"] for l in show["media"][0]["legs"]], ["dtls-timeout"] * 2)
	assert 14.5 < took < 18, "it took %.1f s" % took
	while not agent.kernel("owner_alive"):
		assert time.monotonic() - begin < 25, "no heartbeat"
		time.sleep(0.2)
	owners = {l["owner"] for l in agent.kernel() if "owner" in l}
	equal(len(owners), 1)


tap.run(test_active_caller, "K1,K2,C1")
tap.run(test_reused, "K2")
for test in (test_passive_caller, test_early, test_other_source, test_fingerprint,
		test_no_profile, test_no_certificate, test_hashes, test_associations, test_two_lines, test_flood):
	tap.run(test)
tap.run(test_patience, "K1,D5")


def test_log():
	"""the log, at its loudest, holds no octet of a key"""
	said = agent.said().lower()
	keys = [k["key"] for k in agent.kernel("key_new") if k["key"]]
	assert len(keys) > 8 and "established" in said
	for key in keys:
		assert key not in said and key[:16] not in said


tap.run(test_log, "S5")
client.close()
agent.remove()
sys.exit(tap.end())
