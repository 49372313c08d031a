// How AssemblyScript 0.28 lays out strings, buffers and arrays in linear memory, read and written from outside.
//
//   object      …| class id (u32) | size (u32) |> pointer: payload …        (header: std/assembly/rt/common.ts)
//   String      payload = UTF-16 code units, size = their bytes
//   ArrayBuffer payload = the bytes
//   typed array payload = { buffer, dataStart, byteLength }
//   Array<T>    payload = { buffer, dataStart, byteLength, length }
//
// Whatever a module hands out is checked against the bounds of its memory before it is read: a module that lies gets a LayoutError,
// never bytes from elsewhere and never an endless copy. What is returned is a copy: the module may reuse its memory at once.
// Writing goes through the module's own allocator (`__new`, `__pin`, `__unpin`), so it needs a module built with --exportRuntime.

/** Class ids that the compiler fixes for every module (std/assembly/rt: Object 0, ArrayBuffer 1, String 2). */
const ARRAY_BUFFER_ID = 1
const STRING_ID = 2

const TYPED_ARRAY_BYTES = 12
const ARRAY_BYTES = 16

/** Runtime exports of an AssemblyScript module. */
export interface Runtime {
  readonly memory: WebAssembly.Memory
  __new(bytes: number, classId: number): number
  __pin(pointer: number): number
  __unpin(pointer: number): void
}

export class LayoutError extends Error {
  override readonly name = 'LayoutError'
}

export function readString(memory: WebAssembly.Memory, pointer: number): string | null {
  if (pointer === 0) return null
  const bytes = payloadOf(memory, pointer, STRING_ID, 'a string')
  const units = new Uint16Array(bytes.slice().buffer)
  let text = ''
  // In pieces: the arguments of one call are limited.
  for (let start = 0; start < units.length; start += 4096) {
    text += String.fromCharCode(...units.subarray(start, start + 4096))
  }
  return text
}

export function writeString(runtime: Runtime, text: string): number {
  const pointer = runtime.__new(text.length * 2, STRING_ID) >>> 0
  const units = new Uint16Array(runtime.memory.buffer, pointer, text.length)
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index)
  return pointer
}

export function readArrayBuffer(memory: WebAssembly.Memory, pointer: number): ArrayBuffer | null {
  if (pointer === 0) return null
  return payloadOf(memory, pointer, ARRAY_BUFFER_ID, 'an ArrayBuffer').slice().buffer
}

export function writeArrayBuffer(runtime: Runtime, content: ArrayBuffer): number {
  const pointer = runtime.__new(content.byteLength, ARRAY_BUFFER_ID) >>> 0
  new Uint8Array(runtime.memory.buffer).set(new Uint8Array(content), pointer)
  return pointer
}

/** The elements of a typed array or of an Array of numbers, as a copy. */
export function readElements(memory: WebAssembly.Memory, pointer: number): ArrayBuffer | null {
  if (pointer === 0) return null
  const [, dataStart, byteLength] = words(memory, pointer, TYPED_ARRAY_BYTES, 'an array')
  return bytesAt(memory, dataStart, byteLength, 'array data').slice().buffer
}

export function arrayLength(memory: WebAssembly.Memory, pointer: number): number {
  return words(memory, pointer, ARRAY_BYTES, 'an array')[3]
}

export function writeTypedArray(runtime: Runtime, content: ArrayBufferView, classId: number): number {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
  const buffer = runtime.__pin(runtime.__new(bytes.length, ARRAY_BUFFER_ID)) >>> 0
  const pointer = runtime.__new(TYPED_ARRAY_BYTES, classId) >>> 0
  runtime.__unpin(buffer)
  new Uint32Array(runtime.memory.buffer, pointer, 3).set([buffer, buffer, bytes.length])
  new Uint8Array(runtime.memory.buffer).set(bytes, buffer)
  return pointer
}

/** An Array of `length` elements; `writeElement(index, address)` writes each and may itself allocate: `__new` hands out zeroed bytes, so the collector never meets half an array. */
export function writeArray(
  runtime: Runtime,
  classId: number,
  length: number,
  elementBytes: number,
  writeElement: (index: number, address: number) => void,
): number {
  const byteLength = length * elementBytes
  const buffer = runtime.__pin(runtime.__new(byteLength, ARRAY_BUFFER_ID)) >>> 0
  const pointer = runtime.__pin(runtime.__new(ARRAY_BYTES, classId)) >>> 0
  new Uint32Array(runtime.memory.buffer, pointer, 4).set([buffer, buffer, byteLength, length])
  for (let index = 0; index < length; index++) writeElement(index, buffer + index * elementBytes)
  runtime.__unpin(pointer)
  runtime.__unpin(buffer)
  return pointer
}

function payloadOf(
  memory: WebAssembly.Memory,
  pointer: number,
  classId: number,
  what: string,
): Uint8Array<ArrayBuffer> {
  const [foundId, byteLength] = words(memory, pointer - 8, 8, what)
  if (foundId !== classId) throw new LayoutError(`not ${what}: class id ${foundId} at ${pointer}, expected ${classId}`)
  return bytesAt(memory, pointer >>> 0, byteLength, what)
}

function words(memory: WebAssembly.Memory, address: number, byteLength: number, what: string): Uint32Array {
  if (address % 4 !== 0) throw new LayoutError(`${what} at ${address >>> 0}: not aligned to 4 bytes`)
  return new Uint32Array(bytesAt(memory, address >>> 0, byteLength, what).slice().buffer)
}

function bytesAt(
  memory: WebAssembly.Memory,
  address: number,
  byteLength: number,
  what: string,
): Uint8Array<ArrayBuffer> {
  const end = address + byteLength
  if (end > memory.buffer.byteLength) {
    throw new LayoutError(`${what} at ${address}..${end}: outside the memory of ${memory.buffer.byteLength} bytes`)
  }
  return new Uint8Array(memory.buffer, address, byteLength)
}
