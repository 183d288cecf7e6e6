/* SPDX-License-Identifier: ISC
 * dyndns.h -- the map of dyndns.c
 *
 * What can be tested without a socket is declared here, with its contract, in
 * the order of the file's rooms; everything else is static.  The limits below
 * are all the memory there is: each may be changed with -D.
 *
 * Conventions.  `char` is text, `uint8_t` is wire.  Lengths are octets.  A
 * "wire name" is a domain name as RFC 1035 section 3.1 writes it: labels with
 * their length octets, ended by the root's zero, at most NAME_MAX_WIRE octets.
 * Functions that can fail return false (or 0) and leave a sentence for the user
 * in `struct complaint`, never both a result and an error.
 */
#ifndef DYNDNS_H
#define DYNDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DYNDNS_VERSION "1.0"
#define DYNDNS_DATE "2026-11-27"	/* of the manual page */

/* ---- Limits -------------------------------------------------------------- */

#ifndef RULES_MAX
#define RULES_MAX 4096		/* rules, from -o and -f together */
#endif
#ifndef NETS_MAX
#define NETS_MAX 64		/* networks that may ask (-a) */
#endif
#ifndef UPSTREAMS_MAX
#define UPSTREAMS_MAX 8		/* upstreams */
#endif
#ifndef LISTEN_MAX
#define LISTEN_MAX 32		/* listening addresses, UDP and TCP each */
#endif
#ifndef FLIGHTS_MAX
#define FLIGHTS_MAX 4096	/* misses in the air */
#endif
#ifndef WAITERS_MAX
#define WAITERS_MAX 8192	/* clients that wait for a flight */
#endif
#ifndef POOL_MAX
#define POOL_MAX 32		/* upstream UDP sockets */
#endif
#ifndef POOL_USES
#define POOL_USES 128		/* questions one of them carries before its port is given up; four times
				 * as many where all wait for late replies */
#endif
#ifndef CLIENTS_MAX
#define CLIENTS_MAX 150		/* TCP clients */
#endif
#ifndef BUFFERS_MAX
#define BUFFERS_MAX 64		/* reply-sized buffers: slow TCP readers, TCP upstreams, long questions */
#endif
#ifndef QUESTION_MAX
#define QUESTION_MAX 4096	/* octets in a question message */
#endif
#ifndef REPLY_MAX
#define REPLY_MAX 65535		/* octets in a reply message */
#endif

enum {
	NAME_MAX_WIRE = 255,	/* RFC 1035 section 2.3.4 */
	LABEL_MAX = 63,
	HEADER_LEN = 12,
	UDP_PLAIN = 512,	/* what a client takes that sent no OPT */
	UDP_OURS = 1232,	/* what our own OPT says we take */
	UDP_MAX = 65507,	/* what an IPv4 datagram holds */
	ADDRESS_TEXT = 64,	/* room for any address, scope and port as text */
	NAME_TEXT = 1024,	/* room for any name as text: every octet may become \DDD */
	TTL_MAX = 604800
};

/* ---- Words shared by the rooms ------------------------------------------- */

/* An unsigned 128-bit number: an address (IPv4 in the low 32 bits) or a host number. */
struct num { uint64_t hi, lo; };

enum family { V4, V6, FAMILIES };

/* An address with a port; `scope` is the interface index of a link-local one, else 0. */
struct endpoint {
	struct num addr;
	uint32_t scope;
	enum family family;
	uint16_t port;
};

/* The addresses from `first` to `last`. */
struct net { struct num first, last; enum family family; };

/* Why something the user wrote was not taken: `what` is the word at fault. */
struct complaint { char what[192], why[256]; };

/* ---- Room 4: reading and writing ----------------------------------------- */

/* A cursor over a message.  Reading past `len` sets `bad`, yields 0 and stays
 * at the end; the caller looks at `bad` once, when it is done. */
struct reader { const uint8_t *msg; size_t len, pos; bool bad; };

/* The same for writing: what doesn't fit sets `bad` and is not written. */
struct writer { uint8_t *msg; size_t cap, len; bool bad; };

/* One resource record as it lies in a message (RFC 1035 section 4.1.3). */
struct record {
	size_t start, rdata, end;	/* offsets in the message */
	uint32_t ttl;
	uint16_t type, class;
	bool root;			/* its owner is the root name */
};

