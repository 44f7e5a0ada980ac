/** The part of the WebAssembly and JSON interfaces that is used here: TypeScript has the former only with the whole DOM, the latter not yet. */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial: number
    maximum?: number
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor)
    readonly buffer: ArrayBuffer
  }
  class Global {
    value: unknown
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
    private readonly compiled: true
  }
  type ModuleImports = Record<string, Memory | ((...operands: number[]) => number | void)>
  class Instance {
    constructor(module: Module, imports: Record<string, ModuleImports>)
    readonly exports: Readonly<Record<string, unknown>>
  }
  interface WebAssemblyInstantiatedSource {
    instance: Instance
    module: Module
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
}

interface JSON {
  /** A piece of JSON text that `JSON.stringify` copies as it stands. */
  rawJSON(text: string): object
}
