/** A run as its CI describes it to the shell, and what of it a decision should carry. */
export interface CiRun {
  variables: Record<string, string>
  /** As the token is confined. */
  repository: string
  context: Record<string, string>
}

const COMMIT = 'ffac537e6cbbf934b08745a378932722df287a53'

/** What the stub of `git log` says; quotes and backslashes are allowed in addresses. */
export const AUTHOR = '"al\\ice"@example.com'

/**
 * One run of each CI, by the name of its page.
 * @param ref where the commit stands, of which branch names are a stranger's choice
 */
export function ciRuns(ref: string): Readonly<Record<string, CiRun>> {
  return {
    'github-actions': {
      variables: {
        GITHUB_ACTOR: 'octocat',
        GITHUB_JOB: 'release',
        GITHUB_REF: ref,
        GITHUB_REPOSITORY: 'acme/cart',
        GITHUB_RUN_ATTEMPT: '2',
        GITHUB_RUN_ID: '12345678901',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_SHA: COMMIT,
        GITHUB_STEP_SUMMARY: 'step_summary.md',
      },
      repository: 'github.com/acme/cart',
      context: {
        repository: 'github.com/acme/cart',
        commit: COMMIT,
        ref,
        author: AUTHOR,
        actor: 'octocat',
        execution: '12345678901-2-release',
        executionUrl: 'https://github.com/acme/cart/actions/runs/12345678901/attempts/2',
      },
    },
    'gitlab-ci': {
      variables: {
        CI_COMMIT_AUTHOR: 'Alice "Al" Doe <alice@example.com>',
        CI_COMMIT_REF_NAME: ref,
        CI_COMMIT_SHA: COMMIT,
        CI_JOB_ID: '10500',
        CI_JOB_URL: 'https://gitlab.com/acme/shop/cart/-/jobs/10500',
        CI_PIPELINE_ID: '7042',
        CI_PROJECT_PATH: 'acme/shop/cart',
        CI_REGISTRY_IMAGE: 'registry.gitlab.com/acme/shop/cart',
        CI_SERVER_HOST: 'gitlab.com',
        GITLAB_USER_LOGIN: 'alice',
      },
      repository: 'gitlab.com/acme/shop/cart',
      context: {
        repository: 'gitlab.com/acme/shop/cart',
        commit: COMMIT,
        ref,
        author: 'Alice "Al" Doe <alice@example.com>',
        actor: 'alice',
        execution: '7042-10500',
        executionUrl: 'https://gitlab.com/acme/shop/cart/-/jobs/10500',
      },
    },
    'azure-pipelines': {
      variables: {
        BUILD_BUILDID: '1764',
        BUILD_REPOSITORY_URI: 'https://acme@dev.azure.com/acme/My%20Shop/_git/cart',
        BUILD_REQUESTEDFOR: 'Alice Doe',
        BUILD_SOURCEBRANCH: ref,
        BUILD_SOURCEVERSION: COMMIT,
        SYSTEM_COLLECTIONURI: 'https://dev.azure.com/acme/',
        SYSTEM_JOBATTEMPT: '1',
        SYSTEM_JOBID: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
        SYSTEM_TEAMPROJECTID: '4d6d8e5a-9c9b-4f0e-8a35-0c8e9d1c2b3a',
      },
      repository: 'dev.azure.com/acme/My%20Shop/_git/cart',
      context: {
        repository: 'dev.azure.com/acme/My%20Shop/_git/cart',
        commit: COMMIT,
        ref,
        author: AUTHOR,
        actor: 'Alice Doe',
        execution: '1764-1-12f1170f-54f2-53f3-20dd-22fc7dff55f9',
        executionUrl: 'https://dev.azure.com/acme/4d6d8e5a-9c9b-4f0e-8a35-0c8e9d1c2b3a/_build/results?buildId=1764',
      },
    },
    codebuild: {
      variables: {
        CODEBUILD_BUILD_ID: 'cart:b1e6661e-e4f2-4156-9ab9-82a190000000',
        CODEBUILD_BUILD_URL: 'https://eu-west-1.console.aws.amazon.com/codebuild/home?region=eu-west-1#/builds/cart:b1e6661e/view/new',
        CODEBUILD_INITIATOR: 'cart-service-role/webhook',
        CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT,
        CODEBUILD_SOURCE_REPO_URL: 'https://github.com/acme/cart.git',
        CODEBUILD_SOURCE_VERSION: ref,
      },
      repository: 'github.com/acme/cart',
      context: {
        repository: 'github.com/acme/cart',
        commit: COMMIT,
        ref,
        author: AUTHOR,
        actor: 'cart-service-role/webhook',
        execution: 'cart:b1e6661e-e4f2-4156-9ab9-82a190000000',
        executionUrl: 'https://eu-west-1.console.aws.amazon.com/codebuild/home?region=eu-west-1#/builds/cart:b1e6661e/view/new',
      },
    },
    jenkins: {
      variables: {
        BUILD_TAG: 'jenkins-shop cart-main%2F1-12',
        BUILD_URL: 'https://jenkins.example.com/job/shop/job/cart/12/',
        GIT_BRANCH: ref,
        GIT_COMMIT: COMMIT,
      },
      repository: 'github.com/acme/cart',
      context: {
        repository: 'github.com/acme/cart',
        commit: COMMIT,
        ref,
        author: AUTHOR,
        execution: 'jenkins-shop_cart-main_2F1-12',
        executionUrl: 'https://jenkins.example.com/job/shop/job/cart/12/',
      },
    },
    'bitbucket-pipelines': {
      variables: {
        BITBUCKET_BRANCH: ref,
        BITBUCKET_BUILD_NUMBER: '47',
        BITBUCKET_COMMIT: COMMIT,
        BITBUCKET_REPO_FULL_NAME: 'acme/cart',
        BITBUCKET_REPO_SLUG: 'cart',
        BITBUCKET_STEP_RUN_NUMBER: '1',
        BITBUCKET_STEP_TRIGGERER_UUID: '{5a50dd52-5ab7-4225-831c-4db9451375a2}',
      },
      repository: 'bitbucket.org/acme/cart',
      context: {
        repository: 'bitbucket.org/acme/cart',
        commit: COMMIT,
        ref,
        author: AUTHOR,
        actor: '{5a50dd52-5ab7-4225-831c-4db9451375a2}',
        execution: 'cart-47-1',
        executionUrl: 'https://bitbucket.org/acme/cart/pipelines/results/47',
      },
    },
  }
}
