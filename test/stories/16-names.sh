#!/bin/sh
# Fixed names go before all rules, and in a domain of our own nothing is asked upstream but DS of the domain itself.
. test/lib.sh
story 16-names

# What goes up is seen by its answer.
upstream UP right

soa='nobody.invalid 1 3600 1200 604800 60'

# Each by UDP and TCP, for class IN and ANY:  hit NAME TYPE RDATA;  nodata NAME TYPE OWNER, nothing NAME TYPE OWNER (it does not
# exist), soa NAME TYPE;  up NAME TYPE: relayed.
hit() { both "NOERROR qr,aa,rd,ra 1/1/0/0 | $1 @ $2 | an $1 60 IN $2 $3 | *" "$1" "$2"; }
nodata() { both "NOERROR qr,aa,rd,ra 1/0/1/0 | $1 @ $2 | ns $3 60 IN SOA $3 $soa | *" "$1" "$2"; }
nothing() { both "NXDOMAIN qr,aa,rd,ra 1/0/1/0 | $1 @ $2 | ns $3 60 IN SOA $3 $soa | *" "$1" "$2"; }
soa() { both "NOERROR qr,aa,rd,ra 1/1/0/0 | $1 @ $2 | an $1 60 IN SOA $1 $soa | *" "$1" "$2"; }
both() {
	for by in '' tcp; do
		for class in IN ANY; do
			ask_is "${1%%@*}$class${1#*@}" "$D" "$2" "$3" class="$class" ${by:+"$by"}
		done
	done
}
up() {
	for by in '' tcp; do
		ask_is "NOERROR qr,rd,ra 1/[01]/*" "$D" "$1" "$2" ${by:+"$by"}
	done
}

cat >"$TMP/rules" <<END
ws.lab 10.1.0.0/24
gateway.lab 10.1.0.254
ws17.lab 10.1.0.99
nas7.lab fd00:5::7
nas7.lab 10.1.0.77
second.lab 10.1.0.77
printer 10.1.9.1
ws.rack1.lab fd00:5:0:1::/64
a.b.c.lab 10.1.8.1
lab none
deep.x.lab none
10.1.0.0/16 none
fd00:5::/48 none
dot 10.2.0
ip-%a.home fd00:7::/48
up.home 10.3.0.1
END
daemon D -s "$UP" -f "$TMP/rules"

hit gateway.lab A 10.1.0.254
hit GateWay.LAB A 10.1.0.254
nodata gateway.lab AAAA lab
nodata gateway.lab SOA lab
nodata gateway.lab DS lab
nodata gateway.lab TXT lab
hit ws17.lab A 10.1.0.99
hit ws16.lab A 10.1.0.16
hit ws017.lab A 10.1.0.17
hit nas7.lab A 10.1.0.77
hit nas7.lab AAAA fd00:5::7
hit second.lab A 10.1.0.77
nothing nas8.lab A lab
nothing gateway1.lab A lab
hit printer A 10.1.9.1
nothing printer.lab A lab
up printer.elsewhere A
hit 99.0.1.10.in-addr.arpa PTR ws17.lab
nodata 17.0.1.10.in-addr.arpa PTR 1.10.in-addr.arpa
hit 77.0.1.10.in-addr.arpa PTR nas7.lab
hit 254.0.1.10.in-addr.arpa PTR gateway.lab
hit 1.9.1.10.in-addr.arpa PTR printer

# The domain itself, names between, names that are not.
for type in A AAAA NS TXT MX HTTPS PTR DNSKEY; do
	nodata lab $type lab
	nodata rack1.lab $type lab
	nodata c.lab $type lab
	nodata b.c.lab $type lab
	nothing x.y.lab $type lab
	nothing 7.lab $type lab
done
for name in rack1.lab c.lab b.c.lab x.lab; do
	nodata $name SOA lab
	nodata $name ANY lab
	nodata $name DS lab
done
nothing x.y.lab SOA lab
nothing x.y.lab ANY lab
nothing x.y.lab DS lab
soa lab SOA
soa lab ANY
up lab DS
nodata deep.x.lab DS lab
soa deep.x.lab SOA
nothing a.deep.x.lab A deep.x.lab
nodata deep.x.lab A deep.x.lab
nothing ws256.lab A lab
nothing x.ws7.lab A lab
nothing gateway.lab.lab A lab
hit ws1.rack1.lab AAAA fd00:5:0:1::1
nodata ws1.rack1.lab A lab

