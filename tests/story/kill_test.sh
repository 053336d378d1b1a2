#!/usr/bin/env bash
# The play in six processes, with a SIGKILL at every hand-over: to who sends, to who receives, to both, to the notification service, and to Redis
# (once with the loss of all its data); and the disputed play with kills of who sends and of both. Each must end as if nothing had happened: every event exactly once.
#
# usage: tests/story/kill_test.sh <preset>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=${1:-debug}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failed=0
for run in sender receiver both notification redis "sender --dispute" "both --dispute"; do
  began=$SECONDS
  read -r mischief variant <<<"$run"
  data=$work/${run// /}
  if SKIP_INSTALL=1 DATA=$data MISCHIEF=$mischief STORY_HOOK=$PWD/tests/story/mischief.sh \
    scripts/run.sh --once --processes ${variant:+"$variant"} --preset "$preset" --data "$data" >"$data.log" 2>&1; then
    echo "ok: $(grep -c 'killed:' "$data.log") kills of $run, and the agreement is filed, each step once ($((SECONDS - began)) s)"
  else
    failed=1
    tail -n 30 "$data.log"
    echo "not ok: $run"
  fi
done
exit "$failed"
