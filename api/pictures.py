"""Evidence pictures: links that expire, and the one file that a path means.

Takes: the database (for the link secret), the evidence folder, paths from links.
Gives: links for the JSON of incidents; a file that certainly lies in the folder.
Knows nothing about: requests."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alerts.links import evidence_url, verify_path
from contracts.errors import NotFound
from contracts.settings import Settings
from store.database import Database
from store.links import link_secret

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
}


class Pictures:
    """Shared by all requests; reads the link secret once."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._base_url = settings.public_url or f"http://{settings.host}:{settings.port}"
        self._folder = settings.evidence_dir
        self._lock = threading.Lock()
        self._secret = b""

    def linker(self, now: datetime) -> Callable[[str], str]:
        """What makes a link of a path under the evidence folder."""
        secret = self._link_secret()
        return lambda path: evidence_url(self._base_url, path, secret=secret, now=now)

    def genuine(self, url_path: str, *, expires_s: str, signature: str, now: datetime) -> bool:
        """Whether the link was made here and still holds."""
        return verify_path(url_path, expires_s=expires_s, signature=signature, secret=self._link_secret(), now=now)

    def file(self, path: str) -> Path:
        """Resolved first, so neither '..' nor a symbolic link leads out. Raises NotFound."""
        folder = self._folder.resolve()
        try:
            found = (folder / path).resolve()
            fine = found.is_relative_to(folder) and found.is_file() and found.suffix.lower() in MEDIA_TYPES
        except (OSError, ValueError):  # a name too long, or with a zero byte
            fine = False
        if not fine:
            raise NotFound("there is no such picture", "it may be older than the retention time of evidence")
        return found

    def _link_secret(self) -> bytes:
        with self._lock:
            if not self._secret:
                with self._database.write() as connection:
                    self._secret = link_secret(connection)
            return self._secret
