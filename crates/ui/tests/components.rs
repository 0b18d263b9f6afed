//! What components say and where they lead.
#![allow(clippy::unwrap_used)]

use jiff::tz::TimeZone;
use kernel::{Currency, Money, Rate, Reason, Timestamp};
use ui::*;

fn table(rows: usize) -> Table {
    let columns = vec![Column::text("Customer").sort("customer"), Column::number("Value").sort("value").secondary()];
    Table::new("Deals", columns)
        .rows((0..rows).map(|n| Row::new(vec![html! { "c" (n) }, html! { (n) }]).href(format!("/deals/{n}"))))
}

fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn list(pairs: &[(&str, &str)], rows: usize) -> ListView {
    let states = vec![("approved".to_owned(), "Approved".to_owned())];
    ListView::new("/deals", &query(pairs), table(rows))
        .filter(Filter::search("q", "Search"))
        .filter(Filter::choice("state", "State", states))
}

#[test]
fn headers_sort_and_turn_and_keep_the_filters() {
    for (sort, link, state) in [
        ("", "href=\"/deals?q=a%26b&amp;sort=customer\"", None),
        ("customer", "href=\"/deals?q=a%26b&amp;sort=-customer\"", Some("aria-sort=\"ascending\"")),
        ("-customer", "href=\"/deals?q=a%26b&amp;sort=customer\"", Some("aria-sort=\"descending\"")),
    ] {
        let html = list(&[("q", "a&b"), ("sort", sort), ("cursor", "c1")], 2).render().into_string();
        assert!(html.contains(link), "{sort}: {html}");
        assert_eq!(html.matches("aria-sort").count(), usize::from(state.is_some()));
        assert!(state.is_none_or(|state| html.contains(state)));
    }
}

#[test]
fn a_page_leads_to_the_next_and_back_to_the_first() {
    let html = list(&[("state", "approved"), ("cursor", "c1")], 2)
        .next(Some("c/2".to_owned()))
        .total("6,012 deals")
        .render()
        .into_string();
    assert!(html.contains("href=\"/deals?state=approved&amp;cursor=c%2F2\""), "{html}");
    assert!(html.contains("href=\"/deals?state=approved\""), "{html}");
    assert!(html.contains("2 shown of 6,012 deals"));
    assert!(html.contains("<option value=\"approved\" selected>"));
}

#[test]
fn an_empty_list_says_whether_filters_are_the_cause() {
    let filtered = list(&[("q", "x")], 0).render().into_string();
    assert!(filtered.contains("Nothing matches") && filtered.contains("Clear the filters"));
    let bare = list(&[], 0).render().into_string();
    assert!(bare.contains("Nothing here yet") && !bare.contains("Clear the filters"));
}

#[test]
fn a_row_leads_to_its_object_without_script() {
    let html = table(1).render().into_string();
    assert!(html.contains("<a class=\"row-link\" href=\"/deals/0\">"), "{html}");
    assert!(html.contains("<td class=\"n wide\">"), "numbers align right, secondary columns hide: {html}");
}

#[test]
fn the_usual_states_have_their_tones() {
    for (tone, states) in [
        (Tone::Good, "approved accepted active published paid closed_won qualified Launched completed"),
        (Tone::Info, "submitted under_review in_review sending processing sent Committed claimed"),
        (Tone::Warn, "pending pending_approval returned hold changes_requested Pending_Submission Action-Required"),
        (Tone::Bad, "rejected expired closed_lost fraud failed disqualified delisted disabled"),
        (Tone::Neutral, "draft withdrawn cancelled canceled retired recalled dismissed"),
    ] {
        for state in states.split(' ') {
            assert_eq!(state_tone(state), tone, "{state}");
        }
    }
    assert!(state_badge("pending_approval").into_string().contains("Pending approval"));
}

#[test]
fn money_and_time_are_exact_for_machines_and_short_for_people() {
    let html = money(Money::new(-125_050, Currency::EUR)).into_string();
    assert_eq!(html, "<span class=\"num neg\" title=\"EUR -1250.50\">−€1,250.50</span>");
    let at: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
    let html = datetime(at, &TimeZone::get("Europe/Berlin").unwrap()).into_string();
    assert!(html.contains("datetime=\"2026-03-01T23:30:00Z\""), "{html}");
    assert!(html.contains(">2 Mar 2026, 00:30<"), "in the reader's zone: {html}");
    assert!(html.contains("Monday, 2 March 2026, 00:30:00 CET"), "{html}");
    assert!(delta(Rate::percent(-8), Tone::Good).into_string().contains("down"));
}

#[test]
fn a_clock_changes_its_tone_as_it_runs_down() {
    let now = Timestamp::from_micros(0).plus_days(20_000);
    for (hours, tone, words) in
        [(72, "t-neutral", "due in 3\u{a0}days"), (5, "t-warn", "due in 5\u{a0}h"), (-2, "t-bad", "2\u{a0}h late")]
    {
        let html = due_chip(now.plus_hours(hours), now, &TimeZone::UTC).into_string();
        assert!(html.contains(tone) && html.contains(words), "{html}");
    }
}

#[test]
fn a_why_panel_puts_words_before_data() {
    let reason = Reason::new("queued", "Another claim is older.")
        .citing("deals.toml: registration")
        .resting_on("deal_1")
        .remedy("Wait for its end.")
        .for_vendor();
    let html = Why::new(Tone::Warn, "It waits.", &[reason])
        .law("north/3")
        .data("Facts", "{}")
        .recompute("/explain")
        .render()
        .into_string();
    let order = [
        "It waits.",
        "Another claim is older.",
        "vendor only",
        "deals.toml: registration",
        "deal_1",
        "Wait for its end.",
        "<details>",
        "/explain",
    ];
    let places: Vec<usize> =
        order.iter().map(|part| html.find(part).unwrap_or_else(|| panic!("{part}: {html}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_destructive_act_asks_and_a_closed_one_says_why() {
    let danger = PostButton::new("Withdraw", "/w", "t").danger("Withdraw?", "It is final.").render().into_string();
    assert!(danger.contains("data-confirm=\"Withdraw?\"") && danger.contains("method=\"post\""), "{danger}");
    let closed = PostButton::new("Renew", "/r", "t").disabled("too early").render().into_string();
    assert!(closed.contains("disabled") && closed.contains("too early") && !closed.contains("<form"), "{closed}");
}

#[test]
fn a_frame_tells_the_sides_apart_and_marks_the_place() {
    let nav = NavItem {
        section: "Revenue".to_owned(),
        label: "Deals".to_owned(),
        href: "/deals".to_owned(),
        icon: Icon::Deals,
        active: true,
        badge: Some(3),
    };
    for (side, class) in [(Side::Console, "side-console"), (Side::Portal, "side-portal")] {
        let html =
            Frame::new("Deals", side).nav(vec![nav.clone()]).flash(Some(Flash::bad("No."))).render().into_string();
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\""), "{html}");
        assert!(html.contains(class) && html.contains("<title>Deals · Concord</title>"));
        assert!(html.contains("href=\"/deals\" aria-current=\"page\""));
        assert!(html.contains("href=\"#main\"") && html.contains("id=\"main\""), "the skip link has its target");
        assert!(html.contains("role=\"alert\""), "a refusal interrupts");
    }
}
