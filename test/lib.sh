# shellcheck shell=sh
# lib.sh -- what stories and checks share: start and stop daemons and servers, ask,
# compare, count.  Sourced at the tree's top.
#
#	story NAME			begin; nothing else may come before
#	own_machine			go on in a network, mount and process table of its own, as root
#	need TOOL...			false, after naming it, where one is missing
#	start NAME TEXT COMMAND...	start it and wait for TEXT in its log: $NAME_PID, $NAME_LOG
#	daemon D ARGS...		a dyndns on a free port of 127.0.0.1: $D is its ADDR@PORT
#					(daemon_bare: without that -l)
#	limits FILE -D...		build a dyndns with other limits as $TMP/FILE;  daemon_limits "-D..." D ARGS...
#					start one
#	upstream U STEPS...		`peer serve` on 127.0.0.1 (upstream_at U ADDR STEPS...)
#	next_stage U			let the upstream begin its next stage
#	stop NAME			SIGTERM and wait: $STATUS;  kill_now NAME: SIGKILL and wait
#	quit NAME			stop, and it leaves with status 0
#	until_free NAME SERVER		stop a daemon: $MS milliseconds until its ports are free
#	ask ARGS...  many ARGS...	the helper's jobs of that name
#	ask_is PATTERN ARGS...		the reply, on one line, matches the shell pattern
#	is WHAT PATTERN TEXT		TEXT matches;  at_most WHAT N MAX;  at_least WHAT N MIN
#	same WHAT EXPECTED CAME		the very same text
#	says WHAT TEXT REGEX...		each is in the text; one that begins with ! is not
#	field KEY TEXT			VALUE of the word KEY=VALUE;  ms LINE	the milliseconds that it ends with
#	logged NAME TEXT [N]		wait until the log has N lines with TEXT, print the last one
#	seen NAME TEXT			how many lines of the log have TEXT, now
#	skip WHY			what cannot be tried here; where everything has to be tried (CI=true) a failure
#	nsd ADDR  unbound ADDR [UPSTREAM]	real servers of the zones below
#	finish				the closing line, and the status
set -u
TOP=$PWD
DYNDNS=${DYNDNS:-$TOP/dyndns}
PEER=${PEER:-$TOP/test/out/peer}
export DYNDNS PEER
LONG=${LONG:-}
TMP=
PASSED=0
FAILED=0
SKIPPED=
STATUS=0
NL='
'
LC_ALL=C
export LC_ALL
unset RES_OPTIONS LOCALDOMAIN

story() {
	STORY=$1
	umask 022
	TMP=${OWN_MACHINE:-$(mktemp -d "${TMPDIR:-/tmp}/dyndns-$1.XXXXXX")} || exit 1
	chmod 755 "$TMP"	# the daemon reads from here after it became nobody
	trap clean_up EXIT
	trap 'exit 1' HUP INT TERM
}

