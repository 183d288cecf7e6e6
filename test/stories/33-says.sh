#!/bin/sh
# Who is refused is told once what lets them in, what is odd is named, each line has its priority, and stopping is quick.
. test/lib.sh
story 33-says

upstream UP right

# --- who is refused: the first is a line, with what would let it in; that word does.
if [ "$(uname)" = Linux ]; then
	daemon D -q -a 127.0.0.1 -s "$UP" -o ws1.lab 10.0.0
	for n in 1 2 3; do
		ask_is 'REFUSED *' "$D" ws7.lab A from=127.5.6.$n@0
		ask "$D" ws7.lab A tcp from=127.7.6.$n@0 >/dev/null
	done
	same 'one line for all who are refused' 'dyndns: 127.5.6.1 may not ask: -a 127.5.6.0/24 would let it in' "$(grep 'may not ask' "$D_LOG")"
	is '-q says refused' '*query 127.5.6.1@* udp ws7.lab A refused rcode=5 ms=0' "$(logged D ' refused ')"
	quit D
	daemon D -a 127.0.0.1 -a 127.5.6.0/24 -s "$UP" -o ws1.lab 10.0.0
	ask_is 'NOERROR *' "$D" ws7.lab A from=127.5.6.1@0
	quit D
fi
if "$PEER" port ::1 >"$TMP/port"; then
	daemon_bare D -l ::1@0 -a 127.0.0.1 -s "$UP" -o ws1.lab 10.0.0
	ask "$D" ws7.lab A tcp >/dev/null
	is 'IPv6, by TCP: its /64' '*dyndns: ::1 may not ask: -a ::/64 would let it in' "$(logged D 'may not ask')"
	quit D
fi
# AXFR is refused to everybody, and no -a would change that.
daemon D -q -s "$UP" -o ws1.lab 10.0.0
ask_is 'REFUSED *' "$D" ws7.lab AXFR
is '-q of AXFR' '*AXFR refused rcode=5 ms=0' "$(logged D AXFR)"
same 'AXFR gets no advice' 0 "$(seen D 'may not ask')"
quit D

# --- resolv.conf as it is misspelt: the file and the word are named
printf 'Nameserver 127.0.0.1\nnameservers 127.0.0.1\nnameserver=127.0.0.1\n' >"$TMP/resolv.conf"
daemon D -r "$TMP/resolv.conf" -o ws1.lab 10.0.0
for w in Nameserver nameservers nameserver=127.0.0.1; do
	says "resolv.conf: $w" "$(cat "$D_LOG")" "^dyndns: $TMP/resolv.conf: $w: did you mean nameserver ADDRESS\\?$"
done
says 'resolv.conf without a nameserver' "$(cat "$D_LOG")" "^dyndns: no nameserver in $TMP/resolv.conf: misses get SERVFAIL, -s ADDR gives one$"
quit D
daemon D -r "$TMP/none" -o ws1.lab 10.0.0
says 'no resolv.conf' "$(cat "$D_LOG")" "^dyndns: $TMP/none: No such file or directory: misses get SERVFAIL, -s ADDR gives a nameserver$"
quit D

# --- one nameserver alone
upstream MUTE mute
daemon D -s "$MUTE" -o ws1.lab 10.0.0
ask "$D" one.example A wait=2000 >/dev/null
is 'one nameserver alone that fails' "*upstream $MUTE fails, and no other is there" "$(logged D fails)"
quit D

# --- a journal gets priorities and no name of ours; any other stderr the name
: >"$TMP/journal"
if stream=$(stat -c %d:%i "$TMP/journal" 2>/dev/null); then
	JOURNAL_STREAM=$stream "$PEER" run 5 "$DYNDNS" -q -l 127.0.0.1@0 -s "$UP" -r >"$TMP/wrong" 2>&1
	JOURNAL_STREAM=$stream "$PEER" run 20 "$DYNDNS" -q -l 127.0.0.1@0 -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/pid" 2>"$TMP/journal" &
	journal=$!
	echo $! >"$TMP/J.pid"
	D=$("$PEER" wait "$TMP/journal" 'listening on ' 5000)
	D=${D##* on }
	"$PEER" wait "$TMP/journal" '<5>ready' 5000 >"$TMP/line"
	ask "$D" ws7.lab A >/dev/null
	kill "$(cat "$TMP/pid")"
	wait "$journal"
	says 'a journal' "$(cat "$TMP/journal")" '^<5>upstream ' '^<5>listening on' '^<6>query .* hit ' '^<5>stopped$' '!dyndns'
	says 'what is no journal' "$(cat "$TMP/wrong")" '^dyndns: -r: needs a word'
	rm -f "$TMP/J.pid"
fi

# --- stopping: with nothing in the air the port is free at once (check/failover.sh has the tighter bound)
least=1000
for n in 1 2 3 4 5; do
	daemon D -s "$UP" -o ws1.lab 10.0.0
	ask_is 'NOERROR *' "$D" ws7.lab A
	until_free D "$D"
	[ "$MS" -ge "$least" ] || least=$MS
done
at_most 'milliseconds from SIGTERM to a free port' "$least" 500
finish
