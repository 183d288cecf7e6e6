#!/bin/sh
# Proves that resolvers before us never deny or fail a name that exists, whatever they ask about our own domains first.
. test/lib.sh
story resolvers
own_machine

need dig nsd unbound named dnssec-keygen dnssec-signzone pdns_recursor musl-gcc || finish
mount -t proc proc /proc 2>/dev/null
n=1
while [ $((n += 1)) -le 30 ]; do ip addr add "127.0.0.$n/32" dev lo; done
v6=0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa
cat >"$TMP/rules" <<END
gateway.home 10.1.0.254
gateway.home fd00:5::fe
ws.home 10.1.1.0/24
node.rack1.home fd00:5:0:1::/64
a.b.c.home 10.1.2.1
printer.home 10.1.2.2
home none
10.1.0.0/16 none
fd00:5::/48 none
END

# ---- a root that is signed, and proves that our domains are not ----

mkdir "$TMP/root"
cat >"$TMP/root/zone" <<END
\$TTL 300
. SOA ns9. root.ns9. 1 3600 600 86400 60
. NS ns9.
ns9. A 127.0.0.9
nshome. A 127.0.0.1
home. NS nshome.
1.10.in-addr.arpa. NS nshome.
$v6. NS nshome.
other. A 10.9.9.9
END
(
	cd "$TMP/root" || exit
	dnssec-keygen -q -a ECDSAP256SHA256 -f KSK . && dnssec-keygen -q -a ECDSAP256SHA256 . &&
		dnssec-signzone -S -z -o . -f signed zone
) >"$TMP/sign.log" 2>&1
key=$(sed -n 's/^\. .*DNSKEY[[:space:]]*257 3 13 //p' "$TMP"/root/K*.key)
cat >"$TMP/nsd9.conf" <<END
server:
  ip-address: 127.0.0.9
  server-count: 1
  username: ""
  database: ""
  zonesdir: "$TMP/root"
  pidfile: ""
  xfrdfile: "$TMP/xfrd.state"
  zonelistfile: "$TMP/zone.list"
  xfrdir: "$TMP"
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: signed
END
start NSD 'nsd started' "$(tool nsd)" -d -c "$TMP/nsd9.conf"
daemon_bare D -l 127.0.0.1 -s 127.0.0.9 -f "$TMP/rules"

# ---- what is asked of each: first what could make it deny names, then every rule's names ----

short() { dig +tries=2 +time=4 +short @"$1" "$2" "$3" 2>/dev/null | tr '\n' ' '; }
status() { dig +tries=2 +time=4 @"$1" "$2" "$3" 2>/dev/null | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }
asked() {
	what=$1 at=$2
	for name in home rack1.home c.home b.c.home nope.home x.nope.home ws.home ws256.home x.ws1.home; do
		for type in NS A DS AAAA; do
			case $name in
			home | rack1.home | c.home | b.c.home) wanted=NOERROR ;;
			*) wanted=NXDOMAIN ;;
			esac
			same "$what: $name $type" $wanted "$(status "$at" $name $type)"
		done
	done
	for name in 1.10.in-addr.arpa 1.1.10.in-addr.arpa $v6 1.0.0.0.$v6; do
		same "$what: $name" NOERROR "$(status "$at" "$name" NS)"
		same "$what: $name DS" NOERROR "$(status "$at" "$name" DS)"
	done
	same "$what: 7.9.1.10.in-addr.arpa" NXDOMAIN "$(status "$at" 7.9.1.10.in-addr.arpa PTR)"
	same "$what: gateway" '10.1.0.254 fd00:5::fe ' "$(short "$at" gateway.home A)$(short "$at" gateway.home AAAA)"
	for n in 0 1 77 255; do
		same "$what: ws$n" "10.1.1.$n " "$(short "$at" ws$n.home A)"
		same "$what: PTR of ws$n" "ws$n.home. " "$(short "$at" $n.1.1.10.in-addr.arpa PTR)"
	done
	same "$what: ws1 AAAA" NOERROR "$(status "$at" ws1.home AAAA)"
	same "$what: node7.rack1" 'fd00:5:0:1::7 ' "$(short "$at" node7.rack1.home AAAA)"
	same "$what: node7.rack1 A" NOERROR "$(status "$at" node7.rack1.home A)"
	same "$what: a.b.c" '10.1.2.1 ' "$(short "$at" a.b.c.home A)"
	same "$what: printer" '10.1.2.2 ' "$(short "$at" printer.home A)"
	same "$what: PTR of node7" 'node7.rack1.home. ' "$(dig +short +tries=2 +time=4 @"$at" -x fd00:5:0:1::7 | tr '\n' ' ')"
}

# ---- unbound: stub with strict minimisation, forwarder, validator over the root, validator behind us ----

