#!/bin/sh
# Proves that dig, kdig, drill, host, nslookup, BusyBox and dnspython get from dyndns what SPEC promises.
. test/lib.sh
story clients
own_machine

need nsd unbound dig || finish
nsd 127.0.0.2
unbound 127.0.0.3 127.0.0.2
daemon_bare D -l 127.0.0.1 -l ::1 -s 127.0.0.2 -o workstation123.mohit.com 172.16.2 \
	-o workstation123.mohit.com fd00:2::/64 -o ws007.lab 10.0.0.0/8 -o 'ip-%a.lab' fd00::/16 -o anywhere 10.1

soa='SOA[[:space:]]+workstation10\.mohit\.com\. nobody\.invalid\. 1 3600 1200 604800 60$'

# d ARGUMENT...: what dig shows of an answer, less what never is the same twice.
d() {
	dig +nocmd +tries=1 +time=5 "$@" 2>&1 | sed -e '/^;; Query time:/d' -e '/^;; SERVER:/d' -e '/^;; WHEN:/d' \
		-e '/^; COOKIE:/d' -e 's/, id: [0-9]*//'
}

# ---- dig: hits, by UDP and by TCP ----

for by in +notcp +tcp; do
	at="$by @127.0.0.1"
	# shellcheck disable=SC2086 # two words
	ask() { d $at "$@"; }
	w=workstation10.mohit.com
	says "dig $by A" "$(ask $w A)" 'status: NOERROR' 'flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1' \
		'^workstation10\.mohit\.com\.[[:space:]]+60[[:space:]]+IN[[:space:]]+A[[:space:]]+172\.16\.2\.10$' 'EDNS: version: 0, flags:; udp: 1232' '!WARNING|Warning'
	same "dig $by AAAA" 'fd00:2::a' "$(ask +short $w AAAA)"
	same "dig $by ANY" '172.16.2.10
fd00:2::a' "$(ask +short $w ANY)"
	same "dig $by @::1" 172.16.2.10 "$(dig +short +tries=1 $by @::1 $w A)"
	same "dig $by, the network's last address" 172.16.2.255 "$(ask +short workstation255.mohit.com)"
	same "dig $by, a leading zero" 172.16.2.7 "$(ask +short workstation007.mohit.com)"
	same "dig $by, a dotless rule" 10.1.1.44 "$(ask +short anywhere300.at.all.example)"
	same "dig $by, a rule with %a" fd00::7 "$(ask +short ip-fd00--7.lab AAAA)"
	says "dig $by SOA" "$(ask $w SOA)" 'status: NOERROR' 'flags: qr aa' 'ANSWER: 1, AUTHORITY: 0' "^workstation10\.mohit\.com\.[[:space:]]+60[[:space:]]+IN[[:space:]]+$soa"
	for type in MX TXT NS PTR HTTPS TYPE65534; do
		says "dig $by $type" "$(ask $w $type)" 'status: NOERROR' 'flags: qr aa' 'ANSWER: 0, AUTHORITY: 1' "$soa"
	done
	says "dig $by AAAA without a rule of that family" "$(ask ws010.lab AAAA)" 'status: NOERROR' 'ANSWER: 0, AUTHORITY: 1' 'SOA[[:space:]]+ws010\.lab\. nobody\.invalid\.'
	same "dig $by -x, IPv4" workstation10.mohit.com. "$(ask +short -x 172.16.2.10)"
	same "dig $by -x, three digits" ws010.lab. "$(ask +short -x 10.0.0.10)"
	same "dig $by -x, IPv6" workstation10.mohit.com. "$(ask +short -x fd00:2::a)"
	says "dig $by, a reverse name's other types" "$(ask 10.2.16.172.in-addr.arpa. A)" 'status: NOERROR' 'flags: qr aa' 'ANSWER: 0, AUTHORITY: 1'
	says "dig $by, case" "$(ask WorkStation10.MOHIT.com)" '^;WorkStation10\.MOHIT\.com\.' '^WorkStation10\.MOHIT\.com\.'
	says "dig $by +noedns" "$(ask +noedns $w)" 'status: NOERROR' 'ADDITIONAL: 0' '!EDNS'
	says "dig $by +norecurse" "$(ask +norecurse $w)" 'flags: qr aa ra;'
	says "dig $by +cdflag +adflag +zflag +tcflag" "$(ask +cdflag +adflag +zflag +tcflag $w)" 'flags: qr aa rd ra; QUERY: 1, ANSWER: 1' '!MBZ'
	says "dig $by +dnssec" "$(ask +dnssec $w)" 'flags: do; udp: 1232' 'status: NOERROR'
	says "dig $by, an unknown flag of EDNS" "$(ask +ednsflags=0x40 $w)" 'flags:; udp: 1232' '!MBZ' 'status: NOERROR'
	for option in +cookie=0102030405060708 +nsid +subnet=192.0.2.0/24 +padding=128 +keepalive +expire +ednsopt=65001:41; do
		says "dig $by $option" "$(ask $option $w)" 'status: NOERROR' 'ANSWER: 1' 'EDNS: version: 0' '!NSID|CLIENT-SUBNET|PAD|KEEPALIVE|EXPIRE|OPT=' 'MSG SIZE  rcvd: 68$'
	done
	says "dig $by +edns=1" "$(ask +edns=1 +noednsneg $w)" 'status: BADVERS' 'EDNS: version: 0' 'ANSWER: 0'
	for opcode in IQUERY STATUS NOTIFY UPDATE 3 15; do
		says "dig $by +opcode=$opcode" "$(ask +opcode=$opcode $w)" 'status: NOTIMP' 'QUERY: 0, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0' '!flags:.* (aa|rd)'
	done
	says "dig $by +header-only" "$(ask +header-only +noedns)" 'status: FORMERR'
	says "dig $by AXFR" "$(dig +tries=1 "$by" @127.0.0.1 $w AXFR 2>&1)" 'Transfer failed'
	says "dig $by version.dyndns" "$(ask version.dyndns CH TXT)" 'status: NOERROR' 'ANSWER: 1' "$("$DYNDNS" -v | sed -n 's/[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1 | sed 's/\./\\./g')"
	stats=$(ask +short stats.dyndns CH TXT)
	says "dig $by stats.dyndns" "$stats" 'hits=[0-9]+' 'misses=[0-9]+' 'relayed=[0-9]+' 'merged=[0-9]+' 'servfail=[0-9]+' \
		'refused=[0-9]+' 'formerr=[0-9]+' 'dropped=[0-9]+' 'retries=[0-9]+' 'tcp.clients=[0-9]+' 'seconds.*=[0-9]+'
	says "dig $by, a number outside the network is a miss" "$(ask workstation99999999999999999999.mohit.com)" 'status: NXDOMAIN' 'SOA[[:space:]]+ns\.mohit\.com\.'
