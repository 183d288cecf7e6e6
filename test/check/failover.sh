#!/bin/sh
# Proves how long a miss takes while servers fall silent, say no and come back, and that the first one's names stay with it.
. test/lib.sh
story failover
own_machine
[ -z "$LONG" ] || export LIFE=900

start GOOD ready "$PEER" serve 127.0.0.9@53 right
port=1000
# dyn NAME ARGS...: one more daemon, at its own port.
dyn() {
	port=$((port + 1))
	as=$1
	shift
	daemon_bare "$as" -l "127.0.0.1@$port" -o ws1.lab 10.0.0 "$@"
}
serves() { start "$1" ready "$PEER" serve "$2@53" ${3:+"$3"} right; }

# ---- two servers silent in turn, 200 questions a second, clients that never retry; all at once ----

# Of those that come in the first second of a silence some wait, of all others none.
flaps() {
	period=$1 seconds=$2
	serves "E$period" "127.0.1.$((period / 1000))" "flap=$period:0"
	serves "O$period" "127.0.2.$((period / 1000))" "flap=$period:1"
	dyn "F$period" -s "127.0.1.$((period / 1000))" -s "127.0.2.$((period / 1000))"
	second_is_mute "$period"
	many "127.0.0.1@$port" 'f%d.example' A n=$((200 * seconds)) rate=200 sockets=20 slow=50 >"$TMP/flap$period" &
	pids="$pids $!"
}
pids=
flaps 3000 18
flaps 1000 18

# ---- whole times, all servers silent ----

serves MUTE1 127.0.3.1 mute
serves MUTE2 127.0.3.2 mute
whole=
for times in ::5000 timeout:1:attempts:1:1000 timeout:1:attempts:3:3000 timeout:3::6000 :attempts:1:2500; do
	IFS=: read -r a b c d e <<-END
	$times
	END
	case $times in
	::5000) text='' ms=5000 ;;
	timeout:1:*) text="options timeout:$b attempts:$d" ms=$e ;;
	timeout:*) text="options timeout:$b" ms=6000 ;;
	*) text='options attempts:1' ms=2500 ;;
	esac
	: "$a$b$c$d$e"
	printf 'nameserver 127.0.3.1\nnameserver 127.0.3.2\n%s\n' "$text" >"$TMP/resolv.$ms"
	dyn "W$ms" -r "$TMP/resolv.$ms"
	ask "127.0.0.1@$port" whole.example A wait=9000 ms >"$TMP/whole$ms" &
	pids="$pids $!"
	whole="$whole $ms"
done
for pid in $pids; do wait "$pid"; done
for ms in $whole; do
	is "whole time of $ms ms" 'SERVFAIL *' "$(cat "$TMP/whole$ms")"
	at_least "whole time of $ms ms" "$(ms "$(cat "$TMP/whole$ms")")" "$((ms - 20))"
	at_most "whole time of $ms ms" "$(ms "$(cat "$TMP/whole$ms")")" "$((ms + 150))"
	quit "W$ms"
done
for period in 3000 1000; do
	sums=$(cat "$TMP/flap$period")
	is "silent in turn for $period ms" 'sent=3600 answered=3600 lost=0 wrong=0 twice=0 noerror=3600 *' "$sums"
	at_most "silent in turn for $period ms: slowest" "$(field slowest "$sums")" 1000
	at_most "silent in turn for $period ms: over 50 ms" "$(field late "$sums")" $((220 * 18000 / period))
	quit "F$period"
done

# ---- one is killed ----

# The best of three: what else the machine does meanwhile is not the daemon's.
for n in 1 2 3; do
	serves DIES 127.0.0.3 ''
	dyn D -s 127.0.0.3 -s 127.0.0.9
	many "127.0.0.1@$port" 'k%d.example' A n=1000 rate=200 sockets=20 slow=5 >"$TMP/killed" &
	logged DIES ' k300.example ' >/dev/null
	kill_now DIES
	wait $!
	sums=$(cat "$TMP/killed")
	is 'one is killed' 'sent=1000 answered=1000 lost=0 wrong=0 twice=0 noerror=1000 *' "$sums"
	late=$(field late "$sums")
	if [ "$late" -le 10 ] || [ $n = 3 ]; then break; fi
	quit D
