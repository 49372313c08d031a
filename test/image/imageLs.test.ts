import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type IsoRecord, isoImage, mbrSector } from '../disk/memoryDisk'
import { at, useDirectory } from './files'
import { image } from './imageCli'

useDirectory()

function isoOnPartition(label = 'HAND MADE'): Buffer {
  const records: IsoRecord[] = [
    { name: 'SUB', block: 21, length: 2048, isDirectory: true },
    { name: 'README.TXT;1', block: 22, length: 1234 },
  ]
  const iso = isoImage(40, new Map([[20, records]]))
  iso.write(label.padEnd(32), 32768 + 40, 'latin1')
  const disk = Buffer.concat([
    mbrSector([{ type: 0x83, start: 4, sectors: 160, status: 0x80 }]),
    Buffer.alloc(1536),
    iso,
  ])
  writeFileSync(at('disk'), disk)
  return disk
}

describe('platterlab image ls', () => {
  it('shows partitions and what is in them', async () => {
    isoOnPartition()
    const { code, out, err } = await image('ls', at('disk'))
    expect([code, err]).toEqual([0, ''])
    expect(out.replace(at('disk'), 'disk')).toBe(
      [
        'disk: 82 KiB (83,968 bytes), MBR 1234abcd, sectors of 512 B',
        '  #  first sector  last sector    size  type          name',
        '  1             4          163  80 KiB  Linux (boot)',
        '     ISO 9660 "HAND MADE", 80 KiB',
        '',
      ].join('\n'),
    )
  })

  it('lists files, with sizes', async () => {
    isoOnPartition()
    const { out } = await image('ls', at('disk'), '--files')
    expect(out).toContain('files of the ISO 9660 volume at byte 2,048 (names of ISO 9660):\n')
    expect(out).toContain('          2,048  SUB/\n          1,234  README.TXT\n')
  })

  it('puts one JSON document on stdout', async () => {
    isoOnPartition()
    const { out, err } = await image('ls', at('disk'), '--files', '--json')
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({
      diskBytes: 83_968,
      table: { kind: 'mbr', partitions: [{ startBytes: 2048, volumes: [{ type: 'iso9660', label: 'HAND MADE' }] }] },
      volumes: [],
      listings: [{ startBytes: 2048, files: [{ path: 'SUB/' }, { path: 'README.TXT', sizeBytes: 1234 }] }],
    })
  })

  it('says that nothing is recognised, and lets no label move the cursor', async () => {
    writeFileSync(at('blank'), Buffer.alloc(5000, 1))
    expect((await image('ls', at('blank'), '--files')).out).toContain('nothing on it is recognised')
    isoOnPartition('\x1b[2Jgone')
    const { out } = await image('ls', at('disk'))
    expect(out).not.toContain('\x1b')
    expect(out).toContain('[2Jgone')
  })

  it('looks into an image of another format, and at its bytes when it is told to', async () => {
    isoOnPartition()
    await image('convert', at('disk'), at('disk.qcow2'))
    const { out } = await image('ls', at('disk.qcow2'))
    expect(out).toContain('disk.qcow2: qcow2, 82 KiB (83,968 bytes), MBR 1234abcd')
    expect(out).toContain('ISO 9660 "HAND MADE"')
    expect((await image('ls', at('disk.qcow2'), '--from', 'raw')).out).toContain('nothing on it is recognised')
  })

  it('refuses what is no file with 2', async () => {
    const { code, err } = await image('ls', at('nothing'))
    expect(code).toBe(2)
    expect(err).toContain('nothing does not exist')
  })
})
