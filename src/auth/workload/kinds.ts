import { aws } from './kinds/aws.ts'
import { azure } from './kinds/azure.ts'
import { buildkite } from './kinds/buildkite.ts'
import { certificate } from './kinds/certificate.ts'
import { circleci } from './kinds/circleci.ts'
import { github } from './kinds/github.ts'
import { gitlab } from './kinds/gitlab.ts'
import { google } from './kinds/google.ts'
import { jenkins } from './kinds/jenkins.ts'
import type { IssuerKind, KindProfile } from './kinds/kind.ts'
import { kubernetes } from './kinds/kubernetes.ts'
import { openid } from './kinds/openid.ts'

/** What is known of each kind of issuer. */
export const KINDS: Readonly<Record<IssuerKind, KindProfile>> = {
  github,
  gitlab,
  kubernetes,
  azure,
  circleci,
  buildkite,
  jenkins,
  google,
  aws,
  openid,
  certificate,
}
