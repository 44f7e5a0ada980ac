/**
 * How OPA compiles a policy, whoever's it is. Optimisation deletes rules that read `data`, or crashes the compiler: always -O=0.
 * @param output where the bundle goes, relative to the folder that is compiled
 */
export function buildOptions(entrypoint: string, capabilities: string, output: string): string[] {
  return ['build', '-t', 'wasm', '-O', '0', '-e', entrypoint, '--capabilities', capabilities, '-o', output, '-b', '.']
}
