"""Small functions on files and folders."""

import hashlib
import shutil
import zipfile
from collections import deque
from pathlib import Path


def count_lines(path: str) -> int:
    """Count the lines in a file."""
    with open(path, encoding="utf-8") as file:
        return sum(1 for _ in file)


def read_text(path: str) -> str:
    """Return the whole text of a file."""
    return Path(path).read_text(encoding="utf-8")


def write_text(path: str, text: str) -> None:
    """Write a text to a file, replacing what was there."""
    Path(path).write_text(text, encoding="utf-8")


def append_line(path: str, line: str) -> None:
    """Add a line to the end of a file."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def read_lines(path: str) -> list[str]:
    """Return the lines of a file as a list."""
    return Path(path).read_text(encoding="utf-8").splitlines()


def file_size(path: str) -> int:
    """Return the size of a file in bytes."""
    return Path(path).stat().st_size


def format_bytes(size: float) -> str:
    """Return a number of bytes as text such as 1.5 MB."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"


def file_extension(path: str) -> str:
    """Return the extension of a file name, with its dot."""
    return Path(path).suffix


def change_extension(path: str, extension: str) -> str:
    """Return a path with another file extension."""
    return str(Path(path).with_suffix("." + extension.lstrip(".")))


def find_files(folder: str, pattern: str = "*") -> list[Path]:
    """Find the files in a folder and its subfolders that match a pattern."""
    return sorted(path for path in Path(folder).rglob(pattern) if path.is_file())


def list_folder(folder: str = ".") -> list[str]:
    """Return the sorted names of everything in a folder."""
    return sorted(path.name for path in Path(folder).iterdir())


def folder_size(folder: str) -> int:
    """Return the size in bytes of all files in a folder and its subfolders."""
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def copy_file(source: str, target: str) -> None:
    """Copy a file to another place."""
    shutil.copy2(source, target)


def move_file(source: str, target: str) -> None:
    """Move a file to another place."""
    shutil.move(source, target)


def delete_file(path: str) -> None:
    """Delete a file if it exists."""
    Path(path).unlink(missing_ok=True)


def make_folder(path: str) -> None:
    """Create a folder and its parents if they do not exist."""
    Path(path).mkdir(parents=True, exist_ok=True)


def newest_file(folder: str) -> Path | None:
    """Return the most recently changed file in a folder."""
    files = [path for path in Path(folder).iterdir() if path.is_file()]
    return max(files, key=lambda path: path.stat().st_mtime, default=None)


def file_hash(path: str) -> str:
    """Return the SHA-256 hash of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(65536):
            digest.update(block)
    return digest.hexdigest()


def last_lines(path: str, count: int = 10) -> list[str]:
    """Return the last lines of a file."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in deque(file, maxlen=count)]


def replace_in_file(path: str, old: str, new: str) -> int:
    """Replace a text in a file and return how often it was found."""
    text = Path(path).read_text(encoding="utf-8")
    Path(path).write_text(text.replace(old, new), encoding="utf-8")
    return text.count(old)


def find_in_files(folder: str, text: str, pattern: str = "*") -> list[str]:
    """Find the lines that contain a text in all files of a folder."""
    found = []
    for path in sorted(Path(folder).rglob(pattern)):
        if path.is_file():
            lines = path.read_text(encoding="utf-8", errors="ignore").splitlines()
            for number, line in enumerate(lines, start=1):
                if text in line:
                    found.append(f"{path}:{number}: {line.strip()}")
    return found


def backup_file(path: str) -> Path:
    """Copy a file to the same name with .bak added."""
    backup = Path(path + ".bak")
    shutil.copy2(path, backup)
    return backup


def zip_folder(folder: str) -> str:
    """Pack a folder into a zip archive of the same name."""
    return shutil.make_archive(str(Path(folder)), "zip", folder)


def unzip_file(path: str, folder: str = ".") -> list[str]:
    """Extract a zip archive into a folder and return the names."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        return archive.namelist()


def unique_lines(path: str) -> list[str]:
    """Return the lines of a file without repeats, in their order."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(lines))


def rename_files(folder: str, old: str, new: str) -> int:
    """Replace a text in the names of all files in a folder."""
    count = 0
    for path in sorted(Path(folder).iterdir()):
        if path.is_file() and old in path.name:
            path.rename(path.with_name(path.name.replace(old, new)))
            count += 1
    return count
