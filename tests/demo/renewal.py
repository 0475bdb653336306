# SPDX-License-Identifier: GPL-2.0
"""A call whose media goes on while its agent is asked, or while its keys change."""

import re

from net import Trouble
from phone import arrived, both, settle


def shown(stage, name):
	"""What the agent says of a call, but for its age and what is counted and measured."""
	show = stage.host.show(name)
	show.pop("age_ms")
	for leg in legs_of(show):
		for member in ("kernel", "user", "quality"):
			leg.pop(member, None)
	return show


def legs_of(show):
	return [leg for media in show["media"] for leg in media["legs"]]


def flow(call, packets):
	"""Wait until so many more came of every kind on either side."""
	def came():
		return [sum(p["rtp"] for p in line["phases"]) for phone in call.phones
			for line in phone.ask("counts")["lines"]]
	before = came()

	def more():
		now = came()
		return all(n - b >= packets for n, b in zip(now, before)), now
	if not settle(more):
		raise Trouble("no media on some line: %s, before %s" % (more()[1], before))


def talk(call, name, during, video_us=12000):
	"""Media both ways for as long as during() takes."""
	call.phase(name)
	# Until they are told to stop.
	numbers = [p.start("send", audio=10 ** 6, video=10 ** 6, audio_us=20000, video_us=video_us,
			   rtcp_every=50) for p in call.phones]
	during()
	both(call.phones, "stop")
	for p, n in zip(call.phones, numbers):
		p.wait(n)
	if not arrived(call.phones):
		call.late.append("not all that was sent arrived in phase " + name)


def associations(phone):
	return [l["associations"] for l in phone.ask("counts")["lines"]]


def fingerprints(text):
	return re.findall("a=fingerprint:(sha-256 [0-9A-F:]+)", text)


def joined_anew(stage, call, phone, side, before):
	"""Wait until each line of this phone has one more association; what is wrong, and the legs.
	Those of this side, and they alone, have another certificate than before."""
	had = associations(phone)
	phone.ask("renew")

	def again():
		state = (associations(phone), call.state())
		return state == ([n + 1 for n in had], "established"), state
	settle(again, quiet=30, step=0.3)
	now = legs_of(shown(stage, call.plan.name))
	wrong = ["%s" % (again()[1],)] if not again()[0] else []
	wrong += ["%s changed" % m for m in ("leg", "local", "remote", "suite")
		  if [l[m] for l in before] != [l[m] for l in now]]
	for was, leg in zip(before, now):
		same = [m for m in ("local_fingerprint", "leg_code") if was[m] == leg[m]]
		if len(same) != (0 if leg["side"] == side else 2):
			wrong.append("%s's leg %d: the same are %s" % (leg["side"], leg["leg"], same))
	return wrong, now


def renewed(tap, stage, call, side):
	"""An offer in mid-call, of this side, while the media flows: the legs of the other are
	offered a new certificate, since nobody has the key of the old one; nothing asks for another
	association on those of the side that offers."""
	host, name = stage.host, call.plan.name
	one, other = call.phones if side == "caller" else call.phones[::-1]
	before = legs_of(shown(stage, name))
	offer = host.reoffer(name, side, one.ask("offer", secure=True)["sdp"])
	answer = host.answer(name, other.ask("answer", sdp=offer, setup="active")["sdp"])
	one.ask("accept", sdp=answer)
	wrong, now = joined_anew(stage, call, other, "callee" if side == "caller" else "caller", before)
	said = [fingerprints(answer), fingerprints(offer)]
	if said != [[l["local_fingerprint"] for l in now if (l["side"] == side) == mine] for mine in (True, False)]:
		wrong.append("fingerprints in the SDP: %s" % said)
	tap.check(not wrong, "the next offer, of the %s, brings the other's legs a new certificate and "
		  "association" % side, rows="K1,D5", why="\n".join(wrong))


def with_id(sdp, number):
	"""Each line of this description names its association (RFC 8842)."""
	return re.sub("(a=setup:[a-z]+\r\n)", "\\1a=tls-id:%020d\r\n" % number, sdp)


def offered_anew(stage, call, side, ids):
	"""An offer in mid-call, of this side, and its answer, which name these associations."""
	host, name = stage.host, call.plan.name
	one, other = call.phones if side == "caller" else call.phones[::-1]
	setup = call.plan.setup if other is call.bob else "active"
	offer = with_id(one.ask("offer", secure=True)["sdp"], ids[one.who])
	answer = other.ask("answer", sdp=host.reoffer(name, side, offer), setup=setup)["sdp"]
	one.ask("accept", sdp=host.answer(name, with_id(answer, ids[other.who])))


def asked_for(tap, stage, call, side, ids):
	"""A new association on the legs of the side that offers, which asks for it by a=tls-id."""
	one = call.alice if side == "caller" else call.bob
	before = legs_of(shown(stage, call.plan.name))
	ids[one.who] += 1
	offered_anew(stage, call, side, ids)
	wrong = joined_anew(stage, call, one, side, before)[0]
	tap.check(not wrong, "an offer of the %s with another a=tls-id brings its legs a new certificate and "
		  "association" % side, rows="K1,D5", why="\n".join(wrong))
