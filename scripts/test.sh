#!/usr/bin/env bash
# Installs missing packages, builds and runs every test with a private PostgreSQL and Redis, real certificates and a real suite.
#
# usage: scripts/test.sh [--preset debug|asan|tsan] [--fast] [--label L]
#
#   --preset P  build preset [debug]
#   --fast      leave out the demos of run.sh, the clients in other languages and presubmit.sh
#   --label L   run only the tests with the ctest label L, one at a time, and leave out presubmit.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/progress.sh
source scripts/progress.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

preset=debug fast=false label=""
while (($# > 0)); do
  case $1 in
    --preset | --label)
      [[ $# -ge 2 ]] || { echo "test.sh: $1 needs a value; --help shows the flags" >&2; exit 2; }
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    --fast) fast=true ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "test.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done

scripts/install.sh --all
export SKIP_INSTALL=1
step "configuring" cmake --preset "$preset"
[[ -n ${SKIP_BUILD:-} ]] || step "building ($preset)" cmake --build --preset "$preset"

# The tests sync hundreds of small databases. A killed process loses nothing in a file system in memory either.
if [[ -z ${TMPDIR:-} && -w /dev/shm ]] && (($(df --output=avail -k /dev/shm | tail -1) > 4 << 20)); then
  export TMPDIR=/dev/shm
fi
work=$(mktemp -d)
cleanup() {
  local server
  for server in "$work"/postgres-*/; do stop_postgres "$server" 2>/dev/null || true; done
  rm -rf -- "$work"
}
trap cleanup EXIT
chmod 755 "$work"

# Three tests at a time for two processors, because many wait for a disk, a peer or a process. Each has its own PostgreSQL.
jobs=$((($(nproc) * 3 + 1) / 2)) TEST_POSTGRES=""
[[ -z $label ]] || jobs=1
for ((i = 0; i < jobs; i++)); do TEST_POSTGRES+="$(start_postgres "$work/postgres-$i") "; done
export TEST_POSTGRES
jq -n --argjson jobs "$jobs" '{version: {major: 1, minor: 0}, local: [{postgres: [range($jobs) | {id: tostring}]}]}' >"$work/resources.json"

# Debian's gRPC is not instrumented. Only its own frames are suppressed.
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp ignore_noninstrumented_modules=1 history_size=7"
selection=()
! $fast || selection=(--label-exclude demo)
[[ -z $label ]] || selection=(--label-regex "^$label\$" --no-tests=error)
ctest --test-dir "build/$preset" --output-on-failure -j "$jobs" --resource-spec-file "$work/resources.json" "${selection[@]}"
$fast || [[ -n $label ]] || step "presubmit" scripts/presubmit.sh
echo "all tests passed"
