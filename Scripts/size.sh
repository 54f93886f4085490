#!/bin/sh
# Holds the release binary to its size and to the libraries that every Linux has.
set -eu
binary=${1:?the binary}
# What it consists of: docs/performance.md.
limit=20000000
copy=$(mktemp)
trap 'rm -f "$copy"' EXIT
strip -o "$copy" "$binary"
size=$(wc -c <"$copy")
echo "$binary: $size octets stripped, at most $limit"
[ "$size" -lt "$limit" ] || exit 1
others=$(ldd "$binary" | sed 's/^[[:space:]]*//' | cut -d' ' -f1 |
    grep -Ev '^(linux-vdso|libc|libm|libgcc_s|libstdc\+\+|/lib.*/ld-linux|/lib/ld-linux)' || true)
[ -z "$others" ] || { echo "it needs $others" >&2; exit 1; }
