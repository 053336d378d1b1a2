#!/usr/bin/env bash
# Development revocation list: revokes certificates of the authority that scripts/certs.sh has made, and writes its list to
# <dir>/authority/crl.pem, the value of IDEA_TLS_CRL_FILE. Not for production, where the authority of the exchange publishes its list.
#
# usage: scripts/revoke.sh <dir> [<certificate file>...]
#
# Without a certificate it only renews the list. A list is due after 30 days.
set -euo pipefail

[[ -n ${1-} && $1 != -* && -s $1/authority/ca.key ]] || {
  echo "usage: scripts/revoke.sh <dir of scripts/certs.sh> [<certificate file>...]" >&2
  exit 2
}
folder=$(cd "$1" && pwd)/authority
shift
umask 022
exec 9>"$folder/.revocations.lock"
flock 9
[[ -e $folder/index ]] || : >"$folder/index"
printf '%s\n' '[ca]' 'default_ca = c' '[c]' "database = $folder/index" 'default_md = sha256' 'default_crl_days = 30' 'unique_subject = no' >"$folder/revoke.cnf"
authority=(-config "$folder/revoke.cnf" -cert "$folder/ca.crt" -keyfile "$folder/ca.key")
for certificate; do
  openssl ca "${authority[@]}" -revoke "$certificate" 2>"$folder/revoke.log" || { cat "$folder/revoke.log" >&2; exit 1; }
done
openssl ca "${authority[@]}" -gencrl -out "$folder/.crl.pem" 2>"$folder/revoke.log" || { cat "$folder/revoke.log" >&2; exit 1; }
# At once: a server never reads a part of it.
mv "$folder/.crl.pem" "$folder/crl.pem"
