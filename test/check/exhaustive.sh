#!/bin/sh
# Proves by trying them all, under sanitizers, that messages and texts of small alphabets are read within their bounds.
. test/lib.sh
story exhaustive

# One after the other: both take all of a processor.
flags='-std=c99 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined'
# shellcheck disable=SC2086 # words
{ cc $flags -Dmain=dyndns_main -I. -c -o "$TMP/dyndns.o" dyndns.c && cc $flags -I. -o "$TMP/small" test/proof/small.c "$TMP/dyndns.o"; } >"$TMP/cc.log" 2>&1 ||
	{ fail 'it does not compile with sanitizers' "$(cat "$TMP/cc.log")"; finish; }
"$PEER" run 500 "$TMP/small" 5 6 >"$TMP/said" 2>&1
same 'status' 0 $?
says 'all of them' "$(cat "$TMP/said")" '^small: [0-9]{7,} passed, 0 failed$' '!ERROR|runtime error'
finish
