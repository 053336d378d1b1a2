#!/usr/bin/env bash
# Makes the files of the container image from a build of `suite` and `ideactl`: the programs without symbols, the libraries that they load, the
# authorities, time zones, licenses and the bill of materials. Two runs on the same build and packages make the same files.
#
# usage: scripts/image_root.sh <build folder> <output folder>
#
# SOURCE_DATE_EPOCH in the environment is the time of all files, in seconds since 1970 [0].
set -euo pipefail
build=${1:?usage: scripts/image_root.sh <build folder> <output folder>} out=${2:?usage: scripts/image_root.sh <build folder> <output folder>}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
umask 022
rm -rf -- "$out"
mkdir -p "$out"/{usr/local/bin,usr/share/idea,usr/share/doc,etc/ssl/certs,var/lib/idea,tmp}
for link in bin:usr/bin lib:usr/lib lib64:usr/lib64; do mkdir -p "$out/${link#*:}" && ln -s "${link#*:}" "$out/${link%:*}"; done

programs=("$build/bin/suite" "$build/bin/ideactl")
for program in "${programs[@]}"; do strip -s -o "$out/usr/local/bin/${program##*/}" "$program"; done
# The suite is each service, by the name that it is called by.
for service in registry drafting review dispute inventory notification; do ln -s suite "$out/usr/local/bin/$service"; done

# libraries: the paths of the shared libraries that the programs load, with the loader.
libraries() {
  ldd "${programs[@]}" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/lib64\// { print $1 }' | sort -u
}
while read -r library; do
  path=/usr/${library#/}
  path=${path/#\/usr\/usr/\/usr}
  install -D -m 0644 "$(readlink -f "$library")" "$out$path"
done < <(libraries)
chmod 0755 "$out"/usr/lib64/*

printf 'root:x:0:0:root:/:/none\nidea:x:65532:65532:idea:/var/lib/idea:/none\n' >"$out/etc/passwd"
printf 'root:x:0:\nidea:x:65532:\n' >"$out/etc/group"
printf 'hosts: files dns\n' >"$out/etc/nsswitch.conf"
cp /etc/ssl/certs/ca-certificates.crt "$out/etc/ssl/certs/"
cp -r /usr/share/zoneinfo "$out/usr/share/"
rm -rf "$out"/usr/share/zoneinfo/{right,posix}

# archives: the libraries that were linked into the programs.
archives() {
  ninja -C "$build" -t commands suite ideactl | grep -oE '/usr/lib/[^ ]+\.a' | sort -u || true
}
# packages: the Debian packages of these files. Where /lib is a link to /usr/lib, dpkg knows a file by one of the two names.
packages() {
  {
    while read -r file; do
      dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "/usr$file" 2>/dev/null || dpkg-query -S "${file#/usr}" 2>/dev/null ||
        dpkg-query -S "$(readlink -f "$file")" 2>/dev/null || { echo "image_root.sh: no package has $file" >&2; exit 1; }
    done < <(libraries; archives)
  } | sed 's/: .*//; s/,.*//; s/:.*//' | sort -u
  echo ca-certificates
  echo tzdata
}
packages >"$out/usr/share/idea/packages"
while read -r package; do
  [[ ! -e /usr/share/doc/$package/copyright ]] || install -D -m 0644 "/usr/share/doc/$package/copyright" "$out/usr/share/doc/$package/copyright"
done <"$out/usr/share/idea/packages"
# shellcheck disable=SC2016 # fields of dpkg-query
xargs -a "$out/usr/share/idea/packages" dpkg-query -W -f '${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' |
  node "$root/scripts/sbom.mjs" "$root/protos/package-lock.json" >"$out/usr/share/idea/sbom.spdx.json"

chmod 1777 "$out/tmp"
if ((EUID == 0)); then chown 65532:65532 "$out/var/lib/idea"; fi
chmod 0750 "$out/var/lib/idea"
find "$out" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
