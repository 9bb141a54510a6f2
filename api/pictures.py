"""Evidence and archived pictures: links that expire, and the one file that a path means.

Takes: the database (for the link secret), the two folders, paths from links.
Gives: links for the JSON of incidents and of the archive; a file that certainly lies in its folder.
Knows nothing about: requests."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alerts.archive import Archive
from alerts.links import Links, Word, archive_url, read_feedback_token, verify_path
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
        self._archive_folder = settings.archive_dir
        self.archive = Archive(settings.archive_dir)
        self._lock = threading.Lock()
        self._secret = b""

    def linker(self, now: datetime) -> Callable[[str], str]:
        """What makes a link of a path under the evidence folder."""
        return self.links(now).picture

    def links(self, now: datetime) -> Links:
        """What makes the links of a message."""
        return Links(self._base_url, self._link_secret(), now)

    def feedback_of(self, token: str, now: datetime) -> tuple[str, Word] | None:
        """Which incident the bearer may say which word of; None where the token is not ours, or has expired."""
        return read_feedback_token(token, secret=self._link_secret(), now=now)

    def archive_linker(self, now: datetime) -> Callable[[str], str]:
        """What makes a link of a path under the archive's folder."""
        secret = self._link_secret()
        return lambda path: archive_url(self._base_url, path, secret=secret, now=now)

    def genuine(self, url_path: str, *, expires_s: str, signature: str, now: datetime) -> bool:
        """Whether the link was made here and still holds."""
        return verify_path(url_path, expires_s=expires_s, signature=signature, secret=self._link_secret(), now=now)

    def file(self, path: str) -> Path:
        """Of the evidence. Raises NotFound."""
        return _file_in(self._folder, path, "it may be older than the retention time of evidence")

    def archived_file(self, path: str) -> Path:
        """Of the archive. Raises NotFound."""
        return _file_in(self._archive_folder, path, "the oldest pictures make room for new ones")

    def _link_secret(self) -> bytes:
        with self._lock:
            if not self._secret:
                with self._database.write() as connection:
                    self._secret = link_secret(connection)
            return self._secret


def _file_in(folder: Path, path: str, why_gone: str) -> Path:
    """Resolved first, so neither '..' nor a symbolic link leads out."""
    folder = folder.resolve()
    try:
        found = (folder / path).resolve()
        fine = found.is_relative_to(folder) and found.is_file() and found.suffix.lower() in MEDIA_TYPES
    except (OSError, ValueError):  # a name too long, or with a zero byte
        fine = False
    if not fine:
        raise NotFound("there is no such picture", why_gone)
    return found
