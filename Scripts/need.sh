#!/bin/sh
# Makes sure that commands are there: need.sh COMMAND=DEBIAN-PACKAGE …
#
# As root, or with sudo that asks for no password, it installs what is missing; otherwise it says
# what to install and fails. NEED_OPTIONAL=1: it only says so, and succeeds.
set -u
missing=""
for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null 2>&1 || missing="$missing ${pair#*=}"
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
