// What a controller sees of the link to the other site.

import type { Frame } from './frame'
import type { FramePool } from './framePool'

export interface LinkEnd {
  /** Bytes of data that one frame may carry; Infinity: any. */
  readonly frameBytesMax: number
  /** Takes the frame over. */
  send(frame: Frame): void
  /** A frame of so many bytes has been taken out of the other direction: there is room in its window. */
  taken(bytes: number): void
  /** Where the arrays of frames come from, and go when they have been delivered. */
  readonly pool: FramePool
}
