#!/usr/bin/env bash
# Run the tests in every environment there is, side by side, for each keeps about one core busy.
# The second one's report follows the first one's. Arguments are pytest's.
set -uo pipefail
cd "$(dirname "$0")/.."

run() {
    local about='import bpy, sys; print("Blender", bpy.app.version_string, "with Python", sys.version.split()[0])'
    echo "Tests in $("$1" -c "$about")"
    exec "$1" -m pytest "${@:2}"
}

status=0 other=""
report=$(mktemp)
trap '[ -z "$other" ] || kill "$other" 2>/dev/null; rm -f "$report"' EXIT
if [ -x .venv-5/bin/python ]; then
    run .venv-5/bin/python "$@" >"$report" 2>&1 &
    other=$!
fi
(run .venv/bin/python "$@") || status=1
if [ -n "$other" ]; then
    wait "$other" || status=1
    other=""
    cat "$report"
fi
exit "$status"
