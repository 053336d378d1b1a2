#!/usr/bin/env bash
# Runs every test that breaks a dependency of the services, one at a time, and prints the recovery time of each fault and the health of the
# processes during it. docs/FAULTS.md describes the faults and their effect on callers.
#
# usage: scripts/faults.sh [--preset debug|asan|tsan]
#
#   --preset P  build preset [debug]
#
# The exit code is 0 only if every test passed, every measured fault has its row in docs/FAULTS.md, and every row says the measured health.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=debug
while (($# > 0)); do
  case $1 in
    --preset)
      [[ $# -ge 2 ]] || { echo "faults.sh: --preset needs a value; --help shows the flags" >&2; exit 2; }
      preset=$2
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "faults.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done

code=0
scripts/test.sh --preset "$preset" --label fault || code=$?

# A test prints "fault: <name>: recovered in <seconds> s" each time, and "fault: <name>: health ready" or "not ready". ctest keeps the output of
# all tests.
echo
awk '
  function row(name, times, most, health, test) { printf "%-66s %6s %14s  %-12s  %s\n", name, times, most, health, test }
  function health_of(name) { return name in health ? health[name] : "not measured" }
  # The described health is the begin of the last column of a table of faults.
  FNR == NR {
    if (/^\| Fault /) of_faults = 1
    if (!/^\|/) of_faults = 0
    if (of_faults && match($0, /^\| `[^`]+`/)) {
      name = substr($0, 4, RLENGTH - 4)
      described[name] = $0 ~ /\| ready[^|]*\|$/ ? "ready" : $0 ~ /\| not ready[^|]*\|$/ ? "not ready" : "nothing"
    }
    next
  }
  / Testing: / { test = $NF }
  match($0, /fault: .*: recovered in [0-9.]+ s$/) {
    text = substr($0, RSTART + 7)
    name = text; sub(/: recovered in [0-9.]+ s$/, "", name)
    seconds = text; sub(/ s$/, "", seconds); sub(/.* /, "", seconds)
    if (!(name in times)) order[++count] = name
    ++times[name]
    if (from[name] !~ test) from[name] = from[name] (from[name] == "" ? "" : ", ") test
    if (seconds + 0 > most[name] + 0 || times[name] == 1) most[name] = seconds
  }
  match($0, /fault: .*: health (not )?ready$/) {
    text = substr($0, RSTART + 7)
    name = text; sub(/: health (not )?ready$/, "", name)
    sub(/.*: health /, "", text)
    if (name in health && health[name] != text) text = "both"
    health[name] = text
  }
  END {
    row("FAULT", "TIMES", "RECOVERED IN", "HEALTH", "TEST")
    for (i = 1; i <= count; ++i) row(order[i], times[order[i]], most[order[i]] " s", health_of(order[i]), from[order[i]])
    for (name in described) if (!(name in times)) row(name, 0, "not measured", health_of(name), "-")
    for (name in times) if (!(name in described)) { print "docs/FAULTS.md: add a row for: " name; missing = 1 }
    for (name in described) if (described[name] != health_of(name)) {
      print "docs/FAULTS.md: the health during \"" name "\" is " health_of(name) ", not " described[name]
      missing = 1
    }
    exit missing
  }' docs/FAULTS.md "build/$preset/Testing/Temporary/LastTest.log" || code=1
exit "$code"
