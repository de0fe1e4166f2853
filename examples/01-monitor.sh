#!/bin/sh
# Hear the microphone, six decibels softer, for ten seconds. Each stage knows the format from the one before.
# IN and OUT name devices (aup devices lists them); sim: ones need no sound card.
aup capture -D "${IN:-default}" -d "${SECONDS_TO_RUN:-10}s" |
    aup process gain gain=-6dB |
    aup play -D "${OUT:-default}"
