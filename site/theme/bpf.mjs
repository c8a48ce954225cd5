// A seccomp filter, walked as the kernel walks it: from what --dump-seccomp prints. The machine is the classic BPF of
// seccomp(2): one number A, jumps forward only, and an answer at the end.

import { Refused } from './refused.mjs'

export { Refused }

const hex = (value) => `0x${value.toString(16)}`
// The number of a call is said as the dump says it; what else A may hold, in hexadecimal.
const shown = (value, loaded) => (loaded === 0 && value < 4096 ? String(value) : hex(value))
const line = /^\s*(\d+)\s+([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{8})\s*(.*)$/

// The lines of a dump as instructions.
export function parseProgram(text) {
  const program = text.split('\n').filter((it) => it.trim()).map((it) => {
    const found = line.exec(it)
    if (!found) throw new Refused(`"${it.trim().slice(0, 60)}" is no line of --dump-seccomp`)
    const [code, jt, jf, k] = found.slice(2, 6).map((field) => parseInt(field, 16))
    return { at: Number(found[1]), code, jt, jf, k, text: found[6] }
  })
  if (!program.length) throw new Refused('there is no instruction')
  if (program.some((it, at) => it.at !== at)) throw new Refused('a line is missing: the numbers on the left do not follow each other')
  return program
}

// The sections of what tests/filters prints.
export function parseFilters(text) {
  const data = { filters: {}, calls: {}, architectures: {} }
  for (const section of text.split(/^== /m).slice(1)) {
    const [head, ...lines] = section.split('\n')
    const words = head.split(' ')
    const [architecture, number] = words.slice(-2)
    data.architectures[architecture] = Number(number)
    if (words[0] === 'filter') (data.filters[words[1]] ??= {})[architecture] = parseProgram(lines.join('\n'))
    else data.calls[architecture] = Object.assign(Object.create(null), Object.fromEntries(lines.filter(Boolean).map((it) => it.split(' ')).map(([nr, name]) => [name, Number(nr)])))
  }
  return data
}

const low = (value) => Number(BigInt.asUintN(32, value))
const high = (value) => Number(BigInt.asUintN(32, value >> 32n))

// struct seccomp_data, as 32-bit words of a little-endian machine.
function word(data, offset) {
  const words = [data.nr >>> 0, data.arch >>> 0, 0, 0, ...data.args.flatMap((it) => [low(it), high(it)])]
  if (offset % 4 || offset / 4 >= words.length) throw new Refused(`a load from byte ${offset}, outside of struct seccomp_data`)
  return words[offset / 4]
}

// What stands in the low three bits of an instruction is its class, linux/bpf_common.h.
const COMPARE = { 0x10: ['==', (a, k) => a === k], 0x20: ['>', (a, k) => a > k], 0x30: ['>=', (a, k) => a >= k], 0x40: ['has a bit of', (a, k) => (a & k) !== 0] }
const RECKON = { 0x00: (a, k) => a + k, 0x10: (a, k) => a - k, 0x40: (a, k) => a | k, 0x50: (a, k) => a & k, 0x60: (a, k) => (k > 31 ? 0 : a << k), 0x70: (a, k) => (k > 31 ? 0 : a >>> k) }

function step(it, a, data, loaded) {
  if (it.code === 0x20) return { a: word(data, it.k), loads: it.k }
  if (it.code === 0x00) return { a: it.k }
  if (it.code === 0x06) return { a, answer: it.k }
  if (it.code === 0x16) return { a, answer: a }
  if (it.code === 0x05) return { a, skip: it.k }
  const operation = it.code & 0xf0
  if ((it.code & 0x0f) === 0x04 && RECKON[operation]) return { a: RECKON[operation](a, it.k) >>> 0 }
  if ((it.code & 0x0f) === 0x05 && COMPARE[operation]) {
    const [sign, holds] = COMPARE[operation]
    const yes = holds(a, it.k)
    return { a, compared: `${shown(a, loaded)} ${sign} ${shown(it.k, loaded)}`, yes, skip: yes ? it.jt : it.jf }
  }
  throw new Refused(`instruction ${it.at} has the code ${hex(it.code)}, which no filter here needs`)
}

// Every instruction that one call comes to, in order; the answer; and the comparison that decided: the last one.
// `data`: nr, arch, args (six BigInt).
export function walk(program, data) {
  const steps = []
  let a = 0
  let loaded = null
  for (let at = 0; ; ) {
    const it = program[at]
    if (!it) throw new Refused(`a jump to ${at}, behind the end`)
    const made = step(it, a, data, loaded)
    loaded = made.loads ?? loaded
    steps.push({ ...it, ...made, shown: shown(made.a, loaded) })
    a = made.a
    if (made.answer !== undefined) break
    at += 1 + (made.skip ?? 0)
  }
  const loads = new Set(steps.map((it) => it.loads).filter((it) => it >= 16).map((it) => Math.floor((it - 16) / 8)))
  return { steps, answer: steps.at(-1).answer, decidedBy: steps.findLastIndex((it) => it.compared), looksAt: [...loads].sort() }
}

const ERRNO = { 1: 'EPERM', 13: 'EACCES', 22: 'EINVAL', 38: 'ENOSYS', 65: 'ENOPKG', 92: 'ENOPROTOOPT', 93: 'EPROTONOSUPPORT', 97: 'EAFNOSUPPORT' }
const ACTION = { 0x80000000: 'kill', 0x00000000: 'kill one thread', 0x00030000: 'SIGSYS', 0x7fc00000: 'ask a supervisor', 0x7ff00000: 'ask the tracer', 0x7ffc0000: 'log, and allow', 0x7fff0000: 'allow' }
const ACTION_PART = 0xffff0000

// SECCOMP_RET_* in the words of --dump-seccomp.
export function answerName(answer) {
  const action = (answer & ACTION_PART) >>> 0
  if (action === 0x00050000) return ERRNO[answer & 0xffff] ?? `errno ${answer & 0xffff}`
  return ACTION[action] ?? hex(answer)
}
export const isAllowed = (answer) => ['allow', 'log, and allow'].includes(answerName(answer))

// --- arguments ---

const NEW = { NEWNS: 0x20000, NEWCGROUP: 0x2000000, NEWUTS: 0x4000000, NEWIPC: 0x8000000, NEWUSER: 0x10000000, NEWPID: 0x20000000, NEWNET: 0x40000000 }
export const CONSTANTS = {
  ...Object.fromEntries(Object.entries(NEW).map(([name, bit]) => [`CLONE_${name}`, bit])),
  TIOCSTI: 0x5412, TIOCGWINSZ: 0x5413, TIOCLINUX: 0x541c, TIOCSETD: 0x5423,
  AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16, AF_PACKET: 17, AF_ALG: 38, AF_VSOCK: 40,
  SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_SEQPACKET: 5, SOCK_NONBLOCK: 0o4000, SOCK_CLOEXEC: 0o2000000,
  IPPROTO_TCP: 6, IPPROTO_UDP: 17, IPPROTO_SCTP: 132, IPPROTO_MPTCP: 262, TCP_ULP: 31,
  S_ISUID: 0o4000, S_ISGID: 0o2000, SIGCHLD: 17,
}

// "CLONE_NEWUSER | SIGCHLD", "0x5412 | 1<<32", "-1", "04755" as in C.
export function parseArgument(text) {
  let value = 0n
  for (const part of text.split('|').map((it) => it.trim())) {
    if (part === '' && text.trim() === '') continue
    const shift = /^1\s*<<\s*(\d{1,2})$/.exec(part)
    if (Object.hasOwn(CONSTANTS, part)) value |= BigInt(CONSTANTS[part])
    else if (shift && +shift[1] < 64) value |= 1n << BigInt(shift[1])
    else if (/^0[0-7]+$/.test(part)) value |= BigInt(`0o${part.slice(1)}`)
    else if (/^(0x[0-9a-fA-F]{1,16}|-?(0|[1-9]\d{0,18}))$/.test(part)) value |= BigInt.asUintN(64, BigInt(part))
    else throw new Refused(`"${part || text}" is no number and no name that is known here`)
  }
  return BigInt.asUintN(64, value)
}

// --- what would get round it? ---

// Calls by which the same can be had. What has to be left to another layer (a path that is already open) is not here.
const SAME = [
  ['clone', 'unshare'],
  ['chmod', 'fchmod', 'fchmodat', 'fchmodat2', 'open', 'openat', 'creat'],
  ['mount', 'move_mount', 'fsopen', 'open_tree', 'mount_setattr'],
  ['umount2', 'mount_setattr', 'pivot_root'],
  ['socket', 'socketpair'],
  ['keyctl', 'add_key', 'request_key'],
  ['ptrace', 'process_vm_readv', 'process_vm_writev', 'pidfd_getfd'],
  ['init_module', 'finit_module'],
  ['kexec_load', 'kexec_file_load'],
  ['settimeofday', 'clock_settime', 'adjtimex', 'clock_adjtime'],
  ['mbind', 'migrate_pages', 'move_pages', 'set_mempolicy', 'set_mempolicy_home_node'],
]
// Where each has what counts: the flags, or the mode.
const WHERE = { clone: 0, unshare: 0, chmod: 1, fchmod: 1, fchmodat: 2, fchmodat2: 2, open: 2, openat: 3, creat: 1 }
const UNKNOWN = 599 // no kernel has it yet
const X32 = 0x40000000

export const nameOf = (data, architecture, nr) => Object.entries(data.calls[architecture] ?? {}).find(([, it]) => it === nr)?.[0] ?? String(nr)

function ask(program, way, call) {
  const { answer } = walk(program, call)
  return { ...way, answer: answerName(answer), allowed: isAllowed(answer) }
}

// The ways round, each with the answer of this very filter. `call`: nr, arch, args; `architecture` its name.
export function waysRound(data, program, architecture, call) {
  const name = nameOf(data, architecture, call.nr)
  const calls = data.calls[architecture]
  const ways = []
  const add = (way, changes) => ways.push(ask(program, way, { ...call, ...changes }))
  const [other, how] = architecture === 'x86_64' ? ['i386', 'int 0x80'] : ['arm', 'a 32-bit program']
  if (architecture === 'x86_64') add({ kind: 'x32', title: 'By its x32 number', says: `${call.nr} | 0x40000000: the same call of the same kernel, under another number` }, { nr: call.nr | X32 })
  const foreign = data.calls[other]?.[name]
  if (foreign !== undefined) add({ kind: 'foreign', title: `By ${how}`, says: `${name} is ${foreign} in the language of ${other}; ${foreign} here is ${nameOf(data, architecture, foreign)}` }, { nr: foreign, arch: data.architectures[other] })
  const seen = walk(program, call).looksAt
  if (seen.length) {
    const args = call.args.map((it, at) => (seen.includes(at) ? it | (1n << 32n) : it))
    add({ kind: 'high', title: 'By the high 32 bits', says: `argument ${seen.join(' and ')} | 1<<32: where the kernel takes an int, it does not see that bit` }, { args })
  }
  for (const twin of SAME.filter((all) => all.includes(name)).flat().filter((it) => it !== name && calls[it] !== undefined)) {
    const args = call.args.map((it, at) => (at === WHERE[twin] ? call.args[WHERE[name]] : it))
    add({ kind: 'twin', title: `By ${twin}`, says: 'another call by which some of the same can be had' }, { nr: calls[twin], args })
  }
  add({ kind: 'clone3', title: 'By clone3', says: 'all that clone can do, with the flags behind a pointer, where no filter sees them' }, { nr: calls.clone3, args: [0x7ffd0000n, 88n, 0n, 0n, 0n, 0n] })
  add({ kind: 'io_uring', title: 'By io_uring', says: 'not to call: the kernel finds the wish in shared memory, and no filter is asked' }, { nr: calls.io_uring_setup, args: [8n, 0x7ffd0000n, 0n, 0n, 0n, 0n] })
  add({ kind: 'newer', title: 'By a call of tomorrow', says: `number ${UNKNOWN}, which no kernel has yet` }, { nr: UNKNOWN, args: Array(6).fill(0n) })
  return ways
}
