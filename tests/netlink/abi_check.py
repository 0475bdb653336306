#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Proves that include/netlink/ksrtp.yaml, include/uapi/linux/ksrtp.h, the policies and
operations of kmod/ and the names of libksrtp say the same; and, by changing one of
them after the other, that it would notice if they did not.

	abi_check.py [-v]	the sources, with mutations
	abi_check.py --live	what the running kernel says of the loaded module
				(wants build/tests/netlink/policy_dump and CAP_NET_ADMIN)
"""

import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.realpath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import specyaml  # noqa: E402

SPEC = "include/netlink/ksrtp.yaml"
HEADER = "include/uapi/linux/ksrtp.h"
POLICY = "kmod/netlink_policy.c"
POLICY_H = "kmod/netlink_policy.h"
OPS = "kmod/netlink.c"
NAMES = "userspace/libksrtp/names.c"
ATTRS = "userspace/libksrtp/attr.c"

WIDTH = {"u8": 8, "u16": 16, "u32": 32, "u64": 64, "be16": 16, "be32": 32}


def c_name(*parts):
	return "_".join(parts).replace("-", "_").upper()


class Files:
	"""The sources, some of them changed."""

	def __init__(self, changed=None):
		self.changed = changed or {}

	def text(self, path):
		if path in self.changed:
			return self.changed[path]
		with open(os.path.join(TREE, path)) as f:
			return f.read()

	def run_c(self, source, *options, after=()):
		"""Compile a program against the sources and answer what it prints."""
		with tempfile.TemporaryDirectory() as tmp:
			for path in (HEADER, POLICY, POLICY_H, NAMES, ATTRS):
				os.makedirs(os.path.join(tmp, os.path.dirname(path)), exist_ok=True)
				with open(os.path.join(tmp, path), "w") as f:
					f.write(self.text(path))
			main = os.path.join(tmp, "main.c")
			with open(main, "w") as f:
				f.write(source)
			argv = ["gcc", "-std=gnu11", "-Wall", "-Werror", "-D_GNU_SOURCE",
				"-I" + os.path.join(tmp, "include/uapi"), "-I" + os.path.join(TREE, "include"),
				"-I" + os.path.join(tmp, "kmod"), "-I" + HERE, *options, main,
				"-o", os.path.join(tmp, "main")]
			argv += [os.path.join(tmp, a) if a.endswith(".c") else a for a in after]
			got = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
					     text=True, check=False)
			if got.returncode:
				raise Wrong(["does not compile: " + got.stdout[-1500:]])
			got = subprocess.run([os.path.join(tmp, "main")], stdout=subprocess.PIPE,
					     text=True, check=False)
			if got.returncode:
				raise Wrong(["what was compiled ends with status %d" % got.returncode])
			return got.stdout


class Wrong(Exception):
	def __init__(self, lines):
		super().__init__("; ".join(lines))
		self.lines = lines


class Spec:
	def __init__(self, text):
		self.doc = specyaml.load(text)
		self.consts, self.enums, self.flags = {}, {}, {}
		self.prefix, self.with_max = {}, set()
		for d in self.doc["definitions"]:
			if d["type"] == "const":
				self.consts[d["name"]] = d["value"]
				continue
			names = [e["name"] for e in d["entries"]]
			(self.enums if d["type"] == "enum" else self.flags)[d["name"]] = names
			if d.get("render-max"):
				self.with_max.add(d["name"])
			self.prefix[d["name"]] = c_name(d.get("name-prefix", "ksrtp-" + d["name"] + "-"))
		self.sets = {s["name"]: s["attributes"] for s in self.doc["attribute-sets"]}
		self.ops = self.doc["operations"]["list"]

	def number(self, value):
		return self.consts[value] if isinstance(value, str) else value

	def attr(self, set_name, name):
		for number, attr in enumerate(self.sets[set_name], 1):
			if attr["name"] == name:
				return number, attr
		raise Wrong(["attribute set '%s' has no '%s'" % (set_name, name)])

	def symbols(self):
		"""Every name that the header must have, with its value."""
		out = {"KSRTP_FAMILY_VERSION": 1}
		for name, value in self.consts.items():
			out[c_name("ksrtp", name)] = value
		for name, entries in self.enums.items():
			for value, entry in enumerate(entries):
				out[self.prefix[name] + c_name(entry)] = value
			if name in self.with_max:
				out[c_name("ksrtp", name, "max")] = len(entries) - 1
		for name, entries in self.flags.items():
			for bit, entry in enumerate(entries):
				out[self.prefix[name] + c_name(entry)] = 1 << bit
		for name, attrs in self.sets.items():
			for value, attr in enumerate(attrs, 1):
				out[c_name("ksrtp-a", name, attr["name"])] = value
			out[c_name("ksrtp-a", name, "max")] = len(attrs)
		for value, op in enumerate(self.ops, 1):
			out[c_name("ksrtp-cmd", op["name"])] = value
		out["KSRTP_CMD_MAX"] = len(self.ops)
		return out

	def requests(self):
		"""name of the policy -> (set, attribute names) of each do and dump; "none" of
		those that take no attribute."""
		out = {}
		for op in self.ops:
			for way in ("do", "dump"):
				if way not in op:
					continue
				request = op[way].get("request", {}).get("attributes", [])
				out[policy_name(op["name"], way) if request else "none"] = (
					op["attribute-set"], request)
		return out

	def policy(self, set_name, attr):
		"""What the kernel's policy of an attribute must be."""
		checks = {k: self.number(v) for k, v in attr.get("checks", {}).items()}
		kind = attr["type"]
		if kind == "string":
			return {"type": "nul-string", "max": checks["max-len"]}
		if kind == "binary":
			length = checks.get("exact-len")
			return {"type": "binary", "min": checks.get("min-len", length),
				"max": checks.get("max-len", length)}
		if kind == "flag":
			return {"type": "flag"}
		if kind == "nest":
			return {"type": "nested"}
		if attr.get("byte-order") == "big-endian":
			kind = "be" + kind[1:]
		out = {"type": kind}
		if attr.get("enum-as-flags"):
			out["mask"] = (1 << len(self.flags[attr["enum"]])) - 1
			return out
		if "enum" in attr:
			if attr["enum"] not in self.enums:
				raise Wrong(["attribute %s/%s is of no enum" % (set_name, attr["name"])])
			checks["max"] = len(self.enums[attr["enum"]]) - 1
		if kind in WIDTH:
			out["min"] = checks.get("min", 0)
			out["max"] = checks.get("max", (1 << WIDTH[kind]) - 1)
		else:
			out["min"] = checks.get("min", -1 << 31)
			out["max"] = checks.get("max", (1 << 31) - 1)
		return out

	def policies(self):
		out = {}
		for name, (set_name, attrs) in self.requests().items():
			out[name] = {}
			for a in attrs:
				number, attr = self.attr(set_name, a)
				out[name][number] = self.policy(set_name, attr)
		return out

	def nested_policies(self):
		"""Those of the nests in requests: all attributes of a nest may be in one."""
		out = {}
		for set_name, attrs in self.requests().values():
			for a in attrs:
				nest = self.attr(set_name, a)[1].get("nested-attributes")
				if nest:
					out[nest] = {n: self.policy(nest, attr)
						     for n, attr in enumerate(self.sets[nest], 1)}
		return out


