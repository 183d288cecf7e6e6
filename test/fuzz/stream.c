/* stream.c -- a TCP stream of questions, cut anywhere, gets what the whole one gets
 *
 * Input: one octet, how many octets of plan follow; the plan; the rest is what
 * the client sends before it closes its side.  The plan says, octet by octet,
 * what each call does that the connection code makes:
 *	read, write	0: all; 250: the client resets; 251 to 253: EAGAIN; 254, 255: EINTR; else so many
 *			octets at most
 *	connect		odd: refused		any other: it works
 *	a turn		0: all replies come from the upstream; 1 mod 4: the latest one; 2 mod 4: the
 *			earliest; 251 and more: it closes its TCP connection
 * Where the plan is at its end, all goes through.
 *
 * What is to come is worked out here from the stream and answer() alone: the
 * answers to hits and errors, in order; one to each miss, when it comes.  None
 * missing, none extra, if the client stays; and nothing is left behind when the
 * connection is over.
 */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#define _NETBSD_SOURCE
#define __APPLE_USE_RFC_3542
#define __EXTENSIONS__

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* ---- A kernel of our own -------------------------------------------------- */

enum { CLIENT = 1000, LISTENER, RANDOM, FIRST_LINK };	/* descriptors */
enum { STREAM_MAX = 16384, OUT_MAX = 60000, QUESTIONS = STREAM_MAX / 2 };

#define MUST(what) ((what) ? (void)0 : broken(__LINE__, #what))

static void
broken(int line, const char *what)
{
	fprintf(stderr, "\ntest/fuzz/stream.c:%d: not so: %s\n", line, what);
	abort();
}

static const uint8_t *plan, *input;	/* what is left of the plan; of the client's octets */
static size_t plan_left, input_left;
static uint8_t got[OUT_MAX + 4096];	/* what the client got */
static size_t got_len;
static bool client_came, client_gone, client_over;	/* the client's connection: begun, reset, ended by the daemon */
static int next_fd, opened;		/* links: the next descriptor, how many are open */

/* A reply that the upstream has yet to send. */
static struct { int fd; size_t at, len; } replies[QUESTIONS];
static unsigned replies_count;
static uint8_t arena[4 * STREAM_MAX];
static size_t arena_used;

/* The TCP connection to the upstream: what came up and is not whole, what goes down. */
static struct { int fd; bool closed; uint8_t up[2 * STREAM_MAX], down[4 * STREAM_MAX]; size_t up_len, down_at, down_len; } up_tcp;

static unsigned
plan_next(void)
{
	if (plan_left == 0)
		return 0;
	plan_left--;
	return *plan++;
}

/* How many of n octets go: -1, with an error, for none. */
static ssize_t
piece(int fd, size_t n)
{
	unsigned op = plan_next();

	if (fd == CLIENT && (op == 250 || client_gone)) {
		client_gone = true;
		errno = ECONNRESET;
		return -1;
	}
	if (op > 250) {
		errno = op > 253 ? EINTR : EAGAIN;
		return -1;
	}
	return (ssize_t)(op == 0 || op > n ? n : op);
}

/* The upstream makes a reply of a question: the same octets, QR set. */
static void
upstream_asked(int fd, const uint8_t *msg, size_t len)
{
	uint8_t *to = arena + arena_used;

	MUST(len >= 12 && len <= sizeof arena - arena_used && replies_count < QUESTIONS);
	memcpy(to, msg, len);
	to[2] = (uint8_t)((to[2] | 0x80) & ~2);
	to[3] &= 0xf0;
	replies[replies_count].fd = fd;
	replies[replies_count].at = arena_used;
	replies[replies_count++].len = len;
	arena_used += len;
}

static void
reply_take(unsigned i)
{
	memmove(replies + i, replies + i + 1, (--replies_count - i) * sizeof *replies);
}

static ssize_t
fake_read(int fd, void *to, size_t n)
{
	static uint32_t dice = 1;
	uint8_t *p = to;
	ssize_t done;
	size_t i;

	MUST(n > 0);
	if (fd == RANDOM) {
		for (i = 0; i < n; i++)
			p[i] = (uint8_t)((dice = dice * 1103515245u + 12345u) >> 16);
		return (ssize_t)n;
	}
	if (fd == CLIENT) {
		MUST(client_came && !client_over);
		if (input_left == 0 && !client_gone)
			return 0;
		if ((done = piece(fd, n < input_left ? n : input_left)) > 0) {
			memcpy(to, input, (size_t)done);
			input += done;
			input_left -= (size_t)done;
		}
		return done;
	}
	MUST(fd == up_tcp.fd);
	if (up_tcp.down_at == up_tcp.down_len) {
		if (up_tcp.closed)
			return 0;
		errno = EAGAIN;
		return -1;
	}
	if ((done = piece(fd, n < up_tcp.down_len - up_tcp.down_at ? n : up_tcp.down_len - up_tcp.down_at)) > 0) {
		memcpy(to, up_tcp.down + up_tcp.down_at, (size_t)done);
		up_tcp.down_at += (size_t)done;
	}
	return done;
}

