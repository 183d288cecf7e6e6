/* question.c -- any octets as a question: answer() keeps SPEC section 3
 *
 * Input: one octet of circumstances, then the message.
 *	0x01 TCP; 0x02 source port 123; 0x04 source port 0; 0x08 source port 53;
 *	0x10 a client that may not ask; 0x20 an IPv6 client
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../dyndns.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(what) ((what) ? (void)0 : broken(__LINE__, #what))

static void
broken(int line, const char *what)
{
	fprintf(stderr, "\ntest/fuzz/question.c:%d: not so: %s\n", line, what);
	abort();
}

static struct rules rules;
static struct counters counters;

static void
setup(void)
{
	static const char *const all[][2] = {
		{ "workstation123.mohit.com", "172.16.2" }, { "ws", "10.1" }, { "ws", "fd00:2::/64" }, { "ws1.lab", "172.16.3.101-172.16.3.150" },
		{ "n%x.lab", "10.2" }, { "n%d.lab", "10.3" }, { "ip-%a.lab", "10" }, { "ip-%a.lab", "fd00::/16" }, { "%d", "192.0.2" },
		{ "gateway.lab", "10.4.0.254" }, { "ws7.lab", "fd00:2::99" }, { "printer", "10.4.0.253" }, { "ws.rack1.own", "10.5" }, { "own", "none" },
		{ "deep.x.own", "none" }, { "10.5.0.0/16", "none" }, { "fd00:2::/32", "none" },
	};
	struct complaint c;
	size_t i;

	rules_clear(&rules);
	for (i = 0; i < sizeof all / sizeof *all; i++)
		MUST(rule_add(&rules, all[i][0], all[i][1], &c));
	memset(&counters, 0xff, sizeof counters);	/* as many digits as there can be */
}

/* Steps over a name; `pointers` as in a reply of ours: backwards only.  0 is an error. */
static size_t
name_end(const uint8_t *msg, size_t len, size_t pos, int pointers)
{
	size_t start = pos;

	for (;;) {
		if (pos >= len)
			return 0;
		if (msg[pos] >= 0xc0) {
			if (!pointers || len - pos < 2 || (size_t)((msg[pos] & 0x3f) << 8 | msg[pos + 1]) >= pos)
				return 0;
			return pos + 2;
		}
		if (msg[pos] > 63 || len - pos < 1u + msg[pos] || pos + 1 + msg[pos] - start > 255)
			return 0;
		if (msg[pos] == 0)
			return pos + 1;
		pos += 1u + msg[pos];
	}
}

static unsigned
u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* What the target's own reading of a question comes to. */
/* `whole`: all can be read; `good`: its OPT's options as well. */
struct reading { int good, whole, torn, opt, version, dnssec_ok; size_t end; unsigned type, class; };

static void
question_parse(const uint8_t *msg, size_t len, struct reading *q)
{
	size_t pos, rdlen, owner, p;
	unsigned long i, before, records;

	memset(q, 0, sizeof *q);
	if (len < 12 || u16(msg + 4) != 1)
		return;
	pos = name_end(msg, len, 12, 0);
	if (!pos || len - pos < 4)
		return;
	q->type = u16(msg + pos);
	q->class = u16(msg + pos + 2);
	q->end = pos += 4;
	before = (unsigned long)u16(msg + 6) + u16(msg + 8);
	records = before + u16(msg + 10);
	for (i = 0; i < records; i++) {
		owner = pos;
		/* A pointer that leads anywhere is none of our business. */
		while (pos < len && msg[pos] && msg[pos] < 64)
			pos += 1u + msg[pos];
		if (pos >= len || (msg[pos] > 63 && msg[pos] < 0xc0) || pos + 1 - owner > 255)
			return;
		pos += msg[pos] ? 2 : 1;
		if (pos > len || pos - owner > 255 || len - pos < 10)
			return;
		rdlen = u16(msg + pos + 8);
		if (len - pos - 10 < rdlen)
			return;
		if (u16(msg + pos) == 41) {
			if (msg[owner] || q->opt || i < before)
				return;
			for (p = pos + 10; p < pos + 10 + rdlen && pos + 10 + rdlen - p >= 4; p += 4 + u16(msg + p + 2))
				continue;
			q->torn = p != pos + 10 + rdlen;
			q->opt = 1;
			q->version = msg[pos + 5];
			q->dnssec_ok = msg[pos + 6] >> 7;
		}
		pos += 10 + rdlen;
	}
	q->whole = pos == len && len <= QUESTION_MAX;
	q->good = q->whole && !q->torn;
}

