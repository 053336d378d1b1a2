#!/usr/bin/env bash
# Sourced after each step of the play (STORY_HOOK), which is its argument: kills a process with SIGKILL where the play hands over from one
# service to another, and lets it come back a moment later. MISCHIEF says who is killed: any of sender, receiver, both, redis and notification;
# DATA is the folder of run.sh.
set -euo pipefail
# shellcheck source=scripts/servers.sh
source "${BASH_SOURCE[0]%/*}/../../scripts/servers.sh"

# The hand-over that follows the step, as "sender receiver"; nothing for the others.
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

# again <process> <seconds>: dead at once, back after so long, in the background.
again() {
  local pid
  read -r pid <"$DATA/$1.pid"
  runs "$pid" "$1" || return 0  # still away from the hand-over before
  kill -KILL "$pid"
  (sleep "$2" && exec setsid "$DATA/start-$1") >/dev/null 2>&1 </dev/null &
  echo "           killed: $1, $who"
}

# redis_again <step>: the same with Redis, whose data are lost with the last one.
redis_again() {
  local pid
  read -r pid <"$DATA/redis/redis.pid"
  runs "$pid" redis-server || return 0
  kill -KILL "$pid"
  if [[ $1 == *"filed; receipt"* ]]; then rm -rf -- "$DATA/redis/appendonlydir"; fi
  (sleep 0.3 && start_redis "$DATA/redis") >/dev/null 2>&1 </dev/null &
  echo "           killed: redis, $who"
}

for who in $MISCHIEF; do
  case $who in
    sender) if [[ $when == after ]]; then again "$sender" 0.3; fi ;;
    receiver) for process in $receivers; do if [[ $when == before || $process == drafting ]]; then again "$process" 0.8; fi; done ;;
    both) if [[ $when == after ]]; then for process in $sender $receivers; do again "$process" 0.3; done; fi ;;
    notification) again notification 0.3 ;;
    redis) redis_again "$1" ;;
  esac
done
