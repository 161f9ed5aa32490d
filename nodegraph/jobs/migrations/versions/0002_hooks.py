"""Who is to be told of the end of a job."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table of hooks."""
    op.create_table(
        "hooks",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column(
            "job_id", sa.String(100), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
    )
    op.create_index("hooks_by_job", "hooks", ["job_id"])
