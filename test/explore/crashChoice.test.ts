import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crashChoices } from '../../host/explore/crashChoice'
import { isKept } from '../../host/hardware/survival'
import { RandomStream } from '../../host/sim/random'

const volatile = fc.array(fc.option(fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 6 })), {
  minLength: 1,
  maxLength: 4,
})
const chosen = (writes: (number[] | null)[], max: number, words = 0) =>
  crashChoices(writes, words, [0], { max, scrubs: true }, RandomStream.fromSeed(1, 'test')).choices

describe('the choices at a crash point', () => {
  it('are no more than asked for, and none twice', () => {
    fc.assert(
      fc.property(volatile, fc.integer({ min: 1, max: 40 }), (writes, max) => {
        const choices = chosen(writes, max)
        const texts = choices.map(({ survival, absent }) => JSON.stringify([survival, absent]))
        expect(choices.length).toBeLessThanOrEqual(max)
        expect(new Set(texts).size).toBe(texts.length)
      }),
    )
  })

  it('begin with nothing and with everything', () => {
    fc.assert(
      fc.property(volatile, (writes) => {
        const [none, all] = chosen(writes, 8)
        const total = (bay: number) => writes[bay]?.reduce((sum, sectors) => sum + sectors, 0) ?? 0
        for (const bay of writes.keys()) {
          for (let sector = 0; sector < total(bay); sector++) {
            expect(isKept(none!.survival.bays[bay] ?? 'none', sector)).toBe(false)
            if (all && all.absent < 0) expect(isKept(all.survival.bays[bay] ?? 'none', sector)).toBe(true)
          }
        }
      }),
    )
  })

  it('try each drive alone', () => {
    const choices = chosen([[8], [8]], 8)
    const kept = choices.map(({ survival }) => JSON.stringify(survival.bays))
    expect(kept).toEqual(expect.arrayContaining(['{}', '{"0":"all"}', '{"1":"all"}', '{"0":"all","1":"all"}']))
  })

  it('leave an NVRAM word that is not committed to chance, too', () => {
    const choices = chosen([[], []], 8, 2)
    expect(choices.map(({ survival }) => survival.nvram)).toEqual(expect.arrayContaining(['none', 'all']))
  })
})
