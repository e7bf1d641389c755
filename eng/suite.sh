# Sourced by test.sh and eng/slow.sh: runs a test project and counts what it said. From the repository's root.

results=artifacts/test-results
passed=0 failed=0 skipped=0

# What only a hang takes: the longest suite needs a quarter of it on a machine that is three times slower than ours.
suite_limit=5400

# What goes to dotnet test besides.
suite_options=()

# The suite that runs, as a process group of its own.
running=

# suite PROJECT [LAUNCHER ...]: the launcher, if any, starts it.
suite() {
  local project=$1 name log started=$SECONDS
  shift
  name=$(basename "$project")
  log=$results/$name.trx
  rm -f "$log"
  echo "== $name"
  # Beside us, so that a signal to us does not wait for its end; as a job, since others would ignore SIGINT.
  set -m
  "$@" timeout --kill-after=30 "$suite_limit" dotnet test "$project" --no-build --nologo --verbosity quiet "${suite_options[@]}" \
    --logger "trx;LogFileName=$PWD/$log" --logger "console;verbosity=minimal" </dev/null &
  running=$!
  set +m
  wait "$running" || true
  running=
  echo "   $((SECONDS - started)) s"
  if [[ ! -f $log ]]; then
    echo "FAILED: $name left no results" >&2
    failed=$((failed + 1))
    return
  fi
  local counters total ok bad
  counters=$(grep -o '<Counters [^>]*' "$log")
  count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }
  total=$(count total) ok=$(count passed) bad=$(count failed)
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - ok - bad))
  if [[ $total -eq 0 ]]; then
    echo "FAILED: $name ran no test" >&2
    failed=$((failed + 1))
  fi
}

# Ends the suite that runs, if one does, with everything that its tests have started.
end_suite() {
  if [[ -n $running ]]; then
    kill -TERM -- "-$running" 2>/dev/null
    wait "$running"
    kill -KILL -- "-$running" 2>/dev/null
    running=
  fi
}
