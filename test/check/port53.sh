#!/bin/sh
# Proves the article's job as it is used: root, port 53, resolv.conf, and clients that know nothing of dyndns.
. test/lib.sh
story port53
own_machine

need nsd unbound dig nslookup getent || finish
nsd 127.0.0.2
unbound 127.0.0.3 127.0.0.2
printf 'hosts: dns\n' >"$TMP/nsswitch.conf"
printf 'nameserver 127.0.0.1\nsearch mohit.com\n' >"$TMP/client.conf"
: >"$TMP/hosts"

# A client's machine differs from the daemon's in what its /etc says.
cat >"$TMP/client" <<END
for f in resolv.conf=client.conf nsswitch.conf=nsswitch.conf hosts=hosts; do
	mount --bind "$TMP/\${f#*=}" "/etc/\${f%%=*}" || exit 1
done
exec "\$@"
END
client() { unshare -m sh "$TMP/client" "$@" 2>&1; }

musl=
if need musl-gcc; then
	if musl-gcc -std=c99 -Wall -Wextra -static -o "$TMP/resolve" test/tools/resolve.c 2>"$TMP/cc.log"; then
		musl=$TMP/resolve
	else
		fail 'resolve.c with musl-gcc -static' "$(cat "$TMP/cc.log")"
	fi
fi

: >"$TMP/resolv.conf"
mount --bind "$TMP/resolv.conf" /etc/resolv.conf || { fail 'covering /etc/resolv.conf'; finish; }

for real in 127.0.0.2 127.0.0.3; do
	echo "nameserver $real" >"$TMP/resolv.conf"

	daemon_bare D -o workstation123.mohit.com 172.16.2
	says "$real: listens" "$(cat "$D_LOG")" '^dyndns: listening on (127\.0\.0\.1|0\.0\.0\.0)@53$' '^dyndns: listening on ::1?@53$' '!skipped|ignored'
	for by in -novc -vc; do
		n() { client nslookup $by "$@"; }
		says "$real: nslookup $by workstation10.mohit.com" "$(n workstation10.mohit.com)" '^Server:[[:space:]]+127\.0\.0\.1$' \
			'^Name:[[:space:]]workstation10\.mohit\.com$' '^Address: 172\.16\.2\.10$' "!can't find|timed out|Non-auth"
		says "$real: nslookup $by workstation123.mohit.com" "$(n workstation123.mohit.com)" '^Address: 172\.16\.2\.123$' "!can't find|timed out"
		says "$real: nslookup $by 172.16.2.10" "$(n 172.16.2.10)" '^10\.2\.16\.172\.in-addr\.arpa[[:space:]]name = workstation10\.mohit\.com\.$'
		says "$real: nslookup $by printer.mohit.com" "$(n printer.mohit.com)" '^Address: 192\.0\.2\.80$' '^Address: 2001:db8::80$' "!can't find|timed out"
		says "$real: nslookup $by workstation999.mohit.com" "$(n workstation999.mohit.com)" "can't find workstation999\.mohit\.com.*: NXDOMAIN"
	done
	for by in +notcp +tcp; do
		q() { dig +short +tries=1 +time=5 $by @127.0.0.1 "$@" 2>&1; }
		same "$real: dig $by workstation10.mohit.com" 172.16.2.10 "$(q workstation10.mohit.com)"
		same "$real: dig $by workstation123.mohit.com" 172.16.2.123 "$(q workstation123.mohit.com)"
		same "$real: dig $by -x 172.16.2.10" workstation10.mohit.com. "$(q -x 172.16.2.10)"
		same "$real: dig $by printer.mohit.com" 192.0.2.80 "$(q printer.mohit.com)"
		same "$real: dig $by @::1 workstation10.mohit.com" 172.16.2.10 "$(dig +short +tries=1 +time=5 $by @::1 workstation10.mohit.com 2>&1)"
	done
	for by in udp tcp; do
		option=ndots:1
		[ $by = udp ] || option=use-vc
		g() { client env RES_OPTIONS=$option getent "$@"; }
		says "$real: getent ahosts by $by" "$(g ahosts workstation10.mohit.com)" '^172\.16\.2\.10 +STREAM workstation10\.mohit\.com$' '!::'
		says "$real: getent ahosts by $by, a short name" "$(g ahosts workstation123)" '^172\.16\.2\.123 +STREAM'
		says "$real: getent ahosts by $by, a miss" "$(g ahosts printer.mohit.com)" '^192\.0\.2\.80 +STREAM' '^2001:db8::80 +STREAM'
		says "$real: getent hosts by $by, an address" "$(g hosts 172.16.2.10)" '^172\.16\.2\.10 +workstation10\.mohit\.com$'
	done
	says "$real: getent ahosts with EDNS" "$(client env RES_OPTIONS='edns0 trust-ad' getent ahosts workstation10.mohit.com)" '^172\.16\.2\.10 +STREAM'
	if [ -n "$musl" ]; then
		same "$real: musl" 172.16.2.10 "$(client "$musl" workstation10.mohit.com)"
		same "$real: musl, a short name" 172.16.2.123 "$(client "$musl" workstation123)"
		same "$real: musl, an address" workstation10.mohit.com "$(client "$musl" -x 172.16.2.10)"
		same "$real: musl, a miss" '192.0.2.80
2001:db8::80' "$(client "$musl" printer.mohit.com | sort)"
	fi
	quit D

	daemon_bare D -o workstation 172.16.2
	n() { client nslookup "$@"; }
	says "$real: nslookup, a rule without a domain" "$(n workstation7.anything.example)" '^Name:[[:space:]]workstation7\.anything\.example$' '^Address: 172\.16\.2\.7$' "!can't find"
	says "$real: nslookup -vc, a rule without a domain" "$(n -vc workstation7.anything.example)" '^Address: 172\.16\.2\.7$' "!can't find"
	says "$real: nslookup, a miss beside a rule without a domain" "$(n printer.anything.example)" '^Address: 192\.0\.2\.81$' "!can't find"
	for by in +notcp +tcp; do
		same "$real: dig $by, a rule without a domain" 172.16.2.7 "$(dig +short +tries=1 $by @127.0.0.1 workstation7.anything.example)"
	done
	says "$real: getent ahosts, a rule without a domain" "$(client getent ahosts workstation7.anything.example)" '^172\.16\.2\.7 +STREAM'
	[ -z "$musl" ] || same "$real: musl, a rule without a domain" 172.16.2.7 "$(client "$musl" workstation7.anything.example)"
	quit D
done
finish
