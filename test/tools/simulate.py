"""simulate.py SEED SECONDS BINARY: clients, upstreams, lists and signals at random, through real sockets.

Run in a network namespace of its own.  What must hold, whatever happens: each question by UDP gets one answer and no more, in
time, with its id, its question and what belongs to its name; hits are answered at once and right; nothing forged comes through;
no option for one hop goes up or comes down; a TCP client gets its answers; the daemon ends as it should.
The names say what an upstream does with them: KIND-NUMBER.test.
"""
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

seed, seconds, binary = int(sys.argv[1]), float(sys.argv[2]), os.path.abspath(sys.argv[3])
dice = random.Random(seed)
work = tempfile.mkdtemp(prefix="simulate.")
total = dice.choice([1, 2, 3])
KINDS = ["plain"] * 6 + ["slow", "lost", "mute", "servfail", "bare", "referral", "cut", "padded", "forged", "cookie", "nothing"]
faults, asked, answered = [], 0, 0


def fault(*words):
    faults.append(words)
    if len(faults) <= 10:
        print("seed %d: %.2f s:" % (seed, time.monotonic() - began), *words, flush=True)


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def text(message):
    at, labels = 12, []
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1"))
        at += 1 + message[at]
    return ".".join(labels), at + 5


def address(name):
    return struct.pack(">I", zlib.crc32(name.lower().encode()) | 1)


def reply(message, flags=0x8180, forged=False, extra=b"", additional=0):
    name, end = text(message)
    data = b"\6\6\6\6" if forged else address(name)
    records = b"" if flags & 0x20f else b"\xc0\x0c\0\1\0\1\0\0\0\5\0\4" + data
    return message[:2] + struct.pack(">HHHHH", flags, 1, bool(records), 0, additional) + message[12:end] + records + extra


class Upstream:
    """One nameserver: it follows what the name says, and may be away for a while."""

    def __init__(self, ip):
        self.ip, self.udp, self.tcp, self.conns, self.seen = ip, None, None, [], set()
        self.open()

    def open(self):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((self.ip, 53))
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((self.ip, 53))
        self.tcp.listen(50)

    def close(self):
        for s in [self.udp, self.tcp] + [c[0] for c in self.conns]:
            s.close()
        self.udp, self.tcp, self.conns = None, None, []

    def readable(self):
        message, peer = self.udp.recvfrom(65535)
        out = self.udp
        for delay, data in self.replies(message, False):
            later(delay, lambda d=data: out.fileno() >= 0 and out.sendto(d, peer))

    def replies(self, message, stream):
        """What goes back: pairs of seconds and octets."""
        name, end = text(message)
        kind, first = name.split("-")[0].lower(), name not in self.seen
        self.seen.add(name)
        if b"\0\x0a\0\x08" in message[end:] or b"\0\x0b\0\0" in message[end:]:
            fault("an option for one hop went up", name)
        if kind == "mute" or (kind == "lost" and first and not stream):
            return []
        if kind == "slow":
            return [(dice.random() * 0.9, reply(message))]
        if kind in ("servfail", "nothing"):
            return [(0, reply(message, 0x8182 if kind == "servfail" else 0x8183))]
        if kind == "bare":
            return [(0, message[:2] + b"\x81\x05" + bytes(8))]
        if kind == "referral":
            return [(0, reply(message, 0x8000)[:end])]
        if kind == "cut" and not stream:
            return [(0, reply(message, 0x8380))]
        if kind == "padded":
            return [(0, reply(message, extra=b"\0" * 7))]
        if kind == "cookie":
            return [(0, reply(message, extra=b"\0\0\x29\4\xd0\0\0\0\0\0\0", additional=1))]
        if kind == "forged" and not stream:
            bad = reply(message, forged=True)
            wrong = bytes([bad[0] ^ 1]) + bad[1:]
            other = bad[:13] + bytes([bad[13] ^ 1]) + bad[14:]
            return [(0, wrong), (0, other), (0, bad[:-3]), (0.01, reply(message))]
        return [(0, reply(message))]


