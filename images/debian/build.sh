#!/usr/bin/env bash
# Makes the Debian guest image, a squashfs with what people and agents expect of a machine to work in: OUTFILE.
#
# The packages come from the Debian archives that this machine's apt is set up with, so the bytes are those of a day: the
# same packages give the same image. Does nothing when OUTFILE was made by this very script. Needs root and 500 MB in TMPDIR.
set -euo pipefail
export LC_ALL=C
# Any constant will do, as long as it never changes: no file is newer than this.
export SOURCE_DATE_EPOCH=1700000000

readonly SUITE=bookworm
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly PACKAGES=bash,ca-certificates,curl,git,less,ncurses-base,openssh-client,procps,python3,rsync,vim-tiny

# shellcheck source=eng/lib.sh
source "$(dirname "$0")/../../eng/lib.sh"
say() { printf 'debian: %s\n' "$*" >&2; }
fail() { printf 'debian: %s\n' "$*" >&2; exit 1; }

# Other archives that apt may know (Docker's, Google's) have no business in the image.
sources() {
  # shellcheck disable=SC2016  # the words in $() are apt's
  apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Origin: Debian' 'Created-By: Packages' |
    grep -E " $SUITE(-updates|-security)? " | sed "s|^|deb [signed-by=$KEYRING] |" || true
}

# apt in the new tree reads no configuration of this machine; a proxy it needs all the same.
proxies() {
  apt-config dump | grep -E '^Acquire::https?::Proxy(::[^ ]*)? ' || true
}

# FILE TEXT: a file of the image.
text() { printf '%s\n' "$2" >"$work/files/$1"; }

# What follows must not depend on the machine that makes the image: mmdebstrap takes its host name and resolver along.
files() {
  mkdir -p "$work/files"
  text hostname sandbox
  text hosts '127.0.0.1 localhost
::1 localhost'
  : >"$work/files/resolv.conf"
}

tree() {
  local line options=()
  while read -r line; do [ -n "$line" ] && options+=("--aptopt=$line"); done <<<"$(proxies)"
  # In namespaces of its own: mmdebstrap mounts /proc, /sys and /dev into its tree. There these mounts cannot be seen from
  # outside, and its end, or this script's, is that of all that it has started.
  # In hooks, $1 is the tree. The shell of the terminal's login has colours and completion from Debian's own /etc/skel.
  # shellcheck disable=SC2016
  sources >"$work/sources"
  run_child setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    mmdebstrap --quiet --variant=minbase --format=tar --include="$PACKAGES" "${options[@]}" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt=path-exclude='/usr/share/man/*' --dpkgopt=path-exclude='/usr/share/info/*' \
    --dpkgopt=path-exclude='/usr/share/locale/*' --dpkgopt=path-exclude='/usr/share/doc/*' \
    --dpkgopt=path-include='/usr/share/doc/*/copyright' \
    --customize-hook='chroot "$1" useradd --create-home --uid 1000 --user-group --shell /bin/bash sandbox' \
    --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/cache/debconf/*-old "$1"/var/cache/ldconfig/* "$1"/etc/*-' \
    --customize-hook='find "$1"/var/log -type f -delete; find "$1" -xdev -name __pycache__ -prune -exec rm -rf {} +' \
    --customize-hook="install -m 0644 '$work'/files/* \"\$1\"/etc/" \
    "$SUITE" "$1" "$work/sources"
}

pack() { tar2sqfs -q -f -c zstd -j 1 -d "mtime=$SOURCE_DATE_EPOCH" "$work/debian.squashfs" <"$work/debian.tar"; }

main() {
  [ $# -eq 1 ] || { echo "usage: $0 OUTFILE" >&2; exit 2; }
  local out=$1 script
  script=$(sha256sum <"$0")
  if [ -f "$out" ] && [ "$(cat "$out.made-by" 2>/dev/null)" = "$script" ]; then
    say "$out is there already"
    return
  fi
  command -v mmdebstrap >/dev/null || fail "mmdebstrap was not found in PATH; install the package mmdebstrap"
  command -v tar2sqfs >/dev/null || fail "tar2sqfs was not found in PATH; install the package squashfs-tools-ng"
  [ -f "$KEYRING" ] || fail "$KEYRING is missing; install the package debian-archive-keyring"
  [ "$(id -u)" = 0 ] || fail "root is needed to unpack packages as they are; run it with sudo"
  [ -n "$(sources)" ] || fail "apt has no Debian archive of $SUITE in its lists; add one to /etc/apt/sources.list.d, then: apt-get update"

  work_directory work
  # apt's own user has to get through.
  chmod 0711 "$work"
  files
  # Its own words say which archive or package it was.
  TMPDIR=$work tree "$work/debian.tar" || fail "mmdebstrap could not make the tree from these archives: $(sources | cut -d' ' -f3- | tr '\n' ';')"
  mkdir -p "$(dirname "$out")"
  # One job: with more, the order of the blocks is not always the same.
  run_child pack
  cp "$work/debian.squashfs" "$out.new"
  mv -T "$out.new" "$out"
  printf '%s\n' "$script" >"$out.made-by"
  say "$(stat -c %s "$out") bytes in $out"
}

main "$@"
