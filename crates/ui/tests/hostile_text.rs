//! Names and notes come from strangers; no component lets them become markup.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kernel::{Currency, FieldError, Reason, Timestamp};
use serde_json::json;
use ui::chart::{Chart, Unit, bars, donut, horizontal_bars, line, sparkline};
use ui::form::{Field, errors_summary, form, from_schema, group};
use ui::public::card_page;
use ui::*;

const EVIL: &str = "\"><script>alert('x')</script>&<img src=x onerror=alert(1)>";

fn no_markup(html: Markup) {
    let text = html.into_string();
    assert!(!text.contains("<script>alert"), "{text}");
    assert!(!text.contains("<img"), "{text}");
}

#[test]
fn components_escape() {
    let now = Timestamp::from_micros(0);
    let evil = || EVIL.to_owned();
    no_markup(badge(Tone::Good, EVIL));
    no_markup(state_badge(EVIL));
    no_markup(id_chip(EVIL));
    no_markup(link_button(Tone::Neutral, EVIL, EVIL));
    no_markup(post_button(EVIL, EVIL, &[(EVIL, EVIL)], EVIL));
    no_markup(PostButton::new(EVIL, "/", "t").danger(EVIL, EVIL).render());
    no_markup(PostButton::new(EVIL, "/", "t").disabled(EVIL).render());
    no_markup(alert(Tone::Bad, EVIL, &html! { (EVIL) }, &[evil()]));
    no_markup(flash(&Flash::good(EVIL)));
    no_markup(empty_state(&Empty::new(EVIL, EVIL)));
    no_markup(heading(EVIL, EVIL, &html! {}));
    no_markup(card(EVIL, &html! { (EVIL) }, &html! {}));
    no_markup(key_values(&[(EVIL, html! { (EVIL) })]));
    no_markup(tabs(EVIL, &[Tab::new(EVIL, EVIL, true)]));
    no_markup(steps(&[Step::new(EVIL, StepState::Current)]));
    no_markup(timeline(&[Entry::new(now, EVIL, EVIL).href(EVIL)], now, &TimeZone::UTC));
    no_markup(diff_list(&[Change::new(EVIL, Some(evil()), Some(evil()))]));
    no_markup(comparison(&[EVIL], &[(EVIL, vec![evil()])]));
    no_markup(code_block(EVIL, EVIL));
    no_markup(progress(EVIL, 1, 2));
    no_markup(ring(5, EVIL));
    no_markup(stat_grid(&[Stat::new(EVIL, EVIL).hint(EVIL).href(EVIL).live(EVIL)]));
    let reason = Reason::new(EVIL, EVIL).citing(EVIL).resting_on(EVIL).remedy(EVIL);
    no_markup(Why::new(Tone::Bad, EVIL, &[reason]).law(EVIL).data(EVIL, EVIL).recompute(EVIL).render());
    no_markup(card_page(EVIL, EVIL, EVIL, &html! {}));
}

#[test]
fn tables_and_lists_escape() {
    let table = Table::new(EVIL, vec![Column::text(EVIL).sort(EVIL)])
        .row(Row::new(vec![html! { (EVIL) }]).href(EVIL).select(EVIL))
        .bulk(Bulk {
            action: EVIL.to_owned(),
            csrf: EVIL.to_owned(),
            name: EVIL.to_owned(),
            acts: vec![(EVIL.to_owned(), EVIL.to_owned())],
        });
    let query = [("q".to_owned(), EVIL.to_owned()), (EVIL.to_owned(), EVIL.to_owned())];
    let list = ListView::new("/deals", &query, table)
        .filter(Filter::search("q", EVIL))
        .filter(Filter::choice("state", EVIL, vec![(EVIL.to_owned(), EVIL.to_owned())]))
        .next(Some(EVIL.to_owned()))
        .total(EVIL)
        .export(EVIL, EVIL);
    no_markup(list.render());
}

#[test]
fn forms_escape() {
    let errors = [FieldError { field: EVIL.to_owned(), rule: EVIL.to_owned() }];
    for field in [
        Field::text(EVIL, EVIL),
        Field::textarea(EVIL, EVIL),
        Field::money(EVIL, EVIL, Currency::EUR),
        Field::money_any(EVIL, EVIL),
        Field::rate(EVIL, EVIL),
        Field::checkbox(EVIL, EVIL),
        Field::file(EVIL, EVIL, Some(EVIL)),
        Field::select(EVIL, EVIL, vec![(EVIL.to_owned(), EVIL.to_owned())]),
    ] {
        no_markup(field.value(EVIL).help(EVIL).placeholder(EVIL).errors(&errors).render());
    }
    no_markup(form(EVIL, EVIL, &group(EVIL, &html! {})));
    no_markup(errors_summary(&errors));
    let schema = json!({ "properties": { EVIL: { "type": "string", "description": EVIL, "title": EVIL, "default": EVIL, "examples": [EVIL] } } });
    no_markup(from_schema(&schema, &BTreeMap::new(), &errors, &[]));
}

#[test]
fn charts_escape() {
    let chart = Chart::new(EVIL, Unit::Count, vec![EVIL.to_owned(), EVIL.to_owned()])
        .description(EVIL)
        .series(EVIL, [1.0, 2.0])
        .series(EVIL, [1.0, 2.0]);
    no_markup(line(&chart));
    no_markup(bars(&chart));
    no_markup(donut(EVIL, Unit::Count, &[(EVIL.to_owned(), 1.0)]));
    no_markup(horizontal_bars(EVIL, Unit::Count, &[(EVIL.to_owned(), 1.0, Some(EVIL.to_owned()))]));
    no_markup(sparkline(EVIL, &[1.0, 2.0]));
}

#[test]
fn a_frame_escapes() {
    let frame = Frame::new(EVIL, Side::Portal)
        .brand(EVIL)
        .line(EVIL)
        .crumb(EVIL, EVIL)
        .flash(Some(Flash::bad(EVIL)))
        .nav(vec![NavItem {
            section: EVIL.to_owned(),
            label: EVIL.to_owned(),
            href: EVIL.to_owned(),
            icon: Icon::Home,
            active: true,
            badge: None,
        }])
        .user(UserChip {
            name: EVIL.to_owned(),
            line: EVIL.to_owned(),
            links: vec![(EVIL.to_owned(), EVIL.to_owned())],
            sign_out: Some(SignOut { action: EVIL.to_owned(), csrf: EVIL.to_owned() }),
        });
    let page = frame.render().into_string();
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
}
