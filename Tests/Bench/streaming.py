#!/usr/bin/env python3
"""One stream to two hundred subscribers, twenty of which stand still: what each is given and loses, to the frame, what it
costs beside GStreamer, and how long a packet takes from one process to the next."""

import binascii
import selectors
import socket
import struct

from bench import *

SECONDS = 8 if QUICK else 60
READERS, STOPPED = 180, 20
need("gst-launch-1.0")


def crc32c(data):
    check = 0xFFFFFFFF
    for byte in data:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ 0x82F63B78 if check & 1 else check >> 1
    return check ^ 0xFFFFFFFF


def greeting(kind, text):
    """docs/wire.md, Sockets."""
    head = b"aupG" + struct.pack("<BBH", 1, kind, len(text)) + text
    return head + struct.pack("<I", crc32c(head))


HELLO = greeting(1, b"role=subscribe\ncodec=any\n")


class Subscriber:
    """Counts the frames and the lost frames of a stream of s16 stereo, and nothing else."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.sendall(HELLO)
        self.waiting = b""
        self.is_greeted = self.has_ended = False
        self.frames = self.lost = 0
        self.delays = []

    def read(self):
        """False at the end."""
        data = self.socket.recv(1 << 18)
        if not data:
            return False
        now = time.monotonic_ns()
        self.waiting += data
        at = 0
        if not self.is_greeted:
            if len(self.waiting) < 8:
                return True
            at = 12 + struct.unpack_from("<H", self.waiting, 6)[0]
            if len(self.waiting) < at:
                return True
            self.is_greeted = True
        while len(self.waiting) - at >= 32:
            kind, flags, length, when = struct.unpack_from("<4xBB2xI12xq", self.waiting, at)
            size = 32 + (length + (4 if flags & 2 else 0) + 7) // 8 * 8
            if len(self.waiting) - at < size:
                break
            if kind == 2:
                self.frames += length // 4
                if when:
                    self.delays.append(now - when)
            elif kind == 4:
                self.lost += struct.unpack_from("<q", self.waiting, at + 32)[0]
            elif kind == 6:
                self.has_ended = True
            at += size
        self.waiting = self.waiting[at:]
        return True


def fan_out():
    path = f"{SCRATCH}/fan"
    capture = subprocess.Popen(
        [AUP, "capture", "-q", "-D", "sim:sine?channels=2", "-f", "s16", "-d", f"{SECONDS + 3}s"],
        stdout=subprocess.PIPE)
    errors = open(f"{SCRATCH}/fan.json", "w+")
    publisher = subprocess.Popen(
        [AUP, "stream", "--listen", f"unix:{path}", "--json"], stdin=capture.stdout, stderr=errors)
    capture.stdout.close()
    while not os.path.exists(path):
        time.sleep(0.02)
    subscribers = [Subscriber(path) for _ in range(READERS + STOPPED)]
    selector = selectors.DefaultSelector()
    for subscriber in subscribers[:READERS]:
        selector.register(subscriber.socket, selectors.EVENT_READ, subscriber)
    stopped = set(subscribers[READERS:])
    begun, memory = time.monotonic(), []
    while selector.get_map():
        for key, _ in selector.select(1):
            if not key.data.read():
                selector.unregister(key.fileobj)
        if stopped and time.monotonic() - begun > SECONDS:
            # Those who stood still read on, so that they learn what they lost.
            for subscriber in stopped:
                selector.register(subscriber.socket, selectors.EVENT_READ, subscriber)
            stopped = set()
        if len(memory) < 2 and time.monotonic() - begun > (1 + len(memory)) * SECONDS / 3:
            memory.append(most_memory(publisher.pid))
    publisher.wait()
    capture.wait()
    errors.seek(0)
    said = [json.loads(line) for line in errors if line.startswith("{")]
    end = said[-1]
    left = sorted((int(one["frames"]), int(one["lost_frames"])) for one in said if one["event"] == "peer_left")
    seen = sorted((one.frames, one.lost) for one in subscribers)
    slow = [one.lost for one in subscribers[READERS:]]
    row(f"{SECONDS} s to {READERS} subscribers that read and {STOPPED} that do not: frames lost by those that read",
        sum(one.lost for one in subscribers[:READERS]), "", "", "", "0")
    row("the same, lost by those that stood still", f"{min(slow)} to {max(slow)}", "what the publisher says",
        "the same" if left == seen else "something else", "", "the same")
    row("the same, ended as they should", sum(one.has_ended for one in subscribers), "", "", "", READERS + STOPPED)
    row("the same, memory of the publisher after a third and two thirds", " ".join(f"{one:.1f}" for one in memory)
        + " MiB", "", "", "", "flat")
    return end["cpu_seconds"] / (SECONDS + 3)


def gstreamer():
    """tcpserversink, which is multisocketsink with a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = subprocess.Popen(
        ["gst-launch-1.0", "-q", "audiotestsrc", "is-live=true", "samplesperbuffer=480", "!",
         "audio/x-raw,rate=48000,channels=2,format=S16LE", "!", "tcpserversink", f"port={port}", "host=127.0.0.1"],
        stderr=subprocess.DEVNULL)
    sockets = []
    deadline = time.monotonic() + 10
    while len(sockets) < READERS + STOPPED and time.monotonic() < deadline:
        try:
            sockets.append(socket.create_connection(("127.0.0.1", port)))
        except OSError:
            time.sleep(0.05)
    selector = selectors.DefaultSelector()
    for one in sockets[:READERS]:
        selector.register(one, selectors.EVENT_READ)
    begun, before = time.monotonic(), processor_seconds(child.pid)
    while time.monotonic() - begun < SECONDS:
        for key, _ in selector.select(0.5):
            key.fileobj.recv(1 << 18)
    used = (processor_seconds(child.pid) - before) / (time.monotonic() - begun)
    child.terminate()
    child.wait()
    return used


