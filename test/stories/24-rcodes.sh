#!/bin/sh
# SERVFAIL or REFUSED from one server and an answer from the next: the answer; all fail: SERVFAIL; NXDOMAIN and NODATA are final.
. test/lib.sh
story 24-rcodes
upstream RIGHT right
upstream SERVFAIL servfail
upstream REFUSED refused
upstream NXDOMAIN nxdomain
upstream NODATA noerror
upstream FORMERR formerr
upstream NOTIMP notimp
upstream MUTE mute

# via EXPECTED SERVER...: what a client gets through these, by UDP and TCP.  A fresh
# daemon each time: which server is asked first depends on what happened before.
via() {
	expected=$1
	shift
	servers=
	for server; do
		eval "servers=\"\$servers -s \$$server\""
	done
	# shellcheck disable=SC2086
	daemon D $servers -o ws123.lab 172.16.2
	is "by UDP through $*" "$expected" "$(ask "$D" name.example A)"
	is "by TCP through $*" "$expected" "$(ask "$D" name.example A tcp)"
	stop D
}

ANSWER='NOERROR qr,rd,ra 1/1/0/0 | name.example IN A | an name.example 30 IN A 10.* | *'
via "$ANSWER" SERVFAIL RIGHT
via "$ANSWER" REFUSED RIGHT
via "$ANSWER" SERVFAIL REFUSED SERVFAIL RIGHT
via "$ANSWER" RIGHT SERVFAIL
via 'SERVFAIL qr,rd,ra 1/0/0/0 | name.example IN A | *' SERVFAIL
via 'SERVFAIL qr,rd,ra 1/0/0/0 | name.example IN A | *' SERVFAIL SERVFAIL SERVFAIL
via 'REFUSED qr,rd,ra 1/0/0/0 | name.example IN A | *' REFUSED
via '[SR]E* qr,rd,ra 1/0/0/0 | name.example IN A | *' SERVFAIL REFUSED
via '[SR]E* qr,rd,ra 1/0/0/0 | name.example IN A | *' REFUSED SERVFAIL
via 'NXDOMAIN qr,rd,ra 1/0/0/0 | name.example IN A | *' NXDOMAIN RIGHT
via 'NXDOMAIN qr,rd,ra 1/0/0/0 | name.example IN A | *' SERVFAIL NXDOMAIN RIGHT
via 'NOERROR qr,rd,ra 1/0/0/0 | name.example IN A | *' NODATA RIGHT
via 'FORMERR qr,rd,ra 1/0/0/0 | name.example IN A | *' FORMERR RIGHT
via "$ANSWER" NOTIMP RIGHT
via 'NOTIMP qr,rd,ra 1/0/0/0 | name.example IN A | *' NOTIMP
via "$ANSWER" MUTE SERVFAIL RIGHT

# The servers behind a final one were never asked.
: >"$RIGHT_LOG"
via 'NXDOMAIN *' NXDOMAIN RIGHT
is 'asked after NXDOMAIN' 0 "$(seen RIGHT name.example)"

# --- SERVFAIL comes at once, not when the time is up
daemon D -s "$SERVFAIL" -s "$REFUSED" -o ws123.lab 172.16.2
line=$(ask "$D" quick.example A ms)
at_most 'ms until SERVFAIL' "$(ms "$line")" 1500
is 'each server asked' 1 "$(seen SERVFAIL ' quick.example ')"
is 'each server asked' 1 "$(seen REFUSED ' quick.example ')"
stop D

# Nor is a datagram waited for that was lost before all have said no.
upstream LOST skip=1 servfail
daemon D -s "$LOST" -o ws123.lab 172.16.2
line=$(ask "$D" lost.example A ms)
is 'no after a loss' 'SERVFAIL *' "$line"
at_most 'ms until SERVFAIL after a loss' "$(ms "$line")" 1800
stop D
upstream LOST skip=1 servfail
daemon D -s "$LOST" -s "$SERVFAIL" -o ws123.lab 172.16.2
line=$(ask "$D" lost.example A ms)
at_most 'ms until two say SERVFAIL after a loss' "$(ms "$line")" 3000
stop D

# --- what is relayed is the upstream's own reply, its OPT too
daemon D -s "$SERVFAIL" -o ws123.lab 172.16.2
ask_is 'SERVFAIL qr,rd,ra 1/0/0/1 | name.example IN A | ar OPT v0 1232 - | *' "$D" name.example A dnssec
stop D

# --- what one server says of some names says nothing of the server: it is asked first, always
upstream FAILS servfail
daemon D -s "$FAILS" -s "$RIGHT" -o ws123.lab 172.16.2
is 'one fails, one answers' '* answered=50 lost=0 wrong=0 twice=0 noerror=50 *' "$(many "$D" 'n%d.example' A n=50 window=1)"
is 'questions to the one that fails' 50 "$(seen FAILS ' n[0-9]*.example ')"
stop D

# --- a server that is only slow for this name does better than one that says no, if it answers within its turn
upstream SLOW delay=600 right
via "$ANSWER" SERVFAIL SLOW
via "$ANSWER" REFUSED SLOW
kill_now SLOW
upstream SLOW delay=1700 right
via 'SERVFAIL qr,rd,ra 1/0/0/0 | name.example IN A | *' SERVFAIL SLOW
via 'REFUSED qr,rd,ra 1/0/0/0 | name.example IN A | *' REFUSED SLOW

# Who takes longer than a try is not given up: what is on its way is waited for.
upstream LATE delay=500 right
upstream NO right next refused
daemon D -s "$LATE" -s "$NO" -o ws123.lab 172.16.2
ask_is "$ANSWER" "$D" name.example A
is 'a slow server called down' 0 "$(seen D 'fails: others are asked first')"
next_stage NO
ask_is "$ANSWER" "$D" name.example A
stop D

# --- a server that was mute is noticed when it is back, also if it is slower than the one asked meanwhile
upstream BACK mute next delay=20 right
daemon D -s "$BACK" -s "$RIGHT" -o ws123.lab 172.16.2
ask_is "$ANSWER" "$D" name.example A
logged D 'fails: others are asked first' >/dev/null || fail 'a mute server is not noticed'
next_stage BACK
tries=0
until [ "$(seen D 'answers again')" -gt 0 ] || [ $tries -gt 30 ]; do
	tries=$((tries + 1))
	ask "$D" "again$tries.example" A >/dev/null
	nap 200
done
is 'the server is back' 1 "$(seen D 'answers again')"
stop D
# --- with a no in hand, one that was mute before gets one more wait, not all the time there is
daemon D -s "$MUTE" -s "$SERVFAIL" -o ws123.lab 172.16.2
ask "$D" first.example A >/dev/null
line=$(ask "$D" second.example A ms)
is 'SERVFAIL, and one known to be mute' 'SERVFAIL *' "$line"
at_most 'ms until SERVFAIL, one known to be mute' "$(ms "$line")" 2500
stop D
finish
