// A scenario with snapshots in a few words, played to its end with the judge on.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { JudgedRun } from '../../host/scenario/judgedRun'
import { readLun } from '../../host/scenario/lunImage'
import { parseScenario } from '../../host/scenario/parse'
import type { LiveImage, SectorSource } from '../../host/scenario/runTypes'

const MIRROR = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))

export interface Imaged {
  readonly run: JudgedRun
  readonly laws: readonly string[]
  readonly images: readonly LiveImage[]
  word(word: number): number
}

const DEFAULTS = {
  array: 'members: 2, driveCapacity: 6 MiB, snapshotArea: 50',
  drives: '',
  load: 'rw: randrw, readPercent: 20, bs: 4 KiB, depth: 4, count: 3000, size: 1 MiB',
  images: '',
  faults: '',
  seed: 1,
}

export function play(options: Partial<typeof DEFAULTS> = {}, microcode: Uint8Array = MIRROR): Imaged {
  const { array, drives, load, images, faults, seed } = { ...DEFAULTS, ...options }
  const text = `
name: live-images
array: { ${array} }
drives: { ${drives} }
workload: [ { pattern: { ${load} } } ]
liveImages:
${images || '  []'}
faults:
${faults || '  []'}
limits: { simulatedTime: 60 s }
`
  const parsed = parseScenario(text, 'live-images.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return playParsed(parsed.scenario, seed, microcode)
}

export function playFixture(name: string, microcode: Uint8Array = MIRROR): Imaged {
  const file = `fixtures/scenarios/${name}.yaml`
  const parsed = parseScenario(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return playParsed(parsed.scenario, parsed.scenario.seed!, microcode)
}

function playParsed(scenario: ConstructorParameters<typeof JudgedRun>[0], seed: number, microcode: Uint8Array): Imaged {
  const files = { microcode, texts: new Map(), bytes: new Map() }
  const module = new WebAssembly.Module(new Uint8Array(microcode))
  const run = new JudgedRun(scenario, files, seed, module, { judgesStops: true })
  expect(run.begin()).toBe(true)
  if (run.workload(run.jobs())) run.recover(false)
  const laws = run.violations.map(({ law, found }) => `${law}: ${found}`)
  return {
    run,
    laws,
    images: run.runner.imager.images,
    word: (word) => run.runner.site.controller.statusWord(word),
  }
}

export function bytesOf(source: SectorSource): Uint8Array {
  const bytes = new Uint8Array(source.sectorCount * source.sectorBytes)
  source.read(0, source.sectorCount, bytes, 0)
  return bytes
}

/** At once: a report of where megabytes differ takes longer than all else. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

/** What the LUN is now, through the microcode. */
export function lunOf({ run }: Imaged): Uint8Array {
  run.runner.initiator.judge = null
  expect(run.runner.awaitLun()).toBe(true)
  return bytesOf(readLun(run.runner))
}

export const sectorsRead = ({ runs }: LiveImage): number => runs.reduce((sum, [, sectors]) => sum + sectors, 0)
