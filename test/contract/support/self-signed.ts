import { CertificateAuthority, SERVER_AUTH, type Issued } from '../../support/certificate-authority.ts'

/** A certificate for `localhost`, signed by its own key, that is valid for a day. */
export function selfSigned(): Issued {
  const { cert, key } = CertificateAuthority.root('localhost', {
    ca: undefined,
    keyUsage: [0],
    extendedKeyUsage: [SERVER_AUTH],
    alternativeNames: [{ type: 'dns', value: 'localhost' }],
  })
  return { cert, key }
}
