// mdadm as a judge of member images: what `--examine`, `--examine-bitmap` and `--examine-badblocks` say, as values.
//
// mdadm's exit code says little: it is 0 for a wrong checksum, for a truncated device, and for a bitmap that it silently disregarded.
// So each reader collects `problems`: every sign in the text that mdadm does not accept what it saw. Accepted = no problems.
// Not promised: that Linux assembles the array; mdadm reads one member at a time and believes its superblock.

import { withLoopDevice } from './loopDevice'
import { runTool } from './tools'

export interface MdadmExamine {
  /** Every line of mdadm's answer by its key, as printed. */
  readonly fields: ReadonlyMap<string, string>
  /** Why mdadm does not accept this member; empty = accepted. */
  readonly problems: readonly string[]
  readonly featureMap: number
  readonly arrayUuid: string
  readonly name: string
  readonly raidDevices: number
  readonly dataOffsetSectors: number
  readonly availableSectors: number
  readonly events: bigint
  /** False = "active": the array was being written, or is not in sync yet. */
  readonly clean: boolean
  readonly bitmapOffsetSectors: number | null
  readonly recoveryOffsetSectors: number | null
  /** Position in the array; null = a spare (mdadm says so of a faulty one, too). */
  readonly activeDevice: number | null
  /** A letter for each position: A active, . missing, R being replaced. */
  readonly arrayState: string
}

export interface MdadmBitmap {
  readonly fields: ReadonlyMap<string, string>
  readonly problems: readonly string[]
  readonly uuid: string
  readonly events: bigint
  readonly eventsCleared: bigint
  readonly state: string
  readonly chunkBytes: number
  readonly syncKibibytes: number
  readonly bits: number
  readonly dirtyBits: number
}

export interface MdadmBadBlock {
  /** Counted from the start of the device. */
  readonly sector: number
  readonly sectorCount: number
}

function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(' : ')
    if (colon > 0) fields.set(line.slice(0, colon).trim(), line.slice(colon + 3).trim())
  }
  return fields
}

const leadingNumber = (text: string | undefined) => Number(/^-?\d+/.exec(text ?? '')?.[0] ?? Number.NaN)
const leadingBigint = (text: string | undefined) => BigInt(/^\d+/.exec(text ?? '')?.[0] ?? -1)

function examineProblems(text: string, errors: string, fields: ReadonlyMap<string, string>): string[] {
  const problems = errors.split('\n').filter((line) => line !== '')
  if (!/ - correct$/.test(fields.get('Checksum') ?? '')) problems.push(`Checksum : ${fields.get('Checksum')}`)
  // A bitmap with a wrong magic or another array's UUID is not reported: mdadm clears the feature bit in its copy, and then
  // finds the checksum off by one. A space of nearly 2^64 is a negative one.
  for (const line of text.split('\n')) {
    if (/WARNING|TRUNCATED|TOO SMALL/.test(line)) problems.push(line.trim())
    if (/after=(1844674407370\d{7}|-)/.test(line)) problems.push(`the device is too small: ${line.trim()}`)
  }
  return problems
}

/** Reads a plain file or a device. */
export function mdadmExamine(file: string): MdadmExamine {
  const { exitCode, stdout, stderr } = runTool('mdadm', ['--examine', file])
  if (exitCode !== 0) throw new Error(`mdadm --examine ${file}: exit code ${exitCode}: ${stderr}${stdout}`)
  const fields = readFields(stdout)
  const role = /^Active device (\d+)$/.exec(fields.get('Device Role') ?? '')
  const optional = (key: string) => (fields.has(key) ? leadingNumber(fields.get(key)) : null)
  return {
    fields,
    problems: examineProblems(stdout, stderr, fields),
    featureMap: Number(fields.get('Feature Map')),
    arrayUuid: fields.get('Array UUID') ?? '',
    name: (fields.get('Name') ?? '').replace(/ {2}\(local to host .*\)$/, ''),
    raidDevices: leadingNumber(fields.get('Raid Devices')),
    dataOffsetSectors: leadingNumber(fields.get('Data Offset')),
    availableSectors: leadingNumber(fields.get('Avail Dev Size')),
    events: leadingBigint(fields.get('Events')),
    clean: fields.get('State') === 'clean',
    bitmapOffsetSectors: optional('Internal Bitmap'),
    recoveryOffsetSectors: optional('Recovery Offset'),
    activeDevice: role ? Number(role[1]) : null,
    arrayState: (fields.get('Array State') ?? '').split(' ')[0]!,
  }
}

const CHUNK_UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

function readChunkBytes(text: string | undefined): number {
  const [, count, unit] = /^(\d+) (\w+)$/.exec(text ?? '') ?? []
  return Number(count) * (CHUNK_UNITS[unit ?? ''] ?? Number.NaN)
}

/** Reads the internal bitmap of a member; `device` is a block device (mdadm takes a plain file for a bitmap by itself). */
export function mdadmExamineBitmap(device: string): MdadmBitmap {
  const { exitCode, stdout, stderr } = runTool('mdadm', ['--examine-bitmap', device])
  const fields = readFields(stdout)
  const problems = stderr.split('\n').filter((line) => line !== '')
  if (exitCode !== 0) problems.push(`exit code ${exitCode}`)
  if (fields.get('State') !== 'OK') problems.push(`State : ${fields.get('State')}`)
  const [, bits, dirty] = /^(\d+) bits \(chunks\), (\d+) dirty/.exec(fields.get('Bitmap') ?? '') ?? []
  return {
    fields,
    problems,
    uuid: fields.get('UUID') ?? '',
    events: leadingBigint(fields.get('Events')),
    eventsCleared: leadingBigint(fields.get('Events Cleared')),
    state: fields.get('State') ?? '',
    chunkBytes: readChunkBytes(fields.get('Chunksize')),
    syncKibibytes: leadingNumber(fields.get('Sync Size')),
    bits: Number(bits),
    dirtyBits: Number(dirty),
  }
}

/** The same for a plain member image, over a read-only loop device. */
export function mdadmExamineBitmapOfFile(file: string): Promise<MdadmBitmap> {
  return withLoopDevice(file, mdadmExamineBitmap)
}

/** The bad-block log; null = this member has none. */
export function mdadmExamineBadBlocks(file: string): readonly MdadmBadBlock[] | null {
  const { exitCode, stdout, stderr } = runTool('mdadm', ['--examine-badblocks', file])
  if (exitCode !== 0) throw new Error(`mdadm --examine-badblocks ${file}: exit code ${exitCode}: ${stderr}`)
  if (stdout.startsWith('No bad-blocks list')) return null
  const rows = stdout.matchAll(/^ *(\d+) for (\d+) sectors$/gm)
  return [...rows].map((row) => ({ sector: Number(row[1]), sectorCount: Number(row[2]) }))
}
