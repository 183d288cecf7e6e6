#!/bin/sh
# Proves that root is given up for good, that port 53 needs no root, and that what is in the way is named.
. test/lib.sh
story privileges
own_machine

need ip setpriv setcap || finish
if ! mount -t proc proc /proc 2>/dev/null; then
	skip 'there is no /proc to look at'
	finish
fi
# shellcheck disable=SC2086 # CC may have words
${CC:-cc} -std=c99 -O1 -o "$TMP/notify" test/tools/notify.c 2>"$TMP/cc.log" || { fail 'test/tools/notify.c does not compile' "$(cat "$TMP/cc.log")"; finish; }
printf 'passwd: files\ngroup: files\n' >"$TMP/nsswitch.conf"
for f in passwd group nsswitch.conf; do
	if ! { [ $f = nsswitch.conf ] || cp /etc/$f "$TMP/$f"; } || ! mount --bind "$TMP/$f" /etc/$f; then
		fail "covering /etc/$f"
		finish
	fi
done
cat >>"$TMP/passwd" <<END
lowly:x:4711:4712::/nonexistent:/bin/false
second-root:x:0:4712::/nonexistent:/bin/false
numbers:x:4711:4712:4713:/:/bin/false
rooted:x:4711:0::/:/bin/false
END
cat >>"$TMP/group" <<END
lowly:x:4712:
extra:x:4713:lowly,nobody,root
wheel2:x:4714:root,lowly
END
nobody_uid=$(awk -F: '$1 == "nobody" { print $3 }' "$TMP/passwd")
nobody_gid=$(awk -F: '$1 == "nobody" { print $4 }' "$TMP/passwd")
start UP 'ready' "$PEER" serve 127.0.0.9@5353 right
up=127.0.0.9@5353

status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$D_PID/status" | tr '\t' ' '; }
gives() { "$PEER" ask "$1" "$2" A wait=2000; }
answers() {
	says "$1: a hit" "$(gives "$2" ws7.lab)" '^NOERROR .* A 10\.0\.0\.7 '
	says "$1: a miss" "$(gives "$2" one.example)" '^NOERROR .* A 10\.'
}
ids() {
	same "$1: real, effective, saved and file-system user" "$2 $2 $2 $2" "$(status Uid)"
	same "$1: the same of its group" "$3 $3 $3 $3" "$(status Gid)"
	same "$1: supplementary groups but its own" '' "$(status Groups | sed "s/^$3 *$//; s/ *$//")"
	for set in CapInh CapPrm CapEff CapAmb; do
		same "$1: $set" 0000000000000000 "$(status $set)"
	done
}

# ---- root becomes somebody ----

daemon_bare D -l 127.0.0.1 -s $up -o ws1.lab 10.0.0
ids 'as root' "$nobody_uid" "$nobody_gid"
answers 'as root' 127.0.0.1@53
quit D
# A caller with groups of its own, and capabilities that would outlive a change of user if nobody took care.
start D 'dyndns: ready' setpriv --groups 4713,4714,0 "$DYNDNS" -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 -u lowly
ids '-u lowly' 4711 4712
answers '-u lowly' 127.0.0.1@53
# What is its own now, it still does: read the rules again, and end.
kill -HUP "$D_PID"
answers '-u lowly, after SIGHUP' 127.0.0.1@53
quit D
# Users whom only the C library finds: a number of over 31 bits; a line that 65,535 octets cut in its second number.
cp "$TMP/passwd" "$TMP/short"
big=4294967290
echo "big:x:$big:$big::/:/bin/false" >>"$TMP/passwd"
size=$(wc -c <"$TMP/passwd")
awk -v room=$((65535 - size - 14)) 'BEGIN {
	for (; room > 100; room -= 50) printf "%-49s\n", "filler:x:1:1:"
	for (; room > 1; room--) printf " "
	printf "\nlate:x:4719:4720::/:/bin/false\n"
}' >>"$TMP/passwd"
for user in "big $big $big" 'late 4719 4720'; do
	# shellcheck disable=SC2086 # three words
	set -- $user
	daemon_bare D -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 -u "$1"
	ids "-u $1" "$2" "$3"
	quit D
