// How much the copier's code corrects, as numbers: the tables of docs/optical.md. Run through test/copier/optical/rates.test.ts with
// PLATTERLAB_RATES=1, which prints them.

import { encodeMode1 } from '../../../host/hardware/optical/encodeSector'
import { RandomStream } from '../../../host/sim/random'
import { burst, randomBytes, scattered, spoiled } from './damage'
import type { SectorCode } from './sectorCode'

export interface Rate {
  readonly wrongBytes: number
  /** Of 1,000 sectors: corrected, without and with pointers at the wrong bytes; and never wrong and called right. */
  readonly corrected: number
  readonly correctedWithPointers: number
  readonly silent: number
}

const LBA = 4711

export function measure(code: SectorCode, shape: 'scattered' | 'burst', wrongBytes: number, sectors: number): Rate {
  const random = RandomStream.fromSeed(wrongBytes, shape)
  const counts = { corrected: 0, correctedWithPointers: 0, silent: 0 }
  for (let run = 0; run < sectors; run++) {
    const sector = encodeMode1(LBA, randomBytes(random, 2048))
    const offsets = shape === 'burst' ? burst(random, wrongBytes) : scattered(random, wrongBytes)
    const broken = spoiled(sector, offsets, random)
    for (const [key, marks] of [
      ['corrected', undefined],
      ['correctedWithPointers', offsets],
    ] as const) {
      const { verdict, sector: left } = code.examine(broken, LBA, marks)
      if (verdict === 'bad') continue
      if (Buffer.compare(left, sector) === 0) counts[key]++
      else counts.silent++
    }
  }
  return { wrongBytes, ...counts }
}

export function tableOf(title: string, rates: readonly Rate[], sectors: number): string {
  const percent = (count: number): string => `${((100 * count) / sectors).toFixed(1)} %`
  const rows = rates.map(
    ({ wrongBytes, corrected, correctedWithPointers }) =>
      `| ${wrongBytes} | ${percent(corrected)} | ${percent(correctedWithPointers)} |`,
  )
  return [`| ${title} | corrected | with pointers |`, '|---|---|---|', ...rows].join('\n')
}
