#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are missing, and says which before it does.
# Usage: deps.sh [--lint]
set -euo pipefail

packages=(g++ make libcli11-dev libspdlog-dev libfmt-dev libseccomp-dev libcap-dev libgtest-dev
  busybox-static bats bats-assert bats-support bats-file strace jq procps util-linux)
[ "${1:-}" != --lint ] || packages=(clang-format clang-tidy clang shellcheck shfmt codespell python3)

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
