#!/usr/bin/env bash
# Development issuer of the signed tokens that name the person of a call. Not for production, where a department's identity provider issues
# them.
#
# usage: scripts/issuer.sh init <dir>                       creates <dir>/issuer.key and <dir>/keys/<kid>.pem unless they exist
#        scripts/issuer.sh token <dir> <subject> [seconds]  prints a token that is valid for that time [3600]
#        scripts/issuer.sh tokens <dir> <folder> <seconds> <subject>...  writes <folder>/<subject>.jwt for each
set -euo pipefail

usage() {
  echo "usage: scripts/issuer.sh init <dir> | token <dir> <subject> [seconds] | tokens <dir> <folder> <seconds> <subject>..." >&2
  exit 2
}

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

# signed <dir> <seconds> <subject>...: prints a line for each: the subject and its token.
signed() {
  local dir=$1 seconds=$2 subject unsigned signature
  [[ -s $dir/issuer.key ]] || {
    echo "issuer.sh: $dir/issuer.key does not exist: run scripts/issuer.sh init $dir" >&2
    exit 1
  }
  jq -rn --arg kid "$(kid_of "$dir/issuer.key")" --arg iss "${IDEA_TOKEN_ISSUER:-https://issuer.idea.local}" \
    --arg aud "${IDEA_TOKEN_AUDIENCE:-idea-exchange}" --argjson seconds "$seconds" --args '
    def part: tojson | @base64 | gsub("\\+"; "-") | gsub("/"; "_") | rtrimstr("=") | rtrimstr("=");
    (now | floor) as $now | $ARGS.positional[] | . as $sub |
    "\($sub) \({alg: "RS256", typ: "JWT", $kid} | part).\({$iss, $aud, $sub, iat: $now, exp: ($now + $seconds)} | part)"' "${@:3}" |
    while read -r subject unsigned; do
      signature=$(printf %s "$unsigned" | openssl dgst -sha256 -sign "$dir/issuer.key" | base64 -w 0)
      signature=${signature//+/-} signature=${signature//\//_}
      echo "$subject $unsigned.${signature%%=*}"
    done
}

case "${1-}:$#" in
  init:2) init "$2" ;;
  token:3 | token:4)
    [[ ${4-3600} =~ ^-?[0-9]+$ ]] || usage
    signed "$2" "${4-3600}" "$3" | cut -d ' ' -f 2
    ;;
  tokens:*)
    [[ $# -ge 5 && $4 =~ ^[0-9]+$ ]] || usage
    mkdir -p "$3"
    umask 077 # anybody who can read a token can use it
    signed "$2" "$4" "${@:5}" | while read -r subject token; do
      echo "$token" >"$3/$subject.jwt.new"
      mv "$3/$subject.jwt.new" "$3/$subject.jwt"
    done
    ;;
  *) usage ;;
esac