class Conn:
    """A stream that brings framed messages, ours or a client's."""

    def __init__(self, sock, take):
        self.sock, self.take, self.have = sock, take, b""

    def readable(self):
        try:
            data = self.sock.recv(65535)
        except OSError:
            data = b""
        self.have += data
        while len(self.have) >= 2 and len(self.have) - 2 >= (n := struct.unpack(">H", self.have[:2])[0]):
            self.take(self.have[2:2 + n])
            self.have = self.have[2 + n:]
        return bool(data)


timers, flying, repeated, socks, streams = [], {}, set(), [], []


def later(delay, act):
    timers.append((time.monotonic() + delay, act))


def check(message, name, rcodes):
    got, end = text(message)
    rcode, tc = message[3] & 15, message[2] & 2
    if got != name:
        fault("another question came back", name, got)
    if b"\6\6\6\6" in message[end:]:
        fault("a forged answer came through", name)
    if b"\0\x0a\0\x08" in message[end:]:
        fault("a cookie came down", name)
    if rcode not in rcodes:
        fault("rcode", rcode, name)
    if rcode == 0 and not tc and address_of(name) not in message[end:] and not name.lower().startswith("referral"):
        fault("a wrong address", name)
    if name.startswith("ws") and rcode:
        fault("a hit failed", name)


def address_of(name):
    return bytes([10, 4, 0, int(name[2:].split(".")[0])]) if name.startswith("ws") else address(name)


def name_draw():
    if dice.random() < 0.4:
        return "ws%d.lab" % dice.randrange(256)
    name = "%s-%d.test" % (dice.choice(KINDS), dice.randrange(40) if dice.random() < 0.5 else dice.randrange(10 ** 6))
    return "".join(c.upper() if dice.random() < 0.1 else c for c in name)


def question(name):
    opt = dice.choice([b"", b"", b"\0\0\x29\4\xd0\0\0\0\0\0\0", b"\0\0\x29\4\xd0\0\0\0\0\0\x0c\0\x0a\0\x08abcdefgh"])
    ident = dice.randrange(65536)
    return ident, struct.pack(">HHHHHH", ident, 0x100, 1, 0, 0, bool(opt)) + wire(name) + b"\0\1\0\1" + opt


def ask_udp():
    global asked
    sock, name = dice.choice(socks), name_draw()
    ident, message = question(name)
    if (sock, ident) in flying or (sock, ident) in repeated:
        return
    flying[sock, ident] = (name, time.monotonic())
    asked += 1
    sock.send(message)
    if dice.random() < 0.05 and not name.lower().startswith("ws"):
        later(0.001, lambda: again(sock, ident, message))


def again(sock, ident, message):
    """A client repeats itself, once; where the answer has come meanwhile it is another question."""
    if (sock, ident) in flying:
        repeated.add((sock, ident))
        sock.send(message)


def udp_answer(sock):
    global answered
    try:
        message = sock.recv(65535)
    except ConnectionRefusedError:
        fault("the port is closed")
        return
    key = sock, struct.unpack(">H", message[:2])[0]
    if key not in flying:
        if key not in repeated:
            fault("an answer that nobody waits for", text(message)[0])
        repeated.discard(key)
        return
    name, since = flying.pop(key)
    answered += 1
    check(message, name, (0, 2, 3, 5))
    if name.startswith("ws") and time.monotonic() - since > 0.5:
        fault("a hit was late", name, time.monotonic() - since)


def ask_tcp():
    sock = socket.create_connection(("127.0.0.1", 53), 1)
    wanted = {}
    for _ in range(dice.randrange(1, 6)):
        name = name_draw()
        ident, message = question(name)
        if ident in wanted:
            continue
        wanted[ident] = name
        sock.send(struct.pack(">H", len(message)) + message)

    def take(message):
        name = wanted.pop(struct.unpack(">H", message[:2])[0], None)
        if name is None:
            fault("an answer by TCP that nobody asked for")
        else:
            check(message, name, (0, 2, 3, 5))
    streams.append((Conn(sock, take), wanted))
    end = dice.choice([0.01, total + 2, total + 2])
    later(end, sock.close)


