#!/usr/bin/env bash
# Installs missing packages, builds, starts the suite with its own Redis and certificates, runs the demo (scripts/demo.sh) and serves until
# Ctrl-C.
#
# usage: scripts/run.sh [--once] [--processes] [--postgres [--pgbouncer]] [--replicas R] [--dispute] [--preset release|debug] [--data DIR] [--then PROGRAM]
#
#   --once        exit after the demo; exit code 0 only if every step succeeded
#   --processes   run one process per service instead of the process `suite`; both start a second replica of inventory
#   --postgres    use a private PostgreSQL instead of SQLite
#   --pgbouncer   connect through a PgBouncer in transaction mode; needs --postgres
#   --replicas R  run R processes of each service, from 1 to 9, on one PostgreSQL; needs --postgres
#   --dispute     run the demo with a dispute: the Data Provider objects, and the Governor's Office decides
#   --preset P    build preset [release]
#   --data DIR    folder for databases, queue, certificates and logs [var]; a second run uses them again
#   --then P      run a program after the demo, with DATA and IDEACTL_CONTEXT in its environment; it must exit with 0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/progress.sh
source scripts/progress.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

once=false processes=false postgres=false pgbouncer=false replicas=1 dispute=false preset=release data=var then=""
fail() {
  echo "run.sh: $*" >&2
  exit 1
}
usage() {
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit "$1"
}
while (($# > 0)); do
  case $1 in
    --once) once=true ;;
    --processes) processes=true ;;
    --postgres) postgres=true ;;
    --pgbouncer) pgbouncer=true ;;
    --dispute) dispute=true ;;
    --preset | --data | --then | --replicas)
      [[ $# -ge 2 ]] || fail "$1 needs a value; --help shows the flags"
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    -h | --help) usage 0 ;;
    *)
      echo "run.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done

[[ $replicas =~ ^[1-9]$ ]] || { echo "run.sh: --replicas needs a number from 1 to 9" >&2; exit 2; }
if ((replicas > 1)); then
  $postgres || { echo "run.sh: --replicas needs --postgres: replicas share a database" >&2; exit 2; }
  processes=true
fi

if $pgbouncer && ! $postgres; then echo "run.sh: --pgbouncer needs --postgres" >&2; exit 2; fi

[[ -n ${SKIP_INSTALL:-} ]] || scripts/install.sh
for tool in cmake ninja openssl jq redis-server; do
  command -v "$tool" >/dev/null || fail "$tool is not installed: run scripts/install.sh"
done
mkdir -p "$data" 2>/dev/null || fail "cannot create the data folder $data"
data=$(cd "$data" && pwd)
[[ -w $data ]] || fail "cannot write to $data"
# The files of one set of databases: queue, key of the log, evidence.
$postgres && state=$data/postgres || state=$data
mkdir -p "$state"
(($(df --output=avail -k "$data" | tail -1) >= 64 << 10)) || fail "the disk of $data is full: free at least 64 MB, or give --data DIR on another disk"

if [[ -z ${SKIP_BUILD:-} ]]; then
  [[ -f build/$preset/build.ninja ]] || step "configuring" cmake --preset "$preset" || exit 1
  step "building ($preset)" cmake --build --preset "$preset" --target suite registry drafting review dispute inventory notification ideactl || exit 1
fi
bin=$PWD/build/$preset/bin
export PATH=$bin:$PATH

