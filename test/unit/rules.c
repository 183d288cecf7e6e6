/* rules.c -- room 5: numbers, addresses, rules, and the rules against a model of them */
#include "unit.h"

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
	OK(!address_parse("::1\0", 4, &f, &a), "address_parse takes an octet of zero after an IPv6 address");
	OK(!address_parse("::0000000000000000000000000000000000000000000000000000000000000001", 66, &f, &a), "address_parse takes what is too long");
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
		{ "127.0.0.1:53", NULL, 0, false }, { "127.0.0.1#53", NULL, 0, false }, { "[::1]@53", NULL, 0, false }, { "[::1]", NULL, 0, false }, { "[::1", NULL, 0, false },
		{ "[::1]x", NULL, 0, false }, { "127.0.0.1:x", NULL, 0, false }, { "::1#53", NULL, 0, false }, { "x#53", NULL, 0, false },
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

struct rules rules;	/* over 1 MB: not for a stack */

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
		{ "ip-%a.lab", "fd00::/16", "ip-fd00--0.lab", "fd00::" },
		{ "%a.lab", "::/0", "0--5.lab", "::5" }, { "%a.lab", "::/0", "--5.lab", "::5" }, { "%a.lab", "::/0", "0--0.lab", "::" },
		{ "%a.lab", "::/0", "--.lab", "::" }, { "%a-m.lab", "::/0", "fd00--0-m.lab", "fd00::" }, { "%a-m.lab", "::/0", "fd00---m.lab", "fd00::" },
		/* fixed names: digits and all */
		{ "gateway.lab", "10.1.0.254", "gateway.lab", "10.1.0.254" }, { "gateway.lab", "10.1.0.254", "GateWay.LAB", "10.1.0.254" },
		{ "GateWay.Lab.", "10.1.0.254", "gateway.lab", "10.1.0.254" }, { "gateway.lab", "10.1.0.254", "gateway", "-" },
		{ "gateway.lab", "10.1.0.254", "gateway1.lab", "-" }, { "gateway.lab", "10.1.0.254", "gateway.lab.lab", "-" },
		{ "gateway.lab", "10.1.0.254", "a.gateway.lab", "-" }, { "gateway.lab", "10.1.0.254", "gatewa.lab", "-" },
		{ "nas7.lab", "fd00::7", "nas7.lab", "fd00::7" }, { "nas7.lab", "fd00::7", "nas07.lab", "-" }, { "nas7.lab", "fd00::7", "nas8.lab", "-" },
		{ "nas7.lab", "fd00::7", "nas.lab", "-" }, { "gateway", "10.1.0.254", "gateway", "10.1.0.254" }, { "gateway", "10.1.0.254", "gateway.lab", "-" },
		{ "nas7", "10.1.0.254", "nas7", "10.1.0.254" }, { "nas7", "10.1.0.254", "nas7.lab", "-" }, { "7.lab", "10.0.0.9", "7.lab", "10.0.0.9" },
		{ "a.lab", "::ffff:10.0.0.1", "a.lab", "10.0.0.1" }, { L63 ".lab", "10.0.0.1", L63 ".lab", "10.0.0.1" },
		/* CIDR as everybody writes it */
		{ "ws.lab", "10/8", "ws256.lab", "10.0.1.0" }, { "ws.lab", "192.168.1/24", "ws7.lab", "192.168.1.7" }, { "ws.lab", "10.1/16", "ws7.lab", "10.1.0.7" },
		{ "ws.lab", "10.0/9", "ws7.lab", "10.0.0.7" },
		/* a domain of our own answers nothing itself */
		{ "lab", "none", "lab", "-" }, { "lab", "none", "ws1.lab", "-" }, { "10.1.0.0/16", "none", "1.10.in-addr.arpa", "-" },
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
		/* Spaces and empty labels too: wname writes what it is given. */
		got = forward(table[i].name);
		OK(strcmp(got, table[i].want) == 0, "%s %s, %s: expected %s, came %s",
		    table[i].pattern, table[i].network, table[i].name, table[i].want, got);
	}
	rules_clear(&rules);
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
		{ "w{s.lab", "172.16.2", "'{'" }, { "w s.lab", "172.16.2", "a blank in a host name" }, { "w\tb.lab", "172.16.2", "two words" },
		{ "w\177b.lab", "172.16.2", "unprintable" }, { "w\303\251.lab", "172.16.2", "xn--" },
		{ "w\303\251.lab", "10.0.0.1", "xn--" }, { "w\303\251", "none", "xn--" },
		/* words as people write them */
		{ "172.16.2", "172.16.3", "are the words swapped?" }, { "172.16.2", "ws.lab", "are the words swapped?" },
		{ "172.16.2.0/24", "ws.lab", "are the words swapped?" }, { "10", "172.16.2", "are the words swapped?" },
		{ "fd00::/64", "172.16.2", "are the words swapped?" }, { "10.0.0.1-10.0.0.9", "ws1.lab", "are the words swapped?" },
		{ "10.0.0.7", "nas.lab", "are the words swapped?" },
		{ "*.lab", "none", "write lab none" }, { "*.lab", "172.16.2", "write lab none" }, { "*.lab", "10.0.0.1", "write lab none" },
		{ "lab", "NONE", "write none" }, { "lab", "None", "write none" }, { "lab", "nones", "not a network" },
		{ "ws.lab", "172.16.256", "0 to 255" }, { "ws.lab", "172.16.2.256", "0 to 255" }, { "ws.lab", "172.016.2", "leading zeros" },
		{ "ws.lab", "172.16.256/24", "0 to 255" }, { "ws.lab", "1.2.3.4.5", "four octets" },
		{ "ws.lab", "10.1.0.5-9", "did you mean 10.1.0.5-10.1.0.9?" }, { "ws.lab", "10.1.0.5-", "after the dash" },
		{ "ws.lab", "10/16", "did you mean 10.0.0.0/16?" }, { "ws.lab", "192.168.1/25", "did you mean 192.168.1.0/25?" },
		{ "ws.lab", "10.1/8", "did you mean 10.0.0.0/8?" }, { "ws.lab", "192.168.1/20", "did you mean 192.168.0.0/20?" },
		{ "*", "10.0.0.1", "'*' in a host name" }, { "*x.lab", "172.16.2", "'*' in a host name" },
		{ L63 "1.lab", "172.16.2", "over 63" }, { "1" L63 "1.lab", "172.16.2", "over 63" },
		{ "1111111111111111111111111111111111111111111111111111111111111111.lab", "172.16.2", "over 63" },
		/* labels that begin or end with a dash */
		{ "-ws.lab", "172.16.2", "begins or ends with '-'" }, { "-ws", "172.16.2", "begins or ends with '-'" },
		{ "-%d.lab", "172.16.2", "begins or ends with '-'" }, { "n%d-.lab", "172.16.2", "begins or ends with '-'" },
		{ "%a-.lab", "172.16.2", "begins or ends with '-'" }, { "ws.-lab", "172.16.2", "begins or ends with '-'" },
		{ "ws.lab-", "172.16.2", "begins or ends with '-'" }, { "ws.a-.lab", "172.16.2", "begins or ends with '-'" },
		{ "ws-.lab", "10.0.0.1", "begins or ends with '-'" }, { "-lab", "none", "begins or ends with '-'" },
		{ "lab-.", "none", "begins or ends with '-'" },
		/* fixed names */
		{ "ws.lab", "172.16.2.0", "172.16.2.0/24?" }, { "ws.lab", "172.16.0.0", "172.16.0.0/16?" }, { "ws.lab", "10.0.0.0", "10.0.0.0/8?" },
		{ "ws.lab", "0.0.0.0", "0.0.0.0/8?" }, { "ws.lab", "fd00::", "fd00::/64?" }, { "ws.lab", "fd00:1:2:3::", "fd00:1:2:3::/64?" },
		{ "ws.lab", "::", "::/64?" }, { "ws.lab", "::ffff:10.0.0.0", "10.0.0.0/8?" },
		{ "ws.lab", "fe80::1", "link-local" }, { "ws.lab", "febf::1", "link-local" },
		{ "n%d.lab", "10.0.0.1", "no % in it" }, { "n%a.lab", "fd00::1", "no % in it" },
		{ "a..b", "10.0.0.1", "empty label" }, { ".lab", "10.0.0.1", "empty label" }, { "", "10.0.0.1", "empty label" },
		{ L63 "a.lab", "10.0.0.1", "over 63" }, { L63 "." L63 "." L63 "." L63, "10.0.0.1", "over 255" },
		/* domains of our own */
		{ "n%d.lab", "none", "no number" }, { "", "none", "empty label" }, { ".", "none", "empty label" }, { "a..lab", "none", "empty label" },
		{ "10.1.0.0/15", "none", "host bits" }, { "10.0.0.0/15", "none", "8, 16, 24 or 32 bits" }, { "fd00::/50", "none", "4 by 4" },
		{ "10.0.0.1-10.0.0.9", "none", "write a network" }, { "10/16", "none", "did you mean 10.0.0.0/16?" },
		{ "10.0.0.0/33", "none", "0 to 32" }, { "fd00::x/48", "none", "before the slash" }, { "lab x", "none", "a blank" },
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
		{ "\357\273\277ws.lab 172.16.2\r\n", 0, 1 },	/* a byte-order mark */
		{ "\357\273\277", 0, 0 }, { "\357\273", 1, 0 }, { "\n\357\273\277ws.lab 172.16.2\n", 2, 0 },
		{ "gateway.lab 10.1.0.254\nws.lab 172.16.2\nlab none\n10.1.0.0/16 none\n", 0, 4 },
		{ "ws1.lab 10.0.0.1 - 10.0.0.9\n", 1, 0 }, { "ws1.lab 10.0.0.1- 10.0.0.9\n", 1, 0 },
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
	OK(strcmp(forward("ws7.lab"), "172.16.2.7") == 0, "%u equal rules: came %s", (unsigned)RULES_MAX, forward("ws7.lab"));

	/* Domains so long that the text runs out before the rules do: refused, not cut. */
	rules_clear(&rules);
	for (n = 0; n < RULES_MAX; n++) {
		sprintf(pattern, "ws.d%u.%s.%s.%s", n, L59, L59, L59);
		if (!rule_add(&rules, pattern, "172.16.2", &c))
			break;
	}
	OK(rules.count == n, "%u rules taken, %u counted", n, rules.count);
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
	struct net net;
	enum family g;
	struct num b;
	size_t i, len;
	bool good;

	for (i = 0; i < COUNT(table); i++) {
		len = wname(table[i].name, wire);
		copy = exact(wire, len);
		good = reverse_address(copy, &net);
		OK(good == !!table[i].want, "reverse_address of %s: expected %d, came %d", table[i].name, !!table[i].want, good);
		if (good && table[i].want) {
			pton(table[i].want, &g, &b);
			OK(net.family == g && same_num(net.first, b), "reverse_address of %s: expected %s, came %s", table[i].name, table[i].want, show_address(net.family, net.first));
		}
		free(copy);
	}
	/* One label that only looks like them. */
	len = bytes("09 \"1.2.16.17\" 'in-addr''arpa'00", wire);
	OK(!reverse_address(wire, &net), "reverse_address takes dots within a label");
	len = bytes("02 \"1\" 00 '2''16''172''in-addr''arpa'00", wire);
	OK(!reverse_address(wire, &net), "reverse_address takes a zero octet");
	for (i = 0; i < 4000; i++) {
		g = i % 2 ? V6 : V4;
		b = number((uint64_t)chance(0xffffffff) << 32 | chance(0xffffffff), (uint64_t)chance(0xffffffff) << 32 | chance(0xffffffff));
		if (g == V4)
			b.hi = 0, b.lo &= 0xffffffff;
		len = reverse_wire(g, b, wire);
		copy = exact(wire, len);
		OK(reverse_address(copy, &net) && net.family == g && same_num(net.first, b), "reverse_address of %s: came %s", show_address(g, b), show_address(net.family, net.first));
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
		{ "ip-%a.lab fd00::/16", "fd00::", "ip-fd00--0.lab" },
		{ "%a.lab ::/0", "::5", "0--5.lab" }, { "%a.lab ::/0", "::", "0--0.lab" }, { "%a-x.lab fd00:5::/48", "fd00:5::", "fd00-5--0-x.lab" },
		/* a fixed name takes its address's PTR, wherever it stands */
		{ "ws.lab 10.1.0.0/24\nws17.lab 10.1.0.99", "10.1.0.99", "ws17.lab" },
		{ "ws.lab 10.1.0.0/24\nws17.lab 10.1.0.99", "10.1.0.17", "no name" },
		{ "ws.lab 10.1.0.0/24\nws17.lab 10.1.0.99", "10.1.0.18", "ws18.lab" },
		{ "a.lab 10.1.0.9\nb.lab 10.1.0.9", "10.1.0.9", "a.lab" }, { "gateway 10.1.0.254", "10.1.0.254", "gateway" },
		{ "a.lab 10.1.0.9\na.lab 10.1.0.8", "10.1.0.8", "no name" }, { "lab none\na.lab 10.1.0.9", "10.1.0.9", "a.lab" },
		{ "10.1.0.0/16 none", "10.1.0.9", "-" }, { "lab none", "0.0.0.1", "-" }, { "lab none", "0.0.0.0", "-" },
		{ "ip-%a.lab fd00::/16", "fd00:1:2:3:4:5:6:7", "ip-fd00-1-2-3-4-5-6-7.lab" },
		{ "ip-%a.lab ::/0", "::1", "ip-0--1.lab" },
		{ "ip-%a.lab ::/0", "::ffff:10.0.3.7", "ip-0--ffff-a00-307.lab" },
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
		got = reverse(table[i].address);
		OK(strcmp(got, table[i].want) == 0, "\"%s\", %s: expected %s, came %s", table[i].rules, table[i].address, table[i].want, got);
		if (strchr(got, '.'))
			OK(strstr(forward(got), table[i].address) || strchr(table[i].address, ':'),
			    "\"%s\": %s is %s, which is %s", table[i].rules, table[i].address, got, forward(got));
	}
}

