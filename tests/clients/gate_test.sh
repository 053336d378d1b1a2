#!/usr/bin/env bash
# Starts a private suite and the exchange gate beside it, as processes, and plays Envoy and a pipeline.
#
# usage: tests/clients/gate_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
data=$(mktemp -d)
trap 'stop_pidfile "$data/redis/redis.pid"; rm -rf -- "$data"' EXIT

scripts/certs.sh "$data/certs" suite california-department-of-social-services department-of-health-care-services \
  office-of-data-and-innovation department-of-motor-vehicles
scripts/issuer.sh init "$data/issuer"
scripts/log_key.sh "$data/log.key"
scripts/event_keys.sh "$data/webhook.keys"
redis=$(start_redis "$data/redis")
IDEA_REDIS=$redis IDEA_TLS_DIR="$data/certs/{service}" IDEA_TOKEN_KEYS_DIR=$data/issuer/keys IDEA_LOG_KEY=$data/log.key IDEA_WEBHOOK_KEYS_FILE=$data/webhook.keys \
  IDEA_DATABASE="sqlite:$data/{service}.db" IDEA_READY_FILE=$data/ready IDEA_CERTS=$data/certs IDEA_TOKENS=$data/issuer IDEA_DATA=$data IDEA_BIN=$1/bin \
  node --test tests/clients/gate.mjs
