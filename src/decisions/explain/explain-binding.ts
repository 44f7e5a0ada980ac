import { isDeepStrictEqual } from 'node:util'

import type { PolicyEvaluator } from '../../policy/evaluator.ts'
import type { JudgedBinding } from '../judge-all.ts'
import type { Verdict } from '../decision.ts'
import type { DecidingParameter, ExplainedBinding, ExplainedRule, ReadFact, RuleState } from './explanation.ts'
import { nearestFlip } from './nearest-flip.ts'
import { rangeOf } from './parameter-domain.ts'
import { placesOf, withValue, type Place } from './places.ts'
import { Probe, saysTheSame, stateOf, type Said } from './probe.ts'

export interface BindingExplanationParts {
  evaluator: PolicyEvaluator
  /** Whether a value could be the input of a policy. */
  canBe: (input: unknown) => boolean
  /** The verdict of the whole decision, had the binding had these parameters. */
  verdictWith: (parameters: Readonly<Record<string, unknown>>) => Promise<Verdict>
}

/** A pack is run so often for one explanation at most. */
const MOST_RUNS = 1_200
/** Larger inputs, in characters, are not tried out. */
const MOST_CHARACTERS = 1_000_000
const AT_ONCE = 4
const MOST_FACTS = 50
const MOST_TRIES = 4

/** Explains what one binding's pack says: everything that is named was found by running the pack on an input that differs in that place alone. */
export async function explainBinding(judged: JudgedBinding, text: string, parts: BindingExplanationParts): Promise<ExplainedBinding> {
  const { binding, manifest } = judged.prepared.plan
  const input = JSON.parse(text) as Record<string, unknown>
  const probe = new Probe(parts.evaluator, manifest.digest, MOST_RUNS)
  const said = await probe.say(input)
  const known = { binding: binding.name, pack: binding.pack, version: manifest.digest, mode: binding.mode }
  if (!said) return { ...known, complete: false, rules: explainedRules(judged, new Map()) }
  const rules = explainedRules(judged, said)
  if (text.length <= MOST_CHARACTERS) {
    const { parameters, ...facts } = input
    await tryFacts(facts, input, said, rules, { probe, canBe: parts.canBe })
    await tryParameters(parameters, judged, input, said, rules, { ...parts, probe })
  }
  return { ...known, complete: text.length <= MOST_CHARACTERS && !probe.isSpent, rules }
}

/** Every rule that the pack has, with what was made of it in the end. */
function explainedRules({ prepared, items, waivers }: JudgedBinding, said: Said): ExplainedRule[] {
  const { binding, manifest } = prepared.plan
  const titles = new Map(manifest.rules.map(({ name, title }) => [name, title]))
  const reported = items.map(({ violation }) => violation.rule.slice(violation.rule.indexOf('.') + 1))
  return [...new Set([...titles.keys(), ...said.keys(), ...reported])].map((name): ExplainedRule => {
    const rule = `${binding.pack}.${name}`
    const own = items.filter(({ violation }) => violation.rule === rule)
    const state = said.get(name)?.state ?? worst(own.map(({ effect }) => effect))
    const waived = waivers.some(({ waiver }) => waiver.scope.rule === rule)
    return {
      ...{ rule, title: titles.get(name) ?? name, state, messages: own.map(({ violation }) => violation.message) },
      effect: effectOf(
        own.map(({ effect }) => effect),
        binding.mode,
        waived,
      ),
      ...{ facts: [], parameters: [] },
    }
  })
}

function worst(effects: readonly ('violation' | 'warning')[]): RuleState {
  return effects.includes('violation') ? 'violation' : effects.length > 0 ? 'warning' : 'holds'
}

function effectOf(effects: readonly string[], mode: string, waived: boolean): ExplainedRule['effect'] {
  if (effects.length === 0) return waived ? 'waived' : 'none'
  if (mode === 'shadow') return 'shadow'
  return mode === 'enforce' && effects.includes('violation') ? 'denies' : 'warns'
}

async function tryFacts(facts: object, input: object, said: Said, rules: readonly ExplainedRule[], trying: Trying): Promise<void> {
  for (const { place, answers } of await answersAt(placesOf(facts), input, trying)) {
    for (const rule of rules) {
      const name = nameOf(rule)
      if (rule.facts.length < MOST_FACTS && answers.some((other) => !saysTheSame(said, other, name))) rule.facts.push(factOf(place))
    }
  }
}

