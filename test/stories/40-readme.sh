#!/bin/sh
# Every example of README prints what stands there; its options, limits, signals, files and targets are those there are.
. test/lib.sh
story 40-readme
README=$PWD/README
LC_ALL=C
export LC_ALL
unset RES_OPTIONS LOCALDOMAIN

section() {
	sed -n "/^$1\$/,/^[A-Z-]/p" "$README"
}

same() {
	if [ "$2" = "$3" ]; then pass; else fail "$1:$NL$2${NL}--- but:$NL$3"; fi
}

squeeze() {
	tr -s " \n" "  "
}

# ---- The facts ----

"$DYNDNS" -h >"$TMP/usage"
words='\(-.\(, -.\)*\( [][A-Z@]\{2,\}\)*\).*/\1/p'
same 'the options of README and of -h' "$(section OPTIONS | sed -n "s/^    $words" | sort)" "$(sed -n "s/^  $words" "$TMP/usage" | sort)"
same 'the synopsis of README and of -h' "$(section SYNOPSIS | sed '1d;$d' | squeeze)" "$(sed -e 's/^usage://' -e 3q "$TMP/usage" | squeeze)"
same 'the limits of README and of dyndns.h' "$(section LIMITS | awk '$1 ~ /_(MAX|USES)$/ { print $1, $2 }' | sort)" \
    "$(awk '$1 == "#define" && name == $2 { print $2, $3 } { name = $1 == "#ifndef" ? $2 : "" }' dyndns.h | grep -v '^DYNDNS_H' | sort)"
same 'the signals of README and of dyndns.c' "$(section SIGNALS | grep -o '^    SIG.*' | tr -d ' ' | tr , '\n' | sort)" \
    "$(sed -n 's/.*caught\[\] = {\(.*\)};.*/\1/p' dyndns.c | tr -d ' ' | tr , '\n' | sort)"
{
	grep -o 'test/[a-z0-9/_-]*\.[a-z][a-z]*' "$README"
	section PROMISES | grep -o '[a-z]*/[a-z0-9-]*\.sh$' | sed 's,^,test/,'
} | sort -u >"$TMP/files"
at_least 'tests that README names' "$(grep -c . "$TMP/files")" 20
while read -r file; do
	if [ -f "$file" ]; then pass; else fail "README names $file, which is not there"; fi
done <"$TMP/files"
grep -o 'make [a-z][a-z]*' "$README" | sort -u | grep -v -e 'make it' -e 'make and' >"$TMP/targets"
while read -r _ target; do
	if grep -q "^$target:" Makefile; then pass; else fail "README names make $target, which is not there"; fi
done <"$TMP/targets"
same 'lines over 78 columns, but for what the program prints' '' "$(awk 'length > 78 && !/^        (rule|dyndns:|"|query)/' "$README")"

# ---- The examples ----
# A block that begins with a prompt is a session: `$` for anyone, `#` for root.  All are run in one shell, in order;
# port 5300 is one that is free.  What one command prints, and the daemons meanwhile, is compared as a whole.

if ! command -v dig >/dev/null; then
	# What README shows of dig, by the tests' own client; its columns are its own affair.
	# shellcheck disable=SC2317 # the examples call it
	dig() {
		asked='' shown='' how='' type=A class=IN
		while [ $# -gt 0 ]; do
			case $1 in
			-p) shift ;;
			-x)
				shift
				asked=$(echo "$1" | awk -F. '{ print $4 "." $3 "." $2 "." $1 ".in-addr.arpa" }')
				type=PTR
				;;
			+short) shown=short ;;
			+answer) shown=answer ;;
			+tcp) how=tcp ;;
			@* | +*) ;;
			CH) class=CH ;;
			TXT) type=TXT ;;
			*) asked=$1 ;;
			esac
			shift
		done
		reply=$(ask "127.0.0.1@$port" "$asked" "$type" "class=$class" ${how:+"$how"})
		case $shown in
		'') echo "status: ${reply%% *}," ;;
		*) echo "$reply" | tr '|' '\n' | awk -v short="$shown" '$1 == "an" {
			if ($5 == "PTR") $6 = $6 "."
			$2 = $2 "."
			for (i = short == "short" ? 6 : 2; i <= NF; i++) printf "%s%s", $i, i < NF ? " " : "\n" }' ;;
		esac
	}
	columns='s/[ 	][ 	]*/ /g'
fi

# What is not twice the same.
plain() {
	sed -e 's/\(query [^ ]*@\)[0-9]*/\1PORT/' -e 's/ ms=[0-9]*/ ms=N/' -e 's/\(seconds-up=\)[0-9]*/\1N/' -e "${columns:-}" "$1"
}

example() {
	sed "s/5300/$port/g" "$TMP/$1.command" >"$TMP/command"
	sed "s/5300/$port/g" "$TMP/$1.printed" >"$TMP/expected"
	: >"$TMP/came"
	was=${!:-}
	eval "$(cat "$TMP/command")" >>"$TMP/came" 2>&1
	[ "${!:-}" = "$was" ] || echo $! >"$TMP/background.pid"
	[ ! -s pid ] || cat pid >"$TMP/detached.pid" 2>/dev/null
	last=$(tail -n 1 "$TMP/expected" | sed -e 's/query .*//' -e 's/seconds-up=.*//')
	[ -z "$last" ] || "$PEER" wait "$TMP/came" "$last" 5000 >/dev/null
	same "$(cat "$TMP/command")" "$(plain "$TMP/expected")" "$(plain "$TMP/came")"
}

awk -v to="$TMP/" '
	/^        / && !inside { inside = 1; session = /^        [$#] / }
	!/^        / { inside = 0; session = 0 }
	!session { next }
	{ line = substr($0, 9) }
	more { print line >command; more = here ? line != here : line ~ /\\$/; next }
	/^        [$#] / {
		n++
		command = to n ".command"
		printed = to n ".printed"
		prompt = to n ".prompt"
		print substr(line, 1, 1) >prompt
		line = substr(line, 3)
		print line >command
		printf "" >printed
		here = ""
		if (line ~ /<<[A-Z]+$/) { here = line; sub(/.*<</, "", here) }
		more = here != "" || line ~ /\\$/
		next
	}
	{ print line >printed }' "$README"

port=$("$PEER" port 127.0.0.1)
case $DYNDNS in /*) ;; *) DYNDNS=$PWD/$DYNDNS ;; esac
case $PEER in /*) ;; *) PEER=$PWD/$PEER ;; esac
mkdir "$TMP/home"
cd "$TMP/home" || exit 1
HOME=$PWD
ln -s "$DYNDNS" dyndns
# shellcheck disable=SC2031 # it is what is wanted here
PATH=$PWD:$PATH
n=1
while [ -f "$TMP/$n.command" ]; do
	if [ "$(cat "$TMP/$n.prompt")" = '$' ] || [ "$(id -u)" = 0 ]; then
		example $n
	fi
	n=$((n + 1))
done
at_least 'examples in README' $n 10
finish
