"""install.sh: what it decides on machines that are not here, and what it does with real processes.

A machine is a PATH made by the test: real text tools, and fakes for whatever has effects.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = (ROOT / "install.sh").read_text(encoding="utf-8")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

# What install.sh may use of a POSIX machine; nothing else is on the PATH of these tests.
# fmt: off
TEXT_TOOLS = [
    "awk", "basename", "cat", "chmod", "cksum", "cp", "cut", "date", "df", "dirname", "env", "grep", "head",
    "id", "ln", "ls", "mkdir", "mktemp", "mv", "nproc", "ps", "readlink", "rm", "sed", "setsid", "sh",
    "sleep", "sort", "tail", "touch", "tr", "true", "uname",
]
# fmt: on

# Answers the questions that install.sh asks of a Python, and plays venv, pip and the rest of it.
FAKE_PYTHON = r"""#!/bin/sh
echo "$0 $*" >>"$FAKE_CALLS"
if [ "$1" = -I ]; then shift; fi
case "$1 $2" in
-c*)
    case $2 in
    *version_info\ \<\ \(3*pip* | *pip*version_info*) exit "${FAKE_OLD:-0}" ;;
    *version_info\ \<\ \(3*) exit "${FAKE_OLD:-0}" ;;
    *ensurepip*) exit "${FAKE_NO_VENV:-0}" ;;
    *"import numpy"*) exit "${FAKE_NO_NUMPY:-0}" ;;
    *get_platform*) uname ;;
    *sys.prefix*) echo "fake-version" ;;
    *llama_cpp*) [ -f "${0%/bin/*}/llama-works" ] ;;
    *"import os, sys"*) shift 2; exec "$@" ;;
    esac
    exit
    ;;
"-m venv")
    for venv; do :; done
    mkdir -p "$venv/bin"
    cp "$0" "$venv/bin/python"
    echo "#!$venv/bin/python" >"$venv/bin/pip"
    echo "home" >"$venv/pyvenv.cfg"
    ;;
"-m pip")
    case "$*" in
    *llama_cpp_python-*.whl) : >"${0%/bin/*}/llama-works" ;;
    *"pip wheel"*)
        if [ -n "${FAKE_COMPILER:-}" ]; then . "$FAKE_COMPILER"; fi
        mkdir -p "${0%/.venv/*}/nothing"
        while [ "$1" != -w ]; do shift; done
        mkdir -p "$2"
        : >"$2/llama_cpp_python-0-py3-none-fake.whl"
        ;;
    *"-e "*) cp "$0" "${0%/*}/codey" ;;
    esac
    ;;
