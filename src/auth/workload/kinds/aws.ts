import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { anyOf } from './says-who.ts'

const NAMESPACE = 'https://sts.amazonaws.com/'

/**
 * Web identity tokens that AWS issues to roles (`sts:GetWebIdentityToken`, for CodeBuild and whatever else runs with a role). Each account
 * has an issuer of its own. `sub` is the role; what stands in `request_tags` was chosen by whoever asked for the token. Jobs in EKS have
 * tokens of their cluster, which are of the kind `kubernetes`.
 */
export const aws: KindProfile = {
  title: 'AWS',
  keys: DISCOVERY,
  claims: {
    ...{ sub: 'ascii', aws_account: 'ascii', org_id: 'ascii', ou_path: 'ascii', source_region: 'ascii', source_identity: 'text' },
    ...{ ec2_source_instance_arn: 'ascii', lambda_source_function_arn: 'ascii' },
    ...{ 'principal_tags.': 'text', 'request_tags.': 'text' },
  },
  nested: {
    ...Object.fromEntries(
      ['aws_account', 'org_id', 'ou_path', 'source_region', 'source_identity', 'ec2_source_instance_arn', 'lambda_source_function_arn'].map(
        (name) => [name, [NAMESPACE, name]],
      ),
    ),
    'principal_tags.': [NAMESPACE, 'principal_tags'],
    'request_tags.': [NAMESPACE, 'request_tags'],
  },
  saysWho: anyOf({ sub: isOfAccount }, { lambda_source_function_arn: isOfAccount }, { ec2_source_instance_arn: isOfAccount }),
  who: 'sub, the ARN of the role; a pattern has to begin with account and kind, arn:aws:iam::123456789012:role/…',
  provesRepository: false,
  facts: (token) => proven({ runner: token.text('lambda_source_function_arn') ?? token.text('ec2_source_instance_arn') }),
}

function isOfAccount(literal: string): boolean {
  return /^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d{12}:[a-z-]+[/:]/.test(literal)
}
