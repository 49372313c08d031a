import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { at, useDirectory } from './files'
import { image } from './imageCli'

const disc = (name: string): string => fileURLToPath(new URL(`../../fixtures/discs/${name}.yaml`, import.meta.url))
const RAW = 2352

useDirectory()

function sectorsThatDiffer(left: string, right: string, sectorBytes = RAW): number[] {
  const [a, b] = [readFileSync(at(left)), readFileSync(at(right))]
  const count = a.length / sectorBytes
  return Array.from({ length: count }, (_, lba) => lba).filter(
    (lba) =>
      !a
        .subarray(lba * sectorBytes, (lba + 1) * sectorBytes)
        .equals(b.subarray(lba * sectorBytes, (lba + 1) * sectorBytes)),
  )
}

describe('platterlab image create --optical', () => {
  it('saves a scratched disc by reading it again, and lists what is gone', async () => {
    await image('disc', disc('scratched'), at('disc'))
    const source = ['--source-drive', 'optical', '--damage', disc('scratched')]
    const { code, out } = await image('create', at('disc'), at('copy'), '--optical', ...source)
    expect(code).toBe(1)
    expect(out).toContain('checked: 0 sectors corrected, 40 right after more reads\n3 sectors of 2352 B listed:\n')
    expect(out).toContain('  sectors 600 to 602: source: more is wrong than its code corrects\n')
    expect(sectorsThatDiffer('disc', 'copy')).toEqual([600, 601, 602])
  })

  it('tells as JSON how many sectors it corrected, and how many it could not check', async () => {
    await image('disc', disc('mixed'), at('disc'))
    const source = ['--source-drive', 'optical:xm5401', '--damage', disc('mixed'), '--retries', '12']
    const { code, out } = await image('create', at('disc'), at('copy'), '--optical', '--json', ...source)
    expect(code).toBe(0)
    const { correctedSectors, rereadSectors, uncheckedSectors } = JSON.parse(out)
    expect(correctedSectors).toBeGreaterThan(400)
    expect(rereadSectors).toBeGreaterThan(30)
    expect(uncheckedSectors).toBeGreaterThan(700)
    expect(sectorsThatDiffer('disc', 'copy')).toEqual([])
  })

  it('corrects an image that was read once, where the code alone is enough', async () => {
    const weak = readFileSync(disc('mixed'), 'utf8').replace(
      /damage:[\s\S]*/,
      'damage:\n  - {sectors: 0-449, random: 2}\n',
    )
    writeFileSync(at('weak.yaml'), weak)
    await image('disc', at('weak.yaml'), at('disc'))
    await image('disc', at('weak.yaml'), at('read'), '--damaged')
    expect(sectorsThatDiffer('disc', 'read').length).toBe(450)
    const { code } = await image('create', at('read'), at('copy'), '--optical')
    expect([code, sectorsThatDiffer('disc', 'copy')]).toEqual([0, []])
  })

  it('copies subchannels, and counts the subchannels Q that are damaged', async () => {
    const tracks = 'tracks: [{type: mode1, sectors: 450}, {type: audio, sectors: 300}]'
    writeFileSync(at('yaml'), `subchannels: true\n${tracks}\ndamage: [{sectors: 100-119, random: 2}]\n`)
    await image('disc', at('yaml'), at('disc'))
    const source = ['--sector-size', '2448', '--source-drive', 'optical', '--damage', at('yaml')]
    const { code, out } = await image('create', at('disc'), at('copy'), '--optical', ...source)
    expect(code).toBe(0)
    expect(out).toMatch(/300 sectors without a code, read twice; subchannel Q damaged in \d+, copied as it was read/)
    expect(Math.min(...sectorsThatDiffer('disc', 'copy', 2448))).toBeGreaterThanOrEqual(100)
    expect(Math.max(...sectorsThatDiffer('disc', 'copy', 2448))).toBeLessThan(120)
  })

  it('knows where on the disc an image begins', async () => {
    await image('disc', disc('scratched'), at('disc'))
    writeFileSync(at('part'), readFileSync(at('disc')).subarray(75 * RAW, 85 * RAW))
    const misplaced = await image('create', at('part'), at('wrong'), '--optical')
    expect(misplaced.code).toBe(1)
    expect(misplaced.out).toContain('sectors 0 to 9: source: a sector of another place on the disc')
    const { code } = await image('create', at('part'), at('copy'), '--optical', '--disc-start', '00:03:00')
    expect([code, sectorsThatDiffer('part', 'copy')]).toEqual([0, []])
  })

  it('loses a whole block of a DVD to one bad sector', async () => {
    await image('disc', disc('dvd'), at('disc'))
    const options = ['--sector-size', '2048', '--source-drive', 'optical:dvd16', '--retries', '12']
    const { code, out } = await image('create', at('disc'), at('copy'), ...options, '--damage', disc('dvd'))
    expect(code).toBe(1)
    expect(out).toContain('16 sectors of 2048 B listed:\n  sectors 992 to 1007: source: medium error\n')
    expect(sectorsThatDiffer('disc', 'copy', 2048)).toEqual(Array.from({ length: 16 }, (_, i) => 992 + i))
  })

  it.each([
    [['verify', 'DISC', 'DISC', '--optical'], '--optical checks while it copies'],
    [['create', 'DISC', 'COPY', '--optical', 'video'], '--optical: found "video", expected one of auto, data, audio'],
    [
      ['create', 'DISC', 'COPY', '--optical', '--sector-size', '512'],
      '--sector-size: found 512, expected 2352 or 2448',
    ],
    [['create', 'DISC', 'COPY', '--disc-start', '00:02:00'], '--disc-start is for copies with --optical'],
    [['create', 'DISC', 'COPY', '--optical', '--disc-start', '00:61:00'], '--disc-start: found "00:61:00"'],
    [['create', 'DISC', 'COPY', '--target-drive', 'optical'], '--target-drive: an optical drive only reads'],
    [['create', 'DISC', 'COPY', '--source-drive', 'hdd', '--damage', 'YAML'], '--damage is about a disc'],
    [['create', 'DISC', 'COPY', '--source-drive', 'optical', '--damage', 'NONE'], 'NONE: ENOENT'],
    [
      ['create', 'DISC', 'COPY', '--source-drive', 'optical', '--damage', 'YAML'],
      'damage: found sectors 9, expected some of 0-4',
    ],
    [['create', 'DISC', 'COPY', '--source-drive', 'optical:zip'], 'expected one of xm6401, xm5401, dvd16'],
  ])('refuses %j with 2, and writes nothing', async (argv, words) => {
    writeFileSync(at('DISC'), new Uint8Array(5 * RAW))
    writeFileSync(at('YAML'), 'tracks: [{type: audio, sectors: 5}]\ndamage: [{sectors: 9, fixed: 1}]\n')
    const { code, err } = await image(...argv.map((word) => (/^[A-Z]+$/.test(word) ? at(word) : word)))
    expect([code, err]).toEqual([2, expect.stringContaining(words)])
    expect(readdirSync(at('')).sort()).toEqual(['DISC', 'YAML'])
  })

  it.each([
    ['tracks: []', 'tracks: '],
    ['tracks: [{type: tape, sectors: 5}]', 'tracks.0.type: '],
    ['tracks: [{type: dvd, sectors: 5}, {type: audio, sectors: 5}]', 'a disc is a DVD or a CD, not both'],
    ['tracks: [{type: audio, sectors: 5}]\ndamage: [{sectors: 1, fixed: 99}]', 'a sector has 98 frames'],
    ['tracks: [{type: audio, sectors: 5}]\ndamage: [{sectors: 3-1}]', 'found sectors 3-1'],
    ['tracks: [', 'YAML'],
  ])('refuses the description %j', async (text, words) => {
    writeFileSync(at('YAML'), text)
    const { code, err } = await image('disc', at('YAML'), at('disc'))
    expect([code, err]).toEqual([2, expect.stringContaining(words)])
  })
})
