//! What the home page shows of each area, to those who may see it.

use deals::State;
use deals::registration::{ListDeals, StateCount, SummarizeDeals};
use kernel::{Money, PageRequest, Query as _, Result};
use ui::{Column, Empty, Markup, PageCx, Render as _, Row, Stat, Table, Tone, html};

/// Rows of a card.
const ROWS: u32 = 6;

fn few(sort: &str) -> PageRequest {
    PageRequest { limit: Some(ROWS), sort: Some(sort.to_owned()), cursor: None }
}

/// For a new installation, as long as it has no partner: what to do first, in order.
pub async fn first_steps(cx: &PageCx, cards: &mut Vec<Markup>) -> Result<()> {
    if cx.is_partner() || !cx.may(partners::ListPartners::NAME) {
        return Ok(());
    }
    let page = PageRequest { limit: Some(1), ..PageRequest::default() };
    if !cx.ask(partners::ListPartners { page, ..Default::default() }).await?.items.is_empty() {
        return Ok(());
    }
    let steps = [
        ("program.get", "/program", "Read the program in force", "and change tiers, deal terms and plans to yours."),
        ("people.invite", "/people", "Invite your colleagues", "each with the role that they need."),
        ("partners.invite", "/invite", "Invite the first partner", "or point companies to the public form at /apply."),
        ("tokens.create", "/tokens", "Make a token", "for the systems that send usage and invoices."),
        ("intake.import", "/money/events/import", "Import a file of invoices", "to see commissions on real figures."),
    ];
    let open = steps.iter().filter(|(permission, ..)| cx.may(permission));
    let body = html! { ol { @for (_, href, what, why) in open { li { a href=(href) { (what) } ", " (why) } } } };
    cards.push(ui::card("First steps", &body, &html! {}));
    Ok(())
}

/// For a partner: where it stands in the program, and what is still missing.
pub async fn partner_standing(cx: &PageCx, cards: &mut Vec<Markup>) -> Result<()> {
    let Some(partner) = cx.actor.partner.filter(|_| cx.may(partners::GetPartner::NAME)) else { return Ok(()) };
    let detail = cx.ask(partners::GetPartner { partner }).await?;
    if !detail.missing.is_empty() {
        let list = html! { ul { @for reason in &detail.missing { li { (reason.text) } } } };
        let remedies: Vec<String> = detail.missing.iter().filter_map(|reason| reason.remedy.clone()).collect();
        cards.push(ui::alert(Tone::Warn, "Before you can start", &list, &remedies));
    }
    let tier = detail.partner.tier.as_deref().map_or_else(|| "none yet".to_owned(), ui::humanize);
    let body = html! {
        p { "Tier " (ui::badge(Tone::Accent, &tier)) }
        (scoring::scorecard_markup(&detail.scorecard, cx.now, &cx.zone))
    };
    cards.push(ui::card("Your standing", &body, &html! { a href="/company" { "Company and benefits" } }));
    Ok(())
}

/// The pipeline in figures, and what waits for somebody.
pub async fn deals(cx: &PageCx, figures: &mut Vec<Stat>, cards: &mut Vec<Markup>) -> Result<()> {
    if !cx.may(SummarizeDeals::NAME) {
        return Ok(());
    }
    let counts = match cx.ask(SummarizeDeals::default()).await {
        Err(kernel::Error::Conflict { code: "no_program", .. }) => return Ok(()),
        counts => counts?,
    };
    let of = |state: State| counts.iter().find(|c| c.state == state);
    let stat = |label: &str, count: &StateCount| {
        Stat::new(label, ui::words::grouped(i128::from(count.count)))
            .hint(html! { (count.value.pretty()) })
            .href(format!("/deals?state={}", count.state.name()))
    };
    for (state, label) in
        [(State::Approved, "Protected deals"), (State::UnderReview, "To review"), (State::ClosedWon, "Won in 90 days")]
    {
        figures.extend(of(state).map(|count| stat(label, count)));
    }
    let waiting = if cx.is_partner() { State::Approved } else { State::UnderReview };
    let query = ListDeals { state: Some(waiting), page: few("protected_until"), ..ListDeals::default() };
    let rows = cx.ask(query).await?.items;
    let rows = rows.iter().map(|item| {
        let mut cells = vec![
            html! { (item.deal.title) " " span.muted.num { (item.deal.number) } },
            html! { (item.deal.identity.name) },
            ui::money(item.deal.value),
        ];
        // What waits for a review is not protected yet.
        cells.push(match item.deal.protected_until {
            Some(until) if cx.is_partner() => ui::due_chip(until, cx.now, &cx.zone),
            _ => ui::ago(item.deal.submitted_at, cx.now, &cx.zone),
        });
        Row::new(cells).href(format!("/deals/{}", item.deal.id))
    });
    let last = if cx.is_partner() { "Protected" } else { "Registered" };
    let columns = vec![Column::text("Deal"), Column::text("Customer"), Column::number("Value"), Column::text(last)];
    let (title, more) =
        if cx.is_partner() { ("Your protected deals", "/deals") } else { ("Claims to review", "/deals/inbox") };
    let empty = Empty::new("Nothing waits here", "New claims that need a person appear here.");
    let table = Table::new(title, columns).rows(rows).empty(empty);
    cards.push(ui::card(title, &table.render(), &html! { a href=(more) { "All" } }));
    Ok(())
}

