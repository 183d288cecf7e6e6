#!/bin/sh
# SIGHUP reloads all or nothing and loses no question, the counters tell the truth, SIGTERM lets flights land.
. test/lib.sh
story 30-signals

RULES=$TMP/rules

# put FILE: its new text, all at once; a daemon that became nobody reads it.
put() {
	cat >"$1.new" && chmod 644 "$1.new" && mv "$1.new" "$1"
}

has() {
	ask_is "NOERROR * | an $1 60 IN A $2 | *" "$D" "$1" A
}

hasnt() {
	ask_is "NXDOMAIN * | $1 IN A | *" "$D" "$1" A
}

# hup TEXT: sends it and waits for one line more with TEXT, which is left in $line.
hup() {
	before=$(seen D "$1")
	kill -HUP "$D_PID"
	line=$(logged D "$1" $((before + 1))) || fail "after SIGHUP no line with: $1$NL$(tail -n 3 "$D_LOG")"
}

upstream UP nxdomain

# --- SIGHUP

put "$RULES" <<END
ws1.lab 10.1.0
gone.lab 10.2.0
END
daemon D -s "$UP" -o own.lab 10.9.0 -f "$RULES"
has own7.lab 10.9.0.7
has ws7.lab 10.1.0.7
has gone7.lab 10.2.0.7
hasnt fresh7.lab
hasnt changed.lab		# not a rule's, but answered: the daemon took all of the file

put "$RULES" <<END
# a comment, an empty line, tabs, an end of line as elsewhere, and one that is missing

	ws1.lab		10.11.0.0/24	# moved
fresh%x.lab 10.12.0
own.lab 10.13.0
END
printf 'crlf.lab 10.14.0\r\nlast.lab 10.15.0' >>"$RULES"
hup ' rules'
is 'the line of a reload' 'dyndns: 6 rules' "$line"
has ws7.lab 10.11.0.7
has fresh1f.lab 10.12.0.31
has own7.lab 10.9.0.7		# -o comes before the file
has crlf7.lab 10.14.0.7
has last7.lab 10.15.0.7
hasnt gone7.lab
ask_is 'NOERROR * PTR fresh1f.lab | *' "$D" 31.0.12.10.in-addr.arpa PTR
hasnt 7.0.1.10.in-addr.arpa

# A file without a rule is no error as long as there is an -o.
put "$RULES" <<END
# later
END
hup ' rules'
is 'the line of a reload' 'dyndns: 1 rules' "$line"
has own7.lab 10.9.0.7
hasnt ws7.lab
put "$RULES" <<END
ws1.lab 10.11.0
END
hup ' rules'
has ws7.lab 10.11.0.7

# Whatever is wrong: one line that names file, line and word, and the old rules stay.
bad() {
	printf 'ws1.lab 10.66.0\n\n# two lines without a rule\n%s\nfresh1.lab 10.66.1\n' "$2" | put "$RULES"
	hup 'the old rules stay'
	is "a bad line: $2" "dyndns: $RULES: line 4: *; the old rules stay" "$line"
	case ${line#"dyndns: $RULES: line 4: "} in
	*"$1"*) pass ;;
	*) fail "the word $1 is not named: $line" ;;
	esac
	has ws7.lab 10.11.0.7
}
bad 10.0.256 'ws1.lab 10.0.256'
bad 10.0.0.0.0 'ws1.lab 10.0.0.0.0'
bad 010.0.0 'ws1.lab 010.0.0'
bad 10.0.0.5/24 'ws1.lab 10.0.0.5/24'
bad 10.0.0.0/33 'ws1.lab 10.0.0.0/33'
bad 10.0.0.9-10.0.0.1 'ws1.lab 10.0.0.9-10.0.0.1'
bad 10.0.0.1-fd00::2 'ws1.lab 10.0.0.1-fd00::2'
bad fd00:::1/64 'ws1.lab fd00:::1/64'
bad 'n%d%d.lab' 'n%d%d.lab 10.0.0'
bad 'n%q.lab' 'n%q.lab 10.0.0'
bad a..lab 'a..lab 10.0.0'
bad ws999.lab 'ws999.lab 10.0.0'
bad ws1.lab 'ws1.lab'
bad third 'ws1.lab 10.0.0 third'
bad "$(printf '%064d' 1).lab" "$(printf '%064d' 1).lab 10.0.0"

