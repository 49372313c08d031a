// The tables of docs/optical.md: PLATTERLAB_RATES=1 npx vitest run test/copier/optical/rates.test.ts
import { describe, expect, it } from 'vitest'
import { measure, tableOf } from './rates'
import { SectorCode } from './sectorCode'

const SCATTERED = [4, 8, 16, 24, 32, 40, 50, 60, 80, 100, 150, 200, 250]
const BURSTS = [86, 100, 120, 140, 172, 200, 240, 276, 300]
const isMeasuring = process.env.PLATTERLAB_RATES === '1'
const SECTORS = isMeasuring ? 1000 : 20

describe('rates of correction', () => {
  it.each([
    ['scattered', 'wrong bytes anywhere', SCATTERED, 4, 8],
    ['burst', 'burst of bytes', BURSTS, 86, 172],
  ] as const)(
    'for %s errors are whole up to the limit, and nothing is wrong and called right',
    async (...args) => {
      const [shape, title, lengths, limit, limitWithPointers] = args
      const code = await SectorCode.load()
      const rates = lengths.map((wrongBytes) => measure(code, shape, wrongBytes, SECTORS))
      for (const { wrongBytes, corrected, correctedWithPointers, silent } of rates) {
        expect(silent).toBe(0)
        if (wrongBytes <= limit) expect(corrected).toBe(SECTORS)
        if (wrongBytes <= limitWithPointers) expect(correctedWithPointers).toBe(SECTORS)
      }
      if (isMeasuring) process.stdout.write(`\n${tableOf(title, rates, SECTORS)}\n`)
    },
    600_000,
  )
})
