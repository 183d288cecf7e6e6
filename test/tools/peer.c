/* peer.c -- the other side of dyndns's tests: it plays the client and the upstream.
 *
 * It reads and writes DNS on its own and shares no line with dyndns.c, so that
 * one mistake cannot hide in both.  One job per run, all of it on the command
 * line, one grep-able line out.  Every run is bounded in time: by alarm() (LIFE
 * in the environment are its seconds), and by a deadline on each wait.
 *
 *	peer ask SERVER NAME TYPE [WORD...]	one question, its reply on one line
 *	peer many SERVER NAME TYPE [WORD...]	many of them at once, the sums on one line
 *	peer tcp SERVER STEP...			a TCP client that follows the steps
 *	peer junk SERVER udp|tcp [WORD...]	hostile bytes
 *	peer vary SERVER [WORD...]		varied questions through an `echo` upstream
 *	peer serve ADDR@PORT [STEP...]		an upstream that follows the steps
 *	peer wait FILE TEXT MS [COUNT]		wait for lines in a log, print the last
 *	peer spread LOG [USES]			are the upstream's ids and ports random?
 *	peer port [ADDR]			a port that is free now, UDP and TCP
 *	peer until-free SERVER PID		SIGTERM to PID, milliseconds until its ports are free
 *	peer run SECONDS COMMAND...		run it, not longer than that
 *	peer lo					bring up the loopback interface
 *
 * SERVER is ADDR@PORT.  The words and steps stand above the functions that
 * read them: ask_word, many, tcp, junk, vary, step_parse.
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* struct ifreq, for `peer lo` only */
#define _DARWIN_C_SOURCE

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SIGPIPE is ignored in any case */
#endif

/* ---- Tools ---------------------------------------------------------------- */

enum { LIFE_CLIENT = 100, LIFE_SERVER = 300 }; /* seconds until alarm() ends a run */

/* The seconds until alarm() ends a run. */
static unsigned life(long seconds) {
	const char *own = getenv("LIFE");

	return (unsigned)(own ? atol(own) : seconds);
}

static void die(const char *fmt, ...) {
	va_list ap;

	fputs("peer: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(3);
}

static long long now_us(void) {
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void pause_ms(long ms) { poll(NULL, 0, (int)ms); }

/* Until `deadline`, as poll wants it: rounded up, so that no wait spins. */
static int ms_until(long long deadline) {
	long long left = deadline - now_us();

	return left <= 0 ? 0 : (int)((left + 999) / 1000);
}

/* A small generator with a seed: a failure can be had again. */
static uint64_t dice = 88172645463325252u;

static uint32_t roll(uint32_t sides) {
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (uint32_t)((dice >> 16) % sides);
}

static void seed(unsigned long n) {
	dice = 88172645463325252u ^ (n * 2654435761u);
	for (int i = 0; i < 20; i++) roll(2);
}

/* The value of `word` if it is KEY=VALUE, else NULL. */
static const char *value(const char *word, const char *key) {
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static bool number(const char *word, const char *key, long *out) {
	const char *v = value(word, key);
	char *end;

	if (!v) return false;
	*out = strtol(v, &end, 0);
	if (*end || end == v) die("%s: not a number", word);
	return true;
}

struct address {
	struct sockaddr_storage ss;
	socklen_t len;
};

static in_port_t *port_of(struct address *a) {
	return a->ss.ss_family == AF_INET6 ? &((struct sockaddr_in6 *)&a->ss)->sin6_port
					   : &((struct sockaddr_in *)&a->ss)->sin_port;
}

static struct address address(const char *text) {
	struct address a;
	char host[64], *scope;
	size_t n = strcspn(text, "@");

	memset(&a, 0, sizeof a);
	if (n >= sizeof host) die("%s: not an address", text);
	memcpy(host, text, n);
	host[n] = 0;
	if ((scope = strchr(host, '%'))) *scope++ = 0;
	if (inet_pton(AF_INET, host, &((struct sockaddr_in *)&a.ss)->sin_addr) == 1) {
		a.ss.ss_family = AF_INET;
		a.len = sizeof(struct sockaddr_in);
	} else if (inet_pton(AF_INET6, host, &((struct sockaddr_in6 *)&a.ss)->sin6_addr) == 1) {
		a.ss.ss_family = AF_INET6;
		a.len = sizeof(struct sockaddr_in6);
		((struct sockaddr_in6 *)&a.ss)->sin6_scope_id = scope ? if_nametoindex(scope) : 0;
	} else
		die("%s: not an address", text);
	*port_of(&a) = htons(text[n] ? (uint16_t)atoi(text + n + 1) : 53);
	return a;
}

static const char *address_text(struct address *a) {
	static char text[80];
	const void *at = a->ss.ss_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)&a->ss)->sin6_addr
						     : (void *)&((struct sockaddr_in *)&a->ss)->sin_addr;

	inet_ntop(a->ss.ss_family, at, text, sizeof text);
	snprintf(text + strlen(text), 10, "@%u", ntohs(*port_of(a)));
	return text;
}

static void unblock(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

/* A socket bound to `here`, and TCP listening; -1 if it cannot be. */
static int bound(const struct address *here, int type) {
	int fd = socket(here->ss.ss_family, type, 0), on = 1, room = 4 << 20;

	if (fd < 0) return -1;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	else /* a burst of questions must not be lost on our side */
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (bind(fd, (const struct sockaddr *)&here->ss, here->len) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 128) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* UDP and TCP on the same port; port 0 finds one that both can have. */
static bool bound_pair(struct address *here, int *udp, int *tcp) {
	bool any = *port_of(here) == 0;

	for (int i = 0; i < 50; i++) {
		if ((*udp = bound(here, SOCK_DGRAM)) < 0) return false;
		here->len = sizeof here->ss;
		getsockname(*udp, (struct sockaddr *)&here->ss, &here->len);
		if ((*tcp = bound(here, SOCK_STREAM)) >= 0) return true;
		close(*udp);
		if (!any) return false;
		*port_of(here) = 0;
	}
	return false;
}

/* ---- Messages, written ---------------------------------------------------- */

enum { BIG = 65535 };

struct bytes {
	size_t len;
	uint8_t at[BIG + 2];
};

static void put(struct bytes *b, const void *from, size_t n) {
	if (n > sizeof b->at - b->len) die("message too long");
	memcpy(b->at + b->len, from, n);
	b->len += n;
}

static void put8(struct bytes *b, unsigned v) {
	uint8_t o = (uint8_t)v;

	put(b, &o, 1);
}

static void put16(struct bytes *b, unsigned v) {
	put8(b, v >> 8);
	put8(b, v & 255);
}

static void put32(struct bytes *b, uint32_t v) {
	put16(b, v >> 16);
	put16(b, v & 0xffff);
}

static void set16(struct bytes *b, size_t at, unsigned v) {
	b->at[at] = (uint8_t)(v >> 8);
	b->at[at + 1] = (uint8_t)v;
}

static unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }

/* A name from text; \DDD and \X as in RFC 1035 section 5.1.  Nothing is
 * checked: a label of 70 octets is written as one, to see what becomes of it. */
static void put_name(struct bytes *b, const char *text) {
	while (*text && strcmp(text, ".") != 0) {
		size_t at = b->len;

		put8(b, 0);
		while (*text && *text != '.') {
			unsigned c = (unsigned char)*text++;

			if (c == '\\' && isdigit((unsigned char)text[0])) {
				c = (unsigned)((text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0');
				text += 3;
			} else if (c == '\\')
				c = (unsigned char)*text++;
			put8(b, c);
		}
		b->at[at] = (uint8_t)(b->len - at - 1);
		if (*text) text++;
	}
	put8(b, 0);
}

static void put_hex(struct bytes *b, const char *text) {
	while (*text) {
		unsigned v = 0;

		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &v) != 1)
			die("%s: not hex", text);
		put8(b, v);
		text += 2;
	}
}

/* A message by hand: hex, with NAME standing for a wire name where a token
 * is n:NAME, and N zeros (for length) where it is z:N. */
static void put_raw(struct bytes *b, const char *text) {
	char token[1100];
	size_t n;

	while (text += strspn(text, " "), (n = strcspn(text, " ")) > 0) {
		snprintf(token, sizeof token, "%.*s", (int)n, text);
		text += n;
		if (strncmp(token, "n:", 2) == 0)
			put_name(b, token + 2);
		else if (strncmp(token, "z:", 2) == 0)
			for (int i = atoi(token + 2); i > 0; i--) put8(b, 0);
		else
			put_hex(b, token);
	}
}

static const struct {
	unsigned code;
	const char *text;
} types[] = { { 1, "A" }, { 2, "NS" }, { 5, "CNAME" }, { 6, "SOA" }, { 12, "PTR" }, { 15, "MX" },
	{ 16, "TXT" }, { 28, "AAAA" }, { 33, "SRV" }, { 41, "OPT" }, { 43, "DS" }, { 48, "DNSKEY" },
	{ 65, "HTTPS" }, { 250, "TSIG" }, { 251, "IXFR" }, { 252, "AXFR" }, { 255, "ANY" }, { 257, "CAA" } },
  classes[] = { { 1, "IN" }, { 3, "CH" }, { 4, "HS" }, { 254, "NONE" }, { 255, "ANY" } },
  rcodes[] = { { 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" }, { 4, "NOTIMP" },
	  { 5, "REFUSED" }, { 16, "BADVERS" } },
  flags[] = { { 0x8000, "qr" }, { 0x0400, "aa" }, { 0x0200, "tc" }, { 0x0100, "rd" }, { 0x0080, "ra" },
	  { 0x0040, "z" }, { 0x0020, "ad" }, { 0x0010, "cd" } };

#define COUNT(table) (sizeof table / sizeof table[0])

static unsigned type_code(const char *text) {
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i].text, text) == 0) return types[i].code;
	return (unsigned)atoi(strncmp(text, "TYPE", 4) == 0 ? text + 4 : text);
}

