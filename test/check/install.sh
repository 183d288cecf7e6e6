#!/bin/sh
# Proves that make install and uninstall do what README says, and that its page, sizes, service files and neighbours are right.
. test/lib.sh
story install
own_machine

# block TEXT: what README shows as it stands, from the line that begins so to the next that is read.
block() {
	awk -v first="        $1" '
		index($0, first) == 1 { on = 1 }
		/^ ? ? ? ?[^ ]/ { on = 0 }
		on && /^$/ { blank = blank "\n" }
		on && /./ { print blank substr($0, 9); blank = "" }' README
}

# ---- make install, uninstall ----

installed() { (cd "$1" && find . -type f -o -type l) | sort; }
make -s install OUT="$TMP/out" DESTDIR="$TMP/a" >"$TMP/make.log" 2>&1 || fail 'make install' "$(cat "$TMP/make.log")"
same 'what make install installs' './usr/local/sbin/dyndns
./usr/local/share/man/man8/dyndns.8' "$(installed "$TMP/a")"
same 'with these rights' '755 644' "$(stat -c %a "$TMP/a/usr/local/sbin/dyndns" "$TMP/a/usr/local/share/man/man8/dyndns.8" | xargs)"
same 'and it runs' "$("$DYNDNS" -v)" "$("$TMP/a/usr/local/sbin/dyndns" -v)"
make -s install OUT="$TMP/out" DESTDIR="$TMP/a" >"$TMP/make.log" 2>&1
same 'make install once more' '0 ' "$? $(cat "$TMP/make.log")"
make -s uninstall DESTDIR="$TMP/a"
same 'what make uninstall leaves' '' "$(installed "$TMP/a")"
make -s install OUT="$TMP/out" DESTDIR="$TMP/b" PREFIX=/opt MANDIR=/man >/dev/null 2>&1
same 'with PREFIX and MANDIR' './man/man8/dyndns.8
./opt/sbin/dyndns' "$(installed "$TMP/b")"
page=$TMP/b/man/man8/dyndns.8
program=$TMP/b/opt/sbin/dyndns

# ---- the page ----

words() { tr -s ' \t' '\n' | sed '/^$/d'; }
if need mandoc; then
	same 'mandoc -Tlint' '' "$(mandoc -Tlint -W style "$page" 2>&1 | sed 's/^[^ ]* [^ ]* //')"
	same 'lines over 80 columns' '' "$(mandoc -Tascii "$page" | col -b | awk 'length > 80')"
	says 'no ./ in it, and a date' "$(cat "$page")" '^\.TH DYNDNS 8 "20[0-9][0-9]-[01][0-9]-[0-3][0-9]" ' '^\.B "dyndns \[' '!\./dyndns'
	mandoc -Tlint -W error "$page" >/dev/null 2>&1
	same 'mandoc -Tlint, errors' 0 $?
	mandoc -Tascii -O width=300 "$page" | col -b | sed '1d;$d' | words >"$TMP/shown"
	sed -n '/^NAME$/,/^----/p' README | sed '$d' | words >"$TMP/written"
	same 'the page has the words of README' '' "$(diff "$TMP/written" "$TMP/shown")"
	says 'what it shows' "$(mandoc -Tascii "$page" | col -bx | grep -E '^(OPTIONS| +-q | +rule 1: gateway| +[$] dyndns -n -f)')" \
		'^OPTIONS$' '^ {7}-q +Log every' '^ {11}rule 1: gateway' '^ {11}[$] dyndns -n -f rules -l ::1'
fi

# ---- sizes ----

if need size cc; then
	octets() { size "$1" | awk 'NR == 2 { print $4 }'; }
	# near WHAT PRINTED MEASURED: within two in a hundred, or 16.
	near() {
		if [ "$3" -le $(($2 * 102 / 100 + 16)) ] && [ "$3" -ge $(($2 * 98 / 100 - 16)) ]; then
			pass
		else
			fail "$1: README says $2, it is $3"
		fi
	}
	whole=$(octets "$program")
	near 'address space' "$(sed -n 's/.*: \([0-9]*\)\.\([0-9]\) MB of address space.*/\1\200000/p' README)" "$whole"
	if [ "$whole" -le 16777216 ]; then pass; else fail "address space: $whole octets"; fi
	block 'cc -Os -s' | sed "s,-o dyndns,-o $TMP/router," >"$TMP/router.sh"
	says 'README has a line for a router' "$(cat "$TMP/router.sh")" '-o [^ ]*/router dyndns\.c$'
	# shellcheck source=/dev/null
	. "$TMP/router.sh"
	whole=$(octets "$TMP/router")
	near 'a router' "$(sed -n 's/.*a router, .* and \([0-9]*\) in memory.*/\1/p' README)" "$whole"
	if [ "$whole" -lt 1048576 ]; then pass; else fail "a router: $whole octets"; fi
	if [ "$(uname -m)" = x86_64 ]; then
		whole=$(wc -c <"$TMP/router")
		near "a router's file" "$(sed -n 's/.*a router, a file of \([0-9]*\) octets.*/\1/p' README)" "$whole"
		if [ "$whole" -le 73728 ]; then pass; else fail "a router's file: $whole octets"; fi
	fi
	if need dig; then
		start ROUTER 'dyndns: ready' "$TMP/router" -l 127.0.0.1 -s 192.0.2.53 -o ws.lab 10
		same 'a router answers' 10.1.2.3 "$(dig @127.0.0.1 +short +tries=1 ws66051.lab)"
		quit ROUTER
	fi
	case $(uname -m) in
	x86_64 | aarch64)
		sed -n '/^LIMITS$/,/^SECURITY$/p' README | awk '$1 ~ /_MAX$/ { print $1, $2, $3 }' >"$TMP/limits"
		unset_octets() { cc -O0 "$@" -o "$TMP/sized" dyndns.c && size "$TMP/sized" | awk 'NR == 2 { print $3 }'; }
		whole=$(unset_octets)
		while read -r limit default each; do
			less=$((default / 2))
			[ "$limit" != REPLY_MAX ] || less=$((default - 4096))
			near "$limit, octets each" "$each" $(((whole - $(unset_octets "-D$limit=$less")) / (default - less)))
		done <"$TMP/limits"
		;;
	esac
