# SPDX-License-Identifier: GPL-2.0
"""A call from alice to bob through the media host, and what was measured."""

from phone import KINDS, Phone, arrived, both, settle, silent

ALICE = {4: "192.0.2.2", 6: "2001:db8:a::2"}
BOB = {4: "198.51.100.2", 6: "2001:db8:b::2"}


class Plan:
	"""How a call is made: which families, keys and roles, who attacks it."""

	def __init__(self, name, title, families=(4, 4), secure=True, suites=("", ""),
		     setup="active", attacker="alice"):
		self.name, self.title, self.families = name, title, families
		self.secure, self.suites, self.setup = secure, suites, setup
		self.attacker = attacker

	def options(self):
		"""Of `ksrtpctl call offer`."""
		words = []
		if self.families[1] != self.families[0]:
			words += ["--to-family", str(self.families[1])]
		if self.secure and self.suites[0]:
			words += ["--from-suites", self.suites[0]]
		if self.suites[1]:
			words += ["--to-suites", self.suites[1]]
		return words

	def expected(self):
		"""Suite of each side."""
		return (self.suites[0] if self.secure else "none", self.suites[1])


GCM128, GCM256 = "aead-aes-128-gcm", "aead-aes-256-gcm"

PLANS = (
	Plan("gcm128", "GCM-128 on both sides", suites=(GCM128, GCM128)),
	Plan("gcm128-gcm256", "GCM-128 to GCM-256, bob passive", suites=(GCM128, GCM256),
	     setup="passive", attacker="bob"),
	Plan("plain-gcm256", "plain RTP to GCM-256", secure=False, suites=("", GCM256),
	     attacker="bob"),
	Plan("ipv4-ipv6", "IPv4 to IPv6, GCM-128", families=(4, 6), suites=(GCM128, GCM128)),
)


class Amount:
	"""How much is sent, and how fast."""

	def __init__(self, audio=510, video=3050, after_audio=100, after_video=300,
		     audio_us=20000, video_us=3300, attack_us=1000, attack=1000):
		self.audio, self.video = audio, video
		self.after_audio, self.after_video = after_audio, after_video
		self.audio_us, self.video_us, self.attack_us = audio_us, video_us, attack_us
		self.attack = attack

	def media(self):
		return {"audio": self.audio, "video": self.video, "audio_us": self.audio_us,
			"video_us": self.video_us, "rtcp_every": 50}

	def after(self):
		return dict(self.media(), audio=self.after_audio, video=self.after_video)


class Call:
	def __init__(self, net, host, plan, *options):
		self.host, self.plan, self.net = host, plan, net
		self.alice = Phone(net, "alice", ALICE[plan.families[0]], "-s", "1", "-f", "0", *options)
		self.bob = Phone(net, "bob", BOB[plan.families[1]], "-s", "2", "-f", "3", *options)
		self.phones = (self.alice, self.bob)
		self.late = []		# what did not arrive in time, in words
		self.attacks = {}
		self.least = (500, 3000)	# packets of audio and video in the media phase

	def connect(self):
		offer = self.alice.ask("offer", secure=self.plan.secure)["sdp"]
		offer = self.host.offer(self.plan.name, offer, *self.plan.options())
		answer = self.bob.ask("answer", sdp=offer, setup=self.plan.setup)["sdp"]
		self.alice.ask("accept", sdp=self.host.answer(self.plan.name, answer))
		both(self.phones, "connect", ms=60000)
		# The agent's side ends a moment after the endpoint's.
		if not settle(lambda: (self.state() == "established", None), quiet=15):
			self.late.append("the agent says the call is %s" % self.state())

	def state(self):
		return self.host.show(self.plan.name)["state"]

	def phase(self, name):
		both(self.phones, "phase", name=name)

	def send(self, what, during=None):
		numbers = [p.start("send", **what) for p in self.phones]
		if during:
			during()
		for p, n in zip(self.phones, numbers):
			p.wait(n, 300)
		if not arrived(self.phones):
			self.late.append("not all that was sent arrived")

	def media(self, amount, during=None):
		self.phase("media")
		self.send(amount.media(), during)

	def refusals(self):
		"""What the kernel received on this call, and dropped by reason."""
		received, dropped = 0, {}
		for leg in self.host.legs(self.plan.name):
			received += leg["kernel"]["received"]
			for reason, n in leg["kernel"]["dropped"].items():
				dropped[reason] = dropped.get(reason, 0) + n
		return received, dropped

	def other(self, phone):
		return self.bob if phone is self.alice else self.alice

	def attack(self, phone, what, amount, stray=False):
		"""So many packets on the video line; how many reached the other end."""
		before, refused = self.refusals()
		name = "%s-%s%s" % (phone.who, what, "-stray" if stray else "")
		self.phase(name)
		phone.ask(what, kind="video", count=amount.attack, gap_us=amount.attack_us, stray=stray)

		def taken():
			now = self.refusals()[0]
			return now - before >= amount.attack, now
		if not settle(taken, quiet=5, step=0.2):
			self.late.append("the host did not count all of " + name)
		silent(self.other(phone))
		counts = self.other(phone).phase()
		self.attacks[name] = {
			"of": amount.attack,
			"sent": phone.phase()["video"]["attack_sent"],
			"delivered": sum(counts[k]["datagrams"] for k in KINDS),
			"refused": {r: n - refused.get(r, 0) for r, n in self.refusals()[1].items()
				    if n > refused.get(r, 0)},
		}

	def all_attacks(self, amount):
		attacker = self.alice if self.plan.attacker == "alice" else self.bob
		self.attack(attacker, "replay", amount)
		self.attack(attacker, "forge", amount)
		if not self.plan.secure:
			# The plain leg has no key to tell by; its own rules are tried too.
			self.attack(self.alice, "replay", amount)
			self.attack(self.alice, "forge", amount)
			self.attack(self.alice, "forge", amount, stray=True)

	def after(self, amount):
		self.phase("after")
		self.send(amount.after())

	def measure(self):
		"""Everything known about the call now, from all three that took part."""
		return Measured(self.plan, self.host.legs(self.plan.name),
				both(self.phones, "result"), self.attacks, self.late, self.least)

	def close(self):
		for p in self.phones:
			p.close()