/// What statements come to.
pub async fn money(cx: &PageCx, figures: &mut Vec<Stat>) -> Result<()> {
    if !cx.may(money::statements::TotalStatements::NAME) {
        return Ok(());
    }
    for total in cx.ask(money::statements::TotalStatements::default()).await? {
        let label = if cx.is_partner() { "Earned so far" } else { "Paid to partners" };
        let hint = format!("{} on {}", ui::words::counted(total.statements, "statement"), total.revenue.pretty());
        figures.push(
            Stat::new(label, html! { (total.payable.pretty()) }).hint(html! { (hint) }).href("/money/statements"),
        );
    }
    Ok(())
}

/// What is due to the reader's company, or by the vendor to all of them.
pub async fn owed(cx: &PageCx, figures: &mut Vec<Stat>) -> Result<()> {
    if !cx.may(money::settlement::GetEarnings::NAME) {
        return Ok(());
    }
    for earned in cx.ask(money::settlement::GetEarnings::default()).await? {
        let label = if cx.is_partner() { "Money owed to you" } else { "Due to partners" };
        let due = Money::new(earned.held.minor + earned.payable.minor, earned.currency);
        let hint = format!("{} of it payable now, {} paid so far", earned.payable.pretty(), earned.paid.pretty());
        figures.push(Stat::new(label, html! { (due.pretty()) }).hint(html! { (hint) }).href("/money/earnings"));
    }
    Ok(())
}

/// What should not be so, and what it puts at stake.
pub async fn findings(cx: &PageCx, figures: &mut Vec<Stat>) -> Result<()> {
    if cx.is_partner() || !cx.may(findings::ListChecks::NAME) {
        return Ok(());
    }
    let checks = cx.ask(findings::ListChecks::default()).await?;
    let open: u64 = checks.iter().map(|check| check.open).sum();
    let mut at_risk: Vec<Money> = Vec::new();
    for amount in checks.iter().flat_map(|check| &check.at_risk) {
        match at_risk.iter_mut().find(|sum| sum.currency == amount.currency) {
            Some(sum) => *sum = sum.checked_add(*amount)?,
            None => at_risk.push(*amount),
        }
    }
    let stake = at_risk.iter().map(|amount| amount.pretty()).collect::<Vec<_>>().join(", ");
    let hint = if stake.is_empty() { "nothing at stake".to_owned() } else { format!("{stake} at stake") };
    let count = ui::words::grouped(i128::from(open));
    figures.push(Stat::new("Open findings", count).hint(html! { (hint) }).href("/findings?state=open"));
    Ok(())
}

/// How fast a credential counts at the gate.
pub async fn gate(cx: &PageCx, figures: &mut Vec<Stat>) -> Result<()> {
    if cx.is_partner() || !cx.may(gate::enforcement::GetGate::NAME) {
        return Ok(());
    }
    let overview = match cx.ask(gate::enforcement::GetGate::default()).await {
        Err(kernel::Error::Conflict { code: "no_program", .. }) => return Ok(()),
        overview => overview?,
    };
    if overview.effects.count > 0 {
        let value = format!("{:.1} ms", overview.effects.p95_micros as f64 / 1000.0);
        figures.push(Stat::new("Receipt to effect, p95", value).hint(html! { "the promise is 60 s" }).href("/gate"));
    }
    Ok(())
}

/// What falls due next.
pub async fn clocks(cx: &PageCx, cards: &mut Vec<Markup>) -> Result<()> {
    if !cx.may(clocks::ListClocks::NAME) {
        return Ok(());
    }
    let page = PageRequest { limit: Some(ROWS), ..PageRequest::default() };
    let running = Some(clocks::State::Running);
    let due = cx.ask(clocks::ListClocks { state: running, page, ..clocks::ListClocks::default() }).await?.items;
    let rows =
        due.iter().map(|clock| Row::new(vec![html! { (clock.title) }, ui::due_chip(clock.due_at, cx.now, &cx.zone)]));
    let columns = vec![Column::text("What"), Column::text("Due")];
    let empty = Empty::new("Nothing is due", "Protections, deadlines and reviews appear here before they end.");
    let table = Table::new("Due next", columns).rows(rows).empty(empty);
    cards.push(ui::card("Due next", &table.render(), &html! { a href="/clocks" { "All clocks" } }));
    Ok(())
}
