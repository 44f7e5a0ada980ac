import pg from 'pg'

const INT8 = 20

/** How we connect, to read and to write: numbers up to 2^53 come back as numbers, and nothing waits for ever. */
export function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'portcullis',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    query_timeout: 60_000,
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary'): unknown => (type === INT8 ? Number : pg.types.getTypeParser(type, format)),
    },
  }
}

/** Turns `?` placeholders into `$1`, `$2`, …. Our statements hold no question mark elsewhere. */
export function numberPlaceholders(sql: string): string {
  let at = 0
  return sql.replace(/\?/g, () => `$${++at}`)
}
