#!/bin/sh
# Makes packages/core/src/onnx/onnx.gen.ts of onnx.proto. Needed only after onnx.proto changes.
# Wants protoc (Debian: protobuf-compiler) and @bufbuild/protoc-gen-es 2 (fetched by npx).
set -eu
cd "$(dirname "$0")/../packages/core/src/onnx"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
printf '#!/bin/sh\nexec npx --yes @bufbuild/protoc-gen-es@2\n' >"$out/protoc-gen-es"
chmod +x "$out/protoc-gen-es"
protoc --plugin="$out/protoc-gen-es" --es_out="$out" --es_opt=target=ts,import_extension=js onnx.proto
mv "$out/onnx_pb.ts" onnx.gen.ts
