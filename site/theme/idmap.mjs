// Whose is a file? The maps of user namespaces and of idmapped mounts, as the kernel reckons with them
// (user_namespaces(7), mount_setattr(2)). Held against the kernel by tests/calculators/kernel.

export const NOBODY = 65534 // shown for what stands in no map, /proc/sys/kernel/overflowuid
const LAST = 4294967294 // 4294967295 is (uid_t) -1: no id
const MOST_RANGES = 340

import { Refused } from './refused.mjs'

export { Refused }

const number = (text, what, least, most) => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1
  if (value < least || value > most) throw new Refused(`"${text}": ${what} is a decimal number from ${least} to ${most}`)
  return value
}

const meet = (a, firstA, b, firstB) => a[firstA] < b[firstB] + b.size && b[firstB] < a[firstA] + a.size
export const rangeText = (range) => `${range.inside}:${range.outside}:${range.size}`

function parseRange(text) {
  const parts = text.split(/[:\s]+/)
  if (parts.length !== 3) throw new Refused(`"${text}" is not INSIDE:OUTSIDE:SIZE`)
  const range = {
    inside: number(parts[0], 'an id', 0, LAST),
    outside: number(parts[1], 'an id', 0, LAST),
    size: number(parts[2], 'a size', 1, LAST + 1),
  }
  if (Math.max(range.inside, range.outside) + range.size > LAST + 1) throw new Refused(`${rangeText(range)} reaches beyond id ${LAST}`)
  return range
}

// Ranges as `--map` takes them, or as they stand in /proc/PID/uid_map: one a line, or with commas between.
export function parseMap(text) {
  const map = text.split(/[,\n]/).map((line) => line.trim()).filter(Boolean).map(parseRange)
  if (!map.length) throw new Refused('there is no range')
  if (map.length > MOST_RANGES) throw new Refused(`more than ${MOST_RANGES} ranges`)
  map.forEach((range, at) => {
    for (const other of map.slice(0, at)) {
      if (meet(other, 'inside', range, 'inside')) throw new Refused(`${rangeText(other)} and ${rangeText(range)} overlap inside`)
      if (meet(other, 'outside', range, 'outside')) throw new Refused(`${rangeText(other)} and ${rangeText(range)} overlap outside`)
    }
  })
  return map
}

const mapped = (map, id, from, to) => {
  const range = map.find((it) => id >= it[from] && id < it[from] + it.size)
  return range ? range[to] + (id - range[from]) : null
}
// null: the id stands in no range.
export const outsideOf = (map, inside) => mapped(map, inside, 'inside', 'outside')
export const insideOf = (map, outside) => (outside === null ? null : mapped(map, outside, 'outside', 'inside'))

// An idmapped mount shows a file of user 7 on disk as one of whoever 7 is in the mount's map. `mount` is null
// where there is none: then the kernel's number is the disk's.
export const fromDisk = (mount, id) => (mount ? outsideOf(mount, id) : id)
export const toDisk = (mount, id) => (mount ? insideOf(mount, id) : id)

// Both ids of a file or process, by the same map.
const both = (ids, change) => ({ uid: change(ids.uid), gid: change(ids.gid) })
const known = (ids) => ids.uid !== null && ids.gid !== null

// The three bits of `mode` that count for this process: exactly one class of the three.
function classOf(kernel, process, mode) {
  if (kernel.uid === process.uid) return { name: 'owner', bits: (mode >> 6) & 7 }
  if (kernel.gid === process.gid) return { name: 'group', bits: (mode >> 3) & 7 }
  return { name: 'others', bits: mode & 7 }
}

// What one process of a container finds of one file. `who` are the process's ids as seen inside; `override`: it
// has CAP_DAC_OVERRIDE there. `file` has its ids on disk. Every answer comes with its reason.
export function lookAt({ map, mount = null, who, override, file }) {
  const process = both(who, (id) => outsideOf(map, id))
  if (!known(process)) throw new Refused(`${who.uid}:${who.gid} is nobody's id inside: no range has it`)
  const kernel = both(file, (id) => fromDisk(mount, id))
  const inside = both(kernel, (id) => insideOf(map, id))
  const counts = classOf(kernel, process, file.mode)
  const power = override && known(inside)
  const asks = (bit) => {
    if (bit === 2 && !known(kernel)) return { allowed: false, why: 'the mount has no number for its owner or group, so nothing could be written back' }
    if (counts.bits & bit) return { allowed: true, why: `the mode lets its ${counts.name} do it` }
    if (power) return { allowed: true, why: 'CAP_DAC_OVERRIDE counts here: the map has both owner and group of the file' }
    if (override) return { allowed: false, why: 'CAP_DAC_OVERRIDE does not count here: the map lacks the owner or the group of the file' }
    return { allowed: false, why: `the mode does not let its ${counts.name} do it` }
  }
  return {
    process,
    kernel,
    shown: both(inside, (id) => id ?? NOBODY),
    counts: counts.name,
    read: asks(4),
    write: asks(2),
    created: create(mount, process, kernel),
  }
}

// A new file of this process, in a directory of the same owner where everybody may write: whose it is on disk.
function create(mount, process, kernel) {
  const disk = both(process, (id) => toDisk(mount, id))
  if (!known(disk)) return { error: 'EOVERFLOW', why: 'the mount has no number on disk for who makes it' }
  if (!known(kernel)) return { error: 'EACCES', why: 'the mount has no number for the owner or group of the directory' }
  return disk
}

// The ids outside that two containers share, and who each of them is inside of the one and of the other.
export function overlaps(one, other) {
  return one.flatMap((a) =>
    other.filter((b) => meet(a, 'outside', b, 'outside')).map((b) => {
      const first = Math.max(a.outside, b.outside)
      const end = Math.min(a.outside + a.size, b.outside + b.size)
      return { outside: first, size: end - first, one: insideOf([a], first), other: insideOf([b], first) }
    }),
  )
}

export function parseIds(text) {
  const parts = text.trim().split(':')
  if (parts.length > 2) throw new Refused(`"${text}" is not UID or UID:GID`)
  const uid = number(parts[0], 'an id', 0, LAST)
  return { uid, gid: parts.length > 1 ? number(parts[1], 'an id', 0, LAST) : uid }
}

export function parseFile(text) {
  const parts = text.trim().split(':')
  if (parts.length !== 3 || !/^0?[0-7]{3}$/.test(parts[2])) throw new Refused(`"${text}" is not UID:GID:MODE, like 0:0:644`)
  return { ...parseIds(parts.slice(0, 2).join(':')), mode: parseInt(parts[2], 8) }
}
