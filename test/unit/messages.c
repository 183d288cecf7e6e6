/* messages.c -- room 4: octets read and written */
#include "unit.h"

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
size_t
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

void
messages_tests(void)
{
	test_reader();
	test_writer();
	test_rd_name();
	test_rd_record();
	test_names();
}