static unsigned class_code(const char *text) {
	for (size_t i = 0; i < COUNT(classes); i++)
		if (strcmp(classes[i].text, text) == 0) return classes[i].code;
	return (unsigned)atoi(strncmp(text, "CLASS", 5) == 0 ? text + 5 : text);
}

/* ---- Messages, read ------------------------------------------------------- */

/* One name to text; pointers are followed, but not for ever. */
static bool get_name(const uint8_t *m, size_t len, size_t *pos, char *text) {
	size_t at = *pos, octets = 0;
	bool jumped = false;
	char *t = text;

	for (int hops = 0; hops < 200; hops++) {
		unsigned n;

		if (at >= len) return false;
		n = m[at++];
		if (n >= 0xc0) {
			if (at >= len) return false;
			if (!jumped) *pos = at + 1;
			jumped = true;
			at = (n & 0x3f) << 8 | m[at];
			continue;
		}
		octets += n + 1;
		if (n > 63 || n > len - at || octets > 255) return false;
		if (n == 0) {
			if (!jumped) *pos = at;
			if (t == text) *t++ = '.';
			*t = 0;
			return true;
		}
		if (t != text) *t++ = '.';
		while (n-- > 0) {
			unsigned c = m[at++];

			if (c == '.' || c == '\\')
				t += sprintf(t, "\\%c", (int)c);
			else if (c > ' ' && c < 127)
				*t++ = (char)c;
			else
				t += sprintf(t, "\\%03u", c);
		}
	}
	return false;
}

struct record {
	char owner[1100];
	unsigned type, class, rdlen;
	uint32_t ttl;
	size_t rdata;
};

static bool get_record(const uint8_t *m, size_t len, size_t *pos, struct record *r) {
	if (!get_name(m, len, pos, r->owner) || len - *pos < 10) return false;
	r->type = get16(m + *pos);
	r->class = get16(m + *pos + 2);
	r->ttl = (uint32_t)get16(m + *pos + 4) << 16 | get16(m + *pos + 6);
	r->rdlen = get16(m + *pos + 8);
	r->rdata = *pos += 10;
	if (r->rdlen > len - *pos) return false;
	*pos += r->rdlen;
	return true;
}

/* A whole message: does it parse, where does its question end, its rcode with
 * what OPT adds, and the first A in the answer (0 if there is none). */
struct seen {
	bool ok;
	size_t question_end, opt;
	unsigned rcode;
	uint32_t a;
};

static struct seen look(const uint8_t *m, size_t len) {
	struct seen s = { false, 12, 0, 0, 0 };
	char name[1100];
	size_t pos = 12;
	struct record r;

	if (len < 12) return s;
	s.rcode = m[3] & 15;
	for (unsigned i = get16(m + 4); i > 0; i--) {
		if (!get_name(m, len, &pos, name) || len - pos < 4) return s;
		pos += 4;
	}
	s.question_end = pos;
	for (unsigned section = 0; section < 3; section++)
		for (unsigned i = get16(m + 6 + 2 * section); i > 0; i--) {
			size_t start = pos;

			if (!get_record(m, len, &pos, &r)) return s;
			if (section == 2 && r.type == 41) {
				s.opt = start;
				s.rcode |= (r.ttl >> 24) << 4;
			}
			if (section == 0 && r.type == 1 && r.rdlen == 4 && !s.a)
				s.a = (uint32_t)get16(m + r.rdata) << 16 | get16(m + r.rdata + 2);
		}
	s.ok = pos == len;
	return s;
}

static char line[16384]; /* what `show` makes; a TXT of 64 KiB is cut, not copied */
static size_t line_len;

static void say(const char *fmt, ...) {
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line + line_len, sizeof line - line_len, fmt, ap);
	va_end(ap);
	line_len += (size_t)n < sizeof line - line_len ? (size_t)n : sizeof line - line_len - 1;
}

static void say_code(unsigned code, const char *prefix, bool is_class) {
	for (size_t i = 0; i < (is_class ? COUNT(classes) : COUNT(types)); i++)
		if ((is_class ? classes[i].code : types[i].code) == code) {
			say("%s", is_class ? classes[i].text : types[i].text);
			return;
		}
	say("%s%u", prefix, code);
}

static void say_hex(const uint8_t *p, size_t n, size_t most) {
	for (size_t i = 0; i < n && i < most; i++) say("%02x", p[i]);
	if (n > most) say("...");
}

static void say_rdata(const uint8_t *m, size_t len, const struct record *r) {
	char text[1100];
	size_t pos = r->rdata;
	struct in6_addr addr;

	if ((r->type == 1 && r->rdlen == 4) || (r->type == 28 && r->rdlen == 16)) {
		memcpy(&addr, m + pos, r->rdlen);
		say(" %s", inet_ntop(r->type == 1 ? AF_INET : AF_INET6, &addr, text, sizeof text));
	} else if (r->type == 12 || r->type == 5 || r->type == 2) {
		say(" %s", get_name(m, len, &pos, text) && pos == r->rdata + r->rdlen ? text : "BAD-NAME");
	} else if (r->type == 6) {
		say(" %s", get_name(m, len, &pos, text) ? text : "BAD-NAME");
		say(" %s", get_name(m, len, &pos, text) ? text : "BAD-NAME");
		if (pos + 20 != r->rdata + r->rdlen)
			say(" BAD-LENGTH");
		else
			for (int i = 0; i < 5; i++, pos += 4)
				say(" %lu", (unsigned long)get16(m + pos) << 16 | get16(m + pos + 2));
	} else if (r->type == 16) {
		while (pos < r->rdata + r->rdlen && m[pos] < r->rdata + r->rdlen - pos) {
			say(" \"%.*s\"", m[pos], (const char *)m + pos + 1);
			pos += m[pos] + 1u;
		}
		if (pos != r->rdata + r->rdlen) say(" BAD-TEXT");
	} else {
		say(" \\# %u ", r->rdlen);
		say_hex(m + pos, r->rdlen, 24);
	}
}

/* A reply on one line:
 *	RCODE FLAGS QD/AN/NS/AR | NAME CLASS TYPE | an RECORD | ns RECORD | ar RECORD | N octets
 * A record is NAME TTL CLASS TYPE RDATA; an OPT is `OPT vN SIZE FLAGS [OPTIONS]`.
 * What is wrong is in capitals: ID DIFFERS, QUESTION DIFFERS, MALFORMED. */
static const char *show(const uint8_t *m, size_t len, const struct bytes *asked) {
	static const char *const sections[] = { "an", "ns", "ar" };
	struct seen s = look(m, len);
	size_t pos = s.question_end, i, any = 0;
	struct record r;

	line_len = 0;
	line[0] = 0;
	if (len < 12) {
		say("MALFORMED %zu octets", len);
		return line;
	}
	for (i = 0; i < COUNT(rcodes) && rcodes[i].code != s.rcode; i++)
		;
	if (i < COUNT(rcodes))
		say("%s ", rcodes[i].text);
	else
		say("RCODE%u ", s.rcode);
	for (i = 0; i < COUNT(flags); i++)
		if (get16(m + 2) & flags[i].code) say("%s%s", any++ ? "," : "", flags[i].text);
	if (m[2] >> 3 & 15) say(",op%u", m[2] >> 3 & 15);
	say(" %u/%u/%u/%u", get16(m + 4), get16(m + 6), get16(m + 8), get16(m + 10));
	if (!s.ok) say(" MALFORMED");
	if (asked && asked->len >= 2 && memcmp(m, asked->at, 2) != 0) say(" ID DIFFERS");
	if (asked && get16(m + 4) == 1) {
		if (s.question_end > len || s.question_end > asked->len ||
		    memcmp(m + 12, asked->at + 12, s.question_end - 12) != 0)
			say(" QUESTION DIFFERS");
	}
	if (get16(m + 4) == 1 && s.question_end > 12) {
		char name[1100];
		size_t at = 12;

		get_name(m, len, &at, name);
		say(" | %s ", name);
		say_code(get16(m + at + 2), "CLASS", true);
		say(" ");
		say_code(get16(m + at), "TYPE", false);
	}
	for (unsigned section = 0; section < 3 && s.ok; section++)
		for (unsigned n = get16(m + 6 + 2 * section); n > 0; n--) {
			get_record(m, len, &pos, &r);
			say(" | %s ", sections[section]);
			if (r.type == 41) {
				say("%sOPT v%lu %u %s", strcmp(r.owner, ".") == 0 ? "" : "NOT-AT-ROOT ",
				    (unsigned long)(r.ttl >> 16 & 255), r.class, r.ttl & 0x8000 ? "do" : "-");
				if (r.ttl & 0x7fff) say(" Z%04x", (unsigned)(r.ttl & 0x7fff));
				if (r.rdlen) say(" ");
				say_hex(m + r.rdata, r.rdlen, 64);
				continue;
			}
			say("%s %lu ", r.owner, (unsigned long)r.ttl);
			say_code(r.class, "CLASS", true);
			say(" ");
			say_code(r.type, "TYPE", false);
			say_rdata(m, len, &r);
		}
	say(" | %zu octets", len);
	return line;
}

