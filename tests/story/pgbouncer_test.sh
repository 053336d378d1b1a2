#!/usr/bin/env bash
# Runs the tests of the storage contract, of the event log, and the demo with PostgreSQL and a PgBouncer in transaction mode, where each
# transaction may use another session of the server.
#
# usage: tests/story/pgbouncer_test.sh <preset>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
readonly preset=$1
[[ -x $POSTGRES_BIN/initdb ]] || { echo "skipped: PostgreSQL is not installed"; exit 0; }
[[ -x $PGBOUNCER ]] || { echo "skipped: PgBouncer is not installed"; exit 0; }
work=$(mktemp -d)
chmod 755 "$work"
cleanup() {
  stop_pgbouncer "$work/pgbouncer" 2>/dev/null || true
  stop_postgres "$work/postgres" 2>/dev/null || true
  rm -rf -- "$work"
}
trap cleanup EXIT

TEST_POSTGRES=$(start_pgbouncer "$work/pgbouncer" "$(start_postgres "$work/postgres")")
export TEST_POSTGRES
unset CTEST_RESOURCE_GROUP_0_POSTGRES
for test in contract/storage/storage_contract_test common/events/events_test; do
  "build/$preset/tests/$test" --gtest_filter='*ostgres*' --gtest_brief=1 2>"$work/log" | tee "$work/said" || { cat "$work/log"; exit 1; }
  grep -Eq 'PASSED.* [1-9][0-9]* test' "$work/said" || { echo "$test ran no test"; exit 1; }
  grep -q '"PostgreSQL is reached through a pooler' "$work/log" || { echo "$test did not find the pooler"; exit 1; }
done
scripts/run.sh --once --processes --postgres --pgbouncer --preset "$preset" --data "$work/data"
grep -q '"PostgreSQL is reached through a pooler' "$work/data/log/drafting.log" || { echo "drafting did not find the pooler"; exit 1; }
