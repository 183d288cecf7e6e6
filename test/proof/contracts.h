/* contracts.h -- what dyndns.h says of the message layer in words, for Frama-C's WP
 *
 * A reader's or a writer's message has 0 to 65,535 octets.  WP's memory has no untyped octets, so what moves and
 * compares them is told so: these four stand for memcpy, memmove, memset and memcmp, and are all that is assumed.
 */
#include "dyndns.h"
#include <string.h>

/*@ requires \valid(d + (0 .. n - 1)) && \valid_read(s + (0 .. n - 1));
    requires \separated(d + (0 .. n - 1), s + (0 .. n - 1));
    assigns d[0 .. n - 1] \from s[0 .. n - 1]; assigns \result \from d;
    ensures \result == d; */
extern uint8_t *octets_copy(uint8_t *d, const uint8_t *s, size_t n);

/*@ requires \valid(d + (0 .. n - 1)) && \valid_read(s + (0 .. n - 1));
    assigns d[0 .. n - 1] \from s[0 .. n - 1]; assigns \result \from d;
    ensures \result == d; */
extern uint8_t *octets_move(uint8_t *d, const uint8_t *s, size_t n);

/*@ requires \valid(d + (0 .. n - 1));
    assigns d[0 .. n - 1] \from c; assigns \result \from d;
    ensures \result == d; */
extern uint8_t *octets_set(uint8_t *d, int c, size_t n);

/*@ requires \valid_read(a + (0 .. n - 1)) && \valid_read(b + (0 .. n - 1));
    assigns \result \from a[0 .. n - 1], b[0 .. n - 1]; */
extern int octets_compare(const uint8_t *a, const uint8_t *b, size_t n);

/*@ predicate reader_ok{L}(struct reader *r) =
      \valid(r) && r->pos <= r->len <= 0xffff && \valid_read(r->msg + (0 .. r->len - 1));
    predicate writer_ok{L}(struct writer *w) =
      \valid(w) && w->len <= w->cap <= 0xffff && \valid(w->msg + (0 .. w->cap - 1)) &&
      \separated(w, w->msg + (0 .. w->cap - 1)); */

/*@ requires \valid_read(p + (0 .. 1));
    assigns \nothing;
    ensures \result == p[0] * 256 + p[1]; */
static uint16_t u16_get(const uint8_t *p);

/*@ requires \valid(p + (0 .. 1));
    assigns p[0 .. 1]; */
static void u16_put(uint8_t *p, unsigned n);

/*@ requires reader_ok(r);
    assigns r->pos, r->bad;
    assigns \result \from r, n, *r;
    ensures reader_ok(r) && \old(r->pos) <= r->pos;
    ensures n > r->len - \old(r->pos) ==> r->bad && r->pos == r->len && \result == \null;
    ensures n <= r->len - \old(r->pos) ==>
      \result == r->msg + \old(r->pos) && r->pos == \old(r->pos) + n && r->bad == \old(r->bad); */
static const uint8_t *rd_take(struct reader *r, size_t n);

/*@ requires reader_ok(r);
    assigns r->pos, r->bad;
    ensures reader_ok(r) && \old(r->pos) <= r->pos;
    ensures !r->bad ==> !\old(r->bad) && r->pos == \old(r->pos) + 1;
    ensures r->pos != \old(r->pos) + 1 ==> r->bad && r->pos == r->len; */
uint8_t rd_u8(struct reader *r);

/*@ requires reader_ok(r);
    assigns r->pos, r->bad;
    ensures reader_ok(r) && \old(r->pos) <= r->pos;
    ensures !r->bad ==> !\old(r->bad) && r->pos == \old(r->pos) + 2;
    ensures r->pos != \old(r->pos) + 2 ==> r->bad && r->pos == r->len; */
uint16_t rd_u16(struct reader *r);

/*@ requires reader_ok(r);
    assigns r->pos, r->bad;
    ensures reader_ok(r) && \old(r->pos) <= r->pos;
    ensures !r->bad ==> !\old(r->bad) && r->pos == \old(r->pos) + 4;
    ensures r->pos != \old(r->pos) + 4 ==> r->bad && r->pos == r->len; */
uint32_t rd_u32(struct reader *r);

