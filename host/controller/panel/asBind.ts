// All of as-bind that Platterlab uses, behind two functions: `bind` puts typed wrappers around the exports of an instance that
// somebody else made; `instantiate` makes the instance too, and wraps what it imports.
//
// as-bind 0.8.2 is sound on today's AssemblyScript but for two things, which are mended here:
// - the loader inside it misreads strings and arrays, whose layout has moved since 0.19: the entries of its `converters` table are
//   replaced by ones that know today's layout (layout.ts). Arrays come back as copies, never as views of the module's memory;
// - it only binds what it instantiated itself, from bytes that it compiles again each time. The controller compiles a module once
//   and boots it often, with its own memory handling, so `bind` fills an AsbindInstance by hand. as-bind does not export that class;
//   an instance of it is had by binding the smallest module there is.
//
// A bound call costs tens of nanoseconds and may grow the module's memory (arguments are allocated there): views of `memory.buffer`
// are to be renewed afterwards. The hot path takes raw exports. Functions whose types have no converter are left out. A module is
// trusted with nothing: what it returns is bounds-checked, but it may well loop for ever.
import {
  type AsBindFunction,
  type AsBindTypeDescriptor,
  type AsbindInstance,
  type Converter,
  converters,
  instantiateSync,
} from 'as-bind/dist/as-bind.esm.js'
import * as layout from './layout'

export type BoundFunction = (...values: readonly unknown[]) => unknown

export interface BoundModule {
  readonly instance: WebAssembly.Instance
  /** Wrapped functions by exported name. */
  readonly functions: ReadonlyMap<string, BoundFunction>
  /** Their types, as the module's custom section has them. */
  readonly signatures: ReadonlyMap<string, AsBindFunction>
}

export class BindingsError extends Error {
  override readonly name = 'BindingsError'
}

const SECTION = 'as-bind_bindings'
const STRING = '~lib/string/String'
const ARRAY_BUFFER = '~lib/arraybuffer/ArrayBuffer'
const ARRAY = /^~lib\/array\/Array<(.+)>$/
const PLAIN = /^(void|bool|[iu](8|16|32|64|size)|f(32|64))$/

const TYPED_ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  Int64Array: BigInt64Array,
  Uint64Array: BigUint64Array,
} as const

/** Views for the elements of an `Array<T>`; anything else in an array is a pointer. */
const ELEMENT_VIEWS = {
  i8: Int8Array,
  u8: Uint8Array,
  bool: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  isize: Int32Array,
  usize: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
} as const

/** Whether the module says what its functions mean. */
export function hasBindings(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.customSections(module, SECTION).length > 0
}

/** Wraps the exports of an existing instance. Its imports stay as they were given: raw. */
export function bind(module: WebAssembly.Module, instance: WebAssembly.Instance): BoundModule {
  return bindExports(prepare(module), instance)
}

/** Instantiates with wrapped imports (functions that take and return strings and arrays) and wraps the exports. */
export function instantiate(
  source: WebAssembly.Module | ArrayBufferLike | ArrayBufferView,
  imports: WebAssembly.Imports,
): BoundModule {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source)
  const bound = prepare(module)
  for (const [moduleName, functions] of Object.entries(bound.typeDescriptor.importedFunctions)) {
    for (const name of Object.keys(functions)) {
      if (typeof imports[moduleName]?.[name] !== 'function')
        throw new BindingsError(`import ${moduleName}.${name} is missing`)
    }
  }
  bound._instantiateBindImportFunctions(imports)
  return bindExports(bound, new WebAssembly.Instance(module, bound.importObject))
}

function prepare(module: WebAssembly.Module): AsbindInstance {
  const bound = new AsbindInstanceClass()
  bound.module = module
  bound._validate()
  bound.typeDescriptor = readTypes(module)
  return bound
}

function bindExports(bound: AsbindInstance, instance: WebAssembly.Instance): BoundModule {
  bound.loadedModule = { module: bound.module, instance, exports: instance.exports }
  bound._instantiateBindUnboundExports()
  const signatures = new Map(Object.entries(bound.typeDescriptor.exportedFunctions))
  const functions = new Map<string, BoundFunction>()
  for (const name of signatures.keys()) functions.set(name, bound.exports[name] as BoundFunction)
  return { instance, functions, signatures }
}

/** The custom section, less what cannot be wrapped: functions that are not exported, or whose types nobody converts. */
function readTypes(module: WebAssembly.Module): AsBindTypeDescriptor {
  const [section] = WebAssembly.Module.customSections(module, SECTION)
  const types = parseTypes(new TextDecoder().decode(section))
  const exported = new Set(
    WebAssembly.Module.exports(module).flatMap(({ name, kind }) => (kind === 'function' ? [name] : [])),
  )
  const wrapped = Object.entries(types.exportedFunctions).filter(
    ([name, { returnType, parameters }]) => exported.has(name) && [returnType, ...parameters].every(isConvertible),
  )
  return { ...types, exportedFunctions: Object.fromEntries(wrapped) }
}

function parseTypes(text: string): AsBindTypeDescriptor {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (error) {
    throw new BindingsError(`section ${SECTION} is not JSON: ${(error as Error).message}`)
  }
  const types = found as AsBindTypeDescriptor
  const isFunction = (value: unknown): boolean => {
    const { returnType, parameters } = (value ?? {}) as AsBindFunction
    return (
      typeof returnType === 'string' &&
      Array.isArray(parameters) &&
      parameters.every((name) => typeof name === 'string')
    )
  }
  const shaped =
    isRecord(types, () => true) &&
    isRecord(types.typeIds, (type) => isRecord(type, (value) => typeof value === 'number')) &&
    isRecord(types.importedFunctions, (functions) => isRecord(functions, isFunction)) &&
    isRecord(types.exportedFunctions, isFunction)
  if (!shaped)
    throw new BindingsError(
      `section ${SECTION}: not the shape of as-bind 0.8 (typeIds, importedFunctions, exportedFunctions)`,
    )
  return types
}

