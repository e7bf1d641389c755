#!/usr/bin/env bash
# Builds everything into artifacts/bin: the four programs, the guest kernel, the guests' sftp-server and the tiny image.
# Does nothing when no source has changed since the last time.
set -euo pipefail
cd "$(dirname "$0")/.."
# What is said on the way is for people; the output belongs to whoever runs the programs afterwards.
exec 1>&2

out=artifacts/bin
stamp=artifacts/.built
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Content, not times: a checkout has new times for old files.
fingerprint() {
  {
    dotnet --version
    git ls-files -z --cached --others --exclude-standard -- proto src images eng '*.props' '*.targets' global.json \
      | sort -z | xargs -0 -r sha256sum 2>/dev/null
  } | sha256sum | cut -d' ' -f1
}

now=$(fingerprint)
if [[ -f $stamp && $(cat "$stamp") == "$now" && -x $out/openshell && -f $out/guest/kernel/manifest.json ]]; then
  exit 0
fi

step() { echo "Building $1" >&2; }

publish() {
  local log
  log=$(mktemp)
  if ! dotnet publish "src/$1" --configuration Release --runtime linux-x64 \
      --output "artifacts/publish/$1" --verbosity quiet "${@:2}" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "src/$1 does not build" >&2
    exit 1
  fi
  rm -f "$log"
}

# What is started by a program's name looks at the limits before a runtime is loaded, then becomes NAME.host.
launcher() {
  mv -f "$out/$1" "$out/$1.host"
  gcc -std=gnu11 -O2 -g0 -Wall -Wextra -Werror -pthread -o "$out/$1.new" src/Launch/launcher.c src/Launch/limits.c
  mv -f "$out/$1.new" "$out/$1"
}

rm -f "$stamp"
mkdir -p "$out/guest"
step "the supervisor"; publish Supervisor
step "the command line"; publish Cli
step "the gateway"; publish Gateway --no-self-contained
step "the VM driver"; publish Driver.Vm --no-self-contained
# A running copy keeps its file: replace, do not overwrite.
for project in Gateway Driver.Vm; do
  cp -a --remove-destination "artifacts/publish/$project/." "$out/"
done
launcher openshell-gateway
launcher openshell-driver-vm
install -m 0755 artifacts/publish/Supervisor/openshell-supervisor "$out/openshell-supervisor"
install -m 0755 artifacts/publish/Cli/openshell "$out/openshell"

step "the guest kernel"; images/kernel/build.sh "$out/guest/kernel"
step "the guests' sftp-server"; images/sftp/build.sh "$out/guest/sftp"
step "the image tiny"; mkdir -p "$out/guest/images"; images/tiny/build.sh "$out/guest/images/tiny.squashfs"
echo "$now" >"$stamp"
