/* unit.c -- tables of pairs for everything dyndns.h declares
 *
 * Build:  cc -Dmain=dyndns_main -c dyndns.c && cc -o unit test/unit.c dyndns.o
 *
 * What goes in and what comes out is assembled and taken apart here, never with
 * dyndns's own rd_ and wr_, so that one mistake can't hide in both.  Whatever is
 * handed over lies in an allocation of exactly its size: a sanitizer or valgrind
 * sees the first octet too many.
 */
#define _POSIX_C_SOURCE 200809L
#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../dyndns.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
/* What is to be printed is worked out after the check, and only if it failed. */
#define OK(good, ...) ((good) ? (void)passed++ : fail(__LINE__, __VA_ARGS__))

static unsigned passed, failed;
static unsigned char printed[8192];	/* per line: a wrong loop says so five times, not a million */

static void
fail(int line, const char *format, ...)
{
	va_list ap;

	failed++;
	if (printed[line % 8192] >= 5)
		return;
	printed[line % 8192]++;
	printf("test/unit.c:%d: ", line);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
}

/* ---- Tools --------------------------------------------------------------- */

/* The same numbers on every machine and in every run. */
static uint32_t
chance(uint32_t below)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)((x >> 20) % below);
}

static void *
exact(const void *p, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (!copy) {
		printf("unit: no memory\n");
		exit(1);
	}
	if (len)
		memcpy(copy, p, len);
	return copy;
}

/* Assembles a message: two hex digits are an octet, 'text' is a label with its
 * length, "text" only its octets; what stands between doesn't count. */
static size_t
bytes(const char *s, uint8_t *out)
{
	static const char hex[] = "0123456789abcdef";
	const char *d, *e;
	size_t n = 0;

	while (*s)
		if (*s == '\'' || *s == '"') {
			e = strchr(s + 1, *s);
			if (*s == '\'')
				out[n++] = (uint8_t)(e - s - 1);
			memcpy(out + n, s + 1, (size_t)(e - s - 1));
			n += (size_t)(e - s - 1);
			s = e + 1;
		} else if ((d = strchr(hex, *s | 0x20)) && *s != ' ') {
			e = strchr(hex, s[1] | 0x20);
			out[n++] = (uint8_t)((d - hex) << 4 | (e - hex));
			s += 2;
		} else
			s++;
	return n;
}

/* A name without escapes to wire. */
static size_t
wname(const char *text, uint8_t *out)
{
	size_t n = 0, len;

	while (*text) {
		len = strcspn(text, ".");
		out[n++] = (uint8_t)len;
		memcpy(out + n, text, len);
		n += len;
		text += len + (text[len] == '.');
	}
	out[n++] = 0;
	return n;
}

static struct num
number(uint64_t hi, uint64_t lo)
{
	struct num n;

	n.hi = hi;
	n.lo = lo;
	return n;
}

/* The C library's idea of an address. */
static bool
pton(const char *text, enum family *family, struct num *addr)
{
	uint8_t b[16];
	int i;

	if (inet_pton(AF_INET, text, b) == 1) {
		*family = V4;
		*addr = number(0, (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
		return true;
	}
	if (inet_pton(AF_INET6, text, b) != 1)
		return false;
	*family = V6;
	*addr = number(0, 0);
	for (i = 0; i < 16; i++) {
		addr->hi = addr->hi << 8 | addr->lo >> 56;
		addr->lo = addr->lo << 8 | b[i];
	}
	return true;
}

static struct num
addr(const char *text)
{
	struct num n = { 0, 0 };
	enum family f;

	if (!pton(text, &f, &n))
		OK(0, "the test's own address \"%s\" is none", text);
	return n;
}

/* RFC 5952 section 4, slowly. */
static const char *
show_address(int family, struct num a)
{
	static char ring[8][64];
	static unsigned turn;
	char *out = ring[turn++ % 8], *p = out;
	unsigned g[8], i, j, best = 8, best_len = 1;

	if (family == V4) {
		sprintf(out, "%u.%u.%u.%u", (unsigned)(a.lo >> 24 & 255), (unsigned)(a.lo >> 16 & 255),
		    (unsigned)(a.lo >> 8 & 255), (unsigned)(a.lo & 255));
		return out;
	}
	for (i = 0; i < 8; i++)
		g[i] = (unsigned)((i < 4 ? a.hi : a.lo) >> (48 - i % 4 * 16) & 0xffff);
	for (i = 0; i < 8; i++) {
		for (j = i; j < 8 && g[j] == 0; j++)
			;
		if (j - i > best_len) {
			best = i;
			best_len = j - i;
		}
	}
	*p = 0;
	for (i = 0; i < 8; i++)
		if (i == best) {
			p += sprintf(p, "::");
			i += best_len - 1;
		} else
			p += sprintf(p, "%s%x", i && p[-1] != ':' ? ":" : "", g[i]);
	return out;
}

static bool
same_num(struct num a, struct num b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static bool
terminated(const struct complaint *c)
{
	return memchr(c->what, 0, sizeof c->what) && memchr(c->why, 0, sizeof c->why);
}

/* A whole sentence: both halves there, no line broken. */
static bool
sensible(const struct complaint *c)
{
	return terminated(c) && *c->why && !strpbrk(c->what, "\r\n") && !strpbrk(c->why, "\r\n");
}

/* ---- Taking a reply apart ------------------------------------------------ */

/* What a message says, as one line of text:
 *	FLAGS NAME TYPE CLASS; an NAME TYPE CLASS TTL RDATA; ns ...; ar OPT SIZE EXT VERSION FLAGS
 * Pointers are followed, backwards only.  "broken" and "+N octets" are never
 * in what a test expects. */
struct dump { const uint8_t *msg; size_t len, pos; bool bad; char text[8192]; size_t n; };

static void
say(struct dump *d, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	d->n += (size_t)vsnprintf(d->text + d->n, sizeof d->text - d->n, format, ap);
	va_end(ap);
	if (d->n >= sizeof d->text)
		d->n = sizeof d->text - 1;
}

static uint32_t
take(struct dump *d, unsigned octets)
{
	uint32_t v = 0;

	while (octets--)
		if (d->pos < d->len)
			v = v << 8 | d->msg[d->pos++];
		else
			d->bad = true;
	return d->bad ? 0 : v;
}

static void
say_name(struct dump *d)
{
	size_t pos = d->pos, end = 0, limit = pos, i;
	unsigned len, total = 0;

	for (;;) {
		if (pos >= d->len) {
			d->bad = true;
			return;
		}
		len = d->msg[pos];
		if (len >= 0xc0) {
			if (pos + 1 >= d->len) {
				d->bad = true;
				return;
			}
			if (!end)
				end = pos + 2;
			pos = (len & 0x3f) << 8 | d->msg[pos + 1];
			if (pos >= limit) {
				d->bad = true;
				return;
			}
			limit = pos;
			continue;
		}
		total += len + 1;
		if (len > 63 || total > 255 || pos + 1 + len > d->len) {
			d->bad = true;
			return;
		}
		if (len == 0)
			break;
		for (i = 0; i < len; i++)
			say(d, d->msg[pos + 1 + i] > 32 && d->msg[pos + 1 + i] < 127 ? "%c" : "<%02x>", d->msg[pos + 1 + i]);
		pos += len + 1;
		say(d, d->msg[pos] ? "." : "");
	}
	if (total == 1)
		say(d, ".");
	d->pos = end ? end : pos + 1;
}

static void
say_type(struct dump *d, unsigned type)
{
	static const struct { unsigned type; const char *name; } names[] = {
		{ 1, "A" }, { 2, "NS" }, { 6, "SOA" }, { 12, "PTR" }, { 15, "MX" }, { 16, "TXT" }, { 28, "AAAA" },
		{ 41, "OPT" }, { 251, "IXFR" }, { 252, "AXFR" }, { 255, "ANY" } };
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		if (names[i].type == type) {
			say(d, " %s", names[i].name);
			return;
		}
	say(d, " TYPE%u", type);
}

static void
say_class(struct dump *d, unsigned class)
{
	if (class == 1)
		say(d, " IN");
	else if (class == 3)
		say(d, " CH");
	else
		say(d, " CLASS%u", class);
}

static void
say_record(struct dump *d)
{
	size_t name = d->n, start, end;
	uint32_t ttl;
	unsigned type, class, len, i;
	struct num a = { 0, 0 };

	say_name(d);
	type = take(d, 2);
	class = take(d, 2);
	ttl = take(d, 4);
	len = take(d, 2);
	start = d->pos;
	if (d->bad || len > d->len - start) {
		d->bad = true;
		return;
	}
	end = start + len;
	if (type == 41 && strcmp(d->text + name, ".") == 0) {
		d->n = name;
		say(d, "OPT %u %u %u %04x", class, (unsigned)(ttl >> 24), (unsigned)(ttl >> 16 & 255), (unsigned)(ttl & 0xffff));
	} else {
		say_type(d, type);
		say_class(d, class);
		say(d, " %lu", (unsigned long)ttl);
		if ((type == 1 && len == 4) || (type == 28 && len == 16)) {
			for (i = 0; i < len; i++) {
				a.hi = a.hi << 8 | a.lo >> 56;
				a.lo = a.lo << 8 | take(d, 1);
			}
			say(d, " %s", show_address(type == 1 ? V4 : V6, a));
		} else if (type == 6) {
			say(d, " ");
			say_name(d);
			say(d, " ");
			say_name(d);
			for (i = 0; i < 5; i++)
				say(d, " %lu", (unsigned long)take(d, 4));
		} else if (type == 12) {
			say(d, " ");
			say_name(d);
		} else if (type == 16)
			while (!d->bad && d->pos < end) {
				say(d, " \"");
				for (i = take(d, 1); i > 0 && d->pos < end; i--)
					say(d, "%c", (char)take(d, 1));
				say(d, i ? "broken" : "\"");
			}
	}
	/* Whatever of the data was not understood, or of a known type not used up, shows. */
	for (; !d->bad && d->pos < end; )
		say(d, " %02x", (unsigned)take(d, 1));
	if (d->pos != end)
		d->bad = true;
}

static const char *
show(const uint8_t *msg, size_t len)
{
	static struct dump d;
	static const char *const sections[] = { "an", "ns", "ar" };
	unsigned count[4], i, j;

	memset(&d, 0, sizeof d);
	d.msg = msg;
	d.len = len;
	d.pos = 2;
	say(&d, "%04x", (unsigned)take(&d, 2));
	for (i = 0; i < 4; i++)
		count[i] = take(&d, 2);
	for (i = 0; i < count[0] && !d.bad; i++) {
		say(&d, " ");
		say_name(&d);
		say_type(&d, take(&d, 2));
		say_class(&d, take(&d, 2));
	}
	for (j = 0; j < 3; j++)
		for (i = 0; i < count[j + 1] && !d.bad; i++) {
			say(&d, "; %s ", sections[j]);
			say_record(&d);
		}
	if (d.bad)
		say(&d, " broken");
	else if (d.pos < len)
		say(&d, " +%u octets", (unsigned)(len - d.pos));
	return d.text;
}

/* ---- Room 4: reading and writing ----------------------------------------- */

static void
test_reader(void)
{
	static const uint8_t raw[] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde };
	uint8_t *msg = exact(raw, sizeof raw);
	struct reader r = { NULL, 0, 0, false };
	unsigned v;

	r.msg = msg;
	r.len = sizeof raw;
	OK((v = rd_u8(&r)) == 0x12 && r.pos == 1 && !r.bad, "rd_u8: expected 12, came %x at %u", v, (unsigned)r.pos);
	OK((v = rd_u16(&r)) == 0x3456 && r.pos == 3 && !r.bad, "rd_u16: expected 3456, came %x", v);
	OK((v = rd_u32(&r)) == 0x789abcde && r.pos == 7 && !r.bad, "rd_u32: expected 789abcde, came %x", v);
	OK(rd_u8(&r) == 0 && r.bad && r.pos == 7, "rd_u8 past the end: expected 0, bad, at 7, came bad %d, at %u", r.bad, (unsigned)r.pos);

	/* The first error sticks: nothing is read any more, though there is something. */
	r.pos = 5, r.bad = false;
	OK(rd_u32(&r) == 0 && r.bad, "rd_u32 of two octets is not bad");
	OK(rd_u8(&r) == 0 && r.bad, "rd_u8 after an error read something");
	OK(rd_u16(&r) == 0 && r.bad, "rd_u16 after an error read something");
	r.pos = 6, r.bad = false;
	OK(rd_u16(&r) == 0 && r.bad, "rd_u16 of one octet is not bad");

	r.pos = 0, r.bad = false;
	rd_skip(&r, 7);
	OK(!r.bad && r.pos == 7, "rd_skip to the end: expected 7, came %u", (unsigned)r.pos);
	rd_skip(&r, 0);
	OK(!r.bad && r.pos == 7, "rd_skip of nothing at the end is bad");
	rd_skip(&r, 1);
	OK(r.bad && r.pos == 7, "rd_skip past the end is not bad");
	r.pos = 1, r.bad = false;
	rd_skip(&r, (size_t)-1);	/* pos + octets wraps to 0 */
	OK(r.bad && r.pos <= 7, "rd_skip of SIZE_MAX: expected bad, came %d at %lu", r.bad, (unsigned long)r.pos);
	free(msg);
}

static void
test_writer(void)
{
	uint8_t raw[9];
	struct writer w = { NULL, 8, 0, false };

	memset(raw, 0xee, sizeof raw);
	w.msg = raw;
	wr_u16(&w, 0x1234);
	wr_u32(&w, 0x56789abc);
	OK(!w.bad && w.len == 6 && memcmp(raw, "\x12\x34\x56\x78\x9a\xbc\xee", 7) == 0, "wr_u16, wr_u32: wrong octets");
	wr_u32(&w, 0xffffffff);
	OK(w.bad && w.len == 6 && raw[6] == 0xee, "wr_u32 into two octets: expected bad and nothing written, came %d, %u", w.bad, (unsigned)w.len);
	w.bad = false;
	wr_bytes(&w, "abc", 3);
	OK(w.bad && w.len == 6 && raw[6] == 0xee, "wr_bytes of 3 into 2 octets: expected bad and nothing written");
	wr_bytes(&w, "", 0);
	OK(w.bad, "wr_bytes takes an error back");
	w.bad = false;
	wr_bytes(&w, "ab", 2);
	OK(!w.bad && w.len == 8 && memcmp(raw + 6, "ab\xee", 3) == 0, "wr_bytes of 2 into 2 octets: wrong octets");
	wr_bytes(&w, "", 0);
	OK(!w.bad && w.len == 8, "wr_bytes of nothing into a full message is bad");
	wr_bytes(&w, "a", (size_t)-4);	/* len + octets wraps to 4 */
	OK(w.bad && w.len == 8 && raw[8] == 0xee, "wr_bytes of SIZE_MAX - 3: expected bad");
	w.len = 7, w.bad = false;
	wr_u16(&w, 1);
	OK(w.bad && w.len == 7, "wr_u16 into one octet is not bad");
}

/* `labels` labels of `octets` each, then one of `last` if that isn't 0, and the root. */
static size_t
long_name(unsigned labels, unsigned octets, unsigned last, uint8_t *out)
{
	size_t n = 0;

	for (; labels > 0; labels--) {
		out[n++] = (uint8_t)octets;
		memset(out + n, 'a', octets);
		n += octets;
	}
	if (last) {
		out[n++] = (uint8_t)last;
		memset(out + n, 'z', last);
		n += last;
	}
	out[n++] = 0;
	return n;
}

static void
test_rd_name(void)
{
	/* Octets stepped over without and with pointers; 0 is an error. */
	static const struct { const char *msg; unsigned plain, pointers; } table[] = {
		{ "00", 1, 1 },
		{ "00 00", 1, 1 },
		{ "'ws1''lab'00", 9, 9 },
		{ "'ws1''lab'00 ffff", 9, 9 },
		{ "01 00 00", 3, 3 },			/* a zero octet within a label */
		{ "c000", 0, 2 },
		{ "ffff", 0, 2 },			/* never followed: where it leads is all one */
		{ "'a' c000", 0, 4 },
		{ "'a' c0", 0, 0 },
		{ "c0", 0, 0 },
		{ "'a' 40", 0, 0 },
		{ "'a' 41 00 00 00", 0, 0 },		/* RFC 2673's bit labels are gone */
		{ "7f 00", 0, 0 },
		{ "80 00", 0, 0 },
		{ "bf ff", 0, 0 },
		{ "", 0, 0 },
		{ "'a'", 0, 0 },
		{ "02 61", 0, 0 },
		{ "3f", 0, 0 },
	};
	static const struct { unsigned labels, octets, last; bool good; } longs[] = {
		{ 3, 63, 61, true },			/* 255 octets */
		{ 3, 63, 62, false },			/* 256 */
		{ 4, 63, 0, false },			/* 257 */
		{ 127, 1, 0, true },			/* 255, as many labels as there can be */
		{ 128, 1, 0, false },
		{ 126, 1, 2, false },
		{ 125, 1, 3, true },
		{ 1, 63, 0, true },
		{ 1, 64, 0, false },			/* 0x40, and all the octets that a length of 64 would want */
		{ 1, 127, 0, false },
		{ 1, 128, 0, false },
		{ 1, 191, 0, false },
	};
	uint8_t raw[1024], *msg;
	struct reader r;
	size_t i, n, len, cut;
	unsigned p, want;

	for (i = 0; i < COUNT(table); i++)
		for (p = 0; p < 2; p++) {
			len = bytes(table[i].msg, raw);
			msg = exact(raw, len);
			r.msg = msg, r.len = len, r.pos = 0, r.bad = false;
			n = rd_name(&r, p);
			want = p ? table[i].pointers : table[i].plain;
			OK(r.bad == !want && (r.bad || (n == want && r.pos == want)),
			    "rd_name of %s, pointers %u: expected %u, came %u, bad %d", table[i].msg, p, want, (unsigned)n, r.bad);
			free(msg);
		}
	for (i = 0; i < COUNT(longs); i++) {
		/* Not at the message's start, so that lengths and offsets can't be mixed up. */
		memset(raw, 'h', 12);
		len = 12 + long_name(longs[i].labels, longs[i].octets, longs[i].last, raw + 12);
		msg = exact(raw, len);
		r.msg = msg, r.len = len, r.pos = 12, r.bad = false;
		n = rd_name(&r, false);
		OK(r.bad == !longs[i].good && (r.bad || (n == len - 12 && r.pos == len)),
		    "rd_name of %u octets: expected %s, came %u, bad %d", (unsigned)len - 12,
		    longs[i].good ? "good" : "bad", (unsigned)n, r.bad);
		free(msg);
		for (cut = 12; cut < len; cut++) {
			msg = exact(raw, cut);
			r.msg = msg, r.len = cut, r.pos = 12, r.bad = false;
			rd_name(&r, true);
			OK(r.bad, "rd_name of %u octets cut to %u is not bad", (unsigned)len - 12, (unsigned)cut - 12);
			free(msg);
		}
	}
	/* After an error it reads nothing. */
	r.msg = (const uint8_t *)"\001a", r.len = 3, r.pos = 0, r.bad = true;
	rd_name(&r, true);
	OK(r.bad, "rd_name takes an error back");
}

static void
test_rd_record(void)
{
	static const struct { const char *msg; bool good, root; unsigned type, class; unsigned long ttl; unsigned rdata, end; } table[] = {
		{ "'a'00 0001 0001 0000003c 0004 7f000001", true, false, 1, 1, 60, 13, 17 },
		{ "00 0029 04d0 01020304 0000", true, true, 41, 1232, 0x01020304, 11, 11 },
		{ "c00c 001c 0001 fffffffe 0001 ff 99", true, false, 28, 1, 0xfffffffe, 12, 13 },
		{ "00 0029 04d0 01020304 0001", false, false, 0, 0, 0, 0, 0 },
		{ "00 0029 04d0 01020304 00", false, false, 0, 0, 0, 0, 0 },
		{ "00 0029 04d0 01020304", false, false, 0, 0, 0, 0, 0 },
		{ "c0", false, false, 0, 0, 0, 0, 0 },
		{ "", false, false, 0, 0, 0, 0, 0 },
		{ "00 0029 04d0 01020304 ffff 00", false, false, 0, 0, 0, 0, 0 },
	};
	uint8_t raw[64], *msg;
	struct reader r;
	struct record rec;
	size_t i, len;

	for (i = 0; i < COUNT(table); i++) {
		len = bytes(table[i].msg, raw);
		msg = exact(raw, len);
		r.msg = msg, r.len = len, r.pos = 0, r.bad = false;
		memset(&rec, 0, sizeof rec);
		rd_record(&r, &rec);
		OK(r.bad == !table[i].good, "rd_record of %s: expected %s", table[i].msg, table[i].good ? "good" : "bad");
		if (table[i].good)
			OK(rec.start == 0 && rec.rdata == table[i].rdata && rec.end == table[i].end && r.pos == rec.end &&
			    rec.type == table[i].type && rec.class == table[i].class && rec.ttl == table[i].ttl && rec.root == table[i].root,
			    "rd_record of %s: came type %u class %u ttl %lu rdata %u end %u root %d", table[i].msg, rec.type, rec.class,
			    (unsigned long)rec.ttl, (unsigned)rec.rdata, (unsigned)rec.end, rec.root);
		free(msg);
	}
}

static void
test_names(void)
{
	static const struct { const char *wire, *text; } both[] = {
		{ "00", "." },
		{ "'a'00", "a" },
		{ "'ws1''Lab'00", "ws1.Lab" },
		{ "'a.b''c'00", "a\\.b.c" },
		{ "01 5c 00", "\\\\" },
		{ "03 00 7f ff 00", "\\000\\127\\255" },
		{ "02 0a 0d 00", "\\010\\013" },
		{ "05 61 2e 5c 09 7e 00", "a\\.\\\\\\009~" },
	};
	static const struct { const char *text, *wire; } one_way[] = {
		{ "a.", "'a'00" },
		{ "ws1.lab.", "'ws1''lab'00" },
		{ "\\097\\.b", "'a.b'00" },
		{ "\\a", "'a'00" },
		{ "", NULL }, { "..", NULL }, { "a..b", NULL }, { ".a", NULL }, { "a..", NULL },
		{ "a\\", NULL }, { "a\\2", NULL }, { "a\\25", NULL }, { "a\\256", NULL }, { "a\\999", NULL },
		{ "a\\25x", NULL }, { "a\\2x5", NULL }, { "a.b\\", NULL },
	};
	static const struct { unsigned labels, octets, last; bool good; } longs[] = {
		{ 0, 0, 63, true }, { 0, 0, 64, false }, { 3, 63, 61, true }, { 3, 63, 62, false },
		{ 127, 1, 0, true }, { 128, 1, 0, false }, { 3, 63, 63, false }, { 1, 200, 0, false },
	};
	uint8_t raw[1024], *wire, out[NAME_MAX_WIRE + 1];
	char text[NAME_TEXT], *copy;
	size_t i, j, k, n, len;

	for (i = 0; i < COUNT(both); i++) {
		len = bytes(both[i].wire, raw);
		wire = exact(raw, len);
		OK(name_text(wire, text) == text && strcmp(text, both[i].text) == 0,
		    "name_text of %s: expected %s, came %s", both[i].wire, both[i].text, text);
		copy = exact(both[i].text, strlen(both[i].text) + 1);
		n = name_wire(copy, out);
		OK(n == len && memcmp(out, wire, len) == 0, "name_wire of %s: expected %s, came %u octets", both[i].text, both[i].wire, (unsigned)n);
		free(copy);
		free(wire);
	}
	for (i = 0; i < COUNT(one_way); i++) {
		copy = exact(one_way[i].text, strlen(one_way[i].text) + 1);
		n = name_wire(copy, out);
		len = one_way[i].wire ? bytes(one_way[i].wire, raw) : 0;
		OK(n == len && (!n || memcmp(out, raw, len) == 0), "name_wire of \"%s\": expected %u octets, came %u", one_way[i].text, (unsigned)len, (unsigned)n);
		free(copy);
	}
	for (i = 0; i < COUNT(longs); i++) {
		char dotted[1024];

		len = long_name(longs[i].labels, longs[i].octets, longs[i].last, raw);
		for (j = n = 0; j + 1 < len; j += raw[j] + 1) {
			if (n)
				dotted[n++] = '.';
			memcpy(dotted + n, raw + j + 1, raw[j]);
			n += raw[j];
		}
		dotted[n] = 0;
		out[NAME_MAX_WIRE] = 0xee;
		n = name_wire(dotted, out);
		OK(n == (longs[i].good ? len : 0) && (!n || memcmp(out, raw, n) == 0) && out[NAME_MAX_WIRE] == 0xee,
		    "name_wire of %u octets: came %u", (unsigned)len, (unsigned)n);
	}
	/* There and back, for any octets, up to 255 of them: \DDD for each is what NAME_TEXT has room for. */
	for (i = 0; i < 2000; i++) {
		unsigned few = i % 3, high = i % 2;

		for (n = 0; ; n += k + 1) {
			k = few == 0 ? 63 : 1 + chance(few == 1 ? 63 : 3);
			if (n + k + 2 > 255)
				k = 255 - n - 2;
			if (n >= 254 || (few && chance(20) == 0))
				break;
			if (k == 0 || n + k + 2 > 255)
				break;
			raw[n] = (uint8_t)k;
			for (j = 1; j <= k; j++)
				raw[n + j] = (uint8_t)(high ? 128 + chance(128) : chance(256));
		}
		raw[n++] = 0;
		wire = exact(raw, n);
		name_text(wire, text);
		for (j = 0; text[j]; j++)
			if (text[j] < 32 || text[j] > 126)
				break;
		OK(!text[j] && j < NAME_TEXT, "name_text lets octet %02x through", (unsigned)(unsigned char)text[j]);
		len = name_wire(text, out);
		OK(len == n && memcmp(out, wire, n) == 0, "\"%s\" doesn't come back: %u octets for %u", text, (unsigned)len, (unsigned)n);
		free(wire);
	}

	OK(same_octets((const uint8_t *)"aZ09[", (const uint8_t *)"Az09[", 5), "same_octets: case is not ignored");
	OK(!same_octets((const uint8_t *)"[", (const uint8_t *)"{", 1), "same_octets: [ and { are the same");
	OK(!same_octets((const uint8_t *)"@", (const uint8_t *)"`", 1), "same_octets: @ and ` are the same");
	OK(!same_octets((const uint8_t *)"\xc1", (const uint8_t *)"\xe1", 1), "same_octets: c1 and e1 are the same");
	OK(!same_octets((const uint8_t *)"\x00", (const uint8_t *)" ", 1), "same_octets: 00 and 20 are the same");
	OK(!same_octets((const uint8_t *)"1", (const uint8_t *)"\x11", 1), "same_octets: 31 and 11 are the same");
	OK(!same_octets((const uint8_t *)"ab", (const uint8_t *)"ac", 2), "same_octets: ab and ac are the same");
	OK(same_octets((const uint8_t *)"ab", (const uint8_t *)"ac", 1), "same_octets: looks past its end");
	OK(same_octets((const uint8_t *)"a", (const uint8_t *)"b", 0), "same_octets: nothing and nothing differ");
}

/* ---- Room 5: numbers and addresses --------------------------------------- */

static void
test_numbers(void)
{
	static const struct { const char *text; unsigned base; bool good; uint64_t hi, lo; } table[] = {
		{ "0", 10, true, 0, 0 },
		{ "7", 10, true, 0, 7 },
		{ "010", 10, true, 0, 10 },		/* never octal */
		{ "10", 16, true, 0, 16 },
		{ "fF", 16, true, 0, 255 },
		{ "18446744073709551615", 10, true, 0, UINT64_MAX },
		{ "18446744073709551616", 10, true, 1, 0 },
		{ "36893488147419103231", 10, true, 1, UINT64_MAX },
		{ "340282366920938463463374607431768211455", 10, true, UINT64_MAX, UINT64_MAX },
		{ "340282366920938463463374607431768211456", 10, false, 0, 0 },
		{ "340282366920938463463374607431768211460", 10, false, 0, 0 },
		{ "3402823669209384634633746074317682114550", 10, false, 0, 0 },
		{ "680564733841876926926749214863536422911", 10, false, 0, 0 },
		{ "999999999999999999999999999999999999999", 10, false, 0, 0 },
		{ "1000000000000000000000000000000000000000", 10, false, 0, 0 },
		{ "0000000000000000000000000000000000000000000000000000000000007", 10, true, 0, 7 },
		{ "ffffffffffffffffffffffffffffffff", 16, true, UINT64_MAX, UINT64_MAX },
		{ "100000000000000000000000000000000", 16, false, 0, 0 },
		{ "0ffffffffffffffffffffffffffffffff", 16, true, UINT64_MAX, UINT64_MAX },
		{ "10000000000000000", 16, true, 1, 0 },
		{ "123456789abcdef0fedcba9876543210", 16, true, UINT64_C(0x123456789abcdef0), UINT64_C(0xfedcba9876543210) },
		{ "", 10, false, 0, 0 },
		{ "", 16, false, 0, 0 },
		{ "f", 10, false, 0, 0 },
		{ "g", 16, false, 0, 0 },
		{ "1:", 10, false, 0, 0 },
		{ "1/", 10, false, 0, 0 },
		{ "1@", 16, false, 0, 0 },
		{ "1`", 16, false, 0, 0 },
		{ "-1", 10, false, 0, 0 },
		{ "+1", 10, false, 0, 0 },
		{ " 1", 10, false, 0, 0 },
		{ "1 ", 10, false, 0, 0 },
		{ "0x1", 16, false, 0, 0 },
	};
	static const struct { uint64_t ahi, alo, bhi, blo, hi, lo; } sums[] = {
		{ 0, 1, 0, 2, 0, 3 },
		{ 0, UINT64_MAX, 0, 1, 1, 0 },
		{ 0, UINT64_MAX, 0, UINT64_MAX, 1, UINT64_MAX - 1 },
		{ 5, UINT64_MAX, 7, 2, 13, 1 },
		{ UINT64_MAX, UINT64_MAX, 0, 1, 0, 0 },
		{ UINT64_MAX, 0, 1, 9, 0, 9 },
	};
	struct num n, a, b, s;
	size_t i;
	bool good;
	char *text;

	for (i = 0; i < COUNT(table); i++) {
		text = exact(table[i].text, strlen(table[i].text));
		good = num_parse(text, strlen(table[i].text), table[i].base, &n);
		OK(good == table[i].good && (!good || same_num(n, number(table[i].hi, table[i].lo))),
		    "num_parse of \"%s\", base %u: expected %d, came %d, %lx:%lx", table[i].text, table[i].base,
		    table[i].good, good, (unsigned long)n.hi, (unsigned long)n.lo);
		free(text);
	}
	for (i = 0; i < COUNT(sums); i++) {
		a = number(sums[i].ahi, sums[i].alo), b = number(sums[i].bhi, sums[i].blo), s = number(sums[i].hi, sums[i].lo);
		OK(same_num(num_add(a, b), s), "num_add: row %u", (unsigned)i);
		OK(same_num(num_add(b, a), s), "num_add: row %u the other way", (unsigned)i);
		OK(same_num(num_sub(s, b), a), "num_sub: row %u", (unsigned)i);
		OK(same_num(num_sub(s, a), b), "num_sub: row %u the other way", (unsigned)i);
	}
	a = number(1, 0), b = number(0, UINT64_MAX);
	OK(num_cmp(a, b) > 0 && num_cmp(b, a) < 0, "num_cmp: 2^64 against 2^64-1");
	OK(num_cmp(a, a) == 0, "num_cmp: equal");
	a = number(3, 5), b = number(3, 6);
	OK(num_cmp(a, b) < 0 && num_cmp(b, a) > 0, "num_cmp: the low half");
	a = number(UINT64_MAX, 0), b = number(1, 1);
	OK(num_cmp(a, b) > 0 && num_cmp(b, a) < 0, "num_cmp: signed?");
	a = number(0, UINT64_MAX), b = number(0, 1);
	OK(num_cmp(a, b) > 0 && num_cmp(b, a) < 0, "num_cmp: signed low half?");
}

static bool
parse_exact(const char *text, enum family *f, struct num *a)
{
	char *copy = exact(text, strlen(text));
	bool good = address_parse(copy, strlen(text), f, a);

	free(copy);
	return good;
}

static void
test_addresses(void)
{
	static const char *const good[] = {
		"0.0.0.0", "255.255.255.255", "172.16.2.10", "10.0.0.1", "1.2.3.4",
		"::", "::1", "1::", "fd00::7", "FD00::aB", "1:2:3:4:5:6:7:8", "0:0:0:0:0:0:0:0", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
		"fe80::0001", "0001:0002:0003:0004:0005:0006:0007:0008", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		/* RFC 4291 section 2.2, third form */
		"::ffff:192.0.2.1", "::192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "64:ff9b::192.0.2.33",
	};
	static const char *const bad[] = {
		"", ".", ":", "1", "1.2", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.", "1.2.3.4.5", "1..2.3", "256.0.0.1", "1.2.3.256",
		"1.2.3.300", "1.2.3.4294967297", "01.2.3.4", "1.2.3.04", "1.2.3.00", "010.0.0.1", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4",
		"1.2.3.4/24", "1.2.3.-4", "1.2.3.+4", "1.2.3.a",
		":::", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "12345::", "::00001", "::g", "1:", ":1", "fe80:::1", "::1%lo", "[::1]", "::1/64",
		"::1.2.3", "::1.2.3.4.5", "::1.2.3.04", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "::1 ", "ff", "fd00",
	};
	static const struct { const char *in, *out; } texts[] = {
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },		/* RFC 5952 4.2.1 */
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },	/* 4.2.2: one group is not shortened */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },		/* 4.2.3: the longest run */
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },	/* the first of equals */
		{ "2001:DB8::AB", "2001:db8::ab" },			/* 4.3 */
		{ "0:0:0:0:0:0:0:0", "::" },
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "1:0:0:0:0:0:0:0", "1::" },
		{ "1:0:0:2:0:0:0:0", "1:0:0:2::" },
		{ "0:0:1:0:0:2:3:4", "::1:0:0:2:3:4" },
		{ "0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7" },
		{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
		{ "0:0:1:2:3:4:5:6", "::1:2:3:4:5:6" },
		{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
		{ "::ffff:192.0.2.1", "::ffff:c000:201" },		/* never a dotted tail */
		{ "::192.0.2.1", "::c000:201" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "192.0.2.1", "192.0.2.1" }, { "0.0.0.0", "0.0.0.0" }, { "255.255.255.255", "255.255.255.255" }, { "10.200.0.9", "10.200.0.9" },
	};
	static const char letters[] = "0123456789abcdefF::::....";
	enum family f, g;
	struct num a, b;
	char text[64], out[ADDRESS_TEXT];
	size_t i, j, k, digits;
	bool ours, theirs;

	for (i = 0; i < COUNT(good); i++) {
		OK(pton(good[i], &g, &b), "the C library doesn't take %s", good[i]);
		OK(parse_exact(good[i], &f, &a) && f == g && same_num(a, b), "address_parse of %s: not taken, or not as %s", good[i], show_address(g, b));
	}
	for (i = 0; i < COUNT(bad); i++)
		OK(!parse_exact(bad[i], &f, &a), "address_parse takes \"%s\"", bad[i]);
	OK(!address_parse("1.2.3.4\0", 8, &f, &a), "address_parse takes an octet of zero after the address");
	OK(!address_parse("1.2.3\0004", 7, &f, &a), "address_parse takes an octet of zero for a dot");
	OK(address_parse("1.2.3.45", 7, &f, &a) && a.lo == 0x01020304, "address_parse reads past its length");
	OK(address_parse("::12", 3, &f, &a) && a.lo == 1, "address_parse reads past its length");
	for (i = 0; i < COUNT(texts); i++) {
		pton(texts[i].in, &g, &b);
		OK(address_text(g, b, out) == out && strcmp(out, texts[i].out) == 0, "address_text of %s: expected %s, came %s", texts[i].in, texts[i].out, out);
	}
	/* Text near an address, against the C library. */
	for (i = 0; i < 60000; i++) {
		strcpy(text, good[chance(COUNT(good))]);
		for (k = chance(4); k > 0; k--) {
			j = chance((uint32_t)strlen(text) + 1);
			if (text[j] && chance(3) == 0)
				memmove(text + j, text + j + 1, strlen(text + j));
			else if (chance(2) && strlen(text) < 60) {
				memmove(text + j + 1, text + j, strlen(text + j) + 1);
				text[j] = letters[chance(sizeof letters - 1)];
			} else if (text[j])
				text[j] = letters[chance(sizeof letters - 1)];
		}
		/* Some C libraries take groups of five digits with zeros before. */
		for (j = digits = 0; text[j] && digits < 5; j++)
			digits = strchr(":.", text[j]) ? 0 : digits + 1;
		if (digits == 5)
			continue;
		theirs = pton(text, &g, &b);
		ours = parse_exact(text, &f, &a);
		OK(ours == theirs && (!ours || (f == g && same_num(a, b))), "address_parse of \"%s\": expected %d, came %d", text, theirs, ours);
	}
	/* There and back. */
	for (i = 0; i < 20000; i++) {
		g = i % 4 == 0 ? V4 : V6;
		a = number(0, 0);
		for (j = 0; j < 8; j++) {
			a.hi = a.hi << 16 | a.lo >> 48;
			a.lo = a.lo << 16 | (chance(2) ? 0 : chance(2) ? chance(65536) : chance(16));
		}
		if (g == V4)
			a.hi = 0, a.lo &= 0xffffffff;
		address_text(g, a, out);
		OK(strcmp(out, show_address(g, a)) == 0, "address_text: expected %s, came %s", show_address(g, a), out);
		OK(parse_exact(out, &f, &b) && f == g && same_num(a, b), "%s doesn't come back", out);
	}
}

