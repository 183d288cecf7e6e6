#!/bin/sh
# Identical questions share one flight and each client gets its own id back; different ones don't; full tables refuse the newest.
. test/lib.sh
story 20-merging

# --- 200 clients, one question, a silent upstream: one datagram a try, then 200 answers
upstream UP skip=1 right
daemon D -s "$UP" -o ws123.lab 172.16.2
sums=$(many "$D" same.example A n=200 sockets=200)
is '200 of the same' 'sent=200 answered=200 lost=0 wrong=0 twice=0 noerror=200 *' "$sums"
is 'datagrams for two tries' 2 "$(seen UP '^udp.* same.example A ')"
is 'merged, counted' 199 "$(counter "$D" merged)"
is 'misses, counted' 200 "$(counter "$D" misses)"

# --- after it has landed the same question is a new flight
ask "$D" again.example A >/dev/null
ask "$D" again.example A >/dev/null
is 'the same, one after the other' 2 "$(seen UP ' again.example ')"
stop D

# One client that asks three times with three ids gets three answers.
upstream UP skip=1 right
daemon D -s "$UP" -o ws123.lab 172.16.2
is 'three from one socket' 'sent=3 answered=3 lost=0 wrong=0 twice=0 noerror=3 *' "$(many "$D" thrice.example A n=3)"
is 'their datagrams' 2 "$(seen UP ' thrice.example ')"
stop D

# --- a client that repeats itself, or another with the same question, does not shorten the wait for a slow answer
upstream LATE delay=1700 right
daemon L -s "$LATE" -o ws123.lab 172.16.2
ask "$L" late.example A >"$TMP/late" &
pid=$!
nap 700
ask_is 'NOERROR *' "$L" late.example A
wait $pid
is 'who asked first' 'NOERROR *' "$(cat "$TMP/late")"
stop L

# --- by TCP as well
upstream SLOW delay=300 right
daemon S -s "$SLOW" -o ws123.lab 172.16.2
is 'ten by TCP' 'sent=10 answered=10 lost=0 wrong=0 twice=0 noerror=10 *' "$(many "$S" stream.example A n=10 sockets=10 tcp)"
at_most 'their questions upstream' "$(seen SLOW '^tcp.* stream.example ')" 1

# --- different flags, EDNS, case, type, class: different questions, each with its own answer
pids=
: >"$TMP/answers"
for words in 'differ.example A' 'differ.example A flags=' 'differ.example A flags=rd,cd' 'differ.example A flags=rd,ad' \
    'differ.example A edns=1232' 'differ.example A edns=1233' 'differ.example A dnssec' 'differ.example A ver=0 opt=fde80000' \
    'differ.example AAAA' 'differ.example A class=CH' 'Differ.example A' 'differ.EXAMPLE A'; do
	# shellcheck disable=SC2086 # a question's words
	ask "$S" $words >>"$TMP/answers" &
	pids="$pids $!"
done
# shellcheck disable=SC2086
wait $pids
# Each is counted once, whatever its tries: the octets after the id.
is 'different questions upstream' 12 "$(sed -n 's/^udp.* [Dd]iffer\.[a-zA-Z]* .* ....//p' "$SLOW_LOG" | sort -u | grep -c .)"
is 'different questions, their answers' 12 "$(grep -c '^NOERROR qr' "$TMP/answers")"
is 'answers to somebody else' 0 "$(grep -c 'DIFFERS' "$TMP/answers")"
is 'case of the answers' 1 "$(grep -c '| Differ.example IN A' "$TMP/answers")"
stop S

# --- full tables, made small so that they fill
if ! ${CC:-cc} -O1 -DFLIGHTS_MAX=16 -DWAITERS_MAX=64 -o "$TMP/small" dyndns.c 2>"$TMP/cc"; then
	fail "small tables do not compile: $(cat "$TMP/cc")"
	finish
fi
DYNDNS=$TMP/small
upstream HELD mute next right
daemon D -s "$HELD" -o ws123.lab 172.16.2
many "$D" 'f%d.example' A n=40 sockets=40 >"$TMP/flights" &
logged HELD ' f15.example ' >/dev/null
ask_is 'SERVFAIL qr,rd,ra 1/0/0/0 | newest.example IN A | *' "$D" newest.example A
ask_is 'NOERROR * A 172.16.2.7 | *' "$D" ws7.lab A
is 'flights beyond the limit' 0 "$(seen HELD ' f16.example ')"
next_stage HELD
wait $!
is 'a full flight table' 'sent=40 answered=40 lost=0 wrong=0 twice=0 noerror=16 servfail=24 *' "$(cat "$TMP/flights")"
is 'SERVFAIL, counted' 25 "$(counter "$D" servfail)"
is 'after the flights have landed' 'sent=16 answered=16 lost=0 wrong=0 twice=0 noerror=16 *' "$(many "$D" 'g%d.example' A n=16)"
stop D

upstream HELD2 mute next right
daemon D -s "$HELD2" -o ws123.lab 172.16.2
many "$D" waiters.example A n=100 sockets=100 >"$TMP/waiters" &
logged HELD2 ' waiters.example ' >/dev/null
pid=$!
# All hundred have been asked once the 36 that had no place have their SERVFAIL.
tries=0
until [ "$(counter "$D" servfail)" = 36 ] || [ $tries = 100 ]; do
	tries=$((tries + 1))
done
ask_is 'SERVFAIL qr,rd,ra 1/0/0/0 | other.example IN A | *' "$D" other.example A
next_stage HELD2
wait $pid
is 'a full waiter list' 'sent=100 answered=100 lost=0 wrong=0 twice=0 noerror=64 servfail=36 *' "$(cat "$TMP/waiters")"
is 'after the waiters have gone' 'sent=64 answered=64 lost=0 wrong=0 twice=0 noerror=64 *' "$(many "$D" w.example A n=64 sockets=64)"
stop D
finish
