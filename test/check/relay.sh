#!/bin/sh
# Proves the relay between real parts: clients with cookies, servers that refuse or cut, addresses and routes that change.
. test/lib.sh
story relay
own_machine

need dig ip nsenter nft unbound named || finish
mount -t proc proc /proc 2>/dev/null

# many WHAT PREFIX N: N questions one after another, none of which may fail.
answered() {
	n=0 bad=
	while [ $((n += 1)) -le "$3" ]; do
		case $(ask 127.0.0.1@53 "$2$n.example" A wait=5500) in
		NOERROR*) ;;
		*) bad="$bad $n" ;;
		esac
	done
	same "$1: not answered" '' "$bad"
}

# ---- clients that use cookies (RFC 7873) ----

# A named that knows cookies serves a zone; dyndns relays to it; hits have no cookie, and nobody minds.
ip addr add 127.0.0.2/32 dev lo
ip addr add 127.0.0.3/32 dev lo
mkdir "$TMP/bind"
cat >"$TMP/bind/example.zone" <<'END'
$TTL 300
@ SOA ns.example. root.example. 1 3600 600 86400 60
@ NS ns
ns A 10.9.0.1
one A 10.9.0.2
two A 10.9.0.3
three A 10.9.0.4
END
cat >"$TMP/bind/serve.conf" <<END
options { directory "$TMP/bind"; listen-on port 53 { 127.0.0.2; }; listen-on-v6 { none; }; pid-file none; recursion no; dnssec-validation no; answer-cookie yes; session-keyfile none; lock-file none; };
controls { };
zone "example" { type primary; file "$TMP/bind/example.zone"; };
END
cat >"$TMP/bind/forward.conf" <<END
options { directory "$TMP/bind"; listen-on port 53 { 127.0.0.3; }; listen-on-v6 { none; }; pid-file none; recursion yes; dnssec-validation no; send-cookie yes; session-keyfile none; lock-file none;
	forward only; forwarders { 127.0.0.1; }; empty-zones-enable no; };
controls { };
END
start SERVE 'all zones loaded' "$(tool named)" -g -u root -c "$TMP/bind/serve.conf"
start FORWARD 'all zones loaded' "$(tool named)" -g -u root -c "$TMP/bind/forward.conf"
daemon_bare D -q -l 127.0.0.1 -s 127.0.0.2 -o ws1.lab 10.0.0
for name in one two three; do
	says "BIND asks through us: $name" "$(dig +time=4 +tries=1 @127.0.0.3 $name.example)" 'status: NOERROR' "^$name\.example\..*A.10\.9\.0\."
	says "BIND asks a hit: $name" "$(dig +time=2 +tries=1 @127.0.0.3 "ws$(printf %s $name | wc -c).lab")" 'status: NOERROR' 'A.10\.0\.0\.[345]$'
done
same 'BIND does not turn to TCP' 0 "$(grep -c 'query .* tcp ' "$D_LOG")"
says 'dig sends a cookie, and gets none' "$(dig +time=2 +tries=1 +cookie @127.0.0.1 one.example)" 'status: NOERROR' '!COOKIE'
says 'dig, without us in between' "$(dig +time=2 +tries=1 +cookie @127.0.0.2 one.example)" 'COOKIE: .*good'
node=${NODE:-$(command -v node)}
case $("${node:-false}" -p 'const [a, b] = process.versions.ares.split("."); a > 1 || b >= 34' 2>/dev/null) in
true)
	# Misses first, so that it learns of cookies; then hits, each within its first try.
	cat >"$TMP/ares.js" <<'END'
const r = new (require('dns').promises.Resolver)({ timeout: 2000, tries: 2 });
r.setServers(['127.0.0.1']);
(async () => {
	for (const name of ['one', 'two', 'three']) console.log(name, (await r.resolve4(name + '.example'))[0]);
	const start = Date.now();
	for (let n = 1; n <= 50; n++) {
		const [a] = await r.resolve4('ws' + n + '.lab');
		if (a !== '10.0.0.' + n) console.log('wrong', n, a);
	}
	console.log('ms=' + (Date.now() - start));
})().catch((e) => console.log('failed', e.code, e.hostname));
END
	"$node" "$TMP/ares.js" >"$TMP/ares" 2>&1
	says 'c-ares: misses, then hits' "$(cat "$TMP/ares")" '^three 10\.9\.0\.4' '!wrong|failed'
	at_most 'c-ares: milliseconds for 50 hits' "$(field ms "$(grep ms= "$TMP/ares")")" 1500
	;;
*) skip 'no node with c-ares 1.34 or newer' ;;
esac
quit D
stop FORWARD
stop SERVE

# ---- servers that say no, or cut ----

{
	unbound_at 127.0.0.2
	echo '  access-control: 127.0.0.0/8 refuse'
} >"$TMP/refuse.conf"
start REFUSE 'start of service' "$(tool unbound)" -d -c "$TMP/refuse.conf"
start UP ready "$PEER" serve 127.0.0.9@53 right
daemon_bare D -l 127.0.0.1 -s 127.0.0.2 -o ws1.lab 10.0.0
is 'unbound refuses, alone' 'REFUSED *' "$(ask 127.0.0.1@53 one.example A wait=2000)"
at_most 'unbound refuses, alone: milliseconds' "$(ms "$(ask 127.0.0.1@53 two.example A wait=2000 ms)")" 50
quit D
daemon_bare D -l 127.0.0.1 -s 127.0.0.2 -s 127.0.0.9 -o ws1.lab 10.0.0
for name in a b c d; do
	is 'unbound refuses, the next one answers' 'NOERROR * A 10.*' "$(ask 127.0.0.1@53 $name.example A wait=2000)"
	at_most 'the next one: milliseconds' "$(ms "$(ask 127.0.0.1@53 x$name.example A wait=2000 ms)")" 50
