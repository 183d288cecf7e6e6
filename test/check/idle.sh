#!/bin/sh
# Proves that a daemon with nothing left to wait for makes no system call for 30 seconds.
. test/lib.sh
story idle
own_machine

need strace || finish
start UP 'ready' "$PEER" serve 127.0.0.9@5353 right
up=127.0.0.9@5353
echo 'ws1.lab 10.0.0' >"$TMP/rules"
printf 'nameserver 127.0.0.9\n' >"$TMP/resolv.conf"

# Each has had something else to do, and all are waited for at once.
asked() {
	port=$1
	shift
	"$PEER" ask "127.0.0.1@$port" "$@" >>"$TMP/replies"
}
all=
# busy NAME PORT ARGUMENT...: its process is added to the list.
busy() {
	as=$1 port=$2
	shift 2
	daemon_bare "$as" -l "127.0.0.1@$port" "$@"
	all="$all $as"
	: >"$TMP/trace.$as"
	strace -f -ttt -o "$TMP/trace.$as" -p "$(cat "$TMP/$as.pid")" 2>"$TMP/strace.$as" &
}
busy fresh 1001 -s $up -f "$TMP/rules"
busy hits 1002 -s $up -f "$TMP/rules"
busy misses 1003 -s $up -f "$TMP/rules"
busy tcp 1004 -s $up -f "$TMP/rules" -q
busy dead 1005 -s 127.0.0.9@5999 -s $up -f "$TMP/rules"
busy none 1006 -r "$TMP/none" -f "$TMP/rules"
busy resolv 1007 -r "$TMP/resolv.conf" -f "$TMP/rules"

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
"$PEER" tcp 127.0.0.1@1004 q=ws7.lab/A write read=1 wait=15000 end >"$TMP/stays" &
stays=$!
"$PEER" tcp 127.0.0.1@1004 hex=0020abcd write reset
asked 1005 one.example A
asked 1005 two.example A
asked 1006 one.example A
asked 1007 ws7.lab A
# A flood of bad ones: what it leaves out, it may count out later, but not for ever.
"$PEER" many 127.0.0.1@1003 ws7.lab AXFR n=200 >>"$TMP/replies"
kill -HUP "$(cat "$TMP/hits.pid")"
kill -USR1 "$(cat "$TMP/hits.pid")"
same 'questions answered' 48 "$(grep -c -e '^NOERROR' -e '^SERVFAIL' -e '^sent=200 answered=200' "$TMP/replies")"
wait $stays
says 'a connection that idles' "$(cat "$TMP/stays")" '^id=1 NOERROR' '^closed (9|10|11|12)[0-9][0-9][0-9] ms'

# The last deadline is a pool socket's or a connection's, ten seconds after its use; then 30 seconds of nothing.
# The call it sleeps in is a line without an end.
sleep 3
for as in $all; do
	wc -c <"$TMP/trace.$as" >"$TMP/before.$as"
	says "$as: how it sleeps" "$(tail -n 1 "$TMP/trace.$as")" '( p?poll\(.*, (-1|NULL.*)|restart_syscall\(.*)$'
done
# Nobody's ports are kept from others: whatever was opened is closed.
traced() { grep -cE "^[0-9]+ +[0-9.]+ ($2)\(.* = [0-9]+$" "$TMP/trace.$1"; }
for as in $all; do
	same "$as: what is open while idle" "$(traced "$as" 'socket|accept4?|open(at)?')" "$(traced "$as" close)"
done
at_least 'sockets that were opened' "$(traced misses socket)" 1
at_least 'connections that were taken' "$(traced tcp 'accept4?')" 20
sleep 30
for as in $all; do
	before=$(cat "$TMP/before.$as")
	same "$as: system calls while idle" '' "$(tail -c +$((before + 1)) "$TMP/trace.$as" | head -n 5)"
	# It was watched all the time: what it does now is seen.
	kill -USR1 "$(cat "$TMP/$as.pid")"
	tries=0
	until tail -c +$((before + 1)) "$TMP/trace.$as" | grep -q 'write(2, "dyndns: hits=' || [ $tries = 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	says "$as: afterwards" "$(tail -c +$((before + 1)) "$TMP/trace.$as")" 'SIGUSR1' 'write\(2, "dyndns: hits='
done
for as in $all; do
	quit "$as"
done
finish
