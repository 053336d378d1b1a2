#!/usr/bin/env bash
# Development issuer of the signed tokens that say which person is behind a department's call. Not for production, where a
# department's identity provider issues them.
#
# usage: scripts/issuer.sh init <dir>                       makes <dir>/issuer.key and <dir>/keys/<kid>.pem, if not there
#        scripts/issuer.sh token <dir> <subject> [seconds]  prints a token that is valid for so long [3600]
set -euo pipefail

usage() {
  echo "usage: scripts/issuer.sh init <dir> | token <dir> <subject> [seconds]" >&2
  exit 2
}

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# The name of a key is the start of its digest.
kid_of() { openssl pkey -in "$1" -pubout -outform DER | sha256sum | cut -c 1-16; }

init() {
  local dir=$1 key=$1/issuer.key public
  mkdir -p "$dir/keys"
  if [[ ! -s $key ]]; then
    (umask 077 && openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key.new" 2>/dev/null)
    mv "$key.new" "$key"
  fi
  public=$dir/keys/$(kid_of "$key").pem
  [[ -s $public ]] && return
  openssl pkey -in "$key" -pubout -out "$public.new"
  mv "$public.new" "$public"
}

token() {
  local dir=$1 subject=$2 seconds=$3 now header claims
  [[ -s $dir/issuer.key ]] || {
    echo "issuer.sh: no $dir/issuer.key: run issuer.sh init $dir" >&2
    exit 1
  }
  now=$(date +%s)
  header=$(jq -ncj --arg kid "$(kid_of "$dir/issuer.key")" '{alg: "RS256", typ: "JWT", kid: $kid}' | base64url)
  claims=$(jq -ncj --arg iss "${IDEA_TOKEN_ISSUER:-https://issuer.idea.local}" --arg sub "$subject" \
    --arg aud "${IDEA_TOKEN_AUDIENCE:-idea-exchange}" --argjson iat "$now" --argjson exp "$((now + seconds))" \
    '{iss: $iss, aud: $aud, sub: $sub, iat: $iat, exp: $exp}' | base64url)
  printf '%s.%s.%s\n' "$header" "$claims" \
    "$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha256 -sign "$dir/issuer.key" | base64url)"
}

case "${1-}:$#" in
  init:2) init "$2" ;;
  token:3 | token:4)
    [[ ${4-3600} =~ ^-?[0-9]+$ ]] || usage
    token "$2" "$3" "${4-3600}"
    ;;
  *) usage ;;
esac
