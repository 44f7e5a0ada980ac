import { parentPort } from 'node:worker_threads'

import { isAppError } from '../core/app-error.ts'
import { sha256Digest } from '../core/digest.ts'
import { readReport } from './read-report.ts'
import type { ParseAnswer, ParseRequest } from './report-reader.ts'

/** The thread that reads reports: a hostile one can only stall or crash this thread, never the one that serves requests. */
parentPort?.on('message', (request: ParseRequest) => {
  const reply = answer(request)
  parentPort?.postMessage(reply, reply.ok ? [reply.stored.buffer as ArrayBuffer] : [])
})

function answer({ id, bytes, format }: ParseRequest): ParseAnswer {
  try {
    const { format: recognised, report } = readReport(bytes, format)
    const stored = report.redacted ?? bytes
    return {
      id,
      ok: true,
      format: recognised,
      report: { ...report, redacted: null },
      digest: sha256Digest(bytes),
      stored,
      storedDigest: sha256Digest(stored),
    }
  } catch (error) {
    if (isAppError(error)) {
      const { code, message, field, remedy } = error
      return { id, ok: false, error: { code, message, field, remedy } }
    }
    return { id, ok: false, error: { code: undefined, message: String(error), field: undefined, remedy: undefined } }
  }
}
