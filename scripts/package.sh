#!/usr/bin/env bash
# Builds the client packages into a folder: the descriptor set, an npm tarball for TypeScript and JavaScript, a Python wheel, and a source
# package for CMake. Their version is that of the project in CMakeLists.txt.
#
# usage: scripts/package.sh [<folder>]     the folder, dist by default, is created or replaced
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
case ${1-} in -h | --help)
  sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"
  exit 0
  ;;
esac
dist=$(realpath -m "${1:-dist}")
version=$(sed -n 's/^project(idea_exchange VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
[[ -n $version ]] || { echo "package.sh: CMakeLists.txt has no version of the project" >&2; exit 1; }
[[ -d protos/node_modules ]] || { echo "package.sh: protos/node_modules is not there: run scripts/install.sh" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
rm -rf -- "$dist"
mkdir -p "$dist"

# Our protos, and those of Google that they import. Every package has them, for Debian and npm have them in no common place.
readonly google=protos/node_modules/google-proto-files
mapfile -t ours < <(cd protos && find idea -name '*.proto' | sort)
theirs=(google/api/{annotations,client,field_behavior,http,launch_stage,resource}.proto google/rpc/{code,error_details,status}.proto
  google/type/date.proto)
includes=(-I protos -I "$google")

protoc "${includes[@]}" --include_imports --include_source_info --descriptor_set_out="$dist/idea-exchange-$version.binpb" "${ours[@]}" \
  "${theirs[@]}"

node_package() {
  local folder=$work/node
  cp -r clients/node "$folder"
  rm -rf "$folder/node_modules" "${folder:?}/lib" "$folder/src/gen"
  (
    cd "$folder"
    npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel error
    node generate.mjs "$root/protos"
    npm pkg set "version=$version"
    npm run --silent build
    npm pack --silent --pack-destination "$dist"
  )
}

python_package() {
  local folder=$work/python name pack service
  cp -r clients/python "$folder"
  echo "$version" >"$folder/VERSION"
  cp docs/service-config.json "$folder/idea_exchange/"
  protoc "${includes[@]}" --python_out "$folder" --grpc_python_out "$folder" --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" \
    "${ours[@]}" "${theirs[@]}"
  # grpc_python_plugin writes a file for every .proto; those without a service are not needed.
  grep -L 'class .*Stub' -r "$folder" --include='*_pb2_grpc.py' | xargs -r rm
  {
    echo '"""The services of the exchange and their stubs."""'
    echo
    while IFS=: read -r name service; do
      pack=${name%/*}
      echo "from ${pack//\//.} import $(basename "$name" .proto)_pb2_grpc as _${service}"
    done < <(cd protos && grep -rnoP --include='*.proto' '^service \K\w+' idea | sed 's/:[0-9]*:/:/' | sort)
    echo
    echo 'SERVICES = {'
    while IFS=: read -r name service; do
      # ReviewDateService is called review_date.
      echo "    \"$(sed -E 's/Service$//; s/([a-z])([A-Z])/\1_\2/g' <<<"$service" | tr '[:upper:]' '[:lower:]')\": _$service.${service}Stub,"
    done < <(cd protos && grep -rnoP --include='*.proto' '^service \K\w+' idea | sed 's/:[0-9]*:/:/' | sort)
    echo '}'
  } >"$folder/idea_exchange/services.py"
  (cd "$folder" && /usr/bin/python3 -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir "$dist" .)
}

cpp_package() {
  local folder=$work/idea-exchange-client-cpp-$version proto
  cp -r clients/cpp "$folder"
  echo "$version" >"$folder/VERSION"
  cp docs/service-config.json "$folder/"
  for proto in "${ours[@]}"; do install -D -m 644 "protos/$proto" "$folder/protos/$proto"; done
  for proto in "${theirs[@]}"; do install -D -m 644 "$google/$proto" "$folder/protos/$proto"; done
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - "${folder##*/}" | gzip -n >"$dist/${folder##*/}.tar.gz"
}

node_package
python_package
cpp_package
ls -1 "$dist"
