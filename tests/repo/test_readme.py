"""The README tells the truth: its settings, rooms, commands and snippet are those of the code."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from contracts.settings import Settings
from plainwatch.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def row(name: str, field: FieldInfo) -> str:
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    shown = f"`{default}`" if default not in ("", None) else "–"
    return f"| `PLAINWATCH_{name.upper()}` | {shown} | {field.description} |"


def test_every_setting_stands_in_the_configuration_table() -> None:
    missing = [row(name, field) for name, field in Settings.model_fields.items() if row(name, field) not in README]

    assert not missing, "README lacks these rows:\n" + "\n".join(missing)


def test_every_room_stands_in_the_file_map() -> None:
    rooms = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))

    assert [room for room in rooms if f"| `{room}/` |" not in README] == []


def test_every_command_of_the_readme_exists() -> None:
    commands = set(re.findall(r"^\./run ((?:camera|rule|endpoint|incident) \w+|\w+)", README, re.MULTILINE))
    runner = CliRunner()

    failed = [c for c in commands - {"test"} if runner.invoke(app, [*c.split(), "--help"]).exit_code != 0]

    assert len(commands) > 6
    assert failed == []


def test_the_verification_snippet_accepts_a_genuine_message_and_refuses_a_changed_one() -> None:
    snippet = re.search(r"```python\n(.+?)```", README, re.DOTALL)
    assert snippet is not None
    room: dict[str, Callable[..., bool]] = {}
    exec(snippet[1], room)  # type: ignore[arg-type]
    key, body, sent_at = b"k" * 32, b'{"type":"test.ping"}', str(int(time.time()))
    signature = base64.b64encode(hmac.new(key, f"msg_1.{sent_at}.".encode() + body, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": sent_at, "webhook-signature": f"v1,{signature}"}
    secret = "whsec_" + base64.b64encode(key).decode()

    assert room["genuine"](secret, headers, body)
    assert not room["genuine"](secret, headers, body + b" ")
