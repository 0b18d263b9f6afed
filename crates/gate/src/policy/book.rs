//! The compiled policies of a program, and the decision over them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cedar_policy::{AuthorizationError, Authorizer, Entities, PolicyId};
use kernel::{Reason, Rule, Timestamp, Verdict};

use super::compile::{CheckedRule, check};
use super::facts::{Fault, PreparedDriver, Vocabulary};
use super::guard::Panel;
use super::question::{HeldCredential, Order, Question};
use super::source::{GateTerms, Mode, PolicyDiagnostic, PolicySource};
use super::verdict::{Answer, Dispatch, ENFORCER, Effect, Fired, Parties};

/// All policies of a program, compiled once and asked for every assignment.
pub struct PolicyBook {
    sources: Vec<PolicySource>,
    rules: Vec<CheckedRule>,
    /// The place of each rule, under the id that Cedar knows it by.
    places: HashMap<PolicyId, usize>,
    /// Usually one: only policies that ask for freshness in different windows need an evaluation each.
    panels: Vec<Panel>,
    vocabulary: Arc<Vocabulary>,
    parties: Arc<[Parties]>,
    authorizer: Authorizer,
}

impl PolicyBook {
    /// Parses and checks all policies; every mistake is reported with its place.
    pub fn compile(terms: &GateTerms) -> Result<Self, Vec<PolicyDiagnostic>> {
        let rules = check(terms)?;
        let impossible = |message: String| vec![PolicyDiagnostic { key: String::new(), line: 1, column: 1, message }];
        let vocabulary = Vocabulary::new(&terms.credential_types).map_err(|e| impossible(e.to_string()))?;

        let mut places = HashMap::new();
        // The window of a rule that does not ask for freshness is of no consequence: it joins a panel that exists.
        let usual = rules.iter().find(|rule| rule.reads_fresh);
        let usual = usual.and_then(|rule| terms.policies[rule.source].freshness_days);
        let mut panels: BTreeMap<Option<u32>, Panel> = BTreeMap::new();
        for (place, rule) in rules.iter().enumerate() {
            let window = if rule.reads_fresh { terms.policies[rule.source].freshness_days } else { usual };
            let id = PolicyId::new(place.to_string());
            let panel = panels.entry(window).or_insert_with(|| Panel::new(window));
            panel
                .set_for(rule.guard.as_ref())
                .add(rule.policy.new_id(id.clone()))
                .map_err(|e| impossible(e.to_string()))?;
            places.insert(id, place);
        }
        let mut parties: Vec<Parties> = Vec::new();
        for each in rules.iter().map(|rule| parties_of(&terms.policies[rule.source])) {
            if !parties.contains(&each) {
                parties.push(each);
            }
        }
        Ok(Self {
            sources: terms.policies.clone(),
            rules,
            places,
            panels: panels.into_values().collect(),
            vocabulary: Arc::new(vocabulary),
            parties: parties.into(),
            authorizer: Authorizer::new(),
        })
    }

    /// Asks all policies about one assignment.
    pub fn decide(&self, question: &Question) -> Verdict<Dispatch> {
        self.verdict(question, None)
    }

    /// Keeps a driver in the form that policies read, for the assignments to come. It is made anew when a credential
    /// changes.
    pub fn prepare(&self, driver: &str, credentials: Arc<[HeldCredential]>, now: Timestamp) -> PreparedDriver {
        let windows = self.panels.iter().map(|panel| panel.freshness_days);
        PreparedDriver::new(&self.vocabulary, driver, credentials, windows, now)
    }

    /// Asks all policies about one assignment of a prepared driver; the verdict is that of [`PolicyBook::decide`] on
    /// the question that comes with it.
    pub fn decide_prepared(
        &self,
        driver: &PreparedDriver,
        order: Order,
        now: Timestamp,
    ) -> (Question, Verdict<Dispatch>) {
        let (name, credentials) = (driver.driver.clone(), Arc::clone(&driver.credentials));
        let question = Question { driver: name, credentials, order, now };
        let own = Arc::ptr_eq(&driver.vocabulary, &self.vocabulary).then_some(driver);
        let verdict = self.verdict(&question, own);
        (question, verdict)
    }

    fn verdict(&self, question: &Question, prepared: Option<&PreparedDriver>) -> Verdict<Dispatch> {
        let mut effects = self.effects(question, prepared);
        // Cedar reports its findings in no particular order; a decision must come out the same each time.
        effects.sort_by_key(|(place, _)| *place);

        let strictest = effects.iter().map(|(place, _)| self.source(*place).mode).max();
        let answer = match strictest {
            Some(Mode::Enforce) => Answer::Deny,
            Some(Mode::Warn) => Answer::Warn,
            Some(Mode::Shadow | Mode::Off) | None => Answer::Allow,
        };
        let mut reasons: Vec<(Mode, Reason)> = Vec::new();
        let mut fired = Vec::with_capacity(effects.len());
        for (place, fault) in &effects {
            let mode = self.source(*place).mode;
            if mode >= Mode::Warn {
                reasons.push((mode, self.reason(*place, fault.as_deref(), question)));
            }
            fired.push(self.fired(*place, fault.as_deref()));
        }
        // What denies comes before what warns.
        reasons.sort_by_key(|(mode, _)| std::cmp::Reverse(*mode));
        Verdict {
            outcome: Dispatch { answer, would_deny: !fired.is_empty(), fired, parties: Arc::clone(&self.parties) },
            reasons: reasons.into_iter().map(|(_, reason)| reason).collect(),
        }
    }