cannot() {
	hup 'the old rules stay'
	is "$1" "dyndns: $RULES: *$2*; the old rules stay" "$line"
	has ws7.lab 10.11.0.7
	has own7.lab 10.9.0.7
}
rm "$RULES"
cannot 'the file is missing' 'No such file'
mkdir "$RULES"
cannot 'a directory in its place' 'irectory'
rmdir "$RULES"
i=0
while [ $i -lt 4097 ]; do
	echo "n$i.lab 10.66.0"
	i=$((i + 1))
done | sed 's/\([0-9]*\)\.lab/\1x%d.lab/' | put "$RULES"
cannot 'one rule too many' ' rules'
i=0
while [ $i -lt 8000 ]; do
	echo '# a comment that leads nowhere, but there is a lot of it in this file, and no end'
	i=$((i + 1))
done | put "$RULES"
cannot 'too large a file' 'octets'
put "$RULES" <<END
ws1.lab 10.12.0
END
hup ' rules'
has ws7.lab 10.12.0.7
stop D
is 'exit status after SIGTERM' 0 "$STATUS"

# Without -o a file that has no rule is as bad as any other.
daemon D -s "$UP" -f "$RULES"
: | put "$RULES"
hup 'the old rules stay'
is 'a file without a rule' "dyndns: $RULES: no rule in it; the old rules stay" "$line"
has ws7.lab 10.12.0.7
stop D

# resolv.conf is read again as well, and no question is needed for that.
echo 'nameserver 127.0.0.9' | put "$TMP/resolv.conf"
daemon D -r "$TMP/resolv.conf" -o own.lab 10.9.0
is 'the first nameserver' 1 "$(seen D 'upstream 127.0.0.9@53')"
echo 'nameserver 127.0.0.8' | put "$TMP/resolv.conf"
hup 'upstream 127.0.0.8@53'
rm "$TMP/resolv.conf"
hup 'resolv.conf: No such file'
is 'the list after the file is gone' 1 "$(seen D 'upstream 127.0.0.8@53')"
is 'the list after the file is gone' 0 "$(seen D 'no nameserver')"
has own7.lab 10.9.0.7
stop D

# --- thousands of SIGHUPs under load: the rules that stay are never missed, nothing is lost

upstream BUSY right
N=2000
LOAD=2000			# questions by TCP; misses twice and hits five times as many
[ -z "$LONG" ] || N=10000 LOAD=8000
cat >"$TMP/even" <<END
ws1.lab 10.1.0
even.lab 10.2.0
END
cat >"$TMP/odd" <<END
odd.lab 10.3.0
ws1.lab 10.1.0
END
cp "$TMP/even" "$RULES"
daemon D -s "$BUSY" -f "$RULES"
many "$D" ws7.lab A n=$((5 * LOAD)) rate=4000 window=100 addr=10.1.0.7 >"$TMP/hits" &
hits=$!
many "$D" '%d.miss.example' A n=$((2 * LOAD)) rate=1600 window=100 >"$TMP/misses" &
misses=$!
many "$D" ws7.lab A n=$LOAD rate=800 window=20 sockets=4 tcp addr=10.1.0.7 >"$TMP/tcp" &
tcp=$!
i=0
while [ $i -lt $N ]; do
	kill -HUP "$D_PID"
	i=$((i + 1))
	if [ $((i % 40)) = 0 ]; then
		put "$RULES" <"$TMP/$([ $((i % 80)) = 0 ] && echo even || echo odd)"
	fi
done
wait $hits $misses $tcp
for kind in hits misses tcp; do
	sums=$(cat "$TMP/$kind")
	is "$kind under SIGHUP" 'sent=* lost=0 wrong=0 twice=0 *servfail=0 *' "$sums"
	is "$kind that were hit or relayed" "$(field sent "$sums")" "$(field noerror "$sums")"
done
at_least 'reloads' "$(seen D '2 rules')" 50
is 'bad reloads' 0 "$(seen D 'the old rules stay')"
is 'counted' "$((6 * LOAD)) $((2 * LOAD))" "$(counter "$D" hits) $(counter "$D" misses)"
stop D
is 'exit status' 0 "$STATUS"
kill_now BUSY

# --- counters: each is moved by a known amount, and both places agree

