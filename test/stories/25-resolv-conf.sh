#!/bin/sh
# resolv.conf may change in any way: each is noticed within a second of the next miss; what has nothing keeps the last good list.
. test/lib.sh

# The file has no ports, so the nameservers are on port 53: of a network namespace of our own.
if [ -z "${INSIDE:-}" ]; then
	export INSIDE=1
	if [ "$(id -u)" = 0 ] && unshare -n true 2>/dev/null; then
		exec unshare -n sh "$0"
	elif unshare -Urn true 2>/dev/null && unshare -Urn unshare -U --map-user="$(id -u)" true 2>/dev/null; then
		# Root of the namespace opens port 53 to all and steps down again, as the daemon would from root.
		ME=$(id -u)
		export ME
		# shellcheck disable=SC2016 # for the inner shell
		exec unshare -Urn sh -c '"$PEER" lo; echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start; exec unshare -U --map-user="$ME" sh "$0"' "$0"
	fi
	story 25-resolv-conf
	skip 'nameservers on port 53 need a network namespace'
	finish
fi
story 25-resolv-conf
"$PEER" lo 2>/dev/null

# Nameserver 127.0.0.N answers 10.0.0.N.
for n in 2 3 4; do
	upstream_at "UP$n" 127.0.0.$n@53 a=10.0.0.$n right
done
FILE=$TMP/resolv.conf
count=0

# who: which nameserver answers a new question (or an rcode)
who() {
	count=$((count + 1))
	reply=$(ask "$D" "q$count.example" A)
	case $reply in
	*' A 10.0.0.'*) reply=${reply##* A 10.0.0.} ;;
	esac
	ANSWERED=${reply%% *}
}

# becomes WHAT N: within a second of the next miss, nameserver N answers
becomes() {
	who
	tries=0
	while [ "$ANSWERED" != "$2" ] && [ $tries -lt 25 ]; do
		nap 45
		who
		tries=$((tries + 1))
	done
	is "nameserver after: $1" "$2" "$ANSWERED"
}

# stays WHAT N: for longer than a second, N it is
stays() {
	who
	nap 1100
	who
	is "nameserver after: $1" "$2" "$ANSWERED"
	who
	is "nameserver long after: $1" "$2" "$ANSWERED"
}

# --- options: how many ms until SERVFAIL from a mute nameserver; begun here, looked at below
upstream_at MUTE 127.0.0.8@53 mute
cat >"$TMP/lasts" <<'END'
1|950|1900|options timeout:1 attempts:1
2|950|1900|options attempts:1\noptions timeout:1 rotate
3|1900|2900|options timeout:1 attempts:2
4|1900|2900|options ndots:3 timeout:2 edns0 attempts:1 trust-ad
5|950|1900|options timeout:0 attempts:0
6|1900|2900|options timeout:x timeout: timeout:-3 timeout:2 attempts:1 attempts
7|950|1900|options\toptions  timeout:1\tattempts:1 \t
8|4900|5900|options rotate
END
while IFS='|' read -r n least most options; do
	printf 'nameserver 127.0.0.8\n%b\n' "$options" >"$TMP/options-$n"
	daemon "LASTS$n" -r "$TMP/options-$n" -o ws123.lab 172.16.2
	at=
	eval "at=\$LASTS$n"
	ask "$at" slow.example A ms wait=12000 >"$TMP/lasts-$n" &
	eval "pid_$n=$!"
done <"$TMP/lasts"
# A client by TCP that waits for a slow miss is not idle, however long.
printf 'nameserver 127.0.0.8\noptions timeout:12 attempts:1\n' >"$TMP/patient"
daemon WAITS -r "$TMP/patient" -o ws123.lab 172.16.2
ask "$WAITS" slow.example A tcp wait=20000 >"$TMP/patient-said" &
patient=$!
wait_for_reply() {
	eval "wait \$pid_$1"
}

printf 'nameserver 127.0.0.2\n' >"$FILE"
daemon D -r "$FILE" -o ws123.lab 172.16.2
becomes 'the start' 2

