#!/usr/bin/env bash
# The play in six processes, with a SIGKILL at every hand-over: to who sends, to who receives, to both, to the notification service, or to Redis
# (once with the loss of all its data). It must end as if nothing had happened: every event exactly once.
#
# usage: tests/story/kill_test.sh <preset> sender|receiver|both|notification|redis [--dispute]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=$1 mischief=$2
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
DATA=$work/data MISCHIEF=$mischief STORY_HOOK=$PWD/tests/story/mischief.sh \
  scripts/run.sh --once --processes "${@:3}" --preset "$preset" --data "$work/data" | tee "$work/said"
kills=$(grep -c 'killed:' "$work/said") || { echo "nobody was killed" >&2; exit 1; }
echo "$kills kills of $mischief, and the agreement is filed, each step once"
