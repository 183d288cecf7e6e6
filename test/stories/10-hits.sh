#!/bin/sh
# Every form of PATTERN and NETWORK answers as SPEC section 2 says, by UDP and TCP, forward and reverse, hit or NODATA.
. test/lib.sh
story 10-hits

# Everything that is not a hit goes to this one, and that is how a miss is told.
upstream UP nxdomain

# hit NAME TYPE RDATA, nodata NAME TYPE, miss NAME [TYPE]: at $D, by UDP and by TCP.
hit() {
	for by in '' tcp; do
		ask_is "NOERROR qr,aa,rd,ra 1/1/0/0 | $1 IN $2 | an $1 60 IN $2 $3 | *" "$D" "$1" "$2" ${by:+"$by"}
	done
}

nodata() {
	for by in '' tcp; do
		ask_is "NOERROR qr,aa,rd,ra 1/0/1/0 | $1 IN $2 | ns $1 60 IN SOA $1 nobody.invalid 1 3600 1200 604800 60 | *" \
		    "$D" "$1" "$2" ${by:+"$by"}
	done
}

miss() {
	for by in '' tcp; do
		ask_is "NXDOMAIN qr,rd,ra 1/0/0/0 | $1 IN ${2:-A} | *" "$D" "$1" "${2:-A}" ${by:+"$by"}
	done
}

# The article's command line.
daemon D -s "$UP" -o workstation123.mohit.com 172.16.2
hit workstation10.mohit.com A 172.16.2.10
hit workstation123.mohit.com A 172.16.2.123
hit workstation0.mohit.com A 172.16.2.0
hit workstation255.mohit.com A 172.16.2.255
hit workstation007.mohit.com A 172.16.2.7
hit workstation00000000000000000000000000000000000000000000000010.mohit.com A 172.16.2.10
hit workstation010.mohit.com A 172.16.2.10		# not octal
hit WorkStation10.MOHIT.com A 172.16.2.10
miss workstation256.mohit.com
miss workstation999.mohit.com
miss workstation4294967297.mohit.com			# 2^32 + 1
miss workstation18446744073709551617.mohit.com		# 2^64 + 1
miss workstation340282366920938463463374607431768211457.mohit.com
miss workstation.mohit.com
miss workstation-1.mohit.com
miss workstation10a.mohit.com
miss workstation1f.mohit.com
miss workstation10.mohit.org
miss workstation10.mohit.com.example
miss a.workstation10.mohit.com
miss workstation10
miss xworkstation10.mohit.com
miss mohit.com
miss .
nodata workstation10.mohit.com AAAA
nodata workstation10.mohit.com MX
nodata workstation10.mohit.com TYPE1000
nodata workstation10.mohit.com PTR
nodata workstation10.mohit.com HTTPS
nodata WorkStation10.mohit.com AAAA
hit 10.2.16.172.in-addr.arpa PTR workstation10.mohit.com
hit 0.2.16.172.in-addr.arpa PTR workstation0.mohit.com
hit 255.2.16.172.IN-ADDR.arpa PTR workstation255.mohit.com
nodata 10.2.16.172.in-addr.arpa A
nodata 10.2.16.172.in-addr.arpa TXT
miss 10.3.16.172.in-addr.arpa PTR
miss 2.16.172.in-addr.arpa PTR
miss 010.2.16.172.in-addr.arpa PTR
miss 256.2.16.172.in-addr.arpa PTR
miss 1.10.2.16.172.in-addr.arpa PTR
for by in udp tcp; do
	words=
	[ $by = udp ] || words=tcp
	ask_is 'NOERROR qr,aa,rd,ra 1/1/0/0 | workstation10.mohit.com IN ANY | an workstation10.mohit.com 60 IN A 172.16.2.10 | *' \
	    "$D" workstation10.mohit.com ANY $words
	ask_is 'NOERROR qr,aa,rd,ra 1/1/0/0 | workstation10.mohit.com IN SOA | an workstation10.mohit.com 60 IN SOA workstation10.mohit.com nobody.invalid 1 3600 1200 604800 60 | *' \
	    "$D" workstation10.mohit.com SOA $words
done
# A hit is one of class IN; nothing of it went upstream.
ask_is 'NXDOMAIN qr,rd,ra *' "$D" workstation10.mohit.com A class=CH
is 'hits that went upstream' 0 "$(grep -c ' workstation1[0-9]*.mohit.com AAAA' "$UP_LOG")"
stop D

# The forms of PATTERN, each by a rule of its own in one daemon.
daemon D -s "$UP" -o dotless 10.1 -o host.lab 10.2.0.0/16 -o ex5.lab 10.3.0 -o ws007.lab 10.4.0 \
    -o node%d-mgmt.lab 10.5.0 -o pad%03d.lab 10.6.0 -o 'n%x.lab' 10.7 -o 'ip-%a.lab' 10.0.3.0/24 \
    -o 'ip-%a.lab' fd00::/64 -o 'at%a-x.lab' 10.9.0.0/16 -o dot5 10.8.0 -o 'six%x.lab' fd00:6::/64
