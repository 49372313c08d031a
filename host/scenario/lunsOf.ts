// The LUNs of an array that has been formatted: by the sizes that the scenario asked for, within what the array has.

import type { Violation } from '../oracle/verdict'
import { formatBytes } from '../sim/units'
import { InputError } from '../workload/inputProblem'
import { LunMap } from '../workload/lunMap'
import type { ResolvedScenario } from './scenario'

const SECTOR_BYTES = 512

/** `sectors`: of the data space. Throws InputError where a LUN does not fit. */
export function lunsOf({ array, file }: ResolvedScenario, sectors: number): LunMap {
  if (array.luns.length === 0) return new LunMap([sectors])
  let left = sectors
  const sizes = array.luns.map((asked, lun) => {
    const size = asked === 0 ? left : asked
    if (size === 0 || size > left) {
      const bytes = (count: number): string => formatBytes(count * SECTOR_BYTES)
      const found = `array.luns[${lun}]: ${asked === 0 ? 'rest' : bytes(asked)}`
      const expected = `at most ${bytes(left)}: what is left of the ${bytes(sectors)} that the array has for data`
      throw new InputError({ file, line: 0, column: 0, found, expected })
    }
    left -= size
    return size
  })
  return new LunMap(sizes)
}

/** The judge counts the sectors of all LUNs in one row: what it found, with the place as a host sees it. */
export function namingLun(violation: Violation, luns: LunMap): Violation {
  const { lba, found } = violation
  if (lba === null) return violation
  const lun = luns.lunAt(lba)
  return { ...violation, found: `${found} (LUN ${lun}, LBA ${lba - luns.firstOf(lun)})` }
}
