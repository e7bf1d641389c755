#!/usr/bin/env bash
# Builds everything into artifacts/bin: the four programs, the guest kernel, the guests' sftp-server and the tiny image.
# Does nothing when no source has changed since the last time. An interrupted build changes nothing in artifacts/bin.
#   eng/build.sh            builds
#   eng/build.sh --restore  only fetches the packages of .NET that a build will need, without a word
set -euo pipefail
cd "$(dirname "$0")/.."
# What is said on the way is for people; the output belongs to whoever runs the programs afterwards.
exec 1>&2
# shellcheck source=eng/lib.sh
source eng/lib.sh

out=artifacts/bin
stamp=artifacts/.built
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

# Content, not times: a checkout has new times for old files.
fingerprint() {
  {
    dotnet --version
    git ls-files -z --cached --others --exclude-standard -- proto src images eng '*.props' '*.targets' global.json \
      | sort -z | xargs -0 -r sha256sum 2>/dev/null
  } | sha256sum | cut -d' ' -f1
}

is_built() { [[ -f $stamp && $(cat "$stamp") == "$(fingerprint)" && -x $out/openshell && -f $out/guest/kernel/manifest.json ]]; }

# PID LOG WHAT: waits for a child that writes to LOG, which is shown if it fails.
finish() {
  local status=0
  watch_child "$3" "$1" || status=$?
  [[ $status -eq 0 ]] && return
  cat "$2"
  say "$3: failed with exit code $status"
  exit 1
}

restore() { dotnet restore eng/Programs.slnf --runtime linux-x64 --verbosity quiet; }

# As a child: after a --restore that still runs, so that they do not write the same files.
restore_after() {
  exec 7>>artifacts/.restore.lock
  flock 7
  restore 7>&-
}

mkdir -p artifacts 2>/dev/null || true
if [[ ! -w artifacts || (-e artifacts/.build.lock && ! -w artifacts/.build.lock) || (-e artifacts/.restore.lock && ! -w artifacts/.restore.lock) ]]; then
  say "$PWD/artifacts cannot be written by $(id -un): another user has built here; give it away with chown -R, or remove it"
  exit 1
fi
if [[ ${1:-} == --restore ]]; then
  # Another build fetches by itself.
  exec 7>>artifacts/.restore.lock
  LOCK_FDS=7
  flock --nonblock 7 || exit 0
  is_built && exit 0
  run_child restore >/dev/null || true
  exit 0
fi
take_lock 8 artifacts/.build.lock "another build in $PWD"
is_built && exit 0
now=$(fingerprint)
work_directory work

# Its download takes longer than its work: beside the builds.
mkdir -p "$out/guest/images"
start_child images/kernel/build.sh "$out/guest/kernel" >"$work/kernel.log" 2>&1
kernel=$child

start_child restore_after >"$work/restore.log" 2>&1
finish "$child" "$work/restore.log" "Fetching .NET packages (200 MB the first time)"
start_child dotnet msbuild eng/Programs.proj -maxCpuCount -nologo -verbosity:quiet >"$work/programs.log" 2>&1
finish "$child" "$work/programs.log" "Building gateway, driver, supervisor and command line (1 to 3 minutes)"
finish "$kernel" "$work/kernel.log" "Fetching the guest kernel (70 MB the first time)"
start_child images/sftp/build.sh "$out/guest/sftp" >"$work/sftp.log" 2>&1
finish "$child" "$work/sftp.log" "Making the guests' sftp-server"
start_child images/tiny/build.sh "$out/guest/images/tiny.squashfs" >"$work/tiny.log" 2>&1
finish "$child" "$work/tiny.log" "Making the image tiny"

# What is started by a program's name looks at the limits before a runtime is loaded, then becomes NAME.host.
run_child gcc -std=gnu11 -O2 -g0 -Wall -Wextra -Werror -pthread -o "$work/launcher" src/Launch/launcher.c src/Launch/limits.c

# All or nothing: from here to the stamp no signal is heard. A running copy keeps its file: replace, do not overwrite.
trap '' INT TERM HUP
rm -f "$stamp"
for project in Gateway Driver.Vm; do
  cp -a --remove-destination "artifacts/publish/$project/." "$out/"
done
for program in openshell-gateway openshell-driver-vm; do
  mv -T "$out/$program" "$out/$program.host"
  install -m 0755 "$work/launcher" "$out/$program"
done
for program in Supervisor/openshell-supervisor Cli/openshell; do
  install -m 0755 "artifacts/publish/$program" "$out/${program#*/}.new"
  mv -T "$out/${program#*/}.new" "$out/${program#*/}"
done
# What was changed during the build is not in it.
echo "$now" >"$stamp"
