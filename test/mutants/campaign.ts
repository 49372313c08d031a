// Which mutants of the mirror are tried, and what is known of each: its place in the source, and whether somebody has found that it
// does what the mirror does.
//
// Left out are functions that cannot change what an array does (reach.ts: the front panel), and the runtime and library of the compiler's,
// whether called or inlined.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Equivalent, equivalenceOf } from './equivalents'
import { type Mutant, mutantsOf, sample } from './mutate'
import { compileNamedMirror } from './namedMirror'
import { entryExports, functionsReachableFrom } from './reach'

export interface Candidate {
  readonly mutant: Mutant
  /** `assembly/mirror/write.ts:71`, and the text of that line. */
  readonly line: string
  readonly text: string
  /** Why it is equivalent, or null: it is not known to be. */
  readonly equivalent: string | null
}

export interface Candidates {
  /** What they are mutants of: the mirror with names. */
  readonly bytes: Uint8Array
  readonly candidates: readonly Candidate[]
}

/** All that may be drawn, from the sources in the tree at `root`. */
export async function candidatesOf(root: string, equivalents: readonly Equivalent[]): Promise<Candidates> {
  const named = await compileNamedMirror(root)
  const { bytes } = named
  const functions = functionsReachableFrom(bytes, entryExports(bytes))
  const texts = new Map<string, readonly string[]>()
  const textOf = (line: string): string => {
    const [file, number] = line.split(':')
    if (!texts.has(file)) texts.set(file, readFileSync(join(root, file), 'utf8').split('\n'))
    return texts.get(file)![Number(number) - 1]?.trim() ?? ''
  }
  const places = mutantsOf(bytes, { functions, names: named.names }).flatMap((mutant) => {
    const line = named.lineOf(mutant.offset)
    if (line === null || line.startsWith('~') || mutant.functionName?.startsWith('~')) return []
    return [{ mutant, line, text: textOf(line) }]
  })
  const ordinals = ordinalsOf(places)
  const candidates = places.map(({ mutant, line, text }, i) => {
    return { mutant, line, text, equivalent: equivalenceOf(mutant, line, text, equivalents, ordinals[i]) }
  })
  return { bytes, candidates }
}

/** Of each: `1 of 2`, among those that make the same of an equal line in the same function. */
function ordinalsOf(places: readonly Omit<Candidate, 'equivalent'>[]): string[] {
  const alike = new Map<string, Mutant[]>()
  for (const { mutant, line, text } of places) {
    const key = [mutant.functionIndex, mutant.kind, mutant.detail, line.split(':')[0], text].join(' ')
    alike.set(key, [...(alike.get(key) ?? []), mutant])
  }
  const ordinals = new Map<Mutant, string>()
  for (const group of alike.values()) {
    for (const [i, mutant] of group.entries()) ordinals.set(mutant, `${i + 1} of ${group.length}`)
  }
  return places.map(({ mutant }) => ordinals.get(mutant)!)
}

/** `count` of them by `seed`; the same as long as the module is the same. */
export function drawCandidates(candidates: readonly Candidate[], count: number, seed: number): Candidate[] {
  const byMutant = new Map(candidates.map((candidate) => [candidate.mutant, candidate]))
  return sample([...byMutant.keys()], count, seed).map((mutant) => byMutant.get(mutant)!)
}
