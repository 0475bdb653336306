# SPDX-License-Identifier: GPL-2.0
"""A calling page in a browser of its own, and what its statistics say."""

import os

from webdriver import Browser
from world import HERE, log, until


PICTURE = {"width": 160, "height": 120, "rate": 10}


class Seen:
	"""One page's getStats(), by what they are about."""

	def __init__(self, stats):
		self.state, self.ice, self.states = stats["state"], stats["ice"], stats["states"]
		self.all = stats["all"]
		self.inbound = {e["kind"]: e for e in self.of("inbound-rtp")}
		self.outbound = {e["kind"]: e for e in self.of("outbound-rtp")}
		self.transports = [t for t in self.of("transport") if t.get("packetsReceived")]

	def of(self, kind):
		return [e for e in self.all.values() if e["type"] == kind]

	def frames(self):
		return self.inbound.get("video", {}).get("framesDecoded", 0)

	def packets(self, kind):
		return self.inbound.get(kind, {}).get("packetsReceived", 0)

	def heard(self):
		"""Seconds of audio that came by packets, not by concealment."""
		audio = self.inbound.get("audio", {})
		return (audio.get("totalSamplesReceived", 0) -
			audio.get("concealedSamples", 0)) / 48000

	def energy(self):
		return self.inbound.get("audio", {}).get("totalAudioEnergy", 0)

	def lost(self):
		return sum(e.get("packetsLost", 0) for e in self.inbound.values())

	def asked_again(self):
		"""Packets that it told the sender it missed."""
		return sum(e.get("nackCount", 0) for e in self.inbound.values())

	def sent_again(self):
		return sum(e.get("retransmittedPacketsSent", 0) for e in self.outbound.values())

	def got_again(self):
		return sum(e.get("retransmittedPacketsReceived", 0) for e in self.inbound.values())

	def pictures_asked(self):
		"""Whole pictures (PLI) that it asked for, and that it was asked for."""
		return [v.get("video", {}).get("pliCount", 0) for v in (self.inbound, self.outbound)]

	def fragment(self):
		"""The ICE user name that the other end knows it by."""
		return sorted({t.get("iceLocalUsernameFragment") for t in self.transports})

	def ciphers(self):
		return sorted({t.get("srtpCipher") for t in self.transports})

	def peers(self):
		"""Addresses at the other end of the pairs in use."""
		pairs = [self.all[t["selectedCandidatePairId"]] for t in self.transports]
		return sorted({self.all[p["remoteCandidateId"]]["address"] for p in pairs})

	def thumbprints(self):
		"""(ours, the peer's), one pair for each transport"""
		return [tuple(self.all[t[k]]["fingerprint"] for k in
			("localCertificateId", "remoteCertificateId")) for t in self.transports]


class Page:
	def __init__(self, world, who):
		self.who = who
		self.browser = Browser(world.ns(who), log(world.suite, who))
		self.browser.open("file://" + os.path.join(HERE, "page.html"))

	def start(self, **options):
		self.browser.run("start", dict({"audio": True, "video": True, "bundle": "max-bundle"},
			**PICTURE, **options))

	def offer(self, setup=None, **options):
		return self.browser.run("offer", options, setup)

	def answer(self, sdp, setup=None):
		return self.browser.run("answer", sdp, setup)

	def accept(self, sdp):
		self.browser.run("accept", sdp)

	def pitch(self):
		"""The loudest frequency that it hears, where it was started with a tone."""
		return self.browser.run("pitch")

	def told(self):
		"""The SDP of the other side, as it came."""
		return self.browser.run("(() => pc.remoteDescription.sdp)")

	def direction(self, value):
		for kind in ("audio", "video"):
			self.browser.run("direction", kind, value)

	def add_video(self):
		self.browser.run("add_video", PICTURE)

	def restart_ice(self):
		self.browser.run("restart_ice")

	def security_code(self):
		return self.browser.run("security_code")

	def film(self, on):
		self.browser.run("film", on)

	def state(self):
		return self.browser.run("state")

	def seen(self):
		return Seen(self.browser.run("stats"))

	def hang_up(self):
		self.browser.run("hang_up")

	def close(self):
		self.browser.close()


def flowing(pages, frames=30, seconds=3, patience=60):
	"""Wait until both show so many more frames and seconds of sound; what they saw."""
	# Not by getStats(): asked before the handshake ended, it keeps what certificates it saw.
	until(lambda: all(p.state() in ("connected", "failed") for p in pages), patience)
	before = [p.seen() for p in pages]

	def there():
		now = [p.seen() for p in pages]
		good = all(n.frames() - b.frames() >= frames and n.heard() - b.heard() >= seconds
			for n, b in zip(now, before))
		return now if good else None
	return until(there, patience, 0.5) or [p.seen() for p in pages]


def owed(pages):
	"""How many frames each page sent that the other does not have, when none is under way."""
	for page in pages:
		page.film(False)
	before = None

	def still():
		nonlocal before
		was, before = before, [(s.outbound["video"]["framesSent"], s.inbound["video"]["framesReceived"])
			for s in (p.seen() for p in pages)]
		return before if before == was else None
	until(still, 20, 1)
	for page in pages:
		page.film(True)
	(alice_sent, alice_got), (bob_sent, bob_got) = before
	return [alice_sent - bob_got, bob_sent - alice_got]
