# SPDX-License-Identifier: GPL-2.0
"""What pages change in mid-call: hold, ICE restart, a reload, a video line more."""

import time

from page import owed
from pair import GCM, advance, alive, brief, connect, hang_up, legs_of, renew, share

BOUND = 5		# seconds until media flows again
# A page sends from its new port some 50 ms before it says that this is the one, and the host
# takes media from the path that was chosen alone. It sends ten frames a second.
UNDERWAY = 2


def keying(world, name):
	"""What must stay where nobody asks for keys: slots, codes, and how many handshakes there were."""
	sides = legs_of(world, name)
	legs = [l["leg"] for side in sides for l in side]
	keys = world.host.json("key", "show") if world.datapath != "user" else []
	return ([[l["leg_code"] for l in side] for side in sides],
		sorted((k["leg"], k["direction"], k["slot"], k["suite"], k["active"])
		       for k in keys if k["leg"] in legs),
		sum(world.host.json("agent", "stats")["handshakes"].values()))


def flows(tap, pages, title, rows="C1"):
	took = advance(pages)
	tap.check(took is not None and took < BOUND, "%s: frames and sound both ways again within %d s" %
		(title, BOUND), rows=rows, why="%s\n%s" % (took, brief(pages, [p.seen() for p in pages])))


def same_keys(tap, world, name, before, title):
	tap.equal(keying(world, name), before, "%s: the keys are the same" % title, rows="K1")


def grown(pages, seconds=2):
	"""Whether each page got frames in some seconds."""
	time.sleep(0.5)		# what was under way
	before = [p.seen().frames() for p in pages]
	time.sleep(seconds)
	return [p.seen().frames() > b for p, b in zip(pages, before)]


def hold(tap, world, pages, name):
	alice, bob = pages
	before = keying(world, name)
	alice.direction("sendonly")
	renew(world, pages, name, "caller")
	tap.equal(grown(pages), [False, True], "hold: who holds is seen, and sees nobody", rows="C1")
	bob.direction("inactive")
	renew(world, pages, name, "callee")
	tap.equal(grown(pages), [False, False], "hold by both: neither sees the other", rows="C1")
	for page in pages:
		page.direction("sendrecv")
	renew(world, pages, name, "caller")
	flows(tap, pages, "resumed")
	same_keys(tap, world, name, before, "held and resumed")


def restart(tap, world, pages, name, who):
	page = pages[who == "callee"]
	title = "ICE restart by the %s" % who
	before, owing, was = keying(world, name), owed(pages), [p.seen() for p in pages]
	page.restart_ice()
	renew(world, pages, name, who)
	flows(tap, pages, title)
	now = [p.seen() for p in pages]
	tap.equal([n.fragment() != w.fragment() for n, w in zip(now, was)], [p is page for p in pages],
		"%s: who asked for it has other credentials" % title, rows="E2")
	tap.equal([n.states for n in now], [w.states for w in was],
		"%s: neither page's connection ever changed state" % title, rows="E2")
	lost = [n - o for n, o in zip(owed(pages), owing)]
	seen = [p.seen() for p in pages]
	why = "packets lost %s, asked again %s, the host dropped %s" % (
		[s.lost() - w.lost() for s, w in zip(seen, was)],
		[s.asked_again() - w.asked_again() for s, w in zip(seen, was)],
		[l["kernel"]["dropped"] for side in legs_of(world, name) for l in side])
	tap.check(max(lost) <= UNDERWAY, "%s: at most %d frames lost on the way" % (title, UNDERWAY),
		rows="D6", why="%s; %s" % (lost, why))
	tap.note("%s: frames lost %s, %s" % (title, lost, why))
	same_keys(tap, world, name, before, title)


def reload(tap, world, pages, name):
	"""A page that is loaded again has another certificate, and comes back into its call."""
	(hers, his), _, shakes = keying(world, name)
	pages[0].hang_up()
	pages[0].start()
	renew(world, pages, name, "caller")
	flows(tap, pages, "a page that was loaded again")
	(new, same), _, now = keying(world, name)
	tap.equal([new != hers, same == his, now - shakes], [True, True, 1],
		"a page that was loaded again: new keys for its leg, the other's stay", rows="K1,K2")


def add_video(tap, world, pages):
	seen = connect(world, pages, "v1", GCM, video=False)
	tap.check(all(s.heard() >= 3 for s in seen), "a call of sound alone", rows="K1,C1",
		why=brief(pages, seen))
	before = keying(world, "v1")
	for page in pages:
		page.add_video()
	renew(world, pages, "v1", "callee")
	flows(tap, pages, "a video line more, of the callee's offer")
	same_keys(tap, world, "v1", before, "a video line more")
	tap.equal([l["kind"] for l in world.host.show("v1")["media"]], ["audio", "video"],
		"a video line more: the call has it", rows="C1")


def change(tap, world, pages):
	seen = connect(world, pages, "h1", GCM)
	tap.check(alive(seen), "frames and sound both ways", rows="K1,C1", why=brief(pages, seen))
	hold(tap, world, pages, "h1")
	for who in ("caller", "callee"):
		restart(tap, world, pages, "h1", who)
	reload(tap, world, pages, "h1")
	share(tap, world, "h1", "through all changes")
	hang_up(world, pages, "h1")
	add_video(tap, world, pages)
	share(tap, world, "v1", "with the line added")
	hang_up(world, pages, "v1")
