#!/usr/bin/env bash
# Makes a directory with the libraries that are linked, for another processor. Only its compiler is
# installed on this machine. Usage: make-sysroot.sh aarch64|x86_64 DIR
set -euo pipefail

arch=$1 target=$2
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
case $arch in
  aarch64) debian_arch=arm64 ;;
  x86_64) debian_arch=amd64 ;;
  *) echo "make-sysroot.sh: aarch64 or x86_64" >&2 && exit 2 ;;
esac
"$here/deps.sh" --cross "${arch/_/-}"

rm -rf "$target"
mkdir -p "$target/packages"
cd "$target/packages"
"$here/../tests/vm/private-apt" "$debian_arch" apt-get download -qq libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev \
  libseccomp-dev libseccomp2 libcap-dev libcap2 libgtest-dev busybox-static
for package in *.deb; do dpkg-deb -x "$package" ..; done
cd ..
rm -r packages
# Debian's shared libraries lie in /lib, the links to them in /usr/lib.
cp -a lib/*-linux-gnu usr/lib/
touch complete
