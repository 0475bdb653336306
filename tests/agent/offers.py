#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Offers and answers as browsers and phones make them: bundles, RTCP on a port of its own,
rejected and added lines, hold, offers of either side; on a kernel that records."""

import base64
import hmac
import os
import re
import socket
import struct
import sys
import time
import zlib

sys.dont_write_bytecode = True
from agent import Agent, Tap, audio, equal, field, port_of, refused, sdp, video

agent = Agent()
client = agent.client()
tap = Tap("C1")


def lines(text, prefix):
	return [l for l in text.split("\r\n") if l.startswith(prefix)]


def group(text, mids):
	"""The SDP with a BUNDLE group of these mids, its sections having them in order."""
	parts = text.split("m=")
	out = parts[0] + "a=group:BUNDLE %s\r\n" % " ".join(mids)
	for i, part in enumerate(parts[1:]):
		out += "m=" + part + "a=mid:%s\r\n" % i
	return out


def test_separate():
	"""without rtcp-mux there is a pair of ports for RTCP next to that of RTP, RTCP alone on it"""
	plain = audio(5004).replace("a=rtcp-mux\r\n", "a=rtcp:5010\r\n")
	offer = client.ask("call-offer", call="s", sdp=sdp(plain), to={"protocol": "RTP/AVP"})["sdp"]
	port = port_of(offer)
	equal(field(offer, "a=rtcp:"), "%d IN IP4 127.0.0.1" % (port + 1))
	equal(lines(offer, "a=rtcp-mux"), [])
	before = len(agent.kernel())
	refused("bad-answer", "has a=rtcp-mux, which was not offered", lambda: client.ask("call-answer",
		call="s", sdp=sdp(audio(6004))))
	answer = client.ask("call-answer", call="s", sdp=sdp(audio(6004).replace("a=rtcp-mux\r\n", "")))
	equal(field(answer["sdp"], "a=rtcp:"), "%d IN IP4 127.0.0.1" % (port_of(answer["sdp"]) + 1))
	did = [l for l in agent.kernel()[before:] if l["do"].startswith(("route", "leg"))]
	equal(sorted(l["remote"] for l in did if l["do"] == "leg_set"),
		["127.0.0.1:6004", "127.0.0.1:6005"])
	equal([l["flags"] for l in did if l["do"].startswith("route")], [1, 1, 2, 2])
	show = client.ask("call-show", call="s")
	equal(show["state"], "established")
	equal([l["remote"] for l in show["media"][0]["rtcp"]], ["127.0.0.1:5010", "127.0.0.1:6005"])
	client.ask("call-del", call="s")


def halves(key):
	return key["key"] + key["salt"], key["rtcp_key"] + key["rtcp_salt"]


def check_halves(did, rtp, rtcp, direction, octets):
	"""Each leg has its half of the key, and nobody has what stands in place of the other."""
	keys = {k["leg"]: halves(k) for k in did if k["do"] == "key_new" and k["direction"] == direction}
	equal((keys[rtp][0], keys[rtcp][1]), (octets.hex(), octets.hex()))
	equal(len({keys[rtp][1], keys[rtcp][0], octets.hex()}), 3)


def test_mux_differs():
	"""a browser with rtcp-mux and a phone with two ports: RTCP is joined to where each has it"""
	browser = ice(5004, "them", "actpass") + "a=rtcp-mux-only\r\n"
	key, salt = bytes(range(16)), bytes(range(100, 112))
	phone = crypto(6004, "1 AEAD_AES_128_GCM inline:" + base64.b64encode(key + salt).decode()).replace(
		"a=rtcp-mux\r\n", "a=rtcp:6010\r\n")
	before = len(agent.kernel())
	text = client.ask("call-offer", call="m", sdp=sdp(browser), to={"protocol": "RTP/SAVP",
		"suites": ["aead-aes-128-gcm"]})["sdp"]
	equal((lines(text, "a=rtcp-mux"), len(lines(text, "a=ice-ufrag"))), (["a=rtcp-mux"], 1))
	port = port_of(text)
	equal(field(text, "a=rtcp:"), "%d IN IP4 127.0.0.1" % (port + 1))
	ours = base64.b64decode(field(text, "a=crypto:1 AEAD_AES_128_GCM inline:"))
	answer = client.ask("call-answer", call="m", sdp=sdp(phone))["sdp"]
	equal((len(lines(answer, "a=rtcp-mux")), lines(answer, "a=rtcp:")), (1, []))
	media = client.ask("call-show", call="m")["media"][0]
	a, b, c = [l["leg"] for l in media["legs"] + media["rtcp"]]
	equal((media["rtcp"][0]["side"], media["rtcp"][0]["remote"]), ("callee", "127.0.0.1:6010"))
	did = agent.kernel()[before:]
	equal([(l["id"], l["rtcp_of"]) for l in did if l["do"] == "leg_new"], [(a, 0), (b, 0), (c, b)])
	routes = [(l["from"], l["to"], l["flags"]) for l in did if l["do"] == "route_new"]
	equal(routes, [(a, b, 3), (b, a, 3), (a, c, 2), (c, a, 2)])
	equal([l["flags"] for l in did if l["do"] == "route_set"], [1, 1])
	check_halves(did, b, c, "rx", key + salt)
	check_halves(did, b, c, "tx", ours)
	# Nothing changes by the same offer again, nor by one of the other side.
	before = len(agent.kernel())
	for side, offer, last in (("caller", browser, phone), ("callee", phone, browser.replace(
			"actpass", "active"))):
		text = client.ask("call-reoffer", call="m", side=side, sdp=sdp(offer))["sdp"]
		equal("a=rtcp-mux" in lines(text, "a=rtcp-mux"), side == "callee")
		client.ask("call-answer", call="m", sdp=sdp(last))
	equal(agent.kernel()[before:], [])
	refused("no-rtcp-mux", "agreed before", lambda: client.ask("call-reoffer", call="m", side="caller",
		sdp=sdp(audio(5004, "actpass"))[:-len("\r\n")].replace("a=rtcp-mux\r\n", "") + "\r\n"))
	client.ask("call-del", call="m")

	# The phone calls the browser.
	before = len(agent.kernel())
	text = client.ask("call-offer", call="m", sdp=sdp(phone), to={"ice": True})["sdp"]
	equal((len(lines(text, "a=rtcp-mux")), len(lines(text, "a=ice-ufrag"))), (1, 1))
	answer = client.ask("call-answer", call="m", sdp=sdp(browser.replace("actpass", "active")))["sdp"]
	equal(lines(answer, "a=rtcp-mux"), [])
	equal(field(answer, "a=rtcp:"), "%d IN IP4 127.0.0.1" % (port_of(answer) + 1))
	media = client.ask("call-show", call="m")["media"][0]
	a, b, c = [l["leg"] for l in media["legs"] + media["rtcp"]]
	equal((media["rtcp"][0]["side"], media["rtcp"][0]["remote"]), ("caller", "127.0.0.1:6010"))
	did = agent.kernel()[before:]
	routes = [(l["from"], l["to"], l["flags"]) for l in did if l["do"] == "route_new"]
	equal(routes, [(a, b, 3), (b, a, 3), (c, b, 2), (b, c, 2)])
	check_halves(did, a, c, "rx", key + salt)
	client.ask("call-del", call="m")


def test_bundle():
	"""lines of a bundle that both sides take have one pair of legs; else each its own"""
	offer = group(sdp(audio(5004), video(5006)), "01")
	to = {"protocol": "RTP/AVP"}
	text = client.ask("call-offer", call="b", sdp=offer, to=to)["sdp"]
	equal(field(text, "a=group:BUNDLE "), "0 1")
	assert port_of(text, 0) != port_of(text, 1), text
	answer = client.ask("call-answer", call="b", sdp=group(sdp(audio(6004), video(6004)), "01"))["sdp"]
	equal(field(answer, "a=group:BUNDLE "), "0 1")
	equal(port_of(answer, 0), port_of(answer, 1))
	show = client.ask("call-show", call="b")
	equal([m["bundled_with"] for m in show["media"]], [None, 0])
	equal(*[[l["leg"] for l in m["legs"]] for m in show["media"]])
	equal(show["state"], "established")
	client.ask("call-del", call="b")
	client.ask("call-offer", call="b", sdp=offer, to=to)
	answer = client.ask("call-answer", call="b", sdp=sdp(audio(6004), video(6006)))["sdp"]
	equal(lines(answer, "a=group"), [])
	assert port_of(answer, 0) != port_of(answer, 1), answer
	equal([m["bundled_with"] for m in client.ask("call-show", call="b")["media"]], [None, None])
	client.ask("call-del", call="b")


def test_bundle_only():
	"""a line that is bundle-only has its group's path or none, and is passed on so"""
	text = group(sdp(audio(5004), video(0) + "a=bundle-only\r\n"), "01")
	offer = client.ask("call-offer", call="o", sdp=text, to={"protocol": "RTP/AVP"})["sdp"]
	equal((port_of(offer, 1), len(lines(offer, "a=bundle-only"))), (0, 1))
	refused("bad-answer", "is not bundled, but has no path of its own", lambda: client.ask(
		"call-answer", call="o", sdp=sdp(audio(6004), video(6006))))
	answer = client.ask("call-answer", call="o",
		sdp=group(sdp(audio(6004), video(6004)), "01"))["sdp"]
	equal((port_of(answer, 0), lines(answer, "a=bundle-only")), (port_of(answer, 1), []))
	client.ask("call-del", call="o")


