"""What stories of Icecast need: sound whose frames can be counted, and servers that behave as they are told.

usage: radio.py port                       prints a port of loopback that is free
       radio.py count FRAMES               writes frames of two samples of 16 bits that hold their own number
       radio.py runs FILE                  prints as JSON which numbers follow each other in such samples: [[first, count], …]
       radio.py serve PORT NAME N[:S] …    takes a source for so many pages of sound each time, 0 for all, keeps it in NAME.1, …,
                                           and is away for S seconds (0.7) after it
                                           with RADIO_TLS=FILE over TLS, with the certificate and key in it; with
                                           RADIO_ROOM=BYTES the kernel takes no more than that of what was not read
       radio.py live                       makes what comes on standard input, an aup stream, a live one
       radio.py lie PORT KIND              answers otherwise than HTTP has it: garbage, half, endless, silent, hangup, STATUS
"""

import array
import json
import os
import socket
import ssl
import struct
import sys
import time

STEP = 4096


def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        print(probe.getsockname()[1])


def count(frames):
    for first in range(0, frames, STEP):
        numbers = range(first, min(first + STEP, frames))
        sys.stdout.buffer.write(struct.pack(f"<{len(numbers)}I", *numbers))


def runs(name):
    with open(name, "rb") as file:
        data = file.read()
    numbers = array.array("I", data[: len(data) // 4 * 4])
    found = []
    for number in numbers:
        if found and number == found[-1][0] + found[-1][1]:
            found[-1][1] += 1
        else:
            found.append([number, 1])
    print(json.dumps(found))


def listening(number):
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", number))
    place.listen(8)
    place.settimeout(60)
    if "RADIO_ROOM" in os.environ:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(os.environ["RADIO_ROOM"]))
    return place


def head(connection):
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(4096)
        if not piece:
            return None
        text += piece
    return text.decode()


class Pages:
    """Counts the pages of an Ogg stream as it comes; a page of sound has a granule that is not 0."""

    def __init__(self):
        self.rest = b""
        self.sound = 0

    def take(self, data):
        self.rest += data
        while len(self.rest) >= 27 and len(self.rest) >= 27 + self.rest[26]:
            size = 27 + self.rest[26] + sum(self.rest[27 : 27 + self.rest[26]])
            if len(self.rest) < size:
                return
            self.sound += struct.unpack("<q", self.rest[6:14])[0] > 0
            self.rest = self.rest[size:]


def serve(number, name, limits):
    for turn, (limit, away) in enumerate(limits, 1):
        # Between two turns nobody listens, as it is with a server that begins anew.
        place = listening(number)
        connection = accepted(place)
        connection.settimeout(60)
        with open(f"{name}.{turn}.head", "w", encoding="utf-8") as file:
            file.write(head(connection) or "")
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n")
        pages = Pages()
        with open(f"{name}.{turn}", "wb") as file:
            hangs_up = False
            while True:
                try:
                    piece = connection.recv(65536)
                except OSError:
                    break
                if not piece:
                    break
                pages.take(piece)
                file.write(piece)
                # What is on its way is still taken, until the other side has hung up too: a machine that closes at once
                # may have acknowledged pages that nobody reads.
                if limit and pages.sound >= limit and not hangs_up:
                    hangs_up = True
                    connection.shutdown(socket.SHUT_WR)
        place.close()
        connection.close()
        time.sleep(away)


def accepted(place):
    """The next source; over TLS the next that trusts the certificate."""
    while True:
        connection, _ = place.accept()
        if "RADIO_TLS" not in os.environ:
            return connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["RADIO_TLS"])
        try:
            return context.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()


def live():
    """Sets the flag in the format packet, and its check anew (docs/wire.md)."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    head = source.read(32)
    length = struct.unpack_from("<I", head, 8)[0]
    body = bytearray(source.read((length + 4 + 7) // 8 * 8))
    body[3] |= 1
    check = 0xFFFFFFFF
    for byte in body[:-4]:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ 0x82F63B78 if check & 1 else check >> 1
    struct.pack_into("<I", body, len(body) - 4, check ^ 0xFFFFFFFF)
    target.write(head + bytes(body))
    while piece := source.read(1 << 20):
        target.write(piece)


def lie(number, kind):
    place = listening(number)
    while True:
        connection, _ = place.accept()
        try:
            head(connection)
            if kind == "garbage":
                connection.sendall(bytes(range(256)) * 64)
            elif kind == "half":
                connection.sendall(b"HTTP/1.1 10")
            elif kind == "endless":
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while True:
                    connection.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")
            elif kind == "silent":
                time.sleep(30)
            elif kind.isdigit():
                connection.sendall(f"HTTP/1.0 {kind} Words\r\nContent-Length: 26\r\n\r\n<html>No &amp; \x1b[31m\0 no!".encode())
        except OSError:
            pass
        connection.close()


if __name__ == "__main__":
    what, words = sys.argv[1], sys.argv[2:]
    if what == "port":
        port()
    elif what == "count":
        try:
            count(int(words[0]))
        except BrokenPipeError:
            pass
    elif what == "runs":
        runs(words[0])
    elif what == "serve":
        serve(int(words[0]), words[1], [(int(word.split(":")[0]), float((word + ":0.7").split(":")[1])) for word in words[2:]])
    elif what == "live":
        live()
    elif what == "lie":
        lie(int(words[0]), words[1])
    else:
        sys.exit(__doc__)
