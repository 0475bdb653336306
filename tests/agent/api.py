#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The API of ksrtpd: tokens, limits, events, drain, metrics, and the service manager."""

import base64
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from agent import Agent, Tap, audio, equal, port_of, sdp
from https import Answer, TOKENS, Api, free_port

notify_path = tempfile.mktemp(prefix="ksrtpd-notify.")
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(notify_path)
notify.settimeout(30)
os.environ.update(NOTIFY_SOCKET=notify_path, WATCHDOG_USEC="400000")
os.environ.pop("WATCHDOG_PID", None)
plain_port = free_port()
api = Api("api-plain = 127.0.0.1:%d\n" % plain_port + "api-header-max = 2048\napi-body-max = 20000\napi-request-time = 2\napi-idle = 3\n"
	"api-connections = 14\napi-connections-per-client = 12\napi-rate = 400\n"
	"api-heartbeat = 1\napi-queue-max = 2048\nsocket-group = nogroup\nmedia-timeout = 4\n",
	options=("--datapath", "user", "-i", "tiny=127.0.0.9,45000-45003"))
del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
tap = Tap("C1")


def until(condition, seconds=30):
	deadline = time.monotonic() + seconds
	while not condition():
		assert time.monotonic() < deadline, "it did not happen"
		time.sleep(0.05)


class Raw:
	"""A TLS connection for requests that no library would send."""

	def __init__(self, certificate=None, small=False):
		raw = socket.socket()
		if small:
			raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		raw.settimeout(30)
		raw.connect(("127.0.0.1", api.port))
		self.socket = api.context(certificate).wrap_socket(raw, server_hostname="127.0.0.1")

	def send(self, text):
		self.socket.sendall(text.encode("latin-1"))

	def rest(self):
		"""All until the server ends it."""
		data = b""
		try:
			while part := self.socket.recv(65536):
				data += part
		except (ssl.SSLError, ConnectionError):
			pass
		self.socket.close()
		return data.decode("latin-1")

	def until(self, text, data=""):
		while text not in data:
			part = self.socket.recv(65536).decode("latin-1")
			assert part, "it ended: " + data
			data += part
		return data


def request(line, *headers, body=""):
	return "\r\n".join((line, "Host: x", "Authorization: Bearer secret-owner") + headers) + \
		"\r\n\r\n" + body


# -- who asks

def test_tokens():
	"""K6: unknown and expired tokens are 401; a scope that a token lacks is 403; a token wins over a certificate"""
	for token, status, reason in (("nobody", 401, "unauthorized"), ("late", 401, "token-expired")):
		answer = api.ask("GET", "/v1/calls", token=token)
		equal((answer.status, answer.reason), (status, reason))
		equal(answer.headers["WWW-Authenticate"], "Bearer")
	for token, verb, path, status in (("reader", "GET", "/v1/calls", 200),
			("reader", "DELETE", "/v1/calls/x", 403), ("caller", "DELETE", "/v1/calls/x", 404),
			("caller", "POST", "/v1/drain", 403), ("caller", "POST", "/v1/policies", 403)):
		equal((path, api.ask(verb, path, token=token).status), (path, status))
	c = api.connect(api.admin)
	equal(api.ask("DELETE", "/v1/calls/x", token=None, connection=c).status, 404)
	equal(api.ask("DELETE", "/v1/calls/x", token="reader", connection=c).status, 403)
	equal(api.ask("GET", "/v1/calls", token="late", connection=c).status, 401)
	c.close()
	answer = api.ask("GET", "/v1/calls", token=None, headers={"Authorization": "Basic eDp5"})
	equal((answer.status, answer.reason), (401, "unauthorized"))


def test_token_file():
	"""K6: SIGHUP reads the tokens anew; a wrong file leaves those that were"""
	changed = dict(TOKENS, reader=("calls", "never"), guest=("read", "never"))
	api.write_tokens(changed)
	api.agent.process.send_signal(signal.SIGHUP)
	until(lambda: api.ask("GET", "/v1/calls", token="guest").status == 200)
	equal(api.ask("GET", "/v1/calls", token="reader").status, 403)
	with open(api.folder + "/tokens", "w") as f:
		f.write("guest read never\n")
	log = len(api.agent.said())
	api.agent.process.send_signal(signal.SIGHUP)
	until(lambda: "tokens:1: is not of the form" in api.agent.said()[log:])
	equal(api.ask("GET", "/v1/calls", token="guest").status, 200)
	api.write_tokens(TOKENS)
	api.agent.process.send_signal(signal.SIGHUP)
	until(lambda: api.ask("GET", "/v1/calls", token="guest").status == 401)


