#!/usr/bin/env bash
# Run the engine's tests with oneDNN 3 in a Debian 13 root folder, on a machine whose own library is another.
# Root, and Debian's debootstrap. Usage: test-onednn3.sh [VITEST ARGUMENT...]
# The folder is kept in ${REGNET_CACHE:-/var/cache/regnet}/debian13 (about 600 MB) and made once, in a minute.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
root=${REGNET_CACHE:-/var/cache/regnet}/debian13
mirror=${REGNET_MIRROR:-$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)}
mirror=${mirror:-http://deb.debian.org/debian}
PATH=$PATH:/usr/sbin:/sbin

die() { echo "test-onednn3.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root, for chroot"
command -v debootstrap >/dev/null || die "missing debootstrap; apt-get install debootstrap"

if [ ! -e "$root/ready" ]; then
  rm -rf "$root"
  mkdir -p "$root"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  check=--no-check-gpg
  [ -e $keyring ] && grep -q trixie <(gpg --show-keys --with-colons $keyring 2>/dev/null) && check=--keyring=$keyring
  debootstrap $check --variant=minbase --include=libdnnl3.6,libgomp1 trixie "$root" "$mirror" >"$root.log" 2>&1 \
    || { tail -5 "$root.log" >&2; die "debootstrap failed; see $root.log"; }
  touch "$root/ready"
fi

install -m 755 "$(readlink -f "$(command -v node)")" "$root/usr/bin/node"
work=$root/regnet
rm -rf "$work"
mkdir -p "$work"
end() {
  mountpoint -q "$root/proc" && umount "$root/proc"
  rm -rf "$work"
}
trap end EXIT
mkdir -p "$root/proc" "$root/dev"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
[ -e "$root/dev/null" ] || mknod -m 666 "$root/dev/null" c 1 3
link=--reflink=auto
[ "$(stat -c %d "$here")" = "$(stat -c %d "$root")" ] && link=--link
cp -a $link "$here/node_modules" "$work/"
rm -rf "$work/node_modules/.cache" # as links, its reports would be written over
cp -a "$here/package.json" "$here/vitest.config.ts" "$here/tsconfig.base.json" "$work/"
mkdir "$work/packages"
for package in core engine; do cp -a "$here/packages/$package" "$work/packages/"; done

[ $# -gt 0 ] || set -- packages/engine/src/onednn
inside() {
  chroot "$root" /usr/bin/env -i -C /regnet HOME=/root TERM=dumb PATH=/usr/bin:/bin \
    REGNET_ONEDNN="${REGNET_ONEDNN:-libdnnl.so.3.6}" node "$@"
}
# On some processors this library computes wrongly, and the engine refuses it: then that is all there is to test.
refusal=$(inside --input-type=module -e 'import { onednn } from "@regnet/engine"; console.log(onednn.probe().reason ?? "");')
if [[ $refusal == *"wrongly on this processor"* ]]; then
  echo "test-onednn3.sh: $refusal"
  echo "test-onednn3.sh: the engine refuses it, as it must; its other tests with oneDNN 3 need another processor"
  set -- packages/engine/src/onednn/soundness.test.ts
fi
inside node_modules/vitest/vitest.mjs run "$@"
