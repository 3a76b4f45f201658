#!/usr/bin/env bash
# Runs all tests that need a Redis with Valkey in its place.
set -euo pipefail

valkey=$(command -v valkey-server) || {
  echo "valkey-server is missing: apt-get install valkey-server (Debian 13, or backports of 12)" >&2
  exit 1
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
ln -s "$valkey" "$place/redis-server"
PATH="$place:$PATH" npx vitest run test/bus test/logs test/records test/cluster test/deploy test/parity "$@"
