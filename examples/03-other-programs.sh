#!/bin/sh
# sox writes a WAV without an end, aup reads it, turns the sound over, and hands it back to sox as one.
sox -n -t wav -r 48000 -b 16 -c 2 - synth "${SECONDS_TO_RUN:-3}" sine 440 vol 0.5 |
    aup process invert --as wav |
    sox -t wav --ignore-length - "${1:-turned.flac}"
