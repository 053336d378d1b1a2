#!/usr/bin/env bash
# The play in each way that run.sh knows, one after the other in the same folder: each finds what the one before it left in its databases.
#
# usage: tests/story/plays_test.sh <preset>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
chmod 755 "$work"

# play <earlier BUCPs> <flag>...
play() {
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
play 0
play 1 --processes
play 2 --dispute
play 0 --postgres
play 1 --postgres --replicas 3

# Anybody can verify what the plays have proved, with a program that shares no code with the suite.
for proof in "$work/data/proof" "$work/data/postgres/proof"; do
  /usr/bin/python3 tests/verifier/verify_bundle.py "$proof/log.pub" "$proof"/*.json
done
