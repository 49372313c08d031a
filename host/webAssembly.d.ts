// The part of the WebAssembly JavaScript interface (W3C, version 2) that Platterlab uses. The compiler's own declarations come only
// with those of a whole browser, and the pure layers must not see a browser.

declare namespace WebAssembly {
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag'
  type Exports = Readonly<Record<string, unknown>>
  type ModuleImports = Record<string, unknown>
  type Imports = Record<string, ModuleImports>

  interface ModuleExportDescriptor {
    readonly name: string
    readonly kind: ImportExportKind
  }

  interface ModuleImportDescriptor extends ModuleExportDescriptor {
    readonly module: string
  }

  class Module {
    constructor(bytes: ArrayBufferLike | ArrayBufferView)
    static exports(module: Module): ModuleExportDescriptor[]
    static imports(module: Module): ModuleImportDescriptor[]
    static customSections(module: Module, name: string): ArrayBuffer[]
  }

  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Exports
  }

  interface MemoryDescriptor {
    readonly initial: number
    readonly maximum?: number
    readonly shared?: boolean
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor)
    /** Replaced by a new one whenever the memory grows. */
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }

  /** The module's bytes are not valid. */
  class CompileError extends Error {}
  /** Imports that do not fit. */
  class LinkError extends Error {}
  /** A trap. */
  class RuntimeError extends Error {}
}
