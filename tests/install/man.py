#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The manual: well formed, and it names every option, command, setting and function that
there is, and none that there is not."""

import glob
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from tap import TREE, done, read, result, run  # noqa: E402

# mandoc knows the pages of one system, and not which of them a reader has.
IGNORED = ("referenced manual not found", "outdated mandoc.db", "operating system explicitly specified",
	   "input text line longer than 80 bytes", "unknown library name")


def text_of(page):
	"""As a reader sees it, in one line."""
	_, out = run("mandoc", "-T", "ascii", "-O", "width=200", page)
	out = re.sub(r".\x08", "", out)
	return " ".join(out.split())


def test_form():
	for page in sorted(glob.glob(TREE + "/userspace/man/*.[1-9]")):
		status, out = run("mandoc", "-T", "lint", "-W", "style", page)
		wrong = [line for line in out.splitlines() if not any(i in line for i in IGNORED)]
		status, out = run("man", "--warnings", "-l", page, env=dict(os.environ, MANPAGER="cat", MANROFFSEQ="",
									  LC_ALL="C.UTF-8", MANWIDTH="80"))
		wrong += [line for line in out.splitlines() 
			  if re.match(r"(\S*troff|<standard input>|\S+tmac|mdoc|grotty)\b.*(warning|error)", line)]
		wrong += ["man: status %d" % status] if status or len(out) < 500 else []
		wrong += ["no licence"] if "SPDX-License-Identifier" not in read(page) else []
		result(wrong, "%s is well formed" % os.path.basename(page), "O4")


def options_of(program):
	_, out = run(os.path.join("build", program), "-h")
	return set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*|-[A-Z])\b", out.split("Commands:")[0])), out


def test_options():
	wrong = []
	for program, page in (("ksrtpd", "ksrtpd.8"), ("ksrtpctl", "ksrtpctl.8")):
		options, _ = options_of(program)
		text = text_of("userspace/man/" + page)
		wrong += ["%s says nothing of %s" % (page, o) for o in sorted(options)
			  if not re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(o), text)]
		wrong += ["%s has only %s" % (program, options)] if len(options) < 8 else []
	result(wrong, "every option of the programs is in its page", "O4")


def commands():
	"""(object, command or nothing, its arguments) of ksrtpctl, from its help."""
	_, out = run("build/ksrtpctl", "help")
	objects = re.findall(r'^  ksrtpctl (\S+)((?:.*\n {8}\[?--)*.*)$', out.split("Commands:")[1], re.M)
	return [(name, " ".join(rest.split())) for name, rest in objects]


def test_commands():
	page = read("userspace/man/ksrtpctl.8")
	documented = set(re.findall(r"^\.It Cm ((?:[a-z-]+ ?)+?)(?: *$| (?=[A-Z]))", page, re.M))
	known = set()
	for name, rest in commands():
		verb = re.match(r"[a-z][a-z-]*", rest)
		known.add("%s %s" % (name, verb.group(0)) if verb else name)
	wrong = ["not in the page: " + c for c in sorted(known - documented)]
	wrong += ["in the page alone: " + c for c in sorted(documented - known)]
	wrong += ["only %d commands" % len(known)] if len(known) < 15 else []
	text = text_of("userspace/man/ksrtpctl.8")
	for _, rest in commands():
		wrong += ["%s is not in the page" % o for o in re.findall(r"--[a-z][a-z0-9-]*", rest)
			  if not re.search(r"(?<![\w-])%s(?![\w-])" % o, text)]
	result(wrong, "ksrtpctl.8 has the %d commands of 'ksrtpctl help' and no other" % len(known), "O2,O4")


def test_settings():
	table = re.search(r"settings\[\] = \{(.*?)^\};", read("userspace/ksrtpd/config.c"), re.M | re.S).group(1)
	known = set(re.findall(r'^\s*\{ "([a-z0-9-]+)"', table, re.M))
	documented = set(re.findall(r"^\.It Cm ([a-z0-9-]+) No =", read("userspace/man/ksrtpd.conf.5"), re.M))
	wrong = ["not in the page: " + c for c in sorted(known - documented)]
	wrong += ["in the page alone: " + c for c in sorted(documented - known)]
	wrong += ["only %d settings" % len(known)] if len(known) < 5 else []
	example = read("userspace/ksrtpd/ksrtpd.conf")
	used = set(re.findall(r"^#?([a-z0-9-]+) =", example, re.M))
	wrong += ["the example has %s" % c for c in sorted(used - known)]
	status, out = run("build/ksrtpd", "--check", "-c", "userspace/ksrtpd/ksrtpd.conf")
	wrong += ["the example: " + out] if status else []
	result(wrong, "ksrtpd.conf.5 has the %d settings and no other; the example is right" % len(known), "O4")


def prototypes(text):
	"""NAME: (type, [arguments]) of what stands in the header and in the page, alike."""
	return {n: (" ".join(t.replace("*", " * ").split()), " ".join(a.replace("*", " * ").split()))
		for t, n, a in text}


def from_header():
	text = re.sub(r"/\*.*?\*/", "", read("include/ksrtp/ksrtp.h"), flags=re.S)
	text = re.sub(r"^struct \w+ \{.*?^\};", "", text, flags=re.M | re.S)
	return prototypes(re.findall(r"^((?:(?:const|struct|unsigned|enum) )*\w+ \**)(ksrtp_\w+)\(([^;]*)\);", text,
				     re.M | re.S))


def from_page(page):
	text = page.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
	found = []
	for kind, rest in re.findall(r'^\.Ft (.*)\n((?:\.(?:Fn|Fo|Fa|Fc).*\n)+)', text, re.M):
		name = re.search(r"ksrtp_\w+", rest).group(0)
		found.append((kind.strip('"'), name, ", ".join(re.findall(r'"([^"]*)"', rest))))
	return prototypes(found)


def test_functions():
	known = set(re.findall(r"\b(ksrtp_\w+);", read("userspace/libksrtp/libksrtp.map")))
	page = read("userspace/man/libksrtp.3")
	there, here = from_header(), from_page(page)
	wrong = ["no prototype of " + f for f in sorted(known - set(here))]
	wrong += ["in the page alone: " + f for f in sorted(set(here) - known)]
	wrong += ["%s: the header has %s, the page %s" % (f, there[f], here[f])
		  for f in sorted(set(here) & set(there)) if there[f] != here[f]]
	told = set(re.findall(r"^\.(?:Fn|It Fn) (ksrtp_\w+)", page.split(".Sh DESCRIPTION")[1], re.M))
	wrong += ["nothing said about " + f for f in sorted(known - told)]
	wrong += ["only %d functions" % len(known)] if len(known) < 40 else []
	result(wrong, "libksrtp.3 has the prototypes of the %d functions and says what they do" % len(known), "O4")


def main():
	for test in (test_form, test_options, test_commands, test_settings, test_functions):
		test()
	return done()


if __name__ == "__main__":
	sys.exit(main())
