#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are missing, and says which before it does.
# Usage: deps.sh [--debug | --lint | --mutants | --mutation | --fuzz | --bench | --matrix | --docs | --docs-test | --book | --vm | --debian | --cross ARCH]
set -euo pipefail

# The sanitizers' package has clang's version in its name: what the package "clang" stands for here.
clang_version() {
  local version
  version=$(apt-cache depends clang 2>/dev/null | sed -nE 's/.*Depends: clang-([0-9]+)$/\1/p' | head -1)
  echo "${version:-14}"
}

packages=(g++ make libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libseccomp-dev libcap-dev libcap2-bin libgtest-dev
  busybox-static bats bats-assert bats-support bats-file parallel strace jq procps python3 util-linux util-linux-extra bsdutils
  mount patch uidmap e2fsprogs fuse2fs)
case ${1:-} in
  --lint) packages=(clang-format clang-tidy clang-tidy-19 clang shellcheck shfmt codespell jq python3) ;;
  --mutants) packages=(python3 patch) ;;
  --mutation) packages=(python3 python3-clang clang) ;;
  --docs)
    # Node that is not Debian's brings its own npm, and does not go together with Debian's.
    packages=(python3)
    command -v npm >/dev/null || packages+=(nodejs npm)
    ;;
  --docs-test)
    packages=()
    command -v "${CHROMIUM:-chromium}" >/dev/null || packages+=(chromium)
    ;;
  --book) packages=(pandoc weasyprint poppler-utils fonts-texgyre fonts-dejavu-core python3) ;;
  --debug) packages=(strace gdb python3) ;;
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
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo)
  command -v sudo >/dev/null || {
    echo "These Debian packages are missing: ${missing[*]}"
    echo "Installing takes root, and there is no sudo here: become root (su -, and cd back here), and type it again."
    exit 1
  } >&2
fi

# quietly WHAT COMMAND...: a line that says what; what the command says goes to a log, to be read if it fails.
quietly() {
  local what=$1 start=$SECONDS
  shift
  printf '  %s ... ' "$what"
  if "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >>"$log" 2>&1 </dev/null; then
    echo "done ($((SECONDS - start)) s)"
    return
  fi
  printf 'FAILED. The last lines of %s:\n' "$log"
  tail -n 5 "$log" | sed 's/^/    /'
  exit 1
}

# Two that install at the same time would be in each other's way; the second finds less missing, or nothing.
log=build/packages.log
trap 'printf "\ninterrupted: type it again, and it goes on where it was\n" >&2; exit 130' INT TERM
mkdir -p build
exec 9>build/packages.lock
flock 9
: >"$log"
echo "These Debian packages are missing and will now be installed: ${missing[*]}" | fold -s -w 80
[ "${#as_root[@]}" -eq 0 ] || sudo -v
quietly 'reading the lists of packages' apt-get update -q
quietly "downloading ${#missing[@]} packages and what they need" \
  apt-get install -y -q --no-install-recommends --download-only "${missing[@]}"
quietly 'installing them' apt-get install -y -q --no-install-recommends "${missing[@]}"
