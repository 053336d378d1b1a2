#!/usr/bin/env bash
# Standard clients in C++, Python and JavaScript read, write and watch through two replicas of each service on PostgreSQL, which are restarted in
# turn. One attacker is without a certificate, another has the certificate of a department that is not a party. Prints each client's calls and its failures
# by kind; none is expected. The last line is a summary. The exit code is 0 only without a failure. Everything stays on this machine.
#
# usage: scripts/soak.sh [--minutes N] [--preset P]
#
#   --minutes N  duration [30]
#   --preset P   build preset [release]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

minutes=30 preset=release
while (($# > 0)); do
  case $1 in
    --minutes | --preset)
      [[ $# -ge 2 ]] || { echo "soak.sh: $1 needs a value; --help shows the flags" >&2; exit 2; }
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
[[ $minutes =~ ^[1-9][0-9]{0,3}$ ]] || { echo "soak.sh: --minutes needs a number from 1 to 9999" >&2; exit 2; }

[[ -n ${SKIP_INSTALL:-} ]] || scripts/install.sh
if [[ -z ${SKIP_BUILD:-} ]]; then
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --target rolling_client
fi
work=$(mktemp -d) code=0
chmod 755 "$work"
MINUTES=$minutes ENGINE=postgres CLIENT=$PWD/build/$preset/tests/clients/rolling_client SKIP_INSTALL=1 \
  scripts/run.sh --once --postgres --replicas 2 --preset "$preset" --data "$work/data" --then tests/clients/soak/soak.mjs |
  tee "$work/said" || code=$?
grep '^soak: ' "$work/said" || echo "soak: did not finish"
if ((code == 0)); then rm -rf -- "$work"; else echo "soak.sh: the data folder is kept in $work" >&2; fi
exit "$code"
