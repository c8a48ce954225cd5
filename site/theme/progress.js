// Which chapters the reader has ticked. Kept in this browser, and sent nowhere.
import { reactive } from 'vue'

const KEY = 'tincan-read'
export const progress = reactive({ read: [], known: false })

// The sidebar is not ours to render: its links are marked by a style sheet.
function markSidebar() {
  const rules = progress.read.map((n) => `.VPSidebar a[href*="/${n}-"] p::after { content: " ✓"; color: var(--vp-c-brand-1); }`)
  let sheet = document.getElementById(KEY)
  if (!sheet) document.head.append((sheet = Object.assign(document.createElement('style'), { id: KEY })))
  sheet.textContent = rules.join('\n')
}

export function load() {
  if (progress.known) return
  try {
    progress.read = JSON.parse(localStorage.getItem(KEY) ?? '[]').filter((n) => /^\d\d$/.test(n))
  } catch {
    progress.read = []
  }
  progress.known = true
  markSidebar()
}

export function toggle(chapter) {
  const read = progress.read.filter((n) => n !== chapter)
  progress.read = read.length === progress.read.length ? [...read, chapter].sort() : read
  try {
    localStorage.setItem(KEY, JSON.stringify(progress.read))
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
  markSidebar()
}
