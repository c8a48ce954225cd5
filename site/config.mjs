// The site's settings. It is built in build/site, where site/pages has laid out the pages and contents.json.
import { readFileSync } from 'node:fs'
import dark from '@shikijs/themes/github-dark-default'
import light from '@shikijs/themes/github-light-high-contrast'
import blocks from './blocks.mjs'
import tables from './tables.mjs'

const contents = JSON.parse(readFileSync(new URL('./contents.json', import.meta.url)))

const group = (text, items) => (items.length ? [{ text, items }] : [])
const book = [...group('Begin', contents.begin), ...group('Chapters', contents.chapters), ...group('Look up', contents.reference)]

// Grey enough to be a comment, and dark enough to be read on the blocks' paper.
const readable = JSON.parse(JSON.stringify(light).replaceAll(/#66707b/gi, '#57606a'))

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
  markdown: { lineNumbers: false, theme: { light: readable, dark }, codeTransformers: [blocks], config: tables },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/', activeMatch: '^/$' },
      { text: 'Chapters', link: contents.chapters[0]?.link ?? '/', activeMatch: '^/\\d\\d-' },
      { text: 'Series', link: '/series' },
      { text: 'Labs', link: '/labs/', activeMatch: '^/labs/' },
      ...contents.exercises.slice(0, 1).map((first) => ({ text: 'Exercises', link: first.link, activeMatch: '^/exercises/' })),
      { text: 'Diffs', link: '/diffs/', activeMatch: '^/diffs/' },
      { text: 'Play', link: '/play/', activeMatch: '^/play/' },
      { text: 'Look up', items: contents.reference },
      ...(contents.repository ? [{ text: 'Code', link: contents.repository }] : []),
    ],
    sidebar: {
      '/': book,
      '/labs/': [...group('Labs', contents.labs), ...group('Chapters', contents.chapters)],
      '/diffs/': [...group('Chapter to chapter', contents.diffs), ...group('Chapters', contents.chapters)],
      '/exercises/': [...group('Exercises', contents.exercises), ...group('Chapters', contents.chapters)],
      '/play/': [...group('Things to play with', contents.play), ...group('Chapters', contents.chapters)],
      '/source/': [...group('Sources', contents.sources), ...group('Chapters', contents.chapters)],
    },
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: { _render: rendered },
    },
    docFooter: { prev: 'Before', next: 'Next' },
  },
}
