// The filter stepper without a browser: FILTERS=build/filters.txt node --test site/test-filter.mjs
//
// It walks the real filters, and its answers are those of tests/golden, which the unit tests' interpreter has written.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as bpf from './theme/bpf.mjs'

const project = new URL('../', import.meta.url)
const text = readFileSync(process.env.FILTERS ?? new URL('build/filters.txt', project), 'utf8')
const data = bpf.parseFilters(text)
const architectures = ['x86_64', 'aarch64']
const call = (architecture, name, ...args) => ({
  nr: typeof name === 'number' ? name : data.calls[architecture][name],
  arch: data.architectures[architecture],
  args: Array.from({ length: 6 }, (_, at) => bpf.parseArgument(args[at] ?? '0')),
})
const answer = (policy, architecture, ...asked) => bpf.answerName(bpf.walk(data.filters[policy][architecture], call(architecture, ...asked)).answer)

// A row of tests/golden as questions: [call or number, arguments, answer, name that the number has].
function questions(what, which, those) {
  if (architectures.includes(what))
    return those.split(' ').map((it, at) => [Number(which) + at, [], it.split('=')[1] ?? 'allow', it.split('=')[0]])
  const [name, ...before] = what.split(' ')
  return those.split(' ').map((last) => [name, [...before, last], which])
}

test('every call of the golden tables gets the same answer', () => {
  let asked = 0
  for (const policy of ['default', 'series']) {
    const rows = readFileSync(new URL(`tests/golden/seccomp-${policy}.tsv`, project), 'utf8').split('\n')
    for (const [what, which, those] of rows.filter((row) => row && !row.startsWith('#')).map((row) => row.split('\t'))) {
      for (const architecture of architectures.includes(what) ? [what] : architectures) {
        for (const [name, args, said, known] of questions(what, which, those)) {
          if (typeof name === 'string' && data.calls[architecture][name] === undefined) continue
          assert.equal(answer(policy, architecture, name, ...args), said, `${policy}, ${architecture}: ${name} ${args}`)
          if (known && known !== '?') assert.equal(data.calls[architecture][known], name, known)
          asked++
        }
      }
    }
  }
  assert(asked > 5000, `${asked}`)
})

test('what is walked through is what --dump-seccomp prints', () => {
  const native = { x64: 'x86_64', arm64: 'aarch64' }[process.arch]
  for (const [policy, ...options] of [['default'], ['series', '--seccomp', 'series'], ['cap-add-all', '--cap-add', 'ALL']]) {
    const printed = execFileSync(fileURLToPath(new URL(`${process.env.TINCAN_BUILD ?? 'build'}/chapter-08`, project)), [...options, '--dump-seccomp'], { encoding: 'utf8' })
    assert.deepEqual(data.filters[policy][native], bpf.parseProgram(printed), policy)
  }
})

test('an instruction is counted once, a jump goes where it says, and the last comparison decides', () => {
  const walked = bpf.walk(data.filters.default.x86_64, call('x86_64', 'ioctl', '0', 'TIOCGWINSZ'))
  walked.steps.reduce((before, it) => (assert(before.at < it.at), it))
  assert.equal(walked.steps[0].at, 0)
  assert.equal(walked.steps.at(-1).answer, 0x7fff0000)
  assert(walked.steps[walked.decidedBy].compared)
  assert(walked.steps.slice(walked.decidedBy + 1).every((it) => !it.compared))
  assert.deepEqual(walked.looksAt, [1])
  assert.deepEqual(bpf.walk(data.filters.default.x86_64, call('x86_64', 'read')).looksAt, [])
})

// policy, architecture, call with arguments; then the answer to it, and to each way round it.
const rounds = [
  ['default', 'x86_64', ['unshare', 'CLONE_NEWUSER'], 'EPERM', { x32: 'kill', foreign: 'kill', clone3: 'ENOSYS', io_uring: 'EPERM', newer: 'ENOSYS' }],
  ['series', 'x86_64', ['unshare', 'CLONE_NEWUSER'], 'EPERM', { x32: 'kill', foreign: 'kill', high: 'EPERM', clone3: 'allow', io_uring: 'allow', newer: 'allow' }],
  ['cap-add-all', 'x86_64', ['unshare', 'CLONE_NEWUSER'], 'allow', { x32: 'kill', foreign: 'kill', clone3: 'allow', io_uring: 'EPERM', newer: 'ENOSYS' }],
  ['default', 'x86_64', ['ioctl', '0', 'TIOCSTI'], 'EPERM', { high: 'EPERM', foreign: 'kill' }],
  ['default', 'x86_64', ['ioctl', '0', 'TIOCGWINSZ'], 'allow', { high: 'allow' }],
  ['default', 'aarch64', ['ioctl', '0', 'TIOCSTI'], 'EPERM', { high: 'EPERM', foreign: 'kill', x32: undefined, clone3: 'ENOSYS', io_uring: 'EPERM', newer: 'ENOSYS' }],
  ['series', 'aarch64', ['unshare', 'CLONE_NEWUSER'], 'EPERM', { foreign: 'kill', clone3: 'allow', io_uring: 'allow' }],
]

