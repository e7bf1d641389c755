#!/usr/bin/env bash
# From a fresh clone to a shell in a microVM.
#   ./run.sh          build, start the gateway, make the sandbox "demo" and open a shell in it
#                     (not on a terminal: run a demonstration command in it and exit with its code)
#   ./run.sh --stop   end everything that ./run.sh has started; the sandbox's disk is kept
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=eng/lib.sh
source eng/lib.sh

bin=$PWD/artifacts/bin
state=${XDG_STATE_HOME:-${HOME:?set it, or XDG_STATE_HOME, to where the state is to be}/.local/state}/openshell
port=${OPENSHELL_SERVER_PORT:-17670}
log=$state/gateway/gateway.log
sandbox=demo

fail() { say "$@"; exit 1; }

# The pid of the gateway that has our state directory, if one lives: it holds the directory's lock open. Its number in a
# file could be that of another one, or of a start that failed.
gateway_pid() {
  local pid descriptor
  for pid in $(pgrep -u "$(id -u)" -x openshell-gatew); do
    for descriptor in "/proc/$pid/fd"/*; do
      if [[ $descriptor -ef $state/gateway/gateway.lock ]]; then
        echo "$pid"
        return
      fi
    done
  done
  return 1
}

driver_pids() { pgrep -u "$(id -u)" -f -- "openshell-driver-vm --socket $state/gateway/run/driver.sock( |\$)" || true; }

# Waits until a command succeeds, for at most that many tenths of a second.
until_true() {
  local tenths=$1
  shift
  while ! "$@"; do
    ((tenths-- > 0)) || return 1
    sleep 0.1
  done
}

gateway_gone() { ! gateway_pid >/dev/null; }
driver_gone() { [[ -z $(driver_pids) ]]; }

stop() {
  local pid
  [[ -d $state/gateway ]] || { say "Nothing runs: there is no $state/gateway"; return; }
  take_lock 9 "$state/run.lock" "another run.sh that is starting or stopping"
  if pid=$(gateway_pid); then
    say "Stopping the gateway"
    kill -TERM "$pid" 2>/dev/null || true
    until_true 400 gateway_gone || kill -KILL "$pid" 2>/dev/null || true
  fi
  # What is left if the gateway or the driver was killed: the driver leaves by itself, machines do not.
  if ! until_true 50 driver_gone; then
    driver_pids | xargs -r kill -KILL 2>/dev/null || true
  fi
  if [[ -d $state/vm-driver ]]; then
    [[ -x $bin/openshell-driver-vm ]] || fail "machines may be left: $bin/openshell-driver-vm is missing, which ends them; build it with eng/build.sh and stop again"
    "$bin/openshell-driver-vm" cleanup --state-dir "$state/vm-driver"
  fi
  until_true 50 gateway_gone || fail "the gateway with process number $(gateway_pid) does not end"
  say "Stopped"
}

started_log() { tail -c "+$((offset + 1))" "$log"; }
listening() { started_log | grep -q 'Server listening'; }
dead_or_listening() { listening || ! kill -0 "$gateway" 2>/dev/null; }

start_gateway() {
  local pid program
  if pid=$(gateway_pid); then
    program=$(readlink "/proc/$pid/exe" || true)
    if [[ $program != "$bin/openshell-gateway.host" ]]; then
      say "The gateway that runs is another build (${program:-process $pid}); to change it: ./run.sh --stop && ./run.sh"
    fi
    return
  fi
  say "Starting the gateway"
  offset=$(stat -c %s "$log" 2>/dev/null || echo 0)
  (umask 077 && touch "$log")
  # In a session of its own, so that it outlives this script; until it listens, a Ctrl-C here is its end too.
  setsid nohup "$bin/openshell-gateway" --port "$port" >>"$log" 2>&1 </dev/null 9>&- &
  gateway=$!
  trap 'kill -TERM "$gateway" 2>/dev/null; wait "$gateway" || true; _leave' EXIT
  if ! until_true 600 dead_or_listening || ! listening; then
    started_log >&2
    fail "the gateway did not start; above is what it said, from $log"
  fi
  trap _leave EXIT
}

# Sets `phase`: in small letters, empty if there is no such sandbox. What else goes wrong is said, and is the exit code.
read_phase() {
  local answer status=0
  answer=$("$bin/openshell" sandbox get "$sandbox" -o json 2>&1) || status=$?
  case $status in
    0) phase=$(sed -n 's/^ *"phase": *"\([^"]*\)".*/\1/p' <<<"$answer" | tr '[:upper:]' '[:lower:]' | head -n 1) ;;
    3) phase= ;;
    *) say "$answer"; return "$status" ;;
  esac
}

is_ready() { read_phase 2>/dev/null && [[ $phase == ready ]]; }
is_gone() { read_phase 2>/dev/null && [[ -z $phase ]]; }

# A sandbox that exists is the user's, whatever state it is in: it is started, never replaced.
ready_sandbox() {
  read_phase || exit
  if [[ $phase == deleting ]]; then
    say "The sandbox '$sandbox' is being deleted; a new one is made when it is gone"
    until_true 600 is_gone || fail "the sandbox '$sandbox' is still being deleted after a minute; see: openshell sandbox get $sandbox"
    phase=
  fi
  case $phase in
    ready) return ;;
    '') "$bin/openshell" sandbox create --name "$sandbox" >&2 ;;
    provisioning) say "The sandbox '$sandbox' is starting" ;;
    *)
      say "The sandbox '$sandbox' is in the phase $phase; starting it again"
      "$bin/openshell" sandbox start "$sandbox" >&2 || fail "the sandbox '$sandbox' does not start; its disk is kept. What was wrong: openshell logs $sandbox. To give it up: openshell sandbox delete $sandbox"
      ;;
  esac
  until_true 1200 is_ready || fail "the sandbox '$sandbox' is not ready after two minutes; its disk is kept. What was wrong: openshell logs $sandbox, and the gateway's log is $log"
}

case "${1:-}" in
  --stop) stop; exit 0 ;;
  '') ;;
  *) echo "usage: $0 [--stop]" >&2; exit 2 ;;
esac

# What .NET needs is fetched while Debian's packages are. If that is not over when they are there, the build waits for it
# and says so; what goes wrong there, too.
start_child eng/build.sh --restore 2>/dev/null
eng/packages.sh run
run_child eng/build.sh
(umask 077 && mkdir -p "$state/gateway") || fail "cannot make $state/gateway; set XDG_STATE_HOME to a directory that you can write to"
take_lock 9 "$state/run.lock" "another run.sh that is starting or stopping"
start_gateway
"$bin/openshell" gateway add "unix:$state/gateway/run/gateway.sock" --name local --select >/dev/null
ready_sandbox
# A shell may last for days.
exec 9>&-

if [[ -t 0 && -t 1 ]]; then
  say "A shell in the sandbox '$sandbox' (exit leaves it running; ./run.sh --stop ends everything)"
  exec "$bin/openshell" sandbox shell "$sandbox"
fi
exec "$bin/openshell" sandbox exec "$sandbox" -- /bin/sh -c \
  'echo "Hello from $(hostname): Linux $(uname -r), up $(cut -d. -f1 /proc/uptime) s, PID 1 is $(cat /proc/1/comm)"'
