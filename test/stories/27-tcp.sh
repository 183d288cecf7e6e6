#!/bin/sh
# TCP, RFC 7766: answers as they are ready, bytes as they come, connections that end in any way, upstreams that are odd about it.
. test/lib.sh
story 27-tcp
RULE='-o ws123.lab 172.16.2'
upstream UP right
# shellcheck disable=SC2086
daemon D -s "$UP" $RULE

# tcp STEP...: at $D;  ids TEXT: the ids of the replies in the order they came
tcp() {
	"$PEER" tcp "$D" "$@"
}

ids() {
	echo "$1" | sed -n 's/^id=\([0-9]*\) NOERROR .*/\1/p' | tr '\n' ' '
}

# --- the idle limit, which takes ten seconds: begun here, looked at below
# shellcheck disable=SC2086
daemon I -s "$UP" $RULE
# idle NAME STEP...
idle() {
	name=$1
	shift
	"$PEER" tcp "$I" "$@" wait=20000 end >"$TMP/idle-$name" &
	idlers="${idlers:-} $!"
}
idle nothing
idle asked q=ws7.lab/A write read=1
# Half a message, an octet every 0.9 s: an octet is no sign of life.
idle slow q=ws7.lab/A q=ws8.lab/A drip=900
# A whole message after 4 s is one.
idle twice q=ws7.lab/A write read=1 hold=4000 q=ws8.lab/A write read=1

# --- a connection that falls asleep costs no question its answer: the second try is by UDP; begun here too
upstream WEDGED wedge right
# shellcheck disable=SC2086
daemon W -s "$WEDGED" $RULE
{
	ask "$W" awake.example A tcp
	ask "$W" lost.example A tcp wait=9000 &
	first=$!
	nap 1500
	ask "$W" saved.example A tcp wait=9000
	wait $first
	ask "$W" fresh.example A tcp wait=900
} >"$TMP/wedged" &
sleeper=$!
# One that never answered anything yet: when its oldest question is given up, a younger one is asked anew.
upstream MUM udp:tc tcp:mute next udp:tc tcp:delay=900 tcp:right
# shellcheck disable=SC2086
daemon V -s "$MUM" $RULE
{
	ask "$V" never.example A tcp wait=9000 &
	first=$!
	nap 4300
	next_stage MUM
	ask "$V" young.example A tcp wait=9000
	wait $first
} >"$TMP/mum" &
mum=$!

# --- a connection upstream that nobody needs is closed; so too
sockets() {
	# shellcheck disable=SC2010 # what they are links to
	ls -l "/proc/$U_PID/fd" 2>/dev/null | grep -c socket:
}
# shellcheck disable=SC2086
daemon U -s "$UP" $RULE
unused=$(sockets)
ask_is 'NOERROR *' "$U" one.example A tcp
used=$(sockets)

# --- answered as they are ready
replies=$(tcp q=delay-300-x.example/A q=ws7.lab/A write read=2)
is 'a hit behind a slow miss' '2 1 ' "$(ids "$replies")"
replies=$(tcp q=delay-600-x.example/A q=delay-300-x.example/A q=fast.example/A q=ws7.lab/A write read=4)
is 'misses of different speed' '4 3 2 1 ' "$(ids "$replies")"

# --- bytes as they come
is 'one octet at a time' 'id=1 NOERROR * A 172.16.2.7 *' "$(tcp q=ws7.lab/A drip=3 read=1)"
is 'a miss, one octet at a time' 'id=1 NOERROR * A 10.*' "$(tcp q=drip.example/A drip=3 read=1)"
replies=$(tcp 'q=ws%d.lab/A*50' write read=50)
is '50 hits in one segment' 50 "$(echo "$replies" | grep -c '^id=[0-9]* NOERROR .* A 172.16.2.')"
is '50 hits in one segment, in order' "$(echo "$replies" | sort -t= -k2n)" "$replies"
replies=$(tcp 'q=seg%d.example/A*50' write read=50)
is '50 misses in one segment' 50 "$(echo "$replies" | grep -c '^id=[0-9]* NOERROR .* A 10\.')"
is '50 misses in one segment, each once' 50 "$(ids "$replies" | tr ' ' '\n' | grep . | sort -u | grep -c .)"
replies=$(tcp q=ws1.lab/A write read=1 q=ws2.lab/A write read=1 q=x.example/A write read=1 q=ws3.lab/A write read=1)
is 'one after the other' '1 2 3 4 ' "$(ids "$replies")"
is 'several at once, cut anywhere' '1 2 3 ' "$(ids "$(tcp q=ws1.lab/A q=ws2.lab/A q=ws3.lab/A drip=1 read=3)")"

