// What a link is like, the same for both of its directions; and which descriptions make no sense.

export interface LinkSpec {
  /** One way, nanoseconds. */
  readonly latencyNs: number
  /** Bytes a second, of all paths together; Infinity = no limit. */
  readonly bytesPerSecond: number
  /** Bytes that may be on the way (sent and not yet taken by the receiver) before frames wait at the sender. */
  readonly windowBytes: number
  /** Bytes of data that one frame may carry; absent or Infinity: any. */
  readonly frameBytesMax?: number
  /** With several, each has its share of the rate, and frames are cut into fragments that are dealt to them in turn. */
  readonly paths: number
  readonly fragmentBytes: number
  /** By path: what it takes longer than `latencyNs`; a path that is not named takes nothing more. */
  readonly pathDelaysNs?: readonly number[]
}

/** Throws RangeError. */
export function checkLinkSpec(spec: LinkSpec): void {
  checkInteger('latencyNs', spec.latencyNs, 0)
  if (!(spec.bytesPerSecond > 0))
    throw new RangeError(`link: bytesPerSecond is ${spec.bytesPerSecond}, expected more than 0`)
  checkInteger('windowBytes', spec.windowBytes, 1)
  if (spec.frameBytesMax !== undefined && spec.frameBytesMax !== Number.POSITIVE_INFINITY)
    checkInteger('frameBytesMax', spec.frameBytesMax, 1)
  checkInteger('paths', spec.paths, 1)
  checkInteger('fragmentBytes', spec.fragmentBytes, 1)
  for (const [path, delayNs] of (spec.pathDelaysNs ?? []).entries()) checkInteger(`pathDelaysNs[${path}]`, delayNs, 0)
}

function checkInteger(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new RangeError(`link: ${name} is ${value}, expected an integer of at least ${least}`)
}
