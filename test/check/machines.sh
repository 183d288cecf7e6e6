#!/bin/sh
# Proves that all tests pass on a 32-bit and on a big-endian machine, and that no analyzer finds a fault.
. test/lib.sh
story machines

echo 'int main(void) { return 0; }' >"$TMP/empty.c"

if m32; then
	# shellcheck disable=SC2086,SC2154 # words
	machine 32-bit "$run32" $m32 ${run32:+-static}
else
	skip 'no 32-bit program can be built and run here'
fi
if need mips-linux-gnu-gcc qemu-mips-static; then
	machine big-endian-MIPS qemu-mips-static mips-linux-gnu-gcc -static
fi

# findings TOOL LINE...: what a tool says, each line beginning with the number of the line it is about.  Passed over
# is what these say is no fault: TOOL | TEXT of the message | TEXT of the line | REASON.
cat >"$TMP/no-fault" <<'END'
cppcheck|Uninitialized variable: reply|if (reply[SECTION_ANSWER] == 0) {|answer() has written it where it says REPLY
cppcheck|pointer arithmetic 'text+mark' is out of bounds|return (size_t)(stop - text) < mark|what lies before the || is the check
END
findings() {
	tool=$1
	while IFS=: read -r line message; do
		[ -n "$line" ] || continue
		text=$(sed -n "${line}p" dyndns.c)
		known=
		while IFS='|' read -r of about where _; do
			[ "$of" = "$tool" ] || continue
			case $message in *"$about"*) case $text in *"$where"*) known=yes ;; esac ;; esac
		done <"$TMP/no-fault"
		[ -n "$known" ] || echo "$line: $message: $text"
	done
}

# What is switched off, and why it is noise:
#	padded			how structs are laid out is the compiler's business
#	comma			two assignments on a line of long division
#	format-nonliteral	the log's own formats are handed down; they are checked below, where they are written
#	missing-noreturn	C99 has no word for it
#	reserved-macro-identifier unused-macros		each system has its own switch to show sockets; it must be so named
#	disabled-macro-expansion	glibc's sa_handler is a macro of its own name
#	unsafe-buffer-usage declaration-after-statement	other languages, other standards
#	switch-default covered-switch-default		contradict each other
noise='padded comma format-nonliteral missing-noreturn reserved-macro-identifier unused-macros disabled-macro-expansion
	unsafe-buffer-usage declaration-after-statement switch-default covered-switch-default unknown-warning-option'
if need clang; then
	off=
	for w in $noise; do
		off="$off -Wno-$w"
	done
	# shellcheck disable=SC2086
	same 'clang -Weverything' '' "$(clang -std=c99 -O2 -Weverything $off -c -o "$TMP/object.o" dyndns.c 2>&1)"
	# What C99 can't say: these two do not return.
	cat >"$TMP/noreturn.h" <<-'END'
	struct complaint;
	static void give_up(int, const char *, const char *, ...) __attribute__((noreturn));
	static void give_up_over(int, const char *, const struct complaint *) __attribute__((noreturn));
	END
	said=$(clang --analyze -std=c99 -include "$TMP/noreturn.h" -o "$TMP/analysis" dyndns.c 2>&1 >/dev/null |
		sed -n -e 's/^dyndns\.c:\([0-9]*\):[0-9]*: warning: /\1:/p' -e '/error:/p')
	same "clang's analyzer" '' "$(printf '%s\n' "$said" | findings 'clang --analyze')"
fi
if need gcc; then
	# What C99 can't say either: the formats of these are printf's.
	cat >"$TMP/formats.h" <<-'END'
	#include <stddef.h>
	struct complaint;
	static size_t text_put(char *, size_t, const char *, ...) __attribute__((format(printf, 3, 4)));
	static _Bool complain(struct complaint *, const char *, const char *, ...) __attribute__((format(printf, 3, 4)));
	static void log_line(int, const char *, ...) __attribute__((format(printf, 2, 3)));
	static void log_stranger(int, const char *, ...) __attribute__((format(printf, 2, 3)));
	static void give_up(int, const char *, const char *, ...) __attribute__((format(printf, 3, 4)));
	END
	same 'formats and what is put into them' '' \
		"$(gcc -std=c99 -Wall -Wextra -Wformat=2 -include "$TMP/formats.h" -fsyntax-only dyndns.c 2>&1)"
	said=$(gcc -std=c99 -O2 -fanalyzer -c -o "$TMP/object.o" dyndns.c 2>&1 | grep -E 'warning:|error:')
	same 'gcc -fanalyzer' '' "$said"
fi
if need cppcheck; then
	said=$(cppcheck --std=c99 --enable=warning,performance,portability --quiet --template='{line}:{message}' dyndns.c 2>&1)
	same cppcheck '' "$(printf '%s\n' "$said" | findings cppcheck)"
fi
finish
