#!/usr/bin/env bash
# Generates Java sources of the exchange with protoc and grpc_java_plugin (Debian: protobuf-compiler-grpc-java-plugin).
#
# usage: generate.sh <folder of the protos> <folder of Google's protos> <out>
set -euo pipefail
protos=$1 google=$2 out=$3
cd "$protos"
mapfile -t files < <(find idea -name '*.proto' | sort)
mkdir -p "$out"
protoc -I . -I "$google" --java_out="$out" --grpc-java_out="$out" --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" "${files[@]}"
