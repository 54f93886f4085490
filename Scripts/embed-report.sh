#!/bin/sh
# Writes Pages/report.html into the Swift source that carries it in the binary.
set -eu
cd "$(dirname "$0")/.."
out=Sources/Inspection/Report/ReportPageText.swift
{
    echo '// Made by Scripts/embed-report.sh from Pages/report.html: change that.'
    echo
    echo 'extension ReportPage {'
    echo '    /// The page, with a mark where the data goes.'
    echo '    public static let template = ##"""'
    sed 's/^\(.\)/        \1/' Pages/report.html
    echo
    echo '        """##'
    echo '}'
} > "$out"
