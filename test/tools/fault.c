/* fault.c -- makes system calls fail: a library for LD_PRELOAD
 *
 *	cc -shared -fPIC -o fault.so test/tools/fault.c -ldl
 *	FAULT=FILE LD_PRELOAD=./fault.so dyndns ...
 *
 * FILE is read at each call and says which calls fail:
 *
 *	CALL ERROR EVERY	each EVERYth call of CALL gives ERROR (a name from errors[] below)
 *	CALL short EVERY	write and send take half of what they are given
 *	(empty)			all go through
 *
 * CALL `clock` is for those that tell the wall clock: they always give the day
 * before.  FILE.count tells how often a call was made to fail, how often the
 * wall clock was asked, how often `poll` was called, and how often less than a
 * DNS message and its length was written to a socket: four numbers.  It is there
 * once the library is at work.
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifndef RTLD_NEXT
#define RTLD_NEXT ((void *)-1)	/* hidden in strict modes, but the same everywhere */
#endif

static const struct { const char *name; int number; } errors[] = {
	{ "EINTR", EINTR }, { "EAGAIN", EAGAIN }, { "ENOBUFS", ENOBUFS }, { "ENOMEM", ENOMEM }, { "EMFILE", EMFILE },
	{ "ENFILE", ENFILE }, { "ENETUNREACH", ENETUNREACH }, { "EHOSTUNREACH", EHOSTUNREACH }, { "EPERM", EPERM },
	{ "EACCES", EACCES }, { "ENETDOWN", ENETDOWN }, { "ECONNREFUSED", ECONNREFUSED }, { "ECONNABORTED", ECONNABORTED },
	{ "ECONNRESET", ECONNRESET }, { "EADDRINUSE", EADDRINUSE }, { "EADDRNOTAVAIL", EADDRNOTAVAIL }, { "EIO", EIO },
	{ "EINVAL", EINVAL }, { "EPIPE", EPIPE }, { "ENOENT", ENOENT }, { "short", -1 }
};

static int control = -1, counts = -1;
static unsigned long failed, wall_clock, polled, split;

/* The real function of that name.  A pointer to an object becomes one to a
 * function by its bytes: C99 has no other way. */
#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (!real) { \
		void *found = dlsym(RTLD_NEXT, name); \
		if (!found) abort(); \
		memcpy(&real, &found, sizeof real); \
	}

static int real_open(const char *path, int how, int mode)
{
	REAL(int, "open", const char *, int, ...)
	return real(path, how, mode);
}

static ssize_t real_write(int fd, const void *p, size_t n)
{
	REAL(ssize_t, "write", int, const void *, size_t)
	return real(fd, p, n);
}

static void counts_write(void)
{
	char text[64];
	int n = snprintf(text, sizeof text, "%10lu %10lu %10lu %10lu\n", failed, wall_clock, polled, split);

	if (lseek(counts, 0, SEEK_SET) < 0 || real_write(counts, text, (size_t)n) != n)
		abort();
}

static bool prepare(void)
{
	const char *path = getenv("FAULT");
	char name[4096];

	if (control >= 0)
		return true;
	if (!path)
		return false;
	snprintf(name, sizeof name, "%s.count", path);
	control = real_open(path, O_RDONLY | O_CLOEXEC, 0);
	counts = real_open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (control < 0 || counts < 0)
		abort();
	counts_write();
	return true;
}