static ssize_t
fake_write(int fd, const void *from, size_t n)
{
	ssize_t done;
	size_t len;

	MUST(n > 0);
	if (fd == STDERR_FILENO)
		return (ssize_t)n;
	done = piece(fd, n);
	if (fd == CLIENT) {
		MUST(client_came && !client_over);
		if (done > 0) {
			MUST((size_t)done <= sizeof got - got_len);
			memcpy(got + got_len, from, (size_t)done);
			got_len += (size_t)done;
		}
		return done;
	}
	MUST(fd == up_tcp.fd);
	if (up_tcp.closed) {
		errno = EPIPE;
		return -1;
	}
	if (done < 0)
		return done;
	MUST((size_t)done <= sizeof up_tcp.up - up_tcp.up_len);
	memcpy(up_tcp.up + up_tcp.up_len, from, (size_t)done);
	up_tcp.up_len += (size_t)done;
	while (up_tcp.up_len >= 2 && up_tcp.up_len - 2 >= (len = (size_t)up_tcp.up[0] << 8 | up_tcp.up[1])) {
		upstream_asked(fd, up_tcp.up + 2, len);
		memmove(up_tcp.up, up_tcp.up + 2 + len, up_tcp.up_len -= 2 + len);
	}
	return done;
}

static ssize_t
fake_send(int fd, const void *msg, size_t n, int flags)
{
	(void)flags;
	MUST(fd >= FIRST_LINK && fd != up_tcp.fd);
	upstream_asked(fd, msg, n);
	return (ssize_t)n;
}

static ssize_t
fake_recv(int fd, void *to, size_t n, int flags)
{
	unsigned i;
	size_t len;

	(void)flags;
	for (i = 0; i < replies_count; i++)
		if (replies[i].fd == fd) {
			len = replies[i].len;
			MUST(len <= n);
			memcpy(to, arena + replies[i].at, len);
			reply_take(i);
			return (ssize_t)len;
		}
	errno = EAGAIN;
	return -1;
}

static int
fake_socket(int family, int type, int protocol)
{
	(void)family, (void)protocol;
	opened++;
	if (type == SOCK_STREAM) {
		MUST(up_tcp.fd < 0);
		up_tcp.fd = next_fd;
		up_tcp.closed = false;
		up_tcp.up_len = up_tcp.down_at = up_tcp.down_len = 0;
	}
	return next_fd++;
}

static int
fake_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	(void)to, (void)len;
	if (fd != up_tcp.fd)
		return 0;
	errno = plan_next() % 2 ? ECONNREFUSED : EINPROGRESS;
	return -1;
}

static int
fake_close(int fd)
{
	unsigned i;

	if (fd == CLIENT) {
		MUST(client_came && !client_over);
		client_over = true;
		return 0;
	}
	MUST(fd >= FIRST_LINK && fd < next_fd && opened > 0);
	opened--;
	for (i = replies_count; i-- > 0;)
		if (replies[i].fd == fd)
			reply_take(i);
	if (fd == up_tcp.fd)
		up_tcp.fd = -1;
	return 0;
}

static int
fake_accept(int fd, struct sockaddr *from, socklen_t *len)
{
	struct sockaddr_in here;

	MUST(fd == LISTENER);
	if (client_came) {
		errno = EAGAIN;
		return -1;
	}
	memset(&here, 0, sizeof here);
	here.sin_family = AF_INET;
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	here.sin_port = htons(2000);
	memcpy(from, &here, sizeof here);
	*len = sizeof here;
	client_came = true;
	return CLIENT;
}

static int
fake_bind(int fd, const struct sockaddr *to, socklen_t len)
{
	(void)fd, (void)to, (void)len;
	return 0;
}

static int
fake_fcntl(int fd, int command, int value)
{
	(void)fd, (void)command, (void)value;
	return 0;
}

static int
fake_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd, (void)level, (void)name, (void)value, (void)len;
	return 0;
}

static int
fake_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	(void)fd, (void)level, (void)name;
	memset(value, 0, *len);
	return 0;
}

