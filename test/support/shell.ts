import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What a script left. */
export interface ShellResult {
  status: number | null
  stdout: string
  stderr: string
}

/** The shell blocks of a Markdown text, in order. */
export function shellBlocks(markdown: string): string[] {
  return codeBlocks(markdown, 'sh')
}

/** The code blocks of one language in a Markdown text, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block ?? '')
}

/**
 * Runs what a page says to paste.
 * @param shell the command and its options; by default bash, which stops at what fails or isn't set
 * @param env the whole environment; this process's own by default
 */
export async function runShell(
  script: string,
  cwd: string,
  shell: readonly [string, ...string[]] = ['bash', '-eu'],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ShellResult> {
  const [command, ...options] = shell
  const child = spawn(command, [...options, '-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { status, stdout, stderr }
}