/* A reply of ours: parses to its end, and says what it may say. */
static void
reply_check(const uint8_t *msg, const struct reading *q, const uint8_t *r, size_t n, const struct reason *why)
{
	unsigned count[4], section, i, type, rcode, opts = 0;
	size_t pos = 12, rdlen;

	MUST(n >= 12 && n <= OWN_MAX);
	MUST(n <= 512 || q->opt);
	MUST(r[0] == msg[0] && r[1] == msg[1]);
	MUST(r[2] & 0x80);
	MUST((r[2] & 0x78) == (msg[2] & 0x78));
	MUST(!(r[2] & 2));
	MUST((r[3] & 0xf0) == 0x80);	/* RA; Z, AD, CD clear */
	rcode = r[3] & 15;
	for (i = 0; i < 4; i++)
		count[i] = u16(r + 4 + 2 * i);
	if (msg[2] & 0x78) {
		MUST(rcode == RCODE_NOTIMP && n == 12 && !(r[2] & 5) && !(count[0] | count[1] | count[2] | count[3]));
		return;
	}
	MUST((r[2] & 1) == (msg[2] & 1));
	MUST(count[0] == (q->end ? 1 : 0));
	if (q->end) {
		MUST(n >= q->end && memcmp(r + 12, msg + 12, q->end - 12) == 0);
		pos = q->end;
	}
	for (section = 1; section < 4; section++)
		for (i = 0; i < count[section]; i++) {
			int root = r[pos] == 0;

			pos = name_end(r, n, pos, 1);
			MUST(pos && n - pos >= 10);
			type = u16(r + pos);
			rdlen = u16(r + pos + 8);
			MUST(n - pos - 10 >= rdlen);
			if (type == 41) {
				MUST(root && section == 3 && opts++ == 0);
				MUST(u16(r + pos + 2) == UDP_OURS && rdlen == 0 && r[pos + 5] == 0);
				MUST(!q->good || u16(r + pos + 6) == (q->dnssec_ok ? 0x8000u : 0));
				rcode |= (unsigned)r[pos + 4] << 4;
			} else
				MUST(!root || q->end == 17);
			MUST(type != 1 || rdlen == 4);
			MUST(type != 28 || rdlen == 16);
			MUST(type != 12 || name_end(r, n, pos + 10, 1) == pos + 10 + rdlen);
			MUST(type == 1 || type == 28 || type == 12 || type == 6 || type == 16 || type == 41);
			pos += 10 + rdlen;
		}
	MUST(pos == n);
	MUST(rcode == why->rcode);
	if (!q->good) {
		MUST((rcode == RCODE_FORMERR || (q->torn && q->whole && rcode == RCODE_REFUSED)) && !count[1] && !count[2]);
		return;
	}
	MUST(opts == (q->opt ? 1u : 0u));
	MUST(rcode == RCODE_NOERROR || rcode == RCODE_REFUSED || rcode == RCODE_BADVERS || rcode == RCODE_NXDOMAIN);
	MUST(rcode != RCODE_BADVERS || q->version);
	/* What does not exist in a domain of our own has its SOA alone. */
	MUST(rcode != RCODE_NXDOMAIN || (why->hit && !count[1] && count[2] == 1 && r[2] & 4));
	if (rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN) {
		MUST(!count[1] && !count[2] && !(r[2] & 4));
		return;
	}
	MUST(q->type != 251 && q->type != 252 && q->version == 0);
	MUST(q->class == 1 || q->class == 255 || (q->class == 3 && q->type == 16));
	MUST(r[2] & 4 || q->class == 3);
	/* An answer, or the SOA that says there is none: never both, never neither. */
	MUST(count[1] ? count[2] == 0 : count[2] == 1);
	MUST(count[1] <= 2 && (count[1] < 2 || q->type == 255));
	MUST(why->hit == (q->class != 3));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net net = { { 0, 0 }, { 0, 0 }, V4 };
	struct view view;
	struct client client;
	struct reason why[2];
	struct writer w[2];
	struct question again;
	struct reading q;
	uint8_t *out[2];
	enum verdict verdict[2];
	int i, silent;

	if (!rules.count)
		setup();
	if (size == 0)
		return 0;
	memset(&view, 0, sizeof view);
	view.rules = &rules;
	view.ttl = 60;
	view.counters = &counters;
	view.seconds_up = UINT64_MAX;
	memset(&client, 0, sizeof client);
	client.tcp = data[0] & 1;
	client.from.port = data[0] & 2 ? 123 : data[0] & 4 ? 0 : data[0] & 8 ? 53 : 40000;
	client.from.family = data[0] & 0x20 ? V6 : V4;
	client.from.addr.lo = 0x0a000001;
	net.first = net.last = client.from.addr;
	if (data[0] & 0x10)
		net.first.lo = ++net.last.lo;
	net.family = client.from.family;
	view.nets = &net;
	view.nets_count = 1;
	{
		/* Not behind the first octet, but in a place of its own. */
		uint8_t *msg = malloc(size - 1 ? size - 1 : 1);
		size_t len = size - 1;

		if (!msg)
			return 0;
		memcpy(msg, data + 1, len);
		for (i = 0; i < 2; i++) {
			out[i] = malloc(OWN_MAX);
			if (!out[i])
				abort();
			memset(out[i], i ? 0x55 : 0xaa, OWN_MAX);
			memset(&why[i], i ? 0x55 : 0xaa, sizeof why[i]);
			w[i].msg = out[i];
			w[i].cap = OWN_MAX;
			w[i].len = 0;
			w[i].bad = false;
			verdict[i] = answer(&view, &client, msg, len, &w[i], &why[i]);
		}
		MUST(memcmp(msg, data + 1, len) == 0);
		MUST(verdict[0] == verdict[1] && why[0].rcode == why[1].rcode && why[0].hit == why[1].hit && why[0].rule == why[1].rule);
		question_parse(msg, len, &q);
		silent = len < 12 || msg[2] & 0x80 || (!client.tcp && client.from.port < 1024 && client.from.port != 53);
		MUST((verdict[0] == SILENCE) == !!silent);
		if (verdict[0] == FORWARD) {
			MUST(q.whole && !(msg[2] & 0x78) && !(data[0] & 0x10) && q.type != 251 && q.type != 252);
			MUST(!why[0].hit && why[0].rule == NO_RULE);
			MUST(why[0].question.end == q.end && why[0].question.type == q.type && why[0].question.class == q.class);
		}
		if (verdict[0] == REPLY) {
			MUST(!w[0].bad && w[0].len == w[1].len && memcmp(out[0], out[1], w[0].len) == 0);
			reply_check(msg, &q, out[0], w[0].len, &why[0]);
			MUST(!(data[0] & 0x10) || !q.good || msg[2] & 0x78 || why[0].rcode == RCODE_REFUSED || why[0].rcode == RCODE_BADVERS);
		}
		/* The reading alone, and an error of ours to whatever could be read. */
		if (len >= 12) {
			MUST(question_read(msg, len, &again) == !!q.whole && again.end == q.end);
			if (q.good) {
				MUST(again.type == q.type && again.class == q.class && again.opt == q.opt && again.version == q.version);
				MUST(again.dnssec_ok == q.dnssec_ok && again.size >= 512 && again.name == msg + 12);
				w[0].len = 0;
				reply_empty(msg, &again, RCODE_SERVFAIL, &w[0]);
				MUST(!w[0].bad && w[0].len == q.end + (q.opt ? 11 : 0) && (out[0][3] & 15) == 2 && memcmp(out[0] + 12, msg + 12, q.end - 12) == 0);
			}
		}
		free(out[0]);
		free(out[1]);
		free(msg);
	}
	return 0;
}
