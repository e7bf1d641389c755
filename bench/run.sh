#!/usr/bin/env bash
# Measures relays, sessions, commands or SSH; the last line is one JSON object. See bench/README.md.
#   bench/run.sh relay|sessions|exec|ssh [options of the load program]
# OPENSHELL_BIN_DIR uses programs that are built already.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

bench=${1:-}
case "$bench" in
  relay | sessions | exec | ssh) shift ;;
  *) echo "usage: $0 relay|sessions|exec|ssh [options]" >&2; exit 2 ;;
esac

eng/packages.sh bench
bin=${OPENSHELL_BIN_DIR:-}
if [[ -z $bin ]]; then
  eng/build.sh
  bin=artifacts/bin
fi

load=artifacts/bench
log=$(mktemp)
if ! dotnet build bench/Load --configuration Release --output "$load" -m:1 --verbosity quiet >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
# One descriptor per session, twice: here and in the gateway.
ulimit -n "$(ulimit -Hn)"
# In our place: signals are for it, and end what it has started.
exec "$load/openshell-load" "$bench" --bin "$bin" "$@"
