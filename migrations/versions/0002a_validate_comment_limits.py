"""Validate the checks that 0002 added: a scan that blocks nobody, in a transaction without those that do."""

from alembic import op

revision = "0002a"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE comment_limits VALIDATE CONSTRAINT comment_limits_hold_mode_is_known")
    op.execute("ALTER TABLE comment_limits VALIDATE CONSTRAINT comment_limits_approved_users_are_few")


def downgrade() -> None:
    """Leave them: a valid check is no less a check."""
