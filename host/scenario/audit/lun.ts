// The LUN that an audit looks at: what the array claims about it by its status words, and what it was told to be.

import type { ScsiProbe } from './probe'

export interface AuditedLun {
  readonly probe: ScsiProbe
  /** How many LUNs the array was told to have. */
  readonly lunCount: number
  /** The numbers of all LUNs, also of those that stand for snapshots. */
  readonly numbers: readonly number[]
  /** By the status words; with several LUNs, what it was told. */
  readonly sectors: number
  /** What one command may transfer: the descriptor's buffers. */
  readonly blocksMax: number
  /** CONFIG_WCE. */
  readonly writeCacheEnabled: boolean
}

/** The ABI's: a block is what drives call a sector. */
export const BLOCK_BYTES = 512
