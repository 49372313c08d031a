/** Random access to the bytes of a disk, whatever holds them. */
export interface SectorReader {
  readonly diskBytes: number
  /** Fills `into` from `offsetBytes` on; both lie within the disk. */
  read(offsetBytes: number, into: Uint8Array): void | Promise<void>
}
