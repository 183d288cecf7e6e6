#!/bin/sh
# Proves that the tests reach every line of rooms 4 to 7, and every branch that has no reason to be out of reach.
# shellcheck source=test/check/lib.sh
. "$(dirname "$0")/lib.sh"

need gcc gcov || finish
said=$(OUT=$tmp sh test/coverage.sh 2>&1)
same 'test/coverage.sh: status' 0 $?
says 'test/coverage.sh' "$said" '^rooms 4 to 7: lines 100\.0 %, branches (9[5-9]|100)\.'
[ "$failed" -eq 0 ] || fail 'what it says' "$said"
finish
