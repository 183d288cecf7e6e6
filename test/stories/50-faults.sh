#!/bin/sh
# Each system call of the loop fails in turn, descriptors run out, the log is stuck or closed, time stands still: no exit, no spin, no leak, no stall.
. test/lib.sh
story 50-faults
upstream UP right
RULES='-o ws123.lab 172.16.2'

# --- the library that makes calls fail, see test/tools/fault.c
FAULT=$TMP/fault
: >"$FAULT"
REAL=$DYNDNS
FAULTY=$TMP/faulty
cat >"$FAULTY" <<END
#!/bin/sh
FAULT=$FAULT LD_PRELOAD=$TMP/fault.so exec "$TMP/small" "\$@"
END
chmod 755 "$FAULTY"
# counts: $faults (calls that were made to fail), $asked (for the wall clock), $turns (of the loop),
# $split (writes to a socket that are no whole message)
counts() {
	read -r faults asked turns split <"$FAULT.count"
}

# With few places a leak of any of them is felt soon.
limits small -DFLIGHTS_MAX=64 -DWAITERS_MAX=128 -DBUFFERS_MAX=24
shim=
# shellcheck disable=SC2086 # words
if ! ${CC:-cc} -O1 -shared -fPIC -o "$TMP/fault.so" test/tools/fault.c -ldl 2>"$TMP/cc.log"; then
	skip 'faults: no library can be built here that comes between a program and its system calls'
elif ! "$FAULTY" -n -s 127.0.0.1 -o ws 10 >"$TMP/try" 2>&1; then
	skip 'faults: this dyndns takes no library in between'
else
	# One that is static, or of another machine, starts all the same, but its calls go elsewhere.
	DYNDNS=$FAULTY
	# shellcheck disable=SC2086
	daemon D -s "$UP" $RULES
	ask "$D" ws7.lab A >/dev/null
	[ ! -s "$FAULT.count" ] || counts
	if [ "${turns:-0}" -gt 0 ]; then
		shim=yes
	else
		skip 'faults: no library comes between this dyndns and its system calls (static, or of another machine)'
		stop D
		DYNDNS=$REAL
	fi
fi

