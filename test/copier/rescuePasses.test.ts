import { describe, expect, it } from 'vitest'
import { COPY_DONE, COPY_IDLE, COPY_START } from '../../assembly/abi/copier'
import { RESCUE_NO_SKIP, RESCUE_REVERSE, RESCUE_UNIDIRECTIONAL } from '../../assembly/abi/rescue'
import type { AreaStatus } from '../../host/image/mapfile'
import type { RescueArea, RescueMap, RescueStrategy } from '../../host/image/rescueMap'
import { RescueBench } from './rescueBench'

const CHUNK = 16

/** What a rescue of 1024 sectors reads, in order. */
function readsOf(
  bad: readonly [number, number][],
  strategy: Partial<RescueStrategy>,
): { large: string; single: number[] } {
  const bench = new RescueBench({ sectors: 1024 })
  for (const [lba, sectors] of bad) bench.sourceFaults.makeUnreadable(lba, sectors)
  const reads = bench.watchReads()
  bench.rescue(strategy, { chunkBytes: CHUNK * 512, checkpointBytes: 1 << 20 })
  bench.settle()
  expect(bench.state).toBe(COPY_DONE)
  const large = reads.filter(({ sectors }) => sectors > 1).map(({ lba }) => lba / CHUNK)
  return { large: large.join(' '), single: reads.filter(({ sectors }) => sectors === 1).map(({ lba }) => lba) }
}

const range = (first: number, last: number): string => {
  const step = first <= last ? 1 : -1
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, at) => first + at * step).join(' ')
}

describe('the copying phase', () => {
  it('skips behind an error, ever further, and comes back from the other side', () => {
    // Chunks 10 to 17 are bad. The first pass skips one chunk, then two, then four.
    const { large } = readsOf([[160, 128]], { skipFirstSectors: CHUNK, skipMaxSectors: 4 * CHUNK })
    // 10 fails, skips 11; 12 fails, skips 13 and 14; 15 fails, skips 16 to 19; 20 is good.
    // Backwards: 19, 18, 17 fails; 14 fails; 11 fails. The sweep: 13 is left of what 14 belonged to, 16 of 17.
    expect(large).toBe(`${range(0, 10)} 12 15 ${range(20, 63)} 19 18 17 14 11 13 16`)
  })

  it('begins with small skips again where it found good data', () => {
    const { large } = readsOf(
      [
        [160, 1],
        [256, 1],
      ],
      { skipFirstSectors: CHUNK, skipMaxSectors: 16 * CHUNK },
    )
    expect(large).toBe(`${range(0, 10)} ${range(12, 16)} ${range(18, 63)} 17 11`)
  })

  it('goes backwards first in a reverse rescue', () => {
    const { large } = readsOf([[160, 1]], { flags: RESCUE_REVERSE, skipFirstSectors: 2 * CHUNK })
    expect(large).toBe(`${range(63, 10)} ${range(7, 0)} 8 9`)
  })

  it('keeps its direction where it is told to', () => {
    const { large } = readsOf([[160, 1]], { flags: RESCUE_UNIDIRECTIONAL, skipFirstSectors: 2 * CHUNK })
    expect(large).toBe(`${range(0, 10)} ${range(13, 63)} 11 12`)
  })

  it('leaves nothing out where it is told not to skip', () => {
    const { large } = readsOf([[160, 64]], { flags: RESCUE_NO_SKIP })
    expect(large).toBe(range(0, 63))
  })
})

describe('slow areas', () => {
  /** Reads of chunks 20 to 39 take a second each. */
  function slowReads(minRateKib: number): number[] {
    const bench = new RescueBench({ sectors: 1024 })
    bench.source.filters.push({
      begin: ({ lba, effect }) => {
        if (lba >= 20 * CHUNK && lba < 40 * CHUNK) effect.slowFactor = 20_000
      },
      delivered: () => {},
      stored: () => {},
      firstUnreadable: () => -1,
      powerCycled: () => {},
    })
    const reads = bench.watchReads()
    bench.rescue({ minRateKib, skipFirstSectors: CHUNK, skipMaxSectors: 4 * CHUNK }, { chunkBytes: CHUNK * 512 })
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.statuses).toBe('0+1024+')
    return reads.map(({ lba }) => lba / CHUNK)
  }

  it('are skipped, and read when everything else is there', () => {
    const order = slowReads(64)
    // 20 is slow, skips 21; 22 skips 23 and 24; 25 skips 26 to 29, 30 and 35 as many; then all is fast again. Backwards in the same way.
    // The third pass takes what is left, slow or not.
    const skipping = `${range(0, 20)} 22 25 30 35 ${range(40, 63)} 39 37 34 29 24`
    expect(order.join(' ')).toBe(`${skipping} 21 23 26 27 28 31 32 33 36 38`)
  })

  it('are read in their turn where no rate is asked for', () => {
    expect(slowReads(0).join(' ')).toBe(range(0, 63))
  })
})