# --- each way to change it
printf 'nameserver 127.0.0.3\n' >"$FILE"
becomes 'edited in place, of the same size' 3
printf 'nameserver 127.0.0.4\n' >"$TMP/new"
mv "$TMP/new" "$FILE"
becomes 'replaced by rename' 4
printf 'nameserver 127.0.0.2\n' >"$TMP/new"
touch -r "$FILE" "$TMP/new"
mv "$TMP/new" "$FILE"
becomes 'replaced, of the same size and time' 2
cp -p "$FILE" "$TMP/stamp"
printf 'nameserver 127.0.0.3\n#\n' >"$FILE"
touch -r "$TMP/stamp" "$FILE"
becomes 'edited in place, of the same time' 3

# --- a question in the air begins anew with the new ones
printf 'nameserver 127.0.0.8\n' >"$TMP/mute"
daemon E -r "$TMP/mute" -o ws123.lab 172.16.2
ask "$E" air.example A ms >"$TMP/air" &
air=$!
logged MUTE ' air.example ' 4 >/dev/null
printf 'nameserver 127.0.0.3\n' >"$TMP/mute"
kill -HUP "$E_PID"
wait $air
is 'a question in the air' 'NOERROR *' "$(cat "$TMP/air")"
stop E

# --- a no from a server that is on the list no more is forgotten: those that are on it have not said so
upstream_at UP11 127.0.0.11@53 servfail
printf 'nameserver 127.0.0.11\nnameserver 127.0.0.8\noptions timeout:1 attempts:1\n' >"$TMP/kept"
daemon E -q -r "$TMP/kept" -o ws123.lab 172.16.2
ask "$E" kept.example A >"$TMP/answer" &
kept=$!
logged MUTE ' kept.example ' >/dev/null
printf 'nameserver 127.0.0.8\noptions timeout:1 attempts:1\n' >"$TMP/kept"
kill -HUP "$E_PID"
wait $kept
is 'a no that was kept' 'SERVFAIL *' "$(cat "$TMP/answer")"
is 'who said it' '* kept.example A failed - rcode=2 *' "$(logged E ' kept.example A ')"
stop E

# --- a closed port behind a slow server does not end the wait for it
upstream_at UP10 127.0.0.10@53 delay=800 right
printf 'nameserver 127.0.0.10\nnameserver 127.0.1.1\noptions attempts:1 timeout:5\n' >"$TMP/slow"
daemon E -r "$TMP/slow" -o ws123.lab 172.16.2
ask_is 'NOERROR *' "$E" patient.example A
stop E

# --- what has nothing changes nothing
: >"$FILE"
stays 'emptied' 3
is 'what is said of an empty file' "dyndns: $FILE: no nameserver in it, the last ones stay" "$(grep "$FILE: " "$D_LOG")"
rm "$FILE"
stays 'removed' 3
ask_is 'NOERROR * A 172.16.2.7 | *' "$D" ws7.lab A
printf 'nameserver 127.0.0.4\n' >"$FILE"
becomes 'back again' 4
printf 'nameserver 127.0.' >"$FILE"
stays 'half-written' 4
printf '0.2\n' >>"$FILE"
becomes 'written to the end' 2
printf 'search lab\noptions timeout:1\n# no nameserver\n' >"$FILE"
stays 'no nameserver in it' 2
rm "$FILE"
mkdir "$FILE"
stays 'a directory' 2
rmdir "$FILE"

# --- odd, but right
printf 'search lab\r\nnameserver 127.0.0.3\r\noptions timeout:2\r\n' >"$FILE"
becomes 'CRLF' 3
x=xxxxxxxxxx
x=$x$x$x$x$x$x$x$x$x$x
x=$x$x$x$x$x$x$x$x$x$x
x=$x$x$x$x$x$x$x$x$x$x
printf '%s\nnameserver 127.0.0.4\nnameserver %s\nsearch %s\n' "$x" "$x" "$x" >"$FILE"
becomes 'lines of 10,000 characters' 4
# More than is read: what is cut off is no nameserver.
{
	printf 'nameserver 127.0.0.4\n'
	awk 'BEGIN { for (i = 0; i < 65535 - 21 - 20 - 1; i++) printf "#"; print ""; print "nameserver 127.0.0.234" }'
} >"$FILE"
daemon E -r "$FILE" -o ws123.lab 172.16.2
is 'nameservers of a file that is too long' 'dyndns: upstream 127.0.0.4@53' "$(grep upstream "$E_LOG")"
stop E
printf '# nameserver 127.0.0.4\n;nameserver 127.0.0.4\nnameserver\t127.0.0.2 \t \n' >"$FILE"
becomes 'comments and tabs' 2
printf 'nameserver bogus\nnameserver 127.0.0.300\nnameserver\nnameserver 127.0.0.4@54\nnameserver 127.0.0.3\n' >"$FILE"
becomes 'bad lines, and a good one' 3
is 'a bad line is logged' 'dyndns: *bogus*' "$(logged D bogus)"
stays 'bad lines, looked at again' 3
is 'a bad line is logged once' 1 "$(seen D bogus)"
printf '\000\001\377nameserver\n\nnameserver 127.0.0.4\n' >"$FILE"
becomes 'octets that are no text' 4

