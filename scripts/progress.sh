# shellcheck shell=bash
# Source this. Shows the progress of a long script.
#
#   step "building" ninja -C build/debug      runs the command with its output in a log; shows seconds and ninja's [n/m]
#   note "postgresql is not installed"        prints a line
#
# On a terminal a step is one line that is updated; elsewhere it prints one line at its start and one at its end. A step that fails prints the
# end and the path of its log, and returns the command's exit code; it does not exit the shell. The command runs in the calling shell and may
# be a function.

note() { printf '%s\n' "$*"; }

step() {
  local text=$1 log began=$SECONDS ticker="" code=0
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/idea-step.XXXXXX")
  if [[ -t 1 ]]; then
    _step_line "$text" "$log" $$ &
    ticker=$!
  else
    note "$text ..."
  fi
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if [[ -n $ticker ]]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r\033[K'
  fi
  if ((code == 0)); then
    note "$text: done in $((SECONDS - began)) s"
    rm -f "$log"
  else
    tail -n 40 "$log"
    note "$text: FAILED with exit code $code after $((SECONDS - began)) s; whole log: $log"
  fi
  return "$code"
}

# Updates the line until it is killed or its owner has ended.
_step_line() {
  local text=$1 log=$2 owner=$3 began=$SECONDS count
  while kill -0 "$owner" 2>/dev/null; do
    count=$(tail -c 4096 "$log" 2>/dev/null | tr '\r' '\n' | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -n 1)
    printf '\r\033[K%s %s%d s' "$text" "${count:+$count }" $((SECONDS - began))
    sleep 0.5
  done
}
