/* upstreams.c -- room 7: resolv.conf, what counts as a reply, what is for one hop */
#include "unit.h"

static unsigned complaints;

static void
complaint_count(const char *line, const char *why_not)
{
	OK(line && why_not && *why_not && strlen(line) < 100000, "resolv_parse: an empty complaint");
	complaints++;
}

/* The list as text: addresses, or ADDRESS%SCOPE. */
static const char *
servers_text(const struct upstream_list *s)
{
	static char text[1024];
	unsigned i;

	text[0] = 0;
	for (i = 0; i < s->count && i < UPSTREAMS_MAX; i++) {
		sprintf(text + strlen(text), "%s%s", i ? " " : "", show_address(s->at[i].family, s->at[i].addr));
		if (s->at[i].scope)
			strcat(text, s->at[i].scope == if_nametoindex("lo") ? "%lo" : "%?");
	}
	return text;
}

static const char *
resolved(const char *text, size_t len, struct upstream_list *s)
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
		OK(s->at[i].port == 53, "resolv_parse of \"%.60s\": port %u", text, s->at[i].port);
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
		{ "nameservers 10.0.0.1\nnameserve 10.0.0.2\nxnameserver 10.0.0.3\n", "", 1 },
		{ "Nameserver 10.0.0.1\nNAMESERVER 10.0.0.2\nnameserver=10.0.0.3\nnameserver:10.0.0.3\n", "", 4 },
		{ "\357\273\277nameserver 10.0.0.1\r\n", "10.0.0.1", 0 },	/* a byte-order mark */
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
	struct upstream_list s;
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

void
upstreams_tests(void)
{
	test_resolv();
	test_reply_matches();
	test_reply_fit();
	test_reply_no();
	test_options_strip();
}
