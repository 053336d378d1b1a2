#!/usr/bin/env bash
# The container image, made from a build that exists instead of compiling again: the same files and the same digest twice, small, without a shell,
# with labels and a bill of materials. The demo runs with the servers of the image, in its root, read-only.
#
# usage: tests/deploy/image_test.sh <build folder>     exit code 77: skipped
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
skip() { echo "SKIPPED: $*"; exit 77; }
((EUID == 0)) || skip "only root can make a root folder and change into it"
command -v buildah >/dev/null || skip "buildah is not installed: run scripts/install.sh"
unshare -m true 2>/dev/null || skip "this machine allows no mount namespaces"
work=$(mktemp -d "${TMPDIR:-/tmp}/idea-image-XXXXXX")
# shellcheck disable=SC2317 # called by the trap
cleanup() { cd / && rm -rf -- "$work"; }
trap cleanup EXIT
fail() { echo "not ok: $*"; exit 1; }

export SOURCE_DATE_EPOCH=1700000000
scripts/image_root.sh "$build" "$work/one"
scripts/image_root.sh "$build" "$work/two"
describe() { (cd "$1" && find . -printf '%p %m %U %G %T@ %l\n' | sort && find . -type f -exec sha256sum {} + | sort); }
diff <(describe "$work/one") <(describe "$work/two") || fail "two runs make different files"
rm -rf "$work/two"
root=$work/one
for program in bin/sh bin/bash bin/dash usr/bin/apt usr/bin/dpkg bin/busybox; do
  [[ ! -e $root/$program && ! -L $root/$program ]] || fail "the image has /$program"
done
[[ -z $(find "$root" -perm /6000) ]] || fail "a file runs with the rights of its owner"
size=$(du -s --apparent-size -B 1000000 "$root" | cut -f 1)
((size < 120)) || fail "the image has $size MB"
echo "ok: the files are the same twice, $size MB"

sbom=$root/usr/share/idea/sbom.spdx.json
jq -e '.spdxVersion == "SPDX-2.3" and .creationInfo.created == "2023-11-14T22:13:20Z" and (.packages | length) == (.relationships | length)
  and ([.packages[].SPDXID] | length == (unique | length)) and all(.packages[]; .versionInfo != "")' "$sbom" >/dev/null || fail "the bill of materials is not valid"
for name in libc6 libssl3 libgrpc++-dev google-proto-files; do
  jq -e --arg name "$name" 'any(.packages[]; .name == $name)' "$sbom" >/dev/null || fail "the bill of materials lacks $name"
done
while read -r package; do [[ -s $root/usr/share/doc/$package/copyright ]] || fail "the license of $package is missing"; done <"$root/usr/share/idea/packages"
echo "ok: $(jq '.packages | length' "$sbom") packages in the bill of materials, with their licenses"

buildah() { command buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }
container=$(buildah from scratch)
buildah copy -q "$container" "$root" /image >/dev/null
buildah commit -q --timestamp 0 "$container" localhost/idea-programs >/dev/null
buildah rm "$container" >/dev/null
# Only the Containerfile: nothing else of the source is needed to put the image together.
mkdir "$work/context"
for tag in one two; do
  buildah bud -q --isolation chroot --pull=never --timestamp "$SOURCE_DATE_EPOCH" --build-arg PROGRAMS=localhost/idea-programs --build-arg COMMIT=0123456789ab \
    -f "$PWD/deploy/k8s/Containerfile" -t "localhost/idea:$tag" "$work/context" >"$work/$tag.id"
done
digest() { buildah images --format '{{.Digest}}' "localhost/idea:$1" | head -n 1; }
[[ -n $(digest one) && $(digest one) == "$(digest two)" ]] || fail "two builds have the digests $(digest one) and $(digest two)"
buildah inspect --type image localhost/idea:one >"$work/inspect"
jq -e '.OCIv1.config | .User == "65532:65532" and .Labels["org.opencontainers.image.revision"] == "0123456789ab"
  and .Labels["org.opencontainers.image.title"] == "IDEA Exchange" and .Labels["org.opencontainers.image.version"] != "" and .Cmd == ["/usr/local/bin/suite"]' \
  "$work/inspect" >/dev/null || fail "labels, user or command are wrong: $(jq -c .OCIv1.config "$work/inspect")"
echo "ok: two builds have the digest $(digest one)"

# The root of the image as a container has it: read-only, with the files of the runtime and the folders that are mounted.
container=$(buildah from localhost/idea:one)
image=$(buildah mount "$container")
mkdir -p "$work/data" "$work/tree/build/debug/bin"
cat >"$work/enter" <<END
#!/bin/bash
# enter <command...>: runs a command in a mount namespace in which $image is the root of a container.
mount --bind "$image" "$image" && mkdir -p "$image"/{dev,proc,"$work/data","$PWD"} && touch "$image/etc/hosts" &&
  mount --rbind /dev "$image/dev" && mount --rbind /proc "$image/proc" && mount --bind /etc/hosts "$image/etc/hosts" &&
  mount --bind "$work/data" "$image/$work/data" && mount --bind "$PWD" "$image/$PWD" && mount -o remount,bind,ro "$image" && exec "\$@"
END
chmod +x "$work/enter"
for program in registry drafting review dispute inventory notification suite; do
  printf '#!/bin/sh\nexec chroot "%s" /usr/local/bin/%s "$@"\n' "$image" "$program" >"$work/tree/build/debug/bin/$program"
done
printf '#!/bin/sh\nexec "%s/bin/ideactl" "$@"\n' "$build" >"$work/tree/build/debug/bin/ideactl"
chmod +x "$work"/tree/build/debug/bin/*
inside() { unshare -m "$work/enter" chroot --userspec=65532:65532 "$image" "$@"; }
for program in suite registry inventory ideactl; do
  [[ $(inside "/usr/local/bin/$program" --version) == "$program "* ]] || fail "$program does not run as another user"
done
echo "ok: the programs run as user 65532"
for entry in "$PWD"/* "$PWD"/.git; do
  case ${entry##*/} in build | var) ;; *) ln -s "$entry" "$work/tree/${entry##*/}" ;; esac
done
cd "$work/tree"
SKIP_INSTALL=1 SKIP_BUILD=1 unshare -m "$work/enter" ./scripts/run.sh --preset debug --once --processes --data "$work/data" >"$work/demo.log" 2>&1 ||
  { tail -20 "$work/demo.log"; fail "the demo fails with the servers of the image"; }
echo "ok: the demo runs with the servers of the image"
