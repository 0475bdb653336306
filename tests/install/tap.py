# SPDX-License-Identifier: GPL-2.0
"""TAP for the scripts of this folder."""

import os
import subprocess
import sys
import tempfile

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))

count = failed = 0


def result(wrong, text, rows=""):
	"""`wrong`: what was not as it should be, a line each."""
	global count, failed
	count += 1
	failed += bool(wrong)
	print("%sok %d - %s%s" % ("not " if wrong else "", count, text, rows and " # rows=" + rows))
	lines = [part for line in wrong for part in str(line).splitlines()]
	for line in lines[:40]:
		print("# " + line)
	if len(lines) > 40:
		print("# ... and %d more" % (len(lines) - 40))
	sys.stdout.flush()


def done():
	print("1..%d" % count)
	return 1 if failed else 0


def run(*argv, **more):
	"""Status and all output of a command."""
	more.setdefault("timeout", 300)
	more.setdefault("cwd", TREE)
	got = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
			     stdin=more.pop("stdin", subprocess.DEVNULL), **more)
	return got.returncode, got.stdout


def read(*path):
	with open(os.path.join(TREE, *path)) as f:
		return f.read()


def installed(root):
	"""What `make install` puts into an empty folder: the programs under /mnt, which even a
	unit with a /tmp of its own sees."""
	status, out = run("make", "-s", "install", "DESTDIR=" + root, "prefix=/mnt/usr", "unitdir=/mnt/units",
			  "sysconfdir=/mnt/conf", "IO=%s/io" % root)
	if status:
		raise SystemExit(out)
	return root


def guest_installed():
	"""The same, made once in a guest, where it takes its time, by the first suite that wants it."""
	root = "/tmp/ksrtp-installed"
	if not os.path.isdir(root):
		made = tempfile.mkdtemp(prefix="ksrtp-install-", dir="/tmp")
		os.chmod(made, 0o755)
		os.rename(installed(made), root)
	return root
