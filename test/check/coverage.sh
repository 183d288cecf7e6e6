#!/bin/sh
# Proves that the tests reach every line of rooms 4 to 7, and every branch that has no reason to be out of reach.
#
# With SHOW (make coverage) it prints each room's figures, each line that nothing reached, each line with a branch that was
# never taken, and why it cannot be, from the list below.  What has no reason there is a fault.
. test/lib.sh
story coverage

need gcc gcov || finish
# TEXT | REASON: why a line with TEXT is not reached, or not with every branch.
reasons() {
	cat <<'END'
if (g->hash == hash && g->key_len == len | another shape with the very same hash: none is known
memcmp(t->text + g->key, k->octets, len) == 0) | another shape with the very same hash: none is known
if (q.bad || len < HEADER_LEN) return false; | what flies was read as a question before: a bound to point at
END
}

# The daemon writes down what it reached when it leaves, by then perhaps as another user.
umask 0
out=$TMP/coverage
mkdir "$out"
chmod 777 "$out"
flags='-std=c99 -O0 -g -Wall -Wextra --coverage'
# One object for all, so that one set of counts is kept: a program with another main calls the daemon's.
cat >"$out/main.c" <<'END'
int dyndns_main(int, char **);
int main(int argc, char **argv) { return dyndns_main(argc, argv); }
END
# shellcheck disable=SC2086 # words
{ cp dyndns.c dyndns.h "$out" &&
	(cd "$out" && gcc $flags -Dmain=dyndns_main -c -o dyndns.o dyndns.c &&
	gcc -c main.c && gcc $flags -o dyndns main.o dyndns.o) &&
	gcc $flags -o "$out/unit" test/unit/[a-z]*.c "$out/dyndns.o"; } >"$TMP/cc.log" 2>&1 || { fail 'building it' "$(cat "$TMP/cc.log")"; finish; }
for f in question reply resolv rule stream; do
	object=$out/dyndns.o
	[ $f != stream ] || object=
	# shellcheck disable=SC2086
	gcc $flags -o "$out/fuzz_$f" test/fuzz/$f.c test/fuzz/main.c $object
done

set -- "$out/unit"
for f in "$out"/fuzz_*; do
	[ ! -x "$f" ] || set -- "$@" "$f"
done
said=$(CI='' OUT=$out DYNDNS=$out/dyndns JOBS=4 LIMIT=240 sh test/run "$@" test/stories/1[0-36]*.sh 2>&1)
same 'the tests pass' 0 $?
[ -z "${SHOW:-}" ] || echo "$said"

cd "$out" || exit 1
gcov -b -c dyndns.o >gcov.log 2>&1
reasons >why.txt
awk '
	# COUNT:LINE:TEXT, and branches behind the line that they belong to
	FILENAME == "why.txt" { n = index($0, " | "); if (n) why[substr($0, 1, n - 1)] = substr($0, n + 3); next }
	/^branch/ {
		if (!inside) next
		branches[room]++
		if (/never executed/ || /taken 0( |$)/) { missed[room]++; half[line]++ }
		next
	}
	/^(function|call|unconditional)/ { next }
	{
		split($0, part, ":")
		count = part[1]; gsub(/[ *]/, "", count)
		line = part[2] + 0
		text = $0; sub(/^[^:]*:[^:]*:/, "", text)
		if (text ~ /^\/\* ==== [0-9]+ /) { split(text, word, " "); room = word[3] + 0; title[room] = text; gsub(/^\/\* ==== | =+$/, "", title[room]) }
		inside = room >= 4 && room <= 7
		if (!inside || count == "-") next
		source[line] = text
		for (w in why) if (index(text, w)) reason[line] = " (" why[w] ")"
		lines[room]++
		order[++all] = line
		if (count ~ /^[#=]/) { unreached[room]++; never[line] = 1; if (!(line in reason)) fault = 1 }
	}
	END {
		for (i = 1; i <= all; i++) {
			line = order[i]
			if (line in never) print "line " line " never reached" reason[line] ": " source[line]
			else if (half[line]) {
				if (!(line in reason)) fault = 1
				print "line " line ", branches never taken: " half[line] reason[line] ": " source[line]
			}
		}
		for (room = 4; room <= 7; room++) {
			printf "room %-20s lines %d of %d, branches %d of %d\n", title[room], lines[room] - unreached[room], lines[room], branches[room] - missed[room], branches[room]
			l += lines[room]; u += unreached[room]; b += branches[room]; m += missed[room]
		}
		printf "rooms 4 to 7: lines %.1f %%, branches %.1f %%\n", l ? 100 * (l - u) / l : 0, b ? 100 * (b - m) / b : 0
		exit !(l > 500 && !fault && b > 500 && m * 20 <= b)
	}' why.txt dyndns.c.gcov >report.txt
same 'what is not reached has a reason' 0 $?
says 'every line' "$(cat report.txt)" '^rooms 4 to 7: lines 100\.0 %, branches (9[5-9]|100)\.'
if [ "$FAILED" -gt 0 ] || [ -n "${SHOW:-}" ]; then cat report.txt; fi
finish
