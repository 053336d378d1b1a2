#!/usr/bin/env bash
# A server without free file descriptors. It does not start with a limit that is too low, serves during a burst of connections with a low limit,
# serves again after all descriptors were in use, and exits if it cannot accept connections for a time. Load or a pause of the process do not count.
#
# usage: tests/story/descriptors_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=tests/support/fault_timer.sh
source tests/support/fault_timer.sh
readonly bin=$1/bin entity=office-of-data-and-innovation
work=$(mktemp -d) server="" burst=""
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  local pid
  for pid in $server $burst; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -5 "$work/log"; exit 1; }
# within <seconds> <command...>: the command succeeds within that time.
within() {
  local end=$((SECONDS + $1))
  until "${@:2}" >"$work/said" 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}
logged() { grep -q "$1" "$work/log"; }
ended() { ! alive "$server"; }

scripts/certs.sh "$work/certs" $entity >/dev/null
scripts/issuer.sh init "$work/issuer"
export IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_REDIS=unix:$work/no-redis
export IDEA_DATABASE="sqlite:$work/{service}.db" IDEA_LISTEN=127.0.0.1:0

# start <limit of open files> <seconds without accepting before it exits>
start() {
  rm -f "$work/ready"
  (ulimit -n "$1"; IDEA_READY_FILE=$work/ready IDEA_WATCHDOG_SECONDS=$2 exec "$bin/registry" 2>"$work/log") &
  server=$!
  _wait_for "registry" test -s "$work/ready" || fail "the registry does not start with $1 descriptors"
  address=$(<"$work/ready") port=${address##*:}
}
stop() {
  kill -TERM "$server"
  wait "$server" || fail "SIGTERM ended the process with $?"
  server=""
}
# One call of a client that makes a new connection.
calls() {
  local files=$work/certs/entities/$entity
  "$bin/ideactl" --timeout "$1" --endpoint "localhost:$port" --ca "$files/ca.crt" --cert "$files/tls.crt" --key "$files/tls.key" entities list
}
# burst <connections> <seconds>: opens connections as fast as possible, sends nothing, and closes them at the end.
burst() {
  python3 - "$port" "$1" "$2" <<'PYTHON' &
import socket, sys, time
port, count, seconds = (int(a) for a in sys.argv[1:])
end, opened = time.monotonic() + seconds, []
while time.monotonic() < end:
    if len(opened) == count:
        opened.pop(0).close()
    try:
        opened.append(socket.create_connection(("127.0.0.1", port), 1))
    except OSError:
        pass
PYTHON
  burst=$!
}
# A limit that leaves no descriptor for the process.
use_up() { prlimit --pid "$server" --nofile="$(find "/proc/$server/fd" -mindepth 1 | wc -l):"; }

code=0
(ulimit -n 100; exec "$bin/registry") 2>"$work/log" || code=$?
said=$(grep -v '^{' "$work/log")
[[ $code == 1 && $said =~ ^"registry: the limit of open files (RLIMIT_NOFILE) is 100, and at least "[0-9]+" are needed: raise it with ulimit -Hn"$ ]] ||
  fail "with 100 descriptors: exit code $code, $said"
echo "ok: $said"

start 200 3
within 5 logged '"the limit of open files allows fewer connections than IDEA_MAX_CONNECTIONS","open_files":200' || fail "no line about the limit"
burst 300 6
while alive "$burst"; do within 5 calls 5 || fail "no call succeeds during a burst of connections: $(<"$work/said")"; done
wait "$burst" || fail "the burst failed"
alive "$server" || fail "a burst of connections ended the process"
echo "ok: calls succeed during a burst of connections"

kill -STOP "$server"
sleep 5 # The fault: longer than a server may be deaf.
kill -CONT "$server"
within 5 calls 5 || fail "no call succeeds after a pause: $(<"$work/said")"
alive "$server" || fail "a pause ended the process"
stop
echo "ok: a pause of the process does not end it"

start 200 60
use_up
burst 100 4
calls 1 >/dev/null 2>&1 && fail "a call succeeds without a descriptor"
wait "$burst" || fail "the burst failed"
within 5 logged "no file descriptor is left for a new connection" || fail "no line about used up descriptors"
# Nobody can connect to ask: the process logs when it is not ready.
is_ready() { ! logged '"message":"the process is not ready'; }
fault_health "File descriptors used up" ready is_ready || fail "the process is not ready"
fault_ends "File descriptors used up"
prlimit --pid "$server" --nofile=200:
within 20 calls 5 || fail "no call succeeds after descriptors are free again: $(<"$work/said")"
fault_recovered
stop

start 200 3
use_up
within 30 ended || fail "a deaf server goes on"
code=0
wait "$server" || code=$?
server=""
[[ $code == 1 && $(grep -c "the server accepts no new connections; the process ends now" "$work/log") == 1 ]] || fail "a deaf server ends with $code"
echo "ok: a deaf server ends"
