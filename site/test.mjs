// The site in a real browser: node site/test.mjs DIRECTORY
//
// Every page, on a desk and on a phone: it renders, says nothing on the console, asks no other host for
// anything, and cannot be moved sideways. Then what a reader does: search, copy, dark, tick, play, go on.
// Each watcher is first shown what it has to notice. CHROMIUM names a browser; LOOK=DIRECTORY keeps pictures.
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { extname, join, relative, resolve } from 'node:path'
import { playDeeds } from './play-deeds.mjs'

const { chromium } = createRequire(new URL('../build/site/', import.meta.url))('playwright-core')
const root = resolve(process.argv[2] ?? 'build/docs')
const DESK = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json', '.woff2': 'font/woff2', '.cast': 'text/plain', '.wasm': 'application/wasm' }
const faults = []
const fault = (where, what) => faults.push(`${where}: ${what}`)

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
}

// --- every page ---

async function lookAt(page, name, url, view) {
  try {
    await open(page, url)
  } catch (error) {
    return fault(`${name} (${view})`, `does not come up: ${[error.message.split('\n')[0], ...page.heard].join('; ')}`)
  }
  const over = await sideways(page)
  if (over > 0) fault(`${name} (${view})`, `can be moved sideways by ${over} pixels`)
  for (const line of page.heard) fault(`${name} (${view})`, line)
  if (process.env.LOOK) {
    mkdirSync(process.env.LOOK, { recursive: true })
    await page.screenshot({ path: join(process.env.LOOK, `${name.replace(/[/.]/g, '-')}-${view}.png`), fullPage: true })
  }
}

async function everyPage(browser, base, names, view, size, isMobile) {
  const context = await browser.newContext({ viewport: size, isMobile, hasTouch: isMobile, colorScheme: process.env.LOOK_DARK ? 'dark' : 'light' })
  const page = await watched(context)
  page.setDefaultTimeout(20_000)
  await tryWatchers(page, base)
  for (const name of names) await lookAt(page, name, base + name, view)
  await context.close()
}

// --- what a reader does ---

const deeds = {
  ...playDeeds(open),
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
    if ((await brightness('figure svg rect', 'fill')) > 60) throw new Error('a drawing is bright')
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
    page.setDefaultTimeout(10_000)
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
const names = pagesBelow(root).sort()
const browser = await chromium.launch({ executablePath: browserPath(), args: process.getuid() === 0 ? ['--no-sandbox'] : [] })
try {
  await Promise.all([everyPage(browser, base, names, 'desk', DESK, false), everyPage(browser, base, names, 'phone', PHONE, true)])
  if (!process.env.LOOK) await everyDeed(browser, base)
} finally {
  await browser.close()
  server.close()
}
console.log(`${names.length} pages, each on a desk and on a phone; ${faults.length} faults`)
for (const line of faults) console.log(`BROKEN  ${line}`)
process.exitCode = faults.length || names.length < 10 ? 1 : 0
