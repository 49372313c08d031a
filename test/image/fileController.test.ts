import { closeSync, openSync, truncateSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COPY_DONE, COPY_SUSPENDED, JOB_FLAG_TARGET_BLANK, LOST_MEDIUM } from '../../assembly/abi/copier'
import { BOOT_POWER_ON } from '../../assembly/abi/descriptor'
import { DRIVE_GONE, DRIVE_HARDWARE_ERROR, DRIVE_MEDIUM_ERROR, DRIVE_OK } from '../../assembly/abi/driveSlots'
import { type BayDrive, type DriveAnswer, writeIdentity } from '../../host/image/bayDrive'
import { runCopyJob } from '../../host/image/copyJob'
import { FileController } from '../../host/image/fileController'
import { FileDrive } from '../../host/image/fileDrive'
import { at, copierModule, randomFile, useDirectory } from './files'

const MIB = 1 << 20
const SECTOR_BYTES = 512

/** A drive in memory. What a test wants of it, it puts over its methods. */
class MemoryDrive implements BayDrive {
  readonly sectorBytes = SECTOR_BYTES
  readonly sectorCount: number
  isDurable = false
  lastError = ''
  badLba = 0

  constructor(
    readonly content: Uint8Array,
    private readonly id: number,
  ) {
    this.sectorCount = content.length / SECTOR_BYTES
  }

  identify(memory: Uint8Array, address: number): void {
    const { sectorCount, sectorBytes, id } = this
    writeIdentity({ sectorCount, sectorBytes, id, model: 'memory' }, memory, address)
  }

  read(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    memory.set(this.content.subarray(lba * SECTOR_BYTES, (lba + sectors) * SECTOR_BYTES), address)
    return DRIVE_OK
  }

  write(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    this.content.set(memory.subarray(address, address + sectors * SECTOR_BYTES), lba * SECTOR_BYTES)
    return DRIVE_OK
  }

  trim(): DriveAnswer {
    return DRIVE_OK
  }

  writeUncorrectable(): DriveAnswer {
    return DRIVE_OK
  }

  flush(): DriveAnswer {
    return DRIVE_OK
  }

  zerosFrom(): null {
    return null
  }
}

/** Reads that go on aside, each until a next turn of the event loop or the test lets it end. */
class DriveReadAside extends MemoryDrive {
  readonly reads: { readonly lba: number; readonly sectors: number; readonly end: () => void }[] = []
  ending: 'alone' | 'together, newest first' | 'by hand' = 'alone'
  bad = new Set<number>()
  #ended = 0

