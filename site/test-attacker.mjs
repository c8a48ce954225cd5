// A part of site/test.mjs: what a reader does on the page "What the attacker sees".

// By keyboard alone.
export const attackerDeeds = (open) => ({
  async 'what the attacker sees: a place is chosen, and a promise opened, by keyboard'(page, base) {
    await open(page, `${base}matrix.html`)
    await page.waitForSelector('.attacker-view select')
    await page.focus('.attacker-view select')
    await page.keyboard.type('bwrap')
    await page.waitForFunction(() => document.querySelector('.attacker-view [role="status"]').textContent.includes('In bwrap'))
    const reached = +(await page.textContent('.attacker-view strong.reached')).match(/\d+/)[0]
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    const visible = await page.evaluate(() => [...document.querySelectorAll('details.promise')].filter((one) => one.checkVisibility()).length)
    if (visible !== reached || reached < 10) throw new Error(`${reached} are reached, and ${visible} are shown`)
    const first = page.locator('details.promise:visible').first()
    for (let n = 0; n < 12 && !(await first.evaluate((one) => one.firstElementChild === document.activeElement)); n++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const said = await first.innerText()
    for (const part of ['○ reached', 'The attack', 'The wall', 'Kept by', 'Reached in', '.cpp:']) if (!said.includes(part)) throw new Error(`nothing says '${part}'`)
  },
  async 'what the attacker sees: a link leads to a promise, and opens it'(page, base) {
    await open(page, `${base}matrix.html#mnt-01`)
    await page.waitForFunction(() => document.querySelector('#mnt-01')?.closest('details').open)
    const last = await page.locator('details.promise', { has: page.locator('#mnt-01') }).innerText()
    for (const part of ['second chroot', 'break_chroot', 'The double chroot']) if (!last.includes(part)) throw new Error(`nothing says '${part}'`)
  },
})

// Without JavaScript: lists, which open.
export async function withoutScripts(browser, base, promises) {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  try {
    await page.goto(`${base}matrix.html`)
    const count = await page.locator('details.promise > summary h3').count()
    if (count !== promises) throw new Error(`there are ${promises} promises, and ${count} are shown`)
    if (await page.locator('.attacker-view').count()) throw new Error('controls that do nothing are shown')
    await page.locator('details.promise > summary').first().click()
    if (!(await page.locator('details.promise .about').first().isVisible())) throw new Error('a promise does not open')
  } finally {
    await context.close()
  }
}
