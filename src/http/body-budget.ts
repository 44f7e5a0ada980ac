import type { ServerResponse } from 'node:http'

import { AppError } from '../core/app-error.ts'
import type { HttpErrorCode } from './problem.ts'

/** What one request holds of the budget. */
export interface HeldBytes {
  /** Takes more. @throws {AppError} `overloaded` */
  add(bytes: number): void
}

/** Bounds the memory that the bodies of all requests together may take: refusing early beats dying of all of them. */
export class BodyBudget {
  readonly #maxBytes: number
  #held = 0

  /** @param maxBytes most bytes that may be held at a time */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held
  }

  /** Starts to count for one request; all of it is given back when its response is closed. */
  open(response: ServerResponse): HeldBytes {
    let mine = 0
    response.once('close', () => {
      this.#held -= mine
      mine = 0
    })
    return {
      add: (bytes) => {
        if (this.#held + bytes > this.#maxBytes) throw tooMuch()
        mine += bytes
        this.#held += bytes
      },
    }
  }
}

function tooMuch(): AppError<HttpErrorCode> {
  return new AppError('overloaded', 'Too many large bodies are being read.', { remedy: 'Try again in a second.' })
}