unbound_conf() {
	unbound_at "$1"
	shift
	cat <<-END
	  access-control: 127.0.0.0/8 allow
	  do-not-query-localhost: no
	  qname-minimisation: yes
	  qname-minimisation-strict: yes
	  harden-below-nxdomain: yes
	  local-zone: "10.in-addr.arpa." nodefault
	  local-zone: "d.f.ip6.arpa." nodefault
	END
	printf '%s\n' "$@"
}
zones_of() { for z in home 1.10.in-addr.arpa $v6; do printf '%s:\n  name: "%s"\n  %s: 127.0.0.1\n' "$1" "$z" "$2"; done; }
# resolver NAME CONFIGURATION
unbound_as() {
	unbound_conf "$3" "$4" "$5" >"$TMP/$1.conf"
	start "$1" 'start of service' "$(tool unbound)" -d -c "$TMP/$1.conf"
	asked "$2" "$3"
	stop "$1"
}
printf '. NS ns9.\nns9. A 127.0.0.9\n' >"$TMP/hints"
printf '. IN DNSKEY 257 3 13 %s\n' "$key" >"$TMP/anchor"
hints="$NL  root-hints: \"$TMP/hints\""
unbound_as U1 'unbound, stub' 127.0.0.11 "  module-config: \"iterator\"$hints" "$(zones_of stub-zone stub-addr)"
unbound_as U2 'unbound, forward' 127.0.0.12 "  module-config: \"iterator\"$hints" "$(zones_of forward-zone forward-addr)"
unbound_as U3 'unbound, validating over the root' 127.0.0.13 "  root-hints: \"$TMP/hints\"" "  trust-anchor-file: \"$TMP/anchor\""
unbound_as U4 'unbound, validating behind us' 127.0.0.14 "  trust-anchor-file: \"$TMP/anchor\"" "$(printf 'forward-zone:\n  name: "."\n  forward-addr: 127.0.0.1')"

# ---- BIND: static-stub with strict minimisation, forwarder, and the validators ----

bind_as() {
	mkdir "$TMP/$1"
	cat >"$TMP/$1/conf" <<-END
	options { directory "$TMP/$1"; listen-on port 53 { $3; }; listen-on-v6 { none; }; pid-file none; lock-file none; session-keyfile none;
		qname-minimization strict; empty-zones-enable no; recursion yes; allow-recursion { any; }; $4 };
	controls { };
	$5
	END
	start "$1" 'all zones loaded' "$(tool named)" -g -4 -u root -c "$TMP/$1/conf"
	asked "$2" "$3"
	stop "$1"
}
stubs='' forwards=''
for z in home 1.10.in-addr.arpa $v6; do
	stubs="$stubs zone \"$z\" { type static-stub; server-addresses { 127.0.0.1; }; };"
	forwards="$forwards zone \"$z\" { type forward; forward only; forwarders { 127.0.0.1; }; };"
done
hint="zone \".\" { type hint; file \"$TMP/hints\"; };"
anchor="trust-anchors { . static-key 257 3 13 \"$(echo "$key" | tr -d ' ')\"; };"
bind_as B1 'BIND, static-stub' 127.0.0.21 'dnssec-validation no;' "$stubs $hint"
bind_as B2 'BIND, forward' 127.0.0.22 'dnssec-validation no;' "$forwards $hint"
bind_as B3 'BIND, validating over the root' 127.0.0.23 'dnssec-validation yes;' "$anchor $hint"
bind_as B4 'BIND, validating behind us' 127.0.0.24 'dnssec-validation yes; forward only; forwarders { 127.0.0.1; };' "$anchor"

# ---- PowerDNS Recursor over the delegation, with nothing below what does not exist ----

mkdir "$TMP/pdns"
start PDNS 'Enabled multiplexer' "$(tool pdns_recursor)" --config-dir="$TMP/pdns" --socket-dir="$TMP/pdns" --local-address=127.0.0.25 \
	--hint-file="$TMP/hints" --dnssec=off --nothing-below-nxdomain=yes --dont-query= --daemon=no --write-pid=no --disable-syslog=yes --threads=1 --serve-rfc1918=no \
	--loglevel=6
asked 'PowerDNS Recursor' 127.0.0.25
stop PDNS

# ---- musl, with a search list ----

if musl-gcc -static -O1 -o "$TMP/resolve" test/tools/resolve.c 2>"$TMP/cc.log"; then
	printf 'nameserver 127.0.0.1\nsearch home corp.example\noptions ndots:5\n' >"$TMP/resolv.conf"
	mount --bind "$TMP/resolv.conf" /etc/resolv.conf
	is 'musl: ws7' '*10.1.1.7*' "$("$TMP/resolve" ws7 2>&1)"
	is 'musl: ws7.home' '*10.1.1.7*' "$("$TMP/resolve" ws7.home 2>&1)"
	is 'musl: a.b.c' '*10.1.2.1*' "$("$TMP/resolve" a.b.c 2>&1)"
	is 'musl: gateway' '*10.1.0.254*' "$("$TMP/resolve" gateway 2>&1)"
	is 'musl: node7.rack1' '*fd00:5:0:1::7*' "$("$TMP/resolve" node7.rack1 2>&1)"
	umount /etc/resolv.conf
else
	fail 'test/tools/resolve.c does not compile with musl' "$(cat "$TMP/cc.log")"
fi
quit D
finish