/* What the upstream answers to A: 10 and 24 bits out of the question's very
 * bytes, so that a client knows the answer that is its own. */
static uint32_t hash(const uint8_t *p, size_t n) {
	uint32_t h = 2166136261u;

	while (n-- > 0) h = (h ^ *p++) * 16777619u;
	return h;
}

static uint32_t right_a(const struct bytes *question, size_t question_end) {
	return 10u << 24 | (hash(question->at + 12, question_end - 12) & 0xffffff);
}

enum { FORGED = 10 << 24 | 66 << 16 | 66 << 8 | 66 }; /* 10.66.66.66, in every wrong reply */

/* ---- Client: one question ------------------------------------------------- */

struct ask {
	const char *name, *from, *mark, *opt_at, *raw, *tail;
	long id, op, count[4], size, version, eflags, cut, wait, opts;
	unsigned type, class, flags;
	bool edns, tcp, ms, hex;
	struct bytes options;
};

static void ask_init(struct ask *a, const char *name, const char *type) {
	memset(a, 0, sizeof *a);
	a->name = name;
	a->type = type_code(type);
	a->class = 1;
	a->flags = 0x0100;
	a->id = -1;
	a->cut = -1;
	a->wait = 8000;
	a->size = 1232;
	a->opt_at = ".";
	for (int i = 0; i < 4; i++) a->count[i] = -1;
}

/* The words that make a question:
 *	flags=rd,cd,...  op=N  class=C  id=N  tcp	(flags= for none; rd is the default)
 *	edns  edns=SIZE  ver=N  dnssec  eflags=N  opt=HEX	(each but the first implies edns)
 *	qd=N an=N ns=N ar=N				counts that may lie
 *	opts=N  opt-at=NAME				so many OPTs, at that name
 *	tail=HEX  cut=N					bytes after the end; only the first N
 *	raw='HEX n:NAME z:COUNT ...'			the whole message by hand
 *	from=ADDR@PORT  wait=MS
 *	mark=NAME	then ask for NAME too: `silence` if its answer is the first to come
 *	ms  hex		append how long it took; print bytes instead of text */
static bool ask_word(struct ask *a, const char *w) {
	const struct {
		const char *key;
		long *to;
		bool edns;
	} numbers[] = { { "qd", &a->count[0], false }, { "an", &a->count[1], false },
		{ "ns", &a->count[2], false }, { "ar", &a->count[3], false }, { "op", &a->op, false },
		{ "id", &a->id, false }, { "cut", &a->cut, false }, { "wait", &a->wait, false },
		{ "edns", &a->size, true }, { "ver", &a->version, true }, { "eflags", &a->eflags, true },
		{ "opts", &a->opts, true } };
	const struct {
		const char *key;
		const char **to;
	} texts[] = { { "from", &a->from }, { "mark", &a->mark }, { "raw", &a->raw }, { "tail", &a->tail },
		{ "opt-at", &a->opt_at } };
	const struct {
		const char *word;
		bool *to;
	} switches[] = { { "tcp", &a->tcp }, { "ms", &a->ms }, { "hex", &a->hex }, { "edns", &a->edns },
		{ "dnssec", &a->edns } };
	const char *v;
	size_t i, n;

	for (i = 0; i < COUNT(numbers); i++)
		if (number(w, numbers[i].key, numbers[i].to)) {
			a->edns |= numbers[i].edns;
			return true;
		}
	for (i = 0; i < COUNT(switches); i++)
		if (strcmp(w, switches[i].word) == 0) {
			a->eflags |= w[0] == 'd' ? 0x8000 : 0;
			return *switches[i].to = true;
		}
	for (i = 0; i < COUNT(texts); i++)
		if ((v = value(w, texts[i].key))) {
			a->edns |= texts[i].to == &a->opt_at;
			*texts[i].to = v;
			return true;
		}
	if ((v = value(w, "opt"))) {
		put_hex(&a->options, v);
		return a->edns = true;
	}
	if ((v = value(w, "class"))) {
		a->class = class_code(v);
		return true;
	}
	if (!(v = value(w, "flags"))) return false;
	for (a->flags = 0; *v; v += n + (v[n] == ',')) {
		n = strcspn(v, ",");
		for (i = 0; i < COUNT(flags); i++)
			if (strlen(flags[i].text) == n && strncmp(flags[i].text, v, n) == 0) break;
		if (i == COUNT(flags)) die("%s: no such flag", w);
		a->flags |= flags[i].code;
	}
	return true;
}

static void ask_write(const struct ask *a, unsigned id, const char *name, struct bytes *b) {
	long opts = a->opts ? a->opts : a->edns;

	b->len = 0;
	if (a->raw) {
		put_raw(b, a->raw);
	} else {
		put16(b, id);
		put16(b, a->flags | (unsigned)a->op << 11);
		put16(b, a->count[0] < 0 ? 1 : (unsigned)a->count[0]);
		put16(b, a->count[1] < 0 ? 0 : (unsigned)a->count[1]);
		put16(b, a->count[2] < 0 ? 0 : (unsigned)a->count[2]);
		put16(b, a->count[3] < 0 ? (unsigned)opts : (unsigned)a->count[3]);
		put_name(b, name);
		put16(b, a->type);
		put16(b, a->class);
		for (; opts > 0; opts--) {
			put_name(b, a->opt_at);
			put16(b, 41);
			put16(b, (unsigned)a->size);
			put32(b, (uint32_t)a->version << 16 | (uint32_t)a->eflags);
			put16(b, (unsigned)a->options.len);
			put(b, a->options.at, a->options.len);
		}
		if (a->tail) put_hex(b, a->tail);
	}
	if (a->cut >= 0 && (size_t)a->cut < b->len) b->len = (size_t)a->cut;
}

