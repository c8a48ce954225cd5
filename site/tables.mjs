// Tables that fit their page. On a phone each row of a wide one becomes a card, with its columns' names beside the
// values (by the style sheet, from data-label). A long word of code may break where a person would break it.

const columnsOf = (tokens, start) => {
  const names = []
  for (let i = start; i < tokens.length && tokens[i].type !== 'thead_close'; i++)
    if (tokens[i].type === 'th_open') names.push(tokens[i + 1].children.map((child) => child.content).join(''))
  return names
}

function label(state) {
  let names = []
  let column = 0
  state.tokens.forEach((token, i) => {
    if (token.type === 'table_open') {
      names = columnsOf(state.tokens, i)
      token.attrSet('class', `columns-${names.length}${names.length > 12 ? ' matrix' : ''}`)
      // It is moved in its own box.
      if (names.length > 12) token.attrSet('tabindex', '0')
    } else if (token.type === 'tr_open') column = 0
    else if (token.type === 'td_open') {
      if (names[column]) token.attrSet('data-label', names[column])
      column++
      for (const child of state.tokens[i + 1].children ?? []) if (child.type === 'code_inline') child.meta = { breaks: true }
    }
  })
}

export default function tables(md) {
  md.core.ruler.push('labels-of-tables', label)
  md.renderer.rules.table_open = (tokens, i, options, env, self) => self.renderToken(tokens, i, options)
  const plain = md.renderer.rules.code_inline
  md.renderer.rules.code_inline = (tokens, i, ...others) => {
    const rendered = plain(tokens, i, ...others)
    if (!tokens[i].meta?.breaks) return rendered
    return rendered.replace(/>([^<]*)<\/code>$/, (_, code) => `>${code.replace(/(?<=[^/_.,=:|;])([/_.,=:|]+|&amp;)(?=[^/_.,=:|;])/g, '$1<wbr>')}</code>`)
  }
}
