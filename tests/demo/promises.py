# SPDX-License-Identifier: GPL-2.0
"""What a measured call must keep; each promise has a name and says what broke it."""


def delivered(m, audio=None, video=None, wraps=1):
	"""Every stream whole and bit-exact, nothing twice, nothing else."""
	least = {"audio": m.least[0] if audio is None else audio,
		 "video": m.least[1] if video is None else video}
	for a, b, kind, sent, got, others in m.streams():
		who = "%s to %s, %s" % (a, b, kind)
		if sent["packets"] < least[kind]:
			yield "%s: only %d packets sent" % (who, sent["packets"])
		if kind == "video" and sent["wraps"] < wraps:
			yield "%s: sequence numbers wrapped %d times" % (who, sent["wraps"])
		if others:
			yield "%s: other sources came: %s" % (who, [o["ssrc"] for o in others])
		if not got:
			yield "%s: nothing came" % who
			continue
		for what in ("packets", "rtcp", "sha256", "sha256_headers", "sha256_rtcp"):
			if sent[what] != got[what]:
				yield "%s: %s sent %s, delivered %s" % (who, what, sent[what], got[what])
		if got["duplicates"] or got["rtcp_duplicates"]:
			yield "%s: %d packets and %d RTCP came twice" % (
				who, got["duplicates"], got["rtcp_duplicates"])
		if not sent["rtcp"]:
			yield "%s: no RTCP" % who
	for lines in m.lines.values():
		for line in lines.values():
			if line["overflow"]:
				yield "%s: the test's own receive buffer overflowed" % line["kind"]


def keys(m):
	"""The suites asked for, and the same code at both ends of each leg."""
	caller, callee = m.plan.expected()
	if len(m.legs) != 4:
		yield "%d legs instead of 4" % len(m.legs)
	seen = set()
	for leg in m.legs:
		who = "%s's %s leg" % (leg["side"], leg["kind"])
		peer = m.peer(leg)
		suite = caller if leg["side"] == "caller" else callee
		family = m.plan.families[leg["side"] != "caller"]
		if leg["suite"] != suite or peer["suite"] != suite:
			yield "%s: suite %s, endpoint %s, wanted %s" % (
				who, leg["suite"], peer["suite"], suite)
		if leg["family"] != family:
			yield "%s: IPv%s" % (who, leg["family"])
		if suite == "none":
			if leg["keying"] != "none" or leg["leg_code"] or peer["code"]:
				yield "%s: keying of a plain leg: %s" % (who, leg["keying"])
			continue
		if leg["keying"] != "dtls" or not leg["leg_code"] or leg["leg_code"] != peer["code"]:
			yield "%s: code %s, endpoint's %s" % (who, leg["leg_code"], peer["code"])
		if leg["leg_code"] in seen:
			yield "%s: the code of another leg" % who
		seen.add(leg["leg_code"])


def counters(m):
	"""Counters add up, on each leg and with what the endpoints counted."""
	for leg in m.legs:
		who = "%s's %s leg" % (leg["side"], leg["kind"])
		k = leg["kernel"]
		dropped = sum(k["dropped"].values())
		if k["received"] != k["forwarded"] + k["answered"] + k["passed_up"] + dropped:
			yield "%s: received %d, but %d + %d + %d + %d" % (
				who, k["received"], k["forwarded"], k["answered"], k["passed_up"], dropped)
		if k["forwarded"] != k["xdp"] + k["skb"] + k.get("user", 0):
			yield "%s: forwarded %d, but XDP %d and skb %d" % (
				who, k["forwarded"], k["xdp"], k["skb"])
		phases = m.peer(leg)["phases"]
		valid = sum(p["rtp_sent"] + p["rtcp_sent"] for p in phases)
		attack = sum(p["attack_sent"] for p in phases)
		if (k["forwarded"], dropped) != (valid, attack):
			yield "%s: forwarded %d and dropped %d; its endpoint sent %d valid, %d hostile" % (
				who, k["forwarded"], dropped, valid, attack)


def attacks(m):
	"""Nothing replayed or forged arrived, all valid media afterwards did."""
	want = 5 if not m.plan.secure else 2
	if len(m.attacks) != want:
		yield "%d attacks instead of %d" % (len(m.attacks), want)
	for name, a in m.attacks.items():
		if not a["sent"] or a["sent"] != a["of"]:
			yield "%s: only %d packets sent" % (name, a["sent"])
		if a["delivered"]:
			yield "%s: %d reached the other end" % (name, a["delivered"])
	for what in ("rtp", "rtcp"):
		sent, came = m.total(what + "_sent", "after"), m.total(what, "after")
		if not sent or sent != came:
			yield "%s after the attacks: %d sent, %d delivered" % (what.upper(), sent, came)


def in_time(m):
	"""Everything came without waiting in vain."""
	yield from m.late


def on_xdp(m):
	"""At least 99% of the media forwarded by XDP."""
	forwarded = sum(leg["kernel"]["forwarded"] for leg in m.legs)
	xdp = sum(leg["kernel"]["xdp"] for leg in m.legs)
	if not forwarded or xdp < 0.99 * forwarded:
		yield "%d of %d by XDP; %s" % (xdp, forwarded, ", ".join(
			"%s %s: %s" % (leg["side"], leg["kind"], leg["kernel"].get("slow"))
			for leg in m.legs))


def on_skb(m):
	"""No packet by XDP, all by the skb path."""
	for leg in m.legs:
		if leg["kernel"]["xdp"] or not leg["kernel"]["skb"]:
			yield "%s's %s leg: XDP %d, skb %d" % (leg["side"], leg["kind"],
							     leg["kernel"]["xdp"], leg["kernel"]["skb"])


def on_user(m):
	"""The agent itself moved all of it, and says so."""
	for leg in m.legs:
		if leg["kernel"]["datapath"] != "user" or not leg["kernel"]["user"]:
			yield "%s's %s leg: datapath %s" % (leg["side"], leg["kind"],
							    leg["kernel"]["datapath"])


def on_both(m):
	"""A fair part of every leg's packets by XDP, and by the skb path."""
	for leg in m.legs:
		if min(leg["kernel"]["xdp"], leg["kernel"]["skb"]) < 0.1 * leg["kernel"]["forwarded"]:
			yield "%s's %s leg: XDP %d, skb %d" % (leg["side"], leg["kind"],
							     leg["kernel"]["xdp"], leg["kernel"]["skb"])


CALL = (
	("the suites asked for, the same code at both ends", "K1,K2,D1", keys),
	("every stream whole and bit-exact, with RTCP", "D1,D4", delivered),
	("no replayed or forged packet delivered, all valid ones after", "D2,S1,S2", attacks),
	("the counters add up and agree with the endpoints", "D6,S8", counters),
	("nothing late", "", in_time),
)


def accelerated(driver):
	"""An AES-GCM driver that is not put together from generic parts."""
	if not driver:
		yield "no driver is named"
	elif any(slow in driver for slow in ("ghash-generic", "aes-generic", "aes-lib", "gcm_base(")):
		yield "AES-GCM by %s" % driver


def egress(devices):
	"""Nothing was lost after the redirect."""
	for name, d in devices.items():
		for what in ("egress_redirect_err", "egress_xmit_drops", "egress_tx_drops"):
			if d.get(what):
				yield "%s: %s %d" % (name, what, d[what])
