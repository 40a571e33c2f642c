"""A report on paper: A4, black on white, the same bytes for the same content.

The only importer of reportlab, and not before a report is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from records.reports.sheet import ReportContent


def render_pdf(content: ReportContent, pictures: Mapping[str, bytes]) -> bytes:
    """The report as a PDF document.

    Args:
        content: What it says.
        pictures: Per image id of ``content.plates`` a PNG, 8-bit grey or RGB, with calipers and warnings burnt in.

    Raises:
        NotFound: A plate has no picture.
        Invalid: A picture is no such PNG, or a text is too long for any page. Nothing was made.
    """
    from records.reports.pdf.document import set_document  # loads reportlab: 0.1 s that only a report should cost

    return set_document(content, pictures)
