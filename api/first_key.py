"""The set-up key where no supervisor prints it: in a file that only its owner reads, never in the log.

Takes: the database, the data directory.
Gives: the file with a fresh one-time key while no admin exists; no file after that.
Knows nothing about: terminals."""

import logging
import os
from datetime import datetime
from pathlib import Path

from api.auth import ensure_setup_key
from contracts.errors import ConfigError
from contracts.service import PARENT_VARIABLE
from store.database import Database

log = logging.getLogger(__name__)

SETUP_KEY_FILE = "setup.key"


def offer_setup_key(database: Database, data_dir: Path, now: datetime) -> None:
    """Does nothing under a supervisor, which shows the key itself."""
    if os.environ.get(PARENT_VARIABLE):
        return
    path = data_dir / SETUP_KEY_FILE
    secret = ensure_setup_key(database, now)
    try:
        path.unlink(missing_ok=True)
        if secret is None:
            return
        data_dir.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret + "\n")
    except OSError as error:
        raise ConfigError(
            f"set-up key file '{path}' cannot be written: {error.strerror}", "choose a writable data directory"
        ) from error
    log.info("set-up key written, make the first admin key with it", extra={"path": str(path)})
