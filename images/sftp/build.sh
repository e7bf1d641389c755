#!/usr/bin/env bash
# Puts Debian's sftp-server into OUTDIR, with the loader and the one library that it needs, so that it runs in a guest
# whatever the image has.
set -euo pipefail

fail() { printf 'sftp: %s\n' "$*" >&2; exit 1; }

[ $# -eq 1 ] || fail "usage: $0 OUTDIR"
out=$1
server=${SFTP_SERVER:-/usr/lib/openssh/sftp-server}
[ -x "$server" ] || fail "$server is missing: apt-get install openssh-sftp-server"

loader=$(readelf --program-headers "$server" | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
[ -n "$loader" ] || fail "$server is not linked dynamically"
mapfile -t libraries < <(ldd "$server" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p')

# Each file is whole or the old one, and nothing else is there: a driver may be making an initramfs of the directory.
copy() { install -m 0755 "$1" "$out.$2.new" && mv -T "$out.$2.new" "$out/$2"; }

mkdir -p "$out"
copy "$server" sftp-server
copy "$loader" ld.so
for library in "${libraries[@]}"; do
  copy "$library" "$(basename "$library")"
done
