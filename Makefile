# make          dyndns, which `cc -o dyndns dyndns.c` builds as well
# make run      the main job as an ordinary user, on 127.0.0.1 port 5300
# make test     the tests that need cc, make and sh alone
# make check    the tests against real clients, servers, compilers and sanitizers
# make bench    CPU time beside the least that a POSIX program can do; BENCH='-r 5 hit' for one of its works
# make fuzz     every fuzzer for SECONDS (clang)
# make coverage  what the tests reach of the parts without sockets (gcov)

CFLAGS ?= -std=c99 -O2 -Wall -Wextra -Wshadow
# Constants that are compared with stand in the corpus; to trace each comparison would halve the speed.
FUZZING = -g -O2 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-sanitize-coverage=trace-cmp
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
	@$(MAKE) -s dyndns
	@OUT=$(OUT) JOBS=2 LIMIT=600 ALONE=test/check/load.sh sh test/run test/check/[a-z]*.sh

# What the tests run; they link the very dyndns.c with its main renamed, but for what includes it.
tests: $(OUT)/peer $(OUT)/unit $(OUT)/replays

$(OUT)/dyndns.o: dyndns.c dyndns.h
	mkdir -p $(OUT)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Dmain=dyndns_main -c -o $@ dyndns.c

$(OUT)/unit: test/unit.c dyndns.h $(OUT)/dyndns.o
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ test/unit.c $(OUT)/dyndns.o

$(OUT)/peer: test/peer.c
	mkdir -p $(OUT)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ test/peer.c

$(OUT)/replays: test/fuzz_*.c dyndns.h $(OUT)/dyndns.o
	for f in test/fuzz_*.c; do \
		n=$${f##*/}; n=$${n%.c}; [ $$n != fuzz_main ] || continue; \
		o=$(OUT)/dyndns.o; ! grep -q '"../dyndns.c"' $$f || o=; \
		$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $(OUT)/$$n $$f test/fuzz_main.c $$o || exit 1; \
	done
	touch $@

bench:
	@$(MAKE) -s dyndns $(OUT)/bench
	@$(OUT)/bench $(BENCH)
	@CC='$(CC)' OUT=$(OUT) sh test/bench.sh

$(OUT)/bench: test/bench.c
	mkdir -p $(OUT)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ test/bench.c

# Lines and branches of rooms 4 to 7 that the tests reach (gcc, gcov).
coverage:
	@OUT=$(OUT) sh test/coverage.sh

# What is found stays in $(OUT)/found until it is moved to test/corpus.
fuzz:
	@status=0; pids=; for f in test/fuzz_*.c; do \
		n=$${f##*/fuzz_}; n=$${n%.c}; [ $$n != main ] || continue; \
		mkdir -p $(OUT)/found/$$n test/corpus/$$n; \
		o=dyndns.c; ! grep -q '"../dyndns.c"' $$f || o=; \
		clang $(FUZZING) -Dmain=dyndns_main -o $(OUT)/found/$$n.fuzzer $$f $$o || exit 1; \
	done; \
	for f in $(OUT)/found/*.fuzzer; do \
		n=$${f%.fuzzer}; \
		$$f -max_total_time=$(SECONDS) -print_final_stats=1 -artifact_prefix=$$n- \
		    $$n test/corpus/$${n##*/} >$$n.log 2>&1 & pids="$$pids $$!"; \
	done; \
	for p in $$pids; do wait $$p || status=1; done; \
	for f in $(OUT)/found/*.log; do \
		n=$${f##*/}; sed -n 's/^stat::[a-z_]*:  *//p' $$f | head -n 2 | xargs echo $${n%.log}; \
	done | awk '{ print $$1 ": " $$2 " executions, " $$3 " a second"; all += $$2 } END { printf "%.0f executions in all\n", all }'; \
	grep -hE '^==|^SUMMARY|Test unit written' $(OUT)/found/*.log; exit $$status

install: dyndns
	mkdir -p $(OUT) $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8
	sh test/man.sh README >$(OUT)/dyndns.8
	cp dyndns $(DESTDIR)$(SBINDIR)/dyndns
	chmod 755 $(DESTDIR)$(SBINDIR)/dyndns
	cp $(OUT)/dyndns.8 $(DESTDIR)$(MANDIR)/man8/dyndns.8
	chmod 644 $(DESTDIR)$(MANDIR)/man8/dyndns.8

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/dyndns $(DESTDIR)$(MANDIR)/man8/dyndns.8

clean:
	rm -rf dyndns test/out

.PHONY: all run test check tests bench fuzz install uninstall clean coverage
