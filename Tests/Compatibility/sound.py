"""What every plugin hears, as a WAV file and as a stream of blocks of one length, and how two answers are compared."""

import array
import binascii
import math
import random
import struct

RATE = 48000
# Five seconds and some: so many that blocks of 1024 and of 4096 frames come out even, since hosts part over the last one,
# which some give whole to a plugin.
FRAMES = 60 * 4096


def signal():
    """Sweep 1.5 s (20 Hz to 20 kHz, exponential), noise 1.5 s, impulses 1 s, silence 1.12 s, at half scale."""
    noise = random.Random(20230610)
    sweep = 3 * RATE // 2
    ratio = math.log(1000)
    sound = [
        0.5 * math.sin(2 * math.pi * 20 * 1.5 / ratio * (math.exp(i / sweep * ratio) - 1)) for i in range(sweep)]
    sound += [noise.uniform(-0.5, 0.5) for _ in range(sweep)]
    sound += [0.5 if i % 4800 == 0 else 0.0 for i in range(RATE)]
    return sound + [0.0] * (FRAMES - len(sound))


def floats(channels, mono):
    """Interleaved; each channel hears the signal a little later than the one before, so that none is taken for
    another."""
    sound = array.array("f", bytes(4 * FRAMES * channels))
    for channel in range(channels):
        late = 37 * channel
        sound[channel::channels] = array.array("f", [0.0] * late + mono[:FRAMES - late])
    return sound.tobytes()


def wave(data, channels):
    header = struct.pack("<HHIIHH", 3, channels, RATE, RATE * channels * 4, channels * 4, 32)
    return (b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + header + b"data"
            + struct.pack("<I", len(data)) + data)


def wave_floats(wave):
    """The samples of a WAV file, whatever chunks come before."""
    at = 12
    while at + 8 <= len(wave):
        size = struct.unpack("<I", wave[at + 4:at + 8])[0]
        if wave[at:at + 4] == b"data":
            return wave[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    return b""


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def packet(kind, payload, sequence, position):
    """See docs/wire.md. All but sound (2) is checked."""
    checked = kind != 2
    head = struct.pack(
        "<3sBBBHIIQq", b"aup", 1, kind, 3 if checked else 1, 0, len(payload), sequence, position, 0)
    head = head[:6] + struct.pack("<H", binascii.crc_hqx(head, 0xFFFF)) + head[8:]
    body = payload + bytes(-(len(payload) + 4 * checked) % 8)
    return head + body + (struct.pack("<I", crc32c(body)) if checked else b"")


def stream(data, channels, block):
    """The same sound in packets of `block` frames, which a stage takes as they come; a pipe of plain sound would be cut
    wherever its writer paused."""
    size = 4 * channels
    pieces = [packet(1, struct.pack("<BBBBI24x", 0, 6, channels, 0, RATE), 0, 0)]
    for at in range(0, FRAMES, block):
        pieces.append(packet(2, data[at * size:(at + block) * size], len(pieces), at))
    pieces.append(packet(6, struct.pack("<QQ8x", FRAMES, 0), len(pieces), FRAMES))
    return b"".join(pieces)


def samples(data):
    """What aup would let through: samples that are not finite are 0."""
    values = array.array("f", data[:len(data) // 4 * 4])
    # A sum of products with 0 is 0 unless something is not finite.
    if math.isnan(sum(values) * 0.0):
        for index, value in enumerate(values):
            if not math.isfinite(value):
                values[index] = 0.0
    return values


def clipped(data):
    return array.array("f", [max(-1.0, min(1.0, value)) for value in samples(data)]).tobytes()


def compared(ours, theirs, channels):
    """"equal" (to the bit, but that -0 is 0), "equal but for latency", or "differs"."""
    count = FRAMES * channels
    ours, theirs = samples(ours)[:count], samples(theirs)[:count]
    if ours == theirs:
        return "equal"
    # aup takes the latency out, others do not: theirs begins that many frames later.
    first = next((i for i, value in enumerate(ours[:65536 * channels]) if value), None)
    if first is None:
        return "differs"
    whole, piece = theirs.tobytes(), ours[first:first + 64].tobytes()
    at = whole.find(piece)
    # A sound that repeats itself fits in many places; the right one is among the first.
    for _ in range(1000):
        if at < 0:
            break
        late = at // 4 - first
        if at % 4 == 0 and late > 0 and late % channels == 0 and ours[:count - late] == theirs[late:]:
            return "equal but for latency"
        at = whole.find(piece, at + 1)
    return "differs"


def farthest(ours, theirs, channels):
    """The frame of the first difference and the largest difference, for people."""
    count = FRAMES * channels
    ours, theirs = samples(ours)[:count], samples(theirs)[:count]
    first, most = None, 0.0
    for index, (one, other) in enumerate(zip(ours, theirs)):
        if one != other:
            first = index // channels if first is None else first
            most = max(most, abs(one - other))
    return first, most
