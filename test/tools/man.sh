#!/bin/sh
# Turns README into the manual page dyndns(8): test/tools/man.sh README >dyndns.8
#
# README's layout is all there is to know: headings in column 0, text in column 4, what is shown as it stands in
# column 8; a line in column 4 right above column 8 is what the latter explains.  What stands above NAME or below the
# line of dashes is left out.
set -u
# defined NAME: its text in dyndns.h
defined() { sed -n "s/^#define $1 \"\([^\"]*\)\".*/\1/p" "${0%/*}/../../dyndns.h"; }
printf '.TH DYNDNS 8 "%s" "dyndns %s" "System Manager'\''s Manual"\n' "$(defined DYNDNS_DATE)" "$(defined DYNDNS_VERSION)"
exec awk '
function roff(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	if (s ~ /^[.\x27]/) s = "\\&" s
	return s
}

# A block is what stands between two blank lines.
function block_end(  i, explained) {
	if (lines == 0) return
	explained = line[1] !~ /^        / && line[2] ~ /^        /
	if (line[1] ~ /^        /) print (first ? "" : ".PP\n") ".RS 4\n.nf"
	else if (!explained && !first) print ".PP"
	for (i = 1; i <= lines; i++) {
		if (explained && line[i] !~ /^        /) print ".TP\n.B " roff(substr(line[i], 5))
		else print (synopsis ? ".B \"" : "") roff(substr(line[i], line[1] ~ /^        / || explained ? 9 : 5)) (synopsis ? "\"" : "")
	}
	if (line[1] ~ /^        /) print ".fi\n.RE"
	lines = first = 0
}

/^----/ { inside = 0 }
/^NAME$/ { inside = 1 }
!inside { next }
/^[A-Z]/ { block_end(); synopsis = /^SYNOPSIS/; print (/[a-z]/ ? ".SS " : ".SH ") $0; first = 1; next }
/^$/ { block_end(); next }
{ line[++lines] = $0; line[lines + 1] = "" }
END { block_end() }' "$1"
