// `platterlab image convert|compare|info|check|sums`: what images hold, whatever their format. Loaded when one of them is called.

import { existsSync, readFileSync } from 'node:fs'
import { compileModule } from '../controller/moduleCheck'
import { DamagedImage } from '../formats/damagedImage'
import type { DiskImage, Finding } from '../formats/format'
import { formatNamed, formatOf, openImage } from '../formats/formats'
import { ImageInputError } from '../formats/imageInputError'
import { splitFormat } from '../formats/split/splitFormat'
import { makeSums } from '../formats/sums/diskSums'
import { sumsPathOf, writeSums } from '../formats/sums/sumsFile'
import { checkImage } from '../image/checkImage'
import { compareImages, convertImage, type ImageCopyOptions } from '../image/convertJob'
import { bytesText, plural } from '../report/quantities'
import { BadInput } from './cliError'
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_UNMET } from './exitCodes'
import { compareJson, compareText, convertJson, convertText } from './formatReport'
import { count } from './imageCommand'
import { askingOn } from './overwriteAsking'
import { builtinMicrocodeFile } from './packageFiles'
import { type ProgressLine, progressLine } from './progressLine'
import type { Terminal } from './terminal'

export interface RawFormatOptions {
  readonly from?: string
  readonly to?: string
  readonly option?: readonly string[]
  readonly overwrite?: string
  readonly track?: string
  readonly sums?: boolean
  readonly retries?: string
  readonly json?: boolean
}

export async function convertCommand(
  source: string,
  target: string,
  raw: RawFormatOptions,
  terminal: Terminal,
): Promise<number> {
  const request = {
    source,
    target,
    sourceFormat: raw.from ?? null,
    targetFormat: raw.to ?? null,
    options: raw.option ?? [],
    track: count(raw.track, '--track'),
    asking: askingOn(terminal, raw.overwrite),
  }
  return told(async () => {
    const { result, seconds } = await timed(terminal, (options) => convertImage(request, options))
    terminal.out(raw.json ? convertJson(request, result, seconds) : convertText(request, result, seconds))
    if (!result.isComplete && terminal.interrupted.aborted) return EXIT_INTERRUPTED
    if (result.isComplete && raw.sums) await sumUp(target, raw.to, terminal)
    return result.isComplete && result.lostSectors === 0 ? EXIT_OK : EXIT_UNMET
  })
}

/** Reads all of an image, and writes IMAGE.sums. */
export async function sumsCommand(path: string, raw: RawFormatOptions, terminal: Terminal): Promise<number> {
  return told(async () => {
    if (existsSync(sumsPathOf(path))) throw new ImageInputError(`${sumsPathOf(path)} exists already`)
    return sumUp(path, raw.from, terminal)
  })
}

async function sumUp(path: string, format: string | undefined, terminal: Terminal): Promise<number> {
  const image = await openImage(path, format === undefined ? formatOf(path) : formatNamed(format))
  // It has written its own.
  if (image.format === splitFormat) {
    image.close()
    return EXIT_OK
  }
  const progress = progressLine(terminal, 1)
  try {
    const onProgress = checkProgress(progress, image.diskBytes, () => 0)
    const sums = await makeSums(image, { withFiles: true, signal: terminal.interrupted, onProgress })
    progress.end()
    writeSums(sumsPathOf(path), sums)
    terminal.err(`${sumsPathOf(path)}: SHA-256 of the disk, of each chunk of it, and of each file\n`)
    return EXIT_OK
  } catch (error) {
    if (!terminal.interrupted.aborted) throw error
    return EXIT_INTERRUPTED
  } finally {
    progress.end()
    image.close()
  }
}

export async function compareCommand(
  left: string,
  right: string,
  raw: RawFormatOptions,
  terminal: Terminal,
): Promise<number> {
  const request = { left, right, leftFormat: raw.from ?? null, rightFormat: raw.to ?? null }
  return told(async () => {
    const { result, seconds } = await timed(terminal, (options) => compareImages(request, options))
    terminal.out(raw.json ? compareJson(request, result, seconds) : compareText(request, result, seconds))
    if (!result.isComplete && terminal.interrupted.aborted) return EXIT_INTERRUPTED
    return result.isComplete && result.lostSectors === 0 && result.extraIsZero ? EXIT_OK : EXIT_UNMET
  })
}

