#!/usr/bin/env bash
# Runs each variant of the demo, one after the other in the same folder. Each finds the earlier agreements in its databases.
#
# usage: tests/story/demo_test.sh <preset>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
chmod 755 "$work"

# demo <earlier BUCPs> <flag>...
demo() {
  local earlier=$1 found
  shift
  scripts/run.sh --once "$@" --preset "$preset" --data "$work/data" | tee "$work/said" || {
    echo "run.sh --once $* ended with exit code $?" >&2
    exit 1
  }
  found=$(grep -o '[0-9]* earlier BUCPs' "$work/said" || echo 0)
  [[ ${found%% *} == "$earlier" ]] || {
    echo "run.sh --once $* found ${found%% *} earlier BUCPs, not $earlier" >&2
    exit 1
  }
}

preset=$1
demo 0
demo 1 --processes
demo 2 --dispute
demo 0 --postgres
demo 1 --postgres --replicas 3

# Tokens, databases, keys, logs and start scripts are for their user alone; PostgreSQL protects its own folder.
open=$(find "$work/data" -path "$work/data/postgres/data" -prune -o -type f \( -name '*.db*' -o -name '*.jwt' -o -name '*.log' -o -name '*.key' -o -name 'start-*' \) -perm /077 -print)
[[ -z $open ]] || {
  echo "others may read: $open" >&2
  exit 1
}

# A program that shares no code with the suite verifies the evidence of the demos.
for proof in "$work/data/proof" "$work/data/postgres/proof"; do
  /usr/bin/python3 tests/verifier/verify_bundle.py "$proof/log.pub" "$proof"/*.json
done
