#!/usr/bin/env bash
# Puts aup into a tree and takes it out again. `packaging/install.sh install|uninstall`, from the environment:
#   PREFIX    where it will run, /usr/local by default
#   DESTDIR   in front of it, for packages
#   AUP       the built binary
#   MANIFEST  `no` leaves out the list of what was installed, for packages, which have their own
# The list, PREFIX/share/aup/installed, has every file and every folder that was not there before; uninstalling removes
# those, and folders only once they are empty. Installing over an older version removes what the new one has no more.
set -euo pipefail

prefix=${PREFIX:-/usr/local}
binary=${AUP:-.build/release/aup}
root=${DESTDIR:-}$prefix
list=share/aup/installed
here=$(cd "$(dirname "$0")/.." && pwd)

say() { printf 'aup: %s\n' "$*" >&2; }

# "MODE SOURCE DESTINATION", tabs between, the source seen from the checkout, the destination from PREFIX.
plan() {
    local file folder name
    printf '%s\t%s\t%s\n' 755 "$binary" bin/aup 644 plugins/aup_plugin.h include/aup_plugin.h
    for file in plugins/*/*.so; do
        [ ! -e "$file" ] || printf '755\t%s\tlib/aup/plugins/%s\n' "$file" "${file##*/}"
    done
    for file in man/*.[1-8]; do printf '644\t%s\tshare/man/man%s/%s\n' "$file" "${file##*.}" "${file##*/}"; done
    while IFS=: read -r name folder; do
        [ ! -e "completions/$name" ] || printf '644\tcompletions/%s\t%s\n' "$name" "$folder"
    done <<<"aup.bash:share/bash-completion/completions/aup
_aup:${ZSH_FOLDER:-share/zsh/site-functions}/_aup
aup.fish:share/fish/vendor_completions.d/aup.fish"
    for file in README.md docs/*.md docs/*.png; do printf '644\t%s\tshare/doc/aup/%s\n' "$file" "${file##*/}"; done
    if [ "${MANIFEST:-yes}" = yes ]; then
        for file in CHANGELOG.md LICENSE; do printf '644\t%s\tshare/doc/aup/%s\n' "$file" "$file"; done
    fi
    while read -r file; do
        if [ -x "$file" ]; then name=755; else name=644; fi
        printf '%s\t%s\tshare/doc/aup/%s\n' "$name" "$file" "$file"
    done < <(find examples -type f ! -path '*/__pycache__/*' ! -name '*.aup' | LC_ALL=C sort)
}

# Folders that are not there yet, outermost first, each said once.
make_folder() {
    local folder=$1 missing=()
    while [ "$folder" != . ] && [ ! -d "$root/$folder" ]; do
        missing=("$folder" ${missing[@]+"${missing[@]}"})
        folder=$(dirname "$folder")
    done
    for folder in ${missing[@]+"${missing[@]}"}; do
        install -d -m 755 "$root/$folder"
        printf 'd\t%s\n' "$folder" >>"$made"
    done
}

# Takes what is in a list away, files first, then folders from the innermost on; what others put there stays.
remove() {
    local kind path
    while IFS=$'\t' read -r kind path; do
        [ "$kind" != f ] || rm -f -- "$root/$path"
    done <"$1"
    while IFS=$'\t' read -r kind path; do
        [ "$kind" != d ] || rmdir --ignore-fail-on-non-empty -- "$root/$path" 2>/dev/null || true
    done < <(LC_ALL=C sort -r "$1")
}

put() {
    local mode source destination
    if [ ! -x "$binary" ]; then say "there is no $binary; run: make build"; exit 1; fi
    made=$(mktemp)
    trap 'rm -f "$made" "$made.old"' EXIT
    [ -d "$root" ] || install -d -m 755 "$root"
    while IFS=$'\t' read -r mode source destination; do
        make_folder "$(dirname "$destination")"
        # A new file under another name first: a running aup keeps the old one, and no half one is ever seen.
        if [ "${destination#bin/}" != "$destination" ] || [ "${destination##*.}" = so ]; then
            install -m "$mode" -s "$source" "$root/$destination.new"
        else
            install -m "$mode" "$source" "$root/$destination.new"
        fi
        mv -f -- "$root/$destination.new" "$root/$destination"
        printf 'f\t%s\n' "$destination" >>"$made"
    done < <(plan)
    [ "${MANIFEST:-yes}" = yes ] || return 0
    make_folder "$(dirname "$list")"
    printf 'f\t%s\n' "$list" >>"$made"
    if [ -e "$root/$list" ]; then
        # Folders stay ours however often this is done; files that are no more go.
        grep '^d' "$root/$list" >>"$made" || true
        grep -vxFf "$made" "$root/$list" >"$made.old" || true
        remove "$made.old"
    fi
    LC_ALL=C sort -u "$made" >"$root/$list.new"
    chmod 644 "$root/$list.new"
    mv -f -- "$root/$list.new" "$root/$list"
    say "installed under $root"
}

take_out() {
    if [ ! -e "$root/$list" ]; then
        say "$root/$list is not there: nothing of aup's was installed under $root; give the PREFIX and DESTDIR it was"
        exit 1
    fi
    local copy
    copy=$(mktemp)
    cp "$root/$list" "$copy"
    remove "$copy"
    rm -f "$copy"
    say "removed from $root"
}

cd "$here"
case ${1:-} in
    install) put ;;
    uninstall) take_out ;;
    *) say "packaging/install.sh takes install or uninstall"; exit 64 ;;
esac