def test_no_secrets():
	"""K6,S5: neither a token nor its hash is in the log, at its loudest"""
	said = api.agent.said()
	assert "secret-" not in said and not re.search(r"[0-9a-f]{64}", said)


# -- HTTP

STRICT = (
	("GET /v1/health HTTP/1.1", (), 200),
	("GET /v1/health HTTP/1.0", (), 200),
	("GET /v1/%68ealth HTTP/1.1", (), 200),
	("GET /v1/health/ HTTP/1.1", (), 400),
	("GET //v1/health HTTP/1.1", (), 400),
	("GET /v1/../v1/health HTTP/1.1", (), 404),
	("GET /v1/calls/a%2Fb HTTP/1.1", (), 400),
	("GET /v1/calls/a%00 HTTP/1.1", (), 400),
	("GET /v1/calls/a%4 HTTP/1.1", (), 400),
	("GET /v1/calls/1/2/3/4/5/6 HTTP/1.1", (), 404),
	("GET /v1/calls?x HTTP/1.1", (), 400),
	("GET /v1/calls/x?call=y HTTP/1.1", (), 400),
	("GET http://x/v1/health HTTP/1.1", (), 400),
	("GET /v1/health HTTP/2.0", (), 505),
	("GET /v1/health", (), 400),
	("GET  /v1/health HTTP/1.1", (), 400),
	("G(T /v1/health HTTP/1.1", (), 400),
	("BREW /v1/health HTTP/1.1", (), 405),
	("GET /v1/health HTTP/1.1", ("Host: y",), 400),
	("GET /v1/health HTTP/1.1", ("X: a\x01b",), 400),
	("GET /v1/health HTTP/1.1", ("X : y",), 400),
	("GET /v1/health HTTP/1.1", ("X: y", " folded"), 400),
	("GET /v1/health HTTP/1.1", ("nonsense",), 400),
	("GET /v1/health HTTP/1.1", ("Content-Length: 1", "Content-Length: 1"), 400),
	("GET /v1/health HTTP/1.1", ("Content-Length: -1",), 400),
	("GET /v1/health HTTP/1.1", ("Content-Length: 99999999999999999999",), 400),
	("GET /v1/health HTTP/1.1", ("Content-Length: 4",), 400),
	("POST /v1/calls HTTP/1.1", ("Transfer-Encoding: chunked",), 501),
	("POST /v1/calls HTTP/1.1", ("Expect: everything",), 400),
	("GET /v1/health HTTP/1.1", tuple("X-%d: y" % i for i in range(70)), 400),
	("GET /v1/health HTTP/1.1", ("X: " + "y" * 3000,), 431),
	("POST /v1/calls HTTP/1.1", ("Content-Type: application/json", "Content-Length: 20001"), 413),
	("POST /v1/calls HTTP/1.1", ("Content-Type: text/plain", "Content-Length: 2"), 415),
	("POST /v1/calls HTTP/1.1", ("Content-Type: application/jsonx", "Content-Length: 2"), 415),
	("POST /v1/calls HTTP/1.1", (), 400),
)


def test_strict():
	"""what could be understood in two ways is refused, with the right status and a reason (35 heads)"""
	for line, headers, status in STRICT:
		c = Raw()
		c.send(request(line, *headers, "Connection: close"))
		answer = c.rest()
		assert answer.startswith("HTTP/1.1 %d " % status), (line, headers, answer)
		if status != 200:
			error = json.loads(answer.split("\r\n\r\n", 1)[1])["error"]
			assert error["reason"] and error["message"], error