done
at_most "one is killed: over 5 ms: $sums" "$late" 10

# ---- it comes back, 20 ms slower ----

serves DIES 127.0.0.3 delay=20
before=$(seen GOOD ' b[0-9]*.example ')
many "127.0.0.1@$port" 'b%d.example' A n=500 rate=100 sockets=10 >"$TMP/back"
is 'it comes back' 'sent=500 answered=500 lost=0 *' "$(cat "$TMP/back")"
at_most 'questions that go to the other one meanwhile (2.5 s)' $(($(seen GOOD ' b[0-9]*.example ') - before)) 250
quit D

# ---- SIGTERM with nothing in the air: the port is free at once ----

least=1000
for n in 1 2 3 4 5; do
	dyn D -s 127.0.0.9
	ask "127.0.0.1@$port" stops$n.example A >/dev/null
	until_free D "127.0.0.1@$port"
	[ "$MS" -ge "$least" ] || least=$MS
done
at_most 'milliseconds from SIGTERM to a free port' "$least" 5

# ---- all say no, or nobody is there ----

for n in 1 2 3; do serves "NO$n" "127.0.4.$n" refused; done
for servers in '-s 127.0.4.1' '-s 127.0.4.1 -s 127.0.4.2 -s 127.0.4.3' '-s 127.0.5.1' '-s 127.0.5.1 -s 127.0.5.2 -s 127.0.5.3'; do
	# shellcheck disable=SC2086 # words
	dyn D $servers
	case $servers in
	*.4.*) says='REFUSED *' ;;
	*) says='SERVFAIL *' ;;
	esac
	best=1000
	for n in 1 2 3; do
		line=$(ask "127.0.0.1@$port" no$n.example A wait=6000 ms)
		is "$servers" "$says" "$line"
		[ "$(ms "$line")" -ge "$best" ] || best=$(ms "$line")
	done
	at_most "$servers: milliseconds" "$best" 50
	quit D
done

# ---- order: what the first one answers within 400 ms never goes to the second, whatever else happens ----

seconds=30
[ -z "$LONG" ] || seconds=600
start FIRST ready "$PEER" serve 127.0.0.4@53 right
dyn D -s 127.0.0.4 -s 127.0.0.9
n=$((seconds * 50))
many "127.0.0.1@$port" 'plain%d.example' A n=$n rate=50 sockets=10 slow=50 >"$TMP/order.plain" &
pids=$!
for kind in rcode-2- rcode-5- delay-300- delay-700- delay-3000- mute- lost-; do
	many "127.0.0.1@$port" "$kind%d-x.example" A n=$((n / 10)) rate=5 sockets=4 >"$TMP/order.$kind" &
	pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
is "order: plain names beside it" "sent=$n answered=$n lost=0 wrong=0 twice=0 noerror=$n *" "$(cat "$TMP/order.plain")"
same 'order: plain names at the second one' 0 "$(seen GOOD ' plain[0-9]*.example ')"
same 'order: names of 300 ms at the second one' 0 "$(seen GOOD ' delay-300-[0-9]*-x.example ')"
same 'order: lost ones at the second one' 0 "$(seen GOOD ' lost-[0-9]*-x.example ')"
same 'order: the first one called down' 0 "$(seen D fails)"
for kind in rcode-2- rcode-5- delay-300- delay-700- delay-3000- mute- lost-; do
	is "order: $kind" "sent=$((n / 10)) answered=$((n / 10)) lost=0 wrong=0 twice=0 *" "$(cat "$TMP/order.$kind")"
done
quit D
finish
