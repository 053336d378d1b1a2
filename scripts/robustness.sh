#!/usr/bin/env bash
# Departments make random calls, valid and invalid, while processes, queue, database, disk and network fail. Then all guarantees of the suite are
# checked. The demo runs first, so that entities and contacts exist. The last line is a summary of faults, calls and violations. The exit code is 0
# only without a violation.
#
# usage: scripts/robustness.sh [--minutes N] [--seed S] [--engine sqlite|postgres] [--replicas R] [--faults REGEX] [--preset release|debug] [--data DIR]
#
#   --minutes N     duration of the faults [3]
#   --seed S        seed of the random numbers [1]
#   --engine E      database [sqlite]
#   --replicas R    processes of each service, on PostgreSQL [1]
#   --faults REGEX  only faults whose name matches, such as 'process|redis' [.]
#   --preset P      build preset [release]
#   --data DIR      folder for databases, queue, certificates and logs; kept after a violation [a temporary folder]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

MINUTES=3 SEED=1 ENGINE=sqlite FAULTS=. DATA="" DISK="" replicas=1 preset=release
while (($# > 0)); do
  case $1 in
    --minutes | --seed | --engine | --faults | --data | --replicas | --preset)
      [[ $# -ge 2 ]] || { echo "robustness.sh: $1 needs a value; --help shows the flags" >&2; exit 2; }
      name=${1#--}
      [[ $name =~ ^(replicas|preset)$ ]] || name=${name^^}
      printf -v "$name" '%s' "$2"
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "robustness.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done
[[ $MINUTES =~ ^[0-9]+([.][0-9]+)?$ && $SEED =~ ^[0-9]+$ ]] || { echo "robustness.sh: --minutes and --seed need numbers" >&2; exit 2; }
[[ $ENGINE == sqlite || $ENGINE == postgres ]] || { echo "robustness.sh: --engine needs sqlite or postgres" >&2; exit 2; }

work=$(mktemp -d)
code=1
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  if ((code != 0)); then echo "robustness.sh: the data folder is kept in $DATA" >&2; return; fi
  [[ -z $DISK ]] || umount "$DISK"
  rm -rf -- "$work"
}
trap cleanup EXIT
chmod 755 "$work"
# Temporary databases are on a small file system, which a fault may fill.
if [[ -z $DATA ]]; then
  DATA=$work/data
  mkdir "$DATA"
  if ((EUID == 0)) && mount -t tmpfs -o size=2g,mode=755 tmpfs "$DATA" 2>/dev/null; then DISK=$DATA; fi
fi
# PostgreSQL listens on TCP, because only packets of a TCP connection can be dropped.
if [[ $ENGINE == postgres ]]; then
  mkdir -p "$DATA/postgres"
  [[ -s $DATA/postgres/port ]] || free_port >"$DATA/postgres/port"
fi
export MINUTES SEED ENGINE FAULTS DATA DISK
flags=(--replicas "$replicas")
[[ $ENGINE == sqlite ]] || flags+=(--postgres)
code=0
# The shell of run.sh prints a line for each process that a fault kills; they are filtered out.
scripts/run.sh --once --processes --dispute "${flags[@]}" --preset "$preset" --data "$DATA" --then tests/clients/robustness/robustness.mjs \
  2> >(grep -v ' Killed  ' >&2) | tee "$work/said" || code=$?
grep '^robustness: ' "$work/said" || echo "robustness: did not finish"
exit "$code"
