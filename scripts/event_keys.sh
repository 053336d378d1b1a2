#!/usr/bin/env bash
# Creates the keys that sign the events of the notification queue (IDEA_EVENT_KEYS_FILE). All services need the same file.
# To rotate keys: add, promote, remove. Distribute the file to every service after each step.
#
# usage: scripts/event_keys.sh <file>            creates the file with one key unless it exists
#        scripts/event_keys.sh <file> add        appends a new key, for verification
#        scripts/event_keys.sh <file> promote    moves the last key to the front, for signing
#        scripts/event_keys.sh <file> remove     removes the last key
set -euo pipefail
usage() { echo "usage: scripts/event_keys.sh <file> [add|promote|remove]" >&2; exit 2; }
[[ $# -ge 1 && $# -le 2 ]] || usage
umask 077
file=$1 keys=()
[[ -s $file ]] && mapfile -t keys <"$file"
case ${2-} in
  "")
    ((${#keys[@]} == 0)) || exit 0
    keys=("$(openssl rand -hex 32)")
    ;;
  add) keys+=("$(openssl rand -hex 32)") ;;
  promote) ((${#keys[@]} < 2)) || keys=("${keys[-1]}" "${keys[@]:0:${#keys[@]}-1}") ;;
  remove)
    ((${#keys[@]} > 1)) || { echo "event_keys.sh: $file has only one key, which is in use: run scripts/event_keys.sh $file add first" >&2; exit 1; }
    unset 'keys[-1]'
    ;;
  *) usage ;;
esac
printf '%s\n' "${keys[@]}" >"$file.new"
mv "$file.new" "$file"
