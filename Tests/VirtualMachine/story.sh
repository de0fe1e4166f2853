# What happens in the guest. It asks the host for what only a host can do ("HOST: …" on the console), and leaves what it saw
# in files, which run.py judges. It waits for states; every wait is bounded.

# run NAME COMMAND…: its output, its errors, its status.
run() { name=$1; shift; /bin/timeout 60 "$@" > "$name.out" 2> "$name.err"; echo $? > "$name.status"; }
# until_ TRIES COMMAND…: a twentieth of a second between two tries.
until_() {
    tries=$1; shift
    while [ "$tries" -gt 0 ]; do "$@" && return 0; usleep 50000; tries=$((tries - 1)); done
    echo "GUEST: waited in vain for: $*"; return 1
}
there() { for file; do [ -e "$file" ] || return 1; done; }
away() { for file; do [ ! -e "$file" ] || return 1; done; }
has() { grep -qs -- "$1" "$2"; }
# has_so_many COUNT WORD FILE
has_so_many() { [ "$(grep -cs -- "$2" "$3")" -ge "$1" ]; }
# By their paths, since the shell has less exact ones of its own.
now() { echo "$1 $(/bin/date +%s.%N)" >> times; }
# When a node was made, or the last one of a folder went: their kernel's own stamp.
note() { echo "$1 $(/bin/stat -c %.9Z "$2")" >> times; }
watch() { aup devices --watch --json > "$1.out" 2> "$1.err" & watcher=$!; until_ 600 has watching "$1.out"; }
unwatch() { kill -INT $watcher; wait $watcher; echo $? > "$1.status"; }
# The host does it in its own time, which may be long for the guest.
host() { echo "HOST: $*"; }
patience=6000
dummy=/sys/bus/platform/drivers/snd_dummy

uname -sr > kernel
aup --version > version
: > times

echo "GUEST: no card"
run empty aup devices --json
run empty-text aup devices

echo "GUEST: the first card, with a watch that was there before /dev/snd"
watch first
modprobe snd-dummy
until_ 100 there /dev/snd/controlC0; note first-added /dev/snd/controlC0
until_ 200 has '"added"' first.out
usleep 1500000
unwatch first

echo "GUEST: USB, plugged in and pulled out"
modprobe snd-aloop
modprobe xhci-pci
modprobe snd-usb-audio
modprobe snd-ens1370
watch usb
for round in 1 2 3; do
    host plug usb-audio
    until_ $patience there /dev/snd/controlC2; note "usb$round-added" /dev/snd/controlC2
    until_ 100 has_so_many $round '"added"' usb.out
    usleep 900000
    host unplug usb-audio
    until_ $patience away /dev/snd/controlC2; note "usb$round-removed" /dev/snd
    until_ 100 has_so_many $round '"removed"' usb.out
    usleep 1500000
done
unwatch usb

echo "GUEST: four cards, listed and asked"
host plug ES1370
until_ $patience there /dev/snd/controlC2
host plug usb-audio
until_ $patience there /dev/snd/controlC3
usleep 1000000
speaker='Audio Output Volume Control'
usb=$(for file in /proc/asound/card*/usbid; do basename "$(dirname "$file")" | tr -d card; done)
amixer -q -c Dummy sset Master 60%
amixer -q -c "$usb" sset "$speaker" 50% mute
run list aup devices --json
run list-text aup devices
card=usb:46f4:0002:AUP0001
pci=$(sed -n 's/.*"id":"\(pci:[^"/]*\)".*/\1/p' list.out)
run stranger su nobody -s /bin/sh -c 'aup devices --json'
host plug usb-twin
until_ $patience there /dev/snd/controlC4
usleep 1000000
run twins aup devices --json
host unplug usb-twin
until_ $patience away /dev/snd/controlC4
usleep 1000000
run supports aup devices --supports s16/48000/2 -D platform:snd_dummy.0 --json
run refuses aup devices --supports s16/48000/7 -D platform:snd_dummy.0 --json
run probe-dummy aup devices --probe platform:snd_dummy.0 --json
run probe-loop aup devices --probe platform:snd_aloop.0/1 --json
run probe-usb aup devices --probe $card --json
run probe-pci aup devices --probe "$pci" --json

echo "GUEST: a card that is held"
arecord -q -D hw:AudioPCI -t raw -f S16_LE -r 48000 -c 2 -d 3 held.raw 2> held-arecord.err & recorder=$!
echo $recorder > held.pid
until_ 200 has owner_pid /proc/asound/AudioPCI/pcm0c/sub0/status
run held-list aup devices --json
run held-probe aup devices --probe "$pci" --capture --json
run held-capture aup capture -D "$pci" -d 1s --as raw
wait $recorder; echo $? > held-arecord.status
rm held.raw held-capture.out

echo "GUEST: what devices do"
run test-dummy aup devices --test platform:snd_dummy.0 -d 5s --json
run test-loop aup devices --test platform:snd_aloop.0 -d 5s --json
for end in 0 1; do amixer -q -c Loopback cset "iface=PCM,name='PCM Rate Shift 100000',device=$end,subdevice=0" 100050; done
run test-shifted aup devices --test platform:snd_aloop.0 -d 10s --json
for end in 0 1; do amixer -q -c Loopback cset "iface=PCM,name='PCM Rate Shift 100000',device=$end,subdevice=0" 100000; done
run test-usb aup devices --test $card -d 5s --json
run test-pci aup devices --test "$pci" -d 5s --json

