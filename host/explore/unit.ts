// One unit of a campaign: a run, explored within bounds. Plain data in, plain data out; the output is a function of the input alone.
//
// Where the run comes from: it is drawn from the campaign's seed and a number (certify, swarm/drawRun.ts), or it is a scenario of a user with a seed.
// The states of one scenario may be dealt to several units by their keys: equal states come to the same unit.

import './nodeBytes'
import { keptSockets } from '../controller/keptSockets'
import { checkModule, compileModule } from '../controller/moduleCheck'
import { ProgressCell } from '../controller/progressCell'
import type { SocketSource } from '../controller/socket'
import type { Law } from '../oracle/verdict'
import type { ByteSource } from '../scenario/runTypes'
import type { ResolvedScenario } from '../scenario/scenario'
import { RandomStream } from '../sim/random'
import { HoldList, type Scheduler } from '../sim/scheduler'
import type { CoverageCounts } from './coverage'
import { type Bounds, type CutStep, type ExploreInput, Explorer } from './explorer'
import { PriorityScheduler } from './priorityScheduler'
import { drawRun } from './swarm/drawRun'

/** A module as units carry it. */
export interface Microcode {
  /** Of the bytes: who has seen the module before need not compile it again. */
  readonly digest: string
  readonly base64: string
}

/** A run of a scenario, with all that it needs. JSON-safe: `files` are base64. */
export interface ScenarioRun {
  readonly kind: 'scenario'
  readonly scenario: ResolvedScenario
  readonly texts: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly seed: number
  readonly bounds: Bounds
  /** Change points of the order's scheduler; -1: everything happens when it falls due. */
  readonly changePoints: number
}

export type RunSource = { readonly kind: 'drawn'; readonly campaignSeed: number; readonly index: number } | ScenarioRun

export interface UnitInput {
  readonly microcode: Microcode
  readonly run: RunSource
  /** Of so many units, this one takes the states whose key falls to `slice`. */
  readonly slice: number
  readonly slices: number
}

export interface UnitViolation {
  readonly law: Law
  readonly lba: number | null
  readonly found: string
  readonly expected: string
  readonly path: readonly CutStep[]
}

export interface UnitResult {
  readonly coverage: CoverageCounts
  readonly violations: readonly UnitViolation[]
}

export interface LoadedMicrocode {
  readonly bytes: Uint8Array
  readonly module: WebAssembly.Module
  readonly sockets: SocketSource
}

export function loadMicrocode(bytes: Uint8Array): LoadedMicrocode {
  const module = compileModule(new Uint8Array(bytes))
  checkModule(module)
  return { bytes, module, sockets: keptSockets(bytes) }
}

/** Steps among which change points are drawn. */
const STEPS = 400

/** Of a microcode that is told none. */
const DEADLINE_MS = 1000

export function schedulerOf(seed: number, changePoints: number, deadlineNs: number): Scheduler | null {
  if (changePoints < 0) return null
  return new PriorityScheduler(RandomStream.fromSeed(seed, 'order'), { steps: STEPS, changePoints, deadlineNs })
}

/** A module that sends no frame has no other site. */
function speaksOverALink(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.imports(module).some(({ name }) => name === 'sendFrame')
}

/** A run as the explorer takes it. */
export function exploreInput(
  run: RunSource,
  { bytes, module, sockets }: LoadedMicrocode,
  progress: ProgressCell = new ProgressCell(),
): ExploreInput {
  const { scenario, seed, bounds, changePoints } =
    run.kind === 'drawn'
      ? drawRun(run.campaignSeed, run.index, { kind: 'builtin', name: 'mirror' }, speaksOverALink(module))
      : run
  const texts = run.kind === 'drawn' ? {} : run.texts
  const files = run.kind === 'drawn' ? {} : run.files
  return {
    scenario,
    seed,
    module,
    sockets,
    progress,
    bounds,
    files: {
      microcode: bytes,
      texts: new Map(Object.entries(texts)),
      bytes: new Map(Object.entries(files).map(([path, base64]) => [path, byteSource(fromBase64(base64))])),
    },
    scheduler: () =>
      changePoints < 0 && scenario.holds.length > 0
        ? new HoldList(scenario.holds)
        : schedulerOf(seed, changePoints, (scenario.array.commandDeadlineMs || DEADLINE_MS) * 1e6),
  }
}

export function exploreUnit(input: UnitInput, loaded: LoadedMicrocode, progress: ProgressCell): UnitResult {
  const { slice, slices } = input
  const { coverage, violations } = new Explorer({ ...exploreInput(input.run, loaded, progress), slice, slices }).run()
  return {
    coverage: { ...coverage },
    violations: violations.map(({ violation, path }) => {
      const { law, lba, found, expected } = violation
      return { law, lba, found, expected, path }
    }),
  }
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

function byteSource(bytes: Uint8Array): ByteSource {
  return {
    byteLength: bytes.length,
    read(offsetBytes, target) {
      const part = bytes.subarray(offsetBytes, offsetBytes + target.length)
      target.set(part)
      return part.length
    },
  }
}
