#!/usr/bin/env bash
# Certificates expire, are damaged and are replaced while their processes run. The last valid ones stay in use, callers receive which certificate
# failed and why, and calls succeed again after it is replaced, without a restart.
#
# usage: tests/story/certificates_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=tests/support/fault_timer.sh
source tests/support/fault_timer.sh
readonly bin=$1/bin cdss=california-department-of-social-services
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

scripts/certs.sh "$work/certs" $cdss office-of-data-and-innovation >/dev/null
cp -r "$work/certs" "$work/good"
scripts/issuer.sh init "$work/issuer"
registry=$(free_port) drafting=$(free_port)
export IDEA_REDIS=unix:$work/no-redis IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_DATABASE="sqlite:$work/{service}.db"
# Every check of a person calls the registry.
export IDEA_DIRECTORY_CACHE_SECONDS=0 IDEA_REGISTRY_ADDRESS=localhost:$registry
# Calls between services, and those of ideactl to this machine, do not go to a proxy. Nobody listens there.
export https_proxy=http://127.0.0.1:9 grpc_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9
unset no_proxy no_grpc_proxy
# start <program> <port>
start() {
  rm -f "$work/ready.$1"
  IDEA_LISTEN=127.0.0.1:$2 IDEA_READY_FILE=$work/ready.$1 "$bin/$1" 2>>"$work/log.$1" &
  servers[$1]=$!
  _wait_for "$1" test -s "$work/ready.$1" || fail "$1 does not start"
}
stop() {
  kill -TERM "${servers[$1]}"
  wait "${servers[$1]}" || fail "SIGTERM ended $1 with $?"
  unset "servers[$1]"
}
# call <entity> <port> <argument...>
call() {
  local files=$work/good/entities/$1 at=$2
  "$bin/ideactl" --timeout 20 --endpoint "localhost:$at" --ca "$files/ca.crt" --cert "$files/tls.crt" --key "$files/tls.key" "${@:3}"
}
# Drafting asks the registry for the person's role.
create() { call $cdss "$drafting" --token-file "$work/program.jwt" bucps create --content "@$work/draft.json" >"$work/said" 2>&1; }
# recovers: drafting's calls succeed again within 30 s.
recovers() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    create && { fault_recovered; return; }
    sleep 0.1
  done
  fail "no BUCP can be created: $(<"$work/said")"
}
# short_lived <service>: gives it a certificate that is valid for some seconds, from an authority with the same key.
short_lived() {
  local folder=$work/certs/$1
  mkdir -p "$work/ca"
  : >"$work/ca/index"
  printf '%s\n' '[ca]' 'default_ca=c' '[c]' "database=$work/ca/index" 'rand_serial=yes' "new_certs_dir=$work/ca" 'default_md=sha256' 'policy=p' \
    'x509_extensions=leaf' '[p]' 'organizationName=supplied' '[leaf]' 'basicConstraints=critical,CA:FALSE' \
    "subjectAltName=URI:spiffe://idea.local/service/$1,DNS:localhost,IP:127.0.0.1" >"$work/ca/ca.cnf"
  openssl req -new -key "$folder/tls.key" -out "$work/ca/leaf.csr" -subj "/O=IDEA Exchange development"
  openssl ca -batch -notext -config "$work/ca/ca.cnf" -cert "$work/good/authority/ca.crt" -keyfile "$work/good/authority/ca.key" \
    -startdate 20200101000000Z -enddate "$(date -u -d "+10 seconds" +%Y%m%d%H%M%SZ)" -in "$work/ca/leaf.csr" -out "$work/ca/leaf.crt" 2>/dev/null
  mv "$work/ca/leaf.crt" "$folder/tls.crt"
}
await_expiry() {
  while openssl x509 -in "$work/certs/$1/tls.crt" -noout -checkend 0 >/dev/null; do sleep 0.2; done
}
# replaced <service>: puts the good certificate back, as a renewal does.
replaced() {
  cp "$work/good/$1/tls.crt" "$work/certs/$1/.new"
  mv "$work/certs/$1/.new" "$work/certs/$1/tls.crt"
}
logged() { grep -q "$2" "$work/log.$1"; }

start registry "$registry"
call office-of-data-and-innovation "$registry" entities import --csv @services/registry/data/signatories.csv >/dev/null
call $cdss "$registry" contacts create entities/$cdss --contact '{"person": "program", "displayName": "P", "email": "p@example.org",
  "roles": ["CONTACT_ROLE_DATA_COORDINATOR", "CONTACT_ROLE_PROGRAM"]}' >/dev/null
scripts/issuer.sh token "$work/issuer" program >"$work/program.jwt"
jq 'del(.businessCase.contactInformation)' scripts/demo/draft.json >"$work/draft.json"

stop registry
short_lived registry
start registry "$registry"
await_expiry registry
start drafting "$drafting"
create && fail "drafting trusts an expired certificate"
grep -q CERTIFICATE_EXPIRED "$work/said" || fail "the caller does not learn the cause: $(<"$work/said")"
_wait_for "drafting's line" logged drafting '"cause":"CERTIFICATE_EXPIRED"' || fail "drafting logs no cause"
fault_health "Certificate of a server expired" ready call $cdss "$drafting" health || fail "drafting is not ready"
replaced registry
fault_ends "Certificate of a server expired"
recovers

# Damaged files, a key of another certificate, another authority: the last valid files stay in use, also for new connections.
broken() {
  local file=$1 before
  before=$(grep -c "changed certificates cannot be used" "$work/log.registry" || true)
  cat >"$work/certs/registry/$file"
  for ((tries = 0; tries < 100; tries++)); do
    (($(grep -c "changed certificates cannot be used" "$work/log.registry" || true) == before)) || break
    sleep 0.1
  done
  ((tries < 100)) || fail "the registry does not notice a broken $file"
  create || fail "a broken $file fails calls: $(<"$work/said")"
  call $cdss "$registry" entities list >/dev/null || fail "a broken $file fails new connections"
  [[ $file != tls.crt ]] || fault_health "Certificate files broken" ready call $cdss "$registry" health || fail "the registry is not ready"
  cp "$work/good/registry/$file" "$work/certs/registry/$file"
}
broken tls.crt <<<"not a certificate"
broken tls.key <"$work/good/drafting/tls.key"
broken ca.crt </dev/null
fault_ends "Certificate files broken"
recovers
