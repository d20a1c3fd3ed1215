#!/usr/bin/env bash
# The measurements that need no images of one's own, one after the other. Nothing else should be running.
# Usage: bench.sh      (one alone, with its options: node bench/NAME.mjs)
set -euo pipefail
cd "$(dirname "$0")/.."

for name in describe startup bundle-size speed; do
  printf '\n# node bench/%s.mjs\n' "$name"
  node "bench/$name.mjs"
done
