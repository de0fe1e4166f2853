#!/usr/bin/env python3
"""Subscribers of a published stream, in the words of docs/wire.md: each counts what it is given and what it is told it lost.

As a program of its own it runs one publisher with some that read, some that stand still until near the end, and some that never
read, and prints what became of each:

    AUP=.build/release/aup Tests/Bench/subscribers.py --readers 20 --stopped 4 --dead 4 --seconds 4 [-- --latency 20ms]
"""

import argparse
import binascii
import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import time


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
HEADER = struct.Struct("<4sBBHIIQq")
AUDIO, SILENCE, GAP, END = 2, 3, 4, 6


class Subscriber:
    """Counts the frames and the lost frames of a stream of s16 stereo."""

    def __init__(self, place):
        """`place` is a path, or a port of this machine."""
        connection = socket.socket(socket.AF_UNIX if isinstance(place, str) else socket.AF_INET)
        connection.connect(place if isinstance(place, str) else ("127.0.0.1", place))
        connection.sendall(HELLO)
        self.begin(connection, is_greeted=False)

    @classmethod
    def of(cls, connection):
        """Reads packets from a connection on which nobody greets."""
        self = cls.__new__(cls)
        self.begin(connection, is_greeted=True)
        return self

    def begin(self, connection, is_greeted):
        self.socket = connection
        self.waiting = b""
        self.is_greeted = is_greeted
        # What it heard, what it was too slow for, and what was missing in the stream before it was published.
        self.frames = self.lost = self.missing = 0
        # Where the first packet began, what comes next, the total that the end told, whether anything was not in its place.
        self.first = self.next = self.total = self.told_lost = None
        self.broken = ""
        self.delays = []

    @property
    def is_exact(self):
        """Every frame from the first on to the end was there or was named lost."""
        lost = self.lost + self.missing
        return not self.broken and self.frames + lost == self.total and lost == self.told_lost

    def is_whole(self, published):
        """To the frame from where it began to where the publisher's source ended."""
        return (self.first or 0) + self.frames + self.lost + self.missing == published

    def drain(self, published):
        """What lies in the socket of one that never read, once the publisher is gone; all else it has lost."""
        self.socket.settimeout(5)
        while self.read():
            pass
        self.lost = published - (self.first or 0) - self.frames - self.missing

    def read(self):
        """False at the end."""
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionError:
            data = b""
        if not data:
            return False
        now = time.monotonic_ns()
        waiting = self.waiting + data if self.waiting else data
        at, size = 0, len(waiting)
        if not self.is_greeted:
            if size < 8 or size < 12 + struct.unpack_from("<H", waiting, 6)[0]:
                self.waiting = waiting
                return True
            at = 12 + struct.unpack_from("<H", waiting, 6)[0]
            self.is_greeted = True
        while size - at >= 32:
            _, _, kind, flags, _, length, sequence, position = struct.unpack_from("<3sBBBHIIQ", waiting, at)
            whole = 32 + (length + (4 if flags & 2 else 0) + 7) // 8 * 8
            if size - at < whole:
                break
            self.take(kind, waiting, at, length, position, now)
            at += whole
        self.waiting = waiting[at:]
        return True

    def take(self, kind, data, at, length, position, now):
        frames = 0
        if kind == AUDIO:
            frames = length // 4
            self.frames += frames
            when = struct.unpack_from("<q", data, at + 24)[0]
            if when:
                self.delays.append(now - when)
        elif kind in (SILENCE, GAP):
            frames = struct.unpack_from("<q", data, at + 32)[0]
            if kind == GAP:
                # Who saw it first: the publisher, or a command before it.
                if data[at + 48:at + 32 + length] == b"stream":
                    self.lost += frames
                else:
                    self.missing += frames
            else:
                self.frames += frames
        elif kind == END:
            self.total, self.told_lost = struct.unpack_from("<qq", data, at + 32)
            return
        if self.first is None and frames:
            self.first = self.next = position
        if self.next is not None and self.next != position:
            self.broken = self.broken or f"at {position}, not at {self.next}"
        if frames:
            self.next = position + frames


