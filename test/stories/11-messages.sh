#!/bin/sh
# Every row of SPEC section 3 by UDP and TCP: silence, NOTIMP, FORMERR, REFUSED, CH TXT, EDNS, and RFC 8906's queries.
. test/lib.sh
story 11-messages
upstream UP right
daemon D -s "$UP" -o ws123.lab 172.16.2 -o ws123.lab fd00::/64

ECHO='| ws10.lab IN A'
HIT='| an ws10.lab 60 IN A 172.16.2.10'
SOA='| an ws10.lab 60 IN SOA ws10.lab nobody.invalid 1 3600 1200 604800 60'
OPT='| ar OPT v0 1232 -'

# row PATTERN NAME TYPE WORDS...: by UDP and by TCP alike
row() {
	row_pattern=$1
	shift
	ask_is "$row_pattern" "$D" "$@"
	ask_is "$row_pattern" "$D" "$@" tcp
}

# Silence: the answer to the question that was sent just after comes first.  By
# TCP the connection may also be closed.
silence() {
	ask_is silence "$D" "$@" mark=ws10.lab
	case $(ask "$D" "$@" mark=ws10.lab tcp) in
	silence | closed | reset) pass ;;
	*) fail "by TCP $*: $(ask "$D" "$@" mark=ws10.lab tcp)" ;;
	esac
}

# --- no response
for n in 1 2 3 4 5 6 7 8 9 10 11; do
	silence ws10.lab A cut=$n
done
ask_is silence "$D" ws10.lab A cut=0 mark=ws10.lab
silence ws10.lab A flags=qr,rd
silence ws10.lab A flags=qr,aa,rd,ra op=4
silence ws10.lab A flags=qr qd=0
if [ "$(id -u)" = 0 ]; then
	# Ports that amplifiers and chargens have; 53 is another nameserver's.
	for port in 1 7 19 111 1023; do
		ask_is timeout "$D" ws10.lab A from=127.0.0.1@$port wait=150
	done
	ask_is "NOERROR *" "$D" ws10.lab A from=127.0.0.1@53
	ask_is "NOERROR *" "$D" ws10.lab A from=127.0.0.1@1023 tcp
fi
ask_is "NOERROR *" "$D" ws10.lab A from=127.0.0.1@1024

# --- NOTIMP: header only, RD and AA clear
for op in 1 2 3 4 5 6 14 15; do
	row 'NOTIMP qr,ra,op* 0/0/0/0 | 12 octets' ws10.lab A op=$op
done
row 'NOTIMP qr,ra,op4 0/0/0/0 | 12 octets' ws10.lab SOA op=4 flags=rd,aa,ad,cd,z,tc,ra
row 'NOTIMP qr,ra,op5 0/0/0/0 | 12 octets' ws10.lab SOA op=5 flags= edns dnssec
row 'NOTIMP qr,ra,op15 0/0/0/0 | 12 octets' ws10.lab SOA op=15 qd=0 cut=12
row 'NOTIMP qr,ra,op4 0/0/0/0 | 12 octets' ws10.lab SOA op=4 tail=00 an=7

# --- FORMERR, the question echoed where it could be read
H='abcd 0100 0001 0000 0000 0000'
U='FORMERR qr,rd,ra 0/0/0/0 | 12 octets'
E="FORMERR qr,rd,ra 1/0/0/0 $ECHO | 26 octets"
F="FORMERR qr,rd,ra 1/0/0/[01] $ECHO *"			# an OPT that was read may be answered
row "$U" ws10.lab A qd=0
row "$U" ws10.lab A qd=0 cut=12
row "$U" ws10.lab A qd=2
row "FORMERR qr,rd,ra *" - A raw="abcd 0100 0002 0000 0000 0000 n:ws10.lab 0001 0001 n:ws11.lab 0001 0001"
row "$U" ws10.lab A qd=65535
for n in 12 13 15 16 20 21 22 23 25; do
	row "$U" ws10.lab A cut=$n			# the name or type or class is cut
