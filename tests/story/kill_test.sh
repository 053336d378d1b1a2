#!/usr/bin/env bash
# Runs the demo in six processes with a SIGKILL at every event between services: to its sender, its receiver, both, the notification service,
# or Redis (once with the loss of all its data). The result must be the same as without faults: every event exactly once.
#
# usage: tests/story/kill_test.sh <preset> <target>... [--dispute]
#
#   <target>  sender, receiver, both, notification or redis
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=$1
shift
targets=() flags=()
for word in "$@"; do [[ $word == --* ]] && flags+=("$word") || targets+=("$word"); done
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
work=$(mktemp -d)
# run.sh stops every process that runs. If the demo ends early, fault_hook.sh may start one after that.
cleanup() {
  local file
  if [[ -e $work/data/restarts.lock ]]; then flock "$work/data/restarts.lock" true; fi
  for file in "$work"/data/*.pid "$work/data/redis/redis.pid"; do stop_pidfile "$file"; done
  rm -rf -- "$work"
}
trap cleanup EXIT
DATA=$work/data FAULT_TARGETS=${targets[*]} DEMO_HOOK=$PWD/tests/story/fault_hook.sh \
  scripts/run.sh --once --processes "${flags[@]}" --preset "$preset" --data "$work/data" | tee "$work/said"
for target in "${targets[@]}"; do
  kills=$(grep -c "killed: .*, $target$" "$work/said") || { echo "no $target was killed" >&2; exit 1; }
  echo "$kills kills of $target, and the agreement is filed, each step once"
done