#define read fake_read
#define write fake_write
#define send fake_send
#define recv fake_recv
#define socket fake_socket
#define connect fake_connect
#define close fake_close
#define accept fake_accept
#define bind fake_bind
#define fcntl fake_fcntl
#define setsockopt fake_setsockopt
#define getsockopt fake_getsockopt
#ifndef main
#define main dyndns_main
#endif
#include "../../dyndns.c"
#undef main

/* ---- The target ----------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct counters no_counters;

static void
setup(void)
{
	static const char *const all[][2] = {
		{ "ws123.lab", "172.16.2" }, { "ws", "10.1" }, { "ws", "fd00:2::/64" }, { "ip-%a.lab", "10" }
	};
	struct complaint c;
	size_t i;

	memory_prepare();
	rules_clear(rules_memory);
	for (i = 0; i < sizeof all / sizeof *all; i++)
		MUST(rule_add(rules_memory, all[i][0], all[i][1], &c));
	view.rules = rules_memory;
	view.counters = &no_counters;
	view.ttl = 60;
	random_fd = RANDOM;
	options.upstreams.count = 1;	/* no resolv.conf is looked at */
	listeners_used = 1;
	polls[2].fd = LISTENER;
	link_polls = polls + 3;
	conn_polls = link_polls + LINKS_MAX;
	polls_used = 3;
	now = started = 5000;
	resolv_parse("nameserver 127.0.0.53\n", 22, &order, NULL);
	MUST(order.count == 1);
	next_fd = FIRST_LINK;
	up_tcp.fd = -1;
}

/* What is to come: where it lies in `wanted`. */
static struct { size_t at, len; bool miss, came; } want[QUESTIONS];
static unsigned wants;
static uint8_t wanted[OUT_MAX];

/* RFC 1035 section 4.2.2, as this target reads it.  False: more than `got` may hold. */
static bool
expect(const uint8_t *p, size_t left)
{
	static uint8_t reply[OWN_MAX];
	struct client who;
	struct reason why;
	size_t used = 0;

	wants = 0;
	memset(&who, 0, sizeof who);
	who.tcp = true;
	who.from.addr.lo = INADDR_LOOPBACK;
	who.from.port = 2000;
	while (left >= 2) {
		size_t len = (size_t)p[0] << 8 | p[1], seen = len > QUESTION_MAX ? QUESTION_MAX + 1 : len;
		struct writer w = { 0 };
		enum verdict verdict;

		if (left - 2 < seen)
			break;
		w.msg = reply;
		w.cap = sizeof reply;
		verdict = answer(&view, &who, p + 2, seen, &w, &why);
		if (verdict == FORWARD) {
			MUST(len <= sizeof wanted - used || used > OUT_MAX / 2);
			w.len = len;
		}
		if (w.len > sizeof wanted - used)
			return false;
		if (verdict != SILENCE) {
			want[wants].miss = verdict == FORWARD;
			want[wants].came = false;
			want[wants].at = used;
			memcpy(wanted + used, verdict == FORWARD ? p + 2 : reply, w.len);
			/* Options for one hop don't go up, so they don't come back. */
			if (verdict == FORWARD && why.question.opt && !why.question.torn && !why.question.tsig)
				w.len = options_strip(wanted + used, w.len, why.question.options);
			want[wants++].len = w.len;
			if (verdict == FORWARD) {
				wanted[used + 2] = (uint8_t)((wanted[used + 2] | 0x80) & ~2);
				wanted[used + 3] &= 0xf0;
			}
			used += w.len;
		}
		if (len > left - 2)
			break;
		p += 2 + len;
		left -= 2 + len;
	}
	return used + 2 * wants <= OUT_MAX;
}

static bool
is_wanted(unsigned i, const uint8_t *msg, size_t len)
{
	return !want[i].came && want[i].len == len && memcmp(wanted + want[i].at, msg, len) == 0;
}

/* What came is what was wanted. */
static void
compare(void)
{
	unsigned own = 0, i, came = 0;
	size_t pos = 0, len;

	for (; got_len - pos >= 2; pos += 2 + len, came++) {
		len = (size_t)got[pos] << 8 | got[pos + 1];
		if (client_gone && got_len - pos - 2 < len)
			break;
		MUST(got_len - pos - 2 >= len);
		/* The next of our own answers; else any miss. */
		while (own < wants && want[own].miss)
			own++;
		i = own;
		if (i >= wants || !is_wanted(i, got + pos + 2, len))
			for (i = 0; i < wants && !(want[i].miss && is_wanted(i, got + pos + 2, len)); i++)
				;
		MUST(i < wants);
		want[i].came = true;
		if (i == own)
			own++;
	}
	MUST(pos == got_len || client_gone);
	MUST(came == wants || client_gone);
}