/* Whether this call fails: 0, or the error, or -1 for half of the work. */
static int fault(const char *call)
{
	static unsigned long calls;
	char text[128], which[32], error[32];
	unsigned every;
	ssize_t n;
	size_t i;

	if (!prepare())
		return 0;
	n = pread(control, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%31s %31s %u", which, error, &every) != 3 || strcmp(which, call) != 0 || every == 0)
		return 0;
	if (++calls % every)
		return 0;
	for (i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(error, errors[i].name) == 0) {
			failed++;
			counts_write();
			return errno = errors[i].number;
		}
	return 0;
}

int poll(struct pollfd *p, nfds_t n, int ms)
{
	REAL(int, "poll", struct pollfd *, nfds_t, int)
	/* Only the loop's own: the log asks without waiting. */
	if (n == 1)
		return real(p, n, ms);
	polled++;
	if (prepare())
		counts_write();
	return fault("poll") ? -1 : real(p, n, ms);
}

ssize_t recvfrom(int fd, void *to, size_t n, int flags, struct sockaddr *from, socklen_t *len)
{
	REAL(ssize_t, "recvfrom", int, void *, size_t, int, struct sockaddr *, socklen_t *)
	return fault("recvfrom") ? -1 : real(fd, to, n, flags, from, len);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	REAL(ssize_t, "recvmsg", int, struct msghdr *, int)
	return fault("recvmsg") ? -1 : real(fd, m, flags);
}

ssize_t sendto(int fd, const void *p, size_t n, int flags, const struct sockaddr *to, socklen_t len)
{
	REAL(ssize_t, "sendto", int, const void *, size_t, int, const struct sockaddr *, socklen_t)
	return fault("sendto") ? -1 : real(fd, p, n, flags, to, len);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	REAL(ssize_t, "sendmsg", int, const struct msghdr *, int)
	return fault("sendmsg") ? -1 : real(fd, m, flags);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	REAL(ssize_t, "send", int, const void *, size_t, int)
	return fault("send") ? -1 : real(fd, p, n, flags);
}

ssize_t recv(int fd, void *to, size_t n, int flags)
{
	REAL(ssize_t, "recv", int, void *, size_t, int)
	return fault("recv") ? -1 : real(fd, to, n, flags);
}

ssize_t read(int fd, void *to, size_t n)
{
	REAL(ssize_t, "read", int, void *, size_t)
	return fault("read") ? -1 : real(fd, to, n);
}

ssize_t write(int fd, const void *p, size_t n)
{
	enum { LEAST = 2 + 12 };
	struct stat what;
	int error = fault("write");

	if (n < LEAST && fstat(fd, &what) == 0 && S_ISSOCK(what.st_mode)) {
		split++;
		counts_write();
	}

	return error > 0 ? -1 : real_write(fd, p, error < 0 ? n - n / 2 : n);
}

int accept(int fd, struct sockaddr *from, socklen_t *len)
{
	REAL(int, "accept", int, struct sockaddr *, socklen_t *)
	return fault("accept") ? -1 : real(fd, from, len);
}

int socket(int family, int type, int protocol)
{
	REAL(int, "socket", int, int, int)
	return fault("socket") ? -1 : real(family, type, protocol);
}

int bind(int fd, const struct sockaddr *to, socklen_t len)
{
	REAL(int, "bind", int, const struct sockaddr *, socklen_t)
	return fault("bind") ? -1 : real(fd, to, len);
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	REAL(int, "connect", int, const struct sockaddr *, socklen_t)
	return fault("connect") ? -1 : real(fd, to, len);
}

int setsockopt(int fd, int level, int name, const void *p, socklen_t len)
{
	REAL(int, "setsockopt", int, int, int, const void *, socklen_t)
	return fault("setsockopt") ? -1 : real(fd, level, name, p, len);
}

int open(const char *path, int how, ...)
{
	va_list args;
	int mode;

	va_start(args, how);
	mode = how & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	return fault("open") ? -1 : real_open(path, how, mode);
}

int open64(const char *, int, ...);
int open64(const char *path, int how, ...)
{
	va_list args;
	int mode;

	va_start(args, how);
	mode = how & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	return fault("open") ? -1 : real_open(path, how, mode);
}

static int fcntl_any(int fd, int command, void *p)
{
	REAL(int, "fcntl", int, int, ...)
	return fault("fcntl") ? -1 : real(fd, command, p);
}

int fcntl(int fd, int command, ...)
{
	va_list args;
	void *p;

	va_start(args, command);
	p = va_arg(args, void *);
	va_end(args);
	return fcntl_any(fd, command, p);
}

int fcntl64(int, int, ...);
int fcntl64(int fd, int command, ...)
{
	va_list args;
	void *p;

	va_start(args, command);
	p = va_arg(args, void *);
	va_end(args);
	return fcntl_any(fd, command, p);
}

/* What a compiler that checks sizes calls instead. */
ssize_t __read_chk(int, void *, size_t, size_t);
ssize_t __recv_chk(int, void *, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
int __poll_chk(struct pollfd *, nfds_t, int, size_t);

ssize_t __read_chk(int fd, void *to, size_t n, size_t room) { return n > room ? -1 : read(fd, to, n); }
ssize_t __recv_chk(int fd, void *to, size_t n, size_t room, int flags) { return n > room ? -1 : recv(fd, to, n, flags); }
ssize_t __recvfrom_chk(int fd, void *to, size_t n, size_t room, int flags, struct sockaddr *from, socklen_t *len)
{
	return n > room ? -1 : recvfrom(fd, to, n, flags, from, len);
}
int __poll_chk(struct pollfd *p, nfds_t n, int ms, size_t room) { return n > room / sizeof *p ? -1 : poll(p, n, ms); }

/* -- the wall clock, set back a day -- */

enum { DAY = 86400 };

static void wall_clock_asked(void)
{
	wall_clock++;
	if (prepare())
		counts_write();
}

int clock_gettime(clockid_t which, struct timespec *t)
{
	REAL(int, "clock_gettime", clockid_t, struct timespec *)
	int result = real(which, t);

	if (which != CLOCK_MONOTONIC) {
		wall_clock_asked();
		t->tv_sec -= DAY;
	}
	return result;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

static int wall_clock_get(struct timeval *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	out->tv_sec = t.tv_sec;
	out->tv_usec = (suseconds_t)(t.tv_nsec / 1000);
	return 0;
}

/* The libraries don't agree on the second argument's type, so it goes by another name. */
int wall_clock_timeval(struct timeval *, void *) __asm__("gettimeofday");
int wall_clock_timeval(struct timeval *out, void *zone)
{
	(void)zone;
	return wall_clock_get(out);
}