done
cat "$TMP/short" >"$TMP/passwd"
# Numbers, of which a name that looks like one goes first.
echo '4730:x:4731:4732::/:/bin/false' >>"$TMP/passwd"
for user in '65534 65534 65534' '4790:4791 4790 4791' '2147483647 2147483647 2147483647' '4730 4731 4732'; do
	# shellcheck disable=SC2086 # three words
	set -- $user
	daemon_bare D -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 -u "$1"
	ids "-u $1" "$2" "$3"
	answers "-u $1" 127.0.0.1@53
	quit D
done
# Root, if that is what was asked for.
for user in root 0; do
	daemon_bare D -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 -u $user
	same "-u $user" '0 0 0 0' "$(status Uid)"
	answers "-u $user" 127.0.0.1@53
	quit D
done
# A resolv.conf that root alone may read: read before root is given up; that it can't be read again is said once.
mkdir "$TMP/closed"
echo "nameserver 127.0.0.9" >"$TMP/closed/resolv.conf"
chmod 700 "$TMP/closed"
daemon_bare D -l 127.0.0.1 -r "$TMP/closed/resolv.conf" -o ws1.lab 10.0.0
says "root's own resolv.conf is read at the start" "$(cat "$D_LOG")" '^dyndns: upstream 127\.0\.0\.9@53$' '!denied'
for n in 1 2 3; do
	gives 127.0.0.1@53 "n$n.example" >"$TMP/reply"
	sleep 1
done
same 'a later look that fails is said once' 1 "$(seen D 'closed/resolv.conf: Permission denied')"
quit D
start D 'dyndns: ready' setpriv --ruid 4711 --clear-groups "$DYNDNS" -l 127.0.0.1 -s $up -o ws1.lab 10.0.0
same 'effective root alone: user' "$nobody_uid $nobody_uid $nobody_uid $nobody_uid" "$(status Uid)"
quit D

