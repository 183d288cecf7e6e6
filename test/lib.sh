# shellcheck shell=sh
# lib.sh -- what the stories share: start and stop daemons and upstreams, ask,
# compare, count.  Sourced after `cd` to the tree's top.
#
#	story NN-what		begin; nothing else may come before
#	daemon D ARGS...	start one on a free port of 127.0.0.1: $D is its ADDR@PORT, $D_PID
#				its process, $D_LOG its log (daemon_bare: without that -l)
#	limits FILE -D...	build a dyndns with other limits as $TMP/FILE;  daemon_limits "-D..." D ARGS...
#				start one
#	upstream U STEPS...	the same for `peer serve` on 127.0.0.1 (upstream_at U ADDR STEPS...)
#	next_stage U		let the upstream begin its next stage
#	stop NAME		SIGTERM and wait: $STATUS;  kill_now NAME: SIGKILL and wait
#	ask ARGS...  many ARGS...	the helper's jobs of that name
#	ask_is PATTERN ARGS...	the reply, on one line, matches the shell pattern
#	is WHAT PATTERN TEXT	TEXT matches;  at_most WHAT N MAX;  at_least WHAT N MIN
#	field KEY TEXT		VALUE of the word KEY=VALUE;  ms LINE	the milliseconds that it ends with
#	logged NAME TEXT [N]	wait until the log has N lines with TEXT, print the last one
#	seen NAME TEXT		how many lines of the log have TEXT, now
#	skip WHY		what cannot be tried here
#	finish			the closing line, and the status
set -u
DYNDNS=${DYNDNS:-./dyndns}
PEER=${PEER:-test/out/peer}
export DYNDNS PEER
LONG=${LONG:-}
TMP=
PASSED=0
FAILED=0
SKIPPED=
STATUS=0
NL='
'

story() {
	STORY=$1
	umask 022
	TMP=$(mktemp -d "${TMPDIR:-/tmp}/dyndns-$1.XXXXXX") || exit 1
	chmod 755 "$TMP"	# the daemon reads from here after it became nobody
	trap clean_up EXIT
	trap 'exit 1' HUP INT TERM
}

# Ends what this story started, and nothing else.
clean_up() {
	for f in "$TMP"/*.pid; do
		[ -f "$f" ] && kill -KILL "$(cat "$f")" 2>/dev/null
	done
	[ -n "${KEEP:-}" ] || rm -rf "$TMP"
}

pass() {
	PASSED=$((PASSED + 1))
}

fail() {
	FAILED=$((FAILED + 1))
	printf '%s: %s\n' "$STORY" "$*" | cut -c1-1500
}

skip() {
	SKIPPED=$((SKIPPED + 1))
	echo "skipped $STORY: $*"
}

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
	"$@" >>"$TMP/$lib_name.log" 2>&1 &
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
nap() {
	"$PEER" wait /dev/null nothing "$1" || :
}

# One counter of stats.dyndns., from the daemon at $1.
counter() {
	lib_stats=$(ask "$1" stats.dyndns TXT class=CH edns=4096)
	lib_stats=${lib_stats##*\""$2"=}
	echo "${lib_stats%%\"*}"
}
