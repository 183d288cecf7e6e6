/* unix.h -- the packet information of other Unixes, for a dyndns that unix.c plays to
 *
 *	cc -include test/tools/unix.h -DPLAY_DSTADDR dyndns.c		as FreeBSD and OpenBSD have it
 *	cc -include test/tools/unix.h -DPLAY_RECVPKTINFO dyndns.c	as NetBSD has it
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <netinet/in.h>

#define PLAYED_DSTADDR 1207
#define PLAYED_PKTINFO 1225
#define PLAYED_RECVPKTINFO 1226
struct played_pktinfo { struct in_addr ipi_addr; unsigned ipi_ifindex; };

#if defined PLAY_DSTADDR
#undef IP_PKTINFO
#define IP_RECVDSTADDR PLAYED_DSTADDR
#define IP_SENDSRCADDR PLAYED_DSTADDR
#elif defined PLAY_RECVPKTINFO
#undef IP_PKTINFO
#define IP_PKTINFO PLAYED_PKTINFO
#define IP_RECVPKTINFO PLAYED_RECVPKTINFO
#define in_pktinfo played_pktinfo
#define ipi_spec_dst ipi_addr
#endif
