import { describe, expect, it } from 'vitest'
import { DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { captureWrite } from '../../host/controller/capture'
import { MemoryViews } from '../../host/controller/memoryViews'
import { DriveCommand } from '../../host/hardware/driveCommand'
import { Medium } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'

const BUFFER = 4096

/** Two controllers whose drives have their pages in one arena. */
class Bench {
  readonly arena = new PageArena(4096)
  readonly medium = Medium.blank(this.arena, 512, 4096)
  readonly memories = [new Uint8Array(65536), new Uint8Array(65536)] as const
  readonly #views = [new MemoryViews(12), new MemoryViews(12)] as const

  /** What a write from the buffer of a controller brings to its drive. */
  write(controller: 0 | 1, lba: number, sectors: number): DriveCommand {
    const command = new DriveCommand(0)
    Object.assign(command, { op: DRIVE_WRITE, lba, sectors, bufferAddress: BUFFER })
    captureWrite(this.medium, command, this.memories[controller], this.#views[controller], null)
    return command
  }

  fill(controller: 0 | 1, value: number): this {
    this.memories[controller].fill(value, BUFFER, BUFFER + 16384)
    return this
  }

  byteOf(command: DriveCommand, at = 0): number {
    const page = command.pages[0]!
    return this.arena.slabOf(page)[this.arena.offsetOf(page) + at]!
  }
}

describe('the data of a write', () => {
  it('need one page when two controllers write the same to one place of their drives', () => {
    const bench = new Bench().fill(0, 7).fill(1, 7)
    const [first, second] = [bench.write(0, 64, 16), bench.write(1, 64, 16)]
    expect([...second.pages.subarray(0, 2)]).toEqual([...first.pages.subarray(0, 2)])
    expect(bench.arena.isShared(first.pages[0]!)).toBe(true)
    expect(bench.arena.pagesInUse).toBe(2)
  })

  it('are those of the buffer, also when one byte alone differs from what came to that place before', () => {
    const bench = new Bench().fill(0, 7).fill(1, 7)
    bench.memories[1][BUFFER + 4095] = 8
    const [first, second] = [bench.write(0, 64, 8), bench.write(1, 64, 8)]
    expect([bench.byteOf(first, 4095), bench.byteOf(second, 4095)]).toEqual([7, 8])
  })

  it('are no page that nobody uses any more', () => {
    const bench = new Bench().fill(0, 7).fill(1, 7)
    const first = bench.write(0, 64, 8)
    bench.arena.release(first.pages[0]!)
    bench.write(1, 64, 8)
    expect(bench.arena.pagesInUse).toBe(1)
    bench.fill(0, 9).write(0, 800, 8)
    expect(bench.arena.pagesInUse).toBe(2)
  })

  it('of a part of a page go into a page of their own', () => {
    const bench = new Bench().fill(0, 7).fill(1, 7)
    bench.write(0, 64, 8)
    bench.fill(1, 5).write(1, 68, 4)
    expect(bench.byteOf(bench.fill(0, 7).write(0, 64, 8))).toBe(7)
    expect(bench.byteOf(bench.write(1, 68, 4), 4 * 512)).toBe(5)
  })

  it('come from the memory that there is, after it has moved', () => {
    const views = new MemoryViews(12)
    const [old, grown] = [new Uint8Array(16384).fill(1), new Uint8Array(32768).fill(2)]
    expect(views.at(old, 4096, 512)[0]).toBe(1)
    expect(views.at(grown, 4096, 512)[0]).toBe(2)
    expect(views.at(grown, 4096, 1024).length).toBe(1024)
    expect(views.at(grown, 4096 + 512, 512).byteOffset).toBe(4608)
  })
})
