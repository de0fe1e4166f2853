#!/usr/bin/env python3
"""RTP: how long a receiver holds sound beyond the shortest way, over a good way and over a bad one, what becomes of what the way
lost, and what receiving and sending cost beside GStreamer and ffmpeg."""

import struct

from bench import *

SECONDS = 8 if QUICK else 30
LOSSY = ROOT / "Tests/Network/lossy.py"
need("gst-launch-1.0", "ffmpeg", "sox")


def wait_for(port, limit=20):
    """Until somebody receives there: the kernel lists it, the port in hexadecimal."""
    deadline = time.monotonic() + limit
    while f":{port:04X} " not in open("/proc/net/udp").read():
        if time.monotonic() > deadline:
            sys.exit(f"rtp: nobody receives at {port}")
        time.sleep(0.02)


def voice():
    """Speech-like sound as Opus with error correction."""
    subprocess.run(
        ["sox", "-V1", "-n", "-r", "48000", "-c", "1", "-b", "16", f"{SCRATCH}/voice.wav", "synth", str(SECONDS), "sawtooth",
         "150", "tremolo", "5", "90", "lowpass", "2000"], check=True)
    subprocess.run(
        [AUP, "encode", "-q", "-i", f"{SCRATCH}/voice.wav", "--application", "voip", "--signal", "voice", "-b", "24k",
         "--fec", "--loss", "20", "-o", f"{SCRATCH}/voice.aup"], check=True)
    return f"{SCRATCH}/voice.aup"


def packets(pipe):
    """When each packet of sound came out of the pipe, less its time of capture: of RTP, when it would have come by the shortest
    way."""
    waiting = b""
    while data := os.read(pipe.fileno(), 1 << 18):
        now = time.monotonic_ns()
        waiting += data
        at = 0
        while len(waiting) - at >= 32:
            kind, flags, length, when = struct.unpack_from("<4xBB2xI12xq", waiting, at)
            size = 32 + (length + (4 if flags & 2 else 0) + 7) // 8 * 8
            if len(waiting) - at < size:
                break
            if kind == 2 and when > 0:
                yield (now - when) / 1e6
            at += size
        waiting = waiting[at:]


def hold(port, file, loss, jitter, twice):
    """Milliseconds that each packet was held, what the receiver said at its end, and what the way said."""
    errors = open(f"{SCRATCH}/rtp-{port}.json", "w+")
    receiver = subprocess.Popen(
        [AUP, "process", "-i", f"rtp:127.0.0.1:{port + 4}", "--json"], stdout=subprocess.PIPE, stderr=errors)
    way = subprocess.Popen(
        [sys.executable, str(LOSSY), str(port), str(port + 4), "7", str(loss), str(jitter), str(twice)],
        stdout=subprocess.PIPE)
    wait_for(port + 4)
    wait_for(port)
    sender = subprocess.Popen([AUP, "stream", "-q", "-i", file, "-o", f"rtp:127.0.0.1:{port}"])
    held = sorted(packets(receiver.stdout))
    for child in (sender, receiver, way):
        child.wait()
    errors.seek(0)
    end = [json.loads(line) for line in errors if line.startswith("{")][-1]
    return held, end, json.loads(way.stdout.read())


