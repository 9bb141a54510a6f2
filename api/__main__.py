"""The api process: HTTP, the publisher of the site, signs of life.

Takes: PLAINWATCH_* settings.
Gives: a server until a signal comes; migrations are run first.
Knows nothing about: what the parts do."""

import sys
import threading
from datetime import UTC, datetime

from alerts.arming import is_armed
from api.app import create_app
from api.deps import Deps
from api.first_key import offer_setup_key
from api.live import LiveBoard
from api.pictures import Pictures
from api.publish import Publisher
from api.server import listen, serve
from contracts.board import Board
from contracts.broker import connect
from contracts.bus import FrameBus
from contracts.seal import sealer_from
from contracts.service import Stop, beat_forever, run, worker_name
from contracts.settings import Settings
from store.cameras import CameraRow
from store.database import Database


def main(settings: Settings, stop: Stop) -> None:
    """Ends when `stop` is set, or by an error that names what is wrong."""
    sock = listen(settings.host, settings.port)
    database = Database(settings.sqlalchemy_url)
    database.migrate()
    offer_setup_key(database, settings.data_dir, datetime.now(UTC))
    client = connect(settings.bus_url)
    board = Board(client)
    archive_every_s = settings.archive_every_s if settings.archive_hours else 0.0

    def armed(camera: CameraRow) -> bool:
        return is_armed(camera, settings.timezone, datetime.now(UTC))

    publisher = Publisher(database, board, archive_every_s=archive_every_s, is_armed=armed)
    deps = Deps(
        database=database,
        client=client,
        live=LiveBoard(board),
        bus=FrameBus(client, shards=settings.shards),
        sealer=sealer_from(settings.key_file, settings.secret_key.get_secret_value()),
        settings=settings,
        pictures=Pictures(database, settings),
        clock=lambda: datetime.now(UTC),
        changed=publisher.wake,
    )
    beat = (board, "api", worker_name("api", settings), stop)
    threading.Thread(target=publisher.run, args=(stop,), name="publisher", daemon=True).start()
    threading.Thread(target=beat_forever, args=beat, name="beat", daemon=True).start()
    serve(create_app(deps), sock, stop)


if __name__ == "__main__":
    sys.exit(run("api", main))
