#!/usr/bin/env bash
# docs/API.md, docs/openapi.yaml and deploy/envoy/envoy.yaml are those of the protos, and openapi.yaml is valid. UPDATE_GOLDEN=1 writes them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ ${UPDATE_GOLDEN-} == 1 ]] && /usr/bin/python3 scripts/api_docs.py
/usr/bin/python3 scripts/api_docs.py --check
node --test tests/clients/openapi_test.mjs
