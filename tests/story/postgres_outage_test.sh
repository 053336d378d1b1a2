#!/usr/bin/env bash
# All services run in one process while the backends and the server of PostgreSQL are killed, restarted and paused. The process keeps running,
# calls succeed again without its restart, and a stop while the server does not answer ends within IDEA_DRAIN_SECONDS.
#
# usage: tests/story/postgres_outage_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=tests/support/fault_timer.sh
source tests/support/fault_timer.sh
readonly bin=$1/bin
[[ -x $POSTGRES_BIN/initdb ]] || { echo "skipped: PostgreSQL is not installed"; exit 0; }
work=$(mktemp -d) suite="" paused=()
chmod 755 "$work"
cleanup() {
  ((${#paused[@]} == 0)) || kill -CONT "${paused[@]}" 2>/dev/null || true
  [[ -z $suite ]] || kill -KILL "$suite" 2>/dev/null || true
  stop_postgres "$work/postgres" 2>/dev/null || true
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -5 "$work/log"; exit 1; }

# server_processes [word]: the server's processes except the postmaster; with a word only those whose title contains it.
server_processes() {
  local postmaster pid
  read -r postmaster <"$work/postgres/data/postmaster.pid"
  for pid in $(pgrep -P "$postmaster"); do
    if [[ -z ${1:-} || $(tr '\0' ' ' <"/proc/$pid/cmdline") == *"$1"* ]]; then echo "$pid"; fi
  done
}
signal() { kill "-$1" "${@:2}" 2>/dev/null || true; }

call() { "$bin/ideactl" --timeout 5 --endpoint "$(<"$work/ready")" --ca "$entity/ca.crt" --cert "$entity/tls.crt" --key "$entity/tls.key" "$@"; }
# calls_succeed: within 30 s after the fault, by the process that was started.
calls_succeed() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    alive "$suite" || fail "the process ended"
    if call entities list >"$work/said" 2>&1 && call inbox list entities/california-department-of-social-services >>"$work/said" 2>&1; then
      fault_recovered
      return
    fi
    sleep 0.1
  done
  cat "$work/said"
  fail "calls fail for 30 s"
}

scripts/certs.sh "$work/certs" california-department-of-social-services >/dev/null
scripts/issuer.sh init "$work/issuer"
scripts/log_key.sh "$work/log.key"
entity=$work/certs/entities/california-department-of-social-services
address=$(start_postgres "$work/postgres")
for service in registry drafting review dispute inventory notification; do
  "$POSTGRES_BIN/psql" -Xqc "CREATE SCHEMA $service" "$address"
done
drain=4
IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_LOG_KEY=$work/log.key IDEA_REDIS=unix:$work/no-redis \
  IDEA_DATABASE="$address?options=-csearch_path%3D{service}" IDEA_LISTEN=127.0.0.1:0 IDEA_READY_FILE=$work/ready IDEA_DRAIN_SECONDS=$drain \
  "$bin/suite" 2>"$work/log" &
suite=$!
_wait_for "suite" test -s "$work/ready"

for _ in 1 2 3; do
  # shellcheck disable=SC2046 # each is a process id
  signal KILL $(server_processes "[local]")
  fault_ends "PostgreSQL backends killed"
  calls_succeed
  read -r postmaster <"$work/postgres/data/postmaster.pid"
  # shellcheck disable=SC2046
  signal KILL "$postmaster" $(server_processes)
  start_postgres "$work/postgres" >/dev/null
  fault_ends "PostgreSQL killed and restarted"
  calls_succeed
done

# becomes_ready yes|no SECONDS: within that time, health of the server and of a service has that value; the liveness probe succeeds.
becomes_ready() {
  local tries name is
  for name in "" idea.drafting.v1.DraftingService; do
    for ((tries = 0; tries < 10 * $2; tries++)); do
      is=no
      ! call health ${name:+--service "$name"} >"$work/said" 2>&1 || is=yes
      [[ $is != "$1" ]] || break
      sleep 0.1
    done
    [[ $is == "$1" ]] || fail "health of '$name' says ready: $is"
  done
  call health --service liveness >"$work/said" 2>&1 || fail "liveness depends on the database"
}

becomes_ready yes 10
read -r postmaster <"$work/postgres/data/postmaster.pid"
mapfile -t paused < <(server_processes; echo "$postmaster")
kill -STOP "${paused[@]}"
becomes_ready no 12
fault_health "PostgreSQL paused" "not ready" call health || fail "another health"
grep -q '"message":"the process is not ready: a check fails"' "$work/log" || fail "the log does not contain the reason"
kill -CONT "${paused[@]}"
fault_ends "PostgreSQL paused"
calls_succeed
becomes_ready yes 30
echo "ok: not ready while the server did not answer, and alive"

read -r postmaster <"$work/postgres/data/postmaster.pid"
mapfile -t paused < <(server_processes; echo "$postmaster")
kill -STOP "${paused[@]}"
begun=$SECONDS
kill -TERM "$suite"
for ((tries = 0; tries < 10 * drain + 30; tries++)); do
  alive "$suite" || break
  sleep 0.1
done
alive "$suite" && fail "the stop took longer than $((SECONDS - begun)) s while the server did not answer"
echo "ok: stopped within $((SECONDS - begun)) s while the server did not answer"
suite=""
