"""A bad way for RTP, on loopback: loses, delays, reorders and doubles packets, by chance that is the same every time.

usage: lossy.py PORT TARGET SEED LOSS JITTER_MS TWICE

Sound goes from PORT to TARGET, reports from PORT+1 to TARGET+1 untouched. The first packet always goes through, so that what
comes out begins where what went in did. Ends after a goodbye, or two seconds after the last packet, and says as JSON what it did.
"""

import heapq
import json
import random
import select
import socket
import struct
import sys
import time

port, target, seed = (int(word) for word in sys.argv[1:4])
loss, jitter, twice = (float(word) for word in sys.argv[4:7])
chance = random.Random(seed)
sockets = []
for offset in (0, 1):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", port + offset))
    one.setblocking(False)
    sockets.append(one)
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def says_goodbye(data):
    """Whether one of the packets of a report is of type 203 (RFC 3550, section 6.6)."""
    while len(data) >= 4:
        if data[1] == 203:
            return True
        data = data[4 + 4 * struct.unpack(">H", data[2:4])[0]:]
    return False


queue, order, count, heard, is_over, ready = [], 0, 0, None, False, []
forwarded, seen, doubled = set(), [], 0
begun = time.monotonic()
while True:
    now = time.monotonic()
    # Nobody waits for ever: not for the first packet, not for the next one, and not for the end.
    if now - begun > 60 or (not queue and not ready and (is_over or now - (heard or begun + 18) > 2)):
        break
    wait = max(0, min(queue[0][0] - now, 0.2)) if queue else 0.2
    ready, _, _ = select.select(sockets, [], [], wait)
    now = time.monotonic()
    for one in ready:
        data, _ = one.recvfrom(65536)
        heard = now
        if one is sockets[1]:
            is_over = is_over or says_goodbye(data)
            # What is told at the end waits for the sound before it.
            heapq.heappush(queue, (now + jitter / 1000, order, data, target + 1))
            order += 1
            continue
        sequence = struct.unpack(">H", data[2:4])[0]
        seen.append(sequence)
        count += 1
        if count > 1 and chance.random() < loss:
            continue
        forwarded.add(sequence)
        copies = 2 if chance.random() < twice else 1
        doubled += copies - 1
        for _ in range(copies):
            # The first at once, so that none comes before it.
            delay = chance.random() * jitter / 1000 if count > 1 else 0
            heapq.heappush(queue, (now + delay, order, data, target))
            order += 1
    while queue and queue[0][0] <= time.monotonic():
        _, _, data, place = heapq.heappop(queue)
        out.sendto(data, ("127.0.0.1", place))
last = max((index for index, sequence in enumerate(seen) if sequence in forwarded), default=-1)
print(json.dumps({"packets": len(seen), "places": last + 1, "lost": last + 1 - len(forwarded), "doubled": doubled}))
