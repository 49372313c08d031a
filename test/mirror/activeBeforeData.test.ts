import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../../host/hardware/driveCommand'
import { parseScenario } from '../../host/scenario/parse'
import { Runner } from '../../host/scenario/runner'
import { GeneratorJob } from '../../host/workload/generator'

const DATA_OFFSET = 2048
const SUPERBLOCK_SECTOR = 8
/** md: resync_offset in the superblock; all ones = clean. */
const RESYNC_OFFSET = 208

const SCENARIO = `
name: active
array: { members: 2, driveCapacity: 16 MiB, bitmapSweep: 5 ms }
workload: [ { pattern: { rw: randwrite, bs: 4 KiB, count: 1 } } ]
`

it('no member gets data while a superblock says that the array is clean, however many writes arrive at once', () => {
  const parsed = parseScenario(SCENARIO, 'active.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const nothing = (): void => {}
  const hooks = { powerCut: nothing, crashed: nothing, claimsChanged: nothing, driveDone: nothing }
  const module = new WebAssembly.Module(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))
  const runner = new Runner(parsed.scenario, module, 1, { ...hooks, commandOverdue: nothing, overdue: nothing })
  let dataWrites = 0
  let whileClean = 0
  const saysClean = (bay: number): boolean => {
    const sector = new Uint8Array(512)
    runner.site.bays[bay]!.medium.read(SUPERBLOCK_SECTOR, 1, sector, 0)
    return sector.subarray(RESYNC_OFFSET, RESYNC_OFFSET + 8).every((byte) => byte === 0xff)
  }
  const driveIssued = runner.driveIssued.bind(runner)
  runner.driveIssued = (bay: number, command: DriveCommand): void => {
    if (command.op === DRIVE_WRITE && command.lba >= DATA_OFFSET) {
      dataWrites++
      if (saysClean(0) || saysClean(1)) whileClean++
    }
    driveIssued(bay, command)
  }
  runner.format()
  // Bursts with pauses in which the bitmap becomes empty and the superblocks clean again.
  const target = { lunSectors: runner.lunSectors, sectorBytes: 512 }
  for (let burst = 0; burst < 5; burst++) {
    const options = { access: 'write', order: 'random', requests: 40, queueDepth: 8 } as const
    runner.carryOut([new GeneratorJob({ name: `burst ${burst}`, ...options }, target, burst)], 1e12, 'a burst')
    runner.settle()
  }
  expect(dataWrites).toBe(5 * 40 * 2)
  expect(whileClean).toBe(0)
})
