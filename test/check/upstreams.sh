#!/bin/sh
# Proves that the relay loses and mixes up nothing between dnsperf and NSD, and between dnsperf and unbound.
. test/lib.sh
story upstreams
own_machine

need nsd unbound dig dnsperf || finish
names=6000

# many.test: host number i has the address 10.9.(i / 256).(i mod 256).
mkdir "$TMP/zones"
awk -v n=$names 'BEGIN {
	print "$ORIGIN many.test.\n$TTL 300\n@ SOA ns.mohit.com. hostmaster.mohit.com. 7 3600 600 86400 60\n@ NS ns.mohit.com."
	for (i = 0; i < n; i++) printf "host%d A 10.9.%d.%d\n", i, i / 256, i % 256
}' >"$TMP/zones/more"
zones
nsd 127.0.0.2
unbound 127.0.0.3 127.0.0.2

# Each name once; then with as many that do not exist, and as many hits.
awk -v n=$names 'BEGIN { for (i = 0; i < n; i++) printf "host%d.many.test A\n", i }' >"$TMP/misses"
awk -v n=$names 'BEGIN { for (i = 0; i < n; i++) printf "host%d.many.test A\nnone%d.many.test A\nworkstation%d.mohit.com A\n", i, i, i % 256 }' >"$TMP/mixed"
awk 'BEGIN { for (i = 0; i < 600; i++) printf "host%d.many.test A\nworkstation%d.mohit.com A\n", i * 10, i % 256 }' >"$TMP/batch"
awk 'BEGIN { for (i = 0; i < 600; i++) printf "10.9.%d.%d\n172.16.2.%d\n", i * 10 / 256, i * 10 % 256, i % 256 }' >"$TMP/addresses"

# perf WHAT FILE NOERRORS NXDOMAINS [OPTION...]: nothing lost, every answer of its kind, within 30 seconds.
perf() {
	what=$1 file=$2 good=$3 none=$4
	shift 4
	total=$((good + none))
	report=$(dnsperf -s 127.0.0.1 -p 53 -d "$TMP/$file" -n 1 -l 30 -t 5 -q 200 "$@" 2>&1)
	set -- "Queries sent: +$total\$" "Queries completed: +$total \(100\.00%\)" 'Queries lost: +0 \(0\.00%\)' "NOERROR $good "
	[ "$none" -eq 0 ] || set -- "$@" "NXDOMAIN $none "
	says "$real: dnsperf, $what" "$report" "$@" '!Warning: received a response with an unexpected'
}

for real in 127.0.0.2 127.0.0.3; do
	daemon_bare D -l 127.0.0.1 -s $real -o workstation123.mohit.com 172.16.2
	perf 'misses by UDP' misses $names 0
	perf 'misses by UDP again' misses $names 0
	perf 'misses by TCP' misses $names 0 -m tcp -c 8
	perf 'misses, unknown names and hits by UDP' mixed $((2 * names)) $names
	perf 'misses, unknown names and hits by TCP' mixed $((2 * names)) $names -m tcp -c 8
	perf 'misses with EDNS and DO' misses $names 0 -e -D
	for by in +notcp '+tcp +keepopen'; do
		# shellcheck disable=SC2086 # words
		dig +short +tries=1 +time=5 $by @127.0.0.1 -f "$TMP/batch" >"$TMP/came" 2>&1
		same "$real: each name has its own address, dig $by" '' "$(diff "$TMP/addresses" "$TMP/came" | head -n 10)"
	done
	quit D
done
finish
