// What is needed of a disk to look at it: its size, and bytes from anywhere.
//
// Not promised: that a read succeeds. A reader throws when it cannot read; whoever looks at the disk notes that and goes on.

/** Random access to the bytes of a disk, whatever holds them. */
export interface SectorReader {
  readonly diskBytes: number
  /** Fills `into`; the range must lie within the disk. */
  read(offsetBytes: number, into: Uint8Array): void | Promise<void>
}
