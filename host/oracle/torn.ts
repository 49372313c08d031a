// Sectors that a power cut left half new, half old, where a fault broke the drives' promise that this cannot happen.
//
// Without checksums an array cannot tell such a sector from a whole one: it may serve it, and copy it to the other members. It is excused
// where the power cut tore, the first half is of a write that was in flight at that cut and is not overwritten yet, and the rest is of
// another version of the same LBA. The replicas must agree on it in the end like on anything else.

import type { CaseFile } from './caseFile'
import type { SectorBytes } from './content'
import type { SectorModel } from './sectorModel'
import { WRITE_CUT, WRITE_IN_FLIGHT } from './writeTable'

/** `sectors`: what they may hold; those of a snapshot, where it is one that was read. */
export function isTornByPowerCut(
  caseFile: CaseFile,
  lba: number,
  sector: SectorBytes,
  offsetBytes: number,
  sectors: SectorModel = caseFile.sectors,
): boolean {
  if (caseFile.tearsNs.size === 0 && caseFile.tearsElsewhereNs.size === 0) return false
  const { contents, writes } = caseFile
  const half = contents.sectorBytes >> 1
  const heads = sectors.possible(lba).filter((id) => {
    // While the first contents of the members are being made equal, a copy may be torn as well, whatever it copies.
    if (id === 0 || contents.hasSeveralStarts) return contents.hasSeveralStarts
    const isCut = writes.stateOf(id) === WRITE_CUT && caseFile.tearsNs.has(writes.doneNs[id]!)
    return isCut || wasUnderWay(caseFile, id)
  })
  if (!heads.some((id) => contents.matchesPart(id, lba, sector, offsetBytes, 0, half))) return false
  for (let id = writes.next - 1; id >= 0; id--) {
    const isVersion = id === 0 || writes.covers(id, lba)
    if (isVersion && contents.matchesPart(id, lba, sector, offsetBytes, half, contents.sectorBytes)) return true
  }
  return false
}

/** Sent, and not acknowledged, when the power of the other site failed: it may have been on its way to the drives there. */
function wasUnderWay({ writes, tearsElsewhereNs }: CaseFile, id: number): boolean {
  const isDone = writes.stateOf(id) !== WRITE_IN_FLIGHT
  for (const timeNs of tearsElsewhereNs) {
    if (writes.submitNs[id]! <= timeNs && (!isDone || writes.doneNs[id]! >= timeNs)) return true
  }
  return false
}
