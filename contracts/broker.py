"""The connection to Redis or Valkey, with waits that end.

Takes: a URL.
Gives: a client whose every call ends within seconds, and whose failures are BusUnreachable or BusFull.
Knows nothing about: what is stored.

redis-py's own defaults hang over 20 s on a stopped server; a bounded socket timeout and no retries make it 2 s."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from contracts.errors import BusFull, BusUnreachable, ConfigError
from contracts.redact import redact

Client = redis.Redis

SOCKET_TIMEOUT_S = 2.0
#: blocking reads must end before the socket gives up
BLOCK_S = 1.0


def connect(url: str) -> Client:
    """Connects lazily. Raises ConfigError where the URL is not one of Redis."""
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=SOCKET_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
            health_check_interval=0,
        )
    except ValueError as error:
        raise ConfigError(
            f"REDIS_URL '{redact(url)}' is not a Redis URL", "write redis://host:6379/0 or unix:///path"
        ) from error


@contextmanager
def bus_errors(doing: str) -> Iterator[None]:
    """Our errors from redis-py's; `doing` says what was tried."""
    try:
        yield
    except redis.exceptions.OutOfMemoryError as error:
        raise BusFull(f"bus: {doing}: no memory left", "raise maxmemory, or register fewer cameras") from error
    except redis.exceptions.ResponseError as error:
        if "OOM" in str(error) or "MISCONF" in str(error):
            raise BusFull(f"bus: {doing}: writes are refused", "free memory or disk of the Redis server") from error
        raise BusUnreachable(f"bus: {doing}: {error}", "check that the server is Redis >= 6.2 or Valkey") from error
    except redis.exceptions.RedisError as error:
        raise BusUnreachable(f"bus: {doing}: {type(error).__name__}", "check that Redis or Valkey runs") from error
