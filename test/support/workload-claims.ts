import type { IssuerKind } from '../../src/auth/workload/kinds/kind.ts'
import type { WorkloadFacts } from '../../src/core/workload-identity.ts'

/** A token as its vendor documents it. */
export interface DocumentedToken {
  issuer: string
  claims: Readonly<Record<string, unknown>>
  /** What the claims prove. */
  facts: WorkloadFacts
}

const SHA = '8fe1b322a576d59fe6257052a4107df7dc1b8c78'

/** One of each kind, with names and types of its claims as documented, but without `iss`, `aud` and times, which depend on the test. */
export const DOCUMENTED: Readonly<Record<IssuerKind, DocumentedToken>> = {
  github: {
    issuer: 'https://token.actions.githubusercontent.com',
    claims: {
      jti: 'd8a3c1b0-5a5e-4b7e-9a0e-1f2d3c4b5a69',
      sub: 'repo:acme@1234567/cart@412345678:environment:production',
      ...{ repository: 'acme/cart', repository_id: '412345678', repository_owner: 'acme', repository_owner_id: '1234567' },
      ...{ repository_visibility: 'private', enterprise: 'acme-inc', enterprise_id: '99', environment: 'production' },
      ...{ ref: 'refs/heads/main', ref_type: 'branch', ref_protected: 'true', head_ref: '', base_ref: '', sha: SHA },
      ...{ event_name: 'push', actor: 'ann', actor_id: '1001', runner_environment: 'github-hosted', check_run_id: '90000001' },
      ...{ workflow: 'release', workflow_ref: 'acme/cart/.github/workflows/release.yml@refs/heads/main', workflow_sha: SHA },
      ...{ job_workflow_ref: 'acme/workflows/.github/workflows/deploy.yml@refs/tags/v3', job_workflow_sha: SHA },
      ...{ run_id: '22259804324', run_number: '42', run_attempt: '1' },
    },
    facts: {
      repository: 'github.com/acme/cart',
      commit: SHA,
      ref: 'refs/heads/main',
      actor: 'ann',
      trigger: 'push',
      pipeline: 'acme/cart/.github/workflows/release.yml@refs/heads/main',
      execution: '22259804324',
      executionUrl: 'https://github.com/acme/cart/actions/runs/22259804324/attempts/1',
      environment: 'production',
      runner: 'github-hosted',
    },
  },
  gitlab: {
    issuer: 'https://gitlab.com',
    claims: {
      jti: '235b3a54-b797-45c7-ae9a-f72d7bc6ef5b',
      sub: 'project_path:acme/shop/cart:ref_type:branch:ref:main',
      ...{
        namespace_id: '72',
        namespace_path: 'acme/shop',
        project_id: '20',
        project_path: 'acme/shop/cart',
        project_visibility: 'private',
      },
      ...{
        user_id: '1',
        user_login: 'ann',
        user_email: 'ann@example.com',
        user_access_level: 'owner',
        groups_direct: ['acme', 'acme/shop'],
      },
      ...{ pipeline_id: '574', pipeline_source: 'push', job_id: '302', ref: 'main', ref_type: 'branch', ref_path: 'refs/heads/main' },
      ...{ ref_protected: 'true', environment: 'production', environment_protected: 'true', deployment_tier: 'production' },
      ...{ runner_id: 1, runner_environment: 'self-hosted', sha: SHA, ci_config_sha: SHA },
      ci_config_ref_uri: 'gitlab.com/acme/shop/cart//.gitlab-ci.yml@refs/heads/main',
    },
    facts: {
      repository: 'gitlab.com/acme/shop/cart',
      commit: SHA,
      ref: 'refs/heads/main',
      actor: 'ann',
      trigger: 'push',
      pipeline: 'gitlab.com/acme/shop/cart//.gitlab-ci.yml@refs/heads/main',
      execution: '574',
      executionUrl: 'https://gitlab.com/acme/shop/cart/-/pipelines/574',
      environment: 'production',
      runner: 'self-hosted',
    },
  },
  kubernetes: {
    issuer: 'https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE',
    claims: {
      sub: 'system:serviceaccount:ci:deployer',
      jti: 'ea28ed49-2e11-4280-9ec5-bc3d1d84661a',
      'kubernetes.io': {
        namespace: 'ci',
        node: { name: 'node-1', uid: '646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1' },
        pod: { name: 'deploy-4711', uid: '5e0bd49b-f040-43b0-99b7-22765a53f7f3' },
        serviceaccount: { name: 'deployer', uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' },
        warnafter: 1795255200,
      },
    },
    facts: { execution: 'deploy-4711', runner: 'node-1' },
  },
  azure: {
    issuer: 'https://vstoken.dev.azure.com/0ca3ddd9-f0b0-4635-a98c-5866526961b6',
    claims: {
      jti: '90b75b0a-61b6-4b71-ba6f-11107d95f4c5',
      sub: 'p://acme/shop/cart-release',
      ...{ org_id: '0ca3ddd9-f0b0-4635-a98c-5866526961b6', prj_id: '271ef6f7-5998-4b0f-86fb-4b54d9129990', def_id: '17', run_id: '4711' },
      ...{ rpo_id: '5a5e4b7e-9a0e-4b70-a1b2-1f2d3c4b5a69', rpo_uri: 'https://acme@dev.azure.com/acme/shop/_git/cart' },
      ...{ rpo_ver: SHA, rpo_ref: 'refs/heads/main' },
    },
    facts: {
      repository: 'dev.azure.com/acme/shop/_git/cart',
      commit: SHA,
      ref: 'refs/heads/main',
      pipeline: 'p://acme/shop/cart-release',
      execution: '4711',
      executionUrl: 'https://dev.azure.com/acme/shop/_build/results?buildId=4711',
    },
  },
  circleci: {
    issuer: 'https://oidc.circleci.com/org/6ff5c1b7-ae0a-4f4b-8a4b-2b7d1f0f2f11',
    claims: {
      sub: 'org/6ff5c1b7-ae0a-4f4b-8a4b-2b7d1f0f2f11/project/0e2bd1b5-7c1d-4c3a-8e3d-4a8a7f0c9b22/user/7c9e6679-7425-40de-944b-e07fc1f90ae7',
      'oidc.circleci.com/org-id': '6ff5c1b7-ae0a-4f4b-8a4b-2b7d1f0f2f11',
      'oidc.circleci.com/project-id': '0e2bd1b5-7c1d-4c3a-8e3d-4a8a7f0c9b22',
      'oidc.circleci.com/vcs-origin': 'github.com/acme/cart',
      'oidc.circleci.com/vcs-ref': 'refs/heads/main',
      'oidc.circleci.com/pipeline-definition-id': 'b1946ac9-2492-4d1c-8235-b0b0a9f2f3c4',
      'oidc.circleci.com/pipeline-id': '5f0d6a1e-6b86-4c27-9d1c-0a1b2c3d4e5f',
      'oidc.circleci.com/workflow-id': '9b2d7c7a-2f3e-4d0a-b6ad-4e5f6a7b8c9d',
      'oidc.circleci.com/job-id': '1d3c5b7a-9e8f-4a6b-8c0d-2e4f6a8b0c1d',
      'oidc.circleci.com/context-ids': ['3a1c5e7f-9b8d-4c6a-a0e2-f4d6b8c0a2e4'],
      'oidc.circleci.com/ssh-rerun': false,
    },
    facts: {
      repository: 'github.com/acme/cart',
      ref: 'refs/heads/main',
      pipeline: 'b1946ac9-2492-4d1c-8235-b0b0a9f2f3c4',
      execution: '9b2d7c7a-2f3e-4d0a-b6ad-4e5f6a7b8c9d',
    },
  },
  buildkite: {
    issuer: 'https://agent.buildkite.com',
    claims: {
      sub: `organization:acme:pipeline:cart:ref:refs/heads/main:commit:${SHA}:step:deploy`,
      ...{ organization_slug: 'acme', pipeline_slug: 'cart', organization_id: '0184990a-477b-4fa8-9968-496074483c77' },
      ...{ pipeline_id: '0184990a-4782-42b5-afc1-16715b10b1a0', build_number: 42, build_branch: 'main', build_commit: SHA },
      ...{ build_source: 'webhook', step_key: 'deploy', job_id: '0184990a-477b-4fa8-9968-496074483cee' },
      ...{ agent_id: '0184990a-4782-42b5-afc1-16715b10b8ff', runner_environment: 'self-hosted' },
    },
    facts: {
      commit: SHA,
      ref: 'refs/heads/main',
      trigger: 'webhook',
      pipeline: 'acme/cart',
      execution: '42',
      executionUrl: 'https://buildkite.com/acme/cart/builds/42',
      runner: 'self-hosted',
    },
  },
  jenkins: {
    issuer: 'https://jenkins.example.com/oidc',
    claims: { sub: 'https://jenkins.example.com/job/acme/job/cart/job/main/', build_number: 42 },
    facts: {
      pipeline: 'https://jenkins.example.com/job/acme/job/cart/job/main/',
      execution: '42',
      executionUrl: 'https://jenkins.example.com/job/acme/job/cart/job/main/42/',
    },
  },
  google: {
    issuer: 'https://accounts.google.com',
    claims: {
      ...{ sub: '104738291047382910473', azp: '104738291047382910473', email: 'deployer@acme-shop.iam.gserviceaccount.com' },
      email_verified: true,
      google: {
        compute_engine: {
          ...{ project_id: 'acme-shop', project_number: 739419398126, zone: 'europe-west1-b', instance_id: '152986662232938449' },
          ...{ instance_name: 'runner-1', instance_creation_timestamp: 1795255200, instance_confidentiality: 0 },
        },
      },
    },
    facts: { runner: 'runner-1' },
  },
  aws: {
    issuer: 'https://0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.tokens.sts.global.api.aws',
    claims: {
      sub: 'arn:aws:iam::123456789012:role/cart-codebuild',
      jti: 'f5d2c1a0-7b6e-4d3c-9a8b-1c2d3e4f5a6b',
      'https://sts.amazonaws.com/': {
        ...{ aws_account: '123456789012', source_region: 'eu-central-1', org_id: 'o-abc1234567' },
        ou_path: 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/',
        principal_tags: { environment: 'production', team: 'shop' },
        lambda_source_function_arn: 'arn:aws:lambda:eu-central-1:123456789012:function:deploy-cart',
        request_tags: { commit: SHA },
      },
    },
    facts: { runner: 'arn:aws:lambda:eu-central-1:123456789012:function:deploy-cart' },
  },
  openid: {
    issuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    claims: {
      sub: '{7c9e6679-7425-40de-944b-e07fc1f90ae7}:{5f0d6a1e-6b86-4c27-9d1c-0a1b2c3d4e5f}',
      ...{ workspaceUuid: '{0e2bd1b5-7c1d-4c3a-8e3d-4a8a7f0c9b22}', repositoryUuid: '{7c9e6679-7425-40de-944b-e07fc1f90ae7}' },
      ...{ pipelineUuid: '{1d3c5b7a-9e8f-4a6b-8c0d-2e4f6a8b0c1d}', stepUuid: '{5f0d6a1e-6b86-4c27-9d1c-0a1b2c3d4e5f}', branchName: 'main' },
      deploymentEnvironmentUuid: '{b1946ac9-2492-4d1c-8235-b0b0a9f2f3c4}',
    },
    facts: {},
  },
  certificate: {
    issuer: 'certificate:api',
    claims: {
      ...{ subject_cn: 'deployer', subject_o: 'Acme', subject_ou: 'Shop', san_uri: 'spiffe://acme.example/ns/ci/sa/deployer' },
      ...{ san_dns: ['deployer.ci.acme.example', 'deployer.acme.example'], serial: '0a1b2c', fingerprint: 'ab'.repeat(32) },
    },
    facts: {},
  },
}

export { SHA as DOCUMENTED_COMMIT }
