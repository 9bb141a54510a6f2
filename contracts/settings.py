"""What a deployment decides: one frozen object, read from PLAINWATCH_* once in each process.

Takes: environment variables (a list of values is separated by commas).
Gives: Settings; the README's configuration table is made from these fields.
Knows nothing about: what the rooms do with them."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.errors import ConfigError
from contracts.outbound import PRIVATE_NETWORKS
from contracts.redact import join_credentials


class Settings(BaseSettings):
    """Every setting, its default, and one sentence."""

    model_config = SettingsConfigDict(env_prefix="PLAINWATCH_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("data"), description="Where the database, the evidence and the key file live.")
    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        validation_alias=AliasChoices("PLAINWATCH_REDIS_URL", "REDIS_URL"),
        description="Redis >= 6.2 or Valkey; `unix:///path` for a socket.",
    )
    redis_password_file: Path | None = Field(None, description="A file with Redis's password, if the URL has none.")
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL; empty means SQLite in the data directory."
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="Fernet keys, newest first; empty means a key file in the data directory."
    )
    worker: str = Field(
        "", description="This process's name among its kind; stable over restarts. Empty means the host name."
    )
    log_json: bool = Field(False, description="Logs as JSON lines instead of text.")
    shards: int = Field(
        1, ge=1, le=256, description="Into how many slots frames and answers are split; equal in all processes."
    )

    host: str = Field("127.0.0.1", description="Where the API listens.")
    port: int = Field(8600, ge=0, le=65535, description="The API's port.")
    public_url: str = Field("", description="The address under which others reach the API; used in evidence links.")
    timezone: str = Field("UTC", description="The site's time zone, for rules whose camera names none.")

    media_root: Path | None = Field(None, description="Files under it may be registered as cameras, as file:NAME.")
    camera_allow: str = Field(
        ",".join(PRIVATE_NETWORKS),
        description="Networks that cameras may stand in, besides public ones (CIDR or CIDR:port).",
    )
    webhook_allow: str = Field("", description="Private targets that webhooks may go to (CIDR or CIDR:port).")
    time_scale: float = Field(
        1.0, gt=0, le=1, description="Shortens every wait between a webhook's attempts, to try failures out; 1 is real."
    )
    open_timeout_s: float = Field(8.0, gt=0, description="How long a camera may take to answer.")
    read_timeout_s: float = Field(5.0, gt=0, description="How long a camera may stay silent.")

    engine: str = Field("edge", description="Which engine the analyzer runs: edge, vlm or openai.")
    detector: str = Field(
        "", description="The edge engine's ONNX model: a path, or a name of the registry; empty means none."
    )
    reid: str = Field(
        "", description="Path of an ONNX file that tells people apart, such as OSNet; tracks in crowds need it."
    )
    detector_url: str = Field("", description="Where to fetch the detector from, where it is not a path.")
    detector_sha256: str = Field("", description="The checksum that a fetched detector must have.")
    require_gpu: bool = Field(False, description="Refuse to start the analyzer where its model does not run on a GPU.")
    vlm_model: str = Field(
        "", description="The engine vlm's model: a hub id or a folder; empty means one that suits the device."
    )
    vlm_revision: str = Field("", description="The model's commit or tag on the hub; empty means the newest.")
    vlm_device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where the engine vlm computes.")
    vlm_dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="In which numbers it computes; auto is bfloat16 on a GPU, float32 on a CPU."
    )
    vlm_visual_tokens: int = Field(
        256, ge=16, le=4096, description="How many tokens a picture may become; the engine openai shrinks it to that."
    )
    vlm_detail: Literal["off", "tiles", "crop"] = Field(
        "off",
        description="`tiles` adds a picture's quarters (5 times the tokens), `crop` looks again where it moves (2).",
    )
    vlm_batch_frames: int = Field(
        0, ge=0, le=256, description="Frames in one pass of the engine vlm; 0 means 8 on a GPU, 1 on a CPU."
    )
    openai_url: str = Field(
        "", description="The engine openai's servers, such as `http://host:8000/v1`; the next one is asked in need."
    )
    openai_api_key: SecretStr = Field(SecretStr(""), description="The servers' key: one for all, or one for each.")
    openai_model: str = Field("", description="The servers' name of the model; empty means the only one they have.")
    openai_revision: str = Field(
        "", description="What verdicts call the model's revision, where the servers do not say it; change it with it."
    )
    openai_concurrency: int = Field(
        8, ge=1, le=256, description="At most so many questions are under way at the servers at once."
    )
    openai_local: str = Field(
        "", description="Networks (CIDR) to which pictures that must stay on the site may go, besides this machine."
    )
    openai_boxes: Literal["relative_1000", "absolute_pixels", "none"] = Field(
        "relative_1000", description="How the servers' model writes boxes: Qwen3-VL in thousandths, 2.5 in pixels."
    )
    gate: str = Field(
        "", description="A folder made by `models export-gate`: its model spares the engine frames; empty means none."
    )
    gate_audit: float = Field(
        0.02, ge=0.001, le=1, description="The part of spared questions that is asked all the same, to check the gate."
    )
    gate_due_s: float = Field(10.0, gt=0, le=3600, description="No question is spared for longer than this.")
    answer_deadline_s: float = Field(
        20.0, gt=0, description="What a vision-language engine has not answered by then is unknown."
    )
    engine_deadline_s: float = Field(30.0, gt=0, description="An engine that takes longer hangs: it is started anew.")
    max_age_s: float = Field(10.0, gt=0, description="Frames older than this never reach a model.")
    batch_frames: int = Field(8, ge=1, le=256, description="At most so many frames go through the model at once.")
    explain: bool = Field(True, description="Ask the model, where it can, to explain each incident in one sentence.")
    group_window_s: float = Field(
        10.0, ge=0, le=3600, description="One rule's incidents on several cameras within it call people once; 0: each."
    )
    camera_offline_after_s: float = Field(
        20.0, ge=1, le=86_400, description="`camera.offline` is sent after so long without a picture."
    )
    condition_after_s: float = Field(
        10.0, ge=0, le=86_400, description="`camera.frozen` and `camera.covered` are sent when it lasts for so long."
    )
    analyzer_down_after_s: float = Field(
        60.0, ge=1, le=86_400, description="`analyzer.down`, `analyzer.behind` and `rule.degraded` are sent after it."
    )
    audit_part: float = Field(
        0.0, ge=0, le=0.1, description="The part of silent frames that is kept for you to judge: see `GET /audits`."
    )
    pin_mb: int = Field(128, ge=1, description="Memory for pinned evidence pictures in Redis.")
    clip_pre_s: float = Field(5.0, ge=0, le=60, description="An incident's clip begins so long before it.")
    clip_post_s: float = Field(5.0, ge=0, le=60, description="And ends so long after.")
    clip_mb: int = Field(
        8, ge=0, le=256, description="Memory of ingest for the last seconds of one camera; 0 makes no clips."
    )
    archive_hours: float = Field(
        24.0, ge=0, le=8760, description="Recent pictures, to try rules on, are kept for so long; 0 keeps none."
    )
    archive_every_s: float = Field(
        10.0, ge=1, le=3600, description="So often one picture of each armed camera is archived, besides incidents."
    )
    archive_mb: int = Field(500, ge=1, description="Disk for the archive of one camera; the oldest pictures go first.")
    archive_total_mb: int = Field(20_000, ge=1, description="Disk for the whole archive, shared evenly by the cameras.")
    ledger_hours: float = Field(
        72.0, ge=0, le=8760, description="What was decided on each frame, and why, is kept so long; 0: nothing."
    )
    ledger_mb: int = Field(500, ge=1, description="The database's room for that, shared evenly by the cameras.")

    @property
    def bus_url(self) -> str:
        """Redis's URL with its password: for the connection only. Raises ConfigError where the file cannot be read."""
        url = self.redis_url.get_secret_value()
        if self.redis_password_file is None:
            return url
        try:
            return join_credentials(url, "", self.redis_password_file.read_text().strip())
        except OSError as error:
            raise ConfigError(
                f"setting PLAINWATCH_REDIS_PASSWORD_FILE: {error.strerror}", "give a readable file, or unset it"
            ) from error

    @property
    def sqlalchemy_url(self) -> str:
        """The database's URL with its password: for the engine only."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'plainwatch.sqlite'}"

    @property
    def evidence_dir(self) -> Path:
        """Where alerts keeps evidence pictures."""
        return self.data_dir / "evidence"

    @property
    def archive_dir(self) -> Path:
        """Where alerts keeps recent pictures."""
        return self.data_dir / "archive"

    @property
    def key_file(self) -> Path:
        """Where the key that seals credentials lies."""
        return self.data_dir / "secret.key"


def load_settings(**given: object) -> Settings:
    """`given` wins over the environment. Raises ConfigError that names the variable."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "PLAINWATCH_" + "_".join(str(part) for part in first["loc"]).upper().removeprefix("PLAINWATCH_")
        raise ConfigError(
            f"setting {name}: {first['msg'].lower()}", "see the configuration table in the README"
        ) from error


def comma_list(text: str) -> tuple[str, ...]:
    """The parts of a setting that holds several values."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
