/* resolv.c -- any octets as resolv.conf: a whole list, within its bounds
 *
 * Input: the file's text.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../../dyndns.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(what) ((what) ? (void)0 : broken(__LINE__, #what))

static void
broken(int line, const char *what)
{
	fprintf(stderr, "\ntest/fuzz/resolv.c:%d: not so: %s\n", line, what);
	abort();
}

static size_t complaints;

static void
complain(const char *line, const char *why)
{
	MUST(line && why && *why && strlen(line) < 65536);
	MUST(!strchr(line, '\n'));
	complaints++;
}

/* How often a word stands in the text, at most: each server and each complaint needs one. */
static size_t
occurrences(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word), i, found = 0;

	for (i = 0; i + n <= len; i++)
		found += strncasecmp(text + i, word, n) == 0;
	return found;
}

static void
whole(const struct upstream_list *s)
{
	char text[ADDRESS_TEXT];
	struct endpoint back;
	struct complaint c;
	unsigned i;

	MUST(s->count <= UPSTREAMS_MAX);
	MUST(s->total >= 1000 && s->total <= 30000);
	for (i = 0; i < s->count; i++) {
		const struct endpoint *e = s->at + i;

		MUST(e->port == 53);
		MUST(e->family == V4 || e->family == V6);
		MUST(e->family == V6 || (e->addr.hi == 0 && e->addr.lo <= 0xffffffff && e->scope == 0));
		/* The text that the log shows leads back to it. */
		endpoint_text(e, text);
		MUST(memchr(text, 0, sizeof text));
		MUST(endpoint_parse(text, 9, &back, &c) && back.port == 53 && back.family == e->family && num_cmp(back.addr, e->addr) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct upstream_list a, b, c;
	char *text = malloc(size + 2), *exact = malloc(size ? size : 1);
	size_t names = occurrences((const char *)data, size, "nameserver"), i;
	unsigned j;

	if (!text || !exact)
		abort();
	memcpy(exact, data, size);
	memset(&a, 0x55, sizeof a);
	complaints = 0;
	resolv_parse(exact, size, &a, complain);
	MUST(memcmp(exact, data, size) == 0);
	whole(&a);
	/* one complaint may speak for all that are too many */
	MUST(a.count + complaints <= names + 1);
	MUST(!a.rotate || occurrences(exact, size, "rotate"));

	/* A last newline makes no difference. */
	memset(&b, 0xaa, sizeof b);
	memcpy(text, data, size);
	text[size] = '\n';
	resolv_parse(text, size + 1, &b, complain);
	whole(&b);
	MUST(a.count == b.count && a.total == b.total && a.rotate == b.rotate);
	for (j = 0; j < a.count; j++)
		MUST(num_cmp(a.at[j].addr, b.at[j].addr) == 0 && a.at[j].family == b.at[j].family && a.at[j].scope == b.at[j].scope);

	/* Cut at a line's end, what was read before stays. */
	for (i = size / 2; i > 0 && exact[i - 1] != '\n'; i--)
		;
	memset(&c, 0x33, sizeof c);
	free(text);
	text = malloc(i ? i : 1);
	if (!text)
		abort();
	memcpy(text, data, i);
	resolv_parse(text, i, &c, complain);
	whole(&c);
	MUST(c.count <= a.count && (!c.rotate || a.rotate));
	for (j = 0; j < c.count; j++)
		MUST(num_cmp(a.at[j].addr, c.at[j].addr) == 0);
	free(text);
	free(exact);
	return 0;
}
