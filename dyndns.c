/* SPDX-License-Identifier: ISC
 * dyndns -- a DNS daemon that works addresses out of numbered names.
 *
 * Names that match a rule are answered here; every other question is relayed
 * to the nameservers of resolv.conf.  One thread, one poll loop, no memory
 * taken after the start.
 *
 *	 1 State		all the memory there is
 *	 2 Portability		what POSIX lacks, by feature
 *	 3 Tools		log, clock, randomness, deadlines, files, sockets
 *	 4 Reading, writing	bounded cursors over messages; options out, replies cut
 *	 5 Rules		patterns and networks; name to address and back
 *	 6 Answers		question in, verdict out
 *	 7 Upstreams		resolv.conf; does this reply belong to this question?
 *	 8 Flights		misses on their way up and down
 *	 9 Clients		UDP and TCP
 *	10 Loop			poll, dispatch, deadlines, signals
 *	11 Start		options, explain, sockets, privileges, main
 *
 * A packet walks forward only:
 *
 *	hit		loop -> udp_readable -> question_take -> answer() = REPLY -> udp_reply
 *	miss out	loop -> udp_readable -> question_take -> answer() = FORWARD -> miss_take -> flight_start
 *	miss back	loop -> link_readable -> reply_matches() -> flight_land -> udp_reply | conn_land
 *	tcp		loop -> conn_ready -> question_take -> answer() -> conn_write | miss_take
 *
 * Functions declared in dyndns.h have their contracts there.
 */

/* Ask each system for all that it has; strict C99 modes hide sockets otherwise. */
#define _GNU_SOURCE
#define _NETBSD_SOURCE
#define __APPLE_USE_RFC_3542
#define _XPG4_2
#ifndef __EXTENSIONS__
#define __EXTENSIONS__
#endif

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "dyndns.h"

/* ==== 1 State ================================================================
 * All the memory there is.  A page that was never used is never resident.
 */

enum {
	NONE = 0xffff,              /* no index */
	TRIES_MAX = 16,             /* tries that a flight remembers, the latest ones */
	CROWD_MAX = 512,            /* clients that wait for one flight */
	INLINE_MAX = 320,           /* octets kept in a flight: its question, and behind it a no */
	CONN_IN = 2 * QUESTION_MAX, /* what is read from a TCP client at once */
	BUFFER_LEN = 2 + (REPLY_MAX > 2 * QUESTION_MAX ? REPLY_MAX : 2 * QUESTION_MAX),
	LINKS_MAX = UPSTREAMS_MAX + POOL_MAX, /* one TCP connection per upstream, then the UDP pool */
	FLIGHT_FIRST = UPSTREAMS_MAX, /* before it stand questions of our own, one for each upstream */
	FLIGHT_SLOTS = FLIGHT_FIRST + FLIGHTS_MAX,
	CHAINS = 2 * FLIGHTS_MAX,
	TRY_CHAINS = 8 * FLIGHTS_MAX,
	POOL_SPENT = 4 * POOL_USES, /* uses of a socket that takes no more questions, whatever happens */
	BATCH = 64, /* datagrams or connections taken from one socket before the others get their turn */

	BURST_OCTETS = 2 << 20, /* receive buffer: 2,000 questions, as a system counts them */

	TURN_MS = 1200, /* an upstream's turn: asked, after a third of it asked again */
	RESEND_MS = TURN_MS / 3,
	PROBE_MS = 2000,      /* how often an upstream that is down is asked a question of our own */
	POOL_AGE_MS = 10000,  /* the ports of all UDP sockets are given up */
	PIPELINE_MAX = 128,   /* misses of one TCP client in the air: their answers shall find room */
	CONN_IDLE_MS = 10000, /* RFC 7766 section 6.2.3 */
	LINGER_MS = 1000,     /* for flights to land after SIGTERM */
	REST_MS = 100,        /* how long nothing is accepted once descriptors have run out */
	BREATH_MS = 5,        /* how long nothing is done at all once a call has failed that should not */
	LOOK_MS = 1000,       /* how often resolv.conf is looked at, at most */
	REFUSED_MS = 60000,   /* how often it is said who may not ask, at most */
	LINES_MAX = 5         /* log lines a second for what a stranger can cause */
};

union socket_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Where a datagram came from, and which of our addresses it came to: known
 * only on a wildcard socket; elsewhere `interface` is zero. */
struct origin {
	union socket_address peer;
	uint8_t local[16];
	uint32_t interface;
	uint16_t listener;
};

/* A TCP client. */
struct conn {
	enum {
		CONN_FREE,    /* nobody is connected */
		CONN_ASKING,  /* questions are read and answered */
		CONN_READING, /* answers wait for the client to read them; no question is read */
		CONN_WAITING, /* enough of its questions are in the air; no other is read */
		CONN_HEARING  /* it has said all it will; answers are still owed */
	} state;
	bool eof;         /* it has closed its side */
	uint16_t pending; /* its questions in the air */
	uint16_t buffer;  /* holds the answers that wait, or NONE */
	uint32_t serial;  /* tells it from the slot's earlier users */
	uint32_t out_len; /* octets in the buffer */
	uint32_t skip;    /* octets of an overlong question still to be thrown away */
	uint32_t in_len;
	int64_t heard; /* when its last whole message came or went */
	struct origin from;
	uint8_t in[CONN_IN];
};

/* A client that waits for a flight to land. */
struct waiter {
	struct origin from;
	int64_t since;
	uint32_t serial; /* of the TCP connection */
	uint16_t conn;   /* NONE: it came by UDP */
	uint16_t id;
	uint16_t next;
};

/* A datagram, or a message on a stream, that may still be answered. */
struct try {
	uint32_t next; /* in its hash chain, plus one */
	uint16_t id;
	uint8_t link; /* LINKS_MAX: this place is free */
};

/* A miss in the air, or a question of our own (room 8).  `tries` needs no clearing: `made` tells. */
struct flight {
	struct try tries[TRIES_MAX]; /* a ring */
	int64_t since;               /* its first client came */
	int64_t began;               /* the turn */
	int64_t due;                 /* the next step */
	uint8_t *question;           /* the client's bytes: `room`, or a buffer */
	uint32_t hash;
	uint16_t len;    /* of the question */
	uint16_t no_len; /* of the no kept behind it, 0: none */
	uint16_t buffer;
	uint16_t size;             /* the largest reply its clients take */
	uint16_t waiters;          /* the latest comer first */
	uint16_t next;             /* in its hash chain, or in the free list */
	uint8_t made;              /* tries; from TRIES_MAX on it only tells the place of the next */
	uint8_t first;             /* the upstream that the list begins with */
	uint8_t upstream;          /* whose turn it is */
	uint8_t asks;              /* of that upstream in this turn, 0 to 2 */
	uint8_t round;             /* walks through the list that were finished */
	uint8_t asked;             /* bit u: upstream u has had its turn in this walk */
	uint8_t unreachable;       /* bit u: upstream u was unreachable at both tries of it */
	uint8_t no;                /* bit u: upstream u has said no */
	uint8_t no_rcode, no_from; /* the first no */
	bool again;                /* in this turn it was sent once more at once */
	bool tcp;
	uint8_t room[INLINE_MAX];
};

/* A socket to an upstream. */
struct link {
	enum {
		LINK_CLOSED,     /* no descriptor */
		LINK_UDP,        /* connected, so that the kernel checks a reply's address */
		LINK_CONNECTING, /* a TCP connection on its way */
		LINK_STREAM      /* a TCP connection */
	} state;
	bool answered;    /* it has brought a reply */
	uint8_t upstream; /* UPSTREAMS_MAX: one of an earlier list */
	uint16_t uses;    /* from POOL_USES on it is worn: closed once nothing is awaited on it */
	uint32_t outstanding;
	uint16_t in, out; /* buffers of a stream */
	uint32_t in_len, out_len;
};

/* What is known of an upstream. */
struct upstream {
	int64_t heard, probed; /* when it last replied, and was asked a question of our own */
	bool down;             /* such a question got no reply */
	bool bounced;          /* since it was heard, a port of it was unreachable */
};

/* Who is due next: a heap of deadlines.  Slots are numbered in this order. */
enum {
	TIMER_FLIGHT = 0,
	TIMER_CONN = FLIGHT_SLOTS,
	TIMER_LINK = TIMER_CONN + CLIENTS_MAX,
	TIMER_ACCEPT = TIMER_LINK + LINKS_MAX,
	TIMER_STOP,
	TIMER_LOG,
	TIMER_POOL,
	TIMERS_MAX
};

/* What -D may not change so: indexes fit their types, and nothing that is needed is none. */
#define LIMITS(what, condition) typedef char limits_of_##what[(condition) ? 1 : -1]
LIMITS(rules, RULES_MAX > 0 && RULES_MAX <= 10000 && NETS_MAX >= 9);
LIMITS(upstreams, UPSTREAMS_MAX > 0 && UPSTREAMS_MAX <= 8 && (int)LISTEN_MAX >= FAMILIES);
LIMITS(flights, FLIGHTS_MAX > 0 && WAITERS_MAX > 0 && WAITERS_MAX < NONE);
LIMITS(sockets, POOL_MAX > 0 && POOL_USES > 0 && POOL_SPENT < NONE && LINKS_MAX < 255);
LIMITS(clients, CLIENTS_MAX > 0 && BUFFERS_MAX > 0 && BUFFERS_MAX < NONE && (int)TIMERS_MAX < NONE);
LIMITS(messages, QUESTION_MAX >= 512 && REPLY_MAX >= QUESTION_MAX && REPLY_MAX <= 65535);

static struct rules rules_memory[2]; /* one in force, one for the next reload */
static struct view view;             /* what answers depend on */
static struct counters counters;
static struct net nets[NETS_MAX];
static struct upstream_list order;                   /* the upstreams in force, as they are asked */
static struct upstream upstreams[UPSTREAMS_MAX + 1]; /* the last one stands for those of earlier lists */
static struct endpoint listeners[LISTEN_MAX];        /* each with a UDP and a TCP socket */
static struct conn conns[CLIENTS_MAX];
static struct waiter waiters[WAITERS_MAX];
static struct flight flights[FLIGHT_SLOTS];
static struct link links[LINKS_MAX];
static uint16_t flight_table[CHAINS];       /* by question; plus one */
static uint32_t try_table[TRY_CHAINS];      /* by link and id; plus one */
static uint16_t flights_free, waiters_free; /* lists, linked by `next` */
static unsigned flights_used, waiters_used; /* entries never used yet lie from here on */
static uint8_t buffers[BUFFERS_MAX][BUFFER_LEN];
static uint16_t buffers_free[BUFFERS_MAX];
static unsigned buffers_spare;
static struct pollfd polls[1 + 2 * LISTEN_MAX + LINKS_MAX + CLIENTS_MAX];
static struct pollfd *link_polls, *conn_polls; /* their parts of it, behind the listeners in use */
static unsigned polls_used;
static struct {
	int64_t when[TIMERS_MAX];
	uint16_t heap[TIMERS_MAX], place[TIMERS_MAX];
	unsigned count;
} timers;

static uint8_t question_in[QUESTION_MAX + 1]; /* one more octet shows what is too long */
static uint8_t reply_in[2 + REPLY_MAX];       /* two octets for TCP's length; also a file's text */
static uint8_t reply_out[BUFFER_LEN];         /* answers on their way out */

static unsigned listeners_used, conns_limit = CLIENTS_MAX, pool_limit = POOL_MAX, turn;
static unsigned lines_left_out; /* of the log */
static uint32_t conn_serial;
static uint64_t hash_key[2];
static int64_t now, started, resolv_looked;
static int random_fd = -1, wake_fd[2] = { -1, -1 }, pid_fd = -1;
static bool detached, log_queries, resting, stopping;
static bool journal, by_library; /* stderr is one; syslog(3) is what reaches syslogd */
static volatile sig_atomic_t signal_reload, signal_counters, signal_stop;

/* The command line. */
static struct {
	const char *rules_file, *resolv, *user, *pid_file;
	struct endpoint listener[LISTEN_MAX]; /* -l */
	bool own_port[LISTEN_MAX], everywhere, detach, explain, any, nets_given;
	unsigned listeners;
	uint16_t port;
	struct upstream_list upstreams; /* -s; none: those of resolv.conf */
	char **rule[RULES_MAX]; /* where in argv each -o has its two words */
	unsigned rules;
} options;

/* ==== 2 Portability ==========================================================
 * What POSIX lacks or leaves open, by feature and never by system.
 */

static bool fd_prepare(int fd) {
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* A socket that waits for nothing.  -1: there is none. */
static int socket_new(int domain, int type) {
	int fd = socket(domain, type, 0);
	if (fd < 0 || fd_prepare(fd)) return fd;
	close(fd);
	return -1;
}

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static bool socket_set(int fd, int level, int option) {
	int on = 1;
	return setsockopt(fd, level, option, &on, sizeof on) == 0;
}
/* Addresses as they lie in a socket's address or a record. */
static struct num num_octets(const uint8_t *p, size_t n) {
	struct num out = { 0, 0 };
	while (n--) out = (struct num){ out.hi << 8 | out.lo >> 56, out.lo << 8 | *p++ };
	return out;
}

static void octets_num(struct num n, uint8_t *p, size_t len) {
	while (len--) {
		p[len] = (uint8_t)n.lo;
		n = (struct num){ n.hi >> 8, n.lo >> 8 | n.hi << 56 };
	}
}

/* Whether a call only has to be made again, now or later. */
static bool try_again(int error) {
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS ||
	    error == ENOMEM;
}

/* The same for a descriptor that was ready and will be so again at once: where the system has run
 * out of memory, the loop takes a breath, or it would spin. */
static bool breathless;

static bool ready_again(int error) {
	breathless |= error == ENOBUFS || error == ENOMEM;
	return try_again(error);
}

static const int socket_family[] = { AF_INET, AF_INET6 };

static socklen_t sockaddr_make(const struct endpoint *e, union socket_address *sa) {
	if (e->family == V4) {
		sa->v4 = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = htons(e->port),
			.sin_addr.s_addr = htonl((uint32_t)e->addr.lo) };
		return sizeof sa->v4;
	}
	sa->v6 = (struct sockaddr_in6){
		.sin6_family = AF_INET6, .sin6_port = htons(e->port), .sin6_scope_id = e->scope
	};
	octets_num(e->addr, sa->v6.sin6_addr.s6_addr, 16);
	return sizeof sa->v6;
}

static struct endpoint sockaddr_read(const union socket_address *sa) {
	if (sa->any.sa_family == AF_INET)
		return (struct endpoint){
			.family = V4, .addr.lo = ntohl(sa->v4.sin_addr.s_addr), .port = ntohs(sa->v4.sin_port)
		};
	return (struct endpoint){ .family = V6,
		.addr = num_octets(sa->v6.sin6_addr.s6_addr, 16),
		.port = ntohs(sa->v6.sin6_port),
		.scope = sa->v6.sin6_scope_id };
}

static bool is_wildcard(const struct endpoint *e) { return e->addr.hi == 0 && e->addr.lo == 0; }

static bool endpoint_same(const struct endpoint *a, const struct endpoint *b) {
	return a->family == b->family && a->port == b->port && a->scope == b->scope &&
	    num_cmp(a->addr, b->addr) == 0;
}

/* An address that an interface has, with that port.  False: it is none of this family. */
static bool interface_address(const struct ifaddrs *i, enum family family, uint16_t port, struct endpoint *e) {
	union socket_address sa;
	if (!i->ifa_addr || i->ifa_addr->sa_family != socket_family[family]) return false;
	memcpy(&sa, i->ifa_addr, family == V4 ? sizeof sa.v4 : sizeof sa.v6);
	*e = sockaddr_read(&sa);
	e->port = port;
	return true;
}

/* Whether one of this machine's interfaces has the address.  False, with *unknown set, where they can't be read. */
static bool address_is_local(const struct endpoint *e, bool *unknown) {
	struct ifaddrs *all;
	struct endpoint has;
	bool found = false;
	if (getifaddrs(&all) < 0) {
		*unknown = true;
		return false;
	}
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
		found = interface_address(i, e->family, e->port, &has) && endpoint_same(&has, e);
	freeifaddrs(all);
	return found;
}

/* Whether `at`, an address or all of a family, includes the other one. */
static bool listens_at(const struct endpoint *at, const struct endpoint *e) {
	return endpoint_same(at, e) || (is_wildcard(at) && at->family == e->family && at->port == e->port);
}

/* Which of our addresses a datagram came to: asked of a wildcard socket, told
 * again when the reply is sent.  Three dialects for IPv4, one for IPv6. */
#if defined IP_RECVPKTINFO
#define PACKET_V4 IP_RECVPKTINFO
#elif defined IP_PKTINFO
#define PACKET_V4 IP_PKTINFO
#elif defined IP_RECVDSTADDR && defined IP_SENDSRCADDR
#define PACKET_V4 IP_RECVDSTADDR
#endif

/* False where this system can't tell. */
static bool packet_info_on(int fd, enum family family) {
#ifdef PACKET_V4
	if (family == V4) return socket_set(fd, IPPROTO_IP, PACKET_V4);
#endif
#ifdef IPV6_RECVPKTINFO
	if (family == V6) return socket_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
#endif
	(void)fd, (void)family;
	return false;
}

static void packet_info_get(struct msghdr *m, struct origin *o) {
	o->interface = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
#if defined IP_PKTINFO
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof info);
			/* The same, but for what came to a broadcast address. */
			memcpy(o->local, info.ipi_spec_dst.s_addr ? &info.ipi_spec_dst : &info.ipi_addr, 4);
			o->interface = (uint32_t)info.ipi_ifindex;
		}
#elif defined PACKET_V4
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVDSTADDR) {
			memcpy(o->local, CMSG_DATA(c), 4);
			o->interface = 1;
		}
#endif
#ifdef IPV6_PKTINFO
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof info);
			memcpy(o->local, &info.ipi6_addr, 16);
			o->interface = (uint32_t)info.ipi6_ifindex;
		}
#endif
	}
}

static void packet_info_set(struct msghdr *m, int level, int type, const void *info, size_t len) {
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), info, len);
	m->msg_controllen = CMSG_SPACE(len);
}

static void packet_info_put(struct msghdr *m, const struct origin *o) {
	/* The route decides the interface, but where an address is link-local. */
	if (o->peer.any.sa_family == AF_INET) {
#if defined IP_PKTINFO
		struct in_pktinfo info = { 0 };
		memcpy(&info.ipi_spec_dst, o->local, 4);
		packet_info_set(m, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
#elif defined PACKET_V4
		packet_info_set(m, IPPROTO_IP, IP_SENDSRCADDR, o->local, 4);
#endif
	} else {
#ifdef IPV6_PKTINFO
		struct in6_pktinfo info = { 0 };
		memcpy(&info.ipi6_addr, o->local, 16);
		if (IN6_IS_ADDR_LINKLOCAL(&o->peer.v6.sin6_addr) || IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
			info.ipi6_ifindex = o->interface;
		packet_info_set(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
#endif
	}
}

/* What recvmsg and sendmsg want, with room for any of the above. */
struct packet {
	struct msghdr m;
	struct iovec part;
	union {
		uint64_t align;
		char room[128];
	} info;
};

static struct msghdr *packet_prepare(
    struct packet *p, void *msg, size_t len, struct origin *o, socklen_t peer_len) {
	p->part = (struct iovec){ .iov_base = msg, .iov_len = len };
	p->m = (struct msghdr){ .msg_name = &o->peer,
		.msg_namelen = peer_len,
		.msg_iov = &p->part,
		.msg_iovlen = 1,
		.msg_control = &p->info,
		.msg_controllen = sizeof p->info };
	return &p->m;
}

static ssize_t udp_receive(int fd, bool wildcard, void *msg, size_t len, struct origin *o) {
	socklen_t peer_len = sizeof o->peer;
	struct packet p;
	if (!wildcard) return recvfrom(fd, msg, len, 0, &o->peer.any, &peer_len);
	ssize_t n = recvmsg(fd, packet_prepare(&p, msg, len, o, peer_len), 0);
	if (n >= 0) packet_info_get(&p.m, o);
	return n;
}

static ssize_t udp_send(int fd, void *msg, size_t len, struct origin *o) {
	socklen_t peer_len = o->peer.any.sa_family == AF_INET ? sizeof o->peer.v4 : sizeof o->peer.v6;
	struct packet p;
	if (o->interface == 0) return sendto(fd, msg, len, 0, &o->peer.any, peer_len);
	packet_info_put(packet_prepare(&p, msg, len, o, peer_len), o);
	const ssize_t n = sendmsg(fd, &p.m, 0);
	/* Not from a broadcast address, nor from one that has gone: then from the one that the route gives. */
	if (n >= 0 || try_again(errno)) return n;
	return sendto(fd, msg, len, 0, &o->peer.any, peer_len);
}

/* Where syslogd listens. */
#ifndef _PATH_LOG
#define _PATH_LOG "/dev/log"
#endif

/* Asks for room for a burst of datagrams.  Returns what the system gave. */
static int receive_buffer(int fd, int octets) {
	socklen_t len = sizeof octets;
#ifdef SO_RCVBUFFORCE
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) < 0)
#endif
		/* Some systems give the most that they have, others nothing where it is too much. */
		for (; octets >= 1 << 16; octets -= octets / 4)
			if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets) == 0) break;
	return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, &len) < 0 ? 0 : octets;
}

/* ==== 3 Tools ================================================================
 * Log, clock, randomness, buffers, deadlines, files, sockets.  Nothing here
 * knows of DNS.
 */

static void timer_place(unsigned i, uint16_t slot) {
	timers.heap[i] = slot;
	timers.place[slot] = (uint16_t)(i + 1);
}

static void timer_sift(unsigned i, uint16_t slot) {
	int64_t when = timers.when[slot];
	unsigned child;
	for (; i && timers.when[timers.heap[(i - 1) / 2]] > when; i = (i - 1) / 2)
		timer_place(i, timers.heap[(i - 1) / 2]);
	while ((child = 2 * i + 1) < timers.count) {
		if (child + 1 < timers.count &&
		    timers.when[timers.heap[child + 1]] < timers.when[timers.heap[child]])
			child++;
		if (timers.when[timers.heap[child]] >= when) break;
		timer_place(i, timers.heap[child]);
		i = child;
	}
	timer_place(i, slot);
}

static void timer_set(unsigned slot, int64_t when) {
	unsigned i = timers.place[slot] ? timers.place[slot] - 1u : timers.count++;
	timers.when[slot] = when;
	timer_sift(i, (uint16_t)slot);
}

static void timer_clear(unsigned slot) {
	unsigned i = timers.place[slot];
	if (i == 0) return;
	timers.place[slot] = 0;
	if (i - 1 != --timers.count) timer_sift(i - 1, timers.heap[timers.count]);
}

/* vsnprintf, but the result is what was written. */
static size_t text_args(char *out, size_t size, const char *format, va_list args) {
	int n = vsnprintf(out, size, format, args);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static size_t text_put(char *out, size_t size, const char *format, ...) {
	va_list args;
	va_start(args, format);
	size_t n = text_args(out, size, format, args);
	va_end(args);
	return n;
}

/* Whatever words were given or read, they stay on one line and no terminal obeys them. */
static char *text_clean(char *s) {
	for (char *c = s; *c; c++)
		if (*c < ' ' || *c > '~') *c = '?';
	return s;
}

/* A datagram to a Unix-domain socket.  Where nobody takes it at once it is lost: a reader that
 * has stopped must not stop us. */
static void unix_send(const char *path, const char *text) {
	static int fd = -1;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	if (n == 0 || n > sizeof to.sun_path) return;
	if (fd < 0 && (fd = socket_new(AF_UNIX, SOCK_DGRAM)) < 0) return;
	memcpy(to.sun_path, path, n);
	if (*path == '@') to.sun_path[0] = '\0';
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	(void)!sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, len);
}

/* To syslogd by hand: syslog() may take memory, and waits for a syslogd that has stopped. */
static void log_syslog(int priority, const char *text) {
	char line[2 * NAME_TEXT + 64];
	if (by_library) {
		syslog(priority, "%s", text);
		return;
	}
	text_put(line, sizeof line, "<%d>dyndns[%u]: %s", LOG_DAEMON | priority, (unsigned)getpid(), text);
	unix_send(_PATH_LOG, line);
}

/* The journal knows our name, and takes priorities. */
static void log_stderr(int priority, const char *text) {
	char line[2 * NAME_TEXT + 64];
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	const size_t n = journal ? text_put(line, sizeof line, "<%d>%s\n", priority, text)
				 : text_put(line, sizeof line, "dyndns: %s\n", text);
	if (poll(&p, 1, 0) == 1) (void)!write(STDERR_FILENO, line, n);
}