done
hits() { dig +short +tries=1 @127.0.0.1 stats.dyndns CH TXT | tr ' ' '\n' | sed -n 's/^"hits=\([0-9]*\)"$/\1/p'; }
before=$(hits)
dig +short +tries=1 @127.0.0.1 workstation1.mohit.com >/dev/null
same 'the hits are counted' $((before + 1)) "$(hits)"
printf '%s\n' 'workstation1.mohit.com A' 'printer.mohit.com A' 'workstation2.mohit.com A' >"$TMP/batch"
same 'dig +keepopen' '172.16.2.1
172.16.2.2
192.0.2.80' "$(dig +tcp +keepopen +short +tries=1 @127.0.0.1 -f "$TMP/batch" | sort)"

# ---- dig: misses come back as the real server sent them ----

# relayed: every question of the list as $real answers it and through dyndns.
relayed() {
	while read -r question; do
		# shellcheck disable=SC2086 # words of a question
		direct=$(d @"$real" $question) through=$(d @127.0.0.1 $question)
		if [ "$cached" = yes ]; then
			direct=$(printf '%s\n' "$direct" | ttl_less) through=$(printf '%s\n' "$through" | ttl_less)
		fi
		case $direct in
		*'->>HEADER<<-'*) same "dig $question through dyndns to $real" "$direct" "$through" ;;
		*) fail "dig $question finds no server at $real" "$direct" ;;
		esac
	done <<-'END'
	printer.mohit.com A
	printer.mohit.com AAAA
	printer.mohit.com AAAA +tcp
	PrinTER.mohit.COM A +noedns
	mohit.com SOA +norecurse
	mohit.com MX +tcp
	mohit.com DNSKEY +dnssec
	mohit.com DNSKEY +dnssec +bufsize=512 +ignore
	printer.mohit.com A +dnssec +cdflag +adflag
	nothing.mohit.com A +dnssec
	chain.mohit.com A
	broken.mohit.com A
	x.y.wild.mohit.com A +tcp
	printer.mohit.com MX
	odd.mohit.com TYPE65280
	odd.mohit.com CAA
	odd.mohit.com HINFO +tcp
	_ldap._tcp.mohit.com SRV
	long.mohit.com TXT
	big.mohit.com TXT +ignore
	big.mohit.com TXT +ignore +bufsize=4096
	big.mohit.com TXT +tcp
	big.mohit.com TXT
	big.mohit.com TXT +noedns +ignore
	printer.mohit.com A +cookie=0102030405060708
	printer.mohit.com A +nsid
	printer.mohit.com A +subnet=192.0.2.0/24
	printer.mohit.com A +padding=128
	printer.mohit.com A +ednsopt=65001:41420043
	printer.mohit.com A +ednsflags=0x40
	printer.mohit.com A +edns=1 +noednsneg
	printer.mohit.com ANY +notcp
	printer.mohit.com TYPE0
	-x 192.0.2.80
	workstation99999999999999999999.mohit.com A
	nosuch.zone.invalid A
	version.bind TXT -c CH
	. NS
	a\000b\.c.mohit.com A
	END
}
ttl_less() { sed 's/^\([^;[:space:]]*[[:space:]][[:space:]]*\)[0-9][0-9]*\([[:space:]]\)/\1\2/' | sort; }
cached=no real=127.0.0.2
relayed
quit D
daemon_bare D -l 127.0.0.1 -s 127.0.0.3 -o workstation123.mohit.com 172.16.2 -o workstation123.mohit.com fd00:2::/64
cached=yes real=127.0.0.3
relayed