export async function infoCommand(path: string, raw: RawFormatOptions, terminal: Terminal): Promise<number> {
  return told(async () => {
    const image = await openImage(path, raw.from === undefined ? formatOf(path) : formatNamed(raw.from))
    try {
      terminal.out(raw.json ? infoJson(image) : infoText(image))
      return EXIT_OK
    } finally {
      image.close()
    }
  })
}

/** Findings are printed as they come; a hostile image may have very many. */
const FINDINGS_MAX = 1000

export async function checkCommand(path: string, raw: RawFormatOptions, terminal: Terminal): Promise<number> {
  return told(async () => {
    const image = await openImage(path, raw.from === undefined ? formatOf(path) : formatNamed(raw.from))
    const findings: Finding[] = []
    let found = 0
    let hasSums = false
    const progress = progressLine(terminal, 1)
    try {
      const report = (finding: Finding): void => {
        if (found++ < FINDINGS_MAX) findings.push(finding)
      }
      const onProgress = checkProgress(progress, image.diskBytes, () => found)
      hasSums = await checkImage(image, path, report, terminal.interrupted, onProgress)
    } finally {
      progress.end()
      image.close()
    }
    const isInterrupted = terminal.interrupted.aborted
    const format = image.format.name
    const document = { image: path, format, hasSums, isWhole: !isInterrupted, findingCount: found, findings }
    if (raw.json) terminal.out(`${JSON.stringify(document, null, 2)}\n`)
    else terminal.out(checkText(path, hasSums ? `${format}, with its sums` : format, findings, found))
    if (isInterrupted) return EXIT_INTERRUPTED
    return found === 0 ? EXIT_OK : EXIT_UNMET
  })
}

/** Sums are of the disk, which is read once more for them: that is counted from its beginning. */
function checkProgress(progress: ProgressLine, diskBytes: number, found: () => number): (doneBytes: number) => void {
  let lastBytes = 0
  return (doneBytes) => {
    if (doneBytes < lastBytes) progress.end()
    lastBytes = doneBytes
    const note = found() === 0 ? '' : plural(found(), 'finding')
    progress.show({ sectors: diskBytes, sectorsDone: doneBytes, lostSectors: 0, note })
  }
}

function checkText(path: string, how: string, findings: readonly Finding[], found: number): string {
  const lines = findings.map(({ kind, file, fileOffsetBytes, disk, text }) => {
    const of = disk === null ? '' : `, disk bytes ${disk.startBytes} to ${disk.endBytes - 1}`
    return `${kind}: ${file}, at byte ${fileOffsetBytes}${of}: ${text}`
  })
  if (found > findings.length) lines.push(`and ${found - findings.length} more`)
  lines.push(`${path} (${how}): ${found === 0 ? 'nothing wrong found' : plural(found, 'finding')}`)
  return `${lines.join('\n')}\n`
}

function infoText(image: DiskImage): string {
  const rows: (readonly [string, string])[] = [
    ['format', `${image.format.name} (${image.format.title})`],
    ['disk', `${bytesText(image.diskBytes)} (${image.diskBytes} bytes)`],
    ['sectors', `of ${image.sectorBytes} B`],
    ...image.details,
    ...image.files.map((file, index) => [index === 0 ? 'file' : '', file] as const),
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  return `${rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`).join('\n')}\n`
}

function infoJson({ format, diskBytes, sectorBytes, files, details }: DiskImage): string {
  const document = { format: format.name, diskBytes, sectorBytes, files, details: Object.fromEntries(details) }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Images that are damaged, and files that are none, are no faults of the program. */
export async function told(work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ImageInputError || error instanceof DamagedImage) throw new BadInput(error.message)
    throw error
  }
}

async function timed<T>(
  terminal: Terminal,
  work: (options: ImageCopyOptions) => Promise<T>,
): Promise<{ result: T; seconds: number }> {
  const module = compileModule(new Uint8Array(readFileSync(builtinMicrocodeFile('copier'))))
  const progress = progressLine(terminal, 512)
  const startMs = performance.now()
  try {
    const result = await work({ module, signal: terminal.interrupted, onProgress: progress.show })
    return { result, seconds: (performance.now() - startMs) / 1000 }
  } finally {
    progress.end()
  }
}
