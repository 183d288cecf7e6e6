#!/bin/sh
# -d makes a daemon that answers before its parent leaves; -P, -q, -t and -a; errors name the remedy; no log can be flooded or broken.
# shellcheck disable=SC2153 # D_PID is set by `daemon D`
. test/lib.sh
story 31-daemon
case $DYNDNS in
/*) ;;
*) DYNDNS=$PWD/$DYNDNS ;;
esac
case $PEER in
/*) ;;
*) PEER=$PWD/$PEER ;;
esac

# Where a daemon that became nobody may remove its file, and where not even its owner may.
mkdir "$TMP/open" "$TMP/shut"
chmod 777 "$TMP/open"
: >"$TMP/shut/pid"
chmod 666 "$TMP/shut/pid"
chmod 555 "$TMP/shut"
echo 'ws1.lab 10.0.0' >"$TMP/open/rules"
upstream UP right

# away ARGS...: a daemon with -d, in front of $UP, its pid file open/pid; $STATUS is the parent's.
# Nothing is waited for: what it promised has to hold when the parent leaves.
away() {
	(cd "$TMP/open" && exec "$PEER" run 20 "$DYNDNS" -d -l 127.0.0.1@0 -s "$UP" -P "${PIDFILE:-$TMP/open/pid}" "$@") >"$TMP/out" 2>"$TMP/err"
	STATUS=$?
	cp "$TMP/open/pid" "$TMP/A.pid" 2>/dev/null
	A_PID=$(cat "$TMP/A.pid" 2>/dev/null)
	A=$(sed -n 's/^dyndns: listening on //p' "$TMP/err")
}

# gone PID: waits until it is, or would be if somebody took notice of its end.
gone() {
	i=0
	while kill -0 "$1" 2>/dev/null; do
		case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
		Z*) return 0 ;;
		esac
		i=$((i + 1))
		[ $i -lt 300 ] || return 1
		"$PEER" wait /dev/null never 10
	done
	return 0
}

# away_ends SIGNAL WHAT
away_ends() {
	if [ -z "$A_PID" ]; then
		fail "$2: it is not there"
	else
		kill "-$1" "$A_PID"
		gone "$A_PID" || fail "$2: still there 3 s after SIG$1"
	fi
	rm -f "$TMP/A.pid"
}

# --- -d

away -o ws1.lab 10.0.0
ask_is 'NOERROR * A 10.0.0.7 | *' "$A" ws7.lab A
is 'exit status of the parent' 0 "$STATUS"
is 'its stdout' '' "$(cat "$TMP/out")"
is 'its pid file' "$A_PID$NL" "$(cat "$TMP/open/pid")$NL"
is 'which holds a number' '[1-9]*[0-9]' "$A_PID"
ask_is 'NOERROR * A 10.0.0.8 | *' "$A" ws8.lab A tcp
ask_is 'NOERROR *' "$A" one.example A
if [ -r "/proc/$A_PID/stat" ]; then
	# What follows the name: state, parent, group, session, terminal.
	# shellcheck disable=SC2046 # words
	set -- $(sed 's/.*) //' "/proc/$A_PID/stat")
	is 'its process group, session and terminal' "$A_PID $A_PID 0" "$3 $4 $5"
	is 'its directory' "/proc/$A_PID/cwd -> /" "/proc/$A_PID/cwd -> $(readlink "/proc/$A_PID/cwd")"
	for fd in 0 1 2; do
		is "its descriptor $fd" /dev/null "$(readlink "/proc/$A_PID/fd/$fd")"
	done
fi
kill -HUP "$A_PID"
kill -USR1 "$A_PID"
ask_is 'NOERROR * A 10.0.0.7 | *' "$A" ws7.lab A
away_ends TERM 'a daemon'
is 'its pid file afterwards' missing "$([ -e "$TMP/open/pid" ] || echo missing)"
# An emulator's other threads may hold the port a moment longer than the process is seen.
tries=0
until [ "$(ask "$A" ws7.lab A wait=500)" = refused ] || [ $tries = 10 ]; do
	tries=$((tries + 1))
done
ask_is refused "$A" ws7.lab A wait=500

# What its parent had open is closed: it holds no lock, no pipe and no terminal for ever.
: >"$TMP/heirloom"
exec 9<"$TMP/heirloom"
(
	cd "$TMP/open" && "$DYNDNS" -d -l 127.0.0.1@0 -s "$UP" -P "$TMP/open/pid" -o ws1.lab 10.0.0 2>&1 | cat >"$TMP/said"
	echo over >>"$TMP/said"
) &
"$PEER" wait "$TMP/said" over 5000 >"$TMP/line" || fail 'the pipe to the one that started it stays open'
exec 9<&-
cp "$TMP/open/pid" "$TMP/A.pid"
A_PID=$(cat "$TMP/A.pid")
is 'what is said before the daemon is alone' '*listening on 127.0.0.1@*ready*over' "$(cat "$TMP/said")"
if [ -d "/proc/$A_PID/fd" ]; then
	is 'descriptors inherited' '' "$(for fd in "/proc/$A_PID/fd"/*; do readlink "$fd"; done | grep heirloom)"
fi
away_ends INT 'a daemon whose output was a pipe'

# Names of files hold for the directory it was started in.
away -f rules -o own.lab 10.9.0
is 'exit status of the parent' 0 "$STATUS"
ask_is 'NOERROR * A 10.0.0.7 | *' "$A" ws7.lab A
echo 'ws1.lab 10.1.0' >"$TMP/open/rules"
kill -HUP "$A_PID"
i=0
until ask "$A" ws7.lab A | grep -q ' 10\.1\.0\.7 ' || [ $i = 40 ]; do
	i=$((i + 1))
done
ask_is 'NOERROR * A 10.1.0.7 | *' "$A" ws7.lab A
away_ends TERM 'a daemon with relative names'
here=dyndns-test-$$.pid
PIDFILE=$here
away -o ws1.lab 10.0.0
PIDFILE=
A_PID=$(cat "$TMP/open/$here" 2>/dev/null)
is 'a pid file with a relative name' '[1-9]*[0-9]' "$A_PID"
A_PID=${A_PID:-$(cat "/$here" 2>/dev/null)}
echo "$A_PID" >"$TMP/A.pid"
away_ends TERM 'a daemon with a relative -P'
is 'whether it is removed' missing "$([ -e "$TMP/open/$here" ] || echo missing)"
rm -f "/$here"

# Started without stdin, stdout and stderr, as init may do it.
port=$("$PEER" port)
"$DYNDNS" -d -l "127.0.0.1@$port" -s "$UP" -P "$TMP/open/pid" -o ws1.lab 10.0.0 <&- >&- 2>&-
is 'exit status without descriptors' 0 $?
cp "$TMP/open/pid" "$TMP/A.pid"
A_PID=$(cat "$TMP/A.pid")
ask_is 'NOERROR * A 10.0.0.7 | *' "127.0.0.1@$port" ws7.lab A
ask_is 'NOERROR *' "127.0.0.1@$port" one.example A tcp
away_ends TERM 'a daemon without descriptors'
port=$("$PEER" port)
"$DYNDNS" -q -l "127.0.0.1@$port" -s "$UP" -P "$TMP/open/pid" -o ws1.lab 10.0.0 <&- >&- 2>&- &
echo $! >"$TMP/A.pid"
i=0
until [ -s "$TMP/open/pid" ] || [ $i = 300 ]; do
	i=$((i + 1))
	"$PEER" wait /dev/null never 10
done
ask_is 'NOERROR * A 10.0.0.7 | *' "127.0.0.1@$port" ws7.lab A
ask_is 'NOERROR * A 10.0.0.7 | *' "127.0.0.1@$port" ws7.lab A tcp
ask_is 'NOERROR *' "127.0.0.1@$port" one.example A
kill -TERM "$(cat "$TMP/A.pid")"
wait "$(cat "$TMP/A.pid")"
is 'exit status of one in front without descriptors' 0 $?
rm -f "$TMP/A.pid"

# When it can't: the reason on stderr, in one line, and 1; nothing is left behind, and nothing of another's is touched.
cannot() {
	reason=$1
	shift
	"$PEER" run 20 "$DYNDNS" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	is "exit status of $*" 1 $?
	is "reason of $*" "dyndns: $reason" "$(cat "$TMP/err")"
	is "stdout of $*" '' "$(cat "$TMP/out")"
}
away -o ws1.lab 10.0.0
held=$A_PID
taken=${A#*@}
for d in '' -d; do
	cannot "127.0.0.1: port $taken is taken: try -l ADDR or -p PORT" ${d:+"$d"} -l "$A" -o ws1.lab 10.0.0 -P "$TMP/open/pid"
	is 'the pid file of the one that holds the port' "$held" "$(cat "$TMP/open/pid")"
	cannot "127.0.0.1: port $taken is taken: try -l ADDR or -p PORT" ${d:+"$d"} -l 127.0.0.1 -p "$taken" -o ws1.lab 10.0.0
	cannot '192.0.2.77: port *: *no interface has this address*-l ADDR*' ${d:+"$d"} -l 192.0.2.77 -p "$taken" -o ws1.lab 10.0.0
	cannot "$TMP/nowhere/pid: No such file or directory" ${d:+"$d"} -l 127.0.0.1@0 -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/nowhere/pid"
	cannot "$TMP/open: *irectory" ${d:+"$d"} -l 127.0.0.1@0 -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/open"
	cannot "$TMP/nowhere: No such file or directory" ${d:+"$d"} -l 127.0.0.1@0 -f "$TMP/nowhere"
done
ask_is 'NOERROR * A 10.0.0.7 | *' "$A" ws7.lab A
away_ends TERM 'the one that held the port'
free=$("$PEER" port)
for d in '' -d; do
	"$PEER" run 20 "$DYNDNS" ${d:+"$d"} -l "127.0.0.1@$free" -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/open/stale" -u no-such-user >"$TMP/out" 2>"$TMP/err"
	is "exit status with an unknown user $d" '[12]' $?
	is "reason $d" 'dyndns: no-such-user: *' "$(tail -n 1 "$TMP/err")"
	is "a pid file of what did not start $d" missing "$([ -e "$TMP/open/stale" ] || echo missing)"
	echo 1 >"$TMP/open/other"
	"$PEER" run 20 "$DYNDNS" ${d:+"$d"} -l "127.0.0.1@$free" -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/open/other" -u no-such-user 2>"$TMP/err"
	is "another's pid file $d" 1 "$(cat "$TMP/open/other")"
	ask_is refused "127.0.0.1@$free" ws7.lab A wait=500
done
# One transport is enough to be in the way.
for only in notcp noudp; do
	upstream HALF right $only
	cannot "127.0.0.1: port ${HALF#*@} is taken: try -l ADDR or -p PORT" -l "$HALF" -o ws1.lab 10.0.0
	kill_now HALF
done
if [ "$(id -u)" != 0 ]; then
	cannot "root: *only root can become another user*" -l 127.0.0.1@0 -s "$UP" -o ws1.lab 10.0.0 -u root
	if [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null)" = 1024 ]; then
		cannot "127.0.0.1: port 53: only for root*setcap*-p *" -l 127.0.0.1 -o ws1.lab 10.0.0
	fi
	daemon D -s "$UP" -o ws1.lab 10.0.0 -u "$(id -un)"
	ask_is 'NOERROR * A 10.0.0.7 | *' "$D" ws7.lab A
	stop D
fi

# --- -P in front

echo 99999999999999999999 >"$TMP/open/pid"
daemon D -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/open/pid"
is 'a pid file, the old text gone' "$D_PID$NL" "$(cat "$TMP/open/pid")$NL"
kill_now D
is 'a pid file after SIGKILL' "$D_PID" "$(cat "$TMP/open/pid")"
daemon D -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/open/pid"
is 'a pid file, the next one' "$D_PID$NL" "$(cat "$TMP/open/pid")$NL"
stop D
is 'exit status' 0 "$STATUS"
is 'the pid file afterwards' missing "$([ -e "$TMP/open/pid" ] || echo missing)"
daemon D -s "$UP" -o ws1.lab 10.0.0 -P "$TMP/shut/pid"
is 'a pid file where the directory is shut' "$D_PID$NL" "$(cat "$TMP/shut/pid")$NL"
stop D
is 'exit status' 0 "$STATUS"
is 'which stays, but empty' 'empty' "$([ -e "$TMP/shut/pid" ] && [ ! -s "$TMP/shut/pid" ] && echo empty)"

# --- -q: a line for each question, that one can read and grep

daemon D -q -s "$UP" -o ws1.lab 10.0.0 -o two.lab 10.1.0 -o two.lab fd00::/64
lines=0
# line PATTERN ASK-WORDS...: what is logged for this question, behind the client; one line, no more.
line() {
	pattern=$1
	shift
	from=127.0.0.1@$("$PEER" port)
	ask "$D" "$@" "from=$from" >"$TMP/reply"
	lines=$((lines + 1))
	is "-q for $*" "dyndns: query $from $pattern" "$(logged D 'dyndns: query ' $lines)"
}
line 'udp ws7.lab A hit rule=1 rcode=0*' ws7.lab A
line 'tcp ws7.lab A hit rule=1 rcode=0*' ws7.lab A tcp
line 'udp WS7.lab MX hit rule=1 rcode=0*' WS7.lab MX
line 'udp two7.lab A hit rule=2 rcode=0*' two7.lab A
line 'udp two7.lab AAAA hit rule=3 rcode=0*' two7.lab AAAA
line 'udp 7.0.0.10.in-addr.arpa PTR hit rule=1 rcode=0*' 7.0.0.10.in-addr.arpa PTR
line "udp one.example A relayed $UP rcode=0 ms=[0-9]*" one.example A
line "tcp one.example TYPE1000 relayed $UP rcode=0 ms=[0-9]*" one.example TYPE1000 tcp
line "udp . NS relayed $UP rcode=0 ms=[0-9]*" . NS
line "udp delay-200-x.example A relayed $UP rcode=0 ms=[23456789][0-9][0-9]*" delay-200-x.example A
line 'udp ws7.lab AXFR * rcode=5*' ws7.lab AXFR
line 'udp * rcode=1*' ws7.lab A an=1
line 'udp - - * rcode=1*' ws7.lab A qd=0
line 'udp - - * rcode=4*' ws7.lab A op=4
line 'udp stats.dyndns TXT * rcode=0*' stats.dyndns TXT class=CH
line 'udp ws7.lab A hit rule=1 rcode=16*' ws7.lab A ver=1
# Names as RFC 1035 section 5.1 writes them, in a word each, whatever is in them.
line 'udp a\\.b.example A relayed *' 'a\.b.example' A
line 'udp a\\\\b.example A relayed *' 'a\\b.example' A
line 'udp a\\032b.example A relayed *' 'a\032b.example' A
line 'udp \\027\[2J\\007\\000\\127.example A relayed *' '\027[2J\007\000\127.example' A
line 'udp \\195\\164\\255\\155.example A relayed *' '\195\164\255\155.example' A
line 'udp x\\010dyndns:\\032stopped\\013.example A relayed *' 'x\010dyndns:\032stopped\013.example' A
line 'udp \%s%n%1000d.example A relayed *' '%s%n%1000d.example' A
line 'udp ws7\\000.lab A relayed *' 'ws7\000.lab' A
octets=$(printf '%063d' 0 | sed 's/0/\\001/g')
few=$(printf '%061d' 0 | sed 's/0/\\255/g')
long=$octets.$octets.$octets.$few
escaped=$(printf '%s\n' "$long" | sed 's/\\/\\\\/g')
line "udp $escaped A relayed $UP rcode=*" "$long" A
# Five that share a flight, and those that nobody answers.
many "$D" delay-100-y.example A n=5 sockets=5 >"$TMP/many"
lines=$((lines + 5))
logged D ' delay-100-y.example A relayed' 5 >/dev/null || fail 'five questions in one flight are not five lines'
ask "$D" ws7.lab A flags=qr mark=ws8.lab >"$TMP/reply"
lines=$((lines + 1))
stop D
# A response is no question; that it was dropped may be said.
is 'lines for questions' $lines "$(grep 'dyndns: query ' "$D_LOG" | grep -c -v ' dropped')"
is 'lines that do not begin as they should' 0 "$(grep -vc '^dyndns: ' "$D_LOG")"
is 'lines with a control or 8-bit character' 0 "$(LC_ALL=C grep -c '[^ -~]' "$D_LOG")"
is 'stops' 1 "$(seen D '^dyndns: stopped')"
daemon D -q -s "127.0.0.1@$("$PEER" port)" -o ws1.lab 10.0.0
ask_is 'SERVFAIL *' "$D" one.example A
is '-q for what nobody answers' 'dyndns: query 127.0.0.1@* udp one.example A failed - rcode=2 ms=[0-9]*' "$(logged D query)"
stop D
# Without -q nothing is said of a question.
printf 'nameserver 127.0.0.9\nnameserver \033[31mred\007\n' >"$TMP/resolv.conf"
chmod 644 "$TMP/resolv.conf"
daemon D -r "$TMP/resolv.conf" -o ws1.lab 10.0.0
ask_is 'NOERROR * A 10.0.0.7 | *' "$D" ws7.lab A
before=$(wc -l <"$D_LOG")
ask_is 'NOERROR * A 10.0.0.7 | *' "$D" ws7.lab A
is 'lines for a question without -q' "$before" "$(wc -l <"$D_LOG")"
is 'lines of resolv.conf with a control character' 0 "$(LC_ALL=C grep -c '[^ -~]' "$D_LOG")"
stop D

# --- a flood of bad packets: a few lines a second, and how many were left out

N=3000
[ -z "$LONG" ] || N=100000
for q in '' -q; do
	daemon D ${q:+"$q"} -s "$UP" -o ws1.lab 10.0.0 -a 127.0.0.1 -a ::1
	before=$(wc -l <"$D_LOG")
	i=0
	while [ $i -lt $N ]; do
		many "$D" ws7.lab AXFR n=500 window=50 >"$TMP/many"
		i=$((i + 500))
	done
	"$PEER" junk "$D" udp n=1000 seed=7 >"$TMP/junk"
	# Not a bad one among them is lost to the counters, and a good one still counts.
	is "refused ${q:-without -q}" $N "$(counter "$D" refused)"
	ask_is 'NOERROR * A 10.0.0.7 | *' "$D" ws7.lab A
	"$PEER" wait /dev/null never 1100
	ask_is 'REFUSED *' "$D" ws7.lab AXFR
	seconds=$(counter "$D" seconds-up)
	bad=$(grep -c -e ' rcode=[145]' -e 'refused' -e 'left out' "$D_LOG")
	at_most "lines about bad packets in $seconds s ${q:-without -q}" "$bad" $((7 * (seconds + 2)))
	if [ -n "$q" ] || [ "$bad" -gt 0 ]; then
		left=$(sed -n 's/.*[^0-9]\([0-9][0-9]*\) more lines left out.*/\1/p' "$D_LOG" | paste -s -d + -)
		at_least "lines said to be left out ${q:-without -q}" $((${left:-0})) $((N - 7 * (seconds + 2)))
	fi
	stop D