uint8_t  rd_u8(struct reader *);
uint16_t rd_u16(struct reader *);	/* network order (RFC 1035 section 2.3.2) */
uint32_t rd_u32(struct reader *);
void     rd_skip(struct reader *, size_t octets);

/* Steps over one name.  A compression pointer (RFC 1035 section 4.1.4) ends it
 * where `pointers` is true and is an error where it is false; it is never
 * followed.  Labels 0x40 and 0x80, a name over 255 octets, a name cut by the
 * end of the message: error.  Returns the octets stepped over. */
size_t rd_name(struct reader *, bool pointers);

/* Steps over one record, whose owner may end in a pointer. */
void rd_record(struct reader *, struct record *);

/* Takes the EDNS options that are meant for one hop, COOKIE (RFC 7873) and edns-tcp-keepalive (RFC
 * 7828), out of the OPT record whose RDATA begins at `rdata` and lies within the message's `len`
 * octets; its options fill it exactly.  Returns the message's new length; what lies behind the
 * record has moved. */
size_t options_strip(uint8_t *msg, size_t len, size_t rdata);

/* What a reply turned out to be, once it is known to belong to the question. */
struct reply {
	size_t end;		/* of its last record; 0: its records, or its question, can't be passed on */
	size_t question_end;	/* of the question that it answers */
	size_t opt, opt_end;	/* where its OPT stands */
	unsigned rcode;
	bool truncated;
	bool referral;		/* no answer, no additional record but OPT */
	bool no;		/* SERVFAIL, NOTIMP, REFUSED, or a referral without AA, TC and RA: ask another */
};

/* Makes of a reply what a client gets that takes `size` octets: the reply up to its end; where that is too
 * long, header, question and OPT with TC set (RFC 2181 section 9, RFC 6891 section 7), and no OPT with which
 * it would be too long still; where it can't be passed on, its header and the question.  `reply` has
 * room for question_end octets.  Returns the length. */
size_t reply_fit(uint8_t *reply, const struct reply *, const uint8_t *question, size_t size);

void wr_u16(struct writer *, uint16_t);
void wr_u32(struct writer *, uint32_t);
void wr_bytes(struct writer *, const void *, size_t);

/* Writes a wire name as RFC 1035 section 5.1 text ("a.b", "." for the root):
 * dots and backslashes inside labels as \. and \\, whatever is not printable
 * ASCII as \DDD, so that nothing in it can break a log line.  `out` has room
 * for NAME_TEXT octets; the name was checked by rd_name.  Returns `out`. */
char *name_text(const uint8_t *name, char out[NAME_TEXT]);

/* The way back: text, with or without the last dot, to a wire name.  Returns
 * its octets, or 0 for an empty label, a label over 63, a name over 255 or a
 * broken escape. */
size_t name_wire(const char *text, uint8_t out[NAME_MAX_WIRE]);

/* Compares wire names or parts of them, ASCII case ignored (RFC 4343). */
bool same_octets(const uint8_t *a, const uint8_t *b, size_t octets);

/* ---- Room 5: rules ------------------------------------------------------- */

/* How the number stands in the name: 7, 1f, or 10-0-3-7; no number: a fixed name, or a domain, whose names
 * are all that lies in it. */
enum form { DECIMAL, HEX, ADDRESS, FIXED, DOMAIN, FORMS };

struct rule {
	struct num first, last;		/* the network's addresses; a domain of our own has none: above all, below all */
	struct num low;			/* the number that `first` has */
	enum family family;
	uint16_t shape, next;		/* the next rule of the same shape and family, or NO_RULE */
	uint8_t width;			/* digits PTR writes at least */
};

enum { NO_RULE = 0xffff, SHAPES_MAX = 4 * RULES_MAX };

/* All rules whose names look alike but for the number: PREFIX number SUFFIX
 * and, unless any will do, a domain. */
struct shape {
	uint16_t first[FAMILIES], last[FAMILIES];	/* its rules, in the order given */
	uint32_t hash, key;		/* of its key, and the key's offset in `text` */
	uint16_t key_len;
	uint8_t form, prefix_len, suffix_len;
};

/* A whole set of rules, all zero before its first use: rules_clear, then rule_add for
 * each; read-only from then on. */
