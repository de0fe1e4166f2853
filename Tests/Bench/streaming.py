#!/usr/bin/env python3
"""One stream to two hundred subscribers, of which ten stand still and ten never read: what each is given and loses, to the frame, what it
costs beside others, and how long a packet takes from one process to the next."""

import selectors
import socket
import struct

from bench import *
from subscribers import Subscriber, accounts, fan_out, packet, published

SECONDS = 8 if QUICK else 60
READERS, STOPPED, DEAD = 180, 20, 10
ALL = READERS + STOPPED
# What aup capture gives in one packet, 10 ms, and what the others are told to give.
PACKET_BYTES, PACKETS_A_SECOND = 1920, 100
need("gst-launch-1.0", "socat", "ffmpeg")


class Bill:
    """Processor time of a publisher while everybody is there."""

    def __init__(self):
        self.looks = []

    def look(self, pid, passed):
        if 1 < passed < SECONDS and (not self.looks or passed - self.looks[-1][0] > 0.5):
            self.looks.append((passed, processor_seconds(pid), most_memory(pid)))

    @property
    def part(self):
        """Of one processor."""
        first, last = self.looks[0], self.looks[-1]
        return (last[1] - first[1]) / (last[0] - first[0])

    @property
    def memory(self):
        third = len(self.looks) // 3
        return f"{self.looks[third][2]:.1f} {self.looks[2 * third][2]:.1f} MiB"


def ours(place, stopped, exact):
    bill = Bill()
    dead = DEAD if exact else 0
    said, subscribers = fan_out(AUP, place, ALL - stopped, stopped - dead, SECONDS, during=bill.look, dead=dead)
    if not exact:
        return bill
    end, readers, still = said[-1], subscribers[:ALL - stopped], subscribers[ALL - stopped:]
    never = still[stopped - dead:]
    row(f"{SECONDS} s to {len(readers)} subscribers that read and {stopped} that do not: frames lost by those that read",
        sum(one.lost for one in readers), "", "", "", 0)
    row("the same, lost by each that stood still", f"{min(one.lost for one in still)} to "
        f"{max(one.lost for one in still)} of {end['frames']}", "", "", "", "")
    row("the same, subscribers whose frames and lost frames are what was sent since they came, to the frame",
        sum(one.is_exact and one.is_whole(published(said)) for one in subscribers), "", "", "",
        ALL - dead)
    row(f"the same, of the {len(never)} that never read: frames in their sockets at the end, and what that leaves",
        f"{min(one.frames for one in never)} to {max(one.frames for one in never)}, "
        f"{min(one.lost for one in never)} to {max(one.lost for one in never)}", "", "", "", "")
    row("the same, the publisher's account of each that left", "the same" if accounts(said, subscribers) else "ANOTHER", "", "",
        "", "the same")
    row("the same, memory of the publisher after a third and two thirds", bill.memory, "", "", "", "flat")
    return bill


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_all(sockets, seconds, pids):
    """Reads for so long; the part of a processor that the processes used meanwhile."""
    selector = selectors.DefaultSelector()
    for one in sockets:
        selector.register(one, selectors.EVENT_READ)
    used = lambda: sum(processor_seconds(pid) for pid in pids())
    begun, before, got = time.monotonic(), used(), 0
    while time.monotonic() - begun < seconds:
        for key, _ in selector.select(0.5):
            try:
                data = key.fileobj.recv(1 << 18)
            except ConnectionError:
                data = b""
            got += len(data)
            if not data:
                selector.unregister(key.fileobj)
    passed = time.monotonic() - begun
    part = (used() - before) / passed
    wanted = len(sockets) * passed * PACKET_BYTES * PACKETS_A_SECOND
    if got < 0.9 * wanted:
        note(f"only {got / wanted:.0%} of the sound came")
    return part


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as line:
        return [int(word) for word in line.read().split()]


def gstreamer(stopped):
    """tcpserversink, which is multisocketsink with a listener."""
    port = free_port()
    child = subprocess.Popen(
        ["gst-launch-1.0", "-q", "audiotestsrc", "is-live=true", "samplesperbuffer=480", "!",
         "audio/x-raw,rate=48000,channels=2,format=S16LE", "!", "tcpserversink", f"port={port}", "host=127.0.0.1"],
        stderr=subprocess.DEVNULL)
    sockets, deadline = [], time.monotonic() + 10
    while len(sockets) < ALL and time.monotonic() < deadline:
        try:
            sockets.append(socket.create_connection(("127.0.0.1", port)))
        except OSError:
            time.sleep(0.05)
    used = read_all(sockets[:ALL - stopped], SECONDS, lambda: [child.pid])
    child.terminate()
    child.wait()
    return used