def test_pipeline():
	"""requests in one write are answered in order; a body follows 100 Continue"""
	c = Raw()
	c.send("".join(request("GET /v1/calls/n%d HTTP/1.1" % i) for i in range(40)))
	data = c.until("named n39")
	equal(re.findall(r"no call named (n\d+)", data), ["n%d" % i for i in range(40)])
	c.send(request("POST /v1/calls HTTP/1.1", "Content-Type: application/json; charset=utf-8",
		"Content-Length: 2", "Expect: 100-continue"))
	equal(c.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n")
	c.send("{}" + request("GET /v1/health HTTP/1.1", "Connection: close"))
	data = c.rest()
	equal(re.findall(r"HTTP/1.1 (\d+)", data), ["400", "200"])


def test_slow():
	"""who does not finish a handshake, a head or a body in time, or is silent, is cut off"""
	bare = socket.create_connection(("127.0.0.1", api.port), 30)
	clients = [Raw() for _ in range(3)]
	clients[0].send("GET /v1/hea")
	clients[1].send(request("POST /v1/calls HTTP/1.1", "Content-Type: application/json",
		"Content-Length: 100", body="{"))
	begin = time.monotonic()
	for _ in range(4):	# a sign of life now and then prolongs nothing
		time.sleep(0.4)
		clients[0].send("l")
		clients[1].send(" ")
	equal(bare.recv(100), b"")
	for c in clients:
		equal(c.rest(), "")
	assert time.monotonic() - begin < 25
	bare.close()
	assert api.refused()["aborted"] >= 1


def test_connections():
	"""connections of one client are limited, and come back when others close"""
	many = []
	for _ in range(16):
		try:
			many.append(Raw())
		except (ssl.SSLError, ConnectionError):
			pass
	equal(len(many), 12)
	assert "ksrtpd_api_connections_refused_total 4" in api.agent.client().ask("metrics")["text"]
	for c in many:
		c.socket.close()
	until(lambda: "ksrtpd_api_connections 0\n" in api.agent.client().ask("metrics")["text"])
	equal(api.ask("GET", "/v1/health", token=None).status, 200)


def test_rate():
	"""requests a second of one client are limited: 429, and soon it may again"""
	c = Raw()
	count = 1500
	c.send("GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n" * count)
	data, seen = "", []
	while len(seen) < count:
		part = c.socket.recv(65536).decode()
		assert part, "it ended after %d" % len(seen)
		data += part
		seen = re.findall(r"HTTP/1.1 (\d+)", data)
	assert 800 <= seen.count("200") and seen.count("429") > 10, (seen.count("200"), seen.count("429"))
	assert "Retry-After: 1" in data and "rate-limited" in data
	c.socket.close()
	until(lambda: api.ask("GET", "/v1/health", token=None).status == 200)


# -- events

def event_stream(token="reader", last=None, small=False):
	c = Raw(small=small)
	c.send("GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-%s\r\n%s\r\n" %
		(token, "Last-Event-ID: %s\r\n" % last if last else ""))
	head = c.until("retry: 1000\n\n")
	assert head.startswith("HTTP/1.1 200") and "text/event-stream" in head, head
	return c, head.split("retry: 1000\n\n", 1)[1]


def parse(text):
	"""The whole events in a stream's text: (id, kind, data)"""
	return [(i, kind, json.loads(data)) for i, kind, data in
		re.findall(r"id: (\S+)\nevent: (\S+)\ndata: (.*)\n\n", text)]


def test_events():
	"""events come as they happen, with a sign of life between them; who comes back gets what it missed"""
	c, data = event_stream()
	api.ask("POST", "/v1/calls", {"call": "e", "sdp": sdp(audio(5004))})
	data = c.until('"offered"', data)
	data = c.until("\n:\n\n", data)
	(last, kind, event), = parse(data)
	equal((kind, event["event"], event["call"], event["state"]),
		("call-state", "call-state", "e", "offered"))
	c.socket.close()
	api.ask("DELETE", "/v1/calls/e")
	api.ask("POST", "/v1/drain")
	api.ask("DELETE", "/v1/drain")
	c, data = event_stream(last=last)
	data = c.until('"draining":false', data)
	equal([e[1] for e in parse(data)], ["drain", "drained", "drain"])
	assert parse(data)[0][0].split("-")[0] == last.split("-")[0]
	c.socket.close()


def test_lost():
	"""who missed more than is kept, or comes from another run, is told so"""
	for last in ("00000000-1", "nonsense"):
		c, data = event_stream(last=last)
		data = c.until("\n\n", data)
		equal(parse(data)[0][2], {"event": "lost"})
		c.socket.close()


def test_slow_reader():
	"""a client that does not read its events is dropped, and the others go on"""
	slow, _ = event_stream(small=True)
	good, data = event_stream()
	local = api.agent.client()
	deadline = time.monotonic() + 60
	while "ksrtpd_api_streams_dropped_total 1" not in local.ask("metrics")["text"]:
		assert time.monotonic() < deadline, "it was not dropped"
		for _ in range(50):
			local.ask("drain")
			local.ask("undrain")
		data = good.until("\n\n", data[-400:])
		good.socket.settimeout(0.05)
		try:
			while data := good.socket.recv(65536).decode():
				pass
		except TimeoutError:
			data = ""
		good.socket.settimeout(30)
	local.ask("drain")
	good.until("drained", data)
	local.ask("undrain")
	assert len(slow.rest()) < 2 ** 20
	good.socket.close()
	local.close()


# -- calls

def test_drain():
	"""drain refuses new calls, lets the others go on, and tells when the last one ended"""
	c, data = event_stream()
	api.ask("POST", "/v1/calls", {"call": "d1", "sdp": sdp(audio(5004))})
	answer = api.ask("POST", "/v1/drain")
	equal((answer.status, answer.json), (200, {"draining": True, "calls": 1}))
	answer = api.ask("POST", "/v1/calls", {"call": "d2", "sdp": sdp(audio(5004))})
	equal((answer.status, answer.reason, answer.headers["Retry-After"]), (503, "draining", "1"))
	equal(api.ask("GET", "/v1/health", token=None).status, 503)
	equal(api.ask("POST", "/v1/calls/d1/answer", {"sdp": sdp(audio(6004, "active"))}).status, 200)
	assert "drained" not in data
	api.ask("DELETE", "/v1/calls/d1")
	c.until("event: drained\n", data)
	c.socket.close()
	equal(api.ask("DELETE", "/v1/drain").json, {"draining": False, "calls": 0})
	equal(api.ask("POST", "/v1/calls", {"call": "d2", "sdp": sdp(audio(5004))}).status, 201)
	api.ask("DELETE", "/v1/calls/d2")


def test_deferred():
	"""K2: a code that has yet to be computed holds the answer, and not the agent"""
	base = api.folder + "/endpoint"
	subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=e", "-days", "2", "-keyout",
		base + ".key", "-out", base + ".pem"], check=True, capture_output=True)
	fingerprint = subprocess.run(["openssl", "x509", "-in", base + ".pem", "-noout",
		"-fingerprint", "-sha256"], check=True, capture_output=True,
		text=True).stdout.strip().split("=")[1]
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
		s.bind(("127.0.0.1", 0))
		port = s.getsockname()[1]
	offer = sdp(audio(port, "actpass", fingerprint))
	api.ask("POST", "/v1/calls", {"call": "k", "sdp": offer, "to": {"protocol": "RTP/AVP"}})
	answer = api.ask("POST", "/v1/calls/k/answer", {"sdp": sdp(audio(6004))}).json
	peer = subprocess.Popen(["openssl", "s_client", "-dtls1_2", "-connect",
		"127.0.0.1:%d" % port_of(answer["sdp"]), "-bind", "127.0.0.1:%d" % port, "-use_srtp",
		"SRTP_AEAD_AES_128_GCM", "-cert", base + ".pem", "-key", base + ".key"],
		stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	try:
		until(lambda: 'outcome="connected"} 1' in api.agent.client().ask("metrics")["text"])
		c = Raw()
		c.send(request("GET /v1/calls/k HTTP/1.1") +
			request("GET /v1/health HTTP/1.1", "Connection: close"))
		data = c.rest()
		equal(re.findall(r"HTTP/1.1 (\d+)", data), ["200", "200"])
		assert re.search(r'"leg_code":"\d{5} \d{5} \d{5} \d{5}"', data), data
		assert data.index("leg_code") < data.index('"status":"ok"')
	finally:
		peer.kill()
		peer.wait()
		peer.stdin.close()
	api.ask("DELETE", "/v1/calls/k")


def numbers():
	return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in
		api.ask("GET", "/metrics", token="reader").text.splitlines() if line[0] != "#"}


