#!/usr/bin/env bash
# Times what somebody new does: a fresh clone, then the commands of the README as they stand there, from the first one to the
# first undo, in a home where nothing is. Questions are answered with yes. Crates come from cargo's own cache where they are
# in it. Everything is done in a folder of its own, which goes afterwards, or in the empty FOLDER that is named, which stays.
# Needs git, cargo and util-linux's script(1).
#
#   benches/newcomer.sh [FOLDER]
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    new=$(cd "$1" && pwd)
else
    new=$(mktemp -d)
    trap 'rm -rf "$new"' EXIT
fi
mkdir "$new/home"

# The two commands that install it, and the first steps.
commands() {
    awk '
        /^```/ { block = block == "" ? substr($0, 4) : ""; if (block == "sh") sh++; next }
        block == "" && /^## / { section = $0 }
        section == "## Install" && block == "sh" && sh == 1
        section == "## First steps" && block == "console" && sub(/^\$ /, "") { print; if (/^sxinv undo/) exit }
    ' README.md
}

step() {
    local code=0
    # Timed inside: script(1) itself takes its time to end.
    printf 'y\n' | script -qec "stty cols 80; date +%s%N > '$new/began'; $1; code=\$?; date +%s%N > '$new/ended'; exit \$code" \
        /dev/null > "$new/said" 2>&1 || code=$?
    awk -v ns=$(($(cat "$new/ended") - $(cat "$new/began"))) -v step="$1" 'BEGIN { printf "%8.2f s  %s\n", ns / 1e9, step }'
    if [ "$code" != 0 ]; then
        cat "$new/said"
        echo "it ended with exit code $code"
        exit 1
    fi
}

export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export CARGO_INSTALL_ROOT=$new/home/.cargo HOME=$new/home
export PATH=$CARGO_INSTALL_ROOT/bin:$PATH SHELL=/bin/sh
unset CARGO_TARGET_DIR XDG_CONFIG_HOME XDG_STATE_HOME CI
for name in $(compgen -e SXINV_ || true) $(compgen -e SELORAX_ || true); do unset "$name"; done

cd "$new"
step "git clone --quiet '$source' sxinv"
cd sxinv
test "$(commands | grep -c '^sxinv undo')" = 1
while IFS= read -r command <&3; do
    step "$command"
done 3< <(commands)
