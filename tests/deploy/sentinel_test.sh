#!/usr/bin/env bash
# The scripts of the Redis servers and Sentinels of the manifests, with three of each on loopback addresses: a killed master is replaced, keeps
# nobody from writing, and comes back as a replica. Users have their rights only.
#
# usage: tests/deploy/sentinel_test.sh     exit code 77: skipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
for program in redis-server redis-sentinel redis-cli; do
  command -v "$program" >/dev/null || { echo "SKIPPED: $program is not installed: run scripts/install.sh"; exit 77; }
done
readonly scripts=$PWD/deploy/k8s/components/redis-sentinel
work=$(mktemp -d)
declare -A pids=()
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  ((${#pids[@]} == 0)) || kill -KILL "${pids[@]}" 2>/dev/null || true
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -n 3 "$work"/*.log; exit 1; }
mkdir "$work/secrets"
printf 'pass-of-idea' >"$work/secrets/password"
printf 'pass-of-replicas' >"$work/secrets/replication"
REDIS_PORT=$(free_port) SENTINEL_PORT=$(free_port)
export REDIS_PORT SENTINEL_PORT SECRETS=$work/secrets PEERS="127.0.0.1 127.0.0.2 127.0.0.3" MAXMEMORY=64mb

# start <kind> <number>
start() {
  local folder=$work/$1-$2
  mkdir -p "$folder" "$work/data-$2"
  SELF=127.0.0.$2 BIND=127.0.0.$2 RUN=$folder DATA=$work/data-$2 sh "$scripts/$1.sh" >>"$work/$1-$2.log" 2>&1 &
  pids[$1-$2]=$!
}
sentinel() { REDISCLI_AUTH=pass-of-idea redis-cli -h "127.0.0.$1" -p "$SENTINEL_PORT" --user idea sentinel get-master-addr-by-name idea 2>/dev/null | head -1; }
as_idea() { REDISCLI_AUTH=pass-of-idea redis-cli -h "$1" -p "$REDIS_PORT" --user idea "${@:2}" 2>/dev/null; }
as_replica() { REDISCLI_AUTH=pass-of-replicas redis-cli -h "$1" -p "$REDIS_PORT" --user replication "${@:2}" 2>/dev/null; }
# soon <what> <command...>: the command succeeds within 60 s.
soon() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 600; tries++)); do
    "$@" && { echo "ok: $what"; return; }
    sleep 0.1
  done
  fail "$what"
}
has_replicas() { [[ $(as_replica "$1" info replication | tr -d '\r' | grep -c 'state=online') == "$2" ]]; }
knows_others() { [[ $(REDISCLI_AUTH=pass-of-replicas redis-cli -h "127.0.0.$1" -p "$SENTINEL_PORT" --user replication info sentinel 2>/dev/null | tr -d '\r') == *"status=ok,"*"slaves=2,sentinels=3"* ]]; }

for number in 1 2 3; do start redis "$number"; start sentinel "$number"; done
soon "the first server has two replicas" has_replicas 127.0.0.1 2
for number in 1 2 3; do soon "Sentinel $number knows the others" knows_others "$number"; done
[[ $(as_idea 127.0.0.1 xadd idea:events '*' source registry) == *-* ]] || fail "the user idea cannot publish"
for command in "get other" "config get maxmemory" "flushall" "acl list"; do
  # shellcheck disable=SC2086 # words
  [[ $(as_idea 127.0.0.1 $command) == NOPERM* ]] || fail "the user idea may: $command"
done
[[ $(redis-cli -h 127.0.0.1 -p "$REDIS_PORT" ping 2>&1) == NOAUTH* ]] || fail "nobody needs a password"
[[ $(redis-cli -h 127.0.0.1 -p "$SENTINEL_PORT" ping 2>&1) == NOAUTH* ]] || fail "nobody needs a password of the Sentinels"
echo "ok: users have their rights only"

kill -KILL "${pids[redis-1]}" "${pids[sentinel-1]}"
wait "${pids[redis-1]}" "${pids[sentinel-1]}" 2>/dev/null || true
another_master() { master=$(sentinel 2) && [[ -n $master && $master != 127.0.0.1 && $(sentinel 3) == "$master" ]]; }
soon "the Sentinels elect another master" another_master
accepts() { [[ $(as_idea "$master" xadd idea:events '*' source registry) == *-* ]]; }
soon "the new master accepts messages" accepts
[[ $(as_idea "$master" xinfo stream idea:events | sed -n 2p) == 2 ]] || fail "the new master lacks the message before"

start redis 1
start sentinel 1
soon "the killed server is a replica of the new master" has_replicas "$master" 2
knows_master() { [[ $(sentinel 1) == "$master" ]]; }
soon "its Sentinel knows the new master" knows_master