done
L63=123456789012345678901234567890123456789012345678901234567890123
row "$U" "1$L63.lab" A					# a label of 64
row "$U" - A raw="$H 80 z:128 00 0001 0001"		# of 128
row "$U" - A raw="$H 4161 00 0001 0001"			# label type 01
row "$U" - A raw="$H c00c 0001 0001"			# a pointer: to itself,
row "$U" - A raw="$H 0477733130 c010 0001 0001"		# into the name,
row "$U" - A raw="$H 0477733130 c000 0001 0001"		# to the header,
row "$U" - A raw="$H 0477733130 ffff 0001 0001"		# past the end
row "$U" "$L63.$L63.$L63.$L63" A			# 257 octets
row "$U" "$L63.$L63.$L63.1234567890123456789012345678901234567890123456789012345678901.a" A	# 256
row "NOERROR *" "$L63.$L63.$L63.1234567890123456789012345678901234567890123456789012345678901" A	# 255: a miss
row "NOERROR *" "$L63" A
row "$E" ws10.lab A an=1
row "$E" ws10.lab A ns=1
row "$E" ws10.lab A ar=1
row "$E" ws10.lab A an=65535 ns=65535 ar=65535
row "$F" ws10.lab A edns ar=2
row "$F" ws10.lab A edns an=1 ar=1
row "$F" ws10.lab A opts=2
row "$F" ws10.lab A opts=3
row "$F" ws10.lab A opt-at=lab
row "$F" ws10.lab A opt-at=ws10.lab
row "$E" ws10.lab A tail=00
row "$E" ws10.lab A tail=0000290000000000000000
row "$F" ws10.lab A edns tail=ff
row "$E" ws10.lab A edns cut=30
row "$E" ws10.lab A edns cut=36
row "$F" - A raw="$H n:ws10.lab 0001 0001 00" 	# a record begun
row "FORMERR qr,ra 1/0/0/* $ECHO *" ws10.lab A tail=00 flags=aa,tc,ra,z,ad,cd
row "FORMERR *" - A raw="abcd 0100 0001 0000 0000 0001 n:ws10.lab 0001 0001 00 0029 0200 00000000 0005 01020304"	# rdata cut
row "FORMERR *" - A raw="abcd 0100 0001 0000 0000 0001 n:ws10.lab 0001 0001 40 0001 0001 00000000 0000"	# a bad owner
row "FORMERR qr,rd,ra 1/0/0/0 | miss.example IN A *" miss.example A tail=00	# a miss, too

# --- who may ask; zone transfers
row "REFUSED qr,rd,ra 1/0/0/0 | ws10.lab IN AXFR | *" ws10.lab AXFR
row "REFUSED qr,rd,ra 1/0/0/0 | lab IN AXFR | *" lab AXFR
row "REFUSED qr,rd,ra 1/0/0/0 | elsewhere.example IN IXFR | *" elsewhere.example IXFR
row "REFUSED qr,rd,ra 1/0/0/1 | ws10.lab IN AXFR $OPT | *" ws10.lab AXFR edns
daemon R -a 10.0.0.0/8 -a fd00::/8 -s "$UP" -o ws123.lab 172.16.2
ask_is "REFUSED qr,rd,ra 1/0/0/0 | ws10.lab IN A | *" "$R" ws10.lab A
ask_is "REFUSED qr,rd,ra 1/0/0/0 | miss.example IN A | *" "$R" miss.example A
ask_is "REFUSED qr,rd,ra 1/0/0/1 | ws10.lab IN A | ar OPT v0 1232 do | *" "$R" ws10.lab A edns dnssec
ask_is "REFUSED qr,rd,ra 1/0/0/0 | version.dyndns CH TXT | *" "$R" version.dyndns TXT class=CH
ask_is "NOTIMP *" "$R" ws10.lab A op=4
ask_is "FORMERR *" "$R" ws10.lab A tail=00
# By TCP whoever may not ask is reset as soon as the connection is there, and counted.
for words in 'ws10.lab A' 'miss.example A' 'version.dyndns TXT class=CH' 'ws10.lab A tail=00'; do
	# shellcheck disable=SC2086
	is "by TCP from outside -a: $words" '*[rc][el][so]*e[td]' "$(ask "$R" $words tcp)"