class Phone:
	"""A plain endpoint: what it sends and gets are datagrams of RTP."""

	def __init__(self):
		self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		self.socket.bind(("127.0.0.1", 0))
		self.port, self.sequence, self.to = self.socket.getsockname()[1], 0, None

	def says(self, *more):
		return sdp(audio(self.port) + "".join(m + "\r\n" for m in more))

	def send(self):
		self.sequence += 1
		packet = bytes((0x80, 0, 0, self.sequence)) + bytes(4) + b"%4d" % (self.port % 10000) + b"speech" * 20
		self.socket.sendto(packet, ("127.0.0.1", self.to))
		return packet

	def hears(self, packet, seconds=20):
		self.socket.settimeout(seconds)
		try:
			return self.socket.recv(2000) == packet
		except TimeoutError:
			return False


def test_call():
	"""C1: over HTTPS a call is offered, answered, held, resumed, offered again from the other side, restarted and deleted, and its media follows"""
	a, b = Phone(), Phone()

	def ask(verb, path, body=None, status=200):
		answer = api.ask(verb, "/v1/calls" + path, body, token="caller")
		equal(answer.status, status)
		return answer.json
	b.to = port_of(ask("POST", "", {"call": "o", "sdp": a.says("a=keep:this"), "to": {"protocol": "RTP/AVP"}},
		201)["sdp"])
	assert not b.hears(b.send(), 0.1)
	a.to = port_of(ask("POST", "/o/answer", {"sdp": b.says()})["sdp"])
	assert b.hears(a.send()) and a.hears(b.send())

	def again(side, offer, answer):
		text = ask("POST", "/o/offer", {"side": side, "sdp": offer})["sdp"]
		assert offer.split("a=rtcp-mux\r\n")[1] in text, text
		return ask("POST", "/o/answer", {"sdp": answer})["sdp"]
	equal(port_of(again("caller", a.says("a=sendonly"), b.says("a=recvonly"))), a.to)
	assert b.hears(a.send()) and not a.hears(b.send(), 0.3)
	again("callee", b.says("a=inactive"), a.says("a=inactive"))
	assert not b.hears(a.send(), 0.3) and not a.hears(b.send(), 0.3)
	again("callee", b.says("a=sendrecv"), a.says())
	assert b.hears(a.send()) and a.hears(b.send())
	# One that is refused, and one that nobody has answered yet, change nothing.
	equal(ask("POST", "/o/offer", {"side": "caller", "sdp": sdp()}, 400)["error"]["reason"], "bad-sdp")
	moved = Phone()
	ask("POST", "/o/offer", {"side": "callee", "sdp": moved.says()})
	assert b.hears(a.send()) and a.hears(b.send())
	moved.to = b.to
	ask("POST", "/o/answer", {"sdp": a.says()})
	assert moved.hears(a.send()) and a.hears(moved.send())
	ask("DELETE", "/o")
	ask("GET", "/o", status=404)
	assert not moved.hears(a.send(), 0.3)
	for phone in (a, b, moved):
		phone.socket.close()

	def ice(port, word):
		return sdp(audio(port) + "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n" % (word, word * 6))

	def credentials(text):
		return re.findall("a=ice-(?:ufrag|pwd):(.*)\r", text)
	first = credentials(ask("POST", "", {"call": "i", "sdp": ice(5004, "them"), "to": {"protocol": "RTP/AVP"}},
		201)["sdp"])
	second = credentials(ask("POST", "/i/answer", {"sdp": ice(6004, "hims")})["sdp"])
	ask("POST", "/i/offer", {"side": "caller", "sdp": ice(5004, "them")})
	equal(credentials(ask("POST", "/i/answer", {"sdp": ice(6004, "hims")})["sdp"]), second)
	equal(credentials(ask("POST", "/i/offer", {"side": "caller", "sdp": ice(5004, "meht")})["sdp"]), first)
	third = credentials(ask("POST", "/i/answer", {"sdp": ice(6004, "hims")})["sdp"])
	equal([len(third), len(set(first + second + third))], [2, 6])
	ask("DELETE", "/i")


