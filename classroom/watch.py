"""make watch-NN: checks again whenever one of the chapter's files was saved, in whatever way an editor does that."""
import subprocess
import sys
import time
from pathlib import Path

import catalog
import desk

SECONDS = 0.5


def look(chapter):
    """The files that count, as they are now: name -> what tells a change. Locks, backups and swap files are no work."""
    found = {}
    for name in catalog.files(chapter):
        try:
            # The contents: an editor may write another file and rename it, and not every disk has fine times.
            found[name] = (desk.of_chapter(chapter) / name).read_bytes()
        except OSError:
            found[name] = None  # between two files of one name, or gone
    return found


def watch(chapter, rounds=None):
    """Until Ctrl-C, or for so many looks."""
    if not desk.of_chapter(chapter).exists():
        sys.exit(f"There is no {desk.shown(desk.of_chapter(chapter))} yet: make exercise-{chapter}")
    print(f"Watching {desk.shown(desk.of_chapter(chapter))}; Ctrl-C ends it.", flush=True)
    checked, before = None, None
    while rounds is None or rounds > 0:
        now = look(chapter)
        # What is still being written, or renamed, is looked at again first.
        if now != checked and now == before:
            checked = now
            print(f"\n--- {time.strftime('%H:%M:%S')} ---", flush=True)
            # Apart, so that what it says at its end does not end this.
            subprocess.run([sys.executable, Path(__file__).with_name("student"), "check", chapter], check=False)
        before = now
        time.sleep(SECONDS if checked else 0.1)
        rounds = rounds and rounds - 1
