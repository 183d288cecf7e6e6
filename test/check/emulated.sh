#!/bin/sh
# Proves that the tests pass on machines that this one has to play: big-endian with 64 bits, aligned to 2 octets, strict, small.
. test/lib.sh
story emulated

# All stories on one of them (and on MIPS, see check/machines.sh); on the others those that read and write messages and addresses,
# without 12, the longest: what the words of the command line are told does not depend on the machine.
for played in s390x m68k sparc64 arm; do
	with=$played-linux-gnu-gcc STORIES='test/stories/1[013-9]*.sh test/stories/2[0-2]*.sh'
	case $played in
	s390x) STORIES='' ;;
	arm) with=arm-linux-gnueabihf-gcc ;;
	esac
	if need "$with" "qemu-$played-static"; then machine "$played" "qemu-$played-static" "$with" -static; fi
done
finish
