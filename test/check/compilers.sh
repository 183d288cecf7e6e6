#!/bin/sh
# Proves that dyndns.c is silent under every compiler at hand, takes no memory, and that any make builds and installs it.
. test/lib.sh
story compilers

mkdir "$TMP/tree"
cp -R dyndns.c dyndns.h Makefile README test "$TMP/tree"
rm -rf "$TMP/tree/test/out"
cd "$TMP/tree" || exit 1
strict='-std=c99 -pedantic -Wall -Wextra -Wshadow'
explained='' run=''

# build COMMAND...: it is silent, and what it built explains a name as the others do.
build() {
	rm -f built
	said=$("$@" -o built dyndns.c 2>&1)
	same "$*: status" 0 $?
	same "$*: silent" '' "$said"
	says "$*: -v" "$($run ./built -v 2>&1)" '^dyndns [0-9]'
	said=$($run ./built -n -s 127.0.0.1 -l 127.0.0.1 -p 5300 -o ws007.lab 10.0.0.0/8 -o 'n%x.lab' fd00:2::/64 ws010.lab n1f.lab x.lab 2>&1)
	[ -n "$explained" ] || explained=$said
	says "$*: -n" "$said" '10\.0\.0\.10' 'fd00:2::1f'
	same "$*: -n as from the first compiler" "$explained" "$said"
}

build cc
for flags in "$strict" "$strict -O2" "$strict -O3 -D_FORTIFY_SOURCE=2" '-Os'; do
	# shellcheck disable=SC2086 # words
	if need gcc; then build gcc $flags; fi
	# shellcheck disable=SC2086
	if need clang; then build clang $flags; fi
	# shellcheck disable=SC2086
	if need musl-gcc; then
		build musl-gcc $flags
		build musl-gcc -static $flags
	fi
done
# shellcheck disable=SC2086
if need tcc; then build tcc $strict; fi

if m32; then
	run=$run32
	# shellcheck disable=SC2086,SC2154
	build $m32 $strict -O2
	run=
else
	skip 'no 32-bit program can be built and run here'
fi

# A limit that can't work is refused here, and not by a crash at the first question; the least that can, works.
for limit in RULES_MAX UPSTREAMS_MAX FLIGHTS_MAX WAITERS_MAX POOL_MAX POOL_USES CLIENTS_MAX BUFFERS_MAX; do
	if cc -std=c99 -D$limit=0 -fsyntax-only dyndns.c >said 2>&1; then fail "-D$limit=0 compiles"; else pass; fi
	same "-D$limit=1 compiles" '' "$(cc -std=c99 -D$limit=1 -fsyntax-only dyndns.c 2>&1)"
done
for limit in NETS_MAX=8 LISTEN_MAX=0 UPSTREAMS_MAX=9 QUESTION_MAX=511 REPLY_MAX=511 REPLY_MAX=65536; do
	if cc -std=c99 -D$limit -fsyntax-only dyndns.c >said 2>&1; then fail "-D$limit compiles"; else pass; fi
done

if need gcc nm; then
	gcc -O2 -c -o object.o dyndns.c
	undefined=$(nm -u object.o | awk '{ sub(/@.*/, "", $2); print $2 }')
	says 'nm -u shows what the object needs' "$undefined" '^recvfrom$|^recvmsg$' '^poll$'
	says 'nm -u' "$undefined" '!^(malloc|calloc|realloc|reallocarray|strdup|strndup|getaddrinfo|gethostby.*|getline|open_memstream|asprintf|epoll_.*|kqueue|recvmmsg|sendmmsg|pthread_.*|exec[lv].*|system|popen|posix_spawn.*|fopen.*|creat.*)$'
fi

for make in make bmake; do
	need $make || continue
	$make clean >/dev/null 2>&1
	said=$($make 2>&1)
	same "$make: status" 0 $?
	says "$make: silent" "$said" '!warning|error'
	says "$make: -v" "$(./dyndns -v 2>&1)" '^dyndns [0-9]'
	said=$($make tests 2>&1)
	same "$make tests: status" 0 $?
	says "$make tests: silent" "$said" '!warning|error'
	same "$make tests: all of them" '' "$(for f in unit small peer replays; do [ -f test/out/$f ] || echo $f; done)"
	$make install DESTDIR="$TMP/root" PREFIX=/usr >/dev/null 2>&1
	same "$make install: status" 0 $?
	says "$make install" "$("$TMP/root/usr/sbin/dyndns" -v 2>&1)" '^dyndns [0-9]'
	$make uninstall DESTDIR="$TMP/root" PREFIX=/usr >/dev/null 2>&1
	same "$make uninstall leaves nothing" '' "$(find "$TMP/root" -type f)"
	$make clean >/dev/null 2>&1
	same "$make clean leaves nothing" '' "$(ls -d dyndns test/out 2>/dev/null)"
done
finish
