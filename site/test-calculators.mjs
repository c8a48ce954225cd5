// The calculators without a browser: node --test site/test-calculators.mjs
//
// The rows of tests/calculators are asked here; tests/calculators/kernel makes the same rows for real.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as capsets from './theme/capsets.mjs'
import * as idmap from './theme/idmap.mjs'

const rows = (name) =>
  readFileSync(new URL(`../tests/calculators/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .map((line, at) => ({ at: `${name}:${at + 1}`, cells: line.split('\t') }))
    .filter(({ cells }) => cells.length > 1 && !cells[0].startsWith('#'))

// --- ids ---

const ids = (it) => `${it.uid}:${it.gid}`
const taken = (text) => {
  try {
    idmap.parseMap(text)
    return 'yes'
  } catch (problem) {
    assert(problem instanceof idmap.Refused, problem)
    return 'EINVAL'
  }
}

const answers = {
  map: ([text]) => [taken(text)],
  file([map, mount, who, power, file]) {
    const found = idmap.lookAt({
      map: idmap.parseMap(map),
      mount: mount === '-' ? null : idmap.parseMap(mount),
      who: idmap.parseIds(who),
      override: power === 'override',
      file: idmap.parseFile(file),
    })
    const may = (it) => (it.allowed ? 'yes' : 'EACCES')
    return [ids(found.shown), may(found.read), may(found.write), found.created.error ?? ids(found.created)]
  },
  overlap([one, other]) {
    const shared = idmap.overlaps(idmap.parseMap(one), idmap.parseMap(other))
    return [shared.map((it) => [it.outside, it.size, it.one, it.other].join(':')).join(',') || 'nothing']
  },
}

test('the id-map calculator says what the rows say', () => {
  const all = rows('idmap.tsv')
  for (const { at, cells: [kind, ...cells] } of all) {
    const said = answers[kind](cells)
    assert.deepEqual(said, cells.slice(-said.length), at)
  }
  assert(all.length > 40)
})

test('what is no map is refused in words', () => {
  for (const text of ['', '0:1', '0:1:2:3', '-1:0:1', '0x1:0:1', '0:1:99999999999', 'a:b:c', '1e3:0:1'])
    assert.throws(() => idmap.parseMap(text), idmap.Refused, text)
  assert.throws(() => idmap.parseMap(Array.from({ length: 341 }, (_, n) => `${n}:${n}:1`).join('\n')), /340/)
  assert.deepEqual(idmap.parseMap(' 0 100000\t65536 \n'), [{ inside: 0, outside: 100000, size: 65536 }])
  for (const text of ['0:0:999', '0:0', '0:0:64', '0:4294967295:644']) assert.throws(() => idmap.parseFile(text), idmap.Refused, text)
  assert.throws(() => idmap.lookAt({ map: idmap.parseMap('0:1:1'), who: { uid: 1, gid: 0 }, file: idmap.parseFile('0:0:644') }), /nobody's id/)
})

// --- capabilities ---

const setsIn = (text) => Object.fromEntries(text.split('/').map((set, at) => [capsets.SETS[at], capsets.maskOf(set)]))
const shownState = (it) => `${it.uids.real}:${it.uids.effective}:${it.uids.saved} ${capsets.SETS.map((name) => capsets.textOf(it[name])).join('/')}`

function fileIn(text, caps) {
  const [owner, ...words] = text.split(',')
  const [permitted, inheritable, bit] = caps.split('/')
  const own = caps === '-' ? null : { permitted: capsets.maskOf(permitted), inheritable: capsets.maskOf(inheritable), effective: bit === 'e' }
  return { owner: Number(owner), setuid: words.includes('setuid'), nosuid: words.includes('nosuid'), caps: own }
}

// What stands in the last two columns.
function calculated([uids, sets, switches, change, file, caps]) {
  const words = switches === '-' ? [] : switches.split(',')
  const securebits = words.filter((word) => word !== 'no_new_privs')
  const noNewPrivs = words.includes('no_new_privs')
  let state = capsets.requirePossible({ uids: capsets.parseUids(uids), ...setsIn(sets), securebits, noNewPrivs })
  let changed = '-'
  if (change !== '-') {
    const next = capsets.changeUids(state, capsets.parseUids(change))
    if (next.error) return [next.error, '-']
    state = next.state
    changed = shownState(state)
  }
  const after = capsets.execve(state, fileIn(file, caps))
  return [changed, after.error ?? shownState(after.state), capsets.dependsOnKernel(state)]
}

test('the capability calculator says what the rows say', () => {
  const all = rows('capabilities.tsv')
  for (const { at, cells } of all) {
    const [changed, after, depends] = calculated(cells)
    assert.deepEqual([changed, after], cells.slice(7), at)
    if (depends) assert.notEqual(cells[6], '-', `${at}: the page says that this depends on the kernel`)
  }
  assert(all.length > 100)
})

test('the names are those of chapter 07, and so are its ten', () => {
  const source = readFileSync(new URL('../chapters/07-capabilities/capability_table.cpp', import.meta.url), 'utf8')
  const found = [...source.matchAll(/Capability\{CAP_\w+,\s*"(\w+)",\s*(kept|dropped)/g)]
  assert.deepEqual(found.map((it) => it[1]), capsets.NAMES)
  assert.equal(capsets.maskOf(found.filter((it) => it[2] === 'kept').map((it) => it[1]).join()), capsets.TEN)
})

test('sets as they are typed, and what no process can have', () => {
  assert.equal(capsets.maskOf('CAP_CHOWN, dac_override'), 3n)
  assert.equal(capsets.maskOf('all -chown'), capsets.ALL - 1n)
  assert.equal(capsets.maskOf(''), 0n)
  for (const text of ['all', 'none', 'ten', 'chown,kill', 'all,-net_raw']) assert.equal(capsets.textOf(capsets.maskOf(text)), text)
  for (const text of ['chwon', '1', '--', 'cap_']) assert.throws(() => capsets.maskOf(text), capsets.Refused, text)
  for (const text of ['', '1:2', '0:0:4294967295', '-1', 'root']) assert.throws(() => capsets.parseUids(text), capsets.Refused, text)
  const none = { inheritable: 0n, permitted: 0n, effective: 0n, bounding: 0n, ambient: 0n }
  assert.throws(() => capsets.requirePossible({ ...none, effective: 1n }), /effective/)
  assert.throws(() => capsets.requirePossible({ ...none, permitted: 1n, ambient: 1n }), /ambient/)
})
