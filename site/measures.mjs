// What can be measured on a page in a browser. Each runs in the page, and returns a list of sentences, one for each
// thing that a reader could not read; site/test.mjs says where and when.

// Code and tables: nothing is cut off, nothing has to be moved sideways, nothing is too small. `unbroken`: which
// blocks have no line that goes on below itself.
export function layout({ unbroken, smallest }) {
  const found = []
  const range = document.createRange()
  // How far right its words go; a blank at the end of a line may hang over.
  function inkOf(element, edge) {
    range.selectNodeContents(element)
    if (range.getBoundingClientRect().right <= edge) return [0]
    const nodes = document.createNodeIterator(element, NodeFilter.SHOW_TEXT)
    const found = [0]
    for (let node = nodes.nextNode(); node; node = nodes.nextNode())
      for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
        range.setStart(node, index)
        range.setEnd(node, index + word.length)
        found.push(range.getBoundingClientRect().right)
      }
    return found
  }
  const say = (element, what) => found.push(`${what}: ${element.textContent.trim().replace(/\s+/g, ' ').slice(0, 60)}`)
  for (const code of document.querySelectorAll('.vp-doc pre code')) {
    const edge = code.closest('pre').getBoundingClientRect().right
    const over = Math.max(...inkOf(code, edge)) - edge
    if (over > 0.5) say(code, `code is cut off by ${Math.ceil(over)} pixels`)
    if (parseFloat(getComputedStyle(code).fontSize) < smallest) say(code, 'code is too small')
    if (!unbroken || !code.closest(unbroken)) continue
    const two = 1.5 * parseFloat(getComputedStyle(code).lineHeight)
    for (const line of code.querySelectorAll('.line')) if (line.getBoundingClientRect().height > two) say(line, 'a line of code does not fit')
  }
  for (const table of document.querySelectorAll('.vp-doc table:not(.matrix)')) {
    const box = table.parentElement.getBoundingClientRect()
    if (table.scrollWidth > table.clientWidth + 1 || table.getBoundingClientRect().right > box.right + 1) say(table, 'a table is too wide')
    for (const cell of table.querySelectorAll('td'))
      if (cell.clientWidth && cell.scrollWidth > cell.clientWidth + 1) say(cell, 'a cell is too narrow for what is in it')
  }
  return found
}

