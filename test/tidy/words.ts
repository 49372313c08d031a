// Words that have no place in any file: work left over, and traces of the machine on which it was written.
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT, type Rule } from './tree'

// Put together from halves, so that this file does not complain about itself.
const LEFT_OVER = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`, 'g')

const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.~-])\/(?:work|root|home\/\w+|Users\/\w+)\/[\w.-]*/g, 'a path of one machine: name it from the repository'],
  [
    /\b(?:10\.\d+|172\.(?:1[6-9]|2\d|3[01])|192\.168|169\.254)\.\d+\.\d+\b/g,
    'an address of one network: use localhost',
  ],
  [/\bregistry\.[\w-]+\.\w+/g, "a registry's host: the user's own npm configuration says where packages come from"],
]

/** Lines of somebody else, or made by a machine. */
const QUOTED = /^(package-lock\.json|LICENSE)$/

export const leftOver: Rule = (file) =>
  QUOTED.test(file.path)
    ? []
    : matches(file.text, LEFT_OVER).map(([word, position]) =>
        file.complain(position, `${word}: do it now, or write an issue and leave no mark`),
      )

export const foreignWords: Rule = (file) => {
  if (QUOTED.test(file.path)) return []
  return FOREIGN.flatMap(([pattern, message]) =>
    matches(file.text, pattern).map(([word, position]) => file.complain(position, `${word}: ${message}`)),
  )
}

/** Every fixture that a text names is there; a name with `*` matches something. */
export const fixturesExist: Rule = (file) => {
  if (!/^(README\.md|CHANGELOG\.md|package\.json|docs\/|host\/|test\/|fixtures\/|\.ci\/)/.test(file.path)) return []
  return matches(file.text, /\bfixtures\/[\w./*-]*[\w*]/g).flatMap(([path, position]) => {
    // In `fixtures/bugs/ID` the capitals stand for a name.
    if (/\/[A-Z]+$/.test(path) || exists(path)) return []
    return [file.complain(position, `${path}: there is no such fixture`)]
  })
}

/** Links from one page to another. */
export const linksExist: Rule = (file) => {
  if (!file.path.endsWith('.md')) return []
  return matches(file.text, /\]\((?!https?:|#|mailto:)([^)#\s]+)/g).flatMap(([link, position]) => {
    const target = join(dirname(file.path), link.slice(2))
    return existsSync(join(ROOT, target)) ? [] : [file.complain(position, `links to ${target}, which is not there`)]
  })
}

function exists(path: string): boolean {
  if (!path.includes('*')) return existsSync(join(ROOT, path))
  const folder = join(ROOT, path.slice(0, path.indexOf('*')), '.')
  const pattern = new RegExp(`^${path.split('*').map(quotePattern).join('[^/]*')}$`)
  const base = existsSync(folder) ? folder : dirname(folder)
  if (!existsSync(base)) return false
  return readdirSync(base).some((name) => pattern.test(join(base, name).slice(ROOT.length).replace(/^\//, '')))
}

const quotePattern = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')

function matches(text: string, pattern: RegExp): [word: string, position: number][] {
  return [...text.matchAll(pattern)].map((match) => [match[0], match.index])
}
