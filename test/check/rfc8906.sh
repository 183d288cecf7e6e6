#!/bin/sh
# Proves that the 18 queries of RFC 8906 section 8 get what it expects, for a hit and for misses relayed to unbound and to NSD.
. test/lib.sh
story rfc8906
own_machine

need nsd unbound dig || finish
nsd 127.0.0.2
unbound 127.0.0.3

# query SECTION WHAT EXPECTED ARGUMENT...: EXPECTED is a status, then words: soa, aa, rd, ad, mbz, opt, do, opt100
# have to be there, or with ! must not.  The question section, which repeats what was asked, is left out.
query() {
	title="$1 $2 ($who)" status=${3%% *} words=${3#"$status"}
	shift 3
	answer=$(dig +noall +comments +answer +tries=1 +time=5 @127.0.0.1 "$@" 2>&1)
	set -- "status: $status,"
	for word in $words; do
		not=
		case $word in !*) not=! ;; esac
		case ${word#!} in
		soa) set -- "$@" "${not}[[:space:]]IN[[:space:]]+SOA[[:space:]]" ;;
		empty) set -- "$@" 'ANSWER: 0,' ;;
		aa | rd | ad) set -- "$@" "$not^;; flags:[^;]* ${word#!}[ ;]" ;;
		mbz) set -- "$@" "${not}MBZ" ;;
		opt) set -- "$@" "${not}EDNS: version: 0," ;;
		do) set -- "$@" "${not}EDNS:.* flags: do;" ;;
		opt100) set -- "$@" "${not}OPT=100" ;;
		*) fail "$title: what is $word?" ;;
		esac
	done
	says "$title" "$answer" '->>HEADER<<-' "$@"
}

for who in hit unbound NSD; do
	zone=mohit.com also='do' real=127.0.0.3
	case $who in
	hit) zone=workstation10.mohit.com ;;
	NSD) also='' real=127.0.0.2 ;; # its BADVERS leaves DO out
	esac
	daemon_bare D -l 127.0.0.1 -s $real -o workstation123.mohit.com 172.16.2

	query 8.1.1 'the zone is configured' 'NOERROR soa aa !rd !ad !opt' +noedns +noad +norec soa $zone
	query 8.1.2 'unknown type' 'NOERROR empty aa !rd !ad !opt' +noedns +noad +norec type1000 $zone
	query 8.1.3.1 'CD=1' 'NOERROR soa aa !rd !ad !opt' +noedns +noad +norec +cd soa $zone
	query 8.1.3.2 'AD=1' 'NOERROR soa aa !rd !ad !opt' +noedns +norec +ad soa $zone
	query 8.1.3.3 'reserved bit' 'NOERROR soa aa !rd !ad !mbz !opt' +noedns +noad +norec +zflag soa $zone
	query 8.1.3.4 'RD=1' 'NOERROR soa aa rd !ad !opt' +noedns +noad +rec soa $zone
	query 8.1.4 'unknown opcode' 'NOTIMP !soa !aa !rd !ad !opt' +noedns +noad +opcode=15 +norec +header-only
	query 8.1.5 'TCP' 'NOERROR soa aa !rd !ad !opt' +noedns +noad +norec +tcp soa $zone

	query 8.2.1 'minimal EDNS' 'NOERROR soa opt aa !ad' +nocookie +edns=0 +noad +norec soa $zone
	query 8.2.2 'EDNS version 1' 'BADVERS !soa opt !aa !ad' +nocookie +edns=1 +noednsneg +noad +norec soa $zone
	query 8.2.3 'unknown option' 'NOERROR soa opt !opt100 aa !ad' +nocookie +edns=0 +noad +norec +ednsopt=100 soa $zone
	query 8.2.4 'unknown flag' 'NOERROR soa opt !mbz aa !ad' +nocookie +edns=0 +noad +norec +ednsflags=0x40 soa $zone
	query 8.2.5 'version 1, unknown flag' 'BADVERS !soa opt !mbz !aa !ad' +nocookie +edns=1 +noednsneg +noad +norec +ednsflags=0x40 soa $zone
	query 8.2.6 'version 1, unknown option' 'BADVERS !soa opt !opt100 !aa !ad' +nocookie +edns=1 +noednsneg +noad +norec +ednsopt=100 soa $zone
	query 8.2.7 'truncation' 'NOERROR opt' +norec +dnssec +nocookie +bufsize=512 +ignore dnskey $zone
	query 8.2.8 'DO=1' 'NOERROR soa opt do aa !ad' +nocookie +edns=0 +noad +norec +dnssec soa $zone
	query 8.2.9 'version 1, DO=1' "BADVERS !soa opt $also !aa !ad" +nocookie +edns=1 +noednsneg +noad +norec +dnssec soa $zone
	query 8.2.10 'several defined options' 'NOERROR soa opt aa !ad' +edns=0 +noad +norec +cookie +nsid +expire +subnet=0.0.0.0/0 soa $zone
	quit D
done
finish
