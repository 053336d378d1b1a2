#!/usr/bin/env bash
# Runs three PostgreSQL servers under Patroni and etcd with synchronous replication, and one registry process that is configured with all three.
# Kills the leader repeatedly while clients write, then looks for each acknowledged write. Prints the duration of each failover. Everything stays on
# this machine. Needs Debian's packages patroni and etcd-server, which scripts/install.sh does not install.
#
# usage: scripts/patroni.sh [--kills N] [--preset P]
#
#   --kills N   number of kills [10]
#   --preset P  build preset [release]
#
# The exit code is 0 only if no acknowledged write was lost and the process was never restarted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

kills=10 preset=release
while (($# > 0)); do
  case $1 in
    --kills | --preset)
      [[ $# -ge 2 ]] || { echo "patroni.sh: $1 needs a value; --help shows the flags" >&2; exit 2; }
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "patroni.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done
[[ $kills =~ ^[1-9][0-9]{0,2}$ ]] || { echo "patroni.sh: --kills needs a number from 1 to 999" >&2; exit 2; }
for tool in patroni etcd jq; do
  command -v "$tool" >/dev/null || { echo "patroni.sh: $tool is not installed (apt-get install patroni etcd-server python3-etcd jq)" >&2; exit 1; }
done
if [[ -z ${SKIP_BUILD:-} ]]; then
  [[ -f build/$preset/build.ninja ]] || cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --target registry ideactl >/dev/null
fi
readonly bin=$PWD/build/$preset/bin entity_id=office-of-data-and-innovation

readonly nodes=(1 2 3)
work=$(mktemp -d)
chmod 755 "$work"
declare -A pid=() port=() rest=()
cleanup() {
  local node name
  touch "$work/stop"
  for name in "${!pid[@]}"; do kill -KILL "${pid[$name]}" 2>/dev/null || true; done
  wait 2>/dev/null || true
  for node in "${nodes[@]}"; do stop_pidfile "$work/node$node/data/postmaster.pid"; done
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() {
  echo "patroni.sh: $*" >&2
  tail -n 3 "$work"/*.log >&2 || true
  exit 1
}
# await <seconds> <name> <command...>
await() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what did not happen in time"
    sleep 0.1
  done
}

etcd_port=$(free_port)
etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
  --listen-peer-urls "http://127.0.0.1:$(free_port)" >"$work/etcd.log" 2>&1 &
pid[etcd]=$!
hosts=""
for node in "${nodes[@]}"; do
  port[$node]=$(free_port) rest[$node]=$(free_port)
  hosts+=,127.0.0.1:${port[$node]}
  mkdir "$work/node$node"
  cat >"$work/node$node/patroni.yml" <<END
scope: idea
name: node$node
restapi: {listen: '127.0.0.1:${rest[$node]}', connect_address: '127.0.0.1:${rest[$node]}'}
etcd3: {hosts: '127.0.0.1:$etcd_port'}
bootstrap:
  dcs:
    ttl: 10
    loop_wait: 2
    retry_timeout: 4
    synchronous_mode: true
    postgresql: {use_pg_rewind: true, parameters: {max_connections: 60}}
  initdb: [{encoding: UTF8}, {locale: C}, data-checksums]
  pg_hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
postgresql:
  listen: 127.0.0.1:${port[$node]}
  connect_address: 127.0.0.1:${port[$node]}
  data_dir: $work/node$node/data
  bin_dir: $POSTGRES_BIN
  pgpass: $work/node$node/pgpass
  authentication: {superuser: {username: idea}, replication: {username: idea}, rewind: {username: idea}}
  parameters: {unix_socket_directories: '$work/node$node'}
END
done
if ((EUID == 0)); then chown -R postgres "$work"/node*; fi

start_node() {
  local as=()
  ((EUID != 0)) || as=(setpriv --reuid postgres --regid postgres --init-groups)
  (cd "$work/node$1" && exec "${as[@]}" patroni patroni.yml >>"$work/node$1.log" 2>&1) &
  pid[$1]=$!
}
sql() { psql -XAtq "postgresql://idea@127.0.0.1:${port[$1]}/${3:-postgres}?connect_timeout=2" -c "$2" 2>/dev/null; }
# Sets `leader`.
find_leader() {
  for leader in "${nodes[@]}"; do
    [[ $(sql "$leader" "SELECT pg_is_in_recovery()") != f ]] || return 0
  done
  return 1
}
# A leader with two standbys, one of which is synchronous.
is_complete() {
  find_leader && [[ $(sql "$leader" "SELECT COUNT(*), COUNT(*) FILTER (WHERE sync_state = 'sync') FROM pg_stat_replication") == "2|1" ]]
}

for node in "${nodes[@]}"; do start_node "$node"; done
await 90 "a leader with two standbys" is_complete
sql "$leader" "CREATE DATABASE idea" || fail "cannot create the database"

scripts/certs.sh "$work/certs" "$entity_id" >/dev/null
scripts/issuer.sh init "$work/issuer"
scripts/issuer.sh tokens "$work/issuer" "$work/tokens" 43200 odi-cdo
listen=127.0.0.1:$(free_port)
IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_REDIS=unix:$work/no-redis IDEA_LISTEN=$listen \
  IDEA_DATABASE="postgresql://idea@${hosts#,}/idea?target_session_attrs=read-write" "$bin/registry" >"$work/registry.log" 2>&1 &
pid[registry]=$!
certificates=$work/certs/entities/$entity_id
call() {
  "$bin/ideactl" --endpoint "localhost:${listen#*:}" --ca "$certificates/ca.crt" --cert "$certificates/tls.crt" --key "$certificates/tls.key" "$@"
}
await 60 "the registry" call health
call entities import --csv @services/registry/data/signatories.csv -o json >/dev/null
call contacts create "entities/$entity_id" --contact '{"person": "odi-cdo", "displayName": "CDO", "title": "Chief Data Officer", "email": "cdo@example.org", "roles": ["CONTACT_ROLE_STATEWIDE_CDO"]}' >/dev/null

# write <client>: creates entities. Each acknowledged one is a line of <client>.acknowledged with the times of the call and of its response.
write() {
  local n begun
  for ((n = 0; ; n++)); do
    [[ ! -e $work/stop ]] || return 0
    begun=${EPOCHREALTIME/./}
    if call --timeout 3 --token-file "$work/tokens/odi-cdo.jwt" entities create --entity-id "load-$1-$n" -o name \
      --entity '{"displayName": "Load '"$1 $n"'", "kind": "ENTITY_KIND_DEPARTMENT"}' >/dev/null 2>"$work/$1.refused"; then
      echo "load-$1-$n $begun ${EPOCHREALTIME/./}" >>"$work/$1.acknowledged"
    fi
  done
}
clients=(a b c)
for client in "${clients[@]}"; do
  : >"$work/$client.acknowledged"
  write "$client" &
  pid[$client]=$!
done
acknowledged() { cat "$work"/*.acknowledged | wc -l; }
# answered_after <time>: the time of the first response to a write that started after it.
answered_after() { awk -v after="$1" '$2 > after && (!first || $3 < first) { first = $3 } END { print first; exit !first }' "$work"/*.acknowledged; }
# Whether health says that the registry is not ready, or a write that started after the time was answered.
is_noticed() { ! call --timeout 2 health >/dev/null 2>&1 || answered_after "$1" >/dev/null; }
has_more_than() { (($(acknowledged) > $1)); }

longest=0 not_ready=0
for ((kill = 1; kill <= kills; kill++)); do
  await 120 "a leader with two standbys" is_complete
  before=$(acknowledged)
  await 60 "writes" has_more_than $((before + 10))
  killed=$leader
  read -r postmaster <"$work/node$killed/data/postmaster.pid"
  begun=${EPOCHREALTIME/./}
  # shellcheck disable=SC2046 # each is a process id
  kill -KILL "${pid[$killed]}" "$postmaster" $(pgrep -P "$postmaster")
  wait "${pid[$killed]}" 2>/dev/null || true
  await 120 "a change of health, or a write, after kill $kill" is_noticed "$begun"
  call --timeout 2 health >/dev/null 2>&1 || not_ready=$((not_ready + 1))
  await 120 "a write after kill $kill" answered_after "$begun"
  first=$(answered_after "$begun")
  took=$(((first - begun) / 1000))
  ((took <= longest)) || longest=$took
  find_leader || true
  printf 'kill %2d: node%s, then node%s; the first write after %d.%03d s\n' "$kill" "$killed" "$leader" $((took / 1000)) $((took % 1000))
  start_node "$killed"
done
touch "$work/stop"
for client in "${clients[@]}"; do wait "${pid[$client]}" || true; unset "pid[$client]"; done
alive "${pid[registry]}" || fail "the registry process ended"

await 60 "the registry" call health
await 120 "a leader" find_leader
sql "$leader" "SELECT entity FROM (SELECT substr(name, 10) AS entity FROM entities) AS e WHERE entity LIKE 'load-%'" idea | sort >"$work/stored" || fail "cannot read the entities"
cut -d' ' -f1 "$work"/*.acknowledged | sort >"$work/expected"
lost=$(comm -23 "$work/expected" "$work/stored" | wc -l)
printf 'patroni: not ready in %d of %d kills\n' "$not_ready" "$kills"
printf 'patroni: %d kills of the leader, %d writes acknowledged, %d lost; the longest failover took %d.%03d s\n' \
  "$kills" "$(wc -l <"$work/expected")" "$lost" $((longest / 1000)) $((longest % 1000))
((lost == 0))
