// RAID members of every version, written here after md_p.h: mdadm and blkid judge the writer, and both judge what we read.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blankImage, blkid, examineFile } from './diskTools'
import { requireLoopDevices, withLoopDevice } from './loopDevice'
import { mdChecksum } from './mdImage'
import { requireTool, runTool, withTemporaryFolder } from './tools'

const IMAGE_BYTES = 20 * (1 << 20) + 5 * 512
const MAGIC = 0xa92b4efc
const SET_UUID = Buffer.from('0123456789abcdef0fedcba987654321', 'hex')

function superblock1(atBytes: number, dataOffsetSectors: number): Buffer {
  const block = Buffer.alloc(256 + 2 * 128, 0)
  block.writeUInt32LE(MAGIC, 0)
  block.writeUInt32LE(1, 4)
  SET_UUID.copy(block, 16)
  block.write('host:name', 32)
  block.writeUInt32LE(1, 72)
  block.writeBigUInt64LE(30_000n, 80)
  block.writeUInt32LE(2, 92)
  block.writeBigUInt64LE(BigInt(dataOffsetSectors), 128)
  block.writeBigUInt64LE(30_000n, 136)
  block.writeBigUInt64LE(BigInt(atBytes / 512), 144)
  SET_UUID.copy(block, 168)
  block.writeBigUInt64LE(7n, 200)
  block.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 208)
  block.writeUInt32LE(128, 220)
  for (let role = 0; role < 128; role++) block.writeUInt16LE(role < 2 ? role : 0xffff, 256 + 2 * role)
  block.writeUInt32LE(mdChecksum(block), 216)
  return block
}

/** struct mdp_superblock_s: words; the sum of all of them, without itself, is word 38. */
function superblock0(): Buffer {
  const block = Buffer.alloc(4096)
  const words: readonly (readonly [word: number, value: number])[] = [
    [0, MAGIC],
    [2, 90],
    [7, 1],
    [8, 15_000],
    [9, 2],
    [10, 2],
    [33, 1],
    [34, 2],
    [35, 2],
    [992 + 3, 0],
  ]
  for (const [word, value] of words) block.writeUInt32LE(value, word * 4)
  SET_UUID.copy(block, 20, 0, 4)
  SET_UUID.copy(block, 52, 4, 16)
  let sum = 0
  for (let at = 0; at < 4096; at += 4) sum += block.readUInt32LE(at)
  block.writeUInt32LE(((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) >>> 0, 38 * 4)
  return block
}

const END_1_0 = Math.floor((IMAGE_BYTES - 8192) / 4096) * 4096
const END_0_90 = Math.floor(IMAGE_BYTES / 65536) * 65536 - 65536

const MEMBERS = [
  ['1.0', END_1_0, superblock1(END_1_0, 0)],
  ['1.1', 0, superblock1(0, 2048)],
  ['1.2', 4096, superblock1(4096, 2048)],
  ['0.90', END_0_90, superblock0()],
] as const

describe('a member of a Linux RAID', () => {
  it.for(MEMBERS)('of version %s is seen as mdadm and blkid see it', async ([version, at, superblock], ctx) => {
    for (const tool of ['mdadm', 'blkid']) requireTool(ctx, tool)
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image')
      blankImage(path, IMAGE_BYTES)
      const bytes = readFileSync(path)
      superblock.copy(bytes, at)
      writeFileSync(path, bytes)
      const examined = await withLoopDevice(path, (device) => runTool('mdadm', ['--examine', device]).stdout)
      expect(examined).toContain(`Version : ${version === '1.0' || version === '0.90' ? version : '1.'}`)
      expect(examined).toMatch(/Checksum : \w+ - correct/)
      const { volumes } = await examineFile(path)
      const found = blkid(path)
      expect(found.get('TYPE')).toBe('linux_raid_member')
      expect(volumes).toMatchObject([
        {
          type: 'linux_raid_member',
          uuid: found.get('UUID'),
          label: found.get('LABEL') ?? null,
          isClean: true,
          facts: { version: found.get('VERSION'), level: 'raid1', devices: 2 },
          notes: [],
          superblockBytes: at,
        },
      ])
    })
  })
})
