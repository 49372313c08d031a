// A scenario with two sites in a few words, played to its end with the judge on.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { JudgedRun } from '../../host/scenario/judgedRun'
import { parseScenario } from '../../host/scenario/parse'

const bytes = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))
const module = new WebAssembly.Module(bytes)

export interface Sites {
  readonly run: JudgedRun
  readonly laws: readonly string[]
  /** By site. */
  word(word: number): readonly number[]
}

const DEFAULTS = {
  remote: '',
  mode: 'sync',
  seed: 1,
  load: '',
  link: 'latency: 1 ms',
  members: 2,
  capacity: '4 MiB',
  array: '',
}

export function play(faults: string, options: Partial<typeof DEFAULTS> = {}): Sites {
  const { remote, mode, seed, load, link, members, capacity, array } = { ...DEFAULTS, ...options }
  const text = `
name: two-sites
array: { members: ${members}, driveCapacity: ${capacity}${array && `, ${array}`} }
remote: { mode: ${mode}, ${remote === '' ? '' : `${remote}, `}link: { ${link} } }
workload: [ { pattern: { ${load || 'rw: randrw, readPercent: 20, bs: 4 KiB, depth: 4, count: 800, size: 1 MiB'} } } ]
faults:
${faults || '  []'}
limits: { simulatedTime: 30 s }
`
  const parsed = parseScenario(text, 'two-sites.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const files = { microcode: bytes, texts: new Map(), bytes: new Map() }
  const run = new JudgedRun(parsed.scenario, files, seed, module, { judgesStops: true })
  expect(run.begin()).toBe(true)
  if (run.workload(run.jobs())) run.recover(false)
  const laws = run.violations.map(({ law, found }) => `${law}: ${found}`)
  return { run, laws, word: (word) => run.runner.rig.sites.map(({ controller }) => controller.statusWord(word)) }
}

export const at = (ms: number): string => `\n    at: ${ms} ms\n`