interface Trying {
  probe: Probe
  canBe: (input: unknown) => boolean
}

type ParameterParts = BindingExplanationParts & Trying

async function tryParameters(
  parameters: unknown,
  { prepared: { plan } }: JudgedBinding,
  input: Record<string, unknown>,
  said: Said,
  rules: readonly ExplainedRule[],
  parts: ParameterParts,
): Promise<void> {
  const places = placesOf(parameters).map((place) => withinSchema(place, rangeOf(plan.manifest, place.keys)))
  const inInput = places.map((place) => ({ ...place, keys: ['parameters', ...place.keys], path: `/parameters${place.path}` }))
  for (const { place, answers } of await answersAt(inInput, input, parts)) {
    for (const rule of rules) {
      const state = stateOf(said, nameOf(rule))
      if (answers.every((other) => stateOf(other, nameOf(rule)) === state)) continue
      const flip = await flipOf(place, nameOf(rule), { input, state, domain: rangeOf(plan.manifest, place.keys.slice(1)).domain, parts })
      rule.parameters.push({ path: place.path, value: place.value, flip })
    }
  }
}

/** A parameter is only tried with what its schema takes. */
function withinSchema(place: Place, { domain, values }: ReturnType<typeof rangeOf>): Place {
  if (typeof place.value === 'number' && domain)
    return { ...place, others: [domain.least, domain.most].filter((end) => end !== place.value) }
  const listed = values.filter((value) => !isDeepStrictEqual(value, place.value))
  if (listed.length > 0) return { ...place, others: listed }
  return place.value === null && domain ? { ...place, others: [domain.least, domain.most] } : place
}

interface FlipQuestion {
  input: Record<string, unknown>
  state: RuleState
  domain: ReturnType<typeof rangeOf>['domain']
  parts: ParameterParts
}

async function flipOf(
  { keys, value }: Place,
  rule: string,
  { input, state, domain, parts: { probe, verdictWith } }: FlipQuestion,
): Promise<DecidingParameter['flip']> {
  if (typeof value !== 'number' || !domain) return null
  const stateAt = async (other: number): Promise<RuleState> => {
    const said = probe.isSpent ? undefined : await probe.say(withValue(input, keys, other))
    return said ? stateOf(said, rule) : state
  }
  const to = await nearestFlip(value, domain, async (other) => (await stateAt(other)) !== state)
  if (to === undefined || probe.isSpent) return null
  const changed = withValue(input, keys, to) as { parameters: Readonly<Record<string, unknown>> }
  return { step: domain.step, to, state: await stateAt(to), verdict: await verdictWith(changed.parameters) }
}

/** What the pack says with each of the other values that were tried in each place; inputs that it can't be run on tell nothing. */
async function answersAt(places: readonly Place[], input: object, { probe, canBe }: Trying): Promise<{ place: Place; answers: Said[] }[]> {
  const tries = places.flatMap((place) => triesAt(place, input, canBe))
  const answers = new Map<Place, Said[]>(places.map((place) => [place, []]))
  for (let at = 0; at < tries.length && !probe.isSpent; at += AT_ONCE) {
    const some = tries.slice(at, at + AT_ONCE)
    const said = await probe.sayAll(some.map((each) => each.input))
    for (const [order, { place }] of some.entries()) {
      const answer = said[order]
      if (answer) answers.get(place)?.push(answer)
    }
  }
  return places.map((place) => ({ place, answers: answers.get(place) ?? [] }))
}

/** An input that no policy would ever be given tells nothing. */
function triesAt(place: Place, input: object, canBe: (input: unknown) => boolean): { place: Place; input: unknown }[] {
  const tries: { place: Place; input: unknown }[] = []
  for (const other of place.others) {
    const changed = withValue(input, place.keys, other)
    if (canBe(changed)) tries.push({ place, input: changed })
    if (tries.length === MOST_TRIES) break
  }
  return tries
}

function factOf({ path, value }: Place): ReadFact {
  return { path, value }
}

function nameOf({ rule }: ExplainedRule): string {
  return rule.slice(rule.indexOf('.') + 1)
}
