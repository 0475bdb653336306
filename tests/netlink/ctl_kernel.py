#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ksrtpctl with the module: what `scene` has made is what the command line shows, as
JSON and as text, and no octet of a key is in it."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CTL = os.path.join(TREE, "build", "ksrtpctl")
SCENE = os.path.join(TREE, "build", "tests", "netlink", "scene")

count = failed = 0
seen = ""


def result(wrong, text, rows=""):
	global count, failed
	count += 1
	failed += bool(wrong)
	print("%sok %d - %s%s" % ("not " if wrong else "", count, text, rows and " # rows=" + rows))
	for line in wrong:
		print("# " + line)
	sys.stdout.flush()


def ctl(*argv, status=0):
	global seen
	got = subprocess.run([CTL, "-s", "/nonexistent", *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
			     text=True, timeout=60, check=False)
	seen += got.stdout + got.stderr
	if got.returncode != status:
		raise SystemExit("%s: status %d, %s" % (argv, got.returncode, got.stderr))
	return got


def differs(what, got, **want):
	return ["%s: %s is %r, not %r" % (what, k, got.get(k), v) for k, v in want.items() if got.get(k) != v]


def main():
	scene = subprocess.Popen([SCENE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	told = json.loads(scene.stdout.readline())
	legs = told["legs"]

	rows = json.loads(ctl("-j", "leg", "show").stdout)
	wrong = [] if [r["leg"] for r in rows] == legs else ["legs %s" % rows]
	for i, row in enumerate(rows):
		wrong += differs("leg %d" % row["leg"], row, call=told["calls"][i // 2],
				 state=("active", "held", "held")[i], dscp=(46, 0, 0)[i],
				 window=(512, 1024, 1024)[i], streams_max=(9, 64, 64)[i],
				 rtcp_of=(None, legs[0], None)[i],
				 flags=(["learn", "no-frag"], [], [])[i], rate=(None, None, 1500000)[i],
				 local=("127.0.0.1:7300", "[::1]:7301", "127.0.0.1:7302")[i],
				 remote=("127.0.0.1:7400", None, None)[i],
				 datapath="none", received=0, forwarded=0, answered=0, passed_up=0, dropped={},
				 idle_ms=None)
		# Since the leg was made: nobody has consented yet, nor had to.
		since = row.get("consent_ms")
		wrong += [] if (since is None) == (i < 2) and (since or 0) < 60000 else ["consent_ms %s" % since]
	if json.loads(ctl("-j", "leg", "show", "call", "scene").stdout) != rows[:2]:
		wrong.append("leg show call scene: not the same")
	one = json.loads(ctl("-j", "leg", "show", str(legs[0])).stdout)
	wrong += [] if one == rows[0] else ["leg show ID: %s" % one]
	text = ctl("leg", "show").stdout
	wrong += ["text lacks %s" % w for w in ("LOCAL", "[::1]:7301", "127.0.0.1:7400") if w not in text]
	text = ctl("leg", "show", str(legs[0])).stdout
	wrong += ["text of one lacks %s" % w for w in ("learn,no-frag", "512", "not XDP because") if w not in text]
	text = ctl("leg", "show", str(legs[2])).stdout
	wrong += ["text of the sealed one lacks %s: %s" % (w, text) for w in (
		r"^rate at most \(bit/s\) +1500000$", r"^consented \(ms ago\) +[0-9]+$") if not re.search(w, text, re.M)]
	result(wrong, "leg show", "O2")

	keys = json.loads(ctl("-j", "key", "show", str(legs[0])).stdout)
	want = [{"leg": legs[0], "direction": d, "slot": s, "suite": suite, "active": s == 0, "srtp_used": 0,
		 "srtcp_used": 0, "cryptex": cryptex, "hdrext_ids": ids} for d, s, suite, cryptex, ids in (
			 ("rx", 0, "aead-aes-256-gcm", "required", []), ("tx", 0, "aead-aes-128-gcm", "off", []),
			 ("tx", 1, "aead-aes-256-gcm", "off", [3, 200]))]
	wrong = [] if keys == want else ["%s" % keys]
	wrong += [] if json.loads(ctl("-j", "key", "show").stdout)[:3] == want else ["key show: others"]
	text = ctl("key", "show").stdout
	wrong += ["text lacks %s" % w for w in ("aead-aes-256-gcm", "required", "3,200") if w not in text]
	result(wrong, "key show", "O2,D5")

	routes = json.loads(ctl("-j", "route", "show").stdout)
	wrong = []
	if len(routes) != 2:
		wrong.append("%s" % routes)
	else:
		wrong += differs("there", routes[0], **{"from": legs[0], "to": legs[1], "carries": ["rtp", "rtcp"],
							"copies": 0, "sent": 0, "dropped": {}})
		wrong += differs("back", routes[1], **{"from": legs[1], "to": legs[0], "carries": ["rtcp"]})
	wrong += [] if json.loads(ctl("-j", "route", "show", str(legs[1])).stdout) == routes[1:] else ["of one leg"]
	wrong += [] if "rtp,rtcp" in ctl("route", "show").stdout else ["text"]
	wrong += [] if json.loads(ctl("-j", "stream", "show").stdout) == [] else ["streams without packets"]
	result(wrong, "route show, stream show", "O2")

	stats = json.loads(ctl("-j", "stats").stdout)
	wrong = differs("stats", stats, calls=2, legs=3, keyring_used=7)
	wrong += ["no %s" % k for k in ("version", "aead_driver", "legs_max", "keyring_max", "xdp") if not stats.get(k)]
	driver = stats["aead_driver"]
	with open("/proc/cpuinfo") as f:
		if " aes " in f.read() and "ghash-generic" in driver:
			wrong.append("driver %s on a processor with AES-NI" % driver)
	wrong += [] if driver in ctl("stats").stdout else ["text"]
	version = json.loads(ctl("-j", "version").stdout)
	wrong += [] if version["module"] == version["ksrtpctl"] == stats["version"] else ["versions: %s" % version]
	result(wrong, "stats and version: %s" % driver, "O2,D6")

	wrong = []
	for argv, words in ((("leg", "show", "99"), "no such leg"), (("leg", "show", "call", "x"), "no such call"),
			    (("key", "show", "99"), "no such leg"), (("route", "show", "99"), "no such leg"),
			    (("stream", "show", "99"), "no such leg")):
		got = ctl("-j", *argv, status=1)
		error = json.loads(got.stdout)["error"]
		if error["reason"] != "not-found" or words not in got.stderr:
			wrong.append("%s: %s" % (argv, got.stderr.strip()))
	result(wrong, "what does not exist: status 1, and what it was", "O2")

	monitor = subprocess.Popen([CTL, "-s", "/nonexistent", "-j", "monitor"], stdout=subprocess.PIPE,
				   stderr=subprocess.PIPE, bufsize=0)
	# It says that it goes on without the agent after it has subscribed to the kernel.
	wrong = [] if b"nobody listens" in monitor.stderr.readline() else ["nothing about the agent"]
	time.sleep(0.5)
	scene.stdin.close()
	gone = []
	deadline = time.monotonic() + 20
	while len(gone) < 3 and select.select([monitor.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
		gone.append(json.loads(monitor.stdout.readline()))
	monitor.send_signal(signal.SIGTERM)
	monitor.wait()
	wrong += [] if [(e["source"], e["event"], e["leg"]) for e in gone] == [
		("kernel", "leg-gone", leg) for leg in legs] else ["%s" % gone]
	result(wrong, "monitor: the kernel's events, without the agent", "O2,D6")
	scene.wait()

	wrong = ["octets of a key are in the output: %s" % k for k in told["secrets"]
		 if k in seen or k.encode().hex() in seen.lower()]
	result(wrong, "no octet of a key in all of it", "D5,S5")
	print("1..%d" % count)
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main())