def receivers(port):
    """What takes Opus over RTP and decodes it, here and elsewhere."""
    description = f"{SCRATCH}/{port}.sdp"
    with open(description, "w") as text:
        text.write("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                   f"m=audio {port} RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n")
    return {
        "aup": [AUP, "process", "-q", "-i", f"rtp:127.0.0.1:{port}"],
        "GStreamer": [
            "gst-launch-1.0", "-q", "udpsrc", "address=127.0.0.1", f"port={port}",
            "caps=application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload=96", "!", "rtpjitterbuffer",
            "latency=20", "!", "rtpopusdepay", "!", "opusdec", "use-inband-fec=true", "!", "fakesink", "sync=false"],
        "ffmpeg": [
            "ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,udp,rtp", "-i", description, "-f", "s16le", "-y",
            "/dev/null"],
    }


def receiving(port, file):
    """Processor seconds of each for a second of sound, receiving and decoding the same."""
    used = {}
    for name, command in receivers(port).items():
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(port)
        sender = subprocess.Popen([AUP, "stream", "-q", "-i", file, "-o", f"rtp:127.0.0.1:{port}"])
        # Who finds out at first what it is that comes is not measured while it does.
        time.sleep(3)
        before = processor_seconds(child.pid)
        time.sleep(SECONDS - 5)
        used[name] = (processor_seconds(child.pid) - before) / (SECONDS - 5)
        sender.wait()
        child.terminate()
        child.wait()
    return used


def sending(port):
    """Processor seconds of each for a second of stereo sound as L16, of what others make and of a pipe."""
    sources = {
        "aup": [AUP, "stream", "-q", "-i", f"{SCRATCH}/noise.wav", "-o", f"rtp:127.0.0.1:{port}", "--payload", "l16"],
        "GStreamer": [
            "gst-launch-1.0", "-q", "filesrc", f"location={SCRATCH}/noise.wav", "!", "wavparse", "!", "audioconvert", "!",
            "audio/x-raw,format=S16BE,rate=48000,channels=2", "!", "rtpL16pay", "mtu=1212", "!", "udpsink", "host=127.0.0.1",
            f"port={port}"],
        "ffmpeg": [
            "ffmpeg", "-nostdin", "-v", "error", "-re", "-i", f"{SCRATCH}/noise.wav", "-c:a", "pcm_s16be", "-f", "rtp",
            f"rtp://127.0.0.1:{port}?pkt_size=1212"],
    }
    subprocess.run(
        ["sox", "-V1", "-n", "-r", "48000", "-c", "2", "-b", "16", f"{SCRATCH}/noise.wav", "synth", str(SECONDS), "whitenoise"], check=True)
    used = {}
    for name, command in sources.items():
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(2)
        before = processor_seconds(child.pid)
        time.sleep(SECONDS - 4)
        used[name] = (processor_seconds(child.pid) - before) / (SECONDS - 4)
        child.terminate()
        child.wait()
    return used


file = voice()
for port, (words, loss, jitter, twice) in enumerate([
        ("a good way", 0, 0, 0), ("5 % lost, 0 to 30 ms late, 3 % twice", 0.05, 30, 0.03),
        ("50 % lost, 0 to 60 ms late, 10 % twice", 0.5, 60, 0.1)]):
    held, end, way = hold(17400 + 8 * port, file, loss, jitter, twice)
    target = end["rtp_target_ms"]
    row(f"RTP, Opus of 20 ms, {words}: held beyond the shortest way, half; 99 of 100; all",
        f"{held[len(held) // 2]:.1f}; {held[len(held) * 99 // 100]:.1f}; {held[-1]:.1f} ms", "target",
        f"{target:.1f} ms", "", "≤ target + 20 ms")
    if loss:
        row("the same, packets lost by the way; late; repaired; guessed; left as gaps",
            f"{way['lost']}; {end['rtp_late']}; {end['repaired_frames'] // 960}; {end['guessed_frames'] // 960}; "
            f"{(end['lost_frames'] - end['guessed_frames']) // 960}", f"of {way['places']}", "", "", "")
for what, used in (("receiving Opus over RTP and decoding it", receiving(17440, file)),
                   ("sending L16 over RTP, 48 kHz stereo", sending(17450))):
    for peer in ("GStreamer", "ffmpeg"):
        row(f"{what}, processor time a second of sound", f"{used['aup'] * 1e3:.2f} ms", peer, f"{used[peer] * 1e3:.2f} ms",
            f"{used['aup'] / used[peer]:.2f}", "≤ 1")