static void log_write(int priority, const char *what, const char *format, va_list args) {
	char line[2 * NAME_TEXT];
	size_t n = 0;
	/* However long the word is, there is room for the reason. */
	if (what) {
		n = text_put(line, NAME_TEXT, "%s", *what ? what : "''");
		n += text_put(line + n, 3, ": ");
	}
	text_args(line + n, sizeof line - n, format, args);
	text_clean(line);
	if (options.detach) log_syslog(priority, line);
	if (!detached) log_stderr(priority, line);
}

/* `priority` is syslog's: info for a question, warning for what failed, notice for the rest. */
static void log_line(int priority, const char *format, ...) {
	va_list args;
	va_start(args, format);
	log_write(priority, NULL, format, args);
	va_end(args);
}

/* For what a stranger can cause: a few lines a second, the rest counted.  Lines about questions
 * and lines about all else don't crowd each other out. */
static void log_stranger(int priority, const char *format, ...) {
	static int64_t second[2] = { -1, -1 };
	static unsigned lines[2];
	const bool question = priority == LOG_INFO;
	va_list args;
	if (second[question] != now / 1000) lines[question] = 0;
	second[question] = now / 1000;
	if (++lines[question] > LINES_MAX) {
		if (lines_left_out++ == 0) timer_set(TIMER_LOG, now + 1000);
		return;
	}
	va_start(args, format);
	log_write(priority, NULL, format, args);
	va_end(args);
}

static void left_out_log(void) {
	if (lines_left_out) log_line(LOG_NOTICE, "%u more lines left out", lines_left_out);
	lines_left_out = 0;
}

/* Two octets in network order. */
static uint16_t u16_get(const uint8_t *p) { return (uint16_t)(p[0] * 256 + p[1]); }

static void u16_put(uint8_t *p, unsigned n) {
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static int64_t clock_us(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* From the system's generator, a block at a time. */
static bool random_u16(uint16_t *out) {
	static uint8_t block[512];
	static size_t left;
	if (left < 2) {
		ssize_t n = read(random_fd, block, sizeof block);
		if (n < 2) return false;
		left = (size_t)n;
	}
	left -= 2;
	*out = u16_get(block + left);
	/* Used once: nothing that leaks later tells what was sent earlier. */
	u16_put(block + left, 0);
	return true;
}

static uint64_t turn_left(uint64_t n, unsigned bits) { return n << bits | n >> (64 - bits); }

static void hash_round(uint64_t v[4]) {
	v[0] += v[1], v[1] = turn_left(v[1], 13) ^ v[0], v[0] = turn_left(v[0], 32);
	v[2] += v[3], v[3] = turn_left(v[3], 16) ^ v[2];
	v[0] += v[3], v[3] = turn_left(v[3], 21) ^ v[0];
	v[2] += v[1], v[1] = turn_left(v[1], 17) ^ v[2], v[2] = turn_left(v[2], 32);
}

/* SipHash-1-3: who does not know the key finds no two texts with one hash. */
static uint32_t hash_keyed(const uint8_t *p, size_t n) {
	uint64_t v[] = { hash_key[0] ^ 0x736f6d6570736575, hash_key[1] ^ 0x646f72616e646f6d,
		hash_key[0] ^ 0x6c7967656e657261, hash_key[1] ^ 0x7465646279746573 };
	uint8_t last[8] = { 0, 0, 0, 0, 0, 0, 0, (uint8_t)n };
	uint64_t word;
	for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
		memcpy(&word, p, sizeof word);
		v[3] ^= word;
		hash_round(v);
		v[0] ^= word;
	}
	memcpy(last, p, n);
	memcpy(&word, last, sizeof word);
	v[3] ^= word;
	hash_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (unsigned i = 0; i < 3; i++) hash_round(v);
	return (uint32_t)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}

static uint16_t buffer_take(void) { return buffers_spare ? buffers_free[--buffers_spare] : NONE; }

/* For what is many: half of the buffers stay for connections. */
static uint16_t buffer_spare(void) { return buffers_spare > BUFFERS_MAX / 2 ? buffer_take() : NONE; }

static void buffer_give(uint16_t *b) {
	if (*b != NONE) buffers_free[buffers_spare++] = *b;
	*b = NONE;
}

/* A descriptor that the loop shall look at. */
static void poll_open(struct pollfd *p, int fd) {
	*p = (struct pollfd){ .fd = fd, .events = POLLIN };
	if ((unsigned)(p - polls) >= polls_used) polls_used = (unsigned)(p - polls) + 1;
}

static void poll_close(struct pollfd *p) {
	if (p->fd >= 0) close(p->fd);
	p->fd = -1;
	while (polls_used > 1 && polls[polls_used - 1].fd < 0) polls_used--;
}

/* Reads a whole file, cut at `size`.  Returns its length, or -1. */
static ssize_t file_read(const char *path, void *to, size_t size) {
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	size_t len = 0;
	ssize_t n = -1;
	/* At the start a pipe is waited for. */
	if (fd >= 0 && !started) fcntl(fd, F_SETFL, 0);
	while (fd >= 0 && len < size && (n = read(fd, (char *)to + len, size - len)) > 0) len += (size_t)n;
	if (fd >= 0) close(fd);
	return n < 0 ? -1 : (ssize_t)len;
}

/* The same, but of a file that is too long whole lines. */
static ssize_t file_lines(const char *path, uint8_t *to, size_t size) {
	ssize_t len = file_read(path, to, size);
	if (len == (ssize_t)size)
		while (len && to[len - 1] != '\n') len--;
	return len;
}

/* A UDP socket to an address, with a port that nobody can foretell (RFC 5452 section 9.2).  -1: there is none. */
static int socket_random(const struct endpoint *e) {
	union socket_address to, from;
	const socklen_t len = sockaddr_make(e, &to);
	struct endpoint any = { .family = e->family };
	int fd = socket_new(socket_family[e->family], SOCK_DGRAM);
	/* Were all of them taken, the system would choose. */
	for (unsigned n = 0; fd >= 0 && n < 16 && random_u16(&any.port); n++) {
		if (any.port < 1024) continue;
		sockaddr_make(&any, &from);
		if (bind(fd, &from.any, len) == 0) break;
	}
	if (fd < 0 || connect(fd, &to.any, len) == 0) return fd;
	close(fd);
	return -1;
}

/* ==== 4 Reading, writing =====================================================
 * Every octet from or to the wire passes here, under a check that can't be
 * forgotten: a cursor's first error sticks.  Bounds are written n > len - pos,
 * which can't wrap.
 */

static const uint8_t *rd_take(struct reader *r, size_t n) {
	if (n > r->len - r->pos) {
		r->bad = true;
		r->pos = r->len;
		return NULL;
	}
	r->pos += n;
	return r->msg + r->pos - n;
}

uint8_t rd_u8(struct reader *r) {
	const uint8_t *p = rd_take(r, 1);
	return p ? p[0] : 0;
}

uint16_t rd_u16(struct reader *r) {
	const uint8_t *p = rd_take(r, 2);
	return p ? u16_get(p) : 0;
}

uint32_t rd_u32(struct reader *r) {
	const uint8_t *p = rd_take(r, 4);
	return p ? (uint32_t)u16_get(p) << 16 | u16_get(p + 2) : 0;
}

void rd_skip(struct reader *r, size_t octets) { rd_take(r, octets); }

size_t rd_name(struct reader *r, bool pointers) {
	size_t start = r->pos;
	unsigned n;
	/*@ loop invariant reader_ok(r) && start <= r->pos;
	    loop invariant !r->bad ==> !\at(r->bad, Pre) && r->pos - start <= NAME_MAX_WIRE;
	    loop assigns n, r->pos, r->bad;
	    loop variant r->len - r->pos; */
	do {
		n = rd_u8(r);
		if (n >= 0xc0 && pointers) {
			rd_skip(r, 1);
			n = 0;
		}
		rd_skip(r, n);
		/* 0x40 and 0x80 were never put to use (RFC 6891 section 5). */
		if (n > LABEL_MAX || r->pos - start > NAME_MAX_WIRE) r->bad = true;
	} while (n && !r->bad);
	if (r->bad) r->pos = r->len;
	return r->pos - start;
}

void rd_record(struct reader *r, struct record *rec) {
	rec->start = r->pos;
	rec->root = rd_name(r, true) == 1;
	rec->type = rd_u16(r);
	rec->class = rd_u16(r);
	rec->ttl = rd_u32(r);
	rec->end = rd_u16(r);
	rec->rdata = r->pos;
	rd_skip(r, rec->end);
	rec->end = r->pos;
}

size_t options_strip(uint8_t *msg, size_t len, size_t rdata) {
	const size_t end = rdata + u16_get(msg + rdata - 2);
	struct reader r = { .msg = msg, .len = end, .pos = rdata };
	size_t kept = rdata;
	/*@ loop invariant reader_ok(&r) && r.len == end && r.msg == msg && rdata <= kept <= r.pos;
	    loop assigns r.pos, r.bad, kept, msg[rdata .. end - 1];
	    loop variant end - r.pos; */
	while (r.pos < end) {
		const size_t start = r.pos;
		const unsigned code = rd_u16(&r);
		rd_skip(&r, rd_u16(&r));
		if (code == OPTION_COOKIE || code == OPTION_KEEPALIVE) continue;
		memmove(msg + kept, msg + start, r.pos - start);
		kept += r.pos - start;
	}
	memmove(msg + kept, msg + end, len - end);
	u16_put(msg + rdata - 2, (unsigned)(kept - rdata));
	return len - (end - kept);
}

size_t reply_fit(uint8_t *reply, const struct reply *is, const uint8_t *question, size_t size) {
	if (is->end && is->end <= size) return is->end;
	size_t opt = is->end ? is->opt_end - is->opt : 0;
	if (is->question_end + opt > size) opt = 0;
	if (is->end) reply[2] |= 2; /* TC */
	memmove(reply + is->question_end, reply + is->opt, opt);
	memcpy(reply + HEADER_LEN, question + HEADER_LEN, is->question_end - HEADER_LEN);
	memset(reply + 4, 0, HEADER_LEN - 4);
	reply[5] = 1;
	reply[11] = opt != 0;
	return is->question_end + opt;
}

void wr_bytes(struct writer *w, const void *bytes, size_t n) {
	if (n > w->cap - w->len) {
		w->bad = true;
		return;
	}
	memcpy(w->msg + w->len, bytes, n);
	w->len += n;
}

void wr_u16(struct writer *w, uint16_t n) {
	uint8_t b[2];
	u16_put(b, n);
	wr_bytes(w, b, 2);
}

void wr_u32(struct writer *w, uint32_t n) {
	uint8_t b[4];
	u16_put(b, n >> 16);
	u16_put(b + 2, n);
	wr_bytes(w, b, 4);
}

/* Puts length and message behind what is in `out`, which holds BUFFER_LEN. */
static size_t frame_put(uint8_t *out, size_t used, const uint8_t *msg, size_t len) {
	u16_put(out + used, (unsigned)len);
	memmove(out + used + 2, msg, len);
	return used + 2 + len;
}

char *name_text(const uint8_t *name, char out[NAME_TEXT]) {
	char *o = out;
	if (*name == 0) *o++ = '.';
	for (; *name; name += 1 + *name) {
		if (o != out) *o++ = '.';
		for (unsigned i = 1; i <= *name; i++) {
			const unsigned c = name[i];
			if (c <= ' ' || c >= 0x7f)
				o += text_put(o, 5, "\\%u%u%u", c / 100, c / 10 % 10, c % 10);
			else {
				if (strchr(".\\\"();@$", (int)c)) *o++ = '\\';
				*o++ = (char)c;
			}
		}
	}
	*o = '\0';
	return out;
}

size_t name_wire(const char *text, uint8_t out[NAME_MAX_WIRE]) {
	size_t len = 0;
	if (strcmp(text, ".") == 0) {
		out[0] = 0;
		return 1;
	}
	do {
		size_t label = len++; /* where the label's length goes */
		while (*text && *text != '.') {
			unsigned c = (unsigned char)*text++;
			if (c == '\\' && *text >= '0' && *text <= '9') {
				struct num n;
				if (!num_parse(text, 3, 10, &n) || n.lo > 255) return 0;
				c = (unsigned)n.lo;
				text += 3;
			} else if (c == '\\' && (c = (unsigned char)*text++) == '\0')
				return 0;
			/* One octet stays free, for the root. */
			if (len - label > LABEL_MAX || len >= NAME_MAX_WIRE - 1) return 0;
			out[len++] = (uint8_t)c;
		}
		if (len == label + 1) return 0;
		out[label] = (uint8_t)(len - label - 1);
		text += *text == '.';
	} while (*text);
	out[len++] = 0;
	return len;
}

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c; }

/* For whole names too: a length octet is at most 63 and so is never lowered. */
static void lower_copy(uint8_t *to, const void *from, size_t octets) {
	const uint8_t *p = from;
	/*@ loop invariant 0 <= i <= octets;
	    loop assigns i, to[0 .. octets - 1];
	    loop variant octets - i; */
	for (size_t i = 0; i < octets; i++) to[i] = lower(p[i]);
}

/* Octets of a wire name that was checked. */
static size_t name_length(const uint8_t *name) {
	size_t len = 0;
	while (name[len]) len += 1u + name[len];
	return len + 1;
}

bool same_octets(const uint8_t *a, const uint8_t *b, size_t octets) {
	/*@ loop invariant 0 <= octets <= \at(octets, Pre);
	    loop invariant a == \at(a, Pre) + (\at(octets, Pre) - octets);
	    loop invariant b == \at(b, Pre) + (\at(octets, Pre) - octets);
	    loop assigns a, b, octets;
	    loop variant octets; */
	for (; octets; a++, b++, octets--)
		if (*a != *b && lower(*a) != lower(*b)) return false;
	return true;
}

/* ==== 5 Rules ================================================================
 * What the user wrote becomes a table once; names and addresses are looked up
 * in it, one way and back.  No message and no socket is known here.
 *
 * A rule's names are PREFIX number SUFFIX . DOMAIN.  All rules with the same
 * prefix, suffix, domain and form of number make a shape, which is found by one
 * hash and has a list of them.  So is every domain that some rule's names are in,
 * and each one above it: what is found exists, and is our own if it has a rule.
 */

int num_cmp(struct num a, struct num b) {
	if (a.hi != b.hi) return a.hi < b.hi ? -1 : 1;
	return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
}

struct num num_add(struct num a, struct num b) {
	uint64_t lo = a.lo + b.lo;
	return (struct num){ a.hi + b.hi + (lo < b.lo), lo };
}

struct num num_sub(struct num a, struct num b) {
	return (struct num){ a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo };
}

static bool num_between(struct num n, struct num first, struct num last) {
	return num_cmp(n, first) >= 0 && num_cmp(n, last) <= 0;
}

/* 2^bits - 1, for bits 0 to 128. */
static struct num num_ones(unsigned bits) {
	uint64_t ones = ~(uint64_t)0;
	if (bits > 64) return (struct num){ ones >> (128 - bits), ones };
	return (struct num){ 0, bits ? ones >> (64 - bits) : 0 };
}

/* -1: it is no digit in that base. */
static int digit_value(unsigned c, unsigned base) {
	unsigned letter = (c | 0x20) - 'a', v = c - '0' < 10 ? c - '0' : letter < 6 ? letter + 10 : base;
	return v < base ? (int)v : -1;
}

static bool is_digit(unsigned c, unsigned base) { return digit_value(c, base) >= 0; }

bool num_parse(const char *text, size_t len, unsigned base, struct num *out) {
	const uint64_t low = 0xffffffff;
	struct num n = { 0, 0 };
	for (size_t i = 0; i < len; i++) {
		int digit = digit_value((unsigned char)text[i], base);
		if (digit < 0) return false;
		/* Long multiplication: the low half in two places of 32 bits. */
		uint64_t a = (n.lo & low) * base + (unsigned)digit, b = (n.lo >> 32) * base + (a >> 32);
		if (n.hi >> 60 && n.hi > (UINT64_MAX - (b >> 32)) / base) return false;
		n = (struct num){ n.hi * base + (b >> 32), b << 32 | (a & low) };
	}
	*out = n;
	return len > 0;
}

/* Writes the number with at least `width` digits, at most LABEL_MAX.  Returns how many. */
static size_t num_text(struct num n, unsigned base, unsigned width, char *out) {
	char digits[LABEL_MAX + 1] = { 0 };
	size_t at = LABEL_MAX;
	do {
		uint64_t part[] = { n.hi >> 32, n.hi & 0xffffffff, n.lo >> 32, n.lo & 0xffffffff }, rest = 0;
		for (unsigned i = 0; i < 4; i++) {
			rest = rest << 32 | part[i];
			part[i] = rest / base;
			rest %= base;
		}
		n = (struct num){ part[0] << 32 | part[1], part[2] << 32 | part[3] };
		digits[--at] = "0123456789abcdef"[rest];
	} while (n.hi || n.lo || LABEL_MAX - at < width);
	memcpy(out, digits + at, sizeof digits - at);
	return LABEL_MAX - at;
}

static unsigned family_bits(enum family f) { return f == V4 ? 32 : 128; }

static const unsigned form_base[] = { 10, 16 }; /* DECIMAL, HEX */

/* A small decimal number, whole and without leading zeros. */
static bool small_number(const char *text, size_t len, unsigned max, unsigned *out) {
	struct num n;
	if ((len > 1 && text[0] == '0') || !num_parse(text, len, 10, &n) || n.hi || n.lo > max) return false;
	*out = (unsigned)n.lo;
	return true;
}

/* The end of the part that begins at `text`: the next separator, or `end`. */
static const char *part_end(const char *text, const char *end, char separator) {
	const char *stop = memchr(text, separator, (size_t)(end - text));
	return stop ? stop : end;
}

/* Decimal octets with `dot` between them.  Returns how many, 1 to 4; 0: it is something else. */
static unsigned octets_parse(const char *text, const char *end, char dot, struct num *out) {
	unsigned octet, n = 0;
	*out = (struct num){ 0, 0 };
	for (;; text++) {
		const char *stop = part_end(text, end, dot);
		if (n++ == 4 || !small_number(text, (size_t)(stop - text), 255, &octet)) return 0;
		out->lo = out->lo << 8 | octet;
		text = stop;
		if (text == end) return n;
	}
}

/* An IPv6 address with `colon` between its parts. */
static bool parts_parse(const char *text, size_t len, char colon, struct num *out) {
	char copy[ADDRESS_TEXT] = "";
	struct in6_addr addr;
	if (len >= sizeof copy || memchr(text, '\0', len)) return false;
	for (size_t i = 0; i < len; i++) {
		if (colon != ':' && (text[i] == ':' || text[i] == '.')) return false;
		copy[i] = text[i] == colon ? ':' : text[i];
	}
	if (inet_pton(AF_INET6, copy, &addr) != 1) return false;
	*out = num_octets(addr.s6_addr, sizeof addr.s6_addr);
	return true;
}

bool address_parse(const char *text, size_t len, enum family *family, struct num *out) {
	*family = memchr(text, ':', len) ? V6 : V4;
	return *family == V6 ? parts_parse(text, len, ':', out)
			     : octets_parse(text, text + len, '.', out) == 4;
}

char *address_text(enum family family, struct num n, char out[ADDRESS_TEXT]) {
	uint8_t o[16];
	unsigned run, best = 8, best_len = 1; /* the longest run of zeros, of two parts at least */
	char *p = out;
	/* inet_ntop won't do: it writes some addresses with a dotted tail. */
	octets_num(n, o, sizeof o);
	if (family == V4) {
		text_put(out, ADDRESS_TEXT, "%u.%u.%u.%u", o[12], o[13], o[14], o[15]);
		return out;
	}
	for (unsigned i = 0; i < 8; i += run + 1) {
		for (run = 0; i + run < 8 && u16_get(o + 2 * (i + run)) == 0;) run++;
		if (run > best_len) {
			best = i;
			best_len = run;
		}
	}
	for (unsigned i = 0; i < 8; i++)
		if (i == best) {
			p += text_put(p, 3, "::");
			i += best_len - 1;
		} else
			p += text_put(p, 6, "%s%x", i && p[-1] != ':' ? ":" : "", u16_get(o + 2 * i));
	return out;
}

static bool complain(struct complaint *c, const char *what, const char *why, ...) {
	va_list args;
	va_start(args, why);
	text_put(c->what, sizeof c->what, "%s", what);
	text_args(c->why, sizeof c->why, why, args);
	va_end(args);
	return false;
}

/* How many bits the numbers of a network take. */
static unsigned net_bits(struct num first, struct num last) {
	const struct num size = num_sub(last, first);
	unsigned bits = 0;
	while (num_cmp(num_ones(bits), size) < 0) bits++;
	return bits;
}

/* The network of an address whose last `host` bits number its hosts. */
static struct net net_around(enum family family, struct num addr, unsigned host) {
	const struct num mask = num_ones(host), last = { addr.hi | mask.hi, addr.lo | mask.lo };
	return (struct net){ .first = num_sub(last, mask), .last = last, .family = family };
}

/* A network as the user would write it. */
static char *net_text(enum family family, struct num from, struct num to, char out[2 * ADDRESS_TEXT]) {
	const unsigned host = net_bits(from, to);
	const struct net net = net_around(family, from, host);
	char first[ADDRESS_TEXT], last[ADDRESS_TEXT];
	address_text(family, from, first);
	if (num_cmp(net.first, from) == 0 && num_cmp(net.last, to) == 0)
		text_put(out, 2 * ADDRESS_TEXT, "%s/%u", first, family_bits(family) - host);
	else
		text_put(out, 2 * ADDRESS_TEXT, "%s-%s", first, address_text(family, to, last));
	return out;
}

/* What is wrong with text that is no address: octets that are none are the commonest. */
static const char *address_why(const char *text, const char *otherwise) {
	return strspn(text, "0123456789./-") == strlen(text) && strchr(text, '.')
	    ? "an IPv4 address has four octets of 0 to 255, without leading zeros"
	    : otherwise;
}

static bool cidr_parse(const char *text, const char *slash, struct net *net, struct complaint *c) {
	enum family family = V4;
	struct num addr;
	const unsigned octets = octets_parse(text, slash, '.', &addr);
	unsigned bits;
	char right[2 * ADDRESS_TEXT];
	if (octets)
		addr.lo <<= 32 - 8 * octets; /* what is missing is zero */
	else if (!address_parse(text, (size_t)(slash - text), &family, &addr))
		return complain(c, text, "%s", address_why(text, "not an address before the slash"));
	const unsigned all = family_bits(family);
	if (!small_number(slash + 1, strlen(slash + 1), all, &bits))
		return complain(c, text, "the prefix length is a number from 0 to %u", all);
	*net = net_around(family, addr, all - bits);
	net_text(family, net->first, net->last, right);
	if (num_cmp(net->first, addr) != 0)
		return complain(c, text, "host bits are set, did you mean %s?", right);
	if (octets && bits > 8 * octets)
		return complain(c, text, "octets are missing, did you mean %s?", right);
	return true;
}

/* One to three octets, the article's way: the network that begins so. */
static bool octets_net(const char *text, struct net *net) {
	struct num addr;
	const unsigned octets = octets_parse(text, text + strlen(text), '.', &addr), host = 32 - 8 * octets;
	if (octets == 0 || octets == 4) return false;
	*net = net_around(V4, (struct num){ 0, addr.lo << host }, host);
	return true;
}

bool net_parse(const char *text, struct net *net, struct complaint *c) {
	const char *slash = strchr(text, '/');
	if (slash) return cidr_parse(text, slash, net, c);
	if (octets_net(text, net)) return true;
	if (!address_parse(text, strlen(text), &net->family, &net->first))
		return complain(c, text, "%s",
		    address_why(text, "not an address or network, like 192.0.2.0/24 or 2001:db8::1"));
	net->last = net->first;
	return true;
}

/* FIRST-LAST. */
static bool range_parse(const char *text, const char *dash, struct net *net, struct complaint *c) {
	enum family family;
	unsigned octet;
	char last[ADDRESS_TEXT];
	if (!address_parse(text, (size_t)(dash - text), &net->family, &net->first))
		return complain(c, text, "%s", address_why(text, "not a whole address before the dash"));
	if (net->family == V4 && small_number(dash + 1, strlen(dash + 1), 255, &octet)) {
		address_text(V4, (struct num){ 0, (net->first.lo & 0xffffff00) | octet }, last);
		return complain(c, text, "not a whole address after the dash, did you mean %.*s-%s?",
		    (int)(dash - text), text, last);
	}
	if (!address_parse(dash + 1, strlen(dash + 1), &family, &net->last))
		return complain(c, text, "%s", address_why(dash + 1, "not a whole address after the dash"));
	if (family != net->family) return complain(c, text, "one address is IPv4, the other IPv6");
	if (num_cmp(net->first, net->last) > 0)
		return complain(c, text, "the first address is above the last");
	return true;
}