echo "GUEST: controls, use, configuration"
watch changes
now volume; amixer -q -c Dummy sset Master 30%
until_ 100 has output_volume changes.out
now muted; amixer -q -c "$usb" sset "$speaker" unmute
until_ 100 has output_muted changes.out
arecord -q -D hw:Dummy -t raw -f S16_LE -r 48000 -c 2 -d 2 /dev/null & recorder=$!
until_ 100 has owner_pid /proc/asound/card0/pcm0c/sub0/status; now use
wait $recorder; now free
until_ 100 has '"after":"nobody"' changes.out
now configuration
echo 'pcm.!default { type hw card Loopback }' > "$HOME/.asoundrc"
until_ 100 has_so_many 4 '"default"' changes.out
usleep 500000
rm "$HOME/.asoundrc"
usleep 1000000
unwatch changes

echo "GUEST: cards are pulled out"
aup play -D $card sound.wav --json > torn.out 2> torn.err & player=$!
until_ 200 has RUNNING "/proc/asound/card$usb/pcm0p/sub0/status"
usleep 1000000
host unplug usb-audio
wait $player; echo $? > torn.status
host unplug ES1370
until_ $patience away /dev/snd/controlC2 /dev/snd/controlC3

echo "GUEST: exact through snd-aloop"
aup capture -D hw:CARD=Loopback,DEV=1 -f s16 -r 48000 -c 2 -d 6s -o loop.wav --json > loop.out 2> loop.err & recorder=$!
until_ 200 has '"device"' loop.err
usleep 500000
run loop-play aup play -D hw:CARD=Loopback,DEV=0 sound.wav --json
wait $recorder; echo $? > loop.status

echo "GUEST: a pipe from card to card"
aup capture -D hw:CARD=Loopback,DEV=1,SUBDEV=1 -f s16 -r 48000 -c 2 -d 8s -o pipe.wav --json > pipe.out 2> pipe.err & recorder=$!
until_ 200 has '"device"' pipe.err
{ aup capture -D hw:CARD=Loopback,DEV=1,SUBDEV=0 -f s16 -r 48000 -c 2 -d 7s --json 2> pipe-in.err; echo $? > pipe-in.status; } |
    { aup play -D hw:CARD=Loopback,DEV=0,SUBDEV=1 --no-drift --json 2> pipe-out.err; echo $? > pipe-out.status; } & piped=$!
until_ 200 has '"device"' pipe-in.err
until_ 200 has '"device"' pipe-out.err
usleep 500000
run pipe-play aup play -D hw:CARD=Loopback,DEV=0,SUBDEV=0 sound.wav --json
wait $piped
wait $recorder; echo $? > pipe.status

echo "GUEST: a recorder that stands still"
aup capture -D hw:CARD=Loopback,DEV=1 -f s16 -r 48000 -c 2 --latency 200ms -d 7s -o stopped.wav --json > stopped.out 2> stopped.err & recorder=$!
until_ 200 has '"device"' stopped.err
usleep 500000
aup play -q -D hw:CARD=Loopback,DEV=0 sound.wav & player=$!
until_ 200 has RUNNING /proc/asound/Loopback/pcm0p/sub0/status
usleep 1000000
kill -STOP $recorder
usleep 1500000
kill -CONT $recorder
wait $player
wait $recorder; echo $? > stopped.status

echo "GUEST: two players share a card, and two recorders"
share() { aup capture -D dsnoop:platform:snd_aloop.0/1 -f s32 -r 48000 -c 2 -d 8s -o "$1.wav" --json > "$1.out" 2> "$1.err"; echo $? > "$1.status"; }
share shared1 & one=$!
share shared2 & two=$!
until_ 200 has '"device"' shared1.err
until_ 200 has '"device"' shared2.err
{ aup capture -q -D sim:silence -f s32 -r 48000 -c 2 -d 6s | aup play -D dmix:platform:snd_aloop.0 --json 2> shared-silence.err; echo $? > shared-silence.status; } & three=$!
until_ 200 has '"device"' shared-silence.err
usleep 500000
run shared-play aup play -D dmix:platform:snd_aloop.0 sound.wav --json
wait $one $two $three

echo "GUEST: clicks through snd-aloop"
run latency aup devices --latency -D hw:CARD=Loopback,DEV=1 --to hw:CARD=Loopback,DEV=0 --json

echo "GUEST: capture waits for a card"
echo snd_dummy.0 > $dummy/unbind
until_ 100 away /dev/snd/controlC0
aup capture -D hw:CARD=Dummy -f s16 -r 48000 -c 2 --wait-device=60s -d 2s -o waited.wav --json > waited.out 2> waited.err & recorder=$!
until_ 200 has '"waiting"' waited.err
# Long enough that the plain attempts have come to their longest pause.
usleep 4300000
echo snd_dummy.0 > $dummy/bind
until_ 100 there /dev/snd/controlC0; note waited-added /dev/snd/controlC0
until_ 200 has '"device"' waited.err; now waited-open
wait $recorder; echo $? > waited.status

echo "GUEST: a card on PCI is pulled out while it records, and comes back"
host plug ES1370
until_ $patience there /dev/snd/controlC2; usleep 1000000
aup capture -D hw:CARD=AudioPCI -f s16 -r 48000 -c 2 --reconnect=forever -d 12s -o pulled.wav --json > pulled.out 2> pulled.err & recorder=$!
until_ 200 has '"device"' pulled.err
watch held
usleep 2000000
host unplug ES1370
until_ $patience has device-lost pulled.err; now pulled-lost
until_ $patience away /dev/snd/controlC2; note held-removed /dev/snd
usleep 3300000
host plug ES1370
until_ $patience there /dev/snd/controlC2; note pulled-added /dev/snd/controlC2
until_ 200 has device-back pulled.err; now pulled-back
wait $recorder; echo $? > pulled.status
unwatch held
dmesg > dmesg
