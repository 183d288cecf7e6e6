# shellcheck shell=sh
# Sourced by the checks: rows, servers that start and stop, and the closing line.
#
# A row is one expectation: it counts, and says what it saw only when it fails.  What a check starts it starts
# with `launch`, which waits for a line of its log; whatever is left is stopped at the end.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
name=${0##*/}
name=${name%.sh}
dyndns=${DYNDNS:-$top/dyndns}
passed=0 failed=0 skipped=0
pids='' daemon='' pid=''
LC_ALL=C
export LC_ALL
unset RES_OPTIONS LOCALDOMAIN

# Everything below needs a place; the daemon may give up its rights and read it all the same.
tmp=${OWN_MACHINE:-$(mktemp -d)} && chmod 755 "$tmp" || exit 1
trap 'cleanup' 0
trap 'exit 1' 1 2 15
cleanup() {
	status=$?
	trap - 0
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || { kill $pids; wait $pids; } 2>/dev/null
	[ -n "${OWN_MACHINE:-}" ] || rm -rf "$tmp"
	exit $status
}

# In a network, a mount table and a process table of its own: every port is free, /etc may be covered, and nothing
# outlives the check.  What is left of $tmp is removed from outside, where nothing is mounted in it.
own_machine() {
	[ -z "${OWN_MACHINE:-}" ] || { ip link set lo up; return; }
	need unshare ip || finish
	if [ "$(id -u)" -ne 0 ] || ! unshare -mnp --kill-child true 2>/dev/null; then
		skip 'root may not take a network, a mount table and a process table of its own here'
		finish
	fi
	OWN_MACHINE=$tmp unshare -mnp --kill-child sh "$0" &
	inside=$!
	trap 'kill -9 $inside; exit 1' 1 2 15
	wait $inside
	exit
}

finish() {
	line="$name: $passed passed, $failed failed"
	[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
	echo "$line"
	[ "$failed" -eq 0 ]
	exit
}

pass() { passed=$((passed + 1)); }

# fail WHAT [DETAIL]
fail() {
	failed=$((failed + 1))
	echo "$name: $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/    /'
}

# skip WHAT: not tried here; where everything has to be tried (CI=true) that is a failure.
skip() {
	if [ "${CI:-}" = true ]; then
		fail "$1"
	else
		skipped=$((skipped + 1))
		echo "skipped $name: $1"
	fi
}

# need TOOL...: false, after naming it, where one is missing.
need() {
	for tool; do
		tool "$tool" >/dev/null || { skip "$tool is not installed"; return 1; }
	done
}

# same WHAT EXPECTED CAME
same() {
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$1" "expected: $2
came:     $3"
	fi
}

# says WHAT TEXT PATTERN...: each pattern is in the text; one that begins with ! is not.
says() {
	what=$1 text=$2
	shift 2
	for pattern; do
		case $pattern in
		!*) printf '%s\n' "$text" | grep -Eq -e "${pattern#!}" || continue ;;
		*) printf '%s\n' "$text" | grep -Eq -e "$pattern" && continue ;;
		esac
		fail "$what: $pattern" "$text"
		return
	done
	pass
}

# launch NAME READY COMMAND...: starts it, its output in $tmp/NAME.log and its process in $pid; true once the log says READY.
launch() {
	log=$tmp/$1.log ready=$2
	shift 2
	: >"$log"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	pids="$pids $pid"
	tries=0
	until grep -q -e "$ready" "$log"; do
		tries=$((tries + 1))
		if [ $tries -gt 400 ] || ! kill -0 $pid 2>/dev/null; then
			fail "$1 did not start: no \"$ready\" in its log" "$(cat "$log")"
			finish
		fi
		sleep 0.05
	done
}

# stop PID: ends what launch started; true if it left with status 0.
stop() {
	kill "$1" 2>/dev/null
	wait "$1"
	status=$?
	left=
	for p in $pids; do
		[ "$p" = "$1" ] || left="$left $p"
	done
	pids=$left
	return $status
}

# daemon NAME ARGUMENT...: the dyndns under test, in $daemon.
daemon() {
	as=$1
	shift
	launch "$as" '^dyndns: ready' "$dyndns" "$@"
	daemon=$pid
}

# quit: ends the daemon, which is a row: it leaves cleanly and has complained of nothing.
quit() {
	stop "$daemon"
	same "the daemon's exit status" 0 $?
}