done
kill -USR1 "$R_PID"
is 'refused, counted' 8 "$(field refused "$(logged R ' hits=')")"
stop R
for nets in '-a 127.0.0.1' '-a 10.0.0.0/8 -a 127.0.0.0/8' '-a any' '-a 0.0.0.0/0'; do
	# shellcheck disable=SC2086 # options and their words
	daemon R $nets -s "$UP" -o ws123.lab 172.16.2
	ask_is "NOERROR *" "$R" ws10.lab A
	stop R
done
daemon R -a 127.0.0.2/32 -s "$UP" -o ws123.lab 172.16.2
ask_is "REFUSED *" "$R" ws10.lab A
case $(uname) in
Linux) ask_is "NOERROR *" "$R" ws10.lab A from=127.0.0.2@0 ;;
esac
stop R

# --- about the daemon itself
row 'NOERROR qr*,rd,ra 1/1/0/0 | version.dyndns CH TXT | an version.dyndns * CH TXT "*[0-9].[0-9]*" | *' version.dyndns TXT class=CH
row 'NOERROR qr*,rd,ra 1/1/0/0 | Version.DYNDNS CH TXT | an Version.DYNDNS * CH TXT "*[0-9].[0-9]*" | *' Version.DYNDNS TXT class=CH
for name in hits misses relayed merged servfail refused formerr dropped retries; do
	row "NOERROR qr*,rd,ra 1/1/0/1 | stats.dyndns CH TXT | an stats.dyndns * CH TXT *\"$name=[0-9]*\" *" stats.dyndns TXT class=CH edns=4096
done
row '* CH TXT *"tcp-clients=[0-9]*" *' stats.dyndns TXT class=CH edns=4096
row '* CH TXT *"seconds-up=[0-9]*" *' stats.dyndns TXT class=CH edns=4096
row 'NOERROR qr,rd,ra 1/1/0/0 | version.dyndns IN TXT | an * | *' version.dyndns TXT		# a miss like any
before=$(counter "$D" hits)
ask "$D" ws10.lab A >/dev/null
ask "$D" ws10.lab A tcp >/dev/null
is 'hits counted' $((before + 2)) "$(counter "$D" hits)"
before=$(counter "$D" formerr)
ask "$D" ws10.lab A tail=00 >/dev/null
is 'formerr counted' $((before + 1)) "$(counter "$D" formerr)"
before=$(counter "$D" refused)
ask "$D" ws10.lab AXFR >/dev/null
is 'refused counted' $((before + 1)) "$(counter "$D" refused)"
before=$(counter "$D" misses)
ask "$D" some.example A >/dev/null
is 'misses counted' $((before + 1)) "$(counter "$D" misses)"

# --- flags: RD copied, RA set, AA on a hit; AD, CD, Z clear; TC in a question ignored
row "NOERROR qr,aa,rd,ra 1/1/0/0 $ECHO $HIT | *" ws10.lab A
row "NOERROR qr,aa,ra 1/1/0/0 $ECHO $HIT | *" ws10.lab A flags=
row "NOERROR qr,aa,rd,ra 1/1/0/0 $ECHO $HIT | *" ws10.lab A flags=rd,ad,cd,z,tc,ra,aa
row "NOERROR qr,aa,ra 1/1/0/0 $ECHO $HIT | *" ws10.lab A flags=tc
row "NOERROR qr,aa,rd,ra 1/1/0/0 | wS10.LaB IN A | an wS10.LaB 60 IN A 172.16.2.10 | *" wS10.LaB A
row "NOERROR qr,aa,rd,ra 1/1/0/0 $ECHO $HIT | *" ws10.lab A id=0
row "NOERROR qr,aa,rd,ra 1/1/0/0 $ECHO $HIT | *" ws10.lab A id=65535

