#!/bin/sh
# Dead, mute and flapping upstreams: the next server at once or after 400 ms, no question lost, no client pays for a return.
. test/lib.sh
story 23-failover
RULE='-o ws123.lab 172.16.2'

# --- a closed port: the next server at once, not after 400 ms (the best of three starts)
upstream UP right
best=99999
for try in 1 2 3; do
	# shellcheck disable=SC2086
	daemon D -s "127.0.0.1@$("$PEER" port)" -s "$UP" $RULE
	line=$(ask "$D" "closed$try.example" A ms)
	is 'a closed port, then the next' 'NOERROR *' "$line"
	line=$(ms "$line")
	[ "$line" -ge "$best" ] || best=$line
	stop D
done
at_most 'ms when the first port is closed' "$best" 150

# --- several on one socket to a closed port: the error that the second one meets is news of the first one, too
# shellcheck disable=SC2086
daemon_limits "-DPOOL_MAX=2" D -s "127.0.0.1@$("$PEER" port)" -s "$UP" $RULE
kill -STOP "$D_PID"
many "$D" 'refused%d.example' A n=5 window=5 slow=450 >"$TMP/refused" &
pid=$!
nap 100
kill -CONT "$D_PID"
wait $pid
is 'five at once, the port closed' 'sent=5 answered=5 lost=0 wrong=0 twice=0 noerror=5 * late=0 *' "$(cat "$TMP/refused")"
stop D

# --- killed under load: no question lost
upstream FIRST right
# shellcheck disable=SC2086
daemon D -s "$FIRST" -s "$UP" $RULE
many "$D" 'k%d.example' A n=400 rate=200 sockets=10 >"$TMP/killed" &
pid=$!
logged FIRST ' k150.example ' >/dev/null
kill_now FIRST
wait $pid
is 'killed under load' 'sent=400 answered=400 lost=0 wrong=0 twice=0 noerror=400 *' "$(cat "$TMP/killed")"
at_most "slowest, ms: $(cat "$TMP/killed")" "$(field slowest "$(cat "$TMP/killed")")" 1000
at_least 'asked of the second' "$(seen UP ' k[0-9]*.example ')" 200
stop D

# --- mute: 400 ms for the first question, nothing for those after it
upstream MUTE mute next right
upstream GOOD right next mute
# shellcheck disable=SC2086
daemon D -s "$MUTE" -s "$GOOD" $RULE
line=$(ask "$D" first.example A ms)
is 'the first server mute' 'NOERROR *' "$line"
at_least 'ms for the first question' "$(ms "$line")" 390
at_most 'ms for the first question' "$(ms "$line")" 1000
sums=$(many "$D" 'after%d.example' A n=100 window=2 slow=300)
is 'once it is known to be mute' 'sent=100 answered=100 lost=0 wrong=0 twice=0 noerror=100 *' "$sums"
at_most "questions that waited for it: $sums" "$(field late "$sums")" 2

# --- it is tried now and then, at no client's cost, and its return is noticed
many "$D" 'probe%d.example' A n=250 rate=100 slow=300 >"$TMP/probes" &
pid=$!
before=$(seen MUTE '^udp')
next_stage MUTE
wait $pid
sums=$(cat "$TMP/probes")
is 'while it is tried again' 'sent=250 answered=250 lost=0 wrong=0 twice=0 noerror=250 *' "$sums"
at_most "questions that waited for it: $sums" "$(field late "$sums")" 3
after=$(seen MUTE '^udp')
at_least 'tries meanwhile' $((after - before)) 1
next_stage GOOD
sums=$(many "$D" 'turn%d.example' A n=100 rate=100 slow=1000)
is 'then the other one is mute' 'sent=100 answered=100 lost=0 wrong=0 twice=0 noerror=100 *' "$sums"
is "later than 1 s: $sums" 0 "$(field late "$sums")"
sums=$(many "$D" 'known%d.example' A n=100 window=2 slow=300)
at_most "questions that waited for the other one: $sums" "$(field late "$sums")" 2
stop D

# --- two upstreams mute in turn, 200 questions a second, clients that never retry (check/failover.sh has the tighter bounds)
period=1000
seconds=4
[ -z "$LONG" ] || period=3000 seconds=18
upstream EVEN flap=$period:0 right
upstream ODD flap=$period:1 right
# shellcheck disable=SC2086
daemon D -s "$EVEN" -s "$ODD" $RULE
second_is_mute $period
n=$((seconds * 200))
sums=$(many "$D" 'flap%d.example' A n=$n rate=200 sockets=20 slow=1000)
is 'two upstreams mute in turn' "sent=$n answered=$n lost=0 wrong=0 twice=0 noerror=$n *" "$sums"
at_most "later than 1 s: $sums" "$(field late "$sums")" $((n / 8))
at_least 'answers of one' "$(seen EVEN ' flap[0-9]*.example ')" 100
at_least 'answers of the other' "$(seen ODD ' flap[0-9]*.example ')" 100
stop D

