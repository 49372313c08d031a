// How long a file and a function may be, and how a file begins.
import ts from 'typescript'
import type { Rule, TidyFile } from './tree'

const FUNCTION_LINES_MAX = 70
const FILE_LINES_MAX = 400
const CONTRACT_CHARACTERS_MIN = 20

const isOurCode = (file: TidyFile): boolean => /^(host|assembly|scripts|test|fixtures)\//.test(file.path) && file.isCode

export const fileLength: Rule = (file) => {
  if (!isOurCode(file) || file.lineCount <= FILE_LINES_MAX) return []
  return [
    `${file.path}:1: ${file.lineCount} lines; a file holds one idea, in ${FILE_LINES_MAX} lines at most: split it`,
  ]
}

export const functionLength: Rule = (file) => {
  // In tests, the callback of `describe` is a chapter, not a function.
  if (!isOurCode(file) || file.path.startsWith('test/')) return []
  const complaints: string[] = []
  for (const node of file.nodes()) {
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) continue
    const lines = lineOf(file, node.getEnd()) - lineOf(file, node.getStart(file.ast)) + 1
    if (lines <= FUNCTION_LINES_MAX) continue
    const message = `${nameOf(node)} has ${lines} lines, ${FUNCTION_LINES_MAX} at most: split it by step`
    complaints.push(file.complainAt(node, message))
  }
  return complaints
}

const lineOf = (file: TidyFile, position: number): number => file.ast.getLineAndCharacterOfPosition(position).line

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText()
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : 'this function'
}

export const contractAtHead: Rule = (file) => {
  if (!/^(host|assembly)\//.test(file.path) || !(file.isCode || file.isDeclaration)) return []
  const first = file.ast.statements[0] ?? file.ast.endOfFileToken
  const comments = ts.getLeadingCommentRanges(file.text, first.getFullStart()) ?? []
  const words = comments.map(({ pos, end }) => file.text.slice(pos, end).replace(/^[/*\s]+|[*/\s]+$/g, ''))
  const contract = words.filter((text) => !text.startsWith('biome-ignore')).join(' ')
  if (contract.length >= CONTRACT_CHARACTERS_MIN) return []
  return [`${file.path}:1: opens without its contract: say first what the file promises, and what it does not`]
}
