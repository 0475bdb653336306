#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""`make install` into an empty root, and what can be done with what is there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from tap import TREE, done, read, result, run  # noqa: E402

VERSION = re.search(r'KSRTP_VERSION "(.*)"', read("kmod/version.h")).group(1)
MAPFILE = "userspace/libksrtp/libksrtp.map"

# All of it but the module's source, which is compared with the tree.
FILES = """
usr/bin/ksrtpctl
usr/include/ksrtp/ksrtp.h
usr/include/linux/ksrtp.h
usr/lib/libksrtp.a
usr/lib/libksrtp.so
usr/lib/libksrtp.so.0
usr/lib/libksrtp.so.%(v)s
usr/lib/modprobe.d/ksrtp.conf
usr/lib/pkgconfig/libksrtp.pc
usr/lib/systemd/system/ksrtp-load.service
usr/lib/systemd/system/ksrtp-xdp@.service
usr/lib/systemd/system/ksrtpd.service
usr/lib/sysusers.d/ksrtp.conf
usr/sbin/ksrtpd
usr/share/bash-completion/completions/ksrtpctl
usr/share/doc/ksrtp/PROTOCOL.md
usr/share/doc/ksrtp/examples/ksrtpd.conf
usr/share/doc/ksrtp/examples/protect.c
usr/share/ksrtp/ksrtp.yaml
usr/share/man/man3/libksrtp.3
usr/share/man/man5/ksrtpd.conf.5
usr/share/man/man8/ksrtpctl.8
usr/share/man/man8/ksrtpd.8
usr/src/ksrtp-%(v)s/COPYING
usr/src/ksrtp-%(v)s/Kbuild
usr/src/ksrtp-%(v)s/dkms.conf
""" % {"v": VERSION}
# Not everything the agent has is there in every state of the tree.
MAY_BE = {"usr/share/ksrtp/openapi.yaml"}


def files_in(root):
	return {os.path.relpath(os.path.join(d, f), root) for d, dirs, files in os.walk(root)
		for f in files + [x for x in dirs if os.path.islink(os.path.join(d, x))]}


def make(root, verb, *settings):
	"""With everything but `root` read-only, so that nothing can be written elsewhere."""
	script = ('mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,bind,ro / && '
		  'for m in $(cut -d" " -f5 /proc/self/mountinfo); do case $m in /|/proc*|/sys*|/dev*|"$1") ;; '
		  '*) mount -o remount,bind,ro "$m" 2>/dev/null ;; esac; done; '
		  'shift; exec make -s "$@"')
	return run("unshare", "-m", "sh", "-c", script, "sh", root, verb, "IO=" + os.path.join(root, ".io"),
		   *settings)


def test_install(root):
	dest = os.path.join(root, "dest")
	status, out = make(root, "install", "DESTDIR=" + dest, "prefix=/usr")
	wrong = [out] if status else []
	got = files_in(dest)
	source = "usr/src/ksrtp-%s/" % VERSION
	want = set(FILES.split())
	for top in ("kmod", "include"):
		for path in files_in(os.path.join(TREE, top)):
			if path.endswith((".c", ".h", ".sh")):
				want.add(source + os.path.join(top, path))
	wrong += ["not there: " + f for f in sorted(want - got)]
	wrong += ["not expected: " + f for f in sorted(got - want - MAY_BE)]
	for path in sorted(got):
		full = os.path.join(dest, path)
		mode = os.lstat(full).st_mode & 0o7777
		run_it = path.startswith(("usr/bin/", "usr/sbin/")) or path.endswith(".sh") or ".so." in path
		if not os.path.islink(full) and mode != (0o755 if run_it else 0o644):
			wrong.append("%s has mode %o" % (path, mode))
		elif os.path.islink(full) and not os.path.exists(full):
			wrong.append("%s leads nowhere" % path)
		if not os.path.islink(full) and b"@PKGS@" in open(full, "rb").read():
			wrong.append("%s is not filled in" % path)
	result(wrong, "make install into an empty root: these files and nothing elsewhere", "O1,O4")
	return dest