hit dotless10 A 10.1.0.10
hit dotless10.lan A 10.1.0.10
hit dotless256.any.domain.example A 10.1.1.0
hit DOTLESS65535.x A 10.1.255.255
miss dotless65536.x
miss dotless
miss x.dotless10
miss 10.0.1.10.in-addr.arpa PTR
hit host1.lab A 10.2.0.1
hit host65535.lab A 10.2.255.255
miss host1.lab.lan
hit ex5.lab A 10.3.0.5
hit ex77.lab A 10.3.0.77
hit ws010.lab A 10.4.0.10
hit ws7.lab A 10.4.0.7
hit ws0000007.lab A 10.4.0.7
hit 7.0.4.10.in-addr.arpa PTR ws007.lab
hit 200.0.4.10.in-addr.arpa PTR ws200.lab
hit node7-mgmt.lab A 10.5.0.7
miss node7.lab
miss node-mgmt.lab
miss node7-mgmtx.lab
hit 7.0.5.10.in-addr.arpa PTR node7-mgmt.lab
hit pad007.lab A 10.6.0.7
hit pad7.lab A 10.6.0.7
hit 7.0.6.10.in-addr.arpa PTR pad007.lab
hit n1f.lab A 10.7.0.31
hit n1F.lab A 10.7.0.31
hit nffff.lab A 10.7.255.255
miss n10000.lab
miss ng.lab
hit 31.0.7.10.in-addr.arpa PTR n1f.lab
hit ip-10-0-3-7.lab A 10.0.3.7
miss ip-10-0-4-7.lab
miss ip-10-0-03-7.lab
miss ip-10-0-3-256.lab
miss ip-10-0-3.lab
miss ip-10-0-3-7-.lab
hit 7.3.0.10.in-addr.arpa PTR ip-10-0-3-7.lab
hit ip-fd00--7.lab AAAA fd00::7
hit ip-fd00-0-0-0-0-0-0-7.lab AAAA fd00::7
hit ip-FD00--A-7.lab AAAA fd00::a:7
nodata ip-fd00--7.lab A
nodata ip-10-0-3-7.lab AAAA
miss ip-fd01--7.lab AAAA
miss ip-fd00---7.lab AAAA
hit 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR ip-fd00--7.lab
hit at10-9-255-1-x.lab A 10.9.255.1
miss at10-9-255-1.lab
hit 1.255.9.10.in-addr.arpa PTR at10-9-255-1-x.lab
hit dot57.lan A 10.8.0.7				# a dotless pattern's digits are prefix
miss dot7.lan
hit sixff.lab AAAA fd00:6::ff
hit sixffffffffffffffff.lab AAAA fd00:6::ffff:ffff:ffff:ffff
miss six10000000000000000.lab AAAA
stop D

# The forms of NETWORK.
daemon D -s "$UP" -t 3600 -o a.lab 172.16.2 -o b.lab 172.17 -o c.lab 11 -o d.lab 172.18.4.0/22 \
    -o e.lab 10.1.1.7/32 -o f1.lab 172.19.2.101-172.19.2.150 -o g.lab 172.20.0.250-172.20.1.5 \
    -o h.lab fd00:2::/64 -o i.lab fd00:3::100-fd00:3::1ff -o j010.lab 172.21.0.10-172.21.0.19 -o k.lab fd00:4::fffe-fd00:4::1:2
hit_t() {
	ask_is "NOERROR qr,aa,rd,ra 1/1/0/0 | $1 IN $2 | an $1 3600 IN $2 $3 | *" "$D" "$1" "$2"
}
hit_t a255.lab A 172.16.2.255
hit_t b65535.lab A 172.17.255.255
hit_t b256.lab A 172.17.1.0
hit_t c16777215.lab A 11.255.255.255
miss c16777216.lab
hit_t d1023.lab A 172.18.7.255
hit_t d256.lab A 172.18.5.0
miss d1024.lab
hit_t e0.lab A 10.1.1.7
miss e1.lab
hit_t f1.lab A 172.19.2.101
hit_t f50.lab A 172.19.2.150
miss f51.lab
miss f0.lab
hit_t 101.2.19.172.in-addr.arpa PTR f1.lab
hit_t 150.2.19.172.in-addr.arpa PTR f50.lab
miss 151.2.19.172.in-addr.arpa PTR
miss 100.2.19.172.in-addr.arpa PTR
hit_t g0.lab A 172.20.0.250
hit_t g6.lab A 172.20.1.0
hit_t g11.lab A 172.20.1.5
miss g12.lab
hit_t h0.lab AAAA fd00:2::
hit_t h65536.lab AAAA fd00:2::1:0
hit_t h18446744073709551615.lab AAAA fd00:2::ffff:ffff:ffff:ffff
miss h18446744073709551616.lab AAAA
hit_t i255.lab AAAA fd00:3::1ff
miss i256.lab AAAA
hit_t j010.lab A 172.21.0.10
hit_t j19.lab A 172.21.0.19
miss j20.lab
miss j9.lab
hit_t 12.0.21.172.in-addr.arpa PTR j012.lab
hit_t k1.lab AAAA fd00:4::ffff
hit_t k2.lab AAAA fd00:4::1:0
hit_t 0.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.0.0.0.0.0.d.f.ip6.arpa PTR k2.lab
ask_is '* | ns a1.lab 3600 IN SOA a1.lab nobody.invalid 1 3600 1200 604800 3600 | *' "$D" a1.lab AAAA
stop D

