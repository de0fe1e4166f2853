#!/bin/sh
# A device that is pulled out ends its own stage with 2 and the stages after it with 3; each keeps what came.
# No pipefail is needed: the last stage's exit code tells.
aup capture -D "${IN:-sim:sine?unplug=1s}" -d 10s | aup process gain | aup play -D "${OUT:-sim:null}"
echo "the last stage ended with $?"
