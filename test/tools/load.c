/* load.c -- what weighs on a daemon beside its work
 *
 *	load flood ADDR PORT RATE MS	malformed datagrams, so many a second; prints how many it were
 *	load hold ADDR PORT N MS	N TCP clients that send one octet and wait; says `holding` once all are there
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 256, LEN = 40, CLIENTS = 1000 };

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int connected(const char *addr, const char *port, int type)
{
	struct sockaddr_in to;
	int fd = socket(AF_INET, type, 0);

	memset(&to, 0, sizeof to);
	to.sin_family = AF_INET;
	to.sin_port = htons((uint16_t)atoi(port));
	if (fd < 0 || inet_pton(AF_INET, addr, &to.sin_addr) != 1 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		perror("load: connect");
		exit(1);
	}
	return fd;
}

/* A question for ws10.lab that is broken in one of eight ways. */
static size_t broken(unsigned kind, uint8_t *m)
{
	static const uint8_t good[] = "\0\0\1\0\0\1\0\0\0\0\0\0\4ws10\3lab\0\0\1\0";
	size_t len = sizeof good;

	memset(m, 0xff, LEN);
	memcpy(m, good, len);
	m[len - 1] = 1;
	m[0] = (uint8_t)kind;
	switch (kind % 8) {
	case 0: return 12 + kind / 8 % 14;	/* cut */
	case 1: return kind / 8 % 12;		/* not even a header */
	case 2: m[5] = (uint8_t)(2 + kind); break;	/* counts */
	case 3: m[11] = (uint8_t)(1 + kind / 8); break;
	case 4: m[12] = (uint8_t)(0x40 + kind); break;	/* labels */
	case 5: m[12] = 0xc0; break;		/* a pointer */
	case 6: len += 1 + kind / 8 % 10; break;	/* octets behind the end */
	default: m[2] |= 0x80; break;		/* a reply */
	}
	return len;
}

static int flood(const char *addr, const char *port, long rate, long ms)
{
	static uint8_t message[KINDS][LEN];
	static size_t len[KINDS];
	long long start, end;
	long sent = 0;
	int fd = connected(addr, port, SOCK_DGRAM);
	unsigned i;

	for (i = 0; i < KINDS; i++)
		len[i] = broken(i, message[i]);
	start = now_us();
	end = start + ms * 1000LL;
	for (;;) {
		long long now = now_us();
		long due = (long)((now - start) * rate / 1000000);

		if (now >= end)
			break;
		/* A late start is not made up for by a burst. */
		for (i = 0; sent < due && i < 1000; i++, sent++)
			if (send(fd, message[sent % KINDS], len[sent % KINDS], 0) < 0)
				continue;
		if (sent < due - 1000) {
			start += (due - sent) * 1000000LL / rate;
			continue;
		}
		poll(NULL, 0, 1);
	}
	printf("%ld\n", sent * 1000 / ms);
	return 0;
}

static int hold(const char *addr, const char *port, long n, long ms)
{
	struct rlimit limit;
	long i;

	if (n > CLIENTS)
		n = CLIENTS;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < CLIENTS + 24) {
		limit.rlim_cur = limit.rlim_max < CLIENTS + 24 ? limit.rlim_max : CLIENTS + 24;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (i = 0; i < n; i++)
		if (send(connected(addr, port, SOCK_STREAM), "", 1, MSG_NOSIGNAL) < 0)
			perror("load: send");
	puts("holding");
	fflush(stdout);
	poll(NULL, 0, (int)ms);
	return 0;
}

int main(int argc, char **argv)
{
	alarm(120);
	if (argc == 6 && strcmp(argv[1], "flood") == 0)
		return flood(argv[2], argv[3], atol(argv[4]), atol(argv[5]));
	if (argc == 6 && strcmp(argv[1], "hold") == 0)
		return hold(argv[2], argv[3], atol(argv[4]), atol(argv[5]));
	fputs("usage: load flood|hold ADDR PORT N MS\n", stderr);
	return 2;
}
