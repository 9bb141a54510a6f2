"""What we answer when a camera asks who we are: Digest (MD5, SHA-256) and Basic.

Takes: the challenges of a 401, a method, a URI, a user and a password.
Gives: the value of the Authorization header; the strongest challenge that we can meet wins.
Knows nothing about: RTSP, HTTP."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
#: by falling strength; cameras still say MD5 (RFC 7616 allows it)
_HASHES: tuple[tuple[str, str], ...] = (("SHA-256", "sha256"), ("MD5", "md5"))


def authorization(challenges: Sequence[str], *, method: str, uri: str, user: str, password: str) -> str | None:
    """None: there is no user, or no challenge that we can meet."""
    if not user and not password:
        return None
    digests = [_parameters(text) for text in challenges if text.lower().startswith("digest ")]
    for name, hash_name in _HASHES:
        for asked in digests:
            if asked.get("algorithm", "MD5").upper().removesuffix("-SESS") == name:
                return _digest(asked, name, hash_name, method=method, uri=uri, user=user, password=password)
    if any(text.lower().startswith("basic") for text in challenges):
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return None


def _digest(
    asked: dict[str, str], name: str, hash_name: str, *, method: str, uri: str, user: str, password: str
) -> str:
    def hashed(text: str) -> str:
        return hashlib.new(hash_name, text.encode(), usedforsecurity=False).hexdigest()

    realm, nonce, cnonce = asked.get("realm", ""), asked.get("nonce", ""), secrets.token_hex(8)
    ha1 = hashed(f"{user}:{realm}:{password}")
    if asked.get("algorithm", "").lower().endswith("-sess"):
        ha1 = hashed(f"{ha1}:{nonce}:{cnonce}")
    ha2 = hashed(f"{method}:{uri}")
    fields = [("username", user), ("realm", realm), ("nonce", nonce), ("uri", uri)]
    fields += _response(hashed, ha1, ha2, nonce, cnonce, has_qop="auth" in _qops(asked))
    if asked.get("opaque"):
        fields.append(("opaque", asked["opaque"]))
    if "algorithm" in asked:
        fields.append(("algorithm", asked["algorithm"]))
    bare = {"nc", "qop", "algorithm"}
    return "Digest " + ", ".join(f"{key}={value}" if key in bare else f'{key}="{value}"' for key, value in fields)


def _response(
    hashed: Callable[[str], str], ha1: str, ha2: str, nonce: str, cnonce: str, *, has_qop: bool
) -> list[tuple[str, str]]:
    if not has_qop:  # RFC 2069, what most RTSP cameras speak
        return [("response", hashed(f"{ha1}:{nonce}:{ha2}"))]
    response = hashed(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
    return [("response", response), ("qop", "auth"), ("nc", "00000001"), ("cnonce", cnonce)]


def _qops(asked: dict[str, str]) -> set[str]:
    return {part.strip().lower() for part in asked.get("qop", "").split(",")}


def _parameters(challenge: str) -> dict[str, str]:
    found = _PARAMETER.finditer(challenge.partition(" ")[2])
    return {match[1].lower(): match[2] if match[2] is not None else match[3] for match in found}