static int client_socket(const char *server, const char *from, int type) {
	struct address to = address(server), here;
	int fd = socket(to.ss.ss_family, type, 0), on = 1;

	if (fd < 0) die("socket: %s", strerror(errno));
	if (from) {
		here = address(from);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		if (bind(fd, (struct sockaddr *)&here.ss, here.len) < 0) die("%s: %s", from, strerror(errno));
	}
	/* Connected for UDP too: a reply from another address is no reply. */
	if (connect(fd, (struct sockaddr *)&to.ss, to.len) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool write_all(int fd, const void *from, size_t n) {
	const uint8_t *p = from;

	while (n > 0) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR) continue;
		if (done < 0) return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static bool send_message(int fd, bool tcp, const struct bytes *b) {
	static uint8_t framed[BIG + 4];

	if (!tcp) return send(fd, b->at, b->len, 0) >= 0;
	framed[0] = (uint8_t)(b->len >> 8);
	framed[1] = (uint8_t)b->len;
	memcpy(framed + 2, b->at, b->len);
	return write_all(fd, framed, b->len + 2);
}

/* One reply by UDP, or one whole message by TCP.  NULL: it came; else why not. */
static const char *receive(int fd, bool tcp, struct bytes *b, long long deadline) {
	size_t want = 2, have = 0;
	uint8_t length[2];

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		int ready = poll(&p, 1, ms_until(deadline));
		ssize_t n;

		if (ready == 0) return "timeout";
		if (ready < 0) continue;
		if (!tcp) {
			n = recv(fd, b->at, BIG, 0);
			b->len = n < 0 ? 0 : (size_t)n;
			return n >= 0 ? NULL : errno == ECONNREFUSED ? "refused" : strerror(errno);
		}
		n = have < 2 ? recv(fd, length + have, 2 - have, 0)
			     : recv(fd, b->at + have - 2, want - have, 0);
		if (n == 0) return have ? "cut" : "closed";
		if (n < 0) return errno == ECONNRESET ? "reset" : strerror(errno);
		have += (size_t)n;
		if (have == 2) want = 2 + get16(length);
		if (have >= 2 && have == want) {
			b->len = want - 2;
			return NULL;
		}
	}
}

static int ask(int argc, char **argv) {
	static struct ask a;
	static struct bytes question, mark, reply;
	const char *why;
	long long start, deadline;
	unsigned id;
	int fd;

	ask_init(&a, argv[1], argv[2]);
	for (int i = 3; i < argc; i++)
		if (!ask_word(&a, argv[i])) die("%s: no such word", argv[i]);
	seed((unsigned long)now_us() ^ (unsigned long)getpid());
	id = a.id >= 0 ? (unsigned)a.id : roll(65536);
	ask_write(&a, id, a.name, &question);
	start = now_us();
	deadline = start + a.wait * 1000;
	if ((fd = client_socket(argv[0], a.from, a.tcp ? SOCK_STREAM : SOCK_DGRAM)) < 0) {
		puts(strerror(errno));
		return 0;
	}
	send_message(fd, a.tcp, &question);
	if (a.mark) {
		static struct ask m;

		ask_init(&m, a.mark, "A");
		ask_write(&m, id ^ 0xffff, a.mark, &mark);
		send_message(fd, a.tcp, &mark);
	}
	why = receive(fd, a.tcp, &reply, deadline);
	if (why)
		printf("%s", why);
	else if (a.mark && reply.len > 2 && memcmp(reply.at, mark.at, 2) == 0)
		printf("silence");
	else if (a.hex)
		for (size_t i = 0; i < reply.len; i++) printf("%02x", reply.at[i]);
	else
		printf("%s", show(reply.at, reply.len, &question));
	if (a.ms) printf(" | %lld ms", (now_us() - start) / 1000);
	putchar('\n');
	return 0;
}

/* ---- Client: many questions ----------------------------------------------- */

static int by_time(const void *a, const void *b) {
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

/* Writes question `number` of many: `%d` in the name is its number. */
static void many_write(struct ask *a, long number, struct bytes *b) {
	char name[1100];
	/* The user's own format, %d at most: the number goes in by hand. */
	const char *mark = strstr(a->name, "%d");

	snprintf(name, sizeof name, "%.*s", mark ? (int)(mark - a->name) : 1000, a->name);
	if (mark) snprintf(name + strlen(name), 500, "%ld%.400s", number, mark + 2);
	ask_write(a, (unsigned)number, name, b);
}

/* N questions, each with its own id, each waiting for its own answer.  `%d` in NAME is the question's
 * number.  Besides ask_word's:
 *	n=N  sockets=K	(question i leaves from socket i mod K)
 *	rate=N		a second; 0: at once
 *	window=N	so many in the air at most; 0: no limit
 *	addr=A.B.C.D	the right answer, if not what `peer serve` makes of the name
 *	again=MS	asked again each MS until something else than SERVFAIL comes; 0: never
 * Prints counts; `wrong` is an answer, not an error, that is somebody else's,
 * `late` the number later than slow=MS. */
static int many(int argc, char **argv) {
	enum { MOST = 65536, SOCKETS = 1000 };
	static struct ask a;
	static struct {
		long long sent, last;
		uint32_t right;
		unsigned len;
		uint8_t bytes[300];
		bool done;
	} asked[MOST];
	static long long took[MOST];
	static struct bytes b;
	static struct pollfd fds[SOCKETS];
	long n = 100, sockets = 1, rate = 0, window = 0, slow = 1000, again = 0, next = 0, open = 0, first = 0;
	long answered = 0, lost = 0, wrong = 0, twice = 0, noerror = 0, servfail = 0, late = 0, refused = 0;
	uint32_t addr = 0;
	long long start;

	ask_init(&a, argv[1], argv[2]);
	for (int i = 3; i < argc; i++) {
		const char *w = argv[i], *v = value(w, "addr");

		if (v) {
			if (inet_pton(AF_INET, v, &addr) != 1) die("%s: not an address", w);
			addr = ntohl(addr);
		} else if (!number(w, "n", &n) && !number(w, "sockets", &sockets) &&
		    !number(w, "rate", &rate) && !number(w, "window", &window) && !number(w, "slow", &slow) &&
		    !number(w, "again", &again) && !ask_word(&a, w))
			die("%s: no such word", w);
	}
	if (n > MOST || sockets > SOCKETS || sockets < 1) die("too many");
	if (sockets > n) sockets = n;
	for (long i = 0; i < sockets; i++) {
		fds[i].fd = client_socket(argv[0], a.from, a.tcp ? SOCK_STREAM : SOCK_DGRAM);
		fds[i].events = POLLIN;
		if (fds[i].fd < 0) die("socket: %s", strerror(errno));
	}
	start = now_us();
	while (answered + lost < n) {
		long long now = now_us(), wake = now + 1000000;

		while (next < n && (!window || open < window) &&
		    (!rate || start + next * 1000000LL / rate <= now)) {
			struct seen s;

			many_write(&a, next, &b);
			s = look(b.at, b.len);
			if (s.question_end - 12 > sizeof asked[0].bytes) die("%s: name too long", a.name);
			asked[next].len = (unsigned)s.question_end - 12;
			memcpy(asked[next].bytes, b.at + 12, asked[next].len);
			asked[next].right = addr ? addr : right_a(&b, s.question_end);
			asked[next].sent = asked[next].last = now_us();
			send_message(fds[next % sockets].fd, a.tcp, &b);
			next++;
			open++;
		}
		while (first < next && (asked[first].done || asked[first].sent + a.wait * 1000 <= now)) {
			if (!asked[first].done) {
				asked[first].done = true;
				lost++;
				open--;
			}
			first++;
		}
		for (long i = first; again && i < next; i++) {
			if (asked[i].done || asked[i].last + again * 1000 > now) continue;
			many_write(&a, i, &b);
			asked[i].last = now;
			send_message(fds[i % sockets].fd, a.tcp, &b);
		}
		if (first < next) wake = asked[first].sent + a.wait * 1000;
		if (again && first < next && wake > now + again * 100) wake = now + again * 100;
		if (next < n && rate && start + next * 1000000LL / rate < wake)
			wake = start + next * 1000000LL / rate;
		if (poll(fds, (nfds_t)sockets, ms_until(wake)) <= 0) continue;
		for (long i = 0; i < sockets; i++) {
			if (!fds[i].revents) continue;
			const char *why = receive(fds[i].fd, a.tcp, &b, now_us() + 2000000);
			if (why) {
				refused++;
				if (a.tcp) fds[i].fd = -1;
				continue;
			}
			unsigned id = b.len >= 12 ? get16(b.at) : MOST;
			struct seen s = look(b.at, b.len);
			if ((long)id >= next || id % (unsigned)sockets != (unsigned)i) {
				wrong++;
				continue;
			}
			if (again && s.rcode == 2) continue;
			if (asked[id].done) {
				twice += !again;
				continue;
			}
			asked[id].done = true;
			open--;
			took[answered] = now_us() - asked[id].sent;
			late += took[answered] > slow * 1000;
			answered++;
			noerror += s.rcode == 0;
			servfail += s.rcode == 2;
			if (!s.ok || !(b.at[2] & 0x80) || s.question_end - 12 != asked[id].len ||
			    memcmp(b.at + 12, asked[id].bytes, asked[id].len) != 0 ||
			    (s.rcode == 0 && a.type == 1 && s.a != asked[id].right) || s.a == FORGED)
				wrong++;
		}
	}
	qsort(took, (size_t)answered, sizeof took[0], by_time);
	printf("sent=%ld answered=%ld lost=%ld wrong=%ld twice=%ld noerror=%ld servfail=%ld icmp=%ld "
	       "late=%ld slowest=%lld median_us=%lld\n",
	    n, answered, lost, wrong, twice, noerror, servfail, refused, late,
	    answered ? took[answered - 1] / 1000 : -1, answered ? took[answered / 2] : -1);
	return 0;
}

/* ---- Client: TCP, step by step -------------------------------------------- */

/*	q=NAME/TYPE[*N]	put a question (N of them; %d is the number) in the buffer; ids count from 1
 *	hex=HEX		put these bytes there
 *	write		send the buffer in one write; drip=MS: one octet at a time
 *	stuff		write and write until it all went or nothing moved for 1 s; says how far it came
 *	read=N		print N replies, each `id=N REPLY | N ms`
 *	end		wait for the other side to end: `closed N ms` or `reset N ms`
 *	more=N		N further connections that are never used
 *	half		shut our direction;  reset: end with RST;  hold=MS: do nothing
 *	wait=MS		how long `read` and `end` wait (8000) */
static int tcp(int argc, char **argv) {
	static struct ask a;
	static struct bytes b;
	static uint8_t *out; /* for as long as we run */
	size_t len = 0, cap = 0;
	unsigned id = 0;
	long ms, wait = 8000;
	long long start = now_us();
	int fd = client_socket(argv[0], NULL, SOCK_STREAM), on = 1;

	if (fd < 0) return puts(strerror(errno)), 0;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		const char *w = argv[i], *v;

		if ((v = value(w, "q")) || (v = value(w, "hex"))) {
			char name[600], type[40] = "A";
			long times = 1;

			if (w[0] == 'q' && sscanf(v, "%500[^/]/%30[^*]*%ld", name, type, &times) < 1)
				die("%s: not NAME/TYPE", w);
			for (long k = 0; k < times; k++) {
				char one[700], *mark = strstr(name, "%d");

				b.len = 0;
				if (w[0] == 'h') {
					put_hex(&b, v);
				} else {
					snprintf(
					    one, sizeof one, "%.*s", mark ? (int)(mark - name) : 600, name);
					if (mark) snprintf(one + strlen(one), 150, "%ld%.100s", k, mark + 2);
					ask_init(&a, one, type);
					ask_write(&a, ++id, one, &b);
					memmove(b.at + 2, b.at, b.len);
					set16(&b, 0, (unsigned)b.len);
					b.len += 2;
				}
				if (cap - len < b.len && !(out = realloc(out, cap = 2 * cap + b.len + 4096)))
					die("no memory");
				memcpy(out + len, b.at, b.len);
				len += b.len;
			}
		} else if (strcmp(w, "write") == 0) {
			if (!write_all(fd, out, len)) printf("write: %s\n", strerror(errno));
			len = 0;
		} else if (number(w, "drip", &ms)) {
			for (size_t k = 0; k < len && write_all(fd, out + k, 1); k++) pause_ms(ms);
			len = 0;
		} else if (strcmp(w, "stuff") == 0) {
			size_t done = 0;

			unblock(fd);
			while (done < len) {
				struct pollfd p = { fd, POLLOUT, 0 };
				ssize_t n;

				if (poll(&p, 1, 1000) == 0) break;
				if ((n = send(fd, out + done, len - done, MSG_NOSIGNAL)) < 0 &&
				    errno != EAGAIN)
					break;
				done += n > 0 ? (size_t)n : 0;
			}
			printf("stuffed %zu of %zu\n", done, len);
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
			len = 0;
		} else if (number(w, "read", &ms)) {
			while (ms-- > 0) {
				const char *why = receive(fd, true, &b, now_us() + wait * 1000);

				if (why) {
					printf("%s\n", why);
					break;
				}
				printf("id=%u %s | %lld ms\n", b.len >= 2 ? get16(b.at) : 0,
				    show(b.at, b.len, NULL), (now_us() - start) / 1000);
			}
		} else if (strcmp(w, "end") == 0) {
			const char *why;

			while (!(why = receive(fd, true, &b, now_us() + wait * 1000)))
				;
			printf("%s %lld ms\n", why, (now_us() - start) / 1000);
		} else if (number(w, "more", &ms)) {
			while (ms-- > 0) client_socket(argv[0], NULL, SOCK_STREAM);
		} else if (strcmp(w, "half") == 0) {
			shutdown(fd, SHUT_WR);
		} else if (strcmp(w, "reset") == 0) {
			struct linger hard = { 1, 0 };

			setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
			close(fd);
			return 0;
		} else if (number(w, "hold", &ms)) {
			pause_ms(ms);
		} else if (!number(w, "wait", &wait))
			die("%s: no such step", w);
	}
	return 0;
}

/* ---- Client: hostile bytes, varied questions ------------------------------ */

/* A question of good form but odd content.  `type` < 0: any. */
static void odd_question(struct bytes *b, long type) {
	static const unsigned sizes[] = { 0, 512, 1232, 4096, 65535 };
	unsigned i, n;

	b->len = 0;
	put16(b, roll(65536));
	put16(b, roll(65536) & 0x07ff); /* all flags and rcodes, but QR clear, QUERY */
	put16(b, 1);
	put32(b, 0);
	put16(b, 0);
	for (n = 1 + roll(5); n > 0; n--) {
		unsigned len = 1 + roll(20);

		put8(b, len);
		while (len-- > 0) put8(b, roll(10) ? (roll(2) ? 'a' : 'A') + roll(26) : roll(256));
	}
	put8(b, 0);
	if (type < 0) type = roll(65536);
	put16(b, type == 251 || type == 252 ? 1 : (unsigned)type); /* zone transfers are not relayed */
	put16(b, roll(4) ? 1 : roll(2) ? 1 + roll(4) : roll(65536));
	if (roll(20) == 0) { /* a record where a question has none */
		set16(b, roll(2) ? 6 : 8, 1);
		put(b, "\1x\0\0\1\0\1\0\0\0\0\0\4abcd", 17);
	}
	if (roll(5) < 3) {
		size_t at;

		set16(b, 10, 1);
		put8(b, 0);
		put16(b, 41);
		put16(b, sizes[roll(5)]);
		put32(b, (roll(20) ? 0 : roll(256)) << 16 | roll(65536));
		at = b->len;
		put16(b, 0);
		for (i = roll(4); i > 0; i--) {
			n = roll(40);
			put16(b, roll(2) ? roll(20) : roll(65536));
			put16(b, n);
			while (n-- > 0) put8(b, roll(256));
		}
		set16(b, at, (unsigned)(b->len - at - 2));
	}
	if (roll(5) == 0) { /* something that looks like a TSIG, last */
		set16(b, 10, get16(b->at + 10) + 1);
		put_name(b, "key.example");
		put16(b, 250);
		put16(b, 255);
		put32(b, 0);
		put16(b, 40);
		for (i = 0; i < 40; i++) put8(b, roll(256));
	}
}

/* What an `echo` upstream makes of a question: QR, the same bytes, and one
 * record after the question section that holds a sum of all it got. */
static bool echo_write(const uint8_t *q, size_t len, struct bytes *b) {
	struct seen s = look(q, len);
	uint64_t h = 14695981039346656037u;

	if (!s.ok) return false;
	for (size_t i = 2; i < len; i++) h = (h ^ q[i]) * 1099511628211u;
	b->len = 0;
	put(b, q, s.question_end);
	b->at[2] |= 0x80;
	set16(b, 6, get16(b->at + 6) + 1);
	put(b, "\xc0\x0c\xff\0\0\1\0\0\0\0\0\10", 12);
	put32(b, (uint32_t)(h >> 32));
	put32(b, (uint32_t)h);
	put(b, q + s.question_end, len - s.question_end);
	return true;
}

/* What a relay passes on of a question: all but the options that are meant for one hop, COOKIE and
 * edns-tcp-keepalive; what a TSIG signs stays whole. */
static void passed_on(const struct bytes *q, struct bytes *b) {
	static const uint8_t key[] = "\3key\7example";
	struct seen s = look(q->at, q->len);
	size_t at, end;

	*b = *q;
	if (!s.opt || (q->len > 63 && memcmp(q->at + q->len - 63, key, sizeof key) == 0)) return;
	at = s.opt + 11;
	end = at + get16(q->at + s.opt + 9);
	b->len = at;
	while (at < end) {
		unsigned code = get16(q->at + at), n = 4 + get16(q->at + at + 2);

		if (code != 10 && code != 11) put(b, q->at + at, n);
		at += n;
	}
	set16(b, s.opt + 9, (unsigned)(b->len - s.opt - 11));
	put(b, q->at + end, q->len - end);
}

/* N varied questions through an echo upstream; each reply must be, to the
 * byte, what an echo makes of what is passed on of the client's own question.
 *	n=N  seed=N  tcp  window=N */
static int vary(int argc, char **argv) {
	enum { WINDOW = 64 };
	static struct {
		struct bytes q;
		bool open;
		long long sent;
	} slot[WINDOW];
	static struct bytes reply, passed, want;
	long n = 1000, seeds = 1, window = 16, sent = 0, equal = 0, different = 0, lost = 0, open = 0;
	bool by_tcp = false;
	int fd;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "tcp") == 0)
			by_tcp = true;
		else if (!number(argv[i], "n", &n) && !number(argv[i], "seed", &seeds) &&
		    !number(argv[i], "window", &window))
			die("%s: no such word", argv[i]);
	if (window > WINDOW) die("window too large");
	seed((unsigned long)seeds);
	if ((fd = client_socket(argv[0], NULL, by_tcp ? SOCK_STREAM : SOCK_DGRAM)) < 0)
		die("%s: %s", argv[0], strerror(errno));
	while (sent < n || open > 0) {
		struct pollfd p = { fd, POLLIN, 0 };

		for (long k = 0; k < window && sent < n; k++) {
			struct bytes *q = &slot[k].q;
			struct seen s;
			size_t room;

			if (slot[k].open) continue;
			do { /* the first 300 are the types that have a meaning, the others a sample of all */
				odd_question(q, sent < 300 ? sent : (long)(sent * 65536LL / n));
				s = look(q->at, q->len);
				room =
				    s.opt && get16(q->at + s.opt + 3) > 512 ? get16(q->at + s.opt + 3) : 512;
			} while (!by_tcp && q->len + 20 > room); /* it would be cut, and rightly */
			set16(q, 0, (unsigned)((uint32_t)k << 10 | (uint32_t)(sent & 1023)));
			slot[k].open = true;
			slot[k].sent = now_us();
			open++;
			sent++;
			send_message(fd, by_tcp, q);
		}
		if (poll(&p, 1, 100) > 0) {
			long k;
			const char *why = receive(fd, by_tcp, &reply, now_us() + 2000000);

			if (why) die("%s after %ld questions", why, sent);
			k = reply.len >= 2 ? get16(reply.at) >> 10 : WINDOW;
			if (k < window) passed_on(&slot[k].q, &passed);
			if (k >= window || !slot[k].open || !echo_write(passed.at, passed.len, &want) ||
			    want.len != reply.len || memcmp(want.at, reply.at, want.len) != 0) {
				if (different++ == 0) {
					printf(
					    "first difference: %s; asked ", show(reply.at, reply.len, NULL));
					for (size_t i = 0; k < window && i < slot[k].q.len; i++)
						printf("%02x", slot[k].q.at[i]);
					putchar('\n');
				}
			} else
				equal++;
			if (k < window && slot[k].open) {
				slot[k].open = false;
				open--;
			}
		}
		for (long k = 0; k < window; k++)
			if (slot[k].open && now_us() - slot[k].sent > 8000000) {
				slot[k].open = false;
				open--;
				lost++;
			}
	}
	printf("sent=%ld equal=%ld different=%ld lost=%ld\n", sent, equal, different, lost);
	return 0;
}