/*@ requires reader_ok(r);
    assigns r->pos, r->bad;
    ensures reader_ok(r) && \old(r->pos) <= r->pos;
    ensures !r->bad ==> !\old(r->bad) && r->pos == \old(r->pos) + octets; */
void rd_skip(struct reader *r, size_t octets);

/*@ requires reader_ok(r);
    assigns r->pos, r->bad;
    ensures reader_ok(r) && \old(r->pos) <= r->pos;
    ensures \result == r->pos - \old(r->pos);
    ensures !r->bad ==> !\old(r->bad) && 1 <= \result <= 255; */
size_t rd_name(struct reader *r, bool pointers);

/*@ requires reader_ok(r) && \valid(rec) && \separated(r, rec);
    assigns r->pos, r->bad, *rec;
    ensures reader_ok(r) && \old(r->pos) <= r->pos;
    ensures rec->start == \old(r->pos);
    ensures rec->start <= rec->rdata <= rec->end == r->pos;
    ensures !r->bad ==> !\old(r->bad) && rec->start + 11 <= rec->rdata; */
void rd_record(struct reader *r, struct record *rec);

/*@ requires 2 <= rdata <= len <= 0xffff && \valid(msg + (0 .. len - 1));
    requires rdata + msg[rdata - 2] * 256 + msg[rdata - 1] <= len;
    assigns msg[rdata - 2 .. len - 1];
    ensures rdata <= \result <= len; */
size_t options_strip(uint8_t *msg, size_t len, size_t rdata);

/*@ requires writer_ok(w) && n <= 0xffff;
    requires \valid_read((uint8_t *)bytes + (0 .. n - 1));
    requires \separated(w, w->msg + (0 .. w->cap - 1), (uint8_t *)bytes + (0 .. n - 1));
    assigns w->len, w->bad, w->msg[0 .. w->cap - 1];
    ensures writer_ok(w) && \old(w->len) <= w->len;
    ensures !w->bad ==> w->len == \old(w->len) + n; */
void wr_bytes(struct writer *w, const void *bytes, size_t n);

/*@ requires writer_ok(w);
    assigns w->len, w->bad, w->msg[0 .. w->cap - 1];
    ensures writer_ok(w) && \old(w->len) <= w->len; */
void wr_u16(struct writer *w, uint16_t n);

/*@ requires writer_ok(w);
    assigns w->len, w->bad, w->msg[0 .. w->cap - 1];
    ensures writer_ok(w) && \old(w->len) <= w->len; */
void wr_u32(struct writer *w, uint32_t n);

/*@ assigns \nothing; */
static uint8_t lower(uint8_t c);

/*@ requires \valid_read((uint8_t *)from + (0 .. octets - 1)) && \valid(to + (0 .. octets - 1));
    requires \separated(to + (0 .. octets - 1), (uint8_t *)from + (0 .. octets - 1));
    assigns to[0 .. octets - 1]; */
static void lower_copy(uint8_t *to, const void *from, size_t octets);

/*@ requires \valid_read(a + (0 .. octets - 1)) && \valid_read(b + (0 .. octets - 1));
    assigns \nothing; */
bool same_octets(const uint8_t *a, const uint8_t *b, size_t octets);

/*@ requires \valid_read(msg + (0 .. opt->end - 1)) && \valid_read(opt);
    requires opt->rdata <= opt->end <= 0xffff;
    assigns \nothing; */
static bool options_whole(const uint8_t *msg, const struct record *opt);

/*@ requires len <= 0xffff && \valid_read(msg + (0 .. len - 1)) && \valid(q);
    requires \separated(q, msg + (0 .. len - 1));
    assigns *q;
    ensures q->end <= len;
    ensures \result ==> q->name == msg + 12 && 17 <= q->end <= 12 + 255 + 4 && len <= QUESTION_MAX;
    ensures \result && q->opt ==> q->end + 11 <= q->options <= len; */
bool question_read(const uint8_t *msg, size_t len, struct question *q);