// Colours that lie on each other in code and in drawings, as WCAG AA has it: 4.5 to 1, or 3 to 1 where the text is large.
export function contrasts() {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number)
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((n) => (n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05)
  const found = new Map()
  const judge = (element, on, needed, what) => {
    const property = element instanceof SVGElement ? 'fill' : 'color'
    const [colour, words] = [getComputedStyle(element)[property], element.textContent.trim()]
    if (words && /^rgb/.test(colour) && contrast(colour, on) < needed) found.set(`${what} ${colour} on ${on}`, `${contrast(colour, on).toFixed(2)} to 1 in ${what}, ${colour} on ${on}: ${words.slice(0, 40)}`)
  }
  for (const block of document.querySelectorAll(".vp-doc div[class*='language-']")) {
    const paper = getComputedStyle(block).backgroundColor
    const seen = new Set()
    for (const span of block.querySelectorAll('.line, .line span')) {
      // Asking for a style takes time: once for each that is written down.
      const written = `${span.closest('.line').className} ${span.className} ${span.getAttribute('style')}`
      if (seen.has(written) || ![...span.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue
      seen.add(written)
      judge(span, paper, 4.5, 'code')
    }
  }
  for (const svg of document.querySelectorAll('.vp-doc figure svg')) {
    const parts = [...svg.querySelectorAll('rect, circle, ellipse, path, polygon, text')]
    const grounds = []
    for (const part of parts) {
      const [box, style] = [part.getBoundingClientRect(), getComputedStyle(part)]
      if (part.tagName !== 'text') {
        if (/^rgb\(/.test(style.fill)) grounds.unshift([box, style.fill])
        continue
      }
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
      const ground = grounds.find(([b]) => b.left <= x && x <= b.right && b.top <= y && y <= b.bottom)
      const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && +style.fontWeight >= 700)
      judge(part, ground?.[1] ?? getComputedStyle(document.body).backgroundColor, large ? 3 : 4.5, 'a drawing')
    }
  }
  return [...found.values()]
}

// Drawings: words that are too small, or cut off; pictures that are not said in words.
export function drawings(smallest) {
  const faults = []
  for (const figure of document.querySelectorAll('figure.drawing, figure.house')) {
    const name = figure.getAttribute('aria-label')
    if ((figure.querySelector('.panels[role="img"]')?.getAttribute('aria-label') ?? '').length < 80) faults.push(`${name}: is not said in words`)
    for (const panel of figure.querySelectorAll('svg')) {
      const box = panel.getBoundingClientRect()
      for (const text of panel.querySelectorAll('text')) {
        const pixels = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b)
        if (pixels < smallest - 0.05) faults.push(`${name}: '${text.textContent}' is ${pixels.toFixed(1)} pixels high`)
        const words = text.getBoundingClientRect()
        if (words.left < box.left - 1 || words.right > box.right + 1 || words.bottom > box.bottom + 1) faults.push(`${name}: '${text.textContent}' goes beyond its panel`)
      }
    }
  }
  return faults
}

// On paper there is the text, and all of it: what is folded on a screen, too.
export function printed() {
  const found = []
  for (const selector of ['.VPNav', '.VPLocalNav', '.VPSidebar', '.VPDoc .aside', '.VPDocFooter', 'button.copy', '.recording'])
    for (const element of document.querySelectorAll(selector)) if (element.getClientRects().length) found.push(`${selector} is printed`)
  for (const part of document.querySelectorAll('.vp-doc details:not(.promise) > :not(summary)'))
    if (!part.checkVisibility()) found.push(`what is folded is not printed: ${part.textContent.trim().slice(0, 60)}`)
  const paper = document.documentElement.clientWidth
  for (const drawing of document.querySelectorAll('.vp-doc figure svg'))
    if (drawing.getBoundingClientRect().right > paper + 1) found.push(`a drawing is cut: ${drawing.closest('figure').getAttribute('aria-label')?.slice(0, 60)}`)
  return found
}

// What leads from this page to where, and what can be led to here.
export function references() {
  const links = [...document.querySelectorAll('a[href]')].map((a) => a.href)
  return { links: [...new Set(links)], anchors: [...document.querySelectorAll('[id]')].map((element) => element.id) }
}

// What a page of this kind has to have.
export function belongings(name) {
  const found = []
  const inText = (selector) => document.querySelector(`.vp-doc ${selector}`)
  const part = name.match(/^(labs|diffs|exercises)\/(\d\d)/)
  if (part && !inText(`a[href*="/${part[2]}-"]:not([href*="/labs/"], [href*="/source/"], [href*="/exercises/"])`)) found.push('there is no way back to the chapter')
  if (/^\d\d-/.test(name) && !/^(Posts? \d|Beyond the series)/.test(inText('.place')?.textContent.trim() ?? '')) found.push('the chapter does not wear its post')
  const prose = [...document.querySelectorAll('.vp-doc :is(p, li)')].map((element) => element.textContent).join(' ')
  for (const word of new Set([...document.querySelectorAll('.vp-doc pre')].flatMap((pre) => (/language-(console|txt)/.test(pre.parentElement.className) && pre.textContent.match(/@\w+@/g)) || [])))
    if (!prose.includes(word)) found.push(`${word} is not explained`)
  if (/\bLab [1-9]\b/.test(prose)) found.push('a mistake to be made is called a lab')
  if ([...document.querySelectorAll('.vp-doc pre')].some((pre) => /^\$ until pgrep/m.test(pre.textContent))) found.push('a wait of the tests is in the way')
  return found
}