# --- the end of a connection
replies=$(tcp q=ws7.lab/A write half read=1 end)
is 'half-close after a hit' 'id=1 NOERROR * A 172.16.2.7 *closed *' "$replies"
replies=$(tcp q=delay-200-h.example/A q=ws7.lab/A write half read=2 end)
is 'half-close after a miss' '2 1 ' "$(ids "$replies")"
is 'half-close after a miss, then the end' '*closed *' "$replies"
is 'half-close in the middle of a message' 'closed *' "$(tcp hex=001d0001 write half end)"
tcp q=ws7.lab/A hex=00ff0102 write hold=20 reset
tcp 'q=delay-200-r%d.example/A*20' write hold=20 reset
tcp q=ws7.lab/A write reset
for i in 1 2 3 4 5; do
	tcp "q=delay-$i-gone.example/A*5" write reset
done
is 'after resets' 'id=1 NOERROR * A 172.16.2.7 *' "$(tcp q=ws7.lab/A write read=1)"
is 'what was in flight for them' 'sent=20 answered=20 lost=0 wrong=0 twice=0 noerror=20 *' "$(many "$D" 'after%d.example' A n=20 sockets=4 tcp)"

is 'what another had asked reaches nobody' 'id=1 NOERROR * A 172.16.2.7 *timeout' "$(
	tcp 'q=delay-400-gone%d.example/A*5' write hold=30 reset
	tcp q=ws7.lab/A write read=1 wait=900 read=1)"

# Who spoke last stays, whatever place it has; who has been idle longest goes.
tcp q=ws7.lab/A write read=1 hold=1500 q=ws8.lab/A write read=1 hold=3000 q=ws9.lab/A write read=1 >"$TMP/spoke" &
spoke=$!
"$PEER" wait "$TMP/spoke" id=1 5000 >"$TMP/line"
tcp q=ws6.lab/A write read=1 wait=9000 end >"$TMP/silent" &
silent=$!
"$PEER" wait "$TMP/silent" id=1 5000 >"$TMP/line"
"$PEER" wait "$TMP/spoke" id=2 5000 >"$TMP/line"
tcp more=148 hold=300
wait $spoke $silent
is 'who spoke last stays' 'id=1 NOERROR *id=2 NOERROR *id=3 NOERROR * A 172.16.2.9 *' "$(cat "$TMP/spoke")"
is 'who was idle longest goes' '*'"$NL"'[cr][le][os]* ms' "$(cat "$TMP/silent")"

# --- more connections than there are places: the one idle longest gives way
tcp more=170 hold=2000 &
full=$!
nap 200
is 'one more connection' 'id=1 NOERROR * A 172.16.2.7 *' "$(tcp q=ws7.lab/A write read=1)"
ask_is 'NOERROR * A 10.*' "$D" more.example A tcp
wait $full
dropped=$(counter "$D" dropped)
at_least 'connections that gave way, counted' "$dropped" 20

