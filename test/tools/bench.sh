#!/bin/sh
# bench.sh -- how big dyndns is: stripped -Os binaries and the memory that is fixed at start.
# Prints a line for each that can be had here; CC and OUT as in the Makefile.

OUT=${OUT:-test/out}
CC=${CC:-cc}

octets() {
	wc -c <"$1" | tr -d ' '
}

mkdir -p "$OUT"
# C leaves no frame behind that would have to be unwound.
if $CC -std=c99 -Os -s -o "$OUT/small" dyndns.c && $CC -std=c99 -Os -s -fno-asynchronous-unwind-tables -o "$OUT/smaller" dyndns.c; then
	echo "size           $(octets "$OUT/small") octets stripped, -Os; $(octets "$OUT/smaller") with -fno-asynchronous-unwind-tables (goal 65536)"
	size "$OUT/small" 2>/dev/null |
	    awk 'NR == 2 { print "               " $2 + $3 " octets of memory, fixed at start (goal 16777216)" }'
fi
if command -v musl-gcc >/dev/null && musl-gcc -std=c99 -Os -s -static -o "$OUT/small" dyndns.c; then
	echo "               $(octets "$OUT/small") octets stripped, -Os, static with musl (goal 131072)"
fi
rm -f "$OUT/small" "$OUT/smaller"
