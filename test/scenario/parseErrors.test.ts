import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatInputError, type InputError } from '../../host/scenario/inputError'
import { parseScenario } from '../../host/scenario/parse'

function errorsOf(text: string, exists?: (path: string) => boolean): readonly InputError[] {
  const result = parseScenario(text, 'bad.yaml', exists ? { exists } : {})
  expect(result.ok).toBe(false)
  return result.ok ? [] : result.errors
}

function onlyError(text: string): InputError {
  const errors = errorsOf(text)
  expect(errors.map(formatInputError)).toHaveLength(1)
  return errors[0]!
}

describe('an error in a scenario', () => {
  it('names file, line, column, what was found and what was expected, with the line and a caret', () => {
    const error = onlyError('array:\n  members: two\n')
    expect(formatInputError(error)).toBe(
      [
        'bad.yaml:2:12: array.members: found "two", expected a whole number from 1 to 8',
        '  1 | array:',
        '  2 |   members: two',
        '    |            ^^^',
      ].join('\n'),
    )
  })

  it.each([
    ['sede: 3', 1, 1, 'did you mean seed?'],
    ['array:\n  driveCapcity: 16 MiB', 2, 3, 'did you mean driveCapacity?'],
    ['array: { drive-capacity: 16 MiB }', 1, 10, 'did you mean driveCapacity?'],
    ['faults:\n  - pul: { bay: 1 }\n    pull: { bay: 1 }\n    at: start', 2, 5, 'did you mean pull?'],
    ['expect: { events: { rebuild-done: 1 } }', 1, 21, 'did you mean microcode:rebuild-done?'],
  ])('suggests the key that was meant in %j', (text, line, column, hint) => {
    expect(onlyError(text)).toMatchObject({ line, column, hint })
  })

  it.each([
    ['drives: { model: hdx }', 'did you mean hdd?'],
    ['drives: { model: { name: sdd } }', 'did you mean hdd or ssd?'],
    ['drives: { model: { name: hdd, parameters: cheeta9lp } }', 'did you mean cheetah9lp?'],
    ['workload: [{ pattern: { rw: randwrit } }]', 'did you mean randwrite?'],
    ['faults: [{ pull: { bay: 1 }, after: bitmap-begin }]', 'did you mean microcode:bitmap-begin?'],
    ['expect: { verdict: fial }', 'did you mean fail?'],
  ])('suggests the value that was meant in %j', (text, hint) => {
    expect(onlyError(text).hint).toBe(hint)
  })

  it('comes with all others of its kind, in the order of the file', () => {
    const errors = errorsOf('sede: 1\narray: { members: 9, spares: -1 }\nworkload: 5\nexpect: { verdict: 3 }\n')
    expect(errors.map(({ line, where }) => [line, where])).toEqual([
      [1, ''],
      [2, 'array.members'],
      [2, 'array.spares'],
      [3, 'workload'],
      [4, 'expect.verdict'],
    ])
  })

  it('follows aliases to the place where the value stands', () => {
    const errors = errorsOf('drives:\n  bays:\n    0: &slow { model: hdx }\n    1: *slow\n')
    expect(errors.map(({ line, column }) => [line, column])).toEqual([
      [3, 23],
      [3, 23],
    ])
  })

  it('shows the part of a very long line that matters', () => {
    const error = onlyError(`array: { settings: { a: ${'x'.repeat(500)} }, members: 0 }`)
    const [shown, caret] = error.excerpt.split('\n')
    expect(shown!.length).toBeLessThan(120)
    expect(shown!.slice(caret!.indexOf('^')).startsWith('0')).toBe(true)
  })
})

describe('YAML that is none', () => {
  it.each([
    ['a: [', 'valid YAML'],
    ['seed: 1\nseed: 2', 'valid YAML'],
    ['name: *nobody', 'aliases that resolve'],
    ['', 'a scenario'],
    ['# nothing\n', 'a scenario'],
    ['- a list', 'a map'],
    ['just words', 'a map'],
  ])('%j is refused', (text, expected) => {
    expect(onlyError(text).expected).toBe(expected)
  })

  it('is refused when aliases grow without bound', () => {
    const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 8; i++)
      rows.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    expect(onlyError(rows.join('\n')).found).toMatch(/alias/i)
  })
})

describe('units', () => {
  it.each([
    ['array: { driveCapacity: 16 MB/s }', /a size such as/],
    ['array: { driveCapacity: 0 }', /a size above 0/],
    ['array: { commandDeadline: 2 }', /a duration with its unit/],
    ['array: { commandDeadline: 1 us }', /whole number of milliseconds/],
    ['array: { resyncPause: 10 ns }', /whole number of microseconds/],
    ['array: { writeCache: maybe }', /on or off/],
    ['limits: { simulatedTime: soon }', /a duration with its unit/],
    ['faults: [{ lost-write: { bay: 1 }, rate: { event: drive-write, ratio: 3/2 } }]', /at most 1/],
    ['faults: [{ lost-write: { bay: 1 }, rate: { event: drive-write, ratio: 0.1 } }]', /a ratio such as 1\/2000/],
    ['faults: [{ pull: { bay: 1 }, after: { event: drive-write, lba: 15-8 } }]', /a range of sectors/],
    ['drives: { sectorBytes: 4096 }', /^512$/],
    ['array: { luns: [] }', /a list of 1 to 8 sizes/],
    ['array: { luns: [1 MiB, all] }', /a size such as/],
    ["workload: [{ operations: { list: ['lun 1: drain'] } }]", /an operation such as/],
    ['seed: 1.5', /a whole number/],
    ['seed: -1', /at least 0/],
  ])('are checked in %j', (text, expected) => {
    expect(onlyError(text).expected).toMatch(expected)
  })
})

