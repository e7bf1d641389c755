#!/usr/bin/env bash
# Runs test suites as a slow and busy machine would: all their processes on one core, beside a hog (a busy loop of normal
# priority) that takes half of it. What falls here rests on speed. Build first: eng/build.sh && dotnet build OpenShell.sln
#   eng/slow.sh [--rounds N] [--core N] [--filter EXPRESSION] [SUITE ...]
# A suite is a directory of tests/, such as Ssh.Tests; none: all of them. Ends with "N rounds: N passed, N failed, N skipped"
# and the names of what failed; nothing that it started stays.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

# shellcheck source=eng/suite.sh
. eng/suite.sh

usage() {
  echo "usage: $0 [--rounds N] [--core N] [--filter EXPRESSION] [SUITE ...]" >&2
  exit 2
}

rounds=5 core=$(($(nproc --all) - 1))
while [[ ${1:-} == -* ]]; do
  [[ $# -ge 2 ]] || usage
  case $1 in
    --rounds) rounds=$2 ;;
    --core) core=$2 ;;
    --filter) suite_options=(--filter "$2") ;;
    *) usage ;;
  esac
  shift 2
done
[[ $rounds =~ ^[1-9][0-9]*$ && $core =~ ^[0-9]+$ ]] || usage
suites=("$@")
[[ $# -gt 0 ]] || suites=(tests/*.Tests)
for i in "${!suites[@]}"; do
  suites[i]=tests/$(basename "${suites[i]}")
  [[ -d ${suites[i]} ]] || { echo "$0: ${suites[i]} is no suite" >&2; exit 2; }
done

results=artifacts/slow-results
TMPDIR=$(mktemp -d /tmp/os-XXXXXX) && chmod 0711 "$TMPDIR" || exit
export TMPDIR
mkdir -p "$results"

hog=
end() {
  end_suite
  if [[ -n $hog ]]; then
    kill "$hog" 2>/dev/null
    wait "$hog" 2>/dev/null
  fi
  rm -rf "$TMPDIR"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# With what started it, however that ends: both die when this script does.
setpriv --pdeathsig KILL taskset -c "$core" bash -c 'while :; do :; done' &
hog=$!

names=$results/failed
: >"$names"
for ((round = 1; round <= rounds; round++)); do
  echo "== round $round of $rounds"
  for project in "${suites[@]}"; do
    suite "$project" setpriv --pdeathsig TERM taskset -c "$core"
    grep -o '<UnitTestResult [^>]*outcome="Failed"' "$results/$(basename "$project").trx" 2>/dev/null \
      | sed -n "s/.* testName=\"\([^\"]*\)\".*/round $round: $(basename "$project") \1/p" >>"$names"
  done
done
cat "$names"
echo "$rounds rounds: $passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
