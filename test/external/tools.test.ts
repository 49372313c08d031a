import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { requireLoopDevices, withLoopDevice, withMount } from './loopDevice'
import { findTool, requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

class Skipped extends Error {}
const skippingContext = {
  skip: ((note?: string) => {
    throw new Skipped(note)
  }) as never,
}

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

function attachedTo(file: string): string[] {
  return runToolOk('losetup', ['--associated', file]).split('\n').filter(Boolean)
}

describe('requireTool', () => {
  it('finds what is there, also off the path of users', () => {
    expect(findTool('sh')).toMatch(/\/sh$/)
    expect(requireTool(skippingContext, 'sh')).toMatch(/\/sh$/)
  })

  it('skips with the reason printed where a tool is missing', () => {
    vi.stubEnv('PLATTERLAB_REQUIRE_TOOLS', '')
    const print = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    expect(() => requireTool(skippingContext, 'no-such-tool')).toThrow(Skipped)
    expect(print).toHaveBeenCalledWith('skipped: no-such-tool is not installed\n')
  })

  it('fails instead where tools are required', () => {
    vi.stubEnv('PLATTERLAB_REQUIRE_TOOLS', '1')
    expect(() => requireTool(skippingContext, 'no-such-tool')).toThrow(/no-such-tool is not installed.*forbids/)
    expect(() => requireTool(skippingContext, 'no-such-tool')).not.toThrow(Skipped)
  })
})

describe('runTool', () => {
  it('gives back exit code and output, and throws only where the tool had to succeed', () => {
    const args = ['-c', 'echo out; echo error >&2; exit 3']
    expect(runTool('sh', args)).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'error\n' })
    expect(() => runToolOk('sh', args)).toThrow(/exit code 3[\s\S]*error/)
    expect(() => runTool('no-such-tool', [])).toThrow(/requireTool/)
  })
})

describe('withTemporaryFolder', () => {
  it('removes the folder after success and after failure', async () => {
    let seen = ''
    await withTemporaryFolder((folder) => {
      seen = folder
      writeFileSync(join(folder, 'file'), '')
    })
    expect(existsSync(seen)).toBe(false)
    const failing = withTemporaryFolder((folder) => {
      seen = folder
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    expect(existsSync(seen)).toBe(false)
  })
})

describe('withLoopDevice', () => {
  it('shows the bytes of the file, and detaches after success and after failure', async (ctx) => {
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      const file = join(folder, 'image')
      writeFileSync(file, Buffer.alloc(1024 * 1024, 0x5a))
      await withLoopDevice(file, (device) => {
        expect(attachedTo(file)).toEqual([expect.stringContaining(device)])
        expect(runTool('cmp', [file, device]).exitCode).toBe(0)
      })
      expect(attachedTo(file)).toEqual([])
      const failing = withLoopDevice(file, () => Promise.reject(new Error('on purpose')))
      await expect(failing).rejects.toThrow('on purpose')
      expect(attachedTo(file)).toEqual([])
    })
  })
})

describe('withMount', () => {
  it('leaves nothing behind where mounting or the work fails', async (ctx) => {
    requireLoopDevices(ctx)
    requireTool(ctx, 'mke2fs')
    await withTemporaryFolder(async (folder) => {
      const [file, mountPoint] = [join(folder, 'image'), join(folder, 'mnt')]
      writeFileSync(file, Buffer.alloc(4 * 1024 * 1024))
      const work = () => {
        throw new Error('on purpose')
      }
      await expect(withLoopDevice(file, (device) => withMount(device, 'ext4', mountPoint, work))).rejects.toThrow(
        /mount/,
      )
      runToolOk('mke2fs', ['-q', '-t', 'ext4', file])
      const mounted = withLoopDevice(file, (device) => withMount(device, 'ext4', mountPoint, work), { writable: true })
      await expect(mounted).rejects.toThrow('on purpose')
      expect(existsSync(mountPoint)).toBe(false)
      expect(attachedTo(file)).toEqual([])
    })
  })
})