struct rules {
	unsigned count, shapes;
	uint32_t text_len;
	uint64_t prefix_lens[FORMS], suffix_lens;	/* bit n: some rule's prefix (or %a rule's suffix) has n octets */
	bool dotless, domains, owns;			/* there are rules of this kind */
	struct rule rule[RULES_MAX];
	struct shape shape[SHAPES_MAX];
	uint16_t table[2 * SHAPES_MAX];			/* open hash of shapes, plus one */
	uint8_t text[96 * RULES_MAX];			/* the shapes' keys */
};

/* What a name gets: per family the rule (or NO_RULE) and the address. */
struct found { uint16_t rule[FAMILIES]; struct num addr[FAMILIES]; };

/* Where a name lies among the domains of our own. */
struct place {
	uint16_t rule;		/* of the longest that holds it, or NO_RULE */
	uint8_t owner;		/* octets of the name before that domain */
	bool exists;		/* it is that domain, or something lies below it (RFC 8020) */
};

void rules_clear(struct rules *);

/* Adds the rule that the words PATTERN and NETWORK stand for (SPEC section 2).
 * False, with a complaint, for whatever is not wholly understood. */
bool rule_add(struct rules *, const char *pattern, const char *network, struct complaint *);

/* Adds the rules of a -f file's text, one a line, `#` to the end of the line a
 * comment.  The complaint's `what` begins with the line number.  The text need
 * not end in a newline or a zero. */
bool rules_parse(struct rules *, const char *text, size_t len, struct complaint *);

/* Name to address: the first rule of each family that matches a wire name, fixed names
 * before all others.  True if any did. */
bool rules_forward(const struct rules *, const uint8_t *name, struct found *);

/* A full reverse name (RFC 1035 section 3.5, RFC 3596 section 2.5) to the
 * address it stands for, as a network of one.  False for any other name, also for
 * octets written with leading zeros. */
bool reverse_address(const uint8_t *name, struct net *);

/* Address to name: whether a rule with a domain holds the address.  If so,
 * `name`, *len octets, is the name that the first such rule writes, fixed names before
 * all others, whose name rules_forward leads back, and *rule that rule; *len is 0 where
 * there is none, and *rule then the first that holds the address. */
bool rules_reverse(const struct rules *, enum family, struct num addr,
    uint8_t name[NAME_MAX_WIRE], size_t *len, uint16_t *rule);

/* The domain of our own that a wire name lies in, for what no rule answers. */
void rules_place(const struct rules *, const uint8_t *name, struct place *);

/* The domain of a rule of t as a wire name, in lower case; NULL where any will do. */
const uint8_t *rule_domain(const struct rules *t, const struct rule *);

/* Writes the name of `addr` by rule r, which has a domain and holds it.  Returns its octets. */
size_t rule_name(const struct rules *, unsigned r, struct num addr, uint8_t name[NAME_MAX_WIRE]);

/* Numbers. */
int        num_cmp(struct num, struct num);
struct num num_add(struct num, struct num);	/* modulo 2^128 */
struct num num_sub(struct num, struct num);

/* Reads `len` octets of digits in `base` 10 or 16, either case.  False where
 * one is not a digit, there is none, or the number needs more than 128 bits. */
bool num_parse(const char *text, size_t len, unsigned base, struct num *);

/* Address text of either family, without scope or port.  IPv4 is four decimal
 * octets, none with a leading zero (RFC 6943 section 3.1.1); IPv6 is RFC 4291
 * section 2.2.  False for anything else. */
bool address_parse(const char *text, size_t len, enum family *, struct num *);

/* The way back: dotted IPv4; IPv6 as RFC 5952 section 4 has it, never with a
 * dotted tail.  Returns `out`. */
char *address_text(enum family, struct num, char out[ADDRESS_TEXT]);

/* -a's word: a CIDR network, one to three octets for the network that begins so, or one address. */
bool net_parse(const char *text, struct net *, struct complaint *);

/* ADDR[%SCOPE][@PORT]; a port not written is `port`, an IPv4-mapped address (RFC 4291 section
 * 2.5.5.2) is the IPv4 address.  False, with a complaint. */
bool endpoint_parse(const char *text, uint16_t port, struct endpoint *, struct complaint *);
char *endpoint_text(const struct endpoint *, char out[ADDRESS_TEXT]);

/* ---- Room 6: answers ----------------------------------------------------- */