def policy_name(op, way):
	"""call-get do -> call_get, call-get dump -> call_dump, as kmod/ names them."""
	return re.sub("-get$", "-dump" if way == "dump" else "-get", op).replace("-", "_")


def filled(policy):
	"""The bounds that a type has by itself."""
	out = dict(policy)
	if "mask" in out:
		out.pop("min", None)
		out.pop("max", None)
	elif out["type"] in WIDTH:
		out.setdefault("min", 0)
		out.setdefault("max", (1 << WIDTH[out["type"]]) - 1)
	elif out["type"] == "s32":
		out.setdefault("min", -1 << 31)
		out.setdefault("max", (1 << 31) - 1)
	return out


def compare_policies(want, have, where, unseen=()):
	"""@unseen: types that @have cannot show."""
	wrong = []
	for name in sorted(set(want) | set(have)):
		if name not in have or name not in want:
			wrong.append("%s: policy %s is only in the %s" %
				     (where, name, "specification" if name in want else "module"))
			continue
		for number in sorted(set(want[name]) | set(have[name])):
			w, h = want[name].get(number), have[name].get(number)
			if w and not h and w["type"] in unseen:
				continue
			if w != (h and filled(h)):
				wrong.append("%s: policy %s, attribute %d: specification %s, module %s" %
					     (where, name, number, w, h and filled(h)))
	return wrong


