/* reply.c -- any octets as a reply: what matches can be read, and be made to fit
 *
 * Input: two octets, the question's length in network order; the question, as
 * much of it as there is; the rest is the reply.
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
	fprintf(stderr, "\ntest/fuzz/reply.c:%d: not so: %s\n", line, what);
	abort();
}

static unsigned
u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* The end of a question section of one question without pointers, or 0. */
static size_t
question_end(const uint8_t *msg, size_t len)
{
	size_t pos = 12;

	if (len < 12 || u16(msg + 4) != 1)
		return 0;
	while (pos < len && msg[pos]) {
		if (msg[pos] > 63)
			return 0;
		pos += 1u + msg[pos];
	}
	return pos < len && pos + 1 - 12 <= 255 && len - pos >= 5 ? pos + 5 : 0;
}

/* Where the last record ends, or 0 where not all can be read.  Counts the OPTs at the root. */
static size_t
records_end(const uint8_t *msg, size_t len, size_t pos, unsigned *opts)
{
	unsigned long i, records = (unsigned long)u16(msg + 6) + u16(msg + 8) + u16(msg + 10);
	size_t owner;

	*opts = 0;
	for (i = 0; i < records; i++) {
		owner = pos;
		while (pos < len && msg[pos] && msg[pos] < 64)
			pos += 1u + msg[pos];
		if (pos >= len || (msg[pos] > 63 && msg[pos] < 0xc0))
			return 0;
		pos += msg[pos] ? 2 : 1;
		if (pos > len || pos - owner > 255 || len - pos < 10 || len - pos - 10 < u16(msg + pos + 8))
			return 0;
		*opts += msg[owner] == 0 && u16(msg + pos) == 41;
		pos += 10 + u16(msg + pos + 8);
	}
	return pos;
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* What counts as the reply (RFC 5452 section 9.1), as this target reads it; *end is where it ends if it can be passed on. */
static int
must_match(const uint8_t *q, size_t qlen, const uint8_t *r, size_t len, unsigned *opts, size_t *end)
{
	size_t qend = question_end(q, qlen), pos = 12, i;

	*opts = 0;
	*end = 0;
	if (!qend || len < 12 || (r[2] & 0xf8) != 0x80)
		return 0;
	if (u16(r + 4) == 0) {
		if ((r[3] & 15) == 0 || (r[3] & 15) == 3)
			return 0;
	} else {
		if (question_end(r, len) != qend || memcmp(q + qend - 4, r + qend - 4, 4) != 0)
			return 0;
		for (i = 12; i < qend - 4; i++)
			if (lower(q[i]) != lower(r[i]))
				return 0;
		pos = qend;
	}
	*end = records_end(r, len, pos, opts);
	i = *end;
	if (u16(r + 4) == 0)
		*end = 0;
	return i || r[2] & 2;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t qlen, len, n, room, end, left;
	uint8_t *q, *r;
	struct question question;
	struct reply is, again;
	unsigned opts, opts_left;
	bool match;

	if (size < 2)
		return 0;
	qlen = u16(data);
	data += 2;
	size -= 2;
	if (qlen > size)
		qlen = size;
	len = size - qlen;
	if (len > REPLY_MAX)
		len = REPLY_MAX;
	q = malloc(qlen ? qlen : 1);
	r = malloc(len + qlen ? len + qlen : 1);
	if (!q || !r)
		abort();
	memcpy(q, data, qlen);
	memcpy(r, data + qlen, len);
	memset(&is, 0x55, sizeof is);
	memset(&again, 0xaa, sizeof again);
	/* Nothing flies that is not a question. */
	if (!question_read(q, qlen, &question)) {
		free(q);
		free(r);
		return 0;
	}
	match = reply_matches(q, qlen, r, len, &is);
	MUST(memcmp(q, data, qlen) == 0 && memcmp(r, data + qlen, len) == 0);
	MUST(match == reply_matches(q, qlen, r, len, &again));
	MUST(match == !!must_match(q, qlen, r, len, &opts, &end));
	if (match) {
		MUST(is.question_end == question_end(q, qlen));
		MUST(is.end == end);
		MUST(is.truncated == (r[2] >> 1 & 1));
		MUST(is.rcode == (r[3] & 15u));
		MUST(is.no || (is.rcode != 2 && is.rcode != 4 && is.rcode != 5));
		MUST(!is.no || is.rcode == 2 || is.rcode == 4 || is.rcode == 5 || (is.rcode == 0 && is.referral && u16(r + 6) == 0 && !(u16(r + 2) & 0x680)));
		MUST(again.question_end == is.question_end && again.rcode == is.rcode && again.truncated == is.truncated && again.end == is.end && again.no == is.no);
		if (end) {
			MUST((is.opt != is.opt_end) == (opts > 0));
			if (opts) {
				MUST(is.opt >= is.question_end && is.opt_end <= end && is.opt_end - is.opt >= 11);
				MUST(r[is.opt] == 0 && u16(r + is.opt + 1) == 41 && u16(r + is.opt + 9) + 11u == is.opt_end - is.opt);
			}
		} else
			opts = 0;
		room = 12 + len % 64;
		n = reply_fit(r, &is, q, room);
		if (end && end <= room) {
			MUST(n == end && memcmp(r, data + qlen, n) == 0);
		} else {
			if (opts && is.question_end + is.opt_end - is.opt > room) opts = 0;
			MUST(n == is.question_end + (opts ? is.opt_end - is.opt : 0));
			MUST(!end || r[2] & 2);
			MUST((r[2] | 2) == (data[qlen + 2] | 2) && r[3] == data[qlen + 3]);
			MUST(memcmp(r, data + qlen, 2) == 0 && memcmp(r + 12, q + 12, is.question_end - 12) == 0);
			MUST(u16(r + 4) == 1 && u16(r + 6) == 0 && u16(r + 8) == 0 && u16(r + 10) == (opts ? 1u : 0u));
			MUST(!opts || memcmp(r + is.question_end, data + qlen + is.opt, is.opt_end - is.opt) == 0);
		}
		/* What is left is a reply still, by both readings. */
		MUST(must_match(q, qlen, r, n, &opts_left, &left) && left == n);
		MUST(reply_matches(q, qlen, r, n, &again) && again.end == n);
	}
	free(q);
	free(r);
	return 0;
}