def socat():
    """socat has no fan-out of a pipe: what it has is a child for each who connects, which follows a file that grows."""
    path, file = f"{SCRATCH}/socat", f"{SCRATCH}/grows"
    writer = open(file, "wb")
    child = subprocess.Popen(
        ["socat", "-U", f"UNIX-LISTEN:{path},fork,backlog=256", f"OPEN:{file},rdonly,seek-end,ignoreeof"])
    while not os.path.exists(path):
        time.sleep(0.02)
    capture = subprocess.Popen(
        [AUP, "capture", "-q", "-D", "sim:sine", "-c", "2", "-f", "s16", "--as", "raw", "-d", f"{SECONDS + 20}s"], stdout=writer)
    sockets = []
    for _ in range(ALL):
        one = socket.socket(socket.AF_UNIX)
        one.connect(path)
        sockets.append(one)
    time.sleep(1.5)
    used = read_all(sockets, SECONDS, lambda: [child.pid, *children(child.pid)])
    for pid in children(child.pid):
        os.kill(pid, signal.SIGTERM)
    for process in (child, capture):
        process.terminate()
        process.wait()
    return used


def ffmpeg():
    """The tee muxer to as many sockets, at which somebody has to listen."""
    listeners = []
    for number in range(ALL):
        one = socket.socket(socket.AF_UNIX)
        one.bind(f"{SCRATCH}/f{number}")
        one.listen(1)
        listeners.append(one)
    outputs = "|".join(f"[f=s16le:flush_packets=1]unix://{SCRATCH}/f{number}" for number in range(ALL))
    capture = subprocess.Popen(
        [AUP, "capture", "-q", "-D", "sim:sine", "-c", "2", "-f", "s16", "--as", "raw", "-d", f"{SECONDS + 20}s"],
        stdout=subprocess.PIPE)
    child = subprocess.Popen(
        ["ffmpeg", "-nostdin", "-v", "error", "-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "pipe:0", "-map", "0", "-c",
         "copy", "-f", "tee", outputs], stdin=capture.stdout)
    capture.stdout.close()
    sockets = []
    for one in listeners:
        one.settimeout(20)
        sockets.append(one.accept()[0])
    time.sleep(1)
    used = read_all(sockets, SECONDS, lambda: [child.pid])
    for process in (child, capture):
        process.terminate()
        process.wait()
    return used


def stolen():
    """Jiffies that the host took away, and all: /proc/stat, proc(5)."""
    with open("/proc/stat") as stat:
        numbers = [int(word) for word in stat.readline().split()[1:9]]
    return numbers[7], sum(numbers)


def stamped(payload, count, ends):
    """Gives each end in turn a packet that says when it was whole, every 5 ms, and waits until it is in a reader's hands."""
    for number in range(count):
        for pipe, reader in ends:
            time.sleep(0.005)
            pipe.write(packet(payload, number + 1, number * 240, time.monotonic_ns()))
            pipe.flush()
            before = len(reader.delays)
            while len(reader.delays) == before:
                reader.read()


