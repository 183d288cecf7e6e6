/* bench.c -- what a question costs dyndns, beside the least that a POSIX program can do.
 *
 *	bench [-b DYNDNS] [-r ROUNDS] [-s SECONDS] [WORK...]
 *
 * Each WORK prints a line or two; without any, all are done:
 *
 *	hit	UDP hits, with -l 127.0.0.1 and with the default wildcard socket
 *	hit-tcp	hits on four TCP connections
 *	miss	misses, relayed to an upstream that answers at once
 *	rules	hits among 1,000 rules, and among 4,096 with domains, beside one
 *	flights	hits while 4,000 misses wait for a mute upstream, beside none
 *	deep	4,000 misses in flight, upstream takes 30 ms
 *	burst	2,000 hits at once
 *	storm	99th percentile of hits' times while 1,000 misses a second find no upstream
 *	memory	resident after a million hits
 *	start	from exec to the first answer
 *
 * The figure is CPU time, user and system, of the server's process for each
 * answer: it does not depend on how fast this program asks.  Servers take
 * turns of at most a quarter of a second, a new process each, and what is printed is
 * the median of the ratios of neighbouring turns: a machine that is busy or
 * changes its clock is so for both.  Where CPUs can be chosen, the server has
 * one and everything else another.
 *
 * The floor is in this file, run as `bench floor` and `bench relay PORT`:
 * it checks nothing, and answers every question with one fixed record.
 */
#define _GNU_SOURCE /* sched_setaffinity, wait4: where they exist */
#define _DARWIN_C_SOURCE

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	QUESTION_ROOM = 128,
	WINDOW_MAX = 4096, /* questions in flight: a slot's number is 12 bits of its question's id */
	SOCKETS_MAX = 64,
	TURNS_MAX = 400,
	PATIENCE_US = 2000000, /* then a question is lost */
	LIFE = 120 /* seconds, and the work's, after which a server that we forgot ends by itself */
};

/* ---- Tools --------------------------------------------------------------- */

static pid_t children[8]; /* what was started, and has to be stopped whatever happens */

static void children_kill(void) {
	unsigned i;

	for (i = 0; i < sizeof children / sizeof *children; i++)
		if (children[i]) kill(children[i], SIGKILL);
}

static void interrupted(int number) {
	children_kill();
	_exit(128 + number);
}

