#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Policies and federation lists over the control socket, and over a kill of the agent."""

import subprocess
import sys
import time

sys.dont_write_bytecode = True
from agent import PROGRAM, Agent, Tap, audio, equal, refused, sdp

agent = Agent(state=True)
client = agent.client()
tap = Tap("C3")


def ask(method, **params):
	return client.ask(method, **params)


def restart(how):
	"""Ends the agent and starts it again on the same state."""
	global client
	client.close()
	if how == "kill":
		agent.process.kill()
		agent.process.wait()
		agent.stderr.close()
	else:
		equal(agent.end(), 0)
	agent.start()
	client = agent.client()


def test_default():
	"""C3: at first there is Global alone: end-to-end encryption is off unless users want it"""
	equal(ask("policy-list"), {"policies": [{"policy": "Global", "e2ee": "disabled-user-override",
		"on_mismatch": "end", "description": ""}]})
	equal(ask("policy-effective", user="alice"), {"policy": "Global", "e2ee": "disabled-user-override",
		"on_mismatch": "end", "description": "", "by": "global", "name": None, "wants": False})
	equal(ask("policy-log"), {"entries": []})


def test_verbs():
	"""C3: new, get, set, grant, revoke, remove, list"""
	made = {"policy": "board", "e2ee": "required", "on_mismatch": "keep", "description": "the board"}
	equal(ask("policy-new", **made), made)
	made["on_mismatch"] = "end"
	equal(ask("policy-set", policy="board", on_mismatch="end"), made)
	equal(ask("policy-grant", policy="board", user="Alice@example.org"),
		{"policy": "board", "user": "Alice@example.org"})
	equal(ask("policy-grant", policy="board", group="directors", rank=5),
		{"policy": "board", "group": "directors", "rank": 5})
	equal(ask("policy-get", policy="BOARD"), dict(made, grants=[
		{"kind": "user", "name": "alice@example.org", "policy": "board"},
		{"kind": "group", "name": "directors", "policy": "board", "rank": 5}]))
	effect = ask("policy-effective", user="bob", groups=["staff", "Directors"])
	equal((effect["policy"], effect["by"], effect["name"], effect["wants"]),
		("board", "group", "directors", True))
	equal([p["policy"] for p in ask("policy-list")["policies"]], ["Global", "board"])
	refused("policy-in-use", "user alice@example.org", lambda: ask("policy-remove", policy="board"))
	equal(ask("policy-revoke", user="ALICE@example.org"), {"user": "ALICE@example.org"})
	ask("policy-revoke", group="directors")
	equal(ask("policy-remove", policy="board"), {"policy": "board"})
	refused("policy-in-use", "cannot be removed", lambda: ask("policy-remove", policy="Global"))


def test_refused():
	"""C3: what is wrong with a request is said, and changes nothing"""
	before = ask("policy-list"), ask("policy-log")
	for reason, words, method, params in (
		("bad-request", "params.policy is missing", "policy-new", {}),
		("bad-request", "'a b' is no name", "policy-new", {"policy": "a b"}),
		("bad-request", "unknown member 'color'", "policy-new", {"policy": "a", "color": "red"}),
		("bad-request", "'on' is none of disabled,", "policy-new", {"policy": "a", "e2ee": "on"}),
		("bad-request", "'x' is none of end, keep", "policy-new", {"policy": "a", "on_mismatch": "x"}),
		("bad-request", "description is no string of up to 255", "policy-new",
			{"policy": "a", "description": "x" * 256}),
		("policy-exists", "named Global already", "policy-new", {"policy": "global"}),
		("no-such-policy", "named x", "policy-set", {"policy": "x"}),
		("no-such-policy", "named x", "policy-get", {"policy": "x"}),
		("bad-request", "none of user, group, organisation", "policy-grant", {"policy": "Global"}),
		("bad-request", "both user and group", "policy-grant",
			{"policy": "Global", "user": "a", "group": "b", "rank": 1}),
		("bad-request", "rank is missing", "policy-grant", {"policy": "Global", "group": "b"}),
		("bad-request", "rank is for groups only", "policy-grant",
			{"policy": "Global", "user": "a", "rank": 1}),
		("bad-request", "rank is no number", "policy-grant",
			{"policy": "Global", "group": "b", "rank": 0}),
		("bad-request", "control characters", "policy-grant", {"policy": "Global", "user": "a\u0001"}),
		("no-such-grant", "organisation a", "policy-revoke", {"organisation": "a"}),
		("bad-request", "none of true, false, null", "policy-user", {"user": "a", "e2ee": "yes"}),
		("bad-request", "unknown member 'name'", "policy-effective", {"name": "a"}),
		("bad-request", "groups: is no array", "policy-effective", {"groups": "a"}),
		("bad-request", "wants: is neither true nor false", "policy-effective", {"wants": 1}),
		("bad-request", "limit is no number", "policy-log", {"limit": 1001}),
	):
		refused(reason, words, lambda: ask(method, **params))
	equal((ask("policy-list"), ask("policy-log")), before)


