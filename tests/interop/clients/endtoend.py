# SPDX-License-Identifier: GPL-2.0
"""Calls that the pages encrypt end to end: the host relays, and has no key."""

from pair import Plan, advance, alive, brief, by_host, connect, hang_up, legs_of, losses, share
from world import code, until

E2EE = Plan("end to end", None, options=("--set", "mode=e2ee"))


def codes(tap, world, pages, seen, name):
	"""One code, by the certificates that were used, by the SDP of both pages, by the agent."""
	# Alice made the offer.
	used = [code(*seen[0].thumbprints()[0]), code(*seen[1].thumbprints()[0][::-1])]
	tap.equal(used[0], used[1], "K2: both pages' certificates give one code", rows="K2,C2")
	tap.equal([p.security_code() for p in pages], used,
		"K2: and each page computes it from the fingerprints of its own SDP", rows="K2,C2")
	tap.equal(world.host.show(name)["code"], used[0], "K2: the agent shows the same", rows="K2,C2")


def lock(tap, world, name):
	show = world.host.show(name)
	tap.equal([show[k] for k in ("mode", "indicator", "verified")], ["e2ee", "shield-lock", None],
		"C2: the agent calls it end to end", rows="C2")
	lines = [l.split() for l in world.host.ctl("call", "show", name).split("\n")]
	tap.check(["indicator", "shield-lock"] in lines, "C2: call show has its shield with a lock",
		rows="C2", why=lines)
	legs = [l for side in legs_of(world, name) for l in side]
	tap.equal([(l["keying"], l["suite"], l["leg_code"]) for l in legs], [("relay", "none", None)] * 2,
		"K4: the agent has no suite and no code of a leg", rows="K4")
	if world.datapath != "user":
		tap.equal(world.host.json("key", "show"), [], "K4: the kernel's dump has no key", rows="K4")


def still(pages):
	"""No page gets frames any more."""
	def silent():
		before = [p.seen().frames() for p in pages]
		return not until(lambda: any(p.seen().frames() > b for p, b in zip(pages, before)), 1)
	return until(silent, 10)


def mismatch(tap, world, pages):
	"""Somebody says that the codes differ: policy ends the call, or keeps it."""
	answer = world.host.json("call", "mismatch", "e1", "--side", "callee")
	tap.equal((answer["verified"], answer["ended"]), ("mismatched", True),
		"K2: codes that differ end the call", rows="K2,C2")
	tap.equal([c["call"] for c in world.host.json("call", "list")["calls"]], [], "K2: it is gone",
		rows="K2")
	tap.check(still(pages), "K2: and no page gets a frame any more", rows="K2,D6",
		why=brief(pages, [p.seen() for p in pages]))
	if world.datapath != "user":
		tap.equal(world.host.json("leg", "show"), [], "K2: the kernel has no leg of it", rows="K2")
	for page in pages:
		page.hang_up()


def kept(tap, world, pages):
	world.host.ctl("policy", "set", "Global", "--on-mismatch", "keep")
	seen = connect(world, pages, "e2", E2EE)
	tap.check(alive(seen), "C2: a second call, with a policy that keeps it", rows="C2",
		why=brief(pages, seen))
	answer = world.host.json("call", "mismatch", "e2", "--side", "caller")
	tap.equal((answer["verified"], answer["ended"], world.host.show("e2")["indicator"]),
		("mismatched", False, "none"), "K2: it goes on, without its shield", rows="K2,C2")
	tap.check(advance(pages), "K2: frames go on", rows="K2",
		why=brief(pages, [p.seen() for p in pages]))
	world.host.ctl("call", "verify", "e2", "--side", "caller")
	show = world.host.show("e2")
	tap.equal((show["verified"], show["indicator"]), ("matched", "shield-lock"),
		"K2: who said so may find that they match", rows="K2,C2")
	hang_up(world, pages, "e2")


def e2ee(tap, world, pages):
	seen = connect(world, pages, "e1", E2EE)
	tap.check(alive(seen), "C2: frames and sound both ways, end to end", rows="C2",
		why=brief(pages, seen))
	by_host(tap, pages, seen, "")
	mine, theirs = ([s.thumbprints()[0][k] for s in seen] for k in (0, 1))
	tap.equal(theirs, mine[::-1], "K4: each page's peer is the other page itself", rows="K4")
	codes(tap, world, pages, seen, "e1")
	lock(tap, world, "e1")
	losses(tap, seen, "")
	share(tap, world, "e1", "end to end")
	mismatch(tap, world, pages)
	kept(tap, world, pages)
