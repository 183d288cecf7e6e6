#!/bin/sh
# Each wrong command line gets one line that names the word at fault, nothing on stdout, and status 2 (1 for a file).
. test/lib.sh
story 12-wrong-words

# wrong STATUS REGEX WORDS...: the line begins with `dyndns: ` and matches REGEX (grep -E)
wrong() {
	status=$1
	regex=$2
	shift 2
	# A start that works in spite of the word must not last.
	"$PEER" run 5 "$DYNDNS" "$@" >"$TMP/out" 2>"$TMP/err"
	got=$?
	is "status of $*" "$status" $got
	is "lines on stderr of $*" 1 "$(grep -c '' "$TMP/err")"
	is "stdout of $*" '' "$(cat "$TMP/out")"
	if grep -Eq "^dyndns: .*($regex)" "$TMP/err"; then pass; else fail "$*: no '$regex' in: $(cat "$TMP/err")"; fi
}

# rule REGEX PATTERN NETWORK [PATTERN NETWORK]: rules that are wrong, with all else right
rule() {
	regex=$1
	shift
	if [ $# -gt 2 ]; then
		wrong 2 "$regex" -l 127.0.0.1@0 -o "$1" "$2" -o "$3" "$4"
	else
		wrong 2 "$regex" -l 127.0.0.1@0 -o "$1" "$2"
	fi
	# `-n` understands a rule no better than a start does.
	wrong 2 "$regex" -n -o "$1" "$2"
}

# word REGEX WORDS...: other words that are wrong, beside a right rule
word() {
	regex=$1
	shift
	wrong 2 "$regex" -o ws123.lab 172.16.2 "$@"
}

L63=123456789012345678901234567890123456789012345678901234567890abc

# --- NETWORK
rule '172\.16\.256' ws.lab 172.16.256
rule '172\.16\.2\.5/24: host bits are set, did you mean 172\.16\.2\.0/24\?' ws.lab 172.16.2.5/24
rule 'fd00::1/64: .*did you mean fd00::/64\?' ws.lab fd00::1/64
rule '172\.16\.2\.0/33' ws.lab 172.16.2.0/33
rule 'fd00::/129' ws.lab fd00::/129
rule '172\.16\.2\.0/' ws.lab 172.16.2.0/
rule '172\.16\.2\.0/8x' ws.lab 172.16.2.0/8x
rule '172\.16\.2\.0/-1' ws.lab 172.16.2.0/-1
rule '172\.16\.2\.0/024' ws.lab 172.16.2.0/024
rule "172\.16/25" ws.lab 172.16/25
rule '172\.16\.' ws.lab 172.16.
rule '172\.\.2' ws.lab 172..2
rule '172\.16\.2\.1\.1' ws.lab 172.16.2.1.1
rule '172\.16\.02' ws.lab 172.16.02
rule '172\.16\.+2' ws.lab '172.16.+2'
rule '172\.16\.2 ' ws.lab '172.16.2 '
rule 'network|example\.com' ws.lab example.com
rule 'fd00:::/64' ws.lab fd00:::/64
rule 'fd00::g/64' ws.lab fd00::g/64
rule 'above|order|172\.16\.2\.150-172\.16\.2\.101' ws.lab 172.16.2.150-172.16.2.101
rule '172\.16\.2\.1-fd00::1' ws.lab 172.16.2.1-fd00::1
rule '172\.16\.2\.1-' ws.lab 172.16.2.1-
rule '172\.16\.2\.1-50' ws.lab 172.16.2.1-50
rule 'empty|NETWORK|not a network' ws.lab ''

# --- PATTERN
rule 'empty' '' 172.16.2
rule 'empty label' ws..lab 172.16.2
rule 'empty label' .lab 172.16.2
rule 'ws999\.lab: .*outside 172\.16\.2' ws999.lab 172.16.2
rule 'ws256\.lab: .*outside 172\.16\.2' ws256.lab 172.16.2
rule 'two numbers' 'ws%d-%d.lab' 172.16.2
rule 'two numbers' 'ws%d%x.lab' 172.16.2
rule 'ws%s\.lab' 'ws%s.lab' 172.16.2
rule 'ws%\.lab' 'ws%.lab' 172.16.2
rule 'ws%3d\.lab' 'ws%3d.lab' 172.16.2
rule 'first label' 'ws.%d.lab' 172.16.2
rule 'ws%d1\.lab' 'ws%d1.lab' 172.16.2
rule 'label over 63' "x$L63.lab" 172.16.2
rule 'label over 63' "ws.x$L63" 172.16.2
rule 'label over 63' "$L63.lab" 172.16.2		# no room for its number
rule '255' "ws.$L63.$L63.$L63.$L63" 172.16.2
rule 'ws lab' 'ws lab' 172.16.2
# What %a may need depends on the network: 50 octets and 10-0-0-255 fit.
L50=$(printf '%050d' 0)
rule 'label over 63' "$L50%a.lab" 100.100.100.0/24
rule 'label over 63' "$L50%a.lab" 10.0.0.0-10.0.0.255
rule 'ws99999999999999999999999999999999999999999\.lab' ws99999999999999999999999999999999999999999.lab fd00::/64
rule 'host name|lab' 'a\.c.lab' 172.16.2

# --- -o itself
wrong 2 'rule|-o' -l 127.0.0.1@0
wrong 2 'rule|-o' -n
wrong 2 '-o' -o
wrong 2 '-o|NETWORK' -o ws.lab
wrong 2 'ws\.lab: -o needs a NETWORK' -o ws.lab -s 127.0.0.1
wrong 2 'ws\.lab: -o needs a NETWORK' -o other.lab 10 -o ws.lab -n

# --- TTL, port, addresses
word '10x' -t 10x
word '-t|TTL' -t ''
word '604801' -t 604801
word '-1' -t -1
word '4294967356' -t 4294967356
word '18446744073709551676' -t 18446744073709551676
word '0x10' -t 0x10
word '1h' -t 1h
word '65536' -p 65536
word '53x' -p 53x
word '-p|port' -p ''
word '-5' -p -5
word 'localhost' -l localhost
word '127\.0\.0\.256' -l 127.0.0.256
word '127\.0\.0\.1@65536' -l 127.0.0.1@65536
word '127\.0\.0\.1@' -l 127.0.0.1@
word '127\.0\.0\.1@5x' -l 127.0.0.1@5x
word '127\.0\.0\.1:53' -l 127.0.0.1:53
word '127\.1' -l 127.1
word '127\.0\.0\.01' -l 127.0.0.01
word '127\.0\.0\.1%lo' -l 127.0.0.1%lo
word 'no-such-if' -l fe80::1%no-such-if
word 'ns\.example' -s ns.example
word '192\.0\.2\.1@0' -s 192.0.2.1@0
word '192\.0\.2\.1@99999' -s 192.0.2.1@99999
word '10\.0\.0\.1/8.*10\.0\.0\.0/8' -a 10.0.0.1/8
word '10\.0\.0\.0/40' -a 10.0.0.0/40
word 'anyone' -a anyone
word '-a|empty|address' -a ''

# --- words that do not go together, or mean nothing
word '-r.*-s|-s.*-r' -r /etc/resolv.conf -s 192.0.2.1
word 'unknown|-x|option' -x
word 'unknown|--helping|--|option' --helping
word 'leftover|name' leftover
# However long a word is, the reason behind it is read.
word 'a NAME goes with -n$' "$(printf '%03000d' 0)"
word "'': a NAME goes with -n" ''
word '-t' -t
word '-l' -l
# Who is not root cannot become anybody: no wrong word, but no start either.
[ "$(id -u)" = 0 ] && status=2 || status=1
wrong "$status" 'no-such-user' -o ws123.lab 172.16.2 -l 127.0.0.1@0 -u no-such-user
# Ten nameservers are more than there is room for.
word '-s|upstream|nameserver' -s 127.0.0.1 -s 127.0.0.2 -s 127.0.0.3 -s 127.0.0.4 -s 127.0.0.5 -s 127.0.0.6 -s 127.0.0.7 -s 127.0.0.8 -s 127.0.0.9

# --- words as other programs write them: the line says how it is written here
word '8\.8\.4\.4: .*-s takes one word, write -s 8\.8\.4\.4$' -s 8.8.8.8 8.8.4.4
word '10/8: .*-a takes one word, write -a 10/8$' -a 192.168.1 10/8
word '127\.0\.0\.1:5300: .*behind an @: write 127\.0\.0\.1@5300$' -l 127.0.0.1:5300
word '\[::1\]:5300: .*behind an @: write ::1@5300$' -l '[::1]:5300'
word '127\.0\.0\.1#5300: .*write 127\.0\.0\.1@5300$' -l 127.0.0.1#5300
word '192\.0\.2\.1#53: .*write 192\.0\.2\.1@53$' -s 192.0.2.1#53
word '::1#53: .*write ::1@53$' -s ::1#53
word '\[::1\]: write ::1, without brackets$' -s '[::1]'
word '127\.0\.0\.256: .*four octets of 0 to 255' -l 127.0.0.256
word '10\.0\.0\.999: .*four octets of 0 to 255' -s 10.0.0.999
word '10\.0\.256/24: .*four octets of 0 to 255' -a 10.0.256/24
word '10/16: .*did you mean 10\.0\.0\.0/16\?' -a 10/16
word '-: a range has no blanks around its dash: FIRST-LAST$' -o ws1.lab 10.0.0.1 - 10.0.0.9
wrong 2 '-o: options go before the NAMEs$' -n ws1.lab -o ws.lab 172.16.2
wrong 2 '-q: options go before the NAMEs$' -n -o ws.lab 172.16.2 ws1.lab -q
wrong 2 "ws\.lab 172\.16\.2: PATTERN and NETWORK are two words" -o 'ws.lab 172.16.2'
wrong 2 "ws lab: PATTERN and NETWORK are two words" -o 'ws lab' 172.16.2
wrong 2 '-ows\.lab: write -o, a space' -ows.lab 172.16.2
rule '172\.16\.2: .*are the words swapped\?$' 172.16.2 172.16.3
rule '172\.16\.2: .*are the words swapped\?$' 172.16.2 ws.lab
rule '\*\.lab: .*write lab none$' '*.lab' none
rule '\*\.lab: .*write lab none$' '*.lab' 10.0.0.1
rule 'NONE: write none$' lab NONE
rule '172\.16\.256: .*0 to 255' ws.lab 172.16.256
rule '172\.16\.2\.0: .*all of 172\.16\.2\.0/24\?$' ws.lab 172.16.2.0
rule '10\.1\.0\.5-9: .*did you mean 10\.1\.0\.5-10\.1\.0\.9\?$' ws.lab 10.1.0.5-9
rule '\?\?rk1\.lab: not ASCII.*xn--' "$(printf 'w\303\266rk1.lab')" 172.16.2
rule 'begins or ends with' ws%d-.lab 172.16.2

# --- what was said before
word '-t.*once' -t 5 -t 6
wrong 2 '-f.*once' -f "$TMP/a" -f "$TMP/b"
word '127\.0\.0\.1@5300.*-l' -l 127.0.0.1@5300 -l 127.0.0.1@5300
word '-l' -p 5300 -l 0.0.0.0 -l 127.0.0.1
word '-l' -p 0 -l 127.0.0.1 -l 127.0.0.1
[ "$(uname)" != Linux ] || word '-l before it' -l ::1%1@5300 -l ::1@5300
word '%INTERFACE' -l fe80::5
word '-f' -f ''

# --- files: status 1 where it is missing, and the line's number where it is wrong
wrong 1 'no-such-file: No such file' -l 127.0.0.1@0 -f "$TMP/no-such-file"
wrong 1 'No such file' -n -f "$TMP/no-such-file"
mkdir "$TMP/directory"
wrong 1 'directory' -l 127.0.0.1@0 -f "$TMP/directory"
printf '# rules\nws.lab 172.16.2\nws.lab 172.16.256 # wrong\n' >"$TMP/rules"
wrong 1 'rules: line 3.*172\.16\.256' -l 127.0.0.1@0 -f "$TMP/rules"
printf 'ws.lab\n' >"$TMP/rules"
wrong 1 'rules: line 1' -l 127.0.0.1@0 -f "$TMP/rules"
printf 'ws.lab 172.16.2 x\n' >"$TMP/rules"
wrong 1 'rules: line 1' -l 127.0.0.1@0 -f "$TMP/rules"
printf 'ws.lab 172.16.2\nws1.lab 10.0.0.1 - 10.0.0.9\n' >"$TMP/rules"
wrong 1 'rules: line 2: .*a range has no blanks, FIRST-LAST$' -l 127.0.0.1@0 -f "$TMP/rules"

# --- addresses that cannot be had: status 1, and the remedy where one is known
upstream UP right
port=${UP##*@}
wrong 1 "port $port is taken" -l "127.0.0.1@$port" -o ws.lab 172.16.2
[ "$(uname)" != Linux ] || wrong 1 'fe80::1%4000: ' -l fe80::1%4000@0 -o ws.lab 172.16.2
wrong 1 '192\.0\.2\.77' -l 192.0.2.77@0 -o ws.lab 172.16.2

# --- what is right: -v and -h to stdout, status 0
for option in -v -h --version --help; do
	"$DYNDNS" $option >"$TMP/out" 2>"$TMP/err"
	is "status of $option" 0 $?
	is "stderr of $option" '' "$(cat "$TMP/err")"
	is "stdout of $option" '*dyndns*' "$(cat "$TMP/out")"
	same "lines of $option over 80 columns" '' "$(awk 'length > 80' "$TMP/out")"
done
# A line never holds what could break it.
wrong 2 'ws' -o "$(printf 'ws\nfake: line.lab')" 172.16.2
wrong 2 'ws' -o "$(printf 'ws\033[31m.lab')" 172.16.2
is 'escapes in the complaint' 0 "$(LC_ALL=C grep -c "$(printf '\033')" "$TMP/err")"
is 'DEL in a complaint' 'dyndns: a\?b: *' "$("$DYNDNS" -o ws.lab 10 "$(printf 'a\177b')" 2>&1)"
finish
