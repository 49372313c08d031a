import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AREAS_CAPACITY } from '../../assembly/abi/rescue'
import { type AreaStatus, type Mapfile, parseMapfile, printMapfile } from '../../host/image/mapfile'
import { mapfileOf, mapOf, type RescueMap, startedAgain } from '../../host/image/rescueMap'

/** The example of ddrescue's manual. */
const EXAMPLE = `# Mapfile. Created by GNU ddrescue version 1.27
# Command line: ddrescue -d -c18 /dev/fd0 fdimage mapfile
# current_pos  current_status  current_pass
0x00120000     ?               1
#      pos        size  status
0x00000000  0x00117000  +
0x00117000  0x00000200  -
0x00117200  0x00001000  /
0x00118200  0x00007E00  *
0x00120000  0x00048000  ?
`

const SOURCE_BYTES = 0x168000

const arbitraryMap: fc.Arbitrary<RescueMap> = fc
  .tuple(
    fc.array(
      fc.record({
        sectors: fc.integer({ min: 1, max: 1e6 }),
        status: fc.constantFrom<AreaStatus>('?', '*', '/', '-', '+'),
      }),
      { minLength: 1, maxLength: 30 },
    ),
    fc.constantFrom<AreaStatus>('?', '*', '/', '-', '+'),
    fc.integer({ min: 1, max: 9 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([areas, phase, pass, at]) => {
    const merged: { lba: number; sectors: number; status: AreaStatus }[] = []
    let lba = 0
    for (const { sectors, status } of areas) {
      const last = merged.at(-1)
      if (last?.status === status) last.sectors += sectors
      else merged.push({ lba, sectors, status })
      lba += sectors
    }
    return { areas: merged, phase, pass, position: Math.floor(at * lba) }
  })

describe('a map file', () => {
  it("is read as ddrescue's manual describes it", () => {
    const { positionBytes, state, pass, blocks } = parseMapfile(EXAMPLE, 'x')
    expect({ positionBytes, state, pass }).toEqual({ positionBytes: 0x120000, state: '?', pass: 1 })
    expect(blocks.map(({ status }) => status).join('')).toBe('+-/*?')
    expect(blocks.at(-1)).toEqual({ startBytes: 0x120000, bytes: 0x48000, status: '?' })
  })

  it('may have comments anywhere, any of three number systems, and no pass', () => {
    const text = '# a\n0 + # done\n\n 0 010 + # octal\n8 0x8\t-\n16 16 ?\r\n'
    expect(parseMapfile(text, 'x')).toEqual({
      positionBytes: 0,
      state: '+',
      pass: 1,
      blocks: [
        { startBytes: 0, bytes: 8, status: '+' },
        { startBytes: 8, bytes: 8, status: '-' },
        { startBytes: 16, bytes: 16, status: '?' },
      ],
    })
  })

  it('comes back as it was printed', () => {
    fc.assert(
      fc.property(arbitraryMap, (map) => {
        const end = map.areas.at(-1)!
        const bytes = (end.lba + end.sectors) * 512 - 100
        const printed = printMapfile(mapfileOf(map, 512, bytes), ['one', 'two'])
        const read = mapOf(parseMapfile(printed, 'x'), 512, bytes, 'x')
        expect({ ...read, position: 0 }).toEqual({ ...map, position: 0 })
      }),
    )
  })

  it.each([
    ['', 'found no status line'],
    ['hello', 'x:1: found "hello", expected a status line'],
    ['0 + 0', 'x:1: found "0 + 0", expected a status line'],
    ['0 + 1\n0 512 x', 'x:2: found "0 512 x", expected position, size and status'],
    ['0 + 1\n0 0 +', 'expected position, size and status'],
    ['0 + 1\n0 512 +\n1024 512 +', 'x:3: found "1024 512 +", expected a block that begins at 0x00000200'],
    ['0 + 1\n0 09 +', 'expected position, size and status'],
  ])('that is %j is refused', (text, words) => {
    expect(() => parseMapfile(text, 'x')).toThrow(words)
  })
})

describe('the sectors of a map file', () => {
  const mapOfBlocks = (blocks: [number, AreaStatus][], sourceBytes: number): string => {
    let startBytes = 0
    const mapfile: Mapfile = {
      positionBytes: 0,
      state: '?',
      pass: 1,
      blocks: blocks.map(([bytes, status]) => {
        const block = { startBytes, bytes, status }
        startBytes += bytes
        return block
      }),
    }
    const { areas } = mapOf(mapfile, 512, sourceBytes, 'x')
    return areas.map(({ sectors, status }) => `${sectors}${status}`).join(' ')
  }

  it('have the least status of what lies in them', () => {
    expect(
      mapOfBlocks(
        [
          [512, '+'],
          [700, '+'],
          [324, '-'],
          [512, '+'],
        ],
        2048,
      ),
    ).toBe('2+ 1- 1+')
    expect(
      mapOfBlocks(
        [
          [100, '+'],
          [100, '?'],
          [100, '-'],
          [212, '+'],
          [512, '+'],
        ],
        1024,
      ),
    ).toBe('1? 1+')
    expect(
      mapOfBlocks(
        [
          [1000, '-'],
          [24, '+'],
          [1024, '*'],
        ],
        2048,
      ),
    ).toBe('2- 2*')
    expect(
      mapOfBlocks(
        [
          [1000, '*'],
          [600, '/'],
          [448, '+'],
        ],
        2048,
      ),
    ).toBe('2* 1/ 1/'.replace('1/ 1/', '2/'))
  })

  it('go to the end of the source, also where it is short, and are non-tried where nothing is said', () => {
    expect(mapOfBlocks([[600, '+']], 600)).toBe('2+')
    expect(mapOfBlocks([[512, '+']], 1500)).toBe('1+ 2?')
    expect(mapOfBlocks([], 1500)).toBe('3?')
  })

  it('are refused when there are more than the source has', () => {
    expect(() => mapOfBlocks([[2048, '+']], 1024)).toThrow('expected a map of the source')
  })

  it('are never finished, or bad, where the map was too fine and something else was there', () => {
    const blocks = Array.from({ length: 3 * AREAS_CAPACITY }, (_, at): [number, AreaStatus] => [
      512 * (1 + (at % 3)),
      at % 2 === 0 ? '+' : '-',
    ])
    const bytes = blocks.reduce((sum, [size]) => sum + size, 0)
    const exact: AreaStatus[] = blocks.flatMap(([size, status]) => new Array<AreaStatus>(size / 512).fill(status))
    const mapfile: Mapfile = { positionBytes: 0, state: '+', pass: 1, blocks: [] }
    let startBytes = 0
    const placed = blocks.map(([size, status]) => {
      const block = { startBytes, bytes: size, status }
      startBytes += size
      return block
    })
    const { areas } = mapOf({ ...mapfile, blocks: placed }, 512, bytes, 'x')
    expect(areas.length).toBeLessThanOrEqual(AREAS_CAPACITY)
    for (const { lba, sectors, status } of areas) {
      if (status === '+') expect(exact.slice(lba, lba + sectors).every((was) => was === '+')).toBe(true)
      if (status === '-') expect(exact.slice(lba, lba + sectors).every((was) => was === '-')).toBe(true)
    }
    expect(areas.at(-1)!.lba + areas.at(-1)!.sectors).toBe(bytes / 512)
  })

  it('begin again with what failed', () => {
    const map = mapOf(parseMapfile(EXAMPLE, 'x'), 512, SOURCE_BYTES, 'x')
    const statuses = (from: string, to: AreaStatus): string =>
      startedAgain(map, from, to)
        .areas.map(({ status }) => status)
        .join('')
    expect(statuses('*/', '?')).toBe('+-?')
    expect(statuses('/-', '*')).toBe('+*?')
    expect(startedAgain(map, '*/', '?')).toMatchObject({ phase: '?', pass: 1, position: 0 })
  })
})
