#!/bin/sh
# Every frame that is lost is counted: a device with two xruns, and what the stream says about them, for programs.
aup capture -D "${IN:-sim:sine?xrun=0.5s,1s}" -d "${SECONDS_TO_RUN:-2}s" --json 2>&1 > /dev/null |
    sed -n 's/.*"event":"end".*"lost_frames":\([0-9]*\),"gaps":\([0-9]*\).*/lost \1 frames in \2 gaps/p'
