#!/bin/sh
# Prints the build's options with which the toolchain's linker makes a small binary; without that
# linker nothing, and the binary is only larger. docs/performance.md has what each one gives.
#
# --no-export-dynamic: no table of our own symbols; nothing is loaded that looks into it.
# --icf=all: functions of the same instructions are one; none is compared by its address.
# -T: without tables to unwind the stack by; see the script. Frame pointers are there.
set -eu
swift=${SWIFT:-swift}
[ "$(uname -s)" = Linux ] || exit 0
resources=$("$swift" -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
[ -x "${resources:-/nowhere}/../../bin/ld.lld" ] || exit 0
here=$(cd "$(dirname "$0")" && pwd)
echo "-Xswiftc -use-ld=lld -Xlinker --no-export-dynamic -Xlinker --icf=all" \
    "-Xlinker -T -Xlinker $here/small.ld"
