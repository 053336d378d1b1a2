#!/usr/bin/env bash
# Measures the suite on this machine next to a plain reference in the same run. Compare ratios within one run only; no figure is a limit.
#
# usage: scripts/bench.sh [<number of BUCPs>]     [100000]; with SKIP_INSTALL=1 nothing is installed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

[[ -n ${SKIP_INSTALL:-} ]] || scripts/install.sh --build
cmake --preset release >/dev/null
cmake --build --preset release --target list_bench registry_bench filings_bench exchange_bench filing_bench spread_bench
build/release/tests/bench/registry_bench
build/release/tests/bench/list_bench "$@"
# Creating a million filings takes several minutes and 5 GB of TMPDIR.
build/release/tests/bench/filings_bench
work=$(mktemp -d)
trap 'stop_postgres "$work/postgres"; rm -rf "$work"' EXIT
chmod 755 "$work"
postgres=$(start_postgres "$work/postgres")
build/release/tests/bench/filing_bench "sqlite:$work/filings.db" "$postgres" 2>"$work/log"
build/release/tests/bench/spread_bench "sqlite:$work/spread.db" "$postgres"
scripts/certs.sh "$work/certificates" department-1 >/dev/null
build/release/tests/bench/exchange_bench "$work/certificates" 2>"$work/log"
