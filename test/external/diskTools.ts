// What the usual tools say of a disk image: blkid of the volume in it, sfdisk of its partitions, isoinfo of its files.

import { truncateSync, writeFileSync } from 'node:fs'
import { type DiskContents, examineDisk } from '../../host/disk/examineDisk'
import { type IsoListing, listIso } from '../../host/disk/isoTree'
import type { DiskImage } from '../../host/formats/format'
import { rawFormat } from '../../host/formats/raw/rawFormat'
import { runTool, runToolOk } from './tools'

/** An image that is one hole. */
export function blankImage(path: string, bytes: number): void {
  writeFileSync(path, '')
  truncateSync(path, bytes)
}

async function withDisk<T>(path: string, use: (disk: DiskImage) => Promise<T>): Promise<T> {
  const disk = await rawFormat.open(path)
  try {
    return await use(disk)
  } finally {
    disk.close()
  }
}

export function examineFile(path: string): Promise<DiskContents> {
  return withDisk(path, examineDisk)
}

export function listIsoFile(path: string): Promise<IsoListing | null> {
  return withDisk(path, (disk) => listIso(disk, 0))
}

/** blkid -p -o export: the keys of one volume; empty where it sees none, or several. */
export function blkid(path: string): ReadonlyMap<string, string> {
  const { stdout } = runTool('blkid', ['-p', '-o', 'export', path])
  const lines = stdout.split('\n').filter((line) => line.includes('='))
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), plain(line.slice(line.indexOf('=') + 1))]))
}

/** blkid writes bytes above 127 as M-x, control characters as ^x, and quotes blanks with a backslash. */
function plain(text: string): string {
  const bytes = [...text.matchAll(/(M-)?(?:\^(.)|\\(.)|(.))/g)].map(([, high, control, quoted, same]) => {
    const low = control ? control.charCodeAt(0) ^ 0x40 : (quoted ?? same)!.charCodeAt(0)
    return low | (high ? 0x80 : 0)
  })
  return Buffer.from(bytes).toString('utf8')
}

export interface SfdiskTable {
  readonly label: string
  readonly id: string
  readonly sectorsize: number
  readonly partitions: readonly {
    readonly node: string
    readonly start: number
    readonly size: number
    readonly type: string
    readonly uuid?: string
    readonly name?: string
    readonly bootable?: boolean
  }[]
}

export function sfdiskTable(path: string): SfdiskTable {
  return (JSON.parse(runToolOk('sfdisk', ['--json', path])) as { partitiontable: SfdiskTable }).partitiontable
}

/** Writes a partition table from a script of sfdisk. */
export function partition(path: string, script: string): void {
  runToolOk('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', path], script)
}

export interface IsoinfoFile {
  readonly path: string
  readonly sizeBytes: number
}

/** isoinfo -l: files and directories with their sizes. `options`: -R or -J. */
export function isoinfoFiles(path: string, ...options: string[]): IsoinfoFile[] {
  const files: IsoinfoFile[] = []
  let folder = ''
  for (const line of runToolOk('isoinfo', [...options, '-l', '-i', path]).split('\n')) {
    const heading = /^Directory listing of (.*)$/.exec(line)
    if (heading) folder = heading[1]!
    const file = /^([-dl])[-rwxst?]{9}\s+\d+\s+\d+\s+\d+\s+(\d+) .*\[\s*\d+ [0-9a-f]{2}\]\s+(.*?)\s*$/.exec(line)
    if (!file || file[3] === '.' || file[3] === '..') continue
    const name = file[3]!.replace(/ -> .*$/, '').replace(/\.?;\d+$/, '')
    files.push({ path: `${folder}${name}${file[1] === 'd' ? '/' : ''}`.slice(1), sizeBytes: Number(file[2]) })
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}