/* ::ffff:192.0.2.1 is 192.0.2.1 (RFC 4291 section 2.5.5.2). */
static void address_unmap(enum family *family, struct num *addr) {
	if (*family != V6 || addr->hi || addr->lo >> 32 != 0xffff) return;
	*family = V4;
	addr->lo &= 0xffffffff;
}

static bool is_link_local(enum family family, struct num addr) {
	return family == V6 && addr.hi >> 54 == 0xfe80 >> 6;
}

/* One whole address, which a fixed name may have. */
static bool address_fits(const char *text, struct net *net, struct complaint *c) {
	char whole[2 * ADDRESS_TEXT];
	address_unmap(&net->family, &net->first);
	const struct num first = net->last = net->first;
	if (is_link_local(net->family, first))
		return complain(c, text, "a link-local address is no use to a client on another link");
	/* Zeros at the end: octets, or all that numbers an interface (RFC 4291 section 2.6.1). */
	unsigned bits = net->family == V6 ? (first.lo == 0) * 64u : 0;
	while (net->family == V4 && bits < 24 && (first.lo >> bits & 0xff) == 0) bits += 8;
	if (bits == 0) return true;
	return complain(c, text, "a network's own address: one name, or all of %s?",
	    net_text(net->family, first, net_around(net->family, first, bits).last, whole));
}

/* What NETWORK stands for. */
enum extent {
	EXTENT_NET,
	EXTENT_RANGE, /* FIRST-LAST, whose first number the pattern gives */
	EXTENT_ONE,   /* one address: PATTERN is a fixed name */
	EXTENT_NONE   /* none: PATTERN is a domain of our own */
};

static bool network_parse(const char *text, struct net *net, enum extent *extent, struct complaint *c) {
	const char *slash = strchr(text, '/'), *dash = strchr(text, '-');
	*extent = dash ? EXTENT_RANGE : EXTENT_NET;
	if (dash) return range_parse(text, dash, net, c);
	if (slash) return cidr_parse(text, slash, net, c);
	if (octets_net(text, net)) return true;
	*extent = EXTENT_ONE;
	if (address_parse(text, strlen(text), &net->family, &net->first)) return address_fits(text, net, c);
	*extent = EXTENT_NONE;
	if (strcmp(text, "none") == 0) return true;
	if (strlen(text) == 4 && same_octets((const uint8_t *)text, (const uint8_t *)"none", 4))
		return complain(c, text, "write none");
	return complain(c, text, "%s",
	    address_why(text, "not a network, like 172.16.2, 172.16.2.0/24, fd00:2::/64 or FIRST-LAST"));
}

/* Complains of what is no ADDR[@PORT], but perhaps as others write it: ADDR:PORT, [ADDR]:PORT, ADDR#PORT. */
static bool endpoint_odd(const char *text, struct complaint *c) {
	const bool bracket = *text == '[';
	const char *addr = text + bracket, *end = addr + strcspn(addr, bracket ? "]" : "#");
	struct num n;
	enum family family;
	if (!bracket && !*end) end = addr + strcspn(addr, ":");
	const char *port = end + (bracket && *end);
	const bool good = address_parse(addr, (size_t)(end - addr), &family, &n);
	if (good && *port == '\0')
		return complain(c, text, "write %.*s, without brackets", (int)(end - addr), addr);
	if (good && strspn(port + 1, "0123456789") == strlen(port + 1))
		return complain(
		    c, text, "the port stands behind an @: write %.*s@%s", (int)(end - addr), addr, port + 1);
	return complain(c, text, "%s", address_why(text, "not an address, like 192.0.2.1 or 2001:db8::1"));
}

bool endpoint_parse(const char *text, uint16_t port, struct endpoint *e, struct complaint *c) {
	const char *at = strchr(text, '@'), *end = at ? at : text + strlen(text);
	const char *scope = memchr(text, '%', (size_t)(end - text));
	unsigned n;
	*e = (struct endpoint){ .port = port };
	if (!address_parse(text, (size_t)((scope ? scope : end) - text), &e->family, &e->addr))
		return endpoint_odd(text, c);
	/* Not every system lets an IPv6 socket have such an address. */
	address_unmap(&e->family, &e->addr);
	const bool link_local = is_link_local(e->family, e->addr);
	if (scope) {
		char interface[IF_NAMESIZE + 1]; /* one more octet shows what is too long */
		if (e->family != V6) return complain(c, text, "%%INTERFACE belongs to an IPv6 address");
		size_t room = (size_t)(end - scope);
		text_put(interface, room < sizeof interface ? room : sizeof interface, "%s", scope + 1);
		e->scope = small_number(interface, strlen(interface), 0x7fffffff, &n) && n
		    ? n
		    : if_nametoindex(interface);
		if (e->scope == 0) return complain(c, text, "there is no interface '%s'", interface);
		/* Any other address is the same on each of them. */
		if (!link_local) e->scope = 0;
	} else if (link_local)
		return complain(c, text, "a link-local address needs its %%INTERFACE");
	if (at) {
		if (!small_number(at + 1, strlen(at + 1), 65535, &n))
			return complain(c, text, "the port is a number from 0 to 65535");
		e->port = (uint16_t)n;
	}
	return true;
}

char *endpoint_text(const struct endpoint *e, char out[ADDRESS_TEXT]) {
	size_t len = strlen(address_text(e->family, e->addr, out));
	if (e->scope) len += text_put(out + len, ADDRESS_TEXT - len, "%%%u", e->scope);
	text_put(out + len, ADDRESS_TEXT - len, "@%u", e->port);
	return out;
}

/* The same, good until the next call. */
static const char *endpoint_show(const struct endpoint *e) {
	static char text[ADDRESS_TEXT];
	return endpoint_text(e, text);
}

enum { KEY_DOMAIN = 0xff, KEY_MAX = LABEL_MAX + 2 + NAME_MAX_WIRE };

/* What the names of a shape have in common: PREFIX, the form, SUFFIX, and then, unless any
 * domain will do, KEY_DOMAIN and the domain as a wire name; in lower case.  Neither mark is a
 * character of a host name, so the parts of a rule's key can't run together. */
struct key {
	uint8_t octets[KEY_MAX];
	size_t label, len; /* octets without and with the domain */
	uint32_t hash[2];  /* the same */
};

static uint32_t hash_octets(uint32_t h, const uint8_t *p, size_t n) {
	while (n--) h = (h ^ *p++) * 16777619; /* FNV-1a */
	return h;
}

enum { HASH_START = 0x1f3d5b79 };

static void key_make(struct key *k, enum form form, const void *prefix, size_t prefix_len, const void *suffix,
    size_t suffix_len, const uint8_t *domain) {
	const size_t domain_len = name_length(domain);
	k->label = prefix_len + 1 + suffix_len;
	k->len = k->label + 1 + domain_len;
	lower_copy(k->octets, prefix, prefix_len);
	k->octets[prefix_len] = (uint8_t)form;
	lower_copy(k->octets + prefix_len + 1, suffix, suffix_len);
	k->octets[k->label] = KEY_DOMAIN;
	lower_copy(k->octets + k->label + 1, domain, domain_len);
	k->hash[0] = hash_octets(HASH_START, k->octets, k->label);
	k->hash[1] = hash_octets(k->hash[0], k->octets + k->label, 1 + domain_len);
}

/* A domain is a shape whose names are all that is in it. */
static void key_domain(struct key *k, const uint8_t *domain) { key_make(k, DOMAIN, "", 0, "", 0, domain); }

/* Octets of a shape's key without the domain, which it may have behind them. */
static unsigned shape_label(const struct shape *g) { return g->prefix_len + 1u + g->suffix_len; }

/* Where in the table the shape with this key stands, or would stand.  Half of the slots are
 * empty, so the walk ends. */
static unsigned shape_slot(const struct rules *t, const struct key *k, bool domain) {
	size_t len = domain ? k->len : k->label;
	uint32_t hash = k->hash[domain];
	unsigned i = (hash ^ hash >> 15) % LENGTH(t->table);
	for (; t->table[i]; i = (i + 1) % LENGTH(t->table)) {
		const struct shape *g = &t->shape[t->table[i] - 1];
		/* A label from the wire may hold the mark, too. */
		if (g->hash == hash && g->key_len == len && (len > shape_label(g)) == domain &&
		    memcmp(t->text + g->key, k->octets, len) == 0)
			break;
	}
	return i;
}

/* NULL: there is none. */
static const struct shape *shape_find(const struct rules *t, const struct key *k, bool domain) {
	const uint16_t g = t->table[shape_slot(t, k, domain)];
	return g ? &t->shape[g - 1] : NULL;
}

/* What PATTERN says. */
struct pattern {
	const char *text, *suffix;
	uint8_t name[NAME_MAX_WIRE]; /* with 0 for the number */
	size_t domain_len;           /* 0: dotless, any domain will do */
	enum form form;
	unsigned prefix_len, suffix_len, width;
	bool has_example;
	struct num example;
};

static bool host_character(unsigned char c) {
	return is_digit(c, 10) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
}

/* Whether all characters of a host name may stand where they do (RFC 1123 section 2.1, and underscores);
 * `text` is the word it comes from. */
static bool host_good(const char *text, const char *host, struct complaint *c) {
	const char *s = host;
	if (text[0] == '*' && text[1] == '.')
		return complain(c, text, "for all other names in a domain write %s none", text + 2);
	if (strpbrk(host, " \t"))
		return complain(c, text, "a blank in a host name: PATTERN and NETWORK are two words");
	if (*host == '.' || strstr(host, "..") || !*host) return complain(c, text, "empty label");
	while (host_character((unsigned char)*s) || *s == '.') s++;
	if ((unsigned char)*s > 0x7f)
		return complain(c, text, "not ASCII: write the name as DNS has it, with xn--");
	if (*s && (*s < ' ' || *s == 0x7f)) return complain(c, text, "an unprintable character in a host name");
	if (*s) return complain(c, text, "'%c' in a host name", *s);
	if (*host == '-' || strstr(host, "-.") || strstr(host, ".-") || s[-1] == '-')
		return complain(c, text, "a label begins or ends with '-', which no host name may");
	return true;
}

/* Reads a host name.  Returns its octets, or 0 with a complaint. */
static size_t host_parse(
    const char *text, const char *host, uint8_t name[NAME_MAX_WIRE], struct complaint *c) {
	if (!host_good(text, host, c)) return 0;
	const size_t len = name_wire(host, name);
	if (len == 0) complain(c, text, "a label over 63 or a name over 255 octets");
	return len;
}

/* %d, %0Nd, %x, %0Nx or %a at `s`.  Returns the text after it, or NULL. */
static const char *placeholder_parse(const char *s, struct pattern *p) {
	static const char letters[] = "dxa"; /* in the forms' order */
	if (*++s == '0') {
		size_t len = strspn(++s, "0123456789");
		if (!small_number(s, len, LABEL_MAX, &p->width) || p->width == 0 || s[len] == 'a')
			return NULL;
		s += len;
	}
	const char *letter = *s ? strchr(letters, *s) : NULL;
	if (!letter) return NULL;
	p->form = (enum form)(letter - letters);
	return s + 1;
}

/* Finds where in PATTERN, whose first label goes up to `end`, the number stands: from *number to
 * p->suffix. */
static bool number_find(struct pattern *p, const char *end, const char **number, struct complaint *c) {
	const char *text = p->text, *percent = strchr(text, '%');
	*number = p->suffix = end;
	if (percent) {
		if (percent > end) return complain(c, text, "the number stands in the first label");
		*number = percent;
		if (!(p->suffix = placeholder_parse(percent, p)))
			return complain(c, text, "after %% comes d, 0Nd, x, 0Nx or a");
		if (strchr(p->suffix, '%')) return complain(c, text, "two numbers in one pattern");
		if (p->form != ADDRESS && is_digit((unsigned char)*p->suffix, form_base[p->form]))
			return complain(c, text, "a digit right after the number would be part of it");
	} else if (*end) {
		/* An example host: its trailing digits stand for the number. */
		while (*number > text && is_digit((unsigned char)(*number)[-1], 10)) --*number;
		const size_t digits = (size_t)(end - *number);
		if (digits > LABEL_MAX) return complain(c, text, "a label over 63 octets");
		if (digits && !num_parse(*number, digits, 10, &p->example))
			return complain(c, text, "the example number is over 128 bits");
		p->has_example = digits > 0;
		if (digits > 1 && **number == '0') p->width = (unsigned)digits;
	}
	return true;
}

/* PATTERN, which stands for one name or, with a number, for many. */
static bool pattern_parse(const char *text, bool fixed, struct pattern *p, struct complaint *c) {
	const char *end = text + strcspn(text, "."), *number = end;
	char host[2 * NAME_MAX_WIRE]; /* what is too long for it is too long for a name */
	*p = (struct pattern){ .text = text, .suffix = end, .form = fixed ? FIXED : DECIMAL };
	if (fixed && strchr(text, '%')) return complain(c, text, "one address is for one name: no %% in it");
	if (end == text) return complain(c, text, "empty label");
	if (!fixed && !number_find(p, end, &number, c)) return false;
	text_put(host, sizeof host, "%.*s%s%s", (int)(number - text < LABEL_MAX ? number - text : LABEL_MAX),
	    text, fixed ? "" : "0", p->suffix);
	const size_t len = host_parse(text, host, p->name, c);
	if (len == 0) return false;
	p->prefix_len = (unsigned)(number - text);
	p->suffix_len = (unsigned)(end - p->suffix);
	/* A fixed name without a dot is in the root domain. */
	if (*end || fixed) p->domain_len = len - 1 - p->name[0];
	return true;
}

/* The number that a rule gives an address, and the way back. */
static struct num rule_number(const struct rule *r, struct num addr) {
	return num_add(r->low, num_sub(addr, r->first));
}

static struct num rule_address(const struct rule *r, struct num n) {
	return num_add(r->first, num_sub(n, r->low));
}

static enum form rule_form(const struct rules *t, unsigned i) { return t->shape[t->rule[i].shape].form; }

const uint8_t *rule_domain(const struct rules *t, const struct rule *r) {
	const struct shape *g = &t->shape[r->shape];
	unsigned label = shape_label(g);
	return g->key_len > label ? t->text + g->key + label + 1 : NULL;
}

/* The number as the rule's names write it.  Returns its length; `out` holds
 * LABEL_MAX + 1 or ADDRESS_TEXT, whichever is more. */
static size_t rule_digits(const struct rule *r, unsigned form, struct num addr, char *out) {
	char text[ADDRESS_TEXT];
	if (form == FIXED) return 0;
	if (form != ADDRESS) return num_text(rule_number(r, addr), form_base[form], r->width, out);
	address_text(r->family, addr, text);
	/* No host name begins or ends with '-' (RFC 1123 section 2.1). */
	const size_t len = text_put(out, ADDRESS_TEXT, "%s%s%s", *text == ':' ? "0" : "", text,
	    text[strlen(text) - 1] == ':' ? "0" : "");
	for (char *p = out; *p; p++)
		if (*p == '.' || *p == ':') *p = '-';
	return len;
}

size_t rule_name(const struct rules *t, unsigned i, struct num addr, uint8_t name[NAME_MAX_WIRE]) {
	const struct rule *r = &t->rule[i];
	const struct shape *g = &t->shape[r->shape];
	const uint8_t *prefix = t->text + g->key, *domain = rule_domain(t, r);
	char digits[ADDRESS_TEXT] = "";
	size_t n = rule_digits(r, g->form, addr, digits);
	/* rule_add made sure that the longest name fits. */
	struct writer w = { .msg = name, .cap = NAME_MAX_WIRE, .len = 1 };
	wr_bytes(&w, prefix, g->prefix_len);
	wr_bytes(&w, digits, n);
	wr_bytes(&w, prefix + g->prefix_len + 1, g->suffix_len);
	name[0] = (uint8_t)(w.len - 1);
	if (domain) wr_bytes(&w, domain, name_length(domain));
	return w.len;
}

void rules_clear(struct rules *t) {
	/* What was never used is not touched. */
	if (t->shapes) memset(t->table, 0, sizeof t->table);
	memset(t, 0, offsetof(struct rules, rule));
}

/* The shape with a key, `is` if there was none.  NULL: there is no room for it. */
static struct shape *shape_join(struct rules *t, const struct key *k, bool domain, struct shape is) {
	uint16_t *slot = &t->table[shape_slot(t, k, domain)];
	if (*slot) return &t->shape[*slot - 1];
	is.hash = k->hash[domain];
	is.key = t->text_len;
	is.key_len = (uint16_t)(domain ? k->len : k->label);
	if (t->shapes == SHAPES_MAX || is.key_len > sizeof t->text - t->text_len) return NULL;
	for (unsigned f = 0; f < FAMILIES; f++) is.first[f] = NO_RULE;
	memcpy(t->text + is.key, k->octets, is.key_len);
	t->text_len += is.key_len;
	t->shape[t->shapes] = is;
	*slot = (uint16_t)++t->shapes;
	t->prefix_lens[is.form] |= (uint64_t)1 << is.prefix_len;
	if (is.form == ADDRESS) t->suffix_lens |= (uint64_t)1 << is.suffix_len;
	return &t->shape[t->shapes - 1];
}

/* Makes a domain and those above it known.  False: there is no room. */
static bool domain_join(struct rules *t, const uint8_t *domain) {
	unsigned known = t->shapes + 1;
	for (; *domain && known != t->shapes; domain += 1 + *domain) {
		struct key key;
		known = t->shapes;
		key_domain(&key, domain);
		if (!shape_join(t, &key, true, (struct shape){ .form = DOMAIN })) return false;
	}
	return true;
}

/* Puts a rule behind those that look like it. */
static bool rule_put(struct rules *t, const char *text, const struct key *key, bool domain, struct shape is,
    struct rule r, struct complaint *c) {
	const uint16_t i = (uint16_t)t->count;
	struct shape *g = NULL;
	if (!domain || domain_join(t, key->octets + key->label + 1)) g = shape_join(t, key, domain, is);
	if (!g)
		return complain(c, text,
		    "the names of all rules are over %u octets, or their domains over %u",
		    (unsigned)sizeof t->text, SHAPES_MAX - RULES_MAX);
	*(g->first[r.family] == NO_RULE ? &g->first[r.family] : &t->rule[g->last[r.family]].next) = i;
	g->last[r.family] = i;
	r.next = NO_RULE;
	r.shape = (uint16_t)(g - t->shape);
	t->rule[t->count++] = r;
	return true;
}

/* Whether the numbers and the longest name of a rule have room; fills in its first number. */
static bool rule_fits(
    const struct pattern *p, enum extent extent, const char *network, struct rule *r, struct complaint *c) {
	const struct num size = num_sub(r->last, r->first);
	char digits[ADDRESS_TEXT];
	if (p->form == ADDRESS)
		r->low = r->first;
	else if (extent == EXTENT_RANGE && p->has_example)
		r->low = p->example;
	else if (p->has_example && num_cmp(p->example, size) > 0)
		return complain(c, p->text, "the example's number is outside %s", network);
	if (num_cmp(rule_number(r, r->last), size) < 0) return complain(c, p->text, "numbers over 128 bits");
	/* The last of a network is its longest, however its zeros are written. */
	size_t longest = p->form == ADDRESS && extent == EXTENT_RANGE
	    ? (r->family == V4 ? 15 : 39)
	    : rule_digits(r, p->form, r->last, digits);
	longest += p->prefix_len + p->suffix_len;
	if (longest > LABEL_MAX) return complain(c, p->text, "its longest name has a label over 63 octets");
	if (1 + longest + p->domain_len > NAME_MAX_WIRE)
		return complain(c, p->text, "its longest name is over 255 octets");
	return true;
}

/* The reverse name of an address, the way back of reverse_address.  Returns `out`. */
static char *reverse_text(enum family family, struct num addr, char out[NAME_TEXT]) {
	uint8_t o[16];
	char *to = out;
	octets_num(addr, o, sizeof o);
	for (unsigned i = 16; i-- > (family == V4 ? 12 : 0);)
		to += family == V4 ? text_put(to, 5, "%u.", o[i])
				   : text_put(to, 5, "%x.%x.", o[i] & 15u, o[i] >> 4);
	text_put(to, 16, "%s", family == V4 ? "in-addr.arpa" : "ip6.arpa");
	return out;
}

/* The reverse domain of a network. */
static bool reverse_domain(
    const char *text, const struct net *net, uint8_t domain[NAME_MAX_WIRE], struct complaint *c) {
	const unsigned bits = net_bits(net->first, net->last), part = net->family == V4 ? 8 : 4;
	char reverse[NAME_TEXT], *s = reverse_text(net->family, net->first, reverse);
	if (bits % part)
		return complain(c, text, "a reverse domain begins where a prefix of %s ends",
		    part == 8 ? "8, 16, 24 or 32 bits" : "4, 8, 12 or more bits, 4 by 4,");
	for (unsigned i = 0; i < bits / part; i++) s = strchr(s, '.') + 1;
	name_wire(s, domain);
	return true;
}

/* PATTERN with `none`: a domain, or the network whose reverse domain is meant. */
static bool domain_add(struct rules *t, const char *text, struct complaint *c) {
	uint8_t domain[NAME_MAX_WIRE];
	struct net net;
	enum extent extent;
	struct key key;
	const bool network = network_parse(text, &net, &extent, c) && extent != EXTENT_NONE;
	if (network && extent == EXTENT_RANGE)
		return complain(c, text, "a range has no reverse domain, write a network");
	if (!network && strpbrk(text, "/:")) return false; /* meant for one, and complained of */
	if (strchr(text, '%')) return complain(c, text, "a domain has no number");
	if (network ? !reverse_domain(text, &net, domain, c) : host_parse(text, text, domain, c) == 0)
		return false;
	key_domain(&key, domain);
	t->owns = true;
	/* It holds no address: it begins above all of them, and ends below. */
	return rule_put(t, text, &key, true, (struct shape){ .form = DOMAIN },
	    (struct rule){ .family = V4, .first = num_ones(128) }, c);
}

bool rule_add(struct rules *t, const char *pattern, const char *network, struct complaint *c) {
	struct pattern p;
	struct net net;
	enum extent extent;
	struct key key;
	if (t->count == RULES_MAX) return complain(c, pattern, "more than %u rules", RULES_MAX);
	if (strcmp(network, "none") == 0) return domain_add(t, pattern, c);
	if (network_parse(pattern, &net, &extent, c) && extent != EXTENT_NONE)
		return complain(c, pattern, "a network, where a name is due: are the words swapped?");
	if (!network_parse(network, &net, &extent, c) || !pattern_parse(pattern, extent == EXTENT_ONE, &p, c))
		return false;
	struct rule r = {
		.first = net.first, .last = net.last, .family = net.family, .width = (uint8_t)p.width
	};
	if (!rule_fits(&p, extent, network, &r, c)) return false;
	const bool domain = p.domain_len > 0;
	*(domain ? &t->domains : &t->dotless) = true;
	key_make(&key, p.form, pattern, p.prefix_len, p.suffix, p.suffix_len, p.name + 1 + p.name[0]);
	return rule_put(t, pattern, &key, domain,
	    (struct shape){ .form = (uint8_t)p.form,
		.prefix_len = (uint8_t)p.prefix_len,
		.suffix_len = (uint8_t)p.suffix_len },
	    r, c);
}

enum { WORD_TEXT = 320 }; /* room for any name or address, and one octet that shows what is too long */

