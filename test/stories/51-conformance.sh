#!/bin/sh
# Each row of test/stories/conformance.txt: RFC 8906 section 8, ISC's EDNS set, RFC 5625, RFC 7766, odd packets; and silence for every flag word with QR.
. test/lib.sh
story 51-conformance

daemon FAR -r /dev/null -o ws123.far 172.16.3 -o ws123.far fd01::/64	# an upstream that conforms
upstream RIGHT right
upstream ECHO echo
daemon D -s "$RIGHT" -o ws123.lab 172.16.2 -o ws123.lab fd00::/64
daemon VIA -s "$FAR" -o ws123.lab 172.16.2
daemon BACK -s "$ECHO" -o ws123.lab 172.16.2
daemon CLOSED -a 10.0.0.0/8 -s "$RIGHT" -o ws123.lab 172.16.2

# What the rows may use.
# shellcheck disable=SC2034
{
	H='abcd 0100 0001 0000 0000 0000'
	H1='abcd 0100 0001 0000 0000 0001'
	H4=$H1
	Q='n:ws10.lab 0001 0001'
	L63=123456789012345678901234567890123456789012345678901234567890123
	N127=$(awk 'BEGIN { for (i = 1; i < 127; i++) printf "a."; print "a" }')
}

# try SERVER WORD...: as $words say, by UDP, by TCP, or both; the reply matches $pattern
try() {
	# shellcheck disable=SC2034 # eval reads it
	server=$1
	shift
	for by; do
		is "$row ($by${Z:+ $Z}): $words" "$pattern" "$(eval "ask \"\$server\" $words wait=3000 ${by#udp}")"
	done
}

rows=0
while IFS='	' read -r row how words pattern; do
	case $row in '#'* | '') continue ;; esac
	rows=$((rows + 1))
	Z=
	case $how in all) ;; *) eval "pattern=\"$pattern\"" ;; esac
	case $how in
	udp | tcp) try "$D" "$how" ;;
	both | relay) try "$D" udp tcp ;;
	closed)
		try "$CLOSED" udp
		# By TCP the connection is reset when it is accepted.
		pattern='*[rc][el][so][es]*'
		try "$CLOSED" tcp
		;;
	echo) try "$BACK" udp tcp ;;
	all)
		template=$pattern
		for Z in ws10.lab ws10.far; do
			eval "pattern=\"$template\""
			try "$VIA" udp tcp
		done
		;;
	cut)
		last=${words%% *}
		question=${words#* }
		n=12
		while [ $n -lt "$last" ]; do
			words="$question cut=$n"
			try "$D" udp tcp
			n=$((n + 1))
		done
		;;
	story) at_least "$row: rows in $words" "$(grep -c -F -- "${pattern%\*}" "test/stories/$words.sh")" 1 ;;
	steps) is "$row: $words" "$pattern" "$(eval "\"\$PEER\" tcp \"\$D\" $words")" ;;
	*) fail "$row: what is $how?" ;;
	esac
done <test/stories/conformance.txt
at_least 'rows' "$rows" 200

# QR set and every other bit of the flags in turn, 32,768 words: not one is answered.  By TCP, where the order tells,
# a question follows that is; by UDP a sample.
words() {
	awk -v from="$1" 'BEGIN { for (i = from; i < from + 2048; i++)
		printf "hex=001a%04x%04x00010000000000000477733130036c61620000010001\n", i, 32768 + i }'
}
from=0
while [ $from -lt 32768 ]; do
	# shellcheck disable=SC2046 # words
	is "QR and flags from $from on" 'id=1 NOERROR * an ws9.lab * 172.16.2.9 *' "$("$PEER" tcp "$D" $(words $from) q=ws9.lab/A write read=1)"
	from=$((from + 2048))
done
for flags in 8000 8100 8180 8400 8583 8600 87f0 8800 a000 a100 c000 f800 ffff 80f0 8010 8020 8040 8085; do
	is "QR and flags $flags by UDP" silence "$(ask "$D" - A "raw=abcd $flags 0001 0000 0000 0000 $Q" mark=ws1.lab)"
done

for name in FAR D VIA BACK CLOSED; do
	stop $name
	is "$name: status" 0 "$STATUS"
done
finish
