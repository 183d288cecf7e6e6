/* unit.h -- what the files of the unit tests share
 *
 * What goes in and what comes out is assembled and taken apart here, never with
 * dyndns's own rd_ and wr_, so that one mistake can't hide in both.  Whatever is
 * handed over lies in an allocation of exactly its size: a sanitizer or valgrind
 * sees the first octet too many.
 */
#define _POSIX_C_SOURCE 200809L
#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../dyndns.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
/* What is to be printed is worked out after the check, and only if it failed. */
#define OK(good, ...) ((good) ? (void)passed++ : fail(__FILE__, __LINE__, __VA_ARGS__))

/* The longest label, and the OPT of an ordinary question. */
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OPT "00 0029 1000 00000000 0000 "

extern unsigned passed;
extern struct rules rules;
void fail(const char *file, int line, const char *format, ...);

bool pton(const char *text, enum family *family, struct num *addr);
bool same_num(struct num a, struct num b);
bool sensible(const struct complaint *c);
const char *show(const uint8_t *msg, size_t len);
const char *show_address(int family, struct num a);
size_t bytes(const char *s, uint8_t *out);
size_t wname(const char *text, uint8_t *out);
struct num addr(const char *text);
struct num number(uint64_t hi, uint64_t lo);
uint32_t chance(uint32_t below);
void *exact(const void *p, size_t len);
size_t long_name(unsigned labels, unsigned octets, unsigned last, uint8_t *out);

void messages_tests(void);
void rules_tests(void);
void answers_tests(void);
void upstreams_tests(void);
