// Drives of a scenario: models, media, contents. All media of one sector size share an arena, and so their pages.

import { Drive } from '../hardware/drive'
import { Medium, sectorsPerPage } from '../hardware/medium'
import { PageArena } from '../hardware/pageArena'
import { createTimingModel } from '../hardware/timing/timingModels'
import { RandomStream } from '../sim/random'
import type { ResolvedDrive } from './scenario'

/** Garbage is written where it matters to a controller that looks at a drive: the first MiB, and a sector in every MiB beyond. */
const GARBAGE_DENSE_SECTORS = 2048
const GARBAGE_STRIDE_SECTORS = 2048

export class DriveFactory {
  readonly #arenas = new Map<number, PageArena>()
  readonly #seed: number
  #nextId = 1

  constructor(seed: number) {
    this.#seed = seed
  }

  make(spec: ResolvedDrive, contents: 'zeros' | 'garbage' = spec.contents): Drive {
    const id = this.#nextId++
    const medium = Medium.blank(this.#arenaOf(spec.sectorBytes), spec.sectorBytes, spec.sectorCount)
    if (contents === 'garbage') this.#fillWithGarbage(medium, id)
    const parameters = spec.parameters === 'default' ? undefined : spec.parameters
    const timing = createTimingModel(spec.model, parameters, spec.sectorCount, spec.sectorBytes)
    const drive = new Drive(id, `PLATTERLAB ${spec.model.toUpperCase()}`, medium, timing, spec.volatileCache)
    drive.spinUpNs = spec.spinUpNs
    return drive
  }

  #arenaOf(sectorBytes: number): PageArena {
    const found = this.#arenas.get(sectorBytes)
    if (found) return found
    const arena = new PageArena(sectorBytes * sectorsPerPage(sectorBytes))
    this.#arenas.set(sectorBytes, arena)
    return arena
  }

  #fillWithGarbage(medium: Medium, id: number): void {
    const random = RandomStream.fromSeed(this.#seed, `garbage:${id}`)
    const sector = new Uint8Array(medium.sectorBytes)
    const words = new Uint32Array(sector.buffer)
    for (let lba = 0; lba < medium.sectorCount; lba += lba < GARBAGE_DENSE_SECTORS ? 1 : GARBAGE_STRIDE_SECTORS) {
      for (let i = 0; i < words.length; i++) words[i] = random.nextU32()
      medium.write(lba, sector)
    }
  }
}