  override read(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    return new Promise((resolve) => {
      const end = (): void => {
        super.read(lba, sectors, memory, address)
        const bad = [...this.bad].find((sector) => sector >= lba && sector < lba + sectors)
        if (bad !== undefined) this.badLba = bad
        resolve(bad === undefined ? DRIVE_OK : DRIVE_MEDIUM_ERROR)
      }
      this.reads.push({ lba, sectors, end })
      if (this.ending !== 'by hand') setImmediate(this.ending === 'alone' ? end : () => this.#endAll())
    })
  }

  #endAll(): void {
    const underWay = this.reads.slice(this.#ended).reverse()
    this.#ended = this.reads.length
    for (const { end } of underWay) end()
  }
}

const random = (name: string, bytes: number): Uint8Array => new Uint8Array(randomFile(name, bytes))

function copy(source: BayDrive, target: BayDrive) {
  const controller = new FileController(copierModule, [source, target])
  controller.boot(BOOT_POWER_ON, null)
  const options = { flags: JOB_FLAG_TARGET_BLANK, sectors: 0, chunkBytes: 64 << 10, checkpointBytes: 256 << 10 }
  return runCopyJob(controller, { ...options, retries: 1 })
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

useDirectory()

describe('a controller of files', () => {
  it('writes what was read before it reads more, where a read holds everybody up', async () => {
    const log: string[] = []
    const source = new MemoryDrive(random('source', MIB), 1)
    const target = new MemoryDrive(new Uint8Array(MIB), 2)
    const { read } = source
    source.read = (...args) => {
      log.push('read')
      return read.apply(source, args)
    }
    target.write = () => {
      log.push('write')
      return DRIVE_OK
    }
    await copy(source, target)
    expect(log.join(' ')).toBe(Array(16).fill('read write').join(' '))
  })

  it('sends off all reads that go on aside before it writes', async () => {
    const source = new DriveReadAside(random('source', MIB), 1)
    const target = new MemoryDrive(new Uint8Array(MIB), 2)
    const readsAtWrite: number[] = []
    const { write } = target
    target.write = (...args) => {
      readsAtWrite.push(source.reads.length)
      return write.apply(target, args)
    }
    expect((await copy(source, target)).state).toBe(COPY_DONE)
    // Eight chunks are on their way at once: behind each one that is written, the next one is being read.
    expect(readsAtWrite).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16, 16, 16, 16, 16, 16])
    expect(Buffer.compare(target.content, source.content)).toBe(0)
  })

  it('uses the memory of an aborted read for nothing else before the read has come to its end', async () => {
    const source = new DriveReadAside(random('source', 2 * MIB), 1)
    source.ending = 'together, newest first'
    const target = new MemoryDrive(new Uint8Array(2 * MIB), 2)
    let flushes = 0
    let durable = target.content.slice()
    // A flush that fails makes the copier abort what is on its way, and copy again what the flush was for.
    target.flush = () => {
      if (++flushes % 2 === 0) {
        durable = target.content.slice()
        return DRIVE_OK
      }
      target.content.set(durable)
      return DRIVE_HARDWARE_ERROR
    }
    expect((await copy(source, target)).state).toBe(COPY_DONE)
    expect(Buffer.compare(target.content, source.content)).toBe(0)
    expect(flushes).toBeGreaterThan(2)
  })

  it('is not through with a job while an aborted read is under way', async () => {
    const source = new DriveReadAside(random('source', MIB), 1)
    const target = new MemoryDrive(new Uint8Array(MIB), 2)
    target.write = () => DRIVE_GONE
    source.ending = 'by hand'
    let isOver = false
    const copied = copy(source, target).finally(() => {
      isOver = true
    })
    await turns(2)
    const [first, ...others] = source.reads
    first!.end()
    await turns(5)
    expect(isOver).toBe(false)
    for (const { end } of others.slice(1)) end()
    await turns(5)
    expect(isOver).toBe(false)
    others[0]!.end()
    expect((await copied).state).toBe(COPY_SUSPENDED)
  })

  it('tells of each of several reads that fail together which sector it was', async () => {
    const source = new DriveReadAside(random('source', MIB), 1)
    source.bad = new Set([5, 300])
    const outcome = await copy(source, new MemoryDrive(new Uint8Array(MIB), 2))
    expect(outcome.lost).toEqual([5, 300].map((lba) => ({ lba, sectors: 1, why: LOST_MEDIUM })))
    // What lies before the bad sector is read at once, which needs its number.
    const lengths = (lba: number) => source.reads.filter((read) => read.lba === lba).map(({ sectors }) => sectors)
    expect([lengths(0), lengths(256)]).toEqual([
      [128, 5],
      [128, 44],
    ])
  })
})

describe('a file as a drive', () => {
  const MEMORY = new Uint8Array(2 * MIB)

  async function driveOf(name: string, sizeBytes: number, use: (drive: FileDrive) => Promise<void>): Promise<void> {
    const descriptor = openSync(at(name), 'r')
    try {
      await use(new FileDrive({ path: at(name), descriptor, sizeBytes, sectorBytes: SECTOR_BYTES, id: 1, holes: null }))
    } finally {
      closeSync(descriptor)
    }
  }

  it.each([4096, MIB])('reads %i bytes to where they belong, padded to whole sectors', async (bytes) => {
    const content = randomFile('source', bytes - 100)
    await driveOf('source', content.length, async (drive) => {
      MEMORY.fill(255)
      expect(await drive.read(0, bytes / SECTOR_BYTES, MEMORY, 512)).toBe(DRIVE_OK)
      expect(content.equals(MEMORY.subarray(512, 512 + content.length))).toBe(true)
      expect(MEMORY.subarray(512 + content.length, 512 + bytes).every((byte) => byte === 0)).toBe(true)
      expect([MEMORY[511], MEMORY[512 + bytes]]).toEqual([255, 255])
    })
  })

  it('answers a long read only later, and a short one at once', async () => {
    randomFile('source', MIB)
    await driveOf('source', MIB, async (drive) => {
      expect(drive.read(0, 8, MEMORY, 0)).toBe(DRIVE_OK)
      expect(drive.read(0, 2048, MEMORY, 0)).toBeInstanceOf(Promise)
    })
  })

  it('says of a long read from which sector on a file has become shorter', async () => {
    randomFile('source', MIB)
    await driveOf('source', MIB, async (drive) => {
      truncateSync(at('source'), 700 * SECTOR_BYTES + 10)
      expect(await drive.read(0, 2048, MEMORY, 0)).toBe(DRIVE_HARDWARE_ERROR)
      expect(drive.lastError).toContain('the file has become shorter')
      expect(drive.badLba).toBe(700)
    })
  })
})