/* Where names lie among the domains of our own: the domain, and ! where they don't exist. */
static void
test_places(void)
{
	static const char text[] = "lab none\n" "ws.rack1.lab 10.1.0.0/24\n" "a.b.c.lab fd00::1\n" "deep.x.lab none\n" "10.1.0.0/16 none\n"
	    "fd00:5::/48 none\n" "0.0.0.0/8 none\n" "n.other 10.1.9.0/25\n" "dot 10.1.8.0/24\n" "resolver.arpa none\n" "n.home fd00:5::ab00/120\n" "gw 10.1.7.1";
	static const struct { const char *name, *want; } table[] = {
		{ "lab", "lab" }, { "LAB", "LAB" }, { "x.lab", "lab" }, { "y.lab", "!lab" }, { "rack1.lab", "lab" }, { "RACK1.lab", "lab" },
		{ "ws.rack1.lab", "!lab" }, { "ws1.rack1.lab", "!lab" }, { "c.lab", "lab" }, { "b.c.lab", "lab" }, { "x.b.c.lab", "!lab" },
		{ "x.a.b.c.lab", "!lab" }, { "deep.x.lab", "deep.x.lab" }, { "y.deep.x.lab", "!deep.x.lab" }, { "z.x.lab", "!lab" },
		{ "labx", "-" }, { "lab.lab2", "-" }, { "other", "-" }, { "n1.other", "-" }, { "", "-" }, { "xlab", "-" },
		{ "resolver.arpa", "resolver.arpa" }, { "_dns.resolver.arpa", "!resolver.arpa" }, { "arpa", "-" },
		{ "1.10.in-addr.arpa", "1.10.in-addr.arpa" }, { "0.1.10.in-addr.arpa", "1.10.in-addr.arpa" }, { "9.1.10.IN-ADDR.arpa", "1.10.IN-ADDR.arpa" },
		{ "8.1.10.in-addr.arpa", "!1.10.in-addr.arpa" },	/* a rule without a domain gives no PTR */
		{ "7.1.10.in-addr.arpa", "1.10.in-addr.arpa" },		/* a fixed name without one does */
		{ "6.1.10.in-addr.arpa", "!1.10.in-addr.arpa" }, { "0.0.in-addr.arpa", "!0.in-addr.arpa" }, { "007.1.10.in-addr.arpa", "!1.10.in-addr.arpa" }, { "300.1.10.in-addr.arpa", "!1.10.in-addr.arpa" },
		{ "x.0.1.10.in-addr.arpa", "!1.10.in-addr.arpa" }, { "128.9.1.10.in-addr.arpa", "!1.10.in-addr.arpa" }, { "2.10.in-addr.arpa", "-" },
		{ "10.in-addr.arpa", "-" }, { "in-addr.arpa", "-" },
		{ "0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa", "0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa" },
		{ "0.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa", "0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa" },
		{ "1.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa", "!0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa" },
		{ "b.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa", "0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa" },
		{ "c.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa", "!0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa" },
		{ "0.0.0.0.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa", "0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa" },
	};
	/* What lies directly in a domain of our own a rule without a domain answers, and nothing deeper. */
	static const struct { const char *name, *want; } dotless[] = {
		{ "dot5", "10.1.8.5" }, { "dot5.elsewhere", "10.1.8.5" }, { "dot5.a.b.elsewhere", "10.1.8.5" }, { "dot5.lab", "10.1.8.5" },
		{ "dot5.x.lab", "-" }, { "dot5.rack1.lab", "-" }, { "dot5.deep.x.lab", "10.1.8.5" }, { "dot5.y.deep.x.lab", "-" },
		{ "dot5.1.10.in-addr.arpa", "10.1.8.5" }, { "DOT5.LAB", "10.1.8.5" },
	};
	struct complaint c;
	struct place place;
	uint8_t wire[256], *copy;
	char came[NAME_TEXT + 1];
	size_t i, len;
	unsigned n;

	rules_clear(&rules);
	OK(rules_parse(&rules, text, sizeof text - 1, &c), "not taken: %s: %s", c.what, c.why);
	for (i = 0; i < COUNT(table); i++) {
		len = wname(table[i].name, wire);
		copy = exact(wire, len);
		memset(&place, 0xee, sizeof place);
		rules_place(&rules, copy, &place);
		strcpy(came, "-");
		if (place.rule != NO_RULE) {
			*came = '!';
			name_text(copy + place.owner, came + !place.exists);
		}
		OK(strcmp(came, table[i].want) == 0, "rules_place of %s: expected %s, came %s", table[i].name, table[i].want, came);
		free(copy);
	}
	for (i = 0; i < COUNT(dotless); i++)
		OK(strcmp(forward(dotless[i].name), dotless[i].want) == 0, "%s: expected %s, came %s", dotless[i].name, dotless[i].want, forward(dotless[i].name));
	/* Fixed names win wherever they stand, for their family. */
	rules_clear(&rules);
	OK(add("ws.lab", "10.1.0.0/24") && add("ws.lab", "fd00::/64") && add("ws17.lab", "10.1.0.99") && add("ws17.lab", "10.1.0.98"), "not taken");
	OK(strcmp(forward("ws17.lab"), "10.1.0.99 fd00::11") == 0, "ws17.lab gets %s", forward("ws17.lab"));
	OK(strcmp(forward("ws017.lab"), "10.1.0.17 fd00::11") == 0, "ws017.lab gets %s", forward("ws017.lab"));
	/* The word none is a name's beginning like any other. */
	rules_clear(&rules);
	OK(add("none", "172.16.2") && add("none", "none"), "none is not taken");
	OK(strcmp(forward("none7"), "172.16.2.7") == 0 && strcmp(forward("none7.none"), "172.16.2.7") == 0, "none7 gets %s", forward("none7"));
	/* Long names fill the room for text. */
	rules_clear(&rules);
	for (i = 0; i < RULES_MAX; i++) {
		char pattern[300];

		sprintf(pattern, "w%u-." L63 "." L63 "." L63, (unsigned)i);
		if (!rule_add(&rules, pattern, "10.0.0.0/24", &c))
			break;
	}
	OK(i > RULES_MAX / 4 && i < RULES_MAX && strstr(c.why, "octets"), "long rules: %u are taken: %s", (unsigned)i, c.why);
	/* There is no room beyond the limit, where a domain's shape would be the first too many, or a rule's own. */
	for (n = 0; n < 2; n++) {
		rules_clear(&rules);
		for (i = 0; i < RULES_MAX; i++) {
			char pattern[64];

			sprintf(pattern, n ? "w.x.y.z.q%u" : "w.u.v.x.y.z.q%u", (unsigned)i);
			if (!rule_add(&rules, pattern, "10.0.0.0/24", &c))
				break;
		}
		OK(i > RULES_MAX / 2 && i < RULES_MAX && rules.shapes == SHAPES_MAX && strstr(c.why, "domains"),
		    "rules in deep domains: %u are taken: %s", (unsigned)i, c.why);
	}
}

