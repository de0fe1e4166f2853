#!/usr/bin/env bash
# Installs the package that packaging/deb.sh built, uses it as a stranger would, and removes it again. As root.
set -euo pipefail
cd "$(dirname "$0")/.."
package=$(ls "$PWD"/.build/deb/aup_*.deb)
written=$(ls man/*.[1-8] | wc -l)
if dpkg-query -W -f '${db:Status-Status}' aup 2>/dev/null | grep -q '^installed'; then
    echo "aup: a package aup is installed here already; remove it first: apt-get remove aup" >&2
    exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; dpkg --purge aup >/dev/null' EXIT
chmod 755 "$scratch"
apt-get install -y -qq --no-install-recommends "$package"

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups env -i "$@"; }
say() { printf 'checked: %s\n' "$*"; }
cd /
as_nobody /usr/bin/aup --version
as_nobody /usr/bin/aup capture -q -D sim:sine -d 1s -o - >"$scratch/stream.aup"
as_nobody /usr/bin/aup process -q gain gain=-6dB -o - <"$scratch/stream.aup" | as_nobody /usr/bin/aup play -q -D sim:null
say "capture | process | play, as nobody, with an empty environment"
as_nobody /usr/bin/aup devices >/dev/null
# What else is installed here may be broken, and is said to be.
as_nobody /usr/bin/aup process --list >"$scratch/list" 2>"$scratch/complaints" || true
grep -q '^gain' "$scratch/list"
say "devices and plugins are found"
pages=$(dpkg --listfiles aup | grep '^/usr/share/man/.*\.gz$')
[ "$(wc -l <<<"$pages")" = "$written" ]
for page in $pages; do
    [ -z "$(LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)" ]
done
say "the manual is formatted"
echo 'int main(void) { return 0; }' | cc -include aup_plugin.h -x c -o "$scratch/plugin" -
say "aup_plugin.h is found by a compiler"
dpkg --verify aup
say "every file is as it was packed"
