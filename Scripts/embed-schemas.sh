#!/bin/sh
# Writes Schemas/*.asn into the Swift source that carries them in the binary.
set -eu
cd "$(dirname "$0")/.."
out=Sources/SchemaValidation/BuiltIn/BuiltInTexts.swift
{
    echo '// Made by Scripts/embed-schemas.sh from Schemas/: change those.'
    echo
    echo '/// The schemas of Berth'"'"'s own files, as they stand in Schemas/.'
    echo 'enum BuiltInTexts {'
    for version in 3 4; do
        echo "    static let version$version = #\"\"\""
        sed 's/^\(.\)/        \1/' "Schemas/qemu-v$version.asn"
        echo
        echo '        """#'
        [ "$version" = 3 ] && echo || :
    done
    echo '}'
} > "$out"
