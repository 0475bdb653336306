#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The Debian packages (12 and 13) that building and testing need.
#
#	tests/deps.sh			install what is missing; root or sudo
#	tests/deps.sh interop		and the clients of check-interop
#	tests/deps.sh kernels		and what makes the Debian 13 of check-kernels
#	tests/deps.sh debug		and what builds the kernel of check-debug
#	tests/deps.sh --check build	say what building needs and is not there
#	tests/deps.sh --check WHAT	the same for building, testing (test), and WHAT

set -eu
PATH=$PATH:/usr/sbin:/sbin
export PATH

# need|how it is recognised|package; alternatives of a package by a slash, the
# first that the machine's sources offer is taken.
list()
{
	cat <<-'LIST'
	build|cmd gcc|build-essential
	build|cmd make|build-essential
	build|cmd pkg-config|pkg-config/pkgconf
	build|cmd clang|clang
	build|cmd llvm-strip|llvm
	build|cmd bpftool|bpftool
	build|cmd pahole|pahole/dwarves
	build|cmd readelf|binutils
	build|cmd flock|util-linux
	build|cmd depmod|kmod
	build|cmd xz|xz-utils
	build|cmd zstd|zstd
	build|lib libelf|libelf-dev
	build|lib libbpf|libbpf-dev
	build|lib libmnl|libmnl-dev
	build|lib libcrypto|libssl-dev
	build|lib libsrtp2|libsrtp2-dev
	build|lib sqlite3|libsqlite3-dev
	build|lib libevent|libevent-dev
	build|lib jansson|libjansson-dev
	test|cmd qemu-system-x86_64|qemu-system-x86
	test|file /usr/bin/busybox|busybox-static
	test|file /usr/bin/python3|python3
	test|cmd ip|iproute2
	test|cmd ethtool|ethtool
	test|cmd openssl|openssl
	test|cmd systemd-analyze|systemd
	test|cmd dkms|dkms
	test|cmd mandoc|mandoc
	test|cmd man|man-db
	test|file /usr/share/bash-completion/bash_completion|bash-completion
	test|file /usr/share/sounds/alsa/Front_Center.wav|alsa-utils
	test|clangrt libclang_rt.fuzzer|libclang-rt-MAJOR-dev
	interop|cmd chromium|chromium
	interop|cmd chromedriver|chromium-driver
	interop|cmd baresip|baresip-core
	kernels|cmd mmdebstrap|mmdebstrap
	debug|cmd flex|flex
	debug|cmd bison|bison
	debug|cmd bc|bc
	debug|cmd cpio|cpio
	LIST
}

clang_major()
{
	m=$(clang -dumpversion 2>/dev/null || apt-cache show --no-all-versions clang 2>/dev/null |
		sed -n 's/^Version: 1:\([0-9]*\).*/\1/p')
	echo "$m" | sed 's/[.].*//; q'
}

have()
{
	case $1 in
	cmd) command -v "$2" >/dev/null ;;
	file) [ -e "$2" ] ;;
	lib) pkg-config --exists "$2" 2>/dev/null ;;
	clangrt)
		command -v clang >/dev/null &&
		ls "$(clang -print-resource-dir)"/lib/*/"$2"* >/dev/null 2>&1 ;;
	esac
}

# Packages that are missing for "build", for "test" as well, or for one thing more besides.
missing()
{
	list | while IFS='|' read -r what probe pkg; do
		case $1:$what in *:build | "$1:$1") ;; build:*) continue ;; *:test) ;; *) continue ;; esac
		have ${probe} || echo "$pkg"
	done | sort -u
}

offered()
{
	for name in $(echo "$1" | tr / ' '); do
		name=$(echo "$name" | sed "s/MAJOR/$(clang_major)/")
		if apt-cache policy "$name" 2>/dev/null | grep -q 'Candidate: [^(]'; then
			echo "$name"
			return
		fi
	done
	echo "deps: no package $1 in this machine's apt sources" >&2
	return 1
}

if [ "${1:-}" = --check ]; then
	pkgs=$(missing "${2:-build}" | sed 's#/.*##' | sed "s/-MAJOR/$(clang_major | sed 's,^,-,')/" | tr '\n' ' ')
	[ -n "$pkgs" ] || exit 0
	echo "missing Debian packages: $pkgs" >&2
	echo "install them with 'make deps' (as root or with sudo)" >&2
	exit 1
fi

root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || { echo "deps: wants root, and there is no sudo" >&2; exit 1; }
	root=sudo
fi
apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }

what=${1:-test}
want=$(missing "$what")
kernel=$("$(dirname "$0")/vm/fetch-kernel" --have 2>/dev/null || :)
if [ -z "$want" ] && [ -n "$kernel" ]; then
	exit 0
fi
# The lists may be absent (a fresh image), or older than the mirror's packages.
apt update
[ -n "$want" ] || exit 0
pkgs=
for pkg in $want; do
	name=$(offered "$pkg")
	pkgs="$pkgs $name"
done
apt install --no-install-recommends $pkgs

# What was missing then must be there now.
sh "$0" --check "$what"
