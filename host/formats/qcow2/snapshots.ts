// Internal snapshots: each is an L1 table of its own, over clusters that it shares with the others. Only listed here; the disk that is
// read is the active one.

import type { ImageFile } from '../imageFile'
import type { Header, Table } from './header'
import { TWO_32 } from './layout'

export interface Snapshot {
  readonly id: string
  readonly name: string
  /** Since the epoch. */
  readonly takenSeconds: number
  /** 0: the same as the disk's (version 2 does not say). */
  readonly diskBytes: number
  readonly vmStateBytes: number
  readonly l1: Table
  /** Where in the file its entry is. */
  readonly offset: number
}

export interface SnapshotTable {
  readonly snapshots: readonly Snapshot[]
  readonly bytes: number
}

const ENTRY_BYTES = 40
/** QEMU's limit. */
const SNAPSHOTS_MAX = 65536
/** QEMU's limit for what is behind the fixed part of an entry, and so enough for names. */
const EXTRA_BYTES_MAX = 1024

export function readSnapshots(file: ImageFile, header: Header): SnapshotTable {
  const { snapshotCount, snapshotsOffset } = header
  if (snapshotCount > SNAPSHOTS_MAX)
    throw file.damage(60, `${snapshotCount} snapshots; expected at most ${SNAPSHOTS_MAX}`)
  const snapshots: Snapshot[] = []
  let at = snapshotsOffset
  for (let index = 0; index < snapshotCount; index++) {
    const fixed = Buffer.from(file.readBytes(at, ENTRY_BYTES, 'snapshot'))
    const idBytes = fixed.readUInt16BE(12)
    const nameBytes = fixed.readUInt16BE(14)
    const extraBytes = fixed.readUInt32BE(36)
    if (extraBytes > EXTRA_BYTES_MAX) throw file.damage(at + 36, `a snapshot with ${extraBytes} bytes of extra data`)
    const rest = Buffer.from(file.readBytes(at + ENTRY_BYTES, extraBytes + idBytes + nameBytes, 'snapshot'))
    snapshots.push({
      id: rest.toString('utf8', extraBytes, extraBytes + idBytes),
      name: rest.toString('utf8', extraBytes + idBytes),
      takenSeconds: fixed.readUInt32BE(16),
      vmStateBytes: extraBytes >= 8 ? u64(rest, 0) : fixed.readUInt32BE(32),
      diskBytes: extraBytes >= 16 ? u64(rest, 8) : 0,
      l1: requireL1(file, header, at, { offset: u64(fixed, 0), entries: fixed.readUInt32BE(8) }),
      offset: at,
    })
    at += Math.ceil((ENTRY_BYTES + rest.length) / 8) * 8
  }
  return { snapshots, bytes: at - snapshotsOffset }
}

function requireL1(file: ImageFile, { clusterBytes }: Header, at: number, l1: Table): Table {
  if (l1.entries === 0 || (l1.offset % clusterBytes === 0 && l1.offset + l1.entries * 8 <= file.sizeBytes)) return l1
  throw file.damage(at, `the L1 table of a snapshot, ${l1.entries} entries at ${l1.offset}, cannot be there`)
}

function u64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4)
}
