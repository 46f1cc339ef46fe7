#!/usr/bin/env bash
# Measures the hubs in turn, the server on one core and the clients on the other. `run.sh [CLIENTS RATE SECONDS [REPEATS]]`
set -euo pipefail
cd "$(dirname "$0")"
clients=${1:-1000} rate=${2:-200} seconds=${3:-5} repeats=${4:-3}
[ -e node_modules/socket.io ] || npm install --no-audit --no-fund --ignore-scripts --silent
cargo build --release -q -p bench-hub
bench=${CARGO_TARGET_DIR:-../../target}/release/bench-hub
ulimit -n 20000
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT
measure() { # name, protocol, port, command…
  local name=$1 protocol=$2 port=$3
  shift 3
  taskset -c 0 "$@" &
  server=$!
  for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
  echo -n "$name "
  taskset -c 1 "$bench" receive "$protocol" "$port" "$clients" "$rate" "$seconds" || true
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}
uptime
for _ in $(seq "$repeats"); do
  measure ours ours 4801 "$bench" serve ours 4801
  measure socketioxide socketio 4802 "$bench" serve oxide 4802
  measure socket.io socketio 4803 node socketio.mjs 4803
done
uptime
