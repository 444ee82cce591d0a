#!/bin/sh
# Sets up Codey in this folder: Termux, UserLAnd, Debian/Ubuntu, other Linux, macOS.
# `sh install.sh --help` says how. Nothing here asks a question, and any run may be stopped:
# the next one goes on from there.
#
# For the tests: CODEY_INSTALL_DRY_RUN=1 prints the commands instead of running them, and
# CODEY_INSTALL_CPUINFO names a file to read in place of /proc/cpuinfo.
set -eu

# The one version that codey/models/engine is checked against, and the hash of its source.
LLAMA_VERSION=0.3.36
LLAMA_SHA256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
# Termux users' own index: the only place with a pydantic-core that runs on Android.
TERMUX_WHEELS=https://termux-user-repository.github.io/pypi/
# The archive, the source in it (220), cmake, the objects and the wheel, with some room.
BUILD_NEEDS_MB=600

# ---------------------------------------------------------------- what is said

usage() {
    cat <<'HELP'
sh install.sh              set Codey up
sh install.sh demo         set up, then do one real task
sh install.sh test [ARG..] set up, then run the tests; the
                           arguments go to pytest
sh install.sh --help       this text

Set up means: a .venv in this folder, llama.cpp compiled
once for this CPU (kept in ~/.cache/codey), and `codey`
linked into a folder on the PATH.

CODEY_INSTALL_JOBS=N  compile N files at a time
                      (default: the cores, 1 per free GB)
HELP
}

say() { printf '%s\n' "$*"; }

# One sentence per argument, on stderr; the last is what to do next.
fail() {
    clear_line
    for sentence in "$@"; do printf '%s\n' "$sentence" >&2; done
    exit 1
}

dry() { [ "${CODEY_INSTALL_DRY_RUN:-}" = 1 ]; }

have() { command -v "$1" >/dev/null 2>&1; }

now() { date +%s; }

on_terminal() { [ -t 1 ]; }

clear_line() { if on_terminal; then printf '\r\033[K'; fi; }

# free_mb DIR: what is free there.
free_mb() { df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }'; }

# ------------------------------------------------- running something for a while
# Every command runs in a session of its own, with its output in a log, so that stopping this
# script stops compilers too and the screen stays readable. A child cannot be waited for and
# watched at once in POSIX sh: a subshell waits and leaves the exit status in a file.

running= # the folder of what runs, if anything does

in_session() {
    if have setsid; then
        exec setsid "$@"
    elif [ -n "${python:-}" ]; then
        exec "$python" -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
    else
        exec "$@"
    fi
}

# launch DIR COMMAND...: starts it, with DIR/pid, DIR/log and, at its end, DIR/status.
launch() {
    rm -f "$1/pid" "$1/status"
    running=$1
    shift
    (
        (in_session "$@") &
        echo "$!" >"$running/pid"
        status=0
        wait "$!" || status=$?
        echo "$status" >"$running/status.new"
        mv "$running/status.new" "$running/status"
    ) >>"$running/log" 2>&1 </dev/null &
    await_pid
    [ -n "$running_pid" ] || fail "Nothing can be written in $running." "Next: free some space, then run this again."
}

# Sets `running_pid`, which the subshell writes at once, or never.
await_pid() {
    tries=0
    while [ ! -s "$running/pid" ] && [ $tries -lt 30 ]; do
        tries=$((tries + 1))
        sleep 0.1 2>/dev/null || sleep 1
    done
    running_pid=$(cat "$running/pid" 2>/dev/null || :)
}

stop_running() {
    if [ -z "$running" ]; then return 0; fi
    await_pid # it may have been started this very moment
    if [ -z "$running_pid" ]; then return 0; fi
    kill -TERM "-$running_pid" 2>/dev/null || kill -TERM "$running_pid" 2>/dev/null || :
}

interrupted() {
    trap '' INT TERM HUP
    stop_running
    clear_line
    rm -rf "$run"
    printf '%s\n' "Stopped. The same command goes on from here." >&2
    exit "$1"
}

# watch DIR TITLE DETAIL: one line that moves on a terminal, else a line every 15 seconds.
# DETAIL is a function that reads DIR/log and prints a few words, or `:`.
watch() {
    watch_start=$(now)
    watch_told=$watch_start
    while [ ! -f "$1/status" ] && kill -0 "$running_pid" 2>/dev/null; do
        sleep 0.2 2>/dev/null || sleep 1
        tick "$1" "$2" "$3"
    done
    # The status is written a moment after the process is gone, if its subshell lives.
    for _ in 1 2 3; do
        if [ ! -f "$1/status" ]; then sleep 1; fi
    done
    running=
}

