/* rule.c -- any text as a rule: what is accepted works, there and back
 *
 * Input: lines.  Each PATTERN line is followed by its NETWORK line; a line that
 * begins with `?` is a name (text) to look up at the end.
 *	workstation123.mohit.com
 *	172.16.2
 *	?workstation10.mohit.com
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../dyndns.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(what) ((what) ? (void)0 : broken(__LINE__, #what))
enum { LINES = 24, LINE = 700 };

static struct rules all, one;

static void
broken(int line, const char *what)
{
	fprintf(stderr, "\ntest/fuzz/rule.c:%d: not so: %s\n", line, what);
	abort();
}

/* The name's wire form is sound: 1 to 63 octets a label, 255 in all, ended. */
static int
sound(const uint8_t *name, size_t len)
{
	size_t pos = 0;

	if (len == 0 || len > NAME_MAX_WIRE)
		return 0;
	while (name[pos]) {
		if (name[pos] > 63)
			return 0;
		pos += 1u + name[pos];
		if (pos >= len)
			return 0;
	}
	return pos + 1 == len;
}

static int
within(const struct rule *r, struct num a)
{
	return num_cmp(a, r->first) >= 0 && num_cmp(a, r->last) <= 0;
}

/* An octet changed or a digit put in: names near the pattern. */
static void
near_names(const struct rules *t, uint8_t *name, size_t len, unsigned seed)
{
	static const char letters[] = "0123456789abcdefghxyzABCDEF-_.: ";
	uint8_t other[NAME_MAX_WIRE + 1], *copy;
	struct found found;
	unsigned k, f;
	size_t at;

	for (k = 0; k < 6; k++) {
		memcpy(other, name, len);
		seed = seed * 1103515245u + 12345u;
		at = 1 + (seed >> 16) % name[0];
		if (k % 3 == 0 && name[0] < 63 && len < NAME_MAX_WIRE) {
			memmove(other + at + 1, other + at, len - at);
			other[0]++;
		}
		other[at] = (uint8_t)letters[(seed >> 8) % (sizeof letters - 1)];
		copy = malloc(len + (other[0] != name[0]));
		if (!copy)
			abort();
		memcpy(copy, other, len + (other[0] != name[0]));
		if (rules_forward(t, copy, &found)) {
			MUST(found.rule[V4] != NO_RULE || found.rule[V6] != NO_RULE);
			for (f = 0; f < FAMILIES; f++)
				if (found.rule[f] != NO_RULE)
					MUST(found.rule[f] < t->count && t->rule[found.rule[f]].family == f && within(&t->rule[found.rule[f]], found.addr[f]));
		}
		free(copy);
	}
}

/* One address of one rule, which has a domain. */
static void
there_and_back(const struct rules *t, unsigned r, struct num a, int alone, unsigned seed)
{
	const struct rule *rule = &t->rule[r];
	uint8_t name[NAME_MAX_WIRE], reverse[NAME_MAX_WIRE], *copy;
	char text[NAME_TEXT];
	struct found found;
	size_t len, back = 999;
	unsigned i;
	uint16_t by;

	len = rule_name(t, r, a, name);
	MUST(sound(name, len));
	MUST(name_wire(name_text(name, text), reverse) == len && memcmp(name, reverse, len) == 0);
	copy = malloc(len);
	if (!copy)
		abort();
	memcpy(copy, name, len);
	for (i = 0; i < len; i++)
		if (copy[i] >= 'a' && copy[i] <= 'z' && (seed >> i % 16 & 1))
			copy[i] = (uint8_t)(copy[i] - 32);
	MUST(rules_forward(t, copy, &found));
	free(copy);
	/* A fixed name goes before the rules before it. */
	MUST(found.rule[rule->family] != NO_RULE &&
	    (found.rule[rule->family] <= r || t->shape[t->rule[found.rule[rule->family]].shape].form == FIXED));
	if (alone) {
		MUST(found.rule[rule->family] == r && num_cmp(found.addr[rule->family], a) == 0);
		MUST(found.rule[!rule->family] == NO_RULE);
	}
	MUST(rules_reverse(t, (enum family)rule->family, a, reverse, &back, &by));
	MUST(by < t->count);
	MUST(back <= NAME_MAX_WIRE && (!alone || back == len));
	if (found.rule[rule->family] == r)
		MUST(back > 0);		/* this rule at least has a name for it */
	if (back) {
		MUST(sound(reverse, back));
		MUST(rules_forward(t, reverse, &found) && found.rule[rule->family] != NO_RULE && num_cmp(found.addr[rule->family], a) == 0);
	}
	near_names(t, name, len, seed);
}