def packet(payload, sequence, position, when):
    """An audio packet without a check of its payload."""
    head = bytearray(HEADER.pack(b"aup\x01", AUDIO, 1, 0, len(payload), sequence, position, when))
    struct.pack_into("<H", head, 6, binascii.crc_hqx(bytes(head), 0xFFFF))
    return bytes(head) + payload + bytes(-len(payload) % 8)


def fan_out(aup, place, readers, stopped, seconds, options=(), source="sim:sine", during=lambda pid, passed: None, dead=0):
    """Publishes for a while; some read all the time, some only at the end, some never.

    Returns the objects that the publisher said, and the subscribers: those that read first, those that never do last.
    """
    listen = f"unix:{place}" if isinstance(place, str) else f"tcp:127.0.0.1:{place}"
    capture = subprocess.Popen(
        [aup, "capture", "-q", "-D", source, "-c", "2", "-f", "s16", "-d", f"{seconds + 2}s"], stdout=subprocess.PIPE)
    errors = tempfile.TemporaryFile("w+")
    publisher = subprocess.Popen(
        [aup, "stream", "--listen", listen, "--json", "--stats=1", *options], stdin=capture.stdout, stderr=errors)
    capture.stdout.close()
    subscribers = []
    deadline = time.monotonic() + 10
    while len(subscribers) < readers + stopped + dead:
        try:
            subscribers.append(Subscriber(place))
        except OSError:
            if time.monotonic() > deadline or publisher.poll() is not None:
                errors.seek(0)
                sys.exit(f"{sys.argv[0]}: nobody publishes: {errors.read()}")
            time.sleep(0.02)
    selector = selectors.DefaultSelector()
    for subscriber in subscribers[:readers]:
        selector.register(subscriber.socket, selectors.EVENT_READ, subscriber)
    still = subscribers[readers:readers + stopped]
    begun = time.monotonic()
    while selector.get_map() or still:
        for key, _ in selector.select(0.2):
            if not key.data.read():
                selector.unregister(key.fileobj)
        passed = time.monotonic() - begun
        during(publisher.pid, passed)
        if still and passed > seconds:
            # Those who stood still read on, so that they learn what they lost.
            for subscriber in still:
                selector.register(subscriber.socket, selectors.EVENT_READ, subscriber)
            still = []
        if passed > 2 * seconds + 60:
            sys.exit(f"{sys.argv[0]}: the stream does not end")
    publisher.wait(timeout=20)
    capture.wait(timeout=20)
    errors.seek(0)
    said = [json.loads(line) for line in errors if line.startswith("{")]
    for subscriber in subscribers[readers + stopped:]:
        subscriber.drain(published(said))
    for subscriber in subscribers:
        subscriber.socket.close()
    return said, subscribers


def published(said):
    """Frames of the stream, those included that were missing when it came."""
    return said[-1]["frames"] + said[-1]["lost_frames"]


def accounts(said, subscribers):
    """How the publisher's account of those who left agrees with their own."""
    left = sorted((int(one["frames"]), int(one["lost_frames"])) for one in said if one["event"] == "peer_left")
    return left == sorted((one.frames, one.lost) for one in subscribers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--stopped", type=int, default=4)
    parser.add_argument("--dead", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("options", nargs="*", help="of aup stream, behind --")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        said, subscribers = fan_out(
            os.environ["AUP"], f"{folder}/s", words.readers, words.stopped, words.seconds, words.options,
            dead=words.dead)
    end = said[-1]
    reading = words.readers + words.stopped
    print(json.dumps({
        "published": published(said), "exit": end["exit"], "dropped": end["dropped_frames"], "given": end["given_frames"],
        "lost_by_readers": sum(one.lost for one in subscribers[:words.readers]),
        "lost_by_stopped": [one.lost for one in subscribers[words.readers:reading]],
        "lost_by_dead": [one.lost for one in subscribers[reading:]],
        "exact": sum(one.is_exact for one in subscribers),
        "whole": sum(one.is_whole(published(said)) for one in subscribers),
        "same_account": accounts(said, subscribers), "broken": [one.broken for one in subscribers if one.broken],
        "queue_fill_most": max((one.get("queue_fill_most") or 0) for one in said if one["event"] == "status"),
        "subscribers_told": max((len(one.get("subscribers", [])) for one in said if one["event"] == "status"), default=0),
    }))


if __name__ == "__main__":
    main()