# succeeded DIR: what was launched there ended with 0.
succeeded() { [ "$(cat "$1/status" 2>/dev/null)" = 0 ]; }

tick() {
    tick_now=$(now)
    tick_after=$((tick_now - watch_start))
    if on_terminal; then
        printf '\r\033[K%.59s' "  $2 $("$3" "$1") $(duration "$tick_after")"
    elif [ $((tick_now - watch_told)) -ge 15 ]; then
        watch_told=$tick_now
        say "  ... $2 $("$3" "$1") $(duration "$tick_after")"
    fi
}

duration() {
    if [ "$1" -lt 60 ]; then echo "${1} s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}

# done_line TITLE SECONDS
done_line() {
    clear_line
    printf '  %-44s %s\n' "$1" "$(duration "$2")"
}

# step TITLE ADVICE COMMAND...: runs it, says how long it took; a failure shows the log's end.
step() {
    step_title=$1
    step_advice=$2
    shift 2
    if dry; then
        say "would run: $*"
        return 0
    fi
    mkdir -p "$run"
    : >"$run/log"
    launch "$run" "$@"
    watch "$run" "$step_title" :
    succeeded "$run" || show_log "$step_title" "$run/log" "$step_advice"
    done_line "$step_title" $(($(now) - watch_start))
}

show_log() {
    clear_line
    mv "$2" "$cache/failed.log"
    rm -rf "$run"
    {
        say "$1 failed. The end of the log:"
        say
        tail -n 20 "$cache/failed.log" | cut -c 1-300
        say
        say "Log:  $cache/failed.log"
    } >&2
    fail "Next: $(advice_from "$cache/failed.log" "$3")"
}

NETWORK_TROUBLE='name resolution|network is unreachable|could not resolve|connection (refused|reset|timed)|'\
'NewConnectionError|ReadTimeout|IncompleteRead|No address associated'

# The commonest reasons are in the log; anything else gets the advice of the step.
advice_from() {
    if grep -q -i -E 'no space left|disk quota' "$1" || [ "$(free_mb "$root")" -lt 50 ]; then
        say "free some space, then run this again."
    elif grep -q -E 'Killed|[Oo]ut of memory|cannot allocate memory' "$1"; then
        say "memory ran out: close apps, then type
      CODEY_INSTALL_JOBS=1 sh install.sh"
    elif grep -q -i -E "$NETWORK_TROUBLE" "$1"; then
        say "check the network, then run this again."
    else
        say "$2"
    fi
}

# --------------------------------------------------------------- where we are

find_root() {
    root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
    if ! grep -q '^name = "codey-agent"' "$root/pyproject.toml" 2>/dev/null; then
        fail "This script works only inside Codey's folder." "Next: cd into it, then type: sh install.sh"
    fi
    if [ -z "${HOME:-}" ]; then
        fail "HOME is not set." "Next: HOME=/your/home sh install.sh"
    fi
    # Neither the folder one stands in nor the environment's own Python settings may change what
    # pip imports and where it installs.
    cd "$root"
    unset PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX
    venv=$root/.venv
    case ${XDG_CACHE_HOME:-} in /*) cache=$XDG_CACHE_HOME/codey ;; *) cache=$HOME/.cache/codey ;; esac
    run=$cache/run.$$ # what the step at work says; removed unless it failed
}

# Sets `system` (the package manager that speaks here) and `prefix` (Termux only).
find_system() {
    prefix=
    if [ "$(uname -o 2>/dev/null)" = Android ]; then
        system=termux
        prefix=${PREFIX:-/data/data/com.termux/files/usr}
    elif [ "$(uname -s)" = Darwin ]; then
        system=brew
    else
        system=unknown
        for manager in apt-get dnf pacman apk zypper; do
            if have "$manager"; then
                system=$manager
                break
            fi
        done
    fi
}

# Android's shared storage knows neither symbolic links nor executables.
check_folder() {
    if dry; then return 0; fi
    probe=$root/.codey-probe-$$
    if ! ln -s probe "$probe" 2>/dev/null; then
        fail "$root cannot hold symbolic links or is read-only." \
            "Next: copy the folder into your home ($HOME), and install there."
    fi
    rm -f "$probe"
}

# Sets `python` to the first Python >= 3.10, one that can make a .venv if there is one.
find_python() {
    python=
    python_has_venv=no
    for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        found=$(command -v "$name" 2>/dev/null) || continue
        "$found" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || continue
        if "$found" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$found
            python_has_venv=yes
            return 0
        fi
        if [ -z "$python" ]; then python=$found; fi
    done
}

# ------------------------------------------------------------ system packages

# package_of NEED: its name(s) for this package manager; empty: comes from PyPI instead.
package_of() {
    case "$system:$1" in
        termux:python) echo python python-pip python-ensurepip-wheels ;;
        termux:venv) echo python-ensurepip-wheels ;;
        termux:numpy) echo python-numpy ;; # no wheel runs on Android and it needs Fortran's friends
        termux:compiler) echo clang ;;
        termux:cmake | brew:cmake) echo cmake ;;
        termux:ninja | brew:ninja) echo ninja ;;
        apt-get:python) echo python3 python3-venv ;;
        apt-get:venv) echo "$(basename "$python")-venv" ;;
        apt-get:compiler) echo gcc g++ libc6-dev ;;
        apt-get:git) echo git ca-certificates ;;
        apt-get:cmake | dnf:cmake | pacman:cmake | apk:cmake | zypper:cmake) echo cmake ;;
        apt-get:ninja | dnf:ninja) echo ninja-build ;;
        pacman:ninja | zypper:ninja) echo ninja ;;
        apk:ninja) echo samurai ;;
        dnf:python | dnf:venv) echo python3 python3-pip ;;
        pacman:python | pacman:venv | brew:python | brew:venv) echo python ;;
        apk:python | apk:venv) echo python3 py3-pip ;;
        zypper:python | zypper:venv) echo python311 python311-pip ;;
        dnf:compiler | zypper:compiler) echo gcc gcc-c++ ;;
        pacman:compiler) echo gcc ;;
        apk:compiler) echo gcc g++ musl-dev linux-headers ;;
        *:git) echo git ;;
    esac
}

# The command that installs $packages here, without its `sudo`.
install_command() {
    case $system in
        termux) echo "pkg install -y $packages" ;;
        apt-get) echo "apt-get install -y --no-install-recommends $packages" ;;
        dnf) echo "dnf install -y $packages" ;;
        pacman) echo "pacman -S --needed --noconfirm $packages" ;;
        apk) echo "apk add $packages" ;;
        zypper) echo "zypper --non-interactive install $packages" ;;
        brew) echo "brew install $packages" ;;
    esac
}

# Sets `as_root` to the words that give rights, or stops with the exact command to type.
find_rights() {
    as_root=
    case $system in
        termux) return 0 ;;
        brew)
            if have brew; then return 0; fi
            fail "Missing: $needs. Homebrew is not there to install them." \
                "Next: install Homebrew (https://brew.sh) or the Python of python.org, then run this again."
            ;;
        unknown)
            fail "Missing: $needs. No package manager that this script knows." \
                "Next: install Python 3.10 or newer, git, a C++ compiler, cmake; then run this again."
            ;;
    esac
    if [ "$(id -u)" = 0 ]; then return 0; fi
    # -n: a password prompt would be a question, and this script asks none.
    if have sudo && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
        return 0
    fi
    refresh=
    if [ "$system" = apt-get ]; then refresh="sudo apt-get update && "; fi
    fail "Missing: $needs. Installing them needs rights that this user lacks." \
        "Next: ${refresh}sudo $(install_command)" "then: sh install.sh"
}

# install_packages NEED...: only what is missing, in one call.
install_packages() {
    if [ $# = 0 ]; then return 0; fi
    needs=$*
    packages=
    for need in "$@"; do
        if [ "$system:$need" = brew:compiler ]; then
            fail "Missing: a C++ compiler." "Next: xcode-select --install, then: sh install.sh"
        fi
        packages="$packages${packages:+ }$(package_of "$need")"
    done
    find_rights
    unasked=
    case $system in
        termux | apt-get)
            # No question about a changed configuration file, and patience with another apt at work.
            unasked="-o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300"
            as_root="$as_root${as_root:+ }env DEBIAN_FRONTEND=noninteractive"
            ;;
    esac
    if [ "$system" = apt-get ]; then
        # Lists that are missing or months old lead to files that are gone. Should a foreign source
        # be out of order, the rest is still refreshed.
        # shellcheck disable=SC2086 # words, on purpose: here and below
        step "Package lists" "run this again." $as_root sh -c 'apt-get update || :'
        # What an interrupted installation leaves behind stops every later one.
        if [ -n "$(ls /var/lib/dpkg/updates 2>/dev/null)" ]; then
            # shellcheck disable=SC2086
            step "Unfinished packages" "sudo dpkg --configure -a" $as_root dpkg --configure -a
        fi
    fi
    # shellcheck disable=SC2046,SC2086
    step "System packages ($needs)" "$as_root $(install_command)" $as_root $(install_command) $unasked
}

# What this machine lacks for any run; the tools of the compiler only where one is to come.
base_needs() {
    list=
    if [ -z "$python" ]; then
        list=python
    elif [ "$python_has_venv" = no ]; then
        list=venv
    fi
    if ! have git; then list="$list git"; fi
    if [ "$system" = termux ] && ! { [ -n "$python" ] && "$python" -c 'import numpy' 2>/dev/null; }; then
        list="$list numpy"
    fi
    echo "$list"
}

build_needs() {
    list=
    if ! have_compiler; then list=compiler; fi
    case "$system:$(uname -m)" in
        # cmake and ninja have wheels for these, newer than many a distribution's and smaller.
        apt-get:x86_64 | apt-get:aarch64 | dnf:x86_64 | dnf:aarch64 | pacman:x86_64 | pacman:aarch64) ;;
        zypper:x86_64 | zypper:aarch64 | apk:x86_64 | apk:aarch64) ;;
        *)
            if ! have cmake; then list="$list cmake"; fi
            if ! have ninja; then list="$list ninja"; fi
            ;;
    esac
    echo "$list"
}

have_compiler() {
    # macOS answers for a missing compiler with a stub that opens a window.
    if [ "$system" = brew ]; then xcode-select -p >/dev/null 2>&1 || return 1; fi
    { have cc || have gcc || have clang; } && { have c++ || have g++ || have clang++; }
}

prepare_system() {
    # shellcheck disable=SC2046
    install_packages $(base_needs)
    find_python
    if [ -z "$python" ] || [ "$python_has_venv" = no ]; then
        if dry; then
            python=${python:-python3}
            return 0
        fi
        fail "No Python 3.10 or newer that can make a virtual environment." \
            "Next: install one (python3 --version says which is there), then run this again."
    fi
}

# -------------------------------------------------- llama.cpp for this very CPU

# The CPU's features that change which instructions a compiler emits, sorted, one line. Of
# unequal cores only what all of them have.
cpu_features() {
    cpuinfo=${CODEY_INSTALL_CPUINFO:-/proc/cpuinfo}
    if [ -r "$cpuinfo" ]; then
        awk -F: '/^(flags|Features)[ \t]*:/ {
            cores++
            n = split($2, words, " ")
            for (i = 1; i <= n; i++) count[words[i]]++
        }
        END { for (word in count) if (count[word] >= cores) print word }' "$cpuinfo" |
            grep -E '^(s?sse|avx|amx|fma|f16c|bmi|abm|popcnt|movbe|aes|vaes|v?pclmul|gfni|sha|adx|asimd|fphp|i8mm|bf16|sve|sme|neon|vfp)' |
            sort | tr '\n' ' '
    elif have sysctl; then
        sysctl -n machdep.cpu.brand_string 2>/dev/null || :
    fi
}

# What the compiler may use on 64-bit Arm, read from the kernel's list. Asking the compiler
# (-mcpu=native) goes wrong on phones: clang takes SVE from the core's name where Android has it
# switched off (SIGILL), and gcc gives up on unequal cores and drops the dot product (slow).
arm_march() {
    march=armv8-a
    case " $1 " in *" asimddp "* | *" fphp "*) march=armv8.2-a ;; esac
    case " $1 " in *" asimddp "*) march=$march+dotprod ;; esac
    case " $1 " in *" fphp "*) case " $1 " in *" asimdhp "*) march=$march+fp16 ;; esac ;; esac
    case " $1 " in *" asimddp "*) case " $1 " in *" i8mm "*) march=$march+i8mm ;; esac ;; esac
    # An old compiler may not know the newest word.
    while ! dry && ! compiles "$march"; do
        case $march in *+*) march=${march%+*} ;; *) break ;; esac
    done
    echo "$march"
}

compiles() {
    for compiler in cc gcc clang; do
        if have "$compiler"; then
            "$compiler" "-march=$1" -x c -c -o /dev/null /dev/null 2>/dev/null
            return
        fi
    done
    return 1
}

# No OpenMP: Termux would need its library. No versioned names: pip turns every link into a copy,
# three of each library. Warnings: a megabyte of them hides what matters in the log.
LLAMA_OPTIONS="-DGGML_OPENMP=OFF -DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_ALL_WARNINGS=OFF \
-DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON"

# The last option leaves out the library that only llama.cpp's own programs use, half of the
# compile time: the package forces it on, so it is turned off in a file that cmake reads later.
cmake_options() {
    case $platform in
        [Ll]inux?aarch64* | *arm64_v8a*) cpu_options="-DGGML_NATIVE=OFF -DGGML_CPU_ARM_ARCH=$(arm_march "$features")" ;;
        *) cpu_options="-DGGML_NATIVE=ON" ;;
    esac
    echo "$cpu_options $LLAMA_OPTIONS '-DCMAKE_PROJECT_llama.cpp_INCLUDE=$work/options.cmake'"
}

# About 1 GB for each compiler at work, or a phone's low-memory killer ends it.
build_jobs() {
    cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || echo 1)
    free_gb=$(awk '/^MemAvailable:/ { print int($2 / 1000000) }' /proc/meminfo 2>/dev/null || :)
    jobs=${CODEY_INSTALL_JOBS:-}
    if [ -z "$jobs" ]; then
        jobs=$cores
        if [ -n "$free_gb" ] && [ "$free_gb" -lt "$jobs" ]; then jobs=$free_gb; fi
        if [ "$jobs" -lt 1 ]; then jobs=1; fi
    fi
    echo "$jobs"
}

# Sets `features` and `wheels`, the folder for what runs on this machine and no other: a cache
# carried to another CPU or C library is simply not found there.
find_wheels() {
    features=$(cpu_features)
    platform=$("$python" -c 'import platform, sysconfig
print(sysconfig.get_platform(), "-".join(platform.libc_ver()))' 2>/dev/null || uname -sm)
    code=$(printf '%s\n' "$LLAMA_SHA256" "$LLAMA_OPTIONS" "$platform" "$features" | cksum | cut -d ' ' -f 1)
    wheels=$cache/wheels/$LLAMA_VERSION-$(uname -m)-$code
    work=$wheels/build
}

# first_wheel DIR: its wheel, if there is one.
first_wheel() {
    for wheel_file in "$1"/llama_cpp_python-*.whl; do
        if [ -f "$wheel_file" ]; then echo "$wheel_file"; fi
        return 0
    done
}

# Another run may be compiling this very wheel, or have been killed and left its compiler at work.
locked=no
lock() {
    mkdir -p "$wheels"
    watch_start=$(now)
    watch_told=$watch_start
    while ! mkdir "$wheels/lock" 2>/dev/null; do
        if [ -n "$(first_wheel "$wheels")" ]; then return 0; fi
        if ! somebody_builds; then
            rm -rf "$wheels/lock"
            continue
        fi
        sleep 1
        tick "$work" "Another run compiles llama.cpp" compile_progress
    done
    echo $$ >"$wheels/lock/pid"
    locked=yes
    # Its compiler may have outlived a killed run: let it finish, its objects are ours.
    while somebody_builds; do
        sleep 1
        tick "$work" "llama.cpp" compile_progress
    done
    clear_line
}

unlock() {
    if [ "$locked" = yes ]; then
        locked=no
        rm -rf "$wheels/lock"
    fi
}

# somebody_builds: the holder of the lock (if not us) or the last compile is alive.
somebody_builds() {
    holder=$(cat "$wheels/lock/pid" 2>/dev/null || :)
    if [ -n "$holder" ] && [ "$holder" != $$ ] && runs "$holder" install.sh; then return 0; fi
    builder=$(cat "$work/pid" 2>/dev/null || :)
    [ -n "$builder" ] && [ ! -f "$work/status" ] && runs "$builder" "$work"
}

# runs PID WORD: that process lives and has WORD on its command line.
runs() {
    kill -0 "$1" 2>/dev/null || return 1
    if [ -r "/proc/$1/cmdline" ]; then
        tr '\0' ' ' <"/proc/$1/cmdline" | grep -q -F "$2"
    else
        ps -o args= -p "$1" 2>/dev/null | grep -q -F "$2"
    fi
}

compile_progress() {
    tail -c 40000 "$1/log" 2>/dev/null | awk '
        match($0, /\[ *[0-9]+\/[0-9]+\] /) && RSTART < 8 {
            at = substr($0, RSTART + 1, RLENGTH - 3)
            file = ""
            if (match($0, / -c [^ ]+/)) {
                file = substr($0, RSTART + 4, RLENGTH - 4)
                sub(/.*\//, "", file)
            }
        }
        END { print at == "" ? "preparing" : at " " substr(file, 1, 24) }'
}

build_wheel() {
    if dry; then
        # shellcheck disable=SC2046
        install_packages $(build_needs)
        say "would compile: llama-cpp-python $LLAMA_VERSION, $(build_jobs) at a time"
        say "  with $(cmake_options)"
        return 0
    fi
    lock
    if [ "$locked" = no ]; then return 0; fi
    # Perhaps it has become ready while we waited, or a run was killed after the last object.
    if [ -n "$(first_wheel "$wheels")$(first_wheel "$work/out")" ]; then return 0; fi
    # shellcheck disable=SC2046
    install_packages $(build_needs)
    have_compiler || fail "No C++ compiler." "Next: install clang or g++, then run this again."
    mkdir -p "$work/tmp"
    if [ "$(free_mb "$work")" -lt "$BUILD_NEEDS_MB" ]; then
        fail "$(free_mb "$work") MB are free in $cache; compiling llama.cpp needs $BUILD_NEEDS_MB MB for a while." \
            "Next: free some space, then run this again."
    fi
    rm -rf "$work/out" "$work/tmp"
    mkdir -p "$work/tmp"
    echo "llama-cpp-python==$LLAMA_VERSION --hash=sha256:$LLAMA_SHA256" >"$work/source.txt"
    echo 'set(LLAMA_BUILD_COMMON OFF)' >"$work/options.cmake"
    source=$work/llama_cpp_python-$LLAMA_VERSION
    if [ ! -f "$work/unpacked" ]; then
        step "Source of llama.cpp (77 MB)" "check the network, then run this again." \
            env TMPDIR="$work/tmp" "$venv/bin/python" -m pip download --no-deps --no-binary llama-cpp-python \
            --require-hashes -r "$work/source.txt" -d "$work/sdist"
        rm -rf "$source"
        step "Unpacking it" "run this again." \
            "$venv/bin/python" -m tarfile -e "$work/sdist/llama_cpp_python-$LLAMA_VERSION.tar.gz" "$work"
        : >"$work/unpacked"
        rm -rf "$work/sdist"
    fi
    jobs=$(build_jobs)
    : >"$work/log"
    # The source is compiled where it lies and the objects are kept until the wheel works: what was
    # interrupted goes on, and on a phone that is many minutes. The wheel leaves out what nothing
    # imports: a second copy of every library, headers, cmake's files.
    launch "$work" env TMPDIR="$work/tmp" CMAKE_ARGS="$(cmake_options)" \
        CMAKE_BUILD_PARALLEL_LEVEL="$jobs" SKBUILD_BUILD_DIR="$work/objects" \
        SKBUILD_WHEEL_EXCLUDE="/lib/**;/include/**;/bin/**" \
        "$venv/bin/python" -m pip wheel -v --no-deps --no-cache-dir -w "$work/out" "$source"
    watch "$work" "llama.cpp, $jobs at a time:" compile_progress
    succeeded "$work" ||
        show_log "Compiling llama.cpp" "$work/log" "run this again; it goes on where it stopped."
    done_line "llama.cpp compiled for this CPU" $(($(now) - watch_start))
}

# Imports it for real and starts its CPU backend: what is missing shows here, not in a task.
# llama_cpp refuses the platform name that Python >= 3.13 has on Android.
wheel_works() {
    "$venv/bin/python" -c '
import sys
if sys.platform == "android":
    sys.platform = "linux"
import llama_cpp
llama_cpp.llama_backend_init()
llama_cpp.llama_print_system_info()
assert llama_cpp.__version__ == sys.argv[1]' "$LLAMA_VERSION" >>"$cache/check.log" 2>&1
}

# Installs the wheel into the .venv: from the cache if it is there and works, else compiled now.
install_llama() {
    # The name of its folder: a home that was carried to another phone brings a .venv whose
    # llama.cpp may use instructions that this CPU lacks.
    if ! dry && [ "$(cat "$venv/.codey-wheel" 2>/dev/null)" = "$wheels" ] && wheel_works; then return 0; fi
    for _ in 1 2; do
        wheel=$(first_wheel "$wheels")
        if [ -z "$wheel" ]; then
            build_wheel
            if dry; then return 0; fi
            wheel=$(first_wheel "$wheels")
            if [ -z "$wheel" ]; then wheel=$(first_wheel "$work/out"); fi
        fi
        # pip takes an installed one of the same version for good, whichever CPU it was made for.
        "$venv/bin/python" -m pip uninstall --yes --quiet llama-cpp-python >/dev/null 2>&1 || :
        pip_install "llama-cpp-python" "$wheel"
        if wheel_works; then
            # Kept only now that it has been seen working; the objects are of no more use.
            case $wheel in "$work"/*) mv "$wheel" "$wheels/" ;; esac
            if [ "$locked" = yes ]; then rm -rf "$work"; fi
            unlock
            echo "$wheels" >"$venv/.codey-wheel"
            return 0
        fi
        say "This llama-cpp-python does not run here; it is made anew."
        rm -rf "$wheel" "$work/objects"
        unlock
    done
    show_log "Importing llama_cpp" "$cache/check.log" "report this log; it names what is missing."
}

# ------------------------------------------------------------ the environment

# A .venv that was moved, copied, or whose Python was upgraded, fails one of these.
venv_works() {
    [ -x "$venv/bin/python" ] && grep -q -F "$venv/bin/python" "$venv/bin/pip" 2>/dev/null &&
        "$venv/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

make_venv() {
    if venv_works; then return 0; fi
    if [ -e "$venv" ] && ! dry; then
        if [ ! -f "$venv/pyvenv.cfg" ] && [ ! -f "$venv/.codey" ]; then
            fail "$venv is there and is no virtual environment." "Next: move it away, then run this again."
        fi
        rm -rf "$venv"
    fi
    # numpy is the system's on Termux: nothing else brings it there.
    flags=
    if [ "$system" = termux ]; then flags=--system-site-packages; fi
    if ! dry; then
        mkdir -p "$venv"
        : >"$venv/.codey" # ours to remove, should this be interrupted
    fi
    # shellcheck disable=SC2086
    step "Python environment (.venv)" "check that '$python -m venv' works, then run this again." \
        "$python" -m venv $flags "$venv"
}

pip_install() {
    pip_title=$1
    shift
    step "$pip_title" "do what the log says, then run this again." \
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

install_codey() {
    # Older pips know no dependency groups (--group), nor Android's wheels.
    if dry || ! "$venv/bin/python" -c 'import pip, sys
sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (25, 1))' 2>/dev/null; then
        pip_install "pip" --upgrade 'pip>=25.1'
    fi
    install_llama
    if [ "$system" = termux ]; then
        # Apart from the rest, so that this index is asked for nothing else; the newest pydantic
        # whose compiled core is there as a wheel (a phone has no Rust).
        requirement=$(sed -n 's/^ *"\(pydantic[^"]*\)".*/\1/p' "$root/pyproject.toml" | head -n 1)
        pip_install "pydantic for Android" --only-binary pydantic-core \
            --extra-index-url "$TERMUX_WHEELS" "$requirement"
    fi
    set -- -e "$root"
    if [ "$mode" = test ]; then
        set -- "$@" --group "$root/pyproject.toml:test"
        # The linters are compiled programs without Android wheels, and lint the same anywhere.
        if [ "$system" != termux ]; then set -- "$@" --group "$root/pyproject.toml:lint"; fi
    fi
    # On Android the newest release of a library is often source that needs Rust.
    if [ "$system" = termux ]; then set -- --prefer-binary "$@"; fi
    pip_install "Codey and its libraries" "$@"
}

# ------------------------------------------------------------ codey on the PATH

on_path() { case ":$PATH:" in *":$1:"*) return 0 ;; *) return 1 ;; esac; }

