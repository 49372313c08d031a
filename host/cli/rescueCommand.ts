// Runs `image rescue`: reads its options, shows progress, tells the result. Data on stdout, talk on stderr.

import { readFileSync } from 'node:fs'
import {
  RESCUE_NO_SCRAPE,
  RESCUE_NO_SKIP,
  RESCUE_NO_TRIM,
  RESCUE_REVERSE,
  RESCUE_UNIDIRECTIONAL,
} from '../../assembly/abi/rescue'
import { compileModule } from '../controller/moduleCheck'
import { ImageInputError } from '../formats/imageInputError'
import { type RescueOptions, type RescueProgress, type RescueResult, runRescue } from '../image/rescueJob'
import type { RescueStrategy } from '../image/rescueMap'
import { rescuePlot } from '../report/rescuePlot'
import { parseBytes, parseDurationNs, UnitError } from '../sim/units'
import { BadInput } from './cliError'
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_UNMET } from './exitCodes'
import { count, SECTOR_SIZES, simulationWanted } from './imageCommand'
import { OutputFiles } from './outputFile'
import { builtinMicrocodeFile } from './packageFiles'
import { progressLine } from './progressLine'
import { rescueJson, rescueText } from './rescueReport'
import type { RawSimulationOptions } from './simulationOptions'
import type { Terminal } from './terminal'
import { VERSION } from './version'

export interface RawRescueOptions extends RawSimulationOptions {
  readonly reverse?: boolean
  readonly unidirectional?: boolean
  readonly trim: boolean
  readonly scrape: boolean
  readonly retryPasses?: string
  readonly tryAgain?: boolean
  readonly retrim?: boolean
  readonly skipSize?: string
  readonly clusterSize?: string
  readonly minReadRate?: string
  readonly readTimeout?: string
  readonly checkpoint?: string
  readonly readBack?: boolean
  readonly force?: boolean
  readonly sectorSize: string
  readonly plot?: string
  readonly json?: boolean
}

/** Returns the exit code; throws BadInput. */
export async function rescueCommand(
  source: string,
  target: string,
  mapfile: string | null,
  raw: RawRescueOptions,
  terminal: Terminal,
): Promise<number> {
  const sectorBytes = count(raw.sectorSize, '--sector-size')!
  if (!SECTOR_SIZES.includes(sectorBytes)) {
    throw new BadInput(`--sector-size: found ${raw.sectorSize}, expected one of ${SECTOR_SIZES.join(', ')}`)
  }
  const simulation = await simulationWanted(raw)
  if (raw.plot !== undefined && simulation === null)
    throw new BadInput('--plot is for simulated drives: --source-drive')
  const request = { source, target, mapfile, sectorBytes, force: raw.force ?? false }
  const progress = progressLine(terminal, sectorBytes)
  const options: RescueOptions = {
    module: compileModule(new Uint8Array(readFileSync(builtinMicrocodeFile('copier')))),
    strategy: strategyOf(raw, sectorBytes),
    again: againOf(raw),
    readBack: raw.readBack ?? false,
    clusterBytes: bytes(raw.clusterSize, '--cluster-size'),
    checkpointBytes: bytes(raw.checkpoint, '--checkpoint'),
    comments: [`Mapfile. Created by Platterlab version ${VERSION}`],
    signal: terminal.interrupted,
    simulation,
    comparesPlain: raw.plot !== undefined,
    onProgress: (rescued) => progress.show({ ...rescued, note: phaseText(rescued) }),
  }
  const files = new OutputFiles()
  try {
    if (raw.plot !== undefined) files.temporary(raw.plot)
    const startMs = performance.now()
    const result = await runRescue(request, options)
    progress.end()
    if (raw.plot !== undefined) files.write(raw.plot, plotOf(result))
    files.commit()
    const seconds = (performance.now() - startMs) / 1000
    terminal.out(raw.json ? rescueJson(request, result, seconds) : rescueText(request, result, seconds))
    if (!result.isComplete) tellHowToGoOn(mapfile, terminal)
    return exitCodeOf(result, terminal)
  } catch (error) {
    if (error instanceof ImageInputError) throw new BadInput(error.message)
    throw error
  } finally {
    progress.end()
    files.discard()
  }
}

