#!/usr/bin/env bash
# Builds the client packages, installs each into an empty environment beside a private suite, and runs the quickstarts there. Then breaks
# the connection of the thin layers, which must resume their watch and send a write again once.
#
# usage: tests/packages/packages_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
bin=$1/bin
data=$(mktemp -d)
pid="" proxy=""
trap '[[ -z $proxy ]] || kill "$proxy" 2>/dev/null; if [[ -n $pid ]]; then kill -TERM "$pid" 2>/dev/null && wait "$pid"; fi; stop_pidfile "$data/redis/redis.pid"; rm -rf -- "$data"' EXIT

scripts/package.sh "$data/dist"
version=$(sed -n 's/^project(idea_exchange VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
for file in "idea-exchange-$version.binpb" "idea-exchange-client-$version.tgz" "idea_exchange_client-$version-py3-none-any.whl" \
  "idea-exchange-client-cpp-$version.tar.gz"; do
  [[ -s $data/dist/$file ]] || { echo "dist has no $file" >&2; exit 1; }
done
[[ $("$bin/suite" --version) == *"$version"* ]] || { echo "suite --version does not name $version" >&2; exit 1; }

cdss=california-department-of-social-services
scripts/certs.sh "$data/certs" $cdss department-of-health-care-services office-of-data-and-innovation
scripts/issuer.sh init "$data/issuer"
scripts/log_key.sh "$data/log.key"
redis=$(start_redis "$data/redis")
export IDEA_REDIS=$redis IDEA_TLS_DIR="$data/certs/{service}" IDEA_TOKEN_KEYS_DIR=$data/issuer/keys IDEA_LOG_KEY=$data/log.key \
  IDEA_DATABASE="sqlite:$data/{service}.db" IDEA_READY_FILE=$data/ready
# start <address>: starts the suite there.
start() {
  rm -f "$data/ready"
  IDEA_LISTEN=$1 "$bin/suite" >>"$data/suite.log" 2>&1 &
  pid=$!
  for ((i = 0; i < 600; i++)); do
    [[ -s $data/ready ]] && return
    alive "$pid" || break
    sleep 0.1
  done
  tail -n 3 "$data/suite.log" >&2
  return 1
}
start 127.0.0.1:0
port=$(sed 's/.*://' "$data/ready")
odi=$data/certs/entities/office-of-data-and-innovation
ideactl() { "$bin/ideactl" --endpoint "localhost:$port" --cert "$odi/tls.crt" --key "$odi/tls.key" --ca "$odi/ca.crt" "$@"; }
ideactl entities import --csv @services/registry/data/signatories.csv >/dev/null
entities=$(ideactl entities list --limit 100000 -o json | jq -s '[.[].entities[]] | length')

# expect <what> <output>: the output of a quickstart.
expect() {
  if grep -q "^$entities entities$" "$2" && grep -q '^refused: NOT_FOUND$' "$2"; then
    echo "ok    quickstart, $1"
  else
    echo "FAIL  quickstart, $1" >&2
    tail -n 20 "$2" >&2
    exit 1
  fi
}
export IDEA_ENDPOINT=localhost:$port IDEA_TLS=$data/certs/entities/$cdss

mkdir "$data/node"
(
  cd "$data/node"
  echo '{"private": true}' >package.json
  npm install --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel error "$data/dist/idea-exchange-client-$version.tgz" >/dev/null
  cp "$root/quickstarts/node/quickstart.mjs" "$root/tests/packages/client.mjs" .
  node quickstart.mjs
) >"$data/node.out" 2>&1 || true
expect Node "$data/node.out"
# With the versions of clients/node/package-lock.json.
(
  cd "$data/node"
  cp "$root/tests/packages/types.ts" .
  npm install --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel error typescript@5.9.3 @types/node@18.19.130 >/dev/null
  node_modules/.bin/tsc --strict --noEmit --target ES2022 --module node16 --moduleResolution node16 types.ts
)
echo "ok    types, tsc --strict"

/usr/bin/python3 -m venv --system-site-packages "$data/python"
"$data/python/bin/pip" install --quiet --no-index --no-deps "$data/dist/"*.whl
(cd "$data/python" && bin/python "$root/quickstarts/python/quickstart.py") >"$data/python.out" 2>&1 || true
expect Python "$data/python.out"

# says <word> <pid>: waits until the program has written the word.
says() {
  for ((i = 0; i < 600; i++)); do
    grep -q "^$1" "$data/watch.out" && return
    alive "$2" || break
    sleep 0.1
  done
  tail -n 20 "$data/watch.out" >&2
  return 1
}
# restarts <program>...: kills the suite while the program watches, and starts it again at the same address after the program began to
# send a write. Then the program uses a proxy that breaks each connection after a few messages.
export IDEA_DOWN=$data/down
node tests/packages/breaking_proxy.mjs "localhost:$port" "$data/proxy" &
proxy=$!
for ((i = 0; i < 600; i++)); do [[ ! -s $data/proxy ]] || break; sleep 0.1; done
broken=0
IDEA_BREAKING=localhost:$(cut -d ' ' -f 1 "$data/proxy")
export IDEA_BREAKING
restarts() {
  rm -f "$IDEA_DOWN"
  "$@" >"$data/watch.out" 2>&1 &
  local client=$!
  says watching $client
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  touch "$IDEA_DOWN"
  says sending $client
  start "127.0.0.1:$port"
  wait $client || { tail -n 20 "$data/watch.out" >&2; return 1; }
  grep -q '^resumed' "$data/watch.out" && grep -q '^unbroken' "$data/watch.out"
  # The proxy reports its port and the number of connections that it broke.
  [[ $(cut -d ' ' -f 2 "$data/proxy") -gt $broken ]] || { echo "no connection broke" >&2; return 1; }
  broken=$(cut -d ' ' -f 2 "$data/proxy")
}
cd "$data/node"
restarts node client.mjs
echo "ok    retries and watches, Node"
restarts "$data/python/bin/python" "$root/tests/packages/client.py"
echo "ok    retries and watches, Python"

# Go and Java: the commands that generate the stubs.
"$root/quickstarts/go/generate.sh" "$root/protos" "$root/protos/node_modules/google-proto-files" example.org/idea "$data/go"
"$root/quickstarts/java/generate.sh" "$root/protos" "$root/protos/node_modules/google-proto-files" "$data/java"
[[ -s $data/go/idea/registry/v1/registry_grpc.pb.go && -s $data/java/idea/registry/v1/RegistryServiceGrpc.java ]]
echo "ok    stubs for Go and Java"

# The C++ package last, for it compiles longest.
mkdir "$data/cpp"
tar -xzf "$data/dist/idea-exchange-client-cpp-$version.tar.gz" -C "$data/cpp"
(
  cd "$data/cpp"
  launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" -DCMAKE_BUILD_TYPE=Debug -G Ninja)
  cmake -S idea-exchange-client-cpp-* -B package "${launcher[@]}" -DCMAKE_INSTALL_PREFIX="$data/prefix"
  cmake --build package --target install
  cmake -S "$root/quickstarts/cpp" -B quickstart "${launcher[@]}" -DCMAKE_PREFIX_PATH="$data/prefix"
  cmake --build quickstart
  quickstart/quickstart
) >"$data/cpp.out" 2>&1 || true
expect C++ "$data/cpp.out"
