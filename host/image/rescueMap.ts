// The map of a rescue as the copier has it, in sectors, and its two other forms: a map file, and the bytes of commands.

import { JOB_BYTES } from '../../assembly/abi/copier'
import {
  AREA_BYTES,
  AREA_LBA,
  AREA_SECTORS_AND_STATUS,
  AREAS_CAPACITY,
  AREAS_ENTRIES,
  AREAS_FOLLOW,
  AREAS_HEADER_BYTES,
  AREAS_PASS,
  AREAS_PHASE,
  AREAS_POSITION,
  COPY_REPORT_AREAS,
  RESCUE_AREAS,
  RESCUE_BYTES,
  RESCUE_FLAGS,
  RESCUE_MIN_RATE,
  RESCUE_PASS,
  RESCUE_PHASE,
  RESCUE_POSITION,
  RESCUE_READ_DEADLINE_MS,
  RESCUE_RETRY_PASSES,
  RESCUE_SKIP_FIRST,
  RESCUE_SKIP_MAX,
} from '../../assembly/abi/rescue'
import { SCSI_GOOD } from '../../assembly/abi/scsi'
import { ImageInputError } from '../formats/imageInputError'
import { type CopyPort, copyCdb } from './copyJob'
import type { AreaStatus, Mapfile, MapfileBlock } from './mapfile'

export interface RescueArea {
  readonly lba: number
  readonly sectors: number
  readonly status: AreaStatus
}

export interface RescueMap {
  /** Without gaps, from sector 0 to the source's end. */
  readonly areas: readonly RescueArea[]
  /** What is being read: a status; + = the rescue is through. */
  readonly phase: AreaStatus
  readonly pass: number
  /** Where the pass goes on. */
  readonly position: number
}

/** The decisions that are the user's. */
export interface RescueStrategy {
  /** RESCUE_* of assembly/abi/rescue.ts. */
  readonly flags: number
  /** 0 in any of these: the copier's default. */
  readonly skipFirstSectors: number
  readonly skipMaxSectors: number
  readonly retryPasses: number
  readonly minRateKib: number
  readonly readDeadlineMs: number
}

/** Least done first: of a sector that lies in several blocks the least counts. */
const ORDER = '?*/-+'

/** A map file's blocks in sectors. What it does not mention is non-tried. Throws ImageInputError for the map of another source. */
export function mapOf(mapfile: Mapfile, sectorBytes: number, sourceBytes: number, path: string): RescueMap {
  const areas: RescueArea[] = []
  for (const { startBytes, bytes, status } of completed(mapfile.blocks, sourceBytes, path)) {
    const last = areas.at(-1)
    const end = last === undefined ? 0 : last.lba + last.sectors
    if (last !== undefined && startBytes < end * sectorBytes) {
      // The sector on the border belongs to both.
      shorten(areas)
      addArea(areas, end, least(last.status, status))
    }
    addArea(areas, Math.ceil((startBytes + bytes) / sectorBytes), status)
  }
  const { state, pass, positionBytes } = mapfile
  const phase = state === 'F' || state === 'G' ? '+' : state
  const position = Math.min(Math.floor(positionBytes / sectorBytes), Math.ceil(sourceBytes / sectorBytes))
  return { areas: coarser(areas, AREAS_CAPACITY), phase, pass, position }
}

/** `sourceBytes`: the last sector may be short. */
export function mapfileOf(map: RescueMap, sectorBytes: number, sourceBytes: number): Mapfile {
  const blocks = map.areas.map(({ lba, sectors, status }) => {
    const startBytes = lba * sectorBytes
    return { startBytes, bytes: Math.min(sectors * sectorBytes, sourceBytes - startBytes), status }
  })
  return { positionBytes: Math.min(map.position * sectorBytes, sourceBytes), state: map.phase, pass: map.pass, blocks }
}

/** START's data: `jobBlock` and what belongs to a rescue. */
export function rescueBlock(jobBlock: Uint8Array, strategy: RescueStrategy, map: RescueMap | null): Uint8Array {
  const areas = map?.areas ?? []
  const block = new Uint8Array(JOB_BYTES + RESCUE_BYTES + areas.length * AREA_BYTES)
  block.set(jobBlock)
  const view = new DataView(block.buffer)
  view.setUint32(RESCUE_FLAGS, strategy.flags)
  view.setUint32(RESCUE_SKIP_FIRST, strategy.skipFirstSectors)
  view.setUint32(RESCUE_SKIP_MAX, strategy.skipMaxSectors)
  view.setUint32(RESCUE_RETRY_PASSES, strategy.retryPasses)
  view.setUint32(RESCUE_MIN_RATE, strategy.minRateKib)
  view.setUint32(RESCUE_READ_DEADLINE_MS, strategy.readDeadlineMs)
  if (map && ((map.phase === '?' && map.pass <= 5) || map.phase === '-')) {
    view.setUint32(RESCUE_PHASE, map.phase.charCodeAt(0))
    view.setUint32(RESCUE_PASS, map.pass)
    view.setBigUint64(RESCUE_POSITION, BigInt(map.position))
  }
  view.setUint32(RESCUE_AREAS, areas.length)
  for (const [index, { lba, sectors, status }] of areas.entries()) {
    const at = JOB_BYTES + RESCUE_BYTES + index * AREA_BYTES
    view.setBigUint64(at + AREA_LBA, BigInt(lba))
    view.setBigUint64(at + AREA_SECTORS_AND_STATUS, (BigInt(sectors) << 8n) | BigInt(status.charCodeAt(0)))
  }
  return block
}

