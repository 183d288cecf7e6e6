/* notify.c -- receives datagrams on a Unix-domain socket, as systemd and syslogd do.
 *
 *	notify listen PATH	bind PATH (@NAME: an abstract one), say `bound`, then a line for each datagram:
 *				the monotonic clock in microseconds and the text, a newline in it as `|`
 *	notify stream PATH	the same of one connection, on which a NUL ends each text
 *	notify deaf PATH	bind it, say `bound`, and never read
 *	notify clock		the monotonic clock in microseconds
 *
 * Every run is bounded by alarm().
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LIFE = 120 };	/* seconds */

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int fails(const char *what)
{
	fprintf(stderr, "notify: %s: %s\n", what, strerror(errno));
	return 1;
}

static void show(const unsigned char *text, size_t len)
{
	printf("%lld ", now_us());
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			putchar('|');
		else if (text[i] < ' ' || text[i] >= 0x7f)
			printf("\\%03u", text[i]);
		else
			putchar(text[i]);
	putchar('\n');
}

static int stream_show(int fd)
{
	static unsigned char text[65536];
	size_t len = 0;
	ssize_t n;

	while (len < sizeof text && (n = read(fd, text + len, sizeof text - len)) > 0) {
		unsigned char *end;

		len += (size_t)n;
		while ((end = memchr(text, 0, len)) != NULL) {
			show(text, (size_t)(end - text));
			len -= (size_t)(end - text) + 1;
			memmove(text, end + 1, len);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static unsigned char text[65536];
	struct sockaddr_un at;
	size_t len;
	ssize_t n;
	int fd;

	if (argc == 2 && strcmp(argv[1], "clock") == 0)
		return printf("%lld\n", now_us()) < 0;
	if (argc != 3 || (strcmp(argv[1], "listen") != 0 && strcmp(argv[1], "deaf") != 0 && strcmp(argv[1], "stream") != 0)) {
		fputs("usage: notify listen|stream|deaf PATH | notify clock\n", stderr);
		return 2;
	}
	alarm(LIFE);
	setvbuf(stdout, NULL, _IOLBF, 0);
	memset(&at, 0, sizeof at);
	at.sun_family = AF_UNIX;
	len = strlen(argv[2]);
	if (len > sizeof at.sun_path)
		return errno = ENAMETOOLONG, fails(argv[2]);
	memcpy(at.sun_path, argv[2], len);
	if (at.sun_path[0] == '@')
		at.sun_path[0] = '\0';
	umask(0);	/* who writes may have become another user */
	fd = socket(AF_UNIX, argv[1][0] == 's' ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		return fails(argv[2]);
	if (argv[1][0] == 's' && listen(fd, 1) < 0)
		return fails("listen");
	puts("bound");
	if (argv[1][0] == 's')
		return stream_show(accept(fd, NULL, NULL));
	if (argv[1][0] == 'd')
		for (;;)
			pause();
	while ((n = recv(fd, text, sizeof text, 0)) >= 0)
		show(text, (size_t)n);
	return fails("recv");
}
