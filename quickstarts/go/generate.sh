#!/usr/bin/env bash
# Generates Go packages of the exchange with protoc-gen-go and protoc-gen-go-grpc. A package for each Protobuf package, below <module>.
#
# usage: generate.sh <folder of the protos> <folder of Google's protos> <module> <out>
set -euo pipefail
protos=$1 google=$2 module=$3 out=$4
cd "$protos"
mapfile -t files < <(find idea -name '*.proto' | sort)
mappings=()
for file in "${files[@]}"; do
  # idea/registry/v1/entity.proto is in the package <module>/idea/registry/v1.
  mappings+=("M$file=$module/$(dirname "$file")")
done
options=$(IFS=, && echo "module=$module,${mappings[*]}")
mkdir -p "$out"
protoc -I . -I "$google" --go_out="$out" --go_opt="$options" --go-grpc_out="$out" --go-grpc_opt="$options" "${files[@]}"
