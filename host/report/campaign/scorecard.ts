// The scorecard of a campaign: laws down, classes of faults across, and in each cell the states that the law judged with such a fault
// behind them.

import type { FaultClass } from '../../explore/coverage'
import { LAWS, type Law } from '../../oracle/verdict'
import { type CampaignFacts, judgesAnything } from './model'

/** Heads of columns and what they stand for, in the order of the columns. */
const CLASSES: Readonly<Record<FaultClass, readonly [head: string, text: string]>> = {
  none: ['none', 'no fault struck'],
  'power-cut': ['cut', 'power cut'],
  'power-cut-in-recovery': ['cut2', 'power cut in the recovery from one'],
  'site-a-cut': ['cutA', 'explored power cut of site a alone'],
  'site-b-cut': ['cutB', 'explored power cut of site b alone'],
  'both-sites-cut': ['cuAB', 'explored power cut of both sites'],
  'late-drive': ['late', 'a drive comes back late'],
  order: ['ordr', 'events held back'],
  'nvram-loss': ['nvrm', 'NVRAM loses its content'],
  pull: ['pull', 'drive pulled'],
  insert: ['ins', 'drive inserted'],
  'latent-sector-error': ['lse', 'latent sector error'],
  'transient-read-error': ['tre', 'transient read error'],
  'transient-write-error': ['twe', 'transient write error'],
  'write-error': ['we', 'write error'],
  hang: ['hang', 'drive hangs'],
  'fail-slow': ['slow', 'drive gets slow'],
  'failing-flush': ['ffl', 'failing flush'],
  'ignored-flush': ['ifl', 'ignored flush'],
  'torn-write': ['torn', 'torn write'],
  'lost-write': ['lost', 'lost write'],
  'misdirected-write': ['misd', 'misdirected write'],
  'bit-rot': ['rot', 'bit rot'],
  'operator-scrub': ['scrb', 'operator asks for a scrub'],
  'operator-detach': ['det', 'operator detaches a member'],
  'operator-attach': ['att', 'operator attaches a member'],
  'operator-stop': ['stop', 'operator stops the array'],
  'operator-snapshot': ['snap', 'operator asks for a snapshot'],
  'operator-release': ['rels', 'operator gives a snapshot up'],
  'site-loss': ['site', 'a site is lost'],
  failover: ['fovr', 'failover'],
  'operator-promote': ['prom', 'operator promotes a site'],
  'operator-demote': ['demo', 'operator demotes a site'],
  'operator-discard': ['disc', 'operator gives up the changes of a site'],
  'operator-point': ['poin', 'operator asks for a point in time'],
  'link-cut': ['lcut', 'link cut'],
  'link-stall': ['lstl', 'link stalls'],
  'link-slow': ['lslo', 'link gets slow'],
  'link-drop': ['ldrp', 'link loses a frame'],
  'link-duplicate': ['ldup', 'link delivers a frame twice'],
  'link-reorder': ['lord', 'link changes the order of frames'],
  'link-corrupt': ['lcor', 'link damages a frame'],
}

export interface ScoreColumn {
  readonly head: string
  readonly text: string
}

export interface ScoreRow {
  readonly law: Law
  readonly state: 'held' | 'broken' | 'no-state'
  /** One for each column. */
  readonly cells: readonly number[]
}

export interface Scorecard {
  readonly columns: readonly ScoreColumn[]
  readonly rows: readonly ScoreRow[]
}

/** Columns without any state are left out. */
export function scorecard(facts: CampaignFacts): Scorecard {
  const { cells } = facts.coverage
  const known = Object.keys(CLASSES) as FaultClass[]
  const classes = [...known.filter((name) => cells[name]), ...Object.keys(cells).filter((name) => !(name in CLASSES))]
  const columns = classes.map((name) => {
    const [head, text] = CLASSES[name as FaultClass] ?? [name.slice(0, 4), name]
    return { head, text }
  })
  const rows = LAWS.map((law) => ({
    law,
    state: stateOf(facts, law),
    cells: classes.map((name) => cells[name]![law] ?? 0),
  }))
  return { columns, rows }
}

function stateOf(facts: CampaignFacts, law: Law): ScoreRow['state'] {
  if (facts.breaches.some((breach) => breach.law === law)) return 'broken'
  if (judgesAnything(facts, law)) return 'held'
  return 'no-state'
}

const SCALES: readonly (readonly [number, string])[] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
]

/** At most four characters: 999, 1.2k, 12k, 120k, 1.2M. Rounded down: a count is never told larger than it is. */
export function compactCount(count: number): string {
  const scale = SCALES.find(([size]) => count >= size)
  if (scale === undefined) return String(count)
  const [size, name] = scale
  const value = count / size
  return value < 10 ? `${(Math.floor(value * 10) / 10).toString()}${name}` : `${Math.floor(value)}${name}`
}