/* Breaks a question: a few octets changed, cut, lengthened, counts that lie. */
static void break_question(struct bytes *b) {
	unsigned i;

	for (i = roll(4); i > 0; i--) b->at[roll((uint32_t)b->len)] = (uint8_t)roll(256);
	if (roll(3) == 0) set16(b, 4 + 2 * roll(4), roll(3) ? roll(3) : roll(65536));
	if (roll(4) == 0) b->len = roll((uint32_t)b->len + 1);
	if (roll(8) == 0)
		for (i = roll(100); i > 0; i--) put8(b, roll(256));
}

/* Hostile bytes: half of them random, half questions of good form that were
 * broken.  What comes back must at least be a response that parses.
 *	n=N  seed=N	messages by UDP, connections by TCP */
static int junk(int argc, char **argv) {
	static struct bytes b, reply;
	long n = 1000, seeds = 1, replies = 0, malformed = 0;
	bool by_tcp = argc > 1 && strcmp(argv[1], "tcp") == 0;
	int fd = -1;

	for (int i = 2; i < argc; i++)
		if (!number(argv[i], "n", &n) && !number(argv[i], "seed", &seeds))
			die("%s: no such word", argv[i]);
	seed((unsigned long)seeds);
	if (!by_tcp) fd = client_socket(argv[0], NULL, SOCK_DGRAM);
	for (long i = 0; i < n; i++) {
		long messages = by_tcp ? 1 + (long)roll(4) : 1;

		if (by_tcp && (fd = client_socket(argv[0], NULL, SOCK_STREAM)) < 0) continue;
		while (messages-- > 0) {
			odd_question(&b, -1);
			if (roll(2)) {
				b.len = roll(4) ? roll(100) : roll(5000);
				for (size_t k = 0; k < b.len; k++) b.at[k] = (uint8_t)roll(256);
			} else
				break_question(&b);
			if (by_tcp && roll(3) == 0)
				write_all(fd, b.at, b.len); /* a length that lies */
			else
				send_message(fd, by_tcp, &b);
		}
		if (by_tcp) {
			struct linger hard = { 1, 0 };

			if (roll(3) == 0) shutdown(fd, SHUT_WR);
			if (roll(2) && !receive(fd, true, &reply, now_us() + 5000)) {
				replies++;
				malformed +=
				    reply.len < 12 || !(reply.at[2] & 0x80) || !look(reply.at, reply.len).ok;
			}
			if (roll(2)) setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
			close(fd);
			continue;
		}
		/* Every 64th time wait for what there is, so that the queue drains. */
		while (!receive(fd, false, &reply, i % 64 == 63 ? now_us() + 2000 : 0)) {
			replies++;
			malformed += reply.len < 12 || !(reply.at[2] & 0x80) || !look(reply.at, reply.len).ok;
		}
	}
	printf("sent=%ld replies=%ld malformed=%ld\n", n, replies, malformed);
	return 0;
}

