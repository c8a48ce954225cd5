// The site in a real browser: node site/test.mjs DIRECTORY
//
// Every page, on a desk and on a phone: it renders, says nothing on the console, asks no other host for
// anything, cannot be moved sideways, and can be read: site/measures.mjs, and axe, light and dark, and on paper.
// Then what a reader does: search, copy, dark, tick, play, go on. Each watcher is first shown what it has to
// notice. CHROMIUM names a browser; LOOK=DIRECTORY keeps pictures, LOOK_DARK=1 dark ones; ONLY=REGEX picks pages,
// ONLY=deeds none.
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { extname, join, relative, resolve } from 'node:path'
import { belongings, contrasts, drawings, layout, printed, references } from './measures.mjs'
import { playDeeds } from './play-deeds.mjs'
import { attackerDeeds, withoutScripts } from './test-attacker.mjs'

const installed = createRequire(new URL('../build/site/', import.meta.url))
const { chromium } = installed('playwright-core')
const axe = readFileSync(installed.resolve('axe-core/axe.min.js'), 'utf8')
const root = resolve(process.argv[2] ?? 'build/docs')
const DESK = { width: 1280, height: 900 }
const WIDE_DESK = { width: 1440, height: 900 }
// A4, less the margins.
const PAPER = { width: 718, height: 1000 }
const PHONE = { width: 390, height: 844 }
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json', '.woff2': 'font/woff2', '.cast': 'text/plain', '.wasm': 'application/wasm' }
const faults = []
function fault(where, what) {
  faults.push(where)
  console.log(`BROKEN  ${where}: ${what}`)
}

// --- the site, served ---

function serve() {
  const server = createServer((request, response) => {
    let path = join(root, decodeURIComponent(new URL(request.url, 'http://localhost').pathname))
    if (existsSync(path) && statSync(path).isDirectory()) path = join(path, 'index.html')
    if (!existsSync(path)) return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
    createReadStream(path).pipe(response)
  })
  return new Promise((done) => server.listen(0, 'localhost', () => done(server)))
}

const pagesBelow = (directory) =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? pagesBelow(path) : entry.name.endsWith('.html') && entry.name !== '404.html' ? [relative(root, path)] : []
  })

function browserPath() {
  for (const name of [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean)) {
    try {
      return execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim()
    } catch {
      // The next one, then.
    }
  }
  throw new Error('there is no chromium: common/deps.sh --docs-test, or CHROMIUM=/path/to/it')
}

// --- the watchers ---

// A page whose every complaint, and every request that leaves this host, is noted.
async function watched(context) {
  const page = await context.newPage()
  page.heard = []
  page.on('console', (message) => message.type() === 'error' && page.heard.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => page.heard.push(`uncaught: ${error.message}`))
  page.on('response', (response) => response.status() >= 400 && page.heard.push(`${response.status()} for ${response.url()}`))
  await page.route(/.*/, (route) => {
    const url = new URL(route.request().url())
    if (['localhost', ''].includes(url.hostname)) return route.continue()
    page.heard.push(`asked another host: ${url.href}`)
    return route.abort()
  })
  return page
}

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

async function open(page, url) {
  page.heard.length = 0
  await page.goto(url, { waitUntil: 'load' })
  await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__ && document.querySelector('h1')?.textContent.trim())
  if (await page.$('.recording')) await page.waitForSelector('.recording .ap-player')
}

// Is a watcher awake? It is shown what it has to notice.
async function tryWatchers(page, home) {
  await open(page, home)
  await page.evaluate(() => fetch('https://other.example/').catch(() => console.error('as it should')))
  if (!page.heard.some((line) => line.includes('other.example'))) fault('watcher', 'a request to another host was not noticed')
  if (!page.heard.some((line) => line.includes('as it should'))) fault('watcher', 'an error on the console was not noticed')
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<p style="width: 3000px">wide</p>'))
  if ((await sideways(page)) <= 0) fault('watcher', 'a page that is too wide was not noticed')
  await open(page, home)
  await page.evaluate((text) => (document.querySelector('.vp-doc > div').innerHTML += text), SPOILED)
  const heard = [...(await page.evaluate(layout, READING.desk)), ...(await page.evaluate(drawings, 12)), ...(await page.evaluate(contrasts)), ...(await page.evaluate(belongings, 'labs/99-x.html')), ...(await askAxe(page))]
  for (const word of ['cut off', 'too small', 'does not fit', 'table is too wide', 'in code', 'in a drawing', 'pixels high', 'goes beyond', 'is not said in words', 'no way back', '@some@ is not explained', 'image-alt'])
    if (!heard.some((line) => line.includes(word))) fault('watcher', `not noticed: ${word}`)
}