def test_max_bundle():
	"""a bundle-only line toward someone who does not bundle is rejected on both sides, the others are set up"""
	text = group(sdp(ice(5004, "them", "actpass"), video(0, "actpass") + "a=bundle-only\r\n"), "01")
	offer = client.ask("call-offer", call="o", sdp=text, to={"protocol": "RTP/AVP"})["sdp"]
	equal((port_of(offer, 0) > 0, port_of(offer, 1)), (True, 0))
	answer = client.ask("call-answer", call="o", sdp=sdp(audio(6004).replace("a=rtcp-mux\r\n", ""),
		"m=video 0 RTP/AVP 96\r\n"))["sdp"]
	equal((port_of(answer, 0) > 0, port_of(answer, 1), lines(answer, "a=group")), (True, 0, []))
	equal(field(answer, "m=", 1).split()[2], "UDP/TLS/RTP/SAVPF")
	show = client.ask("call-show", call="o")
	equal([(m["kind"], len(m["rtcp"])) for m in show["media"]], [("audio", 1)])
	client.ask("call-del", call="o")


def test_patience():
	"""an offer that nobody answers ends: a call that stands is as before, one that was only offered is gone"""
	config = os.path.join(agent.folder, "impatient.conf")
	with open(config, "w") as f:
		f.write("offer-timeout = 1\n")
	impatient = Agent("-c", config, "-i", "a=127.0.0.1")
	try:
		client = impatient.client()
		watcher = impatient.client()
		watcher.ask("subscribe")
		client.ask("call-offer", call="p", sdp=sdp(ice(5004, "them")), to={"protocol": "RTP/AVP"})
		client.ask("call-answer", call="p", sdp=sdp(ice(6004, "hims")))
		first = client.ask("call-show", call="p")
		before = len(impatient.kernel())
		offered = time.monotonic()
		client.ask("call-reoffer", call="p", side="callee", sdp=sdp(ice(6014, "smih"), video(6006)))
		equal(client.ask("call-show", call="p")["offer_of"], "callee")
		while True:
			event = watcher.event()
			if event["event"] == "offer-expired":
				break
		equal((event["call"], event["side"]), ("p", "callee"))
		assert time.monotonic() - offered > 0.9, time.monotonic() - offered
		now = client.ask("call-show", call="p")
		for show in (first, now):
			show.pop("age_ms")
		equal(now, first)
		# What the offer had made is gone, and nothing else was touched: no address, no credentials.
		did = impatient.kernel()[before:]
		legs = [l["id"] for l in did if l["do"] == "leg_new"]
		equal(sorted(l["id"] for l in did if l["do"] == "leg_del"), sorted(legs))
		equal({l["do"] for l in did} - {"owner_alive"}, {"leg_new", "route_new", "leg_del"})
		refused("not-offered", "waits for no answer", lambda: client.ask("call-answer", call="p",
			sdp=sdp(ice(5004, "them"), video(5006))))
		client.ask("call-reoffer", call="p", side="caller", sdp=sdp(ice(5004, "them")))
		client.ask("call-answer", call="p", sdp=sdp(ice(6004, "hims")))
		client.ask("call-offer", call="q", sdp=sdp(audio(5044)))
		while True:
			event = watcher.event()
			if event["call"] == "q" and event.get("state") == "failed":
				break
		equal(event["failure"]["reason"], "no-answer")
		equal([c["call"] for c in client.ask("call-list")["calls"]], ["p"])
		client.close()
		watcher.close()
	finally:
		impatient.remove()


