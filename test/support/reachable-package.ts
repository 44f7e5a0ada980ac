import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const OTHERS_MAY_PASS = 0o001

/** The first directory on the way to a path through which users other than its owner don't get; undefined if they get there. */
export function closedDirectory(path: string): string | undefined {
  for (let directory = dirname(realpathSync(path)); ; directory = dirname(directory)) {
    if ((statSync(directory).mode & OTHERS_MAY_PASS) === 0) return directory
    if (directory === dirname(directory)) return undefined
  }
}

/**
 * Copies a package to where every user gets to, if its own place is closed to others, and lets later imports of it lead there.
 * @param main file that the package is imported by
 * @returns removes the copy
 * @throws {Error} if temporary files are closed to others too
 */
export function reachable(name: string, main: string): () => void {
  if (closedDirectory(main) === undefined) return () => undefined
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-package-'))
  const closed = closedDirectory(folder)
  if (closed !== undefined) {
    rmSync(folder, { recursive: true })
    throw new Error(
      `other users get neither to ${main} nor through ${closed}: name a directory that is open to them by TMPDIR, or run chmod o+x on the way to one`,
    )
  }
  const root = main.slice(0, main.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length)
  cpSync(root, join(folder, name), { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'a+rX', folder])
  const url = pathToFileURL(join(folder, name, main.slice(root.length))).href
  registerHooks({ resolve: (specifier, context, next) => (specifier === name ? { url, shortCircuit: true } : next(specifier, context)) })
  return () => rmSync(folder, { recursive: true, force: true })
}