dead=$("$PEER" port)
upstream BUSY right
daemon D -s "$BUSY" -o ws.lab 10.0.0
stats() {
	ask "$D" stats.dyndns TXT class=CH edns=4096
}
is 'counters of a daemon that did nothing yet' 'NOERROR qr,aa,rd,ra 1/1/0/1 | stats.dyndns CH TXT | an stats.dyndns 0 CH TXT "hits=0" "misses=0" "relayed=0" "merged=0" "servfail=0" "refused=0" "formerr=0" "dropped=0" "retries=0" "tcp-clients=0" "seconds-up=*" | *' "$(stats)"
for i in 1 2 3; do
	ask "$D" ws$i.lab A >>"$TMP/replies"
done
{
	ask "$D" ws1.lab AAAA
	ask "$D" ws1.lab ANY tcp
	ask "$D" 1.0.0.10.in-addr.arpa PTR tcp
	ask "$D" one.example A
	ask "$D" two.example TXT tcp
} >>"$TMP/replies"
is 'questions answered' 8 "$(grep -c '^NOERROR' "$TMP/replies")"
many "$D" delay-150-x.example A n=5 sockets=5 >"$TMP/same"
is 'five that ask the same' 'sent=5 answered=5 lost=0 wrong=0 *' "$(cat "$TMP/same")"
for i in 1 2; do
	ask_is 'REFUSED *' "$D" ws1.lab AXFR tcp
	for bad in qd=0 tail=00 an=1; do
		ask_is 'FORMERR *' "$D" ws1.lab A $bad
	done
done
ask_is 'NOTIMP *' "$D" ws1.lab A op=4
for i in 1 2 3 4; do
	ask_is silence "$D" ws1.lab A flags=qr mark=ws1.lab
done
# Hits 6 and 4 marks; TCP clients 1 PTR, 1 ANY, 1 miss, 2 AXFR.
for word in hits=10 misses=7 relayed=7 merged=4 servfail=0 refused=2 formerr=6 dropped=4 tcp-clients=5; do
	is "counter ${word%=*}" "${word#*=}" "$(counter "$D" "${word%=*}")"
done
kill -USR1 "$D_PID"
line=$(logged D ' hits=' | sed -e 's/^dyndns: //' -e 's/ seconds-up=[0-9]* stray=[0-9]*$//')
text=$(stats | sed -e 's/.* TXT "//' -e 's/" | .*//' -e 's/" "/ /g' -e 's/ seconds-up=[0-9]*$//')
is 'SIGUSR1 and stats.dyndns' "$text" "$line"
is 'lines of SIGUSR1' 1 "$(seen D ' hits=')"
at_most 'seconds up' "$(counter "$D" seconds-up)" 60
"$PEER" wait /dev/null never 1100
at_least 'seconds up' "$(counter "$D" seconds-up)" 1
stop D
# What is tried elsewhere, and what becomes of it when there is nowhere else.
daemon D -s "127.0.0.1@$dead" -s "$BUSY" -o ws.lab 10.0.0
ask_is 'NOERROR *' "$D" one.example A
is 'with one server dead' '1 1 2 0' "$(counter "$D" misses) $(counter "$D" relayed) $(counter "$D" retries) $(counter "$D" servfail)"
stop D
daemon D -s "127.0.0.1@$dead" -o ws.lab 10.0.0
ask_is 'SERVFAIL *' "$D" one.example A
ask_is 'SERVFAIL *' "$D" two.example A
is 'with all servers dead' '2 0 2' "$(counter "$D" misses) $(counter "$D" relayed) $(counter "$D" servfail)"
stop D
# A SERVFAIL that is the upstream's is relayed.
upstream NO servfail
daemon D -s "$NO" -o ws.lab 10.0.0
ask_is 'SERVFAIL *' "$D" one.example A
is 'with an upstream that fails' '1 1 0' "$(counter "$D" misses) $(counter "$D" relayed) $(counter "$D" servfail)"
stop D

# --- the end: flights land, for a second; nothing new is taken

# ended MS WHAT: it says that it has stopped within that time, and leaves with status 0.
ended() {
	"$PEER" wait "$D_LOG" 'dyndns: stopped' "$1" >"$TMP/line" || fail "$2: not stopped after $1 ms"
	wait "$D_PID"
	is "$2: exit status" 0 $?
	rm -f "$TMP/D.pid"
}

