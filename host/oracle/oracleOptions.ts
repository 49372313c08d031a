// What a judge has to know before a run.

import type { StartImage } from './content'
import type { RemotePromise } from './otherSite'
import type { RigView } from './rigView'

export interface OracleOptions {
  readonly lunSectors: number
  readonly sectorBytes: number
  /** WCE of the caching mode page: what an acknowledgement promises. */
  readonly writeCacheEnabled: boolean
  /** What the LUN may hold at the start, each sector on its own; none: zeros. */
  readonly startImages?: readonly StartImage[]
  /** There is a second site, and what is promised of it. */
  readonly otherSite?: RemotePromise | null
  /** Of the site that the initiators do not use; null: what it holds is judged when they come to it. */
  readonly otherView?: RigView | null
  /** Null: only contents and overdue commands are judged. */
  readonly view?: RigView | null
  /** Members that the array is configured for; none: not judged as it goes. */
  readonly members?: number
  /** Look at the media when a durable write is acknowledged. On unless switched off. */
  readonly checkAcknowledgements?: boolean
  /** The deadline after which the microcode aborts a drive command. */
  readonly hangGraceNs?: number
  /** A read that shows a write still in flight decides the sector. On unless switched off. */
  readonly inFlightReadsDecide?: boolean
  /** Records the whole story of this sector (a replay after a violation). */
  readonly focusLba?: number | null
}