done

# --- -t

for ttl in 0 1 604800; do
	daemon D -t $ttl -s "$UP" -o ws1.lab 10.0.0
	ask_is "NOERROR * | an ws7.lab $ttl IN A 10.0.0.7 | *" "$D" ws7.lab A
	ask_is "NOERROR * | an 7.0.0.10.in-addr.arpa $ttl IN PTR ws7.lab | *" "$D" 7.0.0.10.in-addr.arpa PTR
	ask_is "NOERROR * | ns ws7.lab $ttl IN SOA ws7.lab nobody.invalid 1 3600 1200 604800 $ttl | *" "$D" ws7.lab AAAA
	stop D
done

# --- -a

may() {
	ask_is 'NOERROR * A 10.0.0.7 | *' "$D" ws7.lab A "$@"
	ask_is 'NOERROR *' "$D" one.example A "$@"
}
maynt() {
	for name in ws7.lab one.example 7.0.0.10.in-addr.arpa; do
		ask_is "REFUSED qr,rd,ra 1/0/0/0 | $name IN A | *" "$D" $name A "$@"
		is "$name by TCP from outside -a" '*[rc][el][so]*e[td]' "$(ask "$D" $name A tcp "$@")"
	done
	ask_is 'REFUSED *' "$D" stats.dyndns TXT class=CH "$@"
	is 'stats by TCP from outside -a' '*[rc][el][so]*e[td]' "$(ask "$D" stats.dyndns TXT class=CH tcp "$@")"
}
before=$(grep -c '^[ut][dc]p ' "$UP_LOG")
daemon D -a 10.0.0.0/8 -a 172.16.2.1 -a fd00::/8 -s "$UP" -o ws1.lab 10.0.0
maynt
is 'questions of refused clients that went up' "$before" "$(grep -c '^[ut][dc]p ' "$UP_LOG")"
kill -USR1 "$D_PID"
is 'what is counted of them' 'dyndns: hits=0 misses=0 relayed=0 merged=0 servfail=0 refused=8 *' "$(logged D ' hits=')"
stop D
for nets in '-a 127.0.0.1' '-a 127.0.0.0/8' '-a 10.0.0.0/8 -a 127.0.0.1/32' '-a any' '-a 10.0.0.0/8 -a any' '-a 0.0.0.0/0' ''; do
	# shellcheck disable=SC2086 # words
	daemon D $nets -s "$UP" -o ws1.lab 10.0.0
	may
	may tcp
	stop D
done
if [ "$(uname)" = Linux ]; then
	# There every address of 127/8 is ours.
	daemon D -a 127.1.2.0/23 -a 127.9.0.9 -s "$UP" -o ws1.lab 10.0.0
	for host in 127.1.2.0 127.1.3.255 127.9.0.9; do
		may from=$host@0
		may from=$host@0 tcp
	done
	for host in 127.1.1.255 127.1.4.0 127.9.0.8 127.9.0.10; do
		maynt from=$host@0
	done
	stop D
fi
if "$PEER" port ::1 >"$TMP/port"; then
	daemon_bare D -l ::1@0 -a ::1 -s "$UP" -o ws1.lab 10.0.0
	may
	stop D
	daemon_bare D -l ::1@0 -a ::2 -a ::/128 -a 127.0.0.0/8 -s "$UP" -o ws1.lab 10.0.0
	maynt
	stop D
fi
chmod 755 "$TMP/shut"
finish
