#!/bin/sh
# Proves that make fuzz runs every fuzzer with sanitizers on, and that a short run of each finds nothing.
. test/lib.sh
story fuzz

need clang || finish
said=$(make -s fuzz SECONDS=5 OUT="$TMP" 2>&1)
same 'make fuzz: status' 0 $?
says 'make fuzz: findings' "$said" '!==|SUMMARY|Test unit written'
for f in test/fuzz/*.c; do
	n=${f##*/}
	n=${n%.c}
	[ "$n" = main ] || says "fuzz $n" "$said" "^$n: [0-9]{3,} executions, "
done
finish
