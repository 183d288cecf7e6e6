/* unit.c -- tables of pairs for everything dyndns.h declares, a file a room
 *
 * Build:  cc -Dmain=dyndns_main -c dyndns.c && cc -o unit test/unit/[a-z]*.c dyndns.o
 */
#include "unit.h"

unsigned passed;
static unsigned failed;
static unsigned char printed[8192];	/* per line: a wrong loop says so five times, not a million */

void
fail(const char *file, int line, const char *format, ...)
{
	va_list ap;

	failed++;
	if (printed[line % 8192] >= 5)
		return;
	printed[line % 8192]++;
	printf("%s:%d: ", file, line);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
}

/* ---- Tools --------------------------------------------------------------- */

/* The same numbers on every machine and in every run. */
uint32_t
chance(uint32_t below)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)((x >> 20) % below);
}

void *
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
size_t
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
size_t
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

struct num
number(uint64_t hi, uint64_t lo)
{
	struct num n;

	n.hi = hi;
	n.lo = lo;
	return n;
}

/* The C library's idea of an address. */
bool
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

struct num
addr(const char *text)
{
	struct num n = { 0, 0 };
	enum family f;

	if (!pton(text, &f, &n))
		OK(0, "the test's own address \"%s\" is none", text);
	return n;
}

/* RFC 5952 section 4, slowly. */
const char *
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

bool
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
bool
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

const char *
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

int
main(void)
{
	messages_tests();
	rules_tests();
	answers_tests();
	upstreams_tests();
	printf("unit: %u passed, %u failed\n", passed, failed);
	return failed != 0;
}