# The way back: what the program itself would have to try is tried from outside, with its own credentials.
if need strace; then
	: >"$TMP/strace.log"
	strace -f -o "$TMP/calls" -e trace=setuid,setgid,setgroups,setresuid,setresgid,bind "$DYNDNS" -P "$TMP/strace.pid" -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 >"$TMP/strace.log" 2>&1 &
	tracer=$!
	tries=0
	until grep -q '^dyndns: ready' "$TMP/strace.log" || [ $tries -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	order=$(sed -n 's/^[0-9]* *\([a-z]*\)(.*/\1/p' "$TMP/calls" | grep -v resuid | uniq | tr '\n' ' ')
	says 'the order: bind, groups, gid, uid' "$order" '^(bind )+setgroups (setgid|setresgid) setuid '
	says 'the way back is tried and fails' "$(cat "$TMP/calls")" 'set(res)?uid\(.*0.*\) += -1 EPERM'
	# strace leaves when the daemon does, and not for a signal of its own.
	kill "$(cat "$TMP/strace.pid")"
	wait $tracer
fi

# ---- who it can't become ----

refuses() {
	what=$1 code=$2 line=$3
	shift 3
	"$PEER" run 20 "$@" >"$TMP/said" 2>&1 </dev/null
	same "$what: exit status" "$code" $?
	says "$what" "$(tail -n 1 "$TMP/said")" "$line"
	same "$what: lines" 1 "$(grep -vc '^dyndns: upstream' "$TMP/said")"
}
run="$DYNDNS -l 127.0.0.1 -s $up -o ws1.lab 10.0.0"
# shellcheck disable=SC2086 # a command line
{
	refuses '-u second-root' 2 '^dyndns: second-root: is root: -u root stays root' $run -u second-root
	refuses '-u 0:5' 2 '^dyndns: 0:5: is root: -u root stays root' $run -u 0:5
	refuses '-u 4711:0' 2 "^dyndns: 4711:0: is of root's group" $run -u 4711:0
	for word in 2147483648 4711:2147483648 4711: :4711 -1 4711:x 04711 1e3 18446744073709551617; do
		refuses "-u $word" 2 "^dyndns: $word: no such user: -u takes a number too" $run -u $word
	done
	refuses '-u with the group of root' 2 '^dyndns: rooted: .*root.*-u USER' $run -u rooted
	refuses '-u nosuch' 2 '^dyndns: nosuch: no such user: -u takes a number too, like -u 65534, or root' $run -u nosuch
	refuses '-u with a piece of a line' 2 '^dyndns: numbers:x: no such user' $run -u numbers:x
	refuses 'somebody else, unprivileged' 1 '^dyndns: lowly: only root can become another user' \
		setpriv --reuid "$nobody_uid" --regid "$nobody_gid" --clear-groups $run -p 5300 -u lowly
	refuses 'root without CAP_SETUID' 1 "^dyndns: nobody: can't become this user: .*-u root stays root" \
		setpriv --bounding-set=-setuid $run
	refuses 'root without CAP_SETGID' 1 "^dyndns: nobody: can't become this user: .*-u root stays root" \
		setpriv --bounding-set=-setgid $run
}
# Written over, since what covers /etc/passwd is this very file.
sed '/^nobody:/d' "$TMP/passwd" >"$TMP/others" && cat "$TMP/others" >"$TMP/passwd"
daemon_bare D -l 127.0.0.1 -s $up -o ws1.lab 10.0.0
ids 'root where there is no nobody' 65534 65534
says 'root where there is no nobody' "$(cat "$D_LOG")" '^dyndns: no user nobody here: becoming 65534$'
quit D
echo "nobody:x:$nobody_uid:$nobody_gid::/:/bin/false" >>"$TMP/passwd"

# ---- the pid file ----

mkdir "$TMP/run"
for d in '' -d; do
	: >"$TMP/pid.log"
	"$DYNDNS" ${d:+"$d"} -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 -P "$TMP/run/pid" >"$TMP/pid.log" 2>&1 &
	starter=$!
	tries=0
	until grep -q '^dyndns: ready' "$TMP/pid.log" || [ $tries -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	[ -z "$d" ] || wait $starter
	D_PID=$(cat "$TMP/run/pid")
	echo "$D_PID" >"$TMP/detached.pid"
	ids "with -P $d" "$nobody_uid" "$nobody_gid"
	answers "with -P $d" 127.0.0.1@53
	kill "$D_PID"
	tries=0
	while [ -s "$TMP/run/pid" ] && [ $tries -lt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	same "the pid file of what became nobody $d" '' "$(cat "$TMP/run/pid" 2>&1)"
	rm -f "$TMP/run/pid"
done

# In a directory of USER's, who may have put there what root should not write to.
mkdir "$TMP/theirs"
echo precious >"$TMP/precious"
ln -s "$TMP/precious" "$TMP/theirs/symbolic"
ln "$TMP/precious" "$TMP/theirs/hard"
mkfifo "$TMP/theirs/fifo"
mkdir "$TMP/theirs/directory"
chown -R lowly "$TMP/theirs"
for f in symbolic hard fifo directory; do
	# shellcheck disable=SC2086
	refuses "-P, $f" 1 "^dyndns: $TMP/theirs/$f: " $run -u lowly -P "$TMP/theirs/$f"
	same "-P, $f: what was there" precious "$(cat "$TMP/precious")"
	says "-P, $f stays" "$(ls "$TMP/theirs")" "^$f\$"
done

# ---- no root at all ----

cp "$DYNDNS" "$TMP/dyndns" && chmod 755 "$TMP/dyndns"
as_nobody="setpriv --reuid $nobody_uid --regid $nobody_gid --clear-groups"
# shellcheck disable=SC2086
{
	start D 'dyndns: ready' $as_nobody "$TMP/dyndns" -l 127.0.0.1@5300 -s $up -o ws1.lab 10.0.0
	answers 'unprivileged' 127.0.0.1@5300
	quit D
	start D 'dyndns: ready' $as_nobody "$TMP/dyndns" -l 127.0.0.1@5300 -s $up -o ws1.lab 10.0.0 -u nobody
	answers 'unprivileged with -u its own name' 127.0.0.1@5300
	quit D
	# Whoever starts it has what group they have.
	start D 'dyndns: ready' setpriv --reuid 4711 --regid 0 --clear-groups "$TMP/dyndns" -l 127.0.0.1@5300 -s $up -o ws1.lab 10.0.0 -u rooted
	answers "unprivileged, in root's group" 127.0.0.1@5300
	quit D
	for where in '-l 127.0.0.1' '-l ::1' ''; do
		refuses "unprivileged on port 53, $where" 1 '^dyndns: .*port 53: .*setcap cap_net_bind_service=\+ep .*-p ' \
			$as_nobody "$TMP/dyndns" $where -o ws1.lab 10.0.0
	done
	if setcap cap_net_bind_service=+ep "$TMP/dyndns" 2>"$TMP/setcap.log"; then
		start D 'dyndns: ready' $as_nobody "$TMP/dyndns" -l 127.0.0.1 -s $up -o ws1.lab 10.0.0
		answers 'unprivileged with setcap' 127.0.0.1@53
		quit D
	else
		skip "setcap does not work here: $(cat "$TMP/setcap.log")"
	fi
}

# ---- who holds the port ----

for at in 0.0.0.0 ::; do
	start HOLDER 'ready' "$PEER" serve "$at@53" right
	# shellcheck disable=SC2086
	refuses "port 53 taken at $at" 1 '^dyndns: .*: port 53 is taken by another server: try another -l ADDR$' "$DYNDNS" -l 127.0.0.1 -l ::1 -o ws1.lab 10.0.0
	refuses "port 53 of the stub taken at $at" 1 '^dyndns: .*: port 53 is taken, perhaps by systemd-resolved: try another -l ADDR$' "$DYNDNS" -l 127.0.0.53 -l :: -o ws1.lab 10.0.0
	"$PEER" run 20 "$DYNDNS" -o ws1.lab 10.0.0 -s $up >"$TMP/said" 2>&1
	same "port 53 taken at $at, without -l: exit status" 1 $?
	says "port 53 taken at $at, without -l" "$(tail -n 1 "$TMP/said")" '^dyndns: port 53 is taken, perhaps by systemd-resolved: try -l ADDR'
	stop HOLDER
done

# ---- syslog ----

# A /dev with a log socket of our own; the rest of it is the machine's.
mkdir "$TMP/dev"
mount -t tmpfs none "$TMP/dev"
for f in null zero urandom random; do
	: >"$TMP/dev/$f"
	mount --bind /dev/$f "$TMP/dev/$f"
done
mount --rbind "$TMP/dev" /dev
umount -l "$TMP/dev"
start SYSLOG 'bound' "$TMP/notify" listen /dev/log
"$DYNDNS" -d -q -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 -P "$TMP/run/pid" >"$TMP/d.log" 2>&1
same '-d: exit status' 0 $?
D_PID=$(cat "$TMP/run/pid")
echo "$D_PID" >"$TMP/detached.pid"
gives 127.0.0.1@53 'x\010\027[2J.lab' >"$TMP/reply"
gives 127.0.0.1@53 ws7.lab >"$TMP/reply"
kill -USR1 "$D_PID"
tries=0
until grep -q ' hits=' "$SYSLOG_LOG" || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
kill "$D_PID"
tries=0
until grep -q 'stopped' "$SYSLOG_LOG" || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
says '-d: syslog' "$(sed 's/^[0-9]* //' "$SYSLOG_LOG")" "^<30>dyndns\[$D_PID\]: query 127\.0\.0\.1@[0-9]+ udp ws7\.lab A hit rule=1" \
	"^<30>dyndns\[$D_PID\]: query .* udp x\\\\010\\\\027\[2J\.lab A relayed $up rcode=0 ms=" "^<29>dyndns\[$D_PID\]: hits=1 misses=1 " "^<29>dyndns\[$D_PID\]: stopped" \
    "^<29>dyndns\[$D_PID\]: listening on 127" "^<29>dyndns\[$D_PID\]: ready"
says '-d: stderr of the start' "$(cat "$TMP/d.log")" '^dyndns: listening on 127\.0\.0\.1@53$' '!query|stopped'

# One that takes no datagrams, as on illumos: the C library knows the way, also once root is given up.
stop SYSLOG
rm /dev/log
start STREAM 'bound' "$TMP/notify" stream /dev/log
"$DYNDNS" -d -q -l 127.0.0.1 -s $up -o ws1.lab 10.0.0 -P "$TMP/run/pid" >"$TMP/d.log" 2>&1
same '-d, syslog by stream: exit status' 0 $?
gives 127.0.0.1@53 ws7.lab >"$TMP/reply"
kill "$(cat "$TMP/run/pid")"
logged STREAM 'stopped' >/dev/null
said=$(cat "$STREAM_LOG")
says '-d, syslog by stream' "$said" ' <30>.* dyndns\[[0-9]*\]: query .* ws7\.lab A hit' ' <29>.* dyndns\[[0-9]*\]: ready' ' <29>.*: stopped'
finish
