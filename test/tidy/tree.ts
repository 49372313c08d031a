// The repository's own files as the tidy rules see them: path, text, and for code the syntax tree. Read once, from the working tree.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const IGNORED = new Set(['node_modules', 'build', 'dist', 'coverage', '.git'])
const TEXT_TYPES = new Set([
  '.ts',
  '.mts',
  '.mjs',
  '.js',
  '.json',
  '.md',
  '.yaml',
  '.yml',
  '.fio',
  '.html',
  '.css',
  '.py',
  '.sh',
  '.txt',
  '.patch',
  '',
])

export class TidyFile {
  private tree: ts.SourceFile | null = null

  constructor(
    /** From the root, with forward slashes. */
    readonly path: string,
    readonly text: string,
  ) {}

  get isCode(): boolean {
    return /\.m?[tj]s$/.test(this.path) && !this.isDeclaration
  }

  get isDeclaration(): boolean {
    return /\.d\.m?ts$/.test(this.path)
  }

  get ast(): ts.SourceFile {
    this.tree ??= ts.createSourceFile(this.path, this.text, ts.ScriptTarget.ES2022, true)
    return this.tree
  }

  get lineCount(): number {
    return this.text.trimEnd().split('\n').length
  }

  /** `path:line: message`, as editors and terminals know it. */
  complain(position: number, message: string): string {
    return `${this.path}:${this.text.slice(0, position).split('\n').length}: ${message}`
  }

  complainAt(node: ts.Node, message: string): string {
    return this.complain(node.getStart(this.ast), message)
  }

  /** All nodes, parents first. */
  *nodes(from: ts.Node = this.ast): Generator<ts.Node> {
    yield from
    const children: ts.Node[] = []
    ts.forEachChild(from, (child) => void children.push(child))
    for (const child of children) yield* this.nodes(child)
  }
}

/** One rule: complaints about one file. */
export type Rule = (file: TidyFile) => string[]

export function readTree(folder = ROOT): TidyFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (IGNORED.has(entry.name)) return []
    if (entry.isDirectory()) return readTree(path)
    if (!entry.isFile() || !TEXT_TYPES.has(extname(entry.name))) return []
    const text = readFileSync(path, 'utf8')
    // A NUL byte: not text, whatever its name says.
    return text.includes('\0') ? [] : [new TidyFile(relative(ROOT, path).replaceAll('\\', '/'), text)]
  })
}
