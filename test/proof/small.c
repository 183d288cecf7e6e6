/* small.c -- all messages and texts of small alphabets, each in memory that ends with it
 *
 *	small [OCTETS CHARACTERS]	tails of up to OCTETS behind some headers, questions and records (4), texts of up to
 *					CHARACTERS (5)
 *
 * Built with the sanitizers it shows what reads or writes beyond; what the contracts of dyndns.h promise is looked at here.
 */
#include "dyndns.h"
#include <stdlib.h>
#include <string.h>

static struct rules rules, some;
static struct counters counters;
static unsigned long passed, failed;

static void
must(bool good, const char *what)
{
	if (good)
		passed++;
	else if (failed++ < 10)
		printf("small: not so: %s\n", what);
}

/* A copy that ends where its memory ends. */
static void *
exact(const void *from, size_t n)
{
	unsigned char *copy = malloc(n ? n : 1);

	if (!copy)
		exit(3);
	memcpy(copy + (n == 0), from, n);
	return copy + (n == 0);
}

static void
let_go(void *copy, size_t n)
{
	free((unsigned char *)copy - (n == 0));
}

static void
message(const uint8_t *octets, size_t n)
{
	struct view view = { .rules = &rules, .ttl = 60, .counters = &counters };
	struct client who = { .from = { .port = 4000 } };
	struct writer w = { .cap = OWN_MAX };
	struct question q;
	struct reason why;
	struct reply is;
	uint8_t *msg = exact(octets, n), *reply, *fit;

	w.msg = malloc(OWN_MAX);
	if (!w.msg)
		exit(3);
	answer(&view, &who, msg, n, &w, &why);
	must(!w.bad && w.len <= OWN_MAX, "an answer has room");
	if (n >= HEADER_LEN && question_read(msg, n, &q)) {
		must(q.end <= n && q.name == msg + HEADER_LEN, "a question lies within its message");
		reply = exact(octets, n);
		reply[2] |= 0x80;
		if (reply_matches(msg, n, reply, n, &is)) {
			size_t room = n > is.question_end ? n : is.question_end, size;

			fit = malloc(room);
			if (!fit)
				exit(3);
			memcpy(fit, reply, n);
			size = reply_fit(fit, &is, msg, UDP_PLAIN);
			must(size <= room && is.end <= n && is.opt_end <= n, "a reply is cut within its message");
			free(fit);
		}
		let_go(reply, n);
		if (q.opt && !q.torn)
			must(options_strip(msg, n, q.options) <= n, "taking options out makes no message longer");
	}
	free(w.msg);
	let_go(msg, n);
}

static void
tails(uint8_t *m, size_t at, size_t end)
{
	static const uint8_t octets[] = { 0, 1, 2, 3, 10, 41, 0x3f, 0x40, 0xc0, 'a' };

	if (at == end) {
		message(m, end);
		return;
	}
	for (size_t i = 0; i < sizeof octets; i++) {
		m[at] = octets[i];
		tails(m, at + 1, end);
	}
}

static void
messages(size_t most)
{
	static const uint8_t flags[] = { 0, 0x80, 0x28 };
	static const char question[] = "\2a1\1b\0\0\1\0\1", opt[] = "\0\0\51\4\0\0\0\0\0";
	uint8_t m[64];

	for (size_t f = 0; f < sizeof flags; f++)
		for (unsigned records = 0; records < 8; records++) {
			memset(m, 0, HEADER_LEN);
			m[2] = flags[f];
			m[5] = 1;
			m[7] = records & 1;
			m[9] = records >> 1 & 1;
			m[11] = records >> 2 & 1;
			for (size_t n = 0; n <= HEADER_LEN; n++)
				message(m, n);
			for (size_t n = 1; n <= most; n++)
				tails(m, 12, 12 + n);
			memcpy(m + 12, question, sizeof question - 1);
			for (size_t n = 1; n <= most; n++)
				tails(m, 22, 22 + n);
			memcpy(m + 22, opt, sizeof opt - 1);
			for (size_t n = 1; n <= most; n++)
				tails(m, 31, 31 + n);
		}
}

static void
quiet(const char *line, const char *why)
{
	(void)line, (void)why;
}

static void
text_try(const char *text, size_t n)
{
	char *cut = exact(text, n), *word = exact(text, n + 1), address[ADDRESS_TEXT], shown[NAME_TEXT];
	uint8_t wire[NAME_MAX_WIRE], back[NAME_MAX_WIRE];
	struct complaint c;
	struct endpoint e;
	struct upstream_list list;
	struct found found;
	struct place place;
	struct net net;
	struct num a, b;
	enum family f, g;
	size_t len;

	if (address_parse(cut, n, &f, &a)) {
		address_text(f, a, address);
		must(address_parse(address, strlen(address), &g, &b) && f == g && num_cmp(a, b) == 0, "an address comes back");
	}
	num_parse(cut, n, 10, &a);
	num_parse(cut, n, 16, &a);
	net_parse(word, &net, &c);
	if (endpoint_parse(word, 53, &e, &c))
		must(strlen(endpoint_text(&e, address)) < ADDRESS_TEXT, "an endpoint has room");
	if ((len = name_wire(word, wire))) {
		must(name_wire(name_text(wire, shown), back) == len && memcmp(wire, back, len) == 0, "a name comes back");
		rules_forward(&rules, wire, &found);
		rules_place(&rules, wire, &place);
		must(place.owner < len, "a domain of our own lies within the name");
	}
	rules_clear(&some);
	rule_add(&some, word, "10.1", &c);
	rule_add(&some, word, "10.1.2.3", &c);
	rule_add(&some, word, "none", &c);
	rule_add(&some, "w1.b", word, &c);
	rules_parse(&some, cut, n, &c);
	resolv_parse(cut, n, &list, quiet);
	must(list.count <= UPSTREAMS_MAX && list.total >= 1000, "a list is whole");
	let_go(cut, n);
	let_go(word, n + 1);
}

static void
texts(char *text, size_t at, size_t end)
{
	if (at == end) {
		text[end] = '\0';
		text_try(text, end);
		return;
	}
	for (const char *c = "1fa.:-/%\\ \n#"; *c; c++) {
		text[at] = *c;
		texts(text, at + 1, end);
	}
}

int
main(int argc, char **argv)
{
	static const char all[] = "a1.b 10.1\nn%x.b fd00::/64\ni%a.b 10\n%d 192.0.2\na.b 10.9.9.9\nf none\n10.1.0.0/16 none\n";
	struct complaint c;
	char text[32];

	if (!rules_parse(&rules, all, sizeof all - 1, &c))
		return 3;
	messages(argc > 1 ? (size_t)atoi(argv[1]) : 4);
	for (size_t n = 0; n <= (argc > 2 ? (size_t)atoi(argv[2]) : 5); n++)
		texts(text, 0, n);
	printf("small: %lu passed, %lu failed\n", passed, failed);
	return failed > 0;
}
