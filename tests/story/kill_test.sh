#!/usr/bin/env bash
# The play in six processes, with a SIGKILL at every hand-over: to who sends, to who receives, to both, to the notification service, and to Redis
# (once with the loss of all its data). Each must end as if nothing had happened: every event exactly once.
#
# usage: tests/story/kill_test.sh <preset>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=${1:-debug}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failed=0
for mischief in sender receiver both notification redis; do
  began=$SECONDS
  if SKIP_INSTALL=1 DATA=$work/$mischief MISCHIEF=$mischief STORY_HOOK=$PWD/tests/story/mischief.sh \
    scripts/run.sh --once --processes --preset "$preset" --data "$work/$mischief" >"$work/$mischief.log" 2>&1; then
    echo "ok: $(grep -c 'killed:' "$work/$mischief.log") kills of $mischief, and the agreement is filed, each step once ($((SECONDS - began)) s)"
  else
    failed=1
    tail -n 30 "$work/$mischief.log"
    echo "not ok: $mischief"
  fi
done
exit "$failed"
