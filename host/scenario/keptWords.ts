// Notes what each site says when it loses its power, and what it says first of all when it knows its array again: for the judge
// (host/oracle/keptWords.ts). Not where power fails in the middle of something, where the NVRAM loses its content, or where the microcode was
// stopped in between.

import { forgotten } from '../oracle/keptWords'
import type { Complaint } from '../oracle/verdict'
import type { Rig } from '../rig/rig'
import type { Site } from '../rig/site'
import { knowsItsArray } from './quiet'

interface Said {
  readonly words: Uint32Array
  /** Of the site's lives. */
  readonly life: number
}

export class KeptWords {
  readonly #rig: Rig
  readonly #said: (Said | null)[] = [null, null]
  /** Somebody is to say something. */
  #isAwaited = false

  constructor(rig: Rig) {
    this.#rig = rig
  }

  /** A site loses its power: `lose` takes it away. `isMidway`: while it was doing something. */
  losing(index: number, isMidway: boolean, lose: () => void): void {
    const site = this.#rig.sites[index]!
    // Who had not come to its array since the last time has said nothing new.
    const words = isMidway ? null : (this.#pending(index) ?? wordsOf(site))
    const losses = site.nvramLosses
    lose()
    this.#said[index] = words !== null && site.nvramLosses === losses ? { words, life: site.life } : null
    if (this.#said[index] !== null) this.#isAwaited = true
  }

  /** An entry point may have returned. */
  look(): Complaint | null {
    if (!this.#isAwaited) return null
    let fault: Complaint | null = null
    this.#isAwaited = false
    for (const [index, site] of this.#rig.sites.entries()) {
      const said = this.#pending(index)
      const says = said && wordsOf(site)
      if (says) {
        fault ??= forgotten(said, says)
        this.#said[index] = null
      } else if (said) this.#isAwaited = true
    }
    return fault
  }

  #pending(index: number): Uint32Array | null {
    const said = this.#said[index] ?? null
    return said !== null && said.life === this.#rig.sites[index]!.life ? said.words : null
  }
}

function wordsOf(site: Site): Uint32Array | null {
  return knowsItsArray(site) ? site.controller.status.slice() : null
}
