#!/bin/sh
# For --on-file, as bird-station.sh uses it: one line for each finished file: start, seconds, frames lost, path.
#
#   list.sh TABLE      AUP_… from the environment, which is how aup tells of the file
set -eu
printf '%s\t%s\t%s\t%s\n' "$AUP_START" "$((AUP_FRAMES / AUP_RATE))" "$AUP_LOST" "$AUP_FILE" >> "$1"
