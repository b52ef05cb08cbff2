"""The settings of this process, from its environment, which `ops/settings.py` alone reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from domain.address import Network


@dataclass(frozen=True)
class Settings:
    """Values of the table in `ops/settings.py`, under the names of its variables in lower case."""

    database_url: str | None
    database_admin_url: str | None
    host: str
    port: int
    public_url: str
    trusted_proxies: tuple[Network, ...]
    data_dir: Path
    runtime_dir: Path
    demo: bool
    work: bool
    workers: int
    pool_size: int
    public_pool_size: int
    statement_timeout_ms: int
    body_limit_bytes: int
    attachment_limit_bytes: int
    anonymous_rankings_per_minute: int
    webhook_allow_private: bool
    query_token: bool
    log_level: str

    @property
    def files_dir(self) -> Path:
        """Where the bytes of files lie; every process of the service shares it."""
        return self.data_dir / "files"

    @property
    def public_path(self) -> str:
        """The path below which the service is found from outside. Empty: it has the whole address."""
        return urlsplit(self.public_url).path.rstrip("/")
