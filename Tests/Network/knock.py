"""Knocks at sockets in all the ways that nobody should: knock.py COUNT PATH…

Quick ones that hang up at once, halves of a greeting, garbage, and slow ones that say a byte and stay. It prints how many
connections it made."""
import random
import socket
import sys
import time

HELLO = bytes.fromhex(
    "61 75 70 47 01 01 19 00 72 6f 6c 65 3d 73 75 62 73 63 72 69 62 65 0a 63 6f 64 65 63 3d 61 6e 79 0a ad 0f 69 28")


def knock(path, number, slow):
    end = socket.socket(socket.AF_UNIX)
    end.settimeout(20)
    for _ in range(20000):
        try:
            end.connect(path)
            break
        except BlockingIOError:
            # As many wait there as the kernel lets.
            time.sleep(0.001)
    try:
        kind = number % 5
        if kind == 1:
            end.send(HELLO[:random.randrange(1, len(HELLO))])
        elif kind == 2:
            end.send(random.randbytes(random.randrange(1, 200)))
        elif kind == 3:
            end.send(b"aupG" + random.randbytes(64))
        elif kind == 4 and len(slow) < 300:
            end.send(HELLO[:1])
            slow.append(end)
            return
    except OSError:
        # It was quicker than we were.
        pass
    end.close()


def main():
    random.seed(1)
    count, paths, slow = int(sys.argv[1]), sys.argv[2:], []
    for number in range(count):
        knock(paths[number % len(paths)], number, slow)
    for end in slow:
        end.close()
    print("knocked", count)


main()
