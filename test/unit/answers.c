/* answers.c -- room 6: a question in, a verdict and a reply out */
#include "unit.h"

/* What the questions below are asked of. */
static const char answer_rules[] =
    "workstation123.mohit.com 172.16.2\n"
    "both.lab 172.16.3\n"
    "both.lab fd00:2::/64\n"
    "six.lab fd00:3::/64\n"
    "any 172.16.9\n"
    "shade.lab 172.16.4\n"
    "shade.lab 172.16.5\n"
    "ip-%a.lab 172.30.1\n"
    "gate.own 172.31.0.1\n"
    "ws.r.own 172.31.1\n"
    "own none\n"
    "s.own none\n";

static struct counters counters;
static struct view view;
static struct client client;

static void
answer_setup(void)
{
	struct complaint c;

	rules_clear(&rules);
	OK(rules_parse(&rules, answer_rules, sizeof answer_rules - 1, &c), "%s: %s", c.what, c.why);
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

		/* domains of our own, and whose SOA it is */
		{ "x.own", 1, 1, RD, 0, "8583 x.own A IN; ns " SOA("own") },
		{ "x.own", 43, 1, RD, 0, "8583 x.own TYPE43 IN; ns " SOA("own") },
		{ "x.own", 6, 1, RD, 0, "8583 x.own SOA IN; ns " SOA("own") },
		{ "x.own", 255, 1, RD, EDNS(512), "8583 x.own ANY IN; ns " SOA("own") "; ar OPT 1232 0 0 0000" },
		{ "own", 1, 1, RD, 0, "8580 own A IN; ns " SOA("own") },
		{ "own", 6, 1, RD, 0, "8580 own SOA IN; an " SOA("own") },
		{ "own", 255, 1, RD, 0, "8580 own ANY IN; an " SOA("own") },
		{ "own", 43, 1, RD, 0, "forward" },
		{ "s.own", 43, 1, RD, 0, "8580 s.own TYPE43 IN; ns " SOA("own") },
		{ "s.own", 6, 1, RD, 0, "8580 s.own SOA IN; an " SOA("s.own") },
		{ "r.own", 43, 1, RD, 0, "8580 r.own TYPE43 IN; ns " SOA("own") },
		{ "r.own", 255, 1, RD, 0, "8580 r.own ANY IN; ns " SOA("own") },
		{ "gate.own", 1, 1, RD, 0, "8580 gate.own A IN; an gate.own A IN 60 172.31.0.1" },
		{ "gate.own", 28, 1, RD, 0, "8580 gate.own AAAA IN; ns " SOA("own") },
		{ "gate.own", 43, 1, RD, 0, "8580 gate.own TYPE43 IN; ns " SOA("own") },
		{ WS10, 43, 1, RD, 0, "8580 " WS10 " TYPE43 IN; ns " SOA("mohit.com") },
		{ R10, 255, 1, RD, 0, "8580 " R10 " ANY IN; an " R10 " PTR IN 60 " WS10 },
		{ R10, 6, 1, RD, 0, "8580 " R10 " SOA IN; an " SOA(R10) },
		{ R10, 43, 1, RD, 0, "8580 " R10 " TYPE43 IN; ns " SOA("2.16.172.in-addr.arpa") },

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
			hit = strncmp(table[i].want, "858", 3) == 0 || strncmp(table[i].want, "8480", 4) == 0;
			OK(why.hit == hit, "%s, type %u: expected hit %d, came %d", table[i].name, table[i].type, hit, why.hit);
			OK((why.rule != NO_RULE) == hit, "%s, type %u: hit %d by rule %u", table[i].name, table[i].type, hit, why.rule);
			if (strcmp(got, "forward") != 0)
				OK(why.rcode == (hit ? (unsigned)(table[i].want[3] - '0') : 5), "%s, type %u: rcode %u", table[i].name, table[i].type, why.rcode);
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
	/* Of IPv6 one address is this machine's own. */
	view.nets_count = 0;
	client.from.family = V6;
	for (i = 1; i <= 2; i++) {
		client.from.addr = number(0, i);
		got = asked(msg, ask("stats.dyndns", 16, 3, RD, 0, msg));
		OK(!strstr(got, "8185") == (i == 1), "from ::%u, stats: came %s", (unsigned)i, got);
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

void
answers_tests(void)
{
	test_answers();
	test_messages();
	test_clients();
	test_chaos();
	test_question_read();
	test_reply_empty();
	test_explain();
}