/* The next line of a file's text, less its comment, up to *end.  NULL after the last. */
static const char *line_next(const char **text, const char *stop, const char *comment, const char **end) {
	const char *line = *text, *s = line;
	if (line == stop) return NULL;
	while (s < stop && *s != '\n' && (*s == '\0' || !strchr(comment, *s))) s++;
	*end = s;
	while (s < stop && *s != '\n') s++;
	*text = s < stop ? s + 1 : stop;
	return line;
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Copies the next word of a line.  False: there is none.  What is too long is cut, and
 * longer than any word that counts; a zero becomes a character that no word may have. */
static bool word_next(const char **line, const char *end, char word[WORD_TEXT]) {
	size_t n = 0;
	while (*line < end && is_blank(**line)) ++*line;
	for (; *line < end && !is_blank(**line); ++*line)
		if (n < WORD_TEXT - 1) word[n++] = **line ? **line : '\1';
	word[n] = '\0';
	return n > 0;
}

/* "name:n" as a number from `low` to `high`; what lies outside is brought to the nearer end. */
static void word_number(const char *word, const char *name, unsigned low, unsigned high, unsigned *out) {
	size_t skip = strlen(name);
	struct num n;
	if (strncmp(word, name, skip) != 0 || !num_parse(word + skip, strlen(word + skip), 10, &n)) return;
	*out = n.hi || n.lo > high ? high : n.lo < low ? low : (unsigned)n.lo;
}

/* A file's text without the mark that some editors put before it. */
static const char *text_begin(const char *text, const char *stop) {
	const size_t mark = 3;
	return (size_t)(stop - text) < mark || memcmp(text, "\xef\xbb\xbf", mark) != 0 ? text : text + mark;
}

bool rules_parse(struct rules *t, const char *text, size_t len, struct complaint *c) {
	const char *stop = text + len, *line, *end;
	char word[3][WORD_TEXT], where[256];
	struct complaint bad;
	text = text_begin(text, stop);
	for (unsigned number = 1, words; (line = line_next(&text, stop, "#", &end)); number++) {
		for (words = 0; words < 3 && word_next(&line, end, word[words]); words++) continue;
		if (words == 0) continue;
		if (words > 2 && (word[2][0] == '-' || word[1][strlen(word[1]) - 1] == '-'))
			complain(&bad, word[1], "a range has no blanks, FIRST-LAST");
		else if (words != 2)
			complain(&bad, word[words - 1], "a rule is two words, PATTERN NETWORK");
		else if (rule_add(t, word[0], word[1], &bad))
			continue;
		text_put(where, sizeof where, "line %u: %s", number, bad.what);
		return complain(c, where, "%s", bad.why);
	}
	return true;
}

/* -- looking up -- */

/* Reads part of a label as an address with dashes. */
static bool dashed_address(const char *text, size_t len, enum family *family, struct num *n) {
	*family = V4;
	if (octets_parse(text, text + len, '-', n) == 4) return true;
	*family = V6;
	return parts_parse(text, len, '-', n);
}

/* In a domain of our own a rule for any domain answers only what lies directly in it. */
static bool dotless_fits(const struct rules *t, const uint8_t *name) {
	struct place place;
	rules_place(t, name + 1 + *name, &place);
	return place.rule == NO_RULE || place.owner == 0;
}

/* Takes what a shape has for a number, `digits` in a name, where no earlier rule has it. */
static void shape_merge(
    const struct rules *t, const struct shape *g, const char *digits, size_t len, struct found *found) {
	enum family family = V4;
	struct num n = { 0, 0 }; /* a fixed name's */
	if (g->form == ADDRESS ? !dashed_address(digits, len, &family, &n)
			       : g->form != FIXED && !num_parse(digits, len, form_base[g->form], &n))
		return;
	for (unsigned f = 0; f < FAMILIES; f++) {
		if (g->form == ADDRESS && f != family) continue;
		for (uint16_t i = g->first[f]; i < found->rule[f]; i = t->rule[i].next) {
			const struct rule *r = &t->rule[i];
			if (!num_between(n, r->low, rule_number(r, r->last))) continue;
			found->rule[f] = i;
			found->addr[f] = rule_address(r, n);
		}
	}
}

/* Takes what the shapes of this name have.  The number lies from `number` to `after` in its first label. */
static void found_merge(const struct rules *t, enum form form, const uint8_t *name, size_t number,
    size_t after, struct found *found) {
	const char *digits = (const char *)name + 1 + number;
	struct key key;
	key_make(&key, form, name + 1, number, name + 1 + after, *name - after, name + 1 + *name);
	const struct shape *any = t->dotless && form != FIXED ? shape_find(t, &key, false) : NULL;
	const struct shape *own = t->domains ? shape_find(t, &key, true) : NULL;
	if (any && dotless_fits(t, name)) shape_merge(t, any, digits, after - number, found);
	if (own) shape_merge(t, own, digits, after - number, found);
}

/* Numbers in the first label, wherever they may begin. */
static void numbers_find(const struct rules *t, const uint8_t *name, struct found *found) {
	const uint8_t *label = name + 1;
	const size_t len = name[0];
	const uint64_t places = t->prefix_lens[DECIMAL] | t->prefix_lens[HEX] | t->prefix_lens[ADDRESS];
	size_t run = 0; /* up to here all may belong to an address */
	for (size_t at = 0; at < len && places >> at; at++) {
		for (enum form form = DECIMAL; form <= HEX; form++) {
			size_t end = at;
			if (!(t->prefix_lens[form] >> at & 1)) continue;
			while (end < len && is_digit(label[end], form_base[form])) end++;
			if (end > at) found_merge(t, form, name, at, end, found);
		}
		if (!(t->prefix_lens[ADDRESS] >> at & 1)) continue;
		if (run < at) run = at;
		while (run < len && (label[run] == '-' || is_digit(label[run], 16))) run++;
		size_t dash = at;
		while (dash < run && label[dash] != '-') dash++;
		/* An address has no end of its own, so each known suffix is tried. */
		for (size_t end = run; end > dash; end--)
			if (t->suffix_lens >> (len - end) & 1) found_merge(t, ADDRESS, name, at, end, found);
	}
}

/* A fixed name goes before all others, wherever its rule stands. */
static void fixed_find(const struct rules *t, const uint8_t *name, struct found *found) {
	struct found fixed = { .rule = { NO_RULE, NO_RULE } };
	found_merge(t, FIXED, name, *name, *name, &fixed);
	for (unsigned f = 0; f < FAMILIES; f++) {
		if (fixed.rule[f] == NO_RULE) continue;
		found->rule[f] = fixed.rule[f];
		found->addr[f] = fixed.addr[f];
	}
}

bool rules_forward(const struct rules *t, const uint8_t *name, struct found *found) {
	found->rule[V4] = found->rule[V6] = NO_RULE;
	numbers_find(t, name, found);
	if (t->prefix_lens[FIXED] >> *name & 1) fixed_find(t, name, found);
	return found->rule[V4] != NO_RULE || found->rule[V6] != NO_RULE;
}

/* A reverse name, full or cut above some parts, to the addresses that it stands for. */
static bool reverse_net(const uint8_t *name, struct net *net) {
	static const uint8_t arpa4[] = "\7in-addr\4arpa", arpa6[] = "\3ip6\4arpa";
	struct num *n = &net->first;
	const uint8_t *p = name;
	unsigned bits, octet;
	/* The least significant part comes first, and each later one above it. */
	*n = (struct num){ 0, 0 };
	for (bits = 32; bits && *p && small_number((const char *)p + 1, *p, 255, &octet);
	     bits -= 8, p += 1 + *p)
		n->lo = n->lo >> 8 | (uint64_t)octet << 24;
	net->family = V4;
	if (!same_octets(p, arpa4, sizeof arpa4)) {
		*n = (struct num){ 0, 0 };
		for (bits = 128, p = name; bits && *p == 1 && is_digit(p[1], 16); bits -= 4, p += 2) {
			n->lo = n->lo >> 4 | n->hi << 60;
			n->hi = n->hi >> 4 | (uint64_t)digit_value(p[1], 16) << 60;
		}
		net->family = V6;
		if (!same_octets(p, arpa6, sizeof arpa6)) return false;
	}
	net->last = num_add(*n, num_ones(bits));
	return true;
}

bool reverse_address(const uint8_t *name, struct net *net) {
	/* Most names are none: it begins with an octet or a nibble. */
	return *name <= 3 && reverse_net(name, net) && num_cmp(net->first, net->last) == 0;
}

/* Whether the name that rule i writes for an address leads back to it. */
static bool rule_leads_back(
    const struct rules *t, unsigned i, struct num addr, uint8_t name[NAME_MAX_WIRE], size_t *len) {
	struct found found;
	*len = rule_name(t, i, addr, name);
	rules_forward(t, name, &found); /* finds it, if not by this rule then by one before it */
	return num_cmp(found.addr[t->rule[i].family], addr) == 0;
}

bool rules_reverse(const struct rules *t, enum family family, struct num addr, uint8_t name[NAME_MAX_WIRE],
    size_t *len, uint16_t *rule) {
	*rule = NO_RULE;
	/* Fixed names go first; and a name may be another rule's, for another address. */
	for (unsigned fixed = t->prefix_lens[FIXED] != 0; fixed < 2; fixed--)
		for (unsigned i = 0; i < t->count; i++) {
			const struct rule *r = &t->rule[i];
			if (!num_between(addr, r->first, r->last) || r->family != family ||
			    !rule_domain(t, r) || (rule_form(t, i) == FIXED) != fixed)
				continue;
			const bool back = rule_leads_back(t, i, addr, name, len);
			if (back || *rule == NO_RULE) *rule = (uint16_t)i;
			if (back) return true;
		}
	*len = 0;
	return *rule != NO_RULE;
}

/* Whether a rule with a domain holds one of these addresses, and so gives their reverse names a PTR. */
static bool rules_hold(const struct rules *t, const struct net *net) {
	for (const struct rule *r = t->rule; r < t->rule + t->count; r++)
		if (r->family == net->family && num_cmp(r->first, net->last) <= 0 &&
		    num_cmp(r->last, net->first) >= 0 && rule_domain(t, r))
			return true;
	return false;
}

void rules_place(const struct rules *t, const uint8_t *name, struct place *place) {
	uint8_t at[NAME_MAX_WIRE / 2 + 1];
	unsigned labels = 0;
	struct net net;
	*place = (struct place){ .rule = NO_RULE };
	if (!t->owns) return;
	for (size_t len = 0; name[len]; len += 1u + name[len]) at[labels++] = (uint8_t)len;
	/* From the top down: what lies below an unknown domain is unknown. */
	while (labels-- > 0) {
		struct key key;
		key_domain(&key, name + at[labels]);
		const struct shape *g = shape_find(t, &key, true);
		if (!g) break;
		place->exists = labels == 0;
		if (g->first[V4] == NO_RULE) continue;
		place->owner = at[labels];
		place->rule = g->first[V4];
	}
	if (!place->exists && place->rule != NO_RULE && reverse_net(name, &net))
		place->exists = rules_hold(t, &net);
}

/* ==== 6 Answers ==============================================================
 * answer() is a ladder, one rung a line of SPEC's table.  It sees a message,
 * who sent it and a read-only view; it has no socket, no clock, no global.
 */

static bool options_whole(const uint8_t *msg, const struct record *opt) {
	struct reader r = { .msg = msg, .pos = opt->rdata, .len = opt->end };
	/*@ loop invariant reader_ok(&r);
	    loop assigns r.pos, r.bad;
	    loop variant r.len - r.pos; */
	while (!r.bad && r.pos < r.len) {
		rd_skip(&r, 2);
		rd_skip(&r, rd_u16(&r));
	}
	return !r.bad;
}

bool question_read(const uint8_t *msg, size_t len, struct question *q) {
	struct reader r = { .msg = msg, .len = len };
	*q = (struct question){ .size = UDP_PLAIN };
	q->end = 0; /* once more, for the proof */
	q->opt = false;
	rd_skip(&r, 4);
	unsigned questions = rd_u16(&r), before = rd_u16(&r);
	before += rd_u16(&r);
	unsigned records = before + rd_u16(&r);
	if (r.bad || questions != 1) return false; /* RFC 9619 */
	q->name = msg + r.pos;
	rd_name(&r, false);
	q->type = rd_u16(&r);
	q->class = rd_u16(&r);
	if (r.bad) return false;
	q->end = r.pos;
	/* A record is 11 octets at least, so a count that lies ends soon. */
	/*@ loop invariant reader_ok(&r) && r.msg == msg && r.len == len && 0 <= i <= records;
	    loop invariant q->end <= r.pos && q->name == msg + 12 && 17 <= q->end <= 12 + 255 + 4;
	    loop invariant !r.bad && q->opt ==> q->end + 11 <= q->options <= len;
	    loop assigns i, r.pos, r.bad, *q;
	    loop variant records - i; */
	for (unsigned i = 0; i < records && !r.bad; i++) {
		struct record rec;
		rd_record(&r, &rec);
		q->tsig |= rec.type == TYPE_TSIG;
		if (r.bad || rec.type != TYPE_OPT) continue;
		/* One, at the root, among the additional records (RFC 6891 section 6.1.1). */
		if (i < before || !rec.root || q->opt) r.bad = true;
		q->opt = true;
		q->options = rec.rdata;
		q->torn = !options_whole(msg, &rec);
		q->size = rec.class > UDP_PLAIN ? rec.class : UDP_PLAIN;
		q->version = (uint8_t)(rec.ttl >> 16);
		q->dnssec_ok = rec.ttl >> 15 & 1;
	}
	return !r.bad && r.pos == len && len <= QUESTION_MAX;
}

/* Header and question of a reply of ours; reply_end completes it. */
static void reply_begin(
    const uint8_t *msg, const struct question *q, unsigned rcode, bool authoritative, struct writer *w) {
	w->len = 0;
	wr_bytes(w, msg, 2);
	wr_u16(w, (uint16_t)(0x8080 | (authoritative ? 0x400 : 0) | (msg[2] & 0x79u) << 8 | (rcode & 15)));
	wr_u16(w, q->end ? 1 : 0);
	wr_bytes(w, "\0\0\0\0\0", 6);
	if (q->end) wr_bytes(w, msg + HEADER_LEN, q->end - HEADER_LEN);
}

static void reply_end(const struct question *q, unsigned rcode, struct writer *w) {
	if (!q->opt) return;
	wr_bytes(w, "", 1);
	wr_u16(w, TYPE_OPT);
	wr_u16(w, UDP_OURS);
	wr_u32(w, (uint32_t)(rcode >> 4) << 24 | (q->dnssec_ok ? 0x8000 : 0));
	wr_u16(w, 0);
	w->msg[11] = 1;
}

void reply_empty(const uint8_t *msg, const struct question *q, unsigned rcode, struct writer *w) {
	reply_begin(msg, q, rcode, false, w);
	reply_end(q, rcode, w);
}

enum { SECTION_ANSWER = 7, SECTION_AUTHORITY = 9 }; /* where the header counts them */

/* One record.  Its owner is the question's name, but for the first `owner` octets of it. */
static void wr_record(struct writer *w, unsigned section, size_t owner, unsigned type, unsigned class,
    uint32_t ttl, const void *rdata, size_t len) {
	wr_u16(w, (uint16_t)(0xc000 | (HEADER_LEN + owner)));
	wr_u16(w, (uint16_t)type);
	wr_u16(w, (uint16_t) class);
	wr_u32(w, ttl);
	wr_u16(w, (uint16_t)len);
	wr_bytes(w, rdata, len);
	w->msg[section]++;
}

static void wr_soa(struct writer *w, unsigned section, size_t owner, uint32_t ttl) {
	const uint32_t numbers[] = { 1, 3600, 1200, 604800, ttl }; /* serial to minimum */
	uint8_t rdata[64];
	struct writer r = { .msg = rdata, .cap = sizeof rdata };
	wr_u16(&r, (uint16_t)(0xc000 | (HEADER_LEN + owner))); /* MNAME: the owner */
	wr_bytes(&r, "\6nobody\7invalid", 16);                 /* RNAME: there is nobody to write to */
	/*@ loop invariant writer_ok(&r) && 0 <= i <= 5 && r.msg == &rdata[0] && r.cap == 64;
	    loop assigns i, r.len, r.bad, rdata[0 .. 63];
	    loop variant 5 - i; */
	for (unsigned i = 0; i < LENGTH(numbers); i++) wr_u32(&r, numbers[i]);
	wr_record(w, section, owner, TYPE_SOA, CLASS_IN, ttl, rdata, r.len);
}

static void wr_text(struct writer *w, const char *text) {
	uint8_t len = (uint8_t)strlen(text);
	wr_bytes(w, &len, 1);
	wr_bytes(w, text, len);
}

/* A counter and its value, in the order they are shown.  False after the last. */
static bool counter_text(const struct view *v, unsigned i, char out[64]) {
	const struct counters *c = v->counters;
	const struct {
		const char *name;
		uint64_t value;
	} all[] = { { "hits", c->hits }, { "misses", c->misses }, { "relayed", c->relayed },
		{ "merged", c->merged }, { "servfail", c->servfail }, { "refused", c->refused },
		{ "formerr", c->formerr }, { "dropped", c->dropped }, { "retries", c->retries },
		{ "tcp-clients", c->tcp_clients }, { "seconds-up", v->seconds_up } };
	if (i == LENGTH(all)) return false;
	text_put(out, 64, "%s=%ju", all[i].name, (uintmax_t)all[i].value);
	return true;
}

static bool is_stats(const struct question *q) {
	static const uint8_t stats[] = "\5stats\6dyndns";
	return q->class == CLASS_CH && q->type == TYPE_TXT && same_octets(q->name, stats, sizeof stats);
}

/* version.dyndns. and stats.dyndns., type TXT; the class is known to be CH. */
static bool answer_chaos(
    const struct view *v, const struct question *q, const uint8_t *msg, struct writer *out) {
	static const uint8_t version[] = "\7version\6dyndns";
	uint8_t rdata[512];
	struct writer w = { .msg = rdata, .cap = sizeof rdata };
	if (q->type != TYPE_TXT) return false;
	if (same_octets(q->name, version, sizeof version))
		wr_text(&w, "dyndns " DYNDNS_VERSION);
	else if (is_stats(q)) {
		char text[64];
		for (unsigned i = 0; counter_text(v, i, text); i++) wr_text(&w, text);
	} else
		return false;
	reply_begin(msg, q, RCODE_NOERROR, true, out);
	wr_record(out, SECTION_ANSWER, 0, TYPE_TXT, CLASS_CH, 0, rdata, w.len);
	return true;
}

/* A full reverse name, which is never read as a pattern: %d would take its first octet.  True if a
 * rule holds its address. */
static bool answer_reverse(const struct view *v, const struct question *q, const uint8_t *msg,
    const struct net *net, struct writer *out, uint16_t *rule) {
	uint8_t name[NAME_MAX_WIRE];
	size_t len;
	if (!rules_reverse(v->rules, net->family, net->first, name, &len, rule)) return false;
	reply_begin(msg, q, RCODE_NOERROR, true, out);
	if (len && (q->type == TYPE_PTR || q->type == TYPE_ANY))
		wr_record(out, SECTION_ANSWER, 0, TYPE_PTR, CLASS_IN, v->ttl, name, len);
	return true;
}

/* Every other name.  True if a rule answers it. */
static bool answer_forward(
    const struct view *v, const struct question *q, const uint8_t *msg, struct writer *out, uint16_t *rule) {
	static const uint16_t type[] = { TYPE_A, TYPE_AAAA };
	struct found found;
	if (!rules_forward(v->rules, q->name, &found)) return false;
	reply_begin(msg, q, RCODE_NOERROR, true, out);
	for (unsigned f = 0; f < FAMILIES; f++) {
		uint8_t rdata[16];
		const size_t len = family_bits((enum family)f) / 8;
		if (found.rule[f] == NO_RULE) continue;
		if (*rule == NO_RULE || q->type == type[f]) *rule = found.rule[f];
		if (q->type != type[f] && q->type != TYPE_ANY) continue;
		octets_num(found.addr[f], rdata, len);
		wr_record(out, SECTION_ANSWER, 0, type[f], CLASS_IN, v->ttl, rdata, len);
	}
	return true;
}

/* Where a name lies for a question of type DS, its parent's matter (RFC 4035 section 3.1.4.1).  True: the
 * name is a domain of our own, and *place is its parent's. */
static bool place_of_ds(const struct rules *t, const uint8_t *name, struct place *place) {
	rules_place(t, name, place);
	if (place->rule == NO_RULE || place->owner > 0) return false;
	rules_place(t, name + 1 + *name, place);
	place->owner = (uint8_t)(place->owner + 1 + *name);
	place->exists = true;
	return true;
}

/* The reply by rule, if there is one: SPEC section 2's tables. */
static bool answer_rule(const struct view *v, const struct question *q, const uint8_t *msg,
    struct writer *out, struct reason *why) {
	struct place place;
	struct net net;
	bool hit = false;
	if (q->class != CLASS_IN && q->class != CLASS_ANY) return false;
	const bool ds = q->type == TYPE_DS;
	if (!ds || !place_of_ds(v->rules, q->name, &place))
		hit = reverse_address(q->name, &net) ? answer_reverse(v, q, msg, &net, out, &why->rule)
						     : answer_forward(v, q, msg, out, &why->rule);
	if (hit ? out->msg[SECTION_ANSWER] : !v->rules->owns) return why->hit = hit;
	if (!ds) rules_place(v->rules, q->name, &place);
	if (!hit && place.rule == NO_RULE) return false;
	if (!hit) {
		why->rule = place.rule;
		why->rcode = place.exists ? RCODE_NOERROR : RCODE_NXDOMAIN;
		reply_begin(msg, q, why->rcode, true, out);
	}
	/* BIND looks for the one that DS belongs to above it. */
	if (place.rule == NO_RULE && ds) place.owner = (uint8_t)(1 + *q->name);
	const bool asked = place.owner == 0 && (q->type == TYPE_SOA || q->type == TYPE_ANY);
	wr_soa(out, asked ? SECTION_ANSWER : SECTION_AUTHORITY, place.owner, v->ttl);
	return why->hit = true;
}

static bool is_loopback(const struct endpoint *e) {
	return e->addr.hi == 0 && (e->family == V4 ? e->addr.lo >> 24 == 127 : e->addr.lo == 1);
}

static bool may_ask(const struct view *v, const struct endpoint *from) {
	for (unsigned i = 0; i < v->nets_count; i++)
		if (v->nets[i].family == from->family &&
		    num_between(from->addr, v->nets[i].first, v->nets[i].last))
			return true;
	return v->nets_count == 0;
}

enum verdict answer(const struct view *v, const struct client *who, const uint8_t *msg, size_t len,
    struct writer *out, struct reason *why) {
	struct question *q = &why->question;
	*why = (struct reason){ .rule = NO_RULE };
	/* A reply to a reply could go round for ever. */
	if (len < HEADER_LEN || msg[2] & 0x80) return SILENCE;
	/* Ports that chargen, echo and other servers answer from. */
	if (!who->tcp && (who->from.port == 0 || (who->from.port < 1024 && who->from.port != 53)))
		return SILENCE;
	if (msg[2] & 0x78) {
		/* Other opcodes give the sections other meanings: none is read (RFC 8906 section 8.1.5). */
		why->rcode = RCODE_NOTIMP;
		reply_empty(msg, q, why->rcode, out);
		out->msg[2] &= 0xf8;
		return REPLY;
	}
	if (!question_read(msg, len, q))
		why->rcode = RCODE_FORMERR;
	else if (!may_ask(v, &who->from) || q->type == TYPE_AXFR || q->type == TYPE_IXFR ||
	    (is_stats(q) && !is_loopback(&who->from)))
		why->rcode = RCODE_REFUSED;
	else if (!(q->class == CLASS_CH ? answer_chaos(v, q, msg, out) : answer_rule(v, q, msg, out, why)))
		return FORWARD;
	else if (q->torn)
		why->rcode = RCODE_FORMERR;
	else if (q->version > 0)
		why->rcode = RCODE_BADVERS;
	else {
		reply_end(q, why->rcode, out);
		return REPLY;
	}
	reply_empty(msg, q, why->rcode, out);
	return REPLY;
}

/* ==== 7 Upstreams ============================================================
 * resolv.conf's text to a list of upstreams, and the one ladder that a reply has
 * to climb.  Nothing here knows of flights.
 */

void resolv_parse(const char *text, size_t len, struct upstream_list *list,
    void (*complain_line)(const char *line, const char *why)) {
	const char *stop = text + len, *line, *end;
	unsigned seconds = 0, attempts = 2;
	bool left_out = false;
	*list = (struct upstream_list){ .count = 0 };
	text = text_begin(text, stop);
	while ((line = line_next(&text, stop, "#;", &end))) {
		char word[WORD_TEXT];
		struct complaint bad;
		struct endpoint e;
		if (!word_next(&line, end, word)) continue;
		if (strcmp(word, "options") == 0) {
			while (word_next(&line, end, word)) {
				word_number(word, "timeout:", 1, 30, &seconds);
				word_number(word, "attempts:", 1, 5, &attempts);
				list->rotate |= strcmp(word, "rotate") == 0;
			}
		} else if (strcmp(word, "nameserver") == 0) {
			word_next(&line, end, word);
			if (strchr(word, '@'))
				complain_line(word, "a port has no place here"); /* resolv.conf(5) */
			else if (!endpoint_parse(word, 53, &e, &bad))
				complain_line(word, bad.why);
			else if (list->count == UPSTREAMS_MAX)
				left_out = true;
			else
				list->at[list->count++] = e;
		} else if (same_octets((const uint8_t *)word, (const uint8_t *)"nameserver", 10))
			complain_line(word, "did you mean nameserver ADDRESS?");
	}
	if (left_out) complain_line("nameserver", "more than the limit: the first ones count");
	/* The time is for each attempt, as the libraries have it; where nothing is said it is 5 s in all. */
	list->total = (seconds ? seconds * 1000 : 2500) * attempts;
	if (list->total > 30000) list->total = 30000;
}

/* Steps over a reply's records.  True if they are all there; `out` gets what they tell. */
static bool reply_records(struct reader *r, const uint16_t counts[3], struct reply *out) {
	const unsigned before = (unsigned)counts[0] + counts[1], all = before + counts[2];
	bool additional = false;
	/*@ loop invariant reader_ok(r) && \at(r->pos, Pre) <= r->pos && 0 <= i <= all;
	    loop invariant !r->bad ==> !\at(r->bad, Pre);
	    loop invariant out->opt == 0 && out->opt_end == 0 ||
	        \at(r->pos, Pre) <= out->opt <= out->opt_end <= r->pos;
	    loop assigns i, additional, r->pos, r->bad, out->opt, out->opt_end;
	    loop variant all - i; */
	for (unsigned i = 0; i < all && !r->bad; i++) {
		struct record rec;
		rd_record(r, &rec);
		const bool opt = rec.type == TYPE_OPT && rec.root;
		additional |= i >= before && !opt;
		if (!opt || r->bad) continue;
		out->opt = rec.start;
		out->opt_end = rec.end;
	}
	/* Without a word of its own it only names others to ask; glibc passes it over as well. */
	out->referral = counts[0] == 0 && !additional;
	return !r->bad;
}

bool reply_matches(
    const uint8_t *question, size_t question_len, const uint8_t *reply, size_t len, struct reply *out) {
	struct reader q = { .msg = question, .len = question_len, .pos = 0 };
	struct reader r = { .msg = reply, .len = len, .pos = 0 };
	*out = (struct reply){ .end = 0 };
	out->opt = out->opt_end = 0; /* once more, for the proof */
	rd_skip(&q, HEADER_LEN);
	size_t name = rd_name(&q, false);
	rd_skip(&q, 4);
	if (q.bad || len < HEADER_LEN) return false;
	/* A reply, to a QUERY, with one question ... */
	rd_skip(&r, 2);
	const unsigned flags = rd_u16(&r), questions = rd_u16(&r);
	uint16_t counts[3]; /* answer, authority, additional */
	/*@ loop invariant reader_ok(&r) && 0 <= i <= 3 && r.msg == reply && r.len == len;
	    loop invariant !r.bad ==> r.pos == 6 + 2 * i;
	    loop assigns i, r.pos, r.bad, counts[0 .. 2];
	    loop variant 3 - i; */
	for (unsigned i = 0; i < 3; i++) counts[i] = rd_u16(&r);
	if ((flags & 0xf800) != 0x8000 || questions > 1) return false;
	out->question_end = q.pos;
	out->rcode = flags & 15;
	out->truncated = flags >> 9 & 1;
	if (questions == 1) {
		/* ... which is ours, octet by octet, so that a pointer in it never matches ... */
		const uint8_t *ours = question + HEADER_LEN, *theirs = reply + HEADER_LEN;
		if (len < q.pos || !same_octets(theirs, ours, name) ||
		    memcmp(theirs + name, ours + name, 4) != 0)
			return false;
		rd_skip(&r, q.pos - HEADER_LEN);
	} else if (out->rcode == RCODE_NOERROR || out->rcode == RCODE_NXDOMAIN)
		return false; /* ... but errors come without it, from unbound and BIND among others ... */
	/* ... and with the records that it counts, unless it says itself that it was cut. */
	const bool whole = reply_records(&r, counts, out);
	out->no = out->rcode == RCODE_SERVFAIL || out->rcode == RCODE_NOTIMP || out->rcode == RCODE_REFUSED ||
	    (out->rcode == RCODE_NOERROR && out->referral && !(flags & 0x0680)); /* AA, TC, RA clear */
	out->end = whole && questions == 1 ? r.pos : 0;
	return whole || out->truncated;
}

/* ==== 8 Flights ==============================================================
 * A miss in the air: the question's bytes, the tries under way, the clients
 * that wait.  flight_step says what comes next; whatever happens on the way
 * only changes a field and sets the flight's timer to now.
 * Nothing here knows how a client is reached: udp_reply and conn_land do.
 */

static void udp_reply(struct origin *, uint8_t *msg, size_t len);
static void conn_land(unsigned conn, uint32_t serial, uint8_t *msg, size_t len);
static const char *query_text(const struct origin *, bool tcp, const struct question *);

/* -- tries -- */

static unsigned try_slot(unsigned link, uint16_t id) {
	return ((link * 0x9e3779b1u) ^ (id * 0x85ebca6bu)) % TRY_CHAINS;
}

/* The number that try_table knows a try by; 0 is none. */
static uint32_t try_number(unsigned flight, unsigned t) { return flight * TRIES_MAX + t + 1; }

static struct try *try_at(uint32_t number) {
	return &flights[(number - 1) / TRIES_MAX].tries[(number - 1) % TRIES_MAX];
}

/* The try that `id` on `link` belongs to. */
static uint32_t try_find(unsigned link, uint16_t id) {
	uint32_t i = try_table[try_slot(link, id)];
	while (i && (try_at(i)->link != link || try_at(i)->id != id)) i = try_at(i)->next;
	return i;
}

static struct pollfd *link_poll(const struct link *l) { return link_polls + (l - links); }
static unsigned link_timer(const struct link *l) { return TIMER_LINK + (unsigned)(l - links); }

static void link_close(struct link *l) {
	poll_close(link_poll(l));
	buffer_give(&l->in);
	buffer_give(&l->out);
	l->state = LINK_CLOSED;
	timer_clear(link_timer(l));
}

/* Forgets a try: it was answered, or its flight or link is at an end. */
static void try_drop(unsigned i, unsigned t) {
	struct try *try = &flights[i].tries[t];
	struct link *l = &links[try->link];
	uint32_t *at = &try_table[try_slot(try->link, try->id)];
	while (*at != try_number(i, t)) at = &try_at(*at)->next;
	*at = try->next;
	try->link = LINKS_MAX;
	if (--l->outstanding == 0 && l->state == LINK_UDP && l->uses >= POOL_USES) link_close(l);
}

static unsigned tries_made(const struct flight *f) { return f->made < TRIES_MAX ? f->made : TRIES_MAX; }

static void tries_drop(unsigned i) {
	for (unsigned t = 0; t < tries_made(&flights[i]); t++)
		if (flights[i].tries[t].link != LINKS_MAX) try_drop(i, t);
	flights[i].made = 0;
}

/* The link that the flight's latest try went out on; LINKS_MAX: it is no longer awaited. */
static unsigned latest_link(const struct flight *f) {
	return f->made ? f->tries[(f->made - 1u) % TRIES_MAX].link : LINKS_MAX;
}

/* A new try on a link, with an id that nobody can foretell.  False: there is no such id. */
static bool try_add(unsigned i, struct link *l) {
	struct flight *f = &flights[i];
	const unsigned link = (unsigned)(l - links), t = f->made % TRIES_MAX;
	uint16_t id;
	unsigned tested = 0;
	do
		if (tested++ == 8 || !random_u16(&id)) return false;
	while (try_find(link, id));
	l->outstanding++; /* first, or the oldest try could close this very link */
	if (f->made >= TRIES_MAX && f->tries[t].link != LINKS_MAX) try_drop(i, t);
	uint32_t *head = &try_table[try_slot(link, id)];
	f->tries[t] = (struct try){ .next = *head, .id = id, .link = (uint8_t)link };
	*head = try_number(i, t);
	f->made = (uint8_t)(f->made + 1 < 2 * TRIES_MAX ? f->made + 1 : TRIES_MAX);
	if (l->uses < POOL_SPENT) l->uses++;
	u16_put(f->question, id);
	return true;
}

/* -- flights, upstreams: what changes a field -- */

static bool flight_in_air(unsigned i) { return flights[i].waiters != NONE; }

/* The next step is taken as soon as the loop comes by. */
static void flight_hurry(unsigned i) {
	flights[i].due = now;
	timer_set(TIMER_FLIGHT + i, now);
}

/* Its turn is over. */
static void flight_pass(unsigned i) {
	flights[i].asks = 2;
	flight_hurry(i);
}

/* ICMP says that the port of its latest try is closed.  Anyone can say so: it goes out once more. */
static void flight_bounce(unsigned i) {
	struct flight *f = &flights[i];
	if (f->again) {
		f->unreachable |= (uint8_t)(1u << f->upstream);
		f->asks = 2;
	} else {
		f->again = true;
		if (f->asks) f->asks--;
	}
	flight_hurry(i);
}

static void upstream_down(unsigned u) {
	if (upstreams[u].down) return;
	upstreams[u].down = true;
	log_stranger(LOG_WARNING,
	    order.count > 1 ? "upstream %s fails: others are asked first"
			      : "upstream %s fails, and no other is there",
	    endpoint_show(&order.at[u]));
	for (unsigned i = FLIGHT_FIRST; i < flights_used && order.count > 1; i++)
		if (flight_in_air(i) && flights[i].upstream == u) flight_pass(i);
}

static void upstream_heard(unsigned u) {
	upstreams[u].heard = now;
	upstreams[u].bounced = false;
	if (!upstreams[u].down) return;
	upstreams[u].down = false;
	log_stranger(LOG_NOTICE, "upstream %s answers again", endpoint_show(&order.at[u]));
	/* Who waits for one that is down, because none was up, waits no longer. */
	for (unsigned i = FLIGHT_FIRST; i < flights_used; i++)
		if (flight_in_air(i) && upstreams[flights[i].upstream].down && !(flights[i].asked >> u & 1))
			flight_pass(i);
}

/* -- links: UDP sockets -- */

/* The link takes no more questions; what is on its way may still come. */
static void link_retire(struct link *l) {
	l->uses = POOL_SPENT;
	if (l->outstanding == 0) link_close(l);
}

/* A socket reports an error.  It has had its say then: each further one would cost the same search. */
static void link_error(struct link *l, int error) {
	const unsigned link = (unsigned)(l - links), u = l->upstream;
	bool waited = false;
	if (l->state != LINK_UDP || l->uses == POOL_SPENT) return;
	for (unsigned i = FLIGHT_FIRST; i < flights_used && error == ECONNREFUSED && u < order.count; i++)
		if (flight_in_air(i) && latest_link(&flights[i]) == link && flights[i].upstream == u) {
			flight_bounce(i);
			waited = true;
		}
	link_retire(l);
	/* Twice, on two ports, and nothing heard in between: it is not forged. */
	if (waited && upstreams[u].bounced) upstream_down(u);
	upstreams[u].bounced |= waited;
}

/* Ends a link and all that is awaited on it.  Few links ever fail, so nobody keeps lists for it.
 * Datagrams are as good as lost.  A connection that has brought answers only ended too early: what
 * was asked on it is asked again, once (RFC 7766 section 6.2.4); where there was none, UDP is next. */
static void link_end(struct link *l) {
	const bool stream = l->state != LINK_UDP;
	for (unsigned i = 0; i < flights_used && l->outstanding; i++) {
		struct flight *f = &flights[i];
		const bool latest = latest_link(f) == (unsigned)(l - links), again = l->answered && !f->again;
		for (unsigned t = 0; t < tries_made(f) && l->outstanding; t++) {
			if (f->tries[t].link != l - links) continue;
			try_drop(i, t);
			if (!stream || f->upstream != l->upstream || !(again || latest)) continue;
			if (again) f->asks = 0;
			f->again |= again;
			flight_hurry(i);
		}
	}
	if (l->state != LINK_CLOSED) link_close(l);
}

static void link_begin(struct link *l, unsigned u, int fd) {
	*l = (struct link){ .upstream = (uint8_t)u, .in = NONE, .out = NONE };
	poll_open(link_poll(l), fd);
}

static bool pool_open(struct link *l, unsigned u) {
	int fd = socket_random(&order.at[u]);
	if (fd < 0) return false;
	link_begin(l, u, fd);
	l->state = LINK_UDP;
	if (!timers.place[TIMER_POOL]) timer_set(TIMER_POOL, now + POOL_AGE_MS);
	return true;
}

/* How little a place of the pool suits upstream u: below POOL_USES a question can go out there at once,
 * below POOL_SPENT where there is no such place; from there on what it awaits would be lost. */
static unsigned pool_rank(const struct link *l, unsigned u, bool fresh) {
	if (l->state == LINK_CLOSED) return 0;
	if (l->outstanding == 0 && (fresh || l->upstream != u)) return 1;
	return l->upstream == u && l->uses < POOL_SPENT ? l->uses + 2u : POOL_SPENT + 2u + l->outstanding;
}

/* The place that suits upstream u best, from a random one on: every count-th place of the pool is for it.
 * NULL: no place is open, where an open one is asked for. */
static struct link *pool_place(unsigned u, bool fresh, bool open) {
	const unsigned share = pool_limit > order.count ? pool_limit / order.count : 1;
	struct link *best = NULL;
	unsigned best_rank = UINT_MAX;
	uint16_t n;
	if (!random_u16(&n)) return NULL;
	for (unsigned i = 0; i < share && best_rank >= (fresh ? 2 : POOL_USES + 2); i++) {
		struct link *l = &links[UPSTREAMS_MAX + ((n + i) % share * order.count + u) % pool_limit];
		const unsigned rank = pool_rank(l, u, fresh);
		if (rank >= best_rank || (open && (l->state == LINK_CLOSED || l->upstream != u))) continue;
		best = l;
		best_rank = rank;
	}
	return best;
}

/* One of upstream u's UDP sockets, a new one if it shall be fresh and there is room.  NULL: none can be had. */
static struct link *pool_pick(unsigned u, bool fresh) {
	struct link *l = pool_place(u, fresh, false);
	if (!l) return NULL;
	const unsigned rank = pool_rank(l, u, fresh);
	if (rank > 1 && rank < POOL_SPENT + 2) return l;
	if (rank > 0) link_end(l);
	/* Without a descriptor for another, one that is open will do. */
	return pool_open(l, u) ? l : pool_place(u, false, true);
}

/* Every 10 s all ports are given up: those that await nothing at once. */
static void pool_renew(void) {
	for (struct link *l = links + UPSTREAMS_MAX; l < links + LINKS_MAX; l++) {
		if (l->state != LINK_UDP) continue;
		l->uses = l->uses < POOL_USES ? POOL_USES : POOL_SPENT;
		if (l->outstanding == 0) link_close(l);
	}
}

/* The address or the route to upstream u has changed, and with it all sockets to it. */
static void pool_abandon(unsigned u) {
	for (struct link *l = links + UPSTREAMS_MAX; l < links + LINKS_MAX; l++)
		if (l->state == LINK_UDP && l->upstream == u) link_retire(l);
}

/* Sends the flight's question to upstream u as a datagram.  False: it could not be sent. */
static bool datagram_send(unsigned i, unsigned u, bool fresh) {
	for (unsigned n = 0; n < 2; n++) {
		struct link *l = pool_pick(u, fresh || n);
		if (!l || !try_add(i, l)) return false;
		/* What the system has no room for just now is lost like any datagram. */
		if (send(link_poll(l)->fd, flights[i].question, flights[i].len, 0) >= 0 || try_again(errno))
			return true;
		const int error = errno;
		try_drop(i, (flights[i].made - 1u) % TRIES_MAX);
		/* A closed port is the answer to an earlier question. */
		if (error == ECONNREFUSED)
			link_error(l, error);
		else
			pool_abandon(u);
	}
	return false;
}

/* -- links: one TCP connection per upstream, shared (RFC 7766 section 6.2.2) -- */

/* Sends what it can.  False: the connection is broken. */
static bool stream_flush(struct link *l) {
	struct pollfd *p = link_poll(l);
	if (l->state == LINK_STREAM && l->out_len) {
		ssize_t n = write(p->fd, buffers[l->out], l->out_len);
		if (n < 0 && !ready_again(errno)) return false;
		if (n > 0) {
			l->out_len -= (uint32_t)n;
			memmove(buffers[l->out], buffers[l->out] + n, l->out_len);
		}
	}
	p->events = (short)((l->state == LINK_STREAM ? POLLIN : 0) |
	    (l->out_len || l->state == LINK_CONNECTING ? POLLOUT : 0));
	return true;
}

static bool stream_open(struct link *l, unsigned u) {
	union socket_address to;
	socklen_t len = sockaddr_make(&order.at[u], &to);
	int fd = socket_new(socket_family[order.at[u].family], SOCK_STREAM);
	if (fd < 0) return false;
	link_begin(l, u, fd);
	socket_set(fd, IPPROTO_TCP, TCP_NODELAY);
	l->in = buffer_take();
	l->out = buffer_take();
	if (l->in != NONE && l->out != NONE) {
		if (connect(fd, &to.any, len) == 0)
			l->state = LINK_STREAM;
		else if (errno == EINPROGRESS)
			l->state = LINK_CONNECTING;
	}
	if (l->state != LINK_CLOSED) return stream_flush(l);
	link_close(l);
	return false;
}

/* The connection to upstream u, opened where there is none.  NULL: it can't be had. */
static struct link *stream_pick(unsigned u) {
	struct link *free = links;
	for (struct link *l = links; l < links + UPSTREAMS_MAX; l++) {
		if (l->state != LINK_CLOSED && l->upstream == u) return l;
		if (l->state == LINK_CLOSED) free = l;
	}
	if (free->state != LINK_CLOSED) link_end(free); /* to an upstream of an earlier list */
	return stream_open(free, u) ? free : NULL;
}

/* Sends the flight's question by TCP.  False: upstream u can't be reached so. */
static bool stream_send(unsigned i, unsigned u) {
	const struct flight *f = &flights[i];
	struct link *l = stream_pick(u);
	if (!l || 2u + f->len > BUFFER_LEN - l->out_len || !try_add(i, l)) return false;
	/* A connection that brings nothing for as long as a question may take has ended unnoticed. */
	if (l->outstanding == 1) timer_set(link_timer(l), now + order.total);
	l->out_len = (uint32_t)frame_put(buffers[l->out], l->out_len, f->question, f->len);
	if (!stream_flush(l)) link_end(l);
	return true;
}

/* Whether a try by TCP is out. */
static bool stream_awaited(const struct flight *f) {
	for (unsigned t = 0; t < tries_made(f); t++)
		if (f->tries[t].link < UPSTREAMS_MAX) return true;
	return false;
}

/* -- questions of our own: is an upstream up? -- */

/* Asks upstream u what nearly every server answers itself, whatever is wrong behind it.  It is not
 * asked again before it has been judged. */
static void upstream_probe(unsigned u) {
	static const uint8_t question[] =
	    "\0\0\0\0\0\1\0\0\0\0\0\0\0011\0010\0010\003127\7in-addr\4arpa\0\0\014\0";
	struct flight *f = &flights[u];
	if (f->asks == 1) return;
	f->len = sizeof question;
	f->question = memcpy(f->room, question, sizeof question);
	f->question[sizeof question - 1] = CLASS_IN;
	upstreams[u].probed = now;
	if (!datagram_send(u, u, true)) return;
	f->asks = 1;
	timer_set(TIMER_FLIGHT + u, now + RESEND_MS);
}

/* 400 ms after it: the judgement; as long as a flight may last after it: nothing is awaited any more. */
static void probe_due(unsigned u) {
	if (flights[u].asks == 1) {
		flights[u].asks = 0;
		timer_set(TIMER_FLIGHT + u, now + order.total);
		if (upstreams[u].heard < upstreams[u].probed) upstream_down(u);
	} else
		tries_drop(u);
}

/* -- the plan -- */

static uint16_t *flight_head(uint32_t hash) { return &flight_table[hash % CHAINS]; }

/* Whose turn is next in this round: those that are up come first.  UPSTREAMS_MAX: nobody's. */
static unsigned flight_upstream(const struct flight *f) {
	for (unsigned down = 0; down < 2; down++)
		for (unsigned n = 0; n < order.count; n++) {
			unsigned u = (f->first + n) % order.count;
			if (!((f->asked | f->no) >> u & 1) && upstreams[u].down == down) return u;
		}
	return UPSTREAMS_MAX;
}

/* Begins the next turn.  False: the walk is finished with a no in hand, no other is begun. */
static bool flight_turn(struct flight *f) {
	unsigned u = flight_upstream(f);
	if (u == UPSTREAMS_MAX) {
		if (f->no) return false;
		f->asked = f->unreachable = 0;
		if (f->round < 5) f->round++;
		u = flight_upstream(f);
	}
	f->asked |= (uint8_t)(1u << u);
	f->upstream = (uint8_t)u;
	f->asks = 0;
	f->again = false;
	f->began = now;
	return true;
}

/* Asks the upstream whose turn it is; what can't be sent is as good as lost. */
static void flight_ask(unsigned i) {
	struct flight *f = &flights[i];
	const unsigned u = f->upstream;
	unsigned turn_ms = (unsigned)TURN_MS << f->round;
	if (turn_ms > order.total / order.count) turn_ms = order.total / order.count;
	f->asks++;
	f->due = f->began + turn_ms / 3;
	counters.retries += f->made > 0;
	if (f->tcp && f->asks == 1) {
		if (stream_send(i, u)) return;
		f->asks = 2; /* UDP is for those who don't take TCP */
	}
	if (f->asks == 2) {
		f->due = f->began + turn_ms;
		if (upstreams[u].heard < f->began) upstream_probe(u);
	}
	datagram_send(i, u, false);
}

static void flight_free(unsigned i) {
	struct flight *f = &flights[i];
	uint16_t *at = flight_head(f->hash);
	tries_drop(i);
	while (*at != i + 1) at = &flights[*at - 1].next;
	*at = f->next;
	timer_clear(TIMER_FLIGHT + i);
	buffer_give(&f->buffer);
	f->next = flights_free;
	flights_free = (uint16_t)i;
}

/* Gives every waiter its reply, under its own id, and ends the flight.  Two octets before `msg`
 * are free.  `from` is the upstream, or NULL for a reply of our own. */
static void flight_land(unsigned i, uint8_t *msg, size_t len, unsigned rcode, const struct endpoint *from) {
	struct flight *f = &flights[i];
	struct question q = { .end = 0 };
	if (log_queries) question_read(f->question, f->len, &q);
	while (f->waiters != NONE) {
		uint16_t w = f->waiters;
		struct waiter *to = &waiters[w];
		u16_put(msg, to->id);
		if (f->tcp)
			conn_land(to->conn, to->serial, msg, len);
		else
			udp_reply(&to->from, msg, len);
		*(from ? &counters.relayed : &counters.servfail) += 1;
		if (log_queries)
			log_line(LOG_INFO, "%s %s %s rcode=%u ms=%u", query_text(&to->from, f->tcp, &q),
			    from ? "relayed" : "failed", from && from->port ? endpoint_show(from) : "-",
			    rcode, (unsigned)(now - to->since));
		f->waiters = to->next;
		to->next = waiters_free;
		waiters_free = w;
	}
	flight_free(i);
}

/* No upstream did better: the first no that was heard, or a SERVFAIL of our own. */
static void flight_end(unsigned i) {
	struct flight *f = &flights[i];
	uint8_t own[2 + OWN_MAX];
	struct writer w = { .msg = own + 2, .cap = OWN_MAX };
	struct question q;
	if (f->no && f->no_len) {
		flight_land(i, f->question + f->len + 2, f->no_len, f->no_rcode, &order.at[f->no_from]);
		return;
	}
	if (!f->no || f->no_rcode == RCODE_NOERROR) f->no_rcode = RCODE_SERVFAIL;
	question_read(f->question, f->len, &q);
	reply_empty(f->question, &q, f->no_rcode, &w);
	flight_land(i, w.msg, w.len, f->no_rcode, NULL);
}

/* What comes next, once the flight's timer has come. */
static void flight_step(unsigned i) {
	struct flight *f = &flights[i];
	const int64_t end = f->since + order.total;
	const bool all = (f->no | f->unreachable) == (1u << order.count) - 1;
	if (now >= end || all || (now >= f->due && f->asks == 2 && !flight_turn(f))) {
		flight_end(i);
		return;
	}
	if (now >= f->due) flight_ask(i);
	timer_set(TIMER_FLIGHT + i, f->due < end ? f->due : end);
}

/* -- the way down -- */

/* Keeps the first no behind the question, and two free octets, in case that nobody does better. */
static void flight_keep(struct flight *f, unsigned u, const uint8_t *msg, size_t len, unsigned rcode) {
	f->no_rcode = (uint8_t)rcode;
	f->no_from = (uint8_t)u;
	f->no_len = 0;
	if (f->buffer == NONE && len > sizeof f->room - 2 - f->len && (f->buffer = buffer_spare()) != NONE)
		f->question = memcpy(buffers[f->buffer], f->question, f->len);
	if (len > (f->buffer == NONE ? sizeof f->room : BUFFER_LEN) - 2 - f->len) return;
	memcpy(f->question + f->len + 2, msg, len);
	f->no_len = (uint16_t)len;
}

/* A message from an upstream, two free octets before it.  It counts only if a flight waits for it. */
static void reply_arrived(struct link *l, uint8_t *msg, size_t len) {
	const uint32_t found = len < HEADER_LEN ? 0 : try_find((unsigned)(l - links), u16_get(msg));
	const unsigned i = found ? (found - 1) / TRIES_MAX : 0, u = l->upstream;
	struct flight *f = &flights[i];
	struct reply is;
	if (!found || !reply_matches(f->question, f->len, msg, len, &is)) {
		counters.stray++;
		return;
	}
	const bool stream = l->state == LINK_STREAM;
	if (stream) timer_set(link_timer(l), now + order.total);
	l->answered = true;
	upstream_heard(u);
	try_drop(i, (found - 1) % TRIES_MAX);
	if (i < FLIGHT_FIRST) return; /* our own question: that it is answered is all */
	/* TC by UDP is no use to a TCP client. */
	const bool cut = f->tcp && !stream && is.truncated;
	if (cut && stream_awaited(f)) return;
	if (!is.end) msg = memmove(reply_in + 2, msg, HEADER_LEN); /* the question needs room behind it */
	len = cut ? 0 : reply_fit(msg, &is, f->question, f->size);
	if (!is.no && !cut) {
		flight_land(i, msg, len, is.rcode, &order.at[u]);
		return;
	}
	if (u >= order.count) return;
	if (!f->no) flight_keep(f, u, msg, len, cut ? RCODE_SERVFAIL : is.rcode);
	f->no |= (uint8_t)(1u << u);
	if (f->upstream == u)
		flight_pass(i);
	else
		timer_set(TIMER_FLIGHT + i, now);
}

static void link_readable(struct link *l) {
	unsigned errors = 0;
	for (unsigned n = 0; n < BATCH && l->state == LINK_UDP; n++) {
		ssize_t len = recv(link_poll(l)->fd, reply_in + 2, REPLY_MAX, 0);
		if (len >= 0) {
			reply_arrived(l, reply_in + 2, (size_t)len);
			/* Nothing more is expected: spare the call that would say so. */
			if (l->outstanding == 0) return;
		} else if (errno != EINTR) {
			if (ready_again(errno)) return;
			link_error(l, errno);
			errors++;
		}
	}
	/* One that reports nothing but errors would do so for ever. */
	if (errors == BATCH) link_end(l);
}

static void stream_ready(struct link *l) {
	const struct pollfd *p = link_poll(l);
	/* Whether there is a connection shows as soon as the question is written. */
	l->state = LINK_STREAM;
	if (!stream_flush(l)) {
		link_end(l);
		return;
	}
	if (!(p->revents & (POLLIN | POLLHUP | POLLERR))) return;
	uint8_t *in = buffers[l->in];
	ssize_t n = read(p->fd, in + l->in_len, BUFFER_LEN - l->in_len);
	if (n < 0 && ready_again(errno)) return;
	if (n > 0) l->in_len += (uint32_t)n;
	size_t pos = 0, len;
	while (l->in_len - pos >= 2 && l->in_len - pos - 2 >= (len = u16_get(in + pos))) {
		reply_arrived(l, in + pos + 2, len);
		pos += 2 + len;
	}
	l->in_len -= (uint32_t)pos;
	memmove(in, in + pos, l->in_len);
	if (n <= 0 || l->in_len == BUFFER_LEN) link_end(l);
}

/* -- the list -- */

/* Whether an upstream is one of the addresses we listen on. */
static bool is_ourselves(const struct endpoint *upstream, bool *unknown) {
	struct endpoint e = *upstream;
	/* No address at all is this machine. */
	if (is_wildcard(&e)) e.addr.lo = e.family == V4 ? 0x7f000001 : 1;
	for (unsigned i = 0; i < listeners_used; i++)
		if (listens_at(&listeners[i], &e) &&
		    (!is_wildcard(&listeners[i]) || address_is_local(&e, unknown)))
			return true;
	return false;
}

static void resolv_complain(const char *line, const char *why) {
	char text[NAME_TEXT];
	text_put(text, sizeof text, "%s: %s: %s", options.resolv, *line ? line : "nameserver", why);
	if (options.explain)
		printf("warning: %s\n", text_clean(text));
	else
		log_line(LOG_WARNING, "%s", text);
}

static void resolv_known(const char *line, const char *why) { (void)line, (void)why; }

/* What is known of upstreams that stay, stays; tries to those that went are still listened to. */
static void upstreams_carry(const struct upstream_list *old) {
	struct upstream known[UPSTREAMS_MAX + 1];
	uint8_t to[UPSTREAMS_MAX + 1];
	memcpy(known, upstreams, sizeof known);
	memset(upstreams, 0, sizeof upstreams);
	memset(to, UPSTREAMS_MAX, sizeof to);
	for (unsigned u = 0; u < order.count; u++)
		for (unsigned o = 0; o < old->count; o++)
			if (endpoint_same(&order.at[u], &old->at[o])) {
				upstreams[u] = known[o];
				to[o] = (uint8_t)u;
			}
	for (struct link *l = links; l < links + LINKS_MAX; l++) {
		if (l->state == LINK_CLOSED) continue;
		l->upstream = to[l->upstream];
		if (l->state == LINK_UDP) link_retire(l);
	}
	for (unsigned u = 0; u < UPSTREAMS_MAX; u++) {
		tries_drop(u);
		flights[u].asks = 0;
		timer_clear(TIMER_FLIGHT + u);
	}
}

/* Puts a list of upstreams in force, less ourselves.  `news`: its text is not that of the last one. */
static void upstreams_use(const struct upstream_list *list, bool news) {
	const struct upstream_list old = order;
	struct upstream_list next = *list;
	bool ours[UPSTREAMS_MAX] = { false }, unknown = false;
	next.count = 0;
	for (unsigned n = 0; n < list->count; n++) {
		ours[n] = is_ourselves(&list->at[n], &unknown);
		if (!ours[n]) next.at[next.count++] = list->at[n];
	}
	/* Where the interfaces can't be read, the last list stays. */
	if (unknown && old.count) return;
	bool same = next.count == old.count;
	for (unsigned u = 0; u < next.count && same; u++)
		same = endpoint_same(&next.at[u], &old.at[u]);
	for (unsigned n = 0; n < list->count && (news || !same); n++)
		if (ours[n])
			log_line(LOG_WARNING, "nameserver %s is ourselves: skipped",
			    endpoint_show(&list->at[n]));
	order = next;
	if (!same) upstreams_carry(&old);
	/* What is in the air begins anew, within its time. */
	for (unsigned i = FLIGHT_FIRST; i < flights_used && !same; i++) {
		struct flight *f = &flights[i];
		if (!flight_in_air(i)) continue;
		f->asked = f->no = f->unreachable = f->round = 0;
		if (order.count) flight_turn(f);
		flight_hurry(i);
	}
	for (unsigned u = 0; u < order.count && !same; u++)
		log_line(LOG_NOTICE, "upstream %s", endpoint_show(&order.at[u]));
	if (order.count == 0 && (news || !same))
		log_line(LOG_WARNING, "no nameserver in %s: misses get SERVFAIL, -s ADDR gives one",
		    options.resolv);
}

/* Looks at resolv.conf, at most once a second unless forced.  It is read anew each time: its inode and
 * time tell little, and what its words mean depends on the interfaces there are. */
static void resolv_look(bool force) {
	static uint32_t taken, pending;
	static bool unreadable;
	struct upstream_list next;
	if (options.upstreams.count || (!force && now - resolv_looked < LOOK_MS)) return;
	resolv_looked = now;
	ssize_t len = file_lines(options.resolv, reply_in, sizeof reply_in);
	if (len < 0 && !unreadable)
		log_line(LOG_WARNING, "%s: %s%s", options.resolv, strerror(errno),
		    order.count ? "" : ": misses get SERVFAIL, -s ADDR gives a nameserver");
	unreadable = len < 0;
	if (unreadable) return;
	const uint32_t hash = hash_keyed(reply_in, (size_t)len) | 1;
	const bool news = hash != taken;
	/* No newline at the end: perhaps it is still being written. */
	if (news && !force && order.count && hash != pending && len && reply_in[len - 1] != '\n') {
		pending = hash;
		return;
	}
	resolv_parse((const char *)reply_in, (size_t)len, &next, news ? resolv_complain : resolv_known);
	taken = pending = hash;
	if (next.count || order.count == 0)
		upstreams_use(&next, news);
	else if (news)
		log_line(LOG_WARNING, "%s: no nameserver in it, the last ones stay", options.resolv);
}

/* -- the way up -- */

/* The flight that asks the same, or NULL. */
static struct flight *flight_same(uint32_t hash, bool tcp, const uint8_t *msg, size_t len) {
	struct flight *f;
	for (unsigned i = *flight_head(hash); i; i = f->next) {
		f = &flights[i - 1];
		if (f->hash == hash && f->tcp == tcp && f->len == len &&
		    memcmp(f->question + 2, msg + 2, len - 2) == 0)
			return f;
	}
	return NULL;
}

/* How many wait for the flight; 0 if this question is among them, since by UDP clients repeat themselves. */
static unsigned flight_crowd(const struct flight *f, const struct waiter *who) {
	unsigned n = 0;
	for (uint16_t w = f->waiters; w != NONE; w = waiters[w].next, n++)
		if (waiters[w].id == who->id && who->conn == NONE &&
		    waiters[w].from.listener == who->from.listener &&
		    memcmp(&waiters[w].from, &who->from, offsetof(struct origin, listener)) == 0)
			return 0;
	return n;
}

/* Whether a question of TCP client `conn` waits for the flight. */
static bool flight_has(const struct flight *f, uint16_t conn) {
	uint16_t w = f->waiters;
	while (w != NONE && waiters[w].conn != conn) w = waiters[w].next;
	return w != NONE;
}

/* At a limit: of four flights taken at random the oldest gives way, if it has had time enough; but
 * neither `wanted` nor one of the TCP client that asks, which is at work.  False: none did. */
static bool flight_give_way(const struct flight *wanted, uint16_t conn) {
	unsigned oldest = FLIGHT_SLOTS;
	for (unsigned n = 0; n < 4; n++) {
		uint16_t i;
		unsigned tested = 0, slot = 0;
		if (!random_u16(&i)) return false;
		/* Each flight has a deadline, and few others have. */
		do slot = timers.heap[i++ % timers.count];
		while ((slot < FLIGHT_FIRST || slot >= TIMER_CONN) && ++tested < timers.count);
		if (tested == timers.count || &flights[slot] == wanted) continue;
		if (conn != NONE && flight_has(&flights[slot], conn)) continue;
		if (oldest == FLIGHT_SLOTS || flights[slot].since < flights[oldest].since) oldest = slot;
	}
	if (oldest == FLIGHT_SLOTS || now - flights[oldest].since <= RESEND_MS) return false;
	flight_end(oldest);
	return true;
}

/* A flight for a question, with nobody in it, for which there is a place.  NULL: there is no buffer. */
static struct flight *flight_new(const uint8_t *msg, size_t len, uint32_t hash) {
	const unsigned i = flights_free != NONE ? flights_free : flights_used;
	uint16_t buffer = NONE, *head = flight_head(hash);
	struct flight *f = &flights[i];
	if (len > sizeof f->room && (buffer = buffer_spare()) == NONE) return NULL;
	if (i == flights_used)
		flights_used++;
	else
		flights_free = f->next;
	memset(&f->since, 0, offsetof(struct flight, room) - offsetof(struct flight, since));
	f->question = memcpy(buffer == NONE ? f->room : buffers[buffer], msg, len);
	f->len = (uint16_t)len;
	f->hash = hash;
	f->buffer = buffer;
	f->waiters = NONE;
	f->since = f->due = now;
	f->next = *head;
	*head = (uint16_t)(i + 1);
	return f;
}

static void waiter_add(struct flight *f, const struct waiter *who) {
	uint16_t w = waiters_free;
	if (w != NONE)
		waiters_free = waiters[w].next;
	else
		w = (uint16_t)waiters_used++;
	waiters[w] = *who;
	waiters[w].next = f->waiters;
	f->waiters = w;
}

/* Takes a miss up, or into the flight that already asks the same.  `size` is the largest
 * reply that the client takes by UDP.  False: a limit is reached or there is nobody to ask,
 * the client gets SERVFAIL. */
static bool flight_start(const uint8_t *msg, size_t len, uint16_t size, const struct waiter *who) {
	const bool tcp = who->conn != NONE;
	const uint32_t hash = hash_keyed(msg + 2, len - 2) + tcp;
	resolv_look(false);
	for (unsigned u = 0; u < order.count; u++)
		if (upstreams[u].down && now - upstreams[u].probed >= PROBE_MS) upstream_probe(u);
	struct flight *f = flight_same(hash, tcp, msg, len);
	const unsigned crowd = f ? flight_crowd(f, who) : 1;
	if (crowd == 0) return true;
	if (stopping || order.count == 0 || crowd == CROWD_MAX) return false;
	const bool full = (waiters_free == NONE && waiters_used == WAITERS_MAX) ||
	    (!f && flights_free == NONE && flights_used == FLIGHT_SLOTS);
	if (full && !flight_give_way(f, who->conn)) return false;
	counters.merged += f != NULL;
	if (f) {
		waiter_add(f, who);
		return true;
	}
	if (!(f = flight_new(msg, len, hash))) return false;
	f->tcp = tcp;
	f->size = tcp ? REPLY_MAX : size;
	if (order.rotate) f->first = (uint8_t)(turn++ % order.count);
	waiter_add(f, who);
	flight_turn(f);
	flight_step((unsigned)(f - flights));
	return true;
}

/* ==== 9 Clients ==============================================================
 * Datagrams and TCP connections: receive, ask answer() for the verdict, reply.
 * No rule and no upstream is known here.
 */

/* The name that the mnemonics of RFC 1035 and its successors give a type, or RFC 3597's. */
static const char *type_text(unsigned type, char out[16]) {
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = { { TYPE_A, "A" }, { 2, "NS" }, { 5, "CNAME" }, { TYPE_SOA, "SOA" }, { TYPE_PTR, "PTR" },
		{ 15, "MX" }, { TYPE_TXT, "TXT" }, { TYPE_AAAA, "AAAA" }, { 33, "SRV" }, { TYPE_DS, "DS" },
		{ 48, "DNSKEY" }, { 64, "SVCB" }, { 65, "HTTPS" }, { TYPE_IXFR, "IXFR" },
		{ TYPE_AXFR, "AXFR" }, { TYPE_ANY, "ANY" } };
	for (unsigned i = 0; i < LENGTH(names); i++)
		if (names[i].type == type) return names[i].name;
	text_put(out, 16, "TYPE%u", type);
	return out;
}

/* What -q says of every question: client, transport, name, type. */
static const char *query_text(const struct origin *from, bool tcp, const struct question *q) {
	static char text[NAME_TEXT + 128];
	char name[NAME_TEXT], client[ADDRESS_TEXT], type[16];
	struct endpoint e = sockaddr_read(&from->peer);
	text_put(text, sizeof text, "query %s %s %s %s", endpoint_text(&e, client), tcp ? "tcp" : "udp",
	    q->end ? name_text(q->name, name) : "-", q->end ? type_text(q->type, type) : "-");
	return text;
}

static struct pollfd *listener_poll(unsigned i, bool tcp) { return &polls[1 + 2 * i + tcp]; }

static void udp_reply(struct origin *to, uint8_t *msg, size_t len) {
	if (udp_send(listener_poll(to->listener, false)->fd, msg, len, to) < 0) counters.dropped++;
}

/* Says of the first who is refused, and then of one a minute, what would let it in. */
static void refused_log(const struct endpoint *from) {
	static int64_t next;
	const struct net net = net_around(from->family, from->addr, from->family == V4 ? 8 : 64);
	char address[ADDRESS_TEXT], text[2 * ADDRESS_TEXT];
	if (now < next) return;
	next = now + REFUSED_MS;
	log_line(LOG_WARNING, "%s may not ask: -a %s would let it in%s",
	    address_text(from->family, from->addr, address), net_text(net.family, net.first, net.last, text),
	    options.nets_given ? "" : ", beside an -a for each network that shall stay in, as -n shows them");
}

/* What -q says became of a question that was not relayed. */
static void verdict_log(const char *query, enum verdict verdict, const struct reason *why) {
	if (why->hit)
		log_line(LOG_INFO, "%s hit rule=%u rcode=%u ms=0", query, why->rule + 1u, why->rcode);
	else if (verdict == FORWARD)
		log_line(LOG_INFO, "%s failed - rcode=%u ms=0", query, why->rcode);
	else if (verdict == SILENCE)
		log_stranger(LOG_INFO, "%s dropped", query);
	else
		log_stranger(LOG_INFO, "%s %s rcode=%u ms=0", query,
		    why->rcode == RCODE_REFUSED ? "refused" : "answered", why->rcode);
}

/* Sends a miss up.  `c` is the TCP client that asks, NULL where the question came by UDP. */
static bool miss_take(
    const struct origin *from, struct conn *c, uint8_t *msg, size_t len, const struct question *q) {
	const struct waiter waiter = { .from = *from,
		.since = now,
		.serial = c ? c->serial : 0,
		.conn = c ? (uint16_t)(c - conns) : NONE,
		.id = u16_get(msg) };
	counters.misses++;
	/* Options for one hop end here (RFC 6891 section 6.2.6); what is signed stays whole. */
	if (q->opt && !q->torn && !q->tsig) len = options_strip(msg, len, q->options);
	if (!flight_start(msg, len, q->size < UDP_MAX ? q->size : UDP_MAX, &waiter)) return false;
	if (c) c->pending++;
	return true;
}

/* Asks answer() for the verdict and sends a miss up.  True: the reply is in `w`. */
static bool question_take(
    const struct origin *from, struct conn *c, uint8_t *msg, size_t len, struct writer *w) {
	const struct client who = { .from = sockaddr_read(&from->peer), .tcp = c != NULL };
	struct reason why;
	const enum verdict verdict = answer(&view, &who, msg, len, w, &why);
	if (verdict == FORWARD) {
		if (miss_take(from, c, msg, len, &why.question)) return false;
		why.rcode = RCODE_SERVFAIL;
		reply_empty(msg, &why.question, why.rcode, w);
	}
	counters.dropped += verdict == SILENCE;
	counters.hits += why.hit;
	counters.refused += why.rcode == RCODE_REFUSED;
	counters.formerr += why.rcode == RCODE_FORMERR;
	counters.servfail += why.rcode == RCODE_SERVFAIL;
	if (why.rcode == RCODE_REFUSED && !may_ask(&view, &who.from)) refused_log(&who.from);
	if (log_queries) verdict_log(query_text(from, who.tcp, &why.question), verdict, &why);
	return verdict != SILENCE;
}

static void udp_readable(unsigned i) {
	struct origin from = { .listener = (uint16_t)i };
	struct writer w = { .msg = reply_out, .cap = OWN_MAX };
	const bool wildcard = is_wildcard(&listeners[i]);
	for (unsigned n = 0; n < BATCH; n++) {
		ssize_t len =
		    udp_receive(listener_poll(i, false)->fd, wildcard, question_in, sizeof question_in, &from);
		if (len < 0 && errno == EINTR) continue;
		if (len < 0) {
			ready_again(errno);
			break;
		}
		if (question_take(&from, NULL, question_in, (size_t)len, &w)) udp_reply(&from, w.msg, w.len);
	}
}

/* -- TCP (RFC 7766) -- */

static struct pollfd *conn_poll(const struct conn *c) { return conn_polls + (c - conns); }
static unsigned conn_timer(const struct conn *c) { return TIMER_CONN + (unsigned)(c - conns); }

static void conn_close(struct conn *c) {
	poll_close(conn_poll(c));
	buffer_give(&c->buffer);
	timer_clear(conn_timer(c));
	c->state = CONN_FREE;
	/* A descriptor is free again: no need to rest any longer. */
	if (resting) timer_set(TIMER_ACCEPT, now);
}

/* What the state follows from. */
static void conn_settle(struct conn *c) {
	struct pollfd *p = conn_poll(c);
	c->state = c->out_len            ? CONN_READING
	    : c->pending == PIPELINE_MAX ? CONN_WAITING
	    : c->eof || stopping         ? CONN_HEARING
					 : CONN_ASKING;
	if (c->state == CONN_HEARING && c->pending == 0)
		conn_close(c);
	else
		p->events = c->state == CONN_READING ? POLLOUT : c->state == CONN_ASKING ? POLLIN : 0;
}

static void conn_cut(struct conn *c, const char *why) {
	log_stranger(LOG_WARNING, "%s", why);
	counters.dropped++;
	conn_close(c);
}

/* A buffer for a client that reads slowly.  A quarter of all is for them: then who has been slow
 * longest gives way, so that they cost no TCP miss and no long question. */
static bool conn_buffer(struct conn *c) {
	struct conn *oldest = NULL;
	unsigned held = 0;
	for (struct conn *o = conns; o < conns + conns_limit; o++) {
		if (o->state == CONN_FREE || o->buffer == NONE) continue;
		held++;
		if (!oldest || o->heard < oldest->heard) oldest = o;
	}
	if (oldest && (held >= BUFFERS_MAX / 4 || buffers_spare == 0))
		conn_cut(oldest, "too many TCP clients read slowly: the slowest is cut off");
	c->buffer = buffer_take();
	return c->buffer != NONE;
}

/* Writes from `out`; what the client doesn't take now waits in a buffer.
 * False: the connection is closed. */
static bool conn_write(struct conn *c, const uint8_t *out, size_t len) {
	ssize_t n = write(conn_poll(c)->fd, out, len);
	if (n < 0 && !ready_again(errno)) {
		conn_close(c);
		return false;
	}
	if (n > 0) {
		out += n;
		len -= (size_t)n;
	}
	if (len && c->buffer == NONE && !conn_buffer(c)) {
		conn_cut(c, "no buffer left for a TCP client that reads slowly: it is cut off");
		return false;
	}
	if (len)
		memmove(buffers[c->buffer], out, len);
	else {
		buffer_give(&c->buffer);
		c->heard = now;
	}
	c->out_len = (uint32_t)len;
	return true;
}

static void conn_land(unsigned i, uint32_t serial, uint8_t *msg, size_t len) {
	struct conn *c = &conns[i];
	/* The client may be gone, and another in its place. */
	if (c->state == CONN_FREE || c->serial != serial) return;
	c->pending--;
	if (c->out_len == 0) {
		u16_put(msg - 2, (unsigned)len);
		if (!conn_write(c, msg - 2, 2 + len)) return;
	} else if (2 + len <= BUFFER_LEN - c->out_len)
		c->out_len = (uint32_t)frame_put(buffers[c->buffer], c->out_len, msg, len);
	else {
		conn_cut(c, "a TCP client asks for more than it reads: it is cut off");
		return;
	}
	if (c->state == CONN_WAITING && c->out_len == 0)
		timer_set(conn_timer(c), now); /* the loop takes its next question */
	else
		conn_settle(c);
}

/* Takes whole questions from what was read, as long as the client takes the answers. */
static void conn_work(struct conn *c) {
	size_t pos = 0, used = 0;
	while (c->out_len == 0 && c->pending < PIPELINE_MAX && !stopping) {
		size_t have = c->in_len - pos, skip = c->skip < have ? c->skip : have;
		c->skip -= (uint32_t)skip;
		pos += skip;
		have -= skip;
		if (have < 2) break;
		size_t len = u16_get(c->in + pos);
		/* Of a question over the limit only the part that shows it is kept. */
		size_t want = len > QUESTION_MAX ? QUESTION_MAX + 1 : len;
		if (have - 2 < want) break;
		struct writer w = { .msg = reply_out + used + 2, .cap = OWN_MAX };
		if (question_take(&c->from, c, c->in + pos + 2, want, &w))
			used = frame_put(reply_out, used, w.msg, w.len);
		c->skip = (uint32_t)(len - want);
		c->heard = now;
		pos += 2 + want;
		if (sizeof reply_out - used < 2 + OWN_MAX) {
			if (!conn_write(c, reply_out, used)) return;
			used = 0;
		}
	}
	c->in_len -= (uint32_t)pos;
	memmove(c->in, c->in + pos, c->in_len);
	if (used == 0 || conn_write(c, reply_out, used)) conn_settle(c);
}

static void conn_ready(struct conn *c) {
	if (c->state == CONN_READING) {
		if (!conn_write(c, buffers[c->buffer], c->out_len)) return;
	} else if (c->state != CONN_ASKING) {
		/* Nothing was asked for, so it is an error: nobody is there to hear. */
		conn_close(c);
		return;
	} else {
		ssize_t n = read(conn_poll(c)->fd, c->in + c->in_len, sizeof c->in - c->in_len);
		if (n < 0) {
			if (!ready_again(errno)) conn_close(c);
			return;
		}
		c->eof = n == 0;
		c->in_len += (uint32_t)n;
	}
	conn_work(c);
}

static void conn_due(struct conn *c) {
	/* Deadlines are put off here and not per message, which is cheaper. */
	int64_t due = (c->pending && c->out_len == 0 ? now : c->heard) + CONN_IDLE_MS;
	if (due <= now)
		conn_close(c);
	else {
		timer_set(conn_timer(c), due);
		if (c->state == CONN_WAITING) conn_work(c);
	}
}

/* The connection that is idle longest gives way, those that wait for a flight last.  Returns its
 * place, NULL where there is none. */
static struct conn *conn_give_way(void) {
	struct conn *oldest = NULL;
	for (struct conn *c = conns; c < conns + conns_limit; c++) {
		if (c->state == CONN_FREE) continue;
		int waits = c->pending > 0, others = oldest ? oldest->pending > 0 : 2;
		if (waits < others || (waits == others && c->heard < oldest->heard)) oldest = c;
	}
	counters.dropped += oldest != NULL;
	if (oldest) conn_close(oldest);
	return oldest;
}

/* Descriptors have run out: nothing is accepted for a while, so that a
 * connection that can't be taken doesn't wake us again and again. */
static void accept_rest(bool rest) {
	resting = rest;
	for (unsigned i = 0; i < listeners_used; i++) listener_poll(i, true)->events = rest ? 0 : POLLIN;
	if (rest) timer_set(TIMER_ACCEPT, now + REST_MS);
}

/* A connection of a client that may ask; where there is no place left, another gives way. */
static void conn_open(int fd, const union socket_address *peer) {
	struct conn *c = conns;
	while (c < conns + conns_limit && c->state != CONN_FREE) c++;
	if (c == conns + conns_limit) c = conn_give_way();
	if (!fd_prepare(fd)) {
		close(fd);
		return;
	}
	socket_set(fd, IPPROTO_TCP, TCP_NODELAY);
	memset(c, 0, offsetof(struct conn, in));
	c->state = CONN_ASKING;
	c->buffer = NONE;
	c->serial = ++conn_serial;
	c->heard = now;
	c->from.peer = *peer;
	poll_open(conn_poll(c), fd);
	timer_set(conn_timer(c), now + CONN_IDLE_MS);
	counters.tcp_clients++;
}

static void conn_accept(unsigned i) {
	for (unsigned n = 0; n < BATCH && !resting; n++) {
		union socket_address peer = { .any.sa_family = AF_UNSPEC };
		socklen_t len = sizeof peer;
		int fd = accept(listener_poll(i, true)->fd, &peer.any, &len);
		if (fd < 0) {
			if (errno == EINTR || errno == ECONNABORTED) continue;
			if (errno == EAGAIN || errno == EWOULDBLOCK) return;
			int error = errno;
			log_stranger(LOG_WARNING, "accept: %s", strerror(error));
			if (error == EMFILE || error == ENFILE) conn_give_way();
			accept_rest(true);
			return;
		}
		/* It is gone already; some systems say so only by leaving out the address. */
		if (len == 0) {
			close(fd);
			continue;
		}
		const struct endpoint e = sockaddr_read(&peer);
		if (!may_ask(&view, &e)) {
			const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
			close(fd);
			counters.refused++;
			refused_log(&e);
			continue;
		}
		conn_open(fd, &peer);
	}
}

/* ==== 10 Loop ================================================================
 * Sleeps until a descriptor is ready or a deadline has come, and sends each to
 * its room.  After this point nothing ends the daemon but a signal.
 */

static void rules_reload(void);
static void notify(const char *state);

static void signal_note(int number) {
	int saved = errno;
	*(number == SIGHUP ? &signal_reload : number == SIGUSR1 ? &signal_counters : &signal_stop) = 1;
	/* Wakes a poll that is just about to sleep; a full pipe does so as well. */
	(void)!write(wake_fd[1], "", 1);
	errno = saved;
}

static void counters_log(void) {
	char line[1024], one[64];
	size_t n = 0;
	for (unsigned i = 0; counter_text(&view, i, one); i++)
		n += text_put(line + n, sizeof line - n, "%s%s", i ? " " : "", one);
	/* `stray` is for the log alone: a client that reads it could tell which ports are open. */
	log_line(LOG_NOTICE, "%s stray=%ju", line, (uintmax_t)counters.stray);
}

/* What is in the air may land; meanwhile hits are answered by UDP, and no other miss is taken up. */
static void stop_begin(void) {
	stopping = true;
	notify("STOPPING=1");
	for (unsigned i = 0; i < listeners_used; i++) poll_close(listener_poll(i, true));
	for (unsigned i = 0; i < conns_limit; i++)
		if (conns[i].state != CONN_FREE) conn_settle(&conns[i]);
	timer_set(TIMER_STOP, now + LINGER_MS);
}

static void signals_handle(void) {
	char drain[64];
	while (read(wake_fd[0], drain, sizeof drain) == sizeof drain)
		;
	if (signal_reload && !stopping) {
		signal_reload = 0;
		notify("RELOADING=1");
		rules_reload();
		resolv_look(true);
		notify("READY=1");
	}
	if (signal_counters) {
		signal_counters = 0;
		counters_log();
	}
	if (signal_stop && !stopping) stop_begin();
}

/* One slot's deadline has come. */
static void timer_due(unsigned slot) {
	timer_clear(slot);
	if (slot < FLIGHT_FIRST)
		probe_due(slot);
	else if (slot < TIMER_CONN)
		flight_step(slot - TIMER_FLIGHT);
	else if (slot < TIMER_LINK)
		conn_due(&conns[slot - TIMER_CONN]);
	else if (slot < TIMER_ACCEPT)
		link_end(&links[slot - TIMER_LINK]);
	else if (slot == TIMER_ACCEPT)
		accept_rest(false);
	else if (slot == TIMER_LOG)
		left_out_log();
	else if (slot == TIMER_POOL)
		pool_renew();
}

static bool work_left(void) {
	for (unsigned i = FLIGHT_FIRST; i < flights_used; i++)
		if (flight_in_air(i)) return true;
	for (unsigned i = 0; i < conns_limit; i++)
		if (conns[i].state != CONN_FREE) return true;
	return false;
}

static void loop(void) {
	while (!stopping || (timers.place[TIMER_STOP] && work_left())) {
		if (breathless && poll(polls, 1, BREATH_MS) > 0) signals_handle();
		int64_t wait = timers.count ? timers.when[timers.heap[0]] - now : -1;
		if (timers.count && wait < 0) wait = 0;
		int ready = poll(polls, polls_used, (int)wait);
		/* Where somebody has lowered our limits, only signals and deadlines are left. */
		breathless = ready < 0 && errno != EINTR;
		now = clock_us() / 1000;
		view.seconds_up = (uint64_t)(now - started) / 1000;
		for (unsigned i = 0; i < polls_used && ready > 0; i++) {
			struct pollfd *p = &polls[i];
			const unsigned listener = (i - 1) / 2;
			if (p->fd < 0 || p->revents == 0) continue;
			ready--;
			if (p >= conn_polls)
				conn_ready(&conns[p - conn_polls]);
			else if (p >= link_polls && links[p - link_polls].state == LINK_UDP)
				link_readable(&links[p - link_polls]);
			else if (p >= link_polls)
				stream_ready(&links[p - link_polls]);
			else if (i == 0)
				signals_handle();
			else if (p == listener_poll(listener, false))
				udp_readable(listener);
			else
				conn_accept(listener);
		}
		while (timers.count && timers.when[timers.heap[0]] <= now) timer_due(timers.heap[0]);
	}
}

/* ==== 11 Start ===============================================================
 * From the command line to the loop.  Only here may the program give up, and
 * then with one line that says what, why and what to do.
 */

static const char usage[] =
    "usage: dyndns [-dnqvh] [-a NET]... [-f FILE] [-l ADDR[@PORT]]... [-P FILE]\n"
    "              [-p PORT] [-r FILE | -s ADDR[@PORT]...] [-t TTL] [-u USER]\n"
    "              -o PATTERN NETWORK [-o PATTERN NETWORK]... [NAME...]\n"
    "  -o PATTERN NETWORK  names and the addresses they stand for, like\n"
    "                      workstation123.mohit.com 172.16.2\n"
    "  -f FILE        more rules, one PATTERN NETWORK a line\n"
    "  -a NET         who may ask, instead of private networks; -a any: everybody\n"
    "  -l ADDR[@PORT] listen here, instead of on every address\n"
    "  -p PORT        port, instead of 53; 0 picks a free one\n"
    "  -r FILE        where the nameservers are, instead of /etc/resolv.conf\n"
    "  -s ADDR[@PORT] forward here, instead of -r\n"
    "  -t TTL         seconds an answer may be cached, instead of 60\n"
    "  -u USER        become USER after the start, instead of nobody\n"
    "  -d             detach, log to syslog\n"
    "  -P FILE        write the process id there\n"
    "  -q             log every question\n"
    "  -n             explain the rules, or what each NAME gets, and exit\n"
    "  -v, -h         version; this text (--version, --help)\n";

static void pid_remove(void) {
	if (pid_fd >= 0 && unlink(options.pid_file) < 0) (void)!ftruncate(pid_fd, 0);
}

static void give_up(int status, const char *what, const char *why, ...) {
	va_list args;
	va_start(args, why);
	log_write(LOG_ERR, what, why, args);
	va_end(args);
	pid_remove();
	exit(status);
}

/* The word is wrong: status 2, or 1 where a file is at fault. */
static void give_up_over(int status, const char *where, const struct complaint *c) {
	char what[512];
	text_put(what, sizeof what, "%s%s%s", where, *where ? ": " : "", c->what);
	give_up(status, what, "%s", c->why);
}

static const char *const default_nets[] = { "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
	"169.254.0.0/16", "100.64.0.0/10", "::1", "fe80::/10", "fc00::/7" };

static void option_net(const char *word) {
	struct complaint c;
	options.nets_given = true;
	if (strcmp(word, "any") == 0) {
		options.any = true;
		return;
	}
	if (view.nets_count == NETS_MAX) give_up(2, word, "more than %u networks", NETS_MAX);
	if (!net_parse(word, &nets[view.nets_count++], &c)) give_up_over(2, "-a", &c);
}

static void option_listen(const char *word) {
	struct complaint c;
	if (options.listeners == LISTEN_MAX) give_up(2, word, "more than %u addresses", LISTEN_MAX);
	if (!endpoint_parse(word, 0, &options.listener[options.listeners], &c)) give_up_over(2, "-l", &c);
	options.own_port[options.listeners++] = strchr(word, '@') != NULL;
}

static void option_upstream(const char *word) {
	struct endpoint *e = &options.upstreams.at[options.upstreams.count];
	struct complaint c;
	if (options.upstreams.count++ == UPSTREAMS_MAX)
		give_up(2, word, "more than %u nameservers", UPSTREAMS_MAX);
	if (!endpoint_parse(word, 53, e, &c)) give_up_over(2, "-s", &c);
	if (e->port == 0) give_up(2, word, "a nameserver has no port 0");
}

static unsigned option_number(char option, const char *word, unsigned max) {
	unsigned n = 0;
	char what[256];
	text_put(what, sizeof what, "-%s: %s", (char[]){ option, '\0' }, word);
	if (!small_number(word, strlen(word), max, &n)) give_up(2, what, "not a number from 0 to %u", max);
	return n;
}

/* Whether all that was said has arrived: the exit status. */
static int said(void) {
	if (fflush(stdout) < 0) give_up(1, "stdout", "%s", strerror(errno));
	return 0;
}

static void option_flag(char letter) {
	switch (letter) {
	case 'd': options.detach = true; return;
	case 'n': options.explain = true; return;
	case 'q': log_queries = true; return;
	case 'v': printf("dyndns %s\n", DYNDNS_VERSION); exit(said());
	default: fputs(usage, stdout); exit(said());
	}
}

/* A letter and the word behind it. */
static void option_word(char letter, const char *word) {
	switch (letter) {
	case 'a': option_net(word); break;
	case 'l': option_listen(word); break;
	case 's': option_upstream(word); break;
	case 'p': options.port = (uint16_t)option_number('p', word, 65535); break;
	case 't': view.ttl = option_number('t', word, TTL_MAX); break;
	case 'f': options.rules_file = word; break;
	case 'r': options.resolv = word; break;
	case 'P': options.pid_file = word; break;
	default: options.user = word;
	}
}

/* -o, at `argv`, and its two words.  Returns the last of them. */
static char **option_rule(char **argv) {
	if ((*argv)[2]) give_up(2, *argv, "write -o, a space, PATTERN, a space, NETWORK");
	if (!argv[1]) give_up(2, "-o", "needs two words, PATTERN NETWORK");
	if (strpbrk(argv[1], " \t"))
		give_up(2, argv[1], "PATTERN and NETWORK are two words, no quotes around both");
	if (!argv[2] || *argv[2] == '-') give_up(2, argv[1], "-o needs a NETWORK behind the PATTERN");
	if (options.rules == RULES_MAX) give_up(2, argv[1], "more than %u rules", RULES_MAX);
	options.rule[options.rules++] = argv + 1;
	return argv + 2;
}

/* An argument with its letters and, where the last one wants one, the word behind it.  Returns the last
 * that it took; `given` counts. */
static char **option_take(char **argv, uint8_t given[256]) {
	const char *letter = *argv + 1, *word;
	if (strcmp(*argv, "--help") == 0) option_flag('h');
	if (strcmp(*argv, "--version") == 0) option_flag('v');
	for (; *letter && strchr("dnqvh", *letter); letter++) option_flag(*letter);
	if (*letter == '\0') return argv;
	const char what[] = { '-', *letter, '\0' };
	if (!strchr("aflPprstuo", *letter))
		give_up(2, *letter > ' ' && *letter < 0x7f && (*argv)[1] != '-' ? what : *argv,
		    "no such option, see dyndns -h");
	given[(unsigned char)*letter]++;
	if (*letter == 'o' && letter == *argv + 1) return option_rule(argv);
	if (*letter == 'o')
		give_up(2, *argv, "-o stands alone: write -o, a space, PATTERN, a space, NETWORK");
	word = letter[1] ? letter + 1 : *++argv;
	if (!word || !*word) give_up(2, what, "needs a word behind it");
	if (!strchr("als", *letter) && given[(unsigned char)*letter] > 1)
		give_up(2, what, "may be given once");
	option_word(*letter, word);
	return argv;
}

/* Words behind the option `last`, or behind --: NAMEs, or a mistake that can be named. */
static void names_check(char **names, const char *last) {
	const bool any = strcmp(last, "--") == 0; /* a NAME may look like an option */
	if (*names && !any && strcmp(*names, "-") == 0)
		give_up(2, "-", "a range has no blanks around its dash: FIRST-LAST");
	if (*names && !options.explain && *last && strchr("als", last[1]))
		give_up(
		    2, *names, "a NAME goes with -n; %.2s takes one word, write %.2s %s", last, last, *names);
	if (*names && !options.explain) give_up(2, *names, "a NAME goes with -n");
	for (; *names && !any; names++)
		if (**names == '-' && (*names)[1]) give_up(2, *names, "options go before the NAMEs");
}

/* Addresses to listen on, and their ports. */
static void listeners_check(void) {
	options.everywhere = options.listeners == 0;
	if (options.everywhere)
		for (; options.listeners < FAMILIES; options.listeners++)
			options.listener[options.listeners].family = (enum family)options.listeners;
	for (unsigned i = 0; i < options.listeners; i++) {
		struct endpoint *e = &options.listener[i];
		if (!options.own_port[i]) e->port = options.port;
		/* A port to be picked is never the same. */
		for (unsigned j = 0; j < i; j++)
			if ((e->port || !(options.own_port[i] || options.own_port[j])) &&
			    (listens_at(&options.listener[j], e) || listens_at(e, &options.listener[j])))
				give_up(2, endpoint_show(e), "an -l before it listens there already");
	}
}

/* Takes the options; returns the NAMEs behind them. */
static char **options_read(char **argv) {
	uint8_t given[256] = { 0 };
	const char *last = "";
	struct complaint c;
	options.port = 53;
	options.resolv = "/etc/resolv.conf";
	view.ttl = 60;
	/* None, and what holds where nothing is said. */
	resolv_parse("", 0, &options.upstreams, resolv_complain);
	for (argv++; *argv && (*argv)[0] == '-' && (*argv)[1] && strcmp(last, "--") != 0; argv++) {
		last = *argv;
		if (strcmp(last, "--") != 0) argv = option_take(argv, given);
	}
	names_check(argv, last);
	if (!options.rules && !options.rules_file)
		give_up(2, "no rule", "give one with -o PATTERN NETWORK or -f FILE, see dyndns -h");
	if (given['r'] && options.upstreams.count) give_up(2, "-s", "goes instead of -r, not with it");
	if (options.any)
		view.nets_count = 0;
	else if (!options.nets_given)
		for (unsigned i = 0; i < LENGTH(default_nets); i++)
			net_parse(default_nets[i], &nets[view.nets_count++], &c);
	listeners_check();
	return argv;
}

/* Fills a table from the command line and the -f file.  False: see the complaint. */
static bool rules_load(struct rules *t, struct complaint *c) {
	static char text[RULES_MAX * 128];
	const char *file = options.rules_file;
	rules_clear(t);
	for (unsigned i = 0; i < options.rules; i++)
		if (!rule_add(t, options.rule[i][0], options.rule[i][1], c)) return false;
	if (file) {
		struct complaint bad;
		ssize_t len = file_read(file, text, sizeof text);
		if (len < 0) return complain(c, file, "%s", strerror(errno));
		if ((size_t)len == sizeof text)
			return complain(c, file, "over %u octets", (unsigned)sizeof text - 1);
		if (!rules_parse(t, text, (size_t)len, &bad)) {
			char what[sizeof c->what];
			size_t n = strlen(file); /* of a long path the end tells more */
			bad.what[120] = '\0';
			text_put(what, sizeof what, "%s: %s", file + (n > 64 ? n - 64 : 0), bad.what);
			return complain(c, what, "%s", bad.why);
		}
	}
	if (t->count == 0) return complain(c, file, "no rule in it");
	return true;
}

/* The name of an address by rule i; a dotless rule's ends in ".*". */
static char *rule_name_text(const struct rules *t, unsigned i, struct num addr, char out[NAME_TEXT]) {
	uint8_t name[NAME_MAX_WIRE + 1] = { 0 };
	rule_name(t, i, addr, name);
	name_text(name, out);
	if (!rule_domain(t, &t->rule[i])) memcpy(out + strlen(out), ".*", 3);
	return out;
}

/* The rule that answers the name which rule i writes for an address; a dotless one's in no domain. */
static uint16_t rule_taker(const struct rules *t, unsigned i, struct num addr) {
	uint8_t name[NAME_MAX_WIRE + 1] = { 0 };
	struct found found;
	rule_name(t, i, addr, name);
	rules_forward(t, name, &found);
	return found.rule[t->rule[i].family];
}

/* Puts rules in force, and warns of fixed names that are never reached. */
static void rules_use(const struct rules *t) {
	view.rules = t;
	for (unsigned i = 0; i < t->count && t->prefix_lens[FIXED]; i++) {
		const struct num addr = t->rule[i].first;
		const uint16_t by = rule_form(t, i) == FIXED ? rule_taker(t, i, addr) : (uint16_t)i;
		char name[NAME_TEXT];
		if (by != i)
			log_line(LOG_WARNING,
			    "rule %u: %s is taken by rule %u: one name has one address of a family", i + 1,
			    rule_name_text(t, i, addr, name), by + 1u);
	}
}

/* SIGHUP: the new rules are in force only if all are good. */
static void rules_reload(void) {
	struct rules *next = view.rules == rules_memory ? rules_memory + 1 : rules_memory;
	struct complaint c;
	if (!options.rules_file) return;
	if (!rules_load(next, &c)) {
		log_line(LOG_WARNING, "%s: %s; the old rules stay", c.what, c.why);
		return;
	}
	rules_use(next);
	log_line(LOG_NOTICE, "%u rules", next->count);
}

/* -- sockets -- */

/* Binds a socket to a listening address, whose port is filled in if it was 0. */
static bool socket_bind(int fd, struct endpoint *e) {
	union socket_address sa;
	socklen_t len = sockaddr_make(e, &sa);
	if (e->family == V6 && !socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY)) return false;
	if (bind(fd, &sa.any, len) < 0 || getsockname(fd, &sa.any, &len) < 0) return false;
	*e = sockaddr_read(&sa);
	return true;
}

