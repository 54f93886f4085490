#!/bin/sh
# The tour that `make demo` gives: a real stream to BER and back.
set -eu
berth=${1:?the berth binary}
sample=${2:?a migration stream}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bold="" plain=""
if [ -t 1 ]; then bold=$(printf "\033[1m") plain=$(printf "\033[0m"); fi
say() { printf "\n%s%s%s\n" "$bold" "$*" "$plain"; }
run() {
    printf '$ %s\n' "$*" | sed "s#$berth#berth#; s#$work/##g"
    "$@"
}

say "A virtual machine that QEMU saved: $(wc -c <"$sample") octets that only QEMU can read."
head -c 48 "$sample" | od -A x -t x1z | head -n 3

say "Turned into ASN.1/BER, which any ASN.1 tool can read:"
run "$berth" encode "$sample" -o "$work/vm.ber"
echo "$(wc -c <"$work/vm.ber") octets; they begin with 7f cd c5 51:"
head -c 48 "$work/vm.ber" | od -A x -t x1z | head -n 3

say "What it holds:"
run "$berth" info "$work/vm.ber" >"$work/info"
head -n 32 "$work/info"
echo "… $(($(wc -l <"$work/info") - 32)) lines more"

say "Its elements, here the real-time clock's first ones (no schema needed for this):"
printf '$ berth dump vm.ber\n'
"$berth" dump "$work/vm.ber" >"$work/dump"
grep -n -A 14 '"mc146818rtc"' "$work/dump" | sed 's/^[0-9]*[:-]//'

say "And back, to the octet:"
run "$berth" decode "$work/vm.ber" -o "$work/vm.mig"
if cmp "$sample" "$work/vm.mig"; then
    echo "The same $(wc -c <"$work/vm.mig") octets as before."
else
    echo "NOT the same octets." >&2
    exit 1
fi
