#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are missing, and says which before it does.
# Usage: deps.sh [--lint | --mutants | --fuzz | --bench | --matrix | --docs | --docs-test | --vm | --debian | --cross ARCH]
set -euo pipefail

# The sanitizers' package has clang's version in its name: what the package "clang" stands for here.
clang_version() {
  local version
  version=$(apt-cache depends clang 2>/dev/null | sed -nE 's/.*Depends: clang-([0-9]+)$/\1/p' | head -1)
  echo "${version:-14}"
}

packages=(g++ make libcli11-dev libspdlog-dev libfmt-dev libseccomp-dev libcap-dev libcap2-bin libgtest-dev
  busybox-static bats bats-assert bats-support bats-file parallel strace jq procps python3 util-linux mount)
case ${1:-} in
  --lint) packages=(clang-format clang-tidy clang-tidy-19 clang shellcheck shfmt codespell jq python3) ;;
  --mutants) packages=(python3 patch) ;;
  --docs)
    # Node that is not Debian's brings its own npm, and does not go together with Debian's.
    packages=(python3)
    command -v npm >/dev/null || packages+=(nodejs npm)
    ;;
  --docs-test)
    packages=()
    command -v "${CHROMIUM:-chromium}" >/dev/null || packages+=(chromium)
    ;;
  --fuzz) packages=(clang "libclang-rt-$(clang_version)-dev") ;;
  --bench) packages=(python3 bubblewrap crun runc util-linux) ;;
  --matrix) packages=(bubblewrap crun runc podman catatonit golang-github-containers-common jq python3 util-linux) ;;
  --debian) packages=(mmdebstrap debian-archive-keyring) ;;
  --cross) packages=("g++-$2-linux-gnu") ;;
  --vm)
    packages=(e2fsprogs fakeroot kmod xz-utils zstd busybox-static util-linux)
    case ${ARCH:-$(uname -m)} in
      aarch64) packages+=(qemu-system-arm) ;;
      *) packages+=(qemu-system-x86) ;;
    esac
    ;;
esac

# For whoever installs them elsewhere.
if [ -n "${LIST:-}" ]; then
  (IFS=, && echo "${packages[*]}")
  exit
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian or Ubuntu system (there is no apt-get). What is needed, by its Debian names:"
  printf '  %s\n' "${packages[@]}"
  exit 1
fi

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "These Debian packages are missing and will now be installed: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