# ---- The other clients ----

w=workstation10.mohit.com
if need kdig; then
	for by in +notcp +tcp; do
		same "kdig $by A" 172.16.2.10 "$(kdig $by +short @127.0.0.1 $w A)"
		same "kdig $by AAAA" fd00:2::a "$(kdig $by +short @127.0.0.1 $w AAAA)"
		same "kdig $by -x" $w. "$(kdig $by +short @127.0.0.1 -x 172.16.2.10)"
		says "kdig $by MX" "$(kdig $by @127.0.0.1 $w MX)" 'status: NOERROR' 'Flags: qr aa rd ra' "$soa" '!WARNING'
		says "kdig $by +edns +dnssec +padding +cookie" "$(kdig $by +edns +dnssec +padding +cookie +nsid @127.0.0.1 $w)" \
			'status: NOERROR' '172\.16\.2\.10' 'Version: 0; flags: do; UDP size: 1232 B; ext-rcode: NOERROR' '!WARNING'
		says "kdig $by, a miss" "$(kdig $by @127.0.0.1 chain.mohit.com)" 'status: NOERROR' '192\.0\.2\.80' '!WARNING'
		says "kdig $by, NXDOMAIN" "$(kdig $by @127.0.0.1 nothing.mohit.com)" 'status: NXDOMAIN' '!WARNING'
		says "kdig $by stats" "$(kdig $by +short @127.0.0.1 stats.dyndns CH TXT)" 'hits=[0-9]+'
	done
	says 'kdig, a large text after truncation' "$(kdig @127.0.0.1 big.mohit.com TXT)" 'status: NOERROR' 'line 39 ' '(TCP)'
	says 'kdig +keepopen' "$(kdig +tcp +keepopen +short @127.0.0.1 $w A $w AAAA printer.mohit.com A)" '172\.16\.2\.10' 'fd00:2::a' '192\.0\.2\.80' '!WARNING'
	says 'kdig AXFR' "$(kdig @127.0.0.1 $w AXFR 2>&1)" 'REFUSED'
fi
if need drill; then
	for by in -u -t; do
		says "drill $by A" "$(drill $by $w @127.0.0.1 A)" 'rcode: NOERROR' 'flags: qr aa rd ra' 'A[[:space:]]172\.16\.2\.10'
		says "drill $by -x" "$(drill $by -x 172.16.2.10 @127.0.0.1)" 'rcode: NOERROR' 'PTR[[:space:]]workstation10\.mohit\.com\.'
		says "drill $by -D TXT" "$(drill $by -D $w @127.0.0.1 TXT)" 'rcode: NOERROR' 'ANSWER: 0, AUTHORITY: 1' 'flags: do ; udp: 1232'
		says "drill $by, a miss" "$(drill $by printer.mohit.com @127.0.0.1 AAAA)" 'rcode: NOERROR' '2001:db8::80'
		says "drill $by IXFR" "$(drill $by $w @127.0.0.1 IXFR 2>&1)" 'REFUSED'
		says "drill $by, NXDOMAIN" "$(drill $by nothing.mohit.com @127.0.0.1)" 'rcode: NXDOMAIN'
	done
	says 'drill, a large text after truncation' "$(drill -a big.mohit.com @127.0.0.1 TXT)" 'rcode: NOERROR' 'line 39 '
