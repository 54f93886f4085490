#!/bin/sh
# Makes sure that commands and C libraries are there: need.sh NAME=DEBIAN-PACKAGE …
#
# A NAME that ends in .h is a library's header, others are commands.
# As root, or with sudo that asks for no password, it installs what is missing; otherwise it says
# what to install and fails. NEED_OPTIONAL=1: it only says so, and succeeds.
set -u
compiler=""
for name in "${CC:-cc}" clang gcc; do
    command -v "$name" >/dev/null 2>&1 && { compiler=$name; break; }
done
has() {
    case $1 in
    *.h) [ -n "$compiler" ] && echo "#include <$1>" | "$compiler" -E -x c - >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}
missing=""
for pair in "$@"; do
    has "${pair%%=*}" || missing="$missing ${pair#*=}"
done
[ -z "$missing" ] && exit 0
run=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then run="sudo"; else run="no"; fi
fi
if [ "$run" != no ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing:$missing"
    log=$(mktemp)
    if { $run apt-get update && DEBIAN_FRONTEND=noninteractive $run apt-get install -y \
        --no-install-recommends $missing; } >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
fi
echo "missing: install these Debian packages (or what your system calls them):$missing" >&2
[ "${NEED_OPTIONAL:-0}" = 1 ] && exit 0
exit 1
