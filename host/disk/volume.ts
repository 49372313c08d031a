// What is recognised in a disk or a partition, in the words that everybody uses for it.

import type { Bytes } from './bytes'
import type { DiskWindow } from './diskWindow'

export type Fact = string | number | boolean

/** A file system, or something else that claims a whole disk or partition. */
export interface Volume {
  /** As blkid(8) calls it: ext4, vfat, linux_raid_member, ... */
  readonly type: string
  /** For people: 'FAT32'. */
  readonly title: string
  readonly label: string | null
  readonly uuid: string | null
  /** By its own account; null: it does not say. */
  readonly sizeBytes: number | null
  /** Whether it was put away in order; null: it does not say. */
  readonly isClean: boolean | null
  /** What else it says of itself. Units are in the names. */
  readonly facts: Readonly<Record<string, Fact>>
  /** What is wrong with it. */
  readonly notes: readonly string[]
  /** Where on the disk its superblock is. */
  readonly superblockBytes: number
}

/** The start of a disk or partition, long enough for every structure that lies near it; zeros behind its end. */
export interface Place {
  readonly window: DiskWindow
  readonly head: Bytes
}

/** Null: it is not there. */
export type Recognise = (place: Place) => Volume | null | Promise<Volume | null>

type Given = Partial<Volume> & Pick<Volume, 'type' | 'title'>

/** `superblockBytes` counts from the window's start. */
export function volume(window: DiskWindow, superblockBytes: number, given: Given): Volume {
  const notes = [...(given.notes ?? [])]
  const sizeBytes = given.sizeBytes ?? null
  if (sizeBytes !== null && sizeBytes > window.sizeBytes) {
    notes.push(`says that it has ${sizeBytes} bytes; there are ${window.sizeBytes}`)
  }
  const { type, title, uuid = null, isClean = null, facts = {} } = given
  const label = given.label ? given.label : null
  const at = window.startBytes + superblockBytes
  return { type, title, label, uuid, sizeBytes, isClean, facts, notes, superblockBytes: at }
}
