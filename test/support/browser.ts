/** As much of a browser as a login needs: it keeps cookies by origin, and follows no redirect unless it is told to. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>()
  readonly #address: string | undefined

  /** @param address where it is, as the proxy of this machine says; for services that believe proxies */
  constructor(address?: string) {
    this.#address = address
  }

  /** @param headers beside those of a navigation: the cookies, and that it wants a page */
  async get(url: string | URL, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(url, { method: 'GET', headers: { accept: 'text/html', ...headers } })
  }

  /** A request of a script on a page of the same origin. */
  async send(method: string, url: string | URL, body?: unknown): Promise<Response> {
    return this.#send(url, {
      method,
      headers: { 'sec-fetch-site': 'same-origin', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  /** Posts a form, as a page of that origin would. */
  async submit(url: string | URL, form: Record<string, string>): Promise<Response> {
    return this.#send(url, { method: 'POST', body: new URLSearchParams(form) })
  }

  /** Follows redirects from a response as long as they stay on its origin. @returns the response that leads elsewhere, or nowhere */
  async follow(from: string | URL, response: Response): Promise<{ url: URL; response: Response }> {
    let url = new URL(from)
    let last = response
    for (;;) {
      const location = last.headers.get('location')
      if (location === null) return { url, response: last }
      const next = new URL(location, url)
      if (next.origin !== url.origin) return { url: next, response: last }
      url = next
      last = await this.get(url)
    }
  }

  cookie(origin: string, name: string): string | undefined {
    return this.#cookies.get(new URL(origin).origin)?.get(name)
  }

  setCookie(origin: string, name: string, value: string): void {
    const own = new URL(origin).origin
    const jar = this.#cookies.get(own) ?? new Map<string, string>()
    this.#cookies.set(own, jar.set(name, value))
  }

  async #send(target: string | URL, init: RequestInit): Promise<Response> {
    const { origin } = new URL(target)
    const cookie = [...(this.#cookies.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    const forwarded = this.#address === undefined ? {} : { 'x-forwarded-for': this.#address }
    const headers = { ...(init.headers as Record<string, string>), ...forwarded, ...(cookie !== '' && { cookie }) }
    const response = await fetch(target, { ...init, headers, redirect: 'manual' })
    for (const text of response.headers.getSetCookie()) this.#keep(origin, text)
    return response
  }

  #keep(origin: string, text: string): void {
    const [pair = '', ...attributes] = text.split(';').map((part) => part.trim())
    const equals = pair.indexOf('=')
    const gone = attributes.some((attribute) => /^max-age=0$/i.test(attribute) || /^expires=Thu, 01 Jan 1970/i.test(attribute))
    if (gone) this.#cookies.get(origin)?.delete(pair.slice(0, equals))
    else this.setCookie(origin, pair.slice(0, equals), pair.slice(equals + 1))
  }
}
