# SPDX-License-Identifier: GPL-2.0
"""Test results in TAP, as tests/run reads them."""

import sys


class Tap:
	def __init__(self, rows="", datapath=""):
		self.count = self.failed = 0
		self.rows, self.datapath = rows, datapath
		self.kernel = ""	# where a guest was started by the test itself

	def check(self, good, name, rows="", datapath="", why=None):
		self.count += 1
		words = []
		if rows or self.rows:
			words.append("rows=" + (rows or self.rows))
		if datapath or self.datapath:
			words.append("datapath=" + (datapath or self.datapath))
		if self.kernel:
			words.append("kernel=" + self.kernel)
		print("%s %d - %s%s" % ("ok" if good else "not ok", self.count, name,
					" # " + " ".join(words) if words else ""), flush=True)
		if not good:
			self.failed += 1
			for line in str(why if why is not None else "").split("\n"):
				print("# " + line, flush=True)
		return good

	def equal(self, got, want, name, **more):
		return self.check(got == want, name, why="got  %r\nwant %r" % (got, want), **more)

	def note(self, text):
		for line in str(text).split("\n"):
			print("# " + line, flush=True)

	def done(self):
		print("1..%d" % self.count, flush=True)
		sys.exit(1 if self.failed else 0)


def skip_all(reason):
	print("1..0 # SKIP " + reason)
	sys.exit(0)
