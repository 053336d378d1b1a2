#!/usr/bin/env bash
# The play in each way that run.sh knows, one after the other on the same data: each finds what the one before it left.
#
# usage: tests/story/plays_test.sh <preset>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
chmod 755 "$work"
for way in "" "" --processes --dispute --postgres; do
  scripts/run.sh --once ${way:+"$way"} --preset "$1" --data "$work" || { echo "run.sh --once $way ended with exit code $?" >&2; exit 1; }
done
