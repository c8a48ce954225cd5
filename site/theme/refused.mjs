// What is typed, and makes no sense: the calculators say why beside the field.
export class Refused extends Error {}

/** What work() returns, or why it refused: { value } or { wrong }. */
export function attempt(work) {
  try {
    return { value: work() }
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem
    return { wrong: problem.message }
  }
}