# Dual stack by two rules; the first that matches wins, for each family.
daemon D -s "$UP" -o ws1.lab 10.0.0 -o ws1.lab fd00::/64 -o ws.lab 10.9.0 -o ws.lab 10.0.0 -o late.lab 10.0.0
hit ws7.lab A 10.0.0.7
hit ws7.lab AAAA fd00::7
hit ws300.lab AAAA fd00::12c				# too big for the IPv4 rules
nodata ws300.lab A
nodata ws7.lab TXT
hit 7.0.0.10.in-addr.arpa PTR ws7.lab
hit late7.lab A 10.0.0.7
ask_is 'NOERROR qr,aa,rd,ra 1/2/0/0 | ws7.lab IN ANY | an ws7.lab 60 IN A 10.0.0.7 | an ws7.lab 60 IN AAAA fd00::7 | *' "$D" ws7.lab ANY
ask_is 'NOERROR qr,aa,rd,ra 1/1/0/0 | ws300.lab IN ANY | an ws300.lab 60 IN AAAA fd00::12c | *' "$D" ws300.lab ANY
hit 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR ws7.lab
miss 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR
stop D

# PTR and back: the name that PTR gives has that very address, for 512 addresses in a row.
daemon D -s "$UP" -t 0 -o 'r%03d-x.lab' 10.20.0.200-10.20.1.199 -o 'ip-%a.lab' 10.20.0.0/22
wrong=0
host=192
while [ $host -lt 256 ]; do
	name=$(ask "$D" "$host.0.20.10.in-addr.arpa" PTR)
	name=${name##* PTR }
	name=${name%% *}
	case $(ask "$D" "$name" A) in
	*" an $name 0 IN A 10.20.0.$host "*) ;;
	*) wrong=$((wrong + 1)) ;;
	esac
	host=$((host + 7))
done
is 'names from PTR that have another address' 0 $wrong
hit_0() {
	ask_is "NOERROR qr,aa,rd,ra 1/1/0/0 | $1 IN $2 | an $1 0 IN $2 $3 | *" "$D" "$1" "$2"
}
hit_0 199.0.20.10.in-addr.arpa PTR ip-10-20-0-199.lab
hit_0 200.0.20.10.in-addr.arpa PTR r000-x.lab
hit_0 199.1.20.10.in-addr.arpa PTR r255-x.lab
hit_0 0.3.20.10.in-addr.arpa PTR ip-10-20-3-0.lab
stop D

# By IPv6, and on every address when no -l says otherwise.
if "$PEER" port ::1 >"$TMP/port"; then
	daemon_bare D -l ::1@0 -s "$UP" -o ws.lab fd00::/64
	hit ws7.lab AAAA fd00::7
	stop D
	# The port that is free on one address may just be taken on another, by a story beside this one.
	for try in 1 2 3 4 5; do
		daemon_bare D -p 0 -s "$UP" -o ws.lab 10.0.0
		[ "$(seen D 'is taken')" != 0 ] || break
		[ "$try" = 5 ] || stop D
	done
	sed -n 's/.*listening on \([^ ]*\).*/\1/p' "$D_LOG" >"$TMP/listening"
	while read -r line; do
		case $line in
		0.0.0.0@*) where=127.0.0.1@${line##*@} ;;
		*) where=::1@${line##*@} ;;
		esac
		ask_is 'NOERROR *A 10.0.0.7 | *' "$where" ws7.lab A
		ask_is 'NOERROR *A 10.0.0.7 | *' "$where" ws7.lab A tcp
	done <"$TMP/listening"
	is 'families listened on' 2 "$(grep -c 'listening on' "$D_LOG")"
	# The reply leaves from the address that was asked; the helper takes no other.
	case $(uname) in
	Linux)
		port=$(sed -n 's/.*listening on 0.0.0.0@\([0-9]*\).*/\1/p' "$D_LOG")
		ask_is 'NOERROR *A 10.0.0.7 | *' "127.9.8.7@$port" ws7.lab A
		;;
	esac
	stop D
fi
finish