# How many descriptors process $1 has, or nothing where that can't be told.
descriptors() {
	set -- "/proc/$1/fd"/*
	[ ! -e "/proc/$$/fd/0" ] || echo $#
}

# round WHAT KIND... -- questions, and what is demanded of their answers.  KIND is two letters, first
#	u UDP hits	t TCP hits	m UDP misses	x TCP misses
# then what is demanded while the fault lasts
#	+ all are right, within a second	? all are answered, right or SERVFAIL, within a second
#	- some may be lost			in any case none is wrong
rounds=0
lossy() {
	for _ in 1 2; do
		case $kind in
		[tx]*) said=$(ask "$D" "$3" A wait=90 tcp) ;;
		*) said=$(ask "$D" "$3" A wait=90) ;;
		esac
		case $said in
		NOERROR*"$2"* | SERVFAIL* | timeout | closed | reset | refused) pass ;;
		*) fail "$1: $said" ;;
		esac
	done
}

round() {
	what=$1
	shift
	rounds=$((rounds + 1))	# no name is asked in two rounds: a flight may still be in the air
	for kind; do
		case $kind in
		u*) n=40 && set -- ws7.lab A addr=172.16.2.7 sockets=4 window=8 ;;
		t*) n=20 && set -- ws7.lab A addr=172.16.2.7 sockets=2 window=4 tcp ;;
		m*) n=20 && set -- "m%d.r$rounds.example" A sockets=2 window=8 ;;
		x*) n=10 && set -- "x%d.r$rounds.example" A sockets=2 window=4 tcp ;;
		esac
		case $kind in
		*+) is "$what: $kind" "sent=$n answered=$n lost=0 wrong=0 twice=0 noerror=$n servfail=0 icmp=0 *" \
			"$(many "$D" "$@" "n=$n" wait=4000)" ;;
		*\?) is "$what: $kind" "sent=$n answered=$n lost=0 wrong=0 twice=0 * icmp=0 *" \
			"$(many "$D" "$@" "n=$n" wait=4000)" ;;
		[ut]-) lossy "$what: $kind" 'ws7.lab 60 IN A 172.16.2.7' ws7.lab ;;
		[mx]-) lossy "$what: $kind" 'example 30 IN A 10.' "l.r$rounds.example" ;;
		esac
	done
}

# What a fault may cost is over when it is over.
recovered() {
	ask_is "NOERROR qr,aa,* an ws9.lab 60 IN A 172.16.2.9 *" "$D" ws9.lab A wait=1000
	ask_is "NOERROR qr,aa,* an ws9.lab 60 IN A 172.16.2.9 *" "$D" ws9.lab A tcp wait=1000
	ask_is "NOERROR * an after.example * A 10.* *" "$D" after.example A wait=1000
	ask_is "NOERROR * an after.example * A 10.* *" "$D" after.example A tcp wait=1000
	alive "$DAEMON" || { fail "$1: the daemon is gone | $(tail -n 3 "$TMP/$DAEMON.log")"; finish; }
}

# fault CALL ERROR EVERY KIND...
fault() {
	title="$1 $2 each $3"
	counts
	faults_before=$faults turns_before=$turns
	echo "$1 $2 $3" >"$FAULT"
	shift 3
	round "$title" "$@"
	counts
	: >"$FAULT"
	at_least "$title: calls that failed" $((faults - faults_before)) 1
	at_most "$title: turns of the loop" $((turns - turns_before)) 1500
	recovered "$title"
	at_most "$title: descriptors" "$(descriptors "$PID")" $((start_descriptors + 36))
}

# --- a daemon on one address: recvfrom and sendto
if [ "$shim" ]; then
	DAEMON=D
	PID=$D_PID
	start_descriptors=$(descriptors "$PID")
	start_descriptors=${start_descriptors:-0}
	round 'no fault' u+ t+ m+ x+
	recovered 'no fault'
	counts
	is 'length and message in one write' 0 "$split"

	for error in EINTR ENOMEM EAGAIN; do
		fault poll $error 2 u+ t+ m+ x+
		fault poll $error 3 u+ t+ m+ x+
	done
	for error in EINTR EAGAIN ENOBUFS ECONNREFUSED ENETUNREACH EPERM; do
		fault recvfrom $error 2 u+ t+ m+ x+
	done
	for error in ENOBUFS ENOMEM; do		# the loop takes a breath each time
		fault recvfrom $error 1 u- t+ x+
		fault recv $error 1 u+ t+ m- x+
		fault read $error 1 u+ t- m- x-		# no randomness, so nothing is sent
		fault write $error 1 u+ t- m+ x-
	done
	for error in EINTR EAGAIN ENOBUFS ENETUNREACH EPERM; do
		fault sendto $error 1 u- t+ x+		# nothing leaves by UDP
		fault sendto $error 2 u- m- x+
	done
	for error in ENETUNREACH EPERM ECONNREFUSED; do
		fault send $error 1 u+ t+ m- x+		# no way up, which is silence like any other
		fault send $error 3 u+ t+ m? x+
	done
	for error in EINTR EAGAIN ENOBUFS ENOMEM; do
		fault send $error 2 u+ t+ m- x+		# as good as lost: sent again
	done
	for error in EINTR EAGAIN ENOBUFS ENOMEM EHOSTUNREACH EPERM EIO; do
		fault recv $error 2 u+ t+ m+ x+
	done
	fault recv ECONNREFUSED 3 u+ t+ m? x+
	for error in EINTR EAGAIN ENOBUFS ENOMEM; do
		fault read $error 2 u+ t+ m? x?
		fault write $error 2 u+ t+ m+ x+
	done
	fault read ECONNRESET 5 u+ t- m? x-
	fault read EIO 5 u+ t- m? x-
	fault write EPIPE 5 u+ t- m+ x-
	fault write ECONNRESET 5 u+ t- m+ x-
	fault write short 1 u+ t+ m+ x+
	fault write short 2 u+ t+ m+ x+
	for error in EINTR EAGAIN ECONNABORTED EPERM ENETUNREACH EIO; do
		fault accept $error 2 u+ t+ m+ x+
	done
	for error in EMFILE ENFILE ENOBUFS ENOMEM; do
		fault accept $error 1 u+ t- m+ x-	# rests, and wakes no more than ten times a second
		fault accept $error 2 u+ t- m+ x-
	done
	for error in EMFILE ENFILE ENOBUFS ENOMEM EPERM EACCES; do
		fault setsockopt $error 1 u+ t+ m+ x+
		# Without a new socket the open ones serve, but these are closed every 10 s.
		fault fcntl $error 2 u+ t- m- x-
		fault fcntl $error 1 u+ t- m- x-
	done
	counts
	is 'nobody asked what day it is' 0 "$asked"
	stop D
	is 'status after all the faults' 0 "$STATUS"
	at_most 'lines in the log' "$(grep -c . "$D_LOG")" 150

	# --- on every address: recvmsg and sendmsg; resolv.conf and -f; sockets that are opened again and again
	echo 'ws123.lab 172.16.2' >"$TMP/rules"
	DAEMON=W
	daemon_bare W -p 0 -s "$UP" -f "$TMP/rules"
	PID=$W_PID
	start_descriptors=$(descriptors "$PID")
	start_descriptors=${start_descriptors:-0}
	D=127.0.0.1@${W##*@}
	for error in EINTR EAGAIN ENOBUFS ENOMEM ECONNREFUSED ENETUNREACH EPERM; do
		fault recvmsg $error 2 u+ t+ m+ x+
	done
	fault recvmsg ENOBUFS 1 u- t+ x+
	for error in EINTR EAGAIN ENOBUFS ENETUNREACH EPERM; do
		fault sendmsg $error 1 u- t+ x+
		fault sendmsg $error 2 u- m- x+
	done
	# reload NAME TEXT: SIGHUP, and the log has another line with TEXT.
	reload() {
		lines=$(seen "$1" "$2")
		kill -HUP "$PID"
		logged "$1" "$2" $((lines + 1)) >/dev/null || fail "no '$2' in the log of $1"
	}
	for error in EMFILE ENFILE EINTR ENOENT EACCES; do
		echo "open $error 1" >"$FAULT"
		reload W 'the old rules stay'
		round "open $error" u+ t+ m+ x+
		: >"$FAULT"
		reload W ' rules'
		recovered "open $error"
	done
	counts
	is 'nobody asked what day it is (all addresses)' 0 "$asked"
	stop W
	is 'status after the faults on all addresses' 0 "$STATUS"

	# A local error says nothing of the server: it is silence, no line says that it fails, and the end is SERVFAIL.
	# shellcheck disable=SC2086
	daemon L -s "$UP" $RULES
	for error in ENETUNREACH EPERM EINVAL EADDRNOTAVAIL EHOSTUNREACH ENETDOWN EACCES; do
		ask_is 'NOERROR *' "$L" "warm-$error.example" A
		# Those that are open have an old address: another one is opened, and the question sent once more.
		echo "send $error 2" >"$FAULT"
		is "send $error each 2" 'sent=20 answered=20 lost=0 wrong=0 twice=0 noerror=20 * late=0 *' \
			"$(many "$L" "$error%d.example" A n=20 window=1 slow=300)"
		: >"$FAULT"
	done
	echo 'send ENETUNREACH 1' >"$FAULT"
	line=$(ask "$L" never.example A ms wait=7000)
	: >"$FAULT"
	is 'a local error that lasts' 'SERVFAIL *' "$line"
	at_least 'ms until SERVFAIL' "$(ms "$line")" 4900
	is 'the server called down for it' 0 "$(seen L fails)"
	ask_is 'NOERROR *' "$L" over.example A wait=300
	stop L

	# Without a descriptor for another, a socket that is open will do.
	# shellcheck disable=SC2086
	daemon O -s "$UP" $RULES
	ask_is 'NOERROR *' "$O" warm.example A
	for error in EMFILE ENFILE ENOMEM; do
		echo "socket $error 1" >"$FAULT"
		is "one socket, and $error" 'sent=40 answered=40 lost=0 wrong=0 twice=0 noerror=40 *' "$(many "$O" "$error%d.example" A n=40 window=1)"
	done
	: >"$FAULT"
	stop O

	# Sockets to the upstreams are not there yet: each fault meets a daemon that begins.
	DAEMON=N
	for row in 'socket EMFILE 1 -' 'socket ENFILE 1 -' 'socket ENOBUFS 2 ?' 'socket EPERM 1 -' 'socket EMFILE 3 ?' \
	    'bind EADDRINUSE 1 +' 'bind EPERM 1 +' 'bind EACCES 2 +' 'bind EADDRNOTAVAIL 1 +' 'bind ENOBUFS 1 +' \
	    'connect ENETUNREACH 1 -' 'connect EPERM 1 -' 'connect ECONNREFUSED 2 ?' 'connect EAGAIN 1 -' 'connect EINTR 2 ?' \
	    'connect ENOBUFS 1 -' 'connect EADDRNOTAVAIL 1 -' 'fcntl EMFILE 1 -' 'fcntl EMFILE 3 -' 'setsockopt EINVAL 1 +'; do
		# shellcheck disable=SC2086
		daemon N -s "$UP" $RULES
		D=$N
		PID=$N_PID
		start_descriptors=$(descriptors "$PID")
		start_descriptors=${start_descriptors:-0}
		# shellcheck disable=SC2086
		set -- $row
		# Without fcntl no connection is taken.
		case $1 in fcntl) tcp='t- x-' ;; *) tcp="t+ x$4" ;; esac
		# shellcheck disable=SC2086
		fault "$1" "$2" "$3" u+ "m$4" $tcp
		stop N
		is "status after $row" 0 "$STATUS"
	done

	# resolv.conf can't be opened or read: the last list stays.
	DAEMON=R
	if [ "$(id -u)" = 0 ] && [ "$(uname)" = Linux ]; then
		# An address of its own: other machines may be played beside this one.
		dns=127.53.$(($$ / 250 % 250)).$(($$ % 250 + 1))
		upstream_at DNS $dns@53 right
		echo "nameserver $dns" >"$TMP/resolv.conf"
		# shellcheck disable=SC2086
		daemon R -r "$TMP/resolv.conf" $RULES
		D=$R
		PID=$R_PID
		for error in EMFILE EINTR ENOENT EIO; do
			echo "open $error 1" >"$FAULT"
			kill -HUP "$PID"
			round "open $error" u+ t+ m+ x+
			echo "read $error 1" >"$FAULT"	# no random number either: nothing is sent without
			kill -HUP "$PID"
			round "read $error" u+ m-
			: >"$FAULT"
			recovered "open and read $error"
		done
		stop R
		is 'status after resolv.conf could not be read' 0 "$STATUS"
	fi
	DYNDNS=$REAL
fi

# --- 24 descriptors: less at once, but nothing fails for good
wrapper() {
	printf '#!/bin/sh\n%s\n' "$2" >"$TMP/$1"
	chmod 755 "$TMP/$1"
	DYNDNS=$TMP/$1
}
wrapper few "ulimit -n 24 || exit 1; exec \"$REAL\" \"\$@\""
DAEMON=F
# shellcheck disable=SC2086
daemon F -s "$UP" $RULES
D=$F
is 'a notice of few descriptors' '*24 descriptors*' "$(grep descriptors "$F_LOG")"
round 'few descriptors' u+ t+ m+ x+
"$PEER" many "$D" ws7.lab A addr=172.16.2.7 tcp n=60 sockets=60 wait=500 >"$TMP/many" 2>&1 &	# more than it may have
round 'few descriptors, too many clients' u+ m+
wait $!
is 'more clients than descriptors' '*wrong=0*' "$(cat "$TMP/many")"
recovered 'few descriptors'
[ -z "$(descriptors "$F_PID")" ] || at_most 'descriptors of 24' "$(descriptors "$F_PID")" 24
stop F
is 'status with few descriptors' 0 "$STATUS"

# --- stderr is closed: it answers all the same, and what it opens first is not taken for the log
# (a port that was free a moment ago may be somebody else's by then)
DAEMON=C
for _ in 1 2 3; do
	PORT=$("$PEER" port)
	"$PEER" run 60 sh -c "exec \"$REAL\" -l 127.0.0.1 -p $PORT -q -s $UP $RULES <&- >&- 2>&-" &
	starter=$!
	echo "$starter" >"$TMP/C.pid"
	D=127.0.0.1@$PORT
	: >"$TMP/C.log"
	tries=0
	until [ "$(ask "$D" ws7.lab A wait=50 | cut -c1-7)" = NOERROR ] || [ $tries -ge 100 ]; do tries=$((tries + 1)); "$PEER" wait /dev/null never 20; done
	! kill -0 "$starter" 2>/dev/null || break
done
round 'closed stderr' u+ t+ m+ x+
recovered 'closed stderr'
stop C
is 'status with closed stderr' 0 "$STATUS"

# --- the log's reader sleeps: lines are lost, questions are not
mkfifo "$TMP/pipe"
"$PEER" run 60 sleep 60 <"$TMP/pipe" &
echo $! >"$TMP/reader.pid"
PORT=$("$PEER" port)
# shellcheck disable=SC2086
"$PEER" run 60 "$REAL" -l 127.0.0.1 -p "$PORT" -q -s "$UP" $RULES 2>"$TMP/pipe" &
echo $! >"$TMP/P.pid"
D=127.0.0.1@$PORT
DAEMON=P
: >"$TMP/P.log"
tries=0
until [ "$(ask "$D" ws7.lab A wait=50 | cut -c1-7)" = NOERROR ] || [ $tries -ge 100 ]; do tries=$((tries + 1)); "$PEER" wait /dev/null never 20; done
is 'the log is stuck: 3,000 questions' 'sent=3000 answered=3000 lost=0 wrong=0 *' \
    "$("$PEER" many "$D" ws7.lab A addr=172.16.2.7 n=3000 window=32 wait=2000)"
round 'the log is stuck' u+ t+ m+ x+
recovered 'the log is stuck'
stop P
is 'status with the log stuck' 0 "$STATUS"
kill_now reader

# --- stopped and continued: what came meanwhile is answered, time that has passed is not made up for
DYNDNS=$REAL
DAEMON=S
# shellcheck disable=SC2086
daemon S -s "$UP" $RULES
D=$S
round 'before the stop' u+ t+ m+ x+
kill -STOP "$S_PID"
"$PEER" many "$D" ws7.lab A addr=172.16.2.7 n=50 wait=5000 >"$TMP/many" 2>&1 &
asker=$!
"$PEER" wait /dev/null never 700
kill -CONT "$S_PID"
wait $asker
is 'asked while stopped' 'sent=50 answered=50 lost=0 wrong=0 *' "$(cat "$TMP/many")"
recovered 'stopped and continued'
stop S
is 'status after stop and continue' 0 "$STATUS"

# --- whoever fills one socket does not keep the others waiting: a thousand questions there, one here
# shellcheck disable=SC2086
daemon T -l 127.0.0.2@0 -q -s "$UP" $RULES
kill -STOP "$T_PID"
"$PEER" many "$T" ws7.lab A addr=172.16.2.7 n=1000 sockets=8 wait=5000 >"$TMP/many" 2>&1 &
asker=$!
nap 300
ask "$(sed -n 's/^dyndns: listening on \(127.0.0.2@.*\)/\1/p' "$T_LOG")" ws9.lab A >"$TMP/one" &
one=$!
nap 300
kill -CONT "$T_PID"
wait $asker $one
is 'one of two sockets is full' 'sent=1000 answered=1000 lost=0 wrong=0 *' "$(cat "$TMP/many")"
is 'the other socket' 'NOERROR * 172.16.2.9 *' "$(cat "$TMP/one")"
at_most 'questions that went before' "$(sed -n '/ ws9.lab /q;/: query /p' "$T_LOG" | grep -c .)" 200
stop T
finish
