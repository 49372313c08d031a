// Bad input, told so that it can be put right: where it is, what was found, what was expected, and the line itself.
//
// Pure: makes texts, prints nothing. Lines and columns count from 1; a column counts characters of the line (UTF-16 units).

export interface InputError {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Where in the structure: `array.members`, `faults[2].pull`; empty for the whole file. */
  readonly where: string
  readonly found: string
  readonly expected: string
  /** "did you mean …", or null. */
  readonly hint: string | null
  /** The line with its predecessor and a caret; empty when there is no line. */
  readonly excerpt: string
}

const EXCERPT_COLUMNS = 100

/** Cuts a long line around the column that matters; returns the text and by how much it was moved to the left. */
function cropLine(line: string, column: number): { text: string; shift: number } {
  if (line.length <= EXCERPT_COLUMNS) return { text: line, shift: 0 }
  const start = Math.max(0, Math.min(column - 1 - EXCERPT_COLUMNS / 2, line.length - EXCERPT_COLUMNS))
  return { text: line.slice(start, start + EXCERPT_COLUMNS), shift: start }
}

/** The line before, the line, and a caret row of `length` carets under the column. */
export function excerptOf(text: string, line: number, column: number, length: number): string {
  const lines = text.split(/\r\n|\r|\n/)
  const current = lines[line - 1]
  if (current === undefined || current.trim() === '') return ''
  const { text: shown, shift } = cropLine(current, column)
  const width = String(line).length
  const rows: string[] = []
  const before = line > 1 ? lines[line - 2]! : ''
  if (before.trim() !== '')
    rows.push(`${String(line - 1).padStart(width)} | ${before.slice(shift, shift + EXCERPT_COLUMNS)}`)
  rows.push(`${line} | ${shown}`)
  const indent = column - 1 - shift
  const carets = Math.max(1, Math.min(length, shown.length - indent))
  // Tabs stay tabs, so that the caret stands under its character whatever their width.
  const padding = shown.slice(0, indent).replace(/[^\t]/g, ' ')
  rows.push(`${' '.repeat(width)} | ${padding}${'^'.repeat(carets)}`)
  return rows.join('\n')
}

/** 'file:line:column: where: found X, expected Y' and the excerpt under it. */
export function formatInputError(error: InputError): string {
  const where = error.where === '' ? '' : `${error.where}: `
  const head = `${error.file}:${error.line}:${error.column}: ${where}found ${error.found}, expected ${error.expected}`
  const excerpt = error.excerpt === '' ? '' : `\n${error.excerpt.replace(/^/gm, '  ')}`
  const hint = error.hint === null ? '' : `\n  ${error.hint}`
  return head + excerpt + hint
}
