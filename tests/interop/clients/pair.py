# SPDX-License-Identifier: GPL-2.0
"""A call between two pages by way of the host: how it is made, and what both sides saw."""

import re
import time

from page import flowing
from world import OURS, until

GCM128, GCM256 = "aead-aes-128-gcm", "aead-aes-256-gcm"
SHA1_80 = "aes-cm-128-hmac-sha1-80"
CIPHER = {GCM128: "SRTP_AEAD_AES_128_GCM", GCM256: "SRTP_AEAD_AES_256_GCM",
	SHA1_80: "SRTP_AES128_CM_HMAC_SHA1_80"}

UNDERWAY = 10		# packets of the 100 ms in which a path changes


class Plan:
	"""alice, bob: the DTLS role that each takes; None: what the page likes."""

	def __init__(self, title, suites, bob="active", options=(), bundle=True, alice=None):
		self.title, self.suites, self.options, self.bundle = title, suites, options, bundle
		self.alice, self.bob = alice, bob

	def roles(self):
		return ["server" if setup == "passive" else "client" for setup in (self.alice, self.bob)]


GCM = Plan("GCM", (GCM128, GCM128))


def brief(pages, seen):
	return "\n".join("%s: %s, %d frames, %.1f s of sound, energy %g, lost %d, %s, to %s" % (
		p.who, "/".join(s.states), s.frames(), s.heard(), s.energy(), s.lost(), s.ciphers(),
		s.peers()) for p, s in zip(pages, seen))


def alive(seen):
	return all(s.state == "connected" and s.frames() >= 30 and s.energy() > 0.01 for s in seen)


def unbundled(sdp):
	return re.sub(r"a=(group:BUNDLE|bundle-only)[^\r\n]*\r\n", "", sdp)


def connect(world, pages, name, plan, **options):
	"""Make the call; what the pages saw once media flows."""
	alice, bob = pages
	for page in pages:
		page.start(bundle="max-bundle" if plan.bundle else "max-compat", **options)
	tidy = (lambda sdp: sdp) if plan.bundle else unbundled
	offer = tidy(alice.offer())
	if plan.alice:
		# A page offers to be either. What else it shall be somebody on the way has to say.
		offer = offer.replace("a=setup:actpass", "a=setup:" + plan.alice)
	offer = world.host.offer(name, offer, *plan.options)
	alice.accept(world.host.answer(name, tidy(bob.answer(offer, plan.bob))))
	return flowing(pages, frames=30 if options.get("video", True) else 0)


def renew(world, pages, name, side):
	"""A new offer of one side, and its answer."""
	offering, other = pages if side == "caller" else reversed(pages)
	offer = world.host.reoffer(name, side, offering.offer())
	offering.accept(world.host.answer(name, other.answer(offer)))


def hang_up(world, pages, name):
	world.host.ctl("call", "del", name)
	for page in pages:
		page.hang_up()


def by_host(tap, pages, seen, title):
	"""Which of its addresses a page likes is the page's choice."""
	tap.check(all(s.peers() and set(s.peers()) <= OURS[p.who] for p, s in zip(pages, seen)),
		"%seach page's media goes to the host" % title, rows="C1", why=brief(pages, seen))


def losses(tap, seen, title):
	"""While a page chooses its path it may send by another for some 50 ms, where nobody listens."""
	tap.check(all(s.lost() <= UNDERWAY for s in seen), "%sno packet lost but %d of the start" %
		(title, UNDERWAY), rows="D6", why=[s.lost() for s in seen])


def legs_of(world, name):
	"""The call's legs, those that several lines share once; the caller's, the callee's."""
	legs = {leg["leg"]: leg for leg in world.host.legs(name)}
	return ([l for l in legs.values() if l["side"] == "caller"],
		[l for l in legs.values() if l["side"] == "callee"])


def share(tap, world, name, title, least=500):
	"""At least 99 of 100 packets by XDP, whoever counted them."""
	if world.datapath != "xdp":
		return
	counts = [l["kernel"] for side in legs_of(world, name) for l in side]
	forwarded, xdp = (sum(c[k] for c in counts) for k in ("forwarded", "xdp"))
	tap.check(forwarded > least and xdp >= 0.99 * forwarded, "%s: at least 99%% of the media by XDP "
		"(%d of %d)" % (title, xdp, forwarded), rows="D3", why=counts)


def advance(pages, frames=5, seconds=0.3, patience=20):
	"""How long until both show so many more frames and seconds of sound; None: never."""
	began, before = time.monotonic(), [p.seen() for p in pages]

	def there():
		return all(n.frames() - b.frames() >= frames and n.heard() - b.heard() >= seconds
			for n, b in zip([p.seen() for p in pages], before))
	return time.monotonic() - began if until(there, patience, 0.1) else None
