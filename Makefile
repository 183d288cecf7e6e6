# make          dyndns, which `cc -o dyndns dyndns.c` builds as well
# make run      the main job as an ordinary user, on 127.0.0.1 port 5300
# make test     the tests that need cc, make and sh alone
# make check    the tests against real clients, servers, compilers and sanitizers
# make bench    CPU time beside the least that a POSIX program can do; BENCH='-r 5 hit' for one of its works
# make proof    the message layer, proved for all messages (Frama-C)
# make fuzz     every fuzzer for SECONDS (clang)
# make coverage  what the tests reach of the parts without sockets (gcov)

CFLAGS ?= -std=c99 -O2 -Wall -Wextra -Wshadow
PREFIX = /usr/local
SBINDIR = $(PREFIX)/sbin
MANDIR = $(PREFIX)/share/man
SECONDS = 60
BENCH = -r 3 -s 2
OUT = test/out

all: dyndns

dyndns: dyndns.c dyndns.h
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ dyndns.c

run: dyndns
	@echo 'Try: nslookup -port=5300 workstation10.mohit.com 127.0.0.1'
	./dyndns -l 127.0.0.1 -p 5300 -o workstation123.mohit.com 172.16.2

test:
	@$(MAKE) -s dyndns tests
	@OUT=$(OUT) sh test/run

check:
	@$(MAKE) -s dyndns tests
	@OUT=$(OUT) JOBS=2 LIMIT=900 ALONE="test/check/load.sh test/check/failover.sh test/check/attacks.sh" sh test/run test/check/*.sh

# What the tests run; they link the very dyndns.c with its main renamed, but for what includes it.
tests: $(OUT)/peer $(OUT)/unit $(OUT)/small $(OUT)/replays

$(OUT)/dyndns.o: dyndns.c dyndns.h
	mkdir -p $(OUT)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Dmain=dyndns_main -c -o $@ dyndns.c

$(OUT)/unit: test/unit/*.c test/unit/unit.h dyndns.h $(OUT)/dyndns.o
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ test/unit/[a-z]*.c $(OUT)/dyndns.o

$(OUT)/small: test/proof/small.c dyndns.h $(OUT)/dyndns.o
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -I. -o $@ test/proof/small.c $(OUT)/dyndns.o

$(OUT)/peer: test/tools/peer.c
	mkdir -p $(OUT)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ test/tools/peer.c

$(OUT)/replays: test/fuzz/*.c dyndns.h $(OUT)/dyndns.o
	for f in question reply resolv rule; do \
		$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $(OUT)/fuzz_$$f test/fuzz/$$f.c test/fuzz/main.c $(OUT)/dyndns.o || exit 1; \
	done
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $(OUT)/fuzz_stream test/fuzz/stream.c test/fuzz/main.c
	touch $@

bench:
	@$(MAKE) -s dyndns $(OUT)/bench
	@$(OUT)/bench $(BENCH)
	@CC='$(CC)' OUT=$(OUT) sh test/tools/bench.sh

$(OUT)/bench: test/tools/bench.c
	mkdir -p $(OUT)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ test/tools/bench.c

coverage:
	@OUT=$(OUT) SHOW=yes sh test/check/coverage.sh

fuzz:
	@OUT=$(OUT) sh test/fuzz/run $(SECONDS)

proof:
	@sh test/proof/run

# As root it writes nothing into the tree: what make has not built is built in its place.
install:
	mkdir -p $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8
	if [ -x dyndns ]; then cp dyndns $(DESTDIR)$(SBINDIR)/dyndns; \
	else $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $(DESTDIR)$(SBINDIR)/dyndns dyndns.c; fi
	chmod 755 $(DESTDIR)$(SBINDIR)/dyndns
	sh test/tools/man.sh README >$(DESTDIR)$(MANDIR)/man8/dyndns.8
	chmod 644 $(DESTDIR)$(MANDIR)/man8/dyndns.8

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/dyndns $(DESTDIR)$(MANDIR)/man8/dyndns.8

clean:
	rm -rf dyndns test/out

.PHONY: all run test check tests bench fuzz proof install uninstall clean coverage
