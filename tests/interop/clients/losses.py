# SPDX-License-Identifier: GPL-2.0
"""A call over a bad wire: handshake and media come through, and what was lost is sent again."""

import time

from pair import GCM, advance, brief, connect, share
from wire import Wire
from world import until

LOSS = 50		# of a thousand, each way on alice's wire
LONG = 15		# seconds that the media flows over it
BREAK = 4		# seconds that nothing comes from her at all
BOUND = 5		# seconds until media flows again


def repaired(seen):
	"""Each sent again what the other missed."""
	return all(s.asked_again() and s.sent_again() and s.got_again() for s in seen)


def loss(tap, world, pages):
	# What comes from alice's page, and what comes from the host for her.
	wires = [Wire(world.ns("host"), "to-alice"), Wire(world.ns("alice"), "eth0")]
	for wire in wires:
		wire.lose(LOSS)
	seen = connect(world, pages, "l1", GCM)
	tap.check(all(s.state == "connected" and s.frames() >= 30 for s in seen),
		"the call comes up over a wire that loses 1 of 20", rows="K1", why=brief(pages, seen))
	tap.check(all(wire.counts()[2] > 1 for wire in wires), "the handshake's first record was lost, "
		"each way", rows="K1", why=[wire.counts() for wire in wires])
	began, before = time.monotonic(), [p.seen() for p in pages]
	until(lambda: time.monotonic() - began > LONG and repaired([p.seen() for p in pages]), 3 * LONG, 1)
	now = [p.seen() for p in pages]
	lost = [wire.counts()[1] for wire in wires]
	tap.check(min(lost) > 10, "the wire lost some, each way", why=lost)
	tap.check(repaired(now), "what was lost was asked for and sent again, both ways", rows="D6",
		why="asked %s, sent again %s, came again %s" % tuple([getattr(s, what)() for s in now]
			for what in ("asked_again", "sent_again", "got_again")))
	took = time.monotonic() - began
	rates = [(n.frames() - b.frames()) / took for n, b in zip(now, before)]
	tap.check(min(rates) > 5, "pictures go on, both ways", rows="D6", why="%s frames a second" % rates)
	tap.note("lost %s of %s; asked again %s, sent again %s, frames a second %s" % (lost,
		[sum(wire.counts()[:2]) for wire in wires], [s.asked_again() for s in now],
		[s.sent_again() for s in now], ["%.1f" % r for r in rates]))
	outage(tap, pages, wires[0])
	share(tap, world, "l1", "over the bad wire")


def outage(tap, pages, wire):
	"""More is lost than can be sent again: who sees must ask for a whole picture, and get it."""
	alice, bob = pages
	before = [p.seen().pictures_asked() for p in pages]
	wire.lose(1000)
	time.sleep(BREAK)
	wire.lose(0)
	took = advance(pages)
	tap.check(took is not None and took < BOUND, "frames and sound both ways again within %d s after %d s "
		"without" % (BOUND, BREAK), rows="D6", why="%s\n%s" % (took, brief(pages, [p.seen() for p in pages])))
	now = [p.seen().pictures_asked() for p in pages]
	tap.check(now[1][0] > before[1][0] and now[0][1] > before[0][1],
		"bob's page asked for a whole picture, and alice's was asked", rows="D6",
		why="[asked for, was asked for] of both: before %s, now %s" % (before, now))
	tap.equal(alice.state(), "connected", "who was cut off is still connected", rows="E2")
	tap.equal(bob.state(), "connected", "and so is who saw nothing", rows="E2")
