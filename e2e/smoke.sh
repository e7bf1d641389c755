#!/usr/bin/env bash
# The system end to end, with a real microVM: gateway up, create, exec, list, delete, gateway down, nothing left.
# On failure it prints the gateway's log and every console log, and keeps its directory.
# Last line: one JSON object {"total_s", "create_to_ready_s", "exec_s", "accel"} (seconds on the wall clock; accel is what
# the machine really ran on, kvm or tcg).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bin=${OPENSHELL_BIN_DIR:-$root/artifacts/bin}
cli=${OPENSHELL_BIN:-$bin/openshell}
gateway=${OPENSHELL_GATEWAY_BIN:-$bin/openshell-gateway}
accel=${OPENSHELL_VM_ACCEL:-auto}
[[ -x $gateway && -x $cli ]] || "$root/eng/build.sh"

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.3f", b - a }'; }
say() { echo "smoke: $*"; }

# Short: the sockets below it have to fit 107 bytes.
dir=$(mktemp -d /tmp/os-smoke-XXXXXX)
log=$dir/gateway.log
pid=

# Processes of this run: everything that names its directory.
leftovers() { pgrep -f -- "$dir/" | grep -vxE "$$|$BASHPID" || true; }

finish() {
  local status=$?
  trap - EXIT
  if [[ -n $pid ]] && kill -0 "$pid" 2>/dev/null; then
    kill -TERM "$pid"
    for _ in $(seq 200); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  if [[ $status -ne 0 ]]; then
    "$bin/openshell-driver-vm" cleanup --state-dir "$dir/vm-driver" || true
    say "FAILED; kept $dir" >&2
    echo "--- $log" >&2; cat "$log" >&2
    find "$dir" -name console.log -print -exec sh -c 'echo "--- $1"; cat "$1"' _ {} \; >&2
    exit "$status"
  fi
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

export XDG_CONFIG_HOME=$dir/config XDG_STATE_HOME=$dir/state XDG_CACHE_HOME=$dir/cache OPENSHELL_PROVISION_TIMEOUT=180
unset OPENSHELL_GATEWAY OPENSHELL_GATEWAY_ENDPOINT OPENSHELL_TOKEN_FILE OPENSHELL_SEND_TOKEN_IN_CLEAR OPENSHELL_LOCAL_SOCKET
started=$(now)

"$gateway" --port 0 --state-dir "$dir/gateway" --driver-state-dir "$dir/vm-driver" --db-url sqlite::memory: \
  --driver-dir "$bin" --accel "$accel" >"$log" 2>&1 </dev/null &
pid=$!
for _ in $(seq 600); do
  endpoint=$(sed -n 's/.*Server listening on http:.* and \(unix:[^ ]*\) .*/\1/p' "$log")
  [[ -n $endpoint ]] && break
  kill -0 "$pid" 2>/dev/null || { say "the gateway died" >&2; exit 1; }
  sleep 0.05
done
[[ -n $endpoint ]] || { say "the gateway does not listen after 30 s" >&2; exit 1; }
export OPENSHELL_GATEWAY_ENDPOINT=$endpoint

status=$("$cli" status)
grep -q Connected <<<"$status" || { say "status does not say Connected: $status" >&2; exit 1; }

creating=$(now)
created=$("$cli" sandbox create)
create_to_ready_s=$(since "$creating")
name=$(sed -n 's/^Created sandbox: //p' <<<"$created")
[[ $name =~ ^[a-z]+-[a-z]+$ ]] || { say "create did not print a name: $created" >&2; exit 1; }
say "sandbox $name ready after $create_to_ready_s s"

executing=$(now)
output=$("$cli" sandbox exec --no-tty "$name" -- echo smoke-ok </dev/null)
exec_s=$(since "$executing")
[[ $output == smoke-ok ]] || { say "exec printed '$output'" >&2; exit 1; }

"$cli" sandbox list --names | grep -qx "$name" || { say "list does not have $name" >&2; exit 1; }
"$cli" sandbox delete "$name"
[[ -z $("$cli" sandbox list --names) ]] || { say "$name is still listed" >&2; exit 1; }
used=$(grep -o 'with acceleration [a-z]*' "$log" | tail -n 1 | cut -d' ' -f3 || true)
[[ $used == kvm || $used == tcg ]] || { say "the driver's log does not say what the machine ran on" >&2; exit 1; }

kill -TERM "$pid"
wait "$pid" || { say "the gateway exited with $?" >&2; exit 1; }
pid=
for _ in $(seq 50); do [[ -z $(leftovers) ]] && break; sleep 0.1; done
if [[ -n $(leftovers) ]]; then
  say "still running after the gateway's end:" >&2
  leftovers | xargs -r ps -o pid,args -p >&2
  exit 1
fi

printf '{"total_s":%s,"create_to_ready_s":%s,"exec_s":%s,"accel":"%s"}\n' \
  "$(since "$started")" "$create_to_ready_s" "$exec_s" "$used"
