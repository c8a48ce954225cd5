"""What the container is given in which a class is graded with HOST=1."""
import re
import shutil
import subprocess
from pathlib import Path

from builder import BUILD
from catalog import PROJECT


def make_etc(directory):
    """Of /etc what programs take to run, and nothing that is this machine's own: a report may show what a submission prints."""
    for name in ("alternatives", "ld.so.conf.d"):
        if Path("/etc", name).is_dir():
            shutil.copytree(f"/etc/{name}", directory / name, symlinks=True)
    for name in ("ld.so.cache", "ld.so.conf", "nsswitch.conf"):
        if Path("/etc", name).exists():
            shutil.copy2(f"/etc/{name}", directory / name)
    (directory / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n")
    (directory / "group").write_text("root:x:0:\ntty:x:5:\nnogroup:x:65534:\n")
    for name in ("subuid", "subgid"):  # what is granted, tests say in files of their own over these
        (directory / name).write_text("")


def dropped_capabilities():
    """What this launcher itself has not: it cannot be kept, and need not be."""
    mask = int(re.search(r"^CapEff:\s*(\w+)", Path("/proc/self/status").read_text(), re.M)[1], 16)
    listed = subprocess.run([BUILD / "chapter-10", "--list-capabilities"], stdout=subprocess.PIPE, text=True, check=True).stdout
    # In the order of their numbers.
    names = re.findall(r"^(?:kept|dropped) +CAP_(\w+)", listed, re.M)
    return [word for number, name in enumerate(names) if not mask >> number & 1 for word in ("--cap-drop", name)]


def ask_groups(*words):
    """What a function of groups.bash says."""
    return subprocess.run(["bash", "-c", 'source "$0" && "$@"', PROJECT / "classroom/groups.bash", *words], start_new_session=True, check=True,
                          stdout=subprocess.PIPE, text=True).stdout
