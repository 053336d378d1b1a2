#!/usr/bin/env bash
# A running server: SIGHUP reloads log level and certificate, the metrics contain the build, and variables that are not settings are logged once.
#
# usage: tests/story/reload_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
readonly bin=$1/bin
work=$(mktemp -d) server=""
# shellcheck disable=SC2317 # called by the trap
cleanup() { [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true; rm -rf -- "$work"; }
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -5 "$work/log"; exit 1; }
# holds <what> <command...>: the command succeeds within 20 s.
holds() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 200; tries++)); do
    "$@" && { echo "ok: $what"; return; }
    sleep 0.1
  done
  fail "$what"
}
logged() { grep -q "$1" "$work/log"; }
certificate() { openssl s_client -connect "$address" -alpn h2 </dev/null 2>/dev/null | openssl x509 -noout -serial; }
serves() { [[ $(certificate) == "$1" ]]; }

readonly commit='commit ([0-9a-f]{12}(-dirty)?|unknown)'
for program in suite registry drafting review dispute inventory notification ideactl; do
  said=$("$bin/$program" --version)
  [[ $said =~ ^$program\ [0-9.]+\ \($commit\)$ ]] || fail "$program --version says: $said"
done
echo "ok: every program has a version"

scripts/certs.sh "$work/certs" >/dev/null
scripts/issuer.sh init "$work/issuer"
metrics=127.0.0.1:$(free_port)
echo info >"$work/level"
IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_REDIS=unix:$work/no-redis IDEA_DATABASE=sqlite:$work/registry.db \
  IDEA_LISTEN=127.0.0.1:0 IDEA_READY_FILE=$work/ready IDEA_METRICS_LISTEN=$metrics IDEA_LOG_LEVEL_FILE=$work/level \
  IDEA_REGISTRY_PORT=tcp://10.0.0.1:7400 IDEA_INITIAL_DIRECTORY=/somewhere "$bin/registry" 2>"$work/log" &
server=$!
_wait_for "registry" test -s "$work/ready"
address=$(<"$work/ready")
holds "unknown variables are named" logged '"names":"IDEA_INITIAL_DIRECTORY IDEA_REGISTRY_PORT"'
[[ $(grep -c IDEA_REGISTRY_PORT "$work/log") == 1 ]] || fail "unknown variables are named more than once"
curl -sf "http://$metrics/metrics" | grep -qE '^idea_build_info\{commit="[^"]+",version="[0-9.]+"\} 1' || fail "no idea_build_info"
echo "ok: unknown variables are named once, the metrics name the build"

before=$(certificate)
rm "$work/certs/registry/tls.crt"
scripts/certs.sh "$work/certs" >/dev/null
after=$(openssl x509 -noout -serial -in "$work/certs/registry/tls.crt")
[[ $before != "$after" ]] || fail "the certificate was not renewed"
echo error >"$work/level"
kill -HUP "$server"
holds "SIGHUP sets the log level" logged '"the log level was changed","log_level":"error"'
holds "SIGHUP reloads the certificate" serves "$after"
echo loud >"$work/level"
kill -HUP "$server"
echo debug >"$work/level"
holds "the level is read again without a signal" logged '"log_level":"debug"'
alive "$server" || fail "SIGHUP ended the process"
kill -TERM "$server"
wait "$server" || fail "SIGTERM ended the process with $?"
server=""