for file in "$data"/*.pid; do
  [[ -s $file ]] || continue
  [[ $(readlink "/proc/$(<"$file")/exe" 2>/dev/null) == "$bin"/* ]] && fail "a suite is already running in $data (process $(<"$file")): stop it, or give another --data DIR"
  rm -f "$file"
done

# The participants: short name and entity.
declare -A entities=(
  [cdss]=california-department-of-social-services [dhcs]=department-of-health-care-services
  [calhhs]=california-health-and-human-services-agency [odi]=office-of-data-and-innovation
  [governor]=governors-office-cabinet-secretary
)
readonly services=(registry drafting review dispute inventory notification)

# Stops everything, whatever the reason for the end.
# shellcheck disable=SC2317 # called by the traps
stop_all() {
  trap - EXIT INT TERM
  set +e  # a failure must leave nothing running
  local code=${1:-0} file pid
  for file in "$data"/*.pid; do
    # If one has already ended, the others are stopped too.
    if [[ -s $file ]]; then kill -TERM "$(<"$file")" 2>/dev/null || true; fi
  done
  for file in "$data"/*.pid; do
    [[ -s $file ]] || continue
    pid=$(<"$file")
    for ((i = 0; i < 200; i++)); do alive "$pid" || break; sleep 0.1; done
    stop_pidfile "$file" || code=1
    ((i < 200)) || { echo "run.sh: $(basename "$file" .pid) did not stop within 20 s and was killed" >&2; code=1; }
  done
  if $pgbouncer; then stop_pgbouncer "$data/pgbouncer"; fi
  if $postgres; then stop_postgres "$data/postgres"; fi
  stop_pidfile "$state/redis/redis.pid"
  exit "$code"
}
trap 'stop_all $?' EXIT
trap 'stop_all 130' INT TERM

step "certificates" scripts/certs.sh "$data/certs" "${entities[@]}" || exit 1
scripts/issuer.sh init "$data/issuer"
scripts/log_key.sh "$state/log.key"
scripts/event_keys.sh "$state/event.keys"
scripts/event_keys.sh "$state/webhook.keys"
# Two of three offices must have seen the log (docs/VERIFY.md).
{
  for office in odi governor dhcs; do
    scripts/log_key.sh "$state/witness-$office.key"
    echo "witness $office $("$bin/ideactl" log witness --print-key --name "$office.example/witness" --signing-key "$state/witness-$office.key")"
  done
  printf 'group offices 2 odi governor dhcs\nquorum offices\n'
} >"$state/policy.txt"
umask 077 # databases, logs, tokens and the settings of each process, for this user alone
mkdir -p "$data/log"
subjects=()
for short in "${!entities[@]}"; do
  case $short in
    odi) subjects+=(odi-cdo) ;;
    governor) subjects+=(governor-cabinet) ;;
    calhhs) subjects+=(calhhs-officer) ;;
    *) subjects+=("$short"-{program,coordinator,sponsor,legal,privacy,security}) ;;
  esac
done
scripts/issuer.sh tokens "$data/issuer" "$data/tokens" 43200 "${subjects[@]}"

redis=$(start_redis "$state/redis") || fail "redis-server did not start; see $state/redis"
export IDEA_REDIS=$redis IDEA_TLS_DIR="$data/certs/{service}" IDEA_TOKEN_KEYS_DIR=$data/issuer/keys IDEA_LOG_KEY=$state/log.key
# The port of each process for metrics and health; its log names it.
export IDEA_METRICS_LISTEN=${IDEA_METRICS_LISTEN:-127.0.0.1:0}
export IDEA_EVENT_KEYS_FILE=$state/event.keys IDEA_LOG_POLICY=$state/policy.txt
export IDEA_WEBHOOK_KEYS_FILE=$state/webhook.keys IDEA_WEBHOOK_NETWORKS=127.0.0.0/8
if $postgres; then
  url=$(start_postgres "$data/postgres") || fail "PostgreSQL did not start; see $data/postgres"
  for service in "${services[@]}"; do
    psql -q "$url" -tc "SELECT 1 FROM pg_database WHERE datname = 'idea_$service'" | grep -q 1 ||
      psql -q "$url" -c "CREATE DATABASE idea_$service" || fail "cannot create the database idea_$service"
  done
  if $pgbouncer; then
    url=$(start_pgbouncer "$data/pgbouncer" "$url") || fail "PgBouncer did not start; see $data/pgbouncer"
  fi
  export IDEA_DATABASE="${url%/*}/idea_{service}"
else
  export IDEA_DATABASE="sqlite:$data/{service}.db"
fi

# start <process> <host:port> [<program>]: starts it and waits until it serves. $data/start-<process> starts it again.
start() {
  local process=$1 program=${3:-$1} pid i
  : >"$data/$process.ready"
  {
    echo "#!/bin/sh"
    echo "echo \$\$ >'$data/$process.pid'"
    env | sed -n "s/^\(IDEA_[A-Z_]*\)=\(.*\)/export \1='\2'/p"
    echo "export IDEA_LISTEN='$2' IDEA_READY_FILE='$data/$process.ready'"
    echo "exec '$bin/$program' >>'$data/log/$process.log' 2>&1"
  } >"$data/start-$process"
  chmod +x "$data/start-$process"
  "$data/start-$process" &
  pid=$!
  for ((i = 0; i < 300; i++)); do
    [[ -s $data/$process.ready ]] && return
    alive "$pid" || fail "$process did not start: $(tail -n 1 "$data/log/$process.log")"
    sleep 0.1
  done
  fail "$process did not become ready within 30 s; see $data/log/$process.log"
}

# The address of each service that ideactl calls.
declare -A endpoints=()
if $processes; then
  # The first replica of a service is named like the service, the others registry-2, registry-3, ...
  declare -A addresses=()
  turn=0
  for service in "${services[@]}"; do
    list=""
    for ((i = 1; i <= replicas; i++)); do
      name=$service-$i
      name=${name%-1}
      addresses[$name]=127.0.0.1:$(free_port)
      list+=,${addresses[$name]}
      # ideactl calls another replica of the next service, so that the demo needs them all.
      if ((i == turn % replicas + 1)); then endpoints[$service]=localhost:${addresses[$name]#*:}; fi
    done
    turn=$((turn + 1))
    ((replicas > 1)) && list=ipv4:${list#,} || list=${endpoints[$service]}
    export "IDEA_${service^^}_ADDRESS=$list"
  done
  for service in "${services[@]}"; do
    for ((i = 1; i <= replicas; i++)); do
      name=$service-$i
      name=${name%-1}
      start "$name" "${addresses[$name]}" "$service"
    done
  done
else
  start suite 127.0.0.1:0
  for service in "${services[@]}"; do
    endpoints[$service]=localhost:$(sed 's/.*://' "$data/suite.ready")
    export "IDEA_${service^^}_ADDRESS=${endpoints[$service]}"
  done
fi
# A second replica on the same database: it applies a termination that the other one wrote within a second.
if ((replicas > 1)); then
  DEMO_REPLICA=localhost:${addresses[inventory]#*:}
  [[ $DEMO_REPLICA != "${endpoints[inventory]}" ]] || DEMO_REPLICA=localhost:${addresses[inventory-2]#*:}
else
  start inventory-replica 127.0.0.1:0 inventory
  DEMO_REPLICA=localhost:$(sed 's/.*://' "$data/inventory-replica.ready")
fi
export DEMO_REPLICA DEMO_PROOF=$state/proof

# The context file that ideactl finds without a flag.
{
  echo "ca certs/authority/ca.crt"
  echo "as cdss"
  for service in "${services[@]}"; do echo "endpoints.$service ${endpoints[$service]}"; done
  for short in "${!entities[@]}"; do
    for file in cert:crt key:key; do echo "identities.$short.${file%:*} certs/entities/${entities[$short]}/tls.${file#*:}"; done
  done
  for subject in "${subjects[@]}"; do echo "identities.${subject%%-*}.people.${subject#*-} tokens/$subject.jwt"; done
} | jq -Rn 'reduce (inputs / " ") as [$path, $value] ({}; setpath($path / "."; $value))' >"$data/context.json"
export IDEACTL_CONTEXT=$data/context.json

$dispute && export DEMO_DISPUTE=1
scripts/demo.sh || fail "the demo failed; the services' logs are in $data/log"
[[ -z $then ]] || DATA=$data "$then" || fail "$then failed; the services' logs are in $data/log"

echo
echo "databases  $($postgres && echo "PostgreSQL, $data/postgres" || echo "SQLite, $data/*.db")"
echo "logs       $data/log"
admin=$(grep -h '"serving metrics and health"' "$data/log/$($processes && echo registry || echo suite).log" | tail -n 1 | jq -r .address)
echo "metrics    http://$admin/metrics, of $($processes && echo "the registry" || echo "the suite")"
echo "context    $data/context.json, read by ideactl"
for service in "${services[@]}"; do echo "endpoint   $service ${endpoints[$service]}"; done
echo "endpoint   inventory $DEMO_REPLICA, a second replica"
if ((replicas > 1)); then
  for service in "${services[@]}"; do
    address=IDEA_${service^^}_ADDRESS
    echo "replicas   $service ${!address}"
  done
fi
$once && exit 0
echo
echo "Serving until Ctrl-C. In another terminal, in this folder:"
echo "  export IDEACTL_CONTEXT=$data/context.json; build/$preset/bin/ideactl entities list"
wait -n || true
fail "a process ended; the services' logs are in $data/log"
