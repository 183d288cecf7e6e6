#!/bin/sh
# Over 10,000 misses the ids are uniform and never sequential, the ports many and random, none used beyond its bound.
. test/lib.sh
story 21-ids-and-ports

# --- ports are given up after 10 s: begun here, looked at below
upstream AGED right
daemon A -s "$AGED" -o ws123.lab 172.16.2
# aged PREFIX: the ports of the questions whose names begin so
aged() {
	sed -n "s/^udp [0-9]* \([0-9]*\) [0-9]* [0-9]* $1.*/\1/p" "$AGED_LOG" | sort -u
}
many "$A" 'young%d.example' A n=300 window=10 >/dev/null
nap 10300 &
tenseconds=$!

upstream UP right
daemon D -s "$UP" -o ws123.lab 172.16.2
sums=$(many "$D" 'n%d.example' A n=10000 window=50 sockets=5)
is '10,000 misses' 'sent=10000 answered=10000 lost=0 wrong=0 twice=0 noerror=10000 *' "$sums"
spread=$("$PEER" spread "$UP_LOG" 128)
n=$(field n "$spread")
at_least 'questions upstream' "$n" 10000
# 255 degrees of freedom: outside of 160 to 391 less than once in a million runs.
for chi in chi_high chi_low chi_step; do
	at_least "$chi of the ids: $spread" "$(field $chi "$spread")" 160
	at_most "$chi of the ids: $spread" "$(field $chi "$spread")" 391
done
at_most "sequential ids: $spread" "$(field sequential "$spread")" 9	# 0.8 are to be expected
at_least "ports: $spread" "$(field ports "$spread")" 78			# 10,000 by 128
# A port that was given up may come back by chance, though hardly twice.
at_most "ports used more than 128 times: $spread" "$(field over "$spread")" 3
at_most "uses of one port: $spread" "$(field most "$spread")" 384
at_least "span of the ports: $spread" "$(field span "$spread")" 8000
at_most "ports next to one another: $spread" "$(field neighbours "$spread")" 4
# The port is drawn anew for each question: the same one again about every 32nd time.
at_least "the same port twice running: $spread" "$(field again "$spread")" $((n / 200))
at_most "the same port twice running: $spread" "$(field again "$spread")" $((n / 8))

# --- a second start has other ids and ports, a second try another id
first=$(sed -n 's/^udp [0-9]* \([0-9]* [0-9]*\) .*/\1/p' "$UP_LOG" | head -n 20)
stop D
upstream UP2 skip=30 right
daemon D -s "$UP2" -o ws123.lab 172.16.2
many "$D" 'n%d.example' A n=20 window=20 >/dev/null
second=$(sed -n 's/^udp [0-9]* \([0-9]* [0-9]*\) .*/\1/p' "$UP2_LOG" | head -n 20)
[ "$first" != "$second" ] || fail 'two starts, the same ids'
ids=$(sed -n 's/^udp [0-9]* [0-9]* \([0-9]*\) .* n3.example .*/\1/p' "$UP2_LOG")
at_least 'tries of one question' "$(echo "$ids" | grep -c .)" 2
is 'tries of one question with the same id' '' "$(echo "$ids" | sort | uniq -d)"
stop D

# --- TCP upstream: ids as random
upstream UP3 right
daemon D -s "$UP3" -o ws123.lab 172.16.2
many "$D" 't%d.example' A n=200 window=20 tcp >/dev/null
at_least 'different ids by TCP' "$(sed -n 's/^tcp [0-9]* [0-9]* \([0-9]*\) .*/\1/p' "$UP3_LOG" | sort -u | grep -c .)" 190
is 'connections to one upstream' 1 "$(sed -n 's/^tcp [0-9]* \([0-9]*\) .*/\1/p' "$UP3_LOG" | sort -u | grep -c .)"
stop D
# Nor is one in the air twice, where a sixteenth of all are.
upstream UP4 delay=1500 right
daemon D -s "$UP4" -o ws123.lab 172.16.2
is '4,000 in the air by TCP' 'sent=4000 answered=4000 lost=0 wrong=0 twice=0 noerror=4000 *' "$(many "$D" 'n%d.example' A n=4000 sockets=40 tcp wait=9000)"
is 'ids that were in the air twice' '' "$(sed -n 's/^tcp [0-9]* [0-9]* \([0-9]*\) .*/\1/p' "$UP4_LOG" | sort | uniq -d)"
stop D

# --- a port that all questions need, since one is still out, is given up after 512
upstream BUSY right
daemon_limits "-DPOOL_MAX=1" O -s "$BUSY" -o ws123.lab 172.16.2
ask "$O" delay-3000-x.example A >"$TMP/slow" &
slow=$!
logged BUSY ' delay-3000-x.example ' >/dev/null
many "$O" 'busy%d.example' A n=700 window=1 >/dev/null
most=$(sed -n 's/^udp [0-9]* \([0-9]*\) .*/\1/p' "$BUSY_LOG" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $1 }')
at_least 'uses of a busy port' "$most" 129
at_most 'uses of a busy port' "$most" 512
wait $slow
is 'the question that kept it busy' 'NOERROR *' "$(cat "$TMP/slow")"
stop O

# --- without randomness it does not start
: >"$TMP/nothing"
chmod 666 "$TMP/nothing"
if unshare -m mount --bind "$TMP/nothing" /dev/urandom 2>/dev/null; then
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'mount --bind "$1" /dev/urandom && exec "$2" run 5 "$3" -l 127.0.0.1@0 -s 127.0.0.1 -o ws.lab 10.0.0' \
	    sh "$TMP/nothing" "$PEER" "$DYNDNS" >"$TMP/out" 2>&1
	is 'status without randomness' 1 $?
	is 'lines without randomness' 1 "$(grep -c . "$TMP/out")"
	is 'complaint without randomness' 'dyndns: *random*' "$(cat "$TMP/out")"
else
	skip 'a start without randomness needs unshare -m and root'
fi

# --- ten seconds later
wait $tenseconds
many "$A" 'old%d.example' A n=300 window=10 >/dev/null
at_least 'ports at first' "$(aged young | grep -c .)" 25
at_least 'ports after 10 s' "$(aged old | grep -c .)" 25
at_most 'ports kept for more than 10 s' "$({ aged young; aged old; } | sort | uniq -d | grep -c .)" 1
stop A
finish
