#!/bin/sh
# Installs into a folder and looks at what is there.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAIL  install: $*" >&2; exit 1; }
${MAKE:-make} -s install DESTDIR="$folder" PREFIX=/usr >/dev/null
"$folder/usr/bin/berth" --version >/dev/null || fail "the program doesn't run"
share=$folder/usr/share
# Each command that the program lists has a page.
for command in $("$folder/usr/bin/berth" --help | sed -n '/^SUBCOMMANDS:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    page=$share/man/man1/berth-$command.1
    [ -s "$page" ] || fail "no page for $command"
    ! command -v man >/dev/null 2>&1 || MANWIDTH=80 man -l "$page" 2>&1 | grep -q NAME ||
        fail "man can't show $page"
done
bash -n "$share/bash-completion/completions/berth" || fail "bash completion"
! command -v zsh >/dev/null 2>&1 || zsh -n "$share/zsh/site-functions/_berth" || fail "zsh completion"
! command -v fish >/dev/null 2>&1 ||
    fish -n "$share/fish/vendor_completions.d/berth.fish" || fail "fish completion"
# A word begun is completed.
found=$(bash -c '. "$1"; COMP_WORDS=(berth enc); COMP_CWORD=1; COMP_LINE="berth enc"; COMP_POINT=9
    COMP_TYPE=9; $(complete -p berth | sed "s/.*-F \([^ ]*\).*/\1/") berth enc berth
    echo "${COMPREPLY[@]}"' - "$share/bash-completion/completions/berth")
[ "$found" = encode ] || fail "bash completes enc to: $found"
echo "ok    install"
