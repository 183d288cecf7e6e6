#!/bin/sh
# Proves that unit tests, corpus and stories trip no sanitizer of gcc's or clang's, and a session no rule of valgrind.
. test/lib.sh
story sanitizers

export ASAN_OPTIONS=detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1

plain=$TMP/plain
said=$(make -s tests OUT="$plain" CFLAGS='-std=c99 -g -O1' 2>&1 && cc -std=c99 -g -O1 -o "$plain/dyndns" dyndns.c 2>&1)
same 'the plain build' '' "$said"

# What is under test is the daemon and what is linked with it: the other side of the stories is the plain one.
for cc in gcc clang; do
	need $cc || continue
	out=$TMP/$cc
	flags='-std=c99 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
	mkdir "$out"
	# shellcheck disable=SC2086 # words
	said=$($cc $flags -O1 -o "$out/dyndns" dyndns.c 2>&1 && make -s tests CC=$cc CFLAGS="$flags" OUT="$out" 2>&1)
	same "$cc with sanitizers builds it all" '' "$said"
	# The stories once, but for those that are about README or need to be loaded before everything else themselves.
	set -- "$out/unit" "$out"/fuzz_*
	[ $cc = clang ] || for f in test/stories/[0-9]*.sh; do
		grep -Eq 'LD_PRELOAD|README' "$f" || set -- "$@" "$f"
	done
	said=$(CI='' OUT=$out DYNDNS=$out/dyndns PEER=$plain/peer JOBS=4 LIMIT=240 sh test/run "$@" 2>&1)
	counts=$(printf '%s\n' "$said" | sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p')
	counts=${counts:-0 1}
	PASSED=$((PASSED + ${counts% *}))
	if [ "${counts#* }" != 0 ]; then
		fail "$cc with sanitizers" "$said"
	fi
done

if need valgrind dig; then
	valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=all "$plain/unit" >"$TMP/unit.log" 2>&1
	same 'the unit tests under valgrind: status' 0 $?
	says 'the unit tests under valgrind' "$(cat "$TMP/unit.log")" '^unit: [0-9]+ passed, 0 failed' '!^=='

	# A session: hits, misses, nonsense, by UDP and TCP, more connections than there may be descriptors left over.
	start UPSTREAM 'serving' "$plain/peer" serve 127.0.0.1@0 nxdomain
	real=$(sed -n 's/^serving //p' "$UPSTREAM_LOG")
	start SESSION 'dyndns: ready' valgrind --error-exitcode=99 --leak-check=full --track-fds=yes --log-file="$TMP/valgrind.log" \
		"$plain/dyndns" -l 127.0.0.1 -p 0 -s "$real" -o workstation123.mohit.com 172.16.2
	port=$(sed -n 's/^dyndns: listening on .*@//p' "$SESSION_LOG" | head -n 1)
	awk 'BEGIN { for (i = 0; i < 60; i++) printf "workstation%d.mohit.com A\nmiss%d.example A\n-x 172.16.2.%d\nworkstation%d.mohit.com ANY\nstats.dyndns CH TXT\n", i, i, i, i }' >"$TMP/batch"
	for by in +notcp +tcp '+tcp +keepopen'; do
		# shellcheck disable=SC2086 # words
		said=$(dig +tries=1 +time=10 $by -p "$port" @127.0.0.1 -f "$TMP/batch" 2>&1)
		same "under valgrind, dig $by: hits" 240 "$(printf '%s\n' "$said" | grep -c 'status: NOERROR')"
		same "under valgrind, dig $by: misses" 60 "$(printf '%s\n' "$said" | grep -c 'status: NXDOMAIN')"
	done
	for kind in udp tcp; do
		"$plain/peer" junk "127.0.0.1@$port" $kind >"$TMP/junk.log" 2>&1
		same "under valgrind, hostile bytes by $kind: status" 0 $?
	done
	same 'under valgrind, it still answers' 172.16.2.10 "$(dig +short +tries=1 +time=10 -p "$port" @127.0.0.1 workstation10.mohit.com)"
	quit SESSION
	report=$(cat "$TMP/valgrind.log")
	says 'the session under valgrind' "$report" 'ERROR SUMMARY: 0 errors' 'in use at exit: 0 bytes' '!definitely lost: [1-9]'
	open=$(printf '%s\n' "$report" | sed -n 's/.*FILE DESCRIPTORS: \([0-9]*\) open.*/\1/p')
	if [ "${open:-999}" -le 50 ]; then pass; else fail "the session ended with ${open:-unknown} descriptors" "$report"; fi
fi
finish
