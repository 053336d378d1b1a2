#!/usr/bin/env bash
# Restarts two replicas of the registry in turn, 20 times, while standard clients in C++, Python and JavaScript read and write through them with
# the published service config. No call may fail.
#
# usage: tests/clients/rolling_restart_test.sh <build folder> [restarts]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
readonly build=$1 bin=$1/bin restarts=${2:-20}
data=$(mktemp -d)
declare -A replicas=() clients=()
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  local pid
  for pid in "${replicas[@]}" "${clients[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf -- "$data"
}
trap cleanup EXIT
fail() {
  echo "$*" >&2
  exit 1
}

# until_true <name> <command...>
until_true() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 600; tries++)); do
    "$@" && return 0
    sleep 0.1
  done
  fail "$what took longer than a minute"
}

scripts/certs.sh "$data/certs" office-of-data-and-innovation >/dev/null
scripts/issuer.sh init "$data/issuer"
export IDEA_REDIS=unix:$data/no-redis IDEA_TLS_DIR="$data/certs/{service}" IDEA_TOKEN_KEYS_DIR=$data/issuer/keys
export IDEA_DATABASE="sqlite:$data/{service}.db" IDEA_STOP_GRACE_SECONDS=1
readonly odi=$data/certs/entities/office-of-data-and-innovation
ports=("$(free_port)" "$(free_port)")

# start <replica>
start() {
  rm -f "$data/ready.$1"
  IDEA_LISTEN=127.0.0.1:${ports[$1]} IDEA_READY_FILE=$data/ready.$1 "$bin/registry" >"$data/log.$1" 2>&1 3>&- &
  replicas[$1]=$!
  until_true "the start of replica $1" test -s "$data/ready.$1"
}

# called <replica> <client>: whether the client (cc, py or js) has called the replica since its start.
called() { grep -q "\"request_id\":\"$2-" "$data/log.$1"; }

ctl() { "$bin/ideactl" --endpoint "localhost:${ports[0]}" --cert "$odi/tls.crt" --key "$odi/tls.key" --ca "$odi/ca.crt" "$@"; }

start 0
start 1
ctl entities import --csv @services/registry/data/signatories.csv >/dev/null
ctl contacts create entities/office-of-data-and-innovation --contact \
  '{"person": "cdo", "displayName": "C. D. O.", "email": "cdo@example.org", "roles": ["CONTACT_ROLE_STATEWIDE_CDO"]}' >/dev/null
scripts/issuer.sh token "$data/issuer" cdo >"$data/cdo.jwt"

# call <method> <request in text format>: a line of the clients' file.
call() {
  echo "127.0.0.1:${ports[0]},127.0.0.1:${ports[1]} /idea.registry.v1.RegistryService/$1 $(
    protoc -I protos -I protos/node_modules/google-proto-files --encode "idea.registry.v1.$1Request" idea/registry/v1/registry.proto <<<"$2" | base64 -w 0)"
}
uuid=00000000-0000-0000-0000-000000000000
read_entity=$(call GetEntity 'name: "entities/office-of-data-and-innovation"')
{
  call CreateEntity "entity {display_name: \"Board $uuid\" kind: ENTITY_KIND_BOARD} request_id: \"$uuid\""
  printf '%s\n' "$read_entity" "$read_entity" "$read_entity"
} >"$data/calls"

arguments=("$data/calls" docs/service-config.json "$odi" "$data/cdo.jwt")
mkfifo "$data/go"
"$build/tests/clients/rolling_client" "${arguments[@]}" <"$data/go" >"$data/cc.out" 2>&1 &
clients[cc]=$!
/usr/bin/python3 tests/clients/rolling_client.py "${arguments[@]}" <"$data/go" >"$data/py.out" 2>&1 &
clients[py]=$!
node tests/clients/rolling_client.mjs "${arguments[@]}" <"$data/go" >"$data/js.out" 2>&1 &
clients[js]=$!
exec 3>"$data/go"

for ((done = 0; done < restarts; done++)); do
  replica=$((done % 2))
  # Like a rolling update, waits until the replica receives calls.
  for client in cc py js; do until_true "a call of $client to replica $((1 - replica))" called $((1 - replica)) "$client"; done
  kill -TERM "${replicas[$replica]}"
  wait "${replicas[$replica]}" || fail "replica $replica ended with exit code $?: $(tail -n 3 "$data/log.$replica")"
  start "$replica"
done

exec 3>&-
failed=false
for client in "${!clients[@]}"; do
  wait "${clients[$client]}" || failed=true
  sed "s/^/$client: /" "$data/$client.out"
  unset "clients[$client]"
done
! $failed || fail "calls failed while replicas were restarted $restarts times"
echo "$restarts restarts"
