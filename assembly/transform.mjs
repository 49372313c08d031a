// The compiler transform that lets as-bind read our modules.
//
// as-bind's runtime needs the types behind a module's functions: they are written here, after compilation, as JSON into the custom
// section `as-bind_bindings`, in the shape that as-bind 0.8 defines:
//
//   { "typeIds":           { CLASS: { "id", "byteSize" } },
//     "importedFunctions": { MODULE: { NAME: { "returnType", "parameters" } } },
//     "exportedFunctions": { NAME: { "returnType", "parameters" } } }
//
// as-bind ships a transform of its own, which stops at AssemblyScript 0.19. This one reads today's compiler, and takes kinds and
// flags by name, because their numbers move from release to release. Exported are the functions of the entry file, under their
// exported names; imported are the declared functions that the module really uses. Classes, globals and `@external` names are not
// described: a microcode has none at its border.
import * as assemblyscript from 'assemblyscript'
import { Transform } from 'assemblyscript/transform'

const { CommonFlags, ElementKind, NodeKind, SourceKind } = assemblyscript.default ?? assemblyscript

const SECTION = 'as-bind_bindings'

export default class BindingsTransform extends Transform {
  afterCompile(module) {
    const typeIds = {}
    const describe = (instance) => {
      const { returnType, parameterTypes } = instance.signature
      for (const type of [returnType, ...parameterTypes]) collectTypeIds(type, typeIds)
      return { returnType: typeName(returnType), parameters: parameterTypes.map(typeName) }
    }
    const bindings = {
      typeIds,
      importedFunctions: importedFunctions(this.program, describe),
      exportedFunctions: exportedFunctions(this.program, describe),
    }
    module.addCustomSection(SECTION, new TextEncoder().encode(JSON.stringify(bindings)))
  }
}

function exportedFunctions(program, describe) {
  const described = {}
  for (const file of program.filesByName.values()) {
    if (file.source.sourceKind !== SourceKind.UserEntry) continue
    for (const [name, element] of exportsOf(file)) {
      if (element.kind !== ElementKind.FunctionPrototype || element.is(CommonFlags.Declare)) continue
      described[name] = describe(onlyInstance(name, element))
    }
  }
  return described
}

/** A file's exports by name, `export *` included; an own export hides one of the same name from further away. */
function exportsOf(file, seen = new Set()) {
  if (seen.has(file)) return new Map()
  seen.add(file)
  const inherited = (file.exportsStar ?? []).flatMap((other) => [...exportsOf(other, seen)])
  return new Map([...inherited, ...(file.exports ?? [])])
}

function importedFunctions(program, describe) {
  const described = {}
  for (const element of program.elementsByDeclaration.values()) {
    if (element.kind !== ElementKind.FunctionPrototype || element.declaration.kind !== NodeKind.FunctionDeclaration)
      continue
    if (!element.is(CommonFlags.Declare) || isLibrary(element)) continue
    if (!element.instances?.size) continue
    // The import's module is the base name of the file that declares it: assembly/hal/hal.ts gives `hal`.
    const moduleName = element.file.internalName.split('/').at(-1)
    described[moduleName] ??= {}
    described[moduleName][element.name] = describe(onlyInstance(element.name, element))
  }
  return described
}

function onlyInstance(name, prototype) {
  const instance = prototype.instances?.get('')
  if (!instance || prototype.instances.size > 1)
    throw new Error(`${name}: a generic function cannot cross the module's border`)
  return instance
}

const isLibrary = (element) => element.internalName.startsWith('~')

const typeName = (type) => type.getClass()?.internalName ?? type.toString()

/** Notes the run-time id and size of a class, and of its type arguments (the elements of an array). */
function collectTypeIds(type, typeIds) {
  const described = type.getClass()
  if (!described) return
  typeIds[described.internalName] = { id: described.id, byteSize: described.nextMemoryOffset }
  for (const argument of described.typeArguments ?? []) collectTypeIds(argument, typeIds)
}
