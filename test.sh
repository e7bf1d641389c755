#!/usr/bin/env bash
# Everything that must hold: style, build without warnings, all tests, the smoke script.
# Ends with "N passed, N failed, N skipped" and fails if anything failed, or was skipped where it should run.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# A temporary directory of our own, since the SDK leaves things there (builds empty directories, what is killed its sockets
# and its runtime's pipes). Right below /tmp: paths of sockets have 107 bytes at most.
# MSBuild's nodes must not outlive it, and apt's own user has to get through.
TMPDIR=$(mktemp -d /tmp/os-XXXXXX) && chmod 0711 "$TMPDIR" || exit
export TMPDIR MSBUILDDISABLENODEREUSE=1
trap 'end_suite; rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck source=eng/suite.sh
. eng/suite.sh

# A check of our own counts as one test.
check() {
  local name=$1 started=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name" >&2
  fi
  echo "   $((SECONDS - started)) s"
}

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed -eq 0 && $skipped -eq 0 ]]
  exit
}

quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    grep -E 'error|warn|Unhandled' "$log" | sort -u | head -n 60 || true
    tail -n 5 "$log"
    rm -f "$log"
    return 1
  fi
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

mkdir -p "$results"
check "packages" eng/packages.sh test
check "programs and guest" eng/build.sh
# For the tests with real tools in the guest only, and slow to make: no part of eng/build.sh.
check "image debian" quietly as_root images/debian/build.sh artifacts/bin/guest/images/debian.squashfs
check "build without warnings" quietly dotnet build OpenShell.sln --nologo --verbosity quiet
[[ $failed -eq 0 ]] || finish
check "format" quietly dotnet format OpenShell.sln --verify-no-changes --no-restore
for project in tests/*.Tests; do
  suite "$project"
done
check "smoke" e2e/smoke.sh
check "bench" bench/check.sh
finish
