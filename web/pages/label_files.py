"""Labels as their carriers made them: whoever asks for paper and there is none gets what label printers read."""

from typing import Any
from uuid import UUID

from flask import redirect, request

from web.guard import View
from web.problems import Problem


def or_for_label_printer(paper: View) -> View:
    """The view of FORM.pdf, which leads to FORM.zpl where the labels are for label printers alone."""

    def view(document_id: UUID) -> Any:
        try:
            return paper(document_id=document_id)
        except Problem as problem:
            if problem.code != "label_is_zpl":
                raise
            return redirect(f"{request.path.removesuffix('pdf')}zpl")

    return view
