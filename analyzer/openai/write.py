"""Text for text: the same servers, asked without a picture.

Takes: a prompt, the servers.
Gives: what the model wrote.
Knows nothing about: what it is for."""

import asyncio
from collections.abc import Sequence

from analyzer.openai.ask import first_that_answers
from analyzer.openai.profile import Profile
from analyzer.openai.server import Server
from analyzer.openai.wire import Chat, messages

#: a plan of ten questions is half as long
MOST_TOKENS = 1_000


async def write(servers: Sequence[Server], prompt: str, *, deadline_s: float) -> str:
    """Raises EngineError where no server answers in time."""

    def chat(profile: Profile) -> Chat:
        return Chat(profile.model, messages((), prompt, named=False), MOST_TOKENS, temperature=0.0)

    until = asyncio.get_running_loop().time() + deadline_s
    completion, _ = await first_that_answers(
        servers, until, lambda server, turn: server.complete(chat, turn, keep_local=False)
    )
    return completion.text
