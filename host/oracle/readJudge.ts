// Reads that ended with good status: was each sector one that this LBA could have held at some instant of the read's flight?
//
// Then the sector is decided: what this read ruled out may not come back (law MONO), whichever member answers, also after a reboot.
// Sectors that are as the last acknowledged write left them, nearly all, take a comparison and nothing else.

import { checkStamp } from '../workload/stamp'
import type { CaseFile, Charge } from './caseFile'
import { type SectorBytes, versionName } from './content'
import { excuseOf, SEEN_FOREIGN, SEEN_OLDER } from './excuse'
import type { ReadRecord } from './readRecord'
import { LEAF_SECTORS } from './sectorPages'
import { ID_MASK, OBSERVED_BIT, OPEN } from './sectorStates'
import { sectorsText } from './story'
import { isTornByPowerCut } from './torn'
import { WRITE_IN_FLIGHT, WRITE_PAYLOAD, WRITE_ZEROS } from './writeTable'

interface SectorCharge extends Charge {
  readonly lba: number
}

export class ReadJudge {
  readonly #case: CaseFile
  readonly #inFlightDecides: boolean

  /** `inFlightDecides`: a read that shows a write still in flight rules out the versions before it, like any other read. */
  constructor(caseFile: CaseFile, inFlightDecides: boolean) {
    this.#case = caseFile
    this.#inFlightDecides = inFlightDecides
  }

  judge(read: ReadRecord, data: SectorBytes, byteOffset: number, nowNs: number): void {
    const { sectors, contents } = this.#case
    const { sectorBytes } = contents
    const sectorWords = sectorBytes >>> 2
    let charges: SectorCharge[] | null = null
    let number = -1
    let leaf: Uint32Array | null = null
    for (let i = 0; i < read.sectors; i++) {
      const lba = read.lba + i
      const wanted = Math.floor(lba / LEAF_SECTORS)
      if (wanted !== number) {
        number = wanted
        leaf = sectors.pages.look(number)
      }
      const offset = byteOffset + i * sectorBytes
      const word = (lba - number * LEAF_SECTORS) * 2
      const id = leaf === null ? 0 : leaf[word]! & ID_MASK
      if (leaf === null || leaf[word + 1] !== OPEN) {
        const stamped = id !== 0 && checkStamp(data.words, offset >>> 2, sectorWords, lba, id)
        if (stamped || contents.matches(id, lba, data, offset)) {
          if (leaf !== null) leaf[word] = (id | OBSERVED_BIT) >>> 0
          continue
        }
      }
      const charge = this.#judgeSector(read, lba, data, offset, nowNs)
      if (charge === null) continue
      if (charges === null) charges = [charge]
      else charges.push(charge)
    }
    if (charges !== null) this.#chargeAll(charges, read, nowNs)
  }

  #judgeSector(read: ReadRecord, lba: number, data: SectorBytes, offset: number, nowNs: number): SectorCharge | null {
    const matching = this.#matching(read, lba, data, offset)
    if (matching.length === 0) return this.#impossible(lba, data, offset, nowNs)
    const inFlight = matching.length === 1 && this.#case.writes.stateOf(matching[0]!) === WRITE_IN_FLIGHT
    if (!inFlight || this.#inFlightDecides) this.#case.sectors.narrow(lba, matching, read.sequence)
    return null
  }

  /** The versions that the sector is equal to, of those that were possible during the read. */
  #matching(read: ReadRecord, lba: number, data: SectorBytes, offset: number): number[] {
    const { contents, writes } = this.#case
    const matching = read.atSubmit(lba).filter((id) => contents.matches(id, lba, data, offset))
    for (let id = read.firstLaterWrite; id < writes.next; id++) {
      if (writes.covers(id, lba) && contents.matches(id, lba, data, offset)) matching.push(id)
    }
    return matching
  }

  /** The charge for a sector that is no possible version; null where a drive's lie explains it. */
  #impossible(lba: number, data: SectorBytes, offset: number, nowNs: number): SectorCharge | null {
    const { contents, ledger, sectors, writes } = this.#case
    const version = contents.versionOf(lba, data, offset)
    const possible = sectors.possible(lba)
    const what = contents.describe(lba, data, offset)
    const expected = this.#expected(possible)
    const excuse = excuseOf(
      this.#case,
      lba,
      this.#case.acknowledgedSinceNs(lba),
      version >= 0 ? SEEN_OLDER : SEEN_FOREIGN,
    )
    if (excuse !== null) {
      ledger.find(`lie:${lba}:${what}`, nowNs, `LBA ${lba} was read as ${what}, not ${expected}: ${excuse}`)
      return null
    }
    if (version < 0 && isTornByPowerCut(this.#case, lba, data, offset)) {
      ledger.find(`torn:${lba}`, nowNs, `LBA ${lba} was read as ${what}: a power cut tore it, and no checksum can tell`)
      return null
    }
    const observed = sectors.observed(lba)
    const law = version < 0 ? 'INT' : observed >= 0 ? 'MONO' : 'DUR'
    const seen = law === 'MONO' ? `, after an earlier read had returned ${versionName(observed)}` : ''
    const flags = version > 0 ? writes.flags[version]! & (WRITE_PAYLOAD | WRITE_ZEROS) : 0
    const content = flags & WRITE_PAYLOAD ? `${what} (by its bytes)` : what
    return {
      law,
      lba,
      found: `the read returned ${content}${seen}`,
      expected,
      versions: [version, observed, ...possible],
    }
  }

  #expected(possible: readonly number[]): string {
    const names = possible.map((id) =>
      id > 0 && this.#case.writes.stateOf(id) === WRITE_IN_FLIGHT ? `${versionName(id)} (in flight)` : versionName(id),
    )
    return names.length > 6 ? `one of ${names.length} versions` : names.join(' or ')
  }

  /** One violation for each law that this read breaks: the first sector in full, the others counted. */
  #chargeAll(charges: readonly SectorCharge[], read: ReadRecord, nowNs: number): void {
    for (const law of new Set(charges.map((charge) => charge.law))) {
      const group = charges.filter((charge) => charge.law === law)
      const first = group[0]!
      const others = group.length > 1 ? ` (and ${group.length - 1} more of its sectors are wrong)` : ''
      const found = `${sectorsText(read.lba, read.sectors)} read, LBA ${first.lba}: ${first.found}${others}`
      this.#case.charge({ ...first, found }, nowNs)
      for (const { lba } of group.slice(1)) this.#case.ledger.countOnly(law, lba)
    }
  }
}