# Ends what this story started, and nothing else.
clean_up() {
	for f in "$TMP"/*.pid; do
		[ -f "$f" ] && kill -KILL "$(cat "$f")" 2>/dev/null
	done
	[ -n "${KEEP:-}${OWN_MACHINE:-}" ] || rm -rf "$TMP"
}

# Every port is free, /etc may be covered, and nothing outlives the check.  What is left of $TMP is removed from outside,
# where nothing is mounted in it.
own_machine() {
	[ -z "${OWN_MACHINE:-}" ] || { ip link set lo up; return; }
	need unshare ip || finish
	if [ "$(id -u)" -ne 0 ] || ! unshare -mnp --kill-child true 2>/dev/null; then
		skip 'root may not take a network, a mount table and a process table of its own here'
		finish
	fi
	OWN_MACHINE=$TMP unshare -mnp --kill-child sh "$0" &
	lib_inside=$!
	trap 'kill -9 $lib_inside; exit 1' HUP INT TERM
	wait $lib_inside
	exit
}

pass() {
	PASSED=$((PASSED + 1))
}

# fail WHAT [DETAIL]
fail() {
	FAILED=$((FAILED + 1))
	printf '%s: %s\n' "$STORY" "$1" | cut -c1-1500
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/    /'
}

skip() {
	if [ "${CI:-}" = true ]; then
		fail "$1"
	else
		SKIPPED=$((SKIPPED + 1))
		echo "skipped $STORY: $1"
	fi
}

need() {
	for lib_tool; do
		tool "$lib_tool" >/dev/null || { skip "$lib_tool is not installed"; return 1; }
	done
}

# tool NAME: where it is, for what an ordinary PATH leaves out.
# A function here may have the name of the program that it starts.
tool() (
	unset -f "$1"
	PATH=$PATH:/usr/sbin:/sbin
	command -v "$1"
)

finish() {
	echo "$STORY: $PASSED passed, $FAILED failed${SKIPPED:+, $SKIPPED skipped}"
	[ "$FAILED" = 0 ]
	exit
}

# start NAME WHAT-IS-AWAITED COMMAND...
start() {
	lib_name=$1
	lib_awaited=$2
	shift 2
	[ ! -f "$TMP/$lib_name.pid" ] || kill_now "$lib_name"
	: >"$TMP/$lib_name.log"
	"$@" >>"$TMP/$lib_name.log" 2>&1 </dev/null &
	echo $! >"$TMP/$lib_name.pid"
	eval "${lib_name}_PID=$! ${lib_name}_LOG=\$TMP/$lib_name.log"
	if ! "$PEER" wait "$TMP/$lib_name.log" "$lib_awaited" 5000 >"$TMP/line"; then
		fail "$lib_name does not start: $* | $(cat "$TMP/$lib_name.log")"
		finish
	fi
}

daemon() {
	lib_daemon_name=$1
	shift
	daemon_bare "$lib_daemon_name" -l 127.0.0.1@0 "$@"
}

daemon_bare() {
	lib_daemon_name=$1
	shift
	start "$lib_daemon_name" 'dyndns: ready' "$PEER" run 300 "$DYNDNS" "$@"
	lib_line=$("$PEER" wait "$TMP/$lib_daemon_name.log" 'dyndns: listening on ' 1000)
	lib_line=${lib_line##* on }
	eval "$lib_daemon_name=\${lib_line%% *}"
}

limits() {
	lib_file=$1
	shift
	# shellcheck disable=SC2086 # CC may have words
	if ! ${CC:-cc} -std=c99 -O1 "$@" -o "$TMP/$lib_file" dyndns.c >"$TMP/cc.log" 2>&1; then
		fail "dyndns with $* can't be built: $(cat "$TMP/cc.log")"
		finish
	fi
}

daemon_limits() {
	# shellcheck disable=SC2086 # words
	limits "$2-limits" $1
	shift
	lib_usual=$DYNDNS
	DYNDNS=$TMP/$1-limits
	daemon "$@"
	DYNDNS=$lib_usual
}

upstream() {
	lib_upstream_name=$1
	shift
	upstream_at "$lib_upstream_name" 127.0.0.1@0 "$@"
}

upstream_at() {
	lib_upstream_name=$1
	lib_upstream_addr=$2
	shift 2
	start "$lib_upstream_name" ready "$PEER" serve "$lib_upstream_addr" "$@"
	lib_line=$("$PEER" wait "$TMP/$lib_upstream_name.log" 'serving ' 1000)
	eval "$lib_upstream_name=\${lib_line#serving }"
}

next_stage() {
	lib_before=$(seen "$1" 'stage ')
	kill -USR1 "$(cat "$TMP/$1.pid")"
	logged "$1" 'stage ' $((lib_before + 1)) >/dev/null || fail "$1 has no next stage"
}

end_with() {
	lib_pid=$(cat "$TMP/$2.pid")
	kill "-$1" "$lib_pid"
	wait "$lib_pid" 2>/dev/null
	# shellcheck disable=SC2034
	STATUS=$?
	rm -f "$TMP/$2.pid"
}

stop() {
	end_with TERM "$1"
}

quit() {
	stop "$1"
	same "$1: exit status" 0 "$STATUS"
}

kill_now() {
	end_with KILL "$1"
}

alive() {
	kill -0 "$(cat "$TMP/$1.pid")" 2>/dev/null
}

ask() {
	"$PEER" ask "$@"
}

many() {
	"$PEER" many "$@"
}

is() {
	# shellcheck disable=SC2254 # it is a pattern
	case $3 in
	$2) pass ;;
	*) fail "$1: expected $2$NL    got $3" ;;
	esac
}

same() {
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$1" "expected: $2
came:     $3"
	fi
}

says() {
	lib_what=$1 lib_text=$2
	shift 2
	for lib_regex; do
		case $lib_regex in
		!*) printf '%s\n' "$lib_text" | grep -Eq -e "${lib_regex#!}" || continue ;;
		*) printf '%s\n' "$lib_text" | grep -Eq -e "$lib_regex" && continue ;;
		esac
		fail "$lib_what: $lib_regex" "$lib_text"
		return
	done
	pass
}

ask_is() {
	lib_pattern=$1
	shift
	is "ask $*" "$lib_pattern" "$(ask "$@")"
}

ms() {
	lib_ms=${1% ms}
	echo "${lib_ms##* }"
}

at_most() {
	if [ "$2" -le "$3" ] 2>/dev/null; then pass; else fail "$1: $2, more than $3"; fi
}

at_least() {
	if [ "$2" -ge "$3" ] 2>/dev/null; then pass; else fail "$1: $2, less than $3"; fi
}

field() {
	lib_rest=" $2"
	lib_rest=${lib_rest##*" $1="}
	echo "${lib_rest%% *}"
}

logged() {
	"$PEER" wait "$TMP/$1.log" "$2" 5000 "${3:-1}"
}

seen() {
	grep -c -- "$2" "$TMP/$1.log"
}

# nap MS: where there is no line to wait for
until_free() {
	eval "lib_pid=\$${1}_PID"
	# shellcheck disable=SC2034 # for the caller
	MS=$("$PEER" until-free "$2" "$lib_pid")
	wait "$lib_pid"
	rm -f "$TMP/$1.pid"
}

nap() {
	"$PEER" wait /dev/null nothing "$1" || :
}

# Waits until of two that are mute in turn (flap=MS:K) it is the second one.  Whose first question meets
# the last 0.6 s of a silence has not seen one of the length that is measured, and may be asked of the
# other when that one's whole silence begins.
second_is_mute() {
	lib_tries=0
	until [ $(($(date +%s) * 1000 / $1 % 2)) -eq 1 ] || [ $((lib_tries += 1)) -gt 80 ]; do nap 100; done
}

# One counter of stats.dyndns., from the daemon at $1.
counter() {
	lib_stats=$(ask "$1" stats.dyndns TXT class=CH edns=4096)
	lib_stats=${lib_stats##*\""$2"=}
	echo "${lib_stats%%\"*}"
}

# The zones that the real servers know, each with its file; mohit.com is signed where that can be done.
served='mohit.com=mohit.com 2.0.192.in-addr.arpa=reverse example=other many.test=more'
zones() {
	mkdir -p "$TMP/zones"
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
	} >"$TMP/zones/mohit.com"
	cat >"$TMP/zones/reverse" <<-'END'
	$ORIGIN 2.0.192.in-addr.arpa.
	$TTL 300
	@ SOA ns.mohit.com. hostmaster.mohit.com. 7 3600 600 86400 60
	@ NS ns.mohit.com.
	80 PTR printer.mohit.com.
	END
	cat >"$TMP/zones/other" <<-'END'
	$ORIGIN example.
	$TTL 300
	@ SOA ns.mohit.com. hostmaster.mohit.com. 7 3600 600 86400 60
	@ NS ns.mohit.com.
	printer.anything A 192.0.2.81
	END
	if command -v ldns-signzone >/dev/null 2>&1; then
		(
			cd "$TMP/zones" && key=$(ldns-keygen -a ECDSAP256SHA256 -k mohit.com) &&
			ldns-signzone mohit.com "$key" && mv mohit.com.signed mohit.com
		) >"$TMP/sign.log" 2>&1 || fail 'signing the zone' "$(cat "$TMP/sign.log")"
	fi
}

# nsd ADDRESS: NSD serves the zones on its port 53; more of them may stand in $TMP/zones/more.
nsd() {
	[ -d "$TMP/zones" ] || zones
	{
		cat <<-END
		server:
		  ip-address: $1
		  server-count: 1
		  username: ""
		  chroot: ""
		  database: ""
		  zonesdir: "$TMP/zones"
		  pidfile: ""
		  xfrdfile: "$TMP/xfrd.state"
		  zonelistfile: "$TMP/zone.list"
		  xfrdir: "$TMP"
		  minimal-responses: no
		  rrl-ratelimit: 0
		remote-control:
		  control-enable: no
		END
		for zone in $served; do
			[ ! -f "$TMP/zones/${zone#*=}" ] || printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' "${zone%=*}" "${zone#*=}"
		done
	} >"$TMP/nsd.conf"
	start NSD 'nsd started' "$(tool nsd)" -d -c "$TMP/nsd.conf"
}

# unbound_at ADDRESS: the configuration with which any unbound runs there; more of its `server:` may follow.
unbound_at() {
	cat <<-END
	remote-control:
	  control-enable: no
	server:
	  interface: $1
	  do-ip6: no
	  username: ""
	  chroot: ""
	  directory: "$TMP"
	  pidfile: ""
	  use-syslog: no
	  logfile: ""
	END
}

# unbound ADDRESS [UPSTREAM]: unbound resolves the same names at ADDRESS, asking the NSD at UPSTREAM, or serves them itself.
unbound() {
	[ -d "$TMP/zones" ] || zones
	unbound_at "$1" >"$TMP/unbound.conf"
	cat >>"$TMP/unbound.conf" <<-END
	  access-control: 127.0.0.0/8 allow
	  do-not-query-localhost: no
	  num-threads: 1
	  verbosity: 1
	  module-config: "iterator"
	  local-zone: "2.0.192.in-addr.arpa." nodefault
	  local-zone: "example." nodefault
	  local-zone: "test." nodefault
	  outgoing-range: 512
	  num-queries-per-thread: 1024
	END
	for zone in $served; do
		if [ -n "${2:-}" ]; then
			printf 'stub-zone:\n  name: "%s"\n  stub-addr: %s\n' "${zone%=*}" "$2"
		elif [ -f "$TMP/zones/${zone#*=}" ]; then
			printf 'auth-zone:\n  name: "%s"\n  zonefile: "%s"\n' "${zone%=*}" "$TMP/zones/${zone#*=}"
		fi
	done >>"$TMP/unbound.conf"
	start UNBOUND 'start of service' "$(tool unbound)" -d -c "$TMP/unbound.conf"
}

# m32: true where 32-bit programs can be built and run: $m32 builds one, $run32 runs it (empty: it runs by itself).
m32() {
	# The headers of the machine's own kind are the same text.
	m32="gcc -m32 -isystem /usr/include/$(gcc -print-multiarch 2>/dev/null)"
	echo 'int main(void) { return 0; }' >"$TMP/empty.c"
	$m32 -static -o "$TMP/empty" "$TMP/empty.c" 2>/dev/null || return
	# A kernel for 64-bit programs alone needs help.
	for run32 in '' qemu-i386-static; do
		(exec $run32 "$TMP/empty") 2>/dev/null && return
	done
	return 1
}

# machine NAME RUNNER CC...: unit tests, corpus and stories, built by CC and run by RUNNER (nothing: as they are).
# The other side of the stories is this machine's own, and so is what they build where there is a RUNNER: those that
# preload something have nothing to tell then.  STORIES names some of them, for one machine of many.
machine() {
	machine=$1 runner=$2
	shift 2
	out=$TMP/$machine bin=$TMP/$machine.bin
	mkdir "$out" "$bin"
	said=$({ make -s tests OUT="$bin" CC="$*" CFLAGS='-std=c99 -O2 -Wall -Wextra -Wshadow' &&
		"$@" -std=c99 -O2 -Wall -Wextra -Wshadow -o "$bin/dyndns" dyndns.c; } 2>&1 |
		grep -Ev "in function|Using 'getpwnam' in statically linked") # these find users in /etc/passwd, which is where they are here
	same "$machine: everything builds without a warning" '' "$said"
	for f in "$bin/dyndns" "$bin/unit" "$bin/small" "$bin"/fuzz_*; do
		printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$runner" "$f" >"$out/${f##*/}"
		chmod 755 "$out/${f##*/}"
	done
	same "$machine: runs" 'dyndns 1' "$("$out/dyndns" -v 2>&1 | cut -c1-8)"
	cc=cc
	[ -n "$runner" ] || cc=$*
	stories=${STORIES:-test/stories/[0-9]*.sh}
	# shellcheck disable=SC2086 # words
	[ -z "$runner" ] || stories=$(grep -L LD_PRELOAD $stories)
	said=$(CI='' OUT=$out DYNDNS=$out/dyndns PEER=$PEER CC=$cc STORIES=$stories JOBS=4 LIMIT=400 sh test/run 2>&1)
	counts=$(printf '%s\n' "$said" | sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p')
	PASSED=$((PASSED + ${counts% *}))
	if [ "${counts#* }" != 0 ] || [ "${counts% *}" -lt 10000 ]; then
		fail "$machine: unit tests, corpus and stories" "$(printf '%s\n' "$said" | tail -n 60)"
	fi
}
