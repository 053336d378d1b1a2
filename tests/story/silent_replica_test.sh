#!/usr/bin/env bash
# One of three replicas of the registry stops answering, with its packets dropped and with its process stopped, while departments create BUCPs. No
# call takes longer than its deadline, every call after the first two seconds succeeds, and the replica receives calls again after the fault.
#
# usage: tests/story/silent_replica_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# A network for this test only, for iptables.
if [[ ${1:-} != --inside ]]; then
  if ((EUID != 0)) || ! command -v iptables ip >/dev/null || ! unshare -n true 2>/dev/null; then
    echo "skipped: needs root, iptables and network namespaces"
    exit 0
  fi
  exec unshare -n "${BASH_SOURCE[0]}" --inside "$1"
fi
readonly bin=$2/bin port=7400 timeout=5 callers=4 seconds=8
ip link set lo up
iptables -A INPUT -s 127.0.0.99 -j DROP 2>/dev/null || { echo "skipped: iptables does not work here"; exit 0; }
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=tests/support/fault_timer.sh
source tests/support/fault_timer.sh
work=$(mktemp -d)
declare -A servers=()
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  local pid
  for pid in "${servers[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -n 5 "$work"/log.*; exit 1; }

cdss=california-department-of-social-services
scripts/certs.sh "$work/certs" $cdss office-of-data-and-innovation >/dev/null
scripts/issuer.sh init "$work/issuer"
export IDEA_REDIS=unix:$work/no-redis IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_DATABASE="sqlite:$work/{service}.db"
# Every check of a person calls the registry.
export IDEA_DIRECTORY_CACHE_SECONDS=0
# start <name> <program> <address>
start() {
  IDEA_LISTEN=$3 IDEA_READY_FILE=$work/ready.$1 "$bin/$2" 2>"$work/log.$1" &
  servers[$1]=$!
  _wait_for "$1" test -s "$work/ready.$1"
}
for replica in 1 2 3; do start "$replica" registry "127.0.0.$replica:$port"; done
IDEA_REGISTRY_ADDRESS=ipv4:127.0.0.1:$port,127.0.0.2:$port,127.0.0.3:$port start drafting drafting 127.0.0.1:7401

# call <entity> <port> <argument...>
call() {
  local files=$work/certs/entities/$1 at=$2
  "$bin/ideactl" --timeout $timeout --endpoint "localhost:$at" --ca "$files/ca.crt" --cert "$files/tls.crt" --key "$files/tls.key" "${@:3}"
}
contact() {
  call $cdss $port "${@:2}" contacts create entities/$cdss --contact "{\"person\": \"$1\", \"displayName\": \"$1\", \"email\": \"$1@example.org\",
    \"roles\": [\"CONTACT_ROLE_DATA_COORDINATOR\", \"CONTACT_ROLE_PROGRAM\"]}" >/dev/null
}
call office-of-data-and-innovation $port entities import --csv @services/registry/data/signatories.csv >/dev/null
contact program
scripts/issuer.sh token "$work/issuer" program >"$work/program.jwt"
jq 'del(.businessCase.contactInformation)' scripts/demo/draft.json >"$work/draft.json"
create() { call $cdss 7401 --token-file "$work/program.jwt" bucps create --content "@$work/draft.json"; }
create >"$work/said" 2>&1 || fail "no BUCP can be created: $(<"$work/said")"

# Creates BUCPs one after another. Prints a line for each: seconds since the start, duration in seconds, exit code.
create_many() {
  local begun=$EPOCHREALTIME before code
  while before=$EPOCHREALTIME && [[ $(bc <<<"$before - $begun < $seconds") == 1 ]]; do
    code=0
    create >>"$work/said.$1" 2>&1 || code=$?
    bc <<<"$before - $begun; $EPOCHREALTIME - $before" | tr '\n' ' '
    echo "$code"
  done >"$work/calls.$1"
}
# calls_succeed <name of the fault>
calls_succeed() {
  local caller all=()
  for ((caller = 0; caller < callers; caller++)); do create_many $caller & all+=($!); done
  wait "${all[@]}"
  awk -v max=$((timeout + 1)) -v what="$1" '
    { ++calls; if ($2 > longest) longest = $2; if ($2 > max) bad = 1 }
    $3 != 0 { ++failed; if ($1 > 2) ++late }
    END {
      printf "%d calls while %s: %d failed, %d of them after the first 2 s; the longest took %.1f s\n", calls, what, failed, late, longest
      exit bad || calls < 10 || 100 * late > calls || 10 * failed > calls
    }' "$work"/calls.* || fail "while $1: $(tail -n 3 "$work"/said.*)"
}
count() { grep -c '"caller":"services/drafting"' "$work/log.3" || true; }
# is_used_again <name of the fault>: within 20 s after it.
is_used_again() {
  local before tries
  before=$(count)
  for ((tries = 0; tries < 40; tries++)); do
    create >"$work/said" 2>&1 || true
    if (($(count) > before)); then
      [[ $1 == "the start" ]] || fault_recovered
      echo "ok: replica 3 is used again within $((tries / 2 + 1)) s after $1"
      return
    fi
    sleep 0.5
  done
  fail "replica 3 gets no calls 20 s after $1"
}

# during <name of the fault>: drafting is ready.
during() { fault_health "$1" ready call $cdss 7401 health || fail "drafting is not ready"; }

is_used_again "the start"
iptables -A INPUT -d 127.0.0.3 -j DROP
iptables -A INPUT -s 127.0.0.3 -j DROP
calls_succeed "the packets of replica 3 are dropped"
during "Packets to one of three replicas dropped"
iptables -D INPUT -d 127.0.0.3 -j DROP
iptables -D INPUT -s 127.0.0.3 -j DROP
fault_ends "Packets to one of three replicas dropped"
is_used_again "its packets arrive"
kill -STOP "${servers[3]}"
calls_succeed "replica 3 is stopped"
during "One of three replicas paused"
kill -CONT "${servers[3]}"
fault_ends "One of three replicas paused"
is_used_again "it goes on"
