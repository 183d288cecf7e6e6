#!/bin/sh
# -n explains: rules with first and last name and address, upstreams, listening addresses, warnings; what a NAME gets and why.
. test/lib.sh
story 13-explain

# explain WORDS...: runs -n into $TMP/out; it must succeed, on stdout alone.
explain() {
	"$PEER" run 5 "$DYNDNS" -n "$@" >"$TMP/out" 2>"$TMP/err"
	is "status of -n $*" 0 $?
	is "stderr of -n $*" '' "$(cat "$TMP/err")"
}

# says REGEX: some line does (grep -E);  says_not REGEX
says() {
	if grep -Eq -- "$1" "$TMP/out"; then pass; else fail "no '$1' in:$NL$(cat "$TMP/out")"; fi
}

says_not() {
	if grep -Eq -- "$1" "$TMP/out"; then fail "'$1' in:$NL$(cat "$TMP/out")"; else pass; fi
}

cat >"$TMP/resolv.conf" <<'END'
# a comment
search lab
nameserver 192.0.2.53
nameserver 127.0.0.1
nameserver bogus
nameserver 2001:db8::53
options timeout:2 rotate
END

# --- the rules, in order, with first and last name and address
explain -r "$TMP/resolv.conf" -o workstation123.mohit.com 172.16.2 -o ws007.lab 10.4.0.0/24 -o 'n%x.lab' fd00:7::/120 \
    -o f1.lab 172.19.2.101-172.19.2.150 -o 'ip-%a.lab' 10.0.3.0/24 -o dotless 10.1
says '1: .*workstation0\.mohit\.com.* 172\.16\.2\.0 .*workstation255\.mohit\.com.* 172\.16\.2\.255$'
says '2: .*ws000\.lab.* 10\.4\.0\.0 .*ws255\.lab.* 10\.4\.0\.255$'
says '3: .*n0\.lab.* fd00:7:: .*nff\.lab.* fd00:7::ff$'
says '4: .*f1\.lab.* 172\.19\.2\.101 .*f50\.lab.* 172\.19\.2\.150$'
says '5: .*ip-10-0-3-0\.lab.* 10\.0\.3\.0 .*ip-10-0-3-255\.lab.* 10\.0\.3\.255$'
says '6: .*dotless0.* 10\.1\.0\.0 .*dotless65535.* 10\.1\.255\.255$'
says 'warning: .*6.*PTR'				# a dotless rule gives none
is 'other warnings about rules' 1 "$(grep -c 'warning: rule' "$TMP/out")"

# --- upstreams and addresses; ourselves among the nameservers; a line that was skipped
says '0\.0\.0\.0@53'
says '(^|[^0-9a-f:])::@53'
says 'upstream.* 192\.0\.2\.53@53'
says 'upstream.* 2001:db8::53@53'
says 'warning: .*127\.0\.0\.1.*ourselves'
says 'warning: .*bogus'
says_not '^upstream.*127\.0\.0\.1'
explain -o ws.lab 10.0.0 -s 192.0.2.53 -s 192.0.2.54@5353 -s ::1@5354 -l 127.0.0.1 -l ::1@5353 -p 5399
says 'listen.* 127\.0\.0\.1@5399'
says 'listen.* ::1@5353'
says_not '0\.0\.0\.0@'
says 'upstream.* 192\.0\.2\.53@53$'
says 'upstream.* 192\.0\.2\.54@5353$'
says 'upstream.* ::1@5354$'
says_not 'warning'
explain -o ws.lab 10.0.0 -l 127.0.0.1@5300 -s 127.0.0.1@5300
says 'warning: .*127\.0\.0\.1@5300.*ourselves'
explain -o ws.lab 10.0.0 -l 127.0.0.1@5300 -s 127.0.0.1@5301
says_not 'ourselves'
explain -o ws.lab 10.0.0 -r "$TMP/no-such-file"
says 'warning: .*no-such-file.*No such file'
explain -o ws.lab 10.0.0 -r "$TMP/no$(printf '\033[31m\n')file"
says 'warning: .*/no.\[31m.*file: No such file'
: >"$TMP/empty"
explain -o ws.lab 10.0.0 -r "$TMP/empty" -l 127.0.0.1@5300
says 'upstream|nameserver'				# resolv.conf(5): none means the local one; either way it is said

# More than is read: what is cut off is no nameserver.
{
	printf 'nameserver 192.0.2.53\n'
	awk 'BEGIN { for (i = 0; i < 65535 - 22 - 20 - 1; i++) printf "#"; print ""; print "nameserver 192.0.2.234" }'
} >"$TMP/long"
explain -o ws.lab 10.0.0 -r "$TMP/long"
is 'nameservers of a file that is too long' 1 "$(grep -c '192\.0\.2\.' "$TMP/out")"

# --- rules from a pipe: what is not written yet is waited for
{
	nap 300
	echo 'ws.lab 10.0.0'
} | "$DYNDNS" -n -s 192.0.2.53 -f /dev/stdin ws7.lab >"$TMP/out" 2>&1
says '^ws7\.lab A 10\.0\.0\.7 '