for signal in TERM INT; do
	daemon D -s "$BUSY" -o ws.lab 10.0.0
	ask_is 'NOERROR *' "$D" ws7.lab A
	kill -$signal "$D_PID"
	ended 900 "SIG$signal, idle"

	daemon D -s "$BUSY" -o ws.lab 10.0.0
	name=delay-900-$signal.example
	ask "$D" $name A wait=4000 >"$TMP/udp" &
	udp=$!
	"$PEER" tcp "$D" q=tcp.$name/A q=ws8.lab/A write read=2 end >"$TMP/tcp" &
	tcp=$!
	"$PEER" tcp "$D" q=ws9.lab/A write read=1 end >"$TMP/idle" &
	idle=$!
	logged BUSY " $name A" >/dev/null || fail 'the question does not go up'
	"$PEER" wait "$TMP/idle" NOERROR 5000 >"$TMP/line"
	"$PEER" wait "$TMP/tcp" NOERROR 5000 >"$TMP/line"
	kill -$signal "$D_PID"
	# Once the listening socket is gone, the signal was heard.
	i=0
	until is_gone=$("$PEER" tcp "$D") && [ -n "$is_gone" ]; do
		i=$((i + 1))
		[ $i -lt 50 ] || break
	done
	kill -USR1 "$D_PID" 2>/dev/null
	is "SIG$signal: a new connection" '*refused*' "$is_gone"
	# Meanwhile hits are answered by UDP, a repetition waits on, and other misses are failures at once.
	ask_is 'NOERROR qr,aa*A 10.0.0.7 *' "$D" ws7.lab A wait=300
	ask_is 'SERVFAIL qr,rd,ra 1/0/0/0 *' "$D" other.example A wait=300
	ask_is 'SERVFAIL qr,rd,ra 1/0/0/0 *' "$D" $name A wait=300
	kill -$signal "$D_PID"		# a second one changes nothing
	wait $udp $tcp $idle
	is "SIG$signal: a flight by UDP" "NOERROR * | $name IN A | *" "$(cat "$TMP/udp")"
	is "SIG$signal: a flight by TCP" "*id=1 NOERROR *closed *" "$(cat "$TMP/tcp")"
	is "SIG$signal: an idle connection" "id=1 NOERROR *closed *" "$(cat "$TMP/idle")"
	ended 900 "SIG$signal, with flights"
	is "SIG$signal: questions that it took" 'dyndns: hits=[23] misses=[23] *' "$("$PEER" wait "$D_LOG" ' hits=' 100)"
done

# A client that is connected and asks nothing is not waited for.
daemon D -s "$BUSY" -o ws.lab 10.0.0
"$PEER" tcp "$D" q=ws9.lab/A write read=1 end >"$TMP/idle" &
idle=$!
"$PEER" wait "$TMP/idle" NOERROR 5000 >"$TMP/line"
kill -TERM "$D_PID"
ended 700 'with an idle connection alone'
wait $idle

# A flight that is too long is not waited for.
daemon D -s "$BUSY" -o ws.lab 10.0.0
ask "$D" delay-6000-x.example A wait=2500 >"$TMP/udp" &
udp=$!
logged BUSY ' delay-6000-x.example A' >/dev/null
kill -TERM "$D_PID"
"$PEER" wait "$D_LOG" 'dyndns: stopped' 700 >"$TMP/line" && fail 'a flight was given up after less than a second'
ended 3000 'with a flight that takes longer'
wait $udp
case $(cat "$TMP/udp") in
timeout | refused) pass ;;
*) fail "a flight that was given up: $(cat "$TMP/udp")" ;;
esac

# --- three restarts under 200 questions a second: whoever asks again loses nothing
upstream LIVE delay=20 right
port=$("$PEER" port)
comes() { daemon_bare R -l "127.0.0.1@$port" -s "$LIVE" -o ws1.lab 10.5.0.0/16; }
for name in 'ws7.lab A addr=10.5.0.7' 'restart%d.example A'; do
	comes
	# shellcheck disable=SC2086 # words
	many "127.0.0.1@$port" $name n=600 rate=200 sockets=20 again=300 >"$TMP/restarts" &
	pid=$!
	for n in 1 2 3; do
		nap 600
		stop R
		is "restart $n: exit status" 0 "$STATUS"
		comes
	done
	wait $pid
	is "restarts, $name" 'sent=600 answered=600 lost=0 wrong=0 twice=0 noerror=600 *' "$(cat "$TMP/restarts")"
	stop R
done
finish