def test_folders(root):
	other = os.path.join(root, "other")
	status, out = make(root, "install", "DESTDIR=" + other, "prefix=/opt/k", "sysconfdir=/conf",
			   "unitdir=/units", "libdir=/opt/k/lib64", "mandir=/man")
	wrong = [out] if status else []
	for path in ("opt/k/sbin/ksrtpd", "opt/k/lib64/libksrtp.so", "units/ksrtpd.service", "conf/ksrtp",
		     "man/man8/ksrtpd.8"):
		if not os.path.exists(os.path.join(other, path)):
			wrong.append("not there: " + path)
	with open(os.path.join(other, "units/ksrtpd.service")) as f:
		unit = f.read()
	wrong += ["ksrtpd.service lacks " + w for w in (
		"ExecStart=/opt/k/sbin/ksrtpd --config /conf/ksrtp/ksrtpd.conf", "/opt/k/bin/ksrtpctl") if w not in unit]
	with open(os.path.join(other, "opt/k/lib64/pkgconfig/libksrtp.pc")) as f:
		text = f.read()
	wrong += ["libksrtp.pc lacks " + w for w in ("libdir=/opt/k/lib64", "includedir=/opt/k/include")
		  if w not in text]
	status, out = make(root, "uninstall", "DESTDIR=" + other, "prefix=/opt/k", "sysconfdir=/conf",
			   "unitdir=/units", "libdir=/opt/k/lib64", "mandir=/man")
	wrong += [out] if status else []
	wrong += ["left by uninstall: " + f for f in sorted(files_in(other))]
	result(wrong, "other folders are respected, and make uninstall leaves no file", "O4")


def pkg_config(dest, *argv):
	env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=dest,
		   PKG_CONFIG_PATH=os.path.join(dest, "usr/lib/pkgconfig"))
	status, out = run("pkg-config", *argv, "libksrtp", env=env)
	return out.split() if not status else ["pkg-config:", out]


def test_pkg_config(root, dest):
	wrong = []
	if pkg_config(dest, "--modversion") != [VERSION]:
		wrong.append("version %s" % pkg_config(dest, "--modversion"))
	flags = pkg_config(dest, "--cflags", "--libs")
	for flag in ("-lksrtp",):
		if flag not in flags:
			wrong.append("flags %s lack %s" % (flags, flag))
	# The host's own folders are the compiler's default: here they are the root's.
	flags += ["-I%s/usr/include" % dest, "-L%s/usr/lib" % dest]
	source = os.path.join(dest, "usr/share/doc/ksrtp/examples/protect.c")
	shared = os.path.join(root, "protect")
	status, out = run("gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", source, "-o", shared, *flags)
	wrong += [out] if status else []
	status, out = run(shared, env=dict(os.environ, LD_LIBRARY_PATH=dest + "/usr/lib"))
	if status != 2 or "usage: protect" not in out:
		wrong.append("the example: status %d, %s" % (status, out))
	status, out = run("readelf", "-d", shared)
	wrong += [] if "libksrtp.so.0" in out else ["the example does not need libksrtp.so.0"]
	alone = os.path.join(root, "protect-static")
	static = [f for f in pkg_config(dest, "--static", "--libs") if f != "-lksrtp"]
	status, out = run("gcc", "-O2", "-I%s/usr/include" % dest, source, "-o", alone,
			  dest + "/usr/lib/libksrtp.a", *static)
	wrong += [out] if status else []
	result(wrong, "the example is built with pkg-config's flags, shared and static", "O4")

	wrong = []
	for compiler, suffix, options in (("gcc", "c", ("-std=c11", "-pedantic")), ("g++", "cc", ("-std=c++17",))):
		path = os.path.join(root, "only." + suffix)
		with open(path, "w") as f:
			f.write("#include <ksrtp/ksrtp.h>\nint main(void) { return ksrtp_suite_key_len(1) == 0; }\n")
		status, out = run(compiler, "-Wall", "-Wextra", "-Werror", *options, "-I%s/usr/include" % dest, path,
				  "-L%s/usr/lib" % dest, "-lksrtp", "-o", path + ".out")
		wrong += [compiler, out] if status else []
	result(wrong, "the header needs nothing before it, in C11 and C++17")


