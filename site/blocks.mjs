// What a block of code is on a page, beyond its colours. A line that is too long for its page goes on below itself,
// further in. Of a console block only the commands can be copied or marked: not the prompts, not what was
// answered. A verdict of the probe has the colour of what it says. And in a recipe the lines that site/pages has named
// are new, the others known.

const VERDICT = /\b(REACHED|BLOCKED|NOT-TESTABLE)\b/
const IGNORED = 'vp-copy-ignore'

const element = (tagName, className, children) => ({ type: 'element', tagName, properties: { class: className }, children })
const text = (value) => ({ type: 'text', value })
const textOf = (node) => (node.type === 'text' ? node.value : (node.children ?? []).map(textOf).join(''))

function withVerdicts(node) {
  if (node.type !== 'text') return [{ ...node, children: (node.children ?? []).flatMap(withVerdicts) }]
  return node.value.split(VERDICT).filter(Boolean).map((part) => (VERDICT.test(part) ? element('span', `verdict ${part.toLowerCase()}`, [text(part)]) : text(part)))
}

// Takes the first characters of a line's text out of its nodes.
function cut(nodes, length) {
  return nodes.flatMap((node) => {
    if (length <= 0) return [node]
    if (node.type !== 'text') {
      const before = length
      length -= textOf(node).length
      return before >= textOf(node).length ? [] : [{ ...node, children: cut(node.children, before) }]
    }
    const rest = node.value.slice(length)
    length -= node.value.length
    return rest ? [text(rest)] : []
  })
}

// What was typed: after "$ ", and after "> " as long as that goes on.
function asTyped(line, typing) {
  const prompt = textOf(line).match(typing ? /^[$>] / : /^\$ /)
  if (!prompt) return false
  line.children = [element('span', `prompt ${IGNORED}`, [text(prompt[0])]), ...cut(line.children, prompt[0].length)]
  return true
}

const isNamed = (line) => /\bhighlighted\b/.test(String(line.properties.class))

export default {
  name: 'tincan-blocks',
  code(code) {
    const lines = code.children.filter((node) => node.type === 'element')
    let typing = true
    if (lines.some(isNamed)) for (const line of lines) line.properties.class = isNamed(line) ? 'line new' : 'line known'
    for (const line of lines) {
      const indent = textOf(line).match(/^ */)[0].length
      if (indent) line.properties.style = `--indent: ${indent}`
      if (this.options.lang === 'console') {
        typing = asTyped(line, typing)
        if (!typing) this.addClassToHast(line, ['answer', IGNORED])
      }
      line.children = line.children.flatMap(withVerdicts)
    }
    // An answer takes the end of its line along.
    const isAnswer = (line) => String(line.properties.class).includes('answer')
    code.children = lines.flatMap((line, i) => (i + 1 === lines.length ? [line] : [line, isAnswer(line) ? element('span', `answer ${IGNORED}`, [text('\n')]) : text('\n')]))
  },
}