/* Asks for what a listening UDP socket needs more, and says so where the system doesn't give it. */
static void listener_prepare(int udp, const struct endpoint *e) {
	const int given = receive_buffer(udp, BURST_OCTETS);
	if (given < BURST_OCTETS && listeners_used == 0)
		log_line(LOG_WARNING,
		    "receive buffer: asked for %u octets, given %u: a burst of questions may be cut "
		    "(the limit: sysctl net.core.rmem_max, kern.ipc.maxsockbuf, net.inet.udp.recvspace "
		    "or ipadm max_buf, as the system has it)",
		    BURST_OCTETS, given);
	if (is_wildcard(e) && !packet_info_on(udp, e->family))
		log_line(LOG_WARNING,
		    "this system does not tell which address a question came to: "
		    "on a machine with several, use -l for each");
}

/* Opens both sockets of listening address e, for which there is a place.  Returns 0 or an errno. */
static int listener_open(struct endpoint *e) {
	struct pollfd *udp = listener_poll(listeners_used, false), *tcp = listener_poll(listeners_used, true);
	poll_open(udp, socket_new(socket_family[e->family], SOCK_DGRAM));
	poll_open(tcp, socket_new(socket_family[e->family], SOCK_STREAM));
	if (udp->fd < 0 || tcp->fd < 0 || !socket_bind(udp->fd, e) ||
	    !socket_set(tcp->fd, SOL_SOCKET, SO_REUSEADDR) || !socket_bind(tcp->fd, e) ||
	    listen(tcp->fd, SOMAXCONN) < 0) {
		int error = errno;
		poll_close(udp);
		poll_close(tcp);
		return error;
	}
	listener_prepare(udp->fd, e);
	listeners[listeners_used++] = *e;
	return 0;
}

