#!/usr/bin/env bash
# Makes the tiny guest image, a squashfs with busybox and nothing else: OUTFILE.
#
# The file system is written as a tar stream and packed by tar2sqfs, so that owners and modes are right without root,
# and the same busybox gives the same bytes. Does nothing when OUTFILE is newer than busybox and this script.
set -euo pipefail
export LC_ALL=C

# Any constant will do, as long as it never changes: every file has this modification time.
readonly TIMESTAMP=1700000000
readonly BUSYBOX=${BUSYBOX:-/bin/busybox}

# shellcheck source=eng/lib.sh
source "$(dirname "$0")/../../eng/lib.sh"
say() { printf 'tiny: %s\n' "$*" >&2; }
fail() { printf 'tiny: %s\n' "$*" >&2; exit 1; }

# Every file goes into `entries` as "PATH OWNER MODE"; no path has a space.
# DIR UID MODE
directory() { mkdir -p "$tree/$1"; entries+=("$1 $2 $3"); }

files() {
  directory . 0 0755
  for dir in bin sbin usr usr/bin usr/sbin etc var var/log home dev proc sys run mnt srv opt; do directory "$dir" 0 0755; done
  directory root 0 0700
  directory tmp 0 1777
  directory var/tmp 0 1777
  directory home/sandbox 1000 0755

  cp "$BUSYBOX" "$tree/bin/busybox"
  entries+=("bin/busybox 0 0755")
  local applet
  for applet in $("$BUSYBOX" --list-full); do
    [ "$applet" = bin/busybox ] && continue
    mkdir -p "$tree/$(dirname "$applet")"
    ln -sf /bin/busybox "$tree/$applet"
    entries+=("$applet 0 0777")
  done

  text etc/passwd 'root:x:0:0:root:/root:/bin/sh
sandbox:x:1000:1000:sandbox:/home/sandbox:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/false'
  text etc/group 'root:x:0:
tty:x:5:
sandbox:x:1000:
nogroup:x:65534:'
  text etc/hosts '127.0.0.1 localhost
::1 localhost'
  text etc/hostname 'sandbox'
  text etc/shells '/bin/sh
/bin/ash'
  text etc/profile "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ \"\$(id -u)\" = 0 ] && PS1='\\h:\\w# ' || PS1='\\h:\\w\$ '"
  text etc/os-release 'ID=openshell-tiny
NAME="OpenShell tiny"
PRETTY_NAME="OpenShell tiny (busybox)"'
}

# FILE TEXT: a file that everybody may read.
text() {
  printf '%s\n' "$2" >"$tree/$1"
  entries+=("$1 0 0644")
}

# tar takes owner and mode from its options only, so it makes one pass for each combination of them.
stream() {
  local archive=$1 owner mode
  printf '%s\n' "${entries[@]}" | sort -u >"$tree.entries"
  cut -d' ' -f2- "$tree.entries" | sort -u | while read -r owner mode; do
    awk -v key="$owner $mode" '$2 " " $3 == key { print $1 }' "$tree.entries" |
      tar --append --file "$archive" --directory "$tree" --no-recursion --format=gnu --files-from=- \
        --owner="$owner" --group="$owner" --numeric-owner --mode="$mode" --mtime="@$TIMESTAMP"
  done
}

main() {
  [ $# -eq 1 ] || { echo "usage: $0 OUTFILE" >&2; exit 2; }
  local out=$1 work
  [ -x "$BUSYBOX" ] || fail "$BUSYBOX was not found; install the package busybox-static"
  command -v tar2sqfs >/dev/null || fail "tar2sqfs was not found in PATH; install the package squashfs-tools-ng"
  if [ -f "$out" ] && [ "$out" -nt "$BUSYBOX" ] && [ "$out" -nt "$0" ]; then
    say "$out is there already"
    return
  fi

  work_directory work
  tree=$work/tree
  entries=()
  files
  stream "$work/tiny.tar"
  mkdir -p "$(dirname "$out")"
  # One job: with more, the order of the blocks is not always the same.
  tar2sqfs -q -f -c "${COMPRESSOR:-zstd}" -j 1 -d "mtime=$TIMESTAMP" "$work/tiny.squashfs" <"$work/tiny.tar"
  cp "$work/tiny.squashfs" "$out.new"
  mv -T "$out.new" "$out"
  say "$(stat -c %s "$out") bytes in $out"
}

main "$@"
