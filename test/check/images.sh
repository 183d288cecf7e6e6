#!/bin/sh
# Proves that it runs where little else does: an image with one file, a user namespace, few capabilities, no network yet, PID 1.
. test/lib.sh
story images
own_machine

need musl-gcc setpriv chroot ip || finish
if ! mount -t proc proc /proc 2>/dev/null; then
	skip 'there is no /proc to look at'
	finish
fi
musl-gcc -static -std=c99 -O1 -o "$TMP/dyndns" dyndns.c 2>"$TMP/cc.log" || { fail 'dyndns.c does not compile with musl' "$(cat "$TMP/cc.log")"; finish; }
start UP ready "$PEER" serve 127.0.0.9@53 right

serves() {
	is "$1: a hit" 'NOERROR qr,aa*A 10.0.0.7 *' "$(ask "$2" ws7.lab A wait=2000)"
	[ -n "${3:-}" ] || is "$1: a miss" 'NOERROR qr,rd*A 10.*' "$(ask "$2" one.example A wait=2000)"
	is "$1: by TCP" 'NOERROR qr,aa*A 10.0.0.7 *' "$(ask "$2" ws7.lab A tcp wait=2000)"
}
uids() { sed -n 's/^Uid:[[:space:]]*//p' "/proc/$D_PID/status" | tr '\t' ' '; }

# ---- FROM scratch: the file, /dev/urandom, and nothing else; read-only ----

image=$TMP/image
mkdir -p "$image/dev"
cp "$TMP/dyndns" "$image/dyndns"
: >"$image/dev/urandom"
mount --bind "$image" "$image"
mount --bind /dev/urandom "$image/dev/urandom"
mount -o remount,ro,bind "$image"
# inside WHAT ARGS...: a daemon in the image.
inside() {
	start D 'dyndns: ready' "$PEER" run 100 chroot "$image" /dyndns -o ws1.lab 10.0.0 "$@"
}
inside -l 127.0.0.1 -s 127.0.0.9
serves 'an empty image' 127.0.0.1@53
same 'an empty image: who it became' '65534 65534 65534 65534' "$(uids)"
says 'an empty image says so' "$(cat "$D_LOG")" '^dyndns: no user nobody here: becoming 65534$'
quit D
inside -l 127.0.0.1 -s 127.0.0.9 -u 4711:4712
serves 'a number' 127.0.0.1@53
same 'a number: who it became' '4711 4711 4711 4711' "$(uids)"
quit D
inside -l 127.0.0.1 -s 127.0.0.9 -u root
serves 'root' 127.0.0.1@53
quit D
# No resolv.conf yet: hits are answered, and the line says what is missing.
inside -l 127.0.0.1
serves 'no resolv.conf' 127.0.0.1@53 hits
is 'no resolv.conf: a miss' 'SERVFAIL *' "$(ask 127.0.0.1@53 one.example A wait=500)"
says 'no resolv.conf' "$(cat "$D_LOG")" '^dyndns: /etc/resolv\.conf: No such file' '^dyndns: .*misses get SERVFAIL'
quit D
# Closed descriptors, and no /dev/null to stand in for them.
(exec 0<&- 1>&- 2>&-; exec chroot "$image" /dyndns -o ws1.lab 10.0.0 -l 127.0.0.1 -s 127.0.0.9) &
D_PID=$!
echo $D_PID >"$TMP/D.pid"
tries=0
until [ "$(ask 127.0.0.1@53 ws7.lab A wait=200 | cut -c1-7)" = NOERROR ] || [ $tries -gt 50 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
serves 'closed descriptors' 127.0.0.1@53
for fd in 0 1 2; do
	same "closed descriptors: what became of $fd" / "$(readlink "/proc/$D_PID/fd/$fd" | sed "s|^$image||; s|^\$|/|")"
done
stop D
# Detached, without /dev/null and without a syslogd.
"$PEER" run 20 chroot "$image" /dyndns -d -o ws1.lab 10.0.0 -l 127.0.0.1 -s 127.0.0.9 >"$TMP/said" 2>&1 </dev/null
same 'detached: status' 0 $?
serves 'detached' 127.0.0.1@53
for p in /proc/[0-9]*; do
	case $(readlink "$p/exe" 2>/dev/null) in
	*/image/dyndns) kill "${p#/proc/}" ;;
	esac
done
tries=0
until [ "$(ask 127.0.0.1@53 ws7.lab A wait=200)" = refused ] || [ $tries -gt 50 ]; do
	tries=$((tries + 1))
	sleep 0.02
