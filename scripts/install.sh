#!/usr/bin/env bash
# Installs what building and testing need: Debian 12's packages, then the npm packages of the lock files. Returns quickly if nothing is
# missing. Does not leave a system service running.
#
# usage: scripts/install.sh [--build | --all]
#
#   --build  install only what building needs
#   --all    install also large programs that a few tests need; these tests are skipped without them
set -euo pipefail
cd "$(dirname "$0")/.."

build=(cmake ninja-build ccache mold clang pkg-config libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev
  libabsl-dev libhiredis-dev libgtest-dev libgmock-dev libsqlite3-dev libsqlitecpp-dev libpq-dev libpqxx-dev libssl-dev
  libjwt-dev libicu-dev libcurl4-openssl-dev libcivetweb-dev libcli11-dev prometheus-cpp-dev nlohmann-json3-dev libyaml-cpp-dev libzip-dev libpugixml-dev grpc-proto ca-certificates tzdata)
test=(redis-server redis-sentinel postgresql pgbouncer openssl jq iptables procps clang-format clang-tidy libclang-rt-dev llvm shellcheck python3-cryptography curl python3-grpcio python3-protobuf python3-aiosmtpd python3-pip
  python3-setuptools python3-venv python3-wheel protoc-gen-go-1-5 protoc-gen-go-grpc protobuf-compiler-grpc-java-plugin prometheus buildah)
large=(python3-docx libreoffice-writer-nogui chromium)
folders=(protos clients/node tests/clients)

case "${1-}" in
  "" | --all) packages=("${build[@]}" "${test[@]}") ;;
  --build)
    packages=("${build[@]}")
    folders=(protos)
    ;;
  *)
    echo "usage: scripts/install.sh [--build | --all]" >&2
    exit 2
    ;;
esac
# A Node.js from elsewhere has its own npm, with which Debian's package conflicts.
command -v npm >/dev/null || packages+=(nodejs npm)

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# missing_packages <package>...: those that are not installed.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort)
}

# Debian starts a service when its package is installed, unless this file forbids it.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [[ -e $policy ]] && return
  # shellcheck disable=SC2016
  as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1" && chmod 755 "$1"' sh "$policy"
  trap 'as_root rm -f "$policy"' EXIT
}

install_packages() {
  local log
  log=$(mktemp)
  command -v apt-get >/dev/null || fail "apt-get is not available: use Debian 12, or install these packages: $*"
  ((EUID == 0)) || command -v sudo >/dev/null || fail "run as root or install sudo, to install: $*"
  echo "installing: $*"
  as_root apt-get update -q >"$log" 2>&1 || fail "apt-get update failed: $(grep -m 1 '^[EW]:' "$log" || tail -n 1 "$log")"
  forbid_services
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1 ||
    fail "cannot install ($*): $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
  rm -f "$log"
}

# npm writes node_modules/.package-lock.json last: if it is older than the lock file, the packages are outdated.
install_folder() {
  local log
  [[ package-lock.json -nt node_modules/.package-lock.json ]] || return 0
  log=$(mktemp)
  echo "npm ci in $1"
  npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 ||
    fail "npm ci failed in $1: $(grep -m 1 -E 'npm (ERR!|error)' "$log" || tail -n 1 "$log")"
  rm -f "$log"
}

mapfile -t missing < <(missing_packages "${packages[@]}")
((${#missing[@]} == 0)) || install_packages "${missing[@]}"
if [[ ${1-} == --all ]]; then
  for package in "${large[@]}"; do
    [[ -z $(missing_packages "$package") ]] || (install_packages "$package") || echo "install.sh: continues without $package" >&2
  done
fi
for folder in "${folders[@]}"; do
  (cd "$folder" && install_folder "$folder")
done