def test_rejected():
	"""a line that cannot be carried is rejected toward both, the others are set up"""
	data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:9\r\n"
	offer = client.ask("call-offer", call="r", sdp=sdp(audio(5004), data),
		to={"protocol": "RTP/AVP"})["sdp"]
	equal(field(offer, "m=", 1), "application 0 UDP/DTLS/SCTP webrtc-datachannel")
	answer = client.ask("call-answer", call="r", sdp=sdp(audio(6004),
		"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"))["sdp"]
	equal(port_of(answer, 1), 0)
	show = client.ask("call-show", call="r")
	equal([(r["line"], r["kind"], r["reason"]) for r in show["refused"]],
		[(1, "application", "unsupported-protocol")])
	equal(show["state"], "established")
	refused("unsupported-protocol", "'UDP/DTLS/SCTP'", lambda: client.ask("call-offer", call="r2",
		sdp=sdp(data)))
	client.ask("call-del", call="r")


def established(name, offer=None, answer=None, **members):
	offer = offer or sdp(audio(5004))
	client.ask("call-offer", call=name, sdp=offer, **(members or {"to": {"protocol": "RTP/AVP"}}))
	client.ask("call-answer", call=name, sdp=answer or sdp(audio(6004)))
	return client.ask("call-show", call=name)


