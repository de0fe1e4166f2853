#!/bin/sh
# Record into a WAV file. It plays at every instant: it is written as NAME.part and gets its name when it is whole.
aup capture -D "${IN:-default}" -d "${SECONDS_TO_RUN:-10}s" -o "${1:-take.wav}"