class Measured:
	def __init__(self, plan, legs, results, attacks, late, least):
		self.plan, self.legs, self.attacks, self.late = plan, legs, attacks, late
		self.least = least
		self.lines = {r["name"]: {l["kind"]: l for l in r["lines"]} for r in results}

	def peer(self, leg):
		"""The endpoint's line at the other end of a leg."""
		return self.lines["alice" if leg["side"] == "caller" else "bob"][leg["kind"]]

	def streams(self):
		"""(sender, receiver, kind, sent, received or None, what else came)"""
		for a, b in (("alice", "bob"), ("bob", "alice")):
			for kind in KINDS:
				sent = self.lines[a][kind]["sent"]
				came = self.lines[b][kind]["received"]
				mine = [r for r in came if r["ssrc"] == sent["ssrc"]]
				others = [r for r in came if r["ssrc"] != sent["ssrc"]]
				yield a, b, kind, sent, mine[0] if mine else None, others

	def total(self, member, phase=None, who=None):
		"""Sum of a counter of the endpoints' phases."""
		return sum(p[member] for name, lines in self.lines.items() for line in lines.values()
			   for p in line["phases"] if phase in (None, p["phase"]) and who in (None, name))

	def main_attack(self, what):
		return self.attacks.get("%s-%s" % (self.plan.attacker, what),
					{"sent": 0, "delivered": 0})

	def json(self):
		"""One call of build/demo.json."""
		legs = []
		for leg in self.legs:
			k = leg["kernel"]
			legs.append({
				"suite": leg["suite"], "keying": leg["keying"], "family": leg["family"],
				"leg_code": leg["leg_code"], "peer_leg_code": self.peer(leg)["code"],
				"received": k["received"], "forwarded": k["forwarded"],
				"answered": k["answered"], "passed_up": k["passed_up"],
				"dropped": {r: n for r, n in k["dropped"].items() if n},
				"xdp": k["xdp"], "skb": k["skb"],
			})
		media = []
		for _, _, kind, sent, got, _ in self.streams():
			media.append({
				"kind": kind, "sent": sent["packets"], "wraps": sent["wraps"],
				"delivered": got["packets"] + got["duplicates"] if got else 0,
				"rtcp_delivered": got["rtcp"] + got["rtcp_duplicates"] if got else 0,
				"sha256_sent": sent["sha256"],
				"sha256_delivered": got["sha256"] if got else None,
			})
		replay, forge = self.main_attack("replay"), self.main_attack("forge")
		return {
			"name": self.plan.name, "legs": legs, "media": media,
			"attacks": {
				"replayed": replay["sent"], "replayed_delivered": replay["delivered"],
				"forged": forge["sent"], "forged_delivered": forge["delivered"],
				"valid_after": self.total("rtp_sent", "after"),
				"valid_after_delivered": self.total("rtp", "after"),
			},
		}