/* The upstream sends what it owes, or some of it. */
static void
upstream_turn(void)
{
	unsigned op = plan_next(), i;

	if (op > 250 && up_tcp.fd >= 0) {
		up_tcp.closed = true;
		for (i = replies_count; i-- > 0;)
			if (replies[i].fd == up_tcp.fd)
				reply_take(i);
		return;
	}
	while (replies_count && (op == 0 || op % 4 == 1 || op % 4 == 2)) {
		i = op % 4 == 1 ? replies_count - 1 : 0;
		if (replies[i].fd == up_tcp.fd) {
			size_t len = replies[i].len;
			uint8_t *to = up_tcp.down + up_tcp.down_len;

			MUST(2 + len <= sizeof up_tcp.down - up_tcp.down_len);
			to[0] = (uint8_t)(len >> 8);
			to[1] = (uint8_t)len;
			memcpy(to + 2, arena + replies[i].at, len);
			up_tcp.down_len += 2 + len;
			reply_take(i);
		} else
			for (struct link *l = links; l < links + LINKS_MAX; l++)
				if (l->state == LINK_UDP && link_polls[l - links].fd == replies[i].fd) {
					link_readable(l);	/* it may take several */
					break;
				}
		if (op)
			break;
	}
}

/* One turn of the loop, as the loop would make it. */
static void
turn_make(void)
{
	struct conn *c = conns;
	struct link *l;

	if (c->state != CONN_FREE && conn_poll(c)->events)
		conn_ready(c);
	upstream_turn();
	for (l = links; l < links + LINKS_MAX; l++) {
		struct pollfd *p = link_polls + (l - links);

		if (l->state != LINK_CONNECTING && l->state != LINK_STREAM)
			continue;
		MUST(p->fd == up_tcp.fd);
		p->revents = p->events & POLLOUT;
		if (p->events & POLLIN && (up_tcp.closed || up_tcp.down_at < up_tcp.down_len))
			p->revents |= POLLIN;
		if (p->revents)
			stream_ready(l);
	}
	while (timers.count && timers.when[timers.heap[0]] <= now)
		timer_due(timers.heap[0]);
}

/* Nothing is left of a connection that is over. */
static void
nothing_left(void)
{
	static const uint8_t zeros[sizeof try_table];
	unsigned i, n = 0;
	uint16_t w;

	MUST(client_over && conns[0].state == CONN_FREE && conns[0].buffer == NONE);
	for (i = 0; i < FLIGHT_FIRST; i++) {	/* questions of our own */
		tries_drop(i);
		timer_clear(i);
		flights[i].asks = 0;
	}
	for (; i < flights_used; i++)
		MUST(flights[i].waiters == NONE && flights[i].made == 0);
	for (n = 0, w = flights_free; w != NONE; w = flights[w].next)
		n++;
	MUST(n == flights_used - FLIGHT_FIRST);
	n = 0;
	for (i = 0; i < LINKS_MAX; i++) {
		MUST(links[i].outstanding == 0 || links[i].state == LINK_CLOSED);
		n += links[i].state != LINK_CLOSED;
	}
	MUST((int)n == opened);
	MUST(memcmp(flight_table, zeros, sizeof flight_table) == 0 && memcmp(try_table, zeros, sizeof try_table) == 0);
	for (n = 0, w = waiters_free; w != NONE; w = waiters[w].next)
		n++;
	MUST(n == waiters_used);
	for (i = 0; i < LINKS_MAX; i++)
		if (links[i].state != LINK_CLOSED)
			link_end(&links[i]);
	MUST(opened == 0 && buffers_spare == BUFFERS_MAX);
	timer_clear(TIMER_POOL);
	MUST(timers.count == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	unsigned turns = 0;

	if (!ready)
		setup();
	ready = true;
	if (size < 1 || size - 1 < data[0])
		return 0;
	plan = data + 1;
	plan_left = data[0];
	input = plan + plan_left;
	input_left = size - 1 - plan_left;
	if (input_left > STREAM_MAX || !expect(input, input_left))
		return 0;
	got_len = arena_used = 0;
	replies_count = 0;
	next_fd = FIRST_LINK;
	client_came = client_gone = client_over = false;
	memset(upstreams, 0, sizeof upstreams);
	conn_accept(0);
	MUST(client_came && conns[0].state == CONN_ASKING);
	while (work_left()) {
		turn_make();
		MUST(turns++ < 100000);
	}
	compare();
	nothing_left();
	return 0;
}
