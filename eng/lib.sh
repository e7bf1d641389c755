# Sourced by the scripts of this repository. Children that end with their script, steps that show their progress, and a
# work directory whose removal never reaches what is mounted in it.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

_children=()
_work=

# NAME: sets the variable NAME to a new directory that is gone when the script ends, however that is.
work_directory() {
  _work=$(mktemp -d)
  printf -v "$1" '%s' "$_work"
}

_end_children() {
  local child
  for child in "${_children[@]}"; do kill -TERM -- "-$child" 2>/dev/null || true; done
  for child in "${_children[@]}"; do
    # A child that does not go by itself within 10 s is not asked again.
    for _ in $(seq 100); do kill -0 -- "-$child" 2>/dev/null || break; sleep 0.1; done
    kill -KILL -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
  _children=()
}

# Nothing is removed below a process that still works in it, nor where something is mounted: as root that would be the
# machine's own /proc or /dev, and a bind mount has no other device number by which rm could tell.
_leave() {
  local status=$?
  trap '' INT TERM HUP
  _end_children
  if [[ -n $_work ]] && cut -d' ' -f5 /proc/self/mountinfo | grep -qF -- "$_work/"; then
    say "something is mounted below $_work; unmount it, then remove that directory"
  elif [[ -n $_work ]]; then
    rm -rf --one-file-system -- "$_work"
  fi
  exit "$status"
}

trap _leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# COMMAND...: starts it in a process group of its own, so that its whole tree can be ended, and sets `child` to its number.
# Locks of the caller (LOCK_FDS, descriptors) are closed in it: what it leaves behind, such as a compiler's server, must
# not hold them.
start_child() {
  local close= descriptor
  for descriptor in ${LOCK_FDS:-}; do close+=" $descriptor>&-"; done
  set -m
  eval '"$@" </dev/null'"$close"' &'
  child=$!
  set +m
  _children+=("$child")
}

# PID: waits for a child and gives its exit code.
join_child() {
  local status=0 others=() other
  wait "$1" || status=$?
  for other in "${_children[@]}"; do [[ $other == "$1" ]] || others+=("$other"); done
  _children=("${others[@]}")
  return "$status"
}

# COMMAND...: runs it as a child to its end.
run_child() {
  start_child "$@"
  join_child "$child"
}

# WHAT PID: waits for a child; on a terminal with the seconds that have passed. The exit code is the child's.
watch_child() {
  local what=$1 pid=$2 started=$SECONDS
  if [[ -t 2 ]]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\033[K%s ... %d s' "$what" "$((SECONDS - started))" >&2
      sleep 0.5
    done
    printf '\r\033[K%s: %d s\n' "$what" "$((SECONDS - started))" >&2
  else
    say "$what"
  fi
  join_child "$pid"
}

# DESCRIPTOR FILE WHAT: takes a lock, and says what is waited for if another process has it. It is held until the script ends.
take_lock() {
  local descriptor=$1 file=$2 what=$3
  eval "exec $descriptor>>\"\$file\""
  LOCK_FDS="${LOCK_FDS:-} $descriptor"
  if ! flock -n "$descriptor"; then
    say "Waiting for $what"
    flock "$descriptor"
  fi
}