# No newline at the end may mean that it is still being written: that is looked at twice.
printf 'nameserver 127.0.0.2' >"$FILE"
who
nap 1050
who
nap 1050
becomes 'a last line without its newline' 2

# --- a symlink
printf 'nameserver 127.0.0.2\n' >"$TMP/a"
printf 'nameserver 127.0.0.3\n' >"$TMP/b"
touch -r "$TMP/a" "$TMP/b"
ln -s a "$TMP/link"
daemon D -r "$TMP/link" -o ws123.lab 172.16.2
becomes 'through a symlink' 2
ln -s b "$TMP/link2"
mv "$TMP/link2" "$TMP/link"
becomes 'symlink repointed' 3
rm "$TMP/link"
ln -s nowhere "$TMP/link"
stays 'symlink to nothing' 3

# --- no file at the start: SERVFAIL at once, hits as ever, until there is one
daemon D -r "$TMP/later" -o ws123.lab 172.16.2
line=$(ask "$D" none.example A ms)
is 'no file at the start' 'SERVFAIL qr,rd,ra 1/0/0/0 | *' "$line"
at_most 'ms until SERVFAIL without nameservers' "$(ms "$line")" 300
ask_is 'NOERROR * A 172.16.2.7 | *' "$D" ws7.lab A
printf 'nameserver 127.0.0.2\n' >"$TMP/later"
becomes 'a file at last' 2
# SIGHUP reads it at once.
printf 'nameserver 127.0.0.3\n' >"$TMP/later"
kill -HUP "$D_PID"
nap 50
who
is 'nameserver after SIGHUP' 3 "$ANSWERED"
# The last newline is not waited for when somebody says so.
printf 'nameserver 127.0.0.4' >"$TMP/later"
kill -HUP "$D_PID"
nap 50
who
is 'nameserver after SIGHUP, no newline' 4 "$ANSWERED"
# What is known of the nameservers outlives a change of something else.
upstreams=$(seen D 'dyndns: upstream')
printf '# a comment\nnameserver 127.0.0.4\n' >"$TMP/later"
kill -HUP "$D_PID"
nap 50
who
is 'nameserver after a comment' 4 "$ANSWERED"
is 'the same nameservers taken up anew' "$upstreams" "$(seen D 'dyndns: upstream')"

# --- 50 nameservers: the first eight count
{
	for n in 1 2 3 4 5 6 7; do
		echo "nameserver 127.0.1.$n"		# nobody there: the next at once
	done
	for n in 3 4 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45; do
		echo "nameserver 127.0.0.$n"
	done
} >"$FILE"
daemon D -r "$FILE" -o ws123.lab 172.16.2
becomes 'the eighth of 50' 3
kill_now UP3
who
is 'the ninth of 50' SERVFAIL "$ANSWERED"
upstream_at UP3 127.0.0.3@53 a=10.0.0.3 right

# --- ourselves among them: skipped and logged
printf 'nameserver 127.0.0.9\nnameserver 127.0.0.2\n' >"$FILE"
daemon_bare D -l 127.0.0.9@53 -r "$FILE" -o ws123.lab 172.16.2
count=0
becomes 'ourselves, then another' 2
is 'ourselves logged' 'dyndns: *127.0.0.9*' "$(grep -v 'listening on' "$D_LOG" | grep 127.0.0.9)"
is 'misses, none of them from ourselves' "$count" "$(counter "$D" misses)"
printf 'nameserver 127.0.0.9\n' >"$FILE"
becomes 'ourselves alone' SERVFAIL