fi
if need host; then
	for by in '' -T; do
		# shellcheck disable=SC2086 # none or one
		h() { host -W 5 $by "$@" 127.0.0.1 2>&1; }
		# host asks for A, AAAA and MX.
		says "host $by" "$(h $w)" '^workstation10\.mohit\.com has address 172\.16\.2\.10$' '^workstation10\.mohit\.com has IPv6 address fd00:2::a$' '!not found|timed out|failed|;;'
		says "host $by, an address" "$(h 172.16.2.10)" '^10\.2\.16\.172\.in-addr\.arpa domain name pointer workstation10\.mohit\.com\.$'
		says "host $by -t any" "$(h -t any $w)" 'has address 172\.16\.2\.10$'
		says "host $by -t txt" "$(h -t txt $w)" 'workstation10\.mohit\.com has no TXT record'
		says "host $by -C" "$(h -t soa $w)" 'has SOA record workstation10\.mohit\.com\. nobody\.invalid\. 1 3600 1200 604800 60$'
		says "host $by, a miss" "$(h chain.mohit.com)" 'alias for alias\.mohit\.com' 'printer\.mohit\.com has address 192\.0\.2\.80'
		says "host $by, NXDOMAIN" "$(h nothing.mohit.com)" 'not found: 3\(NXDOMAIN\)'
	done
fi
if need nslookup; then
	for by in -novc -vc; do
		n() { nslookup -timeout=5 $by "$@" 127.0.0.1 2>&1; }
		says "nslookup $by" "$(n $w)" '^Name:[[:space:]]workstation10\.mohit\.com$' '^Address: 172\.16\.2\.10$' '^Address: fd00:2::a$' "!can't find|Non-authoritative|timed out"
		says "nslookup $by, an address" "$(n 172.16.2.10)" 'name = workstation10\.mohit\.com\.'
		says "nslookup $by, an IPv6 address" "$(n fd00:2::a)" 'name = workstation10\.mohit\.com\.'
		says "nslookup $by -type=mx" "$(n -type=mx $w)" "Can't find workstation10\.mohit\.com: No answer"
		says "nslookup $by -type=any" "$(n -type=any $w)" 'Address: 172\.16\.2\.10'
		says "nslookup $by, a miss" "$(n printer.mohit.com)" '^Address: 192\.0\.2\.80$' '^Address: 2001:db8::80$'
		says "nslookup $by, NXDOMAIN" "$(n nothing.mohit.com)" "can't find nothing\.mohit\.com: NXDOMAIN"
	done
fi
if need busybox; then
	b() { busybox nslookup "$@" 2>&1; }
	says 'BusyBox nslookup' "$(b $w 127.0.0.1)" '^Name:[[:space:]]+workstation10\.mohit\.com$' '^Address: *[0-9:]* *172\.16\.2\.10' "!can't (find|resolve)|timed out"
	says 'BusyBox nslookup, AAAA' "$(b $w 127.0.0.1)" 'fd00:2::a'
	says 'BusyBox nslookup, an address' "$(b 172.16.2.10 127.0.0.1)" 'workstation10\.mohit\.com'
	says 'BusyBox nslookup, a miss' "$(b printer.mohit.com 127.0.0.1)" '192\.0\.2\.80' "!can't (find|resolve)"
	says 'BusyBox nslookup, NXDOMAIN' "$(b nothing.mohit.com 127.0.0.1)" "can't (find|resolve)|NXDOMAIN"
fi
if [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import dns' 2>/dev/null; then
	# dnspython reads an answer more strictly than the other clients, and sends one in pieces or several at once.
	/usr/bin/python3 - >"$TMP/python.out" 2>&1 <<-'END'
	import socket, struct, dns.message, dns.query, dns.rcode, dns.flags

	ours = dns.message.make_query("workstation10.mohit.com", "A", use_edns=0)
	other = dns.message.make_query("printer.mohit.com", "A", use_edns=0)
	for how in (dns.query.udp, dns.query.tcp):
	    r = how(ours, "127.0.0.1", timeout=5)
	    assert r.rcode() == dns.rcode.NOERROR and str(r.answer[0][0]) == "172.16.2.10", r
	    assert r.flags & dns.flags.AA and r.edns == 0 and r.payload == 1232 and not r.options, r
	    r = how(other, "127.0.0.1", timeout=5)
	    assert str(r.answer[0][0]) == "192.0.2.80", r

	def frame(q):
	    w = q.to_wire()
	    return struct.pack("!H", len(w)) + w

	def several(pieces, count):
	    with socket.create_connection(("127.0.0.1", 53), 5) as s:
	        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
	        for p in pieces:
	            s.sendall(p)
	        f = s.makefile("rb")
	        return sorted(dns.message.from_wire(f.read(struct.unpack("!H", f.read(2))[0])).id for _ in range(count))

	both = sorted((ours.id, other.id))
	whole = frame(ours) + frame(other)
	assert several([whole], 2) == both
	assert several([whole[i:i + 1] for i in range(len(whole))], 2) == both
	print("done")
	END
	same 'dnspython' 'done' "$(cat "$TMP/python.out")"
else
	skip 'dnspython is not installed'
fi
quit D
finish
