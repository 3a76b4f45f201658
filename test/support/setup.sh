#!/usr/bin/env bash
# Installs the real parts that the tests run against, if they are missing: as root from Debian's
# packages, otherwise it says what to install.
set -euo pipefail

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v curl >/dev/null || missing+=(curl)
command -v openssl >/dev/null || missing+=(openssl)
command -v chromium >/dev/null || missing+=(chromium)
# Debian puts it where only root's PATH looks.
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing+=(nginx)
has_python_module() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -c "import $1" 2>/dev/null && return 0
  done
  return 1
}
has_python_module redis || missing+=(python3-redis)
has_python_module websockets || missing+=(python3-websockets)
[ "${#missing[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Missing for the tests: ${missing[*]}. Install with: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