/* ---- Upstream: what to do ------------------------------------------------- */

enum kind {
	RIGHT,
	RCODE,
	TC,
	ECHO, /* replies */
	BAD_ID,
	BAD_QUESTION,
	BAD_ADDR,
	BAD_PORT,
	BAD_QR,
	BAD_SHORT,
	BAD_COUNTS,
	BAD_HEADER, /* wrong replies, in `wrong`'s bit order */
	BAD_TYPE,
	BAD_CLASS,
	BAD_LINK,
	BAD_OPCODE,
	BAD_EMPTY,
	BAD_CASE,
	BAD_LONG,
	WRONG,
	FLOOD, /* several wrong replies */
	MUTE,
	FLAP,
	SKIP,
	WEDGE,
	DELAY, /* whether and when */
	HALF,
	DRIBBLE,
	CLOSE /* TCP */
};

static const struct {
	const char *text;
	enum kind kind;
	long arg;
} words[] = { { "right", RIGHT, 0 }, { "noerror", RCODE, 0 }, { "formerr", RCODE, 1 },
	{ "servfail", RCODE, 2 }, { "nxdomain", RCODE, 3 }, { "notimp", RCODE, 4 }, { "refused", RCODE, 5 },
	{ "tc", TC, 0 }, { "echo", ECHO, 0 }, { "bad-id", BAD_ID, 0 }, { "bad-question", BAD_QUESTION, 0 },
	{ "bad-addr", BAD_ADDR, 0 }, { "bad-port", BAD_PORT, 0 }, { "bad-qr", BAD_QR, 0 },
	{ "bad-short", BAD_SHORT, 0 }, { "bad-counts", BAD_COUNTS, 0 }, { "bad-header", BAD_HEADER, 0 },
	{ "bad-type", BAD_TYPE, 0 }, { "bad-class", BAD_CLASS, 0 }, { "bad-link", BAD_LINK, 0 }, { "bad-opcode", BAD_OPCODE, 0 }, { "bad-empty", BAD_EMPTY, 0 },
	{ "bad-case", BAD_CASE, 0 }, { "bad-long", BAD_LONG, 0 }, { "wrong", WRONG, 0 }, { "mute", MUTE, 0 },
	{ "half", HALF, 0 }, { "close", CLOSE, 0 }, { "wedge", WEDGE, 0 },
	/* with =N */
	{ "flood", FLOOD, 0 }, { "flap", FLAP, 0 }, { "skip", SKIP, 0 }, { "delay", DELAY, 0 },
	{ "dribble", DRIBBLE, 0 } };

struct step {
	enum kind kind;
	long arg, arg2;
	char only;
};

static struct {
	struct step step[24];
	unsigned count;
} stages[8];
static unsigned stage, stage_count = 1;
static volatile sig_atomic_t stage_signal;

static void on_stage(int signal_number) {
	(void)signal_number;
	stage_signal++;
}

/* The steps say what each question gets, in order:
 *	right		the right reply: 10.X.Y.Z for A, fd00:: and so on for AAAA, else four octets; what
 *			the first label says goes first: `size-N` a reply of just N octets (TC by UDP where
 *			it doesn't fit), `delay-N-x` after N ms, `tc` TC by UDP
 *	noerror formerr servfail nxdomain notimp refused	that rcode, no answer
 *	tc		an empty reply with TC		echo	the question's own bytes and one record
 *	bad-id bad-question bad-addr bad-port bad-qr bad-short bad-counts bad-header
 *	bad-type bad-class bad-opcode bad-empty bad-long	a reply with 10.66.66.66 that is wrong in this way
 *	bad-link	one that is right, but for what it says, and goes to the port of the question before
 *	bad-case	a right reply, but the question's letters in the other case
 *	wrong		the first label is `wN`: those of the 8 bad-* of the first line above whose bit is set
 *	flood=N		N replies with 10.66.66.66, wrong id or wrong port, as fast as they go
 *	mute		nothing more		flap=MS:K	mute in every other MS, K=0 or 1 says which
 *	skip=N		mute for the first N questions		delay=MS	what follows goes so much later
 *	half		half of the right reply, then the end	dribble=MS	the right reply, an octet each MS
 *	close		the end of the connection	wedge	the first connection: mute after one question
 * `udp:STEP` and `tcp:STEP` hold for questions that came that way.  `next`
 * begins the next stage, which SIGUSR1 brings.  Before the steps: `notcp`,
 * `noudp`, `a=ADDR` (the right answer to A). */
static bool step_parse(const char *text, struct step *s) {
	memset(s, 0, sizeof *s);
	if (strncmp(text, "udp:", 4) == 0 || strncmp(text, "tcp:", 4) == 0) {
		s->only = text[0];
		text += 4;
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		size_t n = strlen(words[i].text);

		if (strncmp(words[i].text, text, n) != 0 || (text[n] && text[n] != '=')) continue;
		s->kind = words[i].kind;
		s->arg = words[i].arg;
		if (text[n]) return sscanf(text + n, "=%ld:%ld", &s->arg, &s->arg2) >= 1;
		return s->kind != FLOOD && s->kind != FLAP && s->kind != SKIP && s->kind != DELAY &&
		    s->kind != DRIBBLE;
	}
	return false;
}

/* ---- Upstream: replies ---------------------------------------------------- */

enum via { UDP, UDP_PORT, UDP_ADDR, CONN, CONN_END }; /* from our address, another port, another address */

enum { CONNS = 200 };

static struct conn {
	int fd;
	unsigned serial;
	bool first;
	unsigned asked;
	size_t have;
	uint8_t in[BIG + 2];
} conns[CONNS];

struct question {
	struct bytes msg;
	size_t end;
	char label[64];
	bool tcp;
	struct address from;
	struct conn *conn;
};

/* What is to be sent, sorted by time; equal times in the order they came. */
static struct pending {
	struct pending *next;
	long long due;
	enum via via;
	struct address to;
	struct conn *conn;
	unsigned serial;
	size_t len;
	uint8_t at[];
} * queue;

static int udp_fd[3], tcp_fd = -1;
static uint32_t fixed_a;

static void later(const struct question *q, long long due, enum via via, const void *at, size_t len) {
	struct pending *p = malloc(sizeof *p + len), **where = &queue;

	if (!p) die("no memory");
	p->due = due;
	p->via = via;
	p->to = q->from;
	p->conn = q->conn;
	p->serial = q->conn ? q->conn->serial : 0;
	p->len = len;
	if (len) memcpy(p->at, at, len);
	while (*where && (*where)->due <= due) where = &(*where)->next;
	p->next = *where;
	*where = p;
}

static void send_due(void) {
	while (queue && queue->due <= now_us()) {
		struct pending *p = queue;

		if (p->via < CONN && udp_fd[p->via] >= 0)
			sendto(udp_fd[p->via], p->at, p->len, 0, (struct sockaddr *)&p->to.ss, p->to.len);
		if (p->via >= CONN && p->conn->fd >= 0 && p->conn->serial == p->serial &&
		    (p->via == CONN_END || !write_all(p->conn->fd, p->at, p->len))) {
			close(p->conn->fd);
			p->conn->fd = -1;
		}
		queue = p->next;
		free(p);
	}
}

/* Sends a reply the way the question came, by TCP with its length in front. */
static void reply_later(const struct question *q, long long due, enum via via, const struct bytes *b) {
	static struct bytes framed;

	if (!q->tcp) {
		later(q, due, via, b->at, b->len);
		return;
	}
	framed.len = 0;
	put16(&framed, (unsigned)b->len);
	put(&framed, b->at, b->len);
	later(q, due, CONN, framed.at, framed.len);
}

