//! `concord log verify` and `concord explain`: proof of what was written and of how it was decided.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use kernel::{DecisionId, Error};

use super::{Done, connect, output};

pub fn extend(group: Command) -> Command {
    group.mut_subcommand("verify", |verify| {
        verify.about("Prove the whole log and every row that it seals, and name the first entry that is wrong").arg(
            Arg::new("key")
                .long("key")
                .value_name("VKEY")
                .help("Verifier key to trust instead of the data directory's own"),
        )
    })
}

pub async fn verify(matches: &ArgMatches, args: &ArgMatches) -> Done {
    let (app, _) = connect::open(matches).await?;
    let key = args
        .get_one::<String>("key")
        .map(|text| text.parse().map_err(|e| Error::invalid("key", format!("is not a C2SP verifier key: {e}"))))
        .transpose()?;
    let report = kernel::log::verify(&app, key.as_ref()).await?;
    if matches.get_flag("json") {
        output::line(&serde_json::to_string_pretty(&report)?);
    } else {
        output::line(&format!(
            "{} entries, {} signed heads, {} sealed rows, {} terms; root {}",
            report.entries, report.checkpoints, report.sealed_rows, report.decisions_terms, report.root
        ));
        for wrong in &report.wrong {
            let place = wrong.position.map(|p| format!("entry {p}")).unwrap_or_else(|| "the database".to_owned());
            let id = wrong.entry.as_deref().map(|e| format!(" ({e})")).unwrap_or_default();
            output::line(&format!("WRONG: {place}{id}: {}", wrong.what));
        }
        output::line(if report.wrong.is_empty() {
            "Everything is proven."
        } else {
            "The log does NOT prove the database."
        });
    }
    Ok(if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub fn explain_command() -> Command {
    Command::new("explain")
        .about("Recompute a decision from its stored inputs and say whether it comes out the same")
        .arg(Arg::new("decision").required(true).value_name("DECISION").help("Its id, dec_…"))
}

pub async fn explain(matches: &ArgMatches, args: &ArgMatches) -> Done {
    let id: DecisionId = args.get_one::<String>("decision").map_or("", String::as_str).parse()?;
    let explained = if connect::server(matches)?.is_some() {
        let mut registry = kernel::Registry::default();
        crate::assemble::areas(&mut registry);
        let declaration = registry.declaration("decisions.explain").ok_or_else(|| Error::internal("no such query"))?;
        let answer = super::call::call(matches, declaration, serde_json::json!({ "decision": id })).await?;
        serde_json::from_value(answer)?
    } else {
        let (app, organization) = connect::open(matches).await?;
        app.query(&connect::operator(organization), insight::ExplainDecision { decision: id }).await?
    };
    show(&explained, matches.get_flag("json"))
}

fn show(explained: &kernel::decision::Explanation, json: bool) -> Done {
    if json {
        output::line(&serde_json::to_string_pretty(explained)?);
    } else {
        let decision = &explained.decision;
        output::line(&format!("{} about {} under {}", decision.kind, decision.subject, decision.law));
        output::line(&format!("decided at {} by {}: {}", decision.decided_at, decision.decided_by, decision.outcome));
        for reason in &decision.reasons {
            let cites = reason.cites.as_deref().map(|c| format!(" [{c}]")).unwrap_or_default();
            output::line(&format!("  - {}{cites}", reason.text));
        }
        match &explained.recomputed {
            None => output::line("Recomputed from its stored terms and facts: the same."),
            Some(other) => output::line(&format!("Recomputed: DIFFERENT: {other}")),
        }
    }
    Ok(if explained.reproduced { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
