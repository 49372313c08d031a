// `npm run mutants`: which share of the mechanical mutants of the mirror the standard campaign kills. See docs/mutants.md.
//
// Run from the root of the tree. Exits with 1 when fewer than `--least` percent of those that are not equivalent were killed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Candidate, candidatesOf, drawCandidates } from './campaign'
import type { Equivalent } from './equivalents'
import { isTrialThread, serveTrial, tryAll } from './lanes'
import { type SurveyedUnit, survey } from './survey'
import {
  effortTable,
  fateLine,
  isKilled,
  killersTable,
  killTable,
  type MutantRecord,
  recordOf,
  survivors,
} from './table'

const OPTIONS = {
  count: { type: 'string', default: '220' },
  seed: { type: 'string', default: '1' },
  states: { type: 'string', default: '20000' },
  jobs: { type: 'string', default: '2' },
  /** Seconds that one mutant may take. */
  wall: { type: 'string', default: '900' },
  'campaign-seed': { type: 'string', default: '1' },
  /** All results, as JSON. */
  json: { type: 'string' },
  /** Results of an earlier run: what it killed, or tried as long, is taken over; the rest is tried again. */
  again: { type: 'string' },
  /** File for what the survey found, or that has it: of the same module, the same draw and the same campaign. */
  survey: { type: 'string' },
  /** Try those that are known to be equivalent, too: one that is killed is not. */
  equivalents: { type: 'boolean', default: false },
  least: { type: 'string', default: '0' },
} as const

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS })
  const root = process.cwd()
  const equivalents = JSON.parse(readFileSync(join(root, 'test/mutants/equivalent.json'), 'utf8')) as Equivalent[]
  const { bytes, candidates } = await candidatesOf(root, equivalents)
  const drawn = drawCandidates(candidates, Number(values.count), Number(values.seed))
  console.log(`${drawn.length} of ${candidates.length} mutants, seed ${values.seed}, ${values.states} states each`)
  const known =
    values.again === undefined ? new Map<string, MutantRecord>() : triedBefore(values.again, Number(values.states))
  const records = drawn.flatMap((candidate) => {
    const before = known.get(candidate.mutant.id)
    if (before !== undefined) return [recordOf(candidate, before.fate)]
    return candidate.equivalent === null || values.equivalents
      ? []
      : [recordOf(candidate, { kind: 'untried', states: 0 })]
  })
  const open = drawn.filter(({ mutant, equivalent }) => {
    return !known.has(mutant.id) && (values.equivalents || equivalent === null)
  })
  const units = surveyed(values.survey, bytes, open, Number(values['campaign-seed']), Number(values.states))
  if (values.again !== undefined) cheapestFirst(open, units)
  const save = (): void => {
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(records, null, 1)}\n`)
  }
  const inputOf = ({ mutant }: Candidate) => ({
    bytes: mutant.make(),
    campaignSeed: Number(values['campaign-seed']),
    states: Number(values.states),
    known: Int32Array.from(units, ({ states, reached }) => (reached.includes(mutant.offset) ? -1 : states)),
  })
  await tryAll(
    open.length,
    (index) => inputOf(open[index]),
    (index, fate) => {
      const record = recordOf(open[index], fate)
      records.push(record)
      console.log(fateLine(record))
      save()
    },
    new URL(import.meta.url),
    { lanes: Number(values.jobs), stallMs: 5_000, wallMs: 1000 * Number(values.wall) },
  )
  save()
  console.log(`\n${killTable(records)}\n\n${killersTable(records)}\n\n${effortTable(records)}\n\n${survivors(records)}`)
  const relevant = records.filter((record) => isKilled(record) || record.equivalent === null)
  return relevant.filter(isKilled).length * 100 >= Number(values.least) * relevant.length ? 0 : 1
}

/** Units of the campaign as the mirror itself goes through them, with the offsets that it comes to. */
function surveyed(
  file: string | undefined,
  bytes: Uint8Array,
  candidates: readonly Candidate[],
  campaignSeed: number,
  states: number,
): SurveyedUnit[] {
  if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SurveyedUnit[]
  const places = [...new Set(candidates.map(({ mutant }) => mutant.offset))]
  const units = survey(bytes, places, campaignSeed, states).map((unit) => {
    return { states: unit.states, reached: unit.reached.map((place) => places[place]) }
  })
  if (file !== undefined) writeFileSync(file, JSON.stringify(units))
  return units
}

/** Survivors of a short run: those that few units come to are soon known. */
function cheapestFirst(candidates: Candidate[], units: readonly SurveyedUnit[]): void {
  const effort = new Map<number, number>()
  for (const { states, reached } of units)
    for (const offset of reached) effort.set(offset, (effort.get(offset) ?? 0) + states)
  const effortOf = ({ mutant }: Candidate): number => effort.get(mutant.offset) ?? 0
  candidates.sort((a, b) => effortOf(a) - effortOf(b))
}

function triedBefore(file: string, states: number): Map<string, MutantRecord> {
  const records = JSON.parse(readFileSync(file, 'utf8')) as MutantRecord[]
  const done = records.filter((record) => isKilled(record) || record.fate.states >= states)
  return new Map(done.map((record) => [record.id, record]))
}

if (isTrialThread()) serveTrial()
else process.exitCode = await main()
