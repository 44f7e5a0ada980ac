// Generated from openapi.yaml by scripts/openapi.ts; do not edit.

export interface paths {
  '/v1/decisions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List decisions
     * @description Newest first. A confined token sees only its own repositories, environments and stages. Requires the scope `decisions:read`.
     */
    get: operations['listDecisions']
    put?: never
    /**
     * Ask for a decision
     * @description Judges the subject at a stage by every binding that applies and records the verdict before replying. Answers 200 whenever it could judge;
     *     with `denyStatus`, a deny answers that status instead, so that `curl --fail-with-body` stops the step. Requires the scope `decisions:ask`;
     *     declaring a `source` also requires `subjects:link`, and `breakGlass` requires `breakglass:use`.
     *
     *     With `Prefer: wait=30` a deny that lacks only evidence or approvals is answered once these came, or after that many seconds (60 at most). Nothing
     *     is recorded before.
     *
     *     With `Accept: text/plain`, `text/markdown` or `application/junit+xml` the reply is what a person reads in a CI log.
     */
    post: operations['createDecision']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/decisions/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read a decision
     * @description The decision as it was recorded. Requires the scope `decisions:read`.
     */
    get: operations['getDecision']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/decisions/{id}/explain': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read a decision as a person would
     * @description The reasons, grouped by fix; then rule by rule the facts that it rests on, the parameters that decided, and for a number the nearest value with which the rule
     *     would have said otherwise. As plain text, or by `Accept` or `format` as `application/json` or `application/junit+xml`; `text/markdown` has the reasons alone.
     *
     *     Everything named was found by running the pack version of then on the recorded input with that one place changed: each `facts[].path` (a JSON pointer into the
     *     input) changes what the rule says, each `parameters[].path` whether it is kept. `complete` is false if the input was too large to try every place. Which evidence was
     *     selected is not tried out. Requires the scope `decisions:read`.
     */
    get: operations['explainDecision']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/decisions/{id}/replay': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Judge a recorded decision again
     * @description Makes the inputs of all packs again from what was stored with the decision, runs the pack versions of then, and compares. Nothing is recorded. It is
     *     `identical` unless the answer says what differs and why; `wording_differs` alone means that only sentences are worded otherwise.
     *     Requires the scope `decisions:read`.
     */
    post: operations['replayDecision']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/decisions/{id}/receipt': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Get the receipt of a decision
     * @description The decision's log entry with its proof, as one text (C2SP tlog-proof) that verifies offline: `npm run verify-receipt -- FILE --key VKEY`.
     *     Requires the scope `decisions:read`.
     */
    get: operations['getDecisionReceipt']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/decisions/{id}/review': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read the review of a decision
     * @description What passed by an exception is looked at afterwards, by somebody else. 404 where the decision opened no review; `GET /v1/decisions?review=open`
     *     lists those whose review is open. Requires the scope `decisions:read`.
     */
    get: operations['getDecisionReview']
    put?: never
    /**
     * Close the review of a decision
     * @description By a person who is independent of whoever asked for the decision. The first closing counts; to repeat it changes nothing. An allow that broke
     *     the glass is void once its review is closed as `unjustified`. Requires the scope `reviews:close`.
     */
    post: operations['closeDecisionReview']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/approvals': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List approvals and requests
     * @description Newest first. A confined token sees only its own repositories, environments and stages. Requires the scope `decisions:read`.
     */
    get: operations['listApprovals']
    put?: never
    /**
     * Approve a subject, or request that people do
     * @description A person's word that this very digest may pass a stage in an environment. Whether it counts, and how many are needed, the pack `approvals` says as
     *     a decision is made. Any valid credential gets as far as the body: to approve requires the scope `approvals:approve` and a person; with `"action": "request"`,
     *     the scope `approvals:request`: it gives nothing, and makes visible to people what waits for them. The same person's word for the same place counts once; while a request is open,
     *     another for the same place is the same.
     */
    post: operations['createApproval']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/approvals/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read an approval or request
     * @description Requires the scope `decisions:read`.
     */
    get: operations['getApproval']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/approvals/{id}/approve': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Approve what was requested
     * @description The same as to approve the subject of the request for its stage, environment and repository; several people can answer one request. By a
     *     person. Requires the scope `approvals:approve`.
     */
    post: operations['answerApproval']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/approvals/{id}/revoke': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Take back an approval or request
     * @description One's own or anybody's. The allows that rest on it are void from then on. To repeat it changes nothing. Requires the scope
     *     `approvals:approve`.
     */
    post: operations['revokeApproval']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/deployments': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List deployments
     * @description In the order of their starts, newest first. With `current=true`: which digest runs where, since when, and by which decision or none, as the
     *     deployment that succeeded last in each environment × target × repository. A confined token sees only its own repositories and environments.
     *     Requires the scope `deployments:read`.
     */
    get: operations['listDeployments']
    put?: never
    /**
     * Report that a deployment starts
     * @description Records what is being deployed where, and works out by which decision. The deployment is **grounded** if, as this report was received, an enforced
     *     allow held for the subject (or an index that lists it), the environment and the repository: not expired, at the stage that has the environment's name
     *     or at a release stage (`PORTCULLIS_RELEASE_STAGES`), and the newest enforced decision of its stage, while the newest of no other
     *     stage (`rollback` and `admission` aside) denies the same. With `decisionId` it must be that one; without, the service looks for it. Such an allow at
     *     stage `rollback` permits the deployment, but grounds nothing. Without either the deployment is recorded all the same, since it happened, and is a **bypass**.
     *
     *     The repository is the one that the token is confined to; else that of `context.repository`, of a source subject, or of the
     *     decision that is named. Requires the scope `deployments:report`.
     */
    post: operations['createDeployment']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/deployments/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read a deployment
     * @description The deployment as it stands. Requires the scope `deployments:read`.
     */
    get: operations['getDeployment']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/deployments/{id}/finish': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Report how a deployment ended
     * @description The first report counts: a repeat with the same outcome changes nothing, another outcome is refused. Whoever goes back to an
     *     earlier digest later reports that as a deployment of its own. Requires the scope `deployments:report`.
     */
    post: operations['finishDeployment']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/evidence': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List evidence
     * @description Newest first. A confined token sees only what was observed for its repositories. Requires the scope `evidence:read`.
     */
    get: operations['listEvidence']
    put?: never
    /**
     * Submit a report as evidence
     * @description The body is the report itself, exactly as `curl --data-binary @report` sends it; any or no `Content-Type`. A report that was submitted before
     *     gives the same evidence (200) and is one more observation of it. Requires the scope `evidence:submit`; declaring a `source` also requires `subjects:link`.
     *
     *     Several reports of one run come as a tar archive, with `format=tar` or `Content-Type: application/x-tar`: each of its files, at most 500, is one
     *     report whose format is recognised. They are kept all or none: one that can't be read refuses the archive, and `field` is its path. Links, devices and
     *     paths that lead out of the archive are refused. The answer lists the evidence of each file; 200 if all of it existed.
     */
    post: operations['submitEvidence']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/evidence/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read evidence
     * @description The normalised summary of a report. Requires the scope `evidence:read`.
     */
    get: operations['getEvidence']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/evidence/{id}/raw': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Download the report
     * @description The bytes as they are kept; secrets that a scanner found are blanked. Requires the scope `evidence:read`.
     */
    get: operations['getEvidenceRaw']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/evidence/{id}/findings': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * List the findings of a report
     * @description In the report's order, with the time when the repository first saw each. Requires the scope `evidence:read`.
     */
    get: operations['listFindings']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/integrations/sonarqube': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Take in SonarQube's webhook
     * @description The quality gate's result becomes evidence (format `sonarqube`) about the analysed revision. Set the webhook's URL to
     *     `https://portcullis:TOKEN@HOST/integrations/sonarqube?repository=HOST/OWNER/REPO` and its secret to the value of `PORTCULLIS_SONARQUBE_WEBHOOK_SECRET`: a
     *     delivery counts only with the token of a principal who has the scope `evidence:submit` and the right HMAC-SHA256 signature. Repeats and late deliveries
     *     change nothing: the analysis's own time orders them.
     */
    post: operations['receiveSonarqube']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bindings': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List bindings
     * @description By name; a confined token sees those that could apply to its repositories. Requires the scope `policies:read`.
     */
    get: operations['listBindings']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/environments/{name}/rollback-target': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Name what an environment can be rolled back to
     * @description The newest grounded deployment of the repository that succeeded there before what was started last, with another subject. Ask for
     *     a decision about it with `"stage": "rollback"`. Requires the scope `deployments:read`.
     */
    get: operations['getRollbackTarget']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/blocks': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List blocks
     * @description Newest first. Requires the scope `policies:read`, and a token that is not confined.
     */
    get: operations['listBlocks']
    put?: never
    /**
     * Block a subject
     * @description From now on the subject is denied at every stage, `rollback` and `admission` included, and whatever else is asked: no waiver, no approval and no
     *     break-glass lets it pass. So is what it is linked to: artifacts of a blocked source revision, the platforms of a blocked index, and indexes that list a blocked
     *     platform. Allows about them are void. Requires the scope `bindings:write`, and a token that is not confined.
     */
    post: operations['createBlock']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/blocks/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read a block
     * @description Requires the scope `policies:read`, and a token that is not confined.
     */
    get: operations['getBlock']
    put?: never
    post?: never
    /**
     * Lift a block
     * @description The subject is judged again; the allows that the block voided stay void. Waits for a second person where
     *     `PORTCULLIS_SECOND_PERSON=all` is set. Requires the scope `bindings:write`, and a token that is not confined.
     */
    delete: operations['deleteBlock']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/baselines': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List baselines
     * @description How far the old debt is paid that bindings with a `baseline` leave out, apart for each repository and report; in the order in which it began to be
     *     kept, which is the first decision that is recorded under the binding. Expired ones are listed as well. A confined token sees only its own repositories. Requires the scope `decisions:read`.
     */
    get: operations['listBaselines']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bindings/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the binding. */
        name: components['parameters']['BindingName']
      }
      cookie?: never
    }
    /**
     * Read a binding
     * @description A confined token sees those that could apply to its repositories. Requires the scope `policies:read`.
     */
    get: operations['getBinding']
    /**
     * Create or replace a binding
     * @description Replaces the binding of that name as a whole; the default bindings too. The parameters are checked against the pack's schema. A change that
     *     loosens waits for a second person where `PORTCULLIS_SECOND_PERSON=all` is set. Requires the scope `bindings:write`, and a token that is not confined.
     */
    put: operations['putBinding']
    post?: never
    /**
     * Delete a binding
     * @description Decisions that rest on it stay as they are. Waits for a second person where `PORTCULLIS_SECOND_PERSON=all` is set. Requires the scope
     *     `bindings:write`, and a token that is not confined.
     */
    delete: operations['deleteBinding']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bindings/{name}/would-deny': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the binding. */
        name: components['parameters']['BindingName']
      }
      cookie?: never
    }
    /**
     * Whom a binding would deny if it enforced
     * @description Counts the recorded decisions that the binding has a violation against while in mode `shadow` or `warn`, by repository and team: those that
     *     allowed and wouldn't have, and those that others denied anyway. Looks at the newest 20,000 such decisions of the period, which begins when the binding was
     *     last changed unless `from` says otherwise. A confined token sees only its own repositories. Requires the scope `policies:read`.
     */
    get: operations['getWouldDeny']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/effective': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The policy that holds for a subject at a stage
     * @description The bindings that would apply if the token asked for a decision now, each with the version and the parameters that hold in the environment, and those that
     *     wouldn't, with the selector that excludes them. Judges nothing. With `repository` it answers as if that repository's own pipeline asked; without, an
     *     unconfined token meets every repository's bindings. Requires the scope `policies:read`.
     */
    get: operations['getEffectivePolicy']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List projects
     * @description All projects by name. A confined token sees those that its repositories may be part of. Requires the scope `policies:read`.
     */
    get: operations['listProjects']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the project. */
        name: components['parameters']['ProjectName']
      }
      cookie?: never
    }
    /**
     * Read a project
     * @description Requires the scope `policies:read`.
     */
    get: operations['getProject']
    /**
     * Create or replace a project
     * @description Replaces the project of that name as a whole. Each repository and each namespace belongs to one project: what may be another one's too is
     *     refused with `project_overlaps`, which names the other. Its owners are teams that exist. Letter case of repositories doesn't count.
     *     Requires the scope `projects:write` and a token without confinement.
     */
    put: operations['putProject']
    post?: never
    /**
     * Delete a project
     * @description Decisions keep saying whose it was. Requires the scope `projects:write` and a token without confinement.
     */
    delete: operations['deleteProject']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/teams': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List teams
     * @description All teams by name. A confined token sees the owners of the projects that it sees. Requires the scope `policies:read`.
     */
    get: operations['listTeams']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/teams/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the team. */
        name: components['parameters']['TeamName']
      }
      cookie?: never
    }
    /**
     * Read a team
     * @description Requires the scope `policies:read`.
     */
    get: operations['getTeam']
    /**
     * Create or replace a team
     * @description Replaces the team of that name as a whole. Members are named as principals are, and may be named before they have logged in for the
     *     first time; whoever is in one of the groups is a member too. Membership gives no rights. Requires the scope `projects:write` and a token
     *     without confinement.
     */
    put: operations['putTeam']
    post?: never
    /**
     * Delete a team
     * @description One that owns projects is refused with `team_owns_projects`, which names them. Requires the scope `projects:write` and a token without confinement.
     */
    delete: operations['deleteTeam']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/schemas/policy-input': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Show the schema of what policies read
     * @description JSON Schema (2020-12) of `input`, against which uploaded policies are checked. `opa check --schema FILE DIR` does the same elsewhere. Requires the scope
     *     `policies:read`.
     */
    get: operations['getPolicyInputSchema']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/schemas/resource': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Show the schema of documents
     * @description JSON Schema (2020-12) of one document of policy as code, for editors and checks before it is applied. Requires the scope `policies:read`.
     */
    get: operations['getResourceSchema']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/schemas/{format}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description One of `change-record findings migrations rollback-drill source-review`. */
        format: components['schemas']['Name']
      }
      cookie?: never
    }
    /**
     * Show the schema of a format of Portcullis's own
     * @description JSON Schema (2020-12) of the documents that are sent with `format=findings` and the like. Requires the scope `evidence:submit`.
     */
    get: operations['getFormatSchema']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/windows': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List windows
     * @description All windows by name. A confined token sees those that concern its environments. Requires the scope `policies:read`.
     */
    get: operations['listWindows']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/windows/next': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * When an environment opens
     * @description Whether changes may pass an environment, and when that changes, for whoever meets no exception of a freeze: by the stored windows and
     *     freezes, and by those of every binding that enforces them there. Requires the scope `policies:read`.
     */
    get: operations['getNextOpening']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/windows/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the window; `next` is reserved. */
        name: components['parameters']['WindowName']
      }
      cookie?: never
    }
    /**
     * Read a window
     * @description Requires the scope `policies:read`.
     */
    get: operations['getWindow']
    /**
     * Create or replace a window
     * @description A time in which changes may pass: hours of a week (`zone`, `weekdays`, `from`, `to`), or a recurrence as in RFC 5545 (`zone`, `dtstart`,
     *     `duration` or `to`, `rrule`, `rdate`, `exdate`). An environment that any window concerns is closed outside of them. Where loosening
     *     changes take two people, one by which it is open longer waits for the second. Requires the scope `windows:write` and a token without
     *     confinement.
     */
    put: operations['putWindow']
    post?: never
    /**
     * Delete a window
     * @description Decisions that rest on it stay as they are. Where loosening changes take two people, one by which it is open longer waits for the second.
     *     Requires the scope `windows:write` and a token without confinement.
     */
    delete: operations['deleteWindow']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/freezes': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List freezes
     * @description All freezes by name. A confined token sees those that concern its environments. The files of freezes are left out (`ics` is empty). Requires the scope `policies:read`.
     */
    get: operations['listFreezes']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/freezes/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the freeze; `next` is reserved. */
        name: components['parameters']['FreezeName']
      }
      cookie?: never
    }
    /**
     * Read a freeze
     * @description Requires the scope `policies:read`.
     */
    get: operations['getFreeze']
    /**
     * Create or replace a freeze
     * @description A time in which changes may not pass: one span (`from`, `until`), the events of an iCalendar file (`ics`), or times as a window has.
     *     Whoever is proven to meet one of `except` passes all the same. A body of `text/calendar` is the file itself; what else there is to say
     *     stands in the query then. Where loosening changes take two people, one by which less is frozen waits for the second. Requires the scope
     *     `windows:write` and a token without confinement.
     */
    put: operations['putFreeze']
    post?: never
    /**
     * Delete a freeze
     * @description Decisions that rest on it stay as they are. Where loosening changes take two people, one by which it is open longer waits for the second.
     *     Requires the scope `windows:write` and a token without confinement.
     */
    delete: operations['deleteFreeze']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/resources': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Export what holds as documents
     * @description Bindings, windows, freezes and issuers as documents that `PUT /v1/resources/{set}` takes, by kind and name, each with the set that it was
     *     applied with. Shown are the kinds that the token may change. Requires the scope `bindings:write` and a token without confinement.
     */
    get: operations['listResources']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/resources/{set}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of what belongs together, such as a repository of documents. */
        set: components['schemas']['Name']
      }
      cookie?: never
    }
    get?: never
    /**
     * Apply documents
     * @description Makes everything as the documents say: all of it, or nothing. What was applied with the same set before and has no document any more is
     *     removed with `prune`, else named in `left`. `drift` tells who changed something otherwise since it was applied. If any of it takes two
     *     people, all of it waits for the second. Every entry in the log names the commit. Requires the scope `bindings:write`, those of the kinds
     *     that it changes (`windows:write`, `issuers:manage`) and a token without confinement.
     */
    put: operations['putResources']
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/policies': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List policies
     * @description The policies that bindings can name, by name, each with its rules and the schema of its parameters: those of the version that `latest` stands for. A confined
     *     token sees those that come with Portcullis, and those of bindings that it sees. Requires the scope `policies:read`.
     */
    get: operations['listPolicies']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/policies/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
      }
      cookie?: never
    }
    /**
     * Read a policy
     * @description With its newest versions, and the bindings that name it. Requires the scope `policies:read`.
     */
    get: operations['getPolicy']
    /**
     * Upload a policy and activate it
     * @description Takes Rego sources, as a form (`-F 'file=@deny.rego;filename=deny.rego'`) or a `.tar.gz`, or a bundle of `opa build -t wasm`. They are checked, compiled and run
     *     with their own tests; a version is made, whose digest names it, and `latest` is moved to it, as with `POST /v1/policies/{name}/versions/{digest}/activate`. The
     *     same upload gives the same version (200). What is refused names everything that is wrong, under `findings`. If a second person has to approve, the version is
     *     kept and only `latest` waits. Requires the scope `policies:write`, and a token that is not confined.
     */
    put: operations['putPolicy']
    post?: never
    /**
     * Delete a policy
     * @description One that bindings name is refused with `policy_in_use`, and one that comes with Portcullis with `policy_shipped`. Its versions stay where decisions
     *     need them. Waits for a second person where `PORTCULLIS_SECOND_PERSON=all` is set. Requires the scope `policies:write`, and a token that is not confined.
     */
    delete: operations['deletePolicy']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/policies/{name}/versions': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
      }
      cookie?: never
    }
    /**
     * List the versions of a policy
     * @description Newest first. Requires the scope `policies:read`.
     */
    get: operations['listPolicyVersions']
    put?: never
    /**
     * Upload a version without activating it
     * @description As `PUT /v1/policies/{name}` does, but `latest` stays where it is: bindings run the version once they name its digest, or once it is activated. Requires
     *     the scope `policies:write`, and a token that is not confined.
     */
    post: operations['createPolicyVersion']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/policies/{name}/versions/{digest}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    /**
     * Read a version of a policy
     * @description With its rules and the schema of its parameters. A version never changes. Requires the scope `policies:read`.
     */
    get: operations['getPolicyVersion']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/policies/{name}/versions/{digest}/bundle': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    /**
     * Download what a version was made from
     * @description Its sources, or the bundle as it was uploaded, as a gzipped tar archive: uploaded again, it gives the same version. Of a policy that comes with Portcullis
     *     there is none. Requires the scope `policies:read`.
     */
    get: operations['getPolicyBundle']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/policies/{name}/versions/{digest}/activate': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Move `latest` to a version
     * @description From now on every binding that follows `latest` runs this version, on every replica; an earlier one is a rollback. Nothing else ever moves `latest` of a policy but
     *     `PUT /v1/policies/{name}`, not even an upgrade of Portcullis. Refused with `policy_bindings_unfit` if parameters of such bindings don't fit the version. One that is
     *     active already stays so, without an entry. Waits for a second person where `PORTCULLIS_SECOND_PERSON=all` is set and bindings in
     *     mode `enforce` or `warn` follow `latest`. Requires the scope `policies:write`, and a token that is not confined.
     */
    post: operations['activatePolicyVersion']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/policies/{name}/versions/{digest}/backtest': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Try a version on recorded decisions
     * @description Runs the version over the recorded inputs of the decisions of a period, in the background, and lists the verdicts that would have been others:
     *     `Location` leads to the operation, `…/flips` to what it found. Nothing is decided, and nothing changes.
     *
     *     The version takes the place of whatever version the pack's bindings ran then (of `binding` alone, if named), with the parameters and mode that each had, unless
     *     `parameters` or `mode` say otherwise. A binding of now that didn't apply then, but would have, is tried as well; a pack that no binding names is tried
     *     on every decision, in mode enforce. Where the version reads other evidence than what was recorded, it sees what there was at the time; old debt of a baseline
     *     then counts. A confined token tries the decisions that it may see. Requires the scope `policies:write`.
     */
    post: operations['backtestPolicy']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/operations': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List work in the background
     * @description One's own, newest first; with the scope `audit:read` and without confinement everybody's. A confined token sees what was begun with the same
     *     confinement, so a page may hold fewer than `limit`. Requires the scope `policies:read`.
     */
    get: operations['listOperations']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/operations/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read how far work in the background is
     * @description One's own; with the scope `audit:read` and without confinement anybody's. Requires the scope `policies:read`.
     */
    get: operations['getOperation']
    put?: never
    post?: never
    /**
     * Stop work in the background
     * @description What it found so far stays. One's own; without confinement anybody's that one sees. Requires the scope `policies:write`.
     */
    delete: operations['cancelOperation']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/operations/{id}/flips': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * List the verdicts that a backtest would change
     * @description In the order of the log, also while it runs. Who may see the backtest sees its flips. Requires the scope `policies:read`.
     */
    get: operations['listFlips']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/audit/entries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List log entries
     * @description In the order of the log. Requires the scope `audit:read`.
     */
    get: operations['listAuditEntries']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/audit/entries/{index}/receipt': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Index of the entry in the log, from 0. */
        index: number
      }
      cookie?: never
    }
    /**
     * Get the receipt of a log entry
     * @description The entry, its inclusion proof and a signed checkpoint in one C2SP tlog-proof text. Requires the scope `audit:read`.
     */
    get: operations['getAuditReceipt']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/audit/checkpoint': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Get the signed checkpoint
     * @description Size and root hash of the committed log as a signed note (C2SP tlog-checkpoint). Requires the scope `audit:read`.
     */
    get: operations['getAuditCheckpoint']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/tlog/checkpoint': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Get the signed checkpoint (public)
     * @description The same signed note at the path where C2SP tlog-tiles clients look for it. Public.
     */
    get: operations['getTlogCheckpoint']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tokens': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List tokens
     * @description Newest first; never shows a token's text. Any valid credential will do for the asker's own tokens, `principal=self`: of these a confined token sees those that
     *     reach no further than itself, so a page may hold fewer than `limit`. Those of others take the scope `tokens:manage` without confinement.
     */
    get: operations['listTokens']
    put?: never
    /**
     * Issue a token
     * @description The reply shows the token's text this one time; only its hash is kept. A repeat under the same `Idempotency-Key` by the same credential shows it again.
     *     Nobody can issue a token that may do more than what they send, or lasts longer; only an unconfined token with every scope (role `admin`) can issue one
     *     for another principal, any other only for itself and for workloads that it made, the token of a CI job for itself alone. `createdBy` counts as an owner
     *     of the token. Requires the scope `tokens:manage`.
     *
     *     What somebody makes for themself in a login, or with a token that was made so, is a **personal** token and needs no scope: it proves the person as the
     *     login does, lasts for `PORTCULLIS_PERSONAL_TOKEN_MAX_DAYS` at most, and at each use is worth no more than what its owner's groups allowed at the last
     *     login and mean by then.
     */
    post: operations['createToken']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tokens/self': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read the token that the request is sent with
     * @description What it may do, and until when. Never shows its text. Any valid credential will do.
     */
    get: operations['getOwnToken']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tokens/self/rotate': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Replace the token that the request is sent with
     * @description As `POST /v1/tokens/{id}/rotate`, for pipelines that renew their own secret. Send an `Idempotency-Key` and leave an overlap: if the reply is lost, the
     *     old token can ask again. The token of a CI job and a login are not replaced. Any valid credential will do.
     */
    post: operations['rotateOwnToken']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tokens/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read a token
     * @description Never shows the token's text. Any valid credential will do for the asker's own tokens, as far as the confinement of what they send reaches; those of others take the
     *     scope `tokens:manage` without confinement.
     */
    get: operations['getToken']
    put?: never
    post?: never
    /**
     * Revoke a token
     * @description It is refused from the moment of the reply, with its family: the tokens that it replaced, and those that replaced it. Revoking it again changes nothing.
     *     Requires the scope `tokens:manage`; people who logged in end their own tokens and sessions without it.
     */
    delete: operations['revokeToken']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tokens/{id}/rotate': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Replace a token by a new one
     * @description Issues a successor with the same owner, maker, rights and end, so that it lasts no longer than the old one would have. The old token keeps working for
     *     the `overlap`, and is refused from then on; it can't be replaced again. A personal token is replaced by its owner alone, a login never. A repeat under
     *     the same `Idempotency-Key` by the same credential shows the successor again. Requires the scope `tokens:manage`.
     */
    post: operations['rotateToken']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/principals': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List principals
     * @description By name. Requires the scope `principals:manage`.
     */
    get: operations['listPrincipals']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/principals/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
      }
      cookie?: never
    }
    /**
     * Read a principal
     * @description By name or id. Requires the scope `principals:manage`.
     */
    get: operations['getPrincipal']
    /**
     * Create or replace a principal
     * @description Tokens of the principal keep working. Whoever has not every scope can change only those that they made, and put them only into groups that they
     *     are in themselves. Once there are two administrators, what gives power (joining a group as a human, becoming human or workload, disabling an
     *     administrator) waits for a second person. Requires the scope `principals:manage`.
     */
    put: operations['putPrincipal']
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/principals/{name}/identities': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
      }
      cookie?: never
    }
    /**
     * List the linked identities of a principal
     * @description Logins and addresses that are known to be the principal's. Requires the scope `principals:manage`.
     */
    get: operations['listIdentities']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/principals/{name}/identities/{kind}/{value}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
        /** @description `email`; the host of a forge for a login there, such as `github.com`; `issuer:NAME` for the subject of a login provider. */
        kind: components['parameters']['IdentityKind']
        /** @description The address, the login or the subject, in ASCII; percent-encode what a path can't hold. */
        value: components['parameters']['IdentityValue']
      }
      cookie?: never
    }
    get?: never
    /**
     * Link an identity to a principal
     * @description By the asker's word (`verifiedBy: admin`). It belongs to one principal only; addresses and logins are one in any letter case. Waits for a second
     *     person once there are two administrators. Requires the scope `principals:manage` and a token with the role `admin`.
     */
    put: operations['linkIdentity']
    post?: never
    /**
     * Unlink an identity
     * @description Waits for a second person once there are two administrators. Requires the scope `principals:manage` and a token with the role `admin`.
     */
    delete: operations['unlinkIdentity']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/waivers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List waivers
     * @description Newest first. `state=approved&expiresBefore=…` lists those that end soon. A confined token sees only what can be about its own repositories, environments
     *     and stages. Requires the scope `decisions:read`.
     */
    get: operations['listWaivers']
    put?: never
    /**
     * Request a waiver
     * @description An exception from one rule, for a while. It counts once other people have approved it, and until it expires or is revoked; see docs/waivers.md. What the
     *     scope doesn't say doesn't limit, but a confined token requests for its own repositories, environments and stages alone: where it is confined to one of
     *     them, the scope gets that one. A scope with a stage and without an environment gets the environment of the stage's name, as decisions do.
     *     The same request again, while it waits, is answered with the one that waits. Requires the scope `waivers:request`.
     */
    post: operations['requestWaiver']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/waivers/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read a waiver
     * @description Requires the scope `decisions:read`.
     */
    get: operations['getWaiver']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/waivers/{id}/approve': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Approve a waiver
     * @description By a person other than whoever requested it, with a token that went through neither's hands; where people log in, only by one who did. The token must be able to
     *     speak for all that the waiver is about. Each approver has one vote, and approvers are independent of each other. Requires the scope `waivers:approve`.
     */
    post: operations['approveWaiver']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/waivers/{id}/reject': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Reject a waiver that waits
     * @description By a person, for good. Requires the scope `waivers:approve`.
     */
    post: operations['rejectWaiver']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/waivers/{id}/revoke': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Revoke an approved waiver
     * @description It counts no more, and every allow that rests on it is void from now on. Requires the scope `waivers:approve`.
     */
    post: operations['revokeWaiver']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/waivers/{id}/withdraw': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Withdraw one's own request
     * @description By whoever requested it, while it waits. It is then `rejected`, by its own requester. Requires the scope `waivers:request`.
     */
    post: operations['withdrawWaiver']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/changes': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List changes that took, or wait for, a second person
     * @description Newest first. Once there are two administrators, a change that gives somebody power waits here until another person approves it: see
     *     docs/people.md. Requires the scope `changes:read`.
     */
    get: operations['listChanges']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/changes/{id}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    /**
     * Read a change
     * @description Requires the scope `changes:read`.
     */
    get: operations['getChange']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/changes/{id}/approve': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Approve a change and carry it out
     * @description By a person other than the one who proposed it, with a token that went through neither's hands. It is checked once more, and carried out in the
     *     same transaction. Requires the scope `changes:decide` and the one that the change itself needs.
     */
    post: operations['approveChange']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/changes/{id}/reject': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Reject a change, or withdraw one's own
     * @description By a person. Requires the scope `changes:decide` and the one that the change itself needs.
     */
    post: operations['rejectChange']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/issuers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List issuers
     * @description By name. A confined token is refused, since issuers concern everybody. Requires the scope `issuers:manage`.
     */
    get: operations['listIssuers']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/issuers/{name}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the issuer. */
        name: components['parameters']['IssuerName']
      }
      cookie?: never
    }
    /**
     * Read an issuer
     * @description Requires the scope `issuers:manage`.
     */
    get: operations['getIssuer']
    /**
     * Create or replace an issuer
     * @description Replaces the issuer of that name as a whole, rules included; what it said before is no longer accepted from the moment of the reply. Nothing is
     *     fetched to check it. Nobody can give by a rule, or take away, more than they may do themselves. Waits for a second person once there are
     *     two administrators. Requires the scope `issuers:manage`, and a token that is not confined.
     */
    put: operations['putIssuer']
    post?: never
    /**
     * Remove an issuer
     * @description Its tokens are refused from the moment of the reply. Waits for a second person once there are two administrators. Requires the scope
     *     `issuers:manage`, and a token that is not confined.
     */
    delete: operations['deleteIssuer']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/whoami': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Whom the service takes you for
     * @description The principal of what the request was sent with, what it may do and where; for a token of a CI system also the rule that let it in and what its claims
     *     prove. A token that no rule matches is refused with 403 `identity_unknown`, which names the issuer and the claims that its rules look at.
     *     Any valid credential will do.
     */
    get: operations['whoami']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/auth/login': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Log in, or see where one can (public)
     * @description With `issuer`, sends the browser to that provider (OpenID Connect: authorisation code with PKCE) and keeps what belongs to this login in a sealed
     *     cookie for ten minutes. Without it, lists the providers. Needs `PORTCULLIS_PUBLIC_URL` with https, except on a loopback address. Public.
     */
    get: operations['logIn']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/auth/callback/{issuer}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the issuer. */
        issuer: components['schemas']['Name']
      }
      cookie?: never
    }
    /**
     * Come back from a login provider (public)
     * @description The redirect URI of an issuer, to be registered at its provider. Exchanges the code, verifies the ID token, opens the session and sends the browser on.
     *     Parameters that aren't listed are ignored, as OpenID Connect demands. Public.
     */
    get: operations['completeLogin']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/auth/logout': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * End the session of this browser (public)
     * @description Revokes the session of the cookie and removes it. Does nothing without one; one that is sent from another site is refused. Public.
     */
    post: operations['logOut']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/healthz': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Is the process alive?
     * @description Public.
     */
    get: operations['getHealth']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/readyz': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Can it decide now?
     * @description Deep: the store has room and takes a write, every pack is loaded. An answer holds for up to a second. Public.
     */
    get: operations['getReadiness']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/metrics': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Metrics for Prometheus
     * @description They are about everybody, so the token must not be confined. Requires the scope `metrics:read`.
     */
    get: operations['getMetrics']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/openapi.yaml': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * This description
     * @description Public.
     */
    get: operations['getOpenapi']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/docs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * This description as a page
     * @description Public.
     */
    get: operations['getDocs']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/docs/{asset}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the asset. */
        asset: 'docs.css' | 'docs.js'
      }
      cookie?: never
    }
    /**
     * Style and script of the page
     * @description Public.
     */
    get: operations['getDocsAsset']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export type webhooks = Record<string, never>
