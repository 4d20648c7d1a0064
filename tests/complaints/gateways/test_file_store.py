"""The store keeps a file whole or not at all, under a name of its own."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from complaints.gateways.file_store import FileDamaged, FolderStore, StoreFull

TEXT = b"a receipt " * 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "attachments"


@pytest.fixture
def store(folder: Path) -> FolderStore:
    return FolderStore(folder)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_kept_comes_back(store: FolderStore, folder: Path) -> None:
    kept = store.put(io.BytesIO(TEXT))
    assert (kept.size, kept.sha256) == (len(TEXT), hashlib.sha256(TEXT).hexdigest())
    with store.open(kept.name) as file:
        assert file.read() == TEXT
    assert [one.name for one in store.held()] == [kept.name]
    assert not list(store.unfinished())
    (path,) = files_in(folder)
    assert path.relative_to(folder).parts[:2] == (kept.name[:2], kept.name[2:4])
    assert path.stat().st_mode & 0o077 == 0
    store.discard(kept.name)
    store.discard(kept.name)
    assert not list(store.held())
    with pytest.raises(FileNotFoundError):
        store.open(kept.name)


def test_on_the_disk_it_is_sealed_and_bound_to_its_name(store: FolderStore, folder: Path) -> None:
    one, other = store.put(io.BytesIO(TEXT)), store.put(io.BytesIO(TEXT))
    paths = {path.name: path for path in files_in(folder)}
    sealed = paths[one.name].read_bytes()
    assert b"a receipt" not in sealed
    assert sealed != paths[other.name].read_bytes()
    for wrong in (
        paths[other.name].read_bytes(),
        sealed[:-1],
        sealed[:20],
        b"",
        TEXT,
        sealed[:60] + bytes([sealed[60] ^ 1]) + sealed[61:],
        b"00000000" + sealed[8:],
    ):
        paths[one.name].write_bytes(wrong)
        with pytest.raises(FileDamaged):
            store.open(one.name)
    paths[one.name].write_bytes(sealed)
    with store.open(one.name) as file:
        assert file.read() == TEXT


@pytest.mark.parametrize(
    "name", ["../secret_key", "", "a" * 31, "A" * 32, "a" * 32 + "\n", "..", "/etc/passwd"]
)
def test_a_name_that_the_store_did_not_make_has_no_place(store: FolderStore, folder: Path, name: str) -> None:
    folder.mkdir()
    (folder.parent / "secret_key").write_text("secret")
    with pytest.raises(FileNotFoundError):
        store.open(name)
    with pytest.raises(FileNotFoundError):
        store.discard(name)


class Full(io.BytesIO):
    """What is being copied when the disk is full."""

    def __init__(self, number: int) -> None:
        super().__init__(TEXT)
        self.number = number

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(self.number, os.strerror(self.number))
        return super().read(100)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_without_room_nothing_stays(store: FolderStore, folder: Path, number: int) -> None:
    with pytest.raises(StoreFull):
        store.put(Full(number))
    assert files_in(folder) == []


def test_another_failure_is_no_lack_of_room_and_leaves_nothing(store: FolderStore, folder: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        store.put(Full(errno.EIO))
    assert files_in(folder) == []


def test_a_failing_sync_keeps_nothing(
    store: FolderStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_handle: int) -> None:
        raise OSError(errno.EIO, "sync")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="sync"):
        store.put(io.BytesIO(TEXT))
    assert files_in(folder) == []


def test_a_limit_of_the_system_is_met_in_the_middle_of_a_file(folder: Path) -> None:
    """RLIMIT_FSIZE stands in for a full disk: the kernel itself refuses the write."""
    code = (
        "import io, resource, sys\n"
        "from pathlib import Path\n"
        "from complaints.gateways.file_store import FolderStore, StoreFull\n"
        "from complaints.foundation import encryption\n"
        "encryption.configure(encryption.FieldCipher(bytes(32)))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))\n"
        "store = FolderStore(Path(sys.argv[1]))\n"
        "try:\n    store.put(io.BytesIO(bytes(1_000_000)))\n"
        "except StoreFull:\n    print('full')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "print(store.put(io.BytesIO(bytes(1_000_000))).size)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["full", "1000000"], done.stderr
    (kept,) = files_in(folder)
    assert kept.stat().st_size > 1_000_000
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_it_is_written_synced_moved_and_its_folder_synced(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def watched_sync(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        sync(handle)

    def watched_rename(path: Path, target: Path) -> Path:
        done.append("move")
        return rename(path, target)

    store.put(io.BytesIO(b"first"))
    monkeypatch.setattr(os, "fsync", watched_sync)
    monkeypatch.setattr(Path, "rename", watched_rename)
    store.put(io.BytesIO(TEXT))
    assert done[0] == "file"
    assert done[-2:] == ["move", "folder"]


def test_a_kill_in_the_middle_leaves_only_what_the_sweep_removes(store: FolderStore, folder: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from complaints.gateways.file_store import FolderStore\n"
        "from complaints.foundation import encryption\n"
        "encryption.configure(encryption.FieldCipher(bytes(32)))\n"
        "class Cut:\n"
        "    sent = 0\n"
        "    def read(self, size):\n"
        "        if self.sent: os.kill(os.getpid(), signal.SIGKILL)\n"
        "        self.sent = 1\n"
        "        return bytes(size)\n"
        "FolderStore(Path(sys.argv[1])).put(Cut())\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False, timeout=60)
    assert done.returncode == -9
    assert not list(store.held())
    (left,) = store.unfinished()
    store.discard_unfinished(left.name)
    assert files_in(folder) == []


@pytest.fixture(autouse=True)
def _run_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the programs above find the package."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
