#!/usr/bin/env python3
"""Fuzzes what an HTTP server may answer to a whole `aup stream -o icecast:`, for SECONDS (default 60): answers of every kind, whole,
cut, doubled, with bytes changed, in pieces, before the head or after it, and a hang-up, orderly or not. Each run must end by itself,
with a status and not a signal, and with one line of words where it failed.

usage: http_client.py AUP [SECONDS] [SEED]
"""

import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

AUP = sys.argv[1]
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 60
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
# Most of a run is waiting for a server that says nothing.
WORKERS = 16
GO = b"HTTP/1.1 100 Continue\r\n\r\n"
FINE = b"HTTP/1.0 200 OK\r\n\r\n"
ANSWERS = [
    GO + FINE, FINE, GO, GO * 40, b"ICY 200 OK\r\n\r\n", bytes(range(256)), b"",
    b"HTTP/1.0 401 Authentication Required\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\nno",
    b"HTTP/1.0 403 Forbidden\r\nContent-Length: 17\r\n\r\nMountpoint in use",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    b"HTTP/1.1 500 No\r\nContent-Length: 99999999999999999999\r\n\r\n\x1b[31mred\0", b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 30000,
    b"HTTP/9.9 999 \xff\xfe\r\n\r\n", b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\n" + b"<p>" * 40000,
]


def changed(chance, answer):
    """An answer as it is, or not quite."""
    data = bytearray(answer)
    for _ in range(chance.choice([0, 0, 1, 2, 8])):
        how = chance.randrange(4)
        at = chance.randrange(len(data) + 1)
        if how == 0 and data:
            data[at % len(data)] ^= 1 << chance.randrange(8)
        elif how == 1:
            del data[at:]
        elif how == 2:
            data[at:at] = chance.choice(ANSWERS)[:chance.randrange(1, 200)]
        else:
            data[at:at] = chance.randbytes(chance.randrange(1, 40))
    return bytes(data)


def answer(connection, chance, data):
    connection.settimeout(0.3)
    try:
        if chance.random() < 0.8:
            connection.recv(4096)
        piece = chance.choice([1, 7, 100, 1 << 20])
        for at in range(0, len(data), piece):
            connection.sendall(data[at:at + piece])
            if piece < 100 and at > 64 * piece:
                piece = 1 << 20
        if chance.random() < 0.5:
            connection.recv(1 << 16)
        if chance.random() < 0.3:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    connection.close()


def serve(place, chance, data, is_over):
    place.settimeout(0.1)
    while not is_over.is_set():
        try:
            connection, _ = place.accept()
        except TimeoutError:
            continue
        answer(connection, chance, data)


def work(folder, number, counts, found, deadline):
    """One server, and one source after the other for it."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    place.listen(16)
    port = place.getsockname()[1]
    while time.monotonic() < deadline and not found:
        name = f"run {counts[number]} of worker {number}, seed {SEED}"
        chance = random.Random(SEED * 1_000_003 + number * 10_007 + counts[number])
        data = changed(chance, chance.choice(ANSWERS))
        is_over = threading.Event()
        server = threading.Thread(target=serve, args=(place, chance, data, is_over))
        server.start()
        command = [AUP, "stream", "-i", f"{folder}/in.wav", "--secret-file", f"{folder}/password", "--liveness", "3s",
                   "-o", f"icecast://127.0.0.1:{port}/x." + chance.choice(["opus", "flac"])]
        if chance.random() < 0.1:
            command += ["--retry=1s"]
        try:
            run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        except subprocess.TimeoutExpired:
            found.append(f"{name} did not end: {data[:200]!r}")
            run = None
        is_over.set()
        server.join()
        if run is None:
            return
        lines = run.stderr.splitlines()
        is_clean = all(byte >= 0x20 for line in lines for byte in line) and b"hackme" not in run.stderr
        if run.returncode not in (0, 1, 3) or not is_clean or (run.returncode and not lines):
            found.append(f"{name}, status {run.returncode}: {data[:200]!r}\n{run.stderr!r}")
        counts[number] += 1


def main():
    folder = tempfile.mkdtemp(prefix="aup-fuzz-")
    with open(f"{folder}/password", "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write("hackme\n")
    subprocess.run([AUP, "capture", "-q", "-D", "sim:sine?pace=fast", "-c", "1", "-d", "40ms", "-o", f"{folder}/in.wav"], check=True)
    begun, found, counts = time.monotonic(), [], [0] * WORKERS
    threads = [
        threading.Thread(target=work, args=(folder, number, counts, found, begun + SECONDS)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if found:
        sys.exit(f"http_client: {found[0]}")
    print(f"http_client: {sum(counts)} answers in {SECONDS:.0f} s, nothing found")


main()
