#!/bin/sh
# Makes the libraries' documentation, a folder each: documentation.sh OUTPUT-FOLDER
set -eu
out=$1
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
$swift package dump-symbol-graph --minimum-access-level public >/dev/null
graphs=$(find .build -type d -name symbolgraph | head -n 1)
rm -rf "$out"
mkdir -p "$out"
for catalog in Sources/*/*.docc; do
    module=$(basename "$catalog" .docc)
    folder=$(mktemp -d)
    cp "$graphs/$module.symbols.json" "$folder"
    for extension in "$graphs/$module"@*.symbols.json; do
        [ ! -e "$extension" ] || cp "$extension" "$folder"
    done
    docc convert "$catalog" --additional-symbol-graph-dir "$folder" --output-path "$out/$module" \
        --fallback-display-name "$module" --fallback-bundle-identifier "berth.$module"
    rm -rf "$folder"
done
