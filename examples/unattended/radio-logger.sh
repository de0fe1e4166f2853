#!/bin/sh
# For a station that must keep what it sent: every hour of the day a FLAC file that begins on the hour, for thirty days,
# each with a sidecar of its gaps and its digest, which is checked once more and noted in checked.txt.
# It runs until it is told to stop: by systemd, or from cron each minute, where --lock lets only one of them record.
#
#   radio-logger.sh [OPTION OF aup capture …]      DEVICE, FOLDER, SPLIT, KEEP, MIN_FREE from the environment
set -eu
folder=${FOLDER:-/srv/logger}
mkdir -p "$folder"
exec aup capture -D "${DEVICE:-default}" --wait-device --reconnect=forever \
    --split "${SPLIT:-1h}" --align --utc --sidecar --keep "${KEEP:-30d}" --min-free "${MIN_FREE:-2G}" \
    --lock "$folder/lock" --silence-alarm 30s --fsync 60 \
    --on-file "\"$(dirname "$0")/check.sh\" \"$folder/checked.txt\"" \
    -o "$folder/%F/%H%M%S.flac" "$@"