fi

# ---- service files ----

mkdir "$TMP/service"
block '[Unit]' >"$TMP/service/dyndns.service"
block '#!/sbin/openrc-run' >"$TMP/service/openrc"
block '#!/bin/sh /etc/rc.common' >"$TMP/service/procd"
{
	echo '#!/bin/sh'
	block '# PROVIDE: dyndns'
} >"$TMP/service/rc.d"
for f in openrc procd rc.d; do
	says "README has a file for $f" "$(cat "$TMP/service/$f")" '^#!/' 'dyndns\.rules'
	if need shellcheck; then
		# They set what others read and read what others set, in files that are not here.
		same "shellcheck of the file for $f" '' "$(shellcheck -s sh -e SC1008,SC1091,SC2034,SC2086,SC2154 "$TMP/service/$f" 2>&1)"
	fi
done
cat >"$TMP/dyndns.rules" <<-END
	workstation123.mohit.com 172.16.2
END
chmod 644 "$TMP/dyndns.rules"
# placed FILE: with the program, the rules and the process id where they are here.
placed() { sed -e "s,/usr/[a-z/]*sbin/dyndns,$program," -e "s,[a-z/]*/etc/dyndns.rules,$TMP/dyndns.rules," -e "s,[a-z/]*/run/dyndns.pid,$TMP/dyndns.pid," "$TMP/service/$1"; }
: >"$TMP/empty"
serves() { same "$1: answers" 172.16.2.10 "$(dig "@127.0.0.1" -p "${2:-53}" +short +tries=1 workstation10.mohit.com 2>&1)"; }
# gone: until the process that $TMP/dyndns.pid named has left.
gone() {
	tries=0
	while [ -s "$TMP/dyndns.pid" ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	same "$1: has left" '' "$(cat "$TMP/dyndns.pid" 2>/dev/null)"
}
if need dig; then
	# OpenRC and BSD, by stand-ins for what their rc does with these names.
	placed openrc >"$TMP/openrc"
	(
		# shellcheck source=/dev/null disable=SC2154
		{ . "$TMP/openrc" && eval "$command $command_args"; }
	) >"$TMP/openrc.log" 2>&1
	same 'OpenRC: start' 0 $?
	serves OpenRC
	kill "$(cat "$TMP/dyndns.pid")"
	gone OpenRC
	cat >"$TMP/rc.subr" <<-'END'
		load_rc_config() { :; }
		run_rc_command() { eval "$command $dyndns_flags $command_args"; }
	END
	placed rc.d | sed "s,/etc/rc.subr,$TMP/rc.subr," >"$TMP/rc.d"
	sh "$TMP/rc.d" start >"$TMP/rc.d.log" 2>&1
	same 'rc.d: start' 0 $?
	serves rc.d
	kill "$(cat "$TMP/dyndns.pid")"
	gone rc.d
	# procd runs the command itself.
	placed procd | sed "s,/tmp/resolv.conf.d/resolv.conf.auto,$TMP/empty," >"$TMP/procd"
	# shellcheck disable=SC2317 # start_service calls them
	words=$(
		procd_open_instance() { :; }
		procd_close_instance() { :; }
		procd_set_param() { [ "$1" != command ] || { shift && echo "$@"; }; }
		# shellcheck source=/dev/null
		. "$TMP/procd" && start_service
	)
	# shellcheck disable=SC2086 # words
	start PROCD 'dyndns: ready' $words
	serves procd 5300
	quit PROCD
fi

if need systemd-analyze; then
	sed "s,^ExecStart=[^ ]*,ExecStart=$program," "$TMP/service/dyndns.service" >"$TMP/dyndns.service"
	same 'systemd-analyze verify' '' "$(systemd-analyze verify "$TMP/dyndns.service" 2>&1 | grep -F dyndns)"
	says 'systemd-analyze security' "$(systemd-analyze security --offline=yes --no-pager "$TMP/dyndns.service" 2>&1 | tail -n 1)" ': (0\.[0-9]|1\.[0-6]) OK'
fi

# ---- neighbours ----

if need dig dnsmasq; then
	# dnsmasq in front, with README's three options and without the last.
	block '--server=/mohit.com/127.0.0.1#5300' >"$TMP/dnsmasq.options"
	same 'README has three options for dnsmasq' 3 "$(wc -l <"$TMP/dnsmasq.options")"
	daemon_bare BEHIND -l 127.0.0.1 -p 5300 -s 192.0.2.53 -o workstation123.mohit.com 172.16.2
	for trusts in yes no; do
		[ $trusts = yes ] || sed -i '/rebind/d' "$TMP/dnsmasq.options"
		# shellcheck disable=SC2046 # words
		start DNSMASQ 'started' dnsmasq -C /dev/null -u root --no-daemon --no-resolv --stop-dns-rebind --bogus-priv $(cat "$TMP/dnsmasq.options")
		case $trusts in
		yes) same 'dnsmasq with --rebind-domain-ok' 172.16.2.10 "$(dig +short +tries=1 @127.0.0.1 workstation10.mohit.com)" ;;
		no) same 'dnsmasq without it' '' "$(dig +short +tries=1 @127.0.0.1 workstation10.mohit.com)" ;;
		esac
		same 'dnsmasq: the way back' workstation10.mohit.com. "$(dig +short +tries=1 @127.0.0.1 -x 172.16.2.10)"
		[ $trusts = no ] || stop DNSMASQ
	done
	# It holds every address.
	say=$("$program" -s 192.0.2.53 -o ws.lab 10 2>&1)
	same 'beside dnsmasq: exit status' 1 $?
	says 'beside dnsmasq' "$say" '^dyndns: port 53 is taken.*: try -l ADDR$'
	stop DNSMASQ
	quit BEHIND
	# systemd-resolved holds one address; here a dnsmasq does.
	ip address add 192.0.2.7/32 dev lo
	start RESOLVED 'started' dnsmasq -C /dev/null -u root --no-daemon --no-resolv --bind-interfaces --listen-address=127.0.0.53 --except-interface=none --address=/printer.lab/192.0.2.9
	echo 'nameserver 127.0.0.53' >"$TMP/resolv.conf"
	daemon_bare BESIDE -a 127.0.0.1 -a 192.0.2.7 -r "$TMP/resolv.conf" -o ws.lab 10
	says 'beside systemd-resolved' "$(cat "$BESIDE_LOG")" 'taken on some address: listening on each of the others' '^dyndns: listening on 127\.0\.0\.1@53$' \
		'^dyndns: listening on 192\.0\.2\.7@53$' '^dyndns: upstream 127\.0\.0\.53@53$' '!ourselves'
	same 'beside systemd-resolved: a hit' 10.0.0.7 "$(dig +short +tries=1 @192.0.2.7 ws7.lab)"
	same 'beside systemd-resolved: a miss' 192.0.2.9 "$(dig +short +tries=1 @127.0.0.1 printer.lab)"
	quit BESIDE
	stop RESOLVED
