"""What a student's probe is tried on: the finished chapter, one before it, and programs with one mistake."""
import hashlib
import os
import re
import tempfile
from pathlib import Path

import builder
import catalog
import regions

PROJECT = catalog.PROJECT


def mutants_of(exercise):
    """Their names; none in a hand-out."""
    listed = exercise.side("mutants")
    return listed.read_text().split() if listed.exists() else []


def mutant_program(chapter, name, directory):
    """Builds it, or finds it from last time."""
    patch = PROJECT / f"tests/mutants/{name}.patch"
    files = sorted(set(re.findall(r"^\+\+\+ b/(\S+)", patch.read_text(), re.M)))
    if any(PROJECT / file != catalog.chapter_folder(chapter) / file.rsplit("/", 1)[1] or not file.endswith(".cpp") for file in files):
        raise catalog.Fault(f"{patch}: for a probe it has to change .cpp files of chapter {chapter} alone")
    texts = {file: catalog.patched(regions.without_markers((PROJECT / file).read_text()), PROJECT / file, patch) for file in files}
    digest = hashlib.sha256("".join(texts.values()).encode()).hexdigest()[:16]
    program = directory / digest / f"chapter-{chapter}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        # Whoever looks for it meanwhile finds none, or a whole one.
        with tempfile.TemporaryDirectory(dir=directory) as new:
            sources = [Path(new) / file.rsplit("/", 1)[1] for file in texts]
            for source, text in zip(sources, texts.values()):
                source.write_text(text)
            builder.build(chapter, sources, Path(new) / program.name)
            os.replace(Path(new) / program.name, program)
    return program


def reference_targets(exercise, directory):
    """(status that the probe has to end with, program, check) of each."""
    found = []
    for check in exercise.checks:
        if check.name == "sound":
            found.append((0, builder.BUILD / f"chapter-{exercise.chapter}", check.name))
        elif check.name.startswith("reaches chapter "):
            found.append((1, builder.BUILD / f"chapter-{check.name[-2:]}", check.name))
        elif check.name.removeprefix("catches ") in mutants_of(exercise):
            found.append((1, mutant_program(exercise.chapter, check.name.removeprefix("catches "), directory), check.name))
    return found