# --- all mute: who waits for one of them is asked of the next as soon as that one is heard
upstream SILENT mute
upstream HEARD mute next right
# shellcheck disable=SC2086
daemon D -s "$SILENT" -s "$HEARD" $RULE
ask "$D" none.example A wait=2000 >/dev/null
is 'both are down' '*fails*' "$(logged D 'fails: others are asked first' 2)"
next_stage HEARD
nap 1300
line=$(ask "$D" heard.example A ms)
is 'one of two is back' 'NOERROR *' "$line"
at_most 'ms until the one that is back is asked' "$(ms "$line")" 700
stop D

# --- all dead: SERVFAIL at once; one is back: answers again
port=$("$PEER" port)
# shellcheck disable=SC2086
daemon D -s "127.0.0.1@$port" -s "127.0.0.1@$("$PEER" port)" $RULE
best=99999
for try in 1 2 3; do
	line=$(ask "$D" "dead$try.example" A ms)
	is 'all dead' 'SERVFAIL qr,rd,ra 1/0/0/0 *' "$line"
	line=$(ms "$line")
	[ "$line" -ge "$best" ] || best=$line
done
at_most 'ms until SERVFAIL when all ports are closed' "$best" 2000
upstream_at BACK "127.0.0.1@$port" right
ask_is 'NOERROR *' "$D" back.example A
stop D

# --- closed for a moment: the question is asked again when its next try is due
# (a port that is still closed then ends it: nobody else is there to ask)
moment() {
	port=$("$PEER" port)
	upstream_at MOMENT "127.0.0.1@$port" mute
	# shellcheck disable=SC2086
	daemon D -s "127.0.0.1@$port" $RULE
	ask "$D" moment.example A >"$TMP/moment" &
	pid=$!
	logged MOMENT ' moment.example ' >/dev/null
	kill_now MOMENT
	ask_is 'SERVFAIL *' "$D" closed.example A
	nap 150
	upstream_at MOMENT "127.0.0.1@$port" right
	wait $pid
}
moment
# Now and then both use one socket, and then both are told at once.
grep -q '^NOERROR' "$TMP/moment" || moment
is 'closed for a moment' 'NOERROR *' "$(cat "$TMP/moment")"
stop D

# --- three, the second known to be mute: when the first one falls silent too, the third is asked before the second,
# as soon as the question of our own has told: 400 ms after the second try
upstream ONE right next mute
upstream TWO mute
# shellcheck disable=SC2086
daemon D -s "$TWO" -s "$ONE" -s "$UP" $RULE
ask_is 'NOERROR *' "$D" known.example A
next_stage ONE
line=$(ask "$D" third.example A ms)
is 'the third one' 'NOERROR *' "$line"
at_most 'ms for the third server' "$(ms "$line")" 1100
stop D

# --- one that takes longer than others need is not called down, and is asked first: the order is the administrator's word
upstream SLOW delay=600 right
# shellcheck disable=SC2086
daemon D -s "$SLOW" -s "$UP" $RULE
sums=$(many "$D" 'slow%d.example' A n=250 rate=50 slow=300)
is 'one slow, one fast' 'sent=250 answered=250 lost=0 wrong=0 twice=0 noerror=250 *' "$sums"
is "questions that waited for the slow one: $sums" 250 "$(field late "$sums")"
is 'asked of the other one' 0 "$(seen UP ' slow[0-9]*.example ')"
is 'called down' 0 "$(seen D 'fails')"
stop D

# --- five servers, all but the last one mute: within the time limit
upstream M2 mute
upstream M3 mute
kill_now MUTE
upstream MUTE mute
# shellcheck disable=SC2086
daemon D -s "$MUTE" -s "$M2" -s "$M3" -s "$UP" $RULE
line=$(ask "$D" fourth.example A ms)
is 'three mute, then one' 'NOERROR *' "$line"
at_most 'ms for the fourth server' "$(ms "$line")" 3600
ask_is 'NOERROR *' "$D" fifth.example A
is 'tries before the good one' 2 "$(seen M3 ' fourth.example ')"
stop D
# --- the next try after 400 ms, and not much later (the best of five)
upstream AGAIN mute
# shellcheck disable=SC2086
daemon D -s "$AGAIN" $RULE
best=99999
for try in 1 2 3 4 5; do
	ask "$D" "again$try.example" A wait=1 >/dev/null
	logged AGAIN " again$try.example " 2 >/dev/null
	# shellcheck disable=SC2046 # words
	set -- $(sed -n "s/^udp \([0-9]*\) .* again$try.example .*/\1/p" "$AGAIN_LOG")
	[ $(($2 - $1)) -ge "$best" ] || best=$(($2 - $1))
done
at_least 'ms until the second try' "$best" 390
at_most 'ms until the second try' "$best" 450
stop D
finish
