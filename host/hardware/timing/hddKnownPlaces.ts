// Where blocks lie that were asked for lately: a drive that chooses among its queued commands looks at each of them many times.
//
// A direct-mapped cache of places; it changes how long a look-up takes, and nothing else.

import { type HddGeometry, HddPlace } from './hddGeometry'

const PLACES = 256

export class KnownPlaces {
  readonly #lbns = new Float64Array(PLACES).fill(-1)
  readonly #places = Array.from({ length: PLACES }, () => new HddPlace())

  /** The place of an LBN: read-only, and valid until the next call. */
  placeOf(lbn: number, geometry: HddGeometry): HddPlace {
    // Requests are mostly of 8 blocks.
    const index = (lbn / 8) & (PLACES - 1)
    const place = this.#places[index]!
    if (this.#lbns[index] !== lbn) {
      geometry.locate(lbn, place)
      this.#lbns[index] = lbn
    }
    return place
  }
}
