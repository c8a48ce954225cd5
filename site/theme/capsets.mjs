// The five sets of capabilities, through a change of user ids and an execve(2), as the kernel reckons
// (capabilities(7), prctl(2), PR_SET_NO_NEW_PRIVS). Held against the kernel by tests/calculators/kernel.

import { Refused } from './refused.mjs'

export { Refused }

export const NAMES = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ')
export const ALL = (1n << BigInt(NAMES.length)) - 1n
// What this book's container keeps, chapter 07.
export const TEN = maskOf('chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service sys_chroot')
export const SETS = ['inheritable', 'permitted', 'effective', 'bounding', 'ambient']
export const SECUREBITS = ['noroot', 'no_setuid_fixup', 'keep_caps', 'no_cap_ambient_raise']
const LAST = 4294967294

// "all", "none", "ten", names with or without CAP_, and names to take away: "all -net_raw".
export function maskOf(text) {
  let mask = 0n
  for (const word of text.toUpperCase().split(/[\s,]+/).filter(Boolean)) {
    const name = word.replace(/^-/, '').replace(/^CAP_/, '')
    const at = NAMES.indexOf(name)
    if (at < 0 && !['ALL', 'NONE', 'TEN'].includes(name)) throw new Refused(`"${word.toLowerCase()}" is no capability`)
    const bits = name === 'ALL' ? ALL : name === 'NONE' ? 0n : name === 'TEN' ? TEN : 1n << BigInt(at)
    mask = word.startsWith('-') ? mask & ~bits : mask | bits
  }
  return mask
}

export const namesOf = (mask) => NAMES.filter((_, at) => mask & (1n << BigInt(at))).map((name) => name.toLowerCase())

// The shorter of the two ways to say it.
export function textOf(mask) {
  if (mask === 0n) return 'none'
  if (mask === ALL) return 'all'
  if (mask === TEN) return 'ten'
  const [has, lacks] = [namesOf(mask), namesOf(ALL & ~mask)]
  return has.length <= lacks.length ? has.join(',') : `all,-${lacks.join(',-')}`
}

export const within = (small, large) => (small & ~large) === 0n

export function parseUids(text) {
  const parts = text.trim().split(/[:\s]+/)
  if (parts.length === 1) parts.push(parts[0], parts[0])
  if (parts.length !== 3 || parts.some((it) => !/^\d{1,10}$/.test(it) || +it > LAST))
    throw new Refused(`"${text}" is not REAL:EFFECTIVE:SAVED, three numbers up to ${LAST}, or one for all`)
  const [real, effective, saved] = parts.map(Number)
  return { real, effective, saved }
}

// Two of the five are bounded by others, at every moment.
export function requirePossible(it) {
  if (!within(it.effective, it.permitted)) throw new Refused(`effective holds more than permitted: ${textOf(it.effective & ~it.permitted)}`)
  const most = it.permitted & it.inheritable
  if (!within(it.ambient, most)) throw new Refused(`ambient may hold only what is both permitted and inheritable: ${textOf(it.ambient & ~most)} is not`)
  return it
}

const SETUID = maskOf('setuid')
const values = (uids) => [uids.real, uids.effective, uids.saved]

// setresuid(2). `it`: uids, the five sets, securebits (names), noNewPrivs. Returns the new state and why.
export function changeUids(it, uids) {
  const free = it.effective & SETUID
  if (!free && values(uids).some((id) => !values(it.uids).includes(id)))
    return { error: 'EPERM', why: ['a process without CAP_SETUID can only exchange the ids that it has'] }
  const next = { ...it, uids }
  const why = []
  if (it.securebits.includes('no_setuid_fixup')) {
    return { state: next, why: ['no_setuid_fixup: a change of ids changes no set'] }
  }
  const root = (all) => values(all).includes(0)
  if (root(it.uids) && !root(uids)) {
    if (it.securebits.includes('keep_caps')) why.push('the last 0 among the ids is gone, but keep_caps keeps what is permitted')
    else {
      next.permitted = next.effective = 0n
      why.push('the last 0 among the ids is gone: permitted and effective are emptied')
    }
    next.ambient = 0n
    why.push('with the last 0 goes all that is ambient, keep_caps or not')
  }
  if (it.uids.effective === 0 && uids.effective !== 0) {
    next.effective = 0n
    why.push('the effective id is no longer 0: the effective set is emptied')
  }
  if (it.uids.effective !== 0 && uids.effective === 0) {
    next.effective = next.permitted
    why.push('the effective id has become 0: all that is permitted becomes effective')
  }
  return { state: next, why: why.length ? why : ['no id went from 0 or to it: the sets stay'] }
}

