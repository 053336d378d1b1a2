#!/usr/bin/env bash
# Processes start without their PostgreSQL, or with one that they must not use.
#
# usage: tests/story/postgres_start_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=tests/support/fault_timer.sh
source tests/support/fault_timer.sh
readonly bin=$1/bin
[[ -x $POSTGRES_BIN/initdb ]] || { echo "skipped: PostgreSQL is not installed"; exit 0; }
work=$(mktemp -d) pid=""
chmod 755 "$work"
cleanup() {
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  stop_postgres "$work/postgres" 2>/dev/null || true
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -5 "$work/log"; exit 1; }

scripts/certs.sh "$work/certs" california-department-of-social-services >/dev/null
scripts/issuer.sh init "$work/issuer"
scripts/log_key.sh "$work/log.key"
entity=$work/certs/entities/california-department-of-social-services
address=$(start_postgres "$work/postgres")
sql() { "$POSTGRES_BIN/psql" -Xqtc "$1" "$address" 2>/dev/null; }
for service in registry drafting review dispute inventory notification; do sql "CREATE SCHEMA $service"; done
stop_server() { stop_pidfile "$work/postgres/data/postmaster.pid"; }

# begin <seconds to wait for the database>: starts the suite.
begin() {
  port=$(free_port)
  IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_LOG_KEY=$work/log.key IDEA_REDIS=unix:$work/no-redis \
    IDEA_DATABASE="$address?options=-csearch_path%3D{service}" IDEA_DATABASE_WAIT_SECONDS=$1 IDEA_LISTEN=127.0.0.1:$port \
    "$bin/suite" 2>"$work/log" &
  pid=$!
}
# ends_with <exit code>: within 10 s.
ends_with() {
  local tries code=0
  for ((tries = 0; tries < 100; tries++)); do alive "$pid" || break; sleep 0.1; done
  ! alive "$pid" || fail "the process does not end"
  wait "$pid" || code=$?
  pid=""
  [[ $code == "$1" ]] || fail "exit code $code instead of $1"
}
call() { "$bin/ideactl" --timeout 5 --endpoint "localhost:$port" --ca "$entity/ca.crt" --cert "$entity/tls.crt" --key "$entity/tls.key" "$@"; }
answers() { call health --service liveness; }
serves() { call health && call entities list; }
refuses() { ! call entities list && ! call health --service idea.drafting.v1.DraftingService && ! call health; }
# serves_soon: within 60 s.
serves_soon() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    alive "$pid" || fail "the process ended"
    ! serves >"$work/said" 2>&1 || return 0
    sleep 0.1
  done
  cat "$work/said"
  fail "calls fail for 60 s"
}
count() { grep -c "$@" "$work/log" || true; }

stop_server
begin 60
_wait_for "the port" answers
refuses >"$work/said" 2>&1 || fail "a process without its database serves: $(<"$work/said")"
_wait_for "the refusal" grep -q '"method":"ListEntities",.*"reason":"STORAGE_UNAVAILABLE"' "$work/log" || fail "calls are not refused as STORAGE_UNAVAILABLE"
call health --service liveness >"$work/said" 2>&1 || fail "liveness depends on the database"
fault_health "PostgreSQL away at the start" "not ready" call health || fail "another health"
[[ $(count '"message":"waiting for the database","service":"registry","seconds":') == 1 ]] || fail "not one line says that it waits"
start_postgres "$work/postgres" >/dev/null
fault_ends "PostgreSQL away at the start"
serves_soon
fault_recovered
grep -q '"method":"ListEntities",.*"peer":"127.0.0.1:[0-9]' "$work/log" || fail "the log line of a call does not name the peer's address"
[[ $(count '"message":"waiting for the database"') == 1 ]] || fail "more than one line says that it waits"
echo "ok: it refused calls while it waited for the database, and serves"
kill -TERM "$pid"
ends_with 0

stop_server
begin 60
_wait_for "the port" answers
kill -TERM "$pid"
ends_with 0
echo "ok: it stops when it is asked to while it waits"

begin 1
ends_with 1
[[ $(count '^suite: database of registry: ') == 1 && $(count -v '^{"time":') == 1 ]] || fail "the end is not one line: $(<"$work/log")"
echo "ok: it ends when it has waited for IDEA_DATABASE_WAIT_SECONDS"

# A warning of the server that arrives while libpq connects: a database without collation versions has one recorded.
start_postgres "$work/postgres" >/dev/null
sql "UPDATE pg_database SET datcollversion = '1' WHERE datname = 'idea'"
begin 60
serves_soon
[[ $(count '"text":"WARNING:  database \\"idea\\" has no actual collation version') -gt 0 ]] || fail "the warning is not in the log"
[[ $(count -v '^{"time":.*}$') == 0 ]] || fail "a line of the log is not JSON: $(grep -v '^{' "$work/log" | head -1)"
kill -TERM "$pid"
ends_with 0
echo "ok: what the server says while a connection is opened is a line of the log"

sql "INSERT INTO drafting.schema_migrations (set_name, file) VALUES ('drafting', '9999_of_tomorrow.sql')"
begin 60
ends_with 1
[[ $(count '^suite: database of drafting: the database was changed by a later release (drafting/9999_of_tomorrow.sql)') == 1 &&
  $(count -v '^{"time":') == 1 ]] || fail "a newer schema is not refused with one line"
sql "CREATE TABLE IF NOT EXISTS drafting.schema_compatible (set_name TEXT NOT NULL, file TEXT NOT NULL, PRIMARY KEY (set_name, file))"
sql "INSERT INTO drafting.schema_compatible (set_name, file) VALUES ('drafting', '9999_of_tomorrow.sql')"
begin 60
serves_soon
kill -TERM "$pid"
ends_with 0
echo "ok: a database that a later release has changed is refused unless the change is marked compatible"
