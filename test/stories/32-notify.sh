#!/bin/sh
# systemd's Type=notify is served: READY, RELOADING with its time, READY again, STOPPING; and it can't hold us up.
. test/lib.sh
story 32-notify

NOTIFY=$TMP/notify
# shellcheck disable=SC2086 # CC may have words
if ! ${CC:-cc} -std=c99 -Wall -Wextra -o "$NOTIFY" test/tools/notify.c >"$TMP/cc.log" 2>&1; then
	fail "test/tools/notify.c does not compile: $(cat "$TMP/cc.log")"
	finish
fi
RULES=$TMP/rules
echo 'ws1.lab 10.0.0' >"$RULES"
chmod 644 "$RULES"
upstream UP right

# The messages so far, a line each, without the time they came at.
messages() {
	sed -n 's/^[0-9][0-9]* //p' "$TMP/S.log"
}

# message N: waits until there are N, and leaves the last in $text and when it came in $at.
message() {
	i=0
	until [ "$(messages | wc -l)" -ge "$1" ] || [ $i = 500 ]; do
		i=$((i + 1))
		"$PEER" wait /dev/null never 10
	done
	line=$(grep '^[0-9]' "$TMP/S.log" | sed -n "$1p")
	if [ -z "$line" ]; then
		fail "message $1 does not come: $(cat "$TMP/S.log")"
		finish
	fi
	at=${line%% *}
	text=${line#* }
}

# A message's assignments are lines; what a newer systemd may get besides is not our business.
says() {
	case "|$text|" in
	*"|$2|"*) pass ;;
	*) fail "$1: no $2 in: $text" ;;
	esac
}
says_not() {
	case "|$text|" in
	*"|$2"*) fail "$1: $2 in: $text" ;;
	*) pass ;;
	esac
}

talk() {
	where=$1
	start S bound "$NOTIFY" listen "$where"
	NOTIFY_SOCKET=$where
	export NOTIFY_SOCKET
	daemon D -s "$UP" -f "$RULES"
	unset NOTIFY_SOCKET
	message 1
	says "$where, at the start" READY=1
	says_not "$where, at the start" RELOADING
	ask_is 'NOERROR * A 10.0.0.7 | *' "$D" ws7.lab A
	is "$where: messages of a start" 1 "$(messages | wc -l | tr -d ' ')"

	count=1
	for rules in 'ws1.lab 10.1.0' 'ws1.lab 10.256.0' 'ws1.lab 10.2.0'; do
		echo "$rules" >"$RULES"
		began=$("$NOTIFY" clock)
		kill -HUP "$D_PID"
		message $((count + 1))
		says "$where, SIGHUP with $rules" RELOADING=1
		says_not "$where, SIGHUP with $rules" READY
		usec=${text##*MONOTONIC_USEC=}
		usec=${usec%%|*}
		# systemd takes no RELOADING for its own that is older than its SIGHUP.
		at_least "$where: MONOTONIC_USEC, from the signal on" $((${usec:-0} - began)) 0
		at_least "$where: MONOTONIC_USEC, until it came" $((at - ${usec:-0})) 0
		message $((count + 2))
		says "$where, after $rules" READY=1
		says_not "$where, after $rules" RELOADING
		count=$((count + 2))
	done
	ask_is 'NOERROR * A 10.2.0.7 | *' "$D" ws7.lab A
	is "$where: the bad file" 1 "$(seen D 'the old rules stay')"
	kill -USR1 "$D_PID"
	logged D ' hits=' >/dev/null || fail "$where: no counters"
	is "$where: messages so far" 7 "$(messages | wc -l | tr -d ' ')"

	# STOPPING comes when it begins, not when it is over.
	began=$("$NOTIFY" clock)
	ask "$D" delay-900-x.example A >"$TMP/late" &
	late=$!
	logged UP delay-900-x.example >/dev/null
	kill -TERM "$D_PID"
	message 8
	says "$where, SIGTERM" STOPPING=1
	usec=${text##*MONOTONIC_USEC=}
	usec=${usec%%|*}
	at_most "$where: STOPPING before the flight has landed, which takes 900,000 us" $((usec - began)) 899999
	wait $late
	is "$where: the flight" 'NOERROR *' "$(cat "$TMP/late")"
	wait "$D_PID"
	is "$where: exit status" 0 $?
	rm -f "$TMP/D.pid"
	is "$where: messages in all" 8 "$(messages | wc -l | tr -d ' ')"
	echo 'ws1.lab 10.0.0' >"$RULES"
	kill_now UP
	upstream UP right
}

talk "$TMP/socket"
if [ "$(uname)" = Linux ]; then
	kill_now S
	talk "@dyndns-test-$$"
	kill_now S
	# As long as a path can be.
	talk "$(printf "@dyndns-test-$$-%080d" 0 | cut -c1-107)"
fi
kill_now S

# Nobody is there, nobody reads, or the word is no socket's name: it runs all the same.
runs() {
	NOTIFY_SOCKET=$1
	export NOTIFY_SOCKET
	daemon D -s "$UP" -f "$RULES"
	unset NOTIFY_SOCKET
	i=0
	while [ $i -lt 100 ]; do
		kill -HUP "$D_PID"
		ask "$D" ws7.lab A >"$TMP/reply"
		i=$((i + 1))
	done
	is "with NOTIFY_SOCKET=$1" 'NOERROR * A 10.0.0.7 | *' "$(cat "$TMP/reply")"
	ask_is 'NOERROR *' "$D" one.example A
	stop D
	is "exit status with NOTIFY_SOCKET=$1" 0 "$STATUS"
}
start S bound "$NOTIFY" deaf "$TMP/deaf"
runs "$TMP/deaf"
kill_now S
runs "$TMP/deaf"
runs "$TMP/nowhere"
runs ''
runs relative/socket
runs @
runs "/$(printf '%0200d' 0)"

# With -d the daemon says READY by itself, from its own process.
mkdir "$TMP/open"
chmod 777 "$TMP/open"
start S bound "$NOTIFY" listen "$TMP/again"
NOTIFY_SOCKET=$TMP/again "$PEER" run 20 "$DYNDNS" -d -l 127.0.0.1@0 -s "$UP" -f "$RULES" -P "$TMP/open/pid" >"$TMP/out" 2>&1
is 'exit status of -d' 0 $?
cp "$TMP/open/pid" "$TMP/A.pid"
message 1
says 'with -d' READY=1
kill -TERM "$(cat "$TMP/A.pid")"
message 2
says 'with -d' STOPPING=1
rm -f "$TMP/A.pid"
finish
