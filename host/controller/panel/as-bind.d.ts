// What of as-bind 0.8.2 we use. Its own types say `any`; underscored names are its internals (see asBind.ts for why they are needed).
declare module 'as-bind/dist/as-bind.esm.js' {
  export interface AsBindFunction {
    readonly returnType: string
    readonly parameters: readonly string[]
  }

  export interface AsBindTypeDescriptor {
    readonly typeIds: Record<string, { readonly id: number; readonly byteSize: number }>
    readonly importedFunctions: Record<string, Record<string, AsBindFunction>>
    readonly exportedFunctions: Record<string, AsBindFunction>
  }

  export interface AsbindInstance {
    module: WebAssembly.Module
    typeDescriptor: AsBindTypeDescriptor
    loadedModule: { module: WebAssembly.Module; instance: WebAssembly.Instance; exports: WebAssembly.Exports }
    exports: Record<string, unknown>
    importObject: WebAssembly.Imports
    getTypeId(typeName: string): number
    _validate(): void
    _instantiateBindImportFunctions(imports: WebAssembly.Imports): void
    _instantiateBindUnboundExports(): void
  }

  /** A converter takes the bound instance, the value, and the type's name. */
  export type Convert = (instance: AsbindInstance, value: never, typeName: string) => unknown

  export interface Converter {
    readonly ascToJs: Convert
    readonly jsToAsc: Convert
  }

  export const converters: Map<string | RegExp, Converter>
  export function instantiateSync(
    bytes: ArrayBufferLike | ArrayBufferView,
    imports: WebAssembly.Imports,
  ): AsbindInstance
  export const version: string
}
