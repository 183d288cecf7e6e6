#!/bin/sh
# Replies of 512 to 65,535 octets to clients of each size: whole where they fit, else header, question and OPT with TC.
. test/lib.sh
story 28-sizes
upstream UP right
daemon D -s "$UP" -o ws123.lab 172.16.2

# whole SIZE WORDS...: all of it, TC clear;  cut SIZE COUNTS WORDS...: TC, COUNTS, no answer
whole() {
	size=$1
	shift
	ask_is "NOERROR qr,rd,ra 1/1/0/* | size-$size.example IN A | an size-$size.example 30 IN A 10.* | $size octets" \
	    "$D" "size-$size.example" A "$@"
}

cut_short() {
	size=$1
	counts=$2
	shift 2
	# The header is 12 octets, the question the name's and six more, the OPT 11.
	name=size-$size.example
	octets=$((12 + ${#name} + 2 + 4 + 11 * ${counts##*/}))
	opt=
	[ "$counts" = 1/0/0/0 ] || opt='| ar OPT v0 1232 - '
	ask_is "NOERROR qr,tc,rd,ra $counts | $name IN A $opt| $octets octets" "$D" "$name" A "$@"
}

for size in 100 511 512 513 1232 1233 4096 4097 16384 65507 65535; do
	# Without EDNS: 512.
	if [ "$size" -le 512 ]; then whole "$size"; else cut_short "$size" 1/0/0/0; fi
	# With: what the OPT says, though never less than 512.
	for edns in 0 100 512 513 1232 4096 65535; do
		room=$edns
		[ "$room" -ge 512 ] || room=512
		if [ "$size" -le "$room" ] && [ "$size" -le 65507 ]; then
			whole "$size" "edns=$edns"
		else
			cut_short "$size" 1/0/0/1 "edns=$edns"
		fi
	done
	# By TCP: all.
	whole "$size" tcp
	whole "$size" tcp edns=512
done

# --- IPv6 carries a little more than IPv4: what does not fit is cut, not lost
if "$PEER" port ::1 >/dev/null; then
	upstream_at UP6 ::1@0 right
	daemon E -s "$UP6" -o ws123.lab 172.16.2
	for size in 65508 65520; do
		ask_is "NOERROR qr,tc,rd,ra 1/0/0/1 | size-$size.example IN A *" "$E" "size-$size.example" A edns=65535
	done
	stop E
fi

# --- two clients of different size that ask at the same time, each gets what it takes
ask "$D" size-1000.example A >"$TMP/small" &
pids=$!
ask "$D" size-1000.example A edns=4096 >"$TMP/large" &
pids="$pids $!"
ask "$D" size-1000.example A tcp >"$TMP/stream" &
# shellcheck disable=SC2086
wait $pids $!
is 'the small one' 'NOERROR qr,tc,rd,ra 1/0/0/0 *' "$(cat "$TMP/small")"
is 'the large one' 'NOERROR qr,rd,ra 1/1/0/2 *| 1000 octets' "$(cat "$TMP/large")"
is 'the TCP one' 'NOERROR qr,rd,ra 1/1/0/1 *| 1000 octets' "$(cat "$TMP/stream")"

# --- a TC reply is relayed as it is; the same question by TCP gets all of it
ask_is 'NOERROR qr,tc,rd,ra 1/0/0/0 | tc.example IN A | 28 octets' "$D" tc.example A
ask_is 'NOERROR qr,tc,rd,ra 1/0/0/1 | tc.example IN A | ar OPT v0 1232 - | 39 octets' "$D" tc.example A edns=4096
ask_is 'NOERROR qr,rd,ra 1/1/0/0 | tc.example IN A | an tc.example 30 IN A 10.* | *' "$D" tc.example A tcp

# --- a hit never needs cutting: the longest name, ANY, EDNS
L61=1234567890123456789012345678901234567890123456789012345678901
L63=${L61}ab
daemon E -s "$UP" -o "ws%d.$L63.$L63.$L61" 10.0.0 -o "ws%d.$L63.$L63.$L61" fd00::/64
ask_is "NOERROR qr,aa,rd,ra 1/2/0/0 | ws255.$L63.$L63.$L61 IN ANY | an * A 10.0.0.255 | an * AAAA fd00::ff | *" "$E" "ws255.$L63.$L63.$L61" ANY
ask_is 'NOERROR qr,aa,rd,ra 1/0/1/1 | * | ns * SOA * | ar OPT v0 1232 do | *' "$E" "ws255.$L63.$L63.$L61" MX dnssec
octets=$(ask "$E" "ws255.$L63.$L63.$L61" MX dnssec)
octets=${octets% octets}
at_most 'octets of the longest NODATA' "${octets##* }" 512
ask_is "NOERROR qr,aa,rd,ra 1/1/0/0 | * PTR ws255.$L63.$L63.$L61 | *" "$E" 255.0.0.10.in-addr.arpa PTR
finish
