// The run loop as a benchmark: random mirrored 4 KiB writes on two drives, queue depth 32.

import { STATUS_WORDS } from '../../assembly/abi/status'
import { Oracle } from '../oracle/oracle'
import { parseScenario } from '../scenario/parse'
import { Runner } from '../scenario/runner'
import { GeneratorJob } from '../workload/generator'

export const WRITES_PER_RUN = 600_000

export interface WriteCase {
  readonly judged: boolean
  readonly model: 'ideal' | 'hdd' | 'ssd'
  /** What the writes are spread over. */
  readonly spanBytes: number
  /** Mirrored to a second site as well, in mode `sync`. */
  readonly remote?: boolean
}

const MIB = 1024 * 1024
/** What a member needs beside its data, with room to spare. */
const METADATA_MIB = 2

const scenarioText = ({ model, spanBytes, remote }: WriteCase): string => `
name: bench
array: { members: 2, driveCapacity: ${spanBytes / MIB + METADATA_MIB} MiB }
drives: { model: ${model} }
${remote ? 'remote: { mode: sync, link: { latency: 50 us } }' : ''}
workload: [ { pattern: { rw: randwrite, bs: 4 KiB, count: 1 } } ]
`

const NOTHING = (): void => {}

/** Prepares an array; the function that it returns carries the writes out. */
export function mirroredWrites(microcode: Uint8Array, writeCase: WriteCase): () => void {
  const parsed = parseScenario(scenarioText(writeCase), 'bench')
  if (!parsed.ok) throw new Error('the benchmark must have a valid scenario')
  const module = new WebAssembly.Module(new Uint8Array(microcode))
  const hooks = {
    powerCut: NOTHING,
    crashed: (reason: string) => {
      throw new Error(reason)
    },
    claimsChanged: NOTHING,
    driveDone: NOTHING,
    commandOverdue: NOTHING,
    overdue: (what: string) => {
      throw new Error(what)
    },
  }
  const runner = new Runner(parsed.scenario, module, 1, hooks)
  if (!runner.format()) throw new Error('the array must come')
  const { lunSectors, site } = runner
  if (writeCase.judged) {
    const { controller } = site
    const view = {
      bayCount: site.bays.length,
      get status() {
        const at = controller.descriptor.statusAddress >>> 2
        return controller.words.subarray(at, at + STATUS_WORDS)
      },
      driveIn: (bay: number) => site.bays[bay] ?? null,
      filters: [],
      nvramLosses: 0,
      isNvramOld: false,
    }
    runner.initiator.judge = new Oracle({ lunSectors, sectorBytes: 512, writeCacheEnabled: false, view })
  }
  const options = {
    access: 'write',
    order: 'random',
    requests: WRITES_PER_RUN,
    queueDepth: 32,
    randomMap: false,
  } as const
  const job = new GeneratorJob(
    { name: 'bench', sizeBytes: writeCase.spanBytes, ...options },
    { lunSectors, sectorBytes: 512 },
    1,
  )
  return () => {
    if (!runner.carryOut([job], 1e15, 'the writes')) throw new Error('the writes must end')
  }
}