static void listen_failed(const struct endpoint *e, int error) {
	/* Where systemd-resolved listens; it stands in the way of the wildcard address too. */
	const bool stub = e->family == V4 && e->addr.lo >> 8 == 0x7f0000 && e->addr.lo >= 0x7f000035;
	const bool dns = e->port == 53;
	char address[ADDRESS_TEXT] = "", what[2 * ADDRESS_TEXT];
	if (!options.everywhere) *strchr(endpoint_text(e, address), '@') = '\0';
	text_put(what, sizeof what, "%s%sport %u%s", address, *address ? ": " : "", e->port,
	    error != EADDRINUSE          ? ""
		: !dns                   ? " is taken"
		: stub || is_wildcard(e) ? " is taken, perhaps by systemd-resolved"
					 : " is taken by another server");
	give_up(1, what, "%s",
	    error == EADDRINUSE && !dns ? "try -l ADDR or -p PORT"
		: error == EADDRINUSE   ? options.everywhere ? "try -l ADDR" : "try another -l ADDR"
		: error == EADDRNOTAVAIL
		? "no interface has this address: see ip address or ifconfig, or try -l ADDR"
		: error != EACCES || e->port > 1023
		? strerror(error)
		: "only for root, or on Linux after setcap cap_net_bind_service=+ep dyndns: "
		  "try one above 1023, like -p 5300");
}

