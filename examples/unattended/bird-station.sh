#!/bin/sh
# For a box in a hedge that listens at dawn, run by cron or a timer every day before it: each song is a FLAC file of
# its own with the three seconds before it, and list.sh keeps a table of them. The microphone may come late and go.
#
#   bird-station.sh [OPTION OF aup capture …]      DEVICE, FOLDER, START, STOP, LEVEL … from the environment
set -eu
folder=${FOLDER:-$HOME/birds}
mkdir -p "$folder"
exec aup capture -D "${DEVICE:-default}" --wait-device --reconnect=forever \
    --at "${START:-04:30}" --until "${STOP:-09:00}" \
    --trigger "${LEVEL:--40dB}" --pre-roll "${PRE_ROLL:-3s}" --hang "${HANG:-10s}" \
    --keep "${KEEP:-60d}" --min-free "${MIN_FREE:-2G}" --lock "$folder/lock" \
    --on-file "\"$(dirname "$0")/list.sh\" \"$folder/list.tsv\"" \
    -o "$folder/%F/%H%M%S-%f.flac" "$@"