const line = 'x'.repeat(40)
const SPOILED = `<div class="language-cpp"><pre><code style="font-size: 8px; white-space: pre"><span class="line">${line.repeat(20)}</span></code></pre></div>
  <div class="language-cpp"><pre><code><span class="line">${`${line} `.repeat(9)}</span></code></pre></div>
  <div class="language-console"><pre style="width: 5em"><code><span class="line"><span style="color: #eee">@some@</span></span></code></pre></div>
  <table><tbody><tr><td style="min-width: 2000px">${line}</td></tr></tbody></table><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="20">
  <figure class="drawing"><div class="panels"><svg style="--wide: 200; --high: 50"><rect width="200" height="50" fill="#222222"/><text y="20" fill="#333333" font-size="7">dark</text><text x="190" y="40">beyond it</text></svg></div></figure>`
const READING = { desk: { unbroken: '.language-cpp, .language-diff:not(.promise *)', smallest: 12 }, phone: { unbroken: '', smallest: 12 } }

// --- every page ---

// Code and drawings have measures of their own, and would take most of its time; a player is not ours.
async function askAxe(page, rules) {
  await page.evaluate(() => document.querySelectorAll('.vp-doc pre code, .recording').forEach((element) => element.replaceChildren()))
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  return page.evaluate(async (only) => {
    const { violations } = await axe.run({ exclude: ['.vp-doc figure svg'] }, { resultTypes: ['violations'], ...(only && { runOnly: only }) })
    return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, nodes }) => `axe, ${id}: ${nodes.length} times, first ${nodes[0].target} ${nodes[0].failureSummary.split('\n')[1] ?? ''}`)
  }, rules)
}

const still = (page) => page.addStyleTag({ content: '*, ::before, ::after { transition: none !important }' })
const dark = (page, on) => page.evaluate((yes) => document.documentElement.classList.toggle('dark', yes), on)

// What is folded is looked at as well; on paper it has to be there without that. (A promise has a test of its own.)
const unfold = (page, open) => page.evaluate((to) => document.querySelectorAll('.vp-doc details:not(.promise)').forEach((part) => (part.open = to)), open)

// On a desk: at two widths, on paper, light and dark. The last takes the code away.
async function readAtDesk(page, say) {
  await still(page)
  await unfold(page, true)
  say('1280', await page.evaluate(layout, READING.desk))
  say('light', await page.evaluate(contrasts))
  await page.setViewportSize(WIDE_DESK)
  say('1440', await page.evaluate(layout, READING.desk))
  await unfold(page, false)
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize(PAPER)
  say('paper', [...(await page.evaluate(printed)), ...(await page.evaluate(layout, { unbroken: '', smallest: 10 }))])
  await page.emulateMedia({ media: 'screen' })
  await page.setViewportSize(DESK)
  await unfold(page, true)
  await dark(page, true)
  say('dark', await page.evaluate(contrasts))
  say('dark', await askAxe(page, ['color-contrast', 'link-in-text-block']))
  await dark(page, false)
  say('light', await askAxe(page))
}

const led = new Map()

async function lookAt(page, name, url, view) {
  try {
    await open(page, url)
  } catch (error) {
    return fault(`${name} (${view})`, `does not come up: ${[error.message.split('\n')[0], ...page.heard].join('; ')}`)
  }
  const over = await sideways(page)
  if (over > 0) fault(`${name} (${view})`, `can be moved sideways by ${over} pixels`)
  const say = (how, found) => found.forEach((what) => fault(`${name} (${how})`, what))
  say(view, await page.evaluate(drawings, 12))
  if (process.env.LOOK) {
    mkdirSync(process.env.LOOK, { recursive: true })
    await page.screenshot({ path: join(process.env.LOOK, `${name.replace(/[/.]/g, '-')}-${view}.png`), fullPage: true })
  } else if (view === 'desk') {
    led.set(name, await page.evaluate(references))
    say('page', await page.evaluate(belongings, name))
    for (const line of page.heard) fault(`${name} (${view})`, line)
    page.heard.length = 0
    await readAtDesk(page, say)
  } else {
    await unfold(page, true)
    say(view, await page.evaluate(layout, READING.phone))
  }
  for (const line of page.heard) fault(`${name} (${view})`, line)
}

// Every link within the site leads to a page that is there, and to the place on it.
function followLinks(base) {
  for (const [name, { links }] of led) {
    for (const link of links.filter((href) => href.startsWith(base))) {
      const { pathname, hash } = new URL(link)
      const target = decodeURIComponent(pathname.slice(1)) || 'index.html'
      const page = [target, `${target}.html`, `${target}index.html`, `${target}/index.html`].find((path) => led.has(path))
      const anchor = decodeURIComponent(hash.slice(1))
      if (!page) existsSync(join(root, target)) || fault(name, `leads nowhere: ${link}`)
      else if (anchor && !led.get(page).anchors.includes(anchor)) fault(name, `leads to no place: ${link}`)
    }
  }
}

