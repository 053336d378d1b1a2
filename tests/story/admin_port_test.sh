#!/usr/bin/env bash
# The HTTP port for probes and operators, of the suite on a PostgreSQL that comes and goes: liveness never depends on it, readiness does. The
# settings are shown without secrets. The suite is also each service, by the name that it is called by.
#
# usage: tests/story/admin_port_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
readonly bin=$1/bin
[[ -x $POSTGRES_BIN/initdb ]] || { echo "skipped: PostgreSQL is not installed"; exit 0; }
work=$(mktemp -d) suite=""
chmod 755 "$work"
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  [[ -z $suite ]] || kill -KILL "$suite" 2>/dev/null || true
  stop_postgres "$work/postgres" 2>/dev/null || true
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -5 "$work/log"; exit 1; }

scripts/certs.sh "$work/certs" >/dev/null
scripts/issuer.sh init "$work/issuer"
scripts/log_key.sh "$work/log.key"
address=$(start_postgres "$work/postgres")
for service in registry drafting review dispute inventory notification; do
  "$POSTGRES_BIN/psql" -Xqc "CREATE SCHEMA $service" "$address"
done
stop_server() { stop_pidfile "$work/postgres/data/postmaster.pid"; }
stop_server

admin=127.0.0.1:$(free_port)
IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_LOG_KEY=$work/log.key IDEA_REDIS=unix:$work/no-redis \
  IDEA_DATABASE="$address?options=-csearch_path%3D{service}" IDEA_LISTEN=127.0.0.1:0 IDEA_METRICS_LISTEN=$admin IDEA_STOP_GRACE_SECONDS=2 \
  "$bin/suite" 2>"$work/log" &
suite=$!

# page <path>: status code and body.
page() { curl -s -m 5 -w '%{stderr}%{http_code}' "http://$admin$1" 2>"$work/code" || true; }
code_is() { page "$2" >"$work/body"; [[ $(<"$work/code") == "$1" ]]; }
# becomes <code> <path> [<text in the body>]: within 60 s, while liveness is good all the time.
becomes() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    alive "$suite" || fail "the process ended"
    if code_is "$1" "$2" && grep -q -- "${3:-}" "$work/body"; then
      [[ $(curl -s -m 5 -o "$work/live" -w '%{http_code}' "http://$admin/livez") == 200 ]] || fail "/livez answers something else"
      echo "ok: $2 is $1 ${3:-}"
      return
    fi
    sleep 0.1
  done
  fail "$2 answers $(<"$work/code"): $(<"$work/body")"
}

becomes 503 /readyz "waits for its database"
start_postgres "$work/postgres" >/dev/null
becomes 200 /readyz
stop_server
becomes 503 /readyz "database of registry"
start_postgres "$work/postgres" >/dev/null
becomes 200 /readyz

becomes 200 /build '^{"process":"suite","version":"[0-9.]*","commit":"[a-z0-9-]*"}$'
becomes 200 /config '^IDEA_DATABASE=(secret)$'
! grep -q search_path "$work/body" || fail "/config shows the address of the database"
becomes 200 /config "^IDEA_METRICS_LISTEN=$admin$"
for metric in 'idea_health_check{check="database of registry"} 1' 'process_open_fds' 'idea_workers_max{hops="0"}' 'idea_worker_queue_depth{hops="2"} 0' \
  'db_client_connection_max{db_client_connection_pool_name="registry"} 7' 'idea_bucps{state="DRAFT"} 0' 'idea_disputes_open{state="STATEMENTS"} 0' \
  'idea_transparency_log_entries 0' 'idea_exchange_index_age_seconds 0' 'idea_relay_oldest_undelivered_seconds{service="drafting",target="review"}'; do
  becomes 200 /metrics "^$metric"
done

kill -TERM "$suite"
becomes 503 /readyz stopping
wait "$suite" || fail "SIGTERM ended the process with $?"
suite=""

for service in registry inventory suite; do
  ln -sf "$(realpath "$bin/suite")" "$work/$service"
  [[ $("$work/$service" --version) == "$service "* ]] || fail "the suite called as $service is $("$work/$service" --version)"
done
echo "ok: the suite runs the service that it is called as"