/* The right reply, with `a` for an A; the label's size-N makes it so long. */
static void right_reply(const struct question *q, uint32_t a, unsigned rcode, bool tc, struct bytes *b) {
	unsigned type = get16(q->msg.at + q->end - 4);
	long size = 0;
	struct seen s = look(q->msg.at, q->msg.len);

	if (strncmp(q->label, "size-", 5) == 0) size = atol(q->label + 5);
	if (strcmp(q->label, "tc") == 0 || size > 65507) tc = tc || !q->tcp;
	b->len = 0;
	put(b, q->msg.at, 2);
	put16(b, 0x8080 | (get16(q->msg.at + 2) & 0x0110) | rcode | (tc ? 0x0200 : 0));
	put16(b, 1);
	put16(b, rcode || tc ? 0 : 1);
	put16(b, 0);
	put16(b, s.opt ? 1 : 0);
	put(b, q->msg.at + 12, q->end - 12);
	if (!rcode && !tc) {
		put16(b, 0xc00c);
		put16(b, type);
		put(b, q->msg.at + q->end - 2, 2);
		put32(b, 30);
		put16(b, type == 28 ? 16 : 4);
		if (type == 28) put(b, "\xfd\0\0\0\0\0\0\0\0\0\0\0", 12);
		put32(b, a);
		if (size > 0) {
			long left = size - (long)b->len - 11 - (s.opt ? 11 : 0);

			if (left < 0 || left > BIG) die("size %ld cannot be had", size);
			set16(b, 10, s.opt ? 2 : 1);
			put(b, "\0\xff\0\0\1\0\0\0\0", 9);
			put16(b, (unsigned)left);
			while (left-- > 0) put8(b, (unsigned)left & 255);
		}
	}
	if (s.opt) put(b, "\0\0\x29\x04\xd0\0\0\0\0\0\0", 11);
}

/* Makes a reply wrong in one way; what it says is FORGED. */
static void bad_reply(const struct question *q, enum kind kind, struct bytes *b) {
	right_reply(q, FORGED, 0, false, b);
	switch (kind) {
	case BAD_ID: set16(b, 0, get16(b->at) + 1); break;
	case BAD_QUESTION: /* one letter of the name */ b->at[13] = b->at[13] == 'z' ? 'y' : 'z'; break;
	case BAD_TYPE: set16(b, q->end - 4, get16(b->at + q->end - 4) ^ 1); break;
	case BAD_CLASS: set16(b, q->end - 2, get16(b->at + q->end - 2) ^ 2); break;
	case BAD_QR: b->at[2] &= 0x7f; break;
	case BAD_OPCODE: b->at[2] |= 0x20; break;
	case BAD_SHORT: b->len -= 2; break;
	case BAD_COUNTS: set16(b, 6, 2); break;
	case BAD_HEADER:
		set16(b, 4, 0);
		set16(b, 6, 0);
		set16(b, 10, 0);
		b->len = 12;
		break;
	case BAD_EMPTY: b->len = 0; break;
	case BAD_LONG: /* octets that no count accounts for */ put32(b, 0); break;
	default: break;
	}
}

static void bad_later(const struct question *q, long long due, enum kind kind) {
	static struct bytes b;
	static struct address before; /* who asked before by UDP */

	if (q->tcp && (kind == BAD_PORT || kind == BAD_ADDR || kind == BAD_LINK))
		return; /* a connection has only one other end */
	bad_reply(q, kind, &b);
	if (kind == BAD_LINK) {
		struct address to = before;

		before = q->from;
		if (to.len && memcmp(&to.ss, &before.ss, to.len) != 0)
			sendto(udp_fd[UDP], b.at, b.len, 0, (struct sockaddr *)&to.ss, to.len);
		return;
	}
	reply_later(q, due, kind == BAD_PORT ? UDP_PORT : kind == BAD_ADDR ? UDP_ADDR : UDP, &b);
}

/* Forged replies as an attacker sends them that can spoof our address but has
 * not seen the id, and as one that guessed the id but cannot spoof. */
static void flood(const struct question *q, long n) {
	static struct bytes b;
	unsigned id = get16(q->msg.at);

	bad_reply(q, RIGHT, &b);
	for (long i = 0; i < n; i++) {
		unsigned guess = (unsigned)(id + 1 + i) & 0xffff;
		bool spoof = i % 4 && guess != id;

		set16(&b, 0, spoof ? guess : id);
		sendto(udp_fd[spoof ? UDP : UDP_PORT], b.at, b.len, 0, (const struct sockaddr *)&q->from.ss,
		    q->from.len);
	}
}

/* Whether the label is `lost-N-x` and N was not seen before. */
static bool lost(const char *label) {
	static bool seen[10000];
	const long n = strncmp(label, "lost-", 5) == 0 ? atol(label + 5) : -1;

	if (n < 0 || n >= 10000 || seen[n]) return false;
	return seen[n] = true;
}

static void follow(const struct question *q) {
	static struct bytes b;
	static long count;
	long long due = now_us();
	uint32_t a = fixed_a ? fixed_a : right_a(&q->msg, q->end);

	count++;
	for (unsigned i = 0; i < stages[stage].count; i++) {
		const struct step *s = &stages[stage].step[i];

		if (s->only && s->only != (q->tcp ? 't' : 'u')) continue;
		switch (s->kind) {
		case RIGHT:
		case BAD_CASE:
			if (strncmp(q->label, "mute-", 5) == 0 || lost(q->label)) return;
			right_reply(q, a, 0, false, &b);
			if (strncmp(q->label, "rcode-", 6) == 0) {
				set16(&b, 6, 0);
				b.len = q->end;
				b.at[3] = (uint8_t)((b.at[3] & 0xf0) | (atoi(q->label + 6) & 15));
				set16(&b, 10, 0);
			}
			for (size_t k = 12; s->kind == BAD_CASE && k < q->end - 4; k++)
				if (isalpha(b.at[k])) b.at[k] ^= 0x20;
			reply_later(q,
			    due + (strncmp(q->label, "delay-", 6) == 0 ? atol(q->label + 6) * 1000 : 0), UDP,
			    &b);
			break;
		case RCODE:
		case TC:
			right_reply(q, a, (unsigned)s->arg, s->kind == TC, &b);
			set16(&b, 6, 0);
			if (s->kind == RCODE &&
			    s->arg == 0) { /* nodata: right_reply's answer taken off again */
				right_reply(q, a, 3, false, &b);
				b.at[3] &= 0xf0;
			}
			reply_later(q, due, UDP, &b);
			break;
		case ECHO:
			if (echo_write(q->msg.at, q->msg.len, &b)) reply_later(q, due, UDP, &b);
			break;
		case WRONG:
			for (int k = 0; k < 8 && q->label[0] == 'w'; k++)
				if (atoi(q->label + 1) >> k & 1) bad_later(q, due, (enum kind)(BAD_ID + k));
			break;
		case FLOOD:
			flood(q, s->arg);
			due = now_us(); /* it took its time */
			break;
		case MUTE: return;
		case FLAP: /* by the machine's clock: two processes take turns */
			if (now_us() / 1000 / s->arg % 2 == s->arg2) return;
			break;
		case SKIP:
			if (count <= s->arg) return;
			break;
		case WEDGE:
			if (q->tcp && q->conn->first && q->conn->asked > 1) return;
			break;
		case DELAY: due += s->arg * 1000; break;
		case HALF:
			right_reply(q, a, 0, false, &b);
			later(q, due, CONN, (uint8_t[]){ (uint8_t)(b.len >> 8), (uint8_t)b.len }, 2);
			later(q, due, CONN, b.at, b.len / 2);
			later(q, due, CONN_END, NULL, 0);
			break;
		case DRIBBLE:
			right_reply(q, a, 0, false, &b);
			memmove(b.at + 2, b.at, b.len);
			set16(&b, 0, (unsigned)b.len);
			b.len += 2;
			for (size_t k = 0; k < b.len; k++) later(q, due += s->arg * 1000, CONN, b.at + k, 1);
			break;
		case CLOSE: later(q, due, CONN_END, NULL, 0); break;
		default: bad_later(q, due, s->kind);
		}
	}
}

/* ---- Upstream: sockets ---------------------------------------------------- */

/* Logs a question and follows the steps.  A line of the log:
 *	TRANSPORT MS PORT ID LENGTH NAME TYPE HEX */
static void question_in(struct question *q) {
	struct seen s;
	char name[1100];
	size_t at = 12;

	if (q->msg.len < 12 || get16(q->msg.at + 4) != 1 || !(s = look(q->msg.at, q->msg.len)).ok) {
		printf("broken question of %zu octets\n", q->msg.len);
		return;
	}
	get_name(q->msg.at, q->msg.len, &at, name);
	q->end = s.question_end;
	snprintf(q->label, sizeof q->label, "%.*s", (int)(q->msg.at[12] < 63 ? q->msg.at[12] : 63),
	    (const char *)q->msg.at + 13);
	line_len = 0;
	say_code(get16(q->msg.at + q->end - 4), "TYPE", false);
	say(" ");
	say_hex(q->msg.at, q->msg.len, 600);
	printf("%s %lld %u %u %zu %s %s\n", q->tcp ? "tcp" : "udp", now_us() / 1000,
	    ntohs(*port_of(&q->from)), get16(q->msg.at), q->msg.len, name, line);
	follow(q);
	send_due();
}

