#!/usr/bin/env bash
# Install the Debian packages that the tests named on the command line need.
# Usage: system-packages.sh test | torch | slurm | onednn3      (Debian or Ubuntu)
set -euo pipefail

case "${1:-}" in
test) packages=(libdnnl2 libgomp1 dataset-fashion-mnist chromium) ;;
# Without OpenBLAS, PyTorch multiplies matrices by the reference BLAS, fifty times slower.
torch) packages=(python3-torch python3-torchvision libopenblas0-pthread) ;;
slurm) packages=(slurm-wlm munge) ;;
onednn3) packages=(debootstrap) ;;
*) sed -n 2,3p "$0" >&2; exit 2 ;;
esac

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ]; then as_root=(); elif command -v sudo >/dev/null; then as_root=(sudo); else
  echo "these Debian packages are needed: apt-get install ${missing[*]}" >&2
  exit 1
fi
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
