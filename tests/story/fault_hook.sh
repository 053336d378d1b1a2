#!/usr/bin/env bash
# Sourced after each step of the demo (DEMO_HOOK), with the step as its argument. Kills processes with SIGKILL when one service hands an
# event to another, and starts them again after less than a second. FAULT_TARGETS lists what to kill: sender, receiver, both, redis,
# notification. DATA is the folder of run.sh.
set -euo pipefail
# shellcheck source=scripts/servers.sh
source "${BASH_SOURCE[0]%/*}/../../scripts/servers.sh"

# The event that follows the step, as "before|after sender receiver...". Other steps have none.
case $1 in
  *"legal authority, privacy and security"*) point="before drafting review" ;;  # freeze: drafting -> review
  *"frozen for review"*) point="after drafting review" ;;
  "dispute: explains"*) point="before dispute drafting" ;;  # objection: dispute -> drafting
  *": objects:"*) point="after dispute drafting" ;;
  "Statewide CDO: a meeting"*) point="before dispute drafting" ;;  # decision: dispute -> drafting
  "Governor's Office: decides"*) point="after dispute drafting" ;;
  "DHCS, privacy"*) point="before review drafting" ;;  # last opinion: review -> drafting
  "DHCS, security"*) point="after review drafting" ;;
  "CDSS, coordinator: signed"*) point="before review drafting inventory" ;;  # last signature: review -> drafting -> inventory
  "DHCS, coordinator: signed"*) point="after review drafting inventory" ;;
  *"filed; receipt"*) point="after inventory drafting" ;;  # filing: inventory -> drafting
  *) exit 0 ;;
esac
read -r when sender receivers <<<"$point"

# Each restart in the background holds this lock until the process can be found by its pid file: kill_test.sh waits for it.
restarts=$DATA/restarts.lock

# restart <process> <seconds>: kills it, and starts it again after that time in the background.
restart() {
  local pid
  read -r pid <"$DATA/$1.pid"
  runs "$pid" "$1" || return 0  # still down from the previous event
  kill -KILL "$pid"
  {
    flock -s 9
    (
      sleep "$2"
      setsid "$DATA/start-$1" 9>&- &
      until [[ $(<"$DATA/$1.pid") == "$!" ]] || ! alive "$!"; do sleep 0.02; done
    ) >/dev/null 2>&1 </dev/null &
  } 9>>"$restarts"
  echo "           killed: $1, $target"
}

# restart_redis <step>: the same for Redis. The last kill also deletes its data.
restart_redis() {
  local pid
  read -r pid <"$DATA/redis/redis.pid"
  runs "$pid" redis-server || return 0
  kill -KILL "$pid"
  if [[ $1 == *"filed; receipt"* ]]; then rm -rf -- "$DATA/redis/appendonlydir"; fi
  {
    flock -s 9
    (
      sleep 0.3
      start_redis "$DATA/redis" 9>&-
    ) >/dev/null 2>&1 </dev/null &
  } 9>>"$restarts"
  echo "           killed: redis, $target"
}

for target in $FAULT_TARGETS; do
  case $target in
    sender) if [[ $when == after ]]; then restart "$sender" 0.3; fi ;;
    receiver) for process in $receivers; do if [[ $when == before || $process == drafting ]]; then restart "$process" 0.8; fi; done ;;
    both) if [[ $when == after ]]; then for process in $sender $receivers; do restart "$process" 0.3; done; fi ;;
    notification) restart notification 0.3 ;;
    redis) restart_redis "$1" ;;
  esac
done
