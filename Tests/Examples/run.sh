#!/bin/sh
# Builds the examples and compares what they print with what is known of the sample.
set -eu
cd "$(dirname "$0")/../.."
${SWIFT:-swift} build --package-path Examples --scratch-path .build/examples
run() { program=$1; shift; ".build/examples/debug/$program" "$@"; }
fail() { echo "FAIL  examples: $*" >&2; exit 1; }
sample=Samples/pc-i440fx-7.2.mig
# The sample's vmdesc has vendor 8086 and device 7113 for the power management function.
run devices $sample | grep -q '^0000:00:01.3/piix4_pm vendor_id = 32902$' || fail "devices"
run devices $sample | grep -q '^0000:00:01.3/piix4_pm device_id = 28947$' || fail "devices"
# 24 MiB of pages of 4 KiB, sent once each by a VM that was stopped.
run pages $sample | grep -q '^pc.ram: 6144 pages, 0 sent again$' || fail "pages"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'M DEFINITIONS ::= BEGIN A ::= SEQUENCE { n INTEGER (0..9) } END\n' >"$folder/m.asn"
printf '\060\003\002\001\005' >"$folder/good.ber"
printf '\060\003\002\001\012' >"$folder/bad.ber"
run validate "$folder/m.asn" A "$folder/good.ber" | grep -q '^valid 2 elements$' || fail "validate"
run validate "$folder/m.asn" A "$folder/bad.ber" | grep -q '^2: A.n: ' || fail "validate: finding"
run validate "$folder/m.asn" A "$folder/bad.ber" | grep -q '^not valid' || fail "validate: verdict"
echo "ok    examples"
