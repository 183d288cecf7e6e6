#!/bin/sh
# Proves that the packet information of FreeBSD, OpenBSD and NetBSD serves as Linux' does, and that their kernels' habits harm nobody.
. test/lib.sh
story dialects
own_machine

need ip || finish
cc -shared -fPIC -O1 -o "$TMP/unix.so" test/tools/unix.c -ldl 2>"$TMP/cc.log" || { fail 'test/tools/unix.c does not compile' "$(cat "$TMP/cc.log")"; finish; }
ip addr add 10.3.0.1/32 dev lo
ip addr add 10.3.0.2/32 dev lo
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

for dialect in DSTADDR=dstaddr RECVPKTINFO=pktinfo; do
	# What -include brings in comes before dyndns.c's own choice of headers.
	cc -std=c99 -O1 -include test/tools/unix.h "-DPLAY_${dialect%=*}" -o "$TMP/dyndns" dyndns.c 2>"$TMP/cc.log"
	same "$dialect: compiles" '' "$(grep -E 'error|warning: [^"]*PKTINFO' "$TMP/cc.log")"
	played "${dialect#*=}"
	same "$dialect: it is told the address" '' "$(grep 'does not tell' "$D_LOG")"
	serves 127.0.0.1 127.1.2.3 10.3.0.1 10.3.0.2 ::1
	quit D
done

cp "$DYNDNS" "$TMP/dyndns"
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