static void
test_net_parse(void)
{
	static const struct { const char *text, *first, *last, *says; } table[] = {
		{ "172.16.2.0/24", "172.16.2.0", "172.16.2.255", NULL },
		{ "0.0.0.0/0", "0.0.0.0", "255.255.255.255", NULL },
		{ "10.1.2.3/32", "10.1.2.3", "10.1.2.3", NULL },
		{ "10.1.2.3", "10.1.2.3", "10.1.2.3", NULL },
		{ "10.1.2.2/31", "10.1.2.2", "10.1.2.3", NULL },
		{ "100.64.0.0/10", "100.64.0.0", "100.127.255.255", NULL },
		{ "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
		{ "fd00:2::/64", "fd00:2::", "fd00:2::ffff:ffff:ffff:ffff", NULL },
		{ "fd00:2::/63", "fd00:2::", "fd00:2:0:1:ffff:ffff:ffff:ffff", NULL },
		{ "fd00:2::/65", "fd00:2::", "fd00:2::7fff:ffff:ffff:ffff", NULL },
		{ "fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
		{ "::1/128", "::1", "::1", NULL },
		{ "::1", "::1", "::1", NULL },
		{ "172.16.2.5/24", NULL, NULL, "172.16.2.0/24" },
		{ "172.16.2.5/8", NULL, NULL, "172.0.0.0/8" },
		{ "10.1.2.3/31", NULL, NULL, "10.1.2.2/31" },
		{ "fd00::1/64", NULL, NULL, "fd00::/64" },
		{ "fd00:2::/16", NULL, NULL, "fd00::/16" },
		{ "1.0.0.0/0", NULL, NULL, "0.0.0.0/0" },
		{ "", NULL, NULL, "" }, { "/", NULL, NULL, "" }, { "/24", NULL, NULL, "" }, { "172.16.2.0/", NULL, NULL, "" },
		{ "172.16.2.0/33", NULL, NULL, "" }, { "::/129", NULL, NULL, "" }, { "172.16.2.0/-1", NULL, NULL, "" },
		{ "172.16.2.0/2x", NULL, NULL, "" }, { "172.16.2.0/24/24", NULL, NULL, "" }, { "172.16.2.0/4294967320", NULL, NULL, "" },
		{ "172.16.2.0/18446744073709551640", NULL, NULL, "" }, { "172.16.2.0/255.255.255.0", NULL, NULL, "" },
		{ "172.16.2.0/+24", NULL, NULL, "" }, { "172.16.2.0/ 24", NULL, NULL, "" }, { "172.16.2.0 /24", NULL, NULL, "" },
		{ "172.16.2.256/24", NULL, NULL, "" }, { "172.16.02.0/24", NULL, NULL, "" }, { "1.2.3.4.5", NULL, NULL, "" },
		{ "::g", NULL, NULL, "" }, { "nowhere", NULL, NULL, "" }, { "fe80::1%lo", NULL, NULL, "" },
	};
	struct net net;
	struct complaint c;
	enum family f;
	struct num first;
	size_t i;
	bool good;

	for (i = 0; i < COUNT(table); i++) {
		memset(&c, 'x', sizeof c);
		memset(&net, 0, sizeof net);
		good = net_parse(table[i].text, &net, &c);
		OK(good == !!table[i].first, "net_parse of \"%s\": expected %d, came %d", table[i].text, !!table[i].first, good);
		if (good && table[i].first) {
			pton(table[i].first, &f, &first);
			OK(net.family == f && same_num(net.first, first) && same_num(net.last, addr(table[i].last)),
			    "net_parse of %s: came %s to %s", table[i].text, show_address(net.family, net.first), show_address(net.family, net.last));
		}
		if (!good && !table[i].first)
			OK(sensible(&c) && strstr(c.why, table[i].says) && strstr(c.what, *table[i].says ? table[i].text : ""),
			    "net_parse of \"%s\": expected \"%s\" in the complaint", table[i].text, table[i].says);
	}
}

static void
test_endpoints(void)
{
	static const struct { const char *text, *address; unsigned port; bool lo; } table[] = {
		{ "127.0.0.1", "127.0.0.1", 5300, false },
		{ "127.0.0.1@53", "127.0.0.1", 53, false },
		{ "127.0.0.1@1", "127.0.0.1", 1, false },
		{ "127.0.0.1@65535", "127.0.0.1", 65535, false },
		{ "0.0.0.0@5353", "0.0.0.0", 5353, false },
		{ "::1", "::1", 5300, false },
		{ "::@53", "::", 53, false },
		{ "fd00::1@853", "fd00::1", 853, false },
		{ "fe80::1%lo", "fe80::1", 5300, true },
		{ "fe80::1%lo@53", "fe80::1", 53, true },
		{ "::ffff:192.0.2.1@53", "192.0.2.1", 53, false }, { "::ffff:0:0", "0.0.0.0", 5300, false },
		{ "::fffe:0:1", "::fffe:0:1", 5300, false }, { "::ffff:192.0.2.1%1", NULL, 0, false },
		{ "::1%1", "::1", 5300, false }, { "fd00::1%1@53", "fd00::1", 53, false },
		{ "", NULL, 0, false }, { "@", NULL, 0, false }, { "@53", NULL, 0, false }, { "127.0.0.1@", NULL, 0, false },
		{ "127.0.0.1@65536", NULL, 0, false }, { "127.0.0.1@65589", NULL, 0, false }, { "127.0.0.1@-1", NULL, 0, false },
		{ "127.0.0.1@53x", NULL, 0, false }, { "127.0.0.1@x", NULL, 0, false }, { "127.0.0.1@ 53", NULL, 0, false },
		{ "127.0.0.1@+53", NULL, 0, false }, { "127.0.0.1@0x35", NULL, 0, false }, { "127.0.0.1@53@53", NULL, 0, false },
		{ "127.0.0.1@4294967349", NULL, 0, false }, { "127.0.0.1@18446744073709551669", NULL, 0, false },
		{ "127.0.0.1:53", NULL, 0, false }, { "127.0.0.1#53", NULL, 0, false }, { "[::1]@53", NULL, 0, false },
		{ "127.0.0@53", NULL, 0, false }, { "127.0.0.01", NULL, 0, false }, { "localhost", NULL, 0, false },
		{ "127.0.0.1 ", NULL, 0, false }, { " 127.0.0.1", NULL, 0, false },
		{ "fe80::1%", NULL, 0, false }, { "fe80::1%0", NULL, 0, false }, { "fe80::1%@53", NULL, 0, false }, { "fe80::1%no-such-if0", NULL, 0, false },
		{ "fe80::1%aninterfacewhosenameislongerthananysystemwouldeverhaveit0123456789@53", NULL, 0, false },
		{ "%lo", NULL, 0, false }, { "fe80::1%lo%lo", NULL, 0, false }, { "fe80::1@53%lo", NULL, 0, false },
	};
	struct endpoint e, back;
	struct complaint c;
	enum family f;
	struct num a;
	char text[ADDRESS_TEXT];
	unsigned lo = if_nametoindex("lo");
	size_t i;
	bool good;

	for (i = 0; i < COUNT(table); i++) {
		if (table[i].lo && !lo)
			continue;	/* not every system calls it so */
		memset(&c, 'x', sizeof c);
		memset(&e, 0, sizeof e);
		good = endpoint_parse(table[i].text, 5300, &e, &c);
		OK(good == !!table[i].address, "endpoint_parse of \"%s\": expected %d, came %d", table[i].text, !!table[i].address, good);
		if (good && table[i].address) {
			pton(table[i].address, &f, &a);
			OK(e.family == f && same_num(e.addr, a) && e.port == table[i].port && e.scope == (table[i].lo ? lo : 0),
			    "endpoint_parse of %s: came %s port %u scope %lu", table[i].text, show_address(e.family, e.addr), e.port, (unsigned long)e.scope);
			OK(endpoint_text(&e, text) == text && endpoint_parse(text, 9, &back, &c) && back.family == e.family &&
			    same_num(back.addr, e.addr) && back.port == e.port && back.scope == e.scope,
			    "%s becomes %s, which doesn't come back", table[i].text, text);
		}
		if (!good)
			OK(sensible(&c), "endpoint_parse of \"%s\": no complaint", table[i].text);
	}
	/* The longest there can be. */
	e.family = V6;
	e.addr = number(UINT64_MAX, UINT64_MAX);
	e.addr.hi = UINT64_C(0xfe80ffffffffffff);
	e.scope = lo ? lo : 1;
	e.port = 65535;
	memset(text, 'x', sizeof text);
	endpoint_text(&e, text);
	OK(memchr(text, 0, sizeof text) && strstr(text, "fe80:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == text && strstr(text, "65535"),
	    "endpoint_text of the longest: came %.64s", text);
}

/* ---- Room 5: rules ------------------------------------------------------- */

static struct rules rules;	/* over 1 MB: not for a stack */

static bool
add(const char *pattern, const char *network)
{
	struct complaint c;
	char *p = exact(pattern, strlen(pattern) + 1), *n = exact(network, strlen(network) + 1);
	bool good;

	memset(&c, 'x', sizeof c);
	good = rule_add(&rules, p, n, &c);
	if (!good)
		OK(sensible(&c), "rule_add %s %s: no complaint", pattern, network);
	free(p);
	free(n);
	return good;
}

/* What a wire name gets: "-", an address, or an IPv4 and an IPv6 address. */
static const char *
forward_wire(const uint8_t *name, size_t len)
{
	static char text[160];
	struct found found;
	uint8_t *copy = exact(name, len);
	bool any;

	memset(&found, 0xee, sizeof found);
	any = rules_forward(&rules, copy, &found);
	free(copy);
	if (found.rule[V4] == NO_RULE && found.rule[V6] == NO_RULE)
		return any ? "true without a rule" : "-";
	if (!any)
		return "false with a rule";
	if (found.rule[V4] == NO_RULE)
		return show_address(V6, found.addr[V6]);
	if (found.rule[V6] == NO_RULE)
		return show_address(V4, found.addr[V4]);
	sprintf(text, "%s %s", show_address(V4, found.addr[V4]), show_address(V6, found.addr[V6]));
	return text;
}

static const char *
forward(const char *name)
{
	uint8_t wire[1024];

	return forward_wire(wire, wname(name, wire));
}

/* A reverse question's name for an address. */
static size_t
reverse_wire(int family, struct num a, uint8_t *out)
{
	char text[128], *p = text;
	int i;

	if (family == V4)
		sprintf(text, "%u.%u.%u.%u.in-addr.arpa", (unsigned)(a.lo & 255), (unsigned)(a.lo >> 8 & 255),
		    (unsigned)(a.lo >> 16 & 255), (unsigned)(a.lo >> 24 & 255));
	else {
		for (i = 0; i < 32; i++)
			p += sprintf(p, "%x.", (unsigned)((i < 16 ? a.lo : a.hi) >> (i % 16 * 4) & 15));
		strcpy(p, "ip6.arpa");
	}
	return wname(text, out);
}

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L59 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A55 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ALL6 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

/* One rule, one name, what it gets. */
static void
test_one_rule(void)
{
	static const struct { const char *pattern, *network, *name, *want; } table[] = {
		/* What %a takes in this network fits, though not the longest address of all. */
		{ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee%a.lab", "10.0.0.0/24",
		  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee10-0-0-255.lab", "10.0.0.255" },
		{ "customer-broadband-static-%a.pool.lab", "fd00::/64",
		  "customer-broadband-static-fd00--ffff-ffff-ffff-ffff.pool.lab", "fd00::ffff:ffff:ffff:ffff" },
		/* SPEC section 2, the patterns in its order */
		{ "workstation", "172.16.2", "workstation10.mohit.com", "172.16.2.10" },
		{ "workstation", "172.16.2", "workstation10.lan", "172.16.2.10" },
		{ "workstation", "172.16.2", "workstation10", "172.16.2.10" },
		{ "workstation", "172.16.2", "workstation10.a.b.c.d.e", "172.16.2.10" },
		{ "workstation", "172.16.2", "workstation", "-" },
		{ "workstation", "172.16.2", "workstation.lan", "-" },
		{ "workstation", "172.16.2", "lan.workstation10", "-" },
		{ "workstation", "172.16.2", "", "-" },
		{ "workstation", "172.16.2", "workstatio10", "-" },
		{ "workstation", "172.16.2", "xworkstation10", "-" },
		{ "workstation.mohit.com", "172.16.2", "workstation10.mohit.com", "172.16.2.10" },
		{ "workstation1.", "172.16.2", "workstation10", "172.16.2.10" },	/* in the root's domain and no other */
		{ "workstation1.", "172.16.2", "workstation10.lan", "-" },
		{ "workstation.mohit.com", "172.16.2", "workstation10.lan", "-" },
		{ "workstation.mohit.com", "172.16.2", "workstation10", "-" },
		{ "workstation.mohit.com", "172.16.2", "workstation10.mohit", "-" },
		{ "workstation.mohit.com", "172.16.2", "workstation10.mohit.com.lan", "-" },
		{ "workstation.mohit.com", "172.16.2", "workstation10.x.mohit.com", "-" },
		{ "workstation.mohit.com", "172.16.2", "x.workstation10.mohit.com", "-" },
		{ "workstation.mohit.com", "172.16.2", "mohit.com", "-" },
		{ "workstation.mohit.com", "172.16.2", "workstation.mohit.com", "-" },
		{ "workstation.mohit.com.", "172.16.2", "workstation10.mohit.com", "172.16.2.10" },
		{ "workstation123.mohit.com", "172.16.2", "workstation10.mohit.com", "172.16.2.10" },
		{ "workstation123.mohit.com", "172.16.2", "workstation123.mohit.com", "172.16.2.123" },
		{ "workstation123.mohit.com", "172.16.2", "workstation.mohit.com", "-" },
		{ "workstation123.mohit.com", "172.16.2", "workstation1231.mohit.com", "-" },
		{ "ws007.lab", "172.16.2", "ws010.lab", "172.16.2.10" },
		{ "ws007.lab", "172.16.2", "ws7.lab", "172.16.2.7" },
		{ "node%d-mgmt.lab", "10.1.0.0/16", "node7-mgmt.lab", "10.1.0.7" },
		{ "node%d-mgmt.lab", "10.1.0.0/16", "node7-mgm.lab", "-" },
		{ "node%d-mgmt.lab", "10.1.0.0/16", "node7-mgmt2.lab", "-" },
		{ "node%d-mgmt.lab", "10.1.0.0/16", "node-mgmt.lab", "-" },
		{ "node%d-mgmt.lab", "10.1.0.0/16", "node7.lab", "-" },
		{ "node%d-mgmt.lab", "10.1.0.0/16", "nodexx7-mgmt.lab", "-" },
		{ "node%d-mgmt", "10.1.0.0/16", "node300-mgmt.any.where", "10.1.1.44" },
		{ "node%03d.lab", "10.1.0.0/16", "node007.lab", "10.1.0.7" },
		{ "node%03d.lab", "10.1.0.0/16", "node7.lab", "10.1.0.7" },
		{ "node%03d.lab", "10.1.0.0/16", "node0000000007.lab", "10.1.0.7" },
		{ "node%03d.lab", "10.1.0.0/16", "node1234.lab", "10.1.4.210" },
		{ "n%x.lab", "10.1.0.0/16", "n1f.lab", "10.1.0.31" },
		{ "n%x.lab", "10.1.0.0/16", "n1F.lab", "10.1.0.31" },
		{ "n%x.lab", "10.1.0.0/16", "N001f.LAB", "10.1.0.31" },
		{ "n%x.lab", "10.1.0.0/16", "nffff.lab", "10.1.255.255" },
		{ "n%x.lab", "10.1.0.0/16", "n10000.lab", "-" },
		{ "n%x.lab", "10.1.0.0/16", "ng.lab", "-" }, { "n%x.lab", "10.1.0.0/16", "n:.lab", "-" },
		{ "n%x.lab", "10.1.0.0/16", "n1g.lab", "-" },
		{ "n%x.lab", "10.1.0.0/16", "n.lab", "-" },
		{ "n%x-m.lab", "10.1.0.0/16", "nbe-m.lab", "10.1.0.190" },
		{ "n%04x.lab", "10.1.0.0/16", "n00be.lab", "10.1.0.190" },
		{ "de%x.lab", "10.1.0.0/16", "dead.lab", "10.1.0.173" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-10-0-3-7.lab", "10.0.3.7" },
		{ "ip-%a.lab", "10.0.0.0/8", "IP-10-255-255-255.Lab", "10.255.255.255" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-11-0-3-7.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-9-255-255-255.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-10-0-3-07.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-10-0-3-256.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-10-0-3.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-10-0-3-7-.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip--10-0-3-7.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-10.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-a-0-3-7.lab", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip-10-0-3-7.lan", "-" },
		{ "ip-%a.lab", "10.0.0.0/8", "ip---ffff-a00-307.lab", "-" },
		{ "ip-%a", "10.0.0.0/8", "ip-10-0-3-7", "10.0.3.7" },
		{ "ip-%a", "10.0.0.0/8", "ip-10-0-3-7.x.y", "10.0.3.7" },
		{ "%a.lab", "10.0.0.0/8", "10-0-3-7.lab", "10.0.3.7" },
		{ "%a-host.lab", "10.0.0.0/8", "10-0-3-7-host.lab", "10.0.3.7" },
		{ "ip-%a.lab", "10.0.0.16-10.0.0.20", "ip-10-0-0-16.lab", "10.0.0.16" },
		{ "ip-%a.lab", "10.0.0.16-10.0.0.20", "ip-10-0-0-20.lab", "10.0.0.20" },
		{ "ip-%a.lab", "10.0.0.16-10.0.0.20", "ip-10-0-0-15.lab", "-" },
		{ "ip-%a.lab", "10.0.0.16-10.0.0.20", "ip-10-0-0-21.lab", "-" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00--7.lab", "fd00::7" },
		{ "ip-%a.lab", "fd00::/16", "ip-FD00--7.lab", "fd00::7" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00-0-0-0-0-0-0-7.lab", "fd00::7" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00-1-2-3-4-5-6-7.lab", "fd00:1:2:3:4:5:6:7" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00--.lab", "fd00::" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd01--7.lab", "-" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00-7.lab", "-" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00--7--8.lab", "-" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00---7.lab", "-" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00--10000.lab", "-" },
		{ "ip-%a.lab", "fd00::/16", "ip-fd00--g.lab", "-" },
		{ "ip-%a.lab", "::/0", "ip---1.lab", "::1" },
		{ "ip-%a.lab", "::/0", "ip---.lab", "::" },
		{ "ip-%a.lab", "::/0", "ip-10-0-3-7.lab", "-" },
		{ "ip-%a.lab", "::/0", "ip-ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff.lab", ALL6 },

		/* the networks */
		{ "ws", "172.16.2", "ws0", "172.16.2.0" },
		{ "ws", "172.16.2", "ws255", "172.16.2.255" },
		{ "ws", "172.16.2", "ws256", "-" },
		{ "ws", "172.16", "ws256", "172.16.1.0" },
		{ "ws", "172.16", "ws65535", "172.16.255.255" },
		{ "ws", "172.16", "ws65536", "-" },
		{ "ws", "10", "ws16777215", "10.255.255.255" },
		{ "ws", "10", "ws16777216", "-" },
		{ "ws", "0", "ws1", "0.0.0.1" },
		{ "ws", "255", "ws16777215", "255.255.255.255" },
		{ "ws", "172.16.2.0/24", "ws0", "172.16.2.0" },
		{ "ws", "172.16.2.0/24", "ws255", "172.16.2.255" },
		{ "ws", "172.16.2.0/23", "ws511", "172.16.3.255" },
		{ "ws", "172.16.2.0/23", "ws512", "-" },
		{ "ws", "172.16.2.128/25", "ws0", "172.16.2.128" },
		{ "ws", "172.16.2.128/25", "ws128", "-" },
		{ "ws", "172.16.2.9/32", "ws0", "172.16.2.9" },
		{ "ws", "172.16.2.9/32", "ws1", "-" },
		{ "ws", "0.0.0.0/0", "ws4294967295", "255.255.255.255" },
		{ "ws", "0.0.0.0/0", "ws4294967296", "-" },
		{ "ws", "fd00:2::/64", "ws1", "fd00:2::1" },
		{ "ws", "fd00:2::/64", "ws65536", "fd00:2::1:0" },
		{ "ws", "fd00:2::/64", "ws18446744073709551615", "fd00:2::ffff:ffff:ffff:ffff" },
		{ "ws", "fd00:2::/64", "ws18446744073709551616", "-" },
		{ "ws", "fd00:2::/63", "ws18446744073709551616", "fd00:2:0:1::" },
		{ "ws", "::/0", "ws340282366920938463463374607431768211455", ALL6 },
		{ "ws", "::/0", "ws340282366920938463463374607431768211456", "-" },
		{ "ws", "::1/128", "ws0", "::1" },
		{ "ws%x", "::/0", "wsffffffffffffffffffffffffffffffff", ALL6 },
		{ "ws%x", "::/0", "ws100000000000000000000000000000000", "-" },
		{ "ws%x", "::/0", "ws0ffffffffffffffffffffffffffffffff", ALL6 },
		{ "ws.lab", "172.16.2.101-172.16.2.150", "ws0.lab", "172.16.2.101" },
		{ "ws.lab", "172.16.2.101-172.16.2.150", "ws49.lab", "172.16.2.150" },
		{ "ws.lab", "172.16.2.101-172.16.2.150", "ws50.lab", "-" },
		{ "ws1.lab", "172.16.2.101-172.16.2.150", "ws1.lab", "172.16.2.101" },
		{ "ws1.lab", "172.16.2.101-172.16.2.150", "ws50.lab", "172.16.2.150" },
		{ "ws1.lab", "172.16.2.101-172.16.2.150", "ws0.lab", "-" },
		{ "ws1.lab", "172.16.2.101-172.16.2.150", "ws51.lab", "-" },
		{ "ws101.lab", "172.16.2.101-172.16.2.150", "ws101.lab", "172.16.2.101" },
		{ "ws101.lab", "172.16.2.101-172.16.2.150", "ws150.lab", "172.16.2.150" },
		{ "ws101.lab", "172.16.2.101-172.16.2.150", "ws100.lab", "-" },
		{ "ws101.lab", "172.16.2.101-172.16.2.150", "ws151.lab", "-" },
		{ "ws1000.lab", "172.16.2.7-172.16.2.7", "ws1000.lab", "172.16.2.7" },
		{ "ws1000.lab", "172.16.2.7-172.16.2.7", "ws1001.lab", "-" },
		{ "ws1000.lab", "172.16.2.7-172.16.2.7", "ws999.lab", "-" },
		{ "ws%d.lab", "172.16.2.101-172.16.2.150", "ws1.lab", "172.16.2.102" },
		{ "ws1", "172.16.2.101-172.16.2.150", "ws11", "172.16.2.102" },
		{ "ws.lab", "172.16.2.250-172.16.3.5", "ws6.lab", "172.16.3.0" },
		{ "ws.lab", "172.16.2.250-172.16.3.5", "ws11.lab", "172.16.3.5" },
		{ "ws.lab", "172.16.2.250-172.16.3.5", "ws12.lab", "-" },
		{ "ws.lab", "fd00::100-fd00::1ff", "ws255.lab", "fd00::1ff" },
		{ "ws.lab", "fd00::100-fd00::1ff", "ws256.lab", "-" },
		{ "ws.lab", "fd00::ffff:ffff:ffff:fffe-fd00:0:0:1::1", "ws2.lab", "fd00:0:0:1::" },
		{ "ws.lab", "0.0.0.0-255.255.255.255", "ws4294967295.lab", "255.255.255.255" },
		{ "ws340282366920938463463374607431768211455.lab", "fd00::7-fd00::7", "ws340282366920938463463374607431768211455.lab", "fd00::7" },
		{ "ws340282366920938463463374607431768211200.lab", "fd00::-fd00::ff", "ws340282366920938463463374607431768211455.lab", "fd00::ff" },
		{ "ws340282366920938463463374607431768211200.lab", "fd00::-fd00::ff", "ws0.lab", "-" },

		/* the number */
		{ "ws.lab", "172.16.2", "ws007.lab", "172.16.2.7" },
		{ "ws.lab", "172.16.2", "ws010.lab", "172.16.2.10" },
		{ "ws.lab", "172.16.2", "ws08.lab", "172.16.2.8" },
		{ "ws.lab", "172.16.2", "ws00000000000000000000000000000000000000000000000000000000007.lab", "172.16.2.7" },
		{ "ws.lab", "172.16.2", "ws0.lab", "172.16.2.0" },
		{ "ws.lab", "172.16.2", "ws000.lab", "172.16.2.0" },
		{ "ws.lab", "172.16.2", "ws999.lab", "-" },
		{ "ws.lab", "172.16.2", "ws257.lab", "-" },
		{ "ws.lab", "172.16.2", "ws65537.lab", "-" },
		{ "ws.lab", "172.16.2", "ws4294967297.lab", "-" },
		{ "ws.lab", "172.16.2", "ws18446744073709551617.lab", "-" },
		{ "ws.lab", "172.16.2", "ws340282366920938463463374607431768211457.lab", "-" },
		{ "ws.lab", "172.16.2", "ws1000000000000000000000000000000000000000.lab", "-" },
		{ "ws.lab", "172.16.2", "ws9999999999999999999999999999999999999999.lab", "-" },
		{ "ws.lab", "172.16.2", "ws7a.lab", "-" },
		{ "ws.lab", "172.16.2", "ws7-.lab", "-" },
		{ "ws.lab", "172.16.2", "ws7-8.lab", "-" },
		{ "ws.lab", "172.16.2", "ws-7.lab", "-" },
		{ "ws.lab", "172.16.2", "ws+7.lab", "-" },
		{ "ws.lab", "172.16.2", "ws 7.lab", "-" },
		{ "ws.lab", "172.16.2", "ws7 .lab", "-" },
		{ "ws.lab", "172.16.2", "wsf.lab", "-" },
		{ "ws.lab", "172.16.2", "ws0x7.lab", "-" },

		/* case, and what looks like it */
		{ "WorkStation.MOHIT.com", "172.16.2", "wORKsTATION10.mohit.COM", "172.16.2.10" },
		{ "workstation", "172.16.2", "WORKSTATION10.LAN", "172.16.2.10" },
		{ "a_.lab", "172.16.2", "a\x7f" "1.lab", "-" },
		{ "a_.lab", "172.16.2", "A_1.lab", "172.16.2.1" },

		/* digits elsewhere than at the number's place */
		{ "ws1", "172.16.2", "ws12", "172.16.2.2" },
		{ "ws1", "172.16.2", "ws1", "-" },
		{ "ws1", "172.16.2", "ws21", "-" },
		{ "r2-n.lab", "172.16.2", "r2-n3.lab", "172.16.2.3" },
		{ "r2-n7.lab", "172.16.2", "r2-n3.lab", "172.16.2.3" },
		{ "r2-n7.lab", "172.16.2", "r3-n3.lab", "-" },
		{ "r2-n%d-x.lab", "172.16.2", "r2-n3-x.lab", "172.16.2.3" },
		{ "ws.lab2", "172.16.2", "ws3.lab2", "172.16.2.3" },
		{ "ws.2lab.3", "172.16.2", "ws3.2lab.3", "172.16.2.3" },
		{ "%d.lab", "172.16.2", "7.lab", "172.16.2.7" },
		{ "%d.lab", "172.16.2", ".lab", "-" },
		{ "%d.lab", "172.16.2", "lab", "-" },
		{ "7.lab", "172.16.2", "9.lab", "172.16.2.9" },
		{ "%d", "172.16.2", "9", "172.16.2.9" },
		{ "%d", "172.16.2", "9.a.b", "172.16.2.9" },
		{ "%d-m.lab", "172.16.2", "9-m.lab", "172.16.2.9" },

		/* as long as can be */
		{ L59 "a.lab", "172.16.2", L59 "a255.lab", "172.16.2.255" },
		{ L59 "aaa.lab", "172.16.2.0-172.16.2.9", L59 "aaa9.lab", "172.16.2.9" },
		{ "a%d" L59 ".lab", "172.16.2.0/24", "a255" L59 ".lab", "172.16.2.255" },
		{ "ws." L63 "." L63 "." L63 "." A55, "172.16.2", "ws255." L63 "." L63 "." L63 "." A55, "172.16.2.255" },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		const char *got;
		bool good;

		rules_clear(&rules);
		good = add(table[i].pattern, table[i].network);
		OK(good, "%s %s: not taken", table[i].pattern, table[i].network);
		if (!good)
			continue;
		OK(rules.count == 1, "%s %s: %u rules", table[i].pattern, table[i].network, rules.count);
		rules_index(&rules);
		/* Spaces and empty labels too: wname writes what it is given. */
		got = forward(table[i].name);
		OK(strcmp(got, table[i].want) == 0, "%s %s, %s: expected %s, came %s",
		    table[i].pattern, table[i].network, table[i].name, table[i].want, got);
	}
	rules_clear(&rules);
	rules_index(&rules);
	OK(strcmp(forward("ws1.lab"), "-") == 0, "no rule, and ws1.lab gets %s", forward("ws1.lab"));
	OK(strcmp(forward(""), "-") == 0, "no rule, and the root gets %s", forward(""));
}

/* Octets that no pattern can mean. */
static void
test_odd_names(void)
{
	static const struct { const char *name, *want; } table[] = {
		{ "'ws1''lab'00", "172.16.2.1" },
		{ "04 \"ws1\" 00 'lab'00", "-" },
		{ "04 \"ws\" 00 \"1\" 'lab'00", "-" },
		{ "04 \"ws1.\" 'lab'00", "-" },
		{ "07 \"ws1.lab\" 00", "-" },
		{ "03 \"ws\" b1 'lab'00", "-" },
		{ "03 \"w\" f3 \"1\" 'lab'00", "-" },
		{ "03 \"ws\" 11 'lab'00", "-" },
		{ "'ip-10-0-3-7''lab'00", "10.0.3.7" },
		{ "'ip-10.0.3.7''lab'00", "-" },
		{ "'ip-10-0.3-7''lab'00", "-" },
		{ "'ip-fd00--7''lab'00", "fd00::7" },
		{ "'ip-fd00::7''lab'00", "-" },
		{ "'ip-fd00:-7''lab'00", "-" },
		{ "'ip---10.0.3.7''lab'00", "-" },
		{ "0c \"ip-10-0-3-7\" 00 'lab'00", "-" },
		{ "'ip-fd00--7%lo''lab'00", "-" },
	};
	uint8_t raw[256];
	size_t i, len;
	const char *got;

	rules_clear(&rules);
	OK(add("ws.lab", "172.16.2") && add("ip-%a.lab", "10") && add("ip-%a.lab", "fd00::/16"), "not taken");
	rules_index(&rules);
	for (i = 0; i < COUNT(table); i++) {
		len = bytes(table[i].name, raw);
		got = forward_wire(raw, len);
		OK(strcmp(got, table[i].want) == 0, "%s: expected %s, came %s", table[i].name, table[i].want, got);
	}
	/* An IPv6 address whose last 32 bits are written as IPv4, all of it with `-`, is no text form. */
	OK(strcmp(forward("ip-fd00--10-0-3-7.lab"), "fd00::10:0:3:7") == 0, "ip-fd00--10-0-3-7 gets %s", forward("ip-fd00--10-0-3-7.lab"));
}

static void
test_bad_rules(void)
{
	static const struct { const char *pattern, *network, *says; } table[] = {
		/* the network */
		{ "ws", "172.16.2.5/24", "172.16.2.0/24" },
		{ "ws", "172.16.2.1/16", "172.16.0.0/16" },
		{ "ws", "fd00:2::1/64", "fd00:2::/64" },
		{ "ws", "", "" }, { "ws", ".", "" }, { "ws", "/", "" }, { "ws", "-", "" }, { "ws", "/24", "" },
		{ "ws", "256", "256" }, { "ws", "172.256", "256" }, { "ws", "172.16.256", "256" }, { "ws", "172.16.2.256/24", "256" },
		{ "ws", "172.16.2.", "" }, { "ws", ".172", "" }, { "ws", "172..2", "" }, { "ws", "172.16..0/24", "" },
		{ "ws", "010", "" }, { "ws", "172.016.2", "" }, { "ws", "172.016.2.0/24", "" }, { "ws", "00", "" },
		{ "ws", "0x10", "" }, { "ws", "-1", "" }, { "ws", "+10", "" }, { "ws", "10 ", "" }, { "ws", " 10", "" }, { "ws", "10.x", "" },
		{ "ws", "4294967306", "" }, { "ws", "18446744073709551626", "" },
		{ "ws", "172.16.2.0/", "" }, { "ws", "172.16.2.0/33", "" }, { "ws", "172.16.2.0/-1", "" }, { "ws", "172.16.2.0/2x", "" },
		{ "ws", "172.16.2.0/4294967320", "" }, { "ws", "172.16.2.0/ 24", "" }, { "ws", "172.16.2.0 /24", "" },
		{ "ws", "172.16.2.0/24/24", "" }, { "ws", "172.16.2.0/255.255.255.0", "" },
		{ "ws", "fd00::/129", "" }, { "ws", "fd00:::/64", "" }, { "ws", "fd00::g/64", "" }, { "ws", "fd00", "" }, { "ws", "fd00/16", "" },
		{ "ws", "1.2.3.4.5", "" }, { "ws", "1.2.3.4.5/8", "" }, { "ws", "net", "" },
		{ "ws", "172.16.2.150-172.16.2.101", "" }, { "ws", "fd00::2-fd00::1", "" },
		{ "ws", "172.16.2.1-fd00::1", "" }, { "ws", "fd00::1-172.16.2.1", "" },
		{ "ws", "172.16.2.1-", "" }, { "ws", "-172.16.2.1", "" }, { "ws", "172.16.2.1-172.16.2.2-172.16.2.3", "" },
		{ "ws", "172.16.2.1-172.16.2.256", "" }, { "ws", "172.16.2.1 - 172.16.2.2", "" }, { "ws", "172.16.2.1-2", "" },
		{ "ws", "172.16.2.0/24-172.16.3.0/24", "" }, { "ws", "172.16.2-172.16.3", "" },

		/* the pattern */
		{ "", "172.16.2", "" }, { ".", "172.16.2", "" }, { "..", "172.16.2", "" },
		{ ".lab", "172.16.2", "" }, { "ws..lab", "172.16.2", "" }, { "ws.lab..", "172.16.2", "" },
		{ "ws%", "172.16.2", "" }, { "ws%.lab", "172.16.2", "" }, { "ws%z.lab", "172.16.2", "" }, { "ws%s.lab", "172.16.2", "" },
		{ "ws%0.lab", "172.16.2", "" }, { "ws%03.lab", "172.16.2", "" }, { "ws%03", "172.16.2", "" }, { "ws%999d.lab", "172.16.2", "" },
		{ "ws%099d.lab", "172.16.2", "" }, { "ws%018446744073709551619d.lab", "172.16.2", "" }, { "ws%-3d.lab", "172.16.2", "" },
		{ "ws%d%d.lab", "172.16.2", "" }, { "ws%d-%d.lab", "172.16.2", "" }, { "ws%d-%x.lab", "172.16.2", "" },
		{ "ws%d-%a.lab", "172.16.2", "" }, { "ws%d.n%d.lab", "172.16.2", "" }, { "ws.n%d.lab", "172.16.2", "" },
		{ "ws7.n%d.lab", "172.16.2", "" }, { "ws%d%.lab", "172.16.2", "" }, { "ws%d.l%ab", "172.16.2", "" },
		{ "ws%00d.lab", "172.16.2", "" }, { "ws%03a.lab", "172.16.2", "" }, { "ws%064x.lab", "172.16.2", "" },
		{ "w{s.lab", "172.16.2", "'{'" }, { "w s.lab", "172.16.2", "unprintable" }, { "w\tb.lab", "172.16.2", "unprintable" },
		{ "w\177b.lab", "172.16.2", "unprintable" }, { "w\303\251.lab", "172.16.2", "unprintable" },
		{ L63 "a.lab", "172.16.2", "" }, { "ws." L63 "a", "172.16.2", "" },
		/* a label or a name that would be too long with the network's largest number in it */
		{ L59 "aa.lab", "172.16.2", "" }, { L59 "aaaa.lab", "172.16.2.0-172.16.2.9", "" }, { L63 ".lab", "172.16.2", "" },
		{ "a%d" L59 "a.lab", "172.16.2.0/24", "" }, { L59 "aa%03d.lab", "172.16.2.0-172.16.2.9", "" },
		{ L59 "%a.lab", "10.0.0.0/8", "" }, { "aaaaaaaaaaaaaaaaaaaaaaaaa%a.lab", "::/0", "" },
		{ "ws." L63 "." L63 "." L63 "." L59 "a", "172.16.2", "" },
		{ L63 "." L63 "." L63 "." L63, "172.16.2", "" },
		{ "ws." L63 "." L63 "." L63 "." A55 "a", "172.16.2", "" },	/* 256 octets with ws255 */

		/* the example */
		{ "ws256.lab", "172.16.2", "256" }, { "ws300.lab", "172.16.2.0/24", "300" }, { "ws16.lab", "172.16.2.0/28", "16" },
		{ "ws65536.lab", "172.16", "65536" }, { "ws4294967297.lab", "172.16.2", "" }, { "ws18446744073709551617.lab", "172.16.2", "" },
		{ "ws340282366920938463463374607431768211456.lab", "::/0", "" },
		{ "ws340282366920938463463374607431768211456.lab", "172.16.2.1-172.16.2.9", "" },
		{ "ws9999999999999999999999999999999999999999.lab", "fd00::/64", "" },
		{ "ws18446744073709551616.lab", "fd00::/64", "" },
		/* the last numbers would need more than 128 bits: nothing wraps */
		{ "ws340282366920938463463374607431768211455.lab", "fd00::-fd00::ff", "" }, { "ws5.lab", "::-" ALL6, "" },
	};
	struct complaint c;
	char *p, *n, both[512];
	size_t i;
	bool good;

	rules_clear(&rules);
	OK(add("keep.lab", "172.16.9"), "not taken");
	for (i = 0; i < COUNT(table); i++) {
		memset(&c, 'x', sizeof c);
		p = exact(table[i].pattern, strlen(table[i].pattern) + 1);
		n = exact(table[i].network, strlen(table[i].network) + 1);
		good = rule_add(&rules, p, n, &c);
		OK(!good, "rule \"%s\" \"%s\" is taken", table[i].pattern, table[i].network);
		if (!good) {
			OK(sensible(&c), "rule \"%s\" \"%s\": no complaint", table[i].pattern, table[i].network);
			sprintf(both, "%.191s: %.255s", c.what, c.why);
			OK(strstr(both, table[i].says) != NULL, "rule \"%s\" \"%s\": expected %s in \"%s\"",
			    table[i].pattern, table[i].network, table[i].says, both);
			/* The complaint names the word at fault, or the part of it. */
			OK(strstr(table[i].pattern, c.what) || strstr(table[i].network, c.what) || strncmp(c.what, "aaaa", 4) == 0 ||
			    strcmp(c.what, *table[i].pattern ? "NETWORK" : "") == 0, "rule \"%s\" \"%s\": \"%s\" is no word of it", table[i].pattern, table[i].network, c.what);
			OK(rules.count == 1, "rule \"%s\" \"%s\": refused, and yet there are %u rules", table[i].pattern, table[i].network, rules.count);
		} else {
			rules_clear(&rules);
			add("keep.lab", "172.16.9");
		}
		free(p);
		free(n);
	}
	rules_index(&rules);
	OK(strcmp(forward("keep7.lab"), "172.16.9.7") == 0, "after %u bad rules the good one gives %s", (unsigned)COUNT(table), forward("keep7.lab"));
	OK(strcmp(forward("ws7.lab"), "-") == 0, "a refused rule answers %s", forward("ws7.lab"));
	OK(strcmp(forward("ws7"), "-") == 0, "a refused rule answers %s", forward("ws7"));
}

static void
test_rules_parse(void)
{
	/* The line of the first fault, 0 for none; then names and what they get. */
	static const struct { const char *text; unsigned line, count; } table[] = {
		{ "", 0, 0 },
		{ "\n\n", 0, 0 },
		{ "# nothing", 0, 0 },
		{ "ws.lab 172.16.2", 0, 1 },
		{ "ws.lab 172.16.2\n", 0, 1 },
		{ "ws.lab 172.16.2\r\n", 0, 1 },
		{ "\t ws.lab \t 172.16.2 \t\n", 0, 1 },
		{ "ws.lab 172.16.2# right behind\n", 0, 1 },
		{ "# head\n\n  # indented\nws.lab 172.16.2 # tail\nws.lab fd00:2::/64\n#last", 0, 2 },
		{ "ws.lab", 1, 0 },
		{ "ws.lab # 172.16.2\n", 1, 0 },
		{ "\n\nws.lab 172.16.2 more\n", 3, 0 },
		{ "ws.lab 172.16.2\nws.lab 172.16.256\n", 2, 0 },
		{ "a.lab 172.16.2\nb.lab 172.16.2\n\n#\nc..lab 172.16.2", 5, 0 },
		{ "-o ws.lab 172.16.2\n", 1, 0 },
	};
	char *text, number_text[16];
	struct complaint c;
	size_t i, len;
	bool good;

	for (i = 0; i < COUNT(table); i++) {
		len = strlen(table[i].text);
		text = exact(table[i].text, len);	/* and no zero after it */
		memset(&c, 'x', sizeof c);
		rules_clear(&rules);
		good = rules_parse(&rules, text, len, &c);
		OK(good == !table[i].line, "rules_parse of \"%s\": expected %d, came %d", table[i].text, !table[i].line, good);
		if (good) {
			OK(rules.count == table[i].count, "rules_parse of \"%s\": expected %u rules, came %u", table[i].text, table[i].count, rules.count);
			rules_index(&rules);
			if (table[i].count)
				OK(strncmp(forward("ws7.lab"), "172.16.2.7", 10) == 0, "rules_parse of \"%s\": ws7.lab gets %s", table[i].text, forward("ws7.lab"));
			if (table[i].count == 2)
				OK(strcmp(forward("ws7.lab"), "172.16.2.7 fd00:2::7") == 0, "rules_parse of \"%s\": ws7.lab gets %s", table[i].text, forward("ws7.lab"));
		} else {
			sprintf(number_text, "%u", table[i].line);
			OK(sensible(&c) && strncmp(c.what + (strncmp(c.what, "line ", 5) ? 0 : 5), number_text, strlen(number_text)) == 0,
			    "rules_parse of \"%s\": expected line %u, came \"%.191s\"", table[i].text, table[i].line, c.what);
		}
		free(text);
	}
	/* A zero octet is not the end of the line. */
	rules_clear(&rules);
	OK(!rules_parse(&rules, "ws.lab 172.16.2\0x\n", 18, &c), "rules_parse takes a zero octet in a word");
	/* Words longer than any that could be good. */
	len = 20000;
	text = malloc(len);
	if (text) {
		memset(text, 'a', len);
		rules_clear(&rules);
		OK(!rules_parse(&rules, text, len, &c) && sensible(&c), "rules_parse of one word of 20,000 octets");
		text[10000] = ' ';
		rules_clear(&rules);
		OK(!rules_parse(&rules, text, len, &c) && sensible(&c), "rules_parse of two words of 10,000 octets");
		free(text);
	}
}

/* Several rules: the first that matches, for each family. */
static void
test_order(void)
{
	static const struct { const char *rules, *name, *want; } table[] = {
		{ "ws.lab 172.16.2\nws.lab 172.16.3", "ws7.lab", "172.16.2.7" },
		{ "ws.lab 172.16.3\nws.lab 172.16.2", "ws7.lab", "172.16.3.7" },
		{ "ws.lab 172.16.2\nws.lab fd00:2::/64", "ws7.lab", "172.16.2.7 fd00:2::7" },
		{ "ws.lab fd00:2::/64\nws.lab 172.16.2", "ws7.lab", "172.16.2.7 fd00:2::7" },
		{ "ws.lab 172.16.2\nws.lab fd00:2::/64", "ws300.lab", "fd00:2::12c" },
		{ "ws.lab 172.16.2.0/28\nws.lab 172.16.3", "ws7.lab", "172.16.2.7" },
		{ "ws.lab 172.16.2.0/28\nws.lab 172.16.3", "ws16.lab", "172.16.3.16" },
		{ "ws1.lab 172.16.2.1-172.16.2.50\nws51.lab 10.0.0.1-10.0.0.50\nws0.lab 10.9", "ws50.lab", "172.16.2.50" },
		{ "ws1.lab 172.16.2.1-172.16.2.50\nws51.lab 10.0.0.1-10.0.0.50\nws0.lab 10.9", "ws51.lab", "10.0.0.1" },
		{ "ws1.lab 172.16.2.1-172.16.2.50\nws51.lab 10.0.0.1-10.0.0.50\nws0.lab 10.9", "ws100.lab", "10.0.0.50" },
		{ "ws1.lab 172.16.2.1-172.16.2.50\nws51.lab 10.0.0.1-10.0.0.50\nws0.lab 10.9", "ws101.lab", "10.9.0.101" },
		{ "ws1.lab 172.16.2.1-172.16.2.50\nws51.lab 10.0.0.1-10.0.0.50\nws0.lab 10.9", "ws0.lab", "10.9.0.0" },
		{ "ws.lab 10.9\nws1.lab 172.16.2.1-172.16.2.50", "ws1.lab", "10.9.0.1" },
		/* a dotless rule and one with a domain */
		{ "ws 172.16.2\nws.lab 172.16.3", "ws7.lab", "172.16.2.7" },
		{ "ws 172.16.2\nws.lab 172.16.3", "ws7", "172.16.2.7" },
		{ "ws.lab 172.16.3\nws 172.16.2", "ws7.lab", "172.16.3.7" },
		{ "ws.lab 172.16.3\nws 172.16.2", "ws7.lan", "172.16.2.7" },
		{ "ws 172.16.2.0/29\nws.lab 172.16.3", "ws8.lab", "172.16.3.8" },
		{ "ws 172.16.2.0/29\nws.lab 172.16.3", "ws8.lan", "-" },
		/* prefixes that begin alike */
		{ "ws 172.16.2\nws1 172.16.3", "ws12", "172.16.2.12" },
		{ "ws1 172.16.3\nws 172.16.2", "ws12", "172.16.3.2" },
		{ "ws1 172.16.3\nws 172.16.2", "ws1", "172.16.2.1" },
		{ "ws1 172.16.3\nws 172.16.2", "ws1300", "-" },
		{ "ws1 172.16.3\nws 10.2", "ws1300", "10.2.5.20" },
		{ "w 172.16.2\nws 172.16.3", "ws1", "172.16.3.1" },
		{ "w 172.16.2\nws 172.16.3", "w1", "172.16.2.1" },
		/* decimal and hex at one place */
		{ "n%x.lab 10.1\nn%d.lab 10.2", "n10.lab", "10.1.0.16" },
		{ "n%d.lab 10.2\nn%x.lab 10.1", "n10.lab", "10.2.0.10" },
		{ "n%d.lab 10.2\nn%x.lab 10.1", "n1f.lab", "10.1.0.31" },
		{ "n%d.lab 172.16.2\nn%x.lab 10.1", "n256.lab", "10.1.2.86" },
		{ "n%x.lab 172.16.2\nn%d.lab 172.16.3", "n100.lab", "172.16.3.100" },
		{ "n%x.lab 172.16.2\nn%d.lab 172.16.3", "n99.lab", "172.16.2.153" },
		{ "n%d.lab 10.1\nna.lab 10.2", "na7.lab", "10.2.0.7" },
		{ "n%x.lab 10.1\nna.lab 10.2", "na7.lab", "10.1.0.167" },
		{ "na.lab 10.2\nn%x.lab 10.1", "na7.lab", "10.2.0.7" },
		/* whole addresses beside numbers */
		{ "ip-%a.lab 10\nip-10-0-0-.lab 172.16.2", "ip-10-0-0-7.lab", "10.0.0.7" },
		{ "ip-10-0-0-.lab 172.16.2\nip-%a.lab 10", "ip-10-0-0-7.lab", "172.16.2.7" },
		{ "ip-%a.lab 10\nip-%a.lab fd00::/16", "ip-fd00--7.lab", "fd00::7" },
		{ "ip-%a.lab 10\nip-%a.lab fd00::/16", "ip-10-0-0-7.lab", "10.0.0.7" },
		{ "ip-%a.lab 10.0.0.0/16\nip-%a.lab 10.0.0.0/8", "ip-10-1-0-7.lab", "10.1.0.7" },
		{ "%a-x.lab 10\n%a.lab 10", "10-0-0-7-x.lab", "10.0.0.7" },
		/* suffixes */
		{ "n%d.lab 10.1\nn%d-m.lab 10.2", "n7.lab", "10.1.0.7" },
		{ "n%d.lab 10.1\nn%d-m.lab 10.2", "n7-m.lab", "10.2.0.7" },
		{ "n%d-m.lab 10.1\nn%d-mm.lab 10.2", "n7-mm.lab", "10.2.0.7" },
		{ "n%d-m.lab 10.1\nn%d-m.lan 10.2", "n7-m.lan", "10.2.0.7" },
		/* the same but for case and width is the same */
		{ "WS.LAB 172.16.2\nws007.lab 172.16.3", "ws7.lab", "172.16.2.7" },
		/* one rule's domain ends in the other's */
		{ "ws.lab 10.1\nws.a.lab 10.2", "ws7.a.lab", "10.2.0.7" },
		{ "ws.lab 10.1\nws.a.lab 10.2", "ws7.lab", "10.1.0.7" },
		{ "ws.lab 10.1\nws.a.lab 10.2", "ws7.b.lab", "-" },
		/* octets that no rule has, though the index has its own use for them */
		{ "ws123.lab 172.16.2\nfoo 10.9", "ws7\\255\\003lab\\000.example.com", "-" },
		{ "ws123.lab 172.16.2\nfoo 10.9", "ws\\0007.lab", "-" },
	};
	struct complaint c;
	size_t i;
	const char *got;

	for (i = 0; i < COUNT(table); i++) {
		rules_clear(&rules);
		OK(rules_parse(&rules, table[i].rules, strlen(table[i].rules), &c), "\"%s\" is not taken: %s: %s", table[i].rules, c.what, c.why);
		rules_index(&rules);
		got = forward(table[i].name);
		OK(strcmp(got, table[i].want) == 0, "\"%s\", %s: expected %s, came %s", table[i].rules, table[i].name, table[i].want, got);
	}
}

/* Every rule that there is room for. */
static void
test_many_rules(void)
{
	char pattern[300], network[64], name[300], want[64];
	struct complaint c;
	unsigned sizes[2] = { 1000, RULES_MAX }, n, i, k, round;
	const char *got;

	for (k = 0; k < 2; k++) {
		n = sizes[k] < RULES_MAX ? sizes[k] : RULES_MAX;

		/* one domain each */
		rules_clear(&rules);
		for (i = 0; i < n; i++) {
			sprintf(pattern, "host.d%u.lab", i);
			sprintf(network, "10.%u.%u", i / 256, i % 256);
			OK(add(pattern, network), "rule %u of %u not taken", i, n);
		}
		rules_index(&rules);
		for (i = 0; i < n; i++) {
			sprintf(name, "host%u.d%u.lab", i % 256, i);
			sprintf(want, "10.%u.%u.%u", i / 256, i % 256, i % 256);
			got = forward(name);
			OK(strcmp(got, want) == 0, "%u rules, %s: expected %s, came %s", n, name, want, got);
		}
		sprintf(name, "host1.d%u.lab", n);
		OK(strcmp(forward(name), "-") == 0, "%u rules, %s: came %s", n, name, forward(name));

		/* one pattern, ranges side by side, each number's address far from the next one's; the last rule first */
		rules_clear(&rules);
		for (i = n; i-- > 0; ) {
			sprintf(pattern, "ws%u.lab", 1000 + 4 * i);
			sprintf(network, "10.%u.%u.4-10.%u.%u.7", i % 16, i / 16, i % 16, i / 16);
			OK(add(pattern, network), "rule %u of %u not taken", i, n);
		}
		rules_index(&rules);
		for (i = 0; i < 4 * n; i++) {
			sprintf(name, "ws%u.lab", 1000 + i);
			sprintf(want, "10.%u.%u.%u", i / 4 % 16, i / 4 / 16, 4 + i % 4);
			got = forward(name);
			OK(strcmp(got, want) == 0, "%u ranges, %s: expected %s, came %s", n, name, want, got);
		}
		OK(strcmp(forward("ws999.lab"), "-") == 0, "%u ranges, ws999.lab", n);
		sprintf(name, "ws%u.lab", 1000 + 4 * n);
		OK(strcmp(forward(name), "-") == 0, "%u ranges, %s", n, name);

		/* all of one pattern, each larger than the one before: the worst the segments can get */
		for (round = 0; round < 2; round++) {
			rules_clear(&rules);
			for (i = 0; i < n; i++) {
				unsigned low = n - 1 - i, high = n + i;

				if (round)
					sprintf(pattern, "ws%u.lab", low), sprintf(network, "10.%u.%u.%u-10.%u.%u.%u",
					    i >> 8, i & 255, 0, (i + ((high - low) >> 8)) >> 8, (i + ((high - low) >> 8)) & 255, (high - low) & 255);
				else
					sprintf(pattern, "ws.lab"), sprintf(network, "10.0.0.0-10.0.%u.%u", (2 * i + 1) >> 8, (2 * i + 1) & 255);
				OK(add(pattern, network), "nested rule %u of %u not taken: %s %s", i, n, pattern, network);
			}
			rules_index(&rules);
			for (i = 0; i < 2 * n; i++) {
				unsigned first = round ? (i < n ? n - 1 - i : i - n) : i / 2;

				sprintf(name, "ws%u.lab", i);
				k = round ? i - (n - 1 - first) : i;
				if (round)
					sprintf(want, "10.%u.%u.%u", (first + (k >> 8)) >> 8, (first + (k >> 8)) & 255, k & 255);
				else
					sprintf(want, "10.0.%u.%u", k >> 8, k & 255);
				got = forward(name);
				OK(strcmp(got, want) == 0, "%u nested rules, %s: expected %s, came %s", n, name, want, got);
			}
			k = n == sizes[0] ? 0 : 1;
		}
	}
	/* One more than there is room for. */
	rules_clear(&rules);
	for (i = 0; i < RULES_MAX; i++)
		if (!rule_add(&rules, "ws.lab", "172.16.2", &c))
			break;
	OK(i == RULES_MAX, "room for %u rules, not for %u", i, (unsigned)RULES_MAX);
	OK(!add("one-more.lab", "172.16.2"), "rule %u is taken", (unsigned)RULES_MAX + 1);
	OK(rules.count == RULES_MAX, "after one rule too many there are %u", rules.count);
	rules_index(&rules);
	OK(strcmp(forward("ws7.lab"), "172.16.2.7") == 0, "%u equal rules: came %s", (unsigned)RULES_MAX, forward("ws7.lab"));

	/* Domains so long that the text runs out before the rules do: refused, not cut. */
	rules_clear(&rules);
	for (n = 0; n < RULES_MAX; n++) {
		sprintf(pattern, "ws.d%u.%s.%s.%s", n, L59, L59, L59);
		if (!rule_add(&rules, pattern, "172.16.2", &c))
			break;
	}
	OK(rules.count == n, "%u rules taken, %u counted", n, rules.count);
	rules_index(&rules);
	for (i = 0; i < n; i++) {
		sprintf(name, "ws9.d%u.%s.%s.%s", i, L59, L59, L59);
		got = forward(name);
		OK(strcmp(got, "172.16.2.9") == 0, "%u long domains, number %u: came %s", n, i, got);
	}
}

static void
test_reverse_address(void)
{
	static const struct { const char *name, *want; } table[] = {
		{ "10.2.16.172.in-addr.arpa", "172.16.2.10" },
		{ "10.2.16.172.IN-Addr.ARPA", "172.16.2.10" },
		{ "0.0.0.0.in-addr.arpa", "0.0.0.0" },
		{ "255.255.255.255.in-addr.arpa", "255.255.255.255" },
		{ "1.2.3.4.in-addr.arpa", "4.3.2.1" },
		{ "2.16.172.in-addr.arpa", NULL }, { "in-addr.arpa", NULL }, { "arpa", NULL }, { "", NULL },
		{ "1.10.2.16.172.in-addr.arpa", NULL }, { "x.10.2.16.172.in-addr.arpa", NULL },
		{ "010.2.16.172.in-addr.arpa", NULL }, { "10.02.16.172.in-addr.arpa", NULL }, { "00.2.16.172.in-addr.arpa", NULL },
		{ "256.2.16.172.in-addr.arpa", NULL }, { "1000.2.16.172.in-addr.arpa", NULL }, { "10.2.16.300.in-addr.arpa", NULL },
		{ "4294967306.2.16.172.in-addr.arpa", NULL }, { "a.2.16.172.in-addr.arpa", NULL }, { "-1.2.16.172.in-addr.arpa", NULL },
		{ "+1.2.16.172.in-addr.arpa", NULL }, { " 1.2.16.172.in-addr.arpa", NULL }, { "1x.2.16.172.in-addr.arpa", NULL },
		{ "10.2.16.172.in-addr.arpa.lab", NULL }, { "10.2.16.172.in-addr.arpb", NULL }, { "10.2.16.172.in-adds.arpa", NULL },
		{ "10.2.16.172.arpa", NULL }, { "10.2.16.172", NULL }, { "10.2.16.172.in-addr", NULL }, { "10.2.16.172.ip6.arpa", NULL },
		{ "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "fd00::7" },
		{ "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.D.F.IP6.ARPA", "fd00::7" },
		{ "f.e.d.c.b.a.9.8.7.6.5.4.3.2.1.0.f.f.e.e.d.d.c.c.b.b.a.a.9.9.8.8.ip6.arpa", "8899:aabb:ccdd:eeff:123:4567:89ab:cdef" },
		{ "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", "::" },
		{ "f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.ip6.arpa", ALL6 },
		{ "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", NULL },
		{ "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", NULL },
		{ "07.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", NULL },
		{ "g.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", NULL },
		{ "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.int", NULL },
		{ "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpb", NULL },
		{ "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip7.arpa", NULL },
		{ "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.in-addr.arpa", NULL },
		{ "0.0.d.f.ip6.arpa", NULL }, { "ip6.arpa", NULL },
	};
	uint8_t wire[256], *copy;
	enum family f, g;
	struct num a, b;
	size_t i, len;
	bool good;

	for (i = 0; i < COUNT(table); i++) {
		len = wname(table[i].name, wire);
		copy = exact(wire, len);
		good = reverse_address(copy, &f, &a);
		OK(good == !!table[i].want, "reverse_address of %s: expected %d, came %d", table[i].name, !!table[i].want, good);
		if (good && table[i].want) {
			pton(table[i].want, &g, &b);
			OK(f == g && same_num(a, b), "reverse_address of %s: expected %s, came %s", table[i].name, table[i].want, show_address(f, a));
		}
		free(copy);
	}
	/* One label that only looks like them. */
	len = bytes("09 \"1.2.16.17\" 'in-addr''arpa'00", wire);
	OK(!reverse_address(wire, &f, &a), "reverse_address takes dots within a label");
	len = bytes("02 \"1\" 00 '2''16''172''in-addr''arpa'00", wire);
	OK(!reverse_address(wire, &f, &a), "reverse_address takes a zero octet");
	for (i = 0; i < 4000; i++) {
		g = i % 2 ? V6 : V4;
		b = number((uint64_t)chance(0xffffffff) << 32 | chance(0xffffffff), (uint64_t)chance(0xffffffff) << 32 | chance(0xffffffff));
		if (g == V4)
			b.hi = 0, b.lo &= 0xffffffff;
		len = reverse_wire(g, b, wire);
		copy = exact(wire, len);
		OK(reverse_address(copy, &f, &a) && f == g && same_num(a, b), "reverse_address of %s: came %s", show_address(g, b), show_address(f, a));
		free(copy);
	}
}

static const char *
reverse(const char *address)
{
	static char text[NAME_TEXT];
	uint8_t name[NAME_MAX_WIRE];
	enum family f;
	struct num a;
	size_t len = 999, i, n = 0;
	uint16_t by;

	pton(address, &f, &a);
	memset(name, 0xee, sizeof name);
	if (!rules_reverse(&rules, f, a, name, &len, &by))
		return "-";
	if (len == 0)
		return "no name";
	if (len > NAME_MAX_WIRE || name[len - 1] != 0)
		return "a broken length";
	for (i = 0; name[i]; i += name[i] + 1) {
		if (i)
			text[n++] = '.';
		memcpy(text + n, name + i + 1, name[i]);
		n += name[i];
	}
	text[n] = 0;
	return i + 1 == len ? text : "a broken name";
}

static void
test_reverse(void)
{
	static const struct { const char *rules, *address, *want; } table[] = {
		{ "workstation123.mohit.com 172.16.2", "172.16.2.10", "workstation10.mohit.com" },
		{ "workstation.mohit.com 172.16.2", "172.16.2.0", "workstation0.mohit.com" },
		{ "workstation.mohit.com 172.16.2", "172.16.2.255", "workstation255.mohit.com" },
		{ "workstation.mohit.com 172.16.2", "172.16.3.0", "-" },
		{ "workstation.mohit.com 172.16.2", "172.16.1.255", "-" },
		{ "workstation.mohit.com 172.16.2", "::ac10:20a", "-" },
		{ "workstation 172.16.2", "172.16.2.10", "-" },
		{ "ws007.lab 172.16.2", "172.16.2.9", "ws009.lab" },
		{ "ws007.lab 172.16.2", "172.16.2.90", "ws090.lab" },
		{ "ws007.lab 10.1", "10.1.15.160", "ws4000.lab" },
		{ "ws7.lab 172.16.2", "172.16.2.9", "ws9.lab" },
		{ "node%d-mgmt.lab 10.1", "10.1.0.7", "node7-mgmt.lab" },
		{ "node%03d.lab 10.1", "10.1.0.7", "node007.lab" },
		{ "n%x.lab 10.1", "10.1.0.31", "n1f.lab" },
		{ "n%04x.lab 10.1", "10.1.0.31", "n001f.lab" },
		{ "ip-%a.lab 10", "10.0.3.7", "ip-10-0-3-7.lab" },
		{ "ip-%a.lab fd00::/16", "fd00::7", "ip-fd00--7.lab" },
		{ "ip-%a.lab fd00::/16", "fd00::", "ip-fd00--.lab" },
		{ "ip-%a.lab fd00::/16", "fd00:1:2:3:4:5:6:7", "ip-fd00-1-2-3-4-5-6-7.lab" },
		{ "ip-%a.lab ::/0", "::1", "ip---1.lab" },
		{ "ip-%a.lab ::/0", "::ffff:10.0.3.7", "ip---ffff-a00-307.lab" },
		{ "n%d.lab ::/0", ALL6, "n340282366920938463463374607431768211455.lab" },
		{ "n%x.lab ::/0", ALL6, "nffffffffffffffffffffffffffffffff.lab" },
		{ "n%d.lab ::/0", "::", "n0.lab" },
		{ "n%d.lab fd00:2::/64", "fd00:2::1:0:0:0", "n281474976710656.lab" },
		{ "n%d.lab fd00:2::/63", "fd00:2:0:1::", "n18446744073709551616.lab" },
		{ "n%d.lab fd00:2::/63", "fd00:2:0:1:8ac7:2304:89e8:0", "n28446744073709551616.lab" },
		{ "ws1.lab 172.16.2.101-172.16.2.150", "172.16.2.101", "ws1.lab" },
		{ "ws1.lab 172.16.2.101-172.16.2.150", "172.16.2.150", "ws50.lab" },
		{ "ws1.lab 172.16.2.101-172.16.2.150", "172.16.2.151", "-" },
		{ "ws1.lab 172.16.2.101-172.16.2.150", "172.16.2.100", "-" },
		/* the first rule with a domain */
		{ "a.lab 172.16.2\nb.lab 172.16.2", "172.16.2.7", "a7.lab" },
		{ "a.lab 172.16.2.0/29\nb.lab 172.16.2", "172.16.2.7", "a7.lab" },
		{ "a.lab 172.16.2.0/29\nb.lab 172.16.2", "172.16.2.8", "b8.lab" },
		{ "b.lab 172.16.2\na.lab 172.16.2.0/29", "172.16.2.7", "b7.lab" },
		{ "c 172.16.2\na.lab 172.16.2", "172.16.2.7", "a7.lab" },
		{ "a.lab 10.1\nb.lab fd00::/64", "fd00::7", "b7.lab" },
		/* the name belongs to an earlier rule, which gives another address */
		{ "ws.lab 172.16.2\nws.lab 172.16.3", "172.16.3.7", "no name" },
		{ "ws.lab 172.16.2.0/29\nws.lab 172.16.3", "172.16.3.7", "no name" },
		{ "ws.lab 172.16.2.0/29\nws.lab 172.16.3", "172.16.3.8", "ws8.lab" },
		{ "ws 172.16.2\nws.lab 172.16.3", "172.16.3.7", "no name" },
		{ "n%d.lab 10.2\nn%x.lab 10.1", "10.1.0.16", "no name" },
		{ "n%d.lab 10.2\nn%x.lab 10.1", "10.1.0.26", "n1a.lab" },
		{ "n%d.lab 172.16.2\nn%x.lab 10.1", "10.1.2.86", "n256.lab" },
		/* ... and a later rule's name leads back */
		{ "ws.lab 172.16.2\nws.lab 172.16.3\nx.lab 172.16.3", "172.16.3.7", "x7.lab" },
		/* an earlier rule of the other family is no hindrance */
		{ "ws.lab fd00::/64\nws.lab 172.16.3", "172.16.3.7", "ws7.lab" },
	};
	struct complaint c;
	size_t i;
	const char *got;

	for (i = 0; i < COUNT(table); i++) {
		rules_clear(&rules);
		OK(rules_parse(&rules, table[i].rules, strlen(table[i].rules), &c), "\"%s\" is not taken: %s: %s", table[i].rules, c.what, c.why);
		rules_index(&rules);
		got = reverse(table[i].address);
		OK(strcmp(got, table[i].want) == 0, "\"%s\", %s: expected %s, came %s", table[i].rules, table[i].address, table[i].want, got);
		if (strchr(got, '.'))
			OK(strstr(forward(got), table[i].address) || strchr(table[i].address, ':'),
			    "\"%s\": %s is %s, which is %s", table[i].rules, table[i].address, got, forward(got));
	}
}

/* ---- Room 5 against a model ---------------------------------------------- */

/* The rules once more, without an index: each is tried in turn. */
struct model { const char *prefix, *suffix, *domain; int form, family; unsigned width; struct num first, last, low; };

static struct model model[64];
static unsigned models;

static bool
model_match(const struct model *m, const char *name, struct num *a)
{
	char label[64], *p;
	size_t len = strcspn(name, "."), digits, i;
	const char *rest = name[len] ? name + len + 1 : name + len;
	unsigned long v = 0;
	enum family f;

	memcpy(label, name, len);
	label[len] = 0;
	if (*m->domain && strcmp(rest, m->domain) != 0)
		return false;
	if (len < strlen(m->prefix) + strlen(m->suffix) + 1 || strncmp(label, m->prefix, strlen(m->prefix)) != 0 ||
	    strcmp(label + len - strlen(m->suffix), m->suffix) != 0)
		return false;
	label[len - strlen(m->suffix)] = 0;
	p = label + strlen(m->prefix);
	if (m->form == ADDRESS) {
		for (i = 0; p[i]; i++)
			if (p[i] == '-')
				p[i] = m->family == V4 ? '.' : ':';
		return pton(p, &f, a) && (int)f == m->family && num_cmp(*a, m->first) >= 0 && num_cmp(*a, m->last) <= 0;
	}
	digits = strspn(p, m->form == HEX ? "0123456789abcdef" : "0123456789");
	if (p[digits] || digits > 9)
		return false;
	v = strtoul(p, NULL, m->form == HEX ? 16 : 10);
	if (v < m->low.lo || v - m->low.lo > m->last.lo - m->first.lo)
		return false;
	*a = m->first;
	a->lo += v - m->low.lo;
	return true;
}

/* The address, or false: the first rule of the family. */
static bool
model_forward(const char *name, int family, struct num *a)
{
	unsigned i;

	for (i = 0; i < models; i++)
		if (model[i].family == family && model_match(model + i, name, a))
			return true;
	return false;
}

static void
model_name(const struct model *m, struct num a, char *out)
{
	char text[64], *p;
	unsigned n = (unsigned)(a.lo - m->first.lo + m->low.lo);

	if (m->form == ADDRESS) {
		strcpy(text, show_address(m->family, a));
		for (p = text; *p; p++)
			if (*p == '.' || *p == ':')
				*p = '-';
	} else
		sprintf(text, m->form == HEX ? "%0*x" : "%0*u", (int)(m->width ? m->width : 1), n);
	sprintf(out, "%s%s%s.%s", m->prefix, text, m->suffix, m->domain);
}

static void
model_rule(struct model *m, char *pattern, char *network)
{
	static const char *const prefixes[] = { "n", "n1", "na", "na-", "" }, *const suffixes[] = { "", "", "-m", "z" },
	    *const domains[] = { "", "lab", "lab", "a.lab" };
	unsigned k = 0, at, size, bits;
	char width[8] = "", first[64];

	memset(m, 0, sizeof *m);
	m->prefix = prefixes[chance(COUNT(prefixes))];
	m->suffix = suffixes[chance(COUNT(suffixes))];
	m->domain = domains[chance(COUNT(domains))];
	m->form = (int)chance(5) / 2;
	m->family = chance(3) == 0;
	if (m->form != ADDRESS && chance(3) == 0) {
		m->width = 2 + chance(2);
		sprintf(width, "0%u", m->width);
	}
	sprintf(pattern, "%s%%%s%c%s%s%s", m->prefix, width, "dxa"[m->form], m->suffix, *m->domain ? "." : "", m->domain);
	/* All within one space of 256 addresses, so that they overlap. */
	m->first = m->family == V4 ? number(0, 0x0a000000) : number(UINT64_C(0xfd00000000000000), 0);
	m->last = m->first;
	if (chance(2)) {
		/* an example needs a domain, decimal digits at the end, and none before them */
		if (m->form == DECIMAL && *m->domain && !*m->suffix && strcmp(m->prefix, "n1") != 0 && chance(2)) {
			k = chance(60);
			sprintf(pattern, "%s%0*u.%s", m->prefix, (int)(m->width ? m->width : 1), k, m->domain);
			/* a number of as many digits without a zero before it asks for no width */
			if (m->width && k >= (m->width == 2 ? 10u : 100u))
				m->width = 0;
		}
		at = chance(250);
		size = 1 + chance(chance(2) ? 6 : 256 - at);
		if (at + size > 256)
			size = 256 - at;
		m->first.lo += at;
		m->last.lo += at + size - 1;
		m->low.lo = k;
		strcpy(first, show_address(m->family, m->first));
		sprintf(network, "%s-%s", first, show_address(m->family, m->last));
	} else {
		bits = chance(9);
		at = chance(256) >> bits << bits;
		m->first.lo += at;
		m->last.lo += at + (1u << bits) - 1;
		sprintf(network, "%s/%u", show_address(m->family, m->first), (m->family == V4 ? 32 : 128) - bits);
	}
}

static void
test_model(void)
{
	static const char *const tails[] = { "", "", "", "-m", "z", "-" }, *const domains[] = { "", ".lab", ".lab", ".a.lab", ".b.lab" },
	    *const heads[] = { "n", "n1", "na", "na-", "", "m" };
	char pattern[128], network[128], name[256], want[160], written[256], all[8192];
	unsigned set, i, j, n, f, holders, holds = 0;
	uint16_t by;
	struct num a[2], base;
	bool has[2], good;
	struct found found;
	uint8_t wire[256], out[NAME_MAX_WIRE];
	size_t len;

	for (set = 0; set < 400; set++) {
		rules_clear(&rules);
		models = 1 + chance(set % 4 ? 12 : 60);
		all[0] = 0;
		for (i = 0; i < models; i++) {
			model_rule(model + i, pattern, network);
			OK(add(pattern, network), "%s %s: not taken", pattern, network);
			if (strlen(all) < sizeof all - 300)
				sprintf(all + strlen(all), "\n\t%s %s", pattern, network);
		}
		rules_index(&rules);

		/* forward: names around what the rules hold */
		for (n = 0; n < 700; n++) {
			const char *head = heads[chance(COUNT(heads))];
			char number_text[64];
			unsigned v = chance(n % 5 ? 260 : 70000);

			switch (chance(6)) {
			case 0:
				sprintf(number_text, "%x", v);
				break;
			case 1:
				sprintf(number_text, "%04u", v);
				break;
			case 2:
				sprintf(number_text, "10-0-0-%u", v);
				break;
			case 3:
				sprintf(number_text, v % 2 ? "fd00--%x" : "fd00-0-0-0-0-0-0-%x", v);
				break;
			default:
				sprintf(number_text, "%u", v);
			}
			sprintf(name, "%s%s%s%s", head, number_text, tails[chance(COUNT(tails))], domains[chance(COUNT(domains))]);
			strcpy(want, "-");
			for (f = 0; f < 2; f++)
				has[f] = model_forward(name, (int)f, a + f);
			if (has[0] && has[1])
				sprintf(want, "%s %s", show_address(0, a[0]), show_address(1, a[1]));
			else if (has[0] || has[1])
				strcpy(want, show_address(has[1], a[has[1]]));
			OK(strcmp(forward(name), want) == 0, "%s: expected %s, came %s, of%s", name, want, forward(name), all);
		}

		/* reverse: every address that a rule may hold, and some more */
		for (f = 0; f < 2; f++)
			for (n = 0; n < 260; n++) {
				base = f == V4 ? number(0, 0x0a000000) : number(UINT64_C(0xfd00000000000000), 0);
				base = number(base.hi, base.lo + n);
				/* the first rule that holds it and whose name leads back */
				for (j = holders = 0; j < models; j++)
					if (model[j].family == (int)f && *model[j].domain && num_cmp(base, model[j].first) >= 0 && num_cmp(base, model[j].last) <= 0) {
						if (holders++ == 0)
							holds = j;
						model_name(model + j, base, written);
						if (model_forward(written, (int)f, a) && same_num(a[0], base))
							break;
					}
				len = 999;
				good = rules_reverse(&rules, (enum family)f, base, out, &len, &by);
				OK(by == (holders ? (j == models ? holds : j) : NO_RULE), "%s: by rule %u, of%s", show_address((int)f, base), by, all);
				OK(good == (holders > 0), "%s: rules_reverse expected %d, came %d, of%s", show_address((int)f, base), holders > 0, good, all);
				if (!good || !holders)
					continue;
				if (j == models) {
					OK(len == 0, "%s: every name belongs to an earlier rule, and yet there is a PTR, of%s", show_address((int)f, base), all);
					continue;
				}
				OK(len == wname(written, wire) && memcmp(out, wire, len) == 0, "%s: expected %s, came %u octets, of%s",
				    show_address((int)f, base), written, (unsigned)len, all);
				if (len == 0 || len > sizeof out)
					continue;
				memset(&found, 0xee, sizeof found);
				OK(rules_forward(&rules, out, &found) && found.rule[f] != NO_RULE && same_num(found.addr[f], base),
				    "%s is %s, which isn't it, of%s", show_address((int)f, base), written, all);
			}
		/* what each rule writes, asked for directly */
		for (i = 0; i < models; i++)
			if (*model[i].domain) {
				struct num mid = model[i].first;

				mid.lo += chance((uint32_t)(model[i].last.lo - model[i].first.lo + 1));
				model_name(model + i, mid, written);
				len = rule_name(&rules, i, mid, out);
				OK(len == wname(written, wire) && memcmp(out, wire, len) == 0, "rule_name %u of %s: expected %s, of%s", i, show_address(model[i].family, mid), written, all);
			}
	}
}

/* ---- Room 6: answers ----------------------------------------------------- */

/* What the questions below are asked of. */
static const char answer_rules[] =
    "workstation123.mohit.com 172.16.2\n"
    "both.lab 172.16.3\n"
    "both.lab fd00:2::/64\n"
    "six.lab fd00:3::/64\n"
    "any 172.16.9\n"
    "shade.lab 172.16.4\n"
    "shade.lab 172.16.5\n"
    "ip-%a.lab 172.30.1\n";

static struct counters counters;
static struct view view;
static struct client client;

static void
answer_setup(void)
{
	struct complaint c;

	rules_clear(&rules);
	OK(rules_parse(&rules, answer_rules, sizeof answer_rules - 1, &c), "%s: %s", c.what, c.why);
	rules_index(&rules);
	memset(&counters, 0, sizeof counters);
	memset(&view, 0, sizeof view);
	view.rules = &rules;
	view.ttl = 60;
	view.counters = &counters;
	memset(&client, 0, sizeof client);
	client.from.family = V4;
	client.from.addr = addr("192.0.2.9");
	client.from.port = 40000;
}

static struct reason why;

/* Asks, and says what came of it: "silence", "forward", or the reply as text. */
static const char *
asked(const uint8_t *msg, size_t len)
{
	uint8_t *copy = exact(msg, len), *first = exact("", 0), *out = exact("", 0);
	struct writer w = { NULL, OWN_MAX, 0, false }, x = { NULL, OWN_MAX, 0, false };
	static char note[80];
	struct reason again;
	const char *text;
	enum verdict verdict, second;

	free(first);
	free(out);
	first = malloc(OWN_MAX);
	out = malloc(OWN_MAX);
	if (!first || !out)
		exit(1);
	/* Different rubbish in both, so that an octet that was never written shows. */
	memset(first, 0x55, OWN_MAX);
	memset(out, 0xaa, OWN_MAX);
	w.msg = first;
	x.msg = out;
	memset(&why, 0x55, sizeof why);
	memset(&again, 0xaa, sizeof again);
	verdict = answer(&view, &client, copy, len, &w, &why);
	second = answer(&view, &client, copy, len, &x, &again);
	OK(memcmp(copy, msg, len) == 0, "answer changes the question");
	OK(verdict == second && (verdict != REPLY || (w.len == x.len && memcmp(first, out, w.len) == 0)), "answer: twice the same, twice another reply");
	text = "silence";
	if (verdict == FORWARD)
		text = "forward";
	else if (verdict == REPLY) {
		text = show(first, w.len);
		if (w.bad)
			text = "reply, and the writer is bad";
		else if (w.len < 12 || memcmp(first, msg, 2) != 0)
			text = "reply with another id";
		else if (w.len > 512 && !client.tcp && !why.question.opt) {
			sprintf(note, "%u octets to a client that takes 512", (unsigned)w.len);
			text = note;
		}
	}
	/* `why` points into the copy. */
	why.question.name = NULL;
	free(copy);
	free(first);
	free(out);
	return text;
}

enum { RD = 0x0100, AD = 0x0020, CD = 0x0010, Z = 0x0040, TC = 0x0200, AA = 0x0400 };
#define EDNS(size) (0x1000000ul | (size))
#define DO 0x10000ul
#define VERSION(n) ((unsigned long)(n) << 17)

/* A question message; returns its length. */
static size_t
ask(const char *name, unsigned type, unsigned class, unsigned flags, unsigned long edns, uint8_t *msg)
{
	static const uint8_t start[] = { 0xbe, 0xef, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	size_t n = 12;

	memcpy(msg, start, 12);
	msg[2] = (uint8_t)(flags >> 8);
	msg[3] = (uint8_t)flags;
	n += wname(name, msg + n);
	msg[n++] = (uint8_t)(type >> 8);
	msg[n++] = (uint8_t)type;
	msg[n++] = (uint8_t)(class >> 8);
	msg[n++] = (uint8_t)class;
	if (edns) {
		msg[11] = 1;
		msg[n++] = 0;
		msg[n++] = 0;
		msg[n++] = 41;
		msg[n++] = (uint8_t)(edns >> 8);
		msg[n++] = (uint8_t)edns;
		msg[n++] = 0;
		msg[n++] = (uint8_t)(edns >> 17 & 0x7f);
		msg[n++] = edns & DO ? 0x80 : 0;
		msg[n++] = 0;
		msg[n++] = 0;
		msg[n++] = 0;
	}
	return n;
}

#define SOA(name) name " SOA IN 60 " name " nobody.invalid 1 3600 1200 604800 60"
#define WS10 "workstation10.mohit.com"
#define R10 "10.2.16.172.in-addr.arpa"
#define R6 "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.0.0.0.0.0.d.f.ip6.arpa"

static void
test_answers(void)
{
	static const struct { const char *name; unsigned type, class, flags; unsigned long edns; const char *want; } table[] = {
		/* the types of SPEC section 2 */
		{ WS10, 1, 1, RD, 0, "8580 " WS10 " A IN; an " WS10 " A IN 60 172.16.2.10" },
		{ WS10, 1, 1, 0, 0, "8480 " WS10 " A IN; an " WS10 " A IN 60 172.16.2.10" },
		{ WS10, 28, 1, RD, 0, "8580 " WS10 " AAAA IN; ns " SOA(WS10) },
		{ WS10, 255, 1, RD, 0, "8580 " WS10 " ANY IN; an " WS10 " A IN 60 172.16.2.10" },
		{ WS10, 6, 1, RD, 0, "8580 " WS10 " SOA IN; an " SOA(WS10) },
		{ WS10, 15, 1, RD, 0, "8580 " WS10 " MX IN; ns " SOA(WS10) },
		{ WS10, 2, 1, RD, 0, "8580 " WS10 " NS IN; ns " SOA(WS10) },
		{ WS10, 16, 1, RD, 0, "8580 " WS10 " TXT IN; ns " SOA(WS10) },
		{ WS10, 12, 1, RD, 0, "8580 " WS10 " PTR IN; ns " SOA(WS10) },
		{ WS10, 65, 1, RD, 0, "8580 " WS10 " TYPE65 IN; ns " SOA(WS10) },
		{ WS10, 1000, 1, RD, 0, "8580 " WS10 " TYPE1000 IN; ns " SOA(WS10) },
		{ WS10, 65535, 1, RD, 0, "8580 " WS10 " TYPE65535 IN; ns " SOA(WS10) },
		{ WS10, 0, 1, RD, 0, "8580 " WS10 " TYPE0 IN; ns " SOA(WS10) },
		{ "both7.lab", 1, 1, RD, 0, "8580 both7.lab A IN; an both7.lab A IN 60 172.16.3.7" },
		{ "both7.lab", 28, 1, RD, 0, "8580 both7.lab AAAA IN; an both7.lab AAAA IN 60 fd00:2::7" },
		{ "both7.lab", 255, 1, RD, 0, "8580 both7.lab ANY IN; an both7.lab A IN 60 172.16.3.7; an both7.lab AAAA IN 60 fd00:2::7" },
		{ "both7.lab", 15, 1, RD, 0, "8580 both7.lab MX IN; ns " SOA("both7.lab") },
		{ "both300.lab", 1, 1, RD, 0, "8580 both300.lab A IN; ns " SOA("both300.lab") },
		{ "both300.lab", 255, 1, RD, 0, "8580 both300.lab ANY IN; an both300.lab AAAA IN 60 fd00:2::12c" },
		{ "six7.lab", 28, 1, RD, 0, "8580 six7.lab AAAA IN; an six7.lab AAAA IN 60 fd00:3::7" },
		{ "six7.lab", 1, 1, RD, 0, "8580 six7.lab A IN; ns " SOA("six7.lab") },
		{ "any7", 1, 1, RD, 0, "8580 any7 A IN; an any7 A IN 60 172.16.9.7" },
		{ "any7.example.org", 1, 1, RD, 0, "8580 any7.example.org A IN; an any7.example.org A IN 60 172.16.9.7" },

		/* the question's own octets come back */
		{ "WorkStation010.mOHIT.com", 1, 1, RD, 0, "8580 WorkStation010.mOHIT.com A IN; an WorkStation010.mOHIT.com A IN 60 172.16.2.10" },
		{ "BOTH7.Lab", 15, 1, RD, 0, "8580 BOTH7.Lab MX IN; ns " SOA("BOTH7.Lab") },

		/* flags: RD copied; RA set; AD, CD, Z clear; TC ignored */
		{ "any7", 1, 1, RD | AD | CD | Z | TC | AA | 0x80, 0, "8580 any7 A IN; an any7 A IN 60 172.16.9.7" },
		{ "any7", 1, 1, AD | CD | Z | TC | AA | 0x80, 0, "8480 any7 A IN; an any7 A IN 60 172.16.9.7" },
		{ "any7", 1, 1, RD | 15, 0, "8580 any7 A IN; an any7 A IN 60 172.16.9.7" },
		{ "any7", 28, 1, RD | TC, 0, "8580 any7 AAAA IN; ns " SOA("any7") },
		{ "elsewhere.org", 1, 1, RD | TC, 0, "forward" },

		/* OPT */
		{ "any7", 1, 1, RD, EDNS(1232), "8580 any7 A IN; an any7 A IN 60 172.16.9.7; ar OPT 1232 0 0 0000" },
		{ "any7", 1, 1, RD, EDNS(4096) | DO, "8580 any7 A IN; an any7 A IN 60 172.16.9.7; ar OPT 1232 0 0 8000" },
		{ "any7", 1, 1, RD, EDNS(0), "8580 any7 A IN; an any7 A IN 60 172.16.9.7; ar OPT 1232 0 0 0000" },
		{ "any7", 28, 1, 0, EDNS(65535) | DO, "8480 any7 AAAA IN; ns " SOA("any7") "; ar OPT 1232 0 0 8000" },
		{ "any7", 1, 1, RD, EDNS(1232) | VERSION(1), "8180 any7 A IN; ar OPT 1232 1 0 0000" },
		{ "any7", 1, 1, 0, EDNS(1232) | VERSION(100) | DO, "8080 any7 A IN; ar OPT 1232 1 0 8000" },

		/* AXFR, IXFR */
		{ WS10, 252, 1, 0, 0, "8085 " WS10 " AXFR IN" },
		{ "mohit.com", 252, 1, RD, 0, "8185 mohit.com AXFR IN" },
		{ "elsewhere.org", 252, 1, 0, EDNS(1232), "8085 elsewhere.org AXFR IN; ar OPT 1232 0 0 0000" },
		{ "elsewhere.org", 251, 1, 0, 0, "8085 elsewhere.org IXFR IN" },

		/* misses */
		{ "elsewhere.org", 1, 1, RD, 0, "forward" },
		{ "elsewhere.org", 1, 1, RD, EDNS(1232) | DO, "forward" },
		{ "", 2, 1, RD, 0, "forward" },
		{ "", 6, 1, 0, EDNS(1232), "forward" },
		{ "mohit.com", 1, 1, RD, 0, "forward" },
		{ "workstation999.mohit.com", 1, 1, RD, 0, "forward" },
		{ "workstation10.lan", 1, 1, RD, 0, "forward" },
		{ "workstation.mohit.com", 1, 1, RD, 0, "forward" },
		{ "any", 1, 1, RD, 0, "forward" },
		{ WS10, 1, 3, RD, 0, "forward" },
		{ WS10, 1, 4, RD, 0, "forward" },
		{ WS10, 1, 0, RD, 0, "forward" },
		{ WS10, 1, 254, RD, 0, "forward" },
		{ WS10, 16, 3, RD, 0, "forward" },
		{ "version.bind", 16, 3, RD, 0, "forward" },
		{ "version.dyndns", 16, 1, RD, 0, "forward" },
		{ "version.dyndns", 1, 3, RD, 0, "forward" },
		{ "x.version.dyndns", 16, 3, RD, 0, "forward" },
		{ "version", 16, 3, RD, 0, "forward" },
		{ "stats.dyndns", 16, 1, RD, 0, "forward" },
		{ "stats.dyndns.org", 16, 3, RD, 0, "forward" },

		/* reverse names */
		{ R10, 12, 1, RD, 0, "8580 " R10 " PTR IN; an " R10 " PTR IN 60 " WS10 },
		{ R10, 12, 1, 0, EDNS(1232), "8480 " R10 " PTR IN; an " R10 " PTR IN 60 " WS10 "; ar OPT 1232 0 0 0000" },
		{ "10.2.16.172.IN-ADDR.Arpa", 12, 1, RD, 0, "8580 10.2.16.172.IN-ADDR.Arpa PTR IN; an 10.2.16.172.IN-ADDR.Arpa PTR IN 60 " WS10 },
		{ R10, 1, 1, RD, 0, "8580 " R10 " A IN; ns " SOA(R10) },
		{ R10, 28, 1, RD, 0, "8580 " R10 " AAAA IN; ns " SOA(R10) },
		{ R10, 16, 1, RD, 0, "8580 " R10 " TXT IN; ns " SOA(R10) },
		{ R6, 12, 1, RD, 0, "8580 " R6 " PTR IN; an " R6 " PTR IN 60 six7.lab" },
		{ R6, 28, 1, RD, 0, "8580 " R6 " AAAA IN; ns " SOA(R6) },
		{ "7.4.16.172.in-addr.arpa", 12, 1, RD, 0, "8580 7.4.16.172.in-addr.arpa PTR IN; an 7.4.16.172.in-addr.arpa PTR IN 60 shade7.lab" },
		/* every name it might have is another address's */
		{ "7.5.16.172.in-addr.arpa", 12, 1, RD, 0, "8580 7.5.16.172.in-addr.arpa PTR IN; ns " SOA("7.5.16.172.in-addr.arpa") },
		/* a dotless rule has no one name */
		{ "7.9.16.172.in-addr.arpa", 12, 1, RD, 0, "forward" },
		{ "7.9.16.172.in-addr.arpa", 1, 1, RD, 0, "forward" },
		{ "1.2.0.192.in-addr.arpa", 12, 1, RD, 0, "forward" },
		{ "2.16.172.in-addr.arpa", 12, 1, RD, 0, "forward" },
		{ "2.16.172.in-addr.arpa", 6, 1, RD, 0, "forward" },
		{ "010.2.16.172.in-addr.arpa", 12, 1, RD, 0, "forward" },
		{ R10, 12, 3, RD, 0, "forward" },
	};
	uint8_t msg[600];
	const char *got;
	size_t i, len;
	bool hit;

	answer_setup();
	for (i = 0; i < COUNT(table); i++) {
		len = ask(table[i].name, table[i].type, table[i].class, table[i].flags, table[i].edns, msg);
		client.tcp = false;
		got = asked(msg, len);
		OK(strcmp(got, table[i].want) == 0, "%s, type %u, class %u, flags %04x, edns %lx:\n\texpected %s\n\tcame     %s",
		    table[i].name, table[i].type, table[i].class, table[i].flags, table[i].edns, table[i].want, got);
		/* A version we don't speak is asked no further, so it may or may not be called a hit. */
		if (!(table[i].edns >> 17 & 0x7f)) {
			hit = strncmp(table[i].want, "8580", 4) == 0 || strncmp(table[i].want, "8480", 4) == 0;
			OK(why.hit == hit, "%s, type %u: expected hit %d, came %d", table[i].name, table[i].type, hit, why.hit);
			OK((why.rule != NO_RULE) == hit, "%s, type %u: hit %d by rule %u", table[i].name, table[i].type, hit, why.rule);
			if (strcmp(got, "forward") != 0)
				OK(why.rcode == (hit ? 0 : 5), "%s, type %u: rcode %u", table[i].name, table[i].type, why.rcode);
		} else
			OK(why.rcode == RCODE_BADVERS, "%s, version %lu: rcode %u", table[i].name, table[i].edns >> 17 & 0x7f, why.rcode);
		OK(why.question.type == table[i].type && why.question.class == table[i].class && why.question.opt == !!table[i].edns &&
		    why.question.end == len - (table[i].edns ? 11 : 0), "%s, type %u: the question was misread", table[i].name, table[i].type);
		/* TCP makes no difference to what is said. */
		client.tcp = true;
		got = asked(msg, len);
		OK(strcmp(got, table[i].want) == 0, "%s, type %u, by TCP:\n\texpected %s\n\tcame     %s", table[i].name, table[i].type, table[i].want, got);
	}
	client.tcp = false;

	/* The rule that is named. */
	asked(msg, ask("both7.lab", 1, 1, RD, 0, msg));
	OK(why.rule == 1, "both7.lab A is answered by rule %u", why.rule);
	asked(msg, ask("both7.lab", 28, 1, RD, 0, msg));
	OK(why.rule == 2, "both7.lab AAAA is answered by rule %u", why.rule);
	asked(msg, ask(WS10, 28, 1, RD, 0, msg));
	OK(why.rule == 0, WS10 " AAAA is answered by rule %u", why.rule);

	/* The TTL is the view's, in the SOA too. */
	view.ttl = 0;
	got = asked(msg, ask("any7", 1, 1, RD, 0, msg));
	OK(strcmp(got, "8580 any7 A IN; an any7 A IN 0 172.16.9.7") == 0, "TTL 0: came %s", got);
	view.ttl = TTL_MAX;
	got = asked(msg, ask("any7", 28, 1, RD, 0, msg));
	OK(strcmp(got, "8580 any7 AAAA IN; ns any7 SOA IN 604800 any7 nobody.invalid 1 3600 1200 604800 604800") == 0, "TTL 604800: came %s", got);
}

/* Messages as octets; H is the header up to the counts. */
#define H "beef 0100 "
#define NAME "'any7' 00 "
#define Q NAME "0001 0001 "
#define OPT "00 0029 1000 00000000 0000 "
#define FORM "8181"
#define FORM_Q "8181 any7 A IN"
#define GOOD "8580 any7 A IN; an any7 A IN 60 172.16.9.7"
#define GOOD_OPT GOOD "; ar OPT 1232 0 0 0000"

static void
test_messages(void)
{
	/* `want` may leave out a trailing OPT where the question had one that can't be trusted. */
	static const struct { const char *msg, *want; } table[] = {
		{ "", "silence" },
		{ "be", "silence" },
		{ "beef 0100 0001 0000 0000 00", "silence" },
		{ H "0001 0000 0000 0000 " Q, GOOD },
		{ "beef 8100 0001 0000 0000 0000 " Q, "silence" },
		{ "beef 8000 0000 0000 0000 0000", "silence" },
		{ "beef f900 0001 0000 0000 0000 " Q, "silence" },

		/* opcodes: header only, RD and AA clear, the opcode stays */
		{ "beef 0900 0001 0000 0000 0000 " Q, "8884" },
		{ "beef 1500 0001 0000 0000 0000 " Q, "9084" },
		{ "beef 2700 0001 0000 0000 0000 " Q, "a084" },
		{ "beef 2970 0001 0000 0000 0001 " Q OPT, "a884" },
		{ "beef 7fff 0001 0000 0000 0000 " Q, "f884" },
		{ "beef 2800 0000 0000 0000 0000", "a884" },
		{ "beef 2800 0001 0000 0000 0000 " "ff", "a884" },

		/* not exactly one question */
		{ H "0000 0000 0000 0000", FORM },
		{ H "0000 0000 0000 0000 " Q, FORM },
		{ H "0000 0000 0000 0001 " OPT, FORM },
		{ H "0002 0000 0000 0000 " Q Q, FORM },
		{ H "0002 0000 0000 0000 " Q, FORM },
		{ H "0100 0000 0000 0000 " Q, FORM },
		{ H "ffff 0000 0000 0000 " Q, FORM },

		/* names */
		{ H "0001 0000 0000 0000", FORM },
		{ H "0001 0000 0000 0000 'any7'", FORM },
		{ H "0001 0000 0000 0000 " NAME, FORM },
		{ H "0001 0000 0000 0000 " NAME "0001", FORM },
		{ H "0001 0000 0000 0000 " NAME "0001 00", FORM },
		{ H "0001 0000 0000 0000 c00c 0001 0001", FORM },
		{ H "0001 0000 0000 0000 'any7' c00c 0001 0001", FORM },
		{ H "0001 0000 0000 0000 'any7' c000 0001 0001", FORM },
		{ H "0001 0000 0000 0000 'any7' 40 00 0001 0001", FORM },
		{ H "0001 0000 0000 0000 'any7' 80 00 0001 0001", FORM },

		/* counts that the octets don't bear out */
		{ H "0001 0001 0000 0000 " Q, FORM_Q },
		{ H "0001 0000 0001 0000 " Q, FORM_Q },
		{ H "0001 0000 0000 0001 " Q, FORM_Q },
		{ H "0001 ffff ffff ffff " Q, FORM_Q },
		{ H "0001 0000 0000 0002 " Q OPT, FORM_Q },
		{ H "0001 0000 0000 0000 " Q OPT, FORM_Q },
		{ H "0001 0000 0000 0000 " Q "00", FORM_Q },
		{ H "0001 0000 0000 0001 " Q OPT "00", FORM_Q },
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 00000000 0001", FORM_Q },
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 00000000 ffff", FORM_Q },
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 00000000 0004 000a 0001", FORM_Q },	/* an option cut */
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 00000000 0003 000a 00", FORM_Q },
		{ H "0001 0000 0000 0001 " Q "40 0029 1000 00000000 0000", FORM_Q },

		/* OPT: one, at the root */
		{ H "0001 0000 0000 0001 " Q OPT, GOOD_OPT },
		{ H "0001 0000 0000 0002 " Q OPT OPT, FORM_Q },
		{ H "0001 0000 0000 0003 " Q OPT NAME "0001 0001 00000000 0000 " OPT, FORM_Q },
		{ H "0001 0000 0000 0001 " Q "'a' 00 0029 1000 00000000 0000", FORM_Q },
		{ H "0001 0000 0000 0001 " Q "c00c 0029 1000 00000000 0000", FORM_Q },
		/* options are nothing to us: a cookie, padding, an unknown one */
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 00000000 000c 000a 0008 0102030405060708", GOOD_OPT },
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 00000000 000a 000c 0002 0000 0064 0000", GOOD_OPT },
		/* unknown EDNS flags are not copied (RFC 8906 section 8.2.5) */
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 0000 ffff 0000", GOOD "; ar OPT 1232 0 0 8000" },
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 0000 7fff 0000", GOOD_OPT },
		/* the extended rcode of a question means nothing */
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 ff00 0000 0000", GOOD_OPT },
		{ H "0001 0000 0000 0001 " Q "00 0029 1000 00ff 0000 0000", "8180 any7 A IN; ar OPT 1232 1 0 0000" },

		/* other records are borne */
		{ H "0001 0000 0000 0001 " Q "c00c 0001 0001 00000000 0004 01020304", GOOD },
		{ H "0001 0000 0000 0002 " Q "'a' c00c 0001 0001 00000000 0000 " OPT, GOOD_OPT },
		{ H "0001 0000 0001 0000 'any7'00 00fb 0001 c00c 0006 0001 00000000 0016 00 00 00000001 00000e10 000004b0 00093a80 0000003c", "8185 any7 IXFR IN" },
		/* TSIG on a miss is upstream's business */
		{ H "0001 0000 0000 0001 'elsewhere' 00 0001 0001 'key' 00 00fa 00ff 00000000 0002 abcd", "forward" },
		{ H "0001 0000 0000 0001 'elsewhere' 00 0001 0001 " OPT, "forward" },
		/* names of any octets */
		{ H "0001 0000 0000 0000 04 00ff2e20 00 0001 0001", "forward" },
		{ H "0001 0000 0000 0000 05 \"any7\" 00 00 0001 0001", "forward" },
		{ H "0001 0000 0000 0000 00 0001 0001", "forward" },
	};
	static const struct { unsigned labels, octets, last; bool good; } longs[] = {
		{ 3, 63, 61, true }, { 3, 63, 62, false }, { 127, 1, 0, true }, { 128, 1, 0, false },
	};
	uint8_t raw[QUESTION_MAX + 64];
	const char *got;
	size_t i, len, cut, end, want_len;

	answer_setup();
	for (i = 0; i < COUNT(table); i++) {
		len = bytes(table[i].msg, raw);
		got = asked(raw, len);
		want_len = strlen(table[i].want);
		if (strncmp(table[i].want, FORM, 4) == 0)
			OK(strncmp(got, table[i].want, want_len) == 0 && (!got[want_len] || (strncmp(got + want_len, "; ar OPT 1232 0 0", 17) == 0 &&
			    strstr(table[i].msg, "0029"))), "%s:\n\texpected %s\n\tcame     %s", table[i].msg, table[i].want, got);
		else
			OK(strcmp(got, table[i].want) == 0, "%s:\n\texpected %s\n\tcame     %s", table[i].msg, table[i].want, got);
		if (got[0] == '8' || got[0] == '9' || got[0] == 'a')
			OK(why.rcode % 16 == (unsigned)(got[3] - '0'), "%s: reason %u, reply %s", table[i].msg, why.rcode, got);
	}
	for (i = 0; i < COUNT(longs); i++) {
		len = bytes(H "0001 0000 0000 0000 ", raw);
		len += long_name(longs[i].labels, longs[i].octets, longs[i].last, raw + len);
		len += bytes("0001 0001", raw + len);
		got = asked(raw, len);
		OK(strcmp(got, longs[i].good ? "forward" : FORM) == 0, "a name of %u octets: came %s", (unsigned)len - 16, got);
	}

	/* Cut at every octet. */
	len = bytes(H "0001 0000 0000 0001 " Q "00 0029 1000 00008000 000c 000a 0008 0102030405060708", raw);
	end = 12 + 6 + 4;
	for (cut = 0; cut < len; cut++) {
		got = asked(raw, cut);
		if (cut < 12)
			OK(strcmp(got, "silence") == 0, "cut to %u octets: expected silence, came %s", (unsigned)cut, got);
		else if (cut < end)
			OK(strcmp(got, FORM) == 0, "cut to %u octets: expected " FORM ", came %s", (unsigned)cut, got);
		else
			OK(strncmp(got, FORM_Q, strlen(FORM_Q)) == 0, "cut to %u octets: expected " FORM_Q ", came %s", (unsigned)cut, got);
	}

	/* As long as a question may be, and one octet more. */
	for (i = 0; i < 2; i++) {
		size_t pad = QUESTION_MAX - 22 - 11 - 4 + i;

		len = bytes(H "0001 0000 0000 0001 " Q "00 0029 1000 00000000 ", raw);
		raw[len++] = (uint8_t)((pad + 4) >> 8);
		raw[len++] = (uint8_t)(pad + 4);
		len += bytes("000c", raw + len);
		raw[len++] = (uint8_t)(pad >> 8);
		raw[len++] = (uint8_t)pad;
		memset(raw + len, 0, pad);
		len += pad;
		got = asked(raw, len);
		OK(strncmp(got, i ? FORM_Q : GOOD_OPT, strlen(i ? FORM_Q : GOOD_OPT)) == 0, "a question of %u octets: came %s", (unsigned)len, got);
	}
}

static void
test_clients(void)
{
	bool loopback;
	static const struct { unsigned port; bool tcp, silent; } ports[] = {
		{ 0, false, true }, { 1, false, true }, { 7, false, true }, { 19, false, true }, { 52, false, true }, { 53, false, false },
		{ 54, false, true }, { 123, false, true }, { 1023, false, true }, { 1024, false, false }, { 65535, false, false },
		{ 0, true, false }, { 7, true, false }, { 53, true, false }, { 1023, true, false },
	};
	static const struct { const char *from; bool good; } froms[] = {
		{ "10.0.0.0", true }, { "10.255.255.255", true }, { "9.255.255.255", false }, { "11.0.0.0", false },
		{ "192.0.2.9", true }, { "192.0.2.8", false }, { "192.0.2.10", false },
		{ "fd00::1", true }, { "fd00:0:0:0:ffff:ffff:ffff:ffff", true }, { "fd00:0:0:1::", false }, { "fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
		{ "::10.0.0.1", false },	/* the same number, another family */
		{ "::ffff:10.0.0.1", false },
	};
	static const char *const nets[] = { "10.0.0.0/8", "192.0.2.9", "fd00::/64" };
	static const char refused_a[] = "8185 any7 A IN", refused_miss[] = "8185 elsewhere.org MX IN; ar OPT 1232 0 0 8000";
	struct net list[3];
	struct complaint c;
	enum family f;
	uint8_t msg[600];
	const char *got;
	size_t i, len;

	answer_setup();
	for (i = 0; i < COUNT(ports); i++) {
		client.from.port = (uint16_t)ports[i].port;
		client.tcp = ports[i].tcp;
		got = asked(msg, ask("any7", 1, 1, RD, 0, msg));
		OK(strcmp(got, ports[i].silent ? "silence" : GOOD) == 0, "port %u, TCP %d: came %s", ports[i].port, ports[i].tcp, got);
		got = asked(msg, ask("elsewhere.org", 1, 1, RD, 0, msg));
		OK(strcmp(got, ports[i].silent ? "silence" : "forward") == 0, "port %u, TCP %d, a miss: came %s", ports[i].port, ports[i].tcp, got);
		/* not even an error leaves for such a port */
		len = bytes("beef 2800 0000 0000 0000 0000", msg);
		got = asked(msg, len);
		OK(strcmp(got, ports[i].silent ? "silence" : "a884") == 0, "port %u, TCP %d, another opcode: came %s", ports[i].port, ports[i].tcp, got);
		len = bytes(H "0000 0000 0000 0000", msg);
		got = asked(msg, len);
		OK(strcmp(got, ports[i].silent ? "silence" : FORM) == 0, "port %u, TCP %d, no question: came %s", ports[i].port, ports[i].tcp, got);
	}

	answer_setup();
	for (i = 0; i < COUNT(nets); i++)
		OK(net_parse(nets[i], list + i, &c), "%s: %s", c.what, c.why);
	view.nets = list;
	view.nets_count = COUNT(nets);
	for (i = 0; i < COUNT(froms); i++) {
		client.from.addr = number(0, 0);
		pton(froms[i].from, &f, &client.from.addr);
		client.from.family = (uint8_t)f;
		for (client.tcp = false; ; client.tcp = true) {
			got = asked(msg, ask("any7", 1, 1, RD, 0, msg));
			OK(strcmp(got, froms[i].good ? GOOD : refused_a) == 0, "from %s, a hit: came %s", froms[i].from, got);
			OK(why.rcode == (froms[i].good ? 0 : RCODE_REFUSED) && why.hit == froms[i].good, "from %s: rcode %u, hit %d", froms[i].from, why.rcode, why.hit);
			got = asked(msg, ask("elsewhere.org", 15, 1, RD, EDNS(512) | DO, msg));
			OK(strcmp(got, froms[i].good ? "forward" : refused_miss) == 0, "from %s, a miss: came %s", froms[i].from, got);
			got = asked(msg, ask("stats.dyndns", 16, 3, RD, 0, msg));
			loopback = strncmp(froms[i].from, "127.", 4) == 0 || strcmp(froms[i].from, "::1") == 0;
			OK(froms[i].good && loopback ? strstr(got, " TXT CH 0 ") || strstr(got, " TXT CH 60 ") : strcmp(got, "8185 stats.dyndns TXT CH") == 0,
			    "from %s, stats: came %s", froms[i].from, got);
			/* what is malformed is called so first */
			got = asked(msg, bytes(H "0001 0000 0000 0000 " Q "00", msg));
			OK(strcmp(got, FORM_Q) == 0, "from %s, an octet too many: came %s", froms[i].from, got);
			if (client.tcp)
				break;
		}
	}
}

static void
test_chaos(void)
{
	/* Each counter has its own largest value, so that they can't be mixed up. */
	static const char *const names[] = { "hits", "misses", "relayed", "merged", "servfail", "refused", "formerr", "dropped", "retries" };
	uint64_t *values[9], top = UINT64_MAX;
	uint8_t msg[600];
	char want[64];
	const char *got;
	size_t i;

	answer_setup();
	values[0] = &counters.hits, values[1] = &counters.misses, values[2] = &counters.relayed, values[3] = &counters.merged,
	values[4] = &counters.servfail, values[5] = &counters.refused, values[6] = &counters.formerr, values[7] = &counters.dropped,
	values[8] = &counters.retries;
	got = asked(msg, ask("Version.DynDNS", 16, 3, RD, EDNS(1232), msg));
	OK(strstr(got, " Version.DynDNS TXT CH; an Version.DynDNS TXT CH ") && strstr(got, DYNDNS_VERSION) && strstr(got, "; ar OPT 1232 0 0 0000"),
	    "version.dyndns: came %s", got);
	OK(!why.hit, "version.dyndns is a hit");
	got = asked(msg, ask("version.dyndns", 16, 3, RD, EDNS(1232) | VERSION(1), msg));
	OK(strcmp(got, "8180 version.dyndns TXT CH; ar OPT 1232 1 0 0000") == 0, "version.dyndns with EDNS version 1: came %s", got);

	client.from.family = V4;
	client.from.addr = number(0, 0x7f000001);

	for (i = 0; i < 9; i++)
		*values[i] = top - i;
	counters.tcp_clients = top - 9;
	view.seconds_up = top - 10;
	got = asked(msg, ask("sTATS.dyndns", 16, 3, 0, 0, msg));
	OK(strstr(got, " sTATS.dyndns TXT CH; an sTATS.dyndns TXT CH "), "stats.dyndns: came %s", got);
	for (i = 0; i < 9; i++) {
		sprintf(want, "\"%s=184467440737095516%02u\"", names[i], 15 - (unsigned)i);
		OK(strstr(got, want), "stats.dyndns: no %s in %s", want, got);
	}
	/* these two names are two words, joined in whatever way */
	OK(strstr(got, "=18446744073709551606\""), "stats.dyndns: no TCP clients in %s", got);
	OK(strstr(got, "=18446744073709551605\""), "stats.dyndns: no seconds in %s", got);
	OK(!strstr(got, "broken"), "stats.dyndns: came %s", got);
	for (i = 0; i < 9; i++)
		*values[i] = 0;
	counters.misses = 7;
	got = asked(msg, ask("stats.dyndns", 16, 3, 0, 0, msg));
	OK(strstr(got, "\"hits=0\"") && strstr(got, "\"misses=7\""), "stats.dyndns: came %s", got);
}

static void
test_question_read(void)
{
	static const struct { const char *msg; bool good; unsigned end, type, class, size, version; bool opt, dnssec_ok; } table[] = {
		{ H "0001 0000 0000 0000 " Q, true, 22, 1, 1, 512, 0, false, false },
		{ H "0001 0000 0000 0000 00 0002 0003", true, 17, 2, 3, 512, 0, false, false },
		{ H "0001 0000 0000 0001 " Q OPT, true, 22, 1, 1, 4096, 0, true, false },
		{ H "0001 0000 0000 0001 " Q "00 0029 04d0 00038000 0000", true, 22, 1, 1, 1232, 3, true, true },
		{ H "0001 0000 0000 0001 " Q "00 0029 0200 00000000 0000", true, 22, 1, 1, 512, 0, true, false },
		{ H "0001 0000 0000 0001 " Q "00 0029 01ff 00007fff 0000", true, 22, 1, 1, 512, 0, true, false },
		{ H "0001 0000 0000 0001 " Q "00 0029 0000 ff000000 0000", true, 22, 1, 1, 512, 0, true, false },
		{ H "0001 0000 0000 0001 " Q "00 0029 ffff 00000000 0000", true, 22, 1, 1, 65535, 0, true, false },
		{ H "0001 0000 0000 0001 " Q "00 0001 ffff 00008000 0000", true, 22, 1, 1, 512, 0, false, false },
		{ H "0001 0000 0000 0000 " Q "00", false, 22, 0, 0, 0, 0, false, false },
		{ H "0001 0000 0000 0001 " Q, false, 22, 0, 0, 0, 0, false, false },
		{ H "0001 0001 0000 0000 " Q "00 0029 04d0 00000000 0000", false, 22, 0, 0, 0, 0, false, false },
		{ H "0001 0000 0001 0000 " Q "00 0029 04d0 00000000 0000", false, 22, 0, 0, 0, 0, false, false },
		{ H "0001 0000 0000 0001 " Q "c00c 0029 04d0 00000000 0000", false, 22, 0, 0, 0, 0, false, false },
		{ H "0001 0000 0000 0002 " Q "00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000", false, 22, 0, 0, 0, 0, false, false },
		{ H "0001 0000 0000 0000 'any7'", false, 0, 0, 0, 0, 0, false, false },
		{ H "0001 0000 0000 0000 c00c 0001 0001", false, 0, 0, 0, 0, 0, false, false },
		{ H "0000 0000 0000 0000", false, 0, 0, 0, 0, 0, false, false },
	};
	uint8_t raw[128], *msg;
	struct question q;
	size_t i, len;
	bool good;

	/* Options that don't fill their OPT: it can be read, and is marked. */
	len = bytes(H "0001 0000 0000 0001 " Q "00 0029 04d0 00000000 0003 000a 00", raw);
	OK(question_read(raw, len, &q) && q.torn && q.opt && q.options == len - 3, "options that don't fill their OPT: torn %d", q.torn);
	len = bytes(H "0001 0000 0000 0001 " Q "00 0029 04d0 00000000 0004 000a 0000", raw);
	OK(question_read(raw, len, &q) && !q.torn && !q.tsig && q.options == len - 4, "options that fill their OPT: torn %d", q.torn);
	len = bytes(H "0001 0000 0000 0001 " Q "00 00fa 00ff 00000000 0000", raw);
	OK(question_read(raw, len, &q) && q.tsig && !q.opt, "a TSIG: tsig %d", q.tsig);
	/* Cut at every octet, the header too. */
	len = bytes(table[3].msg, raw);
	for (i = 0; i < len; i++) {
		msg = exact(raw, i);
		OK(!question_read(msg, i, &q) && q.end == (i < 22 ? 0u : 22u), "question_read of %u octets of %s: end %u", (unsigned)i, table[3].msg, (unsigned)q.end);
		free(msg);
	}
	for (i = 0; i < COUNT(table); i++) {
		len = bytes(table[i].msg, raw);
		msg = exact(raw, len);
		memset(&q, 0x55, sizeof q);
		good = question_read(msg, len, &q);
		OK(good == table[i].good && q.end == table[i].end, "question_read of %s: came %d, end %u", table[i].msg, good, (unsigned)q.end);
		if (good && table[i].good)
			OK(q.name == msg + 12 && q.type == table[i].type && q.class == table[i].class && q.size == table[i].size &&
			    q.version == table[i].version && q.opt == table[i].opt && q.dnssec_ok == table[i].dnssec_ok,
			    "question_read of %s: came type %u class %u size %u version %u opt %d DO %d", table[i].msg, q.type, q.class, q.size, q.version, q.opt, q.dnssec_ok);
		free(msg);
	}
}

static void
test_reply_empty(void)
{
	static const struct { unsigned flags; unsigned long edns; unsigned rcode; const char *want; } table[] = {
		{ RD, 0, 2, "8182 Any7.lab A IN" },
		{ 0, 0, 2, "8082 Any7.lab A IN" },
		{ RD | AD | CD | Z | TC | AA, 0, 2, "8182 Any7.lab A IN" },
		{ RD, EDNS(4096) | DO, 2, "8182 Any7.lab A IN; ar OPT 1232 0 0 8000" },
		{ RD, EDNS(512), 5, "8185 Any7.lab A IN; ar OPT 1232 0 0 0000" },
		{ RD, EDNS(512), 16, "8180 Any7.lab A IN; ar OPT 1232 1 0 0000" },
	};
	uint8_t msg[128], *out;
	struct question q;
	struct writer w = { NULL, OWN_MAX, 0, false };
	size_t i, len;
	const char *got;

	for (i = 0; i < COUNT(table); i++) {
		len = ask("Any7.lab", 1, 1, table[i].flags, table[i].edns, msg);
		OK(question_read(msg, len, &q), "the test's own question is none");
		out = malloc(OWN_MAX);
		if (!out)
			exit(1);
		memset(out, 0x55, OWN_MAX);
		w.msg = out, w.len = 0, w.bad = false;
		reply_empty(msg, &q, table[i].rcode, &w);
		got = show(out, w.len);
		OK(!w.bad && strcmp(got, table[i].want) == 0 && out[0] == 0xbe && out[1] == 0xef,
		    "reply_empty, flags %04x, edns %lx, rcode %u:\n\texpected %s\n\tcame     %s", table[i].flags, table[i].edns, table[i].rcode, table[i].want, got);
		free(out);
	}
	/* The longest question there can be, in no more room than it takes. */
	len = bytes(H "0001 0000 0000 0001 ", msg);
	{
		uint8_t big[400];
		size_t end;

		memcpy(big, msg, len);
		len += long_name(3, 63, 61, big + len);
		end = len += bytes("0001 0001", big + len);
		len += bytes(OPT, big + len);
		OK(question_read(big, len, &q) && q.end == end, "the test's own question is none");
		out = malloc(len);
		if (!out)
			exit(1);
		w.msg = out, w.cap = len, w.len = 0, w.bad = false;
		reply_empty(big, &q, 2, &w);
		OK(!w.bad && w.len == len && memcmp(out + 12, big + 12, end - 12) == 0, "reply_empty to the longest question: %u octets", (unsigned)w.len);
		free(out);
	}
}

static void
test_explain(void)
{
	/* What must stand in the explanation; NULL: neither name nor address. */
	static const struct { const char *name, *says; } table[] = {
		{ "workstation10.mohit.com", "172.16.2.10" }, { "WORKSTATION010.mohit.com.", "172.16.2.10" },
		{ "both7.lab", "172.16.3.7" }, { "both7.lab", "fd00:2::7" }, { "any7", "172.16.9.7" },
		{ "172.16.2.10", "workstation10.mohit.com" }, { "fd00:3::7", "six7.lab" }, { "10.2.16.172.in-addr.arpa", "workstation10.mohit.com" },
		{ "ip-172-30-1-5.lab", "172.30.1.5" }, { "ip-172-30-2-5.lab", "address 172-30-2-5 is outside 172.30.1.0/24" },
		{ "ip-172\\.30\\.1\\.5.lab", "no IPv4 address after ip-" }, { "ip-172\\.30-1-5.lab", "no IPv4 address after ip-" },
		{ "ip-fd00:-7.lab", "no IPv4 address after ip-" }, { "ip-fd00--7.lab", "no IPv4 address after ip-" },
		{ "ip-17230105.lab", "no IPv4 address after ip-" }, { "elsewhere.org", "" }, { "workstation999.mohit.com", "" }, { "192.0.2.1", "" }, { ".", "" },
		{ "", NULL }, { "a..b", NULL }, { ".a", NULL }, { L63 "a.lab", NULL },
	};
	struct complaint c;
	char whole[2048];
	size_t i, len;
	bool good;
	FILE *out;

	answer_setup();
	for (i = 0; i < COUNT(table); i++) {
		out = tmpfile();
		if (!out) {
			OK(false, "tmpfile: no file for what explain_name says");
			return;
		}
		memset(&c, 'x', sizeof c);
		good = explain_name(&view, table[i].name, out, &c);
		rewind(out);
		len = fread(whole, 1, sizeof whole - 1, out);
		whole[len] = 0;
		fclose(out);
		OK(good == !!table[i].says, "explain_name of \"%s\": expected %d, came %d", table[i].name, !!table[i].says, good);
		if (!good) {
			OK(sensible(&c), "explain_name of \"%s\": no complaint", table[i].name);
			OK(len == 0, "explain_name of \"%s\": a complaint and %s", table[i].name, whole);
			continue;
		}
		OK(len > 1 && whole[len - 1] == '\n' && strlen(whole) == len && table[i].says && strstr(whole, table[i].says), "explain_name of \"%s\": expected %s in %s", table[i].name, table[i].says, whole);
	}
}

/* ---- Room 7: upstreams --------------------------------------------------- */

static unsigned complaints;

static void
complaint_count(const char *line, const char *why_not)
{
	OK(line && why_not && *why_not && strlen(line) < 100000, "resolv_parse: an empty complaint");
	complaints++;
}

/* The list as text: addresses, or ADDRESS%SCOPE. */
static const char *
servers_text(const struct servers *s)
{
	static char text[1024];
	unsigned i;

	text[0] = 0;
	for (i = 0; i < s->count && i < UPSTREAMS_MAX; i++) {
		sprintf(text + strlen(text), "%s%s", i ? " " : "", show_address(s->server[i].family, s->server[i].addr));
		if (s->server[i].scope)
			strcat(text, s->server[i].scope == if_nametoindex("lo") ? "%lo" : "%?");
	}
	return text;
}

static const char *
resolved(const char *text, size_t len, struct servers *s)
{
	char *copy = exact(text, len);
	unsigned i;

	memset(s, 0x55, sizeof *s);
	complaints = 0;
	resolv_parse(copy, len, s, complaint_count);
	free(copy);
	OK(s->count <= UPSTREAMS_MAX && s->total >= 1000 && s->total <= 30000,
	    "resolv_parse of \"%.60s\": count %u, total %u", text, s->count, s->total);
	for (i = 0; i < s->count && i < UPSTREAMS_MAX; i++)
		OK(s->server[i].port == 53, "resolv_parse of \"%.60s\": port %u", text, s->server[i].port);
	return servers_text(s);
}

#define LIST8 "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8"

static void
test_resolv(void)
{
	static const struct { const char *text, *want; unsigned complaints; } table[] = {
		{ "", "", 0 },
		{ "\n\n\r\n", "", 0 },
		{ "nameserver 10.0.0.1", "10.0.0.1", 0 },
		{ "nameserver 10.0.0.1\n", "10.0.0.1", 0 },
		{ "nameserver 10.0.0.1\r\nnameserver 10.0.0.2\r\n", "10.0.0.1 10.0.0.2", 0 },
		{ "nameserver 10.0.0.1\r\nnameserver 10.0.0.2\r", "10.0.0.1 10.0.0.2", 0 },
		{ "nameserver\t \t10.0.0.1 \t \n", "10.0.0.1", 0 },
		{ "nameserver fd00::1\nnameserver 10.0.0.1\n", "fd00::1 10.0.0.1", 0 },
		{ "nameserver ::1\n", "::1", 0 },
		{ "nameserver 10.0.0.2\nnameserver 10.0.0.1\n", "10.0.0.2 10.0.0.1", 0 },
		{ "# nameserver 10.0.0.1\n; nameserver 10.0.0.2\n#nameserver 10.0.0.3\n;nameserver 10.0.0.4\n", "", 0 },
		{ "# comment\nnameserver 10.0.0.1 # by DHCP\nnameserver 10.0.0.2 ; too\n", "10.0.0.1 10.0.0.2", 0 },
		{ "domain lab\nsearch lab mohit.com\nsortlist 10.0.0.0/8\nlookup file bind\nfamily inet4\nnameserver 10.0.0.1\n", "10.0.0.1", 0 },
		{ "nameservers 10.0.0.1\nnameserve 10.0.0.2\nxnameserver 10.0.0.3\n", "", 0 },
		{ "nameserver\nnameserver \nnameserver 10.0.0.1\n", "10.0.0.1", 2 },
		{ "nameserver", "", 1 },
		{ "nameserver 10.0.0\nnameserver 10.0.0.256\nnameserver 010.0.0.1\nnameserver x\nnameserver 10.0.0.9\n", "10.0.0.9", 4 },
		{ "nameserver 10.0.0.1@5353\nnameserver 10.0.0.1:53\nnameserver [::1]:53\nnameserver [::1]\nnameserver 10.0.0.9\n", "10.0.0.9", 4 },
		{ "nameserver fe80::1%no-such-if0\nnameserver fe80::1%\nnameserver 10.0.0.9\n", "10.0.0.9", 2 },
		{ "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\nnameserver 10.0.0.5\n"
		  "nameserver 10.0.0.6\nnameserver 10.0.0.7\nnameserver 10.0.0.8\n", LIST8, 0 },
		{ "options\noptions \noptions rotate timeout:1\nnameserver 10.0.0.1", "10.0.0.1", 0 },
		{ "\xff\xfe\x01\n\nnameserver 10.0.0.1\n\x80nameserver 10.0.0.2\n", "10.0.0.1", 0 },
	};
	/* `least` and `most` bound the total where SPEC leaves room. */
	static const struct { const char *text; unsigned least, most; bool rotate; } options[] = {
		{ "", 5000, 5000, false },
		{ "options\n", 5000, 5000, false },
		{ "options ndots:5 edns0 trust-ad single-request no-tld-query use-vc\n", 5000, 5000, false },
		{ "options rotate\n", 5000, 5000, true },
		{ "options rotated\n", 5000, 5000, false },
		{ "options no-rotate xrotate rotate:1\n", 5000, 5000, false },
		{ "#options rotate attempts:1\n", 5000, 5000, false },
		{ "option rotate\n", 5000, 5000, false },
		{ "options timeout:1 attempts:1\n", 1000, 1000, false },
		{ "options attempts:1 timeout:1 rotate", 1000, 1000, true },
		{ "options\trotate\ttimeout:1\tattempts:1\t\r\n", 1000, 1000, true },
		{ "options timeout:1\noptions attempts:1\noptions rotate\n", 1000, 1000, true },
		{ "options timeout:30 attempts:5\n", 30000, 30000, false },
		{ "options timeout:0 attempts:0\n", 1000, 1000, false },
		{ "options timeout:31 attempts:6\n", 30000, 30000, false },
		{ "options timeout:99999999999999999999 attempts:99999999999999999999\n", 30000, 30000, false },
		{ "options timeout:4294967297 attempts:4294967297\n", 30000, 30000, false },
		{ "options timeout:18446744073709551617 attempts:18446744073709551617\n", 30000, 30000, false },
		{ "options timeout:9999999999999999999999999999999999999999999999 attempts:1\n", 1000, 30000, false },
		{ "options timeout:3 attempts:1\n", 3000, 3000, false },
		{ "options timeout:20 attempts:2\n", 20000, 30000, false },
		{ "options timeout:1 timeout:3 attempts:2 attempts:1\n", 3000, 3000, false },	/* the last one counts */
		{ "options timeout: attempts:\n", 5000, 5000, false },
		{ "options timeout:x attempts:x\n", 5000, 5000, false },
		{ "options timeout:-1 attempts:-1\n", 1000, 5000, false },
		{ "options timeout:1x attempts:1x\n", 5000, 5000, false },
		{ "options timeout attempts\n", 5000, 5000, false },
		{ "options timeout=1 attempts=1\n", 5000, 5000, false },
		{ "options xtimeout:1 xattempts:1\n", 5000, 5000, false },
	};
	struct servers s;
	char big[12000];
	const char *got;
	size_t i, len, cut;
	static const char whole[] = "# by hand\nnameserver 10.0.0.1\r\noptions rotate timeout:2 attempts:3\nnameserver fd00::1\n";

	for (i = 0; i < COUNT(table); i++) {
		got = resolved(table[i].text, strlen(table[i].text), &s);
		OK(strcmp(got, table[i].want) == 0, "resolv_parse of \"%s\": expected \"%s\", came \"%s\"", table[i].text, table[i].want, got);
		OK(complaints == table[i].complaints, "resolv_parse of \"%s\": expected %u complaints, came %u", table[i].text, table[i].complaints, complaints);
	}
	for (i = 0; i < COUNT(options); i++) {
		resolved(options[i].text, strlen(options[i].text), &s);
		OK(s.count == 0 && s.rotate == options[i].rotate, "resolv_parse of \"%s\": rotate %d", options[i].text, s.rotate);
		OK(s.total >= options[i].least && s.total <= options[i].most, "resolv_parse of \"%s\": total %u", options[i].text, s.total);
	}
	/* More than there is room for: the first ones, and a word about the rest. */
	for (i = len = 0; i < 50; i++)
		len += (size_t)sprintf(big + len, "nameserver 10.0.0.%u\n", (unsigned)i + 1);
	got = resolved(big, len, &s);
	OK(UPSTREAMS_MAX != 8 || (strcmp(got, LIST8) == 0 && complaints > 0), "50 nameservers: %u complaints, came \"%s\"", complaints, got);
	/* bad ones take no place */
	for (i = len = 0; i < 50; i++)
		len += (size_t)sprintf(big + len, "nameserver 10.0.0.%u\n", i % 7 ? 300u : (unsigned)i / 7 + 1);
	got = resolved(big, len, &s);
	OK(UPSTREAMS_MAX != 8 || strcmp(got, LIST8) == 0, "8 of 50 good: came \"%s\"", got);

	/* Lines of 10,000 octets. */
	memset(big, 'x', sizeof big);
	big[0] = '#';
	memcpy(big + 10000, "\nnameserver 10.0.0.1\n", 21);
	got = resolved(big, 10021, &s);
	OK(strcmp(got, "10.0.0.1") == 0 && complaints == 0, "after a comment of 10,000 octets: came \"%s\"", got);
	memcpy(big, "nameserver 1", 12);
	got = resolved(big, 10021, &s);
	OK(strcmp(got, "10.0.0.1") == 0 && complaints == 1, "after a nameserver of 10,000 octets: %u complaints, came \"%s\"", complaints, got);
	memset(big, '1', 10000);
	memcpy(big, "options attempts:", 17);
	got = resolved(big, 10021, &s);
	OK(strcmp(got, "10.0.0.1") == 0, "after options of 10,000 octets: came \"%s\"", got);
	memset(big, ' ', 10000);
	got = resolved(big, 10021, &s);
	OK(strcmp(got, "10.0.0.1") == 0 && complaints == 0, "after 10,000 blanks: came \"%s\"", got);
	/* Wherever a line might be cut, no address is taken by half. */
	for (i = 1; i < 2000; i++) {
		memset(big, ' ', i + 10);
		memcpy(big, "nameserver", 10);
		memcpy(big + 10 + i, "10.0.0.123\n", 11);
		got = resolved(big, 21 + i, &s);
		OK(strcmp(got, "10.0.0.123") == 0 || (!*got && complaints), "nameserver, %u blanks, 10.0.0.123: came \"%s\"", (unsigned)i, got);
	}

	/* Zero octets are junk like other junk. */
	got = resolved("nameserver 10.0.0.1\n\0\0\0\nnameserver 10.0.0.2\n", 44, &s);
	OK(strcmp(got, "10.0.0.1 10.0.0.2") == 0, "a line of zero octets: came \"%s\"", got);
	got = resolved("\0nameserver 10.0.0.1\nnameserver 10.0.0.2\n", 41, &s);
	OK(strcmp(got, "10.0.0.2") == 0, "a zero octet before a line: came \"%s\"", got);

	if (if_nametoindex("lo")) {
		got = resolved("nameserver fe80::1%lo\nnameserver fe80::2%lo # and more\n", 55, &s);
		OK(strcmp(got, "fe80::1%lo fe80::2%lo") == 0, "fe80::1%%lo: came \"%s\"", got);
	}
	/* Cut anywhere. */
	for (cut = 0; cut < sizeof whole; cut++) {
		got = resolved(whole, cut, &s);
		if (cut >= 29 && cut < sizeof whole - 3)
			OK(strncmp(got, "10.0.0.1", 8) == 0, "cut to %u octets: came \"%s\"", (unsigned)cut, got);
	}
	got = resolved(whole, sizeof whole - 1, &s);
	OK(strcmp(got, "10.0.0.1 fd00::1") == 0 && s.rotate && s.total == 6000, "the whole: came \"%s\", total %u", got, s.total);
}

#define RH "dead 8180 "
#define RA_ "c00c 0001 0001 0000003c 0004 01020304 "

static const char reply_question[] = "beef 0100 0001 0000 0000 0001 'www''Example' 00 0001 0001 00 0029 04d0 00000000 0000";

static bool
matches(const char *question, const uint8_t *raw, size_t len, struct reply *is)
{
	uint8_t qraw[400], *q, *r = exact(raw, len);
	size_t qlen = bytes(question, qraw);
	bool good;

	q = exact(qraw, qlen);
	memset(is, 0x55, sizeof *is);
	good = reply_matches(q, qlen, r, len, is);
	free(q);
	free(r);
	return good;
}

#define RQ "'www''Example' 00 0001 0001 "

static void
test_reply_matches(void)
{
	static const struct { const char *msg; bool good; } table[] = {
		{ RH "0001 0001 0000 0000 " RQ RA_, true },
		{ RH "0001 0000 0000 0000 " RQ, true },
		{ RH "0001 0001 0000 0000 'WWW''exAMPLE' 00 0001 0001 " RA_, true },
		{ RH "0001 0001 0001 0001 " RQ RA_ RA_ RA_, true },
		{ RH "0001 0001 0000 0001 " RQ RA_ OPT, true },
		/* any flags and rcodes */
		{ "beef 8000 0001 0000 0000 0000 " RQ, true },
		{ "beef 8583 0001 0000 0000 0000 " RQ, true },
		{ "beef 83ff 0001 0000 0000 0000 " RQ, true },
		/* not a reply, or not to a QUERY */
		{ "dead 0180 0001 0001 0000 0000 " RQ RA_, false },
		{ "dead 8980 0001 0001 0000 0000 " RQ RA_, false },
		{ "dead a180 0001 0001 0000 0000 " RQ RA_, false },
		{ "dead c180 0001 0001 0000 0000 " RQ RA_, false },
		/* another question, none, two */
		{ RH "0001 0000 0000 0000 'wwx''Example' 00 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www''Exampl' 00 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www''Examplee' 00 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www' 00 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www.Example' 00 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www''Example''org' 00 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www''Example' 00 001c 0001", false },
		{ RH "0001 0000 0000 0000 'www''Example' 00 0101 0001", false },
		{ RH "0001 0000 0000 0000 'www''Example' 00 0001 0003", false },
		{ RH "0001 0000 0000 0000 'www''Example' 00 0001 0101", false },
		{ RH "0001 0000 0000 0000 'www''Example' 00 00ff 0001", false },
		{ RH "0000 0000 0000 0000", false },
		{ "dead 8183 0000 0000 0000 0000", false },
		/* errors come without it */
		{ "dead 8105 0000 0000 0000 0000", true },
		{ "dead 8182 0000 0000 0000 0000", true },
		{ "dead 8181 0000 0000 0000 0001 " OPT, true },
		{ "dead 8184 0000 0000 0000 0000 00", true },
		{ "dead 818f 0000 0000 0000 0000", true },
		{ "dead 8182 0000 0001 0000 0000", false },
		{ "dead 0105 0000 0000 0000 0000", false },
		{ RH "0000 0000 0000 0000 " RQ, false },
		{ RH "0000 0001 0000 0000 " RA_, false },
		{ RH "0002 0000 0000 0000 " RQ RQ, false },
		{ RH "0001 0000 0000 0000", false },
		{ RH "0101 0000 0000 0000 " RQ, false },
		/* the question's name by pointers */
		{ RH "0001 0000 0000 0000 c00c 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www' c00c 0001 0001", false },
		{ RH "0001 0000 0000 0000 'www''Example' c000 0001 0001", false },
		/* pointers in records are stepped over, wherever they lead */
		{ RH "0001 0001 0000 0000 " RQ "c00c 0005 0001 0000003c 0006 'abc' c010", true },
		{ RH "0001 0001 0000 0000 " RQ "'a' c00c 0001 0001 0000003c 0000", true },
		{ RH "0001 0001 0000 0000 " RQ "ffff 0001 0001 0000003c 0000", true },
		{ RH "0001 0001 0000 0000 " RQ "c01d 0001 0001 0000003c 0000", true },
		{ RH "0001 0001 0000 0000 " RQ "'a''b' 00 0001 0001 0000003c 0000", true },
		{ RH "0001 0001 0000 0000 " RQ "c0", false },
		{ RH "0001 0001 0000 0000 " RQ "40 00 0001 0001 0000003c 0000", false },
		{ RH "0001 0001 0000 0000 " RQ "80 0c 0001 0001 0000003c 0000", false },
		/* counts and lengths that lie, and what is left over */
		{ RH "0001 0002 0000 0000 " RQ RA_, false },
		{ RH "0001 0000 0001 0000 " RQ, false },
		{ RH "0001 0000 0000 0001 " RQ, false },
		{ RH "0001 ffff ffff ffff " RQ RA_, false },
		{ RH "0001 0000 0000 0000 " RQ RA_, true },
		{ RH "0001 0001 0000 0000 " RQ RA_ "00", true },
		{ RH "0001 0001 0000 0000 " RQ RA_ RA_ "c0", true },
		/* ... but for one that says itself that it was cut */
		{ "dead 8380 0001 0028 0000 0000 " RQ RA_, true },
		{ "dead 8380 0001 0014 0000 0000 " RQ, true },
		{ "dead 8380 0001 0001 0000 0000 " RQ "c00c 0001 0001 0000003c 0004 0102", true },
		{ "dead 8380 0001 0001 0000 0000 'www''Exampl' 00 0001 0001", false },
		{ RH "0001 0001 0000 0000 " RQ "c00c 0001 0001 0000003c 0005 01020304", false },
		{ RH "0001 0001 0000 0000 " RQ "c00c 0001 0001 0000003c ffff 01020304", false },
		{ RH "0001 0001 0000 0000 " RQ "c00c 0001 0001 0000003c 0003 01020304", true },
		{ RH "0001 0000 0000 0001 " RQ "00 0029 04d0 00000000 0004 0102", false },
		/* an OPT elsewhere than at the root is the server's affair */
		{ RH "0001 0000 0000 0001 " RQ "c00c 0029 04d0 00000000 0000", true },
		/* the four octets after the name are no text: their case is not ignored */
		{ RH "0001 0000 0000 0000 'www''Example' 00 0021 0001", false },
	};
	uint8_t raw[400], type_case[400];
	struct reply is;
	size_t i, len, cut, end = 12 + 4 + 8 + 1 + 4;
	bool good;

	for (i = 0; i < COUNT(table); i++) {
		len = bytes(table[i].msg, raw);
		good = matches(reply_question, raw, len, &is);
		OK(good == table[i].good, "reply %s: expected %d, came %d", table[i].msg, table[i].good, good);
		if (good && table[i].good) {
			/* What can't be passed on ends nowhere. */
			OK((is.end != 0) == (raw[5] == 1 && !strstr(table[i].msg, "8380")) && is.end <= len, "reply %s: end %u", table[i].msg, (unsigned)is.end);
			OK(is.question_end == end, "reply %s: question_end %u", table[i].msg, (unsigned)is.question_end);
			OK(is.truncated == ((raw[2] & 2) != 0), "reply %s: truncated %d", table[i].msg, is.truncated);
			OK(is.rcode % 16 == (raw[3] & 15u), "reply %s: rcode %u", table[i].msg, is.rcode);
			OK((is.opt != is.opt_end) == (strstr(table[i].msg, OPT) != NULL), "reply %s: opt %u to %u", table[i].msg, (unsigned)is.opt, (unsigned)is.opt_end);
		}
	}
	/* Types whose octets are letters: 0x4141 is not 0x6161. */
	len = bytes(RH "0001 0000 0000 0000 'w' 00 6141 4161", type_case);
	OK(matches("beef 0100 0001 0000 0000 0000 'W' 00 6141 4161", type_case, len, &is), "type 0x6141, class 0x4161");
	OK(!matches("beef 0100 0001 0000 0000 0000 'w' 00 4141 4161", type_case, len, &is), "type 0x6141 passes for 0x4141");
	OK(!matches("beef 0100 0001 0000 0000 0000 'w' 00 6141 6161", type_case, len, &is), "class 0x4161 passes for 0x6161");

	/* Cut at every octet: each count says so. */
	len = bytes(RH "0001 0002 0001 0002 " RQ RA_ "'a' c00c 0010 0001 00000000 0003 026869 " RA_ OPT "00 0001 0001 00000000 0000", raw);
	OK(matches(reply_question, raw, len, &is), "a reply with five records doesn't match");
	for (cut = 0; cut < len; cut++)
		OK(!matches(reply_question, raw, cut, &is), "a reply cut to %u of %u octets matches", (unsigned)cut, (unsigned)len);
	/* and the question's own records have no part in it */
	OK(matches("beef 0100 0001 0000 0000 0000 'www''Example' 00 0001 0001", raw, len, &is), "a reply to the same question without OPT doesn't match");
}

static void
test_reply_fit(void)
{
	static const struct { const char *msg, *want; size_t size; } table[] = {
		/* What fits goes on as it is, up to its end. */
		{ RH "0001 0001 0000 0000 " RQ RA_, RH "0001 0001 0000 0000 " RQ RA_, 12 + 17 + 16 },
		{ RH "0001 0001 0000 0000 " RQ RA_ "00", RH "0001 0001 0000 0000 " RQ RA_, 512 },
		{ RH "0001 0001 0000 0000 'WWW''exAMPLE' 00 0001 0001 " RA_ "c00c", RH "0001 0001 0000 0000 'WWW''exAMPLE' 00 0001 0001 " RA_, 45 },
		{ "dead 87b3 0001 0000 0001 0000 " RQ RA_, "dead 87b3 0001 0000 0001 0000 " RQ RA_, 512 },
		/* One octet too many, and it is cut; one more, and the OPT goes. */
		{ RH "0001 0001 0000 0000 " RQ RA_, "dead 8380 0001 0000 0000 0000 " RQ, 12 + 17 + 15 },
		{ RH "0001 0001 0000 0001 " RQ RA_ OPT, "dead 8380 0001 0000 0000 0001 " RQ OPT, 12 + 17 + 11 },
		{ RH "0001 0001 0000 0001 " RQ RA_ OPT, "dead 8380 0001 0000 0000 0000 " RQ, 12 + 17 + 10 },
		{ RH "0001 0002 0001 0001 " RQ RA_ RA_ RA_ OPT, "dead 8380 0001 0000 0000 0001 " RQ OPT, 60 },
		{ RH "0001 0001 0000 0003 " RQ RA_ RA_ "00 0029 1000 01008000 0006 000a 0002 abcd " RA_,
		  "dead 8380 0001 0000 0000 0001 " RQ "00 0029 1000 01008000 0006 000a 0002 abcd", 60 },
		{ RH "0001 0001 0000 0001 " RQ "c00c 0001 0001 0000003c 0000 00 0029 1000 00000000 0020 000c 001c 000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
		  "dead 8380 0001 0000 0000 0001 " RQ "00 0029 1000 00000000 0020 000c 001c 000102030405060708090a0b0c0d0e0f101112131415161718191a1b", 72 },
		{ "dead 87b3 0001 0000 0001 0000 " RQ RA_, "dead 87b3 0001 0000 0000 0000 " RQ, 30 },
		/* Cut by the upstream, so that its records can't be read: header, question and TC. */
		{ "dead 8380 0001 0028 0000 0000 " RQ RA_ RA_, "dead 8380 0001 0000 0000 0000 " RQ, 512 },
		{ "dead 8780 0001 0014 0000 0001 " RQ, "dead 8780 0001 0000 0000 0000 " RQ, 512 },
		/* An error without question gets the client's, and no OPT. */
		{ "dead 8105 0000 0000 0000 0000", "dead 8105 0001 0000 0000 0000 " RQ, 512 },
		{ "dead 8182 0000 0000 0000 0001 " OPT "00", "dead 8182 0001 0000 0000 0000 " RQ, 512 },
	};
	uint8_t raw[400], want[400], qraw[400], *copy;
	struct reply is;
	size_t i, len, want_len, got;

	bytes(reply_question, qraw);
	for (i = 0; i < COUNT(table); i++) {
		len = bytes(table[i].msg, raw);
		want_len = bytes(table[i].want, want);
		OK(matches(reply_question, raw, len, &is), "reply %s doesn't match", table[i].msg);
		copy = exact(raw, len > 29 ? len : 29);
		got = reply_fit(copy, &is, qraw, table[i].size);
		OK(got == want_len && memcmp(copy, want, want_len) == 0, "reply_fit of %s: expected %s, came %s", table[i].msg, table[i].want, show(copy, got < len ? got : len));
		OK(matches(reply_question, copy, got, &is) && is.end == got, "reply_fit of %s: the rest doesn't match", table[i].msg);
		free(copy);
	}
}

/* Which replies are a no: another server may know better. */
static void
test_reply_no(void)
{
	static const struct { const char *msg; bool no; } table[] = {
		{ "dead 8182 0001 0000 0000 0000 " RQ, true },	/* SERVFAIL */
		{ "dead 8184 0001 0000 0000 0000 " RQ, true },	/* NOTIMP */
		{ "dead 8185 0001 0000 0000 0000 " RQ, true },	/* REFUSED */
		{ "dead 8185 0000 0000 0000 0000", true },
		{ "dead 8181 0001 0000 0000 0000 " RQ, false },	/* FORMERR */
		{ "dead 8183 0001 0000 0000 0000 " RQ, false },	/* NXDOMAIN */
		{ "dead 8189 0001 0000 0000 0000 " RQ, false },	/* NOTAUTH */
		/* NOERROR without a word of its own */
		{ "dead 8100 0001 0000 0000 0000 " RQ, true },
		{ "dead 8100 0001 0000 0002 0000 " RQ RA_ RA_, true },
		{ "dead 8100 0001 0000 0000 0001 " RQ OPT, true },
		{ "dead 8100 0001 0000 0000 0002 " RQ OPT RA_, false },
		{ "dead 8100 0001 0000 0000 0001 " RQ RA_, false },
		{ "dead 8100 0001 0001 0000 0000 " RQ RA_, false },
		{ "dead 8500 0001 0000 0000 0000 " RQ, false },	/* AA */
		{ "dead 8300 0001 0000 0000 0000 " RQ, false },	/* TC */
		{ "dead 8180 0001 0000 0000 0000 " RQ, false },	/* RA */
	};
	uint8_t raw[400];
	struct reply is;

	for (size_t i = 0; i < COUNT(table); i++) {
		size_t len = bytes(table[i].msg, raw);

		OK(matches(reply_question, raw, len, &is) && is.no == table[i].no, "reply %s: expected no %d", table[i].msg, table[i].no);
	}
}

/* What is for one hop goes, whatever stands around it. */
static void
test_options_strip(void)
{
	static const struct { const char *opt, *want; } table[] = {
		{ "0000", "0000" },
		{ "000c 000a 0008 0102030405060708", "0000" },
		{ "0004 000b 0000", "0000" },
		{ "0006 000b 0002 0064", "0000" },
		{ "0004 0003 0000", "0004 0003 0000" },
		{ "0010 0003 0000 000a 0000 000b 0000 fde9 0000", "0008 0003 0000 fde9 0000" },
		{ "0013 000a 0001 aa 0008 0006 010203040506 000b 0000", "000a 0008 0006 010203040506" },
		{ "0009 010a 0001 aa 0b00 0000", "0009 010a 0001 aa 0b00 0000" },
	};
	char text[400];
	uint8_t raw[400], want[400], *copy;
	struct question q;
	size_t len, want_len, got, tail;

	for (size_t i = 0; i < COUNT(table); i++)
		for (tail = 0; tail < 2; tail++) {
			const char *behind = tail ? "00 0010 0001 00000000 0003 026869" : "";
			const char *head = tail ? "beef 0100 0001 0000 0000 0002 " : "beef 0100 0001 0000 0000 0001 ";

			snprintf(text, sizeof text, "%s" RQ "00 0029 04d0 00000000 %s %s", head, table[i].opt, behind);
			len = bytes(text, raw);
			snprintf(text, sizeof text, "%s" RQ "00 0029 04d0 00000000 %s %s", head, table[i].want, behind);
			want_len = bytes(text, want);
			copy = exact(raw, len);
			OK(question_read(copy, len, &q) && !q.torn, "options %s can't be read", table[i].opt);
			got = options_strip(copy, len, q.options);
			OK(got == want_len && memcmp(copy, want, want_len) == 0, "options_strip of %s: came %s", table[i].opt, show(copy, got < len ? got : len));
			free(copy);
		}
}

int
main(void)
{
	test_reader();
	test_writer();
	test_rd_name();
	test_rd_record();
	test_names();
	test_numbers();
	test_addresses();
	test_net_parse();
	test_endpoints();
	test_one_rule();
	test_odd_names();
	test_bad_rules();
	test_rules_parse();
	test_order();
	test_many_rules();
	test_reverse_address();
	test_reverse();
	test_model();
	test_answers();
	test_messages();
	test_clients();
	test_chaos();
	test_question_read();
	test_reply_empty();
	test_explain();
	test_resolv();
	test_reply_matches();
	test_reply_fit();
	test_reply_no();
	test_options_strip();
	printf("unit: %u passed, %u failed\n", passed, failed);
	return failed != 0;
}
