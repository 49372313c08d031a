// The memory of the microcode that runs, as the ports of its controller see it.

import type { Descriptor } from './descriptor'

export interface MicrocodeMemory {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  readonly descriptor: Descriptor
  /** The hardware writes to it. */
  touched(address: number, bytes: number): void
}
