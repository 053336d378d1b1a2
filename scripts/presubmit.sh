#!/usr/bin/env bash
# Checks a change in less than a minute: format (clang-format), lint (buf, shellcheck), compatibility of the protos, and clang-tidy on
# changed files. scripts/test.sh runs it too. A check that cannot run prints a line that starts with "skip" and the reason.
#
# usage: scripts/presubmit.sh [--fix | --all]
#
#   --fix  format the files
#   --all  run clang-tidy on every file without a time limit: about an hour on two cores
#
# With SKIP_PRESUBMIT=1 nothing is checked.
#
# shellcheck disable=SC2317  # most functions are called by name, through check
set -uo pipefail
cd "$(dirname "$0")/.." || exit

tidy_seconds=40
readonly buf=node_modules/@bufbuild/buf-linux-x64/bin/buf
fix=no all=no failed=0
case "${1-}" in
  "") ;;
  --fix) fix=yes ;;
  --all)
    all=yes
    tidy_seconds=infinity
    ;;
  -h | --help)
    sed -n '2,/^# shellcheck/{/^# shellcheck/!s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
  *)
    echo "usage: scripts/presubmit.sh [--fix | --all]" >&2
    exit 2
    ;;
esac

[[ -z ${SKIP_PRESUBMIT:-} ]] || { echo "skip  presubmit: SKIP_PRESUBMIT is set"; exit 0; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# check <name> <command>...: runs it and prints the result; its output only if it fails.
check() {
  local name=$1 began=$SECONDS
  shift
  if "$@" >"$scratch/out" 2>&1; then
    echo "ok    $name ($((SECONDS - began)) s)"
  else
    cat "$scratch/out"
    echo "FAIL  $name"
    failed=1
  fi
}

skip() { echo "skip  $1: $2"; }

have() { command -v "$1" >/dev/null; }

# The commit to compare with: the merge base with main; on main the commit before.
base_commit() {
  local main base
  for main in origin/main main; do
    base=$(git merge-base HEAD "$main" 2>/dev/null) || continue
    [[ $base == "$(git rev-parse HEAD)" ]] || {
      echo "$base"
      return
    }
  done
  git rev-parse --quiet --verify HEAD~1
}

# The existing files of the repository, new ones too.
ours() { git ls-files -z --cached --others --exclude-standard -- "$@" | sort -zu | xargs -0 -r ls -d 2>/dev/null; }

# Prints only the names of files that are not formatted.
source_form() {
  if [[ $fix == yes ]]; then
    ours '*.cc' '*.h' 'protos/*.proto' | xargs -r -n 20 -P 2 clang-format -i
  else
    ours '*.cc' '*.h' 'protos/*.proto' | xargs -r -n 20 -P 2 clang-format --dry-run -Werror 2>&1 | sed -n 's/:[0-9]*:[0-9]*: error:.*//p' |
      sort -u | sed 's/$/: not formatted: run scripts\/presubmit.sh --fix/' | tee "$scratch/form"
    [[ ! -s $scratch/form ]]
  fi
}

proto_lint() { (cd protos && "$buf" lint); }

# The protos of the base commit, with the current imports, which are not in the repository.
proto_compatible() {
  git archive "$1" protos | tar -x -C "$scratch" &&
    ln -s "$PWD/protos/node_modules" "$scratch/protos/node_modules" &&
    (cd "$scratch/protos" && "$buf" build --path idea -o "$scratch/base.binpb") &&
    (cd protos && "$buf" breaking --path idea --against "$scratch/base.binpb")
}

shell_scripts() {
  ours '*.sh'
  ours | grep -vE '\.[a-z]+$' | xargs -r awk 'FNR == 1 && /^#!.*(bash|sh)$/ { print FILENAME } { nextfile }'
}

shell_form() { shell_scripts | xargs -r shellcheck -x; }

node_syntax() { ours '*.mjs' | xargs -r -n 1 node --check; }

# The .cc files of the build that differ from the base; with --all every one.
changed_sources() {
  { if [[ $all == yes ]]; then git ls-files -- '*.cc'; else git diff --name-only --diff-filter=d "$1" -- '*.cc'; fi &&
    git ls-files --others --exclude-standard -- '*.cc'; } | sort -u |
    while read -r file; do
      ! grep -qF "\"$PWD/$file\"" build/debug/compile_commands.json || echo "$file"
    done
}

# A file without findings has a mark. It is valid until the file, its includes or the rules change.
mark_of() { echo "build/debug/tidy/${1//\//%}"; }

# The files without a valid mark.
unmarked() {
  local file object mark
  jq -r --arg root "$PWD/" --args '.[] | (.file | ltrimstr($root)) as $file | select(IN($file; $ARGS.positional[])) |
    "\($file) build/debug/\(.command | capture(" -o (?<object>[^ ]+) ").object)"' "$@" <build/debug/compile_commands.json |
    while read -r file object; do
      mark=$(mark_of "$file")
      [[ $mark -nt $file && $mark -nt $object && $mark -nt .clang-tidy ]] || echo "$file"
    done | sort -u
}

# Checks one file after the other until the time is over.
tidy() {
  local each file
  # shellcheck disable=SC2016
  each='clang-tidy --quiet -p "$1" "$3" >"$1/tidy.$$" 2>&1; code=$?
    grep -vE "^[0-9]+ warnings? (generated|and)" "$1/tidy.$$"; ((code != 0)) || touch "$2"; exit "$code"'
  for file in "$@"; do printf '%s\n' "$(mark_of "$file")" "$file"; done |
    timeout -k 5 "$tidy_seconds" xargs -n 2 -P 2 bash -c "$each" tidy "$scratch"
  (($? == 0 || $? == 124 || $? == 137)) && ! grep -qs ' error: ' "$scratch"/tidy.*
}

run_tidy() {
  local base=$1 files left
  have clang-tidy || { skip clang-tidy "not installed: run scripts/install.sh"; return; }
  [[ -s build/debug/compile_commands.json && -e build/debug/protos/idea/common/v1/options.pb.h ]] || { skip clang-tidy "no build/debug: build first"; return; }
  [[ -n $base ]] || { skip clang-tidy "no commit to compare with"; return; }
  mapfile -t files < <(changed_sources "$base")
  ((${#files[@]} > 0)) || { skip clang-tidy "no changed file that is built"; return; }
  mapfile -t left < <(unmarked "${files[@]}")
  mkdir -p build/debug/tidy
  # Each file once, without the precompiled headers, so that a missing include is found.
  jq 'unique_by(.file) | map(.command |= gsub(" -Xclang -include(-pch)? -Xclang [^ ]*cmake_pch[^ ]*"; ""))' \
    build/debug/compile_commands.json >"$scratch/compile_commands.json"
  ((${#left[@]} > 0)) || { echo "ok    clang-tidy of ${#files[@]} files: unchanged since the last run"; return; }
  check "clang-tidy of ${#left[@]} files" tidy "${left[@]}"
  mapfile -t left < <(unmarked "${files[@]}")
  if ((failed == 0 && ${#left[@]} > 0)); then
    skip clang-tidy "${#left[@]} of ${#files[@]} files after $tidy_seconds s: run it again to check them"
  fi
}

base=$(base_commit) || base=""

if have clang-format; then check "clang-format" source_form; else skip clang-format "not installed: run scripts/install.sh"; fi
if [[ -x protos/$buf ]]; then
  check "buf lint" proto_lint
  if [[ -n $base ]] && git cat-file -e "$base:protos" 2>/dev/null; then
    check "buf breaking against $(git rev-parse --short "$base")" proto_compatible "$base"
  else
    skip "buf breaking" "no earlier protos to compare with"
  fi
else
  skip buf "protos/$buf does not exist (it is for x64 Linux only): run scripts/install.sh"
fi
if have shellcheck; then check "shellcheck" shell_form; else skip shellcheck "not installed: run scripts/install.sh"; fi
if have node; then check "node --check" node_syntax; else skip "node --check" "not installed: run scripts/install.sh"; fi
run_tidy "$base"
exit "$failed"