# Rules without a domain: one level deep.
hit dot5.lab A 10.2.0.5
nothing dot5.y.lab A lab
nothing dot5.rack1.lab A lab
hit dot5.deep.x.lab A 10.2.0.5
nothing dot5.a.deep.x.lab A deep.x.lab
hit dot5.elsewhere.example A 10.2.0.5
nodata dot5.lab AAAA lab

# Reverse domains.
soa 1.10.in-addr.arpa SOA
nodata 1.10.in-addr.arpa NS 1.10.in-addr.arpa
nodata 0.1.10.in-addr.arpa PTR 1.10.in-addr.arpa
nodata 8.1.10.in-addr.arpa PTR 1.10.in-addr.arpa
nodata 8.1.10.in-addr.arpa SOA 1.10.in-addr.arpa
nothing 7.1.10.in-addr.arpa PTR 1.10.in-addr.arpa
nothing 5.7.1.10.in-addr.arpa PTR 1.10.in-addr.arpa
nothing x.5.0.1.10.in-addr.arpa PTR 1.10.in-addr.arpa
up 1.10.in-addr.arpa DS
up 5.0.2.10.in-addr.arpa PTR		# dotless
up 10.in-addr.arpa NS
nodata 1.0.0.0.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa PTR 0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa
nothing 2.0.0.0.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa PTR 0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa

# Outside: the name itself owns the SOA, but for DS its parent does; the reverse name has what it has.
nodata up.home AAAA up.home
soa up.home SOA
nodata up.home DS home
nodata ip-fd00-7--5.home DS home
hit 1.0.3.10.in-addr.arpa PTR up.home
soa 1.0.3.10.in-addr.arpa SOA
nodata 1.0.3.10.in-addr.arpa DS 0.3.10.in-addr.arpa
nodata 1.0.3.10.in-addr.arpa A 1.0.3.10.in-addr.arpa
hit ip-fd00-7--0.home AAAA fd00:7::
hit ip-fd00-7--.home AAAA fd00:7::
hit 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.0.0.0.0.0.d.f.ip6.arpa PTR ip-fd00-7--0.home
up home A
up other.home A

# ANY: what there is, and nothing else.
for class in IN ANY; do
	ask_is "NOERROR qr,aa,rd,ra 1/2/0/0 | nas7.lab $class ANY | an nas7.lab 60 IN A 10.1.0.77 | an nas7.lab 60 IN AAAA fd00:5::7 | *" \
	    "$D" nas7.lab ANY class=$class
	ask_is "NOERROR qr,aa,rd,ra 1/1/0/0 | 99.0.1.10.in-addr.arpa $class ANY | an 99.0.1.10.in-addr.arpa 60 IN PTR ws17.lab | *" \
	    "$D" 99.0.1.10.in-addr.arpa ANY class=$class
done
nodata 17.0.1.10.in-addr.arpa ANY 1.10.in-addr.arpa

# With an OPT, and as a stats line: an answer of ours like all others.
ask_is "NXDOMAIN qr,aa,rd,ra 1/0/1/1 | x.y.lab IN A | ns lab 60 IN SOA lab $soa | *" "$D" x.y.lab A edns=1232
quit D

# -q names the rule; none of all this went up.
daemon D -q -s "$UP" -o ws.lab 10.1.0.0/24 -o lab none
ask "$D" x.lab A >/dev/null
is '-q of what does not exist' '*query * udp x.lab A hit rule=2 rcode=3 ms=0' "$(logged D 'query ')"
quit D

# The second of two fixed names for one address family is never reached: said at the start, and at a reload.
printf 'gw.lab 10.0.0.1\ngw.lab fd00::1\ngw.lab 10.0.0.2\n' >"$TMP/twice"
daemon D -s "$UP" -f "$TMP/twice"
same 'the start warns of a name that is never reached' 'dyndns: rule 3: gw.lab is taken by rule 1: one name has one address of a family' \
    "$(grep 'taken by' "$D_LOG")"
kill -HUP "$D_PID"
logged D '3 rules' >/dev/null
same 'and so does a reload' 2 "$(seen D 'taken by')"
ask_is 'NOERROR qr,aa*A 10.0.0.1 *' "$D" gw.lab A
quit D
finish
