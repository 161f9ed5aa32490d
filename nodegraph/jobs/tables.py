"""The tables, in SQLAlchemy Core: one definition for SQLite and PostgreSQL.

Times are seconds since 1970 in UTC. What must be in order is numbered by the database, so that
a clock that jumps changes no order.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = ["NAME", "assets", "hooks", "jobs", "metadata", "outputs", "settings", "workflows"]

NAME = 100
"""The longest id, owner or client id."""

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")

jobs = Table(
    "jobs",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", String(NAME), nullable=False, unique=True),
    Column("owner", String(NAME), nullable=False),
    Column("client_id", String(NAME), nullable=False, server_default=""),
    Column("status", String(10), nullable=False),
    Column("format", String(10), nullable=False),
    Column("source", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("extra", JSON(none_as_null=True)),
    Column("targets", JSON(none_as_null=True)),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("position", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("completed_at", Float),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("worker", String(NAME)),
    Column("progress", JSON(none_as_null=True)),
    Column("nodes", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Column("pinned", Integer, nullable=False, server_default="0"),
    Column("retry", Integer, nullable=False, server_default="0"),
    Column("idempotency_key", String(255)),
    Column("body_digest", String(64)),
    UniqueConstraint("owner", "idempotency_key", name="one_job_a_key"),
    sqlite_autoincrement=True,
)
Index("jobs_by_turn", jobs.c.status, jobs.c.priority, jobs.c.owner, jobs.c.client_id, "position")
Index("jobs_by_owner", jobs.c.owner, jobs.c.number)

assets = Table(
    "assets",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner", String(NAME), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content_type", String(100), nullable=False),
    Column("name", String(255), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("job_id", String(NAME)),
)
Index("assets_by_hash", assets.c.hash)
Index("assets_by_job", assets.c.job_id)

outputs = Table(
    "outputs",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("job_id", String(NAME), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("node", Text, nullable=False),
    Column("name", String(255), nullable=False),
    Column("type", String(20), nullable=False),
    Column("content_type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("asset_id", String(36), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("path", Text),
    Column("text", Text),
    Column("temporary", Integer, nullable=False, server_default="0"),
)
Index("outputs_by_job", outputs.c.job_id)
Index("outputs_by_hash", outputs.c.hash)

workflows = Table(
    "workflows",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("owner", String(NAME), nullable=False),
    Column("name", String(255), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("saved_at", Float, nullable=False),
    Column("draft", Integer, nullable=False, server_default="0"),
    UniqueConstraint("owner", "name", "version", "draft", name="one_document_a_version"),
)

hooks = Table(
    "hooks",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("job_id", String(NAME), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text),
    Column("base", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Float, nullable=False),
)
Index("hooks_by_job", hooks.c.job_id)

settings = Table(
    "settings",
    metadata,
    Column("owner", String(NAME), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("value", JSON),
)