# Sets `bin`: the first folder of the PATH that is for a user's own commands, else ~/.local/bin.
find_bin() {
    if [ "$system" = termux ]; then
        bin=$prefix/bin
        return 0
    fi
    for bin in "$HOME/.local/bin" "$HOME/bin" /usr/local/bin; do
        if on_path "$bin" && { mkdir -p "$bin" 2>/dev/null && [ -w "$bin" ]; }; then return 0; fi
    done
    bin=$HOME/.local/bin
    mkdir -p "$bin"
}

link_codey() {
    if dry; then
        if [ "$system" != termux ]; then bin=$HOME/.local/bin; else bin=$prefix/bin; fi
        say "would link: $bin/codey"
        return 0
    fi
    find_bin
    link=$bin/codey
    target=$venv/bin/codey
    linked=$(readlink "$link" 2>/dev/null || :)
    if [ "$linked" = "$target" ]; then return 0; fi
    case $linked in
        */.venv/bin/codey)
            # Another checkout's, alive: running this one's tests must not take the command over.
            if [ "$mode" = test ] && [ -x "$link" ]; then return 0; fi
            ;;
        *)
            if [ -e "$link" ] || [ -L "$link" ]; then
                say "$link is another program's: left as it is."
                say "Codey is at: $target"
                return 0
            fi
            ;;
    esac
    rm -f "$link"
    ln -s "$target" "$link"
    if ! on_path "$bin"; then
        say "$bin is not on your PATH. Add it with:"
        # shellcheck disable=SC2016 # the line is for the person to type
        printf '  echo '\''export PATH="%s:$PATH"'\'' >> ~/.profile\n' "$bin"
        say "then open a new shell."
    fi
}