/* The wildcard address is taken, perhaps only because another server sits on one
 * address of this machine.  Then every other one is listened on by itself. */
static bool listen_each(enum family family, uint16_t port) {
	struct ifaddrs *all;
	unsigned before = listeners_used, left_out = 0;
	char refused[NAME_TEXT] = "";
	size_t n = 0;
	if (getifaddrs(&all) < 0) return false;
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct endpoint e;
		if (!interface_address(i, family, port, &e)) continue;
		/* One place is kept for the other family. */
		bool full = listeners_used == LISTEN_MAX - (family == V4);
		int error = full ? 0 : listener_open(&e);
		left_out += full;
		if (error)
			n += text_put(refused + n, sizeof refused - n, ", not on %s: %s", endpoint_show(&e),
			    error == EADDRINUSE ? "taken" : strerror(error));
	}
	freeifaddrs(all);
	if (left_out)
		log_line(LOG_WARNING, "%u addresses are left out, %u are the most: choose with -l", left_out,
		    LISTEN_MAX);
	if (listeners_used == before) return false;
	log_line(LOG_WARNING,
	    "port %u is taken on some address: listening on each of the others, not on those to come%s", port,
	    refused);
	return true;
}

/* Opens all listening addresses.  False if a port that we picked is taken
 * where another address needs it too: then pick again. */
