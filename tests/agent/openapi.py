#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""openapi.yaml against the agent: every operation and every status that it documents is
provoked, every answer has the documented shape, and nothing else is served."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "netlink"))
import specyaml
from agent import TREE, Tap, audio, equal, sdp
from https import TOKENS, Api

PATH = os.path.join(TREE, "userspace/ksrtpd/openapi.yaml")
with open(PATH) as f:
	TEXT = f.read()
SPEC = specyaml.load(TEXT)
VERBS = ("get", "post", "put", "patch", "delete")
TOKENS["blind"] = ("admin", "never")

api = Api("calls-max = 2\napi-rate = 1000\n")
tap = Tap("C1")


# -- the description

def resolve(node):
	while "$ref" in node:
		place = SPEC
		for part in node["$ref"].removeprefix("#/").split("/"):
			place = place[part]
		node = place
	return node


def operations():
	return {op["operationId"]: (verb, path, op) for path, item in SPEC["paths"].items()
		for verb, op in item.items()}


OPERATIONS = operations()
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
	"number": (int, float), "null": type(None)}


def of_type(value, name):
	if name == "integer" and isinstance(value, bool):
		return False
	return isinstance(value, TYPES[name])


def check(value, schema, where):
	schema = resolve(schema)
	if "anyOf" in schema:
		errors = []
		for one in schema["anyOf"]:
			try:
				return check(value, one, where)
			except AssertionError as e:
				errors.append(str(e))
		raise AssertionError("; ".join(errors))
	types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
	assert any(of_type(value, t) for t in types), "%s is %r, no %s" % (where, value, types)
	assert value in schema.get("enum", [value]), "%s is %r" % (where, value)
	if isinstance(value, list):
		for i, item in enumerate(value):
			check(item, schema["items"], "%s[%d]" % (where, i))
	if not isinstance(value, dict):
		return
	known = schema.get("properties", {})
	for name in schema.get("required", []):
		assert name in value, "%s.%s is missing" % (where, name)
	for name, member in value.items():
		assert name in known or schema["additionalProperties"], "%s.%s" % (where, name)
		if name in known:
			check(member, known[name], where + "." + name)


# -- what is done, in this order: operation, status, path, body, token

