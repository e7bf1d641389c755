#!/usr/bin/env bash
# Whether the benches work, not how fast: each runs for about a second; one is ended by TERM; one waits for a gateway that
# never listens. For test.sh. Prints what failed; OPENSHELL_BIN_DIR as for bench/run.sh.
set -uo pipefail
cd "$(dirname "$0")/.."

# What only a hang takes.
limit=600
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
  echo "bench: $1" >&2
  tail -n 5 "$work/log" >&2
  failed=1
}

for bench in relay sessions exec ssh; do
  timeout --kill-after=10 "$limit" bench/run.sh "$bench" --short --no-vm >"$work/out" 2>"$work/log" || fail "$bench exited with $?"
  [[ $(tail -n 1 "$work/out") == '{'*'"load_average":'*'}' ]] || fail "$bench ended without its figures"
done

# In a process group of its own, by which its processes are known.
begin() {
  setsid env "$@" >"$work/out" 2>"$work/log" &
  run=$!
}

# The code that the run ended with; empty: it did not end.
ended() {
  for ((i = 0; i < limit * 5; i++)); do
    kill -0 "$run" 2>/dev/null || { wait "$run"; code=$?; return; }
    sleep 0.2
  done
  code=
  kill -KILL -- "-$run"
}

nothing_left() {
  # The kernel ends the supervisor with the one that has started it, a moment later.
  for ((i = 0; i < limit * 5; i++)); do
    pgrep -g "$run" >/dev/null || break
    sleep 0.2
  done
  ! pgrep -g "$run" >/dev/null || { fail "$1 left $(pgrep -g "$run" -l | tr '\n' ' ')"; kill -KILL -- "-$run"; }
  compgen -G "$work/os-load-*" >/dev/null && fail "$1 left its directory"
}

begin "TMPDIR=$work" bench/run.sh relay --no-ssh --seconds 3600
for ((i = 0; i < limit * 5; i++)); do
  pgrep -g "$run" -f openshell-supervisor >/dev/null && break
  kill -0 "$run" 2>/dev/null || break
  sleep 0.2
done
kill -TERM "$run"
ended
[[ $code == 143 ]] || fail "relay ended with '$code' after TERM"
nothing_left "relay, after TERM,"

mkdir "$work/bin"
printf '#!/bin/sh\nexec sleep 3600\n' >"$work/bin/openshell-gateway"
chmod +x "$work/bin/openshell-gateway"
begin "TMPDIR=$work" "OPENSHELL_BIN_DIR=$work/bin" bench/run.sh relay --limit 1
ended
[[ $code == 1 && $(cat "$work/log") == *'not within 1 s: process '*' listens'* ]] || fail "relay without a gateway ended with '$code'"
nothing_left "relay without a gateway"
exit "$failed"
