#!/bin/sh
# 20,000 varied questions (types, classes, flags, EDNS options, TSIG) go up and come down byte for byte equal, all but the id and the options for one hop.
. test/lib.sh
story 29-transparency

# The upstream sends the question's own bytes back, with one record that holds a
# sum of all it got; the helper knows what that must be for each question.
upstream UP echo
daemon D -s "$UP" -o ws123.lab 172.16.2
is '20,000 by UDP' 'sent=20000 equal=20000 different=0 lost=0' "$("$PEER" vary "$D" n=20000 seed=1)"
is '5,000 by TCP' 'sent=5000 equal=5000 different=0 lost=0' "$("$PEER" vary "$D" tcp n=5000 seed=2)"
day=$(date +%Y%m%d)
is "2,000 of today, seed $day" 'sent=2000 equal=2000 different=0 lost=0' "$("$PEER" vary "$D" n=2000 seed="$day")"
is 'broken questions upstream' 0 "$(seen UP '^broken')"
at_least 'questions upstream by UDP' "$(seen UP '^udp')" 22000
at_least 'questions upstream by TCP' "$(seen UP '^tcp')" 5000
for type in TYPE0 A OPT TSIG TYPE249 ANY; do
	at_least "questions for $type" "$(seen UP "^udp .* $type ")" 1
done
is 'SERVFAILs' 0 "$(counter "$D" servfail)"
is 'FORMERRs' 0 "$(counter "$D" formerr)"
is 'hits' 0 "$(counter "$D" hits)"

# --- what the upstream says comes down whatever it is: rcodes, flags and records of no known kind
stop D
for rcode in nxdomain formerr notimp servfail refused noerror; do
	upstream SAYS $rcode
	daemon D -s "$SAYS" -o ws123.lab 172.16.2
	is "$rcode" "$(ask "$SAYS" some.example A id=7 hex)" "$(ask "$D" some.example A id=7 hex)"
	is "$rcode with EDNS" "$(ask "$SAYS" some.example A id=7 dnssec hex)" "$(ask "$D" some.example A id=7 dnssec hex)"
	stop D
done
upstream SAYS right
daemon D -s "$SAYS" -o ws123.lab 172.16.2
for words in 'A' 'AAAA' 'TYPE65399' 'A class=CH' 'A class=CLASS65280' 'A flags=' 'A flags=rd,cd' 'A flags=rd,ad,z' 'ANY edns=4096' 'A ver=0 opt=fde80004deadbeef'; do
	# shellcheck disable=SC2086
	is "$words" "$(ask "$SAYS" Some.Example $words id=7 hex)" "$(ask "$D" Some.Example $words id=7 hex)"
done
# Names that resemble a hit but are none.
for name in ws256.lab ws.lab a.ws1.lab ws1.lab.example version.dyndns; do
	is "$name" "$(ask "$SAYS" $name A id=7 hex)" "$(ask "$D" $name A id=7 hex)"
done
finish