def check_spec(files):
	"""The specification is complete in itself."""
	spec = Spec(files.text(SPEC))
	wrong = []
	used = set()
	for name, attrs in spec.sets.items():
		for attr in attrs:
			if attr["type"] != "pad" and not attr.get("doc"):
				wrong.append("attribute %s/%s is not documented" % (name, attr["name"]))
			if attr["type"] == "nest":
				used.add(attr["nested-attributes"])
			if "enum" in attr and attr["enum"] not in spec.enums and attr["enum"] not in spec.flags:
				wrong.append("attribute %s/%s: no enum %s" % (name, attr["name"], attr["enum"]))
	for op in spec.ops:
		used.add(op["attribute-set"])
		if not op.get("doc"):
			wrong.append("operation %s is not documented" % op["name"])
		if "event" in op:
			if op.get("mcgrp") != "events":
				wrong.append("event %s is of no group" % op["name"])
		elif op.get("flags") != ["uns-admin-perm"]:
			wrong.append("operation %s does not demand uns-admin-perm" % op["name"])
		for way in ("do", "dump", "event"):
			for part in ("request", "reply", None):
				body = op.get(way, {}) if part is None else op.get(way, {}).get(part, {})
				for attr in body.get("attributes", []):
					number, a = spec.attr(op["attribute-set"], attr)
					if part == "reply" and "write-only" in a.get("doc", ""):
						wrong.append("%s answers with %s, which is write-only" %
							     (op["name"], attr))
	wrong += ["attribute set %s is used by nothing" % s for s in set(spec.sets) - used]
	if [g["name"] for g in spec.doc["mcast-groups"]["list"]] != ["events"]:
		wrong.append("the multicast group is not 'events'")
	return wrong


def check_header(files):
	"""The header has exactly the names of the specification, with their values."""
	want = Spec(files.text(SPEC)).symbols()
	text = re.sub(r"/\*.*?\*/", "", files.text(HEADER), flags=re.S)
	have = set(re.findall(r"^\s*(KSRTP_\w+)\s*(?:,|=|$)", text, re.M))
	have |= set(re.findall(r"^#define\s+(KSRTP_\w+)\s+\d+\s*$", text, re.M))
	# A border inside an enum; not a value of its own.
	have.discard("KSRTP_REASON_TX_FIRST")
	wrong = ["header lacks %s" % n for n in sorted(set(want) - have)]
	wrong += ["header has %s, of which the specification says nothing" % n
		  for n in sorted(have - set(want))]
	if wrong:
		return wrong
	lines = "".join('\tprintf("%%s %%lld\\n", "%s", (long long)%s);\n' % (n, n) for n in want)
	out = files.run_c("#include <stdio.h>\n#include <linux/ksrtp.h>\nint main(void)\n{\n%s"
			  '\tprintf("name %%s\\ngroup %%s\\n", KSRTP_FAMILY_NAME, KSRTP_MCGRP_EVENTS);\n'
			  "\treturn 0;\n}\n" % lines)
	values = dict(line.split() for line in out.split("\n") if line)
	for name, text in (("name", "ksrtp"), ("group", "events")):
		if values.pop(name) != text:
			wrong.append("the %s is not '%s'" % (name, text))
	return wrong + ["%s is %s in the header, %d in the specification" % (n, v, want[n])
			for n, v in values.items() if int(v) != want[n]]


def source_policies(files):
	names = re.findall(r"extern const struct nla_policy ksrtp_nl_(\w+)_policy\[", files.text(POLICY_H))
	lines = "".join('\tprint_policy("%s", ksrtp_nl_%s_policy, sizeof(ksrtp_nl_%s_policy) / '
			"sizeof(struct nla_policy));\n" % (n, n, n) for n in names)
	out = files.run_c('#include "policy_native.h"\nint main(void)\n{\n%s\treturn 0;\n}\n' % lines,
			  "-I" + os.path.join(HERE, "stub"), after=(POLICY,))
	got = {}
	for line in out.split("\n"):
		if line:
			p = json.loads(line)
			got[p["policy"]] = p
	return got


