import { AppError } from '../core/app-error.ts'
import type { Operation } from './contract/document.ts'
import type { HttpSettings } from './ports.ts'
import type { HttpErrorCode } from './problem.ts'

export type BodyKind = NonNullable<Operation['body']>['kind']

/** One for each kind of body: whoever fills that of the reports leaves the questions alone. */
export type BodyBudgets = Readonly<Record<BodyKind, BodyBudget>>

/** How many principals it takes to fill all places for requests in progress with bodies of one kind. */
const PRINCIPALS_FOR_ALL_PLACES = 4

/** The budgets that the settings speak of. */
export function bodyBudgets(settings: HttpSettings): BodyBudgets {
  const maxBodiesPerPrincipal = Math.ceil(settings.maxInFlight / PRINCIPALS_FOR_ALL_PLACES)
  // One principal's half is enough for the longest report, and for as much again while it is decompressed.
  const maxReportBytes = Math.max(settings.maxBufferedReportBytes, 4 * settings.maxReportBytes)
  // Policies are rare and no larger than reports.
  const report = new BodyBudget({ maxBytes: maxReportBytes, maxBodiesPerPrincipal })
  return {
    json: new BodyBudget({ maxBytes: settings.maxBufferedJsonBytes, maxBodiesPerPrincipal }),
    report,
    policy: report,
  }
}

/** What one request holds of a budget, until it is disposed of. */
export interface HeldBytes extends Disposable {
  /** Takes more. @throws {AppError} `overloaded` */
  add(bytes: number): void
}

/** What the bodies of all requests together may take. */
export interface BudgetLimits {
  /** Bytes that may be held at a time. One principal may hold half of them. */
  maxBytes: number
  /** Bodies of one principal that may be held at a time. */
  maxBodiesPerPrincipal: number
}

interface Share {
  bytes: number
  bodies: number
}

/**
 * Bounds the memory that the bodies of all requests together may take: refusing early beats dying of all of them. Whoever sends them,
 * half is left for everybody else.
 */
export class BodyBudget {
  readonly #limits: BudgetLimits
  readonly #shares = new Map<string, Share>()
  #held = 0

  constructor(limits: BudgetLimits) {
    this.#limits = limits
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held
  }

  /**
   * Starts to count for one request of that principal; dispose of it when the request has been served.
   * @throws {AppError} `overloaded`
   */
  open(principalId: string): HeldBytes {
    const share = this.#shares.get(principalId) ?? { bytes: 0, bodies: 0 }
    if (share.bodies >= this.#limits.maxBodiesPerPrincipal) throw tooMuch('This principal has too many requests in progress.')
    share.bodies += 1
    this.#shares.set(principalId, share)
    let mine = 0
    let open = true
    return {
      add: (bytes) => {
        this.#take(share, bytes)
        mine += bytes
      },
      [Symbol.dispose]: () => {
        if (!open) return
        open = false
        this.#held -= mine
        share.bytes -= mine
        share.bodies -= 1
        if (share.bodies === 0) this.#shares.delete(principalId)
      },
    }
  }

  #take(share: Share, bytes: number): void {
    const { maxBytes } = this.#limits
    if (this.#held + bytes > maxBytes) throw tooMuch('Too many large bodies are being read.')
    if (share.bytes + bytes > maxBytes / 2) throw tooMuch('This principal has too many large bodies on the way.')
    share.bytes += bytes
    this.#held += bytes
  }
}

function tooMuch(message: string): AppError<HttpErrorCode> {
  return new AppError('overloaded', message, { remedy: 'Try again in a second, with fewer at a time.' })
}