# The zones that the real servers know, each with its file; mohit.com is signed where that can be done.
served='mohit.com=mohit.com 2.0.192.in-addr.arpa=reverse example=other many.test=more'
zones() {
	mkdir -p "$tmp/zones"
	{
		cat <<-'END'
		$ORIGIN mohit.com.
		$TTL 300
		@ SOA ns hostmaster 7 3600 600 86400 60
		@ NS ns
		@ MX 10 mail
		@ TXT "v=spf1 -all"
		ns A 127.0.0.2
		mail A 192.0.2.25
		printer A 192.0.2.80
		printer AAAA 2001:db8::80
		alias CNAME printer
		chain CNAME alias
		broken CNAME nowhere
		*.wild A 192.0.2.99
		_ldap._tcp SRV 0 5 389 printer
		odd TYPE65280 \# 4 0A000001
		odd CAA 0 issue "ca.example"
		odd HINFO "cpu" "os"
		long TXT "0123456789012345678901234567890123456789012345678901234567890123456789" "0123456789012345678901234567890123456789"
		END
		i=0
		while [ $i -lt 40 ]; do
			echo "big TXT \"line $i of a text that no datagram of 1232 octets holds as a whole\""
			i=$((i + 1))
		done
	} >"$tmp/zones/mohit.com"
	cat >"$tmp/zones/reverse" <<-'END'
	$ORIGIN 2.0.192.in-addr.arpa.
	$TTL 300
	@ SOA ns.mohit.com. hostmaster.mohit.com. 7 3600 600 86400 60
	@ NS ns.mohit.com.
	80 PTR printer.mohit.com.
	END
	cat >"$tmp/zones/other" <<-'END'
	$ORIGIN example.
	$TTL 300
	@ SOA ns.mohit.com. hostmaster.mohit.com. 7 3600 600 86400 60
	@ NS ns.mohit.com.
	printer.anything A 192.0.2.81
	END
	if command -v ldns-signzone >/dev/null 2>&1; then
		(
			cd "$tmp/zones" && key=$(ldns-keygen -a ECDSAP256SHA256 -k mohit.com) &&
			ldns-signzone mohit.com "$key" && mv mohit.com.signed mohit.com
		) >"$tmp/sign.log" 2>&1 || fail 'signing the zone' "$(cat "$tmp/sign.log")"
	fi
}

# nsd ADDRESS: NSD serves the zones on its port 53; more of them may stand in $tmp/zones/more.
nsd() {
	[ -d "$tmp/zones" ] || zones
	{
		cat <<-END
		server:
		  ip-address: $1
		  server-count: 1
		  username: ""
		  chroot: ""
		  database: ""
		  zonesdir: "$tmp/zones"
		  pidfile: ""
		  xfrdfile: "$tmp/xfrd.state"
		  zonelistfile: "$tmp/zone.list"
		  xfrdir: "$tmp"
		  minimal-responses: no
		  rrl-ratelimit: 0
		remote-control:
		  control-enable: no
		END
		for zone in $served; do
			[ ! -f "$tmp/zones/${zone#*=}" ] || printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' "${zone%=*}" "${zone#*=}"
		done
	} >"$tmp/nsd.conf"
	launch nsd 'nsd started' "$(tool nsd)" -d -c "$tmp/nsd.conf"
}

# unbound ADDRESS [UPSTREAM]: unbound resolves the same names at ADDRESS, asking the NSD at UPSTREAM, or serves them itself.
unbound() {
	[ -d "$tmp/zones" ] || zones
	cat >"$tmp/unbound.conf" <<-END
	server:
	  interface: $1
	  access-control: 127.0.0.0/8 allow
	  do-not-query-localhost: no
	  do-ip6: no
	  num-threads: 1
	  username: ""
	  chroot: ""
	  directory: "$tmp"
	  pidfile: ""
	  use-syslog: no
	  logfile: ""
	  verbosity: 1
	  module-config: "iterator"
	  local-zone: "2.0.192.in-addr.arpa." nodefault
	  local-zone: "example." nodefault
	  local-zone: "test." nodefault
	  outgoing-range: 512
	  num-queries-per-thread: 1024
	remote-control:
	  control-enable: no
	END
	for zone in $served; do
		if [ -n "${2:-}" ]; then
			printf 'stub-zone:\n  name: "%s"\n  stub-addr: %s\n' "${zone%=*}" "$2"
		elif [ -f "$tmp/zones/${zone#*=}" ]; then
			printf 'auth-zone:\n  name: "%s"\n  zonefile: "%s"\n' "${zone%=*}" "$tmp/zones/${zone#*=}"
		fi
	done >>"$tmp/unbound.conf"
	launch unbound 'start of service' "$(tool unbound)" -d -c "$tmp/unbound.conf"
}

# tool NAME: where it is, for what an ordinary PATH leaves out.
# A function here may have the name of the program that it starts.
tool() (
	unset -f "$1"
	PATH=$PATH:/usr/sbin:/sbin
	command -v "$1"
)

# m32: true where 32-bit programs can be built and run: $m32 builds one, $run32 runs it (empty: it runs by itself).
m32() {
	# The headers of the machine's own kind are the same text.
	m32="gcc -m32 -isystem /usr/include/$(gcc -print-multiarch 2>/dev/null)"
	echo 'int main(void) { return 0; }' >"$tmp/empty.c"
	$m32 -static -o "$tmp/empty" "$tmp/empty.c" 2>/dev/null || return
	# A kernel for 64-bit programs alone needs help.
	for run32 in '' qemu-i386-static; do
		(exec $run32 "$tmp/empty") 2>/dev/null && return
	done
	return 1
}