describe('the phases behind it', () => {
  it('trim from both edges, scrape what lies between, and retry in both directions', () => {
    // One chunk fails; sectors 165 and 170 to 172 of it are bad.
    const bad: [number, number][] = [
      [165, 1],
      [170, 3],
    ]
    const { single } = readsOf(bad, { retryPasses: 2 })
    const forwards = [165, 170, 171, 172]
    expect(single).toEqual([
      ...[160, 161, 162, 163, 164, 165],
      ...[175, 174, 173, 172],
      ...[166, 167, 168, 169, 170, 171],
      ...forwards,
      ...[...forwards].reverse(),
    ])
  })

  it('go the other way in a reverse rescue', () => {
    const { single } = readsOf([[165, 6]], { flags: RESCUE_REVERSE, retryPasses: 1 })
    expect(single).toEqual([
      ...[175, 174, 173, 172, 171, 170],
      ...[160, 161, 162, 163, 164, 165],
      ...[169, 168, 167, 166],
      ...[170, 169, 168, 167, 166, 165],
    ])
  })

  it('get a sector that can be read at last', () => {
    const bench = new RescueBench({ sectors: 1024 })
    bench.sourceFaults.makeUnreadable(100, 1)
    const reads = bench.watchReads()
    bench.rescue({ retryPasses: 3 }, { chunkBytes: CHUNK * 512 })
    while (bench.array.run(1)) {
      // The second single read of it succeeds.
      if (reads.filter(({ lba, sectors }) => lba === 100 && sectors === 1).length === 2)
        bench.sourceFaults.stored(100, 1)
    }
    expect(bench.statuses).toBe('0+1024+')
    expect(bench.differing()).toEqual([])
  })
})

describe('an earlier rescue', () => {
  /** What is read of 1024 sectors after a rescue that left this map. */
  function readsAfter(map: RescueMap, strategy: Partial<RescueStrategy> = {}): string {
    const bench = new RescueBench({ sectors: 1024 })
    bench.sourceFaults.makeUnreadable(500, 2)
    const reads = bench.watchReads()
    bench.rescue(strategy, { chunkBytes: CHUNK * 512 }, map)
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    return reads.map(({ lba, sectors }) => (sectors === 1 ? `${lba}` : `${lba}+${sectors}`)).join(' ')
  }

  const area = (lba: number, sectors: number, status: AreaStatus): RescueArea => ({ lba, sectors, status })

  it('goes on in its pass of copying, where it was', () => {
    const areas = [area(0, 64, '?'), area(64, 900, '+'), area(964, 60, '?')]
    // Backwards from sector 48; what lies above is left to the sweep, which goes forwards.
    expect(readsAfter({ areas, phase: '?', pass: 2, position: 48 })).toBe(
      '32+16 16+16 0+16 48+16 964+12 976+16 992+16 1008+16',
    )
  })

  it('goes on in the direction of its pass of retrying, if nothing else is left', () => {
    const areas = [area(0, 500, '+'), area(500, 2, '-'), area(502, 522, '+')]
    expect(readsAfter({ areas, phase: '-', pass: 2, position: 1024 }, { retryPasses: 2 })).toBe('501 500 500 501')
    expect(readsAfter({ areas, phase: '-', pass: 1, position: 501 }, { retryPasses: 1 })).toBe('501')
    expect(readsAfter({ areas, phase: '-', pass: 2, position: 1024 })).toBe('')
  })

  it('is retried from the beginning when something was not scraped', () => {
    const areas = [area(0, 500, '+'), area(500, 2, '-'), area(502, 2, '/'), area(504, 520, '+')]
    expect(readsAfter({ areas, phase: '-', pass: 2, position: 1024 }, { retryPasses: 1 })).toBe('502 503 500 501')
  })

  it('is refused when its areas are not those of the job', () => {
    for (const areas of [
      [area(0, 1023, '+')],
      [area(1, 1023, '+')],
      [area(0, 500, '+'), area(501, 523, '?')],
      [area(0, 1025, '+')],
    ]) {
      const bench = new RescueBench({ sectors: 1024 })
      bench.rescue({}, {}, { areas, phase: '?', pass: 1, position: 0 }, COPY_START)
      bench.settle()
      expect(bench.answer?.sense[2]).toBe(5)
      expect(bench.state).toBe(COPY_IDLE)
    }
  })
})
