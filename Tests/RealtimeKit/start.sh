#!/bin/bash
# A private system bus with the real rtkit on it and a polkit that says yes: what a desktop offers, without systemd and
# without touching the machine's own bus. Writes "ready ADDRESS" or "missing WHAT" into FILE, and stops everything when its
# standard input ends, or after a minute. Needs root (rtkit changes to its own user), dbus, rtkit, python3-dbus, python3-gi.
#   start.sh FILE          bus, polkit, rtkit
#   start.sh FILE bus      the bus alone: nobody answers for rtkit
set -u
say() {
  echo "$1" >"$file.new"
  mv "$file.new" "$file"
}
file=$1
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { say "missing root"; exit 0; }
command -v dbus-daemon >/dev/null || { say "missing the package dbus"; exit 0; }
if [ "${2:-}" != bus ]; then
  [ -x /usr/libexec/rtkit-daemon ] || { say "missing the package rtkit"; exit 0; }
  /usr/bin/python3 -c 'import dbus, gi' 2>/dev/null || { say "missing the packages python3-dbus and python3-gi"; exit 0; }
fi
folder=$(mktemp -d /tmp/aup-rtkit.XXXXXX)
chmod 755 "$folder"
pids=()
# KILL, because a parent may have left TERM blocked, which children inherit.
finish() {
  exec 2>/dev/null # bash would report each of them as killed
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$folder"
}
trap finish EXIT
cat >"$folder/bus.conf" <<XML
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=$folder/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_type="method_return"/><allow send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="*"/></policy></busconfig>
XML
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$folder/bus
wait_for() { # file, text: up to five seconds
  for _ in $(seq 100); do
    grep -qsi "$2" "$1" && return 0
    sleep 0.05
  done
  say "missing an answer: $(tail -1 "$1" 2>/dev/null)"
  exit 0
}
# No background process keeps the caller's pipes: whoever reads them would otherwise wait for it.
dbus-daemon --config-file="$folder/bus.conf" --nofork --nopidfile --print-address </dev/null >"$folder/bus.log" 2>&1 &
pids+=($!)
wait_for "$folder/bus.log" unix:
chmod 777 "$folder/bus"
if [ "${2:-}" != bus ]; then
  /usr/bin/python3 "$here/polkit.py" </dev/null >"$folder/polkit.log" 2>&1 &
  pids+=($!)
  wait_for "$folder/polkit.log" ready
  # Through cat, because rtkit allows itself no file of any size.
  /usr/libexec/rtkit-daemon --stderr </dev/null > >(exec cat >"$folder/rtkit.log") 2>&1 &
  pids+=($!)
  wait_for "$folder/rtkit.log" "watchdog thread running"
fi
say "ready $DBUS_SYSTEM_BUS_ADDRESS"
read -r -t 60 _