OFFER = sdp(audio(5004))
ANSWER = sdp(audio(6004, "active"))
PLAIN = sdp(audio(6004))
OTHER = ":".join(["5A"] * 32)
E2EE_OFFER = {"call": "e", "mode": "e2ee", "sdp": sdp(audio(5004, "actpass"))}
PARTY = {"user": "alice@example.org"}
STEPS = [
	("index", 200, {}, None, "reader"),
	("health", 200, {}, None, None),
	("openapi", 200, {}, None, "reader"),
	("metrics", 200, {}, None, "reader"),
	("ping", 200, {}, None, "reader"),
	("stats", 200, {}, None, "reader"),
	("call-offer", 201, {}, {"call": "c1", "sdp": OFFER, "to": {"interface": "b"}}, "caller"),
	("call-offer", 409, {}, {"call": "c1", "sdp": OFFER}, "caller"),
	("call-offer", 400, {}, {"call": "c2", "sdp": "nonsense"}, "caller"),
	("call-offer", 413, {}, {"call": "c2", "sdp": "x" * 300000}, "caller"),
	("call-offer", 415, {}, "call=c2", "caller"),
	("call-offer", 201, {}, {"call": "c2", "sdp": OFFER}, "caller"),
	("call-offer", 503, {}, {"call": "c3", "sdp": OFFER}, "caller"),
	("call-list", 200, {}, None, "reader"),
	("call-show", 200, {"call": "c1"}, None, "reader"),
	("leg-list", 200, {}, None, "reader"),
	("call-answer", 400, {"call": "c1"}, {"sdp": "nonsense"}, "caller"),
	("call-answer", 200, {"call": "c1"}, {"sdp": ANSWER}, "caller"),
	("call-answer", 409, {"call": "c1"}, {"sdp": ANSWER}, "caller"),
	("call-show", 200, {"call": "c1"}, None, "reader"),
	("drain", 200, {}, None, "owner"),
	("health", 503, {}, None, None),
	("undrain", 200, {}, None, "owner"),
	("call-del", 200, {"call": "c1"}, None, "caller"),
	("call-offer", 201, {}, {"call": "p", "sdp": OFFER, "to": {"protocol": "RTP/AVP"}}, "caller"),
	("call-answer", 200, {"call": "p"}, {"sdp": PLAIN}, "caller"),
	("call-reoffer", 200, {"call": "p"}, {"side": "callee", "sdp": PLAIN}, "caller"),
	("call-reoffer", 409, {"call": "p"}, {"side": "caller", "sdp": OFFER}, "caller"),
	("call-reoffer", 404, {"call": "c1"}, {"side": "caller", "sdp": OFFER}, "caller"),
	("call-del", 200, {"call": "p"}, None, "caller"),
	("call-offer", 201, {}, E2EE_OFFER, "caller"),
	("call-verify", 409, {"call": "e"}, {}, "caller"),
	("call-mismatch", 409, {"call": "e"}, None, "caller"),
	("call-answer", 200, {"call": "e"}, {"sdp": sdp(audio(6004, "active", OTHER))}, "caller"),
	("call-show", 200, {"call": "e"}, None, "reader"),
	("call-request", 409, {"call": "e"}, {"what": "record"}, "caller"),
	("call-request", 501, {"call": "c2"}, {"what": "record"}, "caller"),
	("call-verify", 200, {"call": "e"}, {"side": "caller"}, "caller"),
	("call-show", 200, {"call": "e"}, None, "reader"),
	("call-mismatch", 200, {"call": "e"}, None, "caller"),
	("call-verify", 404, {"call": "e"}, {}, "caller"),
	("call-mismatch", 404, {"call": "e"}, {}, "caller"),
	("call-request", 404, {"call": "e"}, {"what": "record"}, "caller"),
	("call-answer", 404, {"call": "c1"}, {"sdp": ANSWER}, "caller"),
	("policy-new", 201, {}, {"policy": "strict", "e2ee": "required"}, "owner"),
	("policy-new", 409, {}, {"policy": "strict"}, "owner"),
	("policy-list", 200, {}, None, "reader"),
	("policy-set", 200, {"policy": "strict"}, {"description": "for everybody"}, "owner"),
	("policy-set", 404, {"policy": "nothing"}, {"e2ee": "required"}, "owner"),
	("policy-grant", 201, {"policy": "strict"}, PARTY, "owner"),
	("policy-grant", 201, {"policy": "strict"}, {"group": "staff", "rank": 3}, "owner"),
	("policy-grant", 404, {"policy": "nothing"}, PARTY, "owner"),
	("policy-get", 200, {"policy": "strict"}, None, "reader"),
	("policy-effective", 200, {}, PARTY, "reader"),
	("policy-user", 200, {}, {"user": "bob@example.org", "e2ee": True}, "owner"),
	("policy-remove", 409, {"policy": "strict"}, None, "owner"),
	("policy-revoke", 200, {}, PARTY, "owner"),
	("policy-revoke", 404, {}, PARTY, "owner"),
	("policy-revoke", 200, {}, {"group": "staff"}, "owner"),
	("policy-remove", 200, {"policy": "strict"}, None, "owner"),
	("policy-log", 200, {}, None, "reader"),
	("federation-allow", 200, {}, {"host": "example.org"}, "owner"),
	("federation-deny", 200, {}, {"host": "192.0.2.0/24"}, "owner"),
	("federation-list", 200, {}, None, "reader"),
	("federation-remove", 200, {}, {"host": "example.org"}, "owner"),
	("federation-remove", 404, {}, {"host": "example.org"}, "owner"),
]
done = set()


def fill(path, parts):
	for name, value in parts.items():
		path = path.replace("{%s}" % name, value)
	for name in ("{call}", "{policy}"):
		path = path.replace(name, "nothing")
	return path


def body_schema(op):
	content = op.get("requestBody", {}).get("content", {})
	return content.get("application/json", {}).get("schema")


def perform(oid, status, parts=None, body=None, token=None, query=""):
	verb, path, op = OPERATIONS[oid]
	answer = api.ask(verb.upper(), fill(path, parts or {}) + query, body, token=token)
	equal(answer.status, status)
	documented = resolve(op["responses"].get(str(status)) or op["responses"]["default"])
	content = documented["content"]
	kind = answer.headers.get_content_type()
	assert kind in content, "%s: %s is not documented" % (oid, kind)
	if answer.json is not None:
		check(answer.json, content[kind]["schema"], oid)
	done.add((oid, str(status)))
	return answer