# --- a rule that an earlier one hides
explain -s 192.0.2.53 -o ws1.lab 10.0.0 -o other.lab 10.0.1 -o ws%d.lab 10.9.0 -o ws.lab fd00::/64
says 'warning: .*3.* hidden by .*1$'
is 'warnings' 1 "$(grep -c warning "$TMP/out")"
explain -s 192.0.2.53 -o ws 10.0.0 -o ws.lab 10.9.0
says 'warning: .*2.* hidden by .*1$'			# the dotless rule answers for any domain
explain -s 192.0.2.53 -o ws.lab 10.0.0 -o ws.lab 10.9
says_not 'rule 2 is hidden'				# ws256.lab and on are its own
explain -s 192.0.2.53 -o ws.lab 10.0.0.0/25 -o ws128.lab 10.0.1.0-10.0.1.127 -o ws.lab 10.9.0.0/24
says 'warning: rule 3 is hidden by rule 1 and others'
explain -s 192.0.2.53 -o n%x.lab 10.0.0.0/8 -o n%d.lab 172.16.0.0/16	# a decimal number is a hex one, too
says 'warning: rule 2: n0\.lab is taken by rule 1'
says 'warning: rule 2: n65535\.lab is taken by rule 1'

# --- what a NAME gets, by which rule
RULES='-o workstation123.mohit.com 172.16.2 -o ws 10.0.0 -o workstation123.mohit.com fd00::/120 -o n%x.lab 10.7.0 -o ip-%a.lab 10.0.3.0/24'
name() {
	# shellcheck disable=SC2086 # options and their words
	explain -s 192.0.2.53 $RULES "$@"
}
name workstation10.mohit.com
says 'workstation10\.mohit\.com.* A 172\.16\.2\.10 .*1'
says 'workstation10\.mohit\.com.* AAAA fd00::a .*3'
name WorkStation010.mohit.com.
says 'A 172\.16\.2\.10 .*1'
name ws3.any.where
says 'A 10\.0\.0\.3 .*2'
says_not ' AAAA '
name nFF.lab
says 'A 10\.7\.0\.255 .*4'
name 172.16.2.10
says 'PTR workstation10\.mohit\.com.*1'
name 10.2.16.172.in-addr.arpa
says 'PTR workstation10\.mohit\.com.*1'
name fd00::a
says 'PTR workstation10\.mohit\.com.*3'
name ip-10-0-3-7.lab ws1.lan
says 'ip-10-0-3-7\.lab.* A 10\.0\.3\.7 .*5'
says 'ws1\.lan.* A 10\.0\.0\.1 .*2'

# --- or why it is a miss
name workstation999.mohit.com
says 'number 999 is outside 172\.16\.2\.0/24'
says 'number 999 is outside fd00::/120'
says 'workstation999\.mohit\.com.*miss'
name nfff.lab
says 'number fff is outside 10\.7\.0\.0/24'
explain -o f1.lab 172.19.2.101-172.19.2.150 -o g.lab fd00::-fd00::8 f51.lab g9.lab
says 'number 51 is outside 172\.19\.2\.101-172\.19\.2\.150$'
says 'number 9 is outside fd00::-fd00::8$'
name workstation.mohit.com
says 'workstation\.mohit\.com.*miss'
says 'no number'
name workstation10.mohit.org
says 'miss'
says 'domain'
name workstation10a.mohit.com
says 'miss'
says 'after the number'
name www.example.org
says 'www\.example\.org.*miss'
says_not 'outside'
name 10.0.0.3						# a dotless rule has no PTR
says 'miss'
name 192.0.2.1
says 'miss'
name .
says 'miss'
name ip-10-0-3-07.lab ip-hello.lab ip-10-0-4-1.lab
is 'not an address' 2 "$(grep -c 'rule 5: no IPv4 address after ip-' "$TMP/out")"
says 'rule 5: address 10-0-4-1 is outside 10\.0\.3\.0/24'
explain -s 192.0.2.53 -o ws 10.0.0.0/24 -o ws.lab 10.1.0.0/24 10.1.0.5
says 'no PTR: rule 2 would write ws5\.lab, which another rule takes'
# Nothing that was asked or read reaches the terminal as it is.
unescaped() {
	is 'escapes in what is explained' 0 "$(LC_ALL=C grep -c "$(printf '\033')" "$TMP/out")"
}
printf 'nameserver \033[31mred\n' >"$TMP/red"
explain -r "$TMP/red" -o 'ip-%a.lab' 10
unescaped
explain -s 192.0.2.53 -o 'ip-%a.lab' 10 'ip-\027[31mx.lab'
unescaped

# --- a NAME that cannot be one, and NAMEs without -n
"$DYNDNS" -n -o ws.lab 10.0.0 'a..b' >"$TMP/out" 2>"$TMP/err"
is 'status of a..b' 2 $?
is 'complaint about a..b' 'dyndns: a..b: *' "$(cat "$TMP/err")"

# --- -n binds nothing: an address that is taken, and port 53 for whoever it is
upstream UP right
explain -l "$UP" -o ws.lab 10.0.0 -s 192.0.2.53
says "listen.* $UP"
finish