done
umount "$image/dev/urandom" "$image"

# ---- a user namespace with one user, and few capabilities ----

if unshare -Ur true 2>/dev/null; then
	"$PEER" run 20 unshare -Ur "$TMP/dyndns" -l 127.0.0.1@5300 -o ws1.lab 10.0.0 -s 127.0.0.9 >"$TMP/said" 2>&1 </dev/null
	same 'one user: status' 1 $?
	says 'one user' "$(tail -n 1 "$TMP/said")" "^dyndns: nobody: can't become this user: .*-u root stays root"
	start D 'dyndns: ready' "$PEER" run 100 unshare -Ur "$TMP/dyndns" -u root -l 127.0.0.1@5300 -o ws1.lab 10.0.0 -s 127.0.0.9
	serves 'one user, -u root' 127.0.0.1@5300
	quit D
else
	skip 'no user namespaces here'
fi
caps="setpriv --bounding-set=-all,+net_bind_service --inh-caps=-all"
# shellcheck disable=SC2086
"$PEER" run 20 $caps "$TMP/dyndns" -l 127.0.0.1 -o ws1.lab 10.0.0 -s 127.0.0.9 >"$TMP/said" 2>&1 </dev/null
same 'CAP_NET_BIND_SERVICE alone: status' 1 $?
says 'CAP_NET_BIND_SERVICE alone' "$(tail -n 1 "$TMP/said")" "^dyndns: nobody: can't become this user: .*-u root stays root"
# shellcheck disable=SC2086
start D 'dyndns: ready' "$PEER" run 100 $caps "$TMP/dyndns" -u root -l 127.0.0.1 -o ws1.lab 10.0.0 -s 127.0.0.9
serves 'CAP_NET_BIND_SERVICE alone, -u root' 127.0.0.1@53
quit D

# ---- PID 1 of its own table of processes: stops at once ----

start D 'dyndns: ready' unshare -p -f --kill-child "$TMP/dyndns" -l 127.0.0.1 -o ws1.lab 10.0.0 -s 127.0.0.9
serves 'PID 1' 127.0.0.1@53
inner=$(cat "/proc/$D_PID/task/$D_PID/children" 2>/dev/null)
before=$("$PEER" clock 2>/dev/null || date +%s%N | cut -c1-13)
# shellcheck disable=SC2086 # a number and a blank
kill $inner
wait "$D_PID"
after=$("$PEER" clock 2>/dev/null || date +%s%N | cut -c1-13)
at_most 'PID 1: milliseconds until it has stopped' $((after - before)) 500
rm -f "$TMP/D.pid"

# ---- no network yet ----

ip link set lo down
start D 'dyndns: ready' "$PEER" run 100 "$TMP/dyndns" -o ws1.lab 10.0.0 -s 127.0.0.9
ip link set lo up
serves 'lo came up later' 127.0.0.1@53
quit D

# ---- tables at their limits ----

# Twenty descriptors.
start D 'dyndns: ready' "$PEER" run 100 sh -c 'ulimit -n 20; exec "$@"' sh "$TMP/dyndns" -l 127.0.0.1 -o ws1.lab 10.0.0 -s 127.0.0.9
serves '20 descriptors' 127.0.0.1@53
says '20 descriptors are said' "$(cat "$D_LOG")" '^dyndns: only 20 descriptors: [0-9]+ TCP clients and [0-9]+ upstream sockets at once$'
quit D
# 32 addresses; one that goes takes nothing with it.
set --
n=0
while [ $((n += 1)) -le 32 ]; do
	ip addr add "10.3.0.$n/32" dev lo
	set -- "$@" -l "10.3.0.$n"
done
start D 'dyndns: ready' "$PEER" run 100 "$TMP/dyndns" "$@" -o ws1.lab 10.0.0 -s 127.0.0.9
serves '32 addresses: the first' 10.3.0.1@53
serves '32 addresses: the last' 10.3.0.32@53
ip addr del 10.3.0.1/32 dev lo
serves 'an address that has gone: the others' 10.3.0.2@53
quit D
ip addr add 10.3.0.1/32 dev lo
# One over the limit is said.
"$PEER" run 20 "$TMP/dyndns" "$@" -l 127.0.0.1 -o ws1.lab 10.0.0 >"$TMP/said" 2>&1
same '33 addresses: status' 2 $?
says '33 addresses' "$(cat "$TMP/said")" '^dyndns: 127\.0\.0\.1: more than 32 addresses$'
finish
