#!/usr/bin/env bash
# Creates the private key that signs the transparency log, unless it exists. Keep it: everybody who has the log's verifier trusts only this key.
#
# usage: scripts/log_key.sh <file>
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: scripts/log_key.sh <file>" >&2; exit 2; }
[[ ! -s $1 ]] || exit 0
(umask 077 && openssl genpkey -algorithm ed25519 -out "$1.new")
mv "$1.new" "$1"
