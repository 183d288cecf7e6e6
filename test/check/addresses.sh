#!/bin/sh
# Proves that a reply leaves from the address that was asked, on a machine with many, and that each of them is served.
. test/lib.sh
story addresses
own_machine

need ip nsenter dig || finish
mount -t proc proc /proc 2>/dev/null

# Another machine, reached by two cables; in0 and in1 are our ends of them, far0 and far1 its own.
start FAR 'up' unshare -n sh -c 'ip link set lo up; echo up; exec sleep 500'
far() { nsenter -t "$FAR_PID" -n "$@"; }
# cable OURS THEIRS
cable() {
	ip link add "$1" type veth peer name "$2" netns "$FAR_PID" || return
	# An address that the system makes itself can't be bound until it has been looked for elsewhere.
	ip link set "$1" addrgenmode none up && far ip link set "$2" addrgenmode none up
}
# has INTERFACE ADDRESS...: on our side; far_has on the other.
has() {
	interface=$1
	shift
	for a; do
		case $a in
		*:*) ip addr add "$a" dev "$interface" nodad ;;
		*) ip addr add "$a" dev "$interface" ;;
		esac
	done
}
far_has() {
	interface=$1
	shift
	for a; do
		case $a in
		*:*) far ip addr add "$a" dev "$interface" nodad ;;
		*) far ip addr add "$a" dev "$interface" ;;
		esac
	done
}
if ! { cable in0 far0 && cable in1 far1; } 2>"$TMP/ip.log"; then
	skip "no pair of veth interfaces: $(cat "$TMP/ip.log")"
	finish
fi
has in0 10.1.0.1/24 10.1.0.2/24 fd00:1::1/64 fd00:1::2/64 fe80::1/64
far_has far0 10.1.0.99/24 fd00:1::99/64 fe80::99/64
has in1 10.2.0.1/24 fd00:2::1/64 fe80::1/64
far_has far1 10.2.0.99/24 fd00:2::99/64 fe80::98/64
# Addresses that no interface's own route would choose as a source.
has lo 10.3.0.1/32 fd00:3::1/128
far ip route add 10.3.0.1/32 via 10.1.0.1
far ip -6 route add fd00:3::1/128 via fd00:1::1
start UP 'ready' "$PEER" serve 127.0.0.9@5353 right
up=127.0.0.9@5353
dyn() {
	daemon_bare D -s $up -o ws1.lab 10.0.0 "$@"
}

# The peer's socket is connected: a reply from another address does not reach it, and it says so.
# serves FROM ADDRESS...: UDP and TCP, a hit and a miss each; FROM is far or near.
serves() {
	from=$1
	shift
	[ "$from" = far ] || from=
	for a; do
		for by in '' tcp; do
			says "${from:-near}: $a ${by:-udp}: a hit" "$(${from:+far} "$PEER" ask "$a@53" ws7.lab A wait=2000 ${by:+$by})" '^NOERROR qr,aa.* A 10\.0\.0\.7 '
			says "${from:-near}: $a ${by:-udp}: a miss" "$(${from:+far} "$PEER" ask "$a@53" one.example A wait=2000 ${by:+$by})" '^NOERROR qr,rd.* A 10\.'
		done
	done
}
# others ADDRESS: somebody else answers there, and doesn't know our names.
others() {
	says "$1: the other server" "$("$PEER" ask "$1@53" ws7.lab A wait=2000)" '^NOERROR .*ws7\.lab.* A 10\.' '! A 10\.0\.0\.7 '
}
silent() {
	says "$1: nobody" "$(far "$PEER" ask "$1@53" ws7.lab A wait=700)" '^(timeout|refused|Connection refused|No route to host|Network is unreachable|Host is unreachable)'
}

# ---- wildcard sockets ----

dyn
says 'listens on' "$(cat "$D_LOG")" '^dyndns: listening on 0\.0\.0\.0@53$' '^dyndns: listening on ::@53$' '!does not tell'
serves far 10.1.0.1 10.1.0.2 10.2.0.1 10.3.0.1 fd00:1::1 fd00:1::2 fd00:2::1 fd00:3::1 fe80::1%far0 fe80::1%far1
serves near 127.0.0.1 127.0.0.53 127.1.2.3 ::1 10.1.0.2 10.3.0.1 fd00:3::1 fd00:1::2 fe80::1%in0 fe80::1%in1
# A link-local address may be asked from one that is not.
for by in +notcp +tcp; do
	same "from a global address to a link-local one, $by" 10.0.0.7 "$(far dig +short +tries=1 +time=2 $by -b fd00:1::99 @fe80::1%far0 ws7.lab)"
done
# What comes up later is served, what goes is not, and what comes back is.
cable in2 far2
has in2 10.4.0.1/24 fd00:4::1/64 fe80::7/64
far_has far2 10.4.0.99/24 fd00:4::99/64 fe80::97/64
has in0 10.1.0.3/24 fd00:1::3/64
serves far 10.4.0.1 fd00:4::1 fe80::7%far2 10.1.0.3 fd00:1::3
ip addr del 10.1.0.2/24 dev in0
ip link del in2
silent 10.1.0.2
serves far 10.1.0.1 fd00:1::3
has in0 10.1.0.2/24
serves far 10.1.0.2
quit D

