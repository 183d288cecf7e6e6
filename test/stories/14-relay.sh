#!/bin/sh
# A miss goes up and its answer comes down, by UDP and TCP: bytes unchanged, fresh ids, the next nameserver on silence or refusal.
. test/lib.sh
story 14-relay

# --- end to end
upstream UP right
daemon D -s "$UP" -o ws123.lab 172.16.2
for by in '' tcp; do
	ask_is 'NOERROR qr,rd,ra 1/1/0/0 | www.example IN A | an www.example 30 IN A 10.* | *' "$D" www.example A ${by:+"$by"}
	ask_is 'NOERROR qr,rd,ra 1/1/0/1 | www.example IN AAAA | an www.example 30 IN AAAA fd00::* | ar OPT v0 1232 - | *' \
	    "$D" www.example AAAA edns dnssec ${by:+"$by"}
	ask_is 'NOERROR qr,ra 1/1/0/0 | WWW.Example CH TYPE999 | *' "$D" WWW.Example TYPE999 class=CH flags= ${by:+"$by"}
done
is 'UDP questions upstream' 3 "$(seen UP '^udp')"
is 'TCP questions upstream' 3 "$(seen UP '^tcp')"
# The client's own bytes arrive, all but the id.
ask "$D" Plain.Example MX id=4660 flags=rd,cd,ad,z edns=1400 opt=fde90003aabbcc >/dev/null
hex=$(logged UP 'Plain.Example MX')
hex=${hex##* }
is 'the question upstream' 0170000100000000000105506c61696e074578616d706c6500000f0001000029057800000000'0007fde90003aabbcc' "${hex#????}"

# --- 300 at once from 30 clients: each gets its own answer with its own id
is '300 at once' 'sent=300 answered=300 lost=0 wrong=0 twice=0 noerror=300 *' "$(many "$D" 'n%d.example' A n=300 sockets=30 window=100)"
is '100 by TCP' 'sent=100 answered=100 lost=0 wrong=0 twice=0 noerror=100 *' "$(many "$D" 't%d.example' A n=100 sockets=10 tcp)"
ids=$(sed -n 's/^udp [0-9]* [0-9]* \([0-9]*\) [0-9]* n[0-9]*\.example .*/\1/p' "$UP_LOG" | sort -u | grep -c .)
at_least 'different ids of 300' "$ids" 290
# The clients' ids were 0 to 299; ids of our own making are nowhere near.
same=$(sed -n 's/^udp [0-9]* [0-9]* \([0-9]*\) [0-9]* n\1\.example .*/\1/p' "$UP_LOG" | grep -c .)
at_most 'ids that came from the client' "$same" 3
ports=$(sed -n 's/^udp [0-9]* \([0-9]*\) .*/\1/p' "$UP_LOG" | sort -u | grep -c .)
at_least 'different ports' "$ports" 4
stop D

# --- the next nameserver: on silence, on a port that is closed, on REFUSED and SERVFAIL
upstream MUTE mute
upstream REFUSES refused
upstream FAILS servfail
CLOSED=127.0.0.1@$("$PEER" port)
for first in "$MUTE" "$REFUSES" "$FAILS" "$CLOSED"; do
	daemon D -s "$first" -s "$UP" -o ws123.lab 172.16.2
	for by in '' tcp; do
		ask_is 'NOERROR qr,rd,ra 1/1/0/0 | next.example IN A | an next.example 30 IN A 10.* | *' "$D" next.example A ${by:+"$by"}
	done
	stop D
done
at_least 'asked before' "$(seen MUTE ' next.example ')" 1
at_least 'asked before' "$(seen REFUSES ' next.example ')" 1
at_least 'asked before' "$(seen FAILS ' next.example ')" 1

# --- in the end: SERVFAIL, or what the last one said
daemon D -s "$CLOSED" -s "127.0.0.1@$("$PEER" port)" -o ws123.lab 172.16.2
ask_is 'SERVFAIL qr,rd,ra 1/0/0/0 | nobody.example IN A | *' "$D" nobody.example A
ask_is 'SERVFAIL qr,rd,ra 1/0/0/0 | nobody.example IN A | *' "$D" nobody.example A tcp
ask_is 'SERVFAIL qr,rd,ra 1/0/0/1 | nobody.example IN A | ar OPT v0 1232 do | *' "$D" nobody.example A dnssec
ask_is 'NOERROR * A 172.16.2.7 | *' "$D" ws7.lab A
is 'SERVFAIL counted' 3 "$(counter "$D" servfail)"
stop D
daemon D -s "$MUTE" -o ws123.lab 172.16.2
line=$(ask "$D" mute.example A ms)
is 'a mute upstream' 'SERVFAIL qr,rd,ra 1/0/0/0 | mute.example IN A | *' "$line"
at_most 'ms until SERVFAIL' "$(ms "$line")" 6500
at_least 'ms until SERVFAIL' "$(ms "$line")" 3900
ask_is 'NOERROR * A 172.16.2.7 | *' "$D" ws7.lab A
stop D

# --- wrong replies first; none is believed, none ends the wait
upstream LIES bad-id bad-question bad-type bad-qr bad-short bad-counts bad-header bad-port bad-addr bad-empty bad-opcode right
daemon D -s "$LIES" -o ws123.lab 172.16.2
is 'wrong replies' 'sent=20 answered=20 lost=0 wrong=0 twice=0 noerror=20 *' "$(many "$D" 'l%d.example' A n=20 window=1)"
is 'tries' 20 "$(seen LIES ' l[0-9]*.example ')"
stop D

# --- by IPv6
if "$PEER" port ::1 >/dev/null; then
	upstream_at UP6 ::1@0 right
	daemon D -s "$UP6" -o ws123.lab 172.16.2
	ask_is 'NOERROR qr,rd,ra 1/1/0/0 | www.example IN A | an www.example 30 IN A 10.* | *' "$D" www.example A
	ask_is 'NOERROR qr,rd,ra 1/1/0/0 | www.example IN A | an www.example 30 IN A 10.* | *' "$D" www.example A tcp
	is 'questions by IPv6' 2 "$(seen UP6 ' www.example ')"
	stop D
fi

# --- -q: one line for each question; SIGTERM: status 0, after what is in flight has landed
upstream SLOW delay=300 right
daemon D -q -s "$SLOW" -o ws123.lab 172.16.2
ask "$D" ws7.lab A >/dev/null
ask "$D" quiet.example TXT tcp >/dev/null
is '-q of a hit' 'dyndns: *127.0.0.1*ws7.lab*A*' "$(logged D ws7.lab)"
is '-q of a miss' 'dyndns: *127.0.0.1*quiet.example*TXT*' "$(logged D quiet.example)"
ask "$D" last.example A >"$TMP/last" &
logged SLOW last.example >/dev/null
stop D
is 'status after SIGTERM' 0 "$STATUS"
wait $!
is 'what was in flight' 'NOERROR * last.example 30 IN A 10.*' "$(cat "$TMP/last")"
finish
