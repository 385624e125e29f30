"""Let a term and something that is rejected have the same name and day."""

from alembic import op

revision = "0010a"
down_revision = "0010"

_BY_TERM = "emerging_terms_term_found_on"
_BY_KIND = "emerging_terms_kind_term_found_on"


def upgrade() -> None:
    _replace(_BY_TERM, _BY_KIND, ["kind", "term", "found_on"])


def downgrade() -> None:
    _replace(_BY_KIND, _BY_TERM, ["term", "found_on"])


def _replace(old: str, new: str, columns: list[str]) -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            op.f(new),
            "emerging_terms",
            columns,
            unique=True,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.drop_index(op.f(old), table_name="emerging_terms", postgresql_concurrently=True, if_exists=True)
