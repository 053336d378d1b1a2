#!/usr/bin/env bash
# Restores backups of the six databases, each made at a different time, while agreements are in every state; see restore/restore.mjs.
#
# usage: tests/clients/restore_test.sh <preset> sqlite|postgres
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=$1 flags=()
export ENGINE=$2
if [[ $ENGINE == postgres ]]; then
  [[ -x ${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}/initdb ]] || { echo "skipped: PostgreSQL is not installed"; exit 0; }
  flags+=(--postgres)
fi
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
chmod 755 "$work"
scripts/run.sh --once --processes "${flags[@]}" --preset "$preset" --data "$work/data" --then tests/clients/restore/restore.mjs
