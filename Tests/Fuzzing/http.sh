#!/bin/sh
# Fuzzes what an HTTP server may answer to a source for SECONDS (default 600), by a server on loopback, beginning with answers
# of every kind; then the whole of aup with them, where it is built (AUP, else .build/release/aup).
# usage: Tests/Fuzzing/http.sh [SECONDS]
set -eu
seconds=${1:-600}
cd "$(dirname "$0")/../.."
out=.build-fuzz
corpus=$out/http-corpus
mkdir -p "$out" "$corpus" "$out/found"

clang -O1 -g -D_GNU_SOURCE -fsanitize=fuzzer,address -fuse-ld=lld -I Sources/CCurl/include -I Sources/CLibrary/include \
    -o "$out/http-fuzz" Tests/Fuzzing/HTTPFuzz.c Sources/CCurl/CCurl.c Sources/CLibrary/CLibrary.c -ldl -lpthread

python3 - "$corpus" <<'PYTHON'
import sys
def seed(name, piece, habits, text):
    with open(f"{sys.argv[1]}/{name}", "wb") as file:
        file.write(bytes([piece, habits]) + text)
go = b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"
fine = b"HTTP/1.0 200 OK\r\n\r\n"
seed("icecast", 0, 1 | 8, go + fine)
seed("slow", 1, 1 | 2 | 4 | 8, go + fine)
seed("broken", 0, 1 | 8 | 16, go)
seed("unasked", 0, 0, go + fine)
seed("password", 0, 1, b"HTTP/1.0 401 Authentication Required\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\nno")
seed("taken", 0, 1, b"HTTP/1.0 403 Forbidden\r\nContent-Length: 17\r\n\r\nMountpoint in use")
seed("elsewhere", 0, 1, b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")
seed("chunks", 7, 1, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
seed("expectation", 0, 1, b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
seed("upgrade", 0, 1, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")
seed("old", 0, 1, b"ICY 200 OK\r\n\r\n")
seed("many", 0, 1, go * 40)
seed("garbage", 0, 1, bytes(range(256)))
seed("endless", 0, 1, b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 3000)
PYTHON

echo "fuzzing answers of HTTP servers for $seconds s"
ASAN_OPTIONS=detect_leaks=1 "$out/http-fuzz" -max_total_time="$seconds" -max_len=20000 -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 -verbosity=0 -artifact_prefix="$out/found/" "$corpus"
aup=${AUP:-.build/release/aup}
if [ -x "$aup" ]; then
    echo "fuzzing a whole source with them for $seconds s"
    python3 -B Tests/Fuzzing/http_client.py "$aup" "$seconds"
fi
echo "fuzzing: clean after $seconds s"
