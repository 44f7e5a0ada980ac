import assert from 'node:assert/strict'

/** A reply with its body read. */
export interface Reply {
  status: number
  headers: Headers
  text: string
  /** The body as JSON; fails the test if it isn't. */
  json: <Body = Record<string, unknown>>() => Body
}

/** What a decision says, as far as tests look. */
export interface DecisionBody {
  id: string
  verdict: 'allow' | 'deny'
  enforced: boolean
  logIndex: number
  expiresAt: string
  restsOn: { kind: string; id: string }[]
  voidedAt: string | null
  evidence: string[]
  inputDigest: string
  repository: string | null
  violations: ViolationBody[]
  warnings: ViolationBody[]
  shadow: ViolationBody[]
  sources: { id: string; proof: string }[]
  baselines: {
    binding: string
    kind: string
    owner: string
    expires: string
    matched: number
    remaining: number
    needed: boolean
    setDigests: string[]
  }[]
  waived: { kind: string; author: string; count: number; evidence: string; findings: { id: string }[] }[]
}

interface ViolationBody {
  rule: string
  message: string
  evidence: string[]
  missing: string[]
  fix: string | null
  nextOpen: string | null
  controls: string[]
  findings: { id: string }[]
}

/** Speaks to a service as curl would: the report as the body, no Content-Type of its own. */
export class Client {
  readonly #url: string
  readonly #token: string | undefined

  constructor(url: string, token: string | undefined) {
    this.#url = url
    this.#token = token
  }

  /** The same service with another credential. */
  as(token: string | undefined): Client {
    return new Client(this.#url, token)
  }

  async send(method: string, path: string, body?: string | Uint8Array, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }), ...headers },
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: <Body>() => JSON.parse(text) as Body }
  }

  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.send('GET', path, undefined, headers)
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send('POST', path, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
  }

  put(path: string, body: unknown): Promise<Reply> {
    return this.send('PUT', path, JSON.stringify(body), { 'content-type': 'application/json' })
  }

  /** Submits a report; fails the test unless it is taken. */
  async submit(
    subject: string,
    report: string,
    query: Record<string, string> = {},
  ): Promise<{ id: string; digest: string; subjectMatch: string; completeness: string }> {
    const reply = await this.send('POST', `/v1/evidence?${new URLSearchParams({ subject, ...query }).toString()}`, report)
    assert.ok(reply.status === 201 || reply.status === 200, `${reply.status} ${reply.text}`)
    return reply.json()
  }

  /** Asks for a decision; fails the test unless it is judged. */
  async decide(request: Record<string, unknown>): Promise<DecisionBody> {
    const reply = await this.post('/v1/decisions', request)
    assert.equal(reply.status, 200, reply.text)
    return reply.json()
  }

  /** Issues a token; fails the test unless it is made. */
  async issueToken(request: Record<string, unknown>): Promise<string> {
    const reply = await this.post('/v1/tokens', request)
    assert.equal(reply.status, 201, reply.text)
    return reply.json<{ token: string }>().token
  }
}

/** Names of the rules that deny, sorted, each once. */
export function denyingRules(decision: DecisionBody): string[] {
  return [...new Set(decision.violations.map(({ rule }) => rule))].sort()
}