def test_hold():
	"""hold and resume, from either side, change routes alone; RTCP goes on"""
	first = established("h")
	routes = {}
	for who, offered, answered, caller, callee in (
			("caller", "a=sendonly\r\n", "a=recvonly\r\n", 3, 2),
			("callee", "a=inactive\r\n", "a=inactive\r\n", 2, 2),
			("caller", "a=sendrecv\r\n", "", 3, 3)):
		before = len(agent.kernel())
		mine, theirs = (5004, 6004) if who == "caller" else (6004, 5004)
		text = client.ask("call-reoffer", call="h", side=who, sdp=sdp(audio(mine) + offered))["sdp"]
		assert offered in text, text
		equal(len(agent.kernel()), before)
		client.ask("call-answer", call="h", sdp=sdp(audio(theirs) + answered))
		did = agent.kernel()[before:]
		assert all(l["do"] == "route_set" for l in did), did
		routes.update((l["id"], l["flags"]) for l in did)
		made = [l for l in agent.kernel("route_new")][-2:]
		equal([routes.get(r["id"], 3) for r in made], [caller, callee])
	show = client.ask("call-show", call="h")
	equal([l["leg"] for l in show["media"][0]["legs"]], [l["leg"] for l in first["media"][0]["legs"]])
	# As phones of old do it.
	before = len(agent.kernel())
	client.ask("call-reoffer", call="h", side="caller",
		sdp=sdp(audio(5004)).replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0"))
	client.ask("call-answer", call="h", sdp=sdp(audio(6004)))
	equal([(l["do"], l["flags"]) for l in agent.kernel()[before:]], [("route_set", 2)])
	client.ask("call-del", call="h")


def test_lines():
	"""lines are added and removed by offers of either side; the others keep their legs"""
	first = established("l")
	legs = [l["leg"] for l in first["media"][0]["legs"]]
	text = client.ask("call-reoffer", call="l", side="callee", sdp=sdp(audio(6004), video(6006)))["sdp"]
	equal(port_of(text), int(first["media"][0]["legs"][0]["local"].split(":")[1]))
	refused("offer-pending", "has an offer of the callee", lambda: client.ask("call-reoffer", call="l",
		side="caller", sdp=sdp(audio(5004))))
	equal(client.ask("call-show", call="l")["offer_of"], "callee")
	client.ask("call-answer", call="l", sdp=sdp(audio(5004), video(5006)))
	show = client.ask("call-show", call="l")
	equal([m["kind"] for m in show["media"]], ["audio", "video"])
	equal([l["leg"] for l in show["media"][0]["legs"]], legs)
	equal([l["remote"] for l in show["media"][1]["legs"]], ["127.0.0.1:5006", "127.0.0.1:6006"])
	equal((show["state"], show["offer_of"]), ("established", None))
	refused("bad-sdp", "never left out", lambda: client.ask("call-reoffer", call="l", side="caller",
		sdp=sdp(audio(5004))))
	before = len(agent.kernel())
	text = client.ask("call-reoffer", call="l", side="caller",
		sdp=sdp(audio(5004), "m=video 0 RTP/AVP 96\r\n"))["sdp"]
	equal(port_of(text, 1), 0)
	client.ask("call-answer", call="l", sdp=sdp(audio(6004), "m=video 0 RTP/AVP 96\r\n"))
	equal([l["do"] for l in agent.kernel()[before:]], ["leg_del"] * 2)
	equal([m["kind"] for m in client.ask("call-show", call="l")["media"]], ["audio"])
	client.ask("call-del", call="l")


def test_left_alone():
	"""a new offer that is refused, or whose answer is, leaves the call as it was"""
	established("x", sdp(audio(5004), video(5006)), sdp(audio(6004), video(6006)))
	first = client.ask("call-show", call="x")
	text = sdp(audio(5004), video(5006))
	rows = [
		("bad-sdp", "line 1", "hello"),
		("bad-sdp", "was of another kind", sdp(video(5004), audio(5006))),
		("unsupported-protocol", "keyed in another way", sdp(audio(5004, "actpass"), video(5006))),
		("family-mismatch", "of another family than before", sdp(audio(5004), video(5006), host="::1")),
	]
	for reason, words, new in rows:
		refused(reason, words, lambda: client.ask("call-reoffer", call="x", side="caller", sdp=new))
	agent.refuse("leg_new")
	refused("kernel", "leg_new was told to refuse", lambda: client.ask("call-reoffer", call="x",
		side="caller", sdp=sdp(audio(5004), video(5006), audio(5008))))
	agent.refuse("nothing")
	client.ask("call-reoffer", call="x", side="caller", sdp=sdp(audio(5014), video(5016)))
	refused("bad-answer", "1 media lines", lambda: client.ask("call-answer", call="x",
		sdp=sdp(audio(6004))))
	agent.refuse("leg_set")
	refused("kernel", "leg_set was told to refuse", lambda: client.ask("call-answer", call="x",
		sdp=sdp(audio(6004), video(6006))))
	agent.refuse("nothing")
	now = client.ask("call-show", call="x")
	equal(now.pop("offer_of"), "caller")
	first.pop("offer_of")
	for show in (first, now):
		show.pop("age_ms")
	equal(now, first)
	client.ask("call-answer", call="x", sdp=sdp(audio(6004), video(6006)))
	equal(client.ask("call-show", call="x")["media"][0]["legs"][0]["remote"], "127.0.0.1:5014")
	client.ask("call-del", call="x")


def test_any_kind():
	"""sixteen lines of any kind, all that is not ours byte for byte"""
	extra = "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc:77 cname:x y\r\n" \
		"a=rtcp-fb:* nack pli\r\nb=AS:64\r\na=unknown:\xe4 thing\r\n"
	kinds = ["audio", "video", "text", "image"] * 4
	media = ["m=%s %d RTP/AVP 96\r\na=rtcp-mux\r\n%s" % (k, 5004 + 2 * i, extra)
		for i, k in enumerate(kinds)]
	text = client.ask("call-offer", call="k", sdp=sdp(*media), to={"protocol": "RTP/AVP"})["sdp"]
	equal(text.count(extra), 16)
	equal(re.findall("m=([a-z]+) ", text), kinds)
	client.ask("call-answer", call="k", sdp=sdp(*[m.replace("=%s 50" % k, "=%s 60" % k)
		for m, k in zip(media, kinds)]))
	show = client.ask("call-show", call="k")
	equal((show["state"], len(show["media"])), ("established", 16))
	client.ask("call-del", call="k")


def crypto(port, *values):
	return "m=audio %d RTP/SAVP 0\r\na=rtcp-mux\r\n" % port + "".join(
		"a=crypto:%s\r\n" % v for v in values)


def test_sdes():
	"""K3: keys in a=crypto go into the kernel as they stand there, ours are random and answered by tag"""
	key, salt = bytes(range(16)), bytes(range(100, 112))
	theirs = base64.b64encode(key + salt).decode().rstrip("=")
	text = client.ask("call-offer", call="c", sdp=sdp(crypto(5004,
		"1 F8_128_HMAC_SHA1_80 inline:x", "2 AES_CM_128_HMAC_SHA1_80 inline:%s UNENCRYPTED_SRTP" %
		base64.b64encode(bytes(30)).decode(), "7 AEAD_AES_128_GCM inline:%s|2^31|1:1" % theirs)),
		to={"protocol": "RTP/SAVP", "suites": ["aead-aes-256-gcm"]})["sdp"]
	offered = lines(text, "a=crypto:")
	equal([o.split()[:1] + [o.split()[1]] for o in offered], [["a=crypto:1", "AEAD_AES_256_GCM"]])
	refused("bad-answer", "none that was offered", lambda: client.ask("call-answer", call="c",
		sdp=sdp(crypto(6004, "2 AEAD_AES_256_GCM inline:" + base64.b64encode(bytes(44)).decode()))))
	before = len(agent.kernel())
	answer = client.ask("call-answer", call="c", sdp=sdp(crypto(6004, "1 AEAD_AES_256_GCM inline:" +
		base64.b64encode(bytes(range(44))).decode())))["sdp"]
	ours = field(answer, "a=crypto:7 AEAD_AES_128_GCM inline:")
	show = client.ask("call-show", call="c")
	equal((show["state"], [l["keying"] for l in show["media"][0]["legs"]]), ("established", ["sdes"] * 2))
	legs = [l["leg"] for l in show["media"][0]["legs"]]
	got = {(k["leg"], k["direction"]): bytes.fromhex(k["key"] + k["salt"])
		for k in agent.kernel()[before:] if k["do"] == "key_new"}
	equal(got, {(legs[0], "rx"): key + salt, (legs[0], "tx"): base64.b64decode(ours),
		(legs[1], "rx"): bytes(range(44)),
		(legs[1], "tx"): base64.b64decode(offered[0].split("inline:")[1])})
	for secret in (theirs, ours):
		assert secret not in agent.said()
	client.ask("call-del", call="c")


def test_sdes_refused():
	"""K3: an offer none of whose keys can be used is refused, and says why"""
	for reason, words, values in (
			("no-crypto", "neither a=crypto nor", []),
			("bad-crypto", "not encrypted or not authenticated", ["1 AEAD_AES_128_GCM inline:%s "
				"UNAUTHENTICATED_SRTP" % base64.b64encode(bytes(28)).decode()]),
			("bad-crypto", "its suite is not known", ["1 NULL_HMAC_SHA1_80 inline:abcd"]),
			("bad-crypto", "its key and salt are not", ["1 AEAD_AES_128_GCM inline:abcd"])):
		refused(reason, words, lambda: client.ask("call-offer", call="c", sdp=sdp(crypto(5004, *values))))


def ice(port, ufrag, setup=None):
	return audio(port, setup) + "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n" % (ufrag, ufrag * 6)


def credentials(text, remote, nth=0):
	"""What the kernel must have, to answer checks of the one who got the SDP."""
	return field(text, "a=ice-ufrag:", nth), field(text, "a=ice-pwd:", nth), remote


def told(before, legs):
	"""What the kernel was told of ICE since then, by leg; of each leg once."""
	did = [l for l in agent.kernel()[before:] if l["do"] == "leg_ice"]
	equal(len({l["id"] for l in did}), len(did))
	return [{l["id"]: (l["ufrag"], l["pwd"], l["remote_ufrag"]) for l in did}.get(leg) for leg in legs]


def test_ice():
	"""E2: the kernel gets what it needs to answer the checks of every leg, and again after ICE restarts"""
	before = len(agent.kernel())
	offer = client.ask("call-offer", call="i", to={"protocol": "RTP/AVP"},
		sdp=group(sdp(ice(5004, "them"), ice(5006, "them")), "01"))["sdp"]
	answer = client.ask("call-answer", call="i", sdp=sdp(ice(6004, "hims"), ice(6006, "hers")))["sdp"]
	legs = [[l["leg"] for l in m["legs"]] for m in client.ask("call-show", call="i")["media"]]
	equal(told(before, sum(legs, [])), [credentials(answer, "them", 0), credentials(offer, "hims", 0),
		credentials(answer, "them", 1), credentials(offer, "hers", 1)])
	client.ask("call-del", call="i")

	before = len(agent.kernel())
	offer = client.ask("call-offer", call="i", to={"protocol": "RTP/AVP"}, sdp=sdp(ice(5004, "them")))["sdp"]
	answer = client.ask("call-answer", call="i", sdp=sdp(ice(6004, "hims")))["sdp"]
	legs = [l["leg"] for l in client.ask("call-show", call="i")["media"][0]["legs"]]
	equal(told(before, legs), [credentials(answer, "them"), credentials(offer, "hims")])
	before = len(agent.kernel())
	client.ask("call-reoffer", call="i", side="caller", sdp=sdp(ice(5004, "them")))
	client.ask("call-answer", call="i", sdp=sdp(ice(6004, "hims")))
	equal(told(before, legs), [None, None])
	for side, mine, theirs in (("caller", "meht", "hims"), ("callee", "smih", "meht")):
		before, last = len(agent.kernel()), answer if side == "caller" else offer
		client.ask("call-reoffer", call="i", side=side, sdp=sdp(ice(5004, mine)))
		text = client.ask("call-answer", call="i", sdp=sdp(ice(6004, theirs)))["sdp"]
		assert credentials(text, mine)[:2] != credentials(last, mine)[:2], text
		both = [credentials(text, mine), None]
		equal(told(before, legs), both if side == "caller" else both[::-1])
	client.ask("call-del", call="i")


def stun(username, password, *attributes):
	"""A Binding request with MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489)."""
	def attribute(kind, value):
		return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
	body = attribute(6, username.encode()) + b"".join(attribute(k, v) for k, v in attributes)

	def head(more):
		return struct.pack("!HHI", 1, len(body) + more, 0x2112A442) + b"twelve-bytes"
	mac = hmac.new(password.encode(), head(24) + body, "sha1").digest()
	body += attribute(8, mac)
	crc = zlib.crc32(head(8) + body) ^ 0x5354554E
	return head(8) + body + attribute(0x8028, struct.pack("!I", crc))


def test_candidates():
	"""E2: all interfaces that the call names are candidates; a nomination at another moves the kernel's leg there"""
	text = client.ask("call-offer", call="n", sdp=sdp(ice(5004, "them")), from_={"interface": "*"},
		to={"interface": ["b", "a"], "protocol": "RTP/AVP"})["sdp"]
	answer = client.ask("call-answer", call="n", sdp=sdp(ice(6004, "hims")))["sdp"]
	for text, order in ((answer, ("::1", "127.0.0.1", "127.0.0.2")), (text, ("127.0.0.2", "::1", "127.0.0.1"))):
		fields = sorted((l[12:].split() for l in lines(text, "a=candidate:")), key=lambda f: -int(f[3]))
		equal([f[4] for f in fields], list(order))
		equal((len({f[0] for f in fields}), len({f[3] for f in fields})), (3, 3))
		assert ["127.0.0.1", "127.0.0.2"][text is not answer] == field(text, "c=IN IP4 "), text
		assert str(port_of(text)) in [f[5] for f in fields if f[4] == field(text, "c=IN IP4 ")], text
	leg = client.ask("call-show", call="n")["media"][0]["legs"][0]
	ufrag, pwd, _ = credentials(answer, None)
	six = next(l[12:].split() for l in lines(answer, "a=candidate:") if "::1" in l)
	equal(("[::1]:" + six[5] in leg["candidates"], len(leg["candidates"])), (True, 3))
	for nominate, moved in ((False, 0), (True, 1)):
		with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as peer:
			peer.settimeout(20)
			peer.bind(("::1", 0))
			peer.sendto(stun(ufrag + ":them", pwd, (0x8029 + 1, bytes(8)), *[(0x25, b"")] * nominate),
				("::1", int(six[5])))
			data, source = peer.recvfrom(2000)
			equal((data[:2], source[1]), (b"\x01\x01", int(six[5])))
			did = [l for l in agent.kernel("leg_move") if l["id"] == leg["leg"]]
			equal([(l["what"], l["local"], l["remote"]) for l in did],
				[(65, "[::1]:" + six[5], "[::1]:%d" % peer.getsockname()[1])] * moved)
	now = client.ask("call-show", call="n")["media"][0]["legs"][0]
	equal((now["local"], now["family"], now["candidates"]), ("[::1]:" + six[5], 6, leg["candidates"]))
	refused("interface", "there is no interface 'z'", lambda: client.ask("call-offer", call="z",
		sdp=sdp(ice(5004, "them")), to={"interface": ["a", "z"]}))
	client.ask("call-del", call="n")


def test_relay():
	"""C2: of a call in mode e2ee fingerprints and setup pass untouched, and no key comes into the kernel"""
	refused("e2ee-unavailable", "without DTLS-SRTP", lambda: client.ask("call-offer", call="e",
		mode="e2ee", sdp=sdp(audio(5004))))
	before = len(agent.kernel())
	own = "a=fingerprint:sha-256 " + ":".join("%02X" % i for i in range(32)) + "\r\n"
	extensions = "a=cryptex\r\n" + ENCRYPTED
	text = client.ask("call-offer", call="e", mode="e2ee",
		sdp=sdp(audio(5004, "actpass") + extensions).replace("t=0 0\r\n", "t=0 0\r\n" + extensions))["sdp"]
	assert own in text and text.count("a=fingerprint") == text.count("a=setup:actpass") == 1, text
	equal(text.count(extensions), 2)
	text = client.ask("call-answer", call="e", sdp=sdp(audio(6004, "active") + extensions))["sdp"]
	assert own in text and text.count("a=fingerprint") == text.count("a=setup:active") == 1, text
	equal(text.count(extensions), 1)
	equal(agreed(client, "e"), [False, False])
	show = client.ask("call-show", call="e")
	equal((show["mode"], [l["keying"] for l in show["media"][0]["legs"]]), ("e2ee", ["relay"] * 2))
	equal([l for l in agent.kernel()[before:] if l["do"] == "key_new"], [])
	client.ask("call-del", call="e")


ENCRYPTED = "a=extmap:3/sendrecv urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:toffset\r\n"


def phone(port, *more, tag=1, mux=True):
	"""SDP of one that has a key of its own, and says this."""
	text = crypto(port, "%d AEAD_AES_128_GCM inline:%s" % (tag, base64.b64encode(os.urandom(28)).decode()))
	return sdp((text if mux else text.replace("a=rtcp-mux\r\n", "")) + "".join(more))


def agreed(one, call):
	return [l["cryptex"] for l in one.ask("call-show", call=call)["media"][0]["legs"]]


def installed(one, before):
	"""What the kernel's keys were installed with since then, by leg: received with, sent with."""
	keys = {}
	for key in one.kernel("key_new")[before:]:
		keys.setdefault(key["leg"], {})[key["direction"]] = key["cryptex"]
	return [(k["rx"], k["tx"]) for _, k in sorted(keys.items())]


def setup(one, who, caller, callee, protocol="RTP/SAVP"):
	"""What a new call x makes of a=cryptex: offered, answered, agreed by leg, and its keys."""
	before = len(one.kernel("key_new"))
	offer = who.ask("call-offer", call="x", sdp=caller, to={"protocol": protocol,
		"suites": ["aead-aes-128-gcm"]} if protocol == "RTP/SAVP" else {"protocol": protocol})["sdp"]
	answer = who.ask("call-answer", call="x", sdp=callee)["sdp"]
	for text in (offer, answer):
		assert "hdrext:encrypt" not in text, text
	got = (len(lines(offer, "a=cryptex")), len(lines(answer, "a=cryptex")), agreed(who, "x"),
		installed(one, before))
	who.ask("call-del", call="x")
	return got


def test_cryptex():
	"""C1: a=cryptex is each side's own: offered where it can be, answered to who offers it, used where both say it"""
	off, on, has = (0, 0), (1, 1), "a=cryptex\r\n"
	session = phone(5004).replace("t=0 0\r\n", "t=0 0\r\na=cryptex\r\n" + ENCRYPTED)
	rows = [
		(phone(5004), phone(6004), (1, 0, [False, False], [off, off])),
		(phone(5004, has), phone(6004), (1, 1, [True, False], [on, off])),
		(phone(5004), phone(6004, has), (1, 0, [False, True], [off, on])),
		(phone(5004, has, ENCRYPTED), phone(6004, has, ENCRYPTED), (1, 1, [True, True], [on, on])),
		(session, phone(6004), (1, 1, [True, False], [on, off])),
		# On ports of their own the legs of RTCP, the third and the fourth, have none.
		(phone(5004, has, mux=False), phone(6004, has, mux=False), (1, 1, [True, True], [on, off, on, off])),
	]
	for caller, callee, wanted in rows:
		equal(setup(agent, client, caller, callee), wanted)
	equal(setup(agent, client, phone(5004, has), sdp(audio(6004) + has), "RTP/AVP"),
		(0, 1, [True, False], [on, off]))
	equal(setup(agent, client, sdp(audio(5004) + has), sdp(audio(6004) + has), "RTP/AVP"),
		(0, 0, [False, False], [off, off]))
	# With DTLS there are no keys yet; of a bundle the first line speaks for all.
	text = client.ask("call-offer", call="x", to={"protocol": "UDP/TLS/RTP/SAVPF"},
		sdp=group(sdp(audio(5004, "actpass") + has, video(5004, "actpass")), "01"))["sdp"]
	equal(len(lines(text, "a=cryptex")), 2)
	text = client.ask("call-answer", call="x",
		sdp=group(sdp(audio(6004, "active") + has, video(6004, "active") + has), "01"))["sdp"]
	equal((len(lines(text, "a=cryptex")), agreed(client, "x")), (2, [True, True]))
	client.ask("call-del", call="x")
	text = client.ask("call-offer", call="x", sdp=group(sdp(audio(5004, "actpass") + has,
		video(0, "actpass") + has + "a=bundle-only\r\n"), "01"))["sdp"]
	equal(len(lines(text, "a=cryptex")), 2)
	client.ask("call-del", call="x")


def test_cryptex_stays():
	"""C1: what an offer in mid-call says of it counts with new keys alone, and is not answered otherwise"""
	caller, callee, has = phone(5004), phone(6004), "a=cryptex\r\n"
	client.ask("call-offer", call="x", sdp=caller + has, to={"protocol": "RTP/SAVP",
		"suites": ["aead-aes-128-gcm"]})
	client.ask("call-answer", call="x", sdp=callee)
	before = len(agent.kernel())

	def again(side, mine, theirs):
		offer = client.ask("call-reoffer", call="x", side=side, sdp=mine)["sdp"]
		answer = client.ask("call-answer", call="x", sdp=theirs)["sdp"]
		return len(lines(offer, "a=cryptex")), len(lines(answer, "a=cryptex")), agreed(client, "x")
	equal(again("caller", caller, callee + has), (0, 0, [True, False]))
	equal(again("caller", caller + has, callee + has), (0, 1, [True, False]))
	equal(again("callee", callee + has, caller), (1, 0, [True, False]))
	equal(agent.kernel()[before:], [])
	before = len(agent.kernel("key_new"))
	caller = phone(5004, tag=2)
	equal(again("caller", caller, callee), (0, 0, [False, False]))
	callee = phone(6004, tag=2)
	equal(again("callee", callee + has, caller + has), (0, 1, [False, True]))
	equal(installed(agent, before), [(0, 0), (1, 1)])
	client.ask("call-del", call="x")


def test_cryptex_settings():
	"""C1: required is so for what is received; switched off, or on the agent's own datapath, there is none"""
	has = "a=cryptex\r\n"
	config = os.path.join(agent.folder, "cryptex.conf")
	with open(config, "w") as f:
		f.write("cryptex = off\n")
	for options, wanted in (
			(("-x", "required"), (1, 1, [True, True], [(2, 1)] * 2)),
			(("-c", config, "-x", "on"), (1, 1, [True, True], [(1, 1)] * 2)),
			(("-c", config), (0, 0, [False, False], [(0, 0)] * 2)),
			(("-d", "user"), (0, 0, [False, False], []))):
		one = Agent(*options, "-i", "a=127.0.0.1")
		try:
			who = one.client()
			equal(setup(one, who, phone(5004, has, ENCRYPTED), phone(6004, has, ENCRYPTED)), wanted)
			if "required" in options:
				equal(setup(one, who, phone(5004), phone(6004)), (1, 0, [False, False], [(0, 0)] * 2))
			who.close()
		finally:
			one.remove()


for test in (test_separate, test_mux_differs, test_bundle, test_bundle_only, test_max_bundle, test_rejected, test_patience, test_hold, test_lines,
		test_left_alone, test_any_kind):
	tap.run(test)
for test in (test_sdes, test_sdes_refused):
	tap.run(test, "K3,S5")
for test in (test_cryptex, test_cryptex_stays, test_cryptex_settings):
	tap.run(test)
tap.run(test_ice, "E2")
tap.run(test_candidates, "E2")
tap.run(test_relay, "C2,K4")
client.close()
agent.remove()
sys.exit(tap.end())
