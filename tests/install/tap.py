# SPDX-License-Identifier: GPL-2.0
"""TAP for the scripts of this folder."""

import os
import subprocess
import sys

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
