"""Jobs, outputs, assets, workflows and settings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    _jobs()
    _assets()
    _outputs()
    op.create_table(
        "workflows",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("saved_at", sa.Float, nullable=False),
        sa.Column("draft", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("owner", "name", "version", "draft", name="one_document_a_version"),
    )
    op.create_table(
        "settings",
        sa.Column("owner", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("value", sa.JSON),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(100), nullable=False, unique=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False, server_default=""),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("workflow", sa.Text, nullable=False),
        sa.Column("extra", sa.JSON),
        sa.Column("targets", sa.JSON),
        sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
        sa.Column("position", sa.Float, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("started_at", sa.Float),
        sa.Column("completed_at", sa.Float),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("worker", sa.String(100)),
        sa.Column("progress", sa.JSON),
        sa.Column("nodes", sa.JSON),
        sa.Column("error", sa.JSON),
        sa.Column("pinned", sa.Integer, nullable=False, server_default="0"),
        sa.Column("retry", sa.Integer, nullable=False, server_default="0"),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("body_digest", sa.String(64)),
        sa.UniqueConstraint("owner", "idempotency_key", name="one_job_a_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "jobs_by_turn", "jobs", ["status", "priority", "owner", "client_id", "position"]
    )
    op.create_index("jobs_by_owner", "jobs", ["owner", "number"])


def _assets() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("job_id", sa.String(100)),
    )
    op.create_index("assets_by_hash", "assets", ["hash"])
    op.create_index("assets_by_job", "assets", ["job_id"])


def _outputs() -> None:
    op.create_table(
        "outputs",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column(
            "job_id", sa.String(100), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("asset_id", sa.String(36), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("path", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("temporary", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("outputs_by_job", "outputs", ["job_id"])
    op.create_index("outputs_by_hash", "outputs", ["hash"])