/** The copier's map as of its last checkpoint, as many commands as it takes; null: it has no rescue. */
export function readRescueMap(port: CopyPort): RescueMap | null {
  const areas: RescueArea[] = []
  let entries = 0
  for (;;) {
    const answer = report(port, entries)
    if (answer === null) return null
    const follow = answer.getUint32(AREAS_FOLLOW)
    for (let entry = 0; entry < follow; entry++) {
      const at = AREAS_HEADER_BYTES + entry * AREA_BYTES
      const rest = answer.getBigUint64(at + AREA_SECTORS_AND_STATUS)
      const status = String.fromCharCode(Number(rest & 0xffn)) as AreaStatus
      entries++
      // An empty drive has one area with nothing in it.
      const sectors = Number(rest >> 8n)
      if (sectors > 0) areas.push({ lba: Number(answer.getBigUint64(at + AREA_LBA)), sectors, status })
    }
    if (follow > 0 && entries < answer.getUint32(AREAS_ENTRIES)) continue
    const phase = String.fromCharCode(answer.getUint32(AREAS_PHASE)) as AreaStatus
    const position = Number(answer.getBigUint64(AREAS_POSITION))
    return { areas, phase, pass: answer.getUint32(AREAS_PASS), position }
  }
}

/** Areas of some statuses get another one, and the rescue begins with its first pass. */
export function startedAgain(map: RescueMap, from: string, to: AreaStatus): RescueMap {
  const areas: RescueArea[] = []
  for (const { lba, sectors, status } of map.areas) addArea(areas, lba + sectors, from.includes(status) ? to : status)
  return { areas, phase: '?', pass: 1, position: 0 }
}

/** Sectors of one status. */
export function sectorsOfStatus(map: RescueMap, status: AreaStatus): number {
  return map.areas.reduce((sum, area) => (area.status === status ? sum + area.sectors : sum), 0)
}

function report(port: CopyPort, first: number): DataView | null {
  let answered: DataView | null | undefined
  const room = port.bufferBytes
  port.send(copyCdb(COPY_REPORT_AREAS, first, room), new Uint8Array(0), room, ({ status, dataIn }) => {
    answered = status === SCSI_GOOD ? new DataView(dataIn.slice().buffer) : null
  })
  while (answered === undefined) if (!port.run(1)) throw new Error('the copier must report its areas')
  return answered
}

/** From 0 to the source's end. */
function completed(blocks: readonly MapfileBlock[], sourceBytes: number, path: string): MapfileBlock[] {
  const first = blocks[0]?.startBytes ?? 0
  const last = blocks.at(-1)
  const end = last === undefined ? 0 : last.startBytes + last.bytes
  if (end > sourceBytes) {
    throw new ImageInputError(`${path}: found blocks up to byte ${end}, expected a map of the source's ${sourceBytes}`)
  }
  const before: MapfileBlock[] = first > 0 ? [{ startBytes: 0, bytes: first, status: '?' }] : []
  const behind: MapfileBlock[] = end < sourceBytes ? [{ startBytes: end, bytes: sourceBytes - end, status: '?' }] : []
  return [...before, ...blocks, ...behind]
}

function least(left: AreaStatus, right: AreaStatus): AreaStatus {
  return ORDER.indexOf(left) <= ORDER.indexOf(right) ? left : right
}

/** Takes the last sector away. */
function shorten(areas: RescueArea[]): void {
  const { lba, sectors, status } = areas.pop()!
  if (sectors > 1) areas.push({ lba, sectors: sectors - 1, status })
}

/** Goes on to sector `end`. */
function addArea(areas: RescueArea[], end: number, status: AreaStatus): void {
  const last = areas.at(-1)
  const lba = last === undefined ? 0 : last.lba + last.sectors
  if (end <= lba) return
  if (last?.status === status) areas[areas.length - 1] = { lba: last.lba, sectors: end - last.lba, status }
  else areas.push({ lba, sectors: end - lba, status })
}

/** At most so many areas: where they are smallest they are one that failed, and is read again sector by sector. */
function coarser(areas: readonly RescueArea[], limit: number): readonly RescueArea[] {
  let found = areas
  for (let small = 1; found.length > limit; small *= 2) {
    const merged: RescueArea[] = []
    for (const { lba, sectors, status } of found) addArea(merged, lba + sectors, sectors <= small ? '*' : status)
    found = merged
  }
  return found
}