enum { RCODE_NOERROR, RCODE_FORMERR, RCODE_SERVFAIL, RCODE_NXDOMAIN, RCODE_NOTIMP, RCODE_REFUSED, RCODE_BADVERS = 16 };
enum { TYPE_A = 1, TYPE_SOA = 6, TYPE_PTR = 12, TYPE_TXT = 16, TYPE_AAAA = 28, TYPE_OPT = 41,
       TYPE_DS = 43, TYPE_TSIG = 250, TYPE_IXFR = 251, TYPE_AXFR = 252, TYPE_ANY = 255, CLASS_IN = 1, CLASS_CH = 3, CLASS_ANY = 255 };

enum { OPTION_COOKIE = 10, OPTION_KEEPALIVE = 11 };

/* A question message, read.  `end` is 0 while the question section could not
 * be read. */
struct question {
	const uint8_t *name;		/* wire name, within the message */
	size_t end;			/* offset after the question section */
	size_t options;			/* offset of its OPT's RDATA */
	uint16_t type, class;
	uint16_t size;			/* largest UDP reply the client takes: at least 512 */
	uint8_t version;		/* of its OPT */
	bool opt, dnssec_ok;
	bool torn;			/* the options don't fill its OPT exactly */
	bool tsig;			/* it is signed (RFC 8945) */
};

/* Counted since the start; `dyndns -q`, SIGUSR1 and stats.dyndns. show them. */
struct counters {
	uint64_t hits, misses, relayed, merged, servfail, refused, formerr, dropped, retries, tcp_clients;
	uint64_t stray;	/* upstream messages that matched no question; never shown to clients */
};

/* All that an answer depends on, besides the question and who asks. */
struct view {
	const struct rules *rules;
	const struct net *nets;		/* who may ask; none: everybody */
	unsigned nets_count;
	uint32_t ttl;
	const struct counters *counters;
	uint64_t seconds_up;
};

struct client { struct endpoint from; bool tcp; };

enum verdict {
	SILENCE,	/* send nothing */
	FORWARD,	/* a miss: relay the question */
	REPLY		/* send what was written */
};

/* Why: for counters, -q and -n. */
struct reason {
	struct question question;
	uint16_t rcode;		/* of the REPLY */
	uint16_t rule;		/* the rule of a hit, else NO_RULE */
	bool hit;
};

/* The heart: question in, verdict out, and the reply in `out` when it is REPLY
 * (SPEC section 3).  Pure.  `len` may be anything from 0; more than
 * QUESTION_MAX is a FORMERR.  `out` needs room for OWN_MAX octets. */
enum { OWN_MAX = HEADER_LEN + NAME_MAX_WIRE + 4 + 12 + 1024 };
enum verdict answer(const struct view *, const struct client *,
    const uint8_t *msg, size_t len, struct writer *out, struct reason *);

/* Reads a question message: false for what SPEC section 3 calls FORMERR. */
bool question_read(const uint8_t *msg, size_t len, struct question *);

/* Says in words what a name gets from answer() and why, for -n: one line per
 * rule or reason, each ended by a newline.  `name` is text; an address stands
 * for its reverse name.  False, with a complaint, if it is neither. */
bool explain_name(const struct view *, const char *name, FILE *out, struct complaint *);

/* Writes an empty reply with `rcode` to a question that was read: SERVFAIL for
 * a flight that failed. */
void reply_empty(const uint8_t *msg, const struct question *, unsigned rcode, struct writer *out);

/* ---- Room 7: upstreams --------------------------------------------------- */

struct upstream_list {
	struct endpoint at[UPSTREAMS_MAX + 1]; /* the last one stands for those of earlier lists: nobody */
	unsigned count;
	unsigned total;		/* milliseconds until SERVFAIL, 1000 to 30000 */
	bool rotate;
};

/* Reads a resolv.conf (resolv.conf(5)): nameserver and options lines count, the
 * rest is passed over, a bad line too after `complain(line, why)`.  The text
 * may be cut anywhere and hold any octets.  Always leaves a whole list. */
void resolv_parse(const char *text, size_t len, struct upstream_list *,
    void (*complain)(const char *line, const char *why));

/* Whether `reply` can be the reply to `question` but for its id, which the caller has compared: QR
 * set, opcode QUERY, and the same question (ASCII case ignored; RFC 5452 section 9.1) or, with an rcode
 * other than NOERROR and NXDOMAIN, none.  Its records parse to the counts' end, unless it has TC set;
 * octets behind them don't matter.  The question is one that question_read took. */
bool reply_matches(const uint8_t *question, size_t question_len,
    const uint8_t *reply, size_t len, struct reply *);

#endif
