// Who may import whom. A layer of host/ imports from itself and from layers above it in LAYERS; assembly/abi is for everybody.
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import ts from 'typescript'
import type { Rule, TidyFile } from './tree'

/** Top to bottom, as in the design. `index.ts`, the library's door, comes last. */
export const LAYERS = [
  'sim',
  'hardware',
  'controller',
  'rig',
  'workload',
  'faults',
  'oracle',
  'scenario',
  'explore',
  'disk',
  'formats',
  'image',
  'serve',
  'bench',
  'report',
  'lab',
  'cli',
  'index.ts',
]

/** These run in a browser, and give the same answer everywhere. */
const PURE_LAYERS = new Set(LAYERS.slice(0, LAYERS.indexOf('explore')))

/** Packages known to be pure themselves. */
const PURE_PACKAGES = ['pure-rand', 'zod', 'yaml', 'cron-parser']

/** Packages that one file alone may import. */
const BEHIND_ONE_FILE = new Map([['as-bind', 'host/controller/panel/asBind.ts']])

export const layerOf = (path: string): string => (path.startsWith('host/') ? path.split('/')[1] : '')

export const isPure = (file: TidyFile): boolean => PURE_LAYERS.has(layerOf(file.path))

interface Import {
  readonly node: ts.Node
  readonly specifier: string
}

export function importsOf(file: TidyFile): Import[] {
  const found: Import[] = []
  for (const node of file.nodes()) {
    const isDeclaration = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
    const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    const specifier = isDeclaration ? node.moduleSpecifier : isCall ? node.arguments[0] : undefined
    if (specifier && ts.isStringLiteralLike(specifier)) found.push({ node, specifier: specifier.text })
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push({ node, specifier: node.argument.literal.text })
    }
  }
  return found
}

export const layerOrder: Rule = (file) => {
  if (!file.path.startsWith('host/') || !file.isCode) return []
  return importsOf(file).flatMap(({ node, specifier }) => {
    const message = specifier.startsWith('.') ? judgeRelative(file, specifier) : judgePackage(file, specifier)
    return message ? [file.complainAt(node, message)] : []
  })
}

function judgeRelative(file: TidyFile, specifier: string): string | null {
  if (/\.[mc]?[tj]s$/.test(specifier)) return `import '${specifier}': leave the extension out`
  const target = posix.join(posix.dirname(file.path), specifier)
  if (target.startsWith('assembly/abi/') || target === 'package.json') return null
  if (!target.startsWith('host/')) return `imports ${target}: outside host/ only assembly/abi may be imported`
  const [from, to] = [layerOf(file.path), layerOf(target)].map((layer) => layer.replace(/^index$/, 'index.ts'))
  const [own, other] = [LAYERS.indexOf(from), LAYERS.indexOf(to)]
  if (own < 0) return `host/${from} is no layer: put the file into one of ${LAYERS.join(', ')}`
  if (other < 0) return `imports ${target}, which is in no layer of host/`
  if (other <= own) return null
  return `host/${from} imports from host/${to}, which lies below it: move what both need up, or hand it in as an argument`
}

function judgePackage(file: TidyFile, specifier: string): string | null {
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
  const home = BEHIND_ONE_FILE.get(name)
  if (home !== undefined) return file.path === home ? null : `imports ${name}: only ${home} may; use what it exports`
  if (!isPure(file)) return null
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return `imports ${specifier} in a pure layer: take the data as an argument, and let host/cli, image or report read it`
  }
  if (PURE_PACKAGES.includes(name)) return null
  return `imports the package ${name} in a pure layer: name it in PURE_PACKAGES (test/tidy/layers.ts) if it is pure itself`
}

/** Parts of assembly/ that every module may use, and what they may use themselves. */
const SHARED_ASSEMBLY = new Map([
  ['abi', ['abi']],
  ['lib', ['lib']],
  ['hal', ['hal', 'abi']],
])

export const assemblyOrder: Rule = (file) => {
  const [top, part] = file.path.split('/')
  if (top !== 'assembly' || !file.path.endsWith('.ts') || !file.isCode) return []
  const allowed = SHARED_ASSEMBLY.get(part) ?? [...SHARED_ASSEMBLY.keys(), part]
  return importsOf(file).flatMap(({ node, specifier }) => {
    const target = posix.join(posix.dirname(file.path), specifier)
    if (allowed.some((name) => target.startsWith(`assembly/${name}/`))) return []
    const expected = allowed.map((name) => `assembly/${name}`).join(', ')
    return [file.complainAt(node, `imports ${specifier}: assembly/${part} may import from ${expected} only`)]
  })
}
