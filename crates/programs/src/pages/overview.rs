//! The program in force, as both sides read it; a partner sees the parts that concern it.

use kernel::{Error, Operation as _, Query as _, Result};
use law::{BenefitValue, How, Plan, Program};
use ui::{
    Cell, Column, Empty, Markup, PageCx, Render, Row, Table, Tone, View, badge, card, datetime, empty_state, grid,
    html, humanize, key_values, link_button, section, state_badge,
};

use crate::{ApplyProgram, GetDraft, GetProgram, ListVersions, ProgramInForce};

pub async fn page(cx: &PageCx) -> Result<View> {
    match cx.ask(GetProgram {}).await {
        Ok(law) => Ok(in_force(cx, &law)),
        Err(Error::Conflict { code: "no_program", .. }) => Ok(nothing_yet(cx)),
        Err(error) => Err(error),
    }
}

fn nothing_yet(cx: &PageCx) -> View {
    let mut empty = Empty::new("No program is in force", "Archetypes, tiers, deal terms and plans appear here.");
    if cx.may(ApplyProgram::NAME) && cx.may(GetDraft::NAME) {
        let first = link_button(Tone::Accent, "Start from the starter program", "/program/plan");
        empty = empty.action(first);
    }
    View::new("Program", empty_state(&empty))
}

fn in_force(cx: &PageCx, law: &ProgramInForce) -> View {
    let program = &law.program;
    let line = html! {
        (program.settings.description) " "
        span.muted { "Version " code { (law.citation) } ", in force since " (datetime(law.effective_from, &cx.zone)) "." }
    };
    let body = html! {
        @for version in &law.pending {
            @let link = html! { a href=(format!("/program/versions/{}", version.number)) { "See what it changes" } };
            @let title = format!("{} has been decided", version.citation());
            (ui::alert(Tone::Info, &title, &html! {
                "It takes effect " (datetime(version.effective_from, &cx.zone)) ". " (link)
            }, &[]))
        }
        @for coming in &law.announced {
            @let title = format!("{} will change", program.settings.title);
            (ui::alert(Tone::Info, &title, &html! {
                p { "From " (datetime(coming.effective_from, &cx.zone)) " on:" }
                (ui::diff_list(&super::differences(&coming.changes)))
            }, &[]))
        }
        (section("Tiers", &tiers(program)))
        (grid("2", &[card("Deal registration", &deal_terms(program), &html! {}), card("Rules of engagement", &engagement(program), &html! {})]))
        @if !program.archetypes.is_empty() { (section("Archetypes", &archetypes(program))) }
        @if !program.plans.is_empty() { (section("Commission plans", &plans(program))) }
        @if !program.gate.policies.is_empty() { (section("Gate policies", &policies(program))) }
        @if !program.procedures.is_empty() { (section("Procedures", &procedures(program))) }
    };
    let mut view = View::new(program.settings.title.clone(), body).line(line);
    let versions = cx.may(ListVersions::NAME) && !cx.is_partner();
    if versions {
        view = view.actions(html! {
            (link_button(Tone::Neutral, "Versions", "/program/versions"))
            @if cx.may(GetDraft::NAME) { (link_button(Tone::Accent, "Change the program", "/program/plan")) }
        });
    }
    view
}