/* ---- Room 5 against a model ---------------------------------------------- */

/* The rules once more, without an index: each is tried in turn. */
struct model { const char *prefix, *suffix, *domain; int form, family; unsigned width; struct num first, last, low; };

static struct model model[64];
static unsigned models;


/* The longest domain of our own that holds a name, or "". */
static const char *
model_own(const char *name)
{
	unsigned i;

	for (;; name++) {
		for (i = 0; i < models; i++)
			if (model[i].form == DOMAIN && strcmp(model[i].domain, name) == 0)
				return name;
		if (!(name = strchr(name, '.')))
			return "";
	}
}

static bool
model_has_name(const struct model *m)
{
	return m->form == FIXED || (m->form != DOMAIN && *m->domain);
}

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
	if (m->form == DOMAIN || (*m->domain && strcmp(rest, m->domain) != 0))
		return false;
	if (m->form == FIXED) {
		*a = m->first;
		return strcmp(label, m->prefix) == 0 && (*m->domain || !*rest);
	}
	/* without a domain: in one of our own only what lies directly in it */
	if (!*m->domain && *model_own(rest) && strcmp(model_own(rest), rest) != 0)
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

/* The address, or false: the first rule of the family, fixed names before all others. */
static bool
model_forward(const char *name, int family, struct num *a)
{
	unsigned i;

	for (i = 0; i < 2 * models; i++)
		if ((model[i % models].form == FIXED) == (i < models) && model[i % models].family == family &&
		    model_match(model + i % models, name, a))
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
		if (*text == ':')
			memmove(text + 1, text, strlen(text) + 1), *text = '0';
		if (text[strlen(text) - 1] == ':')
			strcat(text, "0");
		for (p = text; *p; p++)
			if (*p == '.' || *p == ':')
				*p = '-';
	} else if (m->form == FIXED)
		*text = 0;
	else
		sprintf(text, m->form == HEX ? "%0*x" : "%0*u", (int)(m->width ? m->width : 1), n);
	sprintf(out, "%s%s%s%s%s", m->prefix, text, m->suffix, *m->domain ? "." : "", m->domain);
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
	if (chance(8) == 0) {
		m->form = DOMAIN;
		m->family = FAMILIES;
		m->domain = chance(2) ? "lab" : "b.lab";
		strcpy(pattern, m->domain);
		strcpy(network, "none");
		return;
	}
	m->first = m->last = m->family == V4 ? number(0, 0x0a000000) : number(UINT64_C(0xfd00000000000000), 0);
	if (chance(6) == 0) {
		static const char *const labels[] = { "n17", "n1", "na", "na-5", "n" };

		m->form = FIXED;
		m->prefix = labels[chance(COUNT(labels))];
		m->suffix = "";
		m->last.lo = m->first.lo += 1 + chance(255);
		sprintf(pattern, "%s%s%s", m->prefix, *m->domain ? "." : "", m->domain);
		strcpy(network, show_address(m->family, m->first));
		return;
	}
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

		/* forward: names around what the rules hold */
		for (n = 0; n < 700; n++) {
			const char *head = heads[chance(COUNT(heads))];
			char number_text[64];
			unsigned v = chance(n % 5 ? 260 : 70000);

			switch (chance(7)) {
			case 6:
				*number_text = 0;
				break;
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
				for (i = holders = 0, j = models; i < 2 * models; i++) {
					const struct model *m = model + i % models;

					if ((m->form == FIXED) != (i < models) || m->family != (int)f || !model_has_name(m) ||
					    num_cmp(base, m->first) < 0 || num_cmp(base, m->last) > 0)
						continue;
					if (holders++ == 0)
						holds = i % models;
					model_name(m, base, written);
					if (model_forward(written, (int)f, a) && same_num(a[0], base)) {
						j = i % models;
						break;
					}
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
			if (model_has_name(model + i)) {
				struct num mid = model[i].first;

				mid.lo += chance((uint32_t)(model[i].last.lo - model[i].first.lo + 1));
				model_name(model + i, mid, written);
				len = rule_name(&rules, i, mid, out);
				OK(len == wname(written, wire) && memcmp(out, wire, len) == 0, "rule_name %u of %s: expected %s, of%s", i, show_address(model[i].family, mid), written, all);
			}
	}
}

void
rules_tests(void)
{
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
	test_places();
	test_model();
}
