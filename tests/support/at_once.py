"""Attacks of the probe that are tried one after the other in one start: `probe each` (tests/probe/main.cpp).

What changes nothing is tried in the command's own process, the rest in a child each, with a + before it.
"""

# What a start of the last chapter keeps, whatever the host; each takes facts that every caller of this has.
IN_PROCESS = (
    "EX-01 EX-STDIO EX-02 EX-IGNORED EX-BLOCKED EX-UMASK EX-CWD EX-TIMERS EX-PERSONALITY EX-NICE EX-POLICY EX-IOPRIO EX-OOM "
    "USER-04 MNT-04 NS-10 NS-01 NS-02 NS-03 NS-07 NS-09 NET-01 MNT-02 MNT-03 MNT-08 MNT-14 DEV-01 DEV-02 DEV-04 DEV-08 "
    "DEV-09 DEV-SYS PTY-02 USER-01 CAP-01 CAP-02 CAP-04 CAP-05 CAP-06 CAP-07 CAP-12 SEC-11 SEC-12 EX-02-PROC EX-ARGV"
).split()
IN_A_CHILD = (
    "+EX-CORE +EX-KEYRING +DEV-SHM +DEV-KERNEL +CAP-13 +SEC-01 +SEC-04 +SEC-06 +SEC-07 +SEC-08 +SEC-08-NS +SEC-10 +SEC-13 "
    "+SEC-14 +SEC-15 +SEC-17 +SEC-19 +SEC-22 +NS-11 +USER-07 +RES-04 +RES-06 +RES-08 +RES-12 +RES-14"
).split()
# These need a hostile host (tests/support/hostile), which has something to be found.
ON_A_HOSTILE_HOST = "NS-05-SYSV NS-05-MQ NS-06 NET-02 NET-03 DEV-10 +MNT-01 +MNT-17".split()

KEPT_CAPABILITIES = 0x405FB  # as in tests/support/attacks.bash


def ids(attacks):
    """Their names, wherever they are tried."""
    return [attack.lstrip("+") for attack in attacks]


def verdicts(output):
    """id -> verdict, of the lines that the probe has printed."""
    found = {}
    for line in output.splitlines():
        words = line.split(" ", 2)
        if len(words) > 1 and words[0] in ("BLOCKED", "REACHED", "NOT-TESTABLE", "ATTEMPTED"):
            found[words[1]] = words[0]
    return found
