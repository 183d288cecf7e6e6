#!/bin/sh
# Proves that no order of questions, replies, forgeries, returns, lists and signals confuses it: SEEDS of them, SECONDS each.
. test/lib.sh
story simulate
own_machine

need python3 || finish
mount -t proc proc /proc 2>/dev/null # for the leak sanitizer
seeds=${SEEDS:-2} seconds=${SECONDS_EACH:-5}
[ -z "$LONG" ] || seeds=100 seconds=10
small() { echo "-DFLIGHTS_MAX=$1 -DWAITERS_MAX=$1 -DPOOL_MAX=$1 -DCLIENTS_MAX=$1 -DBUFFERS_MAX=$1 -DPOOL_USES=$1"; }
n=0
for limits in '' "$(small 2)" '-DFLIGHTS_MAX=32 -DWAITERS_MAX=64 -DPOOL_MAX=4 -DPOOL_USES=2' '-DPOOL_MAX=1'; do
	# shellcheck disable=SC2086 # words
	cc -std=c99 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined $limits -o "$TMP/dyndns" dyndns.c 2>"$TMP/cc.log" ||
		{ fail "$limits does not compile" "$(cat "$TMP/cc.log")"; continue; }
	i=0
	while [ $((i += 1)) -le "$seeds" ]; do
		n=$((n + 1))
		"$PEER" run $((seconds + 30)) "$(tool python3)" test/tools/simulate.py "$n" "$seconds" "$TMP/dyndns" >"$TMP/said" 2>&1
		same "seed $n, ${limits:-as it is}" 0 $?
		[ "$(grep -c 'faults=0$' "$TMP/said")" = 1 ] || cat "$TMP/said"
	done
done
finish
