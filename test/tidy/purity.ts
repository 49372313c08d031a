// What may not be called, and what to use instead. A name counts when it is the global one: not a property, not declared in the file.
import ts from 'typescript'
import { isPure } from './layers'
import type { Rule, TidyFile } from './tree'

const TIME = 'time is simulated: take it from the clock (host/sim) or as an argument'
const PROMISE = 'the pure layers are synchronous: return a value, and let host/cli wait'
const TIMER = 'schedule an event (host/sim) instead'
const OUTSIDE = 'the pure layers touch nothing outside: take it as an argument'

const IMPURE_GLOBALS = new Map([
  ['Date', TIME],
  ['performance', TIME],
  ['setTimeout', TIMER],
  ['setInterval', TIMER],
  ['setImmediate', TIMER],
  ['queueMicrotask', TIMER],
  ['requestAnimationFrame', TIMER],
  ['Promise', PROMISE],
  ['Buffer', 'not in a browser: use Uint8Array and DataView'],
  ['process', OUTSIDE],
  ['console', 'return what is to be said; host/report and host/cli say it'],
  ['fetch', OUTSIDE],
  ['window', OUTSIDE],
  ['document', OUTSIDE],
  ['navigator', OUTSIDE],
  ['globalThis', OUTSIDE],
  ['crypto', 'draw from a stream of the seed (host/sim/random.ts)'],
  ['Worker', OUTSIDE],
  ['SharedArrayBuffer', OUTSIDE],
  ['WeakRef', 'the collector is not the same twice: keep or drop the object yourself'],
  ['FinalizationRegistry', 'the collector is not the same twice: say when the object ends'],
])

/** ECMA-262 21.3.2: "implementation-approximated", so not the same bits in every engine. */
const INEXACT_MATH = new Set(
  'acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow sin sinh tan tanh'.split(
    ' ',
  ),
)

/** In all of host/, pure or not. */
const BANNED_MEMBERS = new Map([
  ['Math.random', 'draw from a stream of the seed (host/sim/random.ts)'],
  ['localeCompare', 'depends on the machine: compare with < and >'],
  ['toLocaleString', 'depends on the machine: format it with host/sim/units.ts'],
  ['toLocaleDateString', 'depends on the machine: use toISOString'],
  ['toLocaleTimeString', 'depends on the machine: use toISOString'],
])

const BANNED_GLOBALS = new Map([
  ['eval', 'write the code out'],
  ['Intl', 'depends on the machine: format it yourself'],
  ['require', 'use import'],
])

/** Places where a rule of this file is broken on purpose: path, name, and why. */
const EXCEPTIONS: readonly { path: string; name: string; why: string }[] = []

export const purity: Rule = (file) => {
  if (!file.path.startsWith('host/') || !file.isCode) return []
  const declared = declaredNames(file)
  const pure = isPure(file)
  const complaints: string[] = []
  for (const node of file.nodes()) {
    const [name, instead] = judge(node, declared, pure)
    if (name === '' || EXCEPTIONS.some((known) => known.path === file.path && known.name === name)) continue
    complaints.push(file.complainAt(node, `${name}: ${instead}`))
  }
  return complaints
}

const FINE: [string, string] = ['', '']

function judge(node: ts.Node, declared: ReadonlySet<string>, pure: boolean): [name: string, instead: string] {
  if (pure && (ts.isAwaitExpression(node) || isAsyncFunction(node))) return ['async', PROMISE]
  if (ts.isPropertyAccessExpression(node)) return judgeMember(node, pure)
  if (!ts.isIdentifier(node) || declared.has(node.text) || !isGlobalUse(node)) return FINE
  const instead = BANNED_GLOBALS.get(node.text) ?? (pure ? IMPURE_GLOBALS.get(node.text) : undefined)
  return instead === undefined ? FINE : [node.text, instead]
}

function judgeMember(node: ts.PropertyAccessExpression, pure: boolean): [string, string] {
  const member = node.name.text
  const whole = ts.isIdentifier(node.expression) ? `${node.expression.text}.${member}` : member
  const instead = BANNED_MEMBERS.get(whole) ?? BANNED_MEMBERS.get(member)
  if (instead !== undefined) return [whole, instead]
  if (pure && whole === `Math.${member}` && INEXACT_MATH.has(member)) {
    return [
      whole,
      'differs from engine to engine in the last bit: use + - * / and Math.sqrt, a table, or an exact function of ours',
    ]
  }
  return FINE
}

const isAsyncFunction = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)

/** Neither the name of a property, nor of something that is being declared. */
function isGlobalUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isQualifiedName(parent)) return parent.left === node
  if (ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) return parent.initializer === node
  if (ts.isJsxAttribute(parent)) return false
  return !isNamed(parent, node)
}

/** Methods, fields, signatures, enum members, labels: `parent` is what the identifier names. */
const isNamed = (parent: ts.Node, node: ts.Identifier): boolean =>
  (ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isEnumMember(parent) || ts.isNamedTupleMember(parent)) &&
  parent.name === node

/** Everything that the file declares or imports, in whatever scope. */
function declaredNames(file: TidyFile): Set<string> {
  const names = new Set<string>()
  for (const node of file.nodes()) {
    const isDeclaration =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node) ||
      ts.isNamespaceImport(node)
    if (isDeclaration && node.name && ts.isIdentifier(node.name)) names.add(node.name.text)
  }
  return names
}
