#!/bin/sh
# A relaying loop dies out: ourselves by another address, two daemons in a circle, a ring of three; SERVFAIL within the time limit.
. test/lib.sh
story 26-loops
RULE='-o ws123.lab 172.16.2'
# Seven free ports, no two of them the same.
ports=' '
while [ "$(echo "$ports" | wc -w)" -lt 7 ]; do
	port=$("$PEER" port)
	case $ports in
	*" $port "*) ;;
	*) ports="$ports$port " ;;
	esac
done
# shellcheck disable=SC2086
set -- $ports
P1=$1 P2=$2 P3=$3 Q1=$4 Q2=$5 R1=$6 R2=$7

# shellcheck disable=SC2086 # RULE is two words and their option
{
	daemon_bare A -l "127.0.0.1@$P1" -s "127.0.0.1@$P2" $RULE
	daemon_bare B -l "127.0.0.1@$P2" -s "127.0.0.1@$P3" $RULE
	daemon_bare C -l "127.0.0.1@$P3" -s "127.0.0.1@$P1" $RULE
	daemon_bare X -l "127.0.0.1@$Q1" -s "127.0.0.1@$Q2" $RULE
	daemon_bare Y -l "127.0.0.1@$Q2" -s "127.0.0.1@$Q1" $RULE
	daemon_bare T -l "127.0.0.1@$R1" -s "127.0.0.1@$R2" $RULE
	daemon_bare U -l "127.0.0.1@$R2" -s "127.0.0.1@$R1" $RULE
}

# A ring of three and a circle of two by UDP, a circle of two by TCP, all at once.
ask "$A" ring.example A ms wait=15000 >"$TMP/A" &
pids=$!
ask "$X" circle.example A ms wait=15000 >"$TMP/X" &
pids="$pids $!"
ask "$T" stream.example A ms tcp wait=15000 >"$TMP/T" &
pids="$pids $!"

# --- ourselves: skipped and logged, by the very address, by another of ours, and under a wildcard
SELF=$("$PEER" port)
# ourselves SERVER ARGS...
ourselves() {
	server=$1
	shift
	# shellcheck disable=SC2086
	daemon_bare S "$@" -s "$server" $RULE
	line=$(ask "127.0.0.1@$SELF" self.example A ms)
	is "ourselves, $server with $*" 'SERVFAIL qr,rd,ra 1/0/0/0 | self.example IN A | *' "$line"
	at_most "ms, $server with $*" "$(ms "$line")" 400
	is "the log, $server with $*" '*ourselves*' "$(grep "nameserver .*@$SELF" "$S_LOG")"
	is "misses, $server with $*" 1 "$(counter "127.0.0.1@$SELF" misses)"
	ask_is 'NOERROR * A 172.16.2.7 | *' "127.0.0.1@$SELF" ws7.lab A
	stop S
}
ourselves "127.0.0.1@$SELF" -l "127.0.0.1@$SELF"
case $(uname) in
Linux) ourselves "127.0.0.2@$SELF" -l "127.0.0.1@$SELF" -l "127.0.0.2@$SELF" ;;
esac
ourselves "127.0.0.1@$SELF" -p "$SELF"
# However it is written.
ourselves "::ffff:127.0.0.1@$SELF" -l "127.0.0.1@$SELF"
ourselves "127.0.0.1@$SELF" -l "::ffff:7f00:1@$SELF"
ourselves "0.0.0.0@$SELF" -l "127.0.0.1@$SELF"

# One that is ourselves beside one that is not: the other is asked.
upstream UP right
# shellcheck disable=SC2086
daemon_bare S -l "127.0.0.1@$SELF" -s "127.0.0.1@$SELF" -s "$UP" $RULE
is 'ourselves, then another' '* answered=1 lost=0 wrong=0 twice=0 noerror=1 *' "$(many "$S" self.example A n=1)"
stop S

# --- the circles
# shellcheck disable=SC2086
wait $pids
for at in A X T; do
	line=$(cat "$TMP/$at")
	is "a circle from $at" 'SERVFAIL qr,rd,ra 1/0/0/0 *' "$line"
	at_most "ms from $at" "$(ms "$line")" 6500
done
# They end with the flights: a few times as many datagrams a hop as a flight has tries, five of its own
# and the questions of our own that go round as well.
at_most 'questions to A' "$(counter "$A" misses)" 40
at_most 'questions to B' "$(counter "$B" misses)" 40
at_most 'questions to C' "$(counter "$C" misses)" 40
at_most 'questions to X' "$(counter "$X" misses)" 40
at_most 'questions to Y' "$(counter "$Y" misses)" 40
at_least 'questions to A that went round and were merged' "$(counter "$A" merged)" 1
# A TCP question goes round by TCP, and as a UDP question of its own.
at_most 'questions to T' "$(counter "$T" misses)" 40
at_most 'questions to U' "$(counter "$U" misses)" 40
for at in A B C X Y T U; do
	where=
	eval "where=\$$at"
	ask_is 'NOERROR * A 172.16.2.7 | *' "$where" ws7.lab A
done
finish
