/* proof.c -- the very dyndns.c as Frama-C shall see it */
#include "contracts.h"
/* Frama-C's headers know of IP_PKTINFO, but not all of its structure. */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#undef IP_PKTINFO
#undef IPV6_PKTINFO
#undef IPV6_RECVPKTINFO
#undef CMSG_FIRSTHDR
#include <sys/un.h>
struct linger { int l_onoff, l_linger; };
#include <sys/wait.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#define memcpy octets_copy
#define memmove octets_move
#define memset octets_set
#define memcmp octets_compare
#define main dyndns_main
#include "dyndns.c"
