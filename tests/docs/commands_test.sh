#!/usr/bin/env bash
# Runs every command of the documents as it is written, document by document, beside a suite that the README's own first command started:
# blocks of commands in a shell, blocks of SQL in each database of the suite. Names in text and tables (`ideactl ...`) must be commands.
# Builds, tests and calls of a cluster are dry runs, by the programs in tests/docs/tools. A block marked "*Not run by the tests: <reason>.*"
# is left out.
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

# make_tree <folder>: a folder that looks like the source tree after a build, with its own var/.
make_tree() {
  local entry preset
  mkdir -p "$1/build" "$1/var"
  for entry in "$root"/* "$root"/.git; do
    case ${entry##*/} in build | var) ;; *) ln -s "$entry" "$1/${entry##*/}" ;; esac
  done
  for preset in debug release; do ln -s "$build" "$1/build/$preset"; done
}

# commands <document>: its blocks of shell commands, without the one that serves until Ctrl-C and those marked.
commands() {
  awk '
    /^```/ { if (inside) { inside = 0; print "" } else { inside = /^```sh$/ && last !~ /^\*Not run by the tests: / } ; next }
    inside && !/^\.\/scripts\/run\.sh( |$)/ { print }
    !inside && NF { last = $0 }' "$1"
}

# statements <document>: its blocks of SQL.
statements() { awk '/^```/ { inside = /^```sql$/; next } inside' "$1"; }

# named_commands <document>: the ideactl commands in its text and tables, up to the first word that stands for something or belongs to the
# shell. Those of which nothing is left are dropped.
named_commands() {
  awk -F '\140' '{ for (i = 2; i <= NF; i += 2) if ($i ~ /^ideactl /) print $i }' "$1" | while read -r -a words; do
    local kept=() word
    for word in "${words[@]:1}"; do
      [[ $word =~ ^[-a-z0-9/@] && $word != *"{"* ]] || {
        # The flag whose value is left out.
        ((${#kept[@]} == 0)) || [[ ${kept[-1]} != --* ]] || unset 'kept[-1]'
        break
      }
      kept+=("$word")
    done
    ((${#kept[@]} == 0)) || echo "${kept[*]}"
  done
}

tree=$work/tree
make_tree "$tree"
make_tree "$work/cluster"
cd "$tree"
export SKIP_INSTALL=1 SKIP_BUILD=1 SKIP_PRESUBMIT=1 XDG_STATE_HOME=$work/state

start=$(grep -m 1 '^\./scripts/run\.sh' README.md)
bash -c "exec ${start%%#*}" >"$work/run.log" 2>&1 &
suite=$!
for ((i = 0; i < 3000; i++)); do
  grep -q 'Ctrl-C' "$work/run.log" && break
  alive "$suite" || { tail -n 20 "$work/run.log" >&2; exit 1; }
  sleep 0.1
done

failed=0
# report <document> <what> <code>: prints the result of what was run, and its output if it failed.
report() {
  if (($3 == 0)); then
    grep -h '^skip: ' "$work/out" || true
    echo "$1: $2"
  else
    failed=1
    echo "$1: a command ended with exit code $3; the last lines of its output:" >&2
    tail -n 20 "$work/out" >&2
  fi
}

(($# > 0)) || set -- README.md CONTRIBUTING.md deploy/k8s/README.md services/*/README.md docs/*.md
for document; do
  commands "$document" >"$work/script"
  if grep -q '[^[:space:]]' "$work/script"; then
    code=0
    # Each document in a new shell: it says itself what its commands need. Those for a cluster have their own certificates.
    place=$tree
    [[ $document != deploy/* ]] || place=$work/cluster
    (cd "$place" && PATH=$root/tests/docs/tools:$PATH bash -euxo pipefail "$work/script") >"$work/out" 2>&1 </dev/null || code=$?
    report "$document" "$(grep -c '^[^ #]' "$work/script") lines of commands" "$code"
  fi
  statements "$document" >"$work/script"
  if [[ -s $work/script ]]; then
    code=0
    python3 - "$work/script" var/*.db >"$work/out" 2>&1 <<'EOF' || code=$?
import sqlite3, sys
for database in sys.argv[2:]:
    connection = sqlite3.connect(database, timeout=30)
    connection.executescript(open(sys.argv[1]).read())
    print(database)
EOF
    report "$document" "statements in $(wc -l <"$work/out") databases" "$code"
  fi
  named_commands "$document" >"$work/names"
  while read -r -a words; do
    build/release/bin/ideactl "${words[@]}" --help >"$work/out" 2>&1 </dev/null || true
    # The help of a noun stands for a verb that does not exist.
    if ! grep '^Usage: ideactl ' "$work/out" | grep -qvE ' SUBCOMMAND$' && ! grep -qxF "Usage: ideactl ${words[*]} [OPTIONS] SUBCOMMAND" "$work/out"; then
      failed=1
      echo "$document: ideactl ${words[*]}: not a command" >&2
    fi
  done <"$work/names"
done
exit "$failed"
