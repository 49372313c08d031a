// Areas of a microcode's memory: each aligned, inside the memory, and apart from all others. An area of no bytes is nowhere, and its
// address means nothing.
import { CONFIG_NVRAM_BYTES } from '../../assembly/abi/config'
import type { Descriptor } from './descriptor'
import { MicrocodeRefused } from './microcodeRefused'

export interface Area {
  readonly name: string
  readonly address: number
  readonly bytes: number
  readonly alignment: number
}

/** Throws MicrocodeRefused when the microcode wants more NVRAM than there is. */
export function checkNvram({ nvramBytes }: { readonly nvramBytes: number }, bytesThere: number): void {
  if (nvramBytes <= bytesThere) return
  throw new MicrocodeRefused('nvramBytes', `${nvramBytes}`, `at most ${bytesThere}: the NVRAM of this controller`)
}

/** How much of the window is battery-backed, by the configuration (CONFIG_NVRAM_BYTES): the rest is RAM. */
export function fittedNvram(descriptor: Descriptor, words: Uint32Array): Descriptor {
  const { configAddress, configWords, nvramBytes } = descriptor
  const fitted = configWords > CONFIG_NVRAM_BYTES ? words[(configAddress >>> 2) + CONFIG_NVRAM_BYTES]! : 0
  return fitted === 0 || fitted >= nvramBytes ? descriptor : { ...descriptor, nvramBytes: fitted & ~7 }
}

/** Throws MicrocodeRefused for the first area that lies. */
export function checkAreas(areas: readonly Area[], memoryBytes: number): void {
  const used = areas.filter((area) => area.bytes > 0)
  for (const { name, address, bytes, alignment } of used) {
    if (address % alignment !== 0) {
      throw new MicrocodeRefused(`area ${name}`, `address ${address}`, `an address aligned to ${alignment} bytes`)
    }
    if (address + bytes > memoryBytes) {
      const expected = `an area inside the memory of ${memoryBytes} bytes`
      throw new MicrocodeRefused(`area ${name}`, `bytes ${rangeText(address, bytes)}`, expected)
    }
  }
  const sorted = [...used].sort((a, b) => a.address - b.address)
  // Sorted by start, an overlap with any area is an overlap with the next one.
  for (let index = 1; index < sorted.length; index++) checkApart(sorted[index - 1], sorted[index])
}

function checkApart(before: Area, area: Area): void {
  if (before.address + before.bytes <= area.address) return
  const found = `bytes ${rangeText(area.address, area.bytes)}`
  const expected = `none of area ${before.name}, bytes ${rangeText(before.address, before.bytes)}`
  throw new MicrocodeRefused(`area ${area.name}`, found, expected)
}

const rangeText = (address: number, bytes: number): string => `${address} to ${address + bytes - 1}`
