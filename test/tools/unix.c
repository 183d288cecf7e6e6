/* unix.c -- another Unix, played on Linux: a library for LD_PRELOAD
 *
 *	cc -shared -fPIC -o unix.so test/tools/unix.c -ldl
 *	PLAY=HABIT[,HABIT...] LD_PRELOAD=./unix.so dyndns ...
 *
 * For a dyndns that was compiled with -DPLAY_DSTADDR or -DPLAY_RECVPKTINFO (see
 * test/tools/unix.h) it speaks the packet information of FreeBSD and OpenBSD, or
 * of NetBSD, whose kernels refuse what is not exactly theirs.  Habits:
 *
 *	dstaddr, pktinfo	which of the two
 *	no-ipv4			a FreeBSD jail without it: EPROTONOSUPPORT
 *	no-address		XNU: a connection that is gone is accepted without an address
 *	small-buffers		NetBSD: a receive buffer over 96 KiB is refused, not cut
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "unix.h"

#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (!real) { \
		void *found = dlsym(RTLD_NEXT, name); \
		memcpy(&real, &found, sizeof real); \
	}

static bool plays(const char *habit)
{
	const char *list = getenv("PLAY");

	return list && strstr(list, habit);
}

int socket(int domain, int type, int protocol)
{
	REAL(int, "socket", int, int, int)
	if (domain == AF_INET && plays("no-ipv4")) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	return real(domain, type, protocol);
}

int accept(int fd, struct sockaddr *address, socklen_t *len)
{
	struct sockaddr_storage unseen;
	socklen_t size = sizeof unseen;
	int got;

	REAL(int, "accept", int, struct sockaddr *, socklen_t *)
	if (!plays("no-address"))
		return real(fd, address, len);
	got = real(fd, (struct sockaddr *)&unseen, &size);
	if (got >= 0)
		*len = 0;
	return got;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	int size;

	REAL(int, "setsockopt", int, int, int, const void *, socklen_t)
	if (level == SOL_SOCKET && option == SO_RCVBUFFORCE && plays("small-buffers")) {
		errno = ENOPROTOOPT;
		return -1;
	}
	if (level == SOL_SOCKET && option == SO_RCVBUF && plays("small-buffers")) {
		memcpy(&size, value, sizeof size);
		if (size > 96 * 1024) {
			errno = ENOBUFS;
			return -1;
		}
	}
	if (level == IPPROTO_IP && (option == PLAYED_DSTADDR || option == PLAYED_RECVPKTINFO))
		option = IP_PKTINFO;
	return real(fd, level, option, value, len);
}

/* Puts one piece of control data at `used` of a buffer; returns what is used then. */
static size_t put(char *out, size_t used, int level, int type, const void *data, size_t len)
{
	struct cmsghdr head = { .cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type };

	memcpy(out + used, &head, sizeof head);
	memcpy(out + used + CMSG_LEN(0), data, len);
	return used + CMSG_SPACE(len);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	union { char octets[512]; struct cmsghdr align; } in;
	char out[512];
	size_t used = 0, room = m->msg_controllen;
	void *theirs = m->msg_control;
	ssize_t got;

	REAL(ssize_t, "recvmsg", int, struct msghdr *, int)
	m->msg_control = in.octets;
	m->msg_controllen = sizeof in.octets;
	got = real(fd, m, flags);
	memset(out, 0xa5, sizeof out);
	for (struct cmsghdr *c = got < 0 ? NULL : CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct in_pktinfo info;
		struct played_pktinfo played;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO) {
			used = put(out, used, c->cmsg_level, c->cmsg_type, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
			continue;
		}
		memcpy(&info, CMSG_DATA(c), sizeof info);
		played.ipi_addr = info.ipi_addr;
		played.ipi_ifindex = (unsigned)info.ipi_ifindex;
		if (plays("pktinfo"))
			used = put(out, used, IPPROTO_IP, PLAYED_PKTINFO, &played, sizeof played);
		else
			used = put(out, used, IPPROTO_IP, PLAYED_DSTADDR, &info.ipi_addr, sizeof info.ipi_addr);
	}
	m->msg_control = theirs;
	if (used > room) {
		used = room;
		m->msg_flags |= MSG_CTRUNC;
	}
	if (theirs)
		memcpy(theirs, out, used);
	m->msg_controllen = used;
	return got;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	union { char octets[CMSG_SPACE(sizeof(struct in_pktinfo))]; struct cmsghdr align; } out;
	struct msghdr linux_one = *m;
	struct in_pktinfo info = { 0 };
	struct played_pktinfo played;
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	size_t want = plays("pktinfo") ? sizeof played : sizeof(struct in_addr);

	REAL(ssize_t, "sendmsg", int, const struct msghdr *, int)
	if (!c || c->cmsg_level != IPPROTO_IP)
		return real(fd, m, flags);
	if (c->cmsg_type != (plays("pktinfo") ? PLAYED_PKTINFO : PLAYED_DSTADDR)) {
		errno = ENOPROTOOPT;
		return -1;
	}
	/* One piece, of its exact length, and nothing behind it. */
	if (c->cmsg_len != CMSG_LEN(want) || m->msg_controllen != CMSG_SPACE(want)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&played, CMSG_DATA(c), want);
	info.ipi_spec_dst = played.ipi_addr;
	if (plays("pktinfo"))
		info.ipi_ifindex = (int)played.ipi_ifindex;
	put(out.octets, 0, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
	linux_one.msg_control = out.octets;
	linux_one.msg_controllen = sizeof out.octets;
	return real(fd, &linux_one, flags);
}