def check_policies(files):
	"""The tables of kmod/netlink_policy.c, compiled and printed."""
	got = source_policies(files)
	have = {n: {int(k): v for k, v in p["attrs"].items()} for n, p in got.items()}
	spec = Spec(files.text(SPEC))
	wrong = compare_policies({**spec.policies(), **spec.nested_policies()}, have, POLICY)
	# A longer table would take, and refuse, attributes that are not the command's.
	return wrong + ["%s: policy %s goes on behind its last attribute" % (POLICY, n)
			for n, p in got.items() if p["maxattr"] != max(have[n], default=1)]


def check_ops(files):
	"""The operations of kmod/netlink.c: order, do and dump, policies, privilege."""
	spec = Spec(files.text(SPEC))
	text = files.text(OPS)
	table = re.search(r"genl_split_ops ops\[\] = \{(.*?)\n\};", text, re.S)
	if not table:
		return ["%s has no table of operations" % OPS]
	have = []
	for body in re.findall(r"\{([^{}]*)\}", table.group(1)):
		field = dict(re.findall(r"\.(\w+) = (\w+)", body))
		policy = re.search(r"POLICY\((\w+)\)", body)
		have.append((field.get("cmd"), "do" if "doit" in field else "dump",
			     field.get("flags"), policy and policy.group(1)))
	want = []
	requests = spec.requests()
	for op in spec.ops:
		for way in ("do", "dump"):
			if way in op:
				name = policy_name(op["name"], way)
				want.append((c_name("ksrtp-cmd", op["name"]), way, way.upper(),
					     name if name in requests else "none"))
	wrong = ["%s: operation %s is not in the specification" % (OPS, h) for h in have if h not in want]
	wrong += ["%s lacks operation %s" % (OPS, w) for w in want if w not in have]
	if not wrong and have != want:
		wrong.append("%s: the order of operations is not the specification's" % OPS)
	for way in ("DO", "DUMP"):
		if not re.search(r"#define %s\s+\(GENL_UNS_ADMIN_PERM \| GENL_CMD_CAP_%s\)" % (way, way), text):
			wrong.append("%s: %s does not demand GENL_UNS_ADMIN_PERM" % (OPS, way))
	if not re.search(r"KSRTP_MCGRP_EVENTS, \.flags = GENL_MCAST_CAP_NET_ADMIN", text):
		wrong.append("%s: the group does not demand CAP_NET_ADMIN" % OPS)
	if "GENL_DONT_VALIDATE" in text or "resv_start_op" in text:
		wrong.append("%s: validation is not strict" % OPS)
	return wrong


def check_names(files):
	"""The names that libksrtp gives to values, attributes, commands and events."""
	spec = Spec(files.text(SPEC))
	lines, want = "", []

	def expect(call, name):
		nonlocal lines
		want.append((call, name))
		lines += '\tputs(%s);\n' % call
	for enum, function in (("suite", "suite"), ("mode", "mode"), ("leg-state", "state"),
			       ("direction", "direction"), ("datapath", "datapath"),
			       ("slow", "slow"), ("reason", "reason")):
		for value, name in enumerate(spec.enums[enum]):
			expect("ksrtp_%s_name(%d)" % (function, value), name)
		expect("ksrtp_%s_name(%d)" % (function, len(spec.enums[enum])), "unknown")
		expect("ksrtp_%s_name(0xffffffff)" % function, "unknown")
	for value, op in enumerate(spec.ops, 1):
		if "event" in op:
			continue
		expect("ksrtp_cmd_name(%d)" % value, op["name"])
		for number, attr in enumerate(spec.sets[op["attribute-set"]], 1):
			expect("ksrtp_attr_name(%d, %d) ?: \"none\"" % (value, number), attr["name"])
	out = files.run_c('#include <stdio.h>\n#include "handle.h"\nint main(void)\n{\n%s'
			  "\treturn 0;\n}\n" % lines,
			  "-I" + os.path.join(TREE, "userspace/libksrtp"), after=(NAMES, ATTRS, "-lmnl"))
	wrong = ["libksrtp: %s is '%s', in the specification '%s'" % (call, got, name)
		 for (call, name), got in zip(want, out.split("\n")) if got != name]
	with open(os.path.join(TREE, "userspace/libksrtp/events.c")) as f:
		events = dict(re.findall(r"\[KSRTP_CMD_(\w+)_NTF\] = \"([\w-]+)\"", f.read()))
	ntf = {c_name(o["name"][:-4]): o["name"][:-4] for o in spec.ops if "event" in o}
	return wrong + ([] if events == ntf else ["libksrtp: the names of events differ"])


CHECKS = (check_spec, check_header, check_policies, check_ops, check_names)

