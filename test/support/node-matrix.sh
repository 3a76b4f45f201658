#!/usr/bin/env bash
# Runs the whole test suite, or the command that is given, with each version of Node that is served.
# The npm package `node` brings them, into a folder outside the tree. Ends with 1 if one fails.
#
#   bash test/support/node-matrix.sh
#   bash test/support/node-matrix.sh npx vitest run test/unit
#   NODE_VERSIONS="22 24" bash test/support/node-matrix.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

versions=${NODE_VERSIONS:-20.19 22 24}
command=("$@")
[ "$#" -gt 0 ] || command=(npm test)

# What npm says to the scripts that it runs would make it install into this tree.
for name in $(compgen -e | grep -E '^npm_(package_|lifecycle_|config_local_prefix$|command$)'); do
  unset "$name"
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/commonroom-nodes-XXXXXX")
trap 'rm -rf "$folder"' EXIT

results=()
status=0
for version in $versions; do
  prefix=$folder/$version
  bin=$prefix/node_modules/node/bin
  mkdir -p "$prefix"
  npm install --silent --no-audit --no-save --prefix "$prefix" "node@$version" || true
  if ! exact=$("$bin/node" --version); then
    results+=("Node $version: could not be installed")
    status=1
    continue
  fi
  printf '\nNode %s: %s\n' "$exact" "${command[*]}"
  if PATH=$bin:$PATH "${command[@]}"; then
    results+=("Node $exact: passed")
  else
    results+=("Node $exact: failed")
    status=1
  fi
done

printf '\n'
printf '%s\n' "${results[@]}"
exit "$status"
