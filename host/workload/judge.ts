// What an initiator tells whoever judges its commands. The oracle is one; a run without a judge has none.

export interface Judge {
  /** A write is about to be sent: returns its id, 1 or more. `payload` null: its content is the stamp of that id. */
  submitWrite(lba: number, sectors: number, fua: boolean, payload: Uint8Array | null, nowNs: number): number
  /** `sense`: key << 16 | additional sense code << 8 | qualifier; 0 = none. `information`: the LBA that the sense data name, -1 = none. */
  writeDone(writeId: number, good: boolean, sense: number, nowNs: number, information?: number): void
  submitRead(tag: number, lba: number, sectors: number, nowNs: number): void
  /** `bytes` and `words` are views of the same memory; the data begin at `byteOffset`. */
  readDone(
    tag: number,
    good: boolean,
    sense: number,
    bytes: Uint8Array,
    words: Uint32Array,
    byteOffset: number,
    nowNs: number,
    information?: number,
  ): void
  /** Of the LUN from row sector `first` to `end`. */
  submitFlush(tag: number, nowNs: number, first?: number, end?: number): void
  flushDone(tag: number, good: boolean, sense: number, nowNs: number, information?: number): void
  /** A good answer to a read, write or flush brought so many bytes, and not `expected`. */
  mistransferred?(lba: number, bytes: number, expected: number, nowNs: number): void
  /** A TEST UNIT READY was answered, not with GOOD. */
  polled?(sense: number, nowNs: number, information?: number): void
}