fi
# unbound, BIND and PowerDNS Recursor in front, with README's lines.
front() { for by in +notcp +tcp; do
	same "$1: a name, $by" 172.16.2.10 "$(dig +short +tries=2 +time=3 $by @127.0.0.1 workstation10.mohit.com)"
	same "$1: the way back, $by" workstation10.mohit.com. "$(dig +short +tries=2 +time=3 $by @127.0.0.1 -x 172.16.2.10)"
done; }
if need dig unbound named pdns_recursor; then
	mount -t proc proc /proc 2>/dev/null
	daemon_bare BEHIND -l 127.0.0.1 -p 5300 -s 192.0.2.53 -o workstation123.mohit.com 172.16.2
	{
		block 'server:'
		unbound_at 127.0.0.1
		# No trust anchor leads into this machine.
		echo '  module-config: "iterator"'
	} >"$TMP/unbound.conf"
	start UNBOUND 'start of service' "$(tool unbound)" -d -c "$TMP/unbound.conf"
	front unbound
	stop UNBOUND
	block 'options { validate-except' | sed "s|options {|options { directory \"$TMP\"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; lock-file none; session-keyfile none; dnssec-validation no;|" >"$TMP/named.conf"
	echo 'controls { };' >>"$TMP/named.conf"
	start BIND 'all zones loaded' "$(tool named)" -g -4 -u root -c "$TMP/named.conf"
	front BIND
	stop BIND
	mkdir "$TMP/pdns"
	{
		block 'dont-query='
		printf 'local-address=127.0.0.1\nsocket-dir=%s\ndaemon=no\nwrite-pid=no\ndisable-syslog=yes\nthreads=1\nserve-rfc1918=no\ndnssec=off\nloglevel=6\n' "$TMP/pdns"
	} >"$TMP/pdns/recursor.conf"
	start PDNS 'Enabled multiplexer' "$(tool pdns_recursor)" --config-dir="$TMP/pdns"
	front 'PowerDNS Recursor'
	stop PDNS
	quit BEHIND
fi
finish
