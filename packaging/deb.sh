#!/usr/bin/env bash
# Builds the Debian package into .build/deb and lets lintian look at it; errors of lintian's are ours.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/AupSound/ProgramName.swift)
packaged=$(dpkg-parsechangelog -S Version)
if [ "$version" != "$packaged" ]; then
    echo "aup: this is $version, and debian/changelog ends with $packaged; give it an entry" >&2
    exit 1
fi
export DEB_FOLDER=$PWD/.build/deb
rm -rf "$DEB_FOLDER" debian/aup debian/.debhelper debian/files debian/*.substvars debian/debhelper-build-stamp
mkdir -p "$DEB_FOLDER"
# No `clean`, which would have everything built anew; no fakeroot, because the package's files need no owner of their own.
env -u CC -u CFLAGS -u CXXFLAGS -u LDFLAGS debian/rules build
debian/rules binary
package=$(ls "$DEB_FOLDER"/aup_*.deb)
# Who distributes the package puts an address of his own into debian/control; the project has none.
lintian --allow-root --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$package"
rm -rf debian/aup debian/.debhelper debian/files debian/*.substvars debian/debhelper-build-stamp
echo "built ${package#"$PWD"/}"