static void die(const char *format, ...) {
	va_list args;

	fprintf(stderr, "bench: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	children_kill();
	exit(1);
}

static int64_t now_us(void) {
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void pause_ms(int ms) { poll(NULL, 0, ms); }

/* The same row of numbers in every run. */
static uint32_t roll(uint32_t sides) {
	static uint32_t dice = 2463534242u;

	dice ^= dice << 13;
	dice ^= dice >> 17;
	dice ^= dice << 5;
	return dice % sides;
}

static int by_size(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts them: the element that `part` of them are below. */
static double quantile(double *all, unsigned count, double part) {
	unsigned i = (unsigned)(part * count);

	if (count == 0) return 0;
	qsort(all, count, sizeof *all, by_size);
	if (part == 0.5 && count % 2 == 0) return (all[i - 1] + all[i]) / 2;
	return all[i < count ? i : count - 1];
}

/* The first CPU that we may use for the server, the last for all else; where
 * there is but one, or the system does not say, the scheduler decides. */
static void pin(bool server) {
#ifdef CPU_SET
	static cpu_set_t may;
	static int first = -1, last = -1;
	cpu_set_t one;
	int i;

	if (first < 0) {
		if (sched_getaffinity(0, sizeof may, &may) < 0) return;
		for (i = 0; i < CPU_SETSIZE; i++) {
			if (!CPU_ISSET(i, &may)) continue;
			if (first < 0) first = i;
			last = i;
		}
	}
	if (first == last) return;
	CPU_ZERO(&one);
	CPU_SET(server ? first : last, &one);
	sched_setaffinity(0, sizeof one, &one);
#else
	(void)server;
#endif
}

static struct sockaddr_in loopback(unsigned port) {
	struct sockaddr_in at;

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_port = htons((uint16_t)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return at;
}

/* A socket connected to `port`, or bound to a free one where that is 0. */
static int socket_make(int type, unsigned port) {
	struct sockaddr_in at = loopback(port);
	int fd = socket(AF_INET, type, 0), on = 1, room = 1 << 20;

	const struct sockaddr *to = (struct sockaddr *)&at;

	if (fd < 0 || (port ? connect(fd, to, sizeof at) : bind(fd, to, sizeof at)) < 0)
		die("port %u: %s", port, strerror(errno));
	if (type == SOCK_STREAM) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (type == SOCK_DGRAM) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static unsigned socket_port(int fd) {
	struct sockaddr_in at;
	socklen_t len = sizeof at;

	return getsockname(fd, (struct sockaddr *)&at, &len) < 0 ? 0 : ntohs(at.sin_port);
}

/* ---- The floor ----------------------------------------------------------- */

/* Says on stderr what dyndns says there: the port, and that it is ready.
 * Without stdio, whose memory is not the floor's. */
static void floor_ready(int fd) {
	char said[] = "listening on 127.0.0.1@00000\nready\n", *digit = strchr(said, '\n');
	unsigned port = socket_port(fd);

	for (; port; port /= 10) *--digit += (char)(port % 10);
	(void)!write(STDERR_FILENO, said, sizeof said - 1);
}

static size_t floor_reply(uint8_t *msg, size_t len) {
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 172, 16, 2, 9 };

	msg[2] |= 0x80;
	msg[7] = 1;
	memcpy(msg + len, record, sizeof record);
	return len + sizeof record;
}

/* Answers all that was read, in one write; returns the octets of a frame that is not whole yet. */
static size_t floor_frames(int fd, uint8_t *in, size_t have) {
	static uint8_t out[65536];
	size_t pos = 0, made = 0, len;

	while (have - pos >= 2 && have - pos - 2 >= (len = (size_t)in[pos] << 8 | in[pos + 1])) {
		memcpy(out + made + 2, in + pos + 2, len);
		pos += 2 + len;
		len = floor_reply(out + made + 2, len);
		out[made] = (uint8_t)(len >> 8);
		out[made + 1] = (uint8_t)len;
		made += 2 + len;
	}
	if (made && write(fd, out, made) != (ssize_t)made) return have + 1; /* it does not read: away */
	memmove(in, in + pos, have - pos);
	return have - pos;
}

static void floor_answer(void) {
	enum { LISTENERS = 2, CLIENTS = 16, CHUNK = 16384 };
	static uint8_t in[CLIENTS][CHUNK], msg[4096 + 16];
	static size_t have[CLIENTS];
	struct pollfd p[LISTENERS + CLIENTS];
	struct sockaddr_in at;
	unsigned i, clients = 0;

	/* A port that is free for both. */
	p[1].fd = socket(AF_INET, SOCK_STREAM, 0);
	do {
		p[0].fd = socket_make(SOCK_DGRAM, 0);
		at = loopback(socket_port(p[0].fd));
	} while (bind(p[1].fd, (struct sockaddr *)&at, sizeof at) < 0);
	listen(p[1].fd, CLIENTS);
	for (i = 0; i < LISTENERS + CLIENTS; i++) {
		if (i >= LISTENERS) p[i].fd = -1;
		p[i].events = POLLIN;
	}
	floor_ready(p[0].fd);
	for (;;) {
		poll(p, LISTENERS + clients, -1);
		while (p[0].revents) {
			socklen_t len = sizeof at;
			ssize_t n = recvfrom(p[0].fd, msg, 4096, 0, (struct sockaddr *)&at, &len);

			if (n < 12) break;
			sendto(p[0].fd, msg, floor_reply(msg, (size_t)n), 0, (struct sockaddr *)&at, len);
		}
		for (i = 0; i < clients; i++) {
			struct pollfd *c = &p[LISTENERS + i];
			ssize_t n;

			if (c->fd < 0 || c->revents == 0) continue;
			n = read(c->fd, in[i] + have[i], CHUNK - have[i]);
			if (n > 0) have[i] = floor_frames(c->fd, in[i], have[i] + (size_t)n);
			if (n <= 0 || have[i] >= CHUNK) {
				close(c->fd);
				c->fd = -1;
			}
		}
		for (i = 0; p[1].revents && i < CLIENTS; i++)
			if (p[LISTENERS + i].fd < 0) {
				have[i] = 0;
				p[LISTENERS + i].fd = accept(p[1].fd, NULL, NULL);
				clients += i == clients;
				break;
			}
	}
}

/* One connected socket upwards; a question's id there is its place in a table. */
static void floor_relay(unsigned port) {
	static struct {
		struct sockaddr_in from;
		uint8_t id[2];
	} asked[65536];
	static uint8_t msg[4096];
	struct pollfd p[2];
	unsigned next = 0, i;
	ssize_t n;

	p[0].fd = socket_make(SOCK_DGRAM, 0);
	p[1].fd = socket_make(SOCK_DGRAM, port);
	p[0].events = p[1].events = POLLIN;
	floor_ready(p[0].fd);
	for (;;) {
		poll(p, 2, -1);
		while (p[0].revents) {
			socklen_t len = sizeof asked->from;

			i = next % 65536;
			n = recvfrom(p[0].fd, msg, sizeof msg, 0, (struct sockaddr *)&asked[i].from, &len);
			if (n < 12) break;
			next++;
			memcpy(asked[i].id, msg, 2);
			msg[0] = (uint8_t)(i >> 8);
			msg[1] = (uint8_t)i;
			send(p[1].fd, msg, (size_t)n, 0);
		}
		while (p[1].revents && (n = recv(p[1].fd, msg, sizeof msg, 0)) >= 12) {
			i = (unsigned)msg[0] << 8 | msg[1];
			memcpy(msg, asked[i].id, 2);
			sendto(p[0].fd, msg, (size_t)n, 0, (struct sockaddr *)&asked[i].from,
			    sizeof asked[i].from);
		}
	}
}

/* An upstream that takes its time. */
static void floor_slow(void) {
	enum { WAITING = 16384, SLOW_US = 30000 };
	static struct {
		struct sockaddr_in from;
		int64_t due;
		size_t len;
		uint8_t msg[QUESTION_ROOM + 16];
	} asked[WAITING];
	unsigned head = 0, tail = 0;
	struct pollfd p;

	p.fd = socket_make(SOCK_DGRAM, 0);
	p.events = POLLIN;
	floor_ready(p.fd);
	for (;;) {
		int64_t now = now_us();

		for (; tail != head && asked[tail % WAITING].due <= now; tail++)
			sendto(p.fd, asked[tail % WAITING].msg, asked[tail % WAITING].len, 0,
			    (struct sockaddr *)&asked[tail % WAITING].from, sizeof asked->from);
		poll(&p, 1, tail == head ? -1 : (int)((asked[tail % WAITING].due - now + 999) / 1000));
		now = now_us();
		while (p.revents && head - tail < WAITING) {
			socklen_t len = sizeof asked->from;
			unsigned i = head % WAITING;
			ssize_t n = recvfrom(
			    p.fd, asked[i].msg, QUESTION_ROOM, 0, (struct sockaddr *)&asked[i].from, &len);

			if (n < 12) break;
			asked[i].len = floor_reply(asked[i].msg, (size_t)n);
			asked[i].due = now + SLOW_US;
			head++;
		}
	}
}

/* An upstream that says nothing. */
static void floor_mute(void) {
	floor_ready(socket_make(SOCK_DGRAM, 0));
	for (;;) pause();
}

/* ---- Servers ------------------------------------------------------------- */

static const char *self, *dyndns = "./dyndns";
static unsigned rounds = 3, turns;
static double seconds = 2, turn_seconds;

struct server {
	pid_t pid;
	unsigned port;
	int log;
};

/* Runs `program WORDS`, and reads what it says until it is ready.  Words are
 * parted by spaces. */
static struct server server_start(bool server, const char *program, const char *words) {
	char said[4096], line[1024], *argv[32], *at;
	int64_t end = now_us() + 10000000;
	struct server s;
	struct pollfd p;
	size_t have = 0, n = 0, i;
	ssize_t got;
	int tell[2];

	snprintf(line, sizeof line, "%s", words);
	argv[n++] = (char *)(uintptr_t)program;
	for (at = strtok(line, " "); at && n < 31; at = strtok(NULL, " ")) argv[n++] = at;
	argv[n] = NULL;
	if (pipe(tell) < 0 || (s.pid = fork()) < 0) die("%s", strerror(errno));
	if (s.pid == 0) {
		pin(server);
		alarm(LIFE + (unsigned)(4 * rounds * seconds));
		dup2(tell[1], STDERR_FILENO);
		close(tell[0]);
		close(tell[1]);
		execv(program, argv);
		fprintf(stderr, "%s: %s\n", program, strerror(errno));
		_exit(127);
	}
	for (i = 0; i < sizeof children / sizeof *children && children[i]; i++)
		;
	children[i % (sizeof children / sizeof *children)] = s.pid;
	close(tell[1]);
	s.log = p.fd = tell[0];
	p.events = POLLIN;
	do {
		got = -1;
		if (now_us() < end && poll(&p, 1, 10000) == 1)
			got = read(s.log, said + have, sizeof said - 1 - have);
		if (got > 0) have += (size_t)got;
		said[have] = '\0';
		if (got <= 0) die("%s %s: did not start: %s", program, words, said);
	} while (!strstr(said, "ready\n"));
	at = strstr(said, "listening on ");
	at = at ? strchr(at, '@') : NULL;
	s.port = at ? (unsigned)atoi(at + 1) : 0;
	return s;
}

/* CPU seconds of a process so far, or -1 where they are known only at its end. */
static double server_cpu(const struct server *s) {
#if defined _POSIX_CPUTIME && _POSIX_CPUTIME >= 0
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(s->pid, &clock) == 0 && clock_gettime(clock, &t) == 0)
		return (double)t.tv_sec + t.tv_nsec / 1e9;
#endif
	(void)s;
	return -1;
}

static double seconds_of(struct timeval t) { return (double)t.tv_sec + t.tv_usec / 1e6; }

/* KiB of memory: the peak of all, and what is not the libraries' own pages. */
struct memory {
	long peak, own;
};

/* Ends it; returns the CPU seconds of its life. */
static double server_stop(struct server *s, struct memory *m) {
	struct rusage used;
	char line[256];
	unsigned i;
	FILE *f;

	/* On Linux ru_maxrss counts what was there before exec as well; /proc does not. */
	snprintf(line, sizeof line, "/proc/%ld/status", (long)s->pid);
	if (m) memset(m, 0, sizeof *m);
	if (m && (f = fopen(line, "r"))) {
		while (fgets(line, sizeof line, f))
			if (sscanf(line, "VmHWM: %ld", &m->peak) != 1) sscanf(line, "RssAnon: %ld", &m->own);
		fclose(f);
	}
	kill(s->pid, SIGKILL);
	while (wait4(s->pid, NULL, 0, &used) < 0 && errno == EINTR)
		;
	for (i = 0; i < sizeof children / sizeof *children; i++)
		if (children[i] == s->pid) children[i] = 0;
	close(s->log);
	if (m && m->peak == 0) m->peak = used.ru_maxrss;
	return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

/* ---- Questions ----------------------------------------------------------- */

enum kind { HIT, MISS, RULE };

static size_t name_put(uint8_t *at, const char *text) {
	size_t len = 0, n;

	for (;; text += n + (text[n] == '.')) {
		n = strcspn(text, ".");
		at[len++] = (uint8_t)n;
		memcpy(at + len, text, n);
		len += n;
		if (n == 0) return len;
	}
}

/* The names of the rules: as long as each other, the number behind prefixes of
 * eight different lengths, in eight domains. */
static const char *rule_text(unsigned i, const char *number, bool domain, char out[64]) {
	unsigned cut = i % 8;

	snprintf(out, 64, "%s%c%c%c%s%s%.*s%s", &"workstation"[cut], 'a' + (i >> 8 & 15), 'a' + (i >> 4 & 15),
	    'a' + (i & 15), number, domain ? ".mohit" : "", domain ? (int)cut : 0, "xxxxxxx",
	    domain ? ".com" : "");
	return out;
}

/* A whole question of type A; `rules`: how many there are to ask about. */
static size_t question(uint8_t *msg, unsigned id, enum kind kind, unsigned rules) {
	static unsigned misses;
	char name[64], number[16];
	size_t len;

	snprintf(number, sizeof number, "%u", roll(256));
	if (kind == HIT)
		snprintf(name, sizeof name, "workstation%s.mohit.com", number);
	else if (kind == MISS)
		snprintf(name, sizeof name, "h%u.example.net", misses++);
	else
		rule_text(roll(rules), number, true, name);
	memcpy(msg, "\0\0\1\0\0\1\0\0\0\0\0\0", 12);
	msg[0] = (uint8_t)(id >> 8);
	msg[1] = (uint8_t)id;
	len = 12 + name_put(msg + 12, name);
	memcpy(msg + len, "\0\1\0\1", 4);
	return len + 4;
}

static bool is_answer(const uint8_t *msg, size_t len) {
	return len > 12 && msg[2] & 0x80 && (msg[3] & 15) == 0 && msg[7] == 1;
}

/* ---- Load ---------------------------------------------------------------- */

/* A number of questions always in flight, each reply making room for the next question. */
struct load {
	enum kind kind;
	bool tcp;
	unsigned window, rules, sockets;
	unsigned long answers, lost, wrong;
	bool running;
	int64_t now;
	struct pollfd p[SOCKETS_MAX];
	struct {
		size_t have;
		uint8_t in[4096];
	} stream[4];
	struct {
		int64_t sent; /* 0: no question is out */
		unsigned turn;
	} slot[WINDOW_MAX];
	unsigned out;
};

static void load_open(struct load *l, unsigned port) {
	unsigned i;

	/* Few enough on each for a socket's least room, whoever doesn't read for a while. */
	l->sockets = l->window <= 100 ? 4 : (l->window + 99) / 100;
	for (i = 0; i < l->sockets; i++) {
		l->p[i].fd = socket_make(l->tcp ? SOCK_STREAM : SOCK_DGRAM, port);
		l->p[i].events = POLLIN;
		if (l->tcp) l->stream[i].have = 0;
	}
	l->answers = l->lost = l->wrong = l->out = 0;
	memset(l->slot, 0, sizeof l->slot);
}

static void load_close(struct load *l) {
	unsigned i;

	for (i = 0; i < l->sockets; i++) close(l->p[i].fd);
}

static void load_ask(struct load *l, unsigned i) {
	uint8_t msg[2 + QUESTION_ROOM];
	size_t len = question(msg + 2, i | (++l->slot[i].turn & 15) << 12, l->kind, l->rules);

	msg[0] = 0;
	msg[1] = (uint8_t)len;
	l->slot[i].sent = l->now;
	l->out++;
	/* A datagram that can't be sent is lost like any other. */
	if (l->tcp)
		l->wrong += write(l->p[i % l->sockets].fd, msg, 2 + len) != (ssize_t)(2 + len);
	else
		(void)!write(l->p[i % l->sockets].fd, msg + 2, len);
	/* The upstream may be on this CPU: it has to empty its socket. */
	if (l->window > 100 && l->out % 32 == 0) sched_yield();
}

static void load_heard(struct load *l, const uint8_t *msg, size_t len) {
	unsigned id = len < 2 ? 0 : (unsigned)msg[0] << 8 | msg[1], i = id % WINDOW_MAX;

	if (i >= l->window || l->slot[i].sent == 0 || id >> 12 != (l->slot[i].turn & 15)) return;
	l->wrong += !is_answer(msg, len);
	l->answers++;
	l->out--;
	l->slot[i].sent = 0;
	if (l->running) load_ask(l, i);
}

static void load_read(struct load *l, unsigned s) {
	uint8_t msg[512], *in;
	size_t pos = 0, have, len;
	ssize_t n;
	unsigned k;

	if (!l->tcp) {
		for (k = 0; k < 64 && (n = read(l->p[s].fd, msg, sizeof msg)) >= 0; k++)
			load_heard(l, msg, (size_t)n);
		return;
	}
	in = l->stream[s].in;
	n = read(l->p[s].fd, in + l->stream[s].have, sizeof l->stream[s].in - l->stream[s].have);
	if (n <= 0) die("a TCP connection was closed");
	have = l->stream[s].have + (size_t)n;
	while (have - pos >= 2 && have - pos - 2 >= (len = (size_t)in[pos] << 8 | in[pos + 1])) {
		load_heard(l, in + pos + 2, len);
		pos += 2 + len;
	}
	memmove(in, in + pos, have - pos);
	l->stream[s].have = have - pos;
}

/* Asks for so many seconds, or until there were so many answers, and waits for the rest. */
static void load_run(struct load *l, double length, unsigned long answers) {
	int64_t end, look;
	unsigned i;

	l->now = now_us();
	end = l->now + (int64_t)(length * 1e6);
	look = l->now + 100000;
	l->running = true;
	for (i = 0; i < l->window; i++) load_ask(l, i);
	while (l->out) {
		poll(l->p, l->sockets, 100);
		l->now = now_us();
		l->running = l->now < end && l->answers < answers;
		for (i = 0; i < l->sockets; i++)
			if (l->p[i].revents) load_read(l, i);
		if (l->now < look) continue;
		look = l->now + 100000;
		for (i = 0; i < l->window; i++)
			if (l->slot[i].sent && l->now - l->slot[i].sent > PATIENCE_US) {
				l->lost++;
				l->out--;
				l->slot[i].sent = 0;
				if (l->running) load_ask(l, i);
			}
	}
	if (l->wrong) die("%lu answers are not what was asked for", l->wrong);
}

/* One of the counters that dyndns tells by stats.dyndns. CH TXT. */
static unsigned long counter(unsigned port, const char *name) {
	static const uint8_t stats[] = "\0\1\1\0\0\1\0\0\0\0\0\0\5stats\6dyndns\0\0\20\0\3";
	struct pollfd p;
	char msg[1024];
	ssize_t n = -1;
	char *at;

	p.fd = socket_make(SOCK_DGRAM, port);
	p.events = POLLIN;
	if (write(p.fd, stats, sizeof stats - 1) > 0 && poll(&p, 1, 2000) == 1)
		n = read(p.fd, msg, sizeof msg - 1);
	close(p.fd);
	if (n < 0) return 0;
	for (msg[n] = '\0', at = msg; at < msg + n; at++)
		if (strncmp(at, name, strlen(name)) == 0 && at[strlen(name)] == '=')
			return strtoul(at + strlen(name) + 1, NULL, 10);
	return 0;
}

/* Leaves so many misses in the air, with a mute upstream, and waits until they were asked again. */
static void flights_fill(unsigned port, unsigned count) {
	int64_t start = now_us();
	uint8_t msg[QUESTION_ROOM];
	int fd = socket_make(SOCK_DGRAM, port);
	unsigned i, there;

	while ((there = (unsigned)counter(port, "misses")) < count) {
		for (i = 0; i < 50 && there + i < count; i++)
			(void)!write(fd, msg, question(msg, i, MISS, 0));
		if (now_us() - start > 1000000) die("%u misses were not taken within a second", count);
	}
	close(fd);
	pause_ms((int)((start - now_us()) / 1000) + 1500);
}

/* ---- Turns --------------------------------------------------------------- */

/* A work that two servers do: the floor, or dyndns with less to carry, and dyndns. */
struct pairing {
	const char *work, *row, *goal;
	const char *upstream; /* bench's words */
	const char *floor;    /* bench's words, or NULL: dyndns with one rule and no flight */
	const char *listen;   /* dyndns's words */
	enum kind kind;
	bool tcp, domains;
	unsigned window, rules, flights;
};

static const struct pairing pairings[] = { { "hit", "hit", "1.06", "floor", "floor", "-l 127.0.0.1", HIT,
					       false, false, 100, 1, 0 },
	{ "hit", "hit-wildcard", "1.12", "floor", "floor", "", HIT, false, false, 100, 1, 0 },
	{ "hit-tcp", "hit-tcp", "1.15", "floor", "floor", "-l 127.0.0.1", HIT, true, false, 100, 1, 0 },
	{ "miss", "miss", "1.25", "floor", "relay", "-l 127.0.0.1", MISS, false, false, 100, 1, 0 },
	{ "rules", "rules-1000", "1.10", "mute", NULL, "-l 127.0.0.1", RULE, false, false, 100, 1000, 0 },
	{ "rules", "rules-4096", "1.15", "mute", NULL, "-l 127.0.0.1", RULE, false, true, 100, 4096, 0 },
	{ "flights", "flights-4000", "1.00", "mute", NULL, "-l 127.0.0.1", HIT, false, false, 100, 1, 4000 },
	{ "deep", "deep-4000", "-", "slow", "relay", "-l 127.0.0.1", MISS, false, false, 4000, 1, 0 } };

/* One of the two, and what came of its turns. */
static struct contender {
	const char *program;
	char words[512];
	struct load load;
	unsigned flights; /* questions in the air before the work begins */
	double us[TURNS_MAX], seconds;
	unsigned long answers, lost;
} contender[2];

/* Writes rules and returns the file's name. */
static const char *rules_write(unsigned count, bool domains) {
	static char path[256];
	char pattern[64];
	FILE *f;
	unsigned i;

	snprintf(path, sizeof path, "%s.%u-rules", self, count);
	if (!(f = fopen(path, "w"))) die("%s: %s", path, strerror(errno));
	for (i = 0; i < count; i++)
		fprintf(f, "%s 10.%u.%u\n", rule_text(i, "", domains, pattern), i >> 8, i & 255);
	if (fclose(f) != 0) die("%s: %s", path, strerror(errno));
	return path;
}

static void contender_make(struct contender *c, const struct pairing *w, unsigned upstream) {
	bool base = c == contender;

	memset(c, 0, sizeof *c);
	c->load.kind = w->kind;
	c->load.tcp = w->tcp;
	c->load.window = w->window;
	c->load.rules = base ? 1 : w->rules;
	c->flights = base ? 0 : w->flights;
	c->program = base && w->floor ? self : dyndns;
	if (c->program == self)
		snprintf(c->words, sizeof c->words, "%s %u", w->floor, upstream);
	else
		snprintf(c->words, sizeof c->words, "%s -p 0 -s 127.0.0.1@%u %s %s", w->listen, upstream,
		    w->kind == RULE ? "-f" : "-o workstation 172.16.2",
		    w->kind == RULE ? rules_write(c->load.rules, w->domains) : "");
}

static void turn_take(struct contender *c, unsigned turn) {
	struct server s = server_start(true, c->program, c->words);
	double before, used, total;
	unsigned long answers;
	int64_t start;

	load_open(&c->load, s.port);
	load_run(&c->load, 0.05, 1000000);
	answers = c->load.answers;
	if (c->flights) flights_fill(s.port, c->flights);
	before = server_cpu(&s);
	start = now_us();
	load_run(&c->load, turn_seconds, 1000000000);
	c->seconds += (double)(now_us() - start) / 1e6;
	used = server_cpu(&s) - before;
	load_close(&c->load);
	total = server_stop(&s, NULL);
	c->answers += c->load.answers - answers;
	c->lost += c->load.lost;
	/* Where only the sum is known, what came before counts with its answers. */
	if (before < 0)
		used = total;
	else
		c->load.answers -= answers;
	if (c->load.answers == 0) die("%s %s: no answer", c->program, c->words);
	c->us[turn] = used * 1e6 / (double)c->load.answers;
}

static void pairing_work(const struct pairing *w) {
	struct server up = server_start(false, self, w->upstream);
	static bool headed;
	double ratio[TURNS_MAX];
	unsigned t, i;

	for (i = 0; i < 2; i++) contender_make(&contender[i], w, up.port);
	/* Forth and back, so that nobody is always the first. */
	for (t = 0; t < turns; t++) {
		for (i = 0; i < 2; i++) turn_take(&contender[(t + i) % 2], t);
		ratio[t] = contender[1].us[t] / contender[0].us[t];
	}
	if (!headed)
		printf("%-14s %9s %9s %6s %6s %10s %6s\n", "work", "floor us", "dyndns us", "ratio", "goal",
		    "answers/s", "lost");
	headed = true;
	printf("%-14s %9.2f %9.2f %6.2f %6s %10.0f %6lu%s\n", w->row, quantile(contender[0].us, turns, 0.5),
	    quantile(contender[1].us, turns, 0.5), quantile(ratio, turns, 0.5), w->goal,
	    (double)contender[1].answers / contender[1].seconds, contender[1].lost,
	    w->floor              ? ""
		: w->kind == RULE ? "  (floor: dyndns with one rule)"
				  : "  (floor: dyndns with none)");
	fflush(stdout);
	server_stop(&up, NULL);
	for (i = 0; i < 2 && w->kind == RULE; i++) remove(strrchr(contender[i].words, ' ') + 1);
}

/* ---- Single works -------------------------------------------------------- */

/* dyndns, whose misses find nobody. */
#define WORDS "-l 127.0.0.1 -p 0 -s 127.0.0.1@9 "
#define RULE_WORDS WORDS "-o workstation 172.16.2"

/* All at once, to a daemon that sleeps, or that the system lets do nothing until all are there. */
static unsigned burst(bool stopped) {
	enum { SOCKETS = 40, EACH = 50 };
	struct server s = server_start(true, dyndns, RULE_WORDS);
	uint8_t msg[512], made[SOCKETS * EACH][QUESTION_ROOM];
	size_t len[SOCKETS * EACH];
	struct pollfd p[SOCKETS];
	unsigned i, answered = 0;
	int64_t end;

	for (i = 0; i < SOCKETS; i++) {
		p[i].fd = socket_make(SOCK_DGRAM, s.port);
		p[i].events = POLLIN;
	}
	for (i = 0; i < SOCKETS * EACH; i++) len[i] = question(made[i], i, HIT, 0);
	pause_ms(100);
	if (stopped) kill(s.pid, SIGSTOP);
	for (i = 0; i < SOCKETS * EACH; i++) (void)!write(p[i % SOCKETS].fd, made[i], len[i]);
	if (stopped) kill(s.pid, SIGCONT);
	end = now_us() + 1000000;
	while (answered < SOCKETS * EACH && now_us() < end && poll(p, SOCKETS, 1000) > 0)
		for (i = 0; i < SOCKETS; i++)
			while (p[i].revents) {
				ssize_t n = read(p[i].fd, msg, sizeof msg);

				if (n < 0) break;
				answered += is_answer(msg, (size_t)n);
			}
	for (i = 0; i < SOCKETS; i++) close(p[i].fd);
	server_stop(&s, NULL);
	return answered;
}

static void work_burst(void) {
	unsigned least = burst(false), i, n;

	for (i = 1; i < rounds; i++) least = (n = burst(false)) < least ? n : least;
	printf("burst          %u of 2000 hits answered, at the least; %u of those that came while it was "
	       "stopped\n",
	    least, burst(true));
}

/* The 99th percentile of the time that hits take, in microseconds. */
static double storm(unsigned port, bool misses_too) {
	enum { HIT_US = 200, MISS_US = 1000, WARM_US = 1000000, SAMPLES_MAX = 200000 };
	static double took[SAMPLES_MAX];
	static int64_t sent[65536];
	int hit = socket_make(SOCK_DGRAM, port), miss = socket_make(SOCK_DGRAM, port);
	int64_t start = now_us(), now = start, next_hit = now, next_miss = now, end;
	unsigned id = 0, count = 0;
	uint8_t msg[512];
	ssize_t n;

	end = start + WARM_US + (int64_t)(seconds * 1e6);
	memset(sent, 0, sizeof sent);
	/* Neither waits for the other: like questions of strangers. */
	for (; now < end; now = now_us()) {
		if (now >= next_hit) {
			next_hit = now + 1 + roll(2 * HIT_US);
			id = (id + 1) % 65536;
			sent[id] = now;
			(void)!write(hit, msg, question(msg, id, HIT, 0));
		}
		if (now >= next_miss && misses_too) {
			next_miss = now + 1 + roll(2 * MISS_US);
			(void)!write(miss, msg, question(msg, id, MISS, 0));
		}
		while ((n = read(hit, msg, sizeof msg)) > 12) {
			unsigned i = (unsigned)msg[0] << 8 | msg[1];

			if (now - start > WARM_US && sent[i] && count < SAMPLES_MAX)
				took[count++] = (double)(now_us() - sent[i]);
			sent[i] = 0;
		}
		while (read(miss, msg, sizeof msg) > 0)
			;
	}
	close(hit);
	close(miss);
	return quantile(took, count, 0.99);
}

static void work_storm(void) {
	struct server up = server_start(false, self, "mute");
	double took[2][TURNS_MAX], ratio[TURNS_MAX];
	char words[128];
	unsigned i, k;

	snprintf(words, sizeof words, "-l 127.0.0.1 -p 0 -s 127.0.0.1@%u -o workstation 172.16.2", up.port);
	for (i = 0; i < rounds; i++) {
		for (k = 0; k < 2; k++) {
			struct server s = server_start(true, dyndns, words);
			bool misses = (i + k) % 2;

			took[misses][i] = storm(s.port, misses);
			server_stop(&s, NULL);
		}
		ratio[i] = took[1][i] / took[0][i];
	}
	printf("storm          99 of 100 hits within %.0f us, without misses %.0f us: %.2f (goal 1.20)\n",
	    quantile(took[1], rounds, 0.5), quantile(took[0], rounds, 0.5), quantile(ratio, rounds, 0.5));
	server_stop(&up, NULL);
}

/* Each start has libc somewhere else, and the system maps it in pieces: so the middle one counts. */
static void work_memory(void) {
	double peak[2][50], own[2][50];
	unsigned i, n;

	for (n = 0; n < 2 * rounds; n++) {
		struct contender *c = &contender[n % 2];
		struct memory m;
		struct server s;

		contender_make(c, &pairings[0], 9);
		s = server_start(true, c->program, c->words);
		load_open(&c->load, s.port);
		load_run(&c->load, LIFE - 20, 1000000);
		load_close(&c->load);
		server_stop(&s, &m);
		peak[n % 2][n / 2] = (double)m.peak;
		own[n % 2][n / 2] = (double)m.own;
	}
	for (i = 0; i < 2; i++) {
		peak[i][0] = quantile(peak[i], rounds, 0.5);
		own[i][0] = quantile(own[i], rounds, 0.5);
	}
	printf("memory         %.0f KiB resident after %lu hits, floor %.0f", peak[1][0],
	    contender[1].load.answers, peak[0][0]);
	if (own[1][0] > 0)
		printf("; %.0f of it not shared with other programs, floor %.0f: %+.0f (goal +128)", own[1][0],
		    own[0][0], own[1][0] - own[0][0]);
	putchar('\n');
}

static double start_ms(const char *program, const char *words, enum kind kind) {
	double ms[21];
	unsigned i;

	for (i = 0; i < sizeof ms / sizeof *ms; i++) {
		int64_t start = now_us();
		struct server s = server_start(true, program, words);
		uint8_t msg[512];
		struct pollfd p;

		p.fd = socket_make(SOCK_DGRAM, s.port);
		p.events = POLLIN;
		(void)!write(p.fd, msg, question(msg, i, kind, 1));
		if (poll(&p, 1, 2000) != 1 || !is_answer(msg, (size_t)read(p.fd, msg, sizeof msg)))
			die("%s %s: no answer", program, words);
		ms[i] = (double)(now_us() - start) / 1000;
		close(p.fd);
		server_stop(&s, NULL);
	}
	return quantile(ms, sizeof ms / sizeof *ms, 0.5);
}

static void work_start(void) {
	char words[512];
	double least = start_ms(self, "floor", HIT), one = start_ms(dyndns, RULE_WORDS, HIT);

	snprintf(words, sizeof words, WORDS "-f %s", rules_write(4096, true));
	printf("start          first answer after %.1f ms, floor %.1f: %+.1f (goal +5); with 4,096 rules %.1f ms\n",
	    one, least, one - least, start_ms(dyndns, words, RULE));
	remove(strrchr(words, ' ') + 1);
}

static const struct {
	const char *name;
	void (*work)(void);
} works[] = { { "burst", work_burst }, { "storm", work_storm }, { "memory", work_memory },
	{ "start", work_start } };

/* Does the work of that name, or all.  False: there is none. */
static bool work_do(const char *name) {
	bool done = false;
	unsigned i;

	for (i = 0; i < sizeof pairings / sizeof *pairings; i++)
		if (!name || strcmp(pairings[i].work, name) == 0) {
			pairing_work(&pairings[i]);
			done = true;
		}
	for (i = 0; i < sizeof works / sizeof *works; i++)
		if (!name || strcmp(works[i].name, name) == 0) {
			works[i].work();
			fflush(stdout);
			done = true;
		}
	return done;
}

int main(int argc, char **argv) {
	int c;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "floor") == 0) floor_answer();
	if (argc > 2 && strcmp(argv[1], "relay") == 0) floor_relay((unsigned)atoi(argv[2]));
	if (argc > 1 && strcmp(argv[1], "slow") == 0) floor_slow();
	if (argc > 1 && strcmp(argv[1], "mute") == 0) floor_mute();
	self = argv[0];
	while ((c = getopt(argc, argv, "b:r:s:")) != -1) {
		if (c == 'b')
			dyndns = optarg;
		else if (c == 'r')
			rounds = (unsigned)atoi(optarg);
		else if (c == 's')
			seconds = atof(optarg);
		else
			return 2;
	}
	if (rounds < 1 || rounds > 50 || !(seconds >= 0.1 && seconds <= 60))
		die("1 to 50 rounds of 0.1 to 60 seconds");
	for (turn_seconds = seconds, turns = rounds; turn_seconds > 0.25 && turns <= TURNS_MAX / 2;) {
		turn_seconds /= 2;
		turns *= 2;
	}
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	signal(SIGHUP, interrupted);
	pin(false);
	if (optind == argc) work_do(NULL);
	for (; optind < argc; optind++)
		if (!work_do(argv[optind])) die("%s: no such work", argv[optind]);
	return 0;
}
