"""The rows of capabilities.tsv, made for real: a process with these ids and sets changes its ids and starts a file
that has these capabilities. The file is a copy of cat(1), and prints /proc/self/status."""
import errno
import os
import re
import shutil
from functools import partial

import calls

NAMES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT
SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()


def own_capabilities():
    """What root has here. In a container it may lack some: they are then left out of all sets, of every row alike, which
    changes no answer, for the kernel reckons bit by bit."""
    sets = re.findall(r"^Cap(?:Prm|Bnd):\t(\w+)", status(), re.M)
    return int(sets[0], 16) & int(sets[1], 16) & (1 << len(NAMES)) - 1


def status():
    with open("/proc/self/status", encoding="utf-8") as file:
        return file.read()


ALL = own_capabilities()
TEN = "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,sys_chroot"
SECUREBITS = {"noroot": 1 << 0, "no_setuid_fixup": 1 << 2, "keep_caps": 1 << 4, "no_cap_ambient_raise": 1 << 6}
MS_NOSUID = 2


def mask_of(text):
    mask = 0
    for word in (TEN if text == "ten" else text).upper().split(","):
        name = word.lstrip("-")
        bits = ALL if name == "ALL" else 0 if name == "NONE" else 1 << NAMES.index(name) & ALL
        mask = mask & ~bits if word.startswith("-") else mask | bits
    return mask


def masks_of(text):
    """inheritable/permitted/effective/bounding/ambient"""
    return [mask_of(part) for part in text.split("/")]


def become(ids, sets, switches):
    """From root with everything to the state of a row. The order is what the kernel lets one do."""
    inheritable, permitted, effective, bounding, ambient = sets
    calls.call("prctl", calls.PR_SET_SECUREBITS, calls.NO_SETUID_FIXUP, 0, 0, 0)
    calls.capset(ALL, ALL, inheritable)
    for number in range(64):
        if not bounding >> number & 1 and calls.LIBC.prctl(calls.PR_CAPBSET_READ, number, 0, 0, 0) == 1:
            calls.call("prctl", calls.PR_CAPBSET_DROP, number, 0, 0, 0)
    os.setgroups([])
    os.setresuid(*ids)
    for number in range(len(NAMES)):
        if ambient >> number & 1:
            calls.call("prctl", calls.PR_CAP_AMBIENT, calls.PR_CAP_AMBIENT_RAISE, number, 0, 0)
    bits = sum(SECUREBITS[name] for name in switches if name != "no_new_privs")
    calls.call("prctl", calls.PR_SET_SECUREBITS, bits, 0, 0, 0)
    calls.capset(effective, permitted, inheritable)
    if "no_new_privs" in switches:
        calls.call("prctl", calls.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def state_in(text):
    """Of /proc/PID/status: REAL:EFFECTIVE:SAVED and the five sets, as numbers."""
    uids = re.search(r"^Uid:\t(\d+)\t(\d+)\t(\d+)", text, re.M)
    sets = [int(re.search(rf"^{name}:\t(\w+)", text, re.M)[1], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
    return ":".join(uids.groups()), sets


def start(row, program, writer):
    """In the child: never comes back."""
    os.dup2(writer, 1)
    become(row["ids"], row["sets"], row["switches"])
    if row["change"]:
        try:
            os.setresuid(*row["change"])
        except OSError as problem:
            os.write(1, f"{errno.errorcode[problem.errno]}\n".encode())
            return
    os.write(1, status().encode() + b"====\n")
    try:
        os.execv(program, ["cat", "/proc/self/status"])
    except OSError as problem:
        os.write(1, f"{errno.errorcode[problem.errno]}\n".encode())


def program_of(row, directory):
    path = f"{directory}/{'nosuid' if 'nosuid' in row['file'] else 'exec'}/cat"
    if os.path.exists(path):
        os.unlink(path)
    shutil.copy("/bin/cat", path)
    os.chown(path, int(row["file"][0]), 0)
    os.chmod(path, 0o4755 if "setuid" in row["file"] else 0o755)
    if row["caps"]:
        permitted, inheritable, effective = row["caps"]
        calls.set_file_capabilities(path, mask_of(permitted), mask_of(inheritable), effective == "e")
    return path


def parse(cells):
    ids, sets, switches, change, file, caps = cells[:6]
    numbers = [int(it) for it in ids.split(":")]
    return {"ids": numbers, "sets": masks_of(sets), "switches": [] if switches == "-" else switches.split(","),
            "change": None if change == "-" else [int(it) for it in change.split(":")], "file": file.split(","),
            "caps": None if caps == "-" else caps.split("/")}


def agrees(seen, said):
    """A state of /proc/PID/status, or an error, against a row's "IDS SETS" or error."""
    if "\t" not in seen or " " not in said:
        return seen.strip() == said
    ids, sets = said.split(" ")
    return state_in(seen) == (ids, masks_of(sets))


def described(seen):
    if "\t" not in seen:
        return seen.strip()
    ids, sets = state_in(seen)
    return ids + " " + "/".join(f"{mask:x}" for mask in sets)


def try_rows(rows, temporary, faults):
    for name, flags in (("exec", 0), ("nosuid", MS_NOSUID)):
        os.mkdir(f"{temporary}/{name}")
        calls.call("mount", b"none", os.fsencode(f"{temporary}/{name}"), b"tmpfs", flags, b"mode=755")
    release = tuple(int(it) for it in re.match(r"(\d+)\.(\d+)", os.uname().release).groups())
    tried = left = 0
    for number, cells in rows:
        since = cells[6]
        if since != "-" and release < tuple(int(it) for it in since.split(".")):
            left += 1
            continue
        row = parse(cells)
        tried += 1
        changed, _, after = calls.in_child(partial(start, row, program_of(row, temporary))).partition("====\n")
        # Where the change of ids failed, nothing was started.
        for what, seen, said in (("after the change of ids", changed, cells[7]), ("after execve", after, cells[8])):
            if said != "-" and not agrees(seen, said):
                faults.append(f"capabilities.tsv:{number}: {what} the kernel says {described(seen)}, the row {said}")
    return tried, left
