"""Settings of the service, read from the environment (CLIENTBASE_*) and nowhere else."""

from functools import lru_cache
from pathlib import Path

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting with its default; `.env` in the working directory is read too."""

    model_config = SettingsConfigDict(env_prefix="CLIENTBASE_", env_file=".env", extra="ignore")

    database_url: str = ""
    """PostgreSQL as the service sees it (a role without DDL); empty: the embedded server."""
    owner_database_url: str = ""
    """PostgreSQL as migrations see it; empty: the same as database_url."""
    redis_url: str = ""
    """Redis or Valkey; empty: the embedded server."""
    data_dir: Path = Path(".data")
    """Where embedded servers, uploaded and exported files live."""
    engine_cache_dir: Path = Path("/var/cache/clientbase")
    """Where root keeps copies of engines that lie in a folder closed to the user that they run as."""
    secret_key: SecretStr = SecretStr("")
    """Keys the hashes of API keys and signs cursors; made by `up`, required elsewhere."""
    public_url: str = ""
    """Absolute address for links; empty: relative links only."""
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "info"
    otel_endpoint: str = ""
    """OTLP collector for traces (`http://host:4318`); needs the extra `otel`."""
    log_json: bool = True

    database_pool_size: int = 10
    database_statement_timeout_ms: int = 30_000
    worker_slots: int = 4
    worker_metrics_port: int = 0
    """Where the worker answers Prometheus; 0: nowhere."""
    lease_seconds: float = 15.0
    heartbeat_seconds: float = 5.0
    sweep_seconds: float = 2.0
    live_debounce_seconds: float = 1.0
    """The least time between two rounds of an account's live segments: changes in it go together."""
    live_sweep_seconds: float = 60.0
    """How often live segments are looked at when nothing but the time has changed."""
    requests_per_minute: int = 6000
    heavy_requests_per_minute: int = 600
    max_body_bytes: int = 1_048_576
    max_batch_body_bytes: int = 16_777_216
    max_upload_bytes: int = 2_147_483_648
    export_retention_hours: int = 72
    import_retention_hours: int = 168
    """How long an imported file and its rejected rows are kept."""
    clock_file: Path | None = None
    """Test mode: a file whose text (RFC 3339) is the time; absent means the real clock."""

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _use_asyncpg(cls, url: str) -> str:
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                return "postgresql+asyncpg://" + url.removeprefix(prefix)
        return url

    @property
    def migrations_url(self) -> str:
        """The URL with which tables are made."""
        return self.owner_database_url or self.database_url

    @property
    def files_dir(self) -> Path:
        """The folder of uploads and exports."""
        return self.data_dir / "files"


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
