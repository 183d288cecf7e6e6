#!/bin/sh
# Proves that the scripts are clean POSIX sh, and that the tree holds what the design names and no more.
. test/lib.sh
story scripts

scripts='test/run test/fuzz/run test/proof/run test/lib.sh test/stories/*.sh test/tools/*.sh test/check/*.sh'
if need shellcheck; then
	for f in $scripts .ci/run; do
		same "shellcheck $f" '' "$(shellcheck -x "$f" 2>&1)"
	done
fi
if need dash; then
	for f in $scripts; do
		same "dash -n $f" '' "$(dash -n "$f" 2>&1)"
	done
fi
if need bash; then
	for f in $scripts .ci/run; do
		same "bash -n $f" '' "$(bash -n "$f" 2>&1)"
	done
fi
for f in test/stories/[0-9]*.sh test/check/[a-z]*.sh; do
	[ "${f##*/}" != lib.sh ] || continue
	same "$f begins with #!/bin/sh" '#!/bin/sh' "$(head -n 1 "$f")"
	says "$f says what it proves" "$(sed -n 2p "$f")" '^# .{20}'
done
# Every fuzzer has seeds that its plain build replays.
for f in test/fuzz/*.c; do
	n=${f##*/}
	n=${n%.c}
	[ "$n" = main ] || says "test/fuzz/corpus/$n has seeds" "$(ls "test/fuzz/corpus/$n" 2>&1)" '^.+$' '!No such file'
done

for f in * .[!.]*; do
	case $f in
	dyndns.c | dyndns.h | Makefile | test | README | LICENSE) pass ;;
	dyndns) pass ;; # the build's product
	.git | .ci | .gitignore | .editorconfig | .clang-format) pass ;;
	*) fail "the top of the tree holds $f" ;;
	esac
done
if command -v git >/dev/null 2>&1 && [ -e .git ]; then
	same 'what make builds is ignored' '' "$(git status --porcelain -- dyndns test/out 2>&1)"
fi
# Each function fits a screen.
same 'functions over 40 lines' '' "$(awk '/^[a-z ].*\) \{$/ && !inside { start = NR; name = $0; inside = 1 }
	/^}/ { if (inside && NR - start + 1 > 40) print NR - start + 1, name; inside = 0 }' dyndns.c)"
at_most 'lines of README' "$(wc -l <README)" 539
at_most 'lines of its manual page' "$(sed '/^---- The manual page ends/q' README | wc -l)" 319
# What it has become is not to grow; lines that are there for the proof don't count.
without_proof() { awk '/\/\*@/ { proof = 1 } !proof { n++ } /\*\// { proof = 0 } END { print n }'; }
at_most 'lines of dyndns.c' "$(without_proof <dyndns.c)" 4507
at_most 'lines of rooms 7 and 8' "$(sed -n '/^\/\* ==== 7 /,/^\/\* ==== 9 /p' dyndns.c | sed '$d' | without_proof)" 900
finish
