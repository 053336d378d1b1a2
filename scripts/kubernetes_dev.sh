#!/usr/bin/env bash
# Starts the suite in the namespace idea-dev of a Kubernetes cluster, with a development authority, issuer and keys in DATA, and waits until it
# serves. Run it again to update it. Prints how to call it.
#
# usage: scripts/kubernetes_dev.sh [--print] [--image IMAGE] [--data DATA]
#
#   --print        print all manifests, with the Secrets, instead of applying them; no cluster is needed
#   --image IMAGE  the image, which the cluster can pull or has [registry.example.org/idea-exchange:0.1.0]
#   --data DATA    folder of certificates and keys [var/kubernetes]
#
# KUBECTL in the environment is the command to use instead of `kubectl`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
print=false image="" data=var/kubernetes kubectl=${KUBECTL:-kubectl}
while (($# > 0)); do
  case $1 in
    --print) print=true ;;
    --image | --data)
      [[ $# -ge 2 ]] || { echo "kubernetes_dev.sh: $1 needs a value" >&2; exit 2; }
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    *)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
  shift
done
[[ -z $image || $image =~ ^[A-Za-z0-9._/:@-]+$ ]] || { echo "kubernetes_dev.sh: not the name of an image: $image" >&2; exit 2; }
command -v "$kubectl" >/dev/null || { echo "kubernetes_dev.sh: install kubectl, or name it in KUBECTL" >&2; exit 1; }

readonly namespace=idea-dev
scripts/certs.sh "$data/certs" california-department-of-social-services department-of-health-care-services office-of-data-and-innovation >&2
scripts/issuer.sh init "$data/issuer" >&2
scripts/log_key.sh "$data/log.key" >&2
scripts/event_keys.sh "$data/event.keys" >&2

create() { "$kubectl" -n "$namespace" create "$@" --dry-run=client -o yaml; }
manifests() {
  local tls=$data/certs/suite
  "$kubectl" kustomize deploy/k8s/overlays/dev | { if [[ -n $image ]]; then sed "s|image: registry.example.org/idea-exchange:.*|image: $image|"; else cat; fi; }
  echo ---
  create secret generic suite-tls --from-file="$tls/tls.crt" --from-file="$tls/tls.key" --from-file="$tls/ca.crt"
  echo ---
  create secret generic suite-log --from-file=log.key="$data/log.key"
  echo ---
  create secret generic event-keys --from-file=event.keys="$data/event.keys"
  echo ---
  create configmap issuer-keys --from-file="$data/issuer/keys"
}
if $print; then
  manifests
  exit
fi
manifests | "$kubectl" apply -f -
"$kubectl" -n "$namespace" rollout status deployment --timeout=300s
cdo=$data/certs/entities/office-of-data-and-innovation
cat <<END

Serving. In another terminal:   $kubectl -n $namespace port-forward deployment/suite 7400
Then, in this folder:           build/release/bin/ideactl --endpoint localhost:7400 --ca $cdo/ca.crt --cert $cdo/tls.crt --key $cdo/tls.key entities list
END
