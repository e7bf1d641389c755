#!/usr/bin/env bash
# Installs the Debian packages that are missing, as root or through sudo. Prints nothing when all are there.
#   eng/packages.sh run|test|bench
set -euo pipefail

run_packages=(gcc libc6-dev cmake libssl-dev libssh-dev zlib1g-dev openssh-client openssh-sftp-server qemu-system-x86 busybox-static squashfs-tools-ng e2fsprogs lz4)
test_packages=("${run_packages[@]}" git tar cpio util-linux bsdutils procps iproute2 file rsync curl tmux mmdebstrap debian-archive-keyring
  python3 python3-grpcio python3-protobuf python3-asyncssh nodejs)
# Debian's npm is a package of its own; other packages of Node have it in them, and conflict with that one.
[[ ${1:-run} != test ]] || command -v npm >/dev/null || test_packages+=(npm)
# The peer that bench/ measures relays against, and unshare for the supervisor.
bench_packages=("${run_packages[@]}" util-linux openssh-server)

case "${1:-run}" in
  run) wanted=("${run_packages[@]}") ;;
  test) wanted=("${test_packages[@]}") ;;
  bench) wanted=("${bench_packages[@]}") ;;
  *) echo "usage: $0 run|test|bench" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  if [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
    missing+=("$package")
  fi
done

if ! command -v dotnet >/dev/null; then
  echo "the .NET SDK is missing: install .NET SDK 10 and put dotnet on PATH" >&2
  exit 1
fi
# The guest kernel is downloaded, not installed: for that apt needs its lists.
lists=yes
apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1 || lists=
[[ ${#missing[@]} -eq 0 && -n $lists ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "apt-get has to be run, and there is no sudo; missing: ${missing[*]:-package lists}" >&2; exit 1; }
  as_root=(sudo)
fi

echo "Installing ${missing[*]:-package lists}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -q \
    && { [[ ${#missing[@]} -eq 0 ]] || "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qy --no-install-recommends "${missing[@]}"; }; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "the packages could not be installed" >&2
  exit 1
fi
