#!/usr/bin/env bash
# Measures the services on this machine beside references in the same run: a bare gRPC server, bare durable writers, and etcd, if Debian's package
# etcd-server is installed. Compare ratios within one run only; no figure is a limit. docs/PERFORMANCE.md explains the tables.
#
# usage: scripts/bench.sh [--quick] [--engine sqlite|postgres] [--preset P] [--json DIR] [--compare DIR]
#
#   --quick        about two minutes for each engine: fewer rounds, without the programs that fill large databases
#   --engine E     only this database [both]
#   --preset P     build preset [release]
#   --json DIR     write the tables as DIR/sqlite.json and DIR/postgres.json
#   --compare DIR  report ratios that fell beyond the noise since an earlier run with --json DIR
#
# SKIP_INSTALL=1: nothing is installed. The full run takes about an hour, and 5 GB of TMPDIR for a million filings.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

quick="" engine="" preset=release json="" compare=""
while (($# > 0)); do
  case $1 in
    --quick) quick=1 ;;
    --engine | --preset | --json | --compare)
      [[ $# -ge 2 ]] || { echo "bench.sh: $1 needs a value; --help shows the flags" >&2; exit 2; }
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "bench.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done
[[ $engine =~ ^(sqlite|postgres|)$ ]] || { echo "bench.sh: --engine must be sqlite or postgres" >&2; exit 2; }

[[ -n ${SKIP_INSTALL:-} ]] || scripts/install.sh
export SKIP_INSTALL=1
cmake --preset "$preset" >/dev/null
benches=(load_client reference_server)
[[ -n $quick ]] || benches+=(list_bench registry_bench filings_bench exchange_bench filing_bench spread_bench log_bench)
cmake --build --preset "$preset" --target "${benches[@]}"
[[ -z $json ]] || { mkdir -p "$json" && json=$(cd "$json" && pwd); }
[[ -z $compare ]] || compare=$(cd "$compare" && pwd)

work=$(mktemp -d)
trap 'stop_postgres "$work/reference"; stop_postgres "$work/postgres"; rm -rf "$work"' EXIT
chmod 755 "$work"

# The bench is one caller that uses as much of a server as it can get.
export IDEA_CALLER_QUEUE_PERCENT=100 IDEA_CALLER_READS_PER_SECOND=0 IDEA_CALLER_WRITES_PER_SECOND=0 IDEA_CALLER_CHECKS_PER_SECOND=0
for each in sqlite postgres; do
  [[ -z $engine || $each == "$engine" ]] || continue
  if [[ $each == sqlite ]]; then database=sqlite:$work/reference.db; else database=$(start_postgres "$work/reference"); fi
  flags=()
  [[ $each == sqlite ]] || flags=(--postgres)
  BUILD=$PWD/build/$preset ENGINE=$each DATABASE=$database QUICK=$quick JSON=${json:+$json/$each.json} COMPARE=${compare:+$compare/$each.json} \
    scripts/run.sh --once --processes "${flags[@]}" --preset "$preset" --data "$work/$each" --then tests/clients/bench/bench.mjs |
    sed -n "/six processes/,/^databases/{/^databases/d;p}"
  rm -rf "${work:?}/$each"
done
[[ -z $quick ]] || exit 0

bench=build/$preset/tests/bench
"$bench/registry_bench"
"$bench/list_bench"
"$bench/filings_bench"
"$bench/log_bench" 2>"$work/log"
postgres=$(start_postgres "$work/postgres")
"$bench/filing_bench" "sqlite:$work/filings.db" "$postgres" 2>"$work/log"
"$bench/spread_bench" "sqlite:$work/spread.db" "$postgres"
scripts/certs.sh "$work/certificates" department-1 >/dev/null
"$bench/exchange_bench" "$work/certificates" 2>"$work/log"