// What the file counts as giving. `file`: owner, setuid, nosuid (its mount), and caps: null, or permitted,
// inheritable, and the effective bit. `uids`: with the effective id that the program will have.
function given(it, uids, file, why) {
  const caps = file.nosuid ? null : file.caps
  if (file.caps && file.nosuid) why.push('the mount is nosuid: the capabilities of the file do not count')
  const asRoot = uids.effective === 0 || uids.real === 0
  const mine = { permitted: caps?.permitted ?? 0n, inheritable: caps?.inheritable ?? 0n, effective: Boolean(caps?.effective), has: Boolean(caps) }
  if (it.securebits.includes('noroot')) {
    if (asRoot) why.push('noroot: user 0 is treated like anybody')
    return mine
  }
  if (caps && uids.effective === 0 && uids.real !== 0) {
    why.push('set-uid root with capabilities of its own: the capabilities count, not root')
    return mine
  }
  if (!asRoot) return mine
  why.push(uids.effective === 0 ? 'user 0: the file counts as giving all, and its effective bit as set' : 'the real id alone is 0: the file counts as giving all, but its effective bit is its own')
  return { permitted: ALL, inheritable: ALL, effective: uids.effective === 0 || mine.effective, has: mine.has }
}

// execve(2). Returns the state after it, the terms of the formula, and why; or an error.
export function execve(it, file) {
  const why = []
  const uids = { ...it.uids }
  if (file.setuid) {
    if (file.nosuid) why.push('the mount is nosuid: the set-uid bit does not count')
    else if (it.noNewPrivs) why.push('no_new_privs: the set-uid bit does not count')
    else uids.effective = file.owner
  }
  // "All that the file permits, or nothing": for programs that know nothing of capabilities.
  const own = file.nosuid ? null : file.caps
  if (own?.effective && !within(own.permitted, (own.permitted & it.bounding) | (own.inheritable & it.inheritable)))
    return { error: 'EPERM', why: ['the effective bit of the file is set, and the bounding set lacks some of what it permits: it is not started at all'] }
  const gives = given(it, uids, file, why)
  let permitted = (it.bounding & gives.permitted) | (it.inheritable & gives.inheritable)
  const changed = uids.effective !== it.uids.effective
  if (it.noNewPrivs && (changed || !within(permitted, it.permitted))) {
    why.push('no_new_privs: what was not permitted before is not permitted now')
    if (uids.effective !== uids.real) why.push('no_new_privs: and the effective id goes back to the real one')
    uids.effective = uids.real
    permitted &= it.permitted
  }
  uids.saved = uids.effective
  const privileged = gives.has || changed
  const ambient = privileged ? 0n : it.ambient
  if (privileged && it.ambient) why.push('a privileged file (set-uid to another user, or with capabilities): ambient is emptied')
  permitted |= ambient
  const effective = gives.effective ? permitted : ambient
  if (it.securebits.includes('keep_caps')) why.push('keep_caps is switched off by execve')
  const state = { ...it, uids, permitted, effective, ambient, securebits: it.securebits.filter((bit) => bit !== 'keep_caps') }
  return { state, gives, privileged, why }
}

// Up to Linux 6.16 another question was asked: whether the new effective id is other than the old *real* one.
export const dependsOnKernel = (it) => it.uids.real !== it.uids.effective && (it.ambient !== 0n || it.noNewPrivs)
