"""How a submission is known again: by the files that are taken of it. Used where results are packed, and at Gradescope."""
import hashlib
import json

import intake
from archive import Refused


def taken(student, names, folder):
    """name -> text, as grade-class takes it. `student`: a directory or an archive, or an entries.Student."""
    try:
        return (student.take(names, folder) if hasattr(student, "take") else intake.take(student, names, folder))[0]
    except Refused:
        return {}


def digest(texts):
    """The same for the same texts, whatever folders they lay in."""
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