# ---- addresses of one's own choice ----

dyn -l 10.1.0.2 -l fd00:1::2 -l fe80::1%in0 -l 127.0.0.77
says 'listens on what was said' "$(grep listening "$D_LOG")" '10\.1\.0\.2@53$' 'fd00:1::2@53$' 'fe80::1%(in0|[0-9]+)@53$' '127\.0\.0\.77@53$' '!0\.0\.0\.0|::@'
serves far 10.1.0.2 fd00:1::2 fe80::1%far0
serves near 10.1.0.2 fd00:1::2 fe80::1%in0 127.0.0.77
for a in 10.1.0.1 fd00:1::1 10.2.0.1 fe80::1%far1; do
	silent $a
done
quit D
for bad in 'fe80::1%nosuch' 'fe80::1' '10.1.0.77' 'fd00:1::77'; do
	"$PEER" run 20 "$DYNDNS" -s $up -o ws1.lab 10.0.0 -l "$bad" >"$TMP/said" 2>&1
	code=$?
	says "-l $bad: exit status" "$code" '^[12]$'
	says "-l $bad" "$(tail -n 1 "$TMP/said")" "^dyndns: .*${bad%%%*}"
done

# ---- somebody has the port on one address ----

start HOLDER 'ready' "$PEER" serve 10.1.0.2@53 right
dyn
says 'a taken IPv4 address' "$(cat "$D_LOG")" '^dyndns: port 53 is taken on some address: .*, not on 10\.1\.0\.2@53: taken$' \
	'^dyndns: listening on 10\.1\.0\.1@53$' '^dyndns: listening on ::@53$' '!listening on (0\.0\.0\.0|10\.1\.0\.2)@'
serves far 10.1.0.1 10.1.0.3 10.2.0.1 10.3.0.1 fd00:1::1 fd00:1::2 fe80::1%far0
serves near 127.0.0.1 10.1.0.1 10.2.0.1 ::1
others 10.1.0.2
quit D
stop HOLDER
# By systemd-resolved, as many a machine has it.
start HOLDER 'ready' "$PEER" serve 127.0.0.53@53 right
has lo 127.0.0.53/8
dyn
serves far 10.1.0.1 10.1.0.2 10.2.0.1 fd00:1::1
serves near 127.0.0.1 ::1
others 127.0.0.53
quit D
ip addr del 127.0.0.53/8 dev lo
stop HOLDER
start HOLDER 'ready' "$PEER" serve fd00:1::2@53 right
dyn
says 'a taken IPv6 address' "$(cat "$D_LOG")" '^dyndns: port 53 is taken on some address: .*, not on fd00:1::2@53: taken$' '^dyndns: listening on 0\.0\.0\.0@53$' \
	'^dyndns: listening on fe80::1%(in0|[0-9]+)@53$' '^dyndns: listening on fe80::1%(in1|[0-9]+)@53$' '!listening on (::|fd00:1::2)@'
serves far 10.1.0.1 10.1.0.2 fd00:1::1 fd00:2::1 fd00:3::1 fe80::1%far0 fe80::1%far1
serves near ::1 127.0.0.53
others fd00:1::2
quit D
stop HOLDER
# More addresses than it can listen on: it says which limit that is, and serves those it has.
i=1
while [ $i -le 40 ]; do
	ip addr add "10.5.0.$i/24" dev in0
	i=$((i + 1))
done
start HOLDER 'ready' "$PEER" serve 10.1.0.2@53 right
start MANY 'dyndns: ' "$PEER" run 100 "$DYNDNS" -s $up -o ws1.lab 10.0.0
if logged MANY 'dyndns: ready' >/dev/null; then
	says 'more addresses than it takes' "$(grep -v 'listening on 1' "$MANY_LOG")" '32'
	serves near 127.0.0.1 10.1.0.1
	for a in $(sed -n 's/^dyndns: listening on \(10\.[0-9.]*\)@53$/\1/p' "$MANY_LOG" | tail -n 2); do
		serves near "$a"
	done
	quit MANY
else
	# Not to start is an answer too, if it says why.
	wait "$MANY_PID"
	same 'more addresses than it takes: exit status' 1 $?
	says 'more addresses than it takes' "$(tail -n 1 "$MANY_LOG")" '^dyndns: .*32'
fi
# Few descriptors for so many listeners: what they leave is shared out, and more clients than that make nothing spin.
start FEW 'dyndns: ready' sh -c 'ulimit -n 100; exec "$@"' sh "$DYNDNS" -s $up -o ws1.lab 10.0.0
"$PEER" tcp 10.1.0.1@53 more=90 hold=1500 >"$TMP/more" &
more=$!
tries=0
until [ "$(find "/proc/$FEW_PID/fd" | wc -l)" -ge 75 ] || [ $tries = 40 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
serves near 127.0.0.1 10.1.0.1
wait $more
quit FEW
stop HOLDER
finish