def test_symbols(dest):
	status, out = run("nm", "-D", "--defined-only", os.path.join(dest, "usr/lib/libksrtp.so"))
	exported = {line.split()[-1] for line in out.splitlines() if " A " not in line}
	mapped = set()
	for node, names in re.findall(r"^(KSRTP_[0-9.]+) \{(.*?)^\}", read(MAPFILE), re.M | re.S):
		mapped |= {"%s@@%s" % (n, node) for n in re.findall(r"\b(ksrtp_\w+);", names)}
	header = re.sub(r"/\*.*?\*/", "", read("include/ksrtp/ksrtp.h"), flags=re.S)
	declared = set(re.findall(r"\b(ksrtp_\w+)\(", re.sub(r"\btypedef\b[^;]*;", "", header)))
	wrong = ["exported, not in the map: " + s for s in sorted(exported - mapped)]
	wrong += ["in the map, not exported: " + s for s in sorted(mapped - exported)]
	names = {s.split("@")[0] for s in exported}
	wrong += ["exported, not in the header: " + s for s in sorted(names - declared)]
	wrong += ["in the header, not exported: " + s for s in sorted(declared - names)]
	wrong += [] if len(names) > 40 else ["only %d functions" % len(names)]
	result(wrong, "exports, version script and header name the same %d functions" % len(names), "O4")


def test_units(root):
	"""On an installation whose programs are where the units say."""
	top = os.path.join(root, "real")
	units = os.path.join(top, "units")
	status, out = make(root, "install", "prefix=" + top, "unitdir=" + units, "sysconfdir=%s/etc" % top,
			   "modulesrcdir=%s/src" % top)
	wrong = [out] if status else []
	names = sorted(os.listdir(units))
	if names != ["ksrtp-load.service", "ksrtp-xdp@.service", "ksrtpd.service"]:
		wrong.append("units %s" % names)
	env = dict(os.environ, SYSTEMD_UNIT_PATH=units + ":", SYSTEMD_LOG_LEVEL="info")
	for name in ("ksrtp-load.service", "ksrtp-xdp@eth0.service", "ksrtpd.service"):
		status, out = run("systemd-analyze", "verify", "--man=no", name, env=env)
		ours = [line for line in out.splitlines() if "ksrtp" in line]
		if status or ours:
			wrong.append("%s: status %d\n%s" % (name, status, out))
	result(wrong, "systemd-analyze verify accepts the units", "O1,O4")

	with open(os.path.join(units, "ksrtpd.service")) as f:
		unit = f.read()
	exposed = os.path.join(root, "exposed")
	os.makedirs(exposed)
	shutil.copy(os.path.join(units, "ksrtpd.service"), exposed)
	status, out = run("systemd-analyze", "security", "--offline=yes", "--threshold=30",
			  os.path.join(exposed, "ksrtpd.service"), env=env)
	wrong = [] if not status else ["exposure above 3.0:\n" + out[-3000:]]
	wrong += ["lacks " + w for w in ("User=ksrtp", "AmbientCapabilities=CAP_NET_ADMIN\n", "LimitCORE=0",
					 "Type=notify", "WatchdogSec=") if w not in unit]
	result(wrong, "the agent's unit: no root, one capability, an exposure of at most 3.0", "O4")

	status, out = run("systemd-sysusers", "--dry-run", "--root=" + root,
			  os.path.join(top, "lib/sysusers.d/ksrtp.conf"))
	wrong = [] if not status and "Creating user 'ksrtp'" in out else [out]
	status, out = run("/sbin/modprobe", "-C", os.path.join(top, "lib/modprobe.d"), "-c")
	wrong += [] if not status and "softdep ksrtp pre: aesni_intel udp_tunnel ip6_udp_tunnel" in out else [out[:500]]
	result(wrong, "sysusers.d and modprobe.d are understood", "O4")


def main():
	root = tempfile.mkdtemp(prefix="ksrtp-install-")
	os.chmod(root, 0o755)
	try:
		dest = test_install(root)
		test_folders(root)
		test_pkg_config(root, dest)
		test_symbols(dest)
		test_units(root)
	finally:
		shutil.rmtree(root)
	return done()


if __name__ == "__main__":
	sys.exit(main())
