// What a reader does on the pages to play with, for site/test.mjs. `open` opens a page and waits for it.

const textOf = (page, selector) => page.locator(selector).first().innerText()
async function expect(page, selector, wanted) {
  const seen = await textOf(page, selector)
  if (!wanted.test(seen)) throw new Error(`${selector} says "${seen.replace(/\s+/g, ' ').slice(0, 120)}", not ${wanted}`)
}
// What a browser without JavaScript makes of a page: it says so, and shows one case.
async function silent(page, url, selector, wanted) {
  const context = await page.context().browser().newContext({ javaScriptEnabled: false })
  const still = await context.newPage()
  try {
    await still.goto(url)
    await expect(still, '.play .still', /by JavaScript/)
    await expect(still, selector, wanted)
  } finally {
    await context.close()
  }
}

export const playDeeds = (open) => ({
  async 'the filter stepper walks and decides'(page, base) {
    await open(page, `${base}play/filter.html`)
    await expect(page, '.verdict', /unshare, number 272: EPERM, after \d+ instructions of \d+\. Instruction \d+ decides/)
    await page.locator('.buttons .first').focus()
    await page.keyboard.press('Enter')
    await expect(page, 'li.here', /A = architecture\s+A is now 0xc000003e/)
    await page.locator('.buttons .next').focus()
    await page.keyboard.press('Enter')
    await expect(page, 'li.here', /if A == x86_64.*\s+0xc000003e == 0xc000003e: yes/)
    await page.locator('.buttons input[type=range]').focus()
    await page.keyboard.press('End')
    await expect(page, 'li.here', /EPERM/)
    await page.selectOption('.architecture', 'aarch64')
    await expect(page, '.verdict', /unshare, number 97: EPERM/)
  },
  async 'the filter stepper says what would get round it'(page, base) {
    await open(page, `${base}play/filter.html`)
    await expect(page, '.ways .clone3', /shut, ENOSYS/)
    await page.selectOption('.policy', 'series')
    await expect(page, '.ways .clone3', /this filter says allow/)
    await expect(page, '.ways .x32', /shut, kill/)
    await page.selectOption('.case', { label: 'Typing into the terminal: ioctl(TIOCSTI)' })
    await expect(page, '.ways .high', /shut, EPERM/)
    await page.fill('.call', 'nosuchcall')
    await expect(page, '.wrong', /has no call "nosuchcall"/)
    await page.fill('.call', 'ioctl')
    await page.selectOption('.policy', 'own')
    await page.fill('.own', '0  20 00 00 00000000\n1  15 00 01 00000010\n2  06 00 00 00050001\n3  06 00 00 7fff0000')
    await expect(page, '.verdict', /EPERM, after 3 instructions of 4/)
    await expect(page, '.ways .foreign', /this filter says allow/)
    await silent(page, `${base}play/filter.html`, '.verdict', /unshare, number 272: EPERM/)
  },
  async 'the id-map calculator follows what is typed'(page, base) {
    await open(page, `${base}play/id-maps.html`)
    await expect(page, '.file .shown', /^0:0$/)
    await page.selectOption('.mount', 'none')
    await expect(page, '.file .shown', /^65534:65534$/)
    await expect(page, '.file .write', /no, EACCES/)
    await page.fill('.map', '0:0:65536')
    await expect(page, '.file .write', /^yes$/)
    await page.fill('.other', '7:0:1')
    await expect(page, '.overlap', /Outside 0 is 0 here and 7 there/)
    await page.fill('.map', '0:100000:10\n5:200000:10')
    await expect(page, '.wrong', /overlap inside/)
    await silent(page, `${base}play/id-maps.html`, '.file .shown', /^0:0$/)
  },
  async 'the capability calculator follows what is typed'(page, base) {
    await open(page, `${base}play/capabilities.html`)
    await expect(page, 'td.permitted >> nth=1', /all/)
    await page.fill('input.bounding', 'chown')
    await expect(page, 'td.permitted >> nth=1', /^chown\s+0{15}1$/)
    await page.locator('.no-new-privs').focus()
    await page.keyboard.press('Space')
    await page.fill('input.permitted', 'none')
    await expect(page, '.wrong', /effective holds more than permitted/)
    await page.fill('input.effective', 'none')
    await expect(page, 'td.permitted >> nth=1', /^none/)
    await page.locator('.has-caps').check()
    await expect(page, '.outcome .wrong', /execve fails: EPERM/)
    await silent(page, `${base}play/capabilities.html`, 'td.permitted >> nth=1', /all/)
  },
})
