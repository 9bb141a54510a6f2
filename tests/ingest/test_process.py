"""The worker as it is run: a process of its own that starts, reads, and ends when told to."""

import datetime
import ipaddress
import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contracts.board import Board
from contracts.broker import Client
from contracts.seal import sealer_from
from contracts.site import AnalyzerSite, IngestCamera, IngestSite
from plainwatch.simulator import Clip, Mount, serve_in_thread
from tests.ingest.conftest import CLOCK, Analyst, Until

ROOT = Path(__file__).resolve().parents[2]


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "camera.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    pem.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(encoding)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_the_worker_reads_an_encrypted_camera_beats_and_ends_on_sigterm(
    tmp_path: Path, walk_clip: Clip, valkey: str, client: Client, analyst: Analyst, until: Until
) -> None:
    sealer = sealer_from(tmp_path / "secret.key", "")
    mount = Mount("yard", walk_clip, user="admin", password="hunter2")
    environment = {
        **os.environ,
        "REDIS_URL": valkey,
        "PLAINWATCH_DATA_DIR": str(tmp_path),
        "PLAINWATCH_CAMERA_ALLOW": "127.0.0.1",
        "PLAINWATCH_WORKER": "ingest-a",
    }
    with serve_in_thread(mount, ssl_context=_self_signed(tmp_path)) as cameras:
        url = cameras.url("yard", with_password=False)
        assert url.startswith("rtsps://")
        camera = IngestCamera("cam", "yard", url, sealer.seal("admin:hunter2"))
        Board(client).publish_site(IngestSite(1, (camera,)), AnalyzerSite(1))
        worker = subprocess.Popen(
            [sys.executable, "-m", "ingest"], env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        try:
            until(lambda: len(analyst.keyframes) >= 3)
            beats = Board(client).beats(now=CLOCK.now())
            worker.send_signal(signal.SIGTERM)
            _, said = worker.communicate(timeout=20)
        finally:
            worker.kill()
            worker.wait()

    assert worker.returncode == 0
    assert [(beat.room, beat.worker) for beat in beats] == [("ingest", "ingest-a")]
    assert "camera changed state" in said and "hunter2" not in said