static bool listen_all(void) {
	uint16_t port = options.port;
	for (unsigned i = 0; i < options.listeners; i++) {
		struct endpoint e = options.listener[i];
		if (!options.own_port[i]) e.port = port;
		int error = listener_open(&e);
		bool taken = error == EADDRINUSE;
		if (taken && options.listener[i].port == 0) return false;
		if (options.everywhere && taken && listen_each((enum family)e.family, port)) continue;
		/* A machine without one of the families is no error. */
		if (options.everywhere &&
		    (error == EAFNOSUPPORT || error == EPROTONOSUPPORT ||
			(error && !taken && e.family == V6)))
			continue;
		if (error) listen_failed(&e, error);
		if (!options.own_port[i]) port = e.port;
	}
	if (listeners_used == 0) give_up(1, "-l", "this machine has no address to listen on");
	return true;
}

/* Descriptors that are no listener's, client's or upstream's: stdin to stderr, the wake pipe,
 * randomness, the pid file, the log, a file that is read, a probe, and one that is turned away. */
enum { DESCRIPTORS_OWN = 12, DESCRIPTORS_MORE = LINKS_MAX + CLIENTS_MAX };

/* Makes do with what the listeners have left: poll(), too, takes no more than may be open. */
static void descriptors_share(void) {
	const rlim_t used = DESCRIPTORS_OWN + 2 * listeners_used;
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= used + DESCRIPTORS_MORE) return;
	/* An eighth for each of TCP upstreams and pool at least, the rest for TCP clients. */
	rlim_t left = limit.rlim_cur > used ? limit.rlim_cur - used : 0;
	if (left < 4)
		give_up(1, "ulimit -n", "%ju descriptors are too few, %ju would do",
		    (uintmax_t)limit.rlim_cur, (uintmax_t)used + 4);
	pool_limit = left / 4 < POOL_MAX ? (unsigned)(left / 4) : POOL_MAX;
	conns_limit = left / 2 < CLIENTS_MAX ? (unsigned)(left / 2) : CLIENTS_MAX;
	log_line(LOG_WARNING, "only %ju descriptors: %u TCP clients and %u upstream sockets at once",
	    (uintmax_t)limit.rlim_cur, conns_limit, pool_limit);
}

/* -- privileges, detaching -- */

struct user {
	uid_t uid;
	gid_t gid;
	bool stays; /* root, for good */
};

/* USER as numbers, UID or UID:GID. */
static bool user_number(const char *word, struct user *user) {
	const char *end = word + strlen(word), *colon = part_end(word, end, ':');
	unsigned uid, gid;
	if (!small_number(word, (size_t)(colon - word), INT_MAX, &uid)) return false;
	gid = uid;
	if (colon < end && !small_number(colon + 1, (size_t)(end - colon - 1), INT_MAX, &gid)) return false;
	*user = (struct user){ .uid = (uid_t)uid, .gid = (gid_t)gid };
	return true;
}

/* Who USER is.  False: nobody. */
static bool user_named(const char *word, struct user *user) {
	const struct passwd *is = getpwnam(word);
	if (strcmp(word, "root") == 0 || strcmp(word, "0") == 0)
		*user = (struct user){ .stays = true };
	else if (is)
		*user = (struct user){ .uid = is->pw_uid, .gid = is->pw_gid };
	else
		return user_number(word, user);
	return true;
}

static const char *user_word(void) { return options.user ? options.user : "nobody"; }

/* Finds USER before anything is written. */
static struct user user_find(void) {
	const char *word = user_word();
	const bool root = geteuid() == 0;
	struct user user = { .stays = true };
	if (!root && !options.user) return user;
	const bool known = user_named(word, &user);
	if (!root && (!known || user.uid != geteuid())) give_up(1, word, "only root can become another user");
	if (!known && options.user)
		give_up(2, word, "no such user: -u takes a number too, like -u 65534, or root");
	if (!known) {
		log_line(LOG_NOTICE, "no user nobody here: becoming 65534");
		user = (struct user){ .uid = 65534, .gid = 65534 };
	}
	if (root && !user.stays && user.uid == 0) give_up(2, word, "is root: -u root stays root");
	if (root && !user.stays && user.gid == 0)
		give_up(2, word, "is of root's group: give another with -u USER or -u UID:GID");
	return user;
}

/* Becomes that user for good. */
static void privileges_drop(struct user user) {
	const char *word = user_word();
	if (geteuid() != 0 || user.stays) return;
	if (setgroups(1, &user.gid) < 0 || setgid(user.gid) < 0 || setuid(user.uid) < 0)
		give_up(1, word, "can't become this user: %s; -u root stays root, where there is no other",
		    strerror(errno));
	/* There is no way back, or we don't go on. */
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || getuid() != user.uid ||
	    geteuid() != user.uid || getgid() != user.gid || getegid() != user.gid || getgroups(0, NULL) > 1)
		give_up(1, word, "privileges could not be dropped for good");
}

/* Tells systemd, if it asked to be told. */
static void notify(const char *state) {
	const char *path = getenv("NOTIFY_SOCKET");
	char text[128];
	if (!path || (*path != '/' && *path != '@')) return;
	text_put(text, sizeof text, "%s\nMONOTONIC_USEC=%ju", state, (uintmax_t)clock_us());
	unix_send(path, text);
}

/* Makes a path good for when the directory has changed. */
static void path_absolute(const char **path) {
	static char text[3][1024];
	static unsigned used;
	char *to = text[used];
	if (!*path || **path == '/') return;
	if (!getcwd(to, sizeof text[0]) || strlen(to) + 1 + strlen(*path) >= sizeof text[0])
		give_up(1, *path, "its path is too long");
	text_put(to + strlen(to), sizeof text[0] - strlen(to), "/%s", *path);
	*path = to;
	used++;
}

/* The parent stays until the child answers questions.  Returns the descriptor
 * that the child tells it by, or -1 if it isn't wanted. */
static int detach(void) {
	int tell[2], status;
	char byte;
	if (!options.detach) return -1;
	pid_t pid = pipe(tell) < 0 ? -1 : fork();
	if (pid < 0) give_up(1, "-d", "%s", strerror(errno));
	if (pid > 0) {
		close(tell[1]);
		if (read(tell[0], &byte, 1) == 1) _exit(0);
		/* It has said why. */
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1);
	}
	close(tell[0]);
	setsid();
	path_absolute(&options.rules_file);
	path_absolute(&options.resolv);
	path_absolute(&options.pid_file);
	if (chdir("/") < 0) give_up(1, "/", "%s", strerror(errno));
	return tell[1];
}

/* Nothing to read and nowhere to write, in an image without /dev/null too. */
static int null_open(void) {
	int fd = open("/dev/null", O_RDWR);
	return fd < 0 ? open("/", O_RDONLY) : fd;
}

static void detach_end(int tell) {
	if (tell < 0) return;
	int null = null_open();
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		give_up(1, "/dev/null", "%s", strerror(errno));
	detached = true;
	dup2(null, 2);
	close(null);
	(void)!write(tell, "", 1);
	close(tell);
}

/* Root opens the file where USER may have put another: nothing but a file of this name alone is written to. */
static void pid_write(void) {
	char text[32];
	const size_t n = text_put(text, sizeof text, "%u\n", (unsigned)getpid());
	struct stat is;
	if (!options.pid_file) return;
	pid_fd = open(options.pid_file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (pid_fd >= 0 && (fstat(pid_fd, &is) < 0 || !S_ISREG(is.st_mode) || is.st_nlink > 1)) {
		pid_fd = -1;
		give_up(1, options.pid_file, "not a file of this name alone");
	}
	if (pid_fd < 0 || ftruncate(pid_fd, 0) < 0 || write(pid_fd, text, n) != (ssize_t)n)
		give_up(1, options.pid_file, "%s", strerror(errno));
}

/* -- explain -- */

/* Why rule i does not answer a name, if the name looks like the rule's. */
static void explain_miss(const struct rules *t, unsigned i, const uint8_t *name, FILE *out) {
	const struct rule *r = &t->rule[i];
	const struct shape *g = &t->shape[r->shape];
	const uint8_t *prefix = t->text + g->key, *suffix = prefix + g->prefix_len + 1;
	const uint8_t *label = name + 1, *domain = label + name[0], *wanted = rule_domain(t, r);
	size_t len = name[0], start = g->prefix_len, end = start;
	char net[2 * ADDRESS_TEXT];
	enum family family;
	struct num n;
	if (g->form > ADDRESS || len < start || !same_octets(label, prefix, start)) return;
	fprintf(out, "\trule %u: ", i + 1);
	if (g->form == ADDRESS)
		end = len >= start + g->suffix_len ? len - g->suffix_len : start;
	else
		while (end < len && is_digit(label[end], form_base[g->form])) end++;
	if (wanted && !same_octets(domain, wanted, name_length(wanted)))
		fprintf(out, "another domain\n");
	else if (end == start)
		fprintf(out, "no number behind '%.*s'\n", (int)start, (const char *)prefix);
	else if (len - end != g->suffix_len || !same_octets(label + end, suffix, g->suffix_len))
		fprintf(out, "something else after the number\n");
	else if (!wanted && !dotless_fits(t, name))
		fprintf(out, "without a domain it answers only what lies directly in a domain of our own\n");
	else if (g->form == ADDRESS &&
	    (!dashed_address((const char *)label + start, end - start, &family, &n) || family != r->family))
		fprintf(out, "no IPv%c address after %.*s\n", r->family == V4 ? '4' : '6', (int)start,
		    (const char *)prefix);
	else
		fprintf(out, "%s %.*s is outside %s\n", g->form == ADDRESS ? "address" : "number",
		    (int)(end - start), (const char *)label + start,
		    net_text(r->family, r->first, r->last, net));
}

/* A domain of our own as its user wrote it, or nearly so; good until the next call. */
static const char *domain_text(const struct rules *t, unsigned i) {
	static char text[NAME_TEXT + 8];
	name_text(rule_domain(t, &t->rule[i]), text);
	memcpy(text + strlen(text), " none", 6);
	return text;
}

/* What one type of a name gets by a rule. */
static void explain_type(const struct view *v, const char *shown, const uint8_t *reply, unsigned type,
    const struct reason *why, FILE *out) {
	const uint8_t *rdata = reply + why->question.end + 12;
	char one[NAME_TEXT], text[16];
	struct net net;
	if (reply[SECTION_ANSWER] == 0) {
		if (type != TYPE_PTR || !reverse_address(why->question.name, &net)) return;
		fprintf(out, "%s has no PTR: rule %u would write %s, which another rule takes\n", shown,
		    why->rule + 1u, rule_name_text(v->rules, why->rule, net.first, one));
		return;
	}
	if (type == TYPE_PTR)
		name_text(rdata, one);
	else {
		const enum family f = type == TYPE_A ? V4 : V6;
		address_text(f, num_octets(rdata, family_bits(f) / 8), one);
	}
	fprintf(out, "%s %s %s (rule %u)\n", shown, type_text(type, text), one, why->rule + 1u);
}

/* Why no rule answers a name. */
static void explain_unanswered(const struct rules *t, const uint8_t *name, FILE *out) {
	char text[ADDRESS_TEXT];
	struct net net;
	if (reverse_address(name, &net)) {
		fprintf(out, "\tno rule with a domain holds %s\n", address_text(net.family, net.first, text));
		return;
	}
	for (unsigned i = 0; i < t->count; i++) explain_miss(t, i, name, out);
}

bool explain_name(const struct view *v, const char *text, FILE *out, struct complaint *c) {
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA, TYPE_PTR };
	uint8_t msg[HEADER_LEN + NAME_MAX_WIRE + 4] = { 0, 0, 1, 0, 0, 1 }, *name = msg + HEADER_LEN;
	char shown[NAME_TEXT], one[NAME_TEXT];
	const struct client who = { .tcp = true };
	const struct rules *t = v->rules;
	struct view open = *v;
	struct net net;
	struct reason why;
	bool hit = false, own = false;
	/* An address stands for its reverse name. */
	if (address_parse(text, strlen(text), &net.family, &net.first))
		text = reverse_text(net.family, net.first, one);
	const size_t len = name_wire(text, name);
	if (len == 0)
		return complain(
		    c, text, "not a name: an empty label, a label over 63 or a name over 255 octets");
	name_text(name, shown);
	open.nets_count = 0; /* what it is, whoever asks */
	for (unsigned i = 0; i < LENGTH(types) && !own; i++) {
		uint8_t reply[OWN_MAX];
		struct writer w = { .msg = reply, .cap = OWN_MAX };
		u16_put(name + len, types[i]);
		u16_put(name + len + 2, CLASS_IN);
		if (answer(&open, &who, msg, HEADER_LEN + len + 4, &w, &why) != REPLY || !why.hit) continue;
		hit = true;
		own = rule_form(t, why.rule) == DOMAIN;
		if (!own) explain_type(v, shown, reply, types[i], &why, out);
	}
	if (own)
		fprintf(out, "%s %s: rule %u, %s\n", shown,
		    why.rcode == RCODE_NXDOMAIN ? "does not exist" : "exists, with no data but SOA",
		    why.rule + 1u, domain_text(t, why.rule));
	else
		fprintf(out,
		    hit ? "%s other types: no data but SOA, none relayed\n" : "%s is a miss: relayed\n",
		    shown);
	if (!hit || own) explain_unanswered(t, name, out);
	return true;
}

/* The first earlier rule of the same names, or of the same for any domain, that takes one of these
 * numbers. */
static unsigned rule_before(const struct rules *t, unsigned i, struct num from, struct num to) {
	const struct shape *h = &t->shape[t->rule[i].shape];
	for (const struct rule *e = t->rule; e < t->rule + i; e++) {
		const struct shape *g = &t->shape[e->shape];
		if ((g == h || g->key_len == shape_label(h)) && e->family == t->rule[i].family &&
		    memcmp(t->text + g->key, t->text + h->key, g->key_len) == 0 && num_cmp(e->low, to) <= 0 &&
		    num_cmp(rule_number(e, e->last), from) >= 0)
			return (unsigned)(e - t->rule);
	}
	return NO_RULE;
}

/* Whether rules before i take all numbers from `from` to `end`: from one's end to the next. */
static bool rule_hidden(const struct rules *t, unsigned i, struct num from, struct num end, unsigned *by) {
	while ((*by = rule_before(t, i, from, from)) != NO_RULE) {
		from = rule_number(&t->rule[*by], t->rule[*by].last);
		if (num_cmp(from, end) >= 0) return true;
		from = num_add(from, (struct num){ 0, 1 });
	}
	return false;
}

/* Who takes names of rule i before it. */
static void explain_hidden(const struct rules *t, unsigned i) {
	const struct rule *r = &t->rule[i];
	const struct num n = r->low, end = rule_number(r, r->last);
	const unsigned by = rule_before(t, i, n, end);
	unsigned last;
	/* Names of another look are not all compared, but where they begin and end. */
	for (unsigned at = 0; at < 2 && by == NO_RULE; at++) {
		const struct num addr = at ? r->last : r->first;
		const uint16_t taker = rule_taker(t, i, addr);
		char name[NAME_TEXT];
		if (taker < i)
			printf("warning: rule %u: %s is taken by rule %u\n", i + 1,
			    rule_name_text(t, i, addr, name), taker + 1u);
	}
	if (by == NO_RULE) return;
	const bool all = rule_hidden(t, i, n, end, &last);
	printf("warning: rule %u is %shidden by rule %u%s\n", i + 1, all ? "" : "partly ", by + 1,
	    all && last != by ? " and others" : "");
}

/* What a reader of the rules may not expect of a domain's names. */
static void explain_domain(const struct rules *t, unsigned i) {
	const uint8_t *domain = rule_domain(t, &t->rule[i]), *top = domain;
	char text[NAME_TEXT];
	struct place place;
	unsigned digits = 0;
	while (*top && top[1 + *top]) top += 1 + *top;
	while (digits < *top && is_digit(top[1 + digits], 10)) digits++;
	if (*top && digits == *top)
		printf("warning: rule %u: clients take a name that ends in a number for an address\n", i + 1);
	rules_place(t, domain, &place);
	if (place.rule != NO_RULE || *domain == 0) return;
	for (unsigned e = 0; e < i; e++) {
		const uint8_t *other = rule_domain(t, &t->rule[e]);
		if (other && same_octets(other, domain, name_length(domain))) return; /* said */
	}
	name_text(domain, text);
	printf("\tother names in %s go upstream; with a rule '%s none' they would not exist\n", text, text);
}

/* A fixed name, or a domain of our own. */
static void explain_one(const struct rules *t, unsigned i) {
	const struct rule *r = &t->rule[i];
	char name[NAME_TEXT], address[ADDRESS_TEXT];
	if (rule_form(t, i) == DOMAIN) {
		printf("rule %u: %s: what no rule answers there does not exist\n", i + 1, domain_text(t, i));
		return;
	}
	rule_name_text(t, i, r->first, name);
	printf("rule %u: %s %s, this name alone\n", i + 1, name,
	    address_text(r->family, r->first, address));
	if (*rule_domain(t, r) == 0)
		printf("\ta single label, in no domain: for %s.lab write %s.lab\n", name, name);
}

static void explain_rule(const struct rules *t, unsigned i) {
	const struct rule *r = &t->rule[i];
	const enum form form = rule_form(t, i);
	char first[NAME_TEXT], last[NAME_TEXT], low[ADDRESS_TEXT], high[ADDRESS_TEXT];
	if (form > ADDRESS)
		explain_one(t, i);
	else
		printf("rule %u: %s %s to %s %s\n", i + 1, rule_name_text(t, i, r->first, first),
		    address_text(r->family, r->first, low), rule_name_text(t, i, r->last, last),
		    address_text(r->family, r->last, high));
	if (rule_domain(t, r))
		explain_domain(t, i);
	else
		printf("warning: rule %u has no domain, so its addresses have no PTR\n", i + 1);
	if (form != DOMAIN) explain_hidden(t, i);
}

/* Who may ask, TTL and user. */
static void explain_rest(void) {
	const char *word = user_word();
	struct user user;
	printf("may ask:%s", view.nets_count ? "" : " any");
	for (const struct net *n = nets; n < nets + view.nets_count; n++) {
		char text[2 * ADDRESS_TEXT];
		printf(" %s", net_text(n->family, n->first, n->last, text));
	}
	printf("\nttl: %u\n", view.ttl);
	if (!user_named(word, &user))
		printf(
		    options.user ? "warning: %s: no such user\n" : "user: 65534, as there is no %s\n", word);
	else if (user.stays)
		printf("user: root\n");
	else
		printf(
		    "user: %s, %u:%u, where root starts it\n", word, (unsigned)user.uid, (unsigned)user.gid);
}

/* -n: says how everything was understood. */
static int explain(char **names) {
	unsigned kept = 0;
	struct complaint c;
	for (char **name = names; *name; name++)
		if (!explain_name(&view, *name, stdout, &c)) give_up_over(2, "", &c);
	if (*names) return said();
	for (unsigned i = 0; i < view.rules->count; i++) explain_rule(view.rules, i);
	for (unsigned i = 0; i < options.listeners; i++) {
		listeners[listeners_used++] = options.listener[i];
		printf("listen: %s\n", endpoint_show(&options.listener[i]));
	}
	struct upstream_list list = options.upstreams;
	if (list.count == 0) {
		ssize_t len = file_lines(options.resolv, reply_in, sizeof reply_in);
		char why[NAME_TEXT];
		text_put(why, sizeof why, "%s: %s", options.resolv, strerror(errno));
		if (len < 0) printf("warning: %s\n", text_clean(why));
		resolv_parse((const char *)reply_in, len < 0 ? 0 : (size_t)len, &list, resolv_complain);
	}
	for (const struct endpoint *e = list.at; e < list.at + list.count; e++) {
		bool unknown, ourselves = is_ourselves(e, &unknown);
		kept += !ourselves;
		printf(ourselves ? "warning: nameserver %s is ourselves: skipped\n" : "upstream: %s\n",
		    endpoint_show(e));
	}
	if (kept == 0) printf("warning: no nameserver: misses get SERVFAIL\n");
	explain_rest();
	return said();
}

/* -- main -- */

static void memory_prepare(void) {
	for (unsigned i = 0; i < LENGTH(polls); i++) polls[i].fd = -1;
	for (unsigned i = 0; i < LINKS_MAX; i++) links[i].in = links[i].out = NONE;
	for (unsigned i = 0; i < FLIGHT_FIRST; i++) flights[i].waiters = NONE;
	flights_used = FLIGHT_FIRST;
	for (unsigned i = BUFFERS_MAX; i-- > 0;) buffers_free[buffers_spare++] = (uint16_t)i;
	flights_free = waiters_free = NONE;
	view.nets = nets;
	view.counters = &counters;
}

/* What is opened must not take the place of a closed stdin, stdout or stderr. */
static void descriptors_prepare(void) {
	const rlim_t want = DESCRIPTORS_OWN + 2 * LISTEN_MAX + DESCRIPTORS_MORE;
	struct rlimit limit = { .rlim_cur = want };
	sigset_t none;
	int fd;
	while ((fd = null_open()) >= 0 && fd <= STDERR_FILENO) continue;
	if (fd >= 0) close(fd);
	/* A terminal that is held up must not hold us up; the one that the shell uses stays as it is. */
	if (isatty(STDERR_FILENO) && ttyname(STDERR_FILENO) &&
	    (fd = open(ttyname(STDERR_FILENO), O_WRONLY | O_NOCTTY | O_NONBLOCK)) >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	/* A daemon keeps nothing of whoever started it. */
	getrlimit(RLIMIT_NOFILE, &limit);
	for (fd = STDERR_FILENO + 1; options.detach && fd < 65536 && (rlim_t)fd < limit.rlim_cur; fd++)
		close(fd);
	/* As many as could be of use. */
	if (limit.rlim_cur < want) {
		limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void signals_prepare(void) {
	static const int caught[] = { SIGHUP, SIGUSR1, SIGTERM, SIGINT };
	struct sigaction action = { .sa_handler = signal_note };
	if (pipe(wake_fd) < 0 || !fd_prepare(wake_fd[0]) || !fd_prepare(wake_fd[1]))
		give_up(1, "pipe", "%s", strerror(errno));
	poll_open(&polls[0], wake_fd[0]);
	sigemptyset(&action.sa_mask);
	for (unsigned i = 0; i < LENGTH(caught); i++) sigaction(caught[i], &action, NULL);
}

static void random_prepare(void) {
	random_fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (random_fd < 0 || read(random_fd, hash_key, sizeof hash_key) != sizeof hash_key)
		give_up(1, "/dev/urandom", "no randomness, no safe port or id: %s", strerror(errno));
}

/* How a line is written so that it is read. */
static void log_prepare(void) {
	const char *stream = getenv("JOURNAL_STREAM");
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };
	struct stat is;
	char text[64];
	if (stream && fstat(STDERR_FILENO, &is) == 0) {
		text_put(text, sizeof text, "%ju:%ju", (uintmax_t)is.st_dev, (uintmax_t)is.st_ino);
		journal = strcmp(stream, text) == 0;
	}
	/* Where there is a syslogd that takes no datagrams, the library knows the way. */
	const int fd = options.detach ? socket(AF_UNIX, SOCK_DGRAM, 0) : -1;
	if (fd < 0) return;
	by_library = connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != ENOENT &&
	    errno != ECONNREFUSED && errno != EACCES;
	close(fd);
	if (by_library) openlog("dyndns", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

static void ready_log(void) {
	for (unsigned i = 0; i < listeners_used; i++)
		log_line(LOG_NOTICE, "listening on %s", endpoint_show(&listeners[i]));
	log_line(LOG_NOTICE, "ready");
}

int main(int argc, char **argv) {
	struct complaint c;
	(void)argc;
	memory_prepare();
	char **names = options_read(argv);
	descriptors_prepare();
	log_prepare();
	/* Each -o comes before the file. */
	if (!rules_load(rules_memory, &c)) give_up_over(rules_memory->count < options.rules ? 2 : 1, "", &c);
	view.rules = rules_memory;
	if (options.explain) return explain(names);
	rules_use(rules_memory);

	const struct user user = user_find();
	started = now = clock_us() / 1000;
	for (unsigned i = 0; !listen_all(); i++) {
		if (i == 16) give_up(1, "-p 0", "no port is free on all addresses");
		listeners_used = 0;
		while (polls_used > 1) poll_close(&polls[polls_used - 1]);
	}
	descriptors_share();
	link_polls = listener_poll(listeners_used, false); /* after the last one */
	conn_polls = link_polls + UPSTREAMS_MAX + pool_limit;
	random_prepare();
	int tell = detach();
	signals_prepare();
	pid_write();
	if (options.upstreams.count) upstreams_use(&options.upstreams, true);
	/* Perhaps only root may read it. */
	resolv_look(true);
	privileges_drop(user);
	ready_log();
	detach_end(tell);
	notify("READY=1");
	loop();
	left_out_log();
	pid_remove();
	log_line(LOG_NOTICE, "stopped");
	return 0;
}
