#!/usr/bin/env bash
# Runs every command of the documents as it is written, document by document, beside a suite that the README's own first command started.
# A block marked "*Not run by the tests: <reason>.*" is left out.
#
# usage: tests/docs/commands_test.sh <build folder> [<document>...]
set -euo pipefail
build=$1
shift
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/servers.sh
source "$root/scripts/servers.sh"
work=$(mktemp -d)
suite=""
trap 'if [[ -n $suite ]]; then kill -TERM "$suite" 2>/dev/null || true; wait "$suite" || true; fi; rm -rf -- "$work"' EXIT

# A folder that looks like the source tree after a build, with its own var/.
tree=$work/tree
mkdir -p "$tree/build" "$tree/var"
for entry in "$root"/* "$root"/.git; do
  case ${entry##*/} in build | var) ;; *) ln -s "$entry" "$tree/${entry##*/}" ;; esac
done
for preset in debug release; do ln -s "$build" "$tree/build/$preset"; done
cd "$tree"
export SKIP_INSTALL=1 SKIP_BUILD=1 XDG_STATE_HOME=$work/state

# commands <document>: its blocks of shell commands, without the one that serves until Ctrl-C and those marked.
commands() {
  awk '
    /^```/ { if (inside) { inside = 0; print "" } else { inside = /^```sh$/ && last !~ /^\*Not run by the tests: / } ; next }
    inside && !/^\.\/scripts\/run\.sh( |$)/ { print }
    !inside && NF { last = $0 }' "$1"
}

start=$(grep -m 1 '^\./scripts/run\.sh' README.md)
bash -c "exec ${start%%#*}" >"$work/run.log" 2>&1 &
suite=$!
for ((i = 0; i < 3000; i++)); do
  grep -q 'Ctrl-C' "$work/run.log" && break
  alive "$suite" || { tail -n 20 "$work/run.log" >&2; exit 1; }
  sleep 0.1
done

failed=0
(($# > 0)) || set -- README.md CONTRIBUTING.md deploy/k8s/README.md docs/*.md
for document; do
  commands "$document" >"$work/script"
  grep -q '[^[:space:]]' "$work/script" || continue
  code=0
  # Each document in a new shell: it says itself what its commands need.
  bash -euxo pipefail "$work/script" >"$work/out" 2>&1 </dev/null || code=$?
  if ((code == 0)); then
    echo "$document: $(grep -c '^[^ #]' "$work/script") lines of commands"
  else
    failed=1
    echo "$document: a command ended with exit code $code; the last lines of its output:" >&2
    tail -n 20 "$work/out" >&2
  fi
done
exit "$failed"
