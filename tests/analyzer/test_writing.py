import msgspec
import pytest

from analyzer.edge.engine import EdgeEngine
from analyzer.fake import FakeEngine, Fault
from analyzer.writing import Writing, writing
from contracts.errors import EngineError, Invalid, PlainwatchError
from contracts.opinion import JOB, LONGEST_PROMPT, WriteRequest, Written


def written(prompt: str, engine: FakeEngine) -> Written:
    reply = Writing(engine, deadline_s=60.0).handle(msgspec.msgpack.encode(WriteRequest(prompt)))
    return msgspec.msgpack.decode(reply, type=Written)


def test_a_text_is_given_back_with_the_model_that_wrote_it() -> None:
    engine = FakeEngine()

    assert written("a prompt", engine) == Written(engine.write("a prompt"), engine.capabilities("").model)


@pytest.mark.parametrize(
    ("prompt", "error"), [("marked", EngineError), ("greedy", EngineError), ("x" * (LONGEST_PROMPT + 1), Invalid)]
)
def test_what_goes_wrong_is_said_to_whoever_asked(prompt: str, error: type[PlainwatchError]) -> None:
    engine = FakeEngine({b"marked": Fault.FAIL, b"greedy": Fault.MEMORY})

    with pytest.raises(error):
        written(prompt, engine)


def test_a_request_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Invalid, match="one version"):
        Writing(FakeEngine(), deadline_s=60.0).handle(b"\xc1")


def test_an_engine_that_does_not_write_leaves_the_jobs_to_others() -> None:
    none = writing(EdgeEngine(), writes=True, deadline_s=60.0)
    unwilling = writing(FakeEngine(), writes=False, deadline_s=60.0)
    some = writing(FakeEngine(), writes=True, deadline_s=60.0)

    assert (none, unwilling) == ((), ())
    assert [each.kind for each in some] == [JOB]
