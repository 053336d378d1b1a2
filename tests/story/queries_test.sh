#!/usr/bin/env bash
# Every metric that an alert or the dashboard asks for exists in a suite that has run the demo, or in a service whose queue and limits fail.
#
# usage: tests/story/queries_test.sh <preset>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
fail() { echo "not ok: $*"; exit 1; }
admin_of() { grep -h '"serving metrics and health"' "$1" | tail -n 1 | jq -r .address; }

if [[ -n ${QUERIES_TEST_OUT:-} ]]; then
  # After the demo: reads until the slowest report has run.
  complete() { curl -sf "http://$(admin_of "$DATA/log/suite.log")/metrics" >"$QUERIES_TEST_OUT" && grep -qE '^idea_(bucps|filings)\{state="(FILED|ENDED)"\} [1-9]' "$QUERIES_TEST_OUT" && grep -q '^idea_review_tasks_open{' "$QUERIES_TEST_OUT"; }
  for ((tries = 0; tries < 600; tries++)); do complete && exit; sleep 0.1; done
  exit 1
fi

readonly preset=$1 monitoring=deploy/k8s/components/monitoring
work=$(mktemp -d) server=""
# shellcheck disable=SC2317 # called by the trap
cleanup() { [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true; rm -rf -- "$work"; }
trap cleanup EXIT
QUERIES_TEST_OUT=$work/metrics scripts/run.sh --preset "$preset" --once --data "$work/data" --then "$PWD/tests/story/queries_test.sh" >"$work/run.log" 2>&1 ||
  { tail -n 20 "$work/run.log"; fail "the demo"; }
for line in 'idea_build_info{' 'rpc_server_call_duration_seconds_count{rpc_method="idea.drafting.v1.DraftingService/CreateBucp",rpc_system_name="grpc",service="drafting"}'; do
  grep -q "^$line" "$work/metrics" || fail "no line $line: $(grep "^${line%%\{*}" "$work/metrics" | head -5)"
done

# A service without Redis, of which each caller may ask once a second.
entity=$work/data/certs/entities/office-of-data-and-innovation
IDEA_TLS_DIR="$work/data/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/data/issuer/keys IDEA_REDIS=unix:$work/no-redis IDEA_DATABASE=sqlite:$work/registry.db \
  IDEA_LISTEN=127.0.0.1:0 IDEA_READY_FILE=$work/ready IDEA_METRICS_LISTEN=127.0.0.1:0 IDEA_CALLER_READS_PER_SECOND=1 IDEA_CALLER_READS_BURST=1 \
  "build/$preset/bin/registry" 2>"$work/log" &
server=$!
_wait_for "the registry" test -s "$work/ready"
calls=()
call() { "build/$preset/bin/ideactl" --timeout 1 --endpoint "localhost:$(sed 's/.*://' "$work/ready")" --ca "$entity/ca.crt" --cert "$entity/tls.crt" --key "$entity/tls.key" entities list &>/dev/null || true; }
failures() { for _ in 1 2 3 4 5 6; do call & calls+=($!); done; wait "${calls[@]}"; calls=(); curl -sf "http://$(admin_of "$work/log")/metrics" >"$work/failing" && grep -q '^idea_redis_failures_total{' "$work/failing" && grep -q '^idea_limit_refusals_total{' "$work/failing"; }
_wait_for "a refusal and a failure of Redis" failures

cat "$work/metrics" "$work/failing" | grep -oE '^[a-z_0-9]+' | sort -u >"$work/known"
{ sed -n "s/^ *expr: //p" "$monitoring/alerts.yaml"; jq -r '.panels[].targets[]?.expr' "$monitoring/idea-exchange.json"; } >"$work/queries"
# Without what stands in braces and after `by`: these are labels.
sed -E 's/\{[^}]*\}//g; s/by \([^)]*\)//g' "$work/queries" | grep -oE '\b(idea|rpc|db|process)_[a-z_0-9]+' | sort -u >"$work/asked"
(($(wc -l <"$work/asked") > 25)) || fail "no queries were found"
unknown=$(comm -23 "$work/asked" "$work/known")
[[ -z $unknown ]] || fail "no process has these metrics: $unknown"
echo "ok: $(wc -l <"$work/queries") queries ask for $(wc -l <"$work/asked") metrics that exist"

# Labels have few values: no identifier of a caller, person or resource.
series=$(grep -vc '^#' "$work/metrics")
((series < 8000)) || fail "one process has $series series"
! grep -E '(bucps|entities|filings|disputes)/' "$work/metrics" || fail "a label has the name of a resource"
