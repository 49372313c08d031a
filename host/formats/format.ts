// What a format of disk images is: how it is recognised, opened, and written. One folder a format; formats.ts lists them.
//
// A disk is a row of bytes, `diskBytes` long. An image says of each stretch of it what it has: data, zeros, or nothing, because the sectors
// could not be read when the image was made. Offsets are bytes of the disk, unless a name says that they lie in a file.

import type { SectorReader } from '../disk/sectorReader'

export type ExtentKind = 'data' | 'zero' | 'unread'

export interface Extent {
  readonly kind: ExtentKind
  /** Where it ends: behind `offsetBytes` of the question, and not behind the disk. */
  readonly endBytes: number
}

/** Something that a check of an image found. */
export interface Finding {
  /** damage: what is in the image is not what was put there, or may not be. leak: space that nothing refers to. */
  readonly kind: 'damage' | 'leak'
  readonly file: string
  readonly fileOffsetBytes: number
  /** What of the disk is concerned; null: not one place, or all of it. */
  readonly disk: { readonly startBytes: number; readonly endBytes: number } | null
  readonly text: string
}

/** An image that is open for reading. */
export interface DiskImage extends SectorReader {
  readonly format: ImageFormat
  /** The unit of the disk's addresses: 512, 2048, 2352, 4096. */
  readonly sectorBytes: number
  /** All files that it consists of, this one first, backing files last. */
  readonly files: readonly string[]
  /** For people: `[what, value]`, in the format's own terms. */
  readonly details: readonly (readonly [string, string])[]
  /** The longest stretch from `offsetBytes` on that is known to be of one kind, or a part of it. Cheap: it reads tables only. */
  extentAt(offsetBytes: number): Extent
  /**
   * Fills `into`; what is zero or unread gives zeros. Throws a DamagedImage where a checksum or a table is wrong: never wrong data. `into`
   * is the caller's again when the call is over, or its promise.
   */
  read(offsetBytes: number, into: Uint8Array): void | Promise<void>
  /**
   * Checks everything that the format can check, all checksums and the consistency of its tables, and reports each thing that is wrong.
   * `onProgress`: bytes of the disk that are done, of a check that reads all of them.
   */
  check(
    report: (finding: Finding) => void,
    signal?: AbortSignal,
    onProgress?: (doneBytes: number) => void,
  ): Promise<void>
  close(): void
}

/** What a new image is to be. */
export interface NewImage {
  readonly diskBytes: number
  readonly sectorBytes: number
  /** By the names in ImageFormat.options; all of them are known, none has been looked at. */
  readonly options: ReadonlyMap<string, string>
}

/**
 * Writes a new image from its beginning to its end. Calls ascend, do not overlap, and may leave gaps, which are zeros. The next call comes when
 * the one before it is over, or its promise.
 */
export interface ImageWriter {
  /** `bytes` is the caller's again when the call is over, or its promise. */
  write(offsetBytes: number, bytes: Uint8Array): void | Promise<void>
  /** Could not be read at the source. Formats that cannot say so have zeros there. */
  unread(offsetBytes: number, lengthBytes: number): void | Promise<void>
  /** The image is whole, and under its name. */
  finish(): Promise<void>
  /** Leaves no file behind. */
  abandon(): void
}

export interface FormatOption {
  readonly name: string
  /** What it is for, with the values that it takes and the default. */
  readonly description: string
}

export interface ImageFormat {
  /** As people call it, and type it: `qcow2`. */
  readonly name: string
  readonly title: string
  /** Endings of file names, without a dot; the first one is the usual one. */
  readonly extensions: readonly string[]
  /** Of a new image. */
  readonly options: readonly FormatOption[]
  /** Whether a file is of this format, by its first and last 64 KiB (all of a shorter file), and its name where nothing else says so. */
  recognises(head: Uint8Array, tail: Uint8Array, path: string): boolean
  /** Throws a DamagedImage, or an ImageInputError (a missing backing file, say). */
  open(path: string): Promise<DiskImage>
  /** null: it can only be read. Throws an ImageInputError for what it cannot hold, before a file is made. */
  readonly create: ((path: string, image: NewImage) => Promise<ImageWriter>) | null
}
