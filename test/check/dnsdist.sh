#!/bin/sh
# Proves that README's dnsdist.conf works as printed, and that no question of a client is lost when an instance is killed under load.
. test/lib.sh
story dnsdist
own_machine

need dnsdist dnsperf dig || finish
for address in 192.0.2.53 192.0.2.11 192.0.2.12; do
	ip address add $address/32 dev lo
done

# README's own words; what is added lets the administrator in.
sed -n '/^        setLocal(/,/^$/p' README | sed 's/^        //' >"$TMP/printed.conf"
says 'README has a dnsdist.conf' "$(cat "$TMP/printed.conf")" '^setLocal\(' '^ *newServer\(' '^end$'
{
	cat "$TMP/printed.conf"
	echo 'controlSocket("127.0.0.1:5199")'
	echo 'setSecurityPollSuffix("")'
	printf 'setKey("%s")\n' "$(head -c 32 /dev/urandom | base64)"
} >"$TMP/dnsdist.conf"
administer() { dnsdist -C "$TMP/dnsdist.conf" -e "$1" 2>&1; }

# up COUNT: waits until dnsdist takes so many instances for healthy.
up() {
	tries=0
	until [ "$(administer 'showServers()' | grep -c '  up  ')" = "$1" ]; do
		tries=$((tries + 1))
		if [ $tries -gt 100 ]; then
			fail "dnsdist does not see $1 instances up" "$(administer 'showServers()')"
			finish
		fi
		sleep 0.1
	done
}

instance() {
	daemon_bare "$1" -l "$2" -a 192.0.2.0/24 -s 192.0.2.99 -o workstation123.mohit.com 172.16 -o ws.lab fd00::/64
}

instance ONE 192.0.2.11
instance TWO 192.0.2.12
start DNSDIST 'Accepting control connections' dnsdist -C "$TMP/dnsdist.conf" --supervised --disable-syslog
up 2
same 'a hit through dnsdist' 172.16.0.10 "$(dig @192.0.2.53 +short workstation10.mohit.com)"
same 'and by TCP' 172.16.0.10 "$(dig @192.0.2.53 +short +tcp workstation10.mohit.com)"
same 'and back' workstation10.mohit.com. "$(dig @192.0.2.53 +short -x 172.16.0.10)"

i=0
while [ $i -lt 5000 ]; do
	echo "workstation$i.mohit.com A"
	i=$((i + 1))
done >"$TMP/questions"
sum() { sed -n "s/^  $1: *\([0-9]*\).*/\1/p" "$TMP/perf.log"; }

# under_load COMMAND: 2,000 questions a second for 6 s, and clients who ask again after a second of silence, as
# resolvers do; in the midst of it COMMAND.
under_load() {
	dnsperf -s 192.0.2.53 -d "$TMP/questions" -l 6 -Q 2000 -c 4 -t 3 >"$TMP/perf.log" 2>&1 &
	load=$!
	clients=
	for c in 1 2 3 4 5 6 7 8; do
		sed 's/ .*//' "$TMP/questions" | sed -n "$c~8p" >"$TMP/names.$c"
		# dig asks a batch faster than the load lasts; so each client does it until the load ends.
		(
			while kill -0 $load 2>/dev/null; do
				dig @192.0.2.53 +noall +answer +tries=3 +timeout=1 -f "$TMP/names.$c"
				echo round
			done
		) >"$TMP/clients.$c" 2>&1 &
		clients="$clients $!"
	done
	sleep 2
	"$@"
	wait $load
	# shellcheck disable=SC2086 # a list
	wait $clients
	cat "$TMP"/clients.* >"$TMP/answers"
	rounds=$(grep -c '^round$' "$TMP/answers")
	same "$1: questions of clients that got no answer, or no right one" 0 "$((rounds * 5000 / 8 - $(awk '
		{ n = $1; sub(/^workstation/, "", n); sub(/\..*/, "", n) }
		$4 == "A" && $5 == "172.16." int(n / 256) "." n % 256 { right++ }
		END { print right + 0 }' "$TMP/answers")))"
	if [ "$(sum 'Queries sent')" -gt 8000 ] && [ "$rounds" -ge 8 ]; then
		pass
	else
		fail "$1: there was no load" "$(cat "$TMP/perf.log")"
	fi
	says "$1: what came back" "$(cat "$TMP/perf.log")" 'NOERROR [0-9]+ \(100.00%\)'
}

# shellcheck disable=SC2317 # under_load calls it
killed() { kill -KILL "$ONE_PID"; }
# shellcheck disable=SC2317
stopped() {
	administer 'getServer(0):setDown()' >/dev/null
	kill -TERM "$ONE_PID"
}

under_load killed
up 1
# dnsperf asks but once: what had been sent to the dead instance, at most the 100 that it has under way, is lost to it.
if [ "$(sum 'Queries lost')" -le 100 ]; then pass; else fail 'killed: more was lost than was on its way' "$(cat "$TMP/perf.log")"; fi
stop ONE

instance ONE 192.0.2.11
up 2
under_load stopped
same 'stopped: questions lost, asked but once' 0 "$(sum 'Queries lost')"
quit ONE

quit TWO
finish
