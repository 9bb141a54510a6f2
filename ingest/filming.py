"""The `clip` job: the film of the seconds around an incident.

Takes: ClipRequest.
Gives: ClipReply, always: that there is no film is an answer.
Knows nothing about: incidents.

What the site masks now is masked, whatever it was when the packets came."""

from datetime import timedelta

import msgspec

from contracts.board import Board
from contracts.clips import ClipReply, ClipRequest
from contracts.errors import SourceUnsupported
from ingest.clip import film
from ingest.masks import Masks
from ingest.ring import Rings

#: kept beyond before and after: an incident is decided, and asked about, a while after it happened
SLACK_S = 20.0
VIDEO_MAX_BYTES = 32 << 20


def answer_clip(payload: bytes, *, rings: Rings, board: Board) -> bytes:
    """The handler of the job. Raises BusUnreachable."""
    request = msgspec.msgpack.decode(payload, type=ClipRequest)
    return msgspec.msgpack.encode(_reply(request, rings, board))


def _reply(request: ClipRequest, rings: Rings, board: Board) -> ClipReply:
    ring, site = rings.find(request.camera), board.ingest_site()
    spec = next((each for each in site.cameras if each.id == request.camera), None) if site else None
    if ring is None or spec is None:
        return ClipReply(reason="nothing of the camera is kept: it is no RTSP camera, or clips are switched off")
    since, until = request.at - timedelta(seconds=request.pre_s), request.at + timedelta(seconds=request.post_s)
    cut = ring.cut(since, request.at, until)
    if cut is None:
        return ClipReply(reason="the moment is no longer kept: give PLAINWATCH_CLIP_MB more, or lower the bit rate")
    masks = Masks(spec.masks)
    try:
        video = film(cut, masks)
    except SourceUnsupported as error:
        return ClipReply(reason=str(error))
    if len(video) > VIDEO_MAX_BYTES:
        return ClipReply(reason=f"the clip has {len(video) >> 20} MB, {VIDEO_MAX_BYTES >> 20} at most can be kept")
    return ClipReply(video, is_masked=bool(masks))
