#!/bin/sh
# For --on-file, as radio-logger.sh uses it: reads the file back from the disk, fails when it is not what was recorded,
# and else adds its digest and path to a list that sha256sum --check understands.
#
#   check.sh LIST      AUP_… from the environment, which is how aup tells of the file
set -eu
echo "$AUP_SHA256  $AUP_FILE" | sha256sum --check --quiet -
echo "$AUP_SHA256  $AUP_FILE" >> "$1"
