// Where the attacker stands, on the page "What the attacker sees": its controls and its promises share it.
import { reactive } from 'vue'

export const view = reactive({ place: '', reachedAlone: false })

// What a place says of a promise: the word for it, and the sign beside the colour.
export function verdict(promise, place) {
  const among = (places) => places.split(' ').includes(place)
  if (among(promise.kept)) return { kind: 'kept', sign: '■', said: 'kept' }
  if (among(promise.reached)) return { kind: 'reached', sign: '○', said: 'reached' }
  if (among(promise.untestable)) return { kind: 'untestable', sign: '?', said: 'not testable here' }
  return { kind: 'unasked', sign: '·', said: 'not asked here' }
}
