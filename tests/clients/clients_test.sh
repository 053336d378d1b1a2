#!/usr/bin/env bash
# Starts a private suite, and calls it with clients in other languages: server reflection, the list of entities, a walk through registry
# and drafting, and requests that the server must refuse.
#
# usage: tests/clients/clients_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
bin=$1/bin
data=$(mktemp -d)
pid=""
trap 'if [[ -n $pid ]]; then kill -TERM "$pid" 2>/dev/null && wait "$pid"; fi; stop_pidfile "$data/redis/redis.pid"; rm -rf -- "$data"' EXIT

scripts/certs.sh "$data/certs" california-department-of-social-services department-of-health-care-services \
  office-of-data-and-innovation department-of-motor-vehicles california-health-and-human-services-agency \
  governors-office-cabinet-secretary
scripts/issuer.sh init "$data/issuer"
scripts/log_key.sh "$data/log.key"
scripts/event_keys.sh "$data/webhook.keys"
redis=$(start_redis "$data/redis")
IDEA_REDIS=$redis IDEA_TLS_DIR="$data/certs/{service}" IDEA_TOKEN_KEYS_DIR=$data/issuer/keys IDEA_LOG_KEY=$data/log.key IDEA_WEBHOOK_KEYS_FILE=$data/webhook.keys \
  IDEA_DATABASE="sqlite:$data/{service}.db" IDEA_LISTEN=127.0.0.1:0 IDEA_READY_FILE=$data/ready \
  "$bin/suite" >"$data/suite.log" 2>&1 &
pid=$!
for ((i = 0; i < 300; i++)); do
  [[ -s $data/ready ]] && break
  alive "$pid" || { tail -n 3 "$data/suite.log" >&2; exit 1; }
  sleep 0.1
done
endpoint=localhost:$(sed 's/.*://' "$data/ready")
odi=$data/certs/entities/office-of-data-and-innovation
"$bin/ideactl" --endpoint "$endpoint" --cert "$odi/tls.crt" --key "$odi/tls.key" --ca "$odi/ca.crt" \
  entities import --csv @services/registry/data/signatories.csv
IDEA_PID=$pid IDEA_LOG=$data/suite.log IDEA_ENDPOINT=$endpoint IDEA_CERTS=$data/certs IDEA_TOKENS=$data/issuer \
  node --test tests/clients/reflection_client.mjs tests/clients/walk.mjs tests/clients/lifecycle_walk.mjs tests/clients/refusals.mjs \
    tests/clients/bad_calls.mjs tests/clients/attacks.mjs

# Resources filled to their limits, read with default clients in Python and Node.
stubs=$data/stubs
mkdir "$stubs"
mapfile -t messages < <(cd protos && find idea -name '*.proto')
protoc -I protos -I protos/node_modules/google-proto-files --python_out "$stubs" "${messages[@]}" google/api/{annotations,client,field_behavior,http,launch_stage,resource}.proto \
  google/type/date.proto google/rpc/code.proto
IDEA_ENDPOINT=$endpoint IDEA_CERTS=$data/certs IDEA_TOKENS=$data/issuer \
  /usr/bin/python3 tests/clients/full_content.py "$stubs" "$data/reads.json"
IDEA_READS=$data/reads.json IDEA_ENDPOINT=$endpoint IDEA_CERTS=$data/certs IDEA_TOKENS=$data/issuer \
  node --test tests/clients/full_content.mjs

/usr/bin/python3 tests/clients/refusals.py "$endpoint" "$odi"