function isRecord(value: unknown, isValue: (value: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isValue)
}

function isConvertible(typeName: string): boolean {
  const element = ARRAY.exec(typeName)?.[1]
  if (element !== undefined) return isConvertible(element)
  return PLAIN.test(typeName) || converters.has(typeName)
}

const memoryOf = (bound: AsbindInstance): WebAssembly.Memory => {
  const memory = bound.loadedModule.instance.exports.memory
  if (!(memory instanceof WebAssembly.Memory)) throw new BindingsError('the module exports no memory')
  return memory
}

function runtimeOf(bound: AsbindInstance): layout.Runtime {
  const { memory, __new, __pin, __unpin } = bound.loadedModule.instance.exports
  for (const [name, value] of Object.entries({ __new, __pin, __unpin })) {
    if (typeof value !== 'function')
      throw new BindingsError(`the module exports no ${name}: build it with --exportRuntime`)
  }
  return { memory, __new, __pin, __unpin } as unknown as layout.Runtime
}

function elementView(element: string): (typeof ELEMENT_VIEWS)[keyof typeof ELEMENT_VIEWS] {
  return ELEMENT_VIEWS[element as keyof typeof ELEMENT_VIEWS] ?? Uint32Array
}

function converterOf(typeName: string): Converter | null {
  if (PLAIN.test(typeName)) return null
  return ARRAY.test(typeName) ? arrayConverter : (converters.get(typeName) ?? null)
}

const arrayConverter: Converter = {
  ascToJs(bound, pointer: number, typeName) {
    const element = ARRAY.exec(typeName)![1]
    const memory = memoryOf(bound)
    const elements = layout.readElements(memory, pointer)
    if (elements === null) return null
    const View = elementView(element)
    const values: unknown[] = [...new View(elements).subarray(0, layout.arrayLength(memory, pointer))]
    const converter = converterOf(element)
    return converter === null
      ? values
      : convertWithin(memory, values, (value) => converter.ascToJs(bound, value as never, element))
  },
  jsToAsc(bound, values: readonly unknown[], typeName) {
    const element = ARRAY.exec(typeName)![1]
    const converter = converterOf(element)
    const View = elementView(element)
    const runtime = runtimeOf(bound)
    return layout.writeArray(
      runtime,
      bound.getTypeId(typeName),
      values.length,
      View.BYTES_PER_ELEMENT,
      (index, address) => {
        const value = converter === null ? values[index] : converter.jsToAsc(bound, values[index] as never, element)
        new View(runtime.memory.buffer, address, 1)[0] = value as never
      },
    )
  },
}

/**
 * Converts a list of pointers. No truthful list holds more text than the module has memory; without this bound a list of a million
 * pointers to one long string would be a cheap way to exhaust the host.
 */
function convertWithin(
  memory: WebAssembly.Memory,
  pointers: unknown[],
  convert: (pointer: unknown) => unknown,
): unknown[] {
  let roomBytes = memory.buffer.byteLength
  return pointers.map((pointer) => {
    const value = convert(pointer)
    if (typeof value === 'string') roomBytes -= value.length * 2
    else if (Array.isArray(value)) roomBytes -= value.length * 4
    else if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) roomBytes -= value.byteLength
    if (roomBytes < 0) throw new layout.LayoutError('an array holds more than the whole memory of the module')
    return value
  })
}

function replaceConverters(): void {
  converters.set(STRING, {
    ascToJs: (bound, pointer: number) => layout.readString(memoryOf(bound), pointer),
    jsToAsc: (bound, text: string | null) => (text === null ? 0 : layout.writeString(runtimeOf(bound), text)),
  })
  converters.set(ARRAY_BUFFER, {
    ascToJs: (bound, pointer: number) => layout.readArrayBuffer(memoryOf(bound), pointer),
    jsToAsc: (bound, content: ArrayBuffer) => layout.writeArrayBuffer(runtimeOf(bound), content),
  })
  for (const [name, View] of Object.entries(TYPED_ARRAYS)) {
    converters.set(`~lib/typedarray/${name}`, {
      ascToJs(bound, pointer: number) {
        const elements = layout.readElements(memoryOf(bound), pointer)
        return elements && new View(elements)
      },
      jsToAsc: (bound, content: ArrayBufferView, typeName) =>
        layout.writeTypedArray(runtimeOf(bound), content, bound.getTypeId(typeName)),
    })
  }
  const arrayKey = [...converters.keys()].find(
    (key) => key instanceof RegExp && key.test(`~lib/array/Array<${STRING}>`),
  )
  converters.set(arrayKey ?? ARRAY, arrayConverter)
}

/** The class behind as-bind's instances, from a module that has just what as-bind insists on: an export `__new` and the section. */
function findInstanceClass(): new () => AsbindInstance {
  const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0))
  const named = (text: string): number[] => [text.length, ...ascii(text)]
  const section = (id: number, content: number[]): number[] => [id, content.length, ...content]
  const types = '{"typeIds":{},"importedFunctions":{},"exportedFunctions":{}}'
  const bytes = new Uint8Array([
    ...ascii('\0asm'),
    ...[1, 0, 0, 0],
    ...section(5, [1, 0, 0]), // one memory of 0 pages
    ...section(7, [1, ...named('__new'), 2, 0]), // exports it as `__new`: as-bind looks at the name alone
    ...section(0, [...named(SECTION), ...ascii(types)]),
  ])
  return instantiateSync(bytes, {}).constructor as new () => AsbindInstance
}

replaceConverters()
const AsbindInstanceClass = findInstanceClass()
