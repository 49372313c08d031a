import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CONFIG_NVRAM_BYTES } from '../../assembly/abi/config'
import { OP_TEST_UNIT_READY } from '../../assembly/abi/scsi'
import { Controller } from '../../host/controller/controller'
import { ProgressCell } from '../../host/controller/progressCell'
import { newSockets } from '../../host/controller/socket'
import { Nvram } from '../../host/hardware/nvram'
import { EventQueue } from '../../host/sim/eventQueue'
import { compileFixture } from '../support/compileFixture'

function controllerOf(bytes: Uint8Array<ArrayBuffer>, { nvramBytes = 65_536, hostDone = (): void => {} } = {}) {
  const crashes: string[] = []
  const nothing = (): void => {}
  const controller = new Controller({
    events: new EventQueue(),
    sockets: newSockets(new WebAssembly.Module(bytes)),
    coreEvent: 1,
    timerEvent: 2,
    bays: [null, null],
    nvram: new Nvram(nvramBytes),
    progress: new ProgressCell(),
    hooks: {
      hostDone,
      driveIssued: nothing,
      driveDone: nothing,
      microcodeEvent: nothing,
      nvramCommitted: nothing,
      crashed: (reason) => crashes.push(reason),
    },
  })
  return { controller, crashes }
}

const testUnitReady = (): Uint8Array => {
  const cdb = new Uint8Array(16)
  cdb[0] = OP_TEST_UNIT_READY
  return cdb
}

describe('a controller', () => {
  it('does not blame its microcode for an error of whoever listens to it', async () => {
    const hostDone = (): void => {
      throw new RangeError('ours')
    }
    const { controller, crashes } = controllerOf(await compileFixture('passthrough'), { hostDone })
    controller.load(() => {})
    expect(() => controller.submit(0, testUnitReady(), 6, 0, 0)).toThrow('ours')
    expect(crashes).toEqual([])
  })

  it('refuses a microcode that wants more NVRAM than there is', () => {
    const mirror = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))
    const fitted = (bytes: number) => (words: Uint32Array) => {
      words[CONFIG_NVRAM_BYTES] = bytes
    }
    expect(() => controllerOf(mirror).controller.load(fitted(4096))).not.toThrow()
    const small = controllerOf(mirror, { nvramBytes: 1024 })
    expect(() => small.controller.load(fitted(4096))).toThrow(/nvramBytes: found 4096/)
    // All that its window has.
    expect(() => small.controller.load(fitted(0))).toThrow(/nvramBytes: found 4203520/)
  })

  it('has no NVRAM beyond what its board is fitted with: the window ends there, on a whole word', () => {
    const mirror = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))
    const { controller } = controllerOf(mirror)
    controller.load((words) => {
      words[CONFIG_NVRAM_BYTES] = 4100
    })
    expect(controller.nvramWindow.length).toBe(4096)
    expect(controller.descriptor.nvramBytes).toBe(4096)
  })
})
