import { AppError } from './app-error.ts'
import { isDigest, type Digest } from './digest.ts'

/** What is judged: an artifact by its digest, or a source revision. */
export type Subject = ArtifactSubject | SourceSubject

export interface ArtifactSubject {
  kind: 'artifact'
  /** Identity: the digest itself. */
  id: Digest
  digest: Digest
  /** Where it was seen (`registry/repo`), if the caller said so; an alias, never identity. */
  name: string | undefined
}

export interface SourceSubject {
  kind: 'source'
  /** Identity: `git+https://HOST/REPO@SHA`. */
  id: string
  /** `HOST/REPO`, without the scheme and a trailing `.git`. */
  repository: string
  /** The commit's object name, 40 or 64 hex digits. */
  commit: string
}

export type SubjectErrorCode = 'subject_missing' | 'subject_malformed' | 'subject_is_tag'

const SOURCE = /^git\+https:\/\/([A-Za-z0-9.-]+(?::\d{1,5})?)\/([^\s@?#\p{Cc}\p{Cf}\p{Cs}]+?)(?:\.git)?@([0-9a-f]{40}|[0-9a-f]{64})$/u
// A subject is part of index rows, which must stay short.
const LONGEST_SOURCE_BYTES = 1024
const IMAGE_NAME = /^[a-z0-9][a-z0-9._:/-]*$/i

/**
 * Reads a subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`.
 * @param field where the caller put it, for the error
 * @throws {AppError} `subject_missing`, `subject_malformed`, or `subject_is_tag` for a bare image tag
 */
export function parseSubject(text: string, field = 'subject'): Subject {
  if (text === '') {
    throw new AppError<SubjectErrorCode>('subject_missing', 'No subject was given.', {
      field,
      remedy: 'Name the artifact by digest, as sha256:HEX or NAME@sha256:HEX.',
    })
  }
  const source = SOURCE.exec(text)
  if (source && Buffer.byteLength(text) <= LONGEST_SOURCE_BYTES) return sourceSubject(source)
  if (isDigest(text)) return { kind: 'artifact', id: text, digest: text, name: undefined }
  const at = text.lastIndexOf('@')
  const digest = text.slice(at + 1)
  const name = text.slice(0, at)
  if (at > 0 && isDigest(digest) && name.length <= 512 && IMAGE_NAME.test(name)) return { kind: 'artifact', id: digest, digest, name }
  throw notASubject(text, field)
}

function sourceSubject(match: RegExpExecArray): SourceSubject {
  const [, host = '', path = '', commit = ''] = match
  const repository = `${host.toLowerCase()}/${path}`
  return { kind: 'source', id: `git+https://${repository}@${commit}`, repository, commit }
}

function notASubject(text: string, field: string): AppError<SubjectErrorCode> {
  if (text.length <= 512 && IMAGE_NAME.test(text) && !text.startsWith('sha256:')) {
    return new AppError('subject_is_tag', `"${text}" is a name or tag, which can move; a verdict needs a digest.`, {
      field,
      remedy: `Print the digest with: crane digest ${text}   (or: docker buildx imagetools inspect ${text} --format '{{.Manifest.Digest}}')`,
    })
  }
  return new AppError('subject_malformed', 'The subject is not sha256:HEX, NAME@sha256:HEX or git+https://HOST/REPO@SHA.', {
    field,
    remedy: 'Use lower-case hex: 64 digits for a digest, 40 or 64 for a commit, at most 1,024 bytes in all; percent-encode it in a path.',
  })
}
