#!/bin/sh
# Writes man pages and shell completions from the program's own definitions:
# manual.sh BERTH OUTPUT-FOLDER
set -eu
berth=$1
out=$2
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
# The tool comes with the library that reads the command line.
parser=.build/checkouts/swift-argument-parser
$swift build --package-path "$parser" --scratch-path .build/manual-tool \
    --product generate-manual >/dev/null
rm -rf "$out"
mkdir -p "$out/man1" "$out/completions"
.build/manual-tool/debug/generate-manual "$berth" --multi-page \
    --date "$(git log -1 --format=%cs 2>/dev/null || date +%F)" --output-directory "$out/man1" >/dev/null
# The names that people type: man berth-encode.
for page in "$out"/man1/berth.*.1; do
    [ "$page" = "$out/man1/berth.1" ] && continue
    mv "$page" "$out/man1/$(basename "$page" .1 | tr . -).1"
done
"$berth" --generate-completion-script bash >"$out/completions/berth"
"$berth" --generate-completion-script zsh >"$out/completions/_berth"
"$berth" --generate-completion-script fish >"$out/completions/berth.fish"