def part(delays, of):
    """Milliseconds that so many of a hundred were within."""
    return sorted(delays)[min(len(delays) * of // 100, len(delays) - 1)] / 1e6


def publish(name, head):
    """An aup stream that listens, given the head of a stream, and a subscriber here."""
    path = f"{SCRATCH}/{name}"
    publisher = subprocess.Popen(
        [AUP, "stream", "--json", "--listen", f"unix:{path}"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    publisher.stdin.write(head)
    publisher.stdin.flush()
    while not os.path.exists(path):
        time.sleep(0.02)
    subscriber = Subscriber(path)
    subscriber.socket.settimeout(2)
    return publisher, subscriber


def passed_on():
    """socat, which passes on what it reads, and a reader here."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{SCRATCH}/bare")
        listener.listen(1)
        listener.settimeout(10)
        passer = subprocess.Popen(["socat", "-u", "-", f"UNIX-CONNECT:{SCRATCH}/bare"], stdin=subprocess.PIPE)
        reader = Subscriber.of(listener.accept()[0])
    reader.socket.settimeout(2)
    return passer, reader


def said_last(process):
    process.stdin and process.stdin.close()
    return json.loads(process.stderr.read().splitlines()[-1])


def hop():
    """Packets of 5 ms whose capture time is the moment in which they were written, through a pipe into aup stream and from its
    socket to a subscriber here: how old they are when they arrive. In turn with them the same packets through socat: the same
    two wake-ups and nothing else. Then from an aup stream that has another subscriber, which is aup too."""
    # An aup stream's own format packet, live and on this machine's clock.
    sample = subprocess.run(
        [AUP, "capture", "-q", "-D", "sim:sine", "-c", "2", "-f", "s16", "-d", "5ms"], capture_output=True, check=True).stdout
    head = sample[:32 + (struct.unpack_from("<I", sample, 8)[0] + 4 + 7) // 8 * 8]
    payload, count = bytes(960), 400 if QUICK else 4000
    publisher, subscriber = publish("hop", head)
    passer, peer = passed_on()
    time.sleep(0.5)
    before = stolen()
    stamped(payload, count, [(publisher.stdin, subscriber), (passer.stdin, peer)])
    taken, all_of_it = (now - then for now, then in zip(stolen(), before))
    load = open("/proc/loadavg").read().split()[0]
    here = said_last(publisher)
    passer.stdin.close()
    passer.wait(timeout=10)

    publisher, second = publish("two", head)
    other = subprocess.Popen(
        [AUP, "stream", "--json", "--connect", f"unix:{SCRATCH}/two"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(0.5)
    stamped(payload, count // 4, [(publisher.stdin, second)])
    said_last(publisher)
    there = said_last(other)

    where = f"a packet from a pipe through `aup stream` to a subscriber's hands, half of them (load {load}, "
    for name, of, wanted in ((f"{where}{taken / all_of_it:.0%} stolen)", 50, "≤ 0.1 ms"), ("the same, 99 of 100", 99, "≤ 2 ms")):
        mine, theirs = part(subscriber.delays, of), part(peer.delays, of)
        row(name, f"{mine:.3f} ms", "socat", f"{theirs:.3f} ms", f"{mine / theirs:.2f}", wanted)
    row("the same, out of the pipe and into the socket, half of each; into the socket, 99 of 100",
        f"{here['age_ms_p50']:.3f}, {here['given_age_ms_p50']:.3f}; {here['given_age_ms_p99']:.3f} ms", "", "", "", "")
    row("the same, the socket's hop: from there into the subscriber's hands, half of each",
        f"{part(subscriber.delays, 50) - here['given_age_ms_p50']:.3f} ms", "", "", "", "≤ 0.1 ms")
    row("a packet to two subscribers, in the hands of `aup stream --connect`, half and 99 of 100",
        f"{there['age_ms_p50']:.3f}, {there['age_ms_p99']:.3f} ms", "", "", "", "")


def cost(name, mine, peer, theirs, wanted="≤ 1"):
    row(f"{name}, processor time a subscriber and second of sound", f"{mine * 1e6 / ALL:.1f} µs", peer,
        f"{theirs * 1e6 / ALL:.1f} µs", f"{mine / theirs:.2f}", wanted)


only = [word for word in sys.argv[1:] if not word.startswith("-")]
if not only or "hop" in only:
    hop()
if not only or "fan" in only:
    unix = ours(f"{SCRATCH}/fan", STOPPED, exact=True).part
    cost(f"{ALL} at Unix sockets, {STOPPED} of them still", unix, "tcpserversink, TCP", gstreamer(STOPPED))
    cost(f"{ALL} at TCP, {STOPPED} of them still", ours(free_port(), STOPPED, exact=False).part, "tcpserversink, TCP",
         gstreamer(STOPPED))
    unix = ours(f"{SCRATCH}/fan2", 0, exact=False).part
    cost(f"{ALL} at Unix sockets, all read", unix, "ffmpeg tee, Unix", ffmpeg())
    cost(f"{ALL} at Unix sockets, all read", unix, "socat, a child each that looks once a second", socat(), "")
