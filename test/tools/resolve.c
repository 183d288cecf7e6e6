/* resolve.c -- asks the C library's resolver, whichever library it is linked with
 *
 *	resolve NAME		the addresses of NAME, one a line
 *	resolve -x ADDRESS	the name of ADDRESS
 */
#define _POSIX_C_SOURCE 200809L
#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	int reverse = argc == 3 && !strcmp(argv[1], "-x"), error;
	struct addrinfo hints, *list, *a;
	char text[1025];

	if (argc != 2 && !reverse)
		return 2;
	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = reverse ? AI_NUMERICHOST : 0;
	error = getaddrinfo(argv[argc - 1], NULL, &hints, &list);
	if (error) {
		printf("%s\n", gai_strerror(error));
		return 1;
	}
	for (a = list; a; a = a->ai_next) {
		error = getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, reverse ? NI_NAMEREQD : NI_NUMERICHOST);
		printf("%s\n", error ? gai_strerror(error) : text);
	}
	freeaddrinfo(list);
	return 0;
}
