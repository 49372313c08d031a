// `platterlab image convert|compare|info|check`: what images hold, whatever their format. Loaded when one of them is called.

import { readFileSync } from 'node:fs'
import { compileModule } from '../controller/moduleCheck'
import { DamagedImage } from '../formats/damagedImage'
import type { DiskImage, Finding } from '../formats/format'
import { formatNamed, formatOf, openImage } from '../formats/formats'
import { ImageInputError } from '../formats/imageInputError'
import { compareImages, convertImage, type ImageCopyOptions } from '../image/convertJob'
import { bytesText, plural } from '../report/quantities'
import { BadInput } from './cliError'
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_UNMET } from './exitCodes'
import { compareJson, compareText, convertJson, convertText } from './formatReport'
import { askingOn } from './overwriteAsking'
import { builtinMicrocodeFile } from './packageFiles'
import { progressLine } from './progressLine'
import type { Terminal } from './terminal'

export interface RawFormatOptions {
  readonly from?: string
  readonly to?: string
  readonly option?: readonly string[]
  readonly overwrite?: string
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
    asking: askingOn(terminal, raw.overwrite),
  }
  return told(async () => {
    const { result, seconds } = await timed(terminal, (options) => convertImage(request, options))
    terminal.out(raw.json ? convertJson(request, result, seconds) : convertText(request, result, seconds))
    if (!result.isComplete && terminal.interrupted.aborted) return EXIT_INTERRUPTED
    return result.isComplete && result.lostSectors === 0 ? EXIT_OK : EXIT_UNMET
  })
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
    let count = 0
    try {
      await image.check((finding) => {
        if (count++ < FINDINGS_MAX) findings.push(finding)
      }, terminal.interrupted)
    } finally {
      image.close()
    }
    const isInterrupted = terminal.interrupted.aborted
    const format = image.format.name
    if (raw.json) {
      terminal.out(
        `${JSON.stringify({ image: path, format, isWhole: !isInterrupted, findingCount: count, findings }, null, 2)}\n`,
      )
    } else terminal.out(checkText(path, format, findings, count))
    if (isInterrupted) return EXIT_INTERRUPTED
    return count === 0 ? EXIT_OK : EXIT_UNMET
  })
}

function checkText(path: string, format: string, findings: readonly Finding[], count: number): string {
  const lines = findings.map(({ kind, file, fileOffsetBytes, disk, text }) => {
    const of = disk === null ? '' : `, disk bytes ${disk.startBytes} to ${disk.endBytes - 1}`
    return `${kind}: ${file}, at byte ${fileOffsetBytes}${of}: ${text}`
  })
  if (count > findings.length) lines.push(`and ${count - findings.length} more`)
  lines.push(`${path} (${format}): ${count === 0 ? 'nothing wrong found' : plural(count, 'finding')}`)
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