# ----------------------------------------------------------------- all of it

# What a finished set-up depends on; anything that changes makes the next run look again.
fingerprint() {
    {
        cat "$root/pyproject.toml" "$root/install.sh"
        echo "$root $wheels $1"
        "$venv/bin/python" -c 'import sys; print(sys.version, sys.prefix)'
    } 2>/dev/null | cksum
}

# is_set_up MODE: that mode, or one that includes it, is complete and still works.
is_set_up() {
    [ -x "$venv/bin/codey" ] && [ "$(cat "$venv/.codey-$1" 2>/dev/null)" = "$(fingerprint "$1")" ] &&
        "$venv/bin/python" -I -c 'import codey, pydantic, rich' 2>/dev/null
}

set_up() {
    started=$(now)
    find_system
    find_python
    if [ -n "$python" ] && ! dry; then
        find_wheels
        if is_set_up test || { [ "$mode" != test ] && is_set_up run; }; then
            link_codey
            say "Codey is set up."
            return 0
        fi
    fi
    say "Setting up Codey."
    check_folder
    dry || mkdir -p "$cache" || fail "$cache cannot be written." "Next: make it yours, or set XDG_CACHE_HOME."
    prepare_system
    find_wheels
    make_venv
    if ! dry; then rm -f "$venv/.codey-run" "$venv/.codey-test"; fi
    install_codey
    link_codey
    if dry; then return 0; fi
    kind=run
    if [ "$mode" = test ]; then kind=$mode; fi
    fingerprint "$kind" >"$venv/.codey-$kind"
    say "Codey is set up ($(duration $(($(now) - started))))."
}