# --- who may ask where no -a is given: each network to its ends, and nobody else
if ip addr add 192.0.2.1/32 dev lo 2>/dev/null; then
	daemon D -s 127.0.0.1@9 -o ws123.lab 172.16.2
	# asks_as FROM REPLY
	asks_as() {
		# The system may not find the way to an address that has just come.
		for _ in 1 2 3; do
			line=$(ask "$D" ws7.lab A from="$1@0" wait=1500)
			[ "$line" = timeout ] || break
		done
		is "asked from $1" "$2" "$line"
	}
	for who in 10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 169.254.0.0 \
	    169.254.255.255 100.64.0.0 100.127.255.255; do
		ip addr add "$who/32" dev lo
		asks_as "$who" 'NOERROR * A 172.16.2.7 | *'
	done
	for who in 9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 169.253.255.255 \
	    169.255.0.0 100.63.255.255 100.128.0.0; do
		ip addr add "$who/32" dev lo
		asks_as "$who" 'REFUSED *'
	done
	asks_as 192.0.2.1 'REFUSED *'
	stop D
	if "$PEER" port ::1 >/dev/null; then
		daemon_bare D -l ::1@0 -s 127.0.0.1@9 -o ws123.lab 172.16.2
		for who in fc00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::1; do
			ip -6 addr add "$who/128" dev lo nodad 2>/dev/null
			asks_as "$who" 'NOERROR * A 172.16.2.7 | *'
		done
		for who in fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe00::1 2001:db8::1; do
			ip -6 addr add "$who/128" dev lo nodad
			asks_as "$who" 'REFUSED *'
		done
		stop D
	fi
else
	skip 'who may ask by default: needs ip(8) and the right to add an address'
fi

# --- IPv6, with %scope where there is a link-local address to be had
if "$PEER" port ::1 >/dev/null; then
	upstream_at UP6 ::1@53 a=10.0.0.6 right
	printf 'nameserver ::1\n' >"$FILE"
	daemon D -r "$FILE" -o ws123.lab 172.16.2
	becomes '::1' 6
	stop D
fi
if ip -6 addr add fe80::1/64 dev lo nodad 2>/dev/null; then
	upstream_at UP7 fe80::1%lo@53 a=10.0.0.7 right
	printf 'nameserver fe80::1%%lo\n' >"$FILE"
	daemon D -r "$FILE" -o ws123.lab 172.16.2
	becomes 'fe80::1%lo' 7
	printf 'nameserver fe80::1%%no-such-if\nnameserver 127.0.0.2\n' >"$FILE"
	becomes 'a scope that is not there' 2
	stop D
else
	skip 'a nameserver with %scope needs ip(8) and the right to add an address'
fi

# --- options, in every mix: what they say, within 1 to 30 s; what is not understood changes nothing
while IFS='|' read -r n least most options; do
	wait_for_reply "$n"
	line=$(cat "$TMP/lasts-$n")
	is "$options" 'SERVFAIL *' "$line"
	at_least "ms with $options" "$(ms "$line")" "$least"
	at_most "ms with $options" "$(ms "$line")" "$most"
done <"$TMP/lasts"

wait $patient
is 'a TCP client that waits for over 10 s' 'SERVFAIL *' "$(cat "$TMP/patient-said")"

# --- rotate: both are asked, without it one
printf 'options rotate\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n' >"$FILE"
daemon D -r "$FILE" -o ws123.lab 172.16.2
: >"$UP2_LOG"
: >"$UP3_LOG"
many "$D" 'rot%d.example' TXT n=40 window=1 >/dev/null
at_least 'rotate: the first' "$(seen UP2 ' rot[0-9]*.example')" 10
at_least 'rotate: the second' "$(seen UP3 ' rot[0-9]*.example')" 10
printf 'nameserver 127.0.0.2\nnameserver 127.0.0.3\n' >"$FILE"
daemon D -r "$FILE" -o ws123.lab 172.16.2
: >"$UP3_LOG"
many "$D" 'still%d.example' TXT n=40 window=1 >/dev/null
is 'without rotate: the second' 0 "$(seen UP3 ' still[0-9]*.example')"
stop D

# --- every address is taken
daemon_bare HELD -p 5300 -s 127.0.0.1@9 -o ws.lab 10.0.0
"$PEER" run 5 "$DYNDNS" -p 5300 -s 127.0.0.1@9 -o ws.lab 10.0.0 >"$TMP/out" 2>&1
is 'status, every address taken' 1 $?
is 'every address taken, in one line' 'dyndns: port 5300 is taken: try -l ADDR or -p PORT' "$(cat "$TMP/out")"
stop HELD
finish