def test_metrics():
	"""D6,O4: /metrics adds up what legs counted, by suite, datapath and reason, also when they are gone"""
	before = numbers()
	ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
	for end in ends:
		end.settimeout(30)
		end.bind(("127.0.0.1", 0))
	offer = api.ask("POST", "/v1/calls", {"call": "m", "sdp": sdp(audio(ends[0].getsockname()[1])),
		"to": {"protocol": "RTP/AVP"}})
	answer = api.ask("POST", "/v1/calls/m/answer", {"sdp": sdp(audio(ends[1].getsockname()[1]))})
	rtp = bytes((0x80, 0, 0, 7)) + bytes(4) + b"SSRC" + b"media" * 9
	for i in range(5):
		ends[0].sendto(rtp[:3] + bytes((i,)) + rtp[4:], ("127.0.0.1", port_of(answer.json["sdp"])))
		ends[1].recv(2000)
	ends[0].sendto(b"\xff\xff", ("127.0.0.1", port_of(answer.json["sdp"])))
	for end in ends:
		end.close()
	wanted = {
		'ksrtpd_media_received_packets_total{suite="none"}': 6,
		'ksrtpd_media_received_octets_total{suite="none"}': 5 * len(rtp) + 2,
		'ksrtpd_media_forwarded_packets_total{suite="none",datapath="user"}': 5,
		'ksrtpd_media_sent_packets_total{suite="none",datapath="user"}': 5,
		'ksrtpd_media_dropped_packets_total{suite="none",reason="not-media"}': 1,
		'ksrtpd_calls_offered_total': 1,
	}

	def grown(now):
		return {name: now.get(name, 0) - before.get(name, 0) for name in wanted}
	until(lambda: grown(numbers()) == wanted)
	equal(numbers()['ksrtpd_legs{suite="none"}'], 2)
	equal(numbers()['ksrtpd_calls{state="established"}'], 1)
	api.ask("DELETE", "/v1/calls/m")
	time.sleep(1.1)
	now = numbers()
	equal((grown(now), now['ksrtpd_legs{suite="none"}']), (wanted, 0))
	assert now['ksrtpd_api_requests_total{status="429"}'] > 0
	for name in api.ask("GET", "/metrics").text.splitlines():
		assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{(\w+=\"[^\"]*\",?)+\})? \d+(\.\d+)?(e-?\d+)?", name), name


def grown_histogram(before, now, name, suite):
	"""What a histogram grew by: buckets by their ends, sum, count; checked against what one must be."""
	label = 'suite="%s"' % suite
	grown = {n: now[n] - before[n] for n in now if n.startswith("ksrtpd_%s_" % name) and label in n}
	buckets = [(n.split('le="')[1][:-2], v) for n, v in grown.items() if "_bucket{" in n]
	count = grown["ksrtpd_%s_count{%s}" % (name, label)]
	equal(buckets[-1], ("+Inf", count))
	ends = [float(end) for end, _ in buckets]
	assert ends == sorted(ends) and len(set(ends)) == len(ends), ends
	assert all(a[1] <= b[1] for a, b in zip(buckets, buckets[1:])), buckets
	return dict(buckets), grown["ksrtpd_%s_sum{%s}" % (name, label)], count


def test_quality():
	"""O4: loss, jitter and round-trip time of RTCP in /metrics and in the call, jitter by the SDP's clock"""
	before = numbers()
	ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
	for end in ends:
		end.settimeout(30)
		end.bind(("127.0.0.1", 0))
	api.ask("POST", "/v1/calls", {"call": "q", "sdp": sdp(audio(ends[0].getsockname()[1])),
		"to": {"protocol": "RTP/AVP"}})
	answer = api.ask("POST", "/v1/calls/q/answer", {"sdp": sdp(audio(ends[1].getsockname()[1]))})
	caller = ("127.0.0.1", port_of(answer.json["sdp"]))
	media = bytes((0x80, 0, 0, 7)) + bytes(4) + b"SSRC" + b"media"
	ends[0].sendto(media, caller)
	callee = ends[1].recvfrom(2000)[1]
	for i in range(9):
		ends[0].sendto(media[:3] + bytes((8 + i,)) + media[4:], caller)
		ends[1].recv(2000)
	report = bytes((0x80, 200, 0, 6)) + b"SSRC" + bytes.fromhex("e5001234abcd0000") + bytes(12)
	start = time.monotonic()
	ends[0].sendto(report, caller)
	equal(ends[1].recv(2000), report)
	time.sleep(0.06)
	# A quarter lost, 3 in all, jitter 160 units; the sender report was kept for 50 ms.
	blocks = b"SSRC" + bytes.fromhex("40000003" "00000010" "000000a0" "1234abcd") + (3277).to_bytes(4, "big")
	answered = bytes((0x81, 201, 0, 7)) + b"FAR!" + blocks
	ends[1].sendto(answered, callee)
	equal(ends[0].recv(2000), answered)
	took = time.monotonic() - start
	until(lambda: numbers()['ksrtpd_rtcp_fraction_lost_count{suite="none"}'] >
	      before['ksrtpd_rtcp_fraction_lost_count{suite="none"}'])
	for _ in range(2):
		now = numbers()
		buckets, total, count = grown_histogram(before, now, "rtcp_fraction_lost", "none")
		equal((buckets["0.2"], buckets["0.5"], total, count), (0, 1, 0.25, 1))
		buckets, total, count = grown_histogram(before, now, "rtcp_jitter_seconds", "none")
		equal((buckets["0.01"], buckets["0.02"], round(total, 9), count), (0, 1, 0.02, 1))
		buckets, total, count = grown_histogram(before, now, "rtcp_round_trip_seconds", "none")
		assert 0.005 < total < took - 0.049 and count == 1, (total, took, count)
		equal(now['ksrtpd_rtcp_lost_packets_total{suite="none"}'] -
		      before['ksrtpd_rtcp_lost_packets_total{suite="none"}'], 3)
		# Another look at the same report counts nothing.
		time.sleep(1.1)
	legs = api.ask("GET", "/v1/calls/q").json["media"][0]["legs"]
	stream = legs[1]["quality"]["sent"][0]
	assert 0.005 < stream["round_trip_seconds"] < took - 0.049 and stream["age_ms"] < 60000, stream
	equal((stream["ssrc"], stream["payload_type"], stream["packets"], stream["fraction_lost"],
	       stream["lost"], stream["jitter_seconds"]), (0x53535243, 0, 10, 0.25, 3, 0.02))
	equal(legs[0]["quality"]["received"], [{"ssrc": 0x53535243, "packets": 10, "lost": None}])
	equal(api.agent.client().ask("stats")["quality"]["none"]["jitter_seconds"]["count"], 1)
	api.ask("DELETE", "/v1/calls/q")
	for end in ends:
		end.close()


def plain_call(ask, name):
	"""An established call of plain RTP; gives what sends media into it."""
	end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	end.bind(("127.0.0.1", 0))
	ask("POST", "/v1/calls", {"call": name, "sdp": sdp(audio(end.getsockname()[1])),
		"to": {"protocol": "RTP/AVP"}})
	answer = ask("POST", "/v1/calls/%s/answer" % name, {"sdp": sdp(audio(6004))})
	return lambda: end.sendto(bytes((0x80, 0, 0, 7)) + bytes(4) + b"SSRC" + b"media",
		("127.0.0.1", port_of(answer.json["sdp"])))


def test_media_timeout():
	"""O4: an established call without media is told of, once, and so is media that comes again"""
	c, data = event_stream()
	send = plain_call(api.ask, "quiet")
	data = c.until("event: media-timeout\n", data)
	send()
	data = c.until("event: media-resumed\n", data)
	data = c.until("\n\n", data[data.rindex("event: media-resumed"):])
	c.socket.close()
	equal(api.agent.said().count("call quiet: no media for"), 1)
	equal(api.ask("GET", "/v1/calls/quiet").json["state"], "established")
	api.ask("DELETE", "/v1/calls/quiet")


def test_media_timeout_end():
	"""O4: with media-timeout-action = end such a call is ended"""
	other = Api("media-timeout = 1\nmedia-timeout-action = end\n", options=("--datapath", "user"))
	try:
		plain_call(other.ask, "quiet")
		until(lambda: other.ask("GET", "/v1/calls").json == {"calls": []})
		assert "call quiet: no media for" in other.agent.said()
	finally:
		other.remove()


def test_ports():
	"""E2: a port range used up is 503 no-ports and an alarm, until there are ports again"""
	c, data = event_stream()
	body = {"sdp": sdp(audio(5004)), "from": {"interface": "tiny"}, "to": {"interface": "tiny"}}
	equal(api.ask("POST", "/v1/calls", dict(body, call="t1")).status, 201)
	for _ in range(2):
		answer = api.ask("POST", "/v1/calls", dict(body, call="t2"))
		equal((answer.status, answer.reason), (503, "no-ports"))
	data = c.until('"raised":true', data)
	data = c.until("\n\n", data)
	alarms = [e for e in parse(data) if e[1] == "alarm"]
	equal([(e[2]["kind"], e[2]["subject"]) for e in alarms], [("no-ports", "tiny")])
	equal(numbers()["ksrtpd_alarms"], 1)
	api.ask("DELETE", "/v1/calls/t1")
	equal(api.ask("POST", "/v1/calls", dict(body, call="t2")).status, 201)
	c.until('"raised":false')
	equal(numbers()["ksrtpd_alarms"], 0)
	api.ask("DELETE", "/v1/calls/t2")
	c.socket.close()


def test_keyring():
	"""O4: a keyring that fills up is in /metrics, and an alarm from 80 % until it is below 75 %"""
	agent = Agent()
	try:
		client, watcher = agent.client(), agent.client()
		watcher.ask("subscribe")
		for used, alarms in (799, 0), (800, 1), (1000, 1), (750, 1), (749, 0), (900, 1):
			agent.keyring(used, 1000)
			lines = client.ask("metrics")["text"].splitlines()
			for line in ("ksrtpd_keyring_used %u" % used, "ksrtpd_keyring_max 1000",
					"ksrtpd_alarms %u" % alarms):
				assert line in lines, "%u keys: no '%s'" % (used, line)
		equal([(e["kind"], e["subject"], e["raised"]) for e in (watcher.event() for _ in range(3))],
			[("keyring", "kernel", raised) for raised in (True, False, True)])
	finally:
		agent.remove()


def test_keyring_unasked():
	"""O4: the alarm of the keyring waits for no question"""
	with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
		config.write("lease = 6\n")
		config.flush()
		agent = Agent("-c", config.name, "-i", "a=127.0.0.1")
	try:
		watcher = agent.client()
		watcher.ask("subscribe")
		agent.keyring(999, 1000)
		equal(watcher.event()["kind"], "keyring")
	finally:
		agent.remove()


# -- this host

def as_nobody(do):
	"""What do() answers in a process of the user nobody."""
	read, write = os.pipe()
	child = os.fork()
	if not child:
		try:
			os.setgroups([])
			os.setgid(65534)
			os.setuid(65534)
			os.write(write, do().encode())
		finally:
			os._exit(0)
	os.close(write)
	os.waitpid(child, 0)
	with os.fdopen(read) as f:
		return f.read()


def ping():
	from agent import Client
	try:
		return Client(api.agent.path).ask("ping")["datapath"]
	except Exception as e:
		return type(e).__name__


def test_credentials():
	"""K6: the Unix socket is for root, its owner and socket-group, by the kernel's word and not by its mode alone"""
	os.chmod(api.agent.folder, 0o755)
	equal(os.stat(api.agent.path).st_mode & 0o777, 0o660)
	equal(as_nobody(ping), "user")
	other = Agent("-i", "a=127.0.0.1")
	try:
		os.chmod(other.folder, 0o755)
		path, api.agent.path = api.agent.path, other.path
		equal(os.stat(other.path).st_mode & 0o777, 0o600)
		equal(as_nobody(ping), "PermissionError")
		os.chmod(other.path, 0o666)
		assert as_nobody(ping) in ("EOFError", "BrokenPipeError", "ConnectionResetError")
		assert "uid 65534 may not use it" in other.said(), other.said()
		api.agent.path = path
	finally:
		other.remove()


def said_to_manager(text):
	deadline = time.monotonic() + 30
	while time.monotonic() < deadline:
		if notify.recv(4096).decode() == text:
			return
	raise AssertionError("the service manager was not told " + text)


def test_notify():
	"""O4: the service manager is told READY, then WATCHDOG while the loop turns, STOPPING at the end"""
	equal(notify.recv(4096), b"READY=1")
	for _ in range(3):
		said_to_manager("WATCHDOG=1")


def over_plain(verb, path, body=None, token="owner"):
	c = http.client.HTTPConnection("127.0.0.1", plain_port, timeout=30)
	c.request(verb, path, json.dumps(body) if body else None,
		dict({"Authorization": "Bearer secret-" + token} if token else {},
			**{"Content-Type": "application/json"} if body else {}))
	answer = Answer(c.getresponse())
	c.close()
	return answer


def test_plain():
	"""K3: over the plain listener calls are made, but no keys are taken or given"""
	crypto = "m=audio %%d RTP/SAVP 0\r\na=rtcp-mux\r\na=crypto:1 AEAD_AES_128_GCM inline:%s\r\n" % \
		base64.b64encode(os.urandom(28)).decode()
	equal(over_plain("GET", "/metrics", token="reader").status, 200)
	equal(over_plain("GET", "/metrics", token=None).status, 401)
	for body in ({"sdp": sdp(crypto % 5004)},
			{"sdp": sdp(audio(5004, "actpass")), "to": {"protocol": "RTP/SAVP"}}):
		answer = over_plain("POST", "/v1/calls", dict(body, call="p"))
		equal(answer.reason, "unprotected-signalling")
		equal(api.ask("GET", "/v1/calls/p").status, 404)
	equal(api.ask("POST", "/v1/calls", {"call": "p", "sdp": sdp(audio(5004, "actpass")),
		"to": {"protocol": "RTP/SAVP"}}).status, 201)
	answer = over_plain("POST", "/v1/calls/p/answer", {"sdp": sdp(crypto % 6004)})
	equal(answer.reason, "unprotected-signalling")
	equal(api.ask("POST", "/v1/calls/p/answer", {"sdp": sdp(crypto % 6004)}).status, 200)
	shown = over_plain("GET", "/v1/calls/p").text
	assert "inline" not in shown and "crypto" not in shown, shown
	equal(api.ask("DELETE", "/v1/calls/p").status, 200)
	equal(over_plain("POST", "/v1/calls", {"call": "q", "sdp": sdp(audio(5004, "actpass"))}).status, 201)
	equal(over_plain("DELETE", "/v1/calls/q").status, 200)


def test_end():
	"""SIGTERM ends connections and streams, and the agent with 0"""
	c, _ = event_stream()
	idle = Raw()
	notify.setblocking(False)
	try:
		while notify.recv(4096):
			pass
	except BlockingIOError:
		notify.settimeout(30)
	equal(api.agent.end(), 0)
	said_to_manager("STOPPING=1")
	c.rest()
	equal(idle.rest(), "")


tap.run(test_notify, "O4")
for test in (test_tokens, test_token_file, test_no_secrets):
	tap.run(test, "K6")
for test in (test_strict, test_pipeline, test_slow, test_connections, test_rate, test_events,
		test_lost, test_slow_reader, test_drain):
	tap.run(test)
tap.run(test_call, "C1")
tap.run(test_deferred, "C1,K2")
tap.run(test_metrics, "D6,O4")
tap.run(test_quality, "O4")
tap.run(test_media_timeout, "O4")
tap.run(test_media_timeout_end, "O4")
tap.run(test_ports, "E2")
tap.run(test_keyring, "O4")
tap.run(test_keyring_unasked, "O4")
tap.run(test_credentials, "K6")
tap.run(test_plain, "K3")
tap.run(test_end)
try:
	api.remove()
except AssertionError as e:
	print("Bail out! %s" % e)
	sys.exit(1)
os.unlink(notify_path)
sys.exit(tap.end())
