#!/bin/sh
# Proves that the packet information of FreeBSD, OpenBSD and NetBSD serves as Linux' does, and that their kernels' habits harm nobody.
. test/lib.sh
story dialects
own_machine

need ip python3 || finish
cc -shared -fPIC -O1 -o "$TMP/unix.so" test/tools/unix.c -ldl 2>"$TMP/cc.log" || { fail 'test/tools/unix.c does not compile' "$(cat "$TMP/cc.log")"; finish; }
ip addr add 10.3.0.1/32 dev lo
ip addr add 10.3.0.2/32 dev lo
ip addr add fd00:3::1/128 dev lo nodad
upstream_at U 127.0.0.9@5353 right

# played HABITS ARGS...: a dyndns on every address, to which another Unix is played.
played() {
	habits=$1
	shift
	start D 'dyndns: ready' env PLAY="$habits" LD_PRELOAD="$TMP/unix.so" "$PEER" run 100 "$TMP/dyndns" -s "$U" -o ws1.lab 10.0.0 "$@"
}
# The peer's socket is connected: a reply from another address does not reach it.
serves() {
	for a; do
		is "$habits: $a: a hit" 'NOERROR qr,aa*A 10.0.0.7 *' "$(ask "$a@53" ws7.lab A wait=2000)"
		is "$habits: $a: a miss" 'NOERROR qr,rd*A 10.*' "$(ask "$a@53" one.example A wait=2000)"
		is "$habits: $a: by TCP" 'NOERROR qr,aa*A 10.0.0.7 *' "$(ask "$a@53" ws7.lab A tcp wait=2000)"
	done
}

# What came to an address that nothing can leave from is answered from the one that the route gives.
cat >"$TMP/from.py" <<END
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.settimeout(3)
s.bind((sys.argv[3], 0))
name = b"".join(bytes([len(l)]) + l for l in sys.argv[2].encode().split(b"."))
s.sendto(b"\\1\\2\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + name + b"\\0\\0\\1\\0\\1", (sys.argv[1], 53))
reply, source = s.recvfrom(4096)
print(source[0], reply[3] & 15)
END
from() { "$(tool python3)" "$TMP/from.py" "$@" 2>&1 | tail -n 1; }
route_answers() {
	same "$1: a question to a broadcast address" '10.4.0.1 0' "$(from 10.4.0.255 ws7.lab 10.4.0.1)"
	for a in 10.3.0.3/32 fd00:3::3/128; do
		case $a in
		*:*) we=fd00:3::1 ;;
		*) we=10.3.0.1 ;;
		esac
		count=$((count + 1))
		ip addr add "$a" dev lo
		from "${a%/*}" "delay-500-$count-x.example" $we >"$TMP/from" &
		pid=$!
		logged U " delay-500-$count-x.example " >/dev/null
		ip addr del "$a" dev lo
		wait $pid
		same "$1: the address asked, ${a%/*}, has gone meanwhile" "$we 0" "$(cat "$TMP/from")"
	done
}
count=0
if ip link add one type veth peer name other && ip link set one up && ip link set other up; then
	ip addr add 10.4.0.1/24 brd + dev one
else
	fail 'there is no interface that takes broadcasts'
fi

for dialect in DSTADDR=dstaddr RECVPKTINFO=pktinfo; do
	# What -include brings in comes before dyndns.c's own choice of headers.
	cc -std=c99 -O1 -include test/tools/unix.h "-DPLAY_${dialect%=*}" -o "$TMP/dyndns" dyndns.c 2>"$TMP/cc.log"
	same "$dialect: compiles" '' "$(grep -E 'error|warning: [^"]*PKTINFO' "$TMP/cc.log")"
	played "${dialect#*=}"
	same "$dialect: it is told the address" '' "$(grep 'does not tell' "$D_LOG")"
	serves 127.0.0.1 127.1.2.3 10.3.0.1 10.3.0.2 ::1
	route_answers "$dialect"
	quit D
done

cp "$DYNDNS" "$TMP/dyndns"
played none
route_answers Linux
quit D
start D 'dyndns: ready' env PLAY=no-ipv4 LD_PRELOAD="$TMP/unix.so" "$PEER" run 100 "$TMP/dyndns" -s ::1@5399 -o ws1.lab 10.0.0
is 'no IPv4: IPv6 is served' 'NOERROR qr,aa*A 10.0.0.7 *' "$(ask ::1@53 ws7.lab A wait=2000)"
quit D

# Nothing is read from a connection whose other end is not known; UDP goes on.
played no-address
is 'a connection without an address is closed' '[!N]*' "$(ask 127.0.0.1@53 ws7.lab A tcp wait=1000)"
is 'UDP beside it' 'NOERROR qr,aa*A 10.0.0.7 *' "$(ask 127.0.0.1@53 ws7.lab A wait=2000)"
quit D

# Not what a socket begins with, but the most that is granted, which the system counts twice.
played small-buffers -l 127.0.0.1
if need ss; then
	granted=$(ss -ulnm 'sport = :53' | sed -n 's/.*[(,]rb\([0-9]*\).*/\1/p' | head -n 1)
	at_least 'the receive buffer steps down' "$granted" 120000
	at_most 'the receive buffer, to what is granted' "$granted" 196608
fi
quit D
finish
