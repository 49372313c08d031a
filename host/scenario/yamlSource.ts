// A YAML text with the position of everything in it.
//
// Wraps the `yaml` package: values for the schema to check, and for each path in them the place in the text. Aliases are followed; a
// path that is not in the text (a missing key) is located at the nearest thing around it.

import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { excerptOf, type InputError } from './inputError'

export type Path = readonly PropertyKey[]

/** `faults[2].pull.bay` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? String(step) : `${text}.${String(step)}`
  }, '')
}

interface Span {
  readonly start: number
  readonly end: number
}

export class YamlSource {
  readonly file: string
  readonly text: string
  /** Errors of the YAML itself; when there are any, the rest is not to be trusted. */
  readonly syntaxErrors: readonly InputError[]
  readonly #document: Document
  readonly #lines = new LineCounter()

  constructor(text: string, file: string) {
    this.file = file
    this.text = text
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    this.syntaxErrors = this.#document.errors.map((error) => {
      const found = error.message.replace(/\.$/, '').replaceAll('\n', ' ')
      return this.#error({ start: error.pos[0], end: error.pos[1] }, '', found, 'valid YAML', null)
    })
  }

  /** Plain values, aliases resolved; throws an InputError-shaped value when aliases expand without bound. */
  value(): unknown {
    return this.#document.toJS({ maxAliasCount: 100 })
  }

  error(path: Path, found: string, expected: string, hint: string | null = null): InputError {
    return this.#error(this.#spanOf(path, false), pathText(path), found, expected, hint)
  }

  /** As `error`, at the key of the last step instead of its value. */
  errorAtKey(path: Path, found: string, expected: string, hint: string | null = null): InputError {
    return this.#error(this.#spanOf(path, true), pathText(path.slice(0, -1)), found, expected, hint)
  }

  /** What stands at a path, as a person would say it. */
  found(path: Path): string {
    const walked = this.#walk(path)
    return walked.missing ? 'nothing' : describeNode(walked.node)
  }

  has(path: Path): boolean {
    return !this.#walk(path).missing
  }

  /** Line of the value at a path. */
  lineOf(path: Path): number {
    return this.#lines.linePos(this.#spanOf(path, false).start).line
  }

  /** Line of the first character of a text value: of a block scalar, the line after its `|`. */
  firstLineOf(path: Path): number {
    const { node } = this.#walk(path)
    const line = this.#lines.linePos(node?.range?.[0] ?? 0).line
    const block = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
    return block ? line + 1 : line
  }

  #error(span: Span, where: string, found: string, expected: string, hint: string | null): InputError {
    const { line, col } = this.#lines.linePos(Math.min(span.start, this.text.length))
    const position = { line: Math.max(1, line), column: Math.max(1, col) }
    const firstLine = this.text.slice(span.start, span.end).split(/[\r\n]/)[0]!
    const excerpt = excerptOf(this.text, position.line, position.column, firstLine.trimEnd().length)
    return { file: this.file, ...position, where, found, expected, hint, excerpt }
  }

  /** Follows a path as far as it goes. `key` is the key node of the last step that was taken. */
  #walk(path: Path): { node: Node | null; key: Node | null; missing: boolean } {
    let node = this.#resolve(this.#document.contents)
    let key: Node | null = null
    for (const step of path) {
      const next = this.#step(node, step)
      if (next === null) return { node, key, missing: true }
      if (next.key !== null) key = next.key
      if (next.value === null) return { node: null, key, missing: false }
      node = next.value
    }
    return { node, key, missing: false }
  }

  #step(node: Node | null, step: PropertyKey): { key: Node | null; value: Node | null } | null {
    if (isSeq(node)) {
      const item = node.items[Number(step)]
      return item === undefined || isPair(item) ? null : { key: null, value: this.#resolve(item as Node) }
    }
    if (!isMap(node)) return null
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
    return pair === undefined ? null : { key: pair.key as Node, value: this.#resolve(pair.value as Node | null) }
  }

  #resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node
  }

  #spanOf(path: Path, atKey: boolean): Span {
    const { node, key, missing } = this.#walk(path)
    const chosen = atKey || missing || node === null ? (key ?? node) : node
    const range = chosen?.range
    return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 }
  }
}

function describeNode(node: Node | null): string {
  if (node === null || (isScalar(node) && node.value === null)) return 'nothing'
  if (isMap(node)) return node.items.length === 0 ? 'an empty map' : 'a map'
  if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : 'a list'
  if (!isScalar(node)) return 'an alias'
  if (typeof node.value !== 'string') return String(node.source ?? node.value)
  const text = node.value.length > 60 ? `${node.value.slice(0, 57)}...` : node.value
  return JSON.stringify(text)
}
