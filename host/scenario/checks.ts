// What makes no sense in a file that is well-formed, collected with its places.

import type { InputError } from './inputError'
import type { Path, YamlSource } from './yamlSource'

export class Checks {
  readonly errors: InputError[] = []

  constructor(readonly source: YamlSource) {}

  /** The error is at the value of `path`, or at the nearest thing that the file has. */
  that(holds: boolean, path: Path, expected: string, found?: string): void {
    if (!holds) this.errors.push(this.source.error(path, found ?? this.source.found(path), expected))
  }

  /** Bytes -> sectors; 0 for what is not there. */
  sectors(bytes: number | undefined, path: Path, sectorBytes: number): number {
    if (bytes === undefined) return 0
    this.that(bytes % sectorBytes === 0, path, `a multiple of the sector size, ${sectorBytes} bytes`)
    return Math.floor(bytes / sectorBytes)
  }

  /** A map's key must be the number of a bay; returns it, or null after noting the error. */
  bayKey(path: Path, bayCount: number): number | null {
    const key = String(path.at(-1))
    if (/^\d+$/.test(key) && Number(key) < bayCount) return Number(key)
    this.errors.push(this.source.errorAtKey(path, `bay ${key}`, `a bay from 0 to ${bayCount - 1}`))
    return null
  }
}
