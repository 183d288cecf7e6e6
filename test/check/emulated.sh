#!/bin/sh
# Proves that the tests pass on machines that this one has to play: big-endian with 64 bits, aligned to 2 octets, strict, small.
. test/lib.sh
story emulated

# All stories on one of them (and on MIPS, see check/machines.sh); on the others those that read and write messages and addresses.
for played in s390x=s390x m68k=m68k sparc64=sparc64 arm=arm; do
	STORIES='test/stories/1*.sh test/stories/2[0-2]*.sh'
	[ "$played" != s390x=s390x ] || STORIES=''
	case $played in
	arm=*) with=arm-linux-gnueabihf-gcc ;;
	*) with=${played%=*}-linux-gnu-gcc ;;
	esac
	runner=qemu-${played#*=}-static
	if need "$with" "$runner"; then machine "${played%=*}" "$runner" "$with" -static; fi
done
finish