async function everyPage(browser, base, names, view, size, isMobile) {
  const context = await browser.newContext({ viewport: size, isMobile, hasTouch: isMobile, colorScheme: process.env.LOOK_DARK ? 'dark' : 'light' })
  const page = await watched(context)
  page.setDefaultTimeout(60_000)
  await tryWatchers(page, base)
  for (const name of names) await lookAt(page, name, base + name, view)
  await context.close()
}

// --- what a reader does ---

const deeds = {
  ...playDeeds(open),
  ...attackerDeeds(open),
  async 'search finds pivot_root'(page, base) {
    await open(page, base)
    await page.click('.VPNavBarSearch button')
    await page.fill('.VPLocalSearchBox input', 'pivot_root')
    await page.waitForSelector('.VPLocalSearchBox .result')
    await page.click('.VPLocalSearchBox .result >> nth=0')
    await page.waitForFunction(() => document.querySelector('.vp-doc')?.textContent.includes('pivot_root'))
  },
  async 'a block of code copies'(page, base) {
    await open(page, `${base}05-mounts.html`)
    const block = page.locator('div.language-cpp').first()
    await block.hover()
    await block.locator('button.copy').click()
    await block.locator('button.copy.copied').waitFor()
    const [copied, shown] = [await page.evaluate(() => navigator.clipboard.readText()), await block.locator('pre code').innerText()]
    if (copied.trim() !== shown.trim() || copied.length < 20) throw new Error(`copied: ${copied.slice(0, 60)}`)
    const marked = await block.locator('pre code').evaluate((code) => (getSelection().selectAllChildren(code), getSelection().toString()))
    if (marked.trim() !== copied.trim()) throw new Error(`marked by hand: ${marked.slice(0, 60)}`)
  },
  async 'of a console block only the commands are copied'(page, base) {
    await open(page, `${base}05-mounts.html`)
    const block = page.locator('div.language-console').first()
    await block.hover()
    await block.locator('button.copy').click()
    await block.locator('button.copy.copied').waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    if (/^[$>] /m.test(copied) || !copied.includes('build/chapter-04 --') || /^(root|SECRET=hunter2)$/m.test(copied)) throw new Error(`copied: ${copied}`)
  },
  async 'in a recipe the new lines are marked, and the others grey'(page, base) {
    await open(page, `${base}05-mounts.html`)
    const recipe = page.locator('div.language-cpp', { has: page.locator('.line.new') }).first()
    const look = (words) =>
      recipe.locator('.line', { hasText: words }).evaluate((line) => [getComputedStyle(line, '::before').borderLeftWidth, ...new Set([...line.querySelectorAll('span')].map((span) => getComputedStyle(span).color))])
    const [[bar, ...colours], [none, ...greys]] = [await look('move into the root'), await look('reset umask')]
    if (bar !== '3px' || colours.length < 2 || none !== '0px' || greys.length !== 1) throw new Error(`new: ${bar}, ${colours}; known: ${none}, ${greys}`)
    if (!(await page.locator('span.from').first().innerText()).includes('what 05 adds')) throw new Error('nothing says what the marks mean')
  },
  async 'what broke out and what was held differ in colour'(page, base) {
    await open(page, `${base}08-seccomp.html`)
    const colour = (verdict) => page.locator(`.verdict.${verdict}`).first().evaluate((element) => getComputedStyle(element).color)
    if ((await colour('reached')) === (await colour('blocked'))) throw new Error('they do not')
  },
  async 'a lab is found with its number, and the menu on top has what one looks up'(page, base) {
    await open(page, base)
    for (const name of ['glossary', 'limits', 'errata', 'series']) await page.locator(`.VPNavBar a[href*="/${name}"]`).first().waitFor({ state: 'attached' })
    await page.click('.VPNavBarSearch button')
    await page.fill('.VPLocalSearchBox input', 'double chroot')
    await page.waitForFunction(() => [...document.querySelectorAll('.VPLocalSearchBox .result')].some((hit) => /Lab 05/.test(hit.textContent)))
  },
  async 'the start page says how to begin, wherever the repository is'(page, base) {
    await open(page, base)
    const words = await page.locator('.vp-doc').innerText()
    for (const word of ['git clone', 'make chapter-05', 'make doctor', 'Which way to read']) if (!words.includes(word)) throw new Error(`it does not say ${word}`)
    const forms = { 'git@forge.example:some/fork.git': 'https://forge.example/some/fork', 'https://name:secret@forge.example/some/fork/': 'https://forge.example/some/fork', '/srv/tincan': 'ADDRESS' }
    for (const [address, shown] of Object.entries(forms)) {
      const directory = mkdtempSync(join(tmpdir(), 'tincan-pages-'))
      execFileSync('site/pages', [directory, join(root, '../filters.txt')], { env: { ...process.env, REPOSITORY: address } })
      const text = readFileSync(join(directory, 'index.md'), 'utf8')
      rmSync(directory, { recursive: true })
      if (!text.includes(`git clone ${shown} tincan`)) throw new Error(`${address} is not shown as ${shown}`)
    }
  },
  async 'it can be dark, drawings too, and stays so'(page, base) {
    await open(page, `${base}05-mounts.html`)
    const brightness = (selector, property) =>
      page.locator(selector).first().evaluate((element, name) => getComputedStyle(element)[name].match(/\d+/g).slice(0, 3).reduce((sum, n) => sum + +n, 0) / 3, property)
    if ((await brightness('body', 'backgroundColor')) < 200) throw new Error('it was dark before')
    await page.locator('.VPSwitchAppearance').first().click()
    await page.waitForFunction(() => document.documentElement.classList.contains('dark'))
    await page.reload({ waitUntil: 'load' })
    if ((await brightness('body', 'backgroundColor')) > 60) throw new Error('the page is bright')
    if ((await brightness('figure', 'backgroundColor')) > 60) throw new Error('a drawing is bright')
    if ((await brightness('figure svg text', 'fill')) < 150) throw new Error('the words of a drawing are dark')
  },
  async 'a chapter can be ticked, and stays so'(page, base) {
    await open(page, `${base}03-process.html`)
    await page.locator('.toggle input').check()
    await open(page, base)
    await page.waitForFunction(() => document.querySelector('.summary')?.textContent.includes('1 of'))
    if ((await page.locator('.mark.read').count()) !== 1) throw new Error('the table shows no mark')
    await open(page, `${base}03-process.html`)
    const mark = await page.locator('.VPSidebar a[href*="/03-"] p').first().evaluate((p) => getComputedStyle(p, '::after').content)
    if (!mark.includes('✓')) throw new Error(`the sidebar shows ${mark}`)
    await page.locator('.toggle input').uncheck()
  },
  async 'a recording plays'(page, base) {
    await open(page, `${base}05-mounts.html`)
    if (!(await page.$('.recording'))) return 'there are no recordings in this build'
    await page.locator('.recording').scrollIntoViewIfNeeded()
    await page.locator('.recording .ap-overlay-start, .recording .ap-overlay').first().click()
    await page.waitForFunction(() => /0:0[1-9]/.test(document.querySelector('.recording .ap-timer')?.textContent ?? ''), null, { timeout: 8000 })
  },
  async 'next and previous lead through the book'(page, base) {
    await open(page, `${base}04-namespaces.html`)
    await page.click('.pager-link.next')
    await page.waitForURL(/05-mounts/)
    await page.click('.pager-link.prev')
    await page.waitForURL(/04-namespaces/)
  },
}