# --- EDNS
row "NOERROR qr,aa,rd,ra 1/1/0/1 $ECHO $HIT $OPT | *" ws10.lab A edns
row "NOERROR qr,aa,rd,ra 1/1/0/1 $ECHO $HIT | ar OPT v0 1232 do | *" ws10.lab A dnssec
row "NOERROR qr,aa,rd,ra 1/1/0/1 $ECHO $HIT $OPT | *" ws10.lab A edns=0
row "NOERROR qr,aa,rd,ra 1/1/0/1 $ECHO $HIT $OPT | *" ws10.lab A edns=65535 opt=000a00080102030405060708
row "NOERROR qr,aa,rd,ra 1/0/1/1 | ws10.lab IN MX | ns ws10.lab 60 IN SOA * | ar OPT v0 1232 do | *" ws10.lab MX dnssec
for v in 1 2 255; do
	row "BADVERS qr*,rd,ra 1/0/0/1 $ECHO $OPT | *" ws10.lab A ver=$v
done
row "BADVERS qr*,rd,ra 1/0/0/1 $ECHO | ar OPT v0 1232 do | *" ws10.lab A ver=1 dnssec

# --- RFC 8906 section 8, each query and what a conforming server says
A1="NOERROR qr,aa,ra 1/1/0/0 | ws10.lab IN SOA $SOA | *"
A2="NOERROR qr,aa,ra 1/1/0/1 | ws10.lab IN SOA $SOA $OPT | *"
BV="BADVERS qr*,ra 1/0/0/1 | ws10.lab IN SOA $OPT | *"
row "$A1" ws10.lab SOA flags=							# 8.1.1
row "NOERROR qr,aa,ra 1/0/1/0 | ws10.lab IN TYPE1000 | ns *" ws10.lab TYPE1000 flags=	# 8.1.2
row "$A1" ws10.lab SOA flags=cd							# 8.1.3.1
row "$A1" ws10.lab SOA flags=ad							# 8.1.3.2
row "$A1" ws10.lab SOA flags=z							# 8.1.3.3
row "NOERROR qr,aa,rd,ra 1/1/0/0 | ws10.lab IN SOA $SOA | *" ws10.lab SOA flags=rd	# 8.1.3.4
row 'NOTIMP qr,ra,op15 0/0/0/0 | 12 octets' ws10.lab SOA flags= op=15 qd=0 cut=12	# 8.1.4
ask_is "$A1" "$D" ws10.lab SOA flags= tcp					# 8.1.5
row "$A2" ws10.lab SOA flags= edns						# 8.2.1
row "$BV" ws10.lab SOA flags= ver=1						# 8.2.2
row "$A2" ws10.lab SOA flags= opt=00640000					# 8.2.3
row "$A2" ws10.lab SOA flags= eflags=0x0040					# 8.2.4
row "$BV" ws10.lab SOA flags= ver=1 eflags=0x0040				# 8.2.5
row "$BV" ws10.lab SOA flags= ver=1 opt=00640000				# 8.2.6
row "NOERROR qr,aa,ra 1/0/1/1 | ws10.lab IN DNSKEY | ns * | ar OPT v0 1232 do | *" ws10.lab DNSKEY flags= edns=512 dnssec	# 8.2.7
row "NOERROR qr,aa,ra 1/1/0/1 | ws10.lab IN SOA $SOA | ar OPT v0 1232 do | *" ws10.lab SOA flags= dnssec	# 8.2.8
row "BADVERS qr*,ra 1/0/0/1 | ws10.lab IN SOA | ar OPT v0 1232 do | *" ws10.lab SOA flags= ver=1 dnssec	# 8.2.9
row "$A2" ws10.lab SOA flags= opt=000300000008000700011800c0a800000a00080102030405060708	# 8.2.10: NSID, subnet, cookie

# --- it stands after all that, and grew no entries in its log a second
ask_is "NOERROR *" "$D" ws10.lab A
at_most 'lines in the log' "$(grep -c . "$D_LOG")" 60
finish