def packet(kind, payload, sequence, position, when, flags=1):
    body = payload + bytes(-len(payload) % 8 if not flags & 2 else -(len(payload) + 4) % 8)
    if flags & 2:
        body += struct.pack("<I", crc32c(body))
    head = bytearray(struct.pack("<4sBBHIIQq", b"aup\x01", kind, flags, 0, len(payload), sequence, position, when))
    struct.pack_into("<H", head, 6, binascii.crc_hqx(bytes(head), 0xFFFF))
    return bytes(head) + body


def hop():
    """Packets of 5 ms whose capture time is the moment in which they were written; when they arrive."""
    path = f"{SCRATCH}/hop"
    # An aup stream's own format packet, of another capture, live and on this machine's clock.
    sample = subprocess.run(
        [AUP, "capture", "-q", "-D", "sim:sine?channels=2&pace=real", "-f", "s16", "-d", "5ms"], capture_output=True,
        check=True).stdout
    size = 32 + (struct.unpack_from("<I", sample, 8)[0] + 4 + 7) // 8 * 8
    publisher = subprocess.Popen([AUP, "stream", "-q", "--listen", f"unix:{path}"], stdin=subprocess.PIPE)
    publisher.stdin.write(sample[:size])
    publisher.stdin.flush()
    while not os.path.exists(path):
        time.sleep(0.02)
    subscriber = Subscriber(path)
    subscriber.socket.settimeout(2)
    time.sleep(0.3)
    payload, delays = bytes(960), []
    for number in range(400 if QUICK else 4000):
        time.sleep(0.005)
        before = len(subscriber.delays)
        publisher.stdin.write(packet(2, payload, number + 1, number * 240, time.monotonic_ns()))
        publisher.stdin.flush()
        while len(subscriber.delays) == before:
            subscriber.read()
        delays.append(subscriber.delays[-1] / 1e6)
    publisher.stdin.close()
    publisher.wait()
    delays.sort()
    row("one hop, pipe to Unix socket, half of the packets", f"{delays[len(delays) // 2]:.3f} ms", "", "", "", "≤ 0.1 ms")
    row("the same, 99 of 100", f"{delays[len(delays) * 99 // 100]:.3f} ms", "", "", "", "≤ 2 ms")


ours, theirs = fan_out(), gstreamer()
row(f"publishing to {READERS + STOPPED}, processor time a second of sound", f"{ours * 1e3:.2f} ms",
    "tcpserversink", f"{theirs * 1e3:.2f} ms", f"{ours / theirs:.2f}", "≤ 1")
hop()
