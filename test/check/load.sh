#!/bin/sh
# Proves that floods, a thousand idle clients and a long run harm nobody: all is answered, in time, and nothing grows.
#
# LONG=1 makes the long run one of 10^7 packets (about ten minutes).  What this machine could generate, and how late
# it is by itself, is printed: the demands are 100,000 datagrams a second and one millisecond where it can do that.

. test/lib.sh
story load

cc -std=c99 -O2 -o "$TMP/load" test/tools/load.c || { fail 'building load.c'; finish; }
[ -r /proc/self/stat ] || { skip 'there is no /proc here that tells memory and descriptors'; finish; }

start UPSTREAM 'ready' "$PEER" serve 127.0.0.1@0 right
real=$(sed -n 's/^serving //p' "$UPSTREAM_LOG")
start D 'dyndns: ready' "$DYNDNS" -l 127.0.0.1 -p 0 -s "$real" -o workstation123.mohit.com 172.16.2 -o ws123.lab 172.16.2
server=$(sed -n 's/^dyndns: listening on //p' "$D_LOG")
port=${server#*@}
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)

# good N MS: N good questions, 1,000 a second; $late of them took longer than MS.  Each has to be answered.
good() {
	said=$("$PEER" many "$server" ws7.lab A addr=172.16.2.7 n="$1" rate=1000 slow="$2" wait=2000)
	late=${said##* late=}
	late=${late%% *}
}
memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$D_PID/status"; }
descriptors() { set -- "/proc/$D_PID/fd"/*; echo $#; }
answers() { says "$1: a hit and a miss" "$("$PEER" ask "$server" ws9.lab A wait=2000) $("$PEER" ask "$server" any.example A tcp wait=2000)" 'IN A 172\.16\.2\.9' 'any\.example 30 IN A 10\.'; }

# --- how late this machine is by itself: the smallest limit that all but five of 1,000 keep
measure() {
	alone=1
	good 1000 "$alone"
	while [ "$late" -gt 5 ] && [ $alone -lt 32 ]; do
		alone=$((alone * 2))
		good 1000 "$alone"
	done
	# Flood, daemon and client want a core each; where they have to take turns, a turn is what they wait.
	limit=$alone
	[ "$cores" -ge 4 ] || limit=$((limit * 8))
}

# --- a flood of malformed datagrams beside 1,000 good questions a second
# On few cores less is tried where that is too much, but not less than a fourth; and what else the machine does meanwhile
# may take the daemon's core, so that this is tried three times, each beside a new measure of the machine.
for rate in 100000 50000 25000 25000 25000; do
	measure
	"$TMP/load" flood 127.0.0.1 "$port" $rate 4000 >"$TMP/flood" &
	flood=$!
	sleep 0.2
	good 3000 "$limit"
	wait $flood
	sent=$(cat "$TMP/flood")
	case $said in 'sent=3000 answered=3000 lost=0 wrong=0 twice=0 noerror=3000 '*) [ "$late" -gt 30 ] || break ;; esac
	[ "$cores" -lt 4 ] || break
done
same "good questions beside $sent malformed datagrams a second" 'sent=3000 answered=3000 lost=0 wrong=0 twice=0 noerror=3000 servfail=0 icmp=0' "${said%% late=*}"
if [ "$late" -le 30 ]; then pass; else fail "$late of 3000 were later than $limit ms beside $sent malformed datagrams a second" "$said"; fi
echo "$STORY: beside $sent malformed datagrams a second: $said (limit $limit ms, this machine alone $alone ms, $cores cores)"
answers 'after the flood'

# --- 1,000 TCP clients that send one octet and wait
start HOLD 'holding' "$TMP/load" hold 127.0.0.1 "$port" 1000 30000
slowest=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	reply=$("$PEER" ask "$server" ws9.lab A tcp ms wait=2000)
	says 'a new TCP client beside 1,000 that wait' "$reply" '^NOERROR .* IN A 172\.16\.2\.9 '
	ms=${reply##*| }
	ms=${ms% ms}
	[ "${ms:-9999}" -le "$slowest" ] || slowest=${ms:-9999}
done
if [ "$slowest" -le $((50 * alone)) ]; then pass; else fail "a new TCP client beside 1,000 that wait: $slowest ms"; fi
good 1000 "$limit"
same 'UDP beside 1,000 TCP clients that wait' 'sent=1000 answered=1000 lost=0 wrong=0 twice=0 noerror=1000 servfail=0 icmp=0' "${said%% late=*}"
if [ "$late" -le 10 ]; then pass; else fail "UDP beside 1,000 TCP clients that wait: $late of 1000 later than $limit ms" "$said"; fi
stop HOLD
answers 'after 1,000 TCP clients'

# --- a long run: memory and descriptors as after the first 10^5
# mix N SEED: N packets, nine of ten by UDP; whatever comes back has to parse.
mix() {
	"$PEER" junk "$server" tcp n=$(($1 / 500)) seed="$2" >"$TMP/junk.tcp" 2>&1 &
	tcp=$!
	said=
	remain=$1 seed=$2
	while [ "$remain" -gt 0 ]; do
		said=$said$("$PEER" junk "$server" udp n=100000 seed="$seed" 2>&1)
		remain=$((remain - 100000)) seed=$((seed + 1))
		# The upstream lives five minutes at most; in a long run another takes its place.
		if [ $((seed % 10)) -eq 9 ]; then
			stop UPSTREAM
			start UPSTREAM 'ready' "$PEER" serve "$real" right
					fi
	done
	wait $tcp
	same "a run of $1 packets: how many times 100,000" $(($1 / 100000)) $((seed - $2))
	same "a run of $1 packets: replies that don't parse" '' "$(printf '%s\n' "$said" "$(cat "$TMP/junk.tcp")" | sed 's/sent=[0-9]* replies=[1-9][0-9]* malformed=0//g' | tr -d '\n')"
}
# As many misses in the air as there can be, once: what a later burst of them takes was there before.
said=$("$PEER" many "$server" 'delay-900-%d.example' A n=5000 sockets=16 wait=4000)
says 'more misses than can be in the air' "$said" '^sent=5000 answered=5000 lost=0 wrong=0 twice=0 noerror=[45][0-9]{3} '
mix 100000 1
memory=$(memory) descriptors=$(descriptors)
if [ -n "${LONG:-}" ]; then mix 9900000 1000; else mix 200000 1000; fi
now=$(memory)
# A page is counted once it is used for the first time, so a few come later.
if [ "$now" -le $((memory + 256)) ]; then pass; else fail "memory grew from $memory to $now kB"; fi
now=$(descriptors)
if [ "$now" -le $((descriptors + 33)) ]; then pass; else fail "descriptors grew from $descriptors to $now"; fi
answers 'after the long run'
quit D
finish