def list_write():
    chosen = dice.sample(upstreams, dice.randrange(1, len(upstreams) + 1))
    lines = ["nameserver %s\n" % u.ip for u in chosen] + ["options timeout:1 attempts:%d\n" % total]
    with open(work + "/new", "w", encoding="ascii") as f:
        f.writelines(lines)
    os.rename(work + "/new", work + "/resolv.conf")


def mischief():
    what = dice.randrange(6)
    u = dice.choice(upstreams)
    if what < 2 and u.udp:
        u.close()
        later(dice.random() * 2, lambda: u.udp or u.open())
    elif what == 2:
        list_write()
    elif what == 3:
        daemon.send_signal(signal.SIGHUP)
    elif what == 4:
        daemon.send_signal(signal.SIGUSR1)


def step():
    readers = {s: lambda s=s: udp_answer(s) for s in socks}
    for u in upstreams:
        if u.udp:
            readers[u.udp] = u.readable
            readers[u.tcp] = lambda u=u: u.conns.append((c := u.tcp.accept()[0], serve(c, u)))
            readers.update({c: (lambda u=u, c=c, k=k: k.readable() or (c.close(), u.conns.remove((c, k)))) for c, k in u.conns})
    for s in list(streams):
        if s[0].sock.fileno() < 0:
            streams.remove(s)
        else:
            readers[s[0].sock] = lambda s=s: s[0].readable() or s[0].sock.close()
    for s in select.select(list(readers), [], [], 0.002)[0]:
        if s.fileno() >= 0:
            readers[s]()
    now = time.monotonic()
    due = [t for t in timers if t[0] <= now]
    timers[:] = [t for t in timers if t[0] > now]
    for t in due:
        t[1]()


def serve(sock, u):
    def take(message):
        for delay, data in u.replies(message, True):
            later(delay, lambda d=data: sock.fileno() >= 0 and sock.send(struct.pack(">H", len(d)) + d))
    return Conn(sock, take)


began = time.monotonic()
upstreams = [Upstream("127.0.0.%d" % (10 + n)) for n in range(dice.choice([1, 2, 3]))]
list_write()
log = open(work + "/log", "w+", encoding="latin-1")
daemon = subprocess.Popen([binary, "-l", "127.0.0.1", "-r", work + "/resolv.conf", "-u", "root", "-o", "ws.lab", "10.4"], stderr=log)
while "ready" not in open(work + "/log", encoding="latin-1").read():
    time.sleep(0.02)
    if time.monotonic() - began > 5:
        sys.exit("no start: " + open(work + "/log", encoding="latin-1").read())
for _ in range(20):
    socks.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    socks[-1].connect(("127.0.0.1", 53))
while time.monotonic() - began < seconds:
    for _ in range(dice.randrange(3)):
        ask_udp()
    if dice.random() < 0.02:
        ask_tcp()
    if dice.random() < 0.004:
        mischief()
    step()
    limit = time.monotonic() - total - 1
    for key in [k for k, v in flying.items() if v[1] < limit]:
        fault("no answer", *flying.pop(key))
end = time.monotonic() + total + 1.5
while time.monotonic() < end and (flying or streams):
    step()
for name, since in flying.values():
    fault("no answer", name)
daemon.send_signal(signal.SIGTERM)
try:
    if daemon.wait(2.5) != 0:
        fault("status", daemon.returncode)
except subprocess.TimeoutExpired:
    fault("it does not end")
    daemon.kill()
said = open(work + "/log", encoding="latin-1").read()
if "Sanitizer" in said or "runtime error" in said:
    fault(said[said.find("rror") - 200:][:1500])
print("seed=%d asked=%d answered=%d faults=%d" % (seed, asked, answered, len(faults)))
sys.exit(bool(faults))