describe('a fault', () => {
  it('has exactly one action and one trigger', () => {
    expect(onlyError('faults: [{ pull: { bay: 1 } }]').expected).toBe('exactly one of at, after, rate')
    expect(onlyError('faults: [{ at: start }]').expected).toMatch(/^exactly one of power-cut, nvram-loss, pull/)
    expect(onlyError('faults: [{ pull: { bay: 1 }, hang: { bay: 1 }, at: start }]').found).toBe('pull and hang')
  })

  it.each([
    ['pull: { bay: 2 }', 'a bay from 0 to 1'],
    ['latent-sector-error: { bay: 0 }', 'exactly one of lba, lunLba'],
    [
      'latent-sector-error: { bay: 0, lba: 8-15, sectors: 8 }',
      'either a range in lba or a number of sectors, not both',
    ],
    ['latent-sector-error: { bay: 0, lba: 32768 }', "sectors below 32768, the drive's capacity"],
    ['write-error: { bay: 0, sectors: 3 }', 'lba or lunLba with it'],
    ['write-error: { bay: 0, lba: 3, lunLba: 4 }', 'lba or lunLba, not both'],
    ['misdirected-write: { bay: 0, offsetSectors: 0 }', 'a distance other than 0'],
  ])('makes sense on the rig: { %s }', (action, expected) => {
    expect(onlyError(`faults: [{ ${action}, at: start }]`).expected).toBe(expected)
  })

  it('counts events of bays that exist', () => {
    const error = onlyError('faults: [{ pull: { bay: 1 }, after: { event: drive-write, bay: 5 } }]')
    expect(error.where).toBe('faults[0].after.bay')
  })
})

describe('sense', () => {
  it.each([
    ['array: { bays: 2, members: 2, spares: 1 }', 'array.bays'],
    ['array: { driveCapacity: 1000 }', 'array.driveCapacity'],
    ['array: { bitmapChunk: 24 KiB }', 'array.bitmapChunk'],
    ['array: { microcode: miror }', 'array.microcode'],
    ['array: { assumeClean: on }\ndrives: { contents: garbage }', 'array.assumeClean'],
    ['drives: { bays: { 7: { model: ssd } } }', 'drives.bays'],
    ['drives: { bays: { one: { model: ssd } } }', 'drives.bays'],
    ['workload: [{ pattern: { rw: read, bs: 1000 } }]', 'workload[0].pattern.bs'],
    ['workload: [{ pattern: { rw: read, bs: 8 KiB, size: 4 KiB } }]', 'workload[0].pattern.size'],
    ['array: { luns: [1 MiB, 4099 KiB] }', 'array.luns[1]'],
    ['array: { luns: [rest, 1 MiB] }', 'array.luns[0]'],
    ['array: { luns: [8 MiB, 4 MiB, 5 MiB] }', 'array.luns[2]'],
    ['array: { luns: [16 MiB, rest] }', 'array.luns[1]'],
    ['array: { luns: [15 MiB, 1 MiB], dataOffset: 1 MiB }', 'array.luns[1]'],
    ['array: { luns: [8 MiB, 1 MiB] }\nremote: { mode: scheduled, interval: 1 s }', 'array.luns[1]'],
    ['workload: [{ lun: 1, pattern: { rw: read } }]', 'workload[0].lun'],
    [
      "array: { luns: [1 MiB, rest] }\nworkload: [{ operations: { list: ['lun 2: write 0+8'] } }]",
      'workload[0].operations.list[0]',
    ],
    ['expect: { laws: [DUR] }', 'expect.laws'],
    ['expect: { bays: { 9: in-sync } }', 'expect.bays'],
  ])('%j is refused at %s', (text, where) => {
    expect(onlyError(text).where).toBe(where)
  })
})

describe('files that a scenario names', () => {
  const text =
    'image: a.img\nworkload:\n  - fio: b.fio\n  - trace: { file: c.log, payloads: d.bin }\n  - trace: e.log\n'

  it('must be there when somebody looks', () => {
    const errors = errorsOf(text, () => false)
    expect(errors.map(({ line, found }) => [line, found])).toEqual([
      [1, '"a.img"'],
      [3, '"b.fio"'],
      [4, '"c.log"'],
      [4, '"d.bin"'],
      [5, '"e.log"'],
    ])
  })

  it('are nobody’s business when nobody looks', () => {
    expect(parseScenario(text, 'x.yaml').ok).toBe(true)
  })
})

describe('any text at all', () => {
  const piece = fc.constantFrom(
    ...[
      'array:',
      'members',
      ': ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '1',
      'faults',
      'pull',
      '&a',
      '*a',
      '"',
      '|\n',
      '#',
      '~',
      '16 MiB',
      '!!x ',
      '<<',
      '\t',
      '__proto__',
    ],
  )

  it('gives a scenario or positioned errors, and never throws', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const text = pieces.join('')
        const result = parseScenario(text, 'f.yaml')
        if (result.ok) return
        const lines = text.split(/\r\n|\r|\n/).length
        expect(result.errors.length).toBeGreaterThan(0)
        for (const error of result.errors) {
          expect(error.line).toBeGreaterThanOrEqual(1)
          expect(error.line).toBeLessThanOrEqual(lines)
          expect(error.column).toBeGreaterThanOrEqual(1)
          expect(formatInputError(error)).toContain('expected')
        }
      }),
      { numRuns: 500 },
    )
  })
})