# file, what, by what: each must be noticed
MUTATIONS = (
	(SPEC, "name: stale\n", "name: stalled\n"),
	(SPEC, "        value: 8192\n".replace("        ", "    "), "    value: 4096\n"),
	(SPEC, "      -\n        name: dscp\n", "      -\n        name: tos\n"),
	(SPEC, "attributes: [ name, mode, owner, lease ]", "attributes: [ name, mode, owner ]"),
	(SPEC, "          max: 63\n", "          max: 255\n"),
	(SPEC, "        type: s32\n", "        type: u32\n"),
	(SPEC, "          exact-len: cm-auth-len\n", "          exact-len: 14\n"),
	(SPEC, "        enum-as-flags: true\n        doc: What it carries", "        doc: What it carries"),
	(SPEC, "      flags: [ uns-admin-perm ]\n      do:\n        reply:\n          attributes: [ version",
	 "      flags: [ admin-perm ]\n      do:\n        reply:\n          attributes: [ version"),
	(SPEC, "suite, active, srtp-used", "suite, srtp-key, active, srtp-used"),
	(HEADER, "\tKSRTP_REASON_OLD,", "\tKSRTP_REASON_OLD = 20,"),
	(HEADER, "\tKSRTP_A_LEG_DSCP,", "\tKSRTP_A_LEG_TOS,"),
	(HEADER, "\tKSRTP_CMD_KEY_GET,", "\tKSRTP_CMD_KEY_GET = 30,"),
	(HEADER, "KSRTP_STREAMS_MAX\t1024", "KSRTP_STREAMS_MAX\t2048"),
	(HEADER, "KSRTP_LEG_F_NO_FRAG = 1 << 1", "KSRTP_LEG_F_NO_FRAG = 1 << 2"),
	(HEADER, "\tKSRTP_A_OWNER_ID = 1,", "\tKSRTP_A_OWNER_ID = 1,\n\tKSRTP_A_OWNER_NAME,"),
	(HEADER, '"ksrtp"', '"ksrtq"'),
	(POLICY, "NLA_POLICY_MAX(NLA_U8, 63)", "NLA_POLICY_MAX(NLA_U8, 64)"),
	(POLICY, "\t[KSRTP_A_KEY_SRTP_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 16, 32)",
	 "\t[KSRTP_A_KEY_SRTP_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 16, 64)"),
	(POLICY, "\t[KSRTP_A_CALL_LEASE] = NLA_POLICY_FULL_RANGE(NLA_U32, &lease_range),\n", ""),
	(POLICY, "{ .type = NLA_BE32 }", "{ .type = NLA_U32 }"),
	(POLICY, ".len = KSRTP_NAME_MAX", ".len = KSRTP_NAME_MAX + 1"),
	(POLICY, "(KSRTP_LEG_F_LEARN | KSRTP_LEG_F_NO_FRAG)", "(KSRTP_LEG_F_LEARN)"),
	(POLICY, "\t[KSRTP_A_LEG_ID] = ID,\n\t[KSRTP_A_LEG_SOCKET_WANTED]", "\t[KSRTP_A_LEG_SOCKET_WANTED]"),
	(POLICY_H, "ksrtp_nl_key_del_policy[KSRTP_A_KEY_SLOT + 1]", "ksrtp_nl_key_del_policy[KSRTP_A_KEY_SUITE + 1]"),
	(OPS, "\t\t.doit = ksrtp_nl_stats_get,\n\t\tPOLICY(none),", "\t\t.doit = ksrtp_nl_stats_get,"),
	(OPS, "\t\t.dumpit = ksrtp_nl_key_dump,\n\t\tPOLICY(key_dump),", "\t\t.dumpit = ksrtp_nl_key_dump,"),
	(OPS, "#define DUMP\t\t(GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP)", "#define DUMP\t\t(GENL_CMD_CAP_DUMP)"),
	(OPS, ".flags = GENL_MCAST_CAP_NET_ADMIN", ".flags = 0"),
	(OPS, "\t\t.cmd = KSRTP_CMD_ROUTE_DEL,", "\t\t.cmd = KSRTP_CMD_ROUTE_GET,"),
	(NAMES, '"tx-late"', '"tx-old"'),
	(ATTRS, '"srtcp-salt"', '"srtcp-key"'),
)