demo() {
    if dry; then
        say "would run: $venv/bin/codey -y -C SCRATCH \"create a fibonacci function in fib.py\""
        return 0
    fi
    scratch=$(mktemp -d "${TMPDIR:-${prefix:+$prefix}/tmp}/codey-demo.XXXXXX")
    say
    # shellcheck disable=SC2016
    say '$ codey -y "create a fibonacci function in fib.py"'
    status=0
    "$venv/bin/codey" -y -C "$scratch" "create a fibonacci function in fib.py" || status=$?
    say
    say "The folder:  $scratch"
    if [ "$status" = 0 ]; then
        say "Undo it:     codey -C $scratch undo"
        say "Carry on:    cd $scratch"
        say "             codey \"what does fib.py do?\""
    fi
    return "$status"
}

main() {
    mode=run
    case ${1:-} in
        '') ;;
        demo | test)
            mode=$1
            shift
            ;;
        -h | --help | help)
            usage
            exit 0
            ;;
        *)
            printf '%s\n' "install.sh: '$1' is none of: demo, test, --help." >&2
            exit 2
            ;;
    esac
    if [ "$mode" != test ] && [ $# -gt 0 ]; then
        printf '%s\n' "install.sh: '$1' is too much; only test takes arguments." >&2
        exit 2
    fi
    trap unlock EXIT
    trap 'interrupted 130' INT
    trap 'interrupted 143' TERM
    trap 'interrupted 129' HUP
    find_root
    set_up
    for old in "$cache"/run.*; do # ours, and those of runs that were killed
        if [ "$old" = "$run" ] || ! kill -0 "${old##*.}" 2>/dev/null; then rm -rf "$old"; fi
    done
    trap - EXIT INT TERM HUP
    case $mode in
        run)
            if ! dry; then say "Try: codey \"create a fibonacci function in fib.py\""; fi
            ;;
        demo) demo || exit $? ;;
        test)
            if dry; then
                say "would run: $venv/bin/python -m pytest $*"
            else
                exec "$venv/bin/python" -m pytest "$@"
            fi
            ;;
    esac
}

main "$@"
