#!/usr/bin/env bash
# All services in one process lose the packets to PostgreSQL and to Redis, the data of Redis, and the space on the disk of PostgreSQL and of
# SQLite. Refusals are retryable, reads continue where possible, and calls succeed after the fault without a restart of the process.
#
# usage: tests/story/cut_off_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# A network and file systems for this test only.
if [[ ${1:-} != --inside ]]; then
  if ((EUID != 0)) || ! command -v iptables ip >/dev/null || ! unshare -mn true 2>/dev/null; then
    echo "skipped: needs root, iptables and namespaces"
    exit 0
  fi
  exec unshare -mn "${BASH_SOURCE[0]}" --inside "$1"
fi
readonly bin=$2/bin cdss=california-department-of-social-services
ip link set lo up
iptables -A INPUT -s 127.0.0.99 -j DROP 2>/dev/null || { echo "skipped: iptables does not work here"; exit 0; }
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=tests/support/fault_timer.sh
source tests/support/fault_timer.sh
[[ -x $POSTGRES_BIN/initdb ]] || { echo "skipped: PostgreSQL is not installed"; exit 0; }
work=$(mktemp -d) suite=""
chmod 755 "$work"
readonly disk=$work/disk
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  [[ -z $suite ]] || kill -KILL "$suite" 2>/dev/null || true
  stop_postgres "$disk/postgres" 2>/dev/null || true
  stop_pidfile "$work/redis/redis.pid"
  umount "$disk" 2>/dev/null || true
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; cat "$work/said"; tail -n 5 "$work/log"; exit 1; }

scripts/certs.sh "$work/certs" $cdss office-of-data-and-innovation >/dev/null
scripts/issuer.sh init "$work/issuer"
scripts/issuer.sh token "$work/issuer" program >"$work/program.jwt"
scripts/log_key.sh "$work/log.key"
jq 'del(.businessCase.contactInformation)' scripts/demo/draft.json >"$work/draft.json"
redis=$(start_redis "$work/redis")

# begin <database>: starts the suite on an empty database, with a person of the department.
begin() {
  rm -f "$work/ready"
  IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_LOG_KEY=$work/log.key IDEA_REDIS=$redis IDEA_DATABASE=$1 \
    IDEA_LISTEN=127.0.0.1:0 IDEA_READY_FILE=$work/ready IDEA_STATEMENT_TIMEOUT_MILLIS=2000 IDEA_DRAIN_SECONDS=4 "$bin/suite" 2>>"$work/log" &
  suite=$!
  _wait_for "the suite" test -s "$work/ready"
  call office-of-data-and-innovation entities import --csv @services/registry/data/signatories.csv >/dev/null
  call $cdss contacts create entities/$cdss --contact '{"person": "program", "displayName": "program", "email": "program@example.org",
    "roles": ["CONTACT_ROLE_DATA_COORDINATOR", "CONTACT_ROLE_PROGRAM"]}' >/dev/null
}
end() {
  kill -TERM "$suite"
  wait "$suite" || fail "the suite ended with $?"
  suite=""
}
# call <entity> <argument...>
call() {
  local files=$work/certs/entities/$1
  "$bin/ideactl" --timeout 10 --endpoint "$(<"$work/ready")" --ca "$files/ca.crt" --cert "$files/tls.crt" --key "$files/tls.key" "${@:2}"
}
read_bucps() { call $cdss bucps list >"$work/said" 2>&1; }
# create: creates a BUCP and stores its name in $bucp.
create() {
  call $cdss --token-file "$work/program.jwt" bucps create --content "@$work/draft.json" -o json >"$work/said" 2>&1 || return 1
  bucp=$(jq -r .bucp.name "$work/said")
}
is_refused() {
  ! create || fail "a write succeeds $1"
  grep -qE "(STORAGE|PEER)_UNAVAILABLE" "$work/said" || fail "another refusal $1"
  echo "ok: refused $1"
}
# during <name of the fault> ready|"not ready": the health of the suite.
during() { fault_health "$1" "$2" call $cdss health || fail "another health"; }
# within_30_s <command...>
within_30_s() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    alive "$suite" || fail "the process ended"
    "$@" && return
    sleep 0.1
  done
  fail "not within 30 s: $*"
}
is_ready() { call $cdss health >"$work/said" 2>&1; }
# Health returns after two checks that succeed.
recovers() { within_30_s create; fault_recovered; within_30_s is_ready; }
fill() { dd if=/dev/zero of="$disk/ballast" bs=1M status=none 2>/dev/null || true; }

mkdir "$disk" && mount -t tmpfs -o size=192m,mode=755 tmpfs "$disk"
mkdir "$disk/postgres"
echo 7410 >"$disk/postgres/port"
address=$(start_postgres "$disk/postgres")
for service in registry drafting review dispute inventory notification; do "$POSTGRES_BIN/psql" -Xqc "CREATE SCHEMA $service" "$address"; done
begin "$address?options=-csearch_path%3D{service}"
within_30_s create

readonly to_postgres=(INPUT -p tcp --dport 7410 -j DROP) to_redis=(INPUT -p tcp --dport "${redis##*:}" -j DROP)
iptables -A "${to_postgres[@]}"
is_refused "while no packet reaches PostgreSQL"
during "Packets to PostgreSQL dropped" "not ready"
iptables -D "${to_postgres[@]}"
fault_ends "Packets to PostgreSQL dropped"
recovers

inbox_has() { call $cdss inbox list entities/$cdss --filter "bucp = \"$bucp\"" -o json >"$work/said" 2>&1 && grep -q BucpCreated "$work/said"; }
within_30_s inbox_has
iptables -A "${to_redis[@]}"
create || fail "a write fails while no packet reaches Redis"
within_30_s grep -q '"cause":"TIMEOUT"' "$work/log"
! inbox_has || fail "an event arrives while no packet reaches Redis"
during "Packets to Redis dropped" ready
iptables -D "${to_redis[@]}"
fault_ends "Packets to Redis dropped"
within_30_s inbox_has
fault_recovered

# The state after a full disk: Redis does not load such a file, and is started without it.
kill -KILL "$(<"$work/redis/redis.pid")"
for file in "$work"/redis/appendonlydir/*.incr.aof; do
  printf 'no command' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none
done
create || fail "a write fails while Redis is away"
during "Redis cannot read its file" ready
start_redis "$work/redis" >/dev/null
fault_ends "Redis cannot read its file"
within_30_s inbox_has
fault_recovered

fill
"$POSTGRES_BIN/psql" -Xq "$address" -c "CREATE TABLE large AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 100000) AS n" 2>/dev/null &&
  fail "the disk is not full"
is_refused "while PostgreSQL's disk is full"
if read_bucps; then during "PostgreSQL's disk full" ready; fi
rm "$disk/ballast"
start_postgres "$disk/postgres" >/dev/null
fault_ends "PostgreSQL's disk full"
recovers
end
stop_postgres "$disk/postgres"

begin "sqlite:$disk/{service}.db"
create || fail "no BUCP can be created"
fill
is_refused "while SQLite's disk is full"
read_bucps || fail "a read fails while SQLite's disk is full"
during "SQLite's disk full" ready
rm "$disk/ballast"
fault_ends "SQLite's disk full"
recovers
end
