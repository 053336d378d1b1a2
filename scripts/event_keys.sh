#!/usr/bin/env bash
# Makes the keys that sign the events of the notification queue (IDEA_EVENT_KEYS_FILE). All services need the same file.
# To rotate: add, promote, remove, each time with the file given to every service before the next step.
#
# usage: scripts/event_keys.sh <file>            makes the file with one key, if it does not exist
#        scripts/event_keys.sh <file> add        appends a new key, which verifies
#        scripts/event_keys.sh <file> promote    moves the last key to the front, where it signs
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
    ((${#keys[@]} > 1)) || { echo "event_keys.sh: $file has one key only, which is in use" >&2; exit 1; }
    unset 'keys[-1]'
    ;;
  *) usage ;;
esac
printf '%s\n' "${keys[@]}" >"$file.new"
mv "$file.new" "$file"