    /// The rules that forbid the assignment, and those that failed, each with its fault.
    fn effects(&self, question: &Question, prepared: Option<&PreparedDriver>) -> Vec<(usize, Option<String>)> {
        let mut effects = Vec::new();
        let request = self.vocabulary.request(question);
        for panel in &self.panels {
            let sets = panel.about(&question.order);
            if sets.is_empty() {
                continue;
            }
            let entities = self.entities(question, prepared, panel.freshness_days);
            let (request, entities) = match (&request, &entities) {
                (Ok(request), Ok(entities)) => (request, entities),
                (Err(fault), _) | (_, Err(fault)) => {
                    // Facts that Cedar does not take leave every rule unanswered.
                    let all =
                        sets.iter().flat_map(|set| set.policies()).filter_map(|policy| self.places.get(policy.id()));
                    effects.extend(all.map(|place| (*place, Some(fault.to_string()))));
                    continue;
                }
            };
            for set in sets {
                let response = self.authorizer.is_authorized(request, set, entities);
                let diagnostics = response.diagnostics();
                effects.extend(diagnostics.reason().filter_map(|id| Some((*self.places.get(id)?, None))));
                effects.extend(diagnostics.errors().filter_map(|AuthorizationError::PolicyEvaluationError(fault)| {
                    Some((*self.places.get(fault.policy_id())?, Some(fault.inner().to_string())))
                }));
            }
        }
        effects
    }

    fn entities(
        &self,
        question: &Question,
        prepared: Option<&PreparedDriver>,
        freshness_days: Option<u32>,
    ) -> Result<Entities, Fault> {
        let driver = match prepared.and_then(|driver| driver.entity(freshness_days, question.now)) {
            Some(driver) => driver,
            None => self.vocabulary.driver(&question.driver, &question.credentials, freshness_days, question.now)?,
        };
        self.vocabulary.entities(driver, &question.order)
    }

    fn source(&self, place: usize) -> &PolicySource {
        &self.sources[self.rules[place].source]
    }

    fn fired(&self, place: usize, fault: Option<&str>) -> Fired {
        let source = self.source(place);
        Fired {
            policy: source.key.clone(),
            rule: self.rules[place].id.clone(),
            mode: source.mode,
            effect: if fault.is_some() { Effect::Failed } else { Effect::Forbade },
            text: self.sentence(place, fault),
            parties: parties_of(source),
        }
    }

    fn sentence(&self, place: usize, fault: Option<&str>) -> String {
        let rule = &self.rules[place];
        match fault {
            None => rule.reason.clone(),
            Some(fault) => {
                format!("The policy `{}` could not be evaluated and counts as a prohibition: {fault}", rule.id)
            }
        }
    }

    fn reason(&self, place: usize, fault: Option<&str>, question: &Question) -> Reason {
        let rule = &self.rules[place];
        let mut text = self.sentence(place, fault);
        let mut evidence = Vec::new();
        for (number, name) in rule.reads.iter().enumerate() {
            text.push_str(if number == 0 { " On record: " } else { "; " });
            match question.credential(name) {
                Some(held) => {
                    text.push_str(&held.summary());
                    evidence.push(held.fact.clone());
                }
                None => text.push_str(&format!("no {name}")),
            }
        }
        if !rule.reads.is_empty() {
            text.push('.');
        }
        let mut reason = Reason::new(&rule.id, text).citing(self.source(place).place());
        reason.evidence = evidence;
        reason.remedy = match fault {
            None => rule.remedy.clone(),
            Some(_) => Some("Correct the policy, or set its mode to `warn` until it is corrected.".into()),
        };
        reason
    }
}

fn parties_of(source: &PolicySource) -> Parties {
    Parties { owner: source.owner.clone(), attests: source.attests.clone(), enforcer: ENFORCER.to_owned() }
}

/// The rule under which stored decisions of the gate are computed again.
pub struct DispatchRule;

impl Rule for DispatchRule {
    const KIND: &'static str = "gate.dispatch";
    type Terms = GateTerms;
    type Facts = Question;
    type Outcome = Dispatch;

    /// Compiles the policies first; a serving gate keeps a [`PolicyBook`] and asks that.
    fn decide(terms: &GateTerms, question: &Question) -> Verdict<Dispatch> {
        match PolicyBook::compile(terms) {
            Ok(book) => book.decide(question),
            Err(faults) => Verdict {
                outcome: Dispatch { answer: Answer::Deny, would_deny: true, fired: Vec::new(), parties: Arc::new([]) },
                reasons: faults
                    .iter()
                    .map(|fault| {
                        Reason::new("policy_malformed", format!("The policies cannot be read: {fault}"))
                            .citing(format!("gate.toml: policy {}", fault.key))
                            .remedy("Correct the policy.")
                    })
                    .collect(),
            },
        }
    }
}
