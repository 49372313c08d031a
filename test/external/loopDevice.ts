// A file as a block device, for the tools that take no plain file.
//
// Needs root and the kernel's loop driver. Devices are attached and detached one by one, by the name that losetup gave.
// Not promised: that other processes leave the device alone meanwhile.

import { existsSync, mkdirSync, readFileSync, realpathSync, rmdirSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'vitest'
import { cannotRun, requireTool, runToolOk } from './tools'

export function requireLoopDevices(ctx: Pick<TestContext, 'skip'>): void {
  requireTool(ctx, 'losetup')
  if (process.getuid?.() !== 0) cannotRun(ctx, 'loop devices need root')
  if (!existsSync('/dev/loop-control')) cannotRun(ctx, 'this kernel has no loop devices (/dev/loop-control is missing)')
}

/** Attaches `file`, runs `work` with the device's name, detaches, also after a failure. Read-only unless asked for otherwise. */
export async function withLoopDevice<T>(
  file: string,
  work: (device: string) => T | Promise<T>,
  options: { readonly writable?: boolean } = {},
): Promise<T> {
  const mode = options.writable ? [] : ['--read-only']
  const device = runToolOk('losetup', ['--find', '--show', ...mode, file]).trim()
  try {
    return await work(device)
  } finally {
    runToolOk('losetup', ['--detach', device])
    await untilDetached(device, file)
  }
}

/** The kernel lets go of the file when the last one has closed the device: whoever just looks at it (udev, losetup) delays that. */
async function untilDetached(device: string, file: string): Promise<void> {
  const backingFile = `/sys/block/${basename(device)}/loop/backing_file`
  const path = realpathSync(file)
  for (let tries = 0; tries < 500; tries++) {
    if (!existsSync(backingFile) || readFileSync(backingFile, 'utf8').trim() !== path) return
    await sleep(10)
  }
  throw new Error(`${device} is still attached to ${path}`)
}

/** Mounts a device on a new folder, runs `work`, unmounts, also after a failure. */
export async function withMount<T>(
  device: string,
  type: string,
  mountPoint: string,
  work: (mountPoint: string) => T | Promise<T>,
): Promise<T> {
  mkdirSync(mountPoint)
  try {
    runToolOk('mount', ['-t', type, device, mountPoint])
    try {
      return await work(mountPoint)
    } finally {
      runToolOk('umount', [mountPoint])
    }
  } finally {
    rmdirSync(mountPoint)
  }
}
