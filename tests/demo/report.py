# SPDX-License-Identifier: GPL-2.0
"""The account of the demo for a person to read."""


def table(head, rows, left=(0,)):
	"""Columns as wide as they need; numbers to the right, columns in left not."""
	rows = [[str(c) for c in row] for row in [head] + rows]
	width = [max(len(row[i]) for row in rows) for i in range(len(head))]
	for row in rows:
		cells = [c.ljust(w) if i in left else c.rjust(w)
			 for i, (c, w) in enumerate(zip(row, width))]
		yield "    " + "   ".join(cells).rstrip()


def count(n):
	return "{:,}".format(n)


def leg_name(leg):
	return "%s %s" % ("alice" if leg["side"] == "caller" else "bob", leg["kind"])


def reasons(dropped):
	return ", ".join("%s %s" % (r, count(n)) for r, n in sorted(dropped.items()) if n) or "-"


def legs(m):
	rows = []
	for leg in m.legs:
		theirs, ours = m.peer(leg)["code"], leg["leg_code"]
		rows.append([leg_name(leg), "IPv%d" % leg["family"], leg["keying"], leg["suite"],
			     leg["role"] or "-", theirs or "-", ours or "-",
			     "" if not ours else "same" if ours == theirs else "DIFFERENT"])
	yield from table(["leg", "", "keys", "suite", "agent is", "leg code at the endpoint",
			  "leg code at the agent", ""], rows, left=range(8))


def packets(m):
	names = ("received", "forwarded", "answered", "passed_up")
	rows, sums = [], [0] * 7
	for leg in m.legs:
		k = leg["kernel"]
		dropped = sum(k["dropped"].values())
		row = [k[n] for n in names] + [dropped, k["xdp"], k["skb"]]
		sums = [a + b for a, b in zip(sums, row)]
		rows.append([leg_name(leg)] + [count(n) for n in row] + [reasons(k["dropped"])])
	rows.append(["sum"] + [count(n) for n in sums] + [""])
	yield from table(["packets", "received =", "forwarded +", "answered +", "to agent +", "dropped",
			  "by XDP", "by skb", "dropped why"], rows, left=(0, 8))


def streams(m):
	rows = []
	for a, b, kind, sent, got, _ in m.streams():
		same = got and got["sha256"] == sent["sha256"]
		rows.append(["%s to %s, %s" % (a, b, kind), count(sent["packets"]), sent["wraps"],
			     count(got["packets"]) if got else 0,
			     "%d of %d" % (got["rtcp"] if got else 0, sent["rtcp"]),
			     sent["sha256"][:16], got["sha256"][:16] if got else "-",
			     "same" if same else "DIFFERENT"])
	yield from table(["stream", "sent", "wraps", "delivered", "RTCP", "SHA-256 sent",
			  "delivered", ""], rows, left=(0, 5, 6, 7))


def attacks(m):
	what = {"replay": "recorded packets replayed", "forge": "forged packets, jumping numbers",
		"forge-stray": "valid-looking, from another port"}
	rows = []
	for name, a in m.attacks.items():
		who, _, how = name.partition("-")
		plain = " (plain leg)" if who == "alice" and not m.plan.secure else ""
		rows.append(["as %s: %s%s" % (who, what[how], plain), count(a["sent"]),
			     count(a["delivered"]), reasons(a["refused"])])
	rows.append(["then valid media, both ways", count(m.total("rtp_sent", "after")),
		     count(m.total("rtp", "after")), ""])
	yield from table(["attacks", "sent", "delivered", "refused as"], rows, left=(0, 3))


def call(m):
	yield "Call %s: %s" % (m.plan.name, m.plan.title)
	for part in (legs, streams, packets, attacks):
		yield ""
		yield from part(m)
	yield ""
	yield ""
