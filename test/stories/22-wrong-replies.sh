#!/bin/sh
# A wrong reply of any kind, in every combination, harms nothing: the right one that follows is relayed at once; forged ones never.
. test/lib.sh
story 22-wrong-replies

# --- the eight kinds (id, question, address, port, QR, cut, counts, header only) in all 256 combinations
upstream UP wrong right
daemon D -s "$UP" -o ws123.lab 172.16.2
sums=$(many "$D" 'w%d.example' A n=256 window=1 slow=350)
is 'all combinations' 'sent=256 answered=256 lost=0 wrong=0 twice=0 noerror=256 *' "$sums"
at_most "later than 350 ms, so after another try: $sums" "$(field late "$sums")" 2
is 'all combinations, several at once' 'sent=256 answered=256 lost=0 wrong=0 twice=0 noerror=256 *' "$(many "$D" 'w%d.example' AAAA n=256 window=16)"
is 'all combinations by TCP' 'sent=256 answered=256 lost=0 wrong=0 twice=0 noerror=256 *' "$(many "$D" 'w%d.example' A n=256 window=4 tcp)"

# Eight wrong ones before it cost the right reply less than a millisecond (the best of three tries: others use this machine too).
best=999999
for try in 1 2 3; do
	none=$(field median_us "$(many "$D" "w0-$try-%d.example" A n=50 window=1)")
	eight=$(field median_us "$(many "$D" "w255-$try-%d.example" A n=50 window=1)")
	[ $((eight - none)) -ge $best ] || best=$((eight - none))
done
at_most 'microseconds that eight wrong replies cost' $best 1000
stop D

# --- other ways to be wrong, each alone, and each the only thing that ever comes
for bad in bad-type bad-class bad-link bad-opcode bad-empty bad-id bad-question bad-qr bad-short bad-counts bad-header bad-port bad-addr; do
	upstream UP "$bad" right
	daemon D -s "$UP" -o ws123.lab 172.16.2
	sums=$(many "$D" 'one%d.example' A n=20 window=1)
	is "$bad, then the right one" 'sent=20 answered=20 lost=0 wrong=0 twice=0 noerror=20 *' "$sums"
	stop D
	kill_now UP
done
# Octets behind what a reply counts are no fault of it: they are cut off.
upstream UP bad-long
daemon D -s "$UP" -o ws123.lab 172.16.2
ask_is 'NOERROR qr,rd,ra 1/1/0/0 | padded.example IN A | an padded.example * IN A 10.66.66.66 | *' "$D" padded.example A
is 'the padding is cut off' "$(ask "$UP" padded.example A id=7 hex | sed 's/0*$//')" "$(ask "$D" padded.example A id=7 hex)"
stop D
kill_now UP
pids=
for bad in bad-id bad-question bad-short bad-port; do
	name=ONLY_${bad#bad-}
	upstream "U_$name" "$bad"
	eval "daemon $name -s \"\$U_$name\" -o ws123.lab 172.16.2"
	eval "many \"\$$name\" only.example A n=1" >"$TMP/only-$bad" &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # each ends with the time limit, all about now
wait $pids
for bad in bad-id bad-question bad-short bad-port; do
	is "only $bad" 'sent=1 answered=1 lost=0 wrong=0 twice=0 noerror=0 servfail=1 *' "$(cat "$TMP/only-$bad")"
done

# --- a reply with the question's letters in the other case is a right one
upstream UP bad-case
daemon D -s "$UP" -o ws123.lab 172.16.2
ask_is 'NOERROR * an * A 10.*' "$D" case.example A
stop D

# --- a late reply, after the next try's id is on its way, still counts; a second one is nobody's
upstream UP skip=1 right right right
daemon D -s "$UP" -o ws123.lab 172.16.2
is 'three replies to each' 'sent=50 answered=50 lost=0 wrong=0 twice=0 noerror=50 *' "$(many "$D" 'r%d.example' A n=50 window=5)"
stop D
upstream UP delay=600 right
daemon D -s "$UP" -o ws123.lab 172.16.2
line=$(ask "$D" late.example A ms)
is 'the first try answered after the second' 'NOERROR *' "$line"
at_most 'ms for it' "$(ms "$line")" 950
stop D

# --- forged replies: spoofed with every id but the right one, or with the right one from another port
questions=25
per=2000
[ -z "$LONG" ] || questions=200 per=5000
upstream UP flood=$per delay=20 right
daemon D -s "$UP" -o ws123.lab 172.16.2
sums=$(many "$D" 'flood%d.example' A n=$questions window=1 wait=20000)
is "$((questions * per)) forged replies" "sent=$questions answered=$questions lost=0 wrong=0 twice=0 noerror=$questions *" "$sums"
# Hits go on meanwhile, and the log does not fill.
at_most 'lines in the log' "$(grep -c . "$D_LOG")" 60
stop D
is 'status at the end' 0 "$STATUS"
finish
