// Reads fixtures/images/ext4: what Linux's ext4 wrote, recorded once with data and flushes. Format: the README beside it.
//
// For tests that apply the recording themselves; Platterlab's own reader of fio traces is another one, on purpose.
// Everything is held in memory (24 MiB of image, 6 MiB of payload).

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

export const EXT4_FIXTURE_FOLDER = fileURLToPath(new URL('../../fixtures/images/ext4/', import.meta.url))

export interface Ext4Operation {
  /** Line of writes.iolog, counted from 1. */
  readonly line: number
  readonly kind: 'write' | 'flush'
  readonly timeUs: number
  readonly offsetBytes: number
  readonly payload: Uint8Array
}

/** Once everything up to `line` is on stable storage, the first `bytes` bytes of `path` have this SHA-256. */
export interface Ext4Milestone {
  readonly line: number
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface Ext4Fixture {
  readonly startImage: Uint8Array
  readonly operations: readonly Ext4Operation[]
  readonly milestones: readonly Ext4Milestone[]
}

function readOperations(iolog: string, payload: Uint8Array): Ext4Operation[] {
  const operations: Ext4Operation[] = []
  let payloadAt = 0
  iolog.split('\n').forEach((text, index) => {
    const [time, , action, offset, length] = text.split(' ')
    const common = { line: index + 1, timeUs: Number(time), offsetBytes: Number(offset) }
    if (action === 'write') {
      const end = payloadAt + Number(length)
      operations.push({ ...common, kind: 'write', payload: payload.subarray(payloadAt, end) })
      payloadAt = end
    } else if (action === 'sync') {
      operations.push({ ...common, kind: 'flush', payload: new Uint8Array(0) })
    }
  })
  if (payloadAt !== payload.length) throw new Error(`writes.iolog names ${payloadAt} bytes of ${payload.length}`)
  return operations
}

export function readExt4Fixture(): Ext4Fixture {
  const read = (name: string) => readFileSync(EXT4_FIXTURE_FOLDER + name)
  const rows = read('milestones.tsv').toString().trimEnd().split('\n')
  return {
    startImage: gunzipSync(read('start.img.gz')),
    operations: readOperations(read('writes.iolog').toString(), gunzipSync(read('payload.bin.gz'))),
    milestones: rows.map((row) => {
      const [line, path, bytes, sha256] = row.split('\t') as [string, string, string, string]
      return { line: Number(line), path, bytes: Number(bytes), sha256 }
    }),
  }
}

/** A new image: the start with every write up to and including `lastLine`. */
export function imageAfter(fixture: Ext4Fixture, lastLine: number): Uint8Array {
  const image = fixture.startImage.slice()
  for (const operation of fixture.operations) {
    if (operation.line > lastLine) break
    if (operation.kind === 'write') image.set(operation.payload, operation.offsetBytes)
  }
  return image
}

export function flushLines(fixture: Ext4Fixture): number[] {
  return fixture.operations.filter((operation) => operation.kind === 'flush').map((operation) => operation.line)
}

/** The newest promise for every path, of those that were given by `lastLine`. */
export function milestonesBy(fixture: Ext4Fixture, lastLine: number): Ext4Milestone[] {
  const newest = new Map<string, Ext4Milestone>()
  for (const milestone of fixture.milestones) if (milestone.line <= lastLine) newest.set(milestone.path, milestone)
  return [...newest.values()]
}

export function keepsPromise(milestone: Ext4Milestone, content: Uint8Array | null): boolean {
  if (content === null || content.length < milestone.bytes) return false
  return createHash('sha256').update(content.subarray(0, milestone.bytes)).digest('hex') === milestone.sha256
}
