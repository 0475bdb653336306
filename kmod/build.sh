#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Build ksrtp.ko for one kernel, in a copy of the sources of its own, so that
# builds for several kernels do not disturb one another.
#
#	kmod/build.sh [KDIR]
#
# KDIR is a kernel's headers folder. Without it: that of the running kernel, if
# it is there and at least 6.12, else that of the kernel for the test VM, which
# is fetched. The result is build/kmod/VERSION/ksrtp.ko.
#
# KSRTP_TEST=1 makes the test build, under build/kmod-test/VERSION/.
# SRC=DIR builds what lies in DIR (Kbuild, kmod/, include/) and OUT=DIR puts it
# elsewhere than build/kmod; the self-test of the VM uses both.

set -eu

tree=$(cd "$(dirname "$0")/.." && pwd -P)
src=${SRC:-$tree}
out=${OUT:-$tree/build/kmod${KSRTP_TEST:+-test}}

die() { echo "ksrtp.ko: $*" >&2; exit 1; }

release() { cat "$1/include/config/kernel.release" 2>/dev/null; }

at_least_6_12()
{
	v=${1%%[!0-9.]*}
	[ "$(printf '%s\n' 6.12 "$v" | sort -V | head -n 1)" = 6.12 ]
}

kdir=${1:-}
if [ -z "$kdir" ]; then
	kdir=/lib/modules/$(uname -r)/build
	if ! rel=$(release "$kdir") || ! at_least_6_12 "$rel"; then
		rel=$("$tree/tests/vm/fetch-kernel") || exit 1
		kdir=$tree/build/kernel/$rel/lib/modules/$rel/build
	fi
fi
kdir=$(cd "$kdir" 2>/dev/null && pwd -P) ||
	die "no kernel headers in '${1:-}'; on Debian install linux-headers-\$(uname -r)"
rel=$(release "$kdir") ||
	die "$kdir has no include/config/kernel.release, so it holds no built kernel's headers"
at_least_6_12 "$rel" ||
	die "kernel $rel is too old: 6.12 is the oldest that can be supported (BTF tools for modules)"

for t in make gcc pahole readelf flock; do
	command -v $t >/dev/null || die "$t is missing; on Debian run 'make deps'" \
		"(packages build-essential, pahole, binutils, util-linux)"
done

mkdir -p "$out/$rel"
cd "$out/$rel"
exec 9>.lock
flock 9

# BTF of a module is made on top of the kernel's, which kbuild looks for as
# `vmlinux` in the headers folder. Where it is missing and the kernel is the
# running one, a folder of links beside the build adds it.
if [ ! -s "$kdir/vmlinux" ] && [ "$rel" = "$(uname -r)" ] && [ -r /sys/kernel/btf/vmlinux ]; then
	rm -rf headers
	mkdir headers
	for f in "$kdir"/* "$kdir"/.[!.]*; do
		[ ! -e "$f" ] || ln -s "$f" headers/
	done
	cp /sys/kernel/btf/vmlinux headers/vmlinux
	kdir=$PWD/headers
fi
[ -s "$kdir/vmlinux" ] || die "the headers of $rel hold no 'vmlinux', so the module would have" \
	"no BTF and its kfuncs would be missing; put the kernel's ELF vmlinux (or, on a host that" \
	"runs it, /sys/kernel/btf/vmlinux) into $kdir"

# Copy what is newer, drop what is gone.
cp -pu "$src/Kbuild" .
for d in kmod include ${KSRTP_TEST:+tests/vectors}; do
	mkdir -p "$(dirname "$d")"
	cp -rpu "$src/$d" "$(dirname "$d")"
	find $d -type f -name '*.[ch]' ! -name '*.mod.c' | while read -r f; do
		[ -e "$src/$f" ] || rm "$f"
	done
done

cc=
if grep -q '^CONFIG_CC_IS_CLANG=y' "$kdir/.config" 2>/dev/null; then
	cc=LLVM=1
fi
ko=$(sed -n 's/^obj-m *[:+]*= *\(.*\)\.o$/\1/p' Kbuild).ko
make -s -j"$(nproc)" -C "$kdir" M="$PWD" $cc modules >build.log 2>&1 9>&- || {
	rm -f "$ko"
	sed "s#$PWD/##g" build.log >&2
	die "build for $rel failed"
}
sed "s#$PWD/##g; /^make/d; /^  /d" build.log >&2

if ! readelf -SW "$ko" | grep -q ' \.BTF '; then
	rm -f "$ko"
	die "built for $rel, but without a .BTF section, so its kfuncs would be missing;" \
		"pahole and the kernel's scripts/Makefile.modfinal said:" \
		"$(grep -i btf build.log || echo nothing). Check that $kdir/vmlinux is this kernel's" \
		"and that $kdir/tools/bpf/resolve_btfids/resolve_btfids is there"
fi
echo "$out/$rel/$ko"
