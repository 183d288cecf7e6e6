#!/bin/sh
# Proves that a daemon with nothing left to wait for makes no system call for 30 seconds.
# shellcheck source=test/check/lib.sh
. "$(dirname "$0")/lib.sh"
own_machine

need strace || finish
peer=$tmp/peer
# shellcheck disable=SC2086 # CC may have words
${CC:-cc} -std=c99 -O1 -o "$peer" test/tools/peer.c 2>"$tmp/cc.log" || { fail 'test/tools/peer.c does not compile' "$(cat "$tmp/cc.log")"; finish; }
launch up '^ready' "$peer" serve 127.0.0.9@5353 right
up=127.0.0.9@5353
echo 'ws1.lab 10.0.0' >"$tmp/rules"
printf 'nameserver 127.0.0.9\n' >"$tmp/resolv.conf"

# Each has had something else to do, and all are waited for at once.
asked() {
	port=$1
	shift
	"$peer" ask "127.0.0.1@$port" "$@" >>"$tmp/replies"
}
first=
all=
# busy NAME PORT ARGUMENT...: its process is added to the list.
busy() {
	as=$1 port=$2
	shift 2
	daemon "$as" -l "127.0.0.1@$port" "$@"
	eval "pid_$as=$daemon"
	all="$all $as"
	: >"$tmp/trace.$as"
	strace -f -ttt -o "$tmp/trace.$as" -p "$daemon" 2>"$tmp/strace.$as" &
	pids="$pids $!"
}
busy fresh 1001 -s $up -f "$tmp/rules"
busy hits 1002 -s $up -f "$tmp/rules"
busy misses 1003 -s $up -f "$tmp/rules"
busy tcp 1004 -s $up -f "$tmp/rules" -q
busy dead 1005 -s 127.0.0.9@5999 -s $up -f "$tmp/rules"
busy none 1006 -r "$tmp/none" -f "$tmp/rules"
busy resolv 1007 -r "$tmp/resolv.conf" -f "$tmp/rules"

asked 1002 ws7.lab A
asked 1002 ws7.lab A tcp
i=0
while [ $i -lt 20 ]; do
	asked 1003 $i.example A
	asked 1004 $i.example A tcp
	i=$((i + 1))
done
asked 1004 ws7.lab A tcp
# One that stays connected until it is thrown out, one that goes away in the middle of a question.
"$peer" tcp 127.0.0.1@1004 q=ws7.lab/A write read=1 wait=15000 end >"$tmp/stays" &
stays=$!
"$peer" tcp 127.0.0.1@1004 hex=0020abcd write reset
asked 1005 one.example A
asked 1005 two.example A
asked 1006 one.example A
asked 1007 ws7.lab A
# A flood of bad ones: what it leaves out, it may count out later, but not for ever.
"$peer" many 127.0.0.1@1003 ws7.lab AXFR n=200 >>"$tmp/replies"
eval "kill -HUP \$pid_hits; kill -USR1 \$pid_hits"
same 'questions answered' 48 "$(grep -c -e '^NOERROR' -e '^SERVFAIL' -e '^sent=200 answered=200' "$tmp/replies")"
wait $stays
says 'a connection that idles' "$(cat "$tmp/stays")" '^id=1 NOERROR' '^closed (9|10|11|12)[0-9][0-9][0-9] ms'

# The last deadline is a pool socket's or a connection's, ten seconds after its use; then 30 seconds of nothing.
# The call it sleeps in is a line without an end.
sleep 3
for as in $all; do
	wc -c <"$tmp/trace.$as" >"$tmp/before.$as"
	says "$as: how it sleeps" "$(tail -n 1 "$tmp/trace.$as")" '( p?poll\(.*, (-1|NULL.*)|restart_syscall\(.*)$'
done
sleep 30
for as in $all; do
	before=$(cat "$tmp/before.$as")
	same "$as: system calls while idle" '' "$(tail -c +$((before + 1)) "$tmp/trace.$as" | head -n 5)"
	# It was watched all the time: what it does now is seen.
	eval "first=\$pid_$as"
	kill -USR1 "$first"
	tries=0
	until tail -c +$((before + 1)) "$tmp/trace.$as" | grep -q 'write(2, "dyndns: hits=' || [ $tries = 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	says "$as: afterwards" "$(tail -c +$((before + 1)) "$tmp/trace.$as")" 'SIGUSR1' 'write\(2, "dyndns: hits='
done
for as in $all; do
	eval "daemon=\$pid_$as"
	quit
done
finish