done
same 'who refuses is not down' 0 "$(seen D fails)"
quit D
stop REFUSE

if need tinydns tinydns-data; then
	mkdir "$TMP/tiny" "$TMP/tiny/root"
	{
		echo '.example::ns.example'
		printf "'big.example:%0700d\n" 0
		echo '+small.example:10.9.2.1'
	} >"$TMP/tiny/root/data"
	(cd "$TMP/tiny/root" && "$(tool tinydns-data)")
	start TINY 'starting tinydns' env ROOT="$TMP/tiny/root" IP=127.0.0.4 UID=65534 GID=65534 "$(tool tinydns)"
	daemon_bare D -l 127.0.0.1 -s 127.0.0.4 -o ws1.lab 10.0.0
	is 'tinydns' 'NOERROR * A 10.9.2.1 *' "$(ask 127.0.0.1@53 small.example A wait=2000)"
	is 'tinydns cuts' 'NOERROR *tc* 1/0/0/0 *' "$(ask 127.0.0.1@53 big.example TXT wait=2000)"
	at_most 'tinydns cuts: milliseconds' "$(ms "$(ask 127.0.0.1@53 big.example TXT wait=2000 ms)")" 50
	quit D
	stop TINY
fi

# ---- addresses and routes that change ----

start FAR 'up' unshare -n sh -c 'ip link set lo up; echo up; exec sleep 300'
far() { nsenter -t "$FAR_PID" -n "$@"; }
if ! ip link add in0 type veth peer name far0 netns "$FAR_PID" 2>"$TMP/ip.log"; then
	skip "no pair of veth interfaces: $(cat "$TMP/ip.log")"
	finish
fi
ip link set in0 up
far ip link set far0 up
ip addr add 10.1.0.1/24 dev in0
far ip addr add 10.1.0.53/24 dev far0
far ip addr add fe80::53/64 dev far0 nodad
far "$PEER" serve 10.1.0.53@53 right >"$TMP/far.log" 2>&1 &
echo $! >"$TMP/far_up.pid"
"$PEER" wait "$TMP/far.log" ready 5000 >"$TMP/line"
daemon_bare D -l 127.0.0.1 -s 10.1.0.53 -o ws1.lab 10.0.0
answered 'before' a 100
many 127.0.0.1@53 'before-%d.example' A n=300 wait=4000 >"$TMP/line" 2>&1
# Redialled: another address of the same cable.
ip addr del 10.1.0.1/24 dev in0
ip addr add 10.1.0.2/24 dev in0
answered 'another address of ours' b 60
# A firewall that says no for a second.
nft add table ip t && nft 'add chain ip t o { type filter hook output priority 0; }' && nft add rule ip t o ip daddr 10.1.0.53 drop
(sleep 1; nft delete table ip t) &
answered 'EPERM for a second' c 5
wait $!
# A cable that is out for a second.
ip link set in0 down
(sleep 1; ip link set in0 up) &
answered 'a link that is down for a second' d 5
wait $!
answered 'and then' e 20
quit D

# A nameserver on an interface that is not there yet, and then one of that name that is made anew.
echo 'nameserver fe80::53%in1' >"$TMP/resolv.conf"
daemon_bare D -l 127.0.0.1 -r "$TMP/resolv.conf" -o ws1.lab 10.0.0
is 'an interface that is not there' 'SERVFAIL *' "$(ask 127.0.0.1@53 one.example A wait=2000)"
for turn in comes 'is made anew'; do
	ip link add in1 type veth peer name far1 netns "$FAR_PID"
	ip link set in1 up
	far ip link set far1 up
	ip addr add fe80::1/64 dev in1 nodad
	far ip addr add fe80::53/64 dev far1 nodad
	far "$PEER" serve fe80::53%far1@53 right >"$TMP/far1.log" 2>&1 &
	echo $! >"$TMP/far1.pid"
	"$PEER" wait "$TMP/far1.log" ready 5000 >"$TMP/line"
	sleep 1.1
	is "an interface $turn" 'NOERROR * A 10.*' "$(ask 127.0.0.1@53 "$(echo "$turn" | tr -d ' ').example" A wait=4000)"
	kill "$(cat "$TMP/far1.pid")"
	rm "$TMP/far1.pid"
	ip link del in1
done
quit D

# Addresses that can be bound and are no interface's (keepalived): others, not ourselves.
echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind
far ip addr add fd00:1::53/64 dev far0 nodad
ip addr add fd00:1::1/64 dev in0 nodad
far "$PEER" serve fd00:1::53@53 right >"$TMP/far6.log" 2>&1 &
echo $! >"$TMP/far6.pid"
"$PEER" wait "$TMP/far6.log" ready 5000 >"$TMP/line"
for server in 10.1.0.53 fd00:1::53; do
	echo "nameserver $server" >"$TMP/resolv.conf"
	daemon_bare D -r "$TMP/resolv.conf" -o ws1.lab 10.0.0
	is "ip_nonlocal_bind: $server is asked" 'NOERROR * A 10.*' "$(ask 127.0.0.1@53 one.example A wait=4000)"
	same "ip_nonlocal_bind: $server" 0 "$(seen D ourselves)"
	quit D
done
kill "$(cat "$TMP/far6.pid")" "$(cat "$TMP/far_up.pid")"
rm "$TMP/far6.pid" "$TMP/far_up.pid"
finish
