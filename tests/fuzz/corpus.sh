#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Replays the corpus of every fuzz target, one TAP line for each:
#	tests/fuzz/corpus.sh PROGRAM...
# where build/tests/fuzz/replay_NAME reads tests/fuzz/corpus/NAME/.

cd "$(dirname "$0")/../.." || exit 1
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
n=0
failed=0
for prog in "$@"; do
	name=${prog##*/replay_}
	n=$((n + 1))
	set -- tests/fuzz/corpus/"$name"/*
	if "$prog" "$@" >"$log" 2>&1; then
		echo "ok $n - $name: $# inputs"
	else
		echo "not ok $n - $name: $# inputs"
		tail -n 40 "$log" | sed 's/^#* *//; s/^/# /'
		failed=1
	fi
done
echo "1..$n"
exit $failed