def look(files):
	wrong = []
	for check in CHECKS:
		try:
			wrong += check(files)
		except (Wrong, specyaml.YamlError) as e:
			wrong.append("%s: %s" % (check.__name__, e))
	return wrong


def mutate(path, old, new):
	text = Files().text(path)
	if old not in text:
		raise SystemExit("abi_check: %s has no %r to change" % (path, old))
	text = text.replace(old, new)
	if path == POLICY_H:	# the table's definition says its length as well
		return Files({path: text, POLICY: Files().text(POLICY).replace(old, new)})
	return Files({path: text})


class Tap:
	def __init__(self):
		self.count = self.failed = 0

	def result(self, ok, text, lines=()):
		self.count += 1
		self.failed += not ok
		print("%sok %d - %s" % ("" if ok else "not ", self.count, text))
		for line in lines:
			print("# " + line)
		sys.stdout.flush()

	def done(self):
		print("1..%d" % self.count)
		return 1 if self.failed else 0


def main_sources(verbose):
	tap = Tap()
	for check in CHECKS:
		try:
			wrong = check(Files())
		except Wrong as e:
			wrong = e.lines
		tap.result(not wrong, check.__doc__.rstrip(".").split(":")[0], wrong)
	known = set(look(Files()))
	for path, old, new in MUTATIONS:
		wrong = [w for w in look(mutate(path, old, new)) if w not in known]
		change = "%s: %s -> %s" % (os.path.basename(path), " ".join(old.split()), " ".join(new.split()) or "nothing")
		tap.result(bool(wrong), "a change is noticed, " + change.replace("#", "")[:150],
			   wrong[:3] if verbose else ())
	return tap.done()


def main_live():
	"""Against what the kernel itself advertises."""
	tap = Tap()
	got = subprocess.run([os.path.join(TREE, "build/tests/netlink/policy_dump")],
			     stdout=subprocess.PIPE, text=True, check=False)
	if got.returncode:
		tap.result(False, "the kernel tells its policies")
		return tap.done()
	live = json.loads(got.stdout)
	spec = Spec(Files().text(SPEC))
	commands = {v: op for v, op in enumerate(spec.ops, 1) if "event" not in op}
	want = {v: sorted(w for w in ("do", "dump") if w in op) for v, op in commands.items()}
	have = {int(v): sorted(o["can"]) for v, o in live["ops"].items()}
	tap.result(want == have, "commands, and which of them dump",
		   () if want == have else ["specification %s" % want, "kernel %s" % have])
	lax = [v for v, o in live["ops"].items() if not o["uns_admin_perm"]]
	tap.result(not lax, "every command demands CAP_NET_ADMIN of the namespace's owner", ["not %s" % v for v in lax])
	policies = {"none": {}}
	for v, op in commands.items():
		for way in want[v]:
			policy = live["ops"].get(str(v), {}).get("policy", {}).get(way)
			if policy is None:
				tap.result(False, "%s has a policy" % policy_name(op["name"], way))
				continue
			# One that refuses everything has no attributes to tell of.
			attrs = live["policies"].get(str(policy), {})
			name = policy_name(op["name"], way)
			if attrs or name in spec.requests():
				policies[name] = {int(k): p for k, p in attrs.items()}
	# The kernel advertises nothing of attributes in network byte order.
	wrong = compare_policies(spec.policies(), policies, "kernel", unseen=("be16", "be32"))
	tap.result(not wrong, "policies of all commands, as the kernel advertises them", wrong)
	tap.result(live["groups"] == ["events"], "one multicast group, events")
	# What only tests may do: preset counters, deny the FPU.
	test_only = [path for path in ("/proc/net/ksrtp_preset", "/proc/self/net/ksrtp_preset",
				       "/sys/module/ksrtp/parameters/fpu_refuse_every")
		     if os.path.exists(path)]
	parameters = sorted(os.listdir("/sys/module/ksrtp/parameters"))
	tap.result(not test_only and parameters == ["copies_max", "keyring_max"],
		   "the module has no switch that is for tests",
		   ["there is " + path for path in test_only] + ["parameters: %s" % parameters])
	tap.result(live["version"] == 1 and live["maxattr"] == 0, "version; no policy for all commands")
	return tap.done()


if __name__ == "__main__":
	if sys.argv[1:] == ["--live"]:
		sys.exit(main_live())
	sys.exit(main_sources(sys.argv[1:] == ["-v"]))
