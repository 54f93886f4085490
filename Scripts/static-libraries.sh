#!/bin/sh
# Prints the build's options with which the C libraries become part of the binary, so that it runs
# on machines without them: a folder that has their archives alone, for the linker to look in first.
#
# Where an archive is missing, that library stays a shared one.
set -eu
folder=${1:?a folder to make}
mkdir -p "$folder"
compiler=""
for name in "${CC:-cc}" clang gcc; do
    command -v "$name" >/dev/null 2>&1 && { compiler=$name; break; }
done
[ -n "$compiler" ] || exit 0
for library in z zstd lzma bz2 md; do
    archive=$("$compiler" -print-file-name="lib$library.a")
    # A name without a folder: the compiler has not found it.
    case $archive in
    */*) ln -sf "$archive" "$folder/lib$library.a" ;;
    esac
done
echo "-Xlinker -L$(cd "$folder" && pwd)"