test('what would get round it: the answers of each filter', () => {
  for (const [policy, architecture, asked, said, ways] of rounds) {
    const program = data.filters[policy][architecture]
    const it = call(architecture, ...asked)
    assert.equal(bpf.answerName(bpf.walk(program, it).answer), said, asked.join(' '))
    const found = Object.fromEntries(bpf.waysRound(data, program, architecture, it).map((way) => [way.kind, way.answer]))
    for (const [kind, answered] of Object.entries(ways)) assert.equal(found[kind], answered, `${policy} ${architecture} ${asked.join(' ')} by ${kind}`)
  }
  const twins = bpf.waysRound(data, data.filters.series.x86_64, 'x86_64', call('x86_64', 'chmod', '0', 'S_ISUID')).filter((way) => way.allowed).map((way) => way.title)
  for (const name of ['By open', 'By openat', 'By fchmodat2']) assert(twins.includes(name), name)
  for (const name of ['By fchmod', 'By fchmodat']) assert(!twins.includes(name), `${name}: the mode is looked for in its own place`)
})

// A filter that asks for no architecture, compares 64 bits, and takes TIOCSTI for a mask: the stepper must be able to say so.
test('a bad filter is shown to be one', () => {
  const forgetful = bpf.parseProgram(['0  20 00 00 00000000  ', '1  15 00 01 00000110  ', '2  06 00 00 00050001  ', '3  06 00 00 7fff0000  '].join('\n'))
  const ways = bpf.waysRound(data, forgetful, 'x86_64', call('x86_64', 'unshare', 'CLONE_NEWUSER'))
  assert.equal(ways.find((way) => way.kind === 'foreign').answer, 'allow')
  assert.equal(ways.find((way) => way.kind === 'x32').answer, 'allow')
  const wide = bpf.parseProgram(['0 20 00 00 00000018', '1 15 00 03 00005412', '2 20 00 00 0000001c', '3 15 00 01 00000000', '4 06 00 00 00050001', '5 06 00 00 7fff0000'].join('\n'))
  assert.equal(bpf.answerName(bpf.walk(wide, call('x86_64', 'ioctl', '0', 'TIOCSTI')).answer), 'EPERM')
  assert.equal(bpf.waysRound(data, wide, 'x86_64', call('x86_64', 'ioctl', '0', 'TIOCSTI')).find((way) => way.kind === 'high').answer, 'allow')
})

test('other instructions, and what is none', () => {
  const program = (...lines) => bpf.parseProgram(lines.map((line, at) => `${at} ${line}`).join('\n'))
  const returned = (...lines) => bpf.walk(program(...lines), call('x86_64', 'read')).answer
  assert.equal(returned('00 00 00 00000005', '54 00 00 00000004', '16 00 00 00000000'), 4)
  assert.equal(returned('00 00 00 ffffffff', '04 00 00 00000002', '16 00 00 00000000'), 1)
  assert.equal(returned('00 00 00 00000006', '45 00 01 00000002', '06 00 00 00000001', '06 00 00 00000002'), 1)
  assert.equal(returned('00 00 00 00000006', '25 01 00 00000006', '05 00 00 00000001', '06 00 00 00000001', '06 00 00 00000002'), 2)
  for (const lines of [['28 00 00 00000000'], ['20 00 00 00000040', '06 00 00 00000000'], ['20 00 00 00000002', '06 00 00 00000000'], ['05 00 00 00000009']])
    assert.throws(() => returned(...lines), bpf.Refused, lines.join())
  for (const dump of ['', 'hello', '0 20 00 00 0', '1 06 00 00 00000000']) assert.throws(() => bpf.parseProgram(dump), bpf.Refused, dump)
})

test('arguments as in C', () => {
  const values = { '0x5412': 0x5412n, 'TIOCSTI | 1<<32': 0x100005412n, '04755': 0o4755n, '-1': 0xffffffffffffffffn, '': 0n, 'CLONE_NEWUSER|SIGCHLD': 0x10000011n }
  for (const [written, value] of Object.entries(values)) assert.equal(bpf.parseArgument(written), value, written)
  for (const written of ['TIOCSTY', '0x', '1 | ', '08', '1<<64', '1.5', 'constructor']) assert.throws(() => bpf.parseArgument(written), bpf.Refused, written)
})