# --- a client that asks 10,000 times and never reads: bounded memory, others unaffected
rss() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$D_PID/status" 2>/dev/null
}
before=$(rss)
tcp 'q=size-4000-%d.example/A*10000' stuff hold=1500 reset >"$TMP/stuffed" &
deaf_misses=$!
tcp 'q=ws7.lab/A*200000' stuff hold=1500 reset >"$TMP/stuffed2" &
deaf_hits=$!
nap 500
sums=$(many "$D" 'ws%d.lab' A n=200 window=1 slow=500 addr=0.0.0.0)
is 'hits meanwhile' 'sent=200 answered=200 lost=0 *noerror=200 *' "$sums"
is "hits meanwhile, later than 500 ms: $sums" 0 "$(field late "$sums")"
is 'misses meanwhile' 'sent=100 answered=100 lost=0 wrong=0 twice=0 noerror=100 *' "$(many "$D" 'u%d.example' A n=100 window=4)"
is 'TCP misses meanwhile' 'sent=100 answered=100 lost=0 wrong=0 twice=0 noerror=100 *' "$(many "$D" 't%d.example' A n=100 window=4 tcp)"
after=$(rss)
if [ -n "$before" ] && [ -n "$after" ]; then
	at_most 'KiB of memory more' $((after - before)) 12288
fi
wait $deaf_misses $deaf_hits
at_least 'a client that asks for more than it reads, counted' "$(($(counter "$D" dropped) - dropped))" 1
is 'a client that never reads' 'stuffed * of *' "$(cat "$TMP/stuffed")"
is 'after them' 'id=1 NOERROR * A 172.16.2.7 *' "$(tcp q=ws7.lab/A write read=1)"

# --- a client that reads slowly where no buffer is left is cut off, and counted
upstream STRICT udp:tc tcp:right
# shellcheck disable=SC2086
daemon_limits "-DBUFFERS_MAX=2" F -s "$STRICT" $RULE
ask_is 'NOERROR *' "$F" both.example A tcp
"$PEER" tcp "$F" 'q=ws7.lab/ANY*200000' stuff hold=1500 reset >"$TMP/deaf" &
deaf=$!
logged F 'no buffer left' >/dev/null || fail 'a client without a buffer is kept'
is 'cut off without a buffer, counted' 1 "$(counter "$F" dropped)"
wait $deaf
stop F

# --- more that never read than there are buffers: they give way to one another, and no TCP miss to them
upstream STRICT udp:tc tcp:right
# shellcheck disable=SC2086
daemon_limits "-DBUFFERS_MAX=5 -DCLIENTS_MAX=16" F -s "$STRICT" $RULE
deaf=
for i in 1 2 3 4 5 6; do
	"$PEER" tcp "$F" 'q=ws7.lab/ANY*200000' stuff hold=3000 reset >"$TMP/deaf$i" &
	deaf="$deaf $!"
done
logged F ' slowly: ' >/dev/null || fail 'no deaf client gives way'
for i in 1 2 3 4 5 6; do
	ask_is 'NOERROR * A 10.*' "$F" "deaf$i.example" A tcp
	nap 100
done
# shellcheck disable=SC2086
wait $deaf
stop F
is 'status with deaf clients' 0 "$STATUS"

# --- upstreams.  by EXPECTED STEPS...: what `name.example` gets by TCP from one that does this, twice
by() {
	expected=$1
	shift
	upstream ODD "$@"
	# shellcheck disable=SC2086
	daemon E -s "$ODD" $RULE
	is "upstream: $*" "$expected" "$(ask "$E" name.example A tcp)"
	is "upstream again: $*" "$expected" "$(ask "$E" again.example A tcp)"
	stop E
}
by 'NOERROR * A 10.*' notcp right
by 'SERVFAIL qr,rd,ra 1/0/0/0 *' notcp tc
by 'NOERROR * A 10.*' udp:tc tcp:right
by 'NOERROR * A 10.*' noudp right
by 'NOERROR * A 10.*' tcp:right close
by 'NOERROR * A 10.*' right right
by 'NOERROR * A 10.*' tcp:dribble=2
by 'NOERROR * A 10.*' bad-id bad-question bad-type bad-class bad-qr bad-short bad-counts right
# One that is odd, and one behind it that is right.
for odd in 'tcp:close udp:servfail' 'tcp:half udp:servfail' 'tcp:servfail udp:servfail' 'notcp noudp' 'tcp:mute udp:mute' 'tcp:bad-id close'; do
	# shellcheck disable=SC2086
	{
		upstream ODD $odd
		daemon E -s "$ODD" -s "$UP" $RULE
	}
	is "upstream: $odd, then another" 'sent=3 answered=3 lost=0 wrong=0 twice=0 noerror=3 *' "$(many "$E" 'odd%d.example' A n=3 window=1 tcp)"
	stop E
