import type { KindProfile } from './kind.ts'
import { anyOf } from './says-who.ts'

/**
 * Certificates of clients. The authority that issues them belongs to whoever runs this service, so that names within it say who; the names of
 * an organisation or a unit are the same in many.
 */
export const certificate: KindProfile = {
  title: 'certificates',
  keys: null,
  claims: {
    ...{ subject_cn: 'list', subject_o: 'list', subject_ou: 'list', san_uri: 'list', san_dns: 'list', san_email: 'list' },
    ...{ serial: 'ascii', fingerprint: 'ascii' },
  },
  nested: {},
  saysWho: anyOf(
    { fingerprint: 'exact' },
    { subject_cn: 'some' },
    { san_dns: 'some' },
    { san_email: 'some' },
    { san_uri: (literal) => /^[a-z][a-z0-9+.-]*:(?:\/\/[^/]+\/)?[^/*]/i.test(literal) },
  ),
  who: 'subject_cn, san_uri, san_dns, san_email or fingerprint',
  provesRepository: false,
  facts: () => ({}),
}