static void conn_in(struct conn *c) {
	static struct question q;
	ssize_t n = recv(c->fd, c->in + c->have, sizeof c->in - c->have, 0);

	if (n <= 0) {
		close(c->fd);
		c->fd = -1;
		return;
	}
	c->have += (size_t)n;
	while (c->fd >= 0 && c->have >= 2 && c->have - 2 >= get16(c->in)) {
		size_t len = get16(c->in);

		q.from.len = sizeof q.from.ss;
		getpeername(c->fd, (struct sockaddr *)&q.from.ss, &q.from.len);
		q.msg.len = 0;
		put(&q.msg, c->in + 2, len);
		memmove(c->in, c->in + 2 + len, c->have -= 2 + len);
		q.tcp = true;
		q.conn = c;
		c->asked++;
		question_in(&q);
	}
}

static void conn_new(void) {
	static unsigned total;
	int fd = accept(tcp_fd, NULL, NULL);

	for (int i = 0; fd >= 0 && i < CONNS; i++)
		if (conns[i].fd < 0) {
			conns[i].fd = fd;
			conns[i].serial++;
			conns[i].have = conns[i].asked = 0;
			conns[i].first = total++ == 0;
			printf("connection\n");
			return;
		}
	if (fd >= 0) close(fd);
}

static void udp_in(void) {
	static struct question q;
	ssize_t n;

	q.from.len = sizeof q.from.ss;
	n = recvfrom(udp_fd[UDP], q.msg.at, BIG, 0, (struct sockaddr *)&q.from.ss, &q.from.len);
	if (n < 0) return;
	q.msg.len = (size_t)n;
	q.tcp = false;
	question_in(&q);
}

static int serve(int argc, char **argv) {
	static struct pollfd fds[2 + CONNS];
	struct address here = address(argv[0]), other;
	struct sigaction act;
	bool no_tcp = false, no_udp = false;

	alarm(life(LIFE_SERVER));
	for (int i = 1; i < argc; i++) {
		const char *v = value(argv[i], "a");

		if (v) {
			if (inet_pton(AF_INET, v, &fixed_a) != 1) die("%s: not an address", argv[i]);
			fixed_a = ntohl(fixed_a);
		} else if (strcmp(argv[i], "notcp") == 0)
			no_tcp = true;
		else if (strcmp(argv[i], "noudp") == 0)
			no_udp = true;
		else if (strcmp(argv[i], "next") == 0) {
			if (++stage_count > COUNT(stages)) die("too many stages");
		} else if (stages[stage_count - 1].count == COUNT(stages[0].step) ||
		    !step_parse(argv[i], &stages[stage_count - 1].step[stages[stage_count - 1].count++]))
			die("%s: no such step", argv[i]);
	}
	memset(&act, 0, sizeof act);
	act.sa_handler = on_stage;
	sigaction(SIGUSR1, &act, NULL);
	if (!bound_pair(&here, &udp_fd[UDP], &tcp_fd)) die("%s: %s", argv[0], strerror(errno));
	other = here;
	*port_of(&other) = 0;
	udp_fd[UDP_PORT] = bound(&other, SOCK_DGRAM);
	other = here;
	if (here.ss.ss_family == AF_INET)
		((uint8_t *)&((struct sockaddr_in *)&other.ss)->sin_addr)[3] ^= 0x80;
	udp_fd[UDP_ADDR] = here.ss.ss_family == AF_INET ? bound(&other, SOCK_DGRAM) : -1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (no_tcp) close(tcp_fd), tcp_fd = -1;
	if (no_udp) close(udp_fd[UDP]), udp_fd[UDP] = -1;
	for (int i = 0; i < CONNS; i++) conns[i].fd = -1;
	if (tcp_fd >= 0) unblock(tcp_fd);
	printf("serving %s\nready\n", address_text(&here));
	for (;;) {
		int wait = queue ? ms_until(queue->due) : -1;

		if (stage_signal) {
			stage_signal--;
			if (stage + 1 < stage_count) stage++;
			printf("stage %u\n", stage);
		}
		fds[0].fd = udp_fd[UDP];
		fds[1].fd = tcp_fd;
		for (int i = 0; i < CONNS; i++) fds[2 + i].fd = conns[i].fd;
		for (int i = 0; i < 2 + CONNS; i++) fds[i].events = POLLIN;
		/* Not for ever: a signal just before poll must not be slept through. */
		if (poll(fds, 2 + CONNS, wait < 0 || wait > 50 ? 50 : wait) > 0) {
			if (fds[0].revents) udp_in();
			if (fds[1].revents) conn_new();
			for (int i = 0; i < CONNS; i++)
				if (fds[2 + i].revents && fds[2 + i].fd == conns[i].fd && conns[i].fd >= 0)
					conn_in(&conns[i]);
		}
		send_due();
	}
	return 0;
}

/* ---- Errands for the scripts ---------------------------------------------- */

static int wait_for(int argc, char **argv) {
	long long deadline;
	int want = argc > 3 ? atoi(argv[3]) : 1;

	for (deadline = now_us() + atol(argv[2]) * 1000LL;; pause_ms(3)) {
		bool last = now_us() > deadline;
		FILE *f = fopen(argv[0], "r");
		static char text[8192];
		int have = 0;

		while (f && fgets(text, sizeof text, f))
			if (strchr(text, '\n') && strstr(text, argv[1]) && ++have == want) {
				fputs(text, stdout);
				return 0;
			}
		if (f) fclose(f);
		if (last) return 1;
	}
}

/* Chi-square of counts against all alike; with 256 classes about 255, and over
 * 391 or under 160 less often than once in a million. */
static double chi_square(const long *count, int classes_count, long total) {
	double sum = 0, mean = (double)total / classes_count;

	for (int i = 0; i < classes_count; i++)
		sum += ((double)count[i] - mean) * ((double)count[i] - mean) / mean;
	return sum;
}

static int spread(int argc, char **argv) {
	static long high[256], low[256], step[256], uses[65536];
	static char text[8192];
	long n = 0, sequential = 0, ports = 0, most = 0, over = 0, lowest = 65535, highest = 0,
	     neighbours = 0, again = 0;
	long bound_of = argc > 1 ? atol(argv[1]) : 65536;
	unsigned port, id, before = 0, port_before = 0;
	FILE *f = fopen(argv[0], "r");

	if (!f) die("%s: %s", argv[0], strerror(errno));
	while (fgets(text, sizeof text, f)) {
		if (sscanf(text, "udp %*d %u %u", &port, &id) != 2) continue;
		high[id >> 8 & 255]++;
		low[id & 255]++;
		step[((id - before) & 0xffff) >> 8]++;
		if (n > 0 && ((id - before + 2) & 0xffff) <= 4) sequential++;
		again += port == port_before;
		port_before = port;
		before = id;
		n++;
		if (++uses[port & 65535] > most) most = uses[port & 65535];
	}
	for (long i = 0; i < 65536; i++)
		if (uses[i]) {
			ports++;
			over += uses[i] > bound_of;
			neighbours += i > 0 && uses[i - 1];
			lowest = i < lowest ? i : lowest;
			highest = i > highest ? i : highest;
		}
	printf("n=%ld chi_high=%.0f chi_low=%.0f chi_step=%.0f sequential=%ld ports=%ld most=%ld over=%ld "
	       "span=%ld neighbours=%ld again=%ld\n",
	    n, chi_square(high, 256, n), chi_square(low, 256, n), chi_square(step, 256, n), sequential, ports,
	    most, over, highest - lowest, neighbours, again);
	return 0;
}

static int free_port(int argc, char **argv) {
	char text[80];
	struct address here;
	int udp, stream;

	snprintf(text, sizeof text, "%s@0", argc > 0 ? argv[0] : "127.0.0.1");
	here = address(text);
	if (!bound_pair(&here, &udp, &stream)) return 1;
	printf("%u\n", ntohs(*port_of(&here)));
	return 0;
}

static int until_free(int argc, char **argv) {
	struct address server = address(argv[0]);
	const long long start = now_us();
	int udp, stream;

	(void)argc;
	if (kill((pid_t)atol(argv[1]), SIGTERM) < 0) die("%s: %s", argv[1], strerror(errno));
	while (!bound_pair(&server, &udp, &stream))
		if (now_us() - start > 5000000) return 1;
	printf("%lld\n", (now_us() - start) / 1000);
	return 0;
}

static int lo(int argc, char **argv) {
	(void)argc;
	(void)argv;
#if defined SIOCSIFFLAGS && defined IFF_UP
	struct ifreq r;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memset(&r, 0, sizeof r);
	strcpy(r.ifr_name, "lo");
	r.ifr_flags = IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &r) < 0;
#else
	return 1;
#endif
}

/* Runs a command that alarm(), which outlives exec, will end. */
static int run(int argc, char **argv) {
	(void)argc;
	alarm(life(atol(argv[0])));
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[1], argv + 1);
	die("%s: %s", argv[1], strerror(errno));
	return 3;
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		int (*job)(int, char **);
		int words;
	} jobs[] = { { "ask", ask, 3 }, { "many", many, 3 }, { "tcp", tcp, 1 }, { "junk", junk, 1 },
		{ "vary", vary, 1 }, { "serve", serve, 1 }, { "wait", wait_for, 3 }, { "spread", spread, 1 },
		{ "port", free_port, 0 }, { "until-free", until_free, 2 }, { "run", run, 2 }, { "lo", lo, 0 } };

	alarm(life(LIFE_CLIENT));
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < COUNT(jobs); i++)
		if (strcmp(jobs[i].name, argv[1]) == 0 && argc - 2 >= jobs[i].words)
			return jobs[i].job(argc - 2, argv + 2);
	die("usage: see the head of peer.c");
	return 3;
}