def test_steps():
	"""every documented operation works as documented, with the statuses that want a sequence"""
	for oid, status, parts, body, token in STEPS:
		if isinstance(body, dict) and status < 300:
			check(body, body_schema(OPERATIONS[oid][2]), oid + " body")
		try:
			answer = perform(oid, status, parts, body, token)
		except AssertionError as e:
			raise AssertionError("%s %d: %s" % (oid, status, e))
		if oid == "openapi":
			equal(answer.text, TEXT)


def test_events():
	"""the event stream is one, of server-sent events"""
	verb, path, op = OPERATIONS["events"]
	c = api.connect()
	c.request(verb.upper(), path, headers={"Authorization": "Bearer secret-reader"})
	response = c.getresponse()
	equal((response.status, response.headers.get_content_type()), (200, "text/event-stream"))
	assert "text/event-stream" in op["responses"]["200"]["content"]
	c.close()
	done.add(("events", "200"))


def test_unauthorized():
	"""without credentials every operation but health is 401"""
	for oid, (verb, path, op) in OPERATIONS.items():
		if "401" in op["responses"]:
			equal(perform(oid, 401, token=None).reason, "unauthorized")


def test_scopes():
	"""each operation demands the scope that is documented, and no more"""
	for oid, (verb, path, op) in OPERATIONS.items():
		if "x-scope" not in op:
			equal((oid, op.get("security")), ("health", []))
			continue
		token = "blind" if op["x-scope"] == "read" else "reader"
		answer = perform(oid, 403, token=token)
		equal(answer.reason, "forbidden")
		assert "scope " + op["x-scope"] in answer.json["error"]["message"], answer.text


def test_bad():
	"""unknown members, missing ones and wrong types are 400"""
	for oid, (verb, path, op) in OPERATIONS.items():
		if "400" not in op["responses"]:
			continue
		if not body_schema(op):
			perform(oid, 400, token="owner", query="?limit=0")
			perform(oid, 400, token="owner", query="?surprise=1")
			continue
		for body in ({"surprise": 1}, "[]", "{", "{\"a\":1,\"a\":1}", "[" * 5000):
			headers = {"Content-Type": "application/json"}
			answer = api.ask(verb.upper(), fill(path, {}), body, token="owner", headers=headers)
			equal((oid, answer.status, answer.reason), (oid, 400, "bad-request"))
		done.add((oid, "400"))


def test_missing():
	"""what is not there is 404"""
	for oid, (verb, path, op) in OPERATIONS.items():
		if "404" in op["responses"] and "{" in path and not body_schema(op):
			perform(oid, 404, token="owner")


def test_all_done():
	"""each status that is documented was seen"""
	documented = {(oid, status) for oid, (_, _, op) in OPERATIONS.items()
		for status in op["responses"] if status != "default"}
	equal(documented - done, set())


def test_index():
	"""what is served is what is documented: no operation more, none less"""
	served = {(o["verb"].lower(), o["path"]) for o in api.ask("GET", "/v1").json["operations"]}
	equal(served, {(verb, path) for verb, path, _ in OPERATIONS.values()})
	for path in SPEC["paths"]:
		for verb in VERBS:
			if verb in SPEC["paths"][path]:
				continue
			answer = api.ask(verb.upper(), fill(path, {}), token="owner")
			equal((path, verb, answer.status), (path, verb, 405))
			assert verb.upper() not in answer.headers["Allow"].split(", ")


def test_methods():
	"""an operationId is a method of the control socket, where it is not of HTTP alone"""
	client = api.agent.client()
	for oid in set(OPERATIONS) - {"index", "health", "openapi", "events"}:
		client.last_id += 1
		client.send(b'{"id":%d,"method":"%s","params":{"surprise":1}}\n' % (client.last_id,
			oid.encode()))
		message = client.line()["error"]["message"]
		assert "unknown method" not in message, message
	client.close()


for test in (test_steps, test_events, test_unauthorized, test_scopes, test_bad, test_missing,
		test_all_done, test_index, test_methods):
	tap.run(test)
try:
	api.remove()
except AssertionError as e:
	print("Bail out! %s" % e)
	sys.exit(1)
sys.exit(tap.end())
