/** Exits with 0 if the service in this container answers on `/healthz`: the image's HEALTHCHECK. */
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'

const encrypted = Boolean(process.env['PORTCULLIS_TLS_CERT_FILE'])
const target = { host: '127.0.0.1', port: Number(process.env['PORTCULLIS_PORT'] || 8080), path: '/healthz', timeout: 2500 }
// The certificate names the service, not this loopback address, and no secret is sent.
const request = encrypted ? getHttps({ ...target, rejectUnauthorized: false }) : getHttp(target)
request.on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
request.on('timeout', () => process.exit(1))
request.on('error', () => process.exit(1))
