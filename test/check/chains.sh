#!/bin/sh
# Proves that questions which were chosen to fall into one hash chain cost a miss no more than others do.
. test/lib.sh
story chains
own_machine

need python3 valgrind || finish
start MUTE ready "$PEER" serve 127.0.0.9@53 mute
${CC:-cc} -std=c99 -g -O1 -fno-inline -o "$TMP/slow" dyndns.c || fail 'it does not build'

# instructions KIND HASHES: in flight_start, for 4,096 questions in the air at once.
instructions() {
	start D ready valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=flight_start \
		"$TMP/slow" -l 127.0.0.1 -s 127.0.0.9 -o ws1.lab 10.0.0
	is "$1: hashes of FNV-1a" "$2" "$("$(tool python3)" test/tools/attack.py "$1" 127.0.0.1 53)"
	kill -USR1 "$D_PID"
	is "$1: under way" '* misses=4096 *' "$(logged D ' hits=')"
	quit D
	count=$(sed -n 's/.*Collected : //p' "$D_LOG")
}
instructions other 4096
others=$count
instructions alike 1
at_least 'instructions of a miss' $((others / 4096)) 500
at_most "instructions, of 100 of others ($others, $count)" $((count * 100 / others)) 110
finish
