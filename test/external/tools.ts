// Third-party tools as judges: finding them, running them, and what a test does without them.
//
// A test that needs a tool asks for it first. Missing, the test is skipped and the reason printed; with PLATTERLAB_REQUIRE_TOOLS=1
// (as .ci/run sets it) a missing tool fails the test, so that nothing is skipped in silence.
// Tools run with LC_ALL=C and TZ=UTC: their words are parsed. Not promised: any particular version; docs/judges.md names the tried ones.

import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'vitest'

/** Administrators' tools are not on every user's path. */
const SEARCH_PATH = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']

/** Debian's package for a tool, for the message that says what is missing. */
const PACKAGES: Readonly<Record<string, string>> = {
  '7z': 'p7zip-full',
  bchunk: 'bchunk',
  blkid: 'util-linux',
  ccd2iso: 'ccd2iso',
  'cd-info': 'libcdio-utils',
  cdrdao: 'cdrdao',
  chdman: 'mame-tools',
  cryptsetup: 'cryptsetup-bin',
  ddrescue: 'gddrescue',
  ddrescuelog: 'gddrescue',
  debugfs: 'e2fsprogs',
  e2fsck: 'e2fsprogs',
  ewfacquire: 'ewf-tools',
  ewfverify: 'ewf-tools',
  fio: 'fio',
  genisoimage: 'genisoimage',
  iat: 'iat',
  img_stat: 'sleuthkit',
  isoinfo: 'genisoimage',
  losetup: 'mount',
  mdadm: 'mdadm',
  mdf2iso: 'mdf2iso',
  mke2fs: 'e2fsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.exfat': 'exfatprogs',
  'mkfs.fat': 'dosfstools',
  'mkfs.xfs': 'xfsprogs',
  mkntfs: 'ntfs-3g',
  mkswap: 'util-linux',
  mkudffs: 'udftools',
  mount: 'mount',
  nrg2iso: 'nrg2iso',
  ntfslabel: 'ntfs-3g',
  partx: 'util-linux',
  pvcreate: 'lvm2',
  'qemu-img': 'qemu-utils',
  'qemu-io': 'qemu-utils',
  'redis-server': 'redis-server',
  sfdisk: 'fdisk',
  sgdisk: 'gdisk',
  swapon: 'mount',
  toc2cue: 'cdrdao',
  vcdimager: 'vcdimager',
  vcdxbuild: 'vcdimager',
  vcdxgen: 'vcdimager',
  vgcreate: 'lvm2',
  vhdiinfo: 'libvhdi-utils',
  vmdkinfo: 'libvmdk-utils',
  xorriso: 'xorriso',
  zstd: 'zstd',
}

export function toolsAreRequired(): boolean {
  return process.env.PLATTERLAB_REQUIRE_TOOLS === '1'
}

export function findTool(name: string): string | null {
  for (const folder of SEARCH_PATH) {
    if (folder === '') continue
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** Skips the test, or fails it where tools are required. */
export function cannotRun(ctx: Pick<TestContext, 'skip'>, reason: string): never {
  if (toolsAreRequired()) throw new Error(`${reason}, and PLATTERLAB_REQUIRE_TOOLS=1 forbids skipping`)
  process.stderr.write(`skipped: ${reason}\n`)
  return ctx.skip(reason)
}

/** The path of a tool; does not return where there is none. */
export function requireTool(ctx: Pick<TestContext, 'skip'>, name: string): string {
  const path = findTool(name)
  if (path !== null) return path
  const from = PACKAGES[name]
  return cannotRun(ctx, `${name} is not installed${from === undefined ? '' : ` (Debian package ${from})`}`)
}

export interface ToolResult {
  /** -1 if it was killed. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a tool to its end. A non-zero exit code is an answer, not an error; not being able to start it is an error. */
export function runTool(name: string, args: readonly string[], input = ''): ToolResult {
  const path = findTool(name)
  if (path === null) throw new Error(`${name} is not installed: ask with requireTool first`)
  const result = spawnSync(path, args, {
    encoding: 'utf8',
    input,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.error) throw result.error
  return { exitCode: result.status ?? -1, stdout: result.stdout, stderr: result.stderr }
}

/** Runs a tool that has to succeed. */
export function runToolOk(name: string, args: readonly string[], input = ''): string {
  const { exitCode, stdout, stderr } = runTool(name, args, input)
  if (exitCode !== 0) throw new Error(`${name} ${args.join(' ')}: exit code ${exitCode}\n${stderr}${stdout}`)
  return stdout
}

/** A folder that is gone afterwards, whatever happened. */
export async function withTemporaryFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-external-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
