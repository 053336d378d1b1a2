#!/usr/bin/env bash
# The play in six processes, with a SIGKILL at every hand-over: to who sends, to who receives, to both, to the notification service, or to Redis
# (once with the loss of all its data). It must end as if nothing had happened: every event exactly once.
#
# usage: tests/story/kill_test.sh <preset> <who>... [--dispute]        who: sender, receiver, both, notification, redis
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=$1
shift
who=() flags=()
for word in "$@"; do [[ $word == --* ]] && flags+=("$word") || who+=("$word"); done
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
DATA=$work/data MISCHIEF=${who[*]} STORY_HOOK=$PWD/tests/story/mischief.sh \
  scripts/run.sh --once --processes "${flags[@]}" --preset "$preset" --data "$work/data" | tee "$work/said"
for one in "${who[@]}"; do
  kills=$(grep -c "killed: .*, $one$" "$work/said") || { echo "no $one was killed" >&2; exit 1; }
  echo "$kills kills of $one, and the agreement is filed, each step once"
done
