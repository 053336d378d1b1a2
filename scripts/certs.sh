#!/usr/bin/env bash
# Development certificates: an authority (EC P-256), and SPIFFE certificates of that authority for the services and for departments'
# platforms. Not for production, where an authority of the department issues them.
#
# usage: scripts/certs.sh <dir> [--authority other] [<entity id>...]
#
#   <dir>/authority/{ca.crt,ca.key}               the authority
#   <dir>/<service>/{tls.crt,tls.key,ca.crt}      spiffe://idea.local/service/<service>, for servers too
#   <dir>/entities/<id>/{tls.crt,tls.key,ca.crt}  spiffe://idea.local/entity/<id>, for each entity id given
#
# With --authority other, the same tree of a second, untrusted authority is written to <dir>/other, for tests. A later run renews
# certificates that expire within seven days.
set -euo pipefail

readonly services=(registry drafting review dispute inventory notification suite)
readonly trust_domain=${IDEA_TRUST_DOMAIN:-idea.local}
readonly renew_seconds=$((7 * 86400)) leaf_days=90 authority_days=825

usage() {
  echo "usage: scripts/certs.sh <dir> [--authority other] [<entity id>...]" >&2
  exit 2
}

fail() {
  echo "certs.sh: $*" >&2
  exit 1
}

new_key() {
  (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null)
}

make_authority() {
  local name=$1 folder=$root/authority
  openssl x509 -in "$folder/ca.crt" -noout -checkend "$((leaf_days * 86400))" >/dev/null 2>&1 && return
  mkdir -p "$folder"
  new_key "$folder/ca.key"
  openssl req -new -x509 -key "$folder/ca.key" -out "$folder/ca.crt" -days "$authority_days" -sha256 \
    -subj "/O=IDEA Exchange development/CN=$name" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0"
}

# Finds the certificates of this authority that are valid for long enough, with one openssl process.
declare -A good
note_good_ones() {
  local certificate found
  mapfile -t found < <(find "$root" -path "$root/other" -prune -o -name tls.crt -print)
  ((${#found[@]} > 0)) || return 0
  while read -r certificate; do
    good[$(dirname "$certificate")]=yes
  done < <(openssl verify -attime "$(($(date +%s) + renew_seconds))" -CAfile "$root/authority/ca.crt" "${found[@]}" \
    2>/dev/null | sed -n 's/: OK$//p')
}

is_good() {
  [[ -n ${good[$1]-} && -s $1/tls.key && -s $1/ca.crt && $(<"$1/ca.crt") == "$authority_certificate" ]]
}

# issue <folder> <SPIFFE path> <DNS and IP names>
issue() {
  local folder=$1 path=$2 names=$3 work=$1/.new
  is_good "$folder" && return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$work/tls.key" -out "$work/tls.crt" \
    -CA "$root/authority/ca.crt" -CAkey "$root/authority/ca.key" -sha256 -days "$leaf_days" \
    -subj "/O=IDEA Exchange development" -extensions leaf -config /dev/stdin 2>/dev/null <<-END || fail "openssl cannot create a certificate for $path"
	[req]
	distinguished_name = subject
	[subject]
	[leaf]
	basicConstraints = critical, CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth, clientAuth
	subjectAltName = URI:spiffe://$trust_domain/$path$names
	END
  printf '%s\n' "$authority_certificate" >"$work/ca.crt"
  # The certificate last: a server that reloads on its change then finds the matching key.
  mv "$work/ca.crt" "$work/tls.key" "$work/tls.crt" "$folder/"
}

[[ -n ${1-} && $1 != -* ]] || usage
root=${1%/}
shift
authority="development authority"
if [[ ${1-} == --authority ]]; then
  [[ ${2-} == other ]] || usage
  root=$root/other authority="another authority"
  shift 2
fi
entities=("${@#entities/}")
for entity in "${entities[@]}"; do
  [[ $entity =~ ^[a-z0-9][a-z0-9-]*$ ]] || fail "\"$entity\" is not an entity id: use lower case letters, digits and -"
done

umask 022  # new_key and issue restrict access to keys
mkdir -p "$root"
exec 9>"$root/.lock"
flock 9
make_authority "$authority"
authority_certificate=$(<"$root/authority/ca.crt")
note_good_ones
folders=("${services[@]/#/$root/}" "${entities[@]/#/$root/entities/}")
mkdir -p "${folders[@]/%//.new}"
for service in "${services[@]}"; do
  issue "$root/$service" "service/$service" ",DNS:localhost,DNS:$service,DNS:$service.idea.svc,IP:127.0.0.1"
done
for entity in "${entities[@]}"; do
  issue "$root/entities/$entity" "entity/$entity" ""
done
rm -rf -- "${folders[@]/%//.new}"