const PHASES = { '?': 'copying', '*': 'trimming', '/': 'scraping', '-': 'retrying', '+': '' } as const

/** In ddrescue's words: 'copying, pass 2' */
function phaseText({ phase = '+', pass = 0 }: RescueProgress): string {
  const counts = phase === '?' || phase === '-'
  return counts ? `${PHASES[phase]}, pass ${pass}` : PHASES[phase]
}

function strategyOf(raw: RawRescueOptions, sectorBytes: number): RescueStrategy {
  const [first, max, ...more] = raw.skipSize?.split(',') ?? []
  if (more.length > 0) throw new BadInput(`--skip-size: found ${JSON.stringify(raw.skipSize)}, expected first[,max]`)
  const skipsNothing = first !== undefined && /^\s*0\s*$/.test(first)
  const sectorsOf = (text: string | undefined): number =>
    text === undefined || text === '' || skipsNothing ? 0 : Math.ceil(bytes(text, '--skip-size')! / sectorBytes)
  const flags =
    (raw.reverse ? RESCUE_REVERSE : 0) |
    (raw.unidirectional ? RESCUE_UNIDIRECTIONAL : 0) |
    (raw.trim ? 0 : RESCUE_NO_TRIM) |
    (raw.scrape ? 0 : RESCUE_NO_SCRAPE) |
    (skipsNothing ? RESCUE_NO_SKIP : 0)
  const timeoutNs = duration(raw.readTimeout, '--read-timeout')
  return {
    flags,
    skipFirstSectors: sectorsOf(first),
    skipMaxSectors: sectorsOf(max),
    retryPasses: retryPasses(raw.retryPasses),
    minRateKib: Math.ceil((bytes(raw.minReadRate, '--min-read-rate') ?? 0) / 1024),
    readDeadlineMs: timeoutNs === undefined ? 0 : Math.max(1, Math.round(timeoutNs / 1e6)),
  }
}

/** With both options, what is bad counts as non-tried, too. */
function againOf({ tryAgain, retrim }: RawRescueOptions): RescueOptions['again'] {
  if (tryAgain) return { from: retrim ? '*/-' : '*/', to: '?' }
  return retrim ? { from: '/-', to: '*' } : null
}

function retryPasses(text = '0'): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new BadInput(`--retry-passes: found ${JSON.stringify(text)}, expected a whole number from 0 to 999999`)
}

/** More than none. */
function bytes(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const value = quantity(text, option, parseBytes)
  if (value === 0 || value >= 2 ** 40) throw new BadInput(`${option}: found ${text}, expected a size from 1 B to 1 TiB`)
  return value
}

function duration(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : quantity(text, option, parseDurationNs)
}

function quantity(text: string, option: string, parse: (text: string) => number): number {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof UnitError) throw new BadInput(`${option}: ${error.message}`)
    throw error
  }
}

function plotOf({ simulated, sectorBytes, sourceBytes }: RescueResult): string {
  const { curve, plain } = simulated!
  return rescuePlot({ rescue: curve, plain: plain ?? [], sectorBytes, sourceBytes })
}

function tellHowToGoOn(mapfile: string | null, terminal: Terminal): void {
  if (mapfile === null) terminal.err('the rescue is not complete, and without a map file it begins again\n')
  else terminal.err(`the rescue is not complete; the same command goes on with it (${mapfile})\n`)
}

function exitCodeOf(result: RescueResult, terminal: Terminal): number {
  if (!result.isComplete && terminal.interrupted.aborted) return EXIT_INTERRUPTED
  return result.isComplete && result.map.areas.every(({ status }) => status === '+') ? EXIT_OK : EXIT_UNMET
}
