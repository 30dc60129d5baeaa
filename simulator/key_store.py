"""Where the bonds of one device are kept: in memory, or in a file that only its owner may read."""

import contextlib
import json
from pathlib import Path
from typing import Any

from bumble.keys import JsonKeyStore, KeyStore, MemoryKeyStore

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700


class KeyStoreError(ValueError):
    """A file of bonds that cannot be read; the message says what to do."""


class PrivateKeyStore(JsonKeyStore):
    """Bumble's JSON file, readable by its owner alone. `namespace`: the device whose bonds these are."""

    async def load(self) -> tuple[dict[str, dict[str, dict[str, Any]]], dict[str, dict[str, Any]]]:
        """Return all namespaces, and this one; a file that is not there yet is empty."""
        try:
            return await super().load()
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise KeyStoreError(
                f"{self.filename} is not a file of Bluetooth bonds; delete it and pair again"
            ) from error

    async def save(self, db: dict[str, dict[str, dict[str, Any]]]) -> None:
        """Replace the file as a whole; a crash leaves the old or the new one."""
        self.directory_name.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
        # Created with the final mode: a file that is tightened later was open for a moment.
        new = self.filename.with_name(f"{self.filename.name}.new")
        new.unlink(missing_ok=True)
        new.touch(mode=FILE_MODE)
        new.write_text(json.dumps(db, indent=2, sort_keys=True), encoding="utf-8")
        new.replace(self.filename)

    async def delete(self, name: str) -> None:
        """Forget the bond with a peer; it is no error that there is none."""
        with contextlib.suppress(KeyError):
            await super().delete(name)


def key_store(path: Path | None, namespace: str) -> KeyStore:
    """Return the bonds of device `namespace`: in the file at `path`, or in memory without one."""
    return MemoryKeyStore() if path is None else PrivateKeyStore(namespace, str(path))