esac
"""


class Machine:
    """A machine on which install.sh can run: its tools, its home, a checkout."""

    def __init__(self, folder: Path, kernel: str = "Linux", system: str = "GNU/Linux", cpu: str = "x86_64"):
        self.folder = folder
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.checkout = folder / "home" / "codey checkout"  # a space, as people have them
        self.bin.mkdir(parents=True)
        self.checkout.mkdir(parents=True)
        (self.checkout / "install.sh").write_text(SCRIPT, encoding="utf-8")
        (self.checkout / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
        for tool in TEXT_TOOLS:
            if found := shutil.which(tool):
                (self.bin / tool).symlink_to(found)
        self.cpuinfo = folder / "cpuinfo"
        self.cpuinfo.write_text("flags : sse2 avx2 fma hypervisor\n")
        self.calls = folder / "calls"
        self.calls.touch()
        self.environment = {
            "PATH": str(self.bin),
            "HOME": str(self.home),
            "TMPDIR": str(folder),
            "FAKE_CALLS": str(self.calls),
            "CODEY_INSTALL_CPUINFO": str(self.cpuinfo),
        }
        answers = f"-o) echo {system};; -m) echo {cpu};; -s) echo {kernel};; *) echo {kernel} {cpu};;"
        self.fake("uname", f'case "${{1:-}}" in {answers} esac')
        self.user(0)

    def fake(self, name: str, body: str = "exit 0") -> None:
        """Puts a shell script on the PATH under that name."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(body if body.startswith("#!") else f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def python(self, name: str = "python3", **variables: int) -> None:
        """A Python of that name; FAKE_OLD=1 is below 3.10, FAKE_NO_VENV=1 cannot make a .venv."""
        assignments = "".join(f"{key}={value}\n" for key, value in variables.items())
        self.fake(name, FAKE_PYTHON.replace("#!/bin/sh\n", f"#!/bin/sh\n{assignments}", 1))

    def user(self, number: int) -> None:
        self.fake("id", f"echo {number}")

    def complete(self) -> None:
        """Everything that a set-up needs is there."""
        self.python()
        for name in ("git", "cc", "c++", "cmake", "ninja"):
            self.fake(name)

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["/bin/sh", "install.sh", *words],
            cwd=self.checkout,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(list(words), process.returncode, out, err)

    def plan(self, *words: str) -> list[str]:
        """The commands of a dry run that must succeed."""
        done = self.run(*words, CODEY_INSTALL_DRY_RUN="1")
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def shell(self, commands: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs commands with the functions of install.sh defined, in its checkout."""
        library = self.folder / "library.sh"
        library.write_text(SCRIPT.replace('\nmain "$@"\n', "\n"), encoding="utf-8")
        return subprocess.run(
            [
                "/bin/sh",
                "-c",
                f'set -eu; . "{library}"; find_root; find_system; mode=run; {commands}',
                "install.sh",
            ],
            cwd=self.checkout,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def termux(tmp_path: Path) -> Machine:
    phone = Machine(tmp_path, system="Android", cpu="aarch64")
    phone.user(10123)
    phone.fake("pkg")
    phone.environment["PREFIX"] = str(tmp_path / "files/usr")
    phone.cpuinfo.write_text("Features\t: fp asimd aes fphp asimdhp asimddp i8mm\n")
    return phone


# ------------------------------------------------------------------ the words


def test_help_fits_a_phone_screen(machine: Machine) -> None:
    done = machine.run("--help")
    assert done.returncode == 0
    assert "install.sh demo" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 60


@pytest.mark.parametrize("words", [["demmo"], ["demo", "now"]])
def test_a_word_too_many_is_one_sentence_and_2(machine: Machine, words: list[str]) -> None:
    done = machine.run(*words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words[-1] in done.stderr
    assert done.stdout == ""


def test_outside_a_checkout_it_says_so(machine: Machine) -> None:
    (machine.checkout / "pyproject.toml").unlink()
    done = machine.run()
    assert done.returncode == 1
    assert "only inside Codey's folder" in done.stderr


# ------------------------------------------------------- what it would install


def test_termux_from_nothing(termux: Machine) -> None:
    plan = termux.plan("test", "-k", "x")
    text = "\n".join(plan)
    install = "would run: env DEBIAN_FRONTEND=noninteractive pkg install -y"
    assert f"{install} python python-pip python-ensurepip-wheels git python-numpy -o Dpkg" in text
    assert f"{install} clang cmake ninja -o Dpkg" in text
    assert "-m venv --system-site-packages" in text
    assert "--only-binary pydantic-core --extra-index-url https://termux-user-repository" in text
    assert "pydantic>=2" in text
    assert ":test" in text
    assert ":lint" not in text  # ruff has no wheel there
    assert f"would link: {termux.environment['PREFIX']}/bin/codey" in plan
    assert plan[-1].endswith("-m pytest -k x")
    assert "sudo" not in text


def test_termux_asks_for_numpy_only_where_it_is_missing(termux: Machine) -> None:
    termux.complete()
    assert not [line for line in termux.plan() if "pkg install" in line]
    termux.python(FAKE_NO_NUMPY=1)
    assert "pkg install -y python-numpy -o" in "\n".join(termux.plan())


def test_debian_from_nothing_as_root(machine: Machine) -> None:
    machine.fake("apt-get")
    plan = machine.plan("test")
    install = "would run: env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "
    text = "\n".join(plan)
    assert f"{install}python3 python3-venv git ca-certificates -o" in text
    assert f"{install}gcc g++ libc6-dev -o" in text  # cmake and ninja come as wheels
    assert text.index("apt-get update") < text.index("apt-get install")
    assert ":lint" in text
    assert "system-site-packages" not in text


def test_debian_without_the_venv_module(machine: Machine) -> None:
    machine.complete()
    machine.fake("apt-get")
    machine.python(FAKE_NO_VENV=1)
    assert "--no-install-recommends python3-venv -o" in "\n".join(machine.plan())


def test_a_user_with_rights_gets_them_through_sudo(machine: Machine) -> None:
    machine.user(1000)
    machine.fake("apt-get")
    machine.fake("sudo", "exit 0")
    text = "\n".join(machine.plan())
    assert "would run: sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y" in text


@pytest.mark.parametrize("sudo", [None, "exit 1"], ids=["no sudo", "sudo wants a password"])
def test_a_user_without_rights_is_told_the_exact_command(machine: Machine, sudo: str | None) -> None:
    machine.user(1000)
    machine.fake("apt-get")
    if sudo:
        machine.fake("sudo", sudo)
    done = machine.run()
    assert done.returncode == 1
    assert (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends"
        " python3 python3-venv git ca-certificates" in done.stderr
    )
    assert not (machine.checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("dnf", "dnf install -y python3 python3-pip git"),
        ("pacman", "pacman -S --needed --noconfirm python git"),
        ("apk", "apk add python3 py3-pip git"),
        ("zypper", "zypper --non-interactive install python311 python311-pip git"),
    ],
)
def test_other_linux(machine: Machine, manager: str, command: str) -> None:
    machine.fake(manager)
    assert f"would run: {command}" in [re.sub(" +", " ", line) for line in machine.plan()]


def test_an_unknown_system_says_what_is_missing(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 1
    assert "Missing: python git" in done.stderr
    assert "Python 3.10 or newer" in done.stderr


def test_an_old_python_is_passed_over_for_a_newer_one(machine: Machine) -> None:
    machine.complete()
    machine.python("python3", FAKE_OLD=1)
    machine.python("python3.12")
    assert f"would run: {machine.bin}/python3.12 -m venv" in "\n".join(machine.plan())


def test_no_python_that_is_new_enough(machine: Machine) -> None:
    machine.complete()
    machine.python("python3", FAKE_OLD=1)
    machine.fake("apt-get")  # installs nothing newer
    done = machine.run()
    assert done.returncode == 1
    assert "No Python 3.10 or newer" in done.stderr


def test_macos(tmp_path: Path) -> None:
    mac = Machine(tmp_path, kernel="Darwin", system="Darwin", cpu="arm64")
    done = mac.run()
    assert done.returncode == 1
    assert "brew.sh" in done.stderr
    mac.complete()
    mac.fake("xcode-select", "exit 2")
    done = mac.run(CODEY_INSTALL_DRY_RUN="1")
    assert done.returncode == 1
    assert "xcode-select --install" in done.stderr
    mac.fake("xcode-select")
    assert "-DGGML_NATIVE=ON" in "\n".join(mac.plan())


# --------------------------------------------------------- the CPU it is for


@pytest.mark.parametrize(
    ("features", "march"),
    [
        (["fp asimd aes crc32"], "armv8-a"),  # a Cortex-A53
        (["fp asimd fphp asimdhp asimddp"], "armv8.2-a+dotprod+fp16"),
        (["fp asimd fphp asimdhp"], "armv8.2-a+fp16"),
        (["fp asimd fphp asimdhp asimddp i8mm bf16 sve sve2"], "armv8.2-a+dotprod+fp16+i8mm"),  # never SVE
        (["fp asimd fphp asimdhp asimddp i8mm", "fp asimd fphp asimdhp"], "armv8.2-a+fp16"),  # unequal cores
        (["nothing known"], "armv8-a"),
    ],
)
def test_arm_features_come_from_the_kernel(termux: Machine, features: list[str], march: str) -> None:
    termux.complete()
    termux.cpuinfo.write_text("".join(f"processor : 0\nFeatures : {line}\n" for line in features))
    (options,) = [line for line in termux.plan() if "GGML" in line]
    assert f"-DGGML_NATIVE=OFF -DGGML_CPU_ARM_ARCH={march} " in options


def test_a_word_that_the_compiler_does_not_know_is_dropped(termux: Machine) -> None:
    termux.fake("cc", 'case "$*" in *i8mm*) exit 1;; esac')
    assert termux.shell('arm_march "fphp asimdhp asimddp i8mm"').stdout == "armv8.2-a+dotprod+fp16\n"


def test_a_wheel_is_found_only_on_the_cpu_it_was_made_for(machine: Machine) -> None:
    machine.complete()

    def key() -> str:
        found = machine.shell('find_python; find_wheels; echo "$wheels"').stdout.strip()
        assert found.startswith(f"{machine.home}/.cache/codey/wheels/")
        return found

    first = key()
    machine.cpuinfo.write_text("flags : fma hypervisor avx2 sse2 newmitigation\n")
    assert key() == first  # neither the order nor what no compiler uses
    machine.cpuinfo.write_text("flags : sse2 avx2 fma avx512f\n")
    assert key() != first


def test_jobs_are_bounded_by_memory(machine: Machine) -> None:
    machine.fake("awk", "echo 2")
    machine.fake("getconf", "echo 8")
    assert machine.shell("build_jobs").stdout == "2\n"
    machine.fake("awk", "echo 0")
    assert machine.shell("build_jobs").stdout == "1\n"
    assert machine.shell("build_jobs", CODEY_INSTALL_JOBS="5").stdout == "5\n"


def test_the_pinned_llama_is_one_that_the_package_takes() -> None:
    version = re.search(r"^LLAMA_VERSION=(\S+)$", SCRIPT, re.M)
    bounds = re.search(r'"llama-cpp-python>=([\d.]+),<([\d.]+)"', PYPROJECT)
    assert version
    assert bounds

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(".")]

    assert numbers(bounds[1]) <= numbers(version[1]) < numbers(bounds[2])


# ----------------------------------------------------- whole runs, with fakes


def test_first_run_second_run_moved_and_upgraded(machine: Machine) -> None:
    machine.complete()
    first = machine.run()
    assert first.returncode == 0, first.stderr
    assert "Codey is set up (" in first.stdout
    calls = machine.calls.read_text()
    assert "pip wheel" in calls
    assert f"-e {machine.checkout}" in calls
    (wheel,) = (machine.home / ".cache/codey/wheels").glob("*/*.whl")
    assert not (wheel.parent / "build").exists()  # nothing but the wheel is kept
    assert (machine.home / ".local/bin/codey").resolve() == machine.checkout / ".venv/bin/codey"
    assert "export PATH=" in first.stdout  # ~/.local/bin is not on this PATH

    machine.calls.write_text("")
    second = machine.run()
    assert second.stdout.startswith("Codey is set up.")
    assert "-m" not in machine.calls.read_text()

    moved = machine.home / "moved"
    machine.checkout.rename(moved)
    machine.checkout = moved
    machine.calls.write_text("")
    third = machine.run()
    assert third.returncode == 0, third.stderr
    calls = machine.calls.read_text()
    assert f"-m venv {moved}/.venv" in calls
    assert "pip wheel" not in calls  # the cache outlives the checkout
    assert (machine.home / ".local/bin/codey").resolve() == moved / ".venv/bin/codey"

    machine.cpuinfo.write_text("flags : sse2\n")  # the home was carried to another machine
    machine.calls.write_text("")
    assert machine.run().returncode == 0
    assert "pip wheel" in machine.calls.read_text()

    (moved / ".venv/bin/python").unlink()  # as after an upgrade of the system's Python
    machine.calls.write_text("")
    assert machine.run().returncode == 0
    assert f"-m venv {moved}/.venv" in machine.calls.read_text()


def test_the_tests_run_with_the_arguments_given(machine: Machine) -> None:
    machine.complete()
    assert machine.run("test", "-k", "a b", "tests/x.py").returncode == 0
    assert machine.calls.read_text().splitlines()[-1].endswith("-m pytest -k a b tests/x.py")
    machine.calls.write_text("")
    assert machine.run().stdout.startswith("Codey is set up.")  # `test` includes the plain set-up


def test_the_demo_ends_as_codey_ends(machine: Machine) -> None:
    machine.complete()
    assert machine.run().returncode == 0
    codey = machine.checkout / ".venv/bin/codey"
    codey.write_text('#!/bin/sh\necho "called: $*"\nexit "${CODEY_ENDS:-0}"\n')
    done = machine.run("demo")
    assert done.returncode == 0
    assert re.search(r"called: -y -C \S+/codey-demo\.\S+ create a fibonacci function in fib\.py", done.stdout)
    assert "undo" in done.stdout
    done = machine.run("demo", CODEY_ENDS="3")
    assert done.returncode == 3
    assert "undo" not in done.stdout


def test_a_failure_shows_the_end_of_the_log_and_what_to_do(machine: Machine) -> None:
    machine.complete()
    compiler = machine.folder / "compiler"
    compiler.write_text(
        "echo one; echo 'c++: fatal error: Killed signal terminated program cc1plus'; exit 1\n"
    )
    done = machine.run(FAKE_COMPILER=str(compiler))
    assert done.returncode == 1
    assert "Killed signal terminated" in done.stderr
    assert "CODEY_INSTALL_JOBS=1 sh install.sh" in done.stderr
    log = re.search(r"^Log:  (\S.*)$", done.stderr, re.M)
    assert log
    assert Path(log[1]).is_file()
    assert machine.run().returncode == 0  # and the next run is not hindered by it


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stopping_stops_the_compiler_and_the_next_run_goes_on(machine: Machine, signal_number: int) -> None:
    machine.complete()
    compiler = machine.folder / "compiler"
    pid_file = machine.folder / "compiler.pid"
    compiler.write_text(f'sleep 60 & echo $! >"{pid_file}.new"; mv "{pid_file}.new" "{pid_file}"; wait\n')
    process = machine.start(FAKE_COMPILER=str(compiler))
    _wait_for(pid_file.exists)
    process.send_signal(signal_number)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 128 + signal_number
    assert "goes on from here" in err
    _wait_for(lambda: not _alive(int(pid_file.read_text())))
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "-m pip download" in machine.calls.read_text()
    assert machine.calls.read_text().count("-m pip download") == 1  # what was there is used


def test_a_killed_run_leaves_a_compiler_that_the_next_one_waits_for(machine: Machine) -> None:
    machine.complete()
    compiler = machine.folder / "compiler"
    gate = machine.folder / "gate"
    started = machine.folder / "started"
    compiler.write_text(f'touch "{started}"; while [ ! -e "{gate}" ]; do sleep 0.1; done\n')
    process = machine.start(FAKE_COMPILER=str(compiler))
    _wait_for(started.exists)
    process.kill()
    process.communicate()
    following = machine.start()
    time.sleep(0.5)
    assert following.poll() is None
    gate.touch()
    out, err = following.communicate(timeout=20)
    assert following.returncode == 0, err
    assert "Codey is set up (" in out
    assert machine.calls.read_text().count("-m pip wheel") == 1


def test_progress_is_read_from_the_compilers_log(machine: Machine) -> None:
    (machine.folder / "log").write_text(
        "  -- Configuring\n"
        "  [12/79] /usr/bin/c++ -O3 -o CMakeFiles/llama.dir/llama-vocab.cpp.o -c /src/llama-vocab.cpp\n"
        "warning: in [1/2] of something\n"
    )
    assert machine.shell(f'compile_progress "{machine.folder}"').stdout == "12/79 llama-vocab.cpp\n"
    (machine.folder / "log").write_text("Collecting\n")
    assert machine.shell(f'compile_progress "{machine.folder}"').stdout == "preparing\n"


# ------------------------------------------------------------- codey on the PATH


def test_the_link_leaves_other_peoples_files_alone(machine: Machine) -> None:
    local = machine.home / ".local/bin"
    local.mkdir(parents=True)
    (local / "codey").write_text("mine")
    path = f"{local}:{machine.bin}"
    done = machine.shell("link_codey", PATH=path)
    assert done.returncode == 0
    assert (local / "codey").read_text() == "mine"
    assert "another program" in done.stdout

    (local / "codey").unlink()
    (local / "codey").symlink_to("/gone/.venv/bin/codey")  # an earlier checkout's
    assert machine.shell("link_codey", PATH=path).stdout == ""
    assert os.readlink(local / "codey") == str(machine.checkout / ".venv/bin/codey")


def test_running_the_tests_of_one_checkout_keeps_the_command_of_another(machine: Machine) -> None:
    other = machine.folder / "other/.venv/bin/codey"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    local = machine.home / ".local/bin"
    local.mkdir(parents=True)
    (local / "codey").symlink_to(other)
    machine.shell("mode=test; link_codey", PATH=f"{local}:{machine.bin}")
    assert os.readlink(local / "codey") == str(other)
    machine.shell("mode=run; link_codey", PATH=f"{local}:{machine.bin}")
    assert os.readlink(local / "codey") != str(other)


def test_a_folder_that_is_no_venv_is_not_removed(machine: Machine) -> None:
    machine.complete()
    (machine.checkout / ".venv").mkdir()
    (machine.checkout / ".venv/letters.txt").write_text("dear")
    done = machine.run()
    assert done.returncode == 1
    assert "no virtual environment" in done.stderr
    assert (machine.checkout / ".venv/letters.txt").read_text() == "dear"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
    return True


def _wait_for(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "nothing happened in time"
        time.sleep(0.05)
