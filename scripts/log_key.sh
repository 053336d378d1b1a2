#!/usr/bin/env bash
# Makes the private key that signs the transparency log, if it is not there. Keep it: who has the log's verifier trusts this key only.
#
# usage: scripts/log_key.sh <file>
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: scripts/log_key.sh <file>" >&2; exit 2; }
[[ ! -s $1 ]] || exit 0
(umask 077 && openssl genpkey -algorithm ed25519 -out "$1.new")
mv "$1.new" "$1"
