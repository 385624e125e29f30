"""What reading figures needs from the outside."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from service.domain.insight_definitions import Metric
from service.domain.insights import Annotation, Cell, Freshness, WithheldShare
from service.domain.market_days import Window
from service.domain.segments import Dimension


class InsightStore(Protocol):
    """Closed cells and what is noted beside them; holds no person. Every call may raise ``StoreUnavailable``."""

    def cells(
        self, metric: Metric, days: Window, *, by: Dimension | None = None, control: str | None = None
    ) -> Sequence[Cell]:
        """Return the cells of a metric whose windows lie within ``days``, oldest first, then by dimension value.

        ``by`` None: the totals only. ``control`` None: every control that the metric has. A restated cell comes
        in place of the one that it restates.
        """

    def withheld(self, metric: Metric, days: Window) -> Sequence[WithheldShare]:
        """Return how much is withheld of each table of a metric within ``days``, oldest first."""

    def freshness(self) -> Freshness:
        """Return up to which day everything is closed."""

    def annotations(self, days: Window) -> Sequence[Annotation]:
        """Return what happened within ``days``, oldest first."""

    def annotate(self, annotation: Annotation) -> None:
        """Keep an annotation in place of one with its id."""

    def remove_annotation(self, annotation_id: str) -> bool:
        """Forget an annotation; tell whether there was one."""

    def closed_days(self, days: Window) -> Sequence[date]:
        """Return which days are closed, oldest first."""