done
# Two replies to each question, many questions: none of them goes astray.
upstream TWO right right
# shellcheck disable=SC2086
daemon E -s "$TWO" $RULE
is 'two replies to each' 'sent=100 answered=100 lost=0 wrong=0 twice=0 noerror=100 *' "$(many "$E" 'two%d.example' A n=100 window=10 sockets=5 tcp)"
stop E
# A connection that the upstream ends after every answer costs no question.
upstream ENDS tcp:right tcp:close udp:servfail
# shellcheck disable=SC2086
daemon E -s "$ENDS" $RULE
is 'an upstream that ends each connection' 'sent=50 answered=50 lost=0 wrong=0 twice=0 noerror=50 *' "$(many "$E" 'ends%d.example' A n=50 window=1 tcp)"
stop E
ask_is 'NOERROR * | 65535 octets' "$D" size-65535.example A tcp
ask_is 'NOERROR * | 65535 octets' "$D" size-65535.example A tcp edns
is 'six of 65,535 octets on one connection' 6 "$(tcp 'q=size-65535.example/A*6' write hold=100 read=6 | grep -c '| 65535 octets')"

# By UDP alone, and down for a while.
port=$("$PEER" port)
# shellcheck disable=SC2086
daemon E -s "127.0.0.1@$port" $RULE
ask_is 'SERVFAIL *' "$E" down.example A tcp
upstream_at ODD "127.0.0.1@$port" notcp right
ask_is 'NOERROR *' "$E" up.example A tcp
stop E
# Silent by TCP: that makes no server down, and each question's second try is by UDP.
upstream ODD tcp:mute right
# shellcheck disable=SC2086
daemon E -s "$ODD" -s "$UP" $RULE
ask_is 'NOERROR *' "$E" waits.example A tcp
ask_is 'NOERROR *' "$E" waits-too.example A tcp
is 'a server silent by TCP called down' 0 "$(seen E fails)"
stop E
# 200 answers of 1,232 octets at once find room, however little the system keeps.
is '200 large answers' 200 "$(tcp 'q=size-1232.example/A*200' write hold=300 read=200 | grep -c '| 1232 octets')"

# --- the connection that fell asleep
wait $sleeper
is 'awake, lost, saved, fresh' 4 "$(grep -c . "$TMP/wedged")"
is 'none is lost' 4 "$(grep -c '^NOERROR' "$TMP/wedged")"
wait $mum
is 'the young one on a connection that never answered' 'NOERROR * A 10.*' "$(grep young "$TMP/mum")"

# --- the idle limit
# shellcheck disable=SC2086
wait $idlers
for name in nothing asked slow twice; do
	line=$(grep -v '^id=' "$TMP/idle-$name")
	is "an idle connection, $name" '[cr][le][os]* ms' "$line"	# closed or reset
	least=9500
	[ $name != twice ] || least=13500
	at_least "ms until it was closed, $name" "$(ms "$line")" $least
	at_most "ms until it was closed, $name" "$(ms "$line")" $((least + 3500))
done
is 'a question after 4 s' 'id=1 NOERROR *id=2 NOERROR *' "$(cat "$TMP/idle-twice")"

# --- the connection that nobody needs
if [ "$unused" -gt 0 ]; then
	at_least 'sockets while a connection upstream is open' "$used" $((unused + 1))
	at_most 'sockets once nobody needs it' "$(sockets)" "$unused"
fi
alive D || fail 'the daemon ended'
stop D
is 'status at the end' 0 "$STATUS"
finish
