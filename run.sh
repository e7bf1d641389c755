#!/usr/bin/env bash
# From a fresh clone to a shell in a microVM.
#   ./run.sh          build, start the gateway, make the sandbox "demo" and open a shell in it
#                     (not on a terminal: run a demonstration command in it and exit with its code)
#   ./run.sh --stop   end everything that ./run.sh has started; the sandbox's disk is kept
set -euo pipefail
cd "$(dirname "$0")"

bin=$PWD/artifacts/bin
state=${XDG_STATE_HOME:-$HOME/.local/state}/openshell
port=${OPENSHELL_SERVER_PORT:-17670}
pid_file=$state/gateway/gateway.pid
log=$state/gateway/gateway.log
sandbox=demo

say() { echo "$*" >&2; }

# The pid of our gateway, if it lives: a recycled pid runs another program.
gateway_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  [[ "$(readlink "/proc/$pid/exe" 2>/dev/null)" == "$bin/openshell-gateway"* ]] && echo "$pid"
}

driver_pids() { pgrep -f -- "^$bin/openshell-driver-vm --socket $state/gateway/run/driver.sock( |\$)" || true; }

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
  if pid=$(gateway_pid); then
    say "Stopping the gateway"
    kill -TERM "$pid" 2>/dev/null || true
    until_true 400 gateway_gone || kill -KILL "$pid" 2>/dev/null || true
  fi
  # What is left if the gateway or the driver was killed: the driver leaves by itself, machines do not.
  if ! until_true 50 driver_gone; then
    driver_pids | xargs -r kill -KILL 2>/dev/null || true
  fi
  if [[ -x $bin/openshell-driver-vm && -d $state/vm-driver ]]; then
    "$bin/openshell-driver-vm" cleanup --state-dir "$state/vm-driver"
  fi
  rm -f "$pid_file"
  say "Stopped"
}

listening() { tail -c "+$((offset + 1))" "$log" | grep -q 'Server listening'; }
dead_or_listening() { listening || gateway_gone; }

start_gateway() {
  if gateway_pid >/dev/null; then
    return
  fi
  say "Starting the gateway on 127.0.0.1:$port"
  (umask 077 && mkdir -p "$state/gateway" && touch "$log")
  offset=$(stat -c %s "$log")
  setsid nohup "$bin/openshell-gateway" --port "$port" >>"$log" 2>&1 </dev/null &
  echo $! >"$pid_file"
  if ! until_true 300 dead_or_listening || ! listening; then
    tail -n 20 "$log" >&2
    say "the gateway did not start; its log is $log"
    exit 1
  fi
}

phase() { "$bin/openshell" sandbox get "$sandbox" -o json 2>/dev/null | sed -n 's/^ *"phase": *"\([^"]*\)".*/\1/p' | tr '[:upper:]' '[:lower:]' | head -n 1; }

ready_sandbox() {
  case "$(phase)" in
    ready) return ;;
    stopped) "$bin/openshell" sandbox start "$sandbox" >&2 ;;
    error | deleting) "$bin/openshell" sandbox delete "$sandbox" >&2 && "$bin/openshell" sandbox create --name "$sandbox" >&2 ;;
    '') "$bin/openshell" sandbox create --name "$sandbox" >&2 ;;
  esac
  is_ready() { [[ $(phase) == ready ]]; }
  until_true 600 is_ready || { say "the sandbox '$sandbox' is not ready; the gateway's log is $log"; exit 1; }
}

case "${1:-}" in
  --stop) stop; exit 0 ;;
  '') ;;
  *) echo "usage: $0 [--stop]" >&2; exit 2 ;;
esac

eng/packages.sh run
eng/build.sh
start_gateway
"$bin/openshell" gateway add "unix:$state/gateway/run/gateway.sock" --name local --select >/dev/null
ready_sandbox

if [[ -t 0 && -t 1 ]]; then
  say "A shell in the sandbox '$sandbox' (exit leaves it running; ./run.sh --stop ends everything)"
  exec "$bin/openshell" sandbox shell "$sandbox"
fi
exec "$bin/openshell" sandbox exec "$sandbox" -- /bin/sh -c \
  'echo "Hello from $(hostname): Linux $(uname -r), up $(cut -d. -f1 /proc/uptime) s, PID 1 is $(cat /proc/1/comm)"'