async function everyDeed(browser, base) {
  const context = await browser.newContext({ viewport: DESK, colorScheme: 'light', permissions: ['clipboard-read', 'clipboard-write'] })
  for (const [name, deed] of Object.entries(deeds)) {
    const page = await watched(context)
    page.setDefaultTimeout(30_000)
    try {
      const remark = await deed(page, base)
      for (const line of page.heard) fault(name, line)
      console.log(`ok      ${name}${remark ? ` (not tried: ${remark})` : ''}`)
    } catch (error) {
      fault(name, error.message.split('\n')[0])
    }
    await page.close()
  }
  await context.close()
}

const server = await serve()
const base = `http://localhost:${server.address().port}/`
const names = pagesBelow(root).sort().filter((name) => new RegExp(process.env.ONLY ?? '').test(name))
const browser = await chromium.launch({ executablePath: browserPath(), args: process.getuid() === 0 ? ['--no-sandbox'] : [] })
try {
  await Promise.all([everyPage(browser, base, names, 'desk', DESK, false), everyPage(browser, base, names, 'phone', PHONE, true)])
  if (!process.env.LOOK && !process.env.ONLY) followLinks(base)
  if (!process.env.LOOK && /^(deeds)?$/.test(process.env.ONLY ?? '')) {
    await everyDeed(browser, base)
    const promises = readFileSync(new URL('../tests/promises.tsv', import.meta.url), 'utf8').match(/^[A-Z]/gm).length
    await withoutScripts(browser, base, promises).catch((error) => fault('without JavaScript', error.message.split('\n')[0]))
  }
} finally {
  await browser.close()
  server.close()
}
console.log(`${names.length} pages, each on a desk and on a phone; ${faults.length} faults`)
process.exitCode = faults.length || (names.length < 10 && !process.env.ONLY) ? 1 : 0
