#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ksrtpctl doctor in a network namespace with a veth pair, where one thing after the other
is wrong. What it tells to run is run, and must mend it. Without the module natively, with
it in the VM.

	doctor.py [--module]
"""

import json
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from tap import TREE, done, result, run  # noqa: E402

CTL = os.path.join(TREE, "build", "ksrtpctl")
NS = "ksrtp-doctor-%d" % os.getpid()
MODULE = "--module" in sys.argv[1:]
PASS = """#include <linux/bpf.h>
__attribute__((section("xdp"), used)) int somebody(struct xdp_md *ctx) { return XDP_PASS; }
char _license[] __attribute__((section("license"), used)) = "GPL";
"""


def inside(*argv):
	return run("nsenter", "--net=/run/netns/" + NS, *argv)


def must(*argv):
	status, out = inside(*argv)
	if status:
		raise SystemExit("%s: %s" % (" ".join(argv), out))


def doctor(*devices):
	status, out = inside(CTL, "-s", "/nonexistent", "-j", "doctor", *devices)
	try:
		answer = json.loads(out)
	except ValueError:
		raise SystemExit("doctor: status %d, %s" % (status, out)) from None
	return status, answer


def findings(*devices):
	"""{(subject, reason): finding}"""
	return {(f["subject"], f["reason"]): f for f in doctor(*devices)[1]["findings"]}


def mended(reason, spoil, text, level="warning", replace=()):
	"""Spoil it, see it found, run what it says, see it gone."""
	wrong = []
	before = findings("left").get(("left", reason))
	if before and before["level"] == level:
		wrong.append("%s before anything was wrong: %s" % (reason, before))
	for argv in spoil:
		must(*argv)
	found = findings("left").get(("left", reason))
	if not found or found["level"] != level or not found["mend"]:
		wrong.append("spoilt: %s" % found)
	else:
		command = found["mend"]
		for a, b in replace:
			command = command.replace(a, b)
		status, out = inside("sh", "-ec", command)
		wrong += ["'%s': %s" % (command, out)] if status else []
		after = findings("left").get(("left", reason))
		if after and after["level"] == level:
			wrong.append("after '%s': %s" % (command, after))
	result(wrong, text, "O2")


def test_host():
	status, answer = doctor("left")
	found = {(f["subject"], f["reason"]): f for f in answer["findings"]}
	wrong = []
	wrong += ["%s" % f for f in answer["findings"] if set(f) != {"level", "subject", "reason", "message", "mend"}]
	worst = max(("ok", "warning", "error").index(f["level"]) for f in answer["findings"])
	if status != worst or answer["status"] != ("ok", "warnings", "errors")[worst]:
		wrong.append("status %d, '%s', worst %d" % (status, answer["status"], worst))
	if MODULE:
		wrong += ["no '%s': %s" % (r, sorted(found)) for r in ("kernel", "module", "aead")
			  if found.get(("host", r), {}).get("level") != "ok"]
		wrong += ["%s" % f for f in answer["findings"] if f["level"] == "error"]
		if answer["host"]["aead_accelerated"] is not True:
			wrong.append("%s" % answer["host"])
	else:
		missing = found.get(("host", "no-module"), {})
		if missing.get("level") != "error" or missing.get("mend") != "modprobe ksrtp" or status != 2:
			wrong.append("without the module: %d, %s" % (status, missing))
	result(wrong, "the host %s the module; the status is that of the worst finding" % (
		"with" if MODULE else "without"), "O2,O1")


def test_facts():
	_, answer = doctor("left")
	device = answer["devices"][0]
	want = {"device": "left", "up": True, "mtu": 1500, "driver": "veth", "native_possible": True,
		"takes_redirects": True, "queues": 2, "lro": False, "gro_hw": False, "xdp": "none", "program": 0}
	wrong = ["%s is %r, not %r" % (k, device.get(k), v) for k, v in want.items() if device.get(k) != v]
	_, text = inside(CTL, "-s", "/nonexistent", "doctor", "left")
	wrong += ["text lacks '%s'" % w for w in ("host\n", "left\n", "takes redirected frames") if w not in text]
	result(wrong, "a device's driver, modes, queues and offloads, as facts and as text", "O2")


def test_devices():
	wrong = []
	names = {f for f, _ in findings()} - {"host"}
	if names != {"left", "right"}:
		wrong.append("all devices: %s" % names)
	must("ip", "link", "set", "lo", "up")
	if findings("lo").get(("lo", "no-native"), {}).get("level") != "warning":
		wrong.append("a device without native XDP, and nothing said")
	status, answer = doctor("left", "nobody")
	if status != 2 or ("nobody", "no-device") not in {(f["subject"], f["reason"]) for f in answer["findings"]}:
		wrong.append("no such device: %d" % status)
	must("ip", "link", "set", "left", "down")
	if findings("left").get(("left", "down"), {}).get("level") != "error":
		wrong.append("down, and nothing said")
	must("ip", "link", "set", "left", "up")
	result(wrong, "all that are up, or those that are asked for", "O2")


def test_xdp():
	must(CTL, "xdp", "attach", "left", "generic")
	found = findings("left").get(("left", "xdp-generic"), {})
	wrong = [] if found.get("level") == "warning" else ["attached generic: %s" % found]
	status, out = inside("sh", "-ec", found["mend"].replace("ksrtpctl", CTL) if found else "false")
	wrong += [] if not status else [out]
	status, answer = doctor("left", "right")
	if answer["devices"][0]["xdp"] != "native":
		wrong.append("after '%s': %s" % (found.get("mend"), answer["devices"]))
	must(CTL, "xdp", "attach", "right")
	status, answer = doctor("left", "right")
	wrong += ["%s" % f for f in answer["findings"] if f["level"] != "ok" and f["subject"] != "host" and
		  f["reason"] != "queues"]
	must(CTL, "xdp", "unload")
	_, answer = doctor("left")
	if answer["devices"][0]["xdp"] != "none" or ("left", "xdp-none") not in findings("left"):
		wrong.append("after unload: %s" % answer["devices"])
	result(wrong, "our program in generic and native mode, on both ends of a veth nothing left to say", "O2,D3")


def main():
	if MODULE != os.path.isdir("/sys/module/ksrtp"):
		print("1..0 # SKIP the module is %sloaded here" % ("not " if MODULE else ""))
		return 0
	folder = tempfile.mkdtemp(prefix="ksrtp-doctor-")
	run("ip", "netns", "add", NS)
	try:
		must("ip", "link", "add", "left", "numrxqueues", "2", "numtxqueues", "2", "type", "veth",
		     "peer", "name", "right", "numrxqueues", "2", "numtxqueues", "2")
		for device in ("left", "right"):
			must("ip", "link", "set", device, "up")
			must("ethtool", "-L", device, "rx", "2", "tx", "2")
			must("sysctl", "-qw", "net.ipv4.conf.%s.rp_filter=0" % device)
		must("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0")
		must("ethtool", "-K", "right", "gro", "on")
		with open(folder + "/pass.c", "w") as f:
			f.write(PASS)
		must("clang", "-target", "bpf", "-O2", "-g", "-I/usr/include/" + run("gcc", "-print-multiarch")[1].strip(), "-c", folder + "/pass.c",
		     "-o", folder + "/pass.o")
		test_host()
		test_facts()
		mended("egress", [("ethtool", "-K", "right", "gro", "off")],
		       "a veth whose peer has no GRO takes no redirected frames", replace=(("PEER", "right"),))
		mended("mtu", [("ip", "link", "set", "left", "mtu", "1200")], "an MTU below that of IPv6")
		mended("rp-filter", [("sysctl", "-qw", "net.ipv4.conf.left.rp_filter=1")], "strict reverse path filtering")
		if os.cpu_count() > 1:
			mended("queues", [("ethtool", "-L", "left", "rx", "1")], "fewer queues than processors")
		mended("xdp-other", [("ip", "link", "set", "dev", "left", "xdp", "obj", folder + "/pass.o", "sec", "xdp")],
		       "somebody else's XDP program is an error", level="error")
		test_devices()
		if MODULE:
			test_xdp()
	finally:
		run("ip", "netns", "del", NS)
		shutil.rmtree(folder)
	return done()


if __name__ == "__main__":
	sys.exit(main())
