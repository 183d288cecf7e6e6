#!/bin/sh
# Random and broken bytes by UDP and TCP: whatever comes back is a well-formed response, and the daemon goes on.
. test/lib.sh
story 15-hostile-bytes
upstream UP right
daemon D -s "$UP" -o ws123.lab 172.16.2 -o ws123.lab fd00::/64

# goes_on WHAT: hits and misses are answered as ever
goes_on() {
	alive D || fail "the daemon ended after $1: $(tail -n 3 "$D_LOG")"
	ask_is 'NOERROR * A 172.16.2.7 | *' "$D" ws7.lab A
	ask_is 'NOERROR * A 172.16.2.7 | *' "$D" ws7.lab A tcp
	ask_is 'NOERROR * A 10.* | *' "$D" after.example A
}

# A start with a seed that the date gives finds something new each day; it is printed with a failure.
day=$(date +%Y%m%d)
for seed in 1 "$day"; do
	sums=$("$PEER" junk "$D" udp n=${LONG:+20}5000 seed="$seed")
	is "malformed responses by UDP, seed $seed" '* malformed=0' "$sums"
	at_least "responses by UDP, seed $seed" "$(field replies "$sums")" 100
	goes_on "junk by UDP, seed $seed"
	sums=$("$PEER" junk "$D" tcp n=${LONG:+20}300 seed="$seed")
	is "malformed responses by TCP, seed $seed" '* malformed=0' "$sums"
	goes_on "junk by TCP, seed $seed"
done

# --- structured: every length of a good question, by UDP and TCP
n=0
while [ $n -lt 38 ]; do
	case $(ask "$D" ws7.lab A edns cut=$n mark=ws7.lab) in
	silence | FORMERR\ * | NOERROR\ *) pass ;;
	*) fail "cut to $n octets: $(ask "$D" ws7.lab A edns cut=$n)" ;;
	esac
	n=$((n + 1))
done

# --- long: the longest UDP datagram, a TCP message of 65,535, a length and nothing after it
ask_is 'FORMERR qr,* | *' "$D" - A raw='abcd 0100 0001 0000 0000 0000 n:ws7.lab 0001 0001 z:65000'
ask_is 'FORMERR qr,* | *' "$D" - A raw='abcd 0100 0001 0000 0000 0000 n:ws7.lab 0001 0001 z:4060'
case $(ask "$D" - A raw='abcd 0100 0001 0000 0000 0000 n:ws7.lab 0001 0001 z:65000' tcp) in
FORMERR* | closed | reset) pass ;;
*) fail 'a TCP message of 65,024 octets' ;;
esac
is 'a length of zero, then a question' 'id=1 NOERROR * A 172.16.2.7 *' "$("$PEER" tcp "$D" hex=0000 q=ws7.lab/A write read=1)"
"$PEER" tcp "$D" hex=ffff write hold=50 reset
"$PEER" tcp "$D" hex=ff write half hold=50
"$PEER" tcp "$D" reset
goes_on 'long messages'

# --- counts that promise 65,535 of everything, names that point at themselves, options that overrun
for raw in 'abcd 0100 ffff ffff ffff ffff' 'abcd 0100 0001 ffff 0000 0000 n:ws7.lab 0001 0001' \
    'abcd 0100 0001 0000 0000 0001 n:ws7.lab 0001 0001 c00c 0029 0400 00000000 0000' \
    'abcd 0100 0001 0000 0000 0001 n:ws7.lab 0001 0001 00 0029 0400 00000000 ffff' \
    'abcd 0100 0001 0000 0000 0000 c00c 0001 0001' 'abcd 0100 0001 0000 0000 0000 01'; do
	ask_is 'FORMERR qr,rd,ra *' "$D" - A raw="$raw"
	ask_is 'FORMERR qr,rd,ra *' "$D" - A raw="$raw" tcp
done

# --- names with any octet in them are only names: relayed as they are, and no log line breaks
ask_is 'NOERROR *| a\\010b.\\255\\000x.example IN A *' "$D" 'a\010b.\255\000x.example' A
ask_is 'NOERROR *' "$D" '%s%n%s.example' A

# --- upstreams that answer with junk harm nobody
upstream JUNK bad-empty bad-header bad-short bad-counts bad-opcode mute
daemon E -s "$JUNK" -s "$UP" -q -o ws123.lab 172.16.2
is 'junk from upstream by UDP' '* answered=1 lost=0 wrong=0 twice=0 noerror=1 *' "$(many "$E" junk.example A n=1)"
is 'junk from upstream by TCP' '* answered=1 lost=0 wrong=0 twice=0 noerror=1 *' "$(many "$E" junk.example A n=1 tcp)"
ask_is 'NOERROR *' "$E" 'line\010dyndns: forged.example' A
is 'forged lines in the log' 0 "$(seen E '^dyndns: forged')"
stop E
is 'status of the one that got junk from upstream' 0 "$STATUS"
goes_on 'all of it'
at_most 'lines in the log' "$(grep -c . "$D_LOG")" 100
stop D
is 'status at the end' 0 "$STATUS"
finish
