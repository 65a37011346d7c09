#!/usr/bin/env bash
# Clicks through the add-on in the real program, under Xvfb: tools/window_test/run.sh FOLDER
# Screenshots go to the folder. Needs xvfb, xauth, xdotool, and the add-on installed and enabled.
set -euo pipefail

xvfb-run --auto-servernum --server-args="-screen 0 1600x900x24 +extension GLX" \
    timeout 900 blender --window-geometry 0 0 1600 900 \
    --python tools/window_test/drive.py -- "$1"