def test_user():
	"""C3: a user's own choice, where the policy leaves it to him"""
	ask("policy-new", policy="choice", e2ee="disabled-user-override")
	ask("policy-grant", policy="choice", organisation="example.org")
	who = {"user": "carol", "organisation": "example.org"}
	equal(ask("policy-user", user="carol"), {"user": "carol", "e2ee": None})
	equal(ask("policy-effective", **who)["wants"], False)
	equal(ask("policy-user", user="Carol", e2ee=True), {"user": "Carol", "e2ee": True})
	equal(ask("policy-effective", **who)["wants"], True)
	equal(ask("policy-effective", wants=False, **who)["wants"], False)
	equal(ask("policy-user", user="carol", e2ee=None), {"user": "carol", "e2ee": None})
	equal(ask("policy-effective", **who)["wants"], False)


def test_log():
	"""C3: every change is in the log with who and when, newest first"""
	before = ask("policy-log", limit=1)["entries"][0]["id"]
	ask("policy-set", policy="Global", e2ee="disabled")
	ask("policy-user", user="dave", e2ee=True)
	ask("federation-deny", host="log.example")
	ask("federation-remove", host="log.example")
	entries = [e for e in ask("policy-log")["entries"] if e["id"] > before]
	equal([(e["verb"], e["object"], e["before"], e["after"]) for e in entries], [
		("federation-remove", "log.example", "", ""), ("deny", "log.example", "", ""),
		("user", "user dave", "", "e2ee=on"),
		("set", "Global", "e2ee=disabled-user-override on-mismatch=end", "e2ee=disabled on-mismatch=end")])
	for entry in entries:
		assert entry["who"].startswith(("local", "uid 0")), entry
		assert abs(entry["at_ms"] / 1000 - time.time()) < 600, entry
	equal([e["id"] for e in ask("policy-log", before=entries[1]["id"], limit=2)["entries"]],
		[e["id"] for e in entries[2:]])


def test_federation():
	"""E4: lists of hosts allowed and denied, with what is wrong said"""
	equal(ask("federation-list"), {"default": "allow", "allow": [], "deny": []})
	for host in ("Partner.example.", ".partner.example", "2001:DB8::/32"):
		equal(ask("federation-allow", host=host), {"host": host})
	for host in ("bad.partner.example", "192.0.2.0/24", "192.0.2.0/24"):
		ask("federation-deny", host=host)
	lists = {"default": "allow", "allow": [".partner.example", "2001:db8::/32", "partner.example"],
		"deny": ["192.0.2.0/24", "bad.partner.example"]}
	equal(ask("federation-list"), lists)
	refused("bad-request", "bits behind its length", lambda: ask("federation-deny", host="192.0.2.1/24"))
	refused("bad-request", "neither a name", lambda: ask("federation-deny", host="*.example"))
	refused("bad-request", "params.host is missing", lambda: ask("federation-deny"))
	refused("no-such-entry", "nowhere.example", lambda: ask("federation-remove", host="nowhere.example"))
	equal(ask("federation-list"), lists)


def offer(call, setup="actpass", mode=None, caller=None, callee=None, **to):
	"""Offers a call between two parties; the mode that it was made in."""
	params = {"mode": mode} if mode else {}
	ask("call-offer", call=call, sdp=sdp(audio(5004, setup)), to=dict(to, party=callee or {}),
		**dict(params, from_={"party": caller or {}}))
	made = agent.kernel("call_new")[-1]
	equal(made["name"], call)
	ask("call-del", call=call)
	return made["mode"]


