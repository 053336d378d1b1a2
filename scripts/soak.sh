#!/usr/bin/env bash
# Standard clients in C++, Python and JavaScript, with the published service config, call two replicas that are restarted in turn, while an attacker
# does what it can without a certificate. Prints each client's calls and its failures by kind: none is expected. Everything stays on this machine.
#
# usage: scripts/soak.sh [--minutes N] [--preset P]     [30, release]; ends by itself
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

minutes=30 preset=release
while (($# > 0)); do
  case $1 in
    --minutes | --preset)
      [[ $# -ge 2 ]] || { echo "soak.sh: $1 wants a value" >&2; exit 2; }
      if [[ $1 == --minutes ]]; then minutes=$2; else preset=$2; fi
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "soak.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done
[[ $minutes =~ ^[1-9][0-9]{0,3}$ ]] || { echo "soak.sh: --minutes wants a number from 1 to 9999" >&2; exit 2; }

[[ -n ${SKIP_INSTALL:-} ]] || scripts/install.sh
if [[ -z ${SKIP_BUILD:-} ]]; then
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --target registry ideactl rolling_client
fi
SOAK_MINUTES=$minutes exec tests/clients/rolling_restart_test.sh "build/$preset"
