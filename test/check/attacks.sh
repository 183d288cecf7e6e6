#!/bin/sh
# Proves that forged datagrams and ICMP tell and change nothing, and that no client takes the relay from the others.
. test/lib.sh
story attacks
own_machine

need python3 ip || finish
ip addr add 10.0.0.53/32 dev lo
ip addr add 10.0.0.54/32 dev lo
ip addr add 10.0.0.77/32 dev lo
attack() { "$(tool python3)" test/tools/attack.py "$@"; }
counters() { ask 127.0.0.1@53 stats.dyndns TXT class=CH | tr '"' '\n' | grep '=' | grep -v -e seconds-up -e tcp-clients; }
start UP ready "$PEER" serve 10.0.0.53@53 delay=10 right
start UP2 ready "$PEER" serve 10.0.0.54@53 delay=10 right

# (Both ends of a connected socket to an address of this machine have that address.)
# ---- stray datagrams at every port: nothing that a client can read tells which were open ----

daemon_bare D -l 127.0.0.1 -l 10.0.0.77 -s 10.0.0.53 -o ws1.lab 10.0.0
many 127.0.0.1@53 'warm%d.example' A n=300 window=20 >"$TMP/warm"
before=$(counters)
is 'sent at each port' 64512 "$(attack stray 10.0.0.53 10.0.0.53)"
same 'what stats.dyndns says' "$before" "$(counters)"
is 'stats.dyndns, asked from elsewhere' 'REFUSED *' "$(ask 10.0.0.77@53 stats.dyndns TXT class=CH)"
kill -USR1 "$D_PID"
at_least 'SIGUSR1 tells of them' "$(field stray "$(logged D ' hits=')")" 1
ask_is 'NOERROR * A 10.*' 127.0.0.1@53 after.example A
quit D

# ---- forged port-unreachables, 11,700 a second ----

seconds=10
[ -z "$LONG" ] || seconds=60
n=$((seconds * 50))
for servers in '-s 10.0.0.53' '-s 10.0.0.53 -s 10.0.0.54'; do
	# shellcheck disable=SC2086 # words
	daemon_bare D -l 127.0.0.1 $servers -o ws1.lab 10.0.0
	attack icmp 10.0.0.53 10.0.0.53 11700 $seconds >"$TMP/icmp" &
	pid=$!
	before=$(seen UP2 '^udp')
	sums=$(many 127.0.0.1@53 'icmp%d.example' A n=$n rate=50 sockets=10)
	wait $pid
	at_least 'forged' "$(cat "$TMP/icmp")" $((seconds * 6000))
	is "forged ICMP, $servers" "sent=$n answered=$n lost=0 wrong=0 twice=0 *" "$sums"
	at_most "failed, $servers" "$(field servfail "$sums")" $((n / 1000))
	at_most "moved, $servers" $(($(seen UP2 '^udp') - before)) $((n / 100))
	quit D
done
# One that is really closed.
daemon_bare D -l 127.0.0.1 -s 10.0.0.99 -s 10.0.0.54 -o ws1.lab 10.0.0
ip addr add 10.0.0.99/32 dev lo
best=1000
for n in 1 2 3; do
	line=$(ask 127.0.0.1@53 closed$n.example A ms)
	is 'a port that is closed' 'NOERROR *' "$line"
	[ "$(ms "$line")" -ge "$best" ] || best=$(ms "$line")
done
at_most 'a port that is closed: milliseconds' "$best" 50
quit D

# ---- one client that asks what nobody answers ----

for name in 'mute-%d-x.example' mute-x.example; do
	daemon_bare D -l 127.0.0.1 -s 10.0.0.53 -o ws1.lab 10.0.0
	many 127.0.0.1@53 "$name" A n=13200 rate=2200 sockets=40 from=127.0.0.66@0 wait=100 >"$TMP/flood" 2>&1 &
	pid=$!
	nap 2000
	sums=$(many 127.0.0.1@53 'fair%d.example' A n=80 rate=20 sockets=4)
	hits=$(many 127.0.0.1@53 ws7.lab A n=80 rate=400 sockets=4 addr=10.0.0.7)
	at_least "beside a flood of $name: misses of 80: $sums" "$(field noerror "$sums")" 76
	is "beside a flood of $name: hits" 'sent=80 answered=80 lost=0 wrong=0 twice=0 noerror=80 *' "$hits"
	wait $pid
	quit D
done

# ---- TCP from outside -a ----

daemon_bare D -a 127.0.0.1 -l 127.0.0.1 -s 10.0.0.53 -o ws1.lab 10.0.0
attack knock 127.9.9.9 127.0.0.1 11000 4 >"$TMP/knocks" &
pid=$!
good=0 n=0
while [ $((n += 1)) -le 60 ]; do
	case $(ask 127.0.0.1@53 ws7.lab A tcp wait=1000) in
	NOERROR*) good=$((good + 1)) ;;
	esac
	nap 30
done
wait $pid
at_least 'TCP beside strangers: answered of 60' "$good" 57
at_least 'connections of strangers' "$(cat "$TMP/knocks")" 4000
quit D
finish