def test_calls():
	"""C2, C3: a call is end to end if both parties want it, and refused where it must be and cannot"""
	ask("policy-new", policy="must", e2ee="required")
	ask("policy-new", policy="may", e2ee="disabled-user-override")
	ask("policy-grant", policy="must", user="board@example.org")
	ask("policy-grant", policy="may", organisation="open.example")
	board = {"user": "board@example.org"}
	wants = {"user": "a@open.example", "organisation": "open.example", "wants": True}
	not_ = dict(wants, wants=False)
	equal(offer("p1", caller=board, callee=wants), "e2ee")
	equal(offer("p2", caller=wants, callee=board), "e2ee")
	equal(offer("p3", caller=wants, callee=not_), "transport")
	equal(offer("p4", caller=wants, callee=wants, mode="transport"), "transport")
	equal(offer("p5"), "transport")
	before = len(agent.kernel())
	required = "policy-requires-e2ee"
	refused(required, "the callee does not want it", lambda: offer("r", caller=board, callee=not_))
	refused(required, "the caller does not want it", lambda: offer("r", callee=board))
	refused(required, "another mode", lambda: offer("r", caller=board, callee=wants, mode="transport"))
	refused(required, "telephone network", lambda: offer("r", caller=board, callee={"pstn": True}))
	refused(required, "without DTLS-SRTP", lambda: offer("r", setup=None, caller=board, callee=wants))
	refused(required, "without DTLS-SRTP", lambda: offer("r", caller=board, callee=wants,
		protocol="RTP/AVP"))
	refused("e2ee-unavailable", "does not want it", lambda: offer("r", caller=wants, callee=not_,
		mode="e2ee"))
	refused("bad-request", "params.to.party: unknown member 'x'", lambda: offer("r", callee={"x": 1}))
	equal(len(agent.kernel()), before)
	equal(ask("call-list"), {"calls": []})


def test_telephone():
	"""C6: with the telephone network on either side a call is never end to end, whoever wants it"""
	wants = {"user": "a@open.example", "organisation": "open.example", "wants": True}
	line = dict(wants, user="b@open.example", pstn=True)
	equal(offer("q1", caller=wants, callee=dict(line, pstn=False)), "e2ee")
	for caller, callee in ((wants, line), (line, wants), (line, line)):
		equal(offer("q2", caller=caller, callee=callee), "transport")
		before = len(agent.kernel())
		refused("e2ee-unavailable", "telephone network", lambda: offer("q3", mode="e2ee", caller=caller,
			callee=callee))
		equal(len(agent.kernel()), before)
	# The trunk's leg is plain, and what the indicator says is less than a shield.
	ask("call-offer", call="q4", sdp=sdp(audio(5004)), from_={"party": line}, to={"party": wants,
		"protocol": "RTP/AVP"})
	ask("call-answer", call="q4", sdp=sdp(audio(6004)))
	show = ask("call-show", call="q4")
	equal((show["state"], show["mode"], show["indicator"], show["code"]), ("established", "none", "none",
		None))
	ask("call-del", call="q4")


def test_hosts():
	"""E4: a call from a host that is denied is refused, and nothing is made for it"""
	ask("federation-deny", host=".evil.example")
	before = len(agent.kernel())
	for host in ("a.evil.example", "192.0.2.9"):
		refused("federation-denied", host, lambda: ask("call-offer", call="f", sdp=sdp(audio(5004)),
			from_={"domain": host}))
	refused("bad-request", "to: unknown member 'domain'", lambda: ask("call-offer", call="f",
		sdp=sdp(audio(5004)), to={"domain": "a.example"}))
	equal(len(agent.kernel()), before)
	ask("call-offer", call="f", sdp=sdp(audio(5004)), from_={"domain": "evil.example"})
	ask("call-del", call="f")


def test_kept():
	"""C3, E4: policies, grants, choices, log and lists are the same after a kill and after a stop"""
	def everything():
		return [ask("policy-list"), ask("policy-get", policy="choice"), ask("policy-log"),
			ask("policy-user", user="dave"), ask("federation-list")]
	before = everything()
	for how in ("kill", "stop"):
		restart(how)
		equal(everything(), before)


def test_second():
	"""a second agent does not get the same state folder, and says why"""
	folder = agent.options[agent.options.index("-S") + 1]
	second = subprocess.run([PROGRAM, "-s", agent.path + "2", "-i", "a=127.0.0.1", "-S", folder],
		capture_output=True, text=True, timeout=60, env={"ASAN_OPTIONS": "detect_leaks=0"})
	equal(second.returncode, 1)
	assert "state-dir %s is used by another ksrtpd" % folder in second.stderr, second.stderr


tap.run(test_default)
tap.run(test_verbs)
tap.run(test_refused)
tap.run(test_user)
tap.run(test_federation, rows="E4")
tap.run(test_log)
tap.run(test_calls, rows="C2,C3,C6")
tap.run(test_telephone, rows="C6,C2,C5")
tap.run(test_hosts, rows="E4")
tap.run(test_kept, rows="C3,E4")
tap.run(test_second, rows="C1")
client.close()
agent.remove()
sys.exit(tap.end())