/// What each tier requires, and the matrix of what each grants.
fn tiers(program: &Program) -> Markup {
    let required = Table::new("Tiers and what they require", vec![Column::text("Tier"), Column::text("Requires")])
        .rows(program.tiers.iter().map(|tier| {
            let requires = tier.requires.as_ref().map_or("Every partner that is enrolled", law::Rule::text);
            Row::new(vec![
                html! { b { (tier.title) } br; span.muted { (tier.description) } },
                html! { span title=(requires) { (in_words(requires)) } },
            ])
        }));
    let titles: Vec<&str> = program.tiers.iter().map(|tier| tier.title.as_str()).collect();
    let mut keys: Vec<&String> = program.tiers.iter().flat_map(|tier| tier.benefits.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let named: Vec<(String, Vec<String>)> = keys
        .into_iter()
        .map(|key| {
            let title = program.benefits.get(key).map_or_else(|| humanize(key), |benefit| benefit.title.clone());
            let cells = program.tiers.iter().map(|tier| shown(tier.benefits.get(key))).collect();
            (title, cells)
        })
        .collect();
    let rows: Vec<(&str, Vec<String>)> = named.iter().map(|(title, cells)| (title.as_str(), cells.clone())).collect();
    let columns = std::iter::once("What it grants").chain(titles.iter().copied()).map(Column::text).collect();
    let granted = Table::new("What each tier grants", columns).rows(rows.iter().map(|(title, cells)| {
        Row::new(std::iter::once(html! { (title) }).chain(cells.iter().map(|cell| html! { (cell) })).collect())
    }));
    html! { (required) @if !rows.is_empty() { (granted) } }
}

/// A rule as people say it: `won value in 12 months at least €50,000.00`; the exact text stands in its title.
fn in_words(rule: &str) -> String {
    let words: Vec<&str> = rule.split_whitespace().collect();
    let mut said: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let amount = words.get(at + 1).and_then(|next| {
            let digits = next.trim_end_matches(')');
            let money: kernel::Money = format!("{word} {digits}").parse().ok()?;
            Some(format!("{}{}", money.pretty(), &next[digits.len()..]))
        });
        match (amount, *word) {
            (Some(amount), _) => {
                said.push(amount);
                at += 1;
            }
            (None, ">=") => said.push("at least".to_owned()),
            (None, "<=") => said.push("at most".to_owned()),
            (None, ">") => said.push("more than".to_owned()),
            (None, "<") => said.push("less than".to_owned()),
            (None, "==") => said.push("is".to_owned()),
            (None, word) => said.push(word.replace("_12m", " in 12 months").replace('_', " ")),
        }
        at += 1;
    }
    let text = said.join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn shown(value: Option<&BenefitValue>) -> String {
    match value {
        None => "–".to_owned(),
        Some(BenefitValue::Money(amount)) => amount.pretty(),
        Some(other) => other.to_string(),
    }
}

fn days(count: u32) -> Markup {
    html! { (ui::words::counted(u64::from(count), "day")) }
}

fn deal_terms(program: &Program) -> Markup {
    let terms = &program.deals.registration;
    let warnings: Vec<String> = terms.warn_days.iter().map(u32::to_string).collect();
    let amount = |money: Option<kernel::Money>, none: &str| match money {
        Some(money) => ui::money(money),
        None => html! { (none) },
    };
    let renewals = html! {
        (ui::words::counted(u64::from(terms.renewals_max), "time")) ", each for " (days(terms.renewal_days))
        @if terms.proof_required { ", with proof of activity" }
    };
    key_values(&[
        ("Protection", days(terms.protection_days)),
        ("Renewal", renewals),
        ("Renewals open", html! { (days(terms.renewals_open_days)) " before the end" }),
        (
            "Expires without activity",
            terms.inactivity_days.map_or_else(|| html! { "never" }, |d| html! { "after " (days(d)) }),
        ),
        ("Warnings before the end", html! { (warnings.join(", ")) " days" }),
        ("Decision", html! { (humanize(word(&terms.decision).as_str())) }),
        ("Smallest deal", amount(terms.minimum_value, "any")),
        ("A person looks at deals above", amount(terms.review_above, "none")),
        ("Re-opened by", html! { (humanize(&terms.reopen_role)) }),
    ])
}

fn engagement(program: &Program) -> Markup {
    let precedence = program.engagement.precedence.iter();
    html! {
        p { "When two valid claims meet, the first of these that differs decides:" }
        ol { @for tie_break in precedence { li { (humanize(&word(tie_break))) } } }
        @if !program.engagement.segments.is_empty() {
            p { "Segments: " @for (place, segment) in program.engagement.segments.iter().enumerate() {
                @if place > 0 { ", " }
                (segment.title) @if let Some(from) = segment.from { " from " (ui::money(from)) }
            } }
        }
    }
}

fn archetypes(program: &Program) -> Markup {
    let columns = vec![
        Column::text("Archetype"),
        Column::text("Plan"),
        Column::text("Terms"),
        Column::text("Onboarding").secondary(),
    ];
    Table::new("Archetypes", columns)
        .rows(program.archetypes.values().map(|archetype| {
            let plan = program.plan(&archetype.plan).map_or(archetype.plan.as_str(), |plan| plan.title.as_str());
            let terms = program.terms(&archetype.terms).map_or(archetype.terms.as_str(), |terms| terms.title.as_str());
            let onboarding = program.procedure(&archetype.onboarding);
            let onboarding = onboarding.map_or(archetype.onboarding.as_str(), |procedure| procedure.title.as_str());
            Row::new(vec![
                html! { b { (archetype.title) } br; span.muted { (archetype.description) } },
                html! { (plan) },
                html! { (terms) },
                html! { (onboarding) },
            ])
        }))
        .render()
}

fn plans(program: &Program) -> Markup {
    html! { @for plan in program.plans.values() { (card(&plan.title, &plan_body(plan), &html! {})) } }
}

fn plan_body(plan: &Plan) -> Markup {
    let columns =
        vec![Column::text("Line"), Column::text("Revenue"), Column::text("Paid by"), Column::text("How much")];
    let lines = plan.components.iter().map(|component| {
        let on = html! { (humanize(&word(&component.on))) };
        let pays = html! { (humanize(&word(&component.pays))) };
        let title = html! {
            (component.title)
            @if !component.tiers.is_empty() { br; span.muted { "for " (component.tiers.join(", ")) } }
            @if let Some(from) = component.from { br; span.muted { "from " (ui::day(from)) } }
            @if let Some(before) = component.before { br; span.muted { "before " (ui::day(before)) } }
        };
        Row::new(vec![title, on, pays, how(&component.how)])
    });
    html! {
        p { (plan.description) }
        (Table::new(plan.title.as_str(), columns).rows(lines))
    }
}

/// A component's arithmetic in words, bands from the bottom up.
fn how(how: &How) -> Cell {
    match how {
        How::Rate(terms) => html! {
            (ui::rate(terms.rate)) " of "
            @if let Some(of) = terms.of { (ui::rate(of)) " of " }
            "the revenue"
        },
        How::Bonus(terms) => html! {
            (ui::money(terms.bonus)) " for " (ui::money(terms.target)) " by " (word(&terms.period).replace('_', " "))
        },
        How::Fixed(terms) => html! { (ui::money(terms.fixed)) " per " (word(&terms.per)) },
        How::Each(terms) => html! { (ui::money(terms.each)) " per " (terms.unit) },
        How::Bands(terms) => html! {
            @for band in &terms.bands {
                (ui::rate(band.rate))
                @match band.up_to {
                    Some(bound) => { " up to " (ui::money(bound)) },
                    None => " above",
                }
                br;
            }
            span.muted { (humanize(&word(&terms.mode))) ", by " (word(&terms.period).replace('_', " ")) }
        },
    }
}

fn policies(program: &Program) -> Markup {
    let columns = vec![
        Column::text("Policy"),
        Column::text("Mode"),
        Column::text("Owner"),
        Column::text("Attested by").secondary(),
    ];
    Table::new("Gate policies", columns)
        .rows(program.gate.policies.iter().map(|policy| {
            Row::new(vec![
                html! { b { (policy.title) } " " code { (policy.key) } },
                state_badge(&word(&policy.mode)),
                html! { (policy.owner) },
                html! { (policy.attests) },
            ])
        }))
        .render()
}

fn procedures(program: &Program) -> Markup {
    html! {
        @for procedure in program.procedures.values() {
            (card(&procedure.title, &html! {
                p { (procedure.description) }
                ol {
                    @for stage in &procedure.stages {
                        li {
                            b { (stage.title) } " " (badge(Tone::Neutral, &format!("by the {}", word(&stage.moved_by))))
                            @if let Some(count) = stage.days { " " span.muted { "within " (days(count)) } }
                            @if !stage.evidence.is_empty() {
                                br; span.muted { @for (place, evidence) in stage.evidence.iter().enumerate() {
                                    @if place > 0 { ", " } (evidence.title)
                                } }
                            }
                        }
                    }
                }
            }, &html! {}))
        }
    }
}

/// The word of a choice as the program file writes it.
fn word(choice: &impl serde::Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_requirement_reads_as_words() {
        for (rule, words) in [
            ("won_value_12m >= EUR 50000.00", "Won value in 12 months at least €50,000.00"),
            (
                "won_value_12m >= EUR 600000.00 and (win_rate_12m >= 30% or won_deals_12m >= 20) and months_in_program >= 6",
                "Won value in 12 months at least €600,000.00 and (win rate in 12 months at least 30% or won deals in 12 \
                 months at least 20) and months in program at least 6",
            ),
            ("(value >= EUR 1000.00)", "(value at least €1,000.00)"),
            ("Every partner that is enrolled", "Every partner that is enrolled"),
            ("", ""),
        ] {
            assert_eq!(super::in_words(rule), words);
        }
    }
}
