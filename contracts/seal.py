"""Credentials at rest: sealed with a key that the database never holds.

Takes: the key file (made on first use, mode 0600) or PLAINWATCH_SECRET_KEY.
Gives: Sealer.seal and Sealer.open (Fernet: AES-128-CBC and HMAC-SHA256).
Knows nothing about: what is sealed."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from contracts.errors import ConfigError


class Sealer:
    """Several keys, newest first, allow rotation: every key opens, the first one seals."""

    def __init__(self, keys: list[bytes]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise ConfigError(
                "the secret key is not a Fernet key (32 bytes, base64)", "restore the key file, or unset it to make one"
            ) from error

    def seal(self, plain: str) -> bytes:
        """An empty text seals to nothing."""
        return self._fernet.encrypt(plain.encode()) if plain else b""

    def open(self, sealed: bytes) -> str:
        """Raises ConfigError where none of our keys sealed it."""
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ConfigError(
                "a stored credential does not open with this secret key",
                "restore the key file that sealed it, or enter the credential again",
            ) from error


def sealer_from(path: Path, given: str) -> Sealer:
    """`given`: keys separated by commas, and then the file is not touched."""
    if given:
        return Sealer([key.strip().encode() for key in given.split(",") if key.strip()])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Sealer(path.read_bytes().split())
    except OSError as error:
        raise ConfigError(
            f"secret key file '{path}' cannot be made: {error.strerror}", "choose a writable data directory"
        ) from error
    key = Fernet.generate_key()
    with os.fdopen(handle, "wb") as file:
        file.write(key + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return Sealer([key])