/*@ requires writer_ok(w) && w->cap >= HEADER_LEN + NAME_MAX_WIRE + 4 && \valid_read(q);
    requires q->end == 0 || HEADER_LEN <= q->end <= HEADER_LEN + NAME_MAX_WIRE + 4;
    requires \valid_read(msg + (0 .. 11)) && (q->end > 0 ==> \valid_read(msg + (0 .. q->end - 1)));
    requires \separated(w, q, w->msg + (0 .. w->cap - 1), msg + (0 .. 11));
    requires q->end > 0 ==> \separated(w, q, w->msg + (0 .. w->cap - 1), msg + (0 .. q->end - 1));
    assigns w->len, w->bad, w->msg[0 .. w->cap - 1];
    ensures writer_ok(w); */
static void reply_begin(const uint8_t *msg, const struct question *q, unsigned rcode, bool authoritative, struct writer *w);

/*@ requires writer_ok(w) && w->cap >= HEADER_LEN && \valid_read(q) && rcode <= 0xfff;
    requires \separated(w, q, w->msg + (0 .. w->cap - 1));
    assigns w->len, w->bad, w->msg[0 .. w->cap - 1];
    ensures writer_ok(w) && \old(w->len) <= w->len; */
static void reply_end(const struct question *q, unsigned rcode, struct writer *w);

/*@ requires writer_ok(w) && section < HEADER_LEN <= w->cap && len <= 0xffff && owner <= 255;
    requires \valid_read((uint8_t *)rdata + (0 .. len - 1));
    requires \separated(w, w->msg + (0 .. w->cap - 1), (uint8_t *)rdata + (0 .. len - 1));
    assigns w->len, w->bad, w->msg[0 .. w->cap - 1];
    ensures writer_ok(w) && \old(w->len) <= w->len; */
static void wr_record(struct writer *w, unsigned section, size_t owner, unsigned type, unsigned class, uint32_t ttl,
    const void *rdata, size_t len);

/*@ requires writer_ok(w) && section < HEADER_LEN <= w->cap && owner <= 255;
    assigns w->len, w->bad, w->msg[0 .. w->cap - 1];
    ensures writer_ok(w) && \old(w->len) <= w->len; */
static void wr_soa(struct writer *w, unsigned section, size_t owner, uint32_t ttl);

/*@ requires reader_ok(r) && \valid(out) && \valid_read(counts + (0 .. 2)) && \separated(r, out, counts + (0 .. 2));
    requires out->opt == 0 && out->opt_end == 0;
    assigns r->pos, r->bad, out->opt, out->opt_end, out->referral;
    ensures reader_ok(r) && \old(r->pos) <= r->pos && (\result ==> !\old(r->bad));
    ensures out->opt == 0 && out->opt_end == 0 || \old(r->pos) <= out->opt <= out->opt_end <= r->pos; */
static bool reply_records(struct reader *r, const uint16_t counts[3], struct reply *out);

/*@ requires question_len <= 0xffff && len <= 0xffff;
    requires \valid_read(question + (0 .. question_len - 1)) && \valid_read(reply + (0 .. len - 1)) && \valid(out);
    requires \separated(out, question + (0 .. question_len - 1)) && \separated(out, reply + (0 .. len - 1));
    assigns *out;
    ensures \result ==> 12 < out->question_end <= question_len;
    ensures \result && out->end > 0 ==> out->question_end <= out->end <= len;
    ensures \result && out->end > 0 ==> out->opt == 0 && out->opt_end == 0 ||
      out->question_end <= out->opt <= out->opt_end <= out->end; */
bool reply_matches(const uint8_t *question, size_t question_len, const uint8_t *reply, size_t len, struct reply *out);

/*@ requires \valid_read(is) && 12 < is->question_end <= 0xffff && is->end <= 0xffff;
    requires is->end > 0 ==> is->question_end <= is->end;
    requires is->end > 0 ==> is->opt == 0 && is->opt_end == 0 || is->question_end <= is->opt <= is->opt_end <= is->end;
    requires \valid(reply + (0 .. (is->end > is->question_end ? is->end : is->question_end) - 1));
    requires \valid_read(question + (0 .. is->question_end - 1));
    requires \separated(is, reply + (0 .. 65534)) && \separated(question + (0 .. is->question_end - 1), reply + (0 .. 65534));
    assigns reply[0 .. (is->end > is->question_end ? is->end : is->question_end) - 1];
    ensures \result <= (is->end > is->question_end ? is->end : is->question_end); */
size_t reply_fit(uint8_t *reply, const struct reply *is, const uint8_t *question, size_t size);
