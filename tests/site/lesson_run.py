"""How nbmake runs a lesson: once, and what that run printed is compared with what is committed."""

from __future__ import annotations

from nbmake.nb_result import NotebookError, NotebookResult
from nbmake.nb_run import NotebookRun

from website.build import lessons


class LessonRun(NotebookRun):  # type: ignore[misc]  # nbmake has no types
    """nbmake's run of a lesson, which fails as well if it prints something else than what is committed."""

    def execute(self) -> NotebookResult:
        """Run the lesson and compare."""
        result = super().execute()
        if result.error is None and (lines := lessons.differences(self.filename, result.nb)):
            summary = f"{self.filename.name} prints something else; see what changed, then: make notebooks"
            result.error = NotebookError(summary, "\n".join(lines), failing_cell_index=0)
        return result
