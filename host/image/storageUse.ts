// Who uses the storage under a file or block device: mounts, swap, and the devices that are made of it (RAID, LVM, encryption). Linux only: what
// sysfs (Documentation/ABI/stable/sysfs-block), /proc/self/mountinfo (proc(5)) and /proc/swaps say. Elsewhere nobody is found.
//
// Storage is a stretch of a root: a file, or a disk that is no part of another one. A partition is a stretch of its disk, a loop device one of
// its file. Two names are the same storage where their stretches overlap, however many devices lie between.
// Not promised: mounts of other namespaces of files behind loop devices. Devices are also opened exclusively, which is the kernel's word.

import { existsSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

const SECTOR_BYTES = 512

interface Stretch {
  readonly root: string
  readonly startBytes: number
  readonly endBytes: number
}

interface User {
  readonly what: string
  readonly stretches: readonly Stretch[]
}

/** Why the storage must not be written over; null: nobody uses it. */
export function useOf(stats: Stats): string | null {
  const own = [stretchOf(stats)]
  return users().find(({ stretches }) => overlap(own, stretches))?.what ?? null
}

/** Whether a byte of one is a byte of the other. */
export function shareStorage(left: Stats, right: Stats): boolean {
  const [ownLeft, ownRight] = [[stretchOf(left)], [stretchOf(right)]]
  return overlap(ownLeft, withSlaves(right)) || overlap(withSlaves(left), ownRight)
}

function overlap(left: readonly Stretch[], right: readonly Stretch[]): boolean {
  return left.some((a) =>
    right.some((b) => a.root === b.root && a.startBytes < b.endBytes && b.startBytes < a.endBytes),
  )
}

function stretchOf(stats: Stats): Stretch {
  if (stats.isBlockDevice()) return deviceStretch(numberOf(stats.rdev))
  return { root: `file ${stats.dev} ${stats.ino}`, startBytes: 0, endBytes: Infinity }
}

/** The stretch of a device, and those of the devices that it is made of. */
function withSlaves(stats: Stats): Stretch[] {
  return stats.isBlockDevice() ? deviceStretches(numberOf(stats.rdev)) : [stretchOf(stats)]
}

/** 'major:minor', as sysfs names devices; makedev(3) of glibc. */
function numberOf(rdev: number): string {
  const bits = BigInt(rdev)
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn)
  const minor = (bits & 0xffn) | ((bits >> 12n) & ~0xffn & 0xffffffffn)
  return `${major}:${minor}`
}

function deviceStretch(number: string, depth = 0): Stretch {
  const folder = sysfsFolder(number)
  const whole = { root: `device ${number}`, startBytes: 0, endBytes: Infinity }
  // A loop device over a loop device and so on ends somewhere; the kernel does not let them make a ring.
  if (folder === null || depth > 16) return whole
  const sizeBytes = readNumber(join(folder, 'size')) * SECTOR_BYTES
  if (existsSync(join(folder, 'partition'))) {
    const disk = deviceStretch(readText(join(dirname(folder), 'dev')), depth + 1)
    return part(disk, readNumber(join(folder, 'start')) * SECTOR_BYTES, sizeBytes)
  }
  const backing = statSync(readText(join(folder, 'loop', 'backing_file')) || '/nothing', { throwIfNoEntry: false })
  if (!backing) return whole
  const under = backing.isBlockDevice() ? deviceStretch(numberOf(backing.rdev), depth + 1) : stretchOf(backing)
  return part(under, readNumber(join(folder, 'loop', 'offset')), sizeBytes)
}

function part(whole: Stretch, offsetBytes: number, sizeBytes: number): Stretch {
  const startBytes = whole.startBytes + offsetBytes
  return { root: whole.root, startBytes, endBytes: startBytes + sizeBytes }
}

function deviceStretches(number: string, depth = 0): Stretch[] {
  const folder = sysfsFolder(number)
  const slaves = folder === null || depth > 16 ? [] : namesIn(join(folder, 'slaves'))
  const below = slaves.flatMap((slave) => deviceStretches(readText(join(folder!, 'slaves', slave, 'dev')), depth + 1))
  return [deviceStretch(number), ...below]
}

function users(): User[] {
  return [...mounts(), ...swaps(), ...holders()]
}

/** proc(5): fields 3 (device) and 5 (mount point), then behind a dash type and source. */
function mounts(): User[] {
  return readText('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => {
      const [before = '', after = ''] = line.split(' - ')
      const fields = before.split(' ')
      const source = unescaped(after.split(' ')[1] ?? '')
      const number = fields[2]?.startsWith('0:') ? deviceAt(source) : (fields[2] ?? null)
      if (number === null || fields[4] === undefined) return []
      return [{ what: `${source} is mounted on ${unescaped(fields[4])}`, stretches: deviceStretches(number) }]
    })
}

/** Some file systems (Btrfs) are mounted under a device number of their own. */
function deviceAt(path: string): string | null {
  const stats = path.startsWith('/') ? statSync(path, { throwIfNoEntry: false }) : undefined
  return stats?.isBlockDevice() ? numberOf(stats.rdev) : null
}

function swaps(): User[] {
  const lines = readText('/proc/swaps').split('\n').slice(1)
  return lines.flatMap((line) => {
    const path = unescaped(line.split(/\s/)[0] ?? '')
    const stats = path === '' ? undefined : statSync(path, { throwIfNoEntry: false })
    return stats ? [{ what: `${path} is used as swap`, stretches: withSlaves(stats) }] : []
  })
}

function holders(): User[] {
  return namesIn('/sys/class/block').flatMap((name) => {
    const folder = `/sys/class/block/${name}`
    const held = namesIn(join(folder, 'holders'))
    if (held.length === 0) return []
    const number = readText(join(folder, 'dev'))
    return [{ what: `/dev/${name} is part of ${held.map(holderName).join(', ')}`, stretches: [deviceStretch(number)] }]
  })
}

function holderName(holder: string): string {
  const name = readText(`/sys/class/block/${holder}/dm/name`)
  return name === '' ? `/dev/${holder}` : `/dev/mapper/${name}`
}

/** proc(5): blanks are written as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

function sysfsFolder(number: string): string | null {
  try {
    return realpathSync(`/sys/dev/block/${number}`)
  } catch {
    return null
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** '' where there is no such file. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function readNumber(path: string): number {
  return Number(readText(path))
}
