#!/bin/sh
# Proves that dyndns.c compiles silently with the headers of FreeBSD, NetBSD, OpenBSD and macOS, for each of their machines, and links.
#
# ZIG_LIB is zig's library, which has all these headers; ZIG is zig itself.  Nothing here can be run on this machine.
. test/lib.sh
story systems

strict='-std=c99 -pedantic -Wall -Wextra -Wshadow'
if [ ! -d "${ZIG_LIB:-}" ] || [ ! -x "${ZIG:-}" ]; then
	skip "zig and its library, with the headers of other systems, are not installed"
	finish
fi
export ZIG_LIB_DIR="$ZIG_LIB" ZIG_GLOBAL_CACHE_DIR="$TMP/zig" ZIG_LOCAL_CACHE_DIR="$TMP/zig"

if need clang; then
	own=$(clang -print-resource-dir)/include
	targets=0
	for of in "$ZIG_LIB"/libc/include/*-freebsd-* "$ZIG_LIB"/libc/include/*-netbsd-* "$ZIG_LIB"/libc/include/*-openbsd-*; do
		words=${of##*/}
		machine=${words%%-*}
		system=${words#*-}
		system=${system%%-*}
		[ "$machine" != x86 ] || machine=i386
		# shellcheck disable=SC2086 # words
		said=$(clang -target "$machine-unknown-$system" -nostdinc -isystem "$of" -isystem "$ZIG_LIB/libc/include/generic-$system" \
			-isystem "$own" $strict -fsyntax-only dyndns.c 2>&1)
		same "$machine-$system: status" 0 $?
		same "$machine-$system: silent" '' "$said"
		targets=$((targets + 1))
	done
	at_least 'machines with headers' $targets 20
fi

for target in x86_64-freebsd x86_64-netbsd x86_64-openbsd x86_64-macos aarch64-macos; do
	# shellcheck disable=SC2086
	said=$("$ZIG" cc -target $target $strict -o "$TMP/$target" dyndns.c 2>&1)
	same "zig cc -target $target: status" 0 $?
	same "zig cc -target $target: silent" '' "$said"
	same "zig cc -target $target: a program" yes "$([ -s "$TMP/$target" ] && echo yes)"
	case $target in
	*-macos)
		# The other getgroups counts the groups of the directory, so that a check of what is left of them never ends well.
		# shellcheck disable=SC2086
		"$ZIG" cc -target $target $strict -c -o "$TMP/object" dyndns.c 2>"$TMP/cc.log"
		says "$target: the getgroups it asks for" "$(strings -a "$TMP/object" | grep getgroups)" '^_getgroups$' '!DARWIN_EXTSN'
		;;
	esac
done
finish
