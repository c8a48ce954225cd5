// The site's settings. It is built in build/site, where site/pages has laid out the pages and contents.json.
import { readFileSync } from 'node:fs'

const contents = JSON.parse(readFileSync(new URL('./contents.json', import.meta.url)))

const group = (text, items, collapsed = false) => (items.length ? [{ text, items, collapsed }] : [])
const book = [...group('Chapters', contents.chapters), ...group('Reference', contents.reference)]

// A page for the search: the sources are not searched, and nobody sees the colours of code there. They
// take most of a build's time.
function rendered(text, env, md) {
  if (/^---\n(.*\n)*?search: false\n/.test(text)) return ''
  const { highlight } = md.options
  md.options.highlight = null
  try {
    return md.render(text, env)
  } finally {
    md.options.highlight = highlight
  }
}

export default {
  title: 'tincan',
  description: 'A container in C++, one kernel feature at a time',
  lang: 'en',
  base: process.env.DOCS_BASE ?? '/',
  outDir: '../docs',
  // No request leaves the site: no fonts, no counters, no icons of others.
  head: [['link', { rel: 'icon', href: 'data:,' }], ['meta', { name: 'theme-color', content: '#2f6f8f' }]],
  // The page of a whole chapter's sources is long, and only who opens it loads it.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  markdown: { lineNumbers: false, theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    nav: [
      { text: 'Book', link: contents.chapters[0]?.link ?? '/', activeMatch: '^/\\d\\d-' },
      { text: 'Labs', link: '/labs/' },
      ...contents.exercises.slice(0, 1).map((first) => ({ text: 'Exercises', link: first.link, activeMatch: '^/exercises/' })),
      { text: 'Diffs', link: '/diffs/' },
      { text: 'Play', link: '/play/', activeMatch: '^/play/' },
    ],
    sidebar: {
      '/': book,
      '/labs/': group('Labs', contents.labs),
      '/diffs/': group('Chapter to chapter', contents.diffs),
      '/exercises/': group('Exercises', contents.exercises),
      '/play/': group('Things to play with', contents.play),
      '/source/': group('Sources', contents.sources),
    },
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: { _render: rendered },
    },
    docFooter: { prev: 'Before', next: 'Next' },
  },
}