static void
rule_check(const struct rules *t, unsigned r, int alone, unsigned seed)
{
	const struct rule *rule = &t->rule[r];
	struct num size = num_sub(rule->last, rule->first), a = rule->first, one_more = { 0, 1 };
	uint8_t name[NAME_MAX_WIRE];
	size_t len;
	unsigned i;
	uint16_t by;

	if (t->shape[rule->shape].form == DOMAIN)
		return;
	MUST(num_cmp(rule->first, rule->last) <= 0);
	MUST(rule->family == V6 || (rule->last.hi == 0 && rule->last.lo <= 0xffffffff));
	if (!rule_domain(t, rule)) {
		if (alone)
			MUST(!rules_reverse(t, (enum family)rule->family, a, name, &len, &by));
		return;
	}
	there_and_back(t, r, rule->first, alone, seed);
	there_and_back(t, r, rule->last, alone, seed + 1);
	/* Some in between: a number that is no larger than the network's size. */
	for (i = 0; i < 4; i++) {
		struct num n;

		seed = seed * 1103515245u + 12345u;
		n.hi = size.hi & ((uint64_t)seed << 32 | (seed * 69069u));
		n.lo = size.lo & ((uint64_t)(seed * 40503u) << 32 | (seed * 2654435761u));
		there_and_back(t, r, num_add(rule->first, n), alone, seed);
	}
	if (!alone)
		return;
	/* Just outside there is nothing. */
	a = num_add(rule->last, one_more);
	if ((a.hi || a.lo) && (rule->family == V6 || a.lo <= 0xffffffff))
		MUST(!rules_reverse(t, (enum family)rule->family, a, name, &len, &by));
	a = num_sub(rule->first, one_more);
	if (rule->first.hi || rule->first.lo)
		MUST(!rules_reverse(t, (enum family)rule->family, a, name, &len, &by));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char line[LINES][LINE];
	struct complaint c;
	struct found found, again;
	char *pattern, *network;
	const char *first = NULL;
	uint8_t name[NAME_MAX_WIRE];
	size_t pos = 0, n, len;
	unsigned lines = 0, i, before, seed = (unsigned)size;
	bool good;

	while (pos < size && lines < LINES) {
		const uint8_t *end = memchr(data + pos, '\n', size - pos);

		n = end ? (size_t)(end - data) - pos : size - pos;
		len = n < LINE - 1 ? n : LINE - 1;
		memcpy(line[lines], data + pos, len);
		line[lines++][len] = 0;
		pos += n + 1;
	}
	rules_clear(&all);
	for (i = 0; i < lines; i++) {
		seed = seed * 31 + (unsigned char)line[i][0] + (unsigned)strlen(line[i]);
		if (line[i][0] == '?')
			continue;
		if (!first) {
			first = line[i];
			continue;
		}
		pattern = malloc(strlen(first) + 1);
		network = malloc(strlen(line[i]) + 1);
		if (!pattern || !network)
			abort();
		strcpy(pattern, first);
		strcpy(network, line[i]);
		first = NULL;
		memset(&c, 'x', sizeof c);
		before = all.count;
		good = rule_add(&all, pattern, network, &c);
		MUST(all.count == before + good);
		if (!good) {
			MUST(memchr(c.what, 0, sizeof c.what) && memchr(c.why, 0, sizeof c.why) && *c.why);
		} else {
			/* By itself it says the same, and answers for all that it holds. */
			rules_clear(&one);
			MUST(rule_add(&one, pattern, network, &c));
			rule_check(&one, 0, 1, seed);
		}
		free(pattern);
		free(network);
	}
	for (i = 0; i < all.count; i++)
		rule_check(&all, i, 0, seed + i);
	for (i = 0; i < lines; i++)
		if (line[i][0] == '?' && (len = name_wire(line[i] + 1, name))) {
			uint8_t *copy = malloc(len);
			struct net net;
			struct place place;

			if (!copy)
				abort();
			memcpy(copy, name, len);
			MUST(sound(copy, len));
			good = rules_forward(&all, copy, &found);
			MUST(good == rules_forward(&all, copy, &again) && again.rule[V4] == found.rule[V4] && again.rule[V6] == found.rule[V6]);
			for (n = 0; n < FAMILIES; n++)
				if (found.rule[n] != NO_RULE) {
					MUST(good && found.rule[n] < all.count && all.rule[found.rule[n]].family == n);
					MUST(within(&all.rule[found.rule[n]], found.addr[n]));
				}
			reverse_address(copy, &net);
			rules_place(&all, copy, &place);
			MUST(place.owner < len && (place.rule == NO_RULE || place.rule < all.count));
			free(copy);
		}
	return 0;
}