export interface components {
  schemas: {
    Text: string
    ShortText: string
    Label: string
    GroupName: string
    SubjectText: string
    Id: string
    /** @description Lower-case letters, digits, dots, dashes and underscores, 63 at most, beginning with a letter or digit. */
    Name: string
    /** @description Lower-case letters, digits and . _ @ : + / -, 128 at most, beginning with a letter or digit; not with `group:`, which stands for a group. */
    PrincipalName: string
    /** @description Letters, digits, dots, dashes and underscores, 63 at most, beginning with a letter or digit. */
    Stage: string
    Digest: string
    /**
     * Format: date-time
     * @description RFC 3339 with seconds and an offset; no leap seconds.
     */
    Instant: string
    /** @description Cursor of the following page; null at the end. */
    Next: string | null
    /** @enum {unknown} */
    Verdict: 'allow' | 'deny'
    /** @enum {unknown} */
    Mode: 'enforce' | 'warn' | 'shadow'
    /** @enum {unknown} */
    Severity: 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'unknown'
    /** @enum {unknown} */
    Completeness: 'complete' | 'empty' | 'partial' | 'failed'
    /** @enum {unknown} */
    EvidenceClass:
      | 'vulnerabilities'
      | 'misconfigurations'
      | 'secrets'
      | 'licences'
      | 'sast'
      | 'dast'
      | 'coverage'
      | 'tests'
      | 'quality'
      | 'performance'
      | 'metrics'
      | 'migrations'
      | 'manifests'
      | 'sbom'
      | 'index'
      | 'vex'
      | 'change'
      | 'source-review'
      | 'change-record'
      | 'rollback-drill'
      | 'json'
    SeverityCounts: {
      critical: number
      high: number
      medium: number
      low: number
      negligible: number
      unknown: number
    }
    /** @description RFC 9457 problem details. */
    Problem: {
      /** @description Reference to what this documentation says about the code. */
      type: string
      title: string
      status: number
      detail: string
      /** @description Path of the request. */
      instance: string
      /** @description Stable; what programs compare. */
      code: string
      /** @description The offending part: `query.limit`, `body.stage`, `path.id`, `header.Idempotency-Key`. */
      field?: string
      /** @description What to do about it. */
      remedy?: string
      requestId: string
      /** @description Everything that is wrong with an uploaded policy. */
      findings?: components['schemas']['PolicyFinding'][]
    }
    PolicyFinding: {
      /** @description Stable; what programs compare. docs/policies.md lists them. */
      code: string
      /** @description Path within the upload. */
      file: string | null
      line: number | null
      column?: number
      message: string
      /** @description What to do about it. */
      fix: string
    }
    /** @description What the pipeline declares about the change. Any other key is kept as well. Declared, not proven. */
    DecisionContext: {
      commit?: components['schemas']['ShortText']
      commitTime?: components['schemas']['Instant']
      author?: components['schemas']['ShortText']
      actor?: components['schemas']['ShortText']
      repository?: components['schemas']['ShortText']
      ref?: components['schemas']['ShortText']
      baseRef?: components['schemas']['ShortText']
      version?: components['schemas']['ShortText']
      trigger?: components['schemas']['ShortText']
      pipeline?: components['schemas']['ShortText']
      execution?: components['schemas']['ShortText']
      executionUrl?: string
      startedAt?: components['schemas']['Instant']
      changeTicket?: components['schemas']['ShortText']
      labels?: {
        [key: string]: string
      }
    } & {
      [key: string]: unknown
    }
    DecisionRequest: {
      /** @description What is judged: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. Never a tag. */
      subject: components['schemas']['SubjectText']
      /** @description Any name: `build`, `test`, `staging`, `production` … */
      stage: components['schemas']['Stage']
      /** @description Defaults to the name of the stage; at stage `rollback` it must be given. */
      environment?: components['schemas']['Stage']
      /** @description The source revision that the artifact was built from: declares a link. */
      source?: components['schemas']['SubjectText']
      /** @description What the pipeline declares about the change, at most 16,384 characters of JSON. */
      context?: components['schemas']['DecisionContext']
      /** @description Judge fully, but record nothing. */
      dryRun?: boolean
      /** @description Judge as of this time; only with `dryRun`. */
      at?: components['schemas']['Instant']
      breakGlass?: components['schemas']['BreakGlassRequest']
    }
    /** @description Pass in an emergency whatever policies say, where every binding that denies permits it. Requires the scope `breakglass:use`; opens a review. */
    BreakGlassRequest: {
      reason: string
      /** @description Where the emergency is dealt with, such as the number of a ticket. */
      incident: string
    }
    /** @description Set for an allow against what policies say. It ends at `until` at the latest and grounds nothing. What the `bindings` would have denied by stands among the warnings. */
    BreakGlass: {
      reason: string
      incident: string
      /** @description Name of the principal who asked. */
      by: string
      until: components['schemas']['Instant']
      bindings: string[]
      rules: string[]
    } | null
    /** @description For how long somebody with the scope `breakglass:use` may pass against it in an emergency. Without it nobody can. */
    BreakGlassRule: {
      /** @description ISO 8601 duration within 1 minute and 7 days, such as `PT4H`. */
      maxDuration: string
    }
    ViolationFinding: {
      id: string
      aliases: string[]
      purl: string | null
      package: string | null
      version: string | null
      severity: components['schemas']['Severity']
      fixedVersion: string | null
      location: string | null
      evidence: components['schemas']['Digest']
    }
    /** @description One reason against passing: what is wrong, on what evidence, and how to repair it. */
    Violation: {
      /** @description `<pack>.<rule>`. */
      rule: string
      pack: string
      binding: string | null
      message: string
      severity: components['schemas']['Severity'] | null
      evidence: components['schemas']['Digest'][]
      missing: string[]
      fix: string | null
      findings: components['schemas']['ViolationFinding'][]
      waivableBy: string[]
      /** Format: date-time */
      nextOpen: string | null
      /** @description Ids of the controls that the rule serves, such as `SOC2-CC8.1`. */
      controls: string[]
    }
    EvidenceReference: {
      digest: components['schemas']['Digest']
      id: string
      kind: string
      format: string
      name: string | null
      /** @enum {unknown} */
      trust: 'asker' | 'submitter' | 'signer'
      link: {
        /** @enum {unknown} */
        kind: 'source' | 'platform'
        proof: string
        subject: string
      } | null
    }
    /** @description A decision; a dry run has neither `id` nor `logIndex`. */
    AnsweredDecision: {
      id?: components['schemas']['Id']
      verdict: components['schemas']['Verdict']
      /** @description True only if a binding in mode enforce applied, or the subject is blocked. */
      enforced: boolean
      dryRun: boolean
      subject: string
      subjectName: string | null
      stage: string
      environment: string
      repository: string | null
      /** @description What the repository belonged to, as it was decided. */
      project: string | null
      /** @description Who answered for it then; whoever is denied turns to them. */
      owners: components['schemas']['Owner'][]
      at: components['schemas']['Instant']
      expiresAt: components['schemas']['Instant']
      /** @description What was granted and without which the allow would be a denial: it ends with the first of them. If one is taken back, the allow is void from then on. Empty for a denial. */
      restsOn: components['schemas']['DecisionGround'][]
      violations: components['schemas']['Violation'][]
      warnings: components['schemas']['Violation'][]
      shadow: components['schemas']['Violation'][]
      /** @description Bindings that do not enforce, and would have denied, with the rules of theirs that are broken. */
      wouldDeny: {
        binding: string
        rules: string[]
      }[]
      waived: (components['schemas']['WaivedFindings'] | components['schemas']['WaivedByWaiver'])[]
      baselines: components['schemas']['BaselineUse'][]
      rollback: components['schemas']['Rollback']
      /**
       * Format: date-time
       * @description Of a deny: the earliest time at which asking again makes sense; null if time alone will not do.
       */
      nextOpen: string | null
      /** @description True for a deny that only lacks approvals. */
      pending: boolean
      breakGlass: components['schemas']['BreakGlass']
      review: components['schemas']['Review'] | null
      evidence: components['schemas']['Digest'][]
      evidenceReferences: components['schemas']['EvidenceReference'][]
      /** @description The source revisions that the subject is linked to. */
      sources: {
        id: string
        proof: string
        /** @description Names of the principals who declared the link. */
        declaredBy: string[]
      }[]
      /** @description Who took part in the change that is judged, by the documents of its forge that are on record. */
      authors: components['schemas']['DecisionAuthor'][]
      policies: {
        pack: string
        version: components['schemas']['Digest']
        binding: string
        mode: components['schemas']['Mode']
      }[]
      inputDigest: components['schemas']['Digest']
      askedBy: string
      context: components['schemas']['DecisionContext']
      verified: components['schemas']['VerifiedKeys']
      declared: components['schemas']['DeclaredKeys']
      contradicted: components['schemas']['ContradictedKeys']
      identity: components['schemas']['WorkloadIdentity']
      logIndex?: number
      /**
       * Format: date-time
       * @description When something that the allow rests on was taken back, or its subject blocked: nobody may rely on it any more.
       */
      voidedAt?: string | null
    }
    /** @enum {unknown} */
    ApprovalState: 'requested' | 'approved' | 'revoked' | 'expired'
    /** @enum {unknown} */
    ApprovalKind: 'approval' | 'request'
    ApprovalRequest: {
      /** @description What is approved: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. Never a tag. */
      subject: components['schemas']['SubjectText']
      stage: components['schemas']['Stage']
      /** @description Defaults to the stage's name. */
      environment?: components['schemas']['Stage']
      /** @description Only for decisions about this repository. Without it: that of the subject, or of the token; else any. */
      repository?: components['schemas']['ShortText']
      comment?: string
      /** @description When it ceases to count: in 7 days, and in 30 at the latest. */
      expiresAt?: components['schemas']['Instant']
      /**
       * @default approve
       * @enum {unknown}
       */
      action?: 'approve' | 'request'
    }
    ApprovalAnswer: {
      comment?: string
      /** @description When it ceases to count: in 7 days, and in 30 at the latest. */
      expiresAt?: components['schemas']['Instant']
    }
    ApprovalRevocation: {
      reason: string
    }
    ApprovalParty: {
      id: string
      /** @description Name of the principal as it was then. */
      name: string
      /** @description Ids of everybody through whose hands the credential went. */
      owners: string[]
      /**
       * @description Null for a workload.
       * @enum {unknown}
       */
      person: 'proven' | 'declared' | null
    }
    /** @description A person's word that a subject may pass somewhere, or the request for it. */
    Approval: {
      id: components['schemas']['Id']
      kind: components['schemas']['ApprovalKind']
      /** @description A request is `approved` once a verdict had enough. */
      state: components['schemas']['ApprovalState']
      subject: string
      stage: string
      environment: string
      /** @description Null for any. */
      repository: string | null
      /** @description Who gave or requested it. */
      by: components['schemas']['ApprovalParty']
      at: components['schemas']['Instant']
      expiresAt: components['schemas']['Instant']
      comment: string | null
      /** @description The request that it answers. */
      request: string | null
      revokedBy: components['schemas']['ApprovalParty'] | null
      /** Format: date-time */
      revokedAt: string | null
      /** @description Why it was revoked. */
      reason: string | null
    }
    /** @description A look afterwards at what passed by an exception; it stays open until somebody else closes it. */
    Review: {
      /** @enum {unknown} */
      state: 'open' | 'closed'
      /** @enum {unknown} */
      kind: 'break-glass' | 'rollback'
      openedAt: components['schemas']['Instant']
      /** @description Who asked for the decision. */
      openedBy: components['schemas']['Reviewed']
      /** @enum {string|null} */
      outcome: 'justified' | 'unjustified' | 'follow-up' | null
      comment: string | null
      /** Format: date-time */
      closedAt: string | null
      closedBy: components['schemas']['Reviewed'] | null
    }
    Reviewed: {
      id: string
      name: string
      /** @description Ids of everybody through whose hands the credential went. */
      owners: string[]
    }
    ReviewRequest: {
      /**
       * @description It was right; it was not; or something has to follow.
       * @enum {unknown}
       */
      outcome: 'justified' | 'unjustified' | 'follow-up'
      comment: string
    }
    DecisionGround: {
      /** @enum {unknown} */
      kind: 'waiver' | 'approval' | 'break-glass' | 'baseline'
      id: string
    }
    /** @description A team that answers for a project, and where it is reached about it. */
    Owner: {
      team: string
      contact: components['schemas']['Contact']
    }
    /** @description Which of `repository` and the keys of `context` are proven: by the confinement of the token, or by the claims of a workload's token. Claims stand in the place of what the request declared. */
    VerifiedKeys: string[]
    /** @description The keys of `context` that were only declared. */
    DeclaredKeys: string[]
    /** @description The keys of `context` for which the request declared another value than the proven one, which counts. */
    ContradictedKeys: string[]
    /** @description Who a workload is by the word of its issuer; null for tokens that Portcullis issued. */
    WorkloadIdentity: {
      /** @description Name of the issuer. */
      issuer: string
      kind: string
      /** @description The `sub` claim. */
      subject: string
      /** @description The claims under the names that the context has for them. */
      facts: {
        repository?: string
        commit?: string
        ref?: string
        baseRef?: string
        actor?: string
        trigger?: string
        pipeline?: string
        execution?: string
        executionUrl?: string
        environment?: string
        runner?: string
      }
    } | null
    /** @description Somebody who took part in the change. Addresses are not kept, only whose they are. */
    DecisionAuthor: {
      /** @enum {unknown} */
      role: 'author' | 'co-author' | 'committer' | 'merger' | 'actor'
      /** @description Host of the forge; null where an address named them. */
      forge: string | null
      login: string | null
      /** @description Name of the principal whose login or address it is. */
      principal: string | null
      /** @description The forge let them in as that login, by a whole document about this source. Anybody else is only excluded. */
      vouched: boolean
      evidence: components['schemas']['Digest']
      /** @description Name of the principal who submitted the document. */
      submittedBy: string
      /** @enum {unknown} */
      trust: 'asker' | 'submitter' | 'signer'
    }
    /** @description Findings that did not count, and by whose word. */
    WaivedFindings: {
      /**
       * @description A statement of a trusted author, or the tool that reported them was told to pass them over.
       * @enum {unknown}
       */
      kind: 'vex' | 'tool'
      /** @description Name of the principal whose word it is. */
      author: string
      /** @enum {unknown} */
      status: 'not_affected' | 'fixed' | 'suppressed'
      /** @description The machine-readable label of the statement. */
      justification: string | null
      /** @description The author's own words. */
      statement: string | null
      evidence: components['schemas']['Digest']
      /** @description The bindings that took the word. */
      bindings: string[]
      count: number
      findings: components['schemas']['ViolationFinding'][]
    }
    /** @description What did not count by a waiver. */
    WaivedByWaiver: {
      /** @constant */
      kind: 'waiver'
      /** @description Its id. */
      waiver: string
      rule: string
      reason: string
      /** @description Name of the principal. */
      requestedBy: string
      approvedBy: string[]
      expiresAt: components['schemas']['Instant']
      /** @description The bindings that it helped. */
      bindings: string[]
      /** @description Findings; 0 where a violation passed that rests on none. */
      count: number
      findings: components['schemas']['ViolationFinding'][]
    }
    /** @description Old debt that did not count, as the baseline of a binding says. */
    BaselineUse: {
      binding: string
      pack: string
      kind: components['schemas']['BaselineKind']
      /** @description The principal or team that sees to it that the debt is paid. */
      owner: string
      expires: components['schemas']['Instant']
      /** @description Findings or failing tests that did not count, or measures of coverage that are at or above their floor. */
      matched: number
      /** @description What of the baseline the reports still show. */
      remaining: number
      /** @description Whether the pack would have failed without it; an allow that needed it ends when it expires. */
      needed: boolean
      /** @description What was held, by which the decision can be judged again. */
      setDigests: components['schemas']['Digest'][]
    }
    /** @enum {unknown} */
    BaselineKind: 'snapshot' | 'lastDeployed'
    /** @description How far the old debt of one report in one repository is paid. */
    Baseline: {
      binding: string
      pack: string
      kind: components['schemas']['BaselineKind']
      /** @description What had been found by then is old; null for another kind. */
      snapshot: string | null
      /** @description What was last deployed there is old; null for another kind. */
      environment: string | null
      owner: string
      expires: components['schemas']['Instant']
      /** @description Or the globs that the token of the submitter is confined to, where only these are known; null for reports that are nobody's. */
      repository: string | null
      /** @description Debt of one report never excuses what another one finds. */
      lane: {
        class: components['schemas']['EvidenceClass']
        /** @description In lower case. */
        tool: string
        name: string | null
      }
      /** @description Findings, failing tests, or percentage points that are not covered, as it began. */
      initial: number
      /** @description What of that is left; it never grows, unless a deployment that passed without the baseline renews it. */
      remaining: number
      setDigest: components['schemas']['Digest']
      createdAt: components['schemas']['Instant']
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string
    }
    /** @description A recorded decision. */
    Decision: components['schemas']['AnsweredDecision'] & Record<string, never>
    /** @description At stage `rollback`: the newest grounded deployment that the subject goes back to, if there is one. An allow holds for deployments to `targets` only. */
    Rollback: {
      deployment: components['schemas']['Id']
      /** @description What was deployed then: the judged subject, or an index that lists it. */
      subject: string
      /** @description The targets of the environment in which it is a rollback. */
      targets: (string | null)[]
      /** @description Receipt of its start. */
      startedAt: components['schemas']['Instant']
      /** @description Receipt of its success. */
      finishedAt: components['schemas']['Instant']
      /** @description The allow that grounded it. */
      groundedBy: string | null
      /** @description What was started last where it goes. */
      replaces: {
        deployment: components['schemas']['Id']
        subject: string
        state: components['schemas']['DeploymentState']
      }
    } | null
    RollbackTarget: {
      environment: string
      repository: string | null
      target: string | null
      /** @description How far back the binding of pack `rollback` lets go; null if none does. */
      withinDays: number | null
      /** @description What was started last there. */
      replaces: components['schemas']['PlacedDeployment'] | null
      /** @description What it could be rolled back to. */
      candidate: components['schemas']['PlacedDeployment'] | null
      /**
       * @description Why there is no candidate: nothing was ever deployed there, nothing else ran before by an allow, that is too long ago or blocked, or no policy lets anything go back.
       * @enum {unknown}
       */
      reason: 'nothing_deployed' | 'nothing_older' | 'too_old' | 'no_binding' | 'blocked' | null
    }
    PlacedDeployment: {
      deployment: components['schemas']['Id']
      subject: string
      state: components['schemas']['DeploymentState']
      /** @description Receipt of its start. */
      startedAt: components['schemas']['Instant']
      /**
       * Format: date-time
       * @description Receipt of its success.
       */
      succeededAt: string | null
      /** @description The allow that grounded it. */
      groundedBy: string | null
    }
    Target: string
    /** @enum {unknown} */
    DeploymentState: 'started' | 'succeeded' | 'failed' | 'rolled-back'
    DeploymentRequest: {
      /** @description What is deployed: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. Never a tag. */
      subject: components['schemas']['SubjectText']
      /** @description The environment that decisions name. */
      environment: components['schemas']['Stage']
      /** @description Which of several places of the environment: a cluster, a region. Printable ASCII. */
      target?: components['schemas']['Target']
      /** @description The decision that allows it. Without it the service looks for one that does. */
      decisionId?: components['schemas']['Id']
      /** @description When it started, as the reporter says; at most five minutes in the future. What counts is the receipt. */
      startedAt: components['schemas']['Instant']
      /** @description What the pipeline declares about the deployment, at most 16,384 characters of JSON. */
      context?: components['schemas']['DecisionContext']
    }
    DeploymentFinish: {
      /** @enum {unknown} */
      outcome: 'succeeded' | 'failed' | 'rolled-back'
      /** @description Why it ended so. */
      reason?: string
    }
    /** @enum {unknown} */
    OperationState: 'running' | 'succeeded' | 'failed' | 'cancelled'
    Operation: {
      id: components['schemas']['Id']
      /** @enum {unknown} */
      kind: 'backtest'
      state: components['schemas']['OperationState']
      progress: {
        done: number
        /** @description 0 until it is known. */
        total: number
        percent: number
      }
      /** @description What came of it; null until it succeeded. */
      result: components['schemas']['BacktestResult'] | null
      /** @description Why it failed; null unless it did. */
      error: null | {
        code: string
        message: string
      }
      /** @description Name of the principal who began it. */
      requestedBy: string
      requestedAt: components['schemas']['Instant']
      /**
       * Format: date-time
       * @description Null while it waits.
       */
      startedAt: string | null
      /** Format: date-time */
      finishedAt: string | null
    }
    BacktestRequest: {
      from: components['schemas']['Instant']
      to: components['schemas']['Instant']
      /** @description In the place of those that each binding had; the pack's schema says which there are. */
      parameters?: Record<string, never>
      binding?: components['schemas']['Name']
      /** @description In the place of what each binding had. Without it those in `shadow` are tried as if they enforced, the others as they are. */
      mode?: components['schemas']['Mode']
    }
    BacktestResult: {
      /** @description Of the period, as far as whoever began it may see them. */
      decisions: number
      /** @description Those with the same verdict. */
      same: number
      /** @description Those to which the version has nothing to say. */
      skipped: number
      allowToDeny: number
      denyToAllow: number
      /** @description Those that could not be tried. */
      errors: {
        /** @enum {unknown} */
        code:
          | 'pack_version_missing'
          | 'binding_missing'
          | 'parameters_differ'
          | 'evidence_removed'
          | 'baseline_missing'
          | 'parameters_invalid'
          | 'fact_not_recorded'
        count: number
        /** @description Five at most. */
        decisions: components['schemas']['Id'][]
      }[]
      byRule: components['schemas']['FlipCounts']
      byRepository: components['schemas']['FlipCounts']
      byTeam: components['schemas']['FlipCounts']
      byEnvironment: components['schemas']['FlipCounts']
    }
    /** @description Those with the most flips first, 100 at most. */
    FlipCounts: {
      /** @description Null where there is none, such as no repository. */
      name: string | null
      allowToDeny: number
      denyToAllow: number
    }[]
    Flip: {
      decision: components['schemas']['Id']
      logIndex: number
      at: components['schemas']['Instant']
      subject: string
      stage: string
      environment: string
      repository: string | null
      project: string | null
      /** @description That owned it then. */
      teams: string[]
      from: components['schemas']['Verdict']
      to: components['schemas']['Verdict']
      /** @description What would deny now, or, of what would be allowed, what denied then. 20 at most. */
      rules: string[]
    }
    EngineVersions: {
      node: string
      /** @description Version of the time zone data. */
      zones: string
    }
    Explanation: {
      decision: components['schemas']['Id']
      verdict: components['schemas']['Verdict']
      inputDigest: components['schemas']['Digest']
      /** @description Why the input can't be made again; null if it can. */
      obstacle: {
        code: string
        message: string
      } | null
      bindings: components['schemas']['ExplainedBinding'][]
    }
    ExplainedBinding: {
      binding: string
      pack: string
      version: components['schemas']['Digest']
      mode: components['schemas']['Mode']
      /** @description False if the input was too large to try every place. */
      complete: boolean
      rules: components['schemas']['ExplainedRule'][]
    }
    ExplainedRule: {
      /** @description As in `violations[].rule`. */
      rule: string
      title: string
      /**
       * @description What the pack says, before waivers.
       * @enum {unknown}
       */
      state: 'violation' | 'warning' | 'holds'
      /**
       * @description What it did to the verdict.
       * @enum {unknown}
       */
      effect: 'denies' | 'warns' | 'shadow' | 'waived' | 'none'
      messages: string[]
      /** @description Where another value makes the rule say something else, at most 50. */
      facts: {
        /** @description JSON pointer into the input of the pack. */
        path: string
        /** @description What stands there; a list by its number of items. */
        value: unknown
      }[]
      /** @description Where another value makes the rule hold, or not hold. */
      parameters: {
        /** @description JSON pointer into the input of the pack. */
        path: string
        /** @description As it was. */
        value: unknown
        /** @description The nearest number within the parameter's schema with which the rule says otherwise; null if there is none. */
        flip: {
          /** @description It is exact to this step. */
          step: number
          to: number
          /** @enum {unknown} */
          state: 'violation' | 'warning' | 'holds'
          verdict: components['schemas']['Verdict']
        } | null
      }[]
    }
    Replay: {
      decision: components['schemas']['Id']
      inputDigest: components['schemas']['Digest']
      /** @description True if the packs saw the same, and all that follows from it is the same again. */
      identical: boolean
      verdict: {
        recorded: components['schemas']['Verdict']
        /**
         * @description Null if the input can't be made again.
         * @enum {unknown}
         */
        replayed: 'allow' | 'deny' | null
      }
      engine: {
        recorded: components['schemas']['EngineVersions']
        now: components['schemas']['EngineVersions']
      }
      differences: {
        /** @description Of the decision. */
        field: string
        /** @description Of a list, what only the recorded decision has; else its value. At most 20. */
        recorded: unknown
        /** @description The same of the replay. */
        replayed: unknown
        /** @description True if nothing but sentences differ. */
        wordingOnly: boolean
      }[]
      /** @description Why it differs, or could not be made again; empty if it is identical. */
      reasons: {
        /** @enum {unknown} */
        code:
          | 'pack_version_missing'
          | 'binding_missing'
          | 'parameters_differ'
          | 'evidence_removed'
          | 'baseline_missing'
          | 'engine_differs'
          | 'evidence_differs'
          | 'wording_differs'
          | 'unexplained'
        message: string
      }[]
    }
    Deployment: {
      id: components['schemas']['Id']
      subject: string
      subjectName: string | null
      environment: string
      target: string | null
      repository: string | null
      verified: components['schemas']['VerifiedKeys']
      declared: components['schemas']['DeclaredKeys']
      contradicted: components['schemas']['ContradictedKeys']
      identity: components['schemas']['WorkloadIdentity']
      /** @description The decision that it follows from: the one that the reporter named, else the allow that the service found. */
      decisionId: string | null
      /** @description The decision that grounds it: the same, or null. */
      groundedBy: string | null
      /** @description True if an enforced allow, at a stage other than `rollback`, held as the start was received. */
      grounded: boolean
      /** @description True if no enforced allow held as the start was received, not even for a rollback. */
      bypass: boolean
      /** @description As declared. */
      startedAt: components['schemas']['Instant']
      /** @description When the start was received. */
      receivedAt: components['schemas']['Instant']
      reportedBy: string
      context: components['schemas']['DecisionContext']
      state: components['schemas']['DeploymentState']
      reason: string | null
      /**
       * Format: date-time
       * @description When the outcome was received.
       */
      finishedAt: string | null
      finishedBy: string | null
      /** @description Log entry of the start. */
      logIndex: number
      /** @description Log entry of the outcome. */
      finishLogIndex: number | null
    }
    EvidenceSummary: {
      scanned: components['schemas']['EvidenceClass'][]
      counts?: components['schemas']['SeverityCounts']
      fixable?: components['schemas']['SeverityCounts']
      suppressed?: components['schemas']['SeverityCounts']
      classes?: {
        [key: string]: components['schemas']['SeverityCounts']
      }
      lines?: number | null
      branches?: number | null
      functions?: number | null
      total?: number
      passed?: number
      failed?: number
      errored?: number
      skipped?: number
      flaky?: number
    }
    /** @description Of one report the evidence; of an archive that of each of its files, in its order. */
    SubmittedEvidence: components['schemas']['Evidence'] | components['schemas']['EvidenceDelivery']
    EvidenceDelivery: {
      items: components['schemas']['Evidence'][]
    }
    Evidence: {
      id: components['schemas']['Id']
      /** @description Of the bytes as received. */
      digest: components['schemas']['Digest']
      /** @description Of the bytes as kept. */
      storedDigest: components['schemas']['Digest']
      /** @description True if found secrets were blanked before anything was kept. */
      redacted: boolean
      subject: string
      /**
       * @description The digest inside the report against the claimed one, links included.
       * @enum {unknown}
       */
      subjectMatch: 'match' | 'mismatch' | 'unstated'
      kind: components['schemas']['EvidenceClass']
      format: string
      name: string | null
      tool: {
        name: string
        version: string | null
      }
      completeness: components['schemas']['Completeness']
      completenessReason: string | null
      summary: components['schemas']['EvidenceSummary']
      /** @description The report's own time as written. */
      reportedAt: string | null
      /** @description Time of the scanner's database, as written. */
      databaseAt: string | null
      /** @description Digests of the subject that the report names. */
      statedDigests: components['schemas']['Digest'][]
      /** @description The platform of the examined image, as os/architecture[/variant], if the report names it. */
      platform: string | null
      /** @description What of the subject was examined (directories, test suites) in the tool's words; empty if the report speaks for all of it. */
      examined: string[]
      /** @description Digests that can confirm the subject, but whose difference says nothing. */
      confirmingDigests: components['schemas']['Digest'][]
      receivedAt: components['schemas']['Instant']
      submittedBy: string
      /** @description Bytes as received. */
      size: number
    }
    Finding: {
      index: number
      class: components['schemas']['EvidenceClass']
      id: string
      aliases: string[]
      severity: components['schemas']['Severity']
      toolSeverity: string | null
      score: number | null
      title: string | null
      purl: string | null
      package: string | null
      version: string | null
      fixedVersion: string | null
      fixState: string | null
      location: string | null
      suppressed: boolean
      suppressionReason: string | null
      firstSeenAt: components['schemas']['Instant']
    }
    /** @description One name of a stage or environment or a list of them, each with 63 characters at most and perhaps a leading `!`. */
    PlaceDraft: string | components['schemas']['PlaceSelectors']
    PlaceSelectors: string[]
    Places: components['schemas']['Stage'][]
    /** @description One repository glob or a list of them. */
    RepositoryDraft: string | components['schemas']['RepositoryGlobs']
    RepositoryGlobs: string[]
    Labels: {
      [key: string]: string
    }
    /**
     * @description `ended`: its time has run out.
     * @enum {string}
     */
    BlockState: 'active' | 'ended' | 'lifted'
    BlockRequest: {
      subject: components['schemas']['SubjectText']
      /** @description Why; whoever is denied by it reads this. */
      reason: string
      /** @description Without it the block stays until it is lifted. */
      expiresAt?: components['schemas']['Instant']
    }
    Block: {
      id: components['schemas']['Id']
      subject: string
      reason: string
      state: components['schemas']['BlockState']
      placedBy: string
      /** Format: date-time */
      placedAt: string
      /** Format: date-time */
      expiresAt: string | null
      /** Format: date-time */
      liftedAt: string | null
      liftedBy: string | null
    }
    BindingRequest: {
      pack: components['schemas']['Name']
      /**
       * @description `latest`, or the digest of the version that shall run.
       * @default latest
       */
      version?: components['schemas']['BindingVersion']
      /**
       * @description Checked against the schema of the version that would run.
       * @default {}
       */
      parameters?: Record<string, never>
      mode?: components['schemas']['Mode']
      /**
       * @description ISO 8601 duration for which an allow under this binding holds.
       * @default P7D
       */
      validFor?: string
      breakGlass?: components['schemas']['BreakGlassRule']
      /** @description Stage names, in any letter case; a leading `!` excludes one, spelled exactly so. Wildcards are refused. */
      stage?: components['schemas']['PlaceDraft']
      /** @description Environment names, in any letter case; a leading `!` excludes one, spelled exactly so. Wildcards are refused. */
      environment?: components['schemas']['PlaceDraft']
      /** @description Repository globs, `OWNER/REPO` or `HOST/OWNER/REPO`: `*` within a segment, `**` across, at most 16 of them. */
      repository?: components['schemas']['RepositoryDraft']
      /** @description Globs of the repositories that the sources of the subject lie in. Only a proven source excludes the binding. */
      source?: components['schemas']['RepositoryDraft']
      /** @description Names of the teams that own the repository: one, or several. */
      team?: components['schemas']['Name'] | components['schemas']['Name'][]
      /** @description Labels that must all be equal. */
      labels?: components['schemas']['Labels']
    }
    Binding: {
      name: string
      pack: string
      version: components['schemas']['BindingVersion']
      parameters: Record<string, never>
      mode: components['schemas']['Mode']
      validFor: string
      breakGlass?: components['schemas']['BreakGlassRule']
      stage?: components['schemas']['PlaceSelectors']
      environment?: components['schemas']['PlaceSelectors']
      repository?: components['schemas']['RepositoryGlobs']
      source?: components['schemas']['RepositoryGlobs']
      team?: string[]
      labels?: components['schemas']['Labels']
      revision: number
      updatedAt: components['schemas']['Instant']
      updatedBy: string
    }
    WouldDeny: {
      binding: string
      pack: string
      mode: components['schemas']['Mode']
      from: components['schemas']['Instant']
      to: components['schemas']['Instant']
      /** @description False if more decisions are on record than were looked at. */
      complete: boolean
      /** @description Decisions that allowed, and would not have. */
      decisions: number
      /** @description Repositories with such decisions. */
      repositories: number
      teams: {
        team: string
        repositories: number
        decisions: number
      }[]
      items: {
        repository: string | null
        project: string | null
        teams: string[]
        decisions: number
        /** @description Decisions that other bindings denied already. */
        deniedAnyway: number
        subjects: number
        rules: {
          rule: string
          decisions: number
        }[]
        newest: {
          id: string
          at: components['schemas']['Instant']
          subject: string
          stage: string
          environment: string
        }
      }[]
      next: components['schemas']['Next']
    }
    EffectivePolicy: {
      subject: string
      stage: string
      environment: string
      repository: string | null
      project: string | null
      /** @description Who answered for it then; whoever is denied turns to them. */
      owners: components['schemas']['Owner'][]
      /** @description Whether a binding in mode enforce applies; where none does, nothing denies. */
      enforced: boolean
      bindings: {
        name: string
        pack: string
        /** @description Digest of the version that would run. */
        version: string | null
        mode: components['schemas']['Mode']
        /** @description With all defaults and the overrides of the environment. */
        parameters: Record<string, never>
        validFor: string
        breakGlass: components['schemas']['BreakGlassRule'] | null
        /** @description Why it can not be carried out: then it counts as a violation. */
        broken: string | null
      }[]
      excluded: {
        name: string
        pack: string
        mode: components['schemas']['Mode']
        /** @description The selector that excludes it. */
        by: string
      }[]
    }
    Namespace: string
    /** @description Where to reach somebody; one line of any text. */
    Contact: string | null
    ProjectRequest: {
      /** @default  */
      description?: string
      /**
       * @description Repository globs, `OWNER/REPO` or `HOST/OWNER/REPO`: `*` within a segment, `**` across, at most 16 of them.
       * @default []
       */
      repositories?: string[]
      /**
       * @description `CLUSTER/NAMESPACE`, or `CLUSTER/*` for all of a cluster.
       * @default []
       */
      namespaces?: components['schemas']['Namespace'][]
      /** @description Names of the teams that answer for it. */
      owners: components['schemas']['Name'][]
      /** @description Where to reach them about this project; by default what each team says. */
      contact?: components['schemas']['Contact']
    }
    Project: {
      name: string
      description: string
      repositories: string[]
      namespaces: string[]
      owners: string[]
      contact: components['schemas']['Contact']
      revision: number
      updatedAt: components['schemas']['Instant']
      updatedBy: string
    }
    /** @description Letters, digits, dots, dashes and underscores, 63 at most, beginning with a letter or digit. */
    EnvironmentName: string
    /** @description IANA time zone, such as Europe/Berlin. */
    TimeZone: string
    /** @description `2026-12-01T09:00`, without an offset. */
    LocalTime: string
    /** @enum {unknown} */
    ResourceKind: 'Binding' | 'Window' | 'Freeze' | 'Issuer'
    /** @description The commit that the documents come from, in hexadecimal digits. */
    Commit: string
    /** @description What something is to be. `spec` is the body of the request that creates it. */
    ResourceDocument: {
      /** @constant */
      apiVersion: 'portcullis/v1'
      kind: components['schemas']['ResourceKind']
      name: components['schemas']['Name']
      spec: Record<string, never>
    }
    ApplyRequest: {
      commit?: components['schemas']['Commit']
      /**
       * @description Only say what would change.
       * @default false
       */
      dryRun?: boolean
      /**
       * @description Remove what was applied with this set before and has no document any more.
       * @default false
       */
      prune?: boolean
      resources: components['schemas']['ResourceDocument'][]
    }
    Resource: {
      /** @constant */
      apiVersion: 'portcullis/v1'
      kind: components['schemas']['ResourceKind']
      name: string
      spec: Record<string, never>
      /** @description The set that it was last applied with. */
      set: string | null
      commit: string | null
      /** @description It was changed otherwise since it was applied. */
      drifted: boolean
      updatedAt: components['schemas']['Instant']
      /** @description Name of a principal. */
      updatedBy: string
    }
    ApplyReport: {
      set: string
      commit: string | null
      /** @description False for a dry run, and where nothing had to change. */
      applied: boolean
      changes: components['schemas']['PlannedChange'][]
      /** @description Documents that say what is so already. */
      unchanged: number
      /** @description What was applied with this set before, has no document any more, and stays since nothing is pruned. */
      left: {
        kind: components['schemas']['ResourceKind']
        name: string
      }[]
    }
    PlannedChange: {
      /** @enum {unknown} */
      action: 'create' | 'update' | 'delete'
      kind: components['schemas']['ResourceKind']
      name: string
      /** @description What becomes different, as it is; null if there is none yet. Files are told by their digest. */
      before: unknown
      /** @description The same as it would be; null if it is removed. */
      after: unknown
      /**
       * @description Why it takes a second person, where that is set.
       * @enum {unknown}
       */
      guarded: 'access' | 'loosening' | false
      /** @description Who changed it otherwise since it was applied; null if nobody did. Nobody and no time stand for one that was removed. */
      drift: {
        commit: string | null
        appliedAt: components['schemas']['Instant']
        changedBy: string | null
        /** Format: date-time */
        changedAt: string | null
      } | null
    }
    WindowRequest: {
      /** @description Why, in words for those whom it concerns. */
      reason?: string | null
      /** @description The environments that it concerns; without this list all of them. */
      environments?: components['schemas']['EnvironmentName'][] | null
      zone: components['schemas']['TimeZone']
      /** @description The days on which it begins. */
      weekdays?: ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[]
      /** @description HH:MM at which it opens. */
      from?: string
      /** @description HH:MM at which it closes, at most 24:00; not after its start means the day after. */
      to?: string
      /** @description Where the recurrence starts, on the wall clock of the zone. */
      dtstart?: components['schemas']['LocalTime']
      /** @description How long each lasts: ISO 8601, at most 366 days. Or `to`. */
      duration?: string
      /** @description RFC 5545, by the day or longer; hours go into BYHOUR. */
      rrule?: string
      /** @description Further starts. */
      rdate?: components['schemas']['LocalTime'][]
      /** @description Starts that do not count, `2026-12-24T09:00`, or days on which none does, `2026-12-24`. */
      exdate?: string[]
    }
    Window: {
      name: string
      reason: string | null
      environments: string[] | null
      zone: string
      weekdays?: string[]
      from?: string
      to?: string
      dtstart?: string
      duration?: string
      rrule?: string
      rdate?: string[]
      exdate?: string[]
      revision: number
      updatedAt: components['schemas']['Instant']
      updatedBy: string
    }
    FreezeRequest: {
      /** @description Why, in words for those whom it concerns. */
      reason?: string | null
      /** @description The environments that it concerns; without this list all of them. */
      environments?: components['schemas']['EnvironmentName'][] | null
      /** @description Who passes all the same. */
      except?: components['schemas']['FreezeException'][]
      /** @description When it begins: RFC 3339 beside `until`, HH:MM beside `weekdays`. */
      from?: string
      until?: components['schemas']['Instant']
      /** @description An iCalendar file. */
      ics?: string
      zone?: components['schemas']['TimeZone']
      /** @description The days on which it begins. */
      weekdays?: ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[]
      /** @description HH:MM at which it ends, at most 24:00; not after its start means the day after. */
      to?: string
      /** @description Where the recurrence starts, on the wall clock of the zone. */
      dtstart?: components['schemas']['LocalTime']
      /** @description How long each lasts: ISO 8601, at most 366 days. Or `to`. */
      duration?: string
      /** @description RFC 5545, by the day or longer; hours go into BYHOUR. */
      rrule?: string
      /** @description Further starts. */
      rdate?: components['schemas']['LocalTime'][]
      /** @description Starts that do not count, `2026-12-24T09:00`, or days on which none does, `2026-12-24`. */
      exdate?: string[]
    }
    Freeze: {
      name: string
      reason: string | null
      environments: string[] | null
      except: components['schemas']['FreezeException'][]
      until?: components['schemas']['Instant']
      /** @description The iCalendar file; empty in lists. */
      ics?: string
      zone?: string
      weekdays?: string[]
      from?: string
      to?: string
      dtstart?: string
      duration?: string
      rrule?: string
      rdate?: string[]
      exdate?: string[]
      revision: number
      updatedAt: components['schemas']['Instant']
      updatedBy: string
    }
    /** @description All that it names has to be proven of whoever asks; what is only declared never counts. */
    FreezeException: {
      /** @description The asker is in one of these groups. */
      groups?: components['schemas']['GroupName'][]
      /** @description Repository globs. */
      repositories?: string[]
      /** @description Facts that the identity of a job proves, such as `ref` or `pipeline`, with their exact values. */
      context?: {
        [key: string]: string
      }
      /** @description The same, where `*` stands for any run of characters without a slash, and `**` for any run. */
      contextPatterns?: {
        [key: string]: string
      }
    }
    Opening: {
      environment: string
      at: components['schemas']['Instant']
      open: boolean
      /** @description False where no window is defined: then only freezes close it. */
      restricted: boolean
      /** @description Names of the windows that are open. */
      windows: string[]
      freezes: {
        name: string
        reason: string | null
        until: components['schemas']['Instant']
      }[]
      /**
       * Format: date-time
       * @description Null while it is open, or if it does not open within a year.
       */
      opensAt: string | null
      /**
       * Format: date-time
       * @description Null while it is closed, or if it stays open for five weeks.
       */
      closesAt: string | null
      /** Format: date-time */
      nextFreezeAt: string | null
      /** @description The bindings that enforce it; without any it stops nobody. */
      bindings: string[]
    }
    TeamRequest: {
      /** @default  */
      description?: string
      /** @default [] */
      members?: components['schemas']['PrincipalName'][]
      /** @default [] */
      groups?: components['schemas']['GroupName'][]
      contact?: components['schemas']['Contact']
    }
    Team: {
      name: string
      description: string
      /** @description Names of principals. */
      members: string[]
      groups: string[]
      contact: components['schemas']['Contact']
      revision: number
      updatedAt: components['schemas']['Instant']
      updatedBy: string
    }
    Pack: {
      name: string
      title: string
      description: string
      /** @description The version of the pack. */
      digest: components['schemas']['Digest']
      wasmDigest: components['schemas']['Digest']
      /** @description Of the policy's own data. */
      dataDigest: components['schemas']['Digest'] | null
      /** @description Version of OPA that compiled it; `unknown` of a bundle that was compiled elsewhere. */
      opa: string
      entrypoint: string
      classes: components['schemas']['EvidenceClass'][]
      /** @description What else its input tells, besides evidence. */
      facts: string[]
      rules: components['schemas']['PackRule'][]
      /** @description JSON Schema (2020-12) of the parameters. */
      parameters: Record<string, never>
    }
    PolicyState: {
      origin: components['schemas']['PolicyOrigin']
      /** @description The version that bindings run which follow `latest`; null while none was activated, and the rest is of the newest one then. */
      latest: components['schemas']['Digest'] | null
      versionCount: number
      createdAt: components['schemas']['Instant']
      /** @description When `latest` was last moved. */
      updatedAt: components['schemas']['Instant']
      /** @description Who moved it. */
      updatedBy: string
    }
    Policy: components['schemas']['Pack'] & components['schemas']['PolicyState']
    PolicyDetails: components['schemas']['Policy'] & {
      /** @description The newest 20, newest first. */
      versions: components['schemas']['PolicyVersionSummary'][]
      /** @description The bindings that name it, as far as the token may see them. */
      bindings: components['schemas']['PolicyUse'][]
    }
    PolicyUse: {
      name: string
      version: components['schemas']['BindingVersion']
      mode: components['schemas']['Mode']
    }
    /**
     * @description With Portcullis, or uploaded.
     * @enum {unknown}
     */
    PolicyOrigin: 'shipped' | 'custom'
    PolicyVersionSummary: {
      digest: components['schemas']['Digest']
      title: string
      origin: components['schemas']['PolicyOrigin']
      /** @description True for the version that `latest` stands for. */
      active: boolean
      createdAt: components['schemas']['Instant']
      createdBy: string
    }
    /** @description One exact version of a policy. */
    PolicyVersion: components['schemas']['Pack'] & {
      origin: components['schemas']['PolicyOrigin']
      /** @description True for the version that `latest` stands for. */
      active: boolean
      createdAt: components['schemas']['Instant']
      createdBy: string
    }
    UploadedPolicy: components['schemas']['PolicyVersion'] & {
      /** @description What its author should know, though it works. */
      warnings: components['schemas']['PolicyFinding'][]
    }
    PolicyActivationRequest: {
      /** @description Why, for the log. */
      reason?: string
    }
    PolicyActivation: {
      name: string
      latest: components['schemas']['Digest']
      /** @description What was active before; null if nothing was. */
      previous: components['schemas']['Digest'] | null
      /** @description False if the version was active already. */
      moved: boolean
    }
    /** @description `latest` (whichever version was activated last), or the digest of the version that runs. */
    BindingVersion: string
    PackRule: {
      /** @description Without the pack. */
      name: string
      title: string
      description?: string
      /** @description Ids of the controls that it serves, such as `SOC2-CC8.1`. */
      controls?: string[]
    }
    /** @enum {unknown} */
    EntryType:
      | 'log.created'
      | 'service.started'
      | 'service.stopped'
      | 'decision'
      | 'evidence.received'
      | 'deployment.started'
      | 'deployment.finished'
      | 'principal.changed'
      | 'token.issued'
      | 'token.superseded'
      | 'token.revoked'
      | 'binding.changed'
      | 'binding.deleted'
      | 'project.changed'
      | 'project.removed'
      | 'team.changed'
      | 'team.removed'
      | 'issuer.changed'
      | 'issuer.removed'
      | 'policy.published'
      | 'policy.activated'
      | 'policy.removed'
      | 'backtest.started'
      | 'backtest.finished'
      | 'resources.applied'
      | 'waiver.requested'
      | 'waiver.approved'
      | 'waiver.rejected'
      | 'waiver.revoked'
      | 'approval.requested'
      | 'approval.given'
      | 'approval.revoked'
      | 'review.closed'
      | 'window.changed'
      | 'window.removed'
      | 'freeze.changed'
      | 'freeze.removed'
      | 'block.placed'
      | 'block.lifted'
      | 'change.proposed'
      | 'change.approved'
      | 'change.rejected'
      | 'login.refused'
      | 'access.refused'
    AuditEntry: {
      index: number
      /** @description The leaf's hash in the tree. */
      leafHash: string
      type: components['schemas']['EntryType']
      /** @constant */
      version: 1
      at: components['schemas']['Instant']
      /** @description Id of the principal who did it; `system` for the service itself. */
      actor: string
      onBehalfOf: string | null
      subject: string | null
      stage: string | null
      environment: string | null
      requestId: string | null
      /** @description Ids, digests, rule names and verdicts; `digest` names the record that the entry speaks for. */
      body: Record<string, never>
      /** @description Free text that lies beside the leaf. */
      detail: Record<string, never>
      /** @description Names of free text that was removed. */
      removed: string[]
    }
    /** @enum {unknown} */
    Role: 'pipeline' | 'approver' | 'policy-admin' | 'auditor' | 'admission' | 'admin'
    /** @enum {unknown} */
    Scope:
      | 'evidence:submit'
      | 'evidence:read'
      | 'decisions:ask'
      | 'decisions:read'
      | 'subjects:link'
      | 'deployments:report'
      | 'deployments:read'
      | 'waivers:request'
      | 'waivers:approve'
      | 'approvals:request'
      | 'approvals:approve'
      | 'reviews:close'
      | 'policies:read'
      | 'policies:write'
      | 'bindings:write'
      | 'windows:write'
      | 'projects:write'
      | 'audit:read'
      | 'audit:export'
      | 'admission:review'
      | 'inventory:report'
      | 'tokens:manage'
      | 'principals:manage'
      | 'issuers:manage'
      | 'changes:read'
      | 'changes:decide'
      | 'metrics:read'
      | 'signatures:create'
      | 'breakglass:use'
    /** @description What the token is limited to, for reading too; an absent list does not limit. */
    Confinement: {
      /** @description Repository globs: `*` within a segment, `**` across, at most 16 of them; letter case counts. */
      repositories?: components['schemas']['RepositoryGlobs']
      /** @description Exact names; letter case counts. */
      environments?: components['schemas']['Places']
      /** @description Exact names; letter case counts. */
      stages?: components['schemas']['Places']
    }
    TokenRequest: {
      /** @description Name or id of the principal that it speaks for; who asks unless said. */
      principal?: components['schemas']['PrincipalName']
      description: string
      roles?: components['schemas']['Role'][]
      scopes?: components['schemas']['Scope'][]
      confinement?: components['schemas']['Confinement']
      /** @description At most 366 days ahead, and no later than the end of what the request is sent with. Default: 90 days; no end with the role `admin`. */
      expiresAt?: components['schemas']['Instant']
    }
    RotationRequest: {
      /**
       * @description How long the old token works beside its successor, ISO 8601: `PT0S` (not at all) to `P7D`, and no longer than it would have worked anyway.
       * @default PT1H
       */
      overlap?: string
    }
    /**
     * @description Handed out, made by a person for itself in a login, or such a login itself.
     * @enum {unknown}
     */
    TokenKind: 'token' | 'personal' | 'session'
    /**
     * @description `superseded` from the moment that there is a successor, also while the token still works beside it.
     * @enum {unknown}
     */
    TokenState: 'active' | 'superseded' | 'expired' | 'revoked'
    Token: {
      id: components['schemas']['Id']
      /** @description The first characters of the token, to recognise it. */
      hint: string
      description: string
      principalId: string
      kind: components['schemas']['TokenKind']
      state: components['schemas']['TokenState']
      /** @description Id of the first of the tokens that replaced one another; revoking one revokes all. */
      familyId: string
      /** @description What it was issued with; null for what the service made by itself. */
      issuedWith: null | {
        /** @enum {unknown} */
        kind: 'token' | 'session' | 'workload' | 'certificate'
        id: string
      }
      /** @description Of a session or a personal token: name of the issuer at which its owner logged in. What it may do is cut to what the owner's groups there allowed at the last login and mean here today. */
      login: string | null
      /** @description Id of the principal who issued it. */
      createdBy: string
      /** @description Ids of the principals through whose hands it went: who issued it, who issued the token that it was issued with, and so on. They count as its owners too. */
      issuerIds: string[]
      /**
       * @description How it is known that a person holds it; null for workloads.
       * @enum {unknown}
       */
      person: 'proven' | 'declared' | null
      roles: components['schemas']['Role'][]
      scopes: components['schemas']['Scope'][]
      confinement: components['schemas']['Confinement']
      createdAt: components['schemas']['Instant']
      /** Format: date-time */
      expiresAt: string | null
      /** @description Id of the token that replaced it. */
      supersededBy: string | null
      /**
       * Format: date-time
       * @description Until when it works beside that one.
       */
      overlapUntil: string | null
      /** Format: date-time */
      revokedAt: string | null
      /** Format: date-time */
      lastUsedAt: string | null
    }
    /** @description The token's record with its text, which is shown this one time. */
    IssuedToken: components['schemas']['Token'] & {
      token: string
    }
    LoginChoice: {
      /** @description Name of the issuer. */
      issuer: string
      /** @description Where to send the browser. */
      path: string
    }
    PrincipalRequest: {
      /** @enum {unknown} */
      kind: 'human' | 'workload'
      /**
       * @description Refuses every token of the principal.
       * @default false
       */
      disabled?: boolean
      /** @default [] */
      groups?: components['schemas']['GroupName'][]
    }
    Principal: {
      id: string
      name: string
      /** @enum {unknown} */
      kind: 'human' | 'workload'
      disabled: boolean
      groups: string[]
      identities: components['schemas']['Identity'][]
      /** @description Id of the principal who made it; `system` for the service itself. */
      createdBy: string
    }
    /** @description A login or an address that is known to be the principal's. It belongs to nobody else. */
    Identity: {
      /** @description `email`, the host of a forge such as `github.com`, or `issuer:NAME`. */
      kind: string
      /** @description The address, the login, or the `sub` claim. */
      value: string
      /**
       * @description Whose word it is.
       * @enum {unknown}
       */
      verifiedBy: 'admin' | 'provider'
      at: components['schemas']['Instant']
      /** @description Id of the principal who linked it, or name of the issuer that vouches for it. */
      by: string
    }
    /** @enum {unknown} */
    IssuerKind:
      'github' | 'gitlab' | 'kubernetes' | 'azure' | 'circleci' | 'buildkite' | 'jenkins' | 'google' | 'aws' | 'openid' | 'certificate'
    /** @enum {unknown} */
    JwtAlgorithm: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519'
    /**
     * @description Who is trusted to say who somebody is. Secrets are never part of it, only the names of files in the directory for issuers' files. The kind
     *     `certificate` has neither audiences nor keys: the authorities of clients' certificates are files of the operator's.
     */
    IssuerRequest: {
      /** @description Whose tokens these are: which claims they have, and what those prove. */
      kind: components['schemas']['IssuerKind']
      /** @description The `iss` claim, exactly. No two issuers have the same. For certificates `certificate:api` or `certificate:admission`. */
      issuer: string
      /** @description Of `github` and `gitlab`: host of the repositories, if the issuer does not tell it, such as `github.com`. */
      host?: string
      /** @description What tokens have to be made for: the `aud` claim must name one of these exactly. Best the address of this service, which no other has. */
      audiences?: string[]
      /** @description What it signs with; `RS256` unless said. A token cannot choose another one. */
      algorithms?: components['schemas']['JwtAlgorithm'][]
      keys?: components['schemas']['KeySource']
      /** @description ISO 8601; how far its clock may differ, at most 5 minutes. Default: `PT1M`. */
      clockSkew?: string
      /** @description ISO 8601; longest time from `iat` to `exp`, from a minute to a day. Default: `PT1H`. */
      maxLifetime?: string
      /**
       * @description `once`: each token (`jti`) counts for one request. Default: `allowed`.
       * @enum {unknown}
       */
      replay?: 'allowed' | 'once'
      /** @description In the order in which they are tried; the first that matches counts. A token that none matches is refused. */
      rules?: components['schemas']['RuleRequest'][]
      login?: components['schemas']['LoginRequest']
    }
    /** @description Where the public keys come from: one of these. Default: `discovery`; for `google` the address of its keys. */
    KeySource: {
      /** @description OpenID Connect Discovery: `ISSUER/.well-known/openid-configuration`. */
      discovery?: {
        /** @description Origins besides the issuer's own on which the keys may lie. */
        jwksOrigins?: string[]
      }
      /** @description Address of a JSON Web Key Set. */
      jwksUri?: string
      /** @description A JSON Web Key Set as it is, public keys only: for issuers that can't be reached. */
      jwks?: {
        keys: Record<string, never>[]
      }
      /** @description Plain name of a file with a JSON Web Key Set in the directory for issuers' files. */
      jwksFile?: string
    }
    /** @description Claims that must be exactly this: same type, same letter case, no wildcards. Nested claims have the names that the documentation of the kind gives them. */
    ExactClaims: {
      [key: string]: string | number | boolean
    }
    /** @description Globs that whole claims must match: `*` for any run without a slash, `**` for any run; at most 16 of them. */
    ClaimPatterns: {
      [key: string]: string
    }
    RuleRequest: {
      /** @description For logs and decisions, which name it as `ISSUER/RULE`. */
      name: components['schemas']['Name']
      claims?: components['schemas']['ExactClaims']
      patterns?: components['schemas']['ClaimPatterns']
      /** @description Name or id of a principal of kind `workload`. */
      principal: components['schemas']['PrincipalName']
      roles?: components['schemas']['Role'][]
      scopes?: components['schemas']['Scope'][]
      /** @description Where a token proves its repository, a job is confined to exactly that one, which has to match `repositories` if they are stated. Kinds that prove none must state the confinement; `{}` does not limit. */
      confinement?: components['schemas']['Confinement']
      /** @description Repositories (globs) that a job may speak for besides its own, as one that deploys for others. About these its claims prove nothing but the run. */
      speaksFor?: string[]
    }
    /** @description How people log in at an issuer of kind `openid`. */
    LoginRequest: {
      clientId: string
      /** @description Plain name of a file in the directory for issuers' files; without one the client is public. */
      clientSecretFile?: string
      /** @enum {unknown} */
      clientAuthentication?: 'client_secret_basic' | 'client_secret_post' | 'none'
      scopes?: string[]
      /** @description Origins besides the issuer's own on which its endpoints may lie. */
      endpointOrigins?: string[]
      /** @description Name of the claim with the groups, or a JSON pointer to it. Default: `groups`. */
      groupsClaim?: string
      /** @description Ask for groups at the UserInfo endpoint too. */
      userinfo?: boolean
      /** @description The claim that a new principal is named after. */
      nameClaim?: string
      /** @description A first login may take over a principal that was made under the verified e-mail address. */
      linkByEmail?: boolean
      /** @description What members of a group may do, by its exact name; who is in none of them is not let in. */
      groups: {
        [key: string]: components['schemas']['GroupRights']
      }
      /** @description ISO 8601, from 5 minutes to a day. Default: `PT8H`. */
      sessionLifetime?: string
    }
    GroupRights: {
      roles?: components['schemas']['Role'][]
      scopes?: components['schemas']['Scope'][]
      confinement?: components['schemas']['Confinement']
    }
    Rule: {
      name: string
      claims: components['schemas']['ExactClaims']
      patterns: components['schemas']['ClaimPatterns']
      principal: string
      principalId: string
      roles: components['schemas']['Role'][]
      scopes: components['schemas']['Scope'][]
      confinement: components['schemas']['Confinement']
      speaksFor: string[]
    }
    /** @description How people log in; null if they don't. */
    Login: {
      clientId: string
      clientSecretFile: string | null
      /** @enum {unknown} */
      clientAuthentication: 'client_secret_basic' | 'client_secret_post' | 'none'
      scopes: string[]
      endpointOrigins: string[]
      groupsClaim: string
      userinfo: boolean
      nameClaim: string | null
      linkByEmail: boolean
      groups: {
        [key: string]: components['schemas']['GroupRights']
      }
      sessionLifetime: string
    } | null
    Issuer: {
      name: string
      kind: components['schemas']['IssuerKind']
      issuer: string
      /** @description Host of the repositories that its claims name. */
      host: string | null
      audiences: string[]
      algorithms: components['schemas']['JwtAlgorithm'][]
      /** @description Null for certificates. */
      keys: components['schemas']['KeySource'] | null
      clockSkew: string
      maxLifetime: string
      /** @enum {unknown} */
      replay: 'allowed' | 'once'
      rules: components['schemas']['Rule'][]
      login: components['schemas']['Login']
      revision: number
      updatedAt: components['schemas']['Instant']
      updatedBy: string
    }
    Whoami: {
      principal: {
        id: string
        name: string
        /** @enum {unknown} */
        kind: 'human' | 'workload'
        groups: string[]
      }
      credential: {
        /** @enum {unknown} */
        kind: 'token' | 'session' | 'workload' | 'certificate'
        /** @description Id of a token or session; else the rule that let it in, `ISSUER/RULE`. */
        id: string
      }
      /**
       * @description How it is known that a person asks; null for workloads.
       * @enum {unknown}
       */
      person: 'proven' | 'declared' | null
      /** @description The roles of which the credential has every scope. */
      roles: components['schemas']['Role'][]
      scopes: components['schemas']['Scope'][]
      confinement: components['schemas']['Confinement']
      identity: components['schemas']['WorkloadIdentity']
    }
    /**
     * @description `expired`: nobody decided in time. `outdated`: its target was changed otherwise in the meantime.
     * @enum {unknown}
     */
    ChangeState: 'pending' | 'approved' | 'rejected' | 'withdrawn' | 'expired' | 'outdated'
    Participant: {
      id: string
      /** @description Name of the principal. */
      name: string
      /** @description Ids of the principal and of everybody through whose hands the token went; `system` for the service itself. */
      owners: string[]
      /**
       * @description Proven by a login, or declared by whoever handed out the token.
       * @enum {unknown}
       */
      person: 'proven' | 'declared'
    }
    Change: {
      id: string
      /** @description What is done, such as `identity.link`. */
      kind: string
      /** @description What it is done to, such as `principals/ann`. */
      target: string
      /** @description One plain sentence. */
      summary: string
      /** @description What of the target becomes different, as it was when this was proposed; null if there was none. */
      before: unknown
      /** @description The same as it would be; null if it is to be removed. */
      after: unknown
      /** @description Revision of the target that it was made for. */
      baseRevision: number
      proposedBy: components['schemas']['Participant']
      proposedAt: components['schemas']['Instant']
      /** @description After this it can't be approved. */
      expiresAt: components['schemas']['Instant']
      state: components['schemas']['ChangeState']
      decidedBy: components['schemas']['Participant'] | null
      /** Format: date-time */
      decidedAt: string | null
      /** @description What whoever decided wrote about it. */
      comment: string | null
    }
    /** @enum {unknown} */
    WaiverState: 'requested' | 'approved' | 'rejected' | 'revoked' | 'expired'
    WaiverScopeRequest: {
      /** @description Exactly `violations[].rule`. Rules of `gate` can not be waived. */
      rule: string
      /** @description Id or alias of the findings in the letter case of the reports. An alias does not count where the finding has another id of the same kind. */
      vulnerability?: string
      /** @description Package URL of the findings: without a version all of them; a range as `?vers=vers:npm/>=1.0.0|<2.0.0` for cargo, golang, hex, npm and pub. */
      purl?: string
      /** @description Only this subject. */
      subject?: components['schemas']['SubjectText']
      /** @description Name or glob, as bindings take them. It helps only where the repository is proven. */
      repository?: string
      /** @description Exactly this one. With a stage it defaults to the name of that. */
      environment?: components['schemas']['Stage']
      /** @description Exactly this one. */
      stage?: components['schemas']['Stage']
    }
    WaiverRequest: {
      scope: components['schemas']['WaiverScopeRequest']
      reason: string
      /** @description In the future, at most `PORTCULLIS_WAIVER_MAX_DAYS` (90) days from now. */
      expiresAt: components['schemas']['Instant']
    }
    WaiverApproval: {
      comment?: string
    }
    WaiverEnding: {
      reason: string
    }
    /** @description What a waiver is about; what is null does not limit. */
    WaiverScope: {
      rule: string
      vulnerability: string | null
      purl: string | null
      subject: string | null
      repository: string | null
      environment: string | null
      stage: string | null
    }
    WaiverActor: {
      id: string
      name: string
      /** @description Ids of everybody through whose hands the credential went. */
      owners: string[]
      /**
       * @description How it is known that a person acted; null for a workload.
       * @enum {string|null}
       */
      person: 'proven' | 'declared' | null
    }
    WaiverEnd: {
      by: components['schemas']['WaiverActor']
      at: components['schemas']['Instant']
      reason: string
    } | null
    Waiver: {
      id: components['schemas']['Id']
      scope: components['schemas']['WaiverScope']
      reason: string
      expiresAt: components['schemas']['Instant']
      state: components['schemas']['WaiverState']
      requestedBy: components['schemas']['WaiverActor']
      requestedAt: components['schemas']['Instant']
      /** @description How many different people have to approve it. */
      approvalsNeeded: number
      approvals: {
        by: components['schemas']['WaiverActor']
        at: components['schemas']['Instant']
        comment: string | null
      }[]
      /**
       * Format: date-time
       * @description It counts from then on.
       */
      approvedAt: string | null
      rejected: components['schemas']['WaiverEnd']
      revoked: components['schemas']['WaiverEnd']
    }
    /** @description A waiver, and what its sender may have overlooked. */
    RequestedWaiver: components['schemas']['Waiver'] & {
      /** @description Such as a rule that no version of an installed pack reports. */
      warnings: string[]
    }
    ChangeApproval: {
      comment?: string
    }
    ChangeRejection: {
      reason: string
    }
    Readiness: {
      ok: boolean
      checks: {
        [key: string]: string
      }
    }
  }
  responses: {
    /** @description A parameter is wrong or unknown, or the body is no JSON. */
    BadRequest: {
      headers: {
        [name: string]: unknown
      }
      content: {
        /**
         * @example {
         *       "type": "/docs#error-invalid_parameter",
         *       "title": "A parameter is wrong",
         *       "status": 400,
         *       "detail": "The parameter \"limit\" must be <= 200.",
         *       "instance": "/v1/decisions",
         *       "code": "invalid_parameter",
         *       "field": "query.limit",
         *       "remedy": "See the parameters of listDecisions in /docs.",
         *       "requestId": "019a7c1e-6d7a-7c3e-9d52-0f4a3b2c1d0e"
         *     }
         */
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description No token, or one that isn't valid. */
    Unauthenticated: {
      headers: {
        'WWW-Authenticate': components['headers']['WwwAuthenticate']
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description The token lacks the scope, or is confined to something else. */
    Forbidden: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description There is none, or the token may not see it. */
    NotFound: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description None of the types in `Accept` is offered. */
    NotAcceptable: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description Something else came first. */
    Conflict: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description The body came too slowly. */
    RequestTimeout: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description The body is longer than allowed. */
    ContentTooLarge: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description The body's media type, charset or encoding isn't understood. */
    UnsupportedMediaType: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description A second person has to approve it. `Location` leads to the change that waits. */
    Pending: {
      headers: {
        Location: components['headers']['Location']
        [name: string]: unknown
      }
      content: {
        'application/json': components['schemas']['Change']
      }
    }
    /** @description The body, or the whole of the request, makes no sense. */
    Unprocessable: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description Too many requests of this network address or principal (`rate_limited`), or too many failed logins of this address (`too_many_failed_logins`). Nothing was recorded; repeat it after `Retry-After`. */
    TooManyRequests: {
      headers: {
        'Retry-After': components['headers']['RetryAfter']
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description Busy, or the store takes no writes now. Nothing was recorded; repeat it. */
    Unavailable: {
      headers: {
        'Retry-After': components['headers']['RetryAfter']
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description Why nobody can log in, or out, like this. */
    LoginProblem: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
        'text/html': components['schemas']['Text']
      }
    }
    /** @description Too many requests of this network address. Repeat it after `Retry-After`. */
    TooManyLogins: {
      headers: {
        'Retry-After': components['headers']['RetryAfter']
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
        'text/html': components['schemas']['Text']
      }
    }
    /** @description Busy, or the store takes no writes now. Nothing was recorded; repeat it. */
    LoginUnavailable: {
      headers: {
        'Retry-After': components['headers']['RetryAfter']
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
        'text/html': components['schemas']['Text']
      }
    }
    /** @description An unexpected failure; the log has it under the request id. */
    Internal: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/problem+json': components['schemas']['Problem']
      }
    }
    /** @description The receipt. */
    Receipt: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'text/plain': components['schemas']['Text']
      }
    }
    /** @description The signed note. */
    Checkpoint: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'text/plain': components['schemas']['Text']
      }
    }
  }
  parameters: {
    /** @description The id as a reply gave it. */
    Id: components['schemas']['Id']
    /** @description Name of the binding. */
    BindingName: components['schemas']['Name']
    /** @description Name of the window; `next` is reserved. */
    WindowName: components['schemas']['Name']
    /** @description Name of the freeze; `next` is reserved. */
    FreezeName: components['schemas']['Name']
    /** @description Name of the project. */
    ProjectName: components['schemas']['Name']
    /** @description Name of the team. */
    TeamName: components['schemas']['Name']
    /** @description Name of the pack. */
    PackName: components['schemas']['Name']
    /** @description Digest of the version. */
    VersionDigest: components['schemas']['Digest']
    /** @description Name of the principal; percent-encode what a path can't hold. */
    PrincipalName: components['schemas']['PrincipalName']
    /** @description `email`; the host of a forge for a login there, such as `github.com`; `issuer:NAME` for the subject of a login provider. */
    IdentityKind: string
    /** @description The address, the login or the subject, in ASCII; percent-encode what a path can't hold. */
    IdentityValue: string
    /** @description Name of the issuer. */
    IssuerName: components['schemas']['Name']
    /**
     * @description `wait=SECONDS` (RFC 7240): how long the answer may take while something is lacking that may still come.
     * @example wait=30
     */
    Prefer: string
    /**
     * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
     * @example "4711-1-deploy"
     */
    IdempotencyKey: string
    /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
    SubjectFilter: components['schemas']['SubjectText']
    /** @description Only this stage. */
    StageFilter: components['schemas']['Stage']
    /** @description Only this environment. */
    EnvironmentFilter: components['schemas']['Stage']
    /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
    ProjectFilter: components['schemas']['Name']
    /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
    TeamFilter: components['schemas']['Name']
    /** @description Only of members of the teams that own this project. One that doesn't exist, or that the token may not see, is refused. */
    ProjectPeople: components['schemas']['Name']
    /** @description Only of members of this team. One that doesn't exist, or that the token may not see, is refused. */
    TeamPeople: components['schemas']['Name']
    /** @description Name or id of the principal who did it. */
    ActorFilter: components['schemas']['ShortText']
    /**
     * @description Not earlier than this instant (RFC 3339 with an offset; write `+` as it is or as `%2B`).
     * @example 2026-11-01T00:00:00Z
     */
    From: string
    /** @description Earlier than this instant. */
    To: string
    /** @description Most items of the page. */
    Limit: number
    /** @description `next` of the page before, with the same filters. */
    Cursor: string
  }
  requestBodies: never
  headers: {
    /** @description Path of what the reply is about. */
    Location: string
    /** @description The following page, if there is one: `<…>; rel="next"`. */
    Link: string
    /** @description The preference that was followed, `wait=SECONDS`; absent where too many waited already. */
    PreferenceApplied: string
    /** @description `true` if this is the answer to an earlier request with the same `Idempotency-Key`; else absent. */
    IdempotentReplayed: 'true'
    /** @description HttpOnly, for this host and its own pages alone. */
    SetCookie: string
    /** @description Seconds after which to try again. */
    RetryAfter: number
    /** @description `Bearer`, with the error if a token was sent. */
    WwwAuthenticate: string
  }
  pathItems: never
}
export type $defs = Record<string, never>
export interface operations {
  listDecisions: {
    parameters: {
      query?: {
        /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
        subject?: components['parameters']['SubjectFilter']
        /** @description Only this stage. */
        stage?: components['parameters']['StageFilter']
        /** @description Only this environment. */
        environment?: components['parameters']['EnvironmentFilter']
        /** @description Repository that the decision is about. */
        repository?: components['schemas']['ShortText']
        /** @description Only this verdict. */
        verdict?: components['schemas']['Verdict']
        /**
         * @description Decisions with a violation of this rule, `<pack>.<rule>`.
         * @example vulnerabilities.max_severity
         */
        rule?: components['schemas']['ShortText']
        /**
         * @description Decisions with a violation that serves this control.
         * @example SOC2-CC8.1
         */
        control?: components['schemas']['ShortText']
        /** @description Only those with a review in this state. */
        review?: 'open' | 'closed'
        /** @description Name or id of the principal who did it. */
        actor?: components['parameters']['ActorFilter']
        /**
         * @description Not earlier than this instant (RFC 3339 with an offset; write `+` as it is or as `%2B`).
         * @example 2026-11-01T00:00:00Z
         */
        from?: components['parameters']['From']
        /** @description Earlier than this instant. */
        to?: components['parameters']['To']
        /** @description Declared commit. */
        'context.commit'?: components['schemas']['ShortText']
        /** @description Declared author. */
        'context.author'?: components['schemas']['ShortText']
        /** @description Declared actor. */
        'context.actor'?: components['schemas']['ShortText']
        /** @description Declared ref. */
        'context.ref'?: components['schemas']['ShortText']
        /** @description Declared version. */
        'context.version'?: components['schemas']['ShortText']
        /** @description Declared trigger. */
        'context.trigger'?: components['schemas']['ShortText']
        /** @description Declared pipeline. */
        'context.pipeline'?: components['schemas']['ShortText']
        /** @description Declared run of the pipeline. */
        'context.execution'?: components['schemas']['ShortText']
        /** @description Declared change ticket. */
        'context.changeTicket'?: components['schemas']['ShortText']
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of decisions. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Decision'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  createDecision: {
    parameters: {
      query?: {
        /**
         * @description Status of the reply if the verdict is deny. Any of 400–499 but 408 and 429, which clients would repeat.
         * @example 422
         */
        denyStatus?: number
      }
      header?: {
        /**
         * @description `wait=SECONDS` (RFC 7240): how long the answer may take while something is lacking that may still come.
         * @example wait=30
         */
        Prefer?: components['parameters']['Prefer']
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['DecisionRequest']
      }
    }
    responses: {
      /** @description The verdict, allow or deny. `Location` names the recorded decision; a dry run records nothing and has neither `id` nor `logIndex`. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Preference-Applied': components['headers']['PreferenceApplied']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      /** @description A parameter is wrong or unknown, or the body is no JSON. With `denyStatus=400` also a deny. */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      /** @description No token, or one that isn't valid. With `denyStatus=401` also a deny. */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WwwAuthenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      /** @description The token lacks the scope, or is confined to something else. With `denyStatus=403` also a deny. */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      /** @description None of the types in `Accept` is offered. With `denyStatus=406` also a deny. */
      406: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      408: components['responses']['RequestTimeout']
      /** @description The body is longer than allowed. With `denyStatus=413` also a deny. */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      /** @description The body's media type, charset or encoding isn't understood. With `denyStatus=415` also a deny. */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      /** @description The body, or the whole of the request, makes no sense. With `denyStatus=422` also a deny. */
      422: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
          'application/json': components['schemas']['AnsweredDecision']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      /** @description With `denyStatus`, a deny under the chosen status. The body is the decision, as with 200; a refused request is a problem instead. */
      '4XX': {
        headers: {
          'Preference-Applied': components['headers']['PreferenceApplied']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          /** @description Seconds until `nextOpen`, if it is known. */
          'Retry-After': components['headers']['RetryAfter']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AnsweredDecision']
          'application/problem+json': components['schemas']['Problem']
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      default: components['responses']['Internal']
    }
  }
  getDecision: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The decision. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Decision']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  explainDecision: {
    parameters: {
      query?: {
        /** @description In the place of `Accept`. */
        format?: 'text' | 'markdown' | 'junit' | 'json'
      }
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The reasons. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Explanation']
          /**
           * @example DENY  production  sha256:4bf5…459a
           *       upgrade openssl to 3.0.14: clears 12 findings (2 critical)
           */
          'text/plain': components['schemas']['Text']
          'text/markdown': components['schemas']['Text']
          'application/junit+xml': components['schemas']['Text']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      406: components['responses']['NotAcceptable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  replayDecision: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Whether the result is the same. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          /**
           * @example {
           *       "decision": "019a7c1e-6d7a-7c3e-9d52-0f4a3b2c1d0e",
           *       "inputDigest": "sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71",
           *       "identical": true,
           *       "verdict": {
           *         "recorded": "allow",
           *         "replayed": "allow"
           *       },
           *       "engine": {
           *         "recorded": {
           *           "node": "26.10.0",
           *           "zones": "2026c"
           *         },
           *         "now": {
           *           "node": "26.10.0",
           *           "zones": "2026c"
           *         }
           *       },
           *       "differences": [],
           *       "reasons": []
           *     }
           */
          'application/json': components['schemas']['Replay']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getDecisionReceipt: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      200: components['responses']['Receipt']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getDecisionReview: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The review. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Review']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  closeDecisionReview: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "outcome": "justified",
         *       "comment": "The outage was real; the finding is waived until the next release."
         *     }
         */
        'application/json': components['schemas']['ReviewRequest']
      }
    }
    responses: {
      /** @description The review, closed. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Review']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listApprovals: {
    parameters: {
      query?: {
        /** @description Only those in this state. */
        state?: components['schemas']['ApprovalState']
        /** @description Only approvals or only requests. */
        kind?: components['schemas']['ApprovalKind']
        /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
        subject?: components['parameters']['SubjectFilter']
        /** @description Only this stage. */
        stage?: components['parameters']['StageFilter']
        /** @description Only this environment. */
        environment?: components['parameters']['EnvironmentFilter']
        /** @description Repository that it is for. */
        repository?: components['schemas']['ShortText']
        /** @description Name or id of who gave or requested it. */
        by?: components['schemas']['ShortText']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of approvals and requests. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Approval'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  createApproval: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ApprovalRequest']
      }
    }
    responses: {
      /** @description The same holds already, or is the answer to an earlier request with the same idempotency key. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Approval']
        }
      }
      /** @description It is on record. `Location` names it. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Approval']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getApproval: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The approval or request. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Approval']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  answerApproval: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "comment": "Tried it on staging."
         *     }
         */
        'application/json': components['schemas']['ApprovalAnswer']
      }
    }
    responses: {
      /** @description The same holds already, or is the answer to an earlier request with the same idempotency key. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Approval']
        }
      }
      /** @description It is on record. `Location` names it. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Approval']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  revokeApproval: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The load test failed afterwards."
         *     }
         */
        'application/json': components['schemas']['ApprovalRevocation']
      }
    }
    responses: {
      /** @description It no longer counts. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Approval']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listDeployments: {
    parameters: {
      query?: {
        /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
        subject?: components['parameters']['SubjectFilter']
        /** @description Only this environment. */
        environment?: components['parameters']['EnvironmentFilter']
        /** @description Only this target. */
        target?: components['schemas']['Target']
        /** @description Only deployments of this repository. */
        repository?: components['schemas']['ShortText']
        /** @description Only this state. */
        state?: components['schemas']['DeploymentState']
        /** @description Only those that an enforced allow grounds (`true`) or none (`false`). */
        grounded?: boolean
        /** @description Only those without (`true`) or with (`false`) an allow. */
        bypass?: boolean
        /** @description `true`: only what runs now. */
        current?: true
        /**
         * @description Not earlier than this instant (RFC 3339 with an offset; write `+` as it is or as `%2B`).
         * @example 2026-11-01T00:00:00Z
         */
        from?: components['parameters']['From']
        /** @description Earlier than this instant. */
        to?: components['parameters']['To']
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of deployments. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Deployment'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  createDeployment: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['DeploymentRequest']
      }
    }
    responses: {
      /** @description A repeat under the same `Idempotency-Key`: the deployment recorded first, as it was then. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Deployment']
        }
      }
      /** @description The deployment was recorded. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Deployment']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getDeployment: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The deployment. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Deployment']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  finishDeployment: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['DeploymentFinish']
      }
    }
    responses: {
      /** @description The deployment with its outcome. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Deployment']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listEvidence: {
    parameters: {
      query?: {
        /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
        subject?: components['parameters']['SubjectFilter']
        /** @description Only evidence of this kind. */
        kind?: components['schemas']['EvidenceClass']
        /** @description Only evidence of this format. */
        format?: components['schemas']['ShortText']
        /** @description Only evidence with this name (module, shard, target). */
        name?: components['schemas']['ShortText']
        /** @description Only evidence of this completeness. */
        completeness?: components['schemas']['Completeness']
        /** @description Name of the principal who submitted it first. */
        submittedBy?: components['schemas']['ShortText']
        /**
         * @description Not earlier than this instant (RFC 3339 with an offset; write `+` as it is or as `%2B`).
         * @example 2026-11-01T00:00:00Z
         */
        from?: components['parameters']['From']
        /** @description Earlier than this instant. */
        to?: components['parameters']['To']
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of evidence. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Evidence'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  submitEvidence: {
    parameters: {
      query: {
        /**
         * @description What the report is about: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. Never a tag.
         * @example sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a
         */
        subject: components['schemas']['SubjectText']
        /**
         * @description Format of the report by the tool's name, `auto` to recognise it, or `tar` for an archive of several. Bodies that several tools could have written need it.
         * @example trivy
         */
        format?: string
        /** @description Module, shard or target that the report speaks for, where one subject has several. In an archive each report has its path without extension as name, unless one is given for all. */
        name?: components['schemas']['Label']
        /** @description Your name of the pipeline run. */
        run?: components['schemas']['Label']
        /** @description The source revision that the artifact was built from, `git+https://HOST/REPO@SHA`: declares a link. */
        source?: components['schemas']['SubjectText']
      }
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    /** @description The report. */
    requestBody: {
      content: {
        '*/*': unknown
      }
    }
    responses: {
      /** @description This evidence exists already; the submission is one more observation of it. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['SubmittedEvidence']
        }
      }
      /** @description The evidence was stored. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['SubmittedEvidence']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getEvidence: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The evidence. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Evidence']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getEvidenceRaw: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The report. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/octet-stream': unknown
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listFindings: {
    parameters: {
      query?: {
        /** @description Only findings of this severity. */
        severity?: components['schemas']['Severity']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of findings. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Finding'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  receiveSonarqube: {
    parameters: {
      query: {
        /**
         * @description Host and path of the repository that the project analyses.
         * @example git.example.com/acme/app
         */
        repository: string
        /** @description Module that the project speaks for, where a repository has several. */
        name?: components['schemas']['Label']
      }
      header?: {
        /** @description HMAC-SHA256 of the body under the webhook's secret, in hexadecimal digits. */
        'X-Sonar-Webhook-HMAC-SHA256'?: string
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    /** @description The webhook's payload. */
    requestBody: {
      content: {
        '*/*': unknown
      }
    }
    responses: {
      /** @description This delivery was known already; it is one more observation of the evidence. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Evidence']
        }
      }
      /** @description The evidence was stored. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Evidence']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listBindings: {
    parameters: {
      query?: {
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of bindings. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Binding'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getRollbackTarget: {
    parameters: {
      query?: {
        /** @description Whose deployments; without it the one repository that the token is confined to. */
        repository?: components['schemas']['ShortText']
        /** @description Which of several places of the environment; without it that of the newest start. */
        target?: components['schemas']['Target']
      }
      header?: never
      path: {
        /** @description Name of the environment. */
        name: components['schemas']['Stage']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What it can be rolled back to, or why there is nothing. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RollbackTarget']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listBlocks: {
    parameters: {
      query?: {
        /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
        subject?: components['parameters']['SubjectFilter']
        /** @description Only this state. */
        state?: components['schemas']['BlockState']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of blocks. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Block'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  createBlock: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['BlockRequest']
      }
    }
    responses: {
      /** @description A repeat under the same `Idempotency-Key`: the block that was placed first. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Block']
        }
      }
      /** @description The subject is blocked. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Block']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getBlock: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The block. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Block']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deleteBlock: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      202: components['responses']['Pending']
      /** @description The block is lifted. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listBaselines: {
    parameters: {
      query?: {
        /** @description Only baselines of this binding. */
        binding?: components['schemas']['ShortText']
        /** @description Only baselines of this repository. */
        repository?: components['schemas']['ShortText']
        /** @description Only baselines with this owner. */
        owner?: components['schemas']['ShortText']
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of baselines. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Baseline'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getBinding: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the binding. */
        name: components['parameters']['BindingName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The binding. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Binding']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putBinding: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the binding. */
        name: components['parameters']['BindingName']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['BindingRequest']
      }
    }
    responses: {
      /** @description The binding was replaced. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Binding']
        }
      }
      /** @description The binding was created. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Binding']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deleteBinding: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the binding. */
        name: components['parameters']['BindingName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      202: components['responses']['Pending']
      /** @description The binding is gone. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getWouldDeny: {
    parameters: {
      query?: {
        /**
         * @description Not earlier than this instant (RFC 3339 with an offset; write `+` as it is or as `%2B`).
         * @example 2026-11-01T00:00:00Z
         */
        from?: components['parameters']['From']
        /** @description Earlier than this instant. */
        to?: components['parameters']['To']
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path: {
        /** @description Name of the binding. */
        name: components['parameters']['BindingName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The sums, and one page of repositories. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['WouldDeny']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getEffectivePolicy: {
    parameters: {
      query: {
        /** @description What would be judged. */
        subject: components['schemas']['SubjectText']
        /** @description Where it would pass. */
        stage: components['schemas']['Stage']
        /** @description Defaults to the stage. */
        environment?: components['schemas']['Stage']
        /** @description Whose pipeline would ask: `OWNER/REPO` or `HOST/OWNER/REPO`. */
        repository?: components['schemas']['ShortText']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The effective policy. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['EffectivePolicy']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listProjects: {
    parameters: {
      query?: {
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Only the project that this repository belongs to. */
        repository?: components['schemas']['ShortText']
        /** @description Only the project that this namespace belongs to: `CLUSTER/NAMESPACE`. */
        namespace?: components['schemas']['ShortText']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of projects. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Project'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getProject: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the project. */
        name: components['parameters']['ProjectName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The project. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Project']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putProject: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the project. */
        name: components['parameters']['ProjectName']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ProjectRequest']
      }
    }
    responses: {
      /** @description The project was replaced. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Project']
        }
      }
      /** @description The project was created. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Project']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deleteProject: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the project. */
        name: components['parameters']['ProjectName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The project is gone. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listTeams: {
    parameters: {
      query?: {
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of teams. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Team'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getTeam: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the team. */
        name: components['parameters']['TeamName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The team. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Team']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putTeam: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the team. */
        name: components['parameters']['TeamName']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TeamRequest']
      }
    }
    responses: {
      /** @description The team was replaced. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Team']
        }
      }
      /** @description The team was created. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Team']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deleteTeam: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the team. */
        name: components['parameters']['TeamName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The team is gone. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getPolicyInputSchema: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The schema. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/schema+json': Record<string, never>
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getResourceSchema: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The schema. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/schema+json': Record<string, never>
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getFormatSchema: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description One of `change-record findings migrations rollback-drill source-review`. */
        format: components['schemas']['Name']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The schema. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/schema+json': Record<string, never>
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listWindows: {
    parameters: {
      query?: {
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of windows. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Window'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getNextOpening: {
    parameters: {
      query: {
        /**
         * @description Name of the environment.
         * @example production
         */
        environment: components['schemas']['EnvironmentName']
        /** @description Another time than now. */
        at?: components['schemas']['Instant']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description How the environment stands at that time. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Opening']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getWindow: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the window; `next` is reserved. */
        name: components['parameters']['WindowName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The window. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Window']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putWindow: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the window; `next` is reserved. */
        name: components['parameters']['WindowName']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['WindowRequest']
      }
    }
    responses: {
      /** @description The window was replaced. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Window']
        }
      }
      /** @description The window was created. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Window']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deleteWindow: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the window; `next` is reserved. */
        name: components['parameters']['WindowName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      202: components['responses']['Pending']
      /** @description The window is gone. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listFreezes: {
    parameters: {
      query?: {
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of freezes. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Freeze'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getFreeze: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the freeze; `next` is reserved. */
        name: components['parameters']['FreezeName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The freeze. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Freeze']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putFreeze: {
    parameters: {
      query?: {
        /** @description With a file: the IANA time zone of its all-day events. */
        zone?: components['schemas']['TimeZone']
        /** @description With a file: why. */
        reason?: string
        /** @description With a file: the environment that it concerns; without, all of them. */
        environment?: components['schemas']['EnvironmentName']
      }
      header?: never
      path: {
        /** @description Name of the freeze; `next` is reserved. */
        name: components['parameters']['FreezeName']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['FreezeRequest']
        'text/calendar': string
      }
    }
    responses: {
      /** @description The freeze was replaced. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Freeze']
        }
      }
      /** @description The freeze was created. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Freeze']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deleteFreeze: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the freeze; `next` is reserved. */
        name: components['parameters']['FreezeName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      202: components['responses']['Pending']
      /** @description The freeze is gone. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listResources: {
    parameters: {
      query?: {
        /**
         * @description Only these.
         * @example Window
         */
        kind?: components['schemas']['ResourceKind']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of documents. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Resource'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putResources: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of what belongs together, such as a repository of documents. */
        set: components['schemas']['Name']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ApplyRequest']
      }
    }
    responses: {
      /** @description What it changed, or would change. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ApplyReport']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listPolicies: {
    parameters: {
      query?: {
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of policies. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Policy'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getPolicy: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The policy. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['PolicyDetails']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putPolicy: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
      }
      cookie?: never
    }
    /** @description The policy. */
    requestBody: {
      content: {
        'multipart/form-data': Record<string, never>
        'application/gzip': unknown
      }
    }
    responses: {
      /** @description This version exists already. */
      200: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UploadedPolicy']
        }
      }
      /** @description The version was made. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UploadedPolicy']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deletePolicy: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      202: components['responses']['Pending']
      /** @description The policy is gone. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listPolicyVersions: {
    parameters: {
      query?: {
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of versions. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['PolicyVersionSummary'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  createPolicyVersion: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
      }
      cookie?: never
    }
    /** @description The policy. */
    requestBody: {
      content: {
        'multipart/form-data': Record<string, never>
        'application/gzip': unknown
      }
    }
    responses: {
      /** @description This version exists already. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UploadedPolicy']
        }
      }
      /** @description The version was made. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UploadedPolicy']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getPolicyVersion: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The version. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['PolicyVersion']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getPolicyBundle: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The archive. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/gzip': unknown
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  activatePolicyVersion: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        /**
         * @example {
         *       "reason": "The new version denies hotfixes."
         *     }
         */
        'application/json': components['schemas']['PolicyActivationRequest']
      }
    }
    responses: {
      /** @description The version is active. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['PolicyActivation']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  backtestPolicy: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path: {
        /** @description Name of the pack. */
        name: components['parameters']['PackName']
        /** @description Digest of the version. */
        digest: components['parameters']['VersionDigest']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['BacktestRequest']
      }
    }
    responses: {
      /** @description It was begun, or, with the same `Idempotency-Key`, was begun before. */
      202: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Operation']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listOperations: {
    parameters: {
      query?: {
        /** @description Only of this kind. */
        kind?: 'backtest'
        /** @description Only in this state. */
        state?: components['schemas']['OperationState']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of operations. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Operation'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getOperation: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The operation. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Operation']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  cancelOperation: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description It was cancelled. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Operation']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listFlips: {
    parameters: {
      query?: {
        /** @description Only flips to this verdict. */
        to?: components['schemas']['Verdict']
        /** @description Only where this rule denies. */
        rule?: components['schemas']['ShortText']
        /** @description Only of this repository. */
        repository?: components['schemas']['ShortText']
        /** @description Only of what this team owned as it was decided; any name will do. */
        owner?: components['schemas']['Name']
        /** @description Only this environment. */
        environment?: components['parameters']['EnvironmentFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of flips. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Flip'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listAuditEntries: {
    parameters: {
      query?: {
        /** @description Only entries of this type. */
        type?: components['schemas']['EntryType']
        /** @description Name or id of the principal who did it. */
        actor?: components['parameters']['ActorFilter']
        /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
        subject?: components['parameters']['SubjectFilter']
        /** @description Only this stage. */
        stage?: components['parameters']['StageFilter']
        /** @description Only this environment. */
        environment?: components['parameters']['EnvironmentFilter']
        /**
         * @description Not earlier than this instant (RFC 3339 with an offset; write `+` as it is or as `%2B`).
         * @example 2026-11-01T00:00:00Z
         */
        from?: components['parameters']['From']
        /** @description Earlier than this instant. */
        to?: components['parameters']['To']
        /** @description Only what belongs to this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectFilter']
        /** @description Only what belongs to projects of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamFilter']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of entries. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['AuditEntry'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getAuditReceipt: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Index of the entry in the log, from 0. */
        index: number
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      200: components['responses']['Receipt']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getAuditCheckpoint: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      200: components['responses']['Checkpoint']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getTlogCheckpoint: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      200: components['responses']['Checkpoint']
      400: components['responses']['BadRequest']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listTokens: {
    parameters: {
      query?: {
        /** @description Name or id of the principal; `self` for whoever asks. */
        principal?: components['schemas']['ShortText']
        /** @description Only tokens that replaced one another. */
        family?: components['schemas']['Id']
        /** @description Only this kind. */
        kind?: components['schemas']['TokenKind']
        /** @description Only this state. */
        state?: components['schemas']['TokenState']
        /** @description Only what expires before this time, or did; with `state=active` what is going to. Tokens without end are not among them. */
        expiresBefore?: components['schemas']['Instant']
        /** @description Only what was not used at or after this time. What was never used counts from its making. */
        unusedSince?: components['schemas']['Instant']
        /** @description Only of members of the teams that own this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectPeople']
        /** @description Only of members of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamPeople']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of tokens. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Token'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  createToken: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenRequest']
      }
    }
    responses: {
      /** @description A repeat under the same `Idempotency-Key`: the token issued first. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IssuedToken']
        }
      }
      /** @description The token, with its text. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IssuedToken']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getOwnToken: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The token. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Token']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  rotateOwnToken: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['RotationRequest']
      }
    }
    responses: {
      /** @description A repeat under the same `Idempotency-Key`: the token issued first. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IssuedToken']
        }
      }
      /** @description The successor, with its text. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IssuedToken']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getToken: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The token. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Token']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  revokeToken: {
    parameters: {
      query?: {
        /** @description `true` also revokes whatever was issued with any of these tokens, with that, and so on: after a leak. */
        issued?: boolean
      }
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The token is revoked. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  rotateToken: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['RotationRequest']
      }
    }
    responses: {
      /** @description A repeat under the same `Idempotency-Key`: the token issued first. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IssuedToken']
        }
      }
      /** @description The successor, with its text. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IssuedToken']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listPrincipals: {
    parameters: {
      query?: {
        /** @description Only of members of the teams that own this project. One that doesn't exist, or that the token may not see, is refused. */
        project?: components['parameters']['ProjectPeople']
        /** @description Only of members of this team. One that doesn't exist, or that the token may not see, is refused. */
        team?: components['parameters']['TeamPeople']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of principals. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Principal'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getPrincipal: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The principal. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Principal']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putPrincipal: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['PrincipalRequest']
      }
    }
    responses: {
      /** @description The principal was replaced. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Principal']
        }
      }
      /** @description The principal was created. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Principal']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listIdentities: {
    parameters: {
      query?: {
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of identities. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Identity'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  linkIdentity: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
        /** @description `email`; the host of a forge for a login there, such as `github.com`; `issuer:NAME` for the subject of a login provider. */
        kind: components['parameters']['IdentityKind']
        /** @description The address, the login or the subject, in ASCII; percent-encode what a path can't hold. */
        value: components['parameters']['IdentityValue']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description It was linked before; now by the asker's word. */
      200: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Identity']
        }
      }
      /** @description It is linked. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Identity']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  unlinkIdentity: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the principal; percent-encode what a path can't hold. */
        name: components['parameters']['PrincipalName']
        /** @description `email`; the host of a forge for a login there, such as `github.com`; `issuer:NAME` for the subject of a login provider. */
        kind: components['parameters']['IdentityKind']
        /** @description The address, the login or the subject, in ASCII; percent-encode what a path can't hold. */
        value: components['parameters']['IdentityValue']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      202: components['responses']['Pending']
      /** @description It is nobody's any more. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listWaivers: {
    parameters: {
      query?: {
        /** @description Only this state. */
        state?: components['schemas']['WaiverState']
        /** @description Only those that name exactly this rule. */
        rule?: components['schemas']['ShortText']
        /** @description Only those that name it, or exactly this glob. */
        repository?: components['schemas']['ShortText']
        /** @description Only this environment. */
        environment?: components['parameters']['EnvironmentFilter']
        /** @description Only what is about this subject: `sha256:HEX`, `NAME@sha256:HEX` or `git+https://HOST/REPO@SHA`. */
        subject?: components['parameters']['SubjectFilter']
        /** @description Only those that name it, in this letter case. */
        vulnerability?: components['schemas']['ShortText']
        /** @description Name or id of the principal who requested. */
        requestedBy?: components['schemas']['ShortText']
        /** @description Only those that end before. */
        expiresBefore?: components['schemas']['Instant']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of waivers. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Waiver'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  requestWaiver: {
    parameters: {
      query?: never
      header?: {
        /**
         * @description 1–255 printable ASCII characters, bare or in double quotes. Makes a repeat of the request give the first answer.
         * @example "4711-1-deploy"
         */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "scope": {
         *         "rule": "vulnerabilities.max_severity",
         *         "vulnerability": "CVE-2026-0001",
         *         "purl": "pkg:deb/debian/openssl",
         *         "repository": "github.com/acme/cart"
         *       },
         *       "reason": "The affected function is not called; the upgrade follows with the next base image.",
         *       "expiresAt": "2026-12-18T10:00:00Z"
         *     }
         */
        'application/json': components['schemas']['WaiverRequest']
      }
    }
    responses: {
      /** @description The same waits already. */
      200: {
        headers: {
          Location: components['headers']['Location']
          'Idempotent-Replayed': components['headers']['IdempotentReplayed']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RequestedWaiver']
        }
      }
      /** @description The waiver waits for approval. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RequestedWaiver']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getWaiver: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The waiver. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Waiver']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  approveWaiver: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        /**
         * @example {
         *       "comment": "Checked: it is not reachable."
         *     }
         */
        'application/json': components['schemas']['WaiverApproval']
      }
    }
    responses: {
      /** @description The vote counts. With the last one that is needed the state is `approved`. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Waiver']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  rejectWaiver: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The fix is out."
         *     }
         */
        'application/json': components['schemas']['WaiverEnding']
      }
    }
    responses: {
      /** @description It will not count. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Waiver']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  revokeWaiver: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "It is exploited now."
         *     }
         */
        'application/json': components['schemas']['WaiverEnding']
      }
    }
    responses: {
      /** @description It counts no more. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Waiver']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  withdrawWaiver: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The upgrade is out."
         *     }
         */
        'application/json': components['schemas']['WaiverEnding']
      }
    }
    responses: {
      /** @description It will not count. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Waiver']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listChanges: {
    parameters: {
      query?: {
        /** @description Only those in this state. */
        state?: components['schemas']['ChangeState']
        /**
         * @description Only this kind.
         * @example identity.link
         */
        kind?: components['schemas']['ShortText']
        /**
         * @description Only those of this target.
         * @example principals/ann
         */
        target?: string
        /** @description Name or id of a principal. */
        proposedBy?: components['schemas']['ShortText']
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of changes. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Change'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getChange: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The change. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Change']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  approveChange: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "comment": "Checked with Ann."
         *     }
         */
        'application/json': components['schemas']['ChangeApproval']
      }
    }
    responses: {
      /** @description It is carried out. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Change']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  rejectChange: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The id as a reply gave it. */
        id: components['parameters']['Id']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "Ann left last month."
         *     }
         */
        'application/json': components['schemas']['ChangeRejection']
      }
    }
    responses: {
      /** @description It will not be carried out. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Change']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  listIssuers: {
    parameters: {
      query?: {
        /** @description Most items of the page. */
        limit?: components['parameters']['Limit']
        /** @description `next` of the page before, with the same filters. */
        cursor?: components['parameters']['Cursor']
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description One page of issuers. */
      200: {
        headers: {
          Link: components['headers']['Link']
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Issuer'][]
            next: components['schemas']['Next']
          }
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  getIssuer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the issuer. */
        name: components['parameters']['IssuerName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The issuer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Issuer']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  putIssuer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the issuer. */
        name: components['parameters']['IssuerName']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['IssuerRequest']
      }
    }
    responses: {
      /** @description The issuer was replaced. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Issuer']
        }
      }
      /** @description The issuer was created. */
      201: {
        headers: {
          Location: components['headers']['Location']
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Issuer']
        }
      }
      202: components['responses']['Pending']
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      408: components['responses']['RequestTimeout']
      409: components['responses']['Conflict']
      413: components['responses']['ContentTooLarge']
      415: components['responses']['UnsupportedMediaType']
      422: components['responses']['Unprocessable']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  deleteIssuer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the issuer. */
        name: components['parameters']['IssuerName']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      202: components['responses']['Pending']
      /** @description The issuer is gone. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      404: components['responses']['NotFound']
      409: components['responses']['Conflict']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  whoami: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Who asks. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Whoami']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      503: components['responses']['Unavailable']
      default: components['responses']['Internal']
    }
  }
  logIn: {
    parameters: {
      query?: {
        /** @description Name of the issuer at which to log in. */
        issuer?: components['schemas']['Name']
        /** @description Path below this service's address to go to afterwards, with query and fragment; `/v1/whoami` unless said. */
        returnTo?: string
        /** @description A group of yours whose rights hold in a smaller place than those of your other groups, to be logged in with those. */
        group?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The providers, where no `issuer` is named. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['LoginChoice'][]
            next: components['schemas']['Next']
          }
          'text/html': components['schemas']['Text']
        }
      }
      /** @description On to the provider. */
      302: {
        headers: {
          Location: components['headers']['Location']
          'Set-Cookie': components['headers']['SetCookie']
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['LoginProblem']
      404: components['responses']['LoginProblem']
      406: components['responses']['LoginProblem']
      422: components['responses']['LoginProblem']
      429: components['responses']['TooManyLogins']
      502: components['responses']['LoginProblem']
      503: components['responses']['LoginUnavailable']
      default: components['responses']['LoginProblem']
    }
  }
  completeLogin: {
    parameters: {
      query?: {
        /** @description Of the login that this browser began. */
        state?: string
        /** @description What the provider exchanges for an ID token. */
        code?: string
        /** @description Who answers (RFC 9207). */
        iss?: string
        /** @description Why the provider refused. */
        error?: string
      }
      header?: never
      path: {
        /** @description Name of the issuer. */
        issuer: components['schemas']['Name']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Logged in; on to where the login began. */
      303: {
        headers: {
          Location: components['headers']['Location']
          'Set-Cookie': components['headers']['SetCookie']
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['LoginProblem']
      403: components['responses']['LoginProblem']
      404: components['responses']['LoginProblem']
      409: components['responses']['LoginProblem']
      422: components['responses']['LoginProblem']
      429: components['responses']['TooManyLogins']
      502: components['responses']['LoginProblem']
      503: components['responses']['LoginUnavailable']
      default: components['responses']['LoginProblem']
    }
  }
  logOut: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description There is no session any more. */
      204: {
        headers: {
          'Set-Cookie': components['headers']['SetCookie']
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['LoginProblem']
      403: components['responses']['LoginProblem']
      429: components['responses']['TooManyLogins']
      503: components['responses']['LoginUnavailable']
      default: components['responses']['LoginProblem']
    }
  }
  getHealth: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description It is. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          /**
           * @example {
           *       "status": "ok"
           *     }
           */
          'application/json': {
            /** @constant */
            status: 'ok'
          }
        }
      }
      400: components['responses']['BadRequest']
      default: components['responses']['Internal']
    }
  }
  getReadiness: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description It can. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          /**
           * @example {
           *       "ok": true,
           *       "checks": {
           *         "storage": "ok",
           *         "policies": "ok"
           *       }
           *     }
           */
          'application/json': components['schemas']['Readiness']
        }
      }
      400: components['responses']['BadRequest']
      /** @description It can't; `checks` says what failed. */
      503: {
        headers: {
          'Retry-After': components['headers']['RetryAfter']
          [name: string]: unknown
        }
        content: {
          /**
           * @example {
           *       "ok": false,
           *       "checks": {
           *         "storage": "failed",
           *         "policies": "ok"
           *       }
           *     }
           */
          'application/json': components['schemas']['Readiness']
        }
      }
      default: components['responses']['Internal']
    }
  }
  getMetrics: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The Prometheus text format. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/plain': components['schemas']['Text']
        }
      }
      400: components['responses']['BadRequest']
      401: components['responses']['Unauthenticated']
      403: components['responses']['Forbidden']
      429: components['responses']['TooManyRequests']
      default: components['responses']['Internal']
    }
  }
  getOpenapi: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description OpenAPI 3.1. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/yaml': components['schemas']['Text']
        }
      }
      400: components['responses']['BadRequest']
      429: components['responses']['TooManyRequests']
      default: components['responses']['Internal']
    }
  }
  getDocs: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description A page without any asset from elsewhere. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/html': components['schemas']['Text']
        }
      }
      400: components['responses']['BadRequest']
      429: components['responses']['TooManyRequests']
      default: components['responses']['Internal']
    }
  }
  getDocsAsset: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description Name of the asset. */
        asset: 'docs.css' | 'docs.js'
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The asset. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/css': components['schemas']['Text']
          'text/javascript': components['schemas']['Text']
        }
      }
      400: components['responses']['BadRequest']
      429: components['responses']['TooManyRequests']
      default: components['responses']['Internal']
    }
  }
}
